"""A search on the interpreter that always goes on from the state that seems closest to what is looked for.

How close a state is, tells a distance: how many parts of a claim are not as they should be, and for integers by how
much (best-first search; the distance is that of Korel, "Automated software test data generation", IEEE TSE 1990, on a
whole claim). Where one of several claims is enough, each has a queue of its own, and they take turns (Röger and
Helmert, "The more, the merrier", ICAPS 2010). So long runs are found at little cost, but not always, and shorter ones
are missed.
"""

from collections.abc import Hashable, Iterator
from heapq import heappop, heappush
from itertools import cycle, islice

from quiesce.kernel.problem import Problem
from quiesce.prove.search.search_outcomes import Found
from quiesce.prove.search.targets import Target
from quiesce.spec.arguments import Enumerator, argument_scopes
from quiesce.spec.interpreter import Scope, evaluate, holds, initial_states, step
from quiesce.spec.model import TRUE, Binary, Expr, Not, Op, ParameterDecl, Quantified, Quantifier
from quiesce.spec.record import record
from quiesce.spec.rewrite import conjunction
from quiesce.spec.rewrite import walk as parts_of
from quiesce.spec.state import Arguments, Move, Run, State

WAYS = 8
"""How many claims of which one is enough are told apart, at most."""

MEMBERS = 2
"""Members of each family: fewer have fewer steps to choose from."""


@record
class _Met:
    """A state that was met, and the step that led to it; a start has none."""

    state: State
    before: int | None
    action: str
    arguments: Arguments


@record
class Directed:
    """The first run that was met, if any was, and how many states were met."""

    found: Found | None
    met: int


def directed(problem: Problem, target: Target, most: int, patience: int) -> Directed:
    """A run that reaches the target.

    At most `most` states are met. It is given up earlier when none of `patience` states that were gone on from, one
    after the other, was closer than all before.
    """
    search = _Directed(problem, target)
    found = search.found(most, patience) if most > 0 else None
    return Directed(found, search.met)


class _Directed:
    def __init__(self, problem: Problem, target: Target) -> None:
        self._machine = problem.machine
        self._target = target
        self._enumerator = Enumerator(problem.machine)
        last = (problem.machine.actions_by_name[name] for name in target.actions or ())
        self._last = [(action.parameters, conjunction(action.guard)) for action in last]
        plain = not target.given and not any(getattr(part, "old", False) for part in parts_of(target.claim))
        self.met = 0
        self._ways = list(islice(_ways_to_make_claim(target.claim, wanted=True), WAYS)) if plain else [(TRUE, True)]

    def found(self, most: int, patience: int) -> Found | None:
        """The first run that is met."""
        met = [_Met(state, None, "", {}) for state in initial_states(self._machine, MEMBERS)]
        known: set[Hashable] = {item.state.key() for item in met}
        queues: list[list[tuple[int, int]]] = [[] for _ in self._ways]
        for number, item in enumerate(met):
            if self._target.actions is None and (arguments := self._reached(item.state, None, {})) is not None:
                return Found(Run(item.state), arguments)
            self._push(queues, item.state, number)
        done: set[int] = set()
        closest = [queue[0][0] + 1 if queue else 0 for queue in queues]
        stale = 0
        for which, queue in cycle(enumerate(queues)):
            self.met = len(met)
            if len(met) >= most or stale > patience or not any(queues):
                break
            if not queue:
                continue
            far, number = heappop(queue)
            stale = 0 if far < closest[which] else stale + 1
            closest[which] = min(far, closest[which])
            if number in done:
                continue
            done.add(number)
            before = met[number].state
            for action, arguments in self._enumerator.enabled(before):
                after = step(self._machine, before, action, arguments)
                if self._target.actions is None or action.name in self._target.actions:
                    end = self._reached(after, before, arguments)
                    if end is not None:
                        return Found(self._run([*met, _Met(after, number, action.name, arguments)]), end)
                if (key := after.key()) not in known:
                    known.add(key)
                    met.append(_Met(after, number, action.name, arguments))
                    self._push(queues, after, len(met) - 1)
        return None

    def _reached(self, state: State, before: State | None, last: Arguments) -> Arguments | None:
        """The arguments for which the state is what the target asks for, of those that are tried.

        What the `last` action was given counts only where the target speaks of it: others may have the same names.
        """
        target = self._target
        given = last if target.given else {}
        parameters = (*target.parameters, *target.given)
        for scope in argument_scopes(self._machine, state, target.parameters):
            chosen = {**scope.parameters, **scope.members}
            if holds(target.claim, state, before, parameters, {**chosen, **given}):
                return chosen
        return None

    def _push(self, queues: list[list[tuple[int, int]]], state: State, number: int) -> None:
        """Put a state into each queue, where the distance says."""
        scopes = list(argument_scopes(self._machine, state, self._target.parameters))
        last = min((self._until(parameters, guard, state) for parameters, guard in self._last), default=0)
        for queue, (claim, wanted) in zip(queues, self._ways, strict=True):
            there = min((distance(claim, scope, wanted=wanted) for scope in scopes), default=0)
            heappush(queue, (there + last, number))

    def _until(self, parameters: tuple[ParameterDecl, ...], guard: Expr, state: State) -> int:
        scopes = argument_scopes(self._machine, state, parameters)
        return min((distance(guard, scope, wanted=True) for scope in scopes), default=1)

    @staticmethod
    def _run(met: list[_Met]) -> Run:
        moves: list[Move] = []
        item = met[-1]
        while item.before is not None:
            moves.append(Move(item.action, item.arguments, item.state))
            item = met[item.before]
        return Run(item.state, tuple(reversed(moves)))


