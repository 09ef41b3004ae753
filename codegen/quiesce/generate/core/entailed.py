"""Knowledge of a core: the facts that hold at the place of a statement, so that no condition repeats them.

Understood are claims about one thing and a constant (`self.phase == Phase.RUNNING`, `agreed > 0`, `not buffer`), and
whole guards that were false before. Everything else is simply not known, which is always sound.
"""

from collections.abc import Iterable, Mapping
from dataclasses import field
from typing import TypeAlias

from quiesce.spec.interpreter import Scope, evaluate
from quiesce.spec.model import (
    Binary,
    BoolType,
    EnumType,
    Expr,
    Field,
    IntType,
    Literal,
    Not,
    Op,
    Parameter,
    ScalarType,
    Value,
    Variable,
)
from quiesce.spec.record import record
from quiesce.spec.state import State

Place: TypeAlias = Variable | Parameter | Field
"""A variable, field or argument that holds a value."""


@record
class Between:
    """The integers from `low` to `high`, both included; None is unbounded."""

    low: int | None
    high: int | None

    def __le__(self, other: "Between") -> bool:
        above = other.low is None or (self.low is not None and self.low >= other.low)
        return above and (other.high is None or (self.high is not None and self.high <= other.high))

    def __and__(self, other: "Between") -> "Between":
        lows = [low for low in (self.low, other.low) if low is not None]
        highs = [high for high in (self.high, other.high) if high is not None]
        return Between(max(lows, default=None), min(highs, default=None))


Values: TypeAlias = Between | frozenset[Value]


@record
class Has:
    """`place` has one of `values`."""

    place: Place
    values: Values


Meaning: TypeAlias = Has | tuple[str, frozenset["Meaning"]] | Expr
"""A claim about one place, a conjunction or disjunction of meanings, or an expression that is not understood."""

_TRUE: Meaning = ("and", frozenset())
_FALSE: Meaning = ("or", frozenset())


@record
class Known:
    """The values that places may still have, and other conditions known to hold."""

    values: Mapping[Place, Values] = field(default_factory=dict)
    conditions: frozenset[Meaning] = frozenset()

    def implies(self, condition: Expr) -> bool:
        """Whether `condition` is known to hold. False says nothing."""
        return self._is_known(_meaning(condition, holds=True))

    def excludes(self, condition: Expr) -> bool:
        """Whether `condition` is known not to hold. False says nothing."""
        return self._is_known(_meaning(condition, holds=False))

    def needed(self, conjuncts: Iterable[Expr]) -> tuple[Expr, ...]:
        """The conjuncts that are not known to hold anyway."""
        return tuple(conjunct for conjunct in conjuncts if not self.implies(conjunct))

    def with_all(self, conjuncts: Iterable[Expr]) -> "Known":
        """The knowledge where all of these expressions hold too."""
        known = self
        for conjunct in conjuncts:
            known = known._and(_meaning(conjunct, holds=True))
        return known

    def without(self, conjuncts: tuple[Expr, ...]) -> "Known":
        """The knowledge where not all of these expressions hold."""
        if len(conjuncts) == 1:
            return self._and(_meaning(conjuncts[0], holds=False))
        return self._and(("or", frozenset(_meaning(conjunct, holds=False) for conjunct in conjuncts)))

    def _and(self, meaning: Meaning) -> "Known":
        match meaning:
            case Has(place, values):
                return Known({**self.values, place: _both(self._values(place), values)}, self.conditions)
            case ("and", parts):
                known = self
                for part in parts:
                    known = known._and(part)
                return known
            case _:
                return Known(self.values, self.conditions | {meaning})

    def _values(self, place: Place) -> Values:
        return self.values.get(place, _all_values(place.type))

    def _is_known(self, meaning: Meaning) -> bool:
        if meaning == _TRUE or meaning in self.conditions:
            return True
        if not isinstance(meaning, Has):
            return False
        match self._values(meaning.place), meaning.values:
            case Between() as possible, Between() as wanted:
                return possible <= wanted
            case frozenset() as possible, frozenset() as wanted:
                return possible <= wanted
            case _:
                return False


def _all_values(type_: ScalarType) -> Values:
    match type_:
        case BoolType():
            return frozenset({True, False})
        case EnumType(_, names):
            return frozenset(names)
        case IntType(low, high):
            return Between(low, high)


def _both(left: Values, right: Values) -> Values:
    if isinstance(left, Between):
        return left & right if isinstance(right, Between) else left
    return left & right if isinstance(right, frozenset) else left


def _meaning(expr: Expr, *, holds: bool) -> Meaning:
    """The knowledge that follows where `expr` holds, or where it fails."""
    match expr:
        case Not(arg):
            return _meaning(arg, holds=not holds)
        case Literal() | Binary(_, Literal(), Literal()):
            return _TRUE if bool(evaluate(expr, Scope(State({}, {})))) is holds else _FALSE
        case Binary(Op.AND | Op.OR as op, left, right):
            parts = frozenset({_meaning(left, holds=holds), _meaning(right, holds=holds)})
            return ("and" if (op is Op.AND) is holds else "or", _merged(parts, op, holds))
        case Binary(op, (Variable() | Parameter() | Field()) as place, Literal(value)) if op in _NEGATED:
            return _comparison(expr, place, op, value, holds)
        case Binary(op, Literal(value), (Variable() | Parameter() | Field()) as place) if op in _MIRRORED:
            return _comparison(expr, place, _MIRRORED[op], value, holds)
        case Variable(_, BoolType()) | Parameter(_, BoolType()) | Field(type=BoolType()):
            return Has(expr, frozenset({holds}))
        case _:
            return expr if holds else Not(expr)


def _merged(parts: frozenset[Meaning], op: Op, holds: bool) -> frozenset[Meaning]:
    """Nested conjunctions (or disjunctions) as one."""
    word = "and" if (op is Op.AND) is holds else "or"
    flat: set[Meaning] = set()
    for part in parts:
        if isinstance(part, tuple) and part[0] == word:
            flat |= part[1]
        else:
            flat.add(part)
    return frozenset(flat)


_MIRRORED = {Op.LT: Op.GT, Op.LE: Op.GE, Op.GT: Op.LT, Op.GE: Op.LE, Op.EQ: Op.EQ, Op.NE: Op.NE}
_NEGATED = {Op.LT: Op.GE, Op.LE: Op.GT, Op.GT: Op.LE, Op.GE: Op.LT, Op.EQ: Op.NE, Op.NE: Op.EQ}


def _comparison(expr: Expr, place: Place, op: Op, value: Value, holds: bool) -> Meaning:
    op = op if holds else _NEGATED[op]
    everything = _all_values(place.type)
    if isinstance(everything, frozenset):
        return Has(place, frozenset({value}) if op is Op.EQ else everything - {value})
    number = int(value)
    match op:
        case Op.LT:
            range_ = Between(None, number - 1)
        case Op.LE:
            range_ = Between(None, number)
        case Op.GT:
            range_ = Between(number + 1, None)
        case Op.GE:
            range_ = Between(number, None)
        case Op.EQ:
            range_ = Between(number, number)
        case _ if number == everything.low:
            range_ = Between(number + 1, None)
        case _ if number == everything.high:
            range_ = Between(None, number - 1)
        case _:
            return expr if holds else Not(expr)
    return Has(place, range_ & everything)
