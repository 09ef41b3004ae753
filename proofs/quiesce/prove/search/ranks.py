"""Ranks: natural numbers, compared lexicographically, that fall on the way to a goal.

A rank is guessed from the steps of a walk and then proved by the solver. A wrong guess costs an answer, not soundness.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from graphlib import CycleError, TopologicalSorter
from itertools import chain, islice, permutations

from quiesce.kernel.hints import Rank
from quiesce.kernel.problem import Problem
from quiesce.kernel.subjects import Location
from quiesce.prove.search.walk import Step, Walk
from quiesce.spec.effects import ANY_MEMBER
from quiesce.spec.model import (
    INT,
    BoolType,
    EnumType,
    Expr,
    FamilyDecl,
    Field,
    IfElse,
    IntType,
    Literal,
    Quantified,
    Quantifier,
    Total,
    Value,
    Variable,
)
from quiesce.spec.record import record
from quiesce.spec.rewrite import equal
from quiesce.spec.state import State

LONGEST = 3
"""The longest rank of which every order of measures is tried."""

ONE, ZERO = Literal(1, INT), Literal(0, INT)


@record
class Measure:
    """A measure, which a rank may be made of: a natural variable, or a sum or a count over a family.

    Without a `family`, `name` is a variable; with one it is a field, summed up if `counted` is None, and otherwise
    counted where it has that value. With `none` the measure is 1 as long as all this is 0, and 0 from then on.
    """

    expr: Expr
    name: str
    family: str | None = None
    counted: Value | None = None
    none: bool = False

    def of(self, state: State) -> int:
        """The value of `expr` in a state; quicker than the interpreter, and only good for guessing."""
        amount = self._amount(state)
        return int(amount == 0) if self.none else amount

    def _amount(self, state: State) -> int:
        if self.family is None:
            return int(state.scalars[self.name])
        values = [member[self.name] for member in state.families[self.family]]
        return sum(map(int, values)) if self.counted is None else values.count(self.counted)


def measures(problem: Problem) -> tuple[Measure, ...]:
    """The measures that a rank may be made of."""
    naturals = (Measure(Variable(v.name, v.type), v.name) for v in problem.machine.variables if _is_natural(v.type))
    return (*naturals, *(measure for family in problem.machine.families for measure in _totals_as_measures(family)))


def _totals_as_measures(family: FamilyDecl) -> Iterator[Measure]:
    for declared in family.fields:
        place = Field(ANY_MEMBER, family.name, declared.name, declared.type)
        match declared.type:
            case IntType():
                if _is_natural(declared.type):
                    yield Measure(Total(ANY_MEMBER, family.name, place), declared.name, family.name)
            case EnumType() | BoolType():
                for value in _other_values_than_initial(declared.type, declared.initial):
                    is_value = place if value is True else equal(place, Literal(value, declared.type))
                    total = Total(ANY_MEMBER, family.name, IfElse(is_value, ONE, ZERO))
                    yield Measure(total, declared.name, family.name, value)


def beginnings(problem: Problem) -> tuple[Measure, ...]:
    """The measures that fall when the first of its kind comes: of each natural variable, and of each count."""
    machine = problem.machine
    naturals = [variable for variable in machine.variables if _is_natural(variable.type)]
    scalars = (Measure(IfElse(equal(Variable(v.name, v.type), ZERO), ONE, ZERO), v.name, none=True) for v in naturals)
    return (*scalars, *(measure for family in machine.families for measure in _nones_as_measures(family)))


def _nones_as_measures(family: FamilyDecl) -> Iterator[Measure]:
    for declared in family.fields:
        match declared.type:
            case EnumType() | BoolType():
                place = Field(ANY_MEMBER, family.name, declared.name, declared.type)
                for value in _other_values_than_initial(declared.type, declared.initial):
                    is_value = place if value is True else equal(place, Literal(value, declared.type))
                    some = Quantified(Quantifier.ANY, ANY_MEMBER, family.name, is_value)
                    yield Measure(IfElse(some, ZERO, ONE), declared.name, family.name, value, none=True)
            case IntType():
                pass


def _other_values_than_initial(type_: EnumType | BoolType, initial: Value) -> Iterator[Value]:
    values: tuple[Value, ...] = type_.values if isinstance(type_, EnumType) else (False, True)
    return (value for value in values if value != initial)


def _is_natural(type_: object) -> bool:
    return isinstance(type_, IntType) and type_.low is not None and type_.low >= 0


# --- guesses -----------------------------------------------------------------------------------------------------


@record
class Guess:
    """A rank, and the actions that are seen to lower it or to lead on."""

    rank: Rank
    helpful: frozenset[str]


class Guesser:
    """Guesses ranks that no step of a walk speaks against, shortest first."""

    def __init__(self, problem: Problem, walk: Walk) -> None:
        self.walk = walk
        self._problem = problem
        self._where: dict[Expr, tuple[bool, ...]] = {}
        self._measures = len(measures(problem))
        self._candidates = (*measures(problem), *beginnings(problem))
        self._values: dict[int, tuple[int, ...]] = {}

    def where(self, claim: Expr) -> tuple[bool, ...]:
        """In which states of the walk a claim holds."""
        if claim not in self._where:
            self._where[claim] = self.walk.where(claim)
        return self._where[claim]

    def descents(self, reached: tuple[bool, ...], location: Location, settled: Collection[Location]) -> Iterator[Guess]:
        """Ranks that some step lowers from each state of `location` with no step to the goal or a settled location.

        `reached` tells of each state of the walk whether the goal holds there.
        """
        locations = self.walk.locations
        steps_from: dict[int, list[Step]] = {}
        for step in self.walk.steps:
            if locations[step.before] == location and not reached[step.before]:
                steps_from.setdefault(step.before, []).append(step)

        def leaves(step: Step) -> bool:
            return reached[step.after] or locations[step.after] in settled

        if not steps_from:
            # No state of this location was met: most likely the promises exclude it; else any action may help.
            yield Guess((), frozenset())
            yield Guess((), frozenset(action.name for action in self._problem.moving))
            return
        leaving = frozenset(step.action for steps in steps_from.values() for step in steps if leaves(step))
        stuck = [steps for steps in steps_from.values() if not any(leaves(step) for step in steps)]
        if not stuck:
            yield Guess((), leaving)
        # A walk has few members. With more of them, a step that reached the goal there may be one of many on the way.
        far = [steps for steps in steps_from.values() if not any(locations[step.after] in settled for step in steps)]
        near, farther = (self._falls(location, among, leaving) for among in (stuck, far))
        for guess in near:
            yield guess
            yield from islice(farther, 1 if len(far) > len(stuck) else 0)
        yield from farther if len(far) > len(stuck) else ()

    def _falls(self, location: Location, among: Iterable[list[Step]], leaving: frozenset[str]) -> Iterator[Guess]:
        """Ranks that in each list some step lowers without leaving the location, with all actions of such steps."""
        locations = self.walk.locations
        falls = [
            [(step.action, self._differences(step)) for step in steps if locations[step.after] == location]
            for steps in among
        ]
        changes = [difference for steps in falls for _, difference in steps]
        # A quick look first: whichever measures are chosen, one of them has to fall in some step of each list.
        able = {frozenset(n for _, change in steps for n, by in enumerate(change) if by < 0) for steps in falls}
        if frozenset() in able:
            return
        for chosen in chain(self._choices(changes), self._choices(changes, begun=True)):
            if any(fallen.isdisjoint(chosen) for fallen in able):
                continue
            if all(any(_sign_of_differences(difference, chosen) < 0 for _, difference in steps) for steps in falls):
                falling = {
                    action for steps in falls for action, change in steps if _sign_of_differences(change, chosen) < 0
                }
                yield Guess(tuple(self._candidates[number].expr for number in chosen), leaving | falling)

    def ends(self, inside: tuple[bool, ...], fair: Collection[str]) -> Iterator[Rank]:
        """Ranks that no step between states `inside` raises, and that each such step of a fair action lowers."""
        locations = self.walk.locations
        steps = [step for step in self.walk.steps if inside[step.before] and inside[step.after]]
        order = self._location_order((locations[step.before], locations[step.after]) for step in steps)
        falls = [
            (self._differences(step), step.action in fair)
            for step in steps
            if locations[step.before] == locations[step.after] and step.before != step.after
        ]
        for chosen in ((), *self._choices(difference for difference, _ in falls)):
            signs = [(_sign_of_differences(difference, chosen), is_fair) for difference, is_fair in falls]
            if all(sign < 0 or (sign == 0 and not is_fair) for sign, is_fair in signs):
                yield (*order, *(self._candidates[number].expr for number in chosen))
        longer = _one_after_another(falls, range(self._measures))
        if longer is not None and len(longer) > LONGEST:
            yield (*order, *(self._candidates[number].expr for number in longer))

    def _location_order(self, steps: Iterable[tuple[Location, Location]]) -> Rank:
        """A number for each location that falls with every step to another one; nothing if there is no such order."""
        graph: dict[Location, set[Location]] = {}
        for source, target in steps:
            graph.setdefault(source, set()).update({target} - {source})
        if not any(graph.values()):
            return ()
        try:
            order = list(TopologicalSorter(graph).static_order())
        except CycleError:
            return ()
        number: Expr = ZERO
        for position, location in enumerate(order):
            number = IfElse(self._problem.at(location), Literal(position, INT), number)
        return (number,)

    def _choices(self, differences: Iterable[tuple[int, ...]], *, begun: bool = False) -> Iterator[tuple[int, ...]]:
        """Measures, by number, that fall in some step; with `begun` only those with a beginning among them."""
        falling = {number for difference in differences for number, change in enumerate(difference) if change < 0}
        among = sorted(number for number in falling if begun or number < self._measures)
        for length in range(1, LONGEST + 1):
            for chosen in permutations(among, length):
                if not begun or any(number >= self._measures for number in chosen):
                    yield chosen

    def _differences(self, step: Step) -> tuple[int, ...]:
        pairs = zip(self._measured(step.before), self._measured(step.after), strict=True)
        return tuple(after - before for before, after in pairs)

    def _measured(self, number: int) -> tuple[int, ...]:
        if number not in self._values:
            state = self.walk.states[number]
            self._values[number] = tuple(measure.of(state) for measure in self._candidates)
        return self._values[number]


def _one_after_another(
    falls: Collection[tuple[tuple[int, ...], bool]], numbers: Sequence[int]
) -> tuple[int, ...] | None:
    """Measures of any number that each fair step lowers, compared lexicographically, and that no step raises.

    One after another, a measure is taken that no remaining step raises, and the steps that lower it are settled. If
    there are such measures, they are found so: one more of this kind never spoils what may come behind it.
    """
    chosen: list[int] = []
    left = list(falls)
    while any(is_fair for _, is_fair in left):
        number = next(
            (
                number
                for number in numbers
                if any(change[number] < 0 for change, _ in left) and all(change[number] <= 0 for change, _ in left)
            ),
            None,
        )
        if number is None:
            return None
        chosen.append(number)
        left = [(change, is_fair) for change, is_fair in left if change[number] == 0]
    return tuple(chosen)


def _sign_of_differences(difference: tuple[int, ...], chosen: tuple[int, ...]) -> int:
    """Whether the rank falls (below 0), stays or rises, compared lexicographically."""
    for number in chosen:
        if difference[number]:
            return difference[number]
    return 0
