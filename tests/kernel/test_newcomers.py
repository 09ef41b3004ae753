"""Ways to a goal that need new members: the program makes one at each step, and yet the rank has to fall."""

import pytest
from quiesce.kernel.hints import Descent, Hints
from quiesce.kernel.subjects import WayDown
from quiesce.spec.effects import ANY_MEMBER
from quiesce.spec.model import INT, EnumType, Expr, Field, IfElse, Literal, Machine, Quantified, Quantifier, Total
from quiesce.spec.rewrite import equal

from tests.kernel.judging import judged, read, why

LINES = """
from enum import Enum, auto

from quiesce.spec import Family, Machine, Member, Nat, New, Persistent, call, environment, recoverable, when


class State(Enum):
    ABSENT = auto()
    CONNECTING = auto()
    READY = auto()


class Line(Member):
    state: State = State.ABSENT
    used: Persistent[bool] = False


class Lines(Machine):
    ready: bool = False
    lines: Family[Line]

    @call("connect")
    def begin(self, line: New[Line]) -> None:
        line.state = State.{begun}

    @environment
    def connected(self, line: Line) -> None:
        when(line.state == State.CONNECTING)
        line.state = State.READY
        self.ready = True

    @environment
    def lost(self, line: Line) -> None:
        when(line.state == State.READY)
        line.state = State.ABSENT
        line.used = True
        self.ready = False

    @recoverable
    def some_ready(self) -> bool:
        return self.ready
"""

ABOUT = WayDown("some_ready", ())
ONE, ZERO = Literal(1, INT), Literal(0, INT)


def in_state(machine: Machine, name: str) -> Expr:
    declared = machine.families_by_name["lines"].fields[0]
    assert isinstance(declared.type, EnumType)
    return equal(Field(ANY_MEMBER, "lines", "state", declared.type), Literal(name, declared.type))


def how_many(machine: Machine, name: str) -> Expr:
    return Total(ANY_MEMBER, "lines", IfElse(in_state(machine, name), ONE, ZERO))


def none(machine: Machine, name: str) -> Expr:
    return IfElse(Quantified(Quantifier.ANY, ANY_MEMBER, "lines", in_state(machine, name)), ZERO, ONE)


def test_the_first_member_may_be_made_on_the_way() -> None:
    machine = read(LINES.format(begun="CONNECTING"))
    rank = (none(machine, "CONNECTING"),)
    hints = Hints(descents={"some_ready": (Descent((), rank, ("begin", "connected")),)})
    assert why(judged(machine, hints), ABOUT) is None


@pytest.mark.parametrize("begun", ["CONNECTING", "READY"])
def test_a_rank_that_new_members_raise_proves_nothing(begun: str) -> None:
    """Each new line lowers the number of those that were never used, and makes none ready."""
    machine = read(LINES.format(begun=begun))
    hints = Hints(descents={"some_ready": (Descent((), (how_many(machine, "ABSENT"),), ("begin",)),)})
    assert why(judged(machine, hints), ABOUT) == "1 of 1 conditions are not confirmed"


def test_new_members_that_bring_nothing_closer_lead_nowhere() -> None:
    machine = read(LINES.format(begun="READY"))
    hints = Hints(descents={"some_ready": (Descent((), (none(machine, "CONNECTING"),), ("begin", "connected")),)})
    assert why(judged(machine, hints), ABOUT) == "1 of 1 conditions are not confirmed"
