"""Arguments and answers of the calls that a contract has: sizes, numbers, and what callers agreed to."""

from dataclasses import replace
from pathlib import Path

import pytest
from quiesce.kernel.rules import refinement
from quiesce.spec.model import EnumType

from tests.kernel.offering import offers, server, with_change
from tests.kernel.test_offers import KEEPS, PLAIN

SIZES = """
from typing import Annotated

from quiesce.spec import Answer, Machine, Nat, Range, assume, call, when


class Service(Machine):
    held: Nat = 0

    @call("Take", "Borrow")
    def take(self, size: Nat, free: Answer[{free}]) -> None:
        when(size <= free)
        self.held += size

    @call("Take", "Borrow", fails="FULL")
    def full(self, size: Nat, free: Answer[{free}]) -> None:
        when(size > free)

    @call("Give")
    def give(self, size: Nat) -> None:
        assume(size <= self.held, "nobody gives what he has not")
        self.held -= size
"""


TAKES = """
from typing import Annotated

from service import Service
from quiesce.spec import Machine, Nat, Range, assume, call, internal, policy, when


class Server(Machine, provides=Service):
    held: Nat = 0
    room: Annotated[int, Range(0, 5)] = 5

    @call("Take", "Borrow")
    def take(self, size: Nat) -> None:
        when(size <= self.room)
        self.held += size

    @call("Take", "Borrow", fails="FULL")
    def full(self, size: Nat) -> None:
        when(size > self.room)

    @call("Give")
    def give(self, size: Nat) -> None:
        assume(size <= self.held, "nobody gives what he has not")
        self.held -= size
"""


SIZED = {
    "as agreed": ("Nat", (), ["refinement/take"]),
    "with an argument like the answer": ("Nat", ("size: Nat) -> None:", "size: Nat, free: Nat) -> None:"), None),
    "gives back more": ("Nat", ("self.held -= size", "self.held -= size + 1"), None),
    "gives back nothing": ("Nat", ("self.held -= size", "pass"), None),
    "trusts in nothing": ("Nat", ("assume(size <= self.held", "assume(size < self.held"), None),
    "a range of answers": (
        "Annotated[int, Range(2, 3)]",
        ("self.room)\n        self.held", "3)\n        self.held"),
        None,
    ),
}


SIZES_OPEN = {
    "with an argument like the answer": ["refinement/take"],
    "gives back more": ["refinement/take", "refinement/give"],
    "gives back nothing": ["refinement/take", "refinement/give"],
    "trusts in nothing": ["refinement/take", "refinement/give"],
    "a range of answers": ["refinement/take", "refinement/full"],
}


@pytest.mark.parametrize("name", SIZED)
def test_arguments_and_answers_of_an_offer(tmp_path: Path, name: str) -> None:
    free, change, wrong = SIZED[name]
    text = with_change(TAKES, change)
    found = offers(server(tmp_path, text, SIZES.format(free=free)))
    assert found == (SIZES_OPEN[name] if wrong is None else wrong)


ANSWERING = """
from typing import Annotated

from quiesce.spec import Answer, Machine, Nat, Range, assume, call, when


class Service(Machine):
    held: Nat = 0

    @call("Ask")
    def yes(self, q: Answer[Annotated[int, Range({low}, {high})]], size: Nat) -> None:
        when({when})

    @call("Ask", fails="NO")
    def no(self, q: Answer[Annotated[int, Range({low}, {high})]], size: Nat) -> None:
        when(not ({when}))
"""


ANSWERS = """
from service import Service
from quiesce.spec import Machine, Nat, call, when


class Server(Machine, provides=Service):
    held: Nat = 0

    @call("Ask")
    def yes(self) -> None:
        when({when})

    @call("Ask", fails="NO")
    def no(self) -> None:
        when(not ({when}))
"""


NUMBERS = {
    "some answer is yes, and some is no": (0, 9, "q == 5", "self.held == 0", []),
    "the lowest is yes": (3, 9, "q < 4", "self.held == 0", []),
    "the highest is yes": (3, 9, "q > 8", "self.held == 0", []),
    "no answer is yes": (3, 9, "q > 9", "self.held == 0", ["refinement/yes"]),
    "every answer is yes": (3, 9, "q <= 9", "self.held == 0", ["refinement/no"]),
    "below the lowest": (3, 9, "q < 3", "self.held == 0", ["refinement/yes"]),
    "every answer is no": (3, 9, "q >= 10", "False", []),
    "the answer is the caller's": (0, 9, "q == size + 1", "self.held == 0", ["refinement/yes"]),
}


