"""What the expressions of a spec mean in the model."""

from pathlib import PurePosixPath

import pytest
from quiesce.spec.diagnostics import SpecError
from quiesce.spec.model import (
    BOOL,
    FALSE,
    INT,
    TRUE,
    Always,
    Binary,
    EnumType,
    Expr,
    Field,
    IfElse,
    IntType,
    LeadsTo,
    Literal,
    Not,
    Op,
    Quantified,
    Quantifier,
    Same,
    Scale,
    Step,
    Total,
    Variable,
)
from quiesce.spec.reader import read_text

PATH = PurePosixPath("spec.py")
TEMPLATE = """
from __future__ import annotations
from enum import Enum, auto
from quiesce.spec import Family, Machine, Member, Nat, always, count, implies, internal, leads_to, policy, step

class Phase(Enum):
    UP = auto()
    DOWN = auto()

MODE = policy(Phase.UP, Phase.DOWN)

class Thing(Member):
    size: Nat = 0
    idle: bool = True

    def is_idle(self) -> bool:
        return self.idle and self.size == 0

    def is_above(self, limit: int) -> bool:
        return self.size > limit

class Box(Machine):
    phase: Phase = Phase.UP
    n: Nat = 0
    m: Nat = 0
    flag: bool = False
    things: Family[Thing]

    def both(self, a: bool, b: bool) -> bool:
        return a and b

    def twice(self, x: int) -> int:
        return x + x

    def none_above(self, limit: int) -> bool:
        return not any(s.size > limit for s in self.things)

    def is_alone(self, t: Thing) -> bool:
        return all(s == t for s in self.things)

    def _counted(self) -> bool:
        return self.n > 0

    @internal
    def settle(self) -> None:
        self.n = 0

    @always
    def checked(self) -> bool:
        return {always}

    @step
    def stepped(self, old: Box) -> bool:
        return {step}

    @leads_to(fair=[settle])
    def led(self) -> tuple[bool, bool]:
        return self.n > 0, self.n == 0
"""

PHASE = EnumType("Phase", ("UP", "DOWN"))
N, M = Variable("n", IntType(0)), Variable("m", IntType(0))
FLAG, MODE, AT = Variable("flag", BOOL), Variable("MODE", PHASE), Variable("phase", PHASE)
OLD_N = Variable("n", IntType(0), old=True)
UP, DOWN = Literal("UP", PHASE), Literal("DOWN", PHASE)


def number(value: int) -> Literal:
    return Literal(value, INT)


def size(member: str, *, old: bool = False) -> Field:
    return Field(member, "things", "size", IntType(0), old)


def idle(member: str) -> Field:
    return Field(member, "things", "idle", BOOL)


def claim(text: str) -> Expr:
    machine = read_text(TEMPLATE.format(always=text, step="True"), PATH)
    (always,) = (promise.claim for promise in machine.promises if isinstance(promise.claim, Always))
    return always.claim


def step_claim(text: str) -> Expr:
    machine = read_text(TEMPLATE.format(always="True", step=text), PATH)
    (step,) = (promise.claim for promise in machine.promises if isinstance(promise.claim, Step))
    return step.claim


ANY, ALL = Quantifier.ANY, Quantifier.ALL
POSITIVE = Binary(Op.GT, size("s"), number(0))

MEANINGS: dict[str, Expr] = {
    "True": TRUE,
    "not self.flag": Not(FLAG),
    "self.n == -1": Binary(Op.EQ, N, number(-1)),
    "-self.n == 1": Binary(Op.EQ, Scale(-1, N), number(1)),
    "0 < self.n <= self.m": Binary(Op.AND, Binary(Op.LT, number(0), N), Binary(Op.LE, N, M)),
    "self.flag and True and False": Binary(Op.AND, Binary(Op.AND, FLAG, TRUE), FALSE),
    "self.flag or True": Binary(Op.OR, FLAG, TRUE),
    "implies(self.flag, True)": Binary(Op.IMPLIES, FLAG, TRUE),
    "self.phase is Phase.UP": Binary(Op.EQ, AT, UP),
    "self.phase is not MODE": Binary(Op.NE, AT, MODE),
    "self.phase in (Phase.UP, MODE)": Binary(Op.OR, Binary(Op.EQ, AT, UP), Binary(Op.EQ, AT, MODE)),
    "self.phase not in (Phase.DOWN,)": Not(Binary(Op.EQ, AT, DOWN)),
    "self.flag == (self.n > 0)": Binary(Op.EQ, FLAG, Binary(Op.GT, N, number(0))),
    "2 * self.n == self.m * -3": Binary(Op.EQ, Scale(2, N), Scale(-3, M)),
    "self.n + 1 - self.m == 0": Binary(Op.EQ, Binary(Op.SUB, Binary(Op.ADD, N, number(1)), M), number(0)),
    "min(self.n, 1) == 0": Binary(Op.EQ, IfElse(Binary(Op.LE, N, number(1)), N, number(1)), number(0)),
    "max(self.n, 1) == 0": Binary(Op.EQ, IfElse(Binary(Op.GE, N, number(1)), N, number(1)), number(0)),
    "(1 if self.flag else 2) == 1": Binary(Op.EQ, IfElse(FLAG, number(1), number(2)), number(1)),
    "any(s.size > 0 for s in self.things)": Quantified(ANY, "s", "things", POSITIVE),
    "all(s.idle for s in self.things if s.size > 0)": Quantified(
        ALL, "s", "things", Binary(Op.IMPLIES, POSITIVE, idle("s"))
    ),
    "any(s.idle for s in self.things if s.size > 0 if self.flag)": Quantified(
        ANY, "s", "things", Binary(Op.AND, Binary(Op.AND, POSITIVE, FLAG), idle("s"))
    ),
    "sum(s.size for s in self.things) == 0": Binary(Op.EQ, Total("s", "things", size("s")), number(0)),
    "sum(s.size for s in self.things if s.idle) == 0": Binary(
        Op.EQ, Total("s", "things", IfElse(idle("s"), size("s"), number(0))), number(0)
    ),
    "count(s.size > 0 for s in self.things) == 0": Binary(
        Op.EQ, Total("s", "things", IfElse(POSITIVE, number(1), number(0))), number(0)
    ),
    "count(s.size > 0 for s in self.things if s.idle) == 0": Binary(
        Op.EQ, Total("s", "things", IfElse(Binary(Op.AND, idle("s"), POSITIVE), number(1), number(0))), number(0)
    ),
    "all(all(s == t for t in self.things) for s in self.things)": Quantified(
        ALL, "s", "things", Quantified(ALL, "t", "things", Same("s", "t", "things"))
    ),
    "all(any(s is not t for t in self.things) for s in self.things)": Quantified(
        ALL, "s", "things", Quantified(ANY, "t", "things", Not(Same("s", "t", "things")))
    ),
}


