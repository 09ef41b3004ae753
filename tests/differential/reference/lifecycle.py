"""A spec that was executed: what it declares, as plain records, and how one step of it is taken."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import Enum
from itertools import count, product
from operator import itemgetter
from typing import Any, NamedTuple

from tests.differential.reference.words import (
    NUMBER,
    Asked,
    Members,
    NotNow,
    Stage,
)


class Truth(NamedTuple):
    """True or False."""


class Whole(NamedTuple):
    """Integers, within bounds that are included."""

    low: int | None
    high: int | None


class Choice(NamedTuple):
    """The members of an enum."""

    values: tuple[Enum, ...]


class One(NamedTuple):
    """A member of a family; a `new` one was never used."""

    family: str
    new: bool


Domain = Truth | Whole | Choice | One
Value = bool | int | Enum
Given = Mapping[str, Value]


class State(NamedTuple):
    """The values of all variables, in the order of the declarations, and of all fields of all members."""

    scalars: tuple[Value, ...]
    families: tuple[tuple[tuple[Value, ...], ...], ...]


@dataclass(frozen=True, slots=True)
class Variable:
    """A variable of the machine, a field of its members, or what is counted below, and where it is declared."""

    name: str
    domain: Domain
    initial: Value
    persistent: bool
    line: int


@dataclass(frozen=True, slots=True)
class Parameter:
    """What an action or a promise is given; an answer is chosen by whoever is called."""

    name: str
    domain: Domain
    answer: bool


@dataclass(frozen=True, slots=True)
class Action:
    """A step, a refusal or a wait.

    An outcome of an activity `ends` it, perhaps as `failing`. A call may wait `until` one of some actions answers it.
    """

    name: str
    word: str
    calls: tuple[str, ...]
    fails: str | None
    waits: bool
    fair: frozenset[str]
    satisfies: frozenset[str]
    parameters: tuple[Parameter, ...]
    run: Callable[..., None]
    line: int
    ends: str | None = None
    failing: bool = False
    until: frozenset[str] = frozenset()

    @property
    def moves(self) -> bool:
        """Whether it may change anything."""
        return self.fails is None and not self.waits


@dataclass(frozen=True, slots=True)
class Promise:
    """A promise; `concerns` are the actions, and `calls` the calls, that it names."""

    name: str
    word: str
    concerns: frozenset[str]
    calls: tuple[str, ...]
    fails: str | None
    holds: bool
    assuming: bool
    satisfies: frozenset[str]
    parameters: tuple[Parameter, ...]
    run: Callable[..., Any]
    line: int


class Took(NamedTuple):
    """What came of a step that could happen as far as its guards go."""

    state: State
    distrusted: bool
    illegal: bool
    asked: tuple[Asked, ...]
    branches: frozenset[tuple[int, bool]]


class Fields(NamedTuple):
    """A family: its name, its class, and what its members have, with the names of that."""

    name: str
    cls: type
    fields: tuple[Variable, ...]
    names: tuple[str, ...]

    def member(self, values: tuple[Value, ...], number: int) -> Any:
        """A member as an object."""
        member: Any = object.__new__(self.cls)
        member.__dict__.update(zip(self.names, values, strict=True))
        member.__dict__[NUMBER] = number
        return member


@dataclass
class Lifecycle:
    """One machine under one choice of policies.

    The `beginnings` are outcomes of activities as methods that ask nothing of what the work returns. Promises call
    `due`, which is about the state `spoken_of`.
    """

    cls: Any
    line: int
    policies: dict[str, Enum]
    requirements: dict[str, int]
    variables: tuple[Variable, ...] = ()
    families: tuple[Fields, ...] = ()
    layers: dict[str, "Lifecycle"] = field(default_factory=dict)
    layer_lines: dict[str, int] = field(default_factory=dict)
    offers: "Lifecycle | None" = None
    actions: tuple[Action, ...] = ()
    promises: tuple[Promise, ...] = ()
    stage: Stage = field(default_factory=Stage)
    beginnings: dict[str, Callable[..., None]] = field(default_factory=dict)
    spoken_of: State | None = None

    def start(self, sizes: tuple[int, ...]) -> State:
        """The first state, with so many members in each family."""
        scalars = [variable.initial for variable in self.variables]
        scalars += [variable.initial for layer in self.layers.values() for variable in layer.variables]
        families = (
            (tuple(declared.initial for declared in family.fields),) * size
            for family, size in zip(self.families, sizes, strict=True)
        )
        return State(tuple(scalars), tuple(families))

    @property
    def scalars(self) -> tuple[tuple[str, Variable], ...]:
        """All that is kept besides members, as reports name it: what is counted below, by the layer's name, too."""
        own = [(variable.name, variable) for variable in self.variables]
        below = [
            (f"{name}_{v.name}", replace(v, line=self.layer_lines[name]))
            for name, layer in self.layers.items()
            for v in layer.variables
        ]
        return (*own, *below)

    def alive(self, state: State) -> Any:
        """The state as the object that the spec's own methods speak of as `self`."""
        machine = object.__new__(self.cls)
        values = iter(state.scalars)
        for variable in self.variables:
            machine.__dict__[variable.name] = next(values)
        for name, layer in self.layers.items():
            machine.__dict__[name] = Below(self, name, layer, {v.name: next(values) for v in layer.variables})
        for family, members in zip(self.families, state.families, strict=True):
            machine.__dict__[family.name] = Members(map(family.member, members, count()))
        return machine

    def seen(self, machine: Any) -> State:
        """The state that an object is in."""
        kept = machine.__dict__
        scalars = [kept[variable.name] for variable in self.variables]
        scalars += [kept[name].counted[v.name] for name, layer in self.layers.items() for v in layer.variables]
        families = []
        for family in self.families:
            read = itemgetter(*family.names) if len(family.names) > 1 else _only(family.names)
            families.append(tuple(read(member.__dict__) for member in list.__iter__(kept[family.name])))
        return State(tuple(scalars), tuple(families))

    def given(self, machine: Any, parameters: tuple[Parameter, ...], given: Given) -> dict[str, Any]:
        """The arguments as the spec's methods take them: members as objects."""
        found: dict[str, Any] = {}
        for parameter in parameters:
            value = given[parameter.name]
            of_family = isinstance(parameter.domain, One)
            found[parameter.name] = list(machine.__dict__[parameter.domain.family])[value] if of_family else value  # type: ignore[union-attr,index]
        return found

    def take(self, state: State, action: Action, given: Given) -> Took | None:
        """Run the body of an action; None where a guard does not hold."""
        machine = self.alive(state)
        self.stage = Stage()
        try:
            action.run(machine, **self.given(machine, action.parameters, given))
        except NotNow:
            return None
        noted = self.stage
        return Took(self.seen(machine), noted.distrusted, noted.illegal, tuple(noted.asked), frozenset(noted.branches))

    def says(self, promise: Promise, state: State, given: Given | None = None, before: State | None = None) -> Any:
        """What a promise's method returns about a state, or about a step that led to it."""
        machine, self.spoken_of = self.alive(state), state
        more = self.given(machine, promise.parameters, given or {})
        if before is None or not takes_old(promise):
            return promise.run(machine, **more)
        if promise.run.__code__.co_posonlyargcount:  # so that it may be given a member that is called `old`, too
            return promise.run(machine, self.alive(before), **more)
        return promise.run(machine, old=self.alive(before), **more)

    def action(self, name: str) -> Action:
        """The action of a name."""
        return next(action for action in self.actions if action.name == name)

    def promise(self, name: str) -> Promise:
        """The promise of a name."""
        return next(promise for promise in self.promises if promise.name == name)

    @property
    def activities(self) -> dict[str, list[Action]]:
        """The outcomes of each activity."""
        found: dict[str, list[Action]] = {}
        for action in self.actions:
            if action.ends is not None:
                found.setdefault(action.ends, []).append(action)
        return found

    def member_of_activity(self, name: str) -> Parameter | None:
        """The member that each outcome of an activity is given, if it belongs to members."""
        given = (p for action in self.activities[name] for p in action.parameters)
        return next((p for p in given if isinstance(p.domain, One)), None)

    def due(self, name: str, state: State) -> set[int | None]:
        """The members of which an activity is due; None stands for one that belongs to no member."""
        parameter = self.member_of_activity(name)
        numbers: Iterable[int | None] = (None,)
        if parameter is not None and isinstance(parameter.domain, One):
            place = [family.name for family in self.families].index(parameter.domain.family)
            numbers = range(len(state.families[place]))
        outcomes = self.activities[name]
        return {number for number in numbers if any(self._begins(action, state, number) for action in outcomes)}

    def is_due(self, name: str, member: Any = None) -> bool:
        """The same as a promise asks it, in the state that it speaks of."""
        assert self.spoken_of is not None
        return (None if member is None else member.__dict__[NUMBER]) in self.due(name, self.spoken_of)

    def _begins(self, action: Action, state: State, member: int | None) -> bool:
        """Whether the guard of an outcome holds but for what the work returns, which a layer below may have chosen."""
        answers = [p for p in action.parameters if p.answer]
        own: dict[str, Any] = {p.name: member for p in action.parameters if isinstance(p.domain, One)}
        for chosen in product(*(_some_values(p.domain) for p in answers)) if self.layers else [None]:
            machine = self.alive(state)
            given = dict(own) | {p.name: chosen[n] if chosen else None for n, p in enumerate(answers)}
            members = self.given(machine, tuple(p for p in action.parameters if not p.answer), given)
            self.stage = Stage()
            try:
                self.beginnings[action.name](machine, **{**given, **members})
            except NotNow:
                continue
            return True
        return False

    @property
    def calls(self) -> dict[str, list[Action]]:
        """The outcomes of each call."""
        found: dict[str, list[Action]] = {}
        for action in self.actions:
            for call in action.calls:
                found.setdefault(call, []).append(action)
        return found


