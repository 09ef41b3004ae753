"""When two states of a run are alike: the same objects, reached in the same ways, whatever their addresses are."""

import gc
import marshal
from asyncio import Future
from collections import deque
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextvars import Context, Token
from dataclasses import fields, is_dataclass
from enum import Enum
from functools import cache
from hashlib import blake2b
from itertools import chain
from types import (
    BuiltinFunctionType,
    CodeType,
    CoroutineType,
    FrameType,
    FunctionType,
    GeneratorType,
    MethodType,
    ModuleType,
)
from typing import Any
from weakref import ref

from .python import frame_of


class Ident(int):
    """The number of a thread. Threads are alike whatever their numbers are."""


class Apart:
    """A part of the search, which the states that it tells apart do not have."""


class Drawing:
    """One state as a row of texts and numbers. An object is numbered where it is met first, and is its number then.

    What follows the name of a type is as long as the type, or a number before it, says. So two rows are the same if
    and only if the states are.
    """

    def __init__(self, threads: Mapping[int, int], constants: Mapping[int, object]) -> None:
        self.threads = threads
        self.row: list[object] = []
        self._constants = constants
        self._numbers: dict[int, int] = {}
        self._alive: list[object] = []

    def of(self, value: Any) -> None:
        """Draw a value, and everything that is reached from it."""
        kind = type(value)
        if kind in _PLAIN:
            self.row.append(value)
            return
        place = id(value)
        number = self._numbers.get(place)
        if number is not None:
            self.row += (_AGAIN, number)
        elif place in self._constants:
            self.row += (_CONSTANT, place)
        else:
            self._numbers[place] = len(self._numbers)
            self._alive.append(value)
            drawer = _DRAWERS.get(kind)
            if drawer is None:
                drawer = _DRAWERS[kind] = _drawer(kind)
            drawer(self, value)

    def all(self, kind: bytes, values: Collection[Any]) -> None:
        """Draw several values."""
        row, of = self.row, self.of
        row += (kind, len(values))
        for value in values:
            if type(value) in _PLAIN:  # here, too, as these are many
                row.append(value)
            else:
                of(value)

    def digest(self) -> bytes:
        """The drawing in few bytes; of a million that differ, no two have the same."""
        return blake2b(marshal.dumps(self.row, 2), digest_size=16).digest()

    def place_of(self, value: object) -> int:
        """The number of an object, if it was met."""
        return self._numbers.get(id(value), -1)


_PLAIN = frozenset({bytes, int, float, str, type(None)})
_CONSTANT, _AGAIN, _NOTHING = b"constant", b"again", b"nothing"
"""Kinds of values are bytes, so that no text is taken for one."""

_Drawer = Callable[[Drawing, Any], None]

_DRAWERS: dict[type, _Drawer] = {}
"""How values of each type are drawn, as far as one was met."""


def _drawer(kind: type) -> _Drawer:
    """How a value of this type is drawn."""
    name = kind.__qualname__.encode()
    if kind is bool:
        return lambda drawing, value: drawing.row.append(b"true" if value else b"false")
    if kind is Ident:
        return lambda drawing, value: drawing.row.extend((name, drawing.threads[value]))
    if issubclass(kind, Enum):
        return lambda drawing, value: drawing.row.extend((name, value.name))
    if issubclass(kind, int):
        return lambda drawing, value: drawing.row.extend((name, int(value)))
    if issubclass(kind, FunctionType):
        return _drawn_function
    if issubclass(kind, type | ModuleType):
        return lambda drawing, value: drawing.row.extend((name, getattr(value, "__qualname__", value.__name__)))
    if issubclass(kind, Apart) or kind is object:
        return lambda drawing, _: drawing.row.append(name)
    if issubclass(kind, Future):
        return _drawn_future
    if issubclass(kind, CoroutineType | GeneratorType):
        return _drawn_coroutine
    if issubclass(kind, Context):
        return lambda drawing, value: drawing.all(name, [*chain(*sorted(_named(value)))])
    if issubclass(kind, Token):
        return lambda drawing, value: drawing.all(
            name, [each for each in [value.old_value] if each is not Token.MISSING]
        )
    if kind is range:
        return lambda drawing, value: drawing.row.extend((name, value.start, value.stop, value.step))
    if issubclass(kind, tuple | list | deque | set | frozenset):
        return lambda drawing, value: drawing.all(name, value)
    if issubclass(kind, dict):
        return lambda drawing, value: drawing.all(name, [*chain(*value.items())])
    if issubclass(kind, ref):
        return lambda drawing, value: drawing.all(name, [value()])
    if issubclass(kind, BaseException):
        return lambda drawing, value: drawing.all(name, (value.args, value.__context__))
    if name.endswith(b"iterator") or issubclass(kind, enumerate | filter | map | reversed | zip):
        return lambda drawing, value: drawing.all(name, value.__reduce__()[1:])
    if issubclass(kind, MethodType | BuiltinFunctionType) or hasattr(kind, "__self__"):
        return lambda drawing, value: drawing.all(name, (getattr(value, "__qualname__", ""), value.__self__))
    return _drawer_of_attributes(kind)


