"""When two states of a run are alike: the same objects, reached in the same ways, whatever their addresses are."""

import gc
import marshal
from asyncio import Future, Task
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from contextvars import Context, Token
from dataclasses import fields, is_dataclass
from enum import Enum
from types import (
    BuiltinFunctionType,
    CellType,
    CoroutineType,
    FrameType,
    FunctionType,
    GeneratorType,
    MethodType,
    ModuleType,
)
from typing import Any
from weakref import ref


class Ident(int):
    """The number of a thread. Threads are alike whatever their numbers are."""


class Apart:
    """A part of the search, which the states that it tells apart do not have."""


class Drawing:
    """One state as nested tuples. An object is numbered where it is met first, and is its number from there on."""

    def __init__(self, threads: Mapping[int, int], constants: Mapping[int, object]) -> None:
        self.threads = threads
        self._constants = constants
        self._numbers: dict[int, int] = {}
        self._alive: list[object] = []

    def of(self, value: Any) -> object:
        """A value, and everything that is reached from it."""
        kind = type(value)
        if value is None or kind in _PLAIN:
            return value
        place = id(value)
        if place in self._constants:
            return "constant", place
        number = self._numbers.get(place)
        if number is not None:
            return "again", number
        self._numbers[place] = len(self._numbers)
        self._alive.append(value)
        drawer = _DRAWERS.get(kind)
        if drawer is None:
            drawer = _DRAWERS[kind] = _drawer(kind)
        return drawer(self, value)

    def place_of(self, value: object) -> int:
        """The number of an object, if it was met."""
        return self._numbers.get(id(value), -1)


_PLAIN = frozenset({bool, int, float, str})

_Drawer = Callable[[Drawing, Any], object]


_DRAWERS: dict[type, _Drawer] = {}
"""How values of each type are drawn, as far as one was met."""


def _drawer(kind: type) -> _Drawer:
    """How a value of this type is drawn."""
    name = kind.__qualname__
    if kind is Ident:
        return lambda drawing, value: ("thread", drawing.threads[value])
    if issubclass(kind, Enum):
        return lambda _, value: (name, value.name)
    if issubclass(kind, FunctionType):
        return lambda drawing, value: (value.__qualname__, *map(_drawn_cell(drawing), value.__closure__ or ()))
    if issubclass(kind, BuiltinFunctionType) or name == "TaskStepMethWrapper":
        return lambda drawing, value: (getattr(value, "__qualname__", name), drawing.of(value.__self__))
    if issubclass(kind, type | ModuleType):
        return lambda _, value: ("named", getattr(value, "__qualname__", value.__name__))
    if issubclass(kind, Apart) or kind is object:
        return lambda *_: name
    if issubclass(kind, Future):
        return _drawn_future
    if issubclass(kind, CoroutineType | GeneratorType):
        return _drawn_coroutine
    if issubclass(kind, Context):
        return lambda drawing, value: (name, *sorted((var.name, drawing.of(each)) for var, each in value.items()))
    if issubclass(kind, Token):
        return lambda drawing, value: (name, value.old_value is not Token.MISSING and drawing.of(value.old_value))
    if kind is range:
        return lambda _, value: (name, value.start, value.stop, value.step)
    if issubclass(kind, tuple | list | deque | set | frozenset):
        return lambda drawing, value: (name, *map(drawing.of, value))
    if issubclass(kind, dict):
        return lambda drawing, value: (name, *[(drawing.of(key), drawing.of(each)) for key, each in value.items()])
    if issubclass(kind, MethodType):
        return lambda drawing, value: (value.__name__, drawing.of(value.__self__))
    if issubclass(kind, ref):
        return lambda drawing, value: (name, drawing.of(value()))
    if issubclass(kind, BaseException):
        return lambda drawing, value: (name, drawing.of(value.args), drawing.of(value.__context__))
    if name.endswith("iterator"):
        return lambda drawing, value: (name, drawing.of(value.__reduce__()[1:]))
    return _drawer_of_attributes(kind)


def _drawer_of_attributes(kind: type) -> _Drawer:
    listed = [vars(each).get("__slots__", ()) for each in kind.__mro__]
    slots = [slot for each in listed for slot in ((each,) if isinstance(each, str) else each) if slot[:2] != "__"]
    if not slots and not kind.__dictoffset__:
        raise TypeError(f"the search cannot see what is in a {kind.__qualname__}")

    def drawn(drawing: Drawing, value: Any) -> object:
        found = [(slot, drawing.of(getattr(value, slot))) for slot in slots if hasattr(value, slot)]
        found += [(name, drawing.of(each)) for name, each in getattr(value, "__dict__", {}).items()]
        return kind.__qualname__, *found

    return drawn


def _drawn_cell(drawing: Drawing) -> Callable[[CellType], object]:
    def drawn(cell: CellType) -> object:
        try:
            return drawing.of(cell.cell_contents)
        except ValueError:
            return "empty"

    return drawn


def drawn_frame(frame: FrameType, drawing: Drawing) -> tuple[object, ...]:
    """Where a frame stands, and its variables."""
    code = frame.f_code
    names = ((name, drawing.of(value)) for name, value in frame.f_locals.items() if name not in code.co_freevars)
    return code.co_name, frame.f_lasti, *names


def _drawn_coroutine(drawing: Drawing, value: Any) -> object:
    """A coroutine that is not running: its frame, what it waits for, and what it is about to handle or go through."""
    kind = "cr" if isinstance(value, CoroutineType) else "gi"
    frame = getattr(value, f"{kind}_frame")
    if frame is None:
        return value.__qualname__, "over"
    inner = getattr(value, "cr_await" if kind == "cr" else "gi_yieldfrom")
    held = (each for each in gc.get_referents(value) if _is_held(each))
    inside = drawing.of(inner) if isinstance(inner, CoroutineType | GeneratorType) else type(inner).__qualname__
    return drawn_frame(frame, drawing), inside, *map(drawing.of, held)


def _is_held(value: object) -> bool:
    return isinstance(value, BaseException) or type(value).__name__.endswith("iterator")


def places(coroutine: Any) -> list[tuple[str, int]]:
    """Where a coroutine waits, and those for which it waits."""
    found = []
    while isinstance(coroutine, CoroutineType | GeneratorType):
        frame = getattr(coroutine, "cr_frame", None) or getattr(coroutine, "gi_frame", None)
        if frame is None:
            break
        found.append((frame.f_code.co_name, frame.f_lasti))
        own = next((each for each in frame.f_locals.values() if isinstance(each, CoroutineType)), None)
        coroutine = getattr(coroutine, "cr_await", None) or own
    return found


def _drawn_future(drawing: Drawing, value: Any) -> object:
    drawn: list[object] = [value._state]
    if value.done():
        drawn += [] if value.cancelled() else [drawing.of(value._exception or value._result)]
    else:
        drawn.append(drawing.of(value._callbacks))
    if isinstance(value, Task) and not value.done():
        drawn += [value._must_cancel, value.cancelling(), drawing.of(value._fut_waiter), drawing.of(value._coro)]  # type: ignore[attr-defined]
    drawn += [drawing.of(each) for each in getattr(value, "__dict__", {}).values()]
    return type(value).__qualname__, *drawn


def digest(drawing: tuple[object, ...]) -> bytes:
    """A drawing in few bytes; two are the same if and only if their drawings are."""
    return marshal.dumps(drawing, 2)  # type: ignore[arg-type]  # tuples of texts and numbers, all the way down


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
