"""What `expect=` makes of a promise, everywhere and under alternatives of a policy; and what stood there before it."""

from pathlib import PurePosixPath

import pytest
from quiesce.spec.diagnostics import SpecError
from quiesce.spec.model import Machine, Under
from quiesce.spec.reader import read_text

SPEC = '''
from enum import Enum, auto

from quiesce.spec import Machine, Nat, always, assume, call, policy


class Ending(Enum):
    WAIT = auto()
    RESET = auto()
    DROP = auto()
    NEVER = auto()


ENDING = policy(Ending.WAIT, Ending.RESET, Ending.DROP)


class Counter(Machine):
    refs: Nat = 0

    @call("Add")
    def add(self) -> None:
        assume(self.refs < 9, "nobody adds more")
        self.refs += 1

    @always(EXPECTED)
    def claimed(self) -> bool:
        """It says so."""
        return self.refs >= 0
'''


def read(expected: str) -> Machine:
    return read_text(SPEC.replace("EXPECTED", expected), PurePosixPath("counter.py"))


@pytest.mark.parametrize(
    ("expected", "holds", "assuming"),
    [
        ("", True, True),
        ('expect="proved"', True, True),
        ('expect="refuted"', False, True),
        ('expect="refuted without assumptions"', False, False),
    ],
)
def test_a_verdict_is_about_all_runs(expected: str, holds: bool, assuming: bool) -> None:
    [promise] = read(expected).promises
    assert (promise.name, promise.holds, promise.assuming, promise.under) == ("claimed", holds, assuming, None)


def test_a_promise_that_is_false_under_alternatives_is_several() -> None:
    said = 'expect={Ending.DROP: "refuted without assumptions", Ending.WAIT: "refuted", Ending.RESET: "proved"}'
    assert [(p.name, p.holds, p.assuming, p.under) for p in read(said).promises] == [
        ("claimed", True, True, Under("ENDING", ("RESET",))),
        ("claimed under DROP", False, False, Under("ENDING", ("DROP",))),
        ("claimed under WAIT", False, True, Under("ENDING", ("WAIT",))),
    ]


def test_what_is_said_to_be_proved_changes_nothing() -> None:
    first, second = (
        read('expect={Ending.DROP: "refuted", Ending.RESET: "proved"}'),
        read('expect={Ending.DROP: "refuted"}'),
    )
    assert first.promises == second.promises


@pytest.mark.parametrize(
    ("former", "hints"),
    [
        ("holds=False", ['write `expect="refuted"`']),
        ("holds=False, assuming=False", ['write `expect="refuted without assumptions"`'] * 2),
        ("holds=True", ["take it away: a promise is to hold unless `expect=` says otherwise"]),
    ],
)
def test_for_the_former_words_the_reader_says_what_to_write(former: str, hints: list[str]) -> None:
    with pytest.raises(SpecError) as caught:
        read(former)
    assert [diagnostic.hint for diagnostic in caught.value.diagnostics] == hints


@pytest.mark.parametrize("verdict", ['"refuted without assumptions"', '{Ending.DROP: "refuted without assumptions"}'])
def test_without_any_assumption_there_is_nothing_to_do_without(verdict: str) -> None:
    text = SPEC.replace("EXPECTED", f"expect={verdict}").replace(
        '        assume(self.refs < 9, "nobody adds more")\n', ""
    )
    with pytest.raises(SpecError) as caught:
        read_text(text, PurePosixPath("counter.py"))
    assert [diagnostic.message for diagnostic in caught.value.diagnostics] == [
        "no action assumes anything, so there is nothing to do without"
    ]
