"""Everything that has to be proved about a machine, as data. Listing it needs no solver.

A report is complete if it answers exactly these obligations; nothing that is missing from it can look proved.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import assert_never

from quiesce.kernel.enabled import enabled_goals
from quiesce.kernel.forgettable import ByAction, ByPromise, ByWait, asked_of, inert_name
from quiesce.kernel.hints import Location
from quiesce.kernel.kinds import Kind, Obligation
from quiesce.kernel.problem import Problem
from quiesce.kernel.refinement import layers_owed
from quiesce.kernel.vacuity import situations
from quiesce.spec.effects import ANY_MEMBER
from quiesce.spec.model import (
    Action,
    Always,
    Answers,
    Blocks,
    EnumType,
    Expr,
    Field,
    ForEach,
    If,
    Initially,
    LeadsTo,
    Literal,
    Machine,
    Possible,
    Pristine,
    Quantified,
    Quantifier,
    Recoverable,
    Span,
    Statement,
    Step,
    Variable,
)
from quiesce.spec.rewrite import equal

IDLE = "idle"
"""Stands for every step that changes nothing: refusals, waits, and steps of which a promise sees nothing.

A promise that is about no refusal and no wait has no such obligation.
"""


def obligations(problem: Problem) -> tuple[Obligation, ...]:
    """All obligations, in the order in which they are reported."""
    machine = problem.machine
    return (
        *_carried(machine),
        *_total(machine),
        *_invariants(problem),
        *_steps(problem),
        *(goal.obligation for goal in enabled_goals(problem)),
        *_inert(problem),
        *(owed.obligation for owed in layers_owed(problem)),
        *_futures(problem),
        *_assumptions(machine),
        *_witnesses(problem),
        *_expected_failures(machine),
    )


def _carried(machine: Machine) -> Iterator[Obligation]:
    for requirement in machine.requirements:
        yield Obligation(f"carried/{requirement.id}", Kind.CARRIED, None, None, requirement.span)


def _total(machine: Machine) -> Iterator[Obligation]:
    for name, outcomes in machine.calls.items():
        for claim in ("covered", "exclusive"):
            yield Obligation(f"total/{name}/{claim}", Kind.TOTAL, None, None, outcomes[0].span)


def _invariants(problem: Problem) -> Iterator[Obligation]:
    for invariant in problem.invariants:
        kind = Kind.START if invariant.kind is Kind.STEP else invariant.kind
        yield Obligation(f"start/{invariant.name}", kind, invariant.name, None, invariant.span)
    for promise, _ in problem.initial_promises:
        yield Obligation(f"start/{promise.name}", Kind.START, promise.name, None, promise.span)
    for action in problem.moving:
        for invariant in problem.invariants:
            yield Obligation(
                f"step/{action.name}/{invariant.name}", invariant.kind, invariant.name, action.name, invariant.span
            )


def _steps(problem: Problem) -> Iterator[Obligation]:
    idle = {promise.name for promise, _ in problem.idle_promises}
    for promise, claim in problem.step_promises:
        still = (IDLE,) if promise.name in idle else ()
        for name in (*still, *(action.name for action in problem.moving if action.name not in claim.unless)):
            action = None if name == IDLE else name
            yield Obligation(f"step/{name}/{promise.name}", Kind.STEP_PROMISE, promise.name, action, promise.span)


def _inert(problem: Problem) -> Iterator[Obligation]:
    for asked in asked_of(problem):
        match asked:
            case ByAction(action):
                yield Obligation(inert_name(asked), Kind.INERT, None, action.name, action.span)
            case ByPromise(promise):
                yield Obligation(inert_name(asked), Kind.INERT, promise.name, None, promise.span)
            case ByWait(action):
                yield Obligation(inert_name(asked), Kind.INERT, None, None, action.span)
            case _:
                assert_never(asked)


def _futures(problem: Problem) -> Iterator[Obligation]:
    for promise in problem.machine.promises:
        if not promise.holds:
            continue
        match promise.claim:
            case Recoverable():
                for location in problem.locations:
                    name = f"recoverable/{promise.name}/{location_name(location)}"
                    yield Obligation(name, Kind.RECOVERABLE, promise.name, None, promise.span)
            case LeadsTo(_, _, fair):
                yield from _ends(problem, promise.name, promise.name, fair, promise.span)
            case Always() | Step() | Pristine() | Answers() | Possible() | Initially():
                pass
    for action in problem.machine.actions:
        if isinstance(action.outcome, Blocks):
            yield from _ends(problem, f"wait for {action.name}", None, action.outcome.fair, action.span)


def _ends(problem: Problem, name: str, promise: str | None, fair: tuple[str, ...], span: Span) -> Iterator[Obligation]:
    yield Obligation(f"leads to/{name}/possible", Kind.LEADS_TO, promise, None, span)
    for action in problem.moving:
        verb = "lowers" if action.name in fair else "keeps"
        yield Obligation(f"leads to/{name}/{action.name} {verb}", Kind.LEADS_TO, promise, action.name, span)


def _assumptions(machine: Machine) -> Iterator[Obligation]:
    for action in machine.actions:
        for number, assumption in enumerate(action.assumes, 1):
            yield Obligation(f"assumed/{action.name}/{number}", Kind.ASSUMED, None, action.name, assumption.span)


def _witnesses(problem: Problem) -> Iterator[Obligation]:
    machine = problem.machine
    for action in machine.actions:
        yield Obligation(f"witness/{action.name}", Kind.WITNESS, None, action.name, action.span)
        for branch, taken in branches(action):
            name = branch_name(action, branch, taken=taken)
            yield Obligation(f"witness/{name}", Kind.WITNESS, None, action.name, branch.span)
    for value in reachable_values(machine):
        yield Obligation(f"witness/{value.name}", Kind.WITNESS, None, None, value.span)
    for situation in situations(problem):
        promise = situation.promise
        yield Obligation(f"witness/{situation.name}", Kind.WITNESS, promise.name, None, promise.span)


def _expected_failures(machine: Machine) -> Iterator[Obligation]:
    for promise in machine.promises:
        if not promise.holds:
            yield Obligation(f"fails/{promise.name}", Kind.EXPECTED_FAILURE, promise.name, None, promise.span)


# --- what there is to witness ------------------------------------------------------------------------------------


def branches(action: Action) -> Iterator[tuple[If, bool]]:
    """Each arm of each `if` statement, absent `else` arms included."""
    for statement in statements(action.body):
        if isinstance(statement, If):
            yield statement, True
            yield statement, False


def branch_name(action: Action, branch: If, *, taken: bool) -> str:
    """An arm as reports name it."""
    return f"{action.name}:{branch.span.line} {'then' if taken else 'else'}"


@dataclass(frozen=True, slots=True)
class ReachableValue:
    """A value that an enum variable, or an enum field of some member, has to take in some run."""

    name: str
    claim: Expr
    span: Span


def reachable_values(machine: Machine) -> Iterator[ReachableValue]:
    """Each value of each enum variable and enum field."""
    for variable in machine.variables:
        if isinstance(variable.type, EnumType):
            for value in variable.type.values:
                claim = equal(Variable(variable.name, variable.type), Literal(value, variable.type))
                yield ReachableValue(f"{variable.name} {value}", claim, variable.span)
    for family in machine.families:
        for declared in family.fields:
            if isinstance(declared.type, EnumType):
                place = Field(ANY_MEMBER, family.name, declared.name, declared.type)
                for value in declared.type.values:
                    claim = some_member(ANY_MEMBER, family.name, equal(place, Literal(value, declared.type)))
                    yield ReachableValue(f"{family.name}.{declared.name} {value}", claim, declared.span)


def some_member(bound: str, family: str, claim: Expr) -> Expr:
    """That `claim` holds of some member."""
    return Quantified(Quantifier.ANY, bound, family, claim)


def statements(body: tuple[Statement, ...]) -> Iterator[Statement]:
    """Every statement of a body, nested ones included."""
    for statement in body:
        yield statement
        match statement:
            case If(_, then, otherwise):
                yield from statements((*then, *otherwise))
            case ForEach(_, _, inner):
                yield from statements(inner)
            case _:
                pass


def location_name(location: Location) -> str:
    """A location as reports name it."""
    return " ".join(location) or "everywhere"
