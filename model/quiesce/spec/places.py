"""The places where a machine can be while a caller waits for an answer: values of variables, from the call on."""

from collections.abc import Iterable, Iterator, Mapping
from itertools import product
from math import prod
from typing import TypeAlias

from quiesce.spec.effects import effect_of
from quiesce.spec.interpreter import Scope, evaluate
from quiesce.spec.model import (
    INT,
    TRUE,
    Accepts,
    Action,
    Always,
    Binary,
    BoolType,
    EnumType,
    Expr,
    IfElse,
    Literal,
    Machine,
    Not,
    Op,
    Value,
    Variable,
)
from quiesce.spec.record import record
from quiesce.spec.rewrite import conjunction, conjuncts, disjunction, equal, walk
from quiesce.spec.state import State

MOST = 1000
"""Where there are so many places, fewer variables are looked at; at last none, and nothing shows who is answered."""

_Control: TypeAlias = Mapping[str, EnumType | BoolType]
"""The enum variables and truth values that places are made of."""

_Place: TypeAlias = tuple[Value, ...]
"""A value of each of these variables; of the first of them alone, while places are put together."""


CASES = 64
"""Where more conditions than these decide in which place a step ends, the variables are looked at one by one."""


class _TooMany(Exception):
    """There are more places than anybody wants to look at."""


def places_of_waiting(machine: Machine, action: Action) -> Expr:
    """The claim that the machine is in a place to which the call, or then another step, may have brought it.

    A place is made of the values of the enum variables and the truth values that the call writes, or that it or what
    answers it asks for. Where no step begins, by what is promised of every state, none leads on. What may have any
    value there, whatever the others have, is left out; where all is, the claim is true.
    """
    for control in _controls(machine, action):
        try:
            return _claim(control, tuple(_found(machine, action, control)))
        except _TooMany:
            pass
    return TRUE


def _controls(machine: Machine, action: Action) -> Iterator[_Control]:
    """The variables that places may be made of: all that can tell, and then fewer, for who has too many places."""
    types = {v.name: v.type for v in machine.variables if isinstance(v.type, EnumType | BoolType)}
    written = effect_of(machine, action).scalars
    asking = (action, *(machine.actions_by_name[name] for name in action.until))
    guards = (claim for each in asking for claim in each.when)
    read = {part.name for claim in guards for part in walk(claim) if isinstance(part, Variable)}
    yield {name: type_ for name, type_ in types.items() if name in written or name in read}
    yield {name: type_ for name, type_ in types.items() if name in written}
    yield {name: type_ for name, type_ in types.items() if name in written and isinstance(type_, EnumType)}


def _claim(control: _Control, found: tuple[_Place, ...]) -> Expr:
    """The claim that the variables have the values of one of these places, without a variable that tells nothing."""
    for number, type_ in enumerate(control.values()):
        rest = tuple(dict.fromkeys((*place[:number], *place[number + 1 :]) for place in found))
        if len(found) == len(rest) * len(_every(type_)):
            return _claim({name: t for n, (name, t) in enumerate(control.items()) if n != number}, rest)
    variables = [Variable(name, type_) for name, type_ in control.items()]
    return disjunction(conjunction(map(_has, variables, place)) for place in found)


def _has(variable: Variable, value: Value) -> Expr:
    if isinstance(variable.type, BoolType):
        return variable if value else Not(variable)
    return equal(variable, Literal(value, variable.type))


def _every(type_: EnumType | BoolType) -> tuple[Value, ...]:
    return type_.values if isinstance(type_, EnumType) else (False, True)


def _found(machine: Machine, action: Action, control: _Control) -> dict[_Place, None]:
    """The places, in the order in which they are found."""
    others = (o for o in machine.actions if isinstance(o.outcome, Accepts) and o.name not in action.until)
    steps = [_Step.of(machine, other, control) for other in others]
    call = _Step.of(machine, action, control)
    found = {after: None for before in call.begins() for after in call.ends(before)}
    pending = list(found)
    for place in pending:  # which grows
        for step in steps:
            new = dict.fromkeys(after for after in step.ends(place) if after not in found)
            found.update(new)
            pending += new
        if len(found) >= MOST:
            raise _TooMany
    return found


