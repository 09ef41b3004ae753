"""What exhaustive search knows about a machine: obligations that a run breaks, and things that a run shows.

An instance has a fixed number of members and few integers to give, so a search of it can show that something happens,
and seldom that it cannot. All that is said here is therefore one-sided, and true whatever lies outside the instance:

*Steps.* The proof about one step may assume what the machine promises of every state. So the search goes on from `good`
states alone, in which all invariants hold, and a step from a good state that breaks a claim breaks the obligation.

*No members.* A family stands for members without end, of which few were ever used. An instance without any member is
looked at only for what members that are gone do to it, which has to be nothing.

*Ends.* A run that goes round in a wait for ever, with a fair step on the way, breaks the wait as a whole. A wait in
which nothing fair can happen breaks it if every argument was tried, and each family has a member.

*Recovery.* A state without a way to the goal breaks the promise if besides the instance was searched completely: a
proof shows a way with the members that there are.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from itertools import product

from quiesce.kernel.family_uses import family_uses
from quiesce.kernel.kinds import BranchTaken, StepKept, Stutters, id_of, location_name
from quiesce.kernel.obligations import reachable_values
from quiesce.kernel.problem import Problem, problem_of
from quiesce.kernel.progress import Wait, wait_of_caller, wait_of_promise
from quiesce.kernel.vacuity import situations
from quiesce.prove.results import Report
from quiesce.spec.interpreter import Scope, argument_scopes, evaluate, holds, is_enabled, step
from quiesce.spec.model import (
    Accepts,
    Action,
    Blocks,
    BoolType,
    Expr,
    FamilyDecl,
    LeadsTo,
    Machine,
    MemberType,
    ParameterDecl,
    Recoverable,
    Value,
)
from quiesce.spec.state import Arguments, Run, State
from quiesce.spec.structure import branches

from tests.differential.outcomes import breaks_outcomes
from tests.differential.spaces import INTEGERS, Edge, Space, reached, space, tries_every_argument

LIMIT = 250
"""States of an instance that are met at most."""

LOOKED_INTO = 25
"""States of an instance in which members that are gone are put to the test."""


@dataclass(frozen=True)
class Knowledge:
    """What the search knows. `broken` and `shown` are by the id of obligations; a run shows each.

    `endless` and `stranded` are waits and recoverable promises, by name (with the location, where there is one), that
    some run breaks although no single obligation of theirs is to blame.
    """

    problem: Problem
    spaces: tuple[Space, ...]
    broken: dict[str, Run] = field(default_factory=dict)
    shown: dict[str, Run] = field(default_factory=dict)
    endless: dict[str, Run] = field(default_factory=dict)
    stranded: dict[str, Run] = field(default_factory=dict)

    @property
    def complete(self) -> bool:
        """Whether every instance was searched completely, with all arguments that there are."""
        return all(found.complete for found in self.spaces) and tries_every_argument(self.problem.machine)


def search(machine: Machine, helpers: tuple[Expr, ...] = (), limit: int = LIMIT) -> Knowledge:
    """Search instances with no member, one and two."""
    problem = problem_of(machine, helpers)
    sizes = (0, 1, 2) if machine.families else (1,)
    claims = [invariant.claim for invariant in problem.invariants]
    knowledge = Knowledge(
        problem,
        tuple(space(problem.machine, size, limit, lambda s: all(holds(c, s) for c in claims)) for size in sizes),
    )
    for found in knowledge.spaces:
        _note(knowledge.broken, _breaks_inertness(problem, found))
        if found.members == 0:
            continue
        _note(knowledge.broken, _breaks_invariants(problem, found))
        _note(knowledge.broken, _breaks_step_promises(problem, found))
        _note(knowledge.broken, _breaks_totals(problem, found))
        _note(knowledge.broken, breaks_outcomes(problem.machine, found))
        _note(knowledge.shown, _shows(problem, found))
        _look_at_waits(knowledge, found)
        _look_at_recovery(knowledge, found)
    return knowledge


def helpers_of(report: Report) -> tuple[Expr, ...]:
    """The invariants that a report rests on besides the promises."""
    return report.hints.helpers


def _note(known: dict[str, Run], news: Iterable[tuple[str, Run]]) -> None:
    """Add what is new, or shorter."""
    for name, run in news:
        if name not in known or len(run.moves) < len(known[name].moves):
            known[name] = run


# --- one state, one step -----------------------------------------------------------------------------------------


def _breaks_invariants(problem: Problem, found: Space) -> Iterator[tuple[str, Run]]:
    wrong = {
        number: [i.name for i in problem.invariants if not holds(i.claim, state)]
        for number, state in enumerate(found.states)
    }
    for start in range(found.starts):
        for name in wrong[start]:
            yield f"start/{name}", found.run_to(start)
    for edge in found.edges:
        for name in wrong[edge.after]:
            yield f"step/{edge.action.name}/{name}", found.run_through(edge)


def _breaks_step_promises(problem: Problem, found: Space) -> Iterator[tuple[str, Run]]:
    for edge in found.edges:
        before, after = found.states[edge.before], found.states[edge.after]
        moves = isinstance(edge.action.outcome, Accepts)
        concerned = [(p.name, claim) for p, claim in problem.step_promises if edge.action.name not in claim.unless]
        for promise, claim in concerned:
            if not holds(claim.claim, after, before, claim.parameters, edge.arguments):
                about = StepKept(edge.action.name, promise) if moves else Stutters(promise)
                yield id_of(about), found.run_through(edge)


def _breaks_totals(problem: Problem, found: Space) -> Iterator[tuple[str, Run]]:
    for number in sorted(found.expanded):
        for name, outcomes in problem.machine.calls.items():
            for count in set(outcomes_of_call(problem.machine, found.states[number], outcomes)):
                if count != 1:
                    yield f"total/{name}/{'exclusive' if count else 'covered'}", found.run_to(number)


def outcomes_of_call(
    machine: Machine, state: State, outcomes: tuple[Action, ...], integers: tuple[int, ...] = INTEGERS
) -> Iterator[int]:
    """How many outcomes a call has, for each choice of arguments."""
    parameters = tuple({p.name: p for action in outcomes for p in action.parameters}.values())
    for scope in argument_scopes(machine, state, parameters, integers):
        yield sum(all(evaluate(claim, scope) for claim in action.when) for action in outcomes)


# --- members that are gone ---------------------------------------------------------------------------------------


def _breaks_inertness(problem: Problem, found: Space) -> Iterator[tuple[str, Run]]:
    machine = problem.machine.unassuming
    looking = [action for action in machine.actions if any(True for _ in family_uses(action))]
    for number, state in enumerate(found.states[:LOOKED_INTO] if looking else ()):
        for family in machine.families:
            for gone in _gone(family):
                more = _with_member(state, family.name, gone)
                for action in looking:
                    if any(_differs(machine, state, more, family.name, gone, action)):
                        yield f"inert/{action.name}", found.run_to(number)


def _gone(family: FamilyDecl) -> Iterator[dict[str, Value]]:
    """Members that were given back: what does not persist is as at the start."""
    persistent = [declared for declared in family.fields if declared.persistent]
    for values in product(*((f.initial, *((True,) if isinstance(f.type, BoolType) else ())) for f in persistent)):
        kept = {f.name: value for f, value in zip(persistent, values, strict=True)}
        yield {f.name: kept.get(f.name, f.initial) for f in family.fields}


def _with_member(state: State, family: str, member: dict[str, Value]) -> State:
    return State(state.scalars, {**state.families, family: (*state.families[family], member)})


def _differs(
    machine: Machine, state: State, more: State, family: str, gone: dict[str, Value], action: Action
) -> Iterator[bool]:
    """Whether one more member changes what an action does with the same arguments, or is changed by it."""
    for scope in argument_scopes(machine, state, action.parameters, INTEGERS):
        arguments: Arguments = {**scope.parameters, **scope.members}
        possible = is_enabled(machine, state, action, arguments)
        if possible != is_enabled(machine, more, action, arguments):
            yield True
        elif possible:
            after = _with_member(step(machine, state, action, arguments), family, gone)
            yield after != step(machine, more, action, arguments)


# --- what happens ------------------------------------------------------------------------------------------------


def _shows(problem: Problem, found: Space) -> Iterator[tuple[str, Run]]:
    """Witnesses: what happens in good states, and in steps from them."""
    for edge in found.edges:
        yield f"witness/{edge.action.name}", found.run_through(edge)
        for branch, taken in branches(edge.action):
            if (branch.span, taken) in edge.branches:
                about = BranchTaken(edge.action.name, branch.span.line, taken)
                yield id_of(about), found.run_through(edge)
    for number in found.expanded:
        for value in reachable_values(problem.machine):
            if holds(value.claim, found.states[number]):
                yield id_of(value.about), found.run_to(number)
    for situation in situations(problem):
        if situation.actions is None:
            for number in found.expanded:
                if holds(situation.claim, found.states[number]):
                    yield id_of(situation.about), found.run_to(number)
        for edge in (edge for edge in found.edges if edge.action.name in (situation.actions or ())):
            before, after = found.states[edge.before], found.states[edge.after]
            if holds(situation.claim, after, before, situation.given, edge.arguments):
                yield id_of(situation.about), found.run_through(edge)


# --- the future --------------------------------------------------------------------------------------------------


def _look_at_waits(knowledge: Knowledge, found: Space) -> None:
    machine = knowledge.problem.machine
    for promise in machine.promises:
        if isinstance(promise.claim, LeadsTo) and promise.holds:
            _look_at_wait(knowledge, found, promise.name, wait_of_promise(promise.claim))
    for action in machine.actions:
        if isinstance(action.outcome, Blocks) and not any(parameter.new for parameter in action.parameters):
            wait = wait_of_caller(action, action.outcome.fair)
            _look_at_wait(knowledge, found, f"wait for {action.name}", wait)


def _look_at_wait(knowledge: Knowledge, found: Space, name: str, wait: Wait) -> None:
    """Look at the wait of each caller; one with a new member is left out, as the member may be used meanwhile."""
    machine = knowledge.problem.machine
    everything = tries_every_argument(machine)
    for given in _callers(machine, found, wait.parameters):
        waiting = [n for n in found.expanded if goes_on(wait, found.states[n], given)]
        ended = {n for n, state in enumerate(found.states) if evaluate(wait.reached, _scope(state, given))}
        able = {e.before for e in found.edges if _is_fair(e, wait)}
        for number in waiting:
            if number not in able and everything:
                _note(knowledge.broken, [(f"leads to/{name}/possible", found.run_to(number))])
        inside = {n: [a for a in after if a not in ended] for n, after in found.successors.items() if n not in ended}
        region = reached(waiting, inside)
        for edge in (edge for edge in found.edges if edge.before in region and edge.after in region):
            if _is_fair(edge, wait) and edge.before in reached([edge.after], inside):
                _note(knowledge.endless, [(name, found.run_through(edge))])


def goes_on(wait: Wait, state: State, given: Scope) -> bool:
    """Whether the caller who gave these arguments waits."""
    return bool(evaluate(wait.waiting, _scope(state, given)))


def _scope(state: State, given: Scope) -> Scope:
    return replace(given, now=state)


def _callers(machine: Machine, found: Space, parameters: tuple[ParameterDecl, ...]) -> Iterator[Scope]:
    """Every choice of arguments; any member may be given, not just one of those that are alike."""
    scalars = tuple(p for p in parameters if not isinstance(p.type, MemberType))
    members = [p for p in parameters if isinstance(p.type, MemberType)]
    for scope in argument_scopes(machine, found.states[0], scalars, INTEGERS):
        for chosen in product(range(found.members), repeat=len(members)):
            names = {p.name: index for p, index in zip(members, chosen, strict=True)}
            yield replace(scope, members=names)


def _is_fair(edge: Edge, wait: Wait) -> bool:
    return edge.action.name in wait.fair and isinstance(edge.action.outcome, Accepts)


def _look_at_recovery(knowledge: Knowledge, found: Space) -> None:
    problem = knowledge.problem
    everything = tries_every_argument(problem.machine) and found.complete
    for promise in problem.machine.promises:
        if promise.holds and isinstance(promise.claim, Recoverable) and everything:
            goals = [n for n, state in enumerate(found.states) if holds(promise.claim.goal, state)]
            alive = reached(goals, found.predecessors)
            for number in sorted(found.expanded - alive):
                where = tuple(str(found.states[number].scalars[v.name]) for v in problem.control)
                _note(
                    knowledge.stranded, [(f"recoverable/{promise.name}/{location_name(where)}", found.run_to(number))]
                )