def _ways_to_make_claim(claim: Expr, *, wanted: bool) -> Iterator[tuple[Expr, bool]]:
    """Claims with how they are wanted, of which one is enough for `claim` to be as it is wanted."""
    match claim:
        case Not(arg):
            yield from _ways_to_make_claim(arg, wanted=not wanted)
        case Binary(Op.IMPLIES, left, right) if wanted:
            yield from _ways_to_make_claim(left, wanted=False)
            yield from _ways_to_make_claim(right, wanted=True)
        case Binary(Op.AND | Op.OR as op, left, right) if wanted is (op is Op.OR):
            yield from _ways_to_make_claim(left, wanted=wanted)
            yield from _ways_to_make_claim(right, wanted=wanted)
        case _:
            yield claim, wanted


def distance(claim: Expr, scope: Scope, *, wanted: bool) -> int:
    """How far a claim is from being as it is `wanted`: 0 if it is so."""
    match claim:
        case Not(arg):
            return distance(arg, scope, wanted=not wanted)
        case Binary(Op.IMPLIES, left, right):
            return _joined_distances(
                [distance(left, scope, wanted=not wanted), distance(right, scope, wanted=wanted)], wanted
            )
        case Binary(Op.AND | Op.OR as op, left, right):
            parts = [distance(left, scope, wanted=wanted), distance(right, scope, wanted=wanted)]
            return _joined_distances(parts, wanted is (op is Op.OR))
        case Quantified(quantifier, bound, family, body):
            parts = [distance(body, inner, wanted=wanted) for inner in scope.each(bound, family)]
            return _joined_distances(parts, wanted is (quantifier is Quantifier.ANY))
        case _ if bool(evaluate(claim, scope)) is wanted:
            return 0
        case Binary(_, left, right):
            return 1 + _gap_between_values(left, right, scope)
        case _:
            return 1


def _joined_distances(parts: list[int], one_is_enough: bool) -> int:
    return (min(parts) if parts else 1) if one_is_enough else sum(parts)


def _gap_between_values(left: Expr, right: Expr, scope: Scope) -> int:
    values = evaluate(left, scope), evaluate(right, scope)
    numbers = [value for value in values if isinstance(value, int) and not isinstance(value, bool)]
    return abs(numbers[0] - numbers[1]) if len(numbers) == 2 else 0
