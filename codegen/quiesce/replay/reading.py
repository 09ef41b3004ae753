"""The lines of a record, read and checked against the names and types of a machine.

The first line of a life tells the policies, and the values that the machine began with. Each line after it is one
step: a call with its answer, its refusal, or that it had to wait; or an action that is no call. A member is given by a
number of its own; null stands for one that was never used. What a step left behind stands in `machine`, and in
`members` of the members that it was given. In each line, `life` is the name of its life: a record is for one program
after the other, and never for two at a time.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from typing import BinaryIO, TypeAlias

from quiesce.spec.interpreter import fits
from quiesce.spec.model import Action, ActionKind, FamilyDecl, Machine, MemberType, ParameterDecl, ScalarType, Value
from quiesce.spec.record import record
from quiesce.text import digits
from quiesce.text.visible import one_line

VERSION = 2
_LONG = 40
"""Characters behind which a value is not shown any further."""
_LONGEST = 1 << 20
"""Bytes that are read of one line; a file that is no record may go on for ever."""


def brief(text: str) -> str:
    """The beginning of a text from a record, on one line: a stranger may have written it."""
    text = one_line(text)
    return text if len(text) <= _LONG else f"{text[:_LONG]}…"


_OF_ANOTHER = (
    "the line is of another life than those before it: "
    "several providers have written to this record at once, and it is for one at a time"
)


class NotARecord(Exception):
    """A line that is none of a record of this machine. `line` counts from 1."""

    def __init__(self, line: int, why: str) -> None:
        super().__init__(why)
        self.line = line


@record
class Start:
    """A life begins, with these values of the variables and policies."""

    line: int
    scalars: Mapping[str, Value]


@record
class Did:
    """The step was taken: by an action, and with what it left behind."""

    action: str
    variables: Mapping[str, Value]
    members: Mapping[int, Mapping[str, Value]]


@record
class WasRefused:
    """The call was refused, and nothing changed."""

    error: str


@record
class HadToWait:
    """The call had to wait, and nothing changed."""


Answer: TypeAlias = Did | WasRefused | HadToWait


@record
class Step:
    """One line of a life: which actions it may have been, what they were given, and what happened.

    A member is given by its number; None stands for one that was never used.
    """

    line: int
    name: str
    outcomes: tuple[Action, ...]
    given: Mapping[str, Value | None]
    answer: Answer


def lines_of(file: BinaryIO) -> Iterator[bytes]:
    """The lines of a file. One that is longer than any of a record comes without its end."""
    return iter(partial(file.readline, _LONGEST), b"")


def read_lines(machine: Machine, lines: Iterable[bytes]) -> Iterator[Start | Step]:
    """The lines of a record of `machine`, each as it is asked for.

    Raises:
        NotARecord: a line is cut off, is no JSON, or does not fit the machine; the message tells what is wrong with it.
    """
    number, current = 0, ""
    for number, text in enumerate(lines, 1):
        content = dict(_parsed(number, text))
        life = content.pop("life", None)
        entry = _Line(machine, number, content)
        if number == 1 and not entry.begins:
            raise NotARecord(number, "a record begins with a line that has the key `record`")
        told = entry.start() if entry.begins else entry.step()
        if not isinstance(life, str):
            raise NotARecord(number, "`life` is no text")
        if life != current and not entry.begins:
            raise NotARecord(number, _OF_ANOTHER)
        current = life
        yield told
    if not number:
        raise NotARecord(1, "the record is empty")


def _parsed(number: int, text: bytes) -> Mapping[str, object]:
    if not text.endswith(b"\n"):
        if len(text) >= _LONGEST:
            raise NotARecord(number, "the line is longer than any line of a record")
        raise NotARecord(number, "the line is cut off: the program that wrote it did not come to its end")
    try:
        with digits.at_most(digits.FEW):
            content = json.loads(text.decode(), object_pairs_hook=partial(_once_each, number))
    except (ValueError, RecursionError) as wrong:
        raise NotARecord(number, f"the line is no JSON, perhaps since it is cut off: {wrong}") from wrong
    if not isinstance(content, dict):
        raise NotARecord(number, "the line is no JSON object")
    return content


def _once_each(number: int, pairs: list[tuple[str, object]]) -> Mapping[str, object]:
    content = dict(pairs)
    if len(content) != len(pairs):
        raise NotARecord(number, f"a key comes twice in {_names(key for key, _ in pairs)}")
    return content


class _Line:
    """One line, as what it says of a machine."""

    def __init__(self, machine: Machine, number: int, content: Mapping[str, object]) -> None:
        self._machine = machine
        self._number = number
        self._content = content

    @property
    def begins(self) -> bool:
        return "record" in self._content

    def start(self) -> Start:
        self._expect({"record", "policies", "machine"})
        version = self._content["record"]
        if version != VERSION or type(version) is not int:
            raise self._wrong(f"this is version {_shown(version)} of the format, and only {VERSION} is known")
        policies = {policy.name: policy.type for policy in self._machine.policies}
        return Start(
            self._number, {**self._values("policies", self._content["policies"], policies), **self._variables()}
        )

    def step(self) -> Step:
        name, outcomes = self._outcomes()
        declared = {parameter.name: parameter for action in outcomes for parameter in action.parameters}
        given = self._object("given")
        if set(given) != set(declared):
            raise self._wrong(f"{name} is given {_names(declared)}, and not {_names(given)}")
        arguments = {key: self._argument(declared[key], value) for key, value in given.items()}
        return Step(self._number, name, outcomes, arguments, self._answer(outcomes, arguments))

    def _outcomes(self) -> tuple[str, tuple[Action, ...]]:
        if "call" in self._content:
            name = self._text("call")
            if name not in self._machine.calls:
                raise self._wrong(f"{self._machine.name} has no call {brief(name)!r}")
            return name, self._machine.calls[name]
        if "step" not in self._content:
            raise self._wrong("the line has none of the keys `record`, `call` and `step`")
        name = self._text("step")
        action = self._machine.actions_by_name.get(name)
        if action is None or action.kind is ActionKind.CALL:
            raise self._wrong(f"{self._machine.name} has no action {brief(name)!r} that is no call")
        return name, (action,)

    def _answer(self, outcomes: tuple[Action, ...], given: Mapping[str, Value | None]) -> Answer:
        if "call" not in self._content:
            self._expect({"step", "given", "machine", "members"})
            return self._did(outcomes[0].name, outcomes, given)
        if "refused" in self._content:
            self._expect({"call", "given", "refused"})
            return WasRefused(self._text("refused"))
        if "waits" in self._content:
            self._expect({"call", "given", "waits"})
            if self._content["waits"] is not True:
                raise self._wrong("`waits` is always true")
            return HadToWait()
        self._expect({"call", "given", "answer", "machine", "members"})
        return self._did(self._text("answer"), outcomes, given)

    def _did(self, action: str, outcomes: tuple[Action, ...], given: Mapping[str, Value | None]) -> Did:
        families = {
            str(given[parameter.name]): self._machine.family_of(parameter.type)
            for outcome in outcomes
            for parameter in outcome.parameters
            if isinstance(parameter.type, MemberType) and given[parameter.name] is not None
        }
        members = self._object("members")
        if set(members) != set(families):
            raise self._wrong(f"`members` has {_names(members)}, and the step was given {_names(families)}")
        return Did(action, self._variables(), {int(key): self._member(key, families[key]) for key in families})

    def _variables(self) -> Mapping[str, Value]:
        types = {variable.name: variable.type for variable in self._machine.variables}
        return self._values("machine", self._content["machine"], types)

    def _member(self, key: str, family: FamilyDecl) -> Mapping[str, Value]:
        types = {declared.name: declared.type for declared in family.fields}
        return self._values(f"member {key}", self._object("members")[key], types)

    def _values(self, place: str, content: object, types: Mapping[str, ScalarType]) -> Mapping[str, Value]:
        if not isinstance(content, dict) or set(content) != set(types):
            raise self._wrong(f"{place}: these are not the values {_names(types)}")
        return {name: self._value(f"{place}, {name}", content[name], type_) for name, type_ in types.items()}

    def _argument(self, parameter: ParameterDecl, content: object) -> Value | None:
        if not isinstance(parameter.type, MemberType):
            return self._value(parameter.name, content, parameter.type)
        if content is None:
            return None
        if not isinstance(content, int) or isinstance(content, bool) or content < 0:
            raise self._wrong(f"{parameter.name}: {_shown(content)} is no number of a member")
        return content

    def _value(self, place: str, content: object, type_: ScalarType) -> Value:
        if not isinstance(content, bool | int | str) or not fits(content, type_):
            raise self._wrong(f"{place}: {_shown(content)} is no value of its type")
        return content

    def _expect(self, keys: set[str]) -> None:
        if set(self._content) != keys:
            raise self._wrong(f"the line has the keys {_names(self._content)}, and not {_names(keys)}")

    def _object(self, key: str) -> Mapping[str, object]:
        content = self._content.get(key)
        if not isinstance(content, dict):
            raise self._wrong(f"`{key}` is no JSON object")
        return content

    def _text(self, key: str) -> str:
        content = self._content[key]
        if not isinstance(content, str):
            raise self._wrong(f"`{key}` is no text")
        return content

    def _wrong(self, why: str) -> NotARecord:
        return NotARecord(self._number, why)


def _names(names: Iterable[str]) -> str:
    return ", ".join(map(brief, sorted(names))) or "nothing"


def _shown(content: object) -> str:
    match content:
        case dict():
            return "a JSON object"
        case list():
            return "a list"
        case _:
            return brief(json.dumps(content))