@record
class _Step:
    """An action as places tell of it: the claims that `hold` where it begins, and the `new` values."""

    hold: tuple[Expr, ...]
    new: tuple[Expr, ...]
    control: _Control

    @classmethod
    def of(cls, machine: Machine, action: Action, control: _Control) -> "_Step":
        """The step of an action, from any reachable state: what is promised of these holds there, and is proved."""
        promised = (p.claim.claim for p in machine.promises if p.holds and isinstance(p.claim, Always))
        known = (part for claim in promised for part in conjuncts(claim))
        told = (part for part in known if any(isinstance(p, Variable) and p.name in control for p in walk(part)))
        guard = (part for claim in action.when for part in conjuncts(claim))
        written = effect_of(machine, action).scalars
        values = (written.get(name, Variable(name, type_)) for name, type_ in control.items())
        return cls((*guard, *told), tuple(values), control)

    def begins(self) -> tuple[_Place, ...]:
        """The places where nothing in them rules out that it begins."""
        places: tuple[_Place, ...] = ((),)
        for type_ in self.control.values():
            longer = ((*place, value) for place in places for value in _every(type_))
            places = tuple(place for place in longer if not self._ruled_out(self._known(place)))
            if len(places) >= MOST:
                raise _TooMany
        return places

    def ends(self, place: _Place) -> Iterator[_Place]:
        """The places where it may end from this one: none if they alone tell that it cannot begin there."""
        known = self._known(place)
        if self._ruled_out(known):
            return
        cases: list[Mapping[int, bool]] = [{}]
        for case in cases:  # which grows
            reached = [known.chosen(value, case) for value in self.new]
            undecided = next((value for value in reached if isinstance(value, IfElse)), None)
            if undecided is None or len(cases) > CASES:
                yield from self._each(known, reached)
            else:  # what one condition decides of several variables goes together
                cases += [{**case, id(undecided.condition): holds} for holds in (True, False)]

    def _each(self, known: "_Known", values: Iterable[Expr]) -> Iterator[_Place]:
        """Every choice among the values that these may have, each by itself."""
        ways = [known.values(new) or _every(type_) for new, type_ in zip(values, self.control.values(), strict=True)]
        if prod(map(len, ways)) > MOST:
            raise _TooMany
        yield from product(*ways)

    def _known(self, place: _Place) -> "_Known":
        return _Known(dict(zip(self.control, place, strict=False)), {})

    def _ruled_out(self, known: "_Known") -> bool:
        return any(known.values(part) == (False,) for part in self.hold)


@record
class _Known:
    """The values that expressions may have in a place; `found` remembers them, as parts may be shared."""

    place: Mapping[str, Value]
    found: dict[int, tuple[Value, ...] | None]

    def chosen(self, expr: Expr, case: Mapping[int, bool]) -> Expr:
        """The branch of an expression that is taken, where conditions are as in this `case`, or as the place tells."""
        while isinstance(expr, IfElse):
            holds = self.values(expr.condition)
            known = case.get(id(expr.condition)) if holds is None or len(holds) > 1 else bool(holds[0])
            if known is None:
                return expr
            expr = expr.then if known else expr.otherwise
        return expr

    def values(self, expr: Expr) -> tuple[Value, ...] | None:
        """The values that an expression may have there; None where they may be any."""
        if id(expr) not in self.found:
            self.found[id(expr)] = self._values(expr)
        return self.found[id(expr)]

    def _values(self, expr: Expr) -> tuple[Value, ...] | None:
        match expr:
            case Literal(value):
                return (value,)
            case Variable(name) if name in self.place:
                return (self.place[name],)
            case Not(arg):
                return None if (values := self.values(arg)) is None else tuple(not value for value in values)
            case Binary(op, left, right):
                unknown = (False, True) if op in _OF_CLAIMS else None
                some, others = self.values(left) or unknown, self.values(right) or unknown
                if some is None or others is None:
                    return None
                return tuple(dict.fromkeys(_joined(op, *pair) for pair in product(some, others)))
            case IfElse(condition, then, otherwise):
                holds = self.values(condition) or (False, True)
                ways = [self.values(way) for way, taken in ((then, True), (otherwise, False)) if taken in holds]
                return None if None in ways else tuple(dict.fromkeys(v for way in ways if way for v in way))
            case _:
                return None


_OF_CLAIMS = frozenset({Op.AND, Op.OR, Op.IMPLIES})


def _joined(op: Op, left: Value, right: Value) -> Value:
    return evaluate(Binary(op, Literal(left, INT), Literal(right, INT)), _NOWHERE)


_NOWHERE = Scope(State({}, {}))
"""Constants have the same value in every state."""
