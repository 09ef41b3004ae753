"""What a machine offers: a server keeps a small contract but for one fault, or begins calls that it answers later."""

from dataclasses import replace
from pathlib import Path

import pytest
from quiesce.kernel.established import ByContract, Proved
from quiesce.kernel.kinds import id_of
from quiesce.kernel.problem import problem_of
from quiesce.kernel.rules import refinement
from quiesce.kernel.rules.refinement import offers_owed
from quiesce.kernel.subjects import Happens, OffersStep, Subject, WholeContract
from quiesce.spec.model import EnumType, Machine
from quiesce.spec.state import Run

from tests.kernel.judging import judged, read, run_of, still_open, why
from tests.machines import changed
from tests.prove.test_layers import CONTRACT, SERVER


def server(folder: Path, text: str, contract: str) -> Machine:
    (folder / "service.py").write_text(contract, encoding="utf-8")
    return read(text, folder)


def with_change(text: str, change: tuple[str, ...]) -> str:
    if not change:
        return text
    before, now = change
    assert before in text
    return text.replace(before, now)


def offers(machine: Machine) -> list[str]:
    return [name for name in still_open(machine) if name.startswith("refinement")]


KINDS = {
    "as agreed": ({}, []),
    "an answer that depends on who else is there": (
        {"guard": "more and self.held == 0"},
        ["refinement/(shared)"],
    ),
    "nobody is trusted with more": ({"trusted": "self.held != 3"}, ["refinement/stop"]),
    "no right to refuse": ({"assumed": "self.held >= 0"}, ["refinement/stop_too_often"]),
    "kept by one and not by two": ({"assumed": "self.held == 1"}, ["refinement/(shared)"]),
}


@pytest.mark.parametrize("name", KINDS)
def test_a_server_that_keeps_a_contract(tmp_path: Path, name: str) -> None:
    chosen, wrong = KINDS[name]
    said = {"guard": "more", "assumed": "self.held > 0", "trusted": "self.held > 0", **chosen}
    contract = CONTRACT.format(guard=said["guard"], assumed=said["assumed"])
    machine = server(tmp_path, SERVER.format(guard=said["guard"], trusted=said["trusted"]), contract)
    assert offers(machine) == wrong


PLAIN = CONTRACT.format(guard="more", assumed="self.held > 0")
KEEPS = SERVER.format(guard="more", trusted="self.held > 0")

