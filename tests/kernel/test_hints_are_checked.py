"""Hints that are handed over as objects: whatever no reader would have read is refused, and nothing is believed."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import cast

import pytest
from quiesce.certify.proposal_reading import read_proposal
from quiesce.kernel.established import Established, established
from quiesce.kernel.hints import Descent, Hints, Rank, Trap, objection_to
from quiesce.kernel.plan import Plan
from quiesce.kernel.problem import problem_of
from quiesce.kernel.subjects import CallersWait, Covered, Preserved, PromisedWait, StepKept, Waiting
from quiesce.spec.interpreter import initial_states
from quiesce.spec.model import (
    BOOL,
    INT,
    TRUE,
    Binary,
    EnumType,
    Expr,
    Field,
    IfElse,
    IntType,
    Literal,
    MemberType,
    Not,
    Op,
    Parameter,
    ParameterDecl,
    Quantified,
    Quantifier,
    Same,
    Scale,
    Span,
    Total,
    Variable,
)
from quiesce.spec.reader import read_file, read_text
from quiesce.spec.state import Run

from tests.machines import text_of

ROOT = Path(__file__).parents[2]

TEXT = text_of("works")

WORKS = read_text(TEXT, PurePosixPath("works.py"))
PHASE = EnumType("Phase", ("IDLE", "BUSY"))
WORKER = MemberType("Worker")
NOWHERE = Span(1, 1, 1, 1)
NAT = IntType(0)
QUEUED = Variable("queued", NAT)
DEBT = Variable("debt", INT)
LEFT = Field("w", "workers", "left", NAT)
ZERO = Literal(0, INT)
ENDS = PromisedWait("ends")
RUN = Run(next(iter(initial_states(WORKS, {"workers": 1}))))


class Everything:
    """Solvers that confirm whatever they are asked."""

    def __contains__(self, _: object) -> bool:
        return True


def judged(hints: Hints) -> Established:
    return established(Plan(replace(problem_of(WORKS), helpers=hints.helpers)), hints, Everything(), {})


def is_refused(hints: Hints) -> bool:
    """Whether nothing is established by these hints, and the reason is given everywhere."""
    answers = judged(hints).still_open
    refused = [answer.reason.startswith("the hints are refused: ") for answer in answers]
    assert all(refused) or not any(refused)
    return all(refused) and len(answers) == len(judged(hints).answers)


def at(*location: str, rank: Rank = (), helpful: tuple[str, ...] = ()) -> Descent:
    return Descent(location, rank, helpful)


def member(name: str = "w", **others: bool) -> ParameterDecl:
    return replace(ParameterDecl(name, WORKER, False, NOWHERE), **others)  # type: ignore[arg-type]


def trap(*facts: Expr, about: tuple[ParameterDecl, ...] = (member(),)) -> Hints:
    return Hints(traps={"in_debt": Trap(RUN, about, facts)})


def all_of(claim: Expr, name: str = "w", family: str = "workers") -> Expr:
    return Quantified(Quantifier.ALL, name, family, claim)


def zero(number: Expr) -> Expr:
    return Binary(Op.EQ, number, ZERO)


TRUE_HINTS = [
    Hints(helpers=(all_of(Binary(Op.GE, LEFT, ZERO)), Not(Binary(Op.LT, QUEUED, Literal(0, INT))))),
    Hints(helpers=(Binary(Op.NE, Variable("phase", PHASE), Literal("IDLE", PHASE)),)),
    Hints(helpers=(all_of(all_of(Same("v", "v~", "workers"), "v~"), "v"),)),
    Hints(
        ranks={ENDS: (QUEUED, Total("w", "workers", LEFT), Total("*", "workers", Scale(2, replace(LEFT, member="*"))))}
    ),
    Hints(ranks={ENDS: (IfElse(Binary(Op.GT, QUEUED, ZERO), Literal(1, INT), ZERO),)}),
    Hints(inductions={StepKept("go", "grows"): 2, Preserved("go", "queued in range"): 3}),
    Hints(descents={"back": (at("IDLE"), at("BUSY", rank=(QUEUED,), helpful=("work", "done")))}),
    trap(zero(LEFT), Not(Binary(Op.GT, DEBT, ZERO))),
    trap(Same("w", "v", "workers"), about=(member(), member("v"))),
]


@pytest.mark.parametrize("hints", TRUE_HINTS)
def test_what_a_reader_could_have_read_is_taken(hints: Hints) -> None:
    assert not is_refused(hints)


@dataclass(frozen=True)
class Odd:
    """What is no expression at all."""


FORGED_CLAIMS: dict[str, Expr] = {
    "a variable of another type": Binary(Op.GE, Variable("debt", NAT), ZERO),
    "a variable that is none": Binary(Op.GE, Variable("x) (assert false", INT), ZERO),
    "a variable of the old state": Binary(Op.GE, Variable("debt", INT, old=True), ZERO),
    "a field of another type": all_of(Binary(Op.GE, Field("w", "workers", "left", INT), ZERO)),
    "a field that is none": all_of(zero(Field("w", "workers", "right", INT))),
    "a field of another family": all_of(zero(Field("w", "bosses", "left", NAT))),
    "a field of nobody": zero(Field("v", "workers", "left", NAT)),
    "a field of the old state": all_of(zero(replace(LEFT, old=True))),
    "an argument": zero(Parameter("n", NAT)),
    "nobody and nobody": Same("w", "v", "workers"),
    "a member and nobody": all_of(Same("w", "v", "workers")),
    "nobody and a member": all_of(Same("v", "w", "workers")),
    "members of different families": all_of(Same("w", "w", "bosses")),
    "an enum that is none": Binary(
        Op.EQ, Literal("x 0)", EnumType("(= self", ("x 0)",))), Literal("x 0)", EnumType("(= self", ("x 0)",)))
    ),
    "a value that the enum has not": Binary(Op.EQ, Variable("phase", PHASE), Literal("LOST", PHASE)),
    "an enum with more values": Binary(
        Op.EQ, Variable("phase", PHASE), Literal("LOST", EnumType("Phase", ("IDLE", "BUSY", "LOST")))
    ),
    "a truth value that is a number": zero(Literal(True, INT)),
    "a number that is a truth value": Literal(1, BOOL),
    "a text that is a number": zero(Literal("0) (assert false", INT)),
    "a text that is a truth value": Literal("true) (assert false", BOOL),
    "a fraction": zero(Literal(cast("int", 0.5), INT)),
    "a number where a claim stands": QUEUED,
    "a claim where a number stands": zero(TRUE),
    "numbers and values that are compared": Binary(Op.EQ, QUEUED, Variable("phase", PHASE)),
    "the order of truth values": Binary(Op.LT, TRUE, TRUE),
    "a negated number": Not(QUEUED),
    "a number in a conjunction": Binary(Op.AND, TRUE, QUEUED),
    "a factor that is a truth value": zero(Scale(True, QUEUED)),
    "a multiple of a claim": zero(Scale(2, TRUE)),
    "arms of two types": IfElse(TRUE, TRUE, QUEUED),
    "a condition that is a number": IfElse(QUEUED, TRUE, TRUE),
    "a name with a blank": all_of(zero(Field("w v", "workers", "left", NAT)), "w v"),
    "a name with a bar": all_of(zero(Field("w|", "workers", "left", NAT)), "w|"),
    "no name": all_of(TRUE, ""),
    "a name that is bound twice": all_of(all_of(zero(LEFT))),
    "a family that is none": all_of(TRUE, family="bosses"),
    "a sum of claims": zero(Total("w", "workers", TRUE)),
    "a sum over nothing": zero(Total("w", "bosses", ZERO)),
    "an operator that is none": Binary(cast("Op", "and"), TRUE, TRUE),
    "a quantifier that is none": Quantified(cast("Quantifier", "all"), "w", "workers", TRUE),
    "no expression": Not(cast("Expr", Odd())),
    "nothing": Not(cast("Expr", None)),
}


@pytest.mark.parametrize("claim", FORGED_CLAIMS.values(), ids=FORGED_CLAIMS)
@pytest.mark.parametrize(
    "place",
    [
        lambda claim: Hints(helpers=(claim,)),
        lambda claim: Hints(ranks={ENDS: (IfElse(claim, ZERO, ZERO),)}),
        lambda claim: Hints(descents={"back": (at("IDLE"), at("BUSY", rank=(QUEUED, IfElse(claim, ZERO, ZERO))))}),
        lambda claim: trap(claim, about=(member("other"),)),
    ],
    ids=["helper", "rank", "descent", "trap"],
)
def test_an_expression_that_no_reader_reads_is_refused(place: Callable[[Expr], Hints], claim: Expr) -> None:
    assert is_refused(place(claim))


FORGED_HINTS: dict[str, Hints] = {
    "a rank of a wait that is none": Hints(ranks={PromisedWait("back"): (QUEUED,)}),
    "a rank of a caller who never waits": Hints(ranks={CallersWait("no"): (QUEUED,)}),
    "a rank of what is no wait": Hints(ranks={cast("Waiting", Covered("go")): (QUEUED,)}),
    "a rank that is a claim": Hints(ranks={ENDS: (TRUE,)}),
    "a descent of no promise": Hints(descents={"ends": (at("IDLE"),)}),
    "a descent of a promise that is false": Hints(descents={"in_debt": (at("IDLE"),)}),
    "a location that is none": Hints(descents={"back": (at("LOST"),)}),
    "a location of no variable": Hints(descents={"back": (at(),)}),
    "a location twice": Hints(descents={"back": (at("IDLE"), at("IDLE"))}),
    "an action that is none": Hints(descents={"back": (at("BUSY", helpful=("go home",)),)}),
    "an action that changes nothing": Hints(descents={"back": (at("BUSY", helpful=("no",)),)}),
    "an induction over minus one step": Hints(inductions={StepKept("go", "grows"): -1}),
    "an induction over no step": Hints(inductions={StepKept("go", "grows"): 0}),
    "an induction over one step": Hints(inductions={StepKept("go", "grows"): 1}),
    "an induction over true steps": Hints(inductions={StepKept("go", "grows"): True}),
    "an induction over half a step": Hints(inductions={StepKept("go", "grows"): cast("int", 2.5)}),
    "an induction of a totality": Hints(inductions={cast("StepKept", Covered("go")): 2}),
    "an induction of no action": Hints(inductions={StepKept("went", "grows"): 2}),
    "an induction of no promise": Hints(inductions={Preserved("go", "grows"): 2}),
    "a trap of no promise": Hints(traps={"ends": Trap(RUN, (), (TRUE,))}),
    "a trap of a promise that is no goal": Hints(traps={"never": Trap(RUN, (), (TRUE,))}),
    "a trap of a promise that holds": Hints(traps={"back": Trap(RUN, (), (TRUE,))}),
    "a trap about a number": trap(TRUE, about=(ParameterDecl("n", INT, False, NOWHERE),)),
    "a trap about no family": trap(TRUE, about=(ParameterDecl("n", MemberType("Boss"), False, NOWHERE),)),
    "a trap about a newcomer": trap(TRUE, about=(member(new=True),)),
    "a trap about an answer": trap(TRUE, about=(member(answer=True),)),
    "a trap about two of one name": trap(TRUE, about=(member(), member())),
    "a trap about a name with a blank": trap(TRUE, about=(member("w v"),)),
    "a trap whose member is hidden": trap(all_of(zero(LEFT))),
    "a trap that is a number": trap(QUEUED),
}


@pytest.mark.parametrize("hints", FORGED_HINTS.values(), ids=FORGED_HINTS)
def test_a_hint_about_nothing_is_refused(hints: Hints) -> None:
    assert is_refused(hints)


def test_what_a_helper_binds_is_no_argument_of_an_action() -> None:
    """What an action does to its `who` would be mistaken for what it does to every member."""
    taken = Hints(helpers=(all_of(zero(replace(LEFT, member="who")), "who"),))
    assert is_refused(taken)
    apart = problem_of(WORKS, taken.helpers)
    assert objection_to(apart, Plan(apart).due, taken) is None


def test_helpers_that_the_hints_alone_have_are_looked_at_as_well() -> None:
    problem = problem_of(WORKS)
    assert objection_to(problem, Plan(problem).due, Hints(helpers=(QUEUED,))) is not None
    assert objection_to(problem, Plan(problem).due, Hints(helpers=(TRUE,))) is None


def test_an_expression_of_any_depth_is_no_breakdown() -> None:
    claim: Expr = TRUE
    for _ in range(100_000):
        claim = Not(claim)
    assert is_refused(Hints(ranks={ENDS: (IfElse(claim, ZERO, ZERO),)}))


@pytest.mark.parametrize("name", ["clients", "winsock", "winsock_contract", "winsock_layered"])
def test_the_hints_of_every_spec_are_taken(name: str) -> None:
    machine = read_file(ROOT / "model" / f"{name}.py")
    hints = read_proposal(machine, (ROOT / "proofs" / name / "hints.json").read_text(encoding="utf-8")).hints
    plan = Plan(problem_of(machine, hints.helpers))
    assert objection_to(plan.problem, plan.due, hints) is None