def _some_values(domain: Domain) -> tuple[Value, ...]:
    match domain:
        case Truth():
            return (True, False)
        case Choice(values):
            return values
        case Whole(low, high):
            least = low if low is not None else min(0, high or 0)
            return tuple(range(least, (least + 3 if high is None else high) + 1))
        case One():
            return ()


def takes_old(promise: Promise) -> bool:
    """Whether the method of a promise wants the state before the step."""
    code = promise.run.__code__
    return "old" in code.co_varnames[: code.co_argcount]


def _only(names: tuple[str, ...]) -> Callable[[Mapping[str, Value]], tuple[Value, ...]]:
    return lambda kept: tuple(kept[name] for name in names)


class Below:
    """The layer below, as the machine's methods see it: what is counted there, and the outcomes of its calls."""

    def __init__(self, above: Lifecycle, name: str, layer: Lifecycle, counted: dict[str, Value]) -> None:
        self.above, self.layer_name, self.layer, self.counted = above, name, layer, counted

    def __getattr__(self, name: str) -> Any:
        if name in self.counted:
            return self.counted[name]
        outcome = self.layer.action(name)

        def happens(*values: Any, **named: Any) -> None:
            given = {**dict(zip((p.name for p in outcome.parameters), values, strict=False)), **named}
            stage = self.above.stage
            stage.asked.append(Asked(self.layer_name, name, tuple(sorted(given.items()))))
            stage.illegal |= not all(fits(given[p.name], p.domain) for p in outcome.parameters if not p.answer)
            took = self.layer.take(State(tuple(self.counted.values()), ()), outcome, given)
            if took is None:
                raise NotNow
            stage.illegal |= took.distrusted
            self.counted = dict(zip(self.counted, took.state.scalars, strict=True))

        return happens


def fits(value: Value, domain: Domain) -> bool:
    """Whether a value that is no member belongs to a domain."""
    match domain:
        case Truth():
            return isinstance(value, bool)
        case Whole(low, high):
            number = isinstance(value, int) and not isinstance(value, bool)
            return number and (low is None or low <= value) and (high is None or value <= high)  # type: ignore[operator]
        case Choice(values):
            return value in values
        case One():
            return False
