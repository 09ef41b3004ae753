"""Conditions of the promises about the future, by ranks that fall: ways down to a goal, and waits that end.

*Recoverable.* Locations are settled one after the other. From every state of a location, some action leads to the goal,
to a location settled before, or lowers the location's rank. So the pair (place in the order, rank) falls on some run
until the goal is reached; both are well founded.

*Leads to.* While the trigger holds and the goal does not, some fair action is possible; every step leads to the goal,
or keeps the trigger without raising the rank; and each fair action lowers it. Some fair action happens again and again,
so the rank would fall for ever: the goal is reached. Nothing is assumed of the other actions.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace

from quiesce.kernel.batches import Batch, state_batch
from quiesce.kernel.hints import Descent, Rank
from quiesce.kernel.problem import Problem
from quiesce.kernel.rules.forgettable import newcomers_neutral
from quiesce.kernel.rules.some_arguments import for_some_arguments
from quiesce.kernel.rules.waits import Wait
from quiesce.kernel.subjects import Location, Subject, Waiting, WaitPossible, WaitProgress, WayDown
from quiesce.spec.apart import named_apart
from quiesce.spec.effects import ANY_MEMBER, Effect
from quiesce.spec.meaning.formulas import (
    compared_totals,
    guard,
    inhabited,
    kept,
    parameter_claims,
    totals_in,
    unused_claim,
)
from quiesce.spec.meaning.totals import distinct, not_encodable, split
from quiesce.spec.model import (
    Action,
    ActionKind,
    Binary,
    BoolType,
    Expr,
    Literal,
    Machine,
    MemberType,
    Not,
    Op,
    Quantified,
    Quantifier,
    Total,
)
from quiesce.spec.record import record
from quiesce.spec.rewrite import both, conjunction, disjunction, either


def _rank_apart(rank: Rank) -> Rank:
    """The rank with the members that it binds named apart from the arguments of actions, and with its totals split."""
    return tuple(split(named_apart(part)) for part in rank)


def lowered(rank: Rank, effect: Effect) -> Expr:
    """The claim that the action lowers the rank."""
    return _rank_compared(rank, effect, strictly=True)


def not_raised(rank: Rank, effect: Effect) -> Expr:
    """The claim that the action does not raise the rank."""
    return _rank_compared(rank, effect, strictly=False)


def _rank_compared(rank: Rank, effect: Effect, *, strictly: bool) -> Expr:
    if not rank:
        return Literal(not strictly, BoolType())
    now, before = kept(effect, rank[0]), rank[0]
    rest = _rank_compared(rank[1:], effect, strictly=strictly)
    return rest if now == before else either(Binary(Op.LT, now, before), both(Binary(Op.EQ, now, before), rest))


# --- recoverable -------------------------------------------------------------------------------------------------


def descent_batch(
    problem: Problem, name: str, goal: Expr, descent: Descent, settled: Collection[Location]
) -> Batch[Subject]:
    """The condition that from every state of the location some helpful action leads down.

    Families that the helpful actions need a member of are taken to have one where callers bring some; see `_brought`.
    Those that they need a new member of are taken to have one that was never used; see `_newcomers`.
    """
    descent = replace(descent, rank=_rank_apart(descent.rank))
    helpful = [action for action in problem.moving if action.name in descent.helpful]
    ranked = totals_in(descent.rank)
    ways: list[Expr] = []
    comparable: list[tuple[Total, Total]] = []
    for action in helpful:
        way = _way_down(problem, action, goal, descent, settled)
        if not_encodable(way) is None:  # an action whose effect on the rank has no closed form is of no help here
            ways.append(way)
            comparable.extend(compared_totals(problem.effects[action.name], ranked))
    about: Subject = WayDown(name, descent.location)
    newcomers = _newcomers(problem.machine, helpful)
    neutral, members = newcomers_neutral(problem, about, descent.rank, newcomers)
    where = [*_brought(problem.machine, helpful), *newcomers.values(), problem.at(descent.location), Not(goal)]
    batch = state_batch(problem, [(about, both(disjunction(ways), split(neutral)))], members, where)
    return replace(batch, comparable=distinct(comparable))


def _brought(machine: Machine, actions: Iterable[Action]) -> Iterator[Expr]:
    """The claim that each family has a member, if one of these actions may be about it and callers bring members of it.

    A program does not create the members that it is given: a caller, or the world outside, hands over any object, and
    the program takes whatever it does not know for a member that is as new. So where some call or step of the
    environment has a member of the family as an argument, there are such objects, as many as a run may need. One that
    is as new makes no difference to anything that is claimed (`forgettable`), so a state without members is like the
    state with one that was never used: the same steps lead to it, and what leads on from there leads on from here.
    Where only the program's own steps and work speak of members, nobody ever brings the first one, and none is taken to
    be there. That a run which *must* go on has an action for it is another matter: nobody has to bring a member, and
    none is taken to be there either.
    """
    brought_by = (ActionKind.CALL, ActionKind.ENVIRONMENT)
    given = {p.type for action in machine.actions if action.kind in brought_by for p in action.parameters}
    for type_ in dict.fromkeys(p.type for action in actions for p in action.parameters):
        if isinstance(type_, MemberType) and type_ in given:
            yield inhabited(machine.family_of(type_).name)


def _newcomers(machine: Machine, actions: Iterable[Action]) -> Mapping[str, Expr]:
    """The families that one of these actions needs a new member of, each with the claim that some member is as new.

    A program can always make a member. So wherever it takes such an action, it has come to a state with one member more
    than before, which was never used. Such a one makes no difference to what has happened, to what is promised, and to
    where the machine is (`forgettable`). It must make none to the rank either (`newcomers_neutral`): otherwise each new
    member might raise what the action before has lowered, and the run would go on for ever.
    """
    types = (p.type for action in actions for p in action.parameters if p.new)
    families = [machine.family_of(type_) for type_ in dict.fromkeys(types) if isinstance(type_, MemberType)]
    return {
        family.name: Quantified(
            Quantifier.ANY, ANY_MEMBER, family.name, unused_claim(family, ANY_MEMBER, persistent=True)
        )
        for family in families
    }


def _way_down(problem: Problem, action: Action, goal: Expr, descent: Descent, settled: Collection[Location]) -> Expr:
    """The claim that `action` can happen, for some arguments, and leads closer to the goal."""
    effect = problem.effects[action.name]
    closer = disjunction(
        [
            kept(effect, goal),
            kept(effect, problem.at_some(tuple(settled))),
            both(kept(effect, problem.at(descent.location)), lowered(descent.rank, effect)),
        ]
    )
    return for_some_arguments(problem.machine, action, split(both(guard(problem.machine, action), closer)))


# --- leads to ----------------------------------------------------------------------------------------------------


def possible_claim(problem: Problem, fair: Collection[str]) -> Expr:
    """The claim that some fair action can happen."""
    machine = problem.machine
    return disjunction(
        for_some_arguments(machine, action, guard(machine, action)) for action in problem.moving if action.name in fair
    )


def possible_batch(problem: Problem, waiting: Waiting, wait: Wait) -> Batch[Subject]:
    """The condition that some fair action can happen as long as the wait goes on."""
    known = tuple(parameter_claims(problem.machine, wait.parameters))
    goal: tuple[Subject, Expr] = (WaitPossible(waiting), split(possible_claim(problem, wait.fair)))
    return state_batch(problem, [goal], wait.parameters, (*known, wait.waiting))


def progress_batches(
    problem: Problem, waits: Mapping[Waiting, tuple[Wait, Rank]]
) -> Iterator[tuple[str, Batch[Subject]]]:
    """The conditions that each step ends each wait, or goes on with it: at a lower rank if it is fair."""
    ranked = [_ranked(problem.machine, waiting, wait, _rank_apart(rank)) for waiting, (wait, rank) in waits.items()]
    for action in problem.moving if waits else ():
        yield f"ends {action.name}", _progress_batch(problem, action, ranked)


@record
class _Ranked:
    """A wait with the rank that fair steps lower, and what is the same for each step: that it goes on, and totals."""

    waiting: Waiting
    wait: Wait
    rank: Rank
    goes_on: Expr
    totals: tuple[Total, ...]


def _ranked(machine: Machine, waiting: Waiting, wait: Wait, rank: Rank) -> _Ranked:
    goes_on = conjunction([*parameter_claims(machine, wait.parameters), wait.waiting])
    return _Ranked(waiting, wait, rank, split(goes_on), totals_in(rank))


def _progress_batch(problem: Problem, action: Action, waits: Iterable[_Ranked]) -> Batch[Subject]:
    effect = problem.effects[action.name]
    goals: list[tuple[Subject, Expr]] = []
    parameters = list(action.parameters)
    comparable: list[tuple[Total, Total]] = []
    for ranked in waits:
        wait, fair = ranked.wait, action.name in ranked.wait.fair
        moved = lowered(ranked.rank, effect) if fair else not_raised(ranked.rank, effect)
        ended = either(kept(effect, wait.reached), both(kept(effect, wait.waiting), moved))
        about = WaitProgress(ranked.waiting, action.name, fair)
        goals.append((about, Binary(Op.IMPLIES, ranked.goes_on, ended)))
        parameters.extend(wait.parameters)
        comparable.extend(compared_totals(effect, ranked.totals))
    batch = state_batch(problem, goals, tuple(dict.fromkeys(parameters)), [guard(problem.machine, action)])
    return replace(batch, comparable=distinct(comparable))