@pytest.mark.parametrize("text", MEANINGS)
def test_an_expression_means_what_it_means_in_python(text: str) -> None:
    assert claim(text) == MEANINGS[text]


INLINED: dict[str, str] = {
    "self._counted()": "self.n > 0",
    "self.both(self.flag, self.n > 1)": "self.flag and self.n > 1",
    "self.twice(self.twice(self.n)) == 0": "self.n + self.n + (self.n + self.n) == 0",
    "all(s.is_idle() for s in self.things)": "all(s.idle and s.size == 0 for s in self.things)",
    "any(s.is_above(self.n) for s in self.things)": "any(s.size > self.n for s in self.things)",
    "self.none_above(self.twice(1))": "not any(s.size > 1 + 1 for s in self.things)",
    "self.both(any(s.idle for s in self.things), True)": "any(s.idle for s in self.things) and True",
}


@pytest.mark.parametrize("text", INLINED)
def test_a_helper_is_put_in_place_where_it_is_called(text: str) -> None:
    assert claim(text) == claim(INLINED[text])


def test_a_helper_never_captures_the_name_of_a_member_it_is_given() -> None:
    inner = Quantified(ALL, "s_2", "things", Same("s_2", "s", "things"))
    assert claim("any(self.is_alone(s) for s in self.things)") == Quantified(ANY, "s", "things", inner)


def test_a_helper_never_captures_a_name_inside_an_expression_it_is_given() -> None:
    inner = Quantified(ANY, "s_2", "things", Binary(Op.GT, size("s_2"), size("s")))
    text = "all(self.none_above(s.size) for s in self.things)"
    assert claim(text) == Quantified(ALL, "s", "things", Not(inner))


def test_an_expression_given_to_a_helper_never_hides_a_name_of_the_helper() -> None:
    text = "self.none_above(count(s.idle for s in self.things))"
    given = Total("s_2", "things", IfElse(idle("s_2"), number(1), number(0)))
    assert claim(text) == Not(Quantified(ANY, "s", "things", Binary(Op.GT, size("s"), given)))


STEPS: dict[str, Expr] = {
    "self.n <= old.n": Binary(Op.LE, N, OLD_N),
    "old._counted()": Binary(Op.GT, OLD_N, number(0)),
    "all(s.size == 0 for s in old.things)": Quantified(
        ALL, "s", "things", Binary(Op.EQ, size("s", old=True), number(0))
    ),
    "all(s.size <= old[s].size for s in self.things)": Quantified(
        ALL, "s", "things", Binary(Op.LE, size("s"), size("s", old=True))
    ),
    "all(s.size <= self[s].size for s in old.things)": Quantified(
        ALL, "s", "things", Binary(Op.LE, size("s", old=True), size("s"))
    ),
    "all(old[s].is_above(s.size) for s in self.things)": Quantified(
        ALL, "s", "things", Binary(Op.GT, size("s", old=True), size("s"))
    ),
}


@pytest.mark.parametrize("text", STEPS)
def test_a_step_promise_sees_both_states(text: str) -> None:
    assert step_claim(text) == STEPS[text]


def test_a_promise_about_runs_has_a_trigger_and_a_goal() -> None:
    machine = read_text(TEMPLATE.format(always="True", step="True"), PATH)
    expected = LeadsTo(Binary(Op.GT, N, number(0)), Binary(Op.EQ, N, number(0)), ("settle",))
    assert machine.promises[-1].claim == expected


def test_nested_minima_are_refused_before_their_meaning_explodes() -> None:
    text = "self.n"
    for _ in range(25):
        text = f"min({text}, self.m)"
    with pytest.raises(SpecError, match="Q006"):
        claim(f"{text} == 0")


@pytest.mark.slow
def test_a_long_chain_of_helpers_is_refused_before_it_exhausts_the_stack() -> None:
    helpers = "".join(f"    def h{i}(self) -> bool:\n        return self.h{i + 1}()\n" for i in range(3000))
    text = (
        "from quiesce.spec import Machine, Nat\n"
        f"class Box(Machine):\n    n: Nat = 0\n{helpers}    def h3000(self) -> bool:\n        return self.n == 0\n"
    )
    with pytest.raises(SpecError, match="Q005"):
        read_text(text, PATH)
