"""The conditions of steps once more, in an encoding of their own: a step as a relation between two states.

The prover's conditions are about one state, because what an action does is substituted into what is claimed of it. Here
nothing is substituted. Every value that a variable or field takes on the way through an action has a symbol, and every
statement says what it makes of one: under its conditions the new value, and otherwise the old one. What the action does
not touch is said to be the same. So every part of a spec is a premise that a proof uses or does not use.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias, assert_never

from quiesce.cores.parts import Argument, Assumed, Condition, Kept, Part
from quiesce.cores.premises import argument_claims, guards, resets, update
from quiesce.cores.states import Moment, NamedTotal, Totals, declaration, named_at, passages, places_of, total_facts
from quiesce.spec.effects import Effect, FieldName, effect_of
from quiesce.spec.meaning import symbols
from quiesce.spec.meaning.formulas import kept
from quiesce.spec.meaning.smtlib import Frame, encode
from quiesce.spec.meaning.sums_of_totals import additions
from quiesce.spec.meaning.totals import is_closed, split
from quiesce.spec.meaning.unbounded import quantified, unbounded_parameters
from quiesce.spec.model import (
    Action,
    Assign,
    Expr,
    Field,
    ForEach,
    If,
    Machine,
    MemberType,
    ParameterDecl,
    Quantifier,
    Retire,
    Span,
    Statement,
    Total,
    Variable,
)
from quiesce.spec.parts_of_actions import statements
from quiesce.spec.record import record
from quiesce.spec.rewrite import walk
from quiesce.spec.show import show

Place: TypeAlias = str | FieldName
"""A variable, or a family with one of its fields."""


@record
class Relation:
    """An action as premises about the states before and after it.

    `premises` are the parts of the spec; `known` is what the words of the language mean, and holds whatever the parts
    say. `moments` are the states on the way, the first and the last included. `points` tells, of steps between them, by
    number, which one member they are about. `members` are all that go by a name. Both give a family and a text. All
    that `effect` is asked is which totals may add up.
    """

    declarations: tuple[str, ...]
    premises: Mapping[Part, str]
    known: tuple[str, ...]
    moments: tuple[Moment, ...]
    points: Mapping[int, tuple[str, str]]
    members: tuple[tuple[str, str], ...]
    before: Frame
    step: Frame
    effect: Effect

    def facts(self, spoken_of: Iterable[Expr]) -> tuple[str, ...]:
        """The facts about the totals in the claims and in the action, once all claims have been encoded."""
        parts = (part for expr in spoken_of for part in walk(expr) if isinstance(part, Total) and not _reads_old(part))
        now, totals = tuple(dict.fromkeys(parts)), self.moments[0].totals
        sums = tuple(self._sums(now))
        return total_facts(totals, now, passages(self.moments, self.points), self.members, sums)

    def _sums(self, spoken_of: tuple[Total, ...]) -> Iterator[tuple[NamedTotal, ...]]:
        """Totals of the states before and after the action, each with those that may make it up (`sums_of_totals`).

        Which ones may is seen from what the action makes of them, said in terms of the state before it.
        """
        first, last = self.moments[0], self.moments[-1]
        known = {total: named_at(total, first) for total in spoken_of}
        for total in spoken_of:
            after = kept(self.effect, total)
            if isinstance(after, Total) and is_closed(after):
                made = named_at(total, last)
                if known.setdefault(after, made).name != made.name:
                    yield made, known[after]
        for whole, left, right in additions(known):
            yield known[whole], known[left], known[right]


def relation(machine: Machine, action: Action, rigid: tuple[ParameterDecl, ...] = ()) -> Relation:
    """The transition relation of `action`.

    `rigid` declares arguments that do not belong to the action and never change.

    Raises:
        UnsupportedTotal: some sum or count in the action cannot be handled.
    """
    return _RelationBuilder(machine, action, rigid).build()


def members_named(machine: Machine, parameters: tuple[ParameterDecl, ...]) -> tuple[tuple[str, str], ...]:
    """The arguments that are members, each with its family."""
    return tuple(
        (machine.family_of(p.type).name, f"arg.{p.name}") for p in parameters if isinstance(p.type, MemberType)
    )


def totals_spoken_of(action: Action) -> Iterator[Expr]:
    """The expressions of an action that may speak of totals."""
    yield from (split(claim) for claim in action.when)
    yield from (split(assumption.claim) for assumption in action.assumes)
    for statement in statements(action.body):
        match statement:
            case Assign(_, value):
                yield split(value)
            case If(condition):
                yield split(condition)
            case Retire() | ForEach():
                pass
            case _:
                assert_never(statement)


def _reads_old(total: Total) -> bool:
    return any(isinstance(part, Variable | Field) and part.old for part in walk(total.term))


@record
class _PlaceInAction:
    """Where a statement stands: the conditions around it, and the loop if it is in one."""

    conditions: tuple[tuple[str, bool], ...] = ()
    loop: ForEach | None = None

    @property
    def member(self) -> str:
        """The text of the loop's member."""
        return f"at.{self.loop.bound}" if self.loop else ""

    def each(self, body: str) -> str:
        """`body` of every member of the loop."""
        return quantified(Quantifier.ALL, self.member, self.loop.family, body) if self.loop else body

    @property
    def reached(self) -> str:
        """The claim that the statement is executed."""
        return f"(and true {' '.join(text if taken else f'(not {text})' for text, taken in self.conditions)})"


