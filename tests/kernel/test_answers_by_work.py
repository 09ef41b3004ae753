"""That calls are answered by the end of work: hints about it are checked, and contracts may ask for it."""

from dataclasses import replace
from pathlib import Path

import pytest
from quiesce.kernel.hints import NOTHING, Descent
from quiesce.kernel.subjects import PromisedWait
from quiesce.spec.model import Expr, IntType, Variable

from tests.kernel.judging import judged, read, reasons
from tests.kernel.offering import offers, server, with_change
from tests.kernel.test_activities import WHOLE
from tests.kernel.test_answered_later import BEGINS, BEGUN, STARTING
from tests.machines import changed

ENDS = PromisedWait("stop.answered.ends")
ONE_MORE = """
    @environment
    def slower(self) -> None:
        when(self.phase == Phase.CLOSING)
        self.left += 1

    @environment
    def nearer(self) -> None:
        when(self.phase == Phase.CLOSING and self.left > 0)
        self.left -= 1
"""
COUNTED = changed(
    WHOLE.replace("import Answer, Machine", "import Answer, Machine, Nat"),
    ("    phase: Phase = Phase.DOWN\n", "    phase: Phase = Phase.DOWN\n    left: Nat = 0\n    odd: int = 0\n"),
    ("when(self.phase == Phase.CLOSING)\n", "when(self.phase == Phase.CLOSING and self.left == 0)\n"),
    ("fair=[idle_for_long]", "fair=[idle_for_long, nearer]"),
    ('    @call("stop", until', f'{ONE_MORE}\n    @call("stop", until'),
)
LEFT, BELOW = Variable("left", IntType(0, None)), Variable("odd", IntType(None, None))


def waits(text: str, *rank: Expr) -> set[str]:
    found = reasons(judged(read(text), replace(NOTHING, ranks={ENDS: rank})))
    return {name.partition("/")[2] for name in found if name.startswith("leads_to/")}


def test_a_rank_shows_that_a_call_is_answered() -> None:
    assert waits(WHOLE) == set()


NEARS = changed(COUNTED, ("self.left += 1", "self.left = 0"))


@pytest.mark.parametrize(
    ("text", "rank", "open_"),
    [
        (NEARS, (LEFT,), set()),
        (NEARS, (), {"stop.answered.ends/nearer/decreases"}),
        (COUNTED, (LEFT,), {"stop.answered.ends/slower/preserves"}),
    ],
    ids=["it falls", "no rank", "it rises"],
)
def test_a_rank_that_does_not_fall_shows_nothing(text: str, rank: tuple[Expr, ...], open_: set[str]) -> None:
    assert waits(text, *rank) == open_


def test_a_rank_that_may_be_negative_shows_nothing() -> None:
    assert len(waits(NEARS, BELOW)) > 5
    found = judged(read(NEARS), replace(NOTHING, ranks={ENDS: (BELOW,)}))
    assert any("may be negative" in reason for reason in reasons(found).values())


def test_a_rank_for_what_nobody_owes_is_refused() -> None:
    found = judged(read(WHOLE), replace(NOTHING, ranks={PromisedWait("first_start.answered.ends"): ()}))
    assert all("hints are refused" in reason for reason in reasons(found).values())


@pytest.mark.parametrize("name", BEGUN)
def test_a_call_of_a_contract_may_be_answered_by_work(tmp_path: Path, name: str) -> None:
    change, wrong_steps = BEGUN[name]
    works = changed(
        BEGINS.replace("import Machine", "import activity, Machine"),
        ("    @internal\n    def ready", '    @activity("open")\n    def ready'),
        ("    @internal\n    def fails", '    @activity("open", fails=True)\n    def fails'),
    )
    assert offers(server(tmp_path, with_change(works, change), STARTING)) == wrong_steps


FIRST_ONE = """
from enum import Enum, auto

from quiesce.spec import Family, Machine, Member, activity, recoverable, when


class Phase(Enum):
    OPENING = auto()
    OPEN = auto()


class Line(Member):
    busy: bool = False


class Lines(Machine):
    phase: Phase = Phase.OPENING
    lines: Family[Line]

    @activity("open")
    def opened(self, line: Line) -> None:
        when(self.phase == Phase.OPENING)
        self.phase = Phase.OPEN

    @recoverable
    def opens(self) -> bool:
        return self.phase == Phase.OPEN
"""


@pytest.mark.parametrize(("word", "goes"), [('activity("open")', False), ("internal", False), ("environment", True)])
def test_work_brings_no_first_member(word: str, *, goes: bool) -> None:
    """Callers and the world outside hand over objects; work is about members that are there."""
    text = FIRST_ONE.replace('activity("open")', word).replace("activity,", f"{word.partition('(')[0]},")
    way = (Descent(("OPENING",), (), ("opened",)), Descent(("OPEN",), (), ()))
    found = set(reasons(judged(read(text), replace(NOTHING, descents={"opens": way}))))
    assert ("recoverable/opens/OPENING" not in found) == goes