def _named(context: Context) -> Iterator[tuple[str, Any]]:
    return ((variable.name, value) for variable, value in context.items())


def _drawer_of_attributes(kind: type) -> _Drawer:
    listed = [vars(each).get("__slots__", ()) for each in kind.__mro__]
    slots = [slot for each in listed for slot in ((each,) if isinstance(each, str) else each) if slot[:2] != "__"]
    if not slots and not kind.__dictoffset__:
        raise TypeError(f"the search cannot see what is in a {kind.__qualname__}")
    name = kind.__qualname__.encode()

    def drawn(drawing: Drawing, value: Any) -> None:
        drawing.all(name, [getattr(value, slot, _NOTHING) for slot in slots])
        if kind.__dictoffset__:
            drawing.all(name, [*chain(*vars(value).items())])

    return drawn


def _drawn_function(drawing: Drawing, value: FunctionType) -> None:
    cells = value.__closure__ or ()
    drawing.row += (b"function", value.__qualname__, len(cells))
    for cell in cells:
        try:
            drawing.of(cell.cell_contents)
        except ValueError:
            drawing.row.append(_NOTHING)


def drawn_frame(frame: FrameType, drawing: Drawing) -> None:
    """Draw where a frame stands, and its variables."""
    code, variables = frame.f_code, frame.f_locals
    drawing.row += (id(code), frame.f_lasti)
    drawing.all(b"frame", [variables.get(name, _NOTHING) for name in _own_variables(code)])


@cache
def _own_variables(code: CodeType) -> tuple[str, ...]:
    """The variables of a function; those of the functions around it are drawn where it is."""
    return (*code.co_varnames, *(name for name in code.co_cellvars if name not in code.co_varnames))


def _drawn_coroutine(drawing: Drawing, value: Any) -> None:
    """A coroutine that is not running: its frame, what it waits for, and what it is about to handle or go through."""
    frame = frame_of(value)
    if frame is None:
        drawing.row += (b"over", value.__qualname__)
        return
    drawn_frame(frame, drawing)
    inner = value.cr_await if isinstance(value, CoroutineType) else value.gi_yieldfrom
    if isinstance(inner, CoroutineType | GeneratorType):
        drawing.of(inner)
    else:
        drawing.row.append(type(inner).__qualname__)
    drawing.all(b"held", [each for each in gc.get_referents(value) if _is_held(each.__class__)])


@cache
def _is_held(kind: type) -> bool:
    return issubclass(kind, BaseException) or kind.__name__.endswith("iterator")


def places(coroutine: Any) -> list[tuple[str, int]]:
    """Where a coroutine waits, and those for which it waits."""
    found = []
    while isinstance(coroutine, CoroutineType | GeneratorType):
        frame = frame_of(coroutine)
        if frame is None:
            break
        found.append((frame.f_code.co_name, frame.f_lasti))
        coroutine = getattr(coroutine, "cr_await", None)
    return found


def _drawn_future(drawing: Drawing, value: Any) -> None:
    """A future of the loop of a search, or a task; it remembers itself what asyncio would not tell."""
    if not value.done():
        drawing.all(b"pending", value.remembered)
    elif value.cancelled():
        drawing.row.append(b"cancelled")
    else:
        drawing.all(b"done", (value.exception() or value.result(),))


def constants(values: Iterable[object]) -> dict[int, object]:
    """Those of the values that never change, and what they consist of, by their addresses."""
    found: dict[int, object] = {}
    pending = [value for value in values if not isinstance(value, type) and is_dataclass(value)]
    while pending:
        value = pending.pop()
        if id(value) not in found:
            found[id(value)] = value
            if is_dataclass(value) and not isinstance(value, type):
                pending += [getattr(value, each.name) for each in fields(value)]
            elif isinstance(value, tuple | list):
                pending += value
            elif isinstance(value, Mapping):
                pending += value.values()
    return {place: value for place, value in found.items() if not isinstance(value, str | int | float | None)}
