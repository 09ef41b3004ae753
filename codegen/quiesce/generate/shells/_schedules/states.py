"""When two states of a run are alike: the same objects, reached in the same ways, whatever their addresses are."""

import marshal
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import fields, is_dataclass
from enum import Enum
from types import BuiltinFunctionType, FunctionType, MethodType, ModuleType
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
    if issubclass(kind, type | FunctionType | BuiltinFunctionType | ModuleType):
        return lambda _, value: ("named", getattr(value, "__qualname__", value.__name__))
    if issubclass(kind, Apart) or kind is object:
        return lambda *_: name
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