@pytest.mark.parametrize("name", NUMBERS)
def test_answers_that_are_numbers(tmp_path: Path, name: str) -> None:
    low, high, when, mine, wrong = NUMBERS[name]
    machine = server(tmp_path, ANSWERS.format(when=mine), ANSWERING.format(low=low, high=high, when=when))
    assert offers(machine) == wrong


def test_an_answer_of_another_type_is_refused(tmp_path: Path) -> None:
    outcome = server(tmp_path, KEEPS, PLAIN).actions_by_name["start"]
    odd = replace(outcome.parameters[0], type=EnumType("Way", ("LEFT", "RIGHT")))
    with pytest.raises(TypeError, match="no contract has a parameter like more"):
        refinement._candidate_answers(odd, outcome)


LEGAL = """
from quiesce.spec import Answer, Machine, Nat, assume, call, when


class Service(Machine):
    held: Nat = 0

    @call("Use")
    def use(self, live: Answer[bool]) -> None:
        when(live)
        assume({use}, "so it is agreed")
        self.held += 1

    @call("Use")
    def dead(self, live: Answer[bool]) -> None:
        when(not live)
        assume({dead}, "so it is agreed, too")
        self.held += 2
"""


USES = """
from service import Service
from quiesce.spec import Machine, Nat, call, when


class Server(Machine, provides=Service):
    held: Nat = 0

    @call("Use")
    def use(self) -> None:
        when({legal})
        self.held += 1

    @call("Use", fails="OTHER")
    def other(self) -> None:
        when(not ({legal}))
"""


AGREED = {
    "nothing": ("self.held >= 0", "self.held >= 0", "self.held > 3", ["refinement/other"]),
    "both": ("self.held > 3", "self.held > 3", "self.held > 3", []),
    "one of them": ("self.held > 3", "self.held >= 0", "self.held > 3", []),
    "the other": ("self.held >= 0", "self.held > 3", "self.held > 3", []),
    "less": ("self.held > 2", "self.held > 2", "self.held > 3", ["refinement/other"]),
    "both together": ("self.held > 2", "self.held < 5", "3 <= self.held <= 4", []),
}


@pytest.mark.parametrize("name", AGREED)
def test_what_callers_agreed_to_holds_for_every_answer(tmp_path: Path, name: str) -> None:
    use, dead, legal, wrong = AGREED[name]
    machine = server(tmp_path, USES.format(legal=legal), LEGAL.format(use=use, dead=dead))
    assert [found for found in offers(machine) if "shared" not in found] == wrong


FEW = """
from quiesce.spec import Machine, Nat, assume, call, when


class Service(Machine):
    held: Nat = 0

    @call("Use")
    def use(self, n: Nat) -> None:
        when(n > 3)
        assume({assumed}, "so it is agreed")
        self.held += 1

    @call("Use")
    def few(self, n: Nat) -> None:
        when(n <= 3)
        self.held += 2
"""


USES_FEW = """
from service import Service
from quiesce.spec import Machine, Nat, call, when


class Server(Machine, provides=Service):
    held: Nat = 0

    @call("Use")
    def use(self, n: Nat) -> None:
        when(n > 3)
        self.held += 1

    @call("Use")
    def few(self, n: Nat) -> None:
        when(n <= 3 and self.held > 3)
        self.held += 2

    @call("Use", fails="OTHER")
    def other(self, n: Nat) -> None:
        when({refused} and self.held <= 3)
"""


@pytest.mark.parametrize(("refused", "good"), [("n > 3", True), ("n <= 3", False)])
def test_callers_owe_what_is_agreed_where_it_applies(tmp_path: Path, refused: str, *, good: bool) -> None:
    machine = server(tmp_path, USES_FEW.format(refused=refused), FEW.format(assumed="self.held > 3"))
    assert ("refinement/other" not in offers(machine)) == good
