"""Records: frozen dataclasses that are made quickly.

The typed model and the list of obligations are closed sets of some seventy small classes, and every command makes all
of them before it does anything. `dataclasses.dataclass(frozen=True)` compiles six methods for each class. Of a record
only `__init__` is made for the class, by putting the names of its fields into one that is compiled once for all classes
with as many of them; the other methods are shared. Apart from that a record is a dataclass: `replace`, `fields`,
`match`, `__post_init__` and copying work as they do there.
"""

from collections.abc import Callable, Mapping
from dataclasses import MISSING, Field, FrozenInstanceError, dataclass, field, fields
from functools import cache
from operator import attrgetter
from types import CodeType, FunctionType
from typing import TypeVar, dataclass_transform

Class = TypeVar("Class", bound=type)


@dataclass_transform(frozen_default=True, field_specifiers=(field,))
def record(cls: Class) -> Class:
    """Make a frozen dataclass of a class with annotated fields. Two are equal if their classes and values are.

    Fields that are not compared are no part of the hash either. There are no fields without a place in `__init__`. What
    the class itself says of its equality, its hash and its text is kept.
    """
    own = set(vars(cls))
    dataclass(init=False, repr=False, eq=False)(cls)  # changes the class in place
    listed = fields(cls)
    compared = [item.name for item in listed if item.compare]
    values: Callable[[object], object] = attrgetter(*compared) if compared else _nothing
    for name, method in {
        "__init__": _initializer(cls, listed),
        "__eq__": _equality(values),
        "__hash__": _hashing(cls.__name__, values),
        "__repr__": _shown,
        "__setattr__": _frozen,
        "__delattr__": _frozen,
    }.items():
        if name not in own:
            setattr(cls, name, method)
    return cls


_UNGIVEN = object()
"""Stands for an argument that was not given, where a value is made for each record anew."""


def _initializer(cls: type, listed: tuple[Field[object], ...]) -> Callable[..., None]:
    made = {item.name: item.default_factory for item in listed if item.default_factory is not MISSING}
    optional = [item for item in listed if item.default is not MISSING or item.name in made]
    if optional != list(listed[len(listed) - len(optional) :]):
        raise TypeError(f"{cls.__name__}: a field without a default follows one with a default")
    code = _pattern(tuple(item.name in made for item in listed), checked=hasattr(cls, "__post_init__"))
    named: dict[object, str] = {f"_{number}": item.name for number, item in enumerate(listed)}
    code = code.replace(
        co_varnames=tuple(named.get(name, name) for name in code.co_varnames),
        co_consts=tuple(named.get(constant, constant) for constant in code.co_consts),
    )
    defaults = tuple(_UNGIVEN if item.name in made else item.default for item in optional)
    return FunctionType(code, {"_UNGIVEN": _UNGIVEN, "_made": made}, "__init__", defaults)


@cache
def _pattern(made: tuple[bool, ...], *, checked: bool) -> CodeType:
    """The code of an `__init__` whose fields are called `_0`, `_1` and so on."""
    names = [f"_{number}" for number in range(len(made))]
    lines = [f"def __init__({', '.join(('self', *names))}):", "    _record = self.__dict__"]
    for name, makes in zip(names, made, strict=True):
        value = f"_made[{name!r}]() if {name} is _UNGIVEN else {name}" if makes else name
        lines.append(f"    _record[{name!r}] = {value}")
    if checked:
        lines.append("    self.__post_init__()")
    space: dict[str, FunctionType] = {}
    exec("\n".join(lines), {}, space)  # noqa: S102 -- nothing but numbers
    return space["__init__"].__code__


def _nothing(item: object) -> object:  # noqa: ARG001 -- all records without fields are equal
    return ()


def _equality(values: Callable[[object], object]) -> Callable[[object, object], bool]:
    def equal(left: object, right: object) -> bool:
        if left is right:
            return True
        return left.__class__ is right.__class__ and values(left) == values(right)

    return equal


def _hashing(name: str, values: Callable[[object], object]) -> Callable[[object], int]:
    return lambda item: hash((name, values(item)))


def _shown(item: object) -> str:
    values: Mapping[str, object] = item.__dict__
    named = (f"{part.name}={values[part.name]!r}" for part in fields(item) if part.repr)  # type: ignore[arg-type]
    return f"{item.__class__.__qualname__}({', '.join(named)})"


def _frozen(item: object, name: str, *_: object) -> None:
    raise FrozenInstanceError(f"cannot change {name} of {item.__class__.__qualname__}")