FAULTS = {
    "counts twice": (("self.held += 1", "self.held += 2"), ["refinement/start"]),
    "counts nothing": (("self.held += 1", "pass"), ["refinement/start"]),
    "another error": (('fails="BUSY"', 'fails="FULL"'), ["refinement/busy"]),
    "chooses to accept, as it may": (("when(more)", "when(more or self.held == 0)"), []),
    "chooses to refuse, as it may": (("when(not (more))", "when(not more or self.held == 0)"), []),
    "takes away too much": (("self.held -= 1", "self.held -= 2"), ["refinement/stop"]),
    "one of its own steps counts": (
        (
            '    @call("Stop")\n',
            '    @internal\n    def leaks(self) -> None:\n        self.held += 1\n\n    @call("Stop")\n',
        ),
        ["refinement/leaks"],
    ),
    "one of its own steps counts nothing": (
        (
            '    @call("Stop")\n',
            '    @internal\n    def rests(self) -> None:\n        self.held += 0\n\n    @call("Stop")\n',
        ),
        [],
    ),
    "another call counts": (
        (
            '    @call("Stop")\n',
            '    @call("More")\n    def leaks(self) -> None:\n        self.held += 1\n\n    @call("Stop")\n',
        ),
        ["refinement/leaks"],
    ),
    "a name of its own beside one that is agreed": (('@call("Start")', '@call("Start", "Open")'), ["refinement/start"]),
    "a name of its own for what is refused": (
        ('@call("Start", fails="BUSY")', '@call("Start", "Open", fails="BUSY")'),
        [],
    ),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_server_with_one_fault_does_not(tmp_path: Path, name: str) -> None:
    (before, now), wrong = FAULTS[name]
    text = changed(KEEPS, (before, now)).replace("assume, call", "assume, call, internal")
    assert offers(server(tmp_path, text, PLAIN)) == wrong


# --- arguments ---------------------------------------------------------------------------------------------------

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


# --- calls that are answered later -------------------------------------------------------------------------------

STARTING = """
from quiesce.spec import Answer, Machine, Nat, call, when


class Service(Machine):
    held: Nat = 0

    @call("Start")
    def start(self, ready: Answer[bool]) -> None:
        when(ready)
        self.held += 1

    @call("Start", fails="LATER")
    def later(self, ready: Answer[bool]) -> None:
        when(not ready)
"""

BEGINS = """
from enum import Enum, auto

from service import Service
from quiesce.spec import Machine, Nat, call, environment, internal, policy, when


class Phase(Enum):
    IDLE = auto()
    STARTING = auto()
    RUNNING = auto()


class Server(Machine, provides=Service):
    phase: Phase = Phase.IDLE
    held: Nat = 0
    tries: Nat = 0

    @call("Start")
    def begin(self) -> None:
        when(self.phase == Phase.IDLE)
        self.phase = Phase.STARTING

    @call("Start")
    def again(self) -> None:
        when(self.phase == Phase.RUNNING)
        self.held += 1

    @call("Start", fails="LATER")
    def busy(self) -> None:
        when(self.phase == Phase.STARTING)

    @internal
    def ready(self) -> None:
        when(self.phase == Phase.STARTING)
        self.phase = Phase.RUNNING
        self.held += 1

    @internal
    def fails(self) -> None:
        when(self.phase == Phase.STARTING)
        self.phase = Phase.IDLE

    @internal
    def tries_again(self) -> None:
        when(self.phase == Phase.STARTING)
        self.tries += 1
"""

BEGUN = {
    "as agreed": ((), []),
    "begins at the start": (("phase: Phase = Phase.IDLE", "phase: Phase = Phase.STARTING"), ["refinement/(start)"]),
    "is answered without a count": (
        ("self.phase = Phase.RUNNING\n        self.held += 1", "self.phase = Phase.RUNNING\n        self.held += 0"),
        [],
    ),
    "counts twice": (
        ("self.phase = Phase.RUNNING\n        self.held += 1", "self.phase = Phase.RUNNING\n        self.held += 2"),
        ["refinement/ready"],
    ),
    "counts while it is still under way": (
        ("self.tries += 1", "self.tries += 1\n        self.held += 1"),
        ["refinement/tries_again"],
    ),
    "a failure that counts down": (
        ("self.phase = Phase.IDLE\n", "self.phase = Phase.IDLE\n        self.held -= 1\n"),
        ["refinement/fails"],
    ),
    "a second call begins while one is under way": (
        ("when(self.phase == Phase.IDLE)\n", "when(self.phase != Phase.RUNNING)\n"),
        ["refinement/begin"],
    ),
    "one comes from nowhere": (
        ("when(self.phase == Phase.STARTING)\n        self.tries += 1", "self.phase = Phase.STARTING"),
        ["refinement/tries_again"],
    ),
    "another call ends it": (
        (
            "when(self.phase == Phase.RUNNING)\n        self.held += 1",
            "when(self.phase == Phase.RUNNING)\n        self.phase = Phase.IDLE\n        self.held += 1",
        ),
        [],
    ),
    "a call ends another": (
        (
            "when(self.phase == Phase.RUNNING)\n        self.held += 1",
            "when(self.phase != Phase.IDLE)\n        self.phase = Phase.IDLE\n        self.held += 1",
        ),
        ["refinement/again"],
    ),
    "whether it begins depends": (
        ("self.phase = Phase.STARTING\n", "self.phase = Phase.STARTING if self.tries > 0 else Phase.RUNNING\n"),
        ["refinement/begin", "refinement/ready"],
    ),
    "it begins and counts": (
        ("self.phase = Phase.STARTING\n", "self.phase = Phase.STARTING\n        self.held += 1\n"),
        ["refinement/ready"],
    ),
}


@pytest.mark.parametrize("name", BEGUN)
def test_a_call_that_is_answered_later(tmp_path: Path, name: str) -> None:
    change, wrong = BEGUN[name]
    assert offers(server(tmp_path, with_change(BEGINS, change), STARTING)) == wrong


NOT_LATER = {
    "it may not be refused": (
        STARTING[STARTING.index('    @call("Start", fails="LATER")') :],
        "",
    ),
    "what it counts depends on an argument": ("self.held += 1", "self.held += 2 if ready else 1"),
    "it depends on the state": ("when(ready)", "when(ready and self.held >= 0)"),
    "it counts nothing": ("self.held += 1", "pass"),
}


@pytest.mark.parametrize("name", NOT_LATER)
def test_a_contract_that_does_not_allow_it(tmp_path: Path, name: str) -> None:
    before, now = NOT_LATER[name]
    found = offers(server(tmp_path, BEGINS, changed(STARTING, (before, now))))
    assert {"refinement/begin"} <= {*found} or {"refinement/ready"} <= {*found}


# --- the whole of a contract -------------------------------------------------------------------------------------


def test_whoever_offers_a_contract_answers_for_the_whole_of_it(tmp_path: Path) -> None:
    machine = server(tmp_path, KEEPS, PLAIN)
    assert machine.provides is not None
    about = WholeContract("Service")
    assert why(judged(machine), about) == "not everything about the contract is established"
    other = judged(machine.provides)
    assert why(judged(machine, contracts=[other]), about) == "not everything about the contract is established"


def test_steps_are_owed_by_what_is_known_of_them(tmp_path: Path) -> None:
    problem = problem_of(server(tmp_path, BEGINS, STARTING))
    owed = [id_of(item.obligation.about) for item in offers_owed(problem)]
    assert owed[0] == "refinement/(start)"
    assert owed[1:] == [f"refinement/{name}" for name in ("begin", "again", "busy", "ready", "fails")]
    assert OffersStep("tries_again") not in [item.obligation.about for item in offers_owed(problem, problem)]


def test_a_call_with_two_ways_to_succeed_is_not_answered_later(tmp_path: Path) -> None:
    twice = STARTING.replace(', fails="LATER"', "")
    assert {"refinement/begin", "refinement/ready"} & {
        *offers(server(tmp_path, BEGINS.replace(', fails="LATER"', ""), twice))
    }


def test_an_answer_of_another_type_is_refused(tmp_path: Path) -> None:
    outcome = server(tmp_path, KEEPS, PLAIN).actions_by_name["start"]
    odd = replace(outcome.parameters[0], type=EnumType("Way", ("LEFT", "RIGHT")))
    with pytest.raises(TypeError, match="no contract has a parameter like more"):
        refinement._candidate_answers(odd, outcome)


def test_each_contract_is_answered_for_by_itself(tmp_path: Path) -> None:
    """`Other` promises nothing that is not so, and `Service` may be in the wrong; one does not stand for the other."""
    other = (
        "from quiesce.spec import Machine, Nat, call\n\n\nclass Other(Machine):\n    n: Nat = 0\n\n"
        '    @call("Go")\n    def go(self) -> None:\n        self.n += 1\n'
    )
    (tmp_path / "other.py").write_text(other, encoding="utf-8")
    text = KEEPS.replace("from quiesce.spec import ", "from other import Other\nfrom quiesce.spec import Uses, ")
    machine = server(
        tmp_path, text.replace("    held: Nat = 0\n", "    held: Nat = 0\n    lower: Uses[Other]\n"), PLAIN
    )
    contract = next(contract for contract in machine.contracts if contract.name == "Other")
    runs: dict[Subject, Run] = {Happens("go"): run_of(contract, "go")}
    whole = judged(contract, runs=runs)
    assert whole.proved(contract)
    assert not judged(contract).proved(contract)
    found = judged(machine, contracts=[judged(contract), whole])
    assert why(found, WholeContract("Other")) is None
    assert why(found, WholeContract("Service")) is not None
    outcome = found.outcomes[WholeContract("Other")]
    assert isinstance(outcome, Proved)
    assert outcome.rule == ByContract(whole)


SHARING = """
from quiesce.spec import Answer, Machine, Nat, assume, call, when


class Service(Machine):
    held: Nat = 0

    @call("Start")
    def start(self, more: Answer[bool], n: Nat) -> None:
        when({guard})
        assume({assumed}, "so it is agreed")
        self.held = {held}

    @call("Start", fails="BUSY")
    def busy(self, more: Answer[bool], n: Nat) -> None:
        when(more or not more)
"""

SHARED = {
    "anything": ("n > 3", "n > 1", "self.held + n", True),
    "only the first": ("self.held == 0", "n > 1", "self.held + n", False),
    "only the second": ("self.held > 0", "n > 1", "self.held + n", False),
    "the first is legal": ("n > 3", "self.held == 0", "self.held + n", False),
    "the second is legal": ("n > 3", "self.held > 0", "self.held + n", True),
    "where it applies it is legal": ("n <= self.held", "n <= self.held", "self.held - n", False),
    "what was there is gone": ("n > 3", "n > 1", "n", False),
    "it is doubled": ("n > 3", "n > 1", "self.held + self.held", False),
    "it stays": ("n > 3", "n > 1", "self.held", True),
}


@pytest.mark.parametrize("name", SHARED)
def test_what_several_callers_are_together(tmp_path: Path, name: str) -> None:
    guard, assumed, held, good = SHARED[name]
    text = (
        "from service import Service\nfrom quiesce.spec import Machine, Nat, call\n\n\n"
        "class Server(Machine, provides=Service):\n    held: Nat = 0\n\n"
        '    @call("Start", fails="BUSY")\n    def busy(self) -> None:\n        pass\n'
    )
    found = offers(server(tmp_path, text, SHARING.format(guard=guard, assumed=assumed, held=held)))
    assert found == ([] if good else ["refinement/(shared)"])


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


AGAIN = "when(self.phase == Phase.RUNNING)\n        self.held += 1"
ODDLY = {
    "a second one begins and counts": f"{AGAIN}\n        self.held += 1\n        self.phase = Phase.STARTING",
    "one is accepted and neither counts nor begins": "when(self.phase == Phase.RUNNING)",
}


@pytest.mark.parametrize("name", ODDLY)
def test_a_call_that_begins_does_nothing_else(tmp_path: Path, name: str) -> None:
    assert "refinement/again" in offers(server(tmp_path, with_change(BEGINS, (AGAIN, ODDLY[name])), STARTING))


@pytest.mark.parametrize(("guard", "good"), [("ready", True), ("n > 3", False)])
def test_a_call_begins_only_where_it_may_end_well(tmp_path: Path, guard: str, *, good: bool) -> None:
    contract = STARTING.replace("ready: Answer[bool]", "ready: Answer[bool], n: Nat").replace(
        "when(ready)", f"when({guard})"
    )
    contract = contract.replace("when(not ready)", "when(ready or not ready)")
    text = BEGINS.replace("def begin(self)", "def begin(self, n: Nat)")
    assert ("refinement/begin" not in offers(server(tmp_path, text, contract))) == good


OTHER = '\n    @call("Other")\n    def other(self) -> None:\n'


def test_only_a_call_that_may_be_answered_later_begins(tmp_path: Path) -> None:
    """What callers of `Other` have to keep could not be told later, as it depends on the state in which it began."""
    other = OTHER.replace("(self)", "(self, ready: Answer[bool])")
    contract = (
        f"{STARTING}{other}        when(ready)\n        assume(self.held > 0, 'agreed')\n        self.held += 1\n"
    )
    none = other.replace('"Other"', '"Other", fails="NONE"').replace("def other", "def none")
    contract = f"{contract}{none}        when(not ready)\n".replace("Nat, call", "Nat, assume, call")
    begins = f"{BEGINS}{OTHER}        when(self.phase == Phase.IDLE)\n        self.phase = Phase.STARTING\n"
    assert "refinement/other" in offers(server(tmp_path, begins, contract))


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


def test_a_call_that_succeeds_in_two_ways_is_not_answered_later_even_if_they_do_the_same(tmp_path: Path) -> None:
    """Which of them applies depends on the state in which the call began."""
    first = STARTING.replace("when(ready)", "when(ready and self.held == 0)")
    second = '\n    @call("Start")\n    def more(self, ready: Answer[bool]) -> None:\n'
    contract = f"{first}{second}        when(ready and self.held > 0)\n        self.held += 1\n"
    assert {"refinement/begin", "refinement/ready"} <= {*offers(server(tmp_path, BEGINS, contract))}