@dataclass
class _RelationBuilder:
    """Executes the statements of one action, from top to bottom."""

    machine: Machine
    action: Action
    rigid: tuple[ParameterDecl, ...]
    declarations: list[str] = field(default_factory=list)
    premises: dict[Part, str] = field(default_factory=dict)
    known: list[str] = field(default_factory=list)
    moments: list[Moment] = field(default_factory=lambda: [Moment(Totals())])
    points: dict[int, tuple[str, str]] = field(default_factory=dict)
    written: dict[Place, None] = field(default_factory=dict)
    updates: int = 0
    conditions: int = 0

    def build(self) -> Relation:
        parameters = (*self.action.parameters, *self.rigid)
        self.declarations += unbounded_parameters(self.machine, parameters)
        self.known += (symbols.inhabited(family) for family, _ in members_named(self.machine, self.action.parameters))
        before = self._frame()
        self._guard(before)
        self._run(self.action.body, _PlaceInAction())
        self._untouched()
        step = Frame(self.moments[-1], self.moments[0], before.parameters, before.members)
        return Relation(
            tuple(self.declarations),
            self.premises,
            tuple(self.known),
            tuple(self.moments),
            self.points,
            members_named(self.machine, parameters),
            before,
            step,
            effect_of(self.machine, self.action),
        )

    def _frame(self, where: _PlaceInAction | None = None) -> Frame:
        """The frame of an expression at this moment."""
        parameters = (*self.action.parameters, *self.rigid)
        members = {p.name: f"arg.{p.name}" for p in parameters if isinstance(p.type, MemberType)}
        scalars = {p.name: f"arg.{p.name}" for p in parameters if not isinstance(p.type, MemberType)}
        if where and where.loop:
            members[where.loop.bound] = where.member
        return Frame(self.moments[-1], None, scalars, members)

    # --- where the action can happen ---

    def _guard(self, frame: Frame) -> None:
        name = self.action.name
        for text, claim, span in argument_claims(self.machine, self.action.parameters):
            self.premises[Argument(name, text, span)] = encode(claim, frame)
        for guard, claim in guards(self.action):
            self.premises[guard] = encode(split(claim), frame)
        for number, assumption in enumerate(self.action.assumes):
            part = Assumed(name, number, show(assumption.claim), assumption.span)
            self.premises[part] = encode(split(assumption.claim), frame)

    # --- statements ---

    def _run(self, body: tuple[Statement, ...], where: _PlaceInAction) -> None:
        for statement in body:
            match statement:
                case Assign():
                    self._assign(statement, statement, where)
                case Retire():
                    for assign in resets(self.machine, statement):
                        self._assign(statement, assign, where)
                case If(condition, then, otherwise, span):
                    chosen = self._condition(condition, span, where)
                    for arm, taken in ((then, True), (otherwise, False)):
                        self._run(arm, _PlaceInAction((*where.conditions, (chosen, taken)), where.loop))
                case ForEach(_, _, inner):
                    self._run(inner, _PlaceInAction(where.conditions, statement))
                case _:
                    assert_never(statement)

    def _condition(self, condition: Expr, span: Span, where: _PlaceInAction) -> str:
        """The text that stands for the condition from now on."""
        name = f"if.{self.conditions}"
        part = Condition(self.action.name, self.conditions, show(condition), span)
        self.conditions += 1
        sorts, text = (f"(member.{where.loop.family})", f"({name} {where.member})") if where.loop else ("()", name)
        self.declarations.append(f"(declare-fun {name} {sorts} Bool)")
        self.premises[part] = where.each(f"(= {text} {encode(split(condition), self._frame(where))})")
        return text

    def _assign(self, statement: Assign | Retire, assign: Assign, where: _PlaceInAction) -> None:
        target, value = assign.target, assign.value
        place = target.name if isinstance(target, Variable) else (target.family, target.name)
        part = update(self.action, self.updates, statement, target)
        self.updates += 1
        frame = self._frame(where)
        new_value = encode(split(value), frame)
        now, later = self.moments[-1], self._next(place)
        match target:
            case Variable(name):
                old, new = now.variable(name), later.variable(name)
            case Field(member, family, name):
                old, new = (moment.field(family, name, frame.members[member]) for moment in (now, later))
                if where.loop is None or member != where.loop.bound:
                    self._others(target, frame.members[member], now, later)
            case _:
                assert_never(target)
        self.premises[part] = where.each(f"(=> {where.reached} (= {new} {new_value}))")
        if where.conditions:
            self.known.append(where.each(f"(=> (not {where.reached}) (= {new} {old}))"))

    def _next(self, place: Place) -> Moment:
        later = self.moments[-1].after(place)
        self.declarations.append(declaration(later, self.machine, place))
        self.moments.append(later)
        self.written[place] = None
        return later

    def _others(self, target: Field, point: str, now: Moment, later: Moment) -> None:
        """The fact that all members but one stay unchanged."""
        self.points[len(self.moments) - 2] = (target.family, point)
        values = (moment.field(target.family, target.name, "at.other") for moment in (later, now))
        kept = Kept(self.action.name, f"{target.name} of others than {target.member}", self.action.span)
        claim = quantified(
            Quantifier.ALL, "at.other", target.family, f"(=> (not (= at.other {point})) (= {' '.join(values)}))"
        )
        self.premises[kept] = f"(and {self.premises[kept]} {claim})" if kept in self.premises else claim

    def _untouched(self) -> None:
        now = later = self.moments[-1]
        rest = [place for place in places_of(self.machine) if place not in self.written]
        for place in rest:
            later = later.after(place)
            self.declarations.append(declaration(later, self.machine, place))
        self.moments.append(later)
        for place in rest:
            if isinstance(place, str):
                part = Kept(self.action.name, f"self.{place}", self.action.span)
                self.premises[part] = f"(= {later.variable(place)} {now.variable(place)})"
            else:
                family, name = place
                values = " ".join(moment.field(family, name, "at.other") for moment in (later, now))
                part = Kept(self.action.name, f"{name} of all {family}", self.action.span)
                self.premises[part] = quantified(Quantifier.ALL, "at.other", family, f"(= {values})")
