"""The states on the way through an action, each variable and field under a name of its own for every value it takes."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from quiesce.spec.effects import ANY_MEMBER, FieldName
from quiesce.spec.meaning import symbols
from quiesce.spec.meaning.smtlib import Body, Frame, encode, sort
from quiesce.spec.meaning.totals import UnsupportedTotal
from quiesce.spec.meaning.unbounded import quantified
from quiesce.spec.model import Expr, Field, Machine, Parameter, Quantified, Quantifier, Same, ScalarType, Total
from quiesce.spec.record import record
from quiesce.spec.rewrite import walk

MEMBER = "at.any"
"""The member that a fact about all members of a family speaks of."""


@record
class NamedTotal:
    """A total of one state: a constant, and the text of its term for the member that a text denotes."""

    name: str
    family: str
    term: Body


@dataclass(frozen=True, slots=True)
class Totals:
    """The totals that were met, by the text of their terms: two with the same text are one."""

    met: dict[tuple[str, str], NamedTotal] = field(default_factory=dict)

    def name(self, total: Total, term: Body) -> NamedTotal:
        """The constant for a total.

        Raises:
            UnsupportedTotal: its term depends on more than states and its own member.
        """
        if not all(_is_closed_part(part) for part in walk(total.term)):
            raise UnsupportedTotal("the term of a sum or count may read only its own member and plain variables")
        key = (total.family, term(MEMBER))
        return self.met.setdefault(key, NamedTotal(symbols.total(len(self.met)), total.family, term))


def _is_closed_part(part: Expr) -> bool:
    match part:
        case Field(member):
            return member == ANY_MEMBER
        case Parameter() | Quantified() | Total() | Same():
            return False
        case _:
            return True


@dataclass(frozen=True, slots=True)
class Moment:
    """A state on the way through an action: how many values each variable and field has taken so far."""

    totals: Totals
    copies: Mapping[str | FieldName, int] = field(default_factory=dict)

    def variable(self, name: str) -> str:
        """A constant for each value that the variable takes."""
        return f"{symbols.variable(name)}{self._copy(name)}"

    def field(self, family: str, name: str, member: str) -> str:
        """A function of the member, one for each value that the field takes."""
        return f"({self.function(family, name)} {member})"

    def function(self, family: str, name: str) -> str:
        """The function that stands for a field."""
        return f"{symbols.field(family, name)}{self._copy((family, name))}"

    def _copy(self, place: str | FieldName) -> str:
        number = self.copies.get(place, 0)
        return f"@{number}" if number else ""

    def quantified(self, quantifier: Quantifier, bound: str, family: str, body: Body) -> str:
        """A quantifier of the logic, about a family that may be empty."""
        member = symbols.bound_member(bound)
        return quantified(quantifier, member, family, body(member))

    def total(self, total: Total, body: Body) -> str:
        """A constant."""
        return self.totals.name(total, body).name

    def after(self, place: str | FieldName) -> "Moment":
        """The moment at which the variable or field has taken one value more."""
        return Moment(self.totals, {**self.copies, place: self.copies.get(place, 0) + 1})


def declaration(moment: Moment, machine: Machine, place: str | FieldName) -> str:
    """The declaration of the value that a variable or field has at a moment."""
    type_ = type_of(machine, place)
    if isinstance(place, str):
        return f"(declare-const {moment.variable(place)} {sort(type_)})"
    family, name = place
    return f"(declare-fun {moment.function(family, name)} ({symbols.member_sort(family)}) {sort(type_)})"


def type_of(machine: Machine, place: str | FieldName) -> ScalarType:
    """The type of a variable or field."""
    if isinstance(place, str):
        return next(variable.type for variable in machine.variables if variable.name == place)
    family, name = place
    return next(declared.type for declared in machine.families_by_name[family].fields if declared.name == name)


# --- what is known of totals -------------------------------------------------------------------------------------


@record
class Passage:
    """Two moments next to each other; `point` is the one member that may differ, as family and text, if it is one."""

    before: Moment
    now: Moment
    point: tuple[str, str] | None = None


def total_facts(
    totals: Totals,
    spoken_of: tuple[Total, ...],
    passages: tuple[Passage, ...] = (),
    named: tuple[tuple[str, str], ...] = (),
    sums: tuple[tuple[NamedTotal, ...], ...] = (),
) -> tuple[str, ...]:
    """Facts about totals over finitely many members that hold whatever the functions and constants are.

    *Change.* If terms differ at one member only, the totals differ by as much. *Sign*, *comparison* and *addition* are
    as in `totals`, but here the solver is left to find out where the term is nowhere negative. `named` are members that
    go by a name, each with its family. In each of `sums` a total comes before those that may make it up.
    """
    changes = [fact for total in spoken_of for passage in passages for fact in _changes_of_total(total, passage)]
    signs = [fact for total in tuple(totals.met.values()) for fact in _signs_of_total(total, named)]
    return tuple(dict.fromkeys((*signs, *changes, *(_total_adds_up(whole, parts) for whole, *parts in sums))))


def named_at(total: Total, moment: Moment) -> NamedTotal:
    """The constant for a total, which was split, in the state of a moment.

    Raises:
        UnsupportedTotal: its term depends on more than the state and its own member.
    """
    return moment.totals.name(total, lambda member: encode(total.term, Frame(moment, members={ANY_MEMBER: member})))


def _total_adds_up(whole: NamedTotal, parts: Sequence[NamedTotal]) -> str:
    """The fact that a total is the sum of others, if its term is the sum of theirs at every member."""
    terms, names = (" ".join(texts) for texts in ([part.term(MEMBER) for part in parts], [part.name for part in parts]))
    everywhere = _for_each_member(whole.family, f"(= {whole.term(MEMBER)} (+ 0 {terms}))")
    return f"(=> {everywhere} (= {whole.name} (+ 0 {names})))"


def _changes_of_total(total: Total, passage: Passage) -> Iterator[str]:
    before, now = (named_at(total, moment) for moment in (passage.before, passage.now))
    if before.name == now.name:
        return
    if passage.point is not None and passage.point[0] == total.family:
        member = passage.point[1]
        same_elsewhere = _for_each_member(
            total.family, f"(=> (not (= {MEMBER} {member})) (= {before.term(MEMBER)} {now.term(MEMBER)}))"
        )
        yield f"(=> {same_elsewhere} (= {now.name} (+ {before.name} (- {now.term(member)} {before.term(member)}))))"
        return
    for low, high in ((before, now), (now, before)):
        below = _for_each_member(total.family, f"(<= {low.term(MEMBER)} {high.term(MEMBER)})")
        somewhere = _for_some_member(total.family, f"(< {low.term(MEMBER)} {high.term(MEMBER)})")
        yield f"(=> {below} (<= {low.name} {high.name}))"
        yield f"(=> (and {below} {somewhere}) (< {low.name} {high.name}))"


def _signs_of_total(total: NamedTotal, named: tuple[tuple[str, str], ...]) -> Iterator[str]:
    term = total.term(MEMBER)
    never_negative = _for_each_member(total.family, f"(>= {term} 0)")
    yield f"(=> {never_negative} (>= {total.name} 0))"
    yield f"(=> {never_negative} {_for_each_member(total.family, f'(<= {term} {total.name})')})"
    yield f"(=> (and {never_negative} (> {total.name} 0)) {_for_some_member(total.family, f'(> {term} 0)')})"
    for member in (member for family, member in named if family == total.family):
        together = f"(or (= {MEMBER} {member}) (<= (+ {term} {total.term(member)}) {total.name}))"
        yield f"(=> {never_negative} {_for_each_member(total.family, together)})"


def _for_each_member(family: str, body: str) -> str:
    return quantified(Quantifier.ALL, MEMBER, family, body)


def _for_some_member(family: str, body: str) -> str:
    return quantified(Quantifier.ANY, MEMBER, family, body)


def passages(moments: tuple[Moment, ...], points: Mapping[int, tuple[str, str]]) -> tuple[Passage, ...]:
    """Each step from one of `moments` to the next; `points` are the members that single steps are about."""
    return tuple(Passage(before, now, points.get(number)) for number, (before, now) in enumerate(pairwise(moments)))


def places_of(machine: Machine) -> tuple[str | FieldName, ...]:
    """Every variable, and every field with its family."""
    fields = ((family.name, declared.name) for family in machine.families for declared in family.fields)
    return (*(variable.name for variable in machine.variables), *fields)
