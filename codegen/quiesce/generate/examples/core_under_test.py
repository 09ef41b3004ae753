"""A generated core, loaded and asked: quick enough to try it thousands of times while its tests are chosen."""

import dataclasses
from collections.abc import Iterator, Mapping
from enum import Enum
from itertools import product
from operator import attrgetter
from typing import Any, TypeAlias

from quiesce.generate.core.methods import parameters_of
from quiesce.generate.python import names
from quiesce.spec.model import BoolType, EnumType, IntType, Machine, MemberType, ParameterDecl
from quiesce.spec.record import record

MEMBERS = 3
"""The number of members in each family."""

WAITS = "has to wait"
NOT_ENABLED = "not enabled"
OUT_OF_RANGE = "out of range"
REFUSED = "refused: "
"""Answers besides names of actions, and the beginning of such ones. The blanks in them tell them from every name."""

Values: TypeAlias = Mapping[str, object]
"""A state by names: `refs`, `a.unsent`, and under a family's name the members that it knows; policies too."""


@record
class Move:
    """A method of the core and its arguments; a member is given by its name. Those in `new` were never used before."""

    method: str
    arguments: tuple[object, ...]
    new: tuple[str, ...] = ()


@record
class CoreUnderTest:
    """The core of `machine`; `space` are the names of its module."""

    machine: Machine
    space: Mapping[str, Any]
    moves: tuple[Move, ...]
    members: Mapping[str, str]

    @classmethod
    def of(cls, machine: Machine, text: str) -> "CoreUnderTest":
        """Load the core from its text."""
        space: dict[str, Any] = {}
        exec(text, space)  # noqa: S102 -- our own output, rendered a moment ago
        members = dict(member_names(machine))
        return cls(machine, space, tuple(_moves_of_core(machine, space, members)), members)

    @property
    def core_class(self) -> type:
        """The class of the core."""
        loaded: type = self.space[names.core_class(self.machine)]
        return loaded

    def place(self, state: Values) -> tuple[object, ...]:
        """The values of the machine's enum variables."""
        return tuple(state[variable.name] for variable in self.machine.variables if isinstance(variable.type, EnumType))


class Session:
    """One core with its members; `core_class` may be a mutant of the subject's own class."""

    def __init__(self, subject: CoreUnderTest, core_class: type) -> None:
        self.core: Any = core_class()
        families = subject.machine.families_by_name
        self.members: dict[str, Any] = {
            name: subject.space[families[family].member.name]() for name, family in subject.members.items()
        }
        self._families = tuple(families)
        self._scalars = tuple(name for name in self.core.__class__.__mro__[-2].__slots__ if name not in families)
        self._fields = {
            name: tuple(field.name for field in dataclasses.fields(member)) for name, member in self.members.items()
        }
        self._read_core = attrgetter(*self._scalars) if self._scalars else _no_values
        self._read_members = tuple(
            (member, attrgetter(*self._fields[name])) for name, member in self.members.items() if self._fields[name]
        )
        self._loaded: tuple[Values, tuple[object, ...]] | None = None

    def answer(self, values: Values, move: Move) -> tuple[str, Values]:
        """The core's answer to a move in a state, and the values after the move.

        Most moves are turned away and change nothing, so a state is put in anew only where it has to be.
        """
        if self._loaded is None or self._loaded[0] is not values:
            self.load(values)
            self._loaded = values, self._snapshot()
        answer = self.ask(move)
        if self._snapshot() == self._loaded[1]:
            return answer, values
        self._loaded = None
        return answer, self.values()

    def _snapshot(self) -> tuple[object, ...]:
        """All values and known members, read without a name for each. Its parts are compared with `==`."""
        return (
            self._read_core(self.core),
            *[read(member) for member, read in self._read_members],
            *[tuple(getattr(self.core, family)) for family in self._families],
        )

    def load(self, values: Values) -> None:
        """Put the core and its members into a state."""
        self._loaded = None
        for name in self._scalars:
            setattr(self.core, name, values[name])
        for name, fields in self._fields.items():
            for field in fields:
                setattr(self.members[name], field, values[f"{name}.{field}"])
        for family in self._families:
            known: Any = values[family]
            setattr(self.core, family, {self.members[name]: None for name in known})

    def values(self) -> dict[str, object]:
        """The state that the core is in."""
        found: dict[str, object] = {name: getattr(self.core, name) for name in self._scalars}
        for family in self._families:
            known = getattr(self.core, family)
            found[family] = tuple(name for name, member in self.members.items() if member in known)
        for name, fields in self._fields.items():
            for field in fields:
                found[f"{name}.{field}"] = getattr(self.members[name], field)
        return found

    def ask(self, move: Move) -> str:
        """The core's answer: the name of the action, or how the core turned the move away."""
        given = [self.members[given] if isinstance(given, str) else given for given in move.arguments]
        try:
            answer = getattr(self.core, move.method)(*given)
        except Exception as refusal:
            return _told_refusal(refusal)
        return move.method if answer is None else str(answer)


def _no_values(_core: object) -> tuple[()]:
    """The values of a core without variables."""
    return ()


def _told_refusal(refusal: Exception) -> str:
    match type(refusal).__name__:
        case "Refused":
            return f"{REFUSED}{refusal}"
        case "Blocked":
            return WAITS
        case "NotEnabled":
            return NOT_ENABLED
        case "ValueError":
            return OUT_OF_RANGE
        case other:
            return f"raised {other}"


def member_names(machine: Machine) -> Iterator[tuple[str, str]]:
    """Each member's name and family: a and b of the first family, c and d of the second, and so on."""
    for number, (family, _) in enumerate(product(machine.families_by_name, range(MEMBERS))):
        yield chr(ord("a") + number % 26) * (number // 26 + 1), family


def _moves_of_core(machine: Machine, space: Mapping[str, Any], members: Mapping[str, str]) -> Iterator[Move]:
    asked = [(names.call_method(call), parameters_of(outcomes)) for call, outcomes in machine.calls.items()]
    asked += [(names.step_method(action), action.parameters) for action in machine.actions if not action.calls]
    for method, parameters in asked:
        for arguments in product(
            *(_domain_of_argument(machine, space, members, parameter) for parameter in parameters)
        ):
            new = (str(given) for given, parameter in zip(arguments, parameters, strict=True) if parameter.new)
            yield Move(method, arguments, tuple(new))


def _domain_of_argument(
    machine: Machine, space: Mapping[str, Any], members: Mapping[str, str], parameter: ParameterDecl
) -> tuple[object, ...]:
    """The arguments tried; of integers those around the bounds, one outside of each included."""
    match parameter.type:
        case MemberType():
            own = machine.family_of(parameter.type).name
            return tuple(name for name, family in members.items() if family == own)
        case BoolType():
            return (True, False)
        case EnumType(name, values):
            return tuple(space[name][value] for value in values)
        case IntType(low, high):
            start = low if low is not None else 0 if high is None else high - 2
            around = {start - 1, start, start + 1, start + 2}
            around |= {high - 1, high, high + 1} if high is not None else set()
            return tuple(sorted(around))


def plain(value: object) -> Any:
    """A value as the interpreter knows it."""
    return value.name if isinstance(value, Enum) else value
