"""A record, held against the machine on the interpreter: each step has to happen, and leave behind what was written."""

from collections.abc import Iterable, Iterator, Mapping
from typing import assert_never

from quiesce.replay.reading import Answer, Did, HadToWait, Start, Step, WasRefused, brief
from quiesce.spec.interpreter import initial_states, is_enabled, is_unused, step, unused_member
from quiesce.spec.model import (
    Accepts,
    Action,
    Assign,
    Blocks,
    Expr,
    Fails,
    FamilyDecl,
    Field,
    ForEach,
    If,
    Machine,
    MemberType,
    Outcome,
    Retire,
    Statement,
    Value,
)
from quiesce.spec.record import record
from quiesce.spec.rewrite import walk
from quiesce.spec.state import Arguments, State

Member = Mapping[str, Value]


class Deviates(Exception):
    """The machine would not have done what a line tells. `line` counts from 1."""

    def __init__(self, line: int, why: str) -> None:
        super().__init__(why)
        self.line = line


@record
class Replayed:
    """A record that the machine agrees with."""

    lives: int
    steps: int


def replay(machine: Machine, lines: Iterable[Start | Step]) -> Replayed:
    """Take each step of a record on the interpreter.

    Raises:
        Deviates: at the first line that tells something else than the machine does.
    """
    lives, steps, life = 0, 0, None
    for line in lines:
        if isinstance(line, Start):
            lives, life = lives + 1, _Life(machine, line)
        elif life is None:
            raise ValueError("the first line of a record is a start")
        else:
            life.take(line)
            steps += 1
    return Replayed(lives, steps)


class _Life:
    """One life of a machine, as far as it has been followed.

    Members that were given back are kept apart: a state that has them would be the same to every action, unless one
    reads a field of theirs that persists, while it looks at all members.
    """

    def __init__(self, machine: Machine, start: Start) -> None:
        self._machine = machine
        self._scalars = dict(start.scalars)
        self._members: dict[str, dict[int, Member]] = {family.name: {} for family in machine.families}
        self._resting: dict[str, dict[int, Member]] = {family.name: {} for family in machine.families}
        self._family_of: dict[int, str] = {}
        self._may_rest = {family.name for family in machine.families} - set(_looked_through(machine))
        if all(state.scalars != self._scalars for state in initial_states(machine, 0)):
            raise Deviates(start.line, f"{machine.name} does not begin with these values")

    def take(self, line: Step) -> None:
        """Follow one step."""
        state, places, arguments = self._before(line)
        possible = [action for action in line.outcomes if is_enabled(self._machine, state, action, arguments)]
        if len(possible) != 1:
            raise Deviates(line.line, f"{line.name} cannot happen here")
        told, known = line.answer, possible[0]
        if (expected := _answered(known.outcome, known, told)) is not None:
            raise Deviates(line.line, f"{line.name} {expected}, and the record says that it {_said(told)}")
        if isinstance(told, Did):
            self._compare(line.line, told, step(self._machine, state, known, arguments), places)

    def _before(self, line: Step) -> tuple[State, Mapping[str, list[int | None]], Arguments]:
        """The state, which member stands at which place of it, and the arguments of the line as such places."""
        places: dict[str, list[int | None]] = {name: list(members) for name, members in self._members.items()}
        arguments: dict[str, Value] = {}
        for parameter in {p.name: p for action in line.outcomes for p in action.parameters}.values():
            value = line.given[parameter.name]
            if isinstance(parameter.type, MemberType):
                family = self._machine.family_of(parameter.type)
                if value is not None and self._family_of.setdefault(int(value), family.name) != family.name:
                    raise Deviates(line.line, f"member {value} is one of `{self._family_of[int(value)]}`")
                if value is not None and int(value) in self._resting[family.name]:
                    self._members[family.name][int(value)] = self._resting[family.name].pop(int(value))
                numbers = places[family.name]
                if value is None or int(value) not in numbers:
                    numbers.append(None if value is None else int(value))
                    arguments[parameter.name] = len(numbers) - 1
                else:
                    arguments[parameter.name] = numbers.index(int(value))
            elif value is not None:
                arguments[parameter.name] = value
        families = {
            family.name: tuple(self._member(family, number) for number in places[family.name])
            for family in self._machine.families
        }
        return State(self._scalars, families), places, arguments

    def _member(self, family: FamilyDecl, number: int | None) -> Member:
        known = None if number is None else self._members[family.name].get(number)
        return unused_member(family) if known is None else known

    def _compare(self, line: int, told: Did, after: State, places: Mapping[str, list[int | None]]) -> None:
        """Hold what a step left behind against the record, and keep it."""
        _require_equal(line, "", after.scalars, told.variables)
        self._scalars = dict(after.scalars)
        for family in self._machine.families:
            members = self._members[family.name]
            for number, member in zip(places[family.name], after.families[family.name], strict=True):
                if number is None:
                    if not is_unused(family, member):
                        raise Deviates(line, "a member that this step changes has no number")
                    continue
                members[number] = member
                if number in told.members:
                    _require_equal(line, f" of member {number}", member, told.members[number])
                if family.name in self._may_rest and _was_given_back(family, member):
                    self._resting[family.name][number] = members.pop(number)


def _require_equal(line: int, whose: str, known: Mapping[str, Value], told: Mapping[str, Value]) -> None:
    for name, value in told.items():
        if known[name] != value:
            raise Deviates(
                line, f"`{name}`{whose} is {known[name]} after this step, and the record says {brief(str(value))}"
            )


def _answered(outcome: Outcome, action: Action, told: Answer) -> str | None:
    """The answer of the machine to the call, unless it is the one that was told."""
    match outcome:
        case Accepts():
            agrees, expected = isinstance(told, Did) and told.action == action.name, f"does `{action.name}` here"
        case Fails(error):
            agrees, expected = told == WasRefused(error), f"is refused here with {error}"
        case Blocks():
            agrees, expected = told == HadToWait(), "has to wait here"
        case _:
            assert_never(outcome)
    return None if agrees else expected


def _said(told: Answer) -> str:
    match told:
        case Did():
            return f"did `{brief(told.action)}`"
        case WasRefused(error):
            return f"was refused with {brief(error)}"
        case HadToWait():
            return "had to wait"
        case _:
            assert_never(told)


def _was_given_back(family: FamilyDecl, member: Member) -> bool:
    return all(member[one.name] == one.initial for one in family.fields if not one.persistent)


def _looked_through(machine: Machine) -> Iterator[str]:
    """The families of which some action reads or writes a persistent field of members that it was not given."""
    persistent = {(family.name, one.name) for family in machine.families for one in family.fields if one.persistent}
    for action in machine.actions:
        given = {parameter.name for parameter in action.parameters}
        for one in (*action.guard, *_expressions(action.body)):
            for part in walk(one):
                if isinstance(part, Field) and part.member not in given and (part.family, part.name) in persistent:
                    yield part.family


def _expressions(body: Iterable[Statement]) -> Iterator[Expr]:
    for statement in body:
        match statement:
            case Assign(target, value):
                yield from (target, value)
            case Retire():
                pass
            case If(condition, then, otherwise):
                yield condition
                yield from _expressions((*then, *otherwise))
            case ForEach(_, _, inner):
                yield from _expressions(inner)
            case _:
                assert_never(statement)
