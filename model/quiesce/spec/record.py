"""Records: frozen dataclasses that are made quickly.

The typed model and the list of obligations are closed sets of some seventy small classes, and every command makes all
of them before it does anything. `dataclasses.dataclass(frozen=True)` compiles six methods for each class; a record
compiles one and shares the others, which takes a quarter of the time. Apart from that a record is a dataclass:
`replace`, `fields`, `match` and copying work as they do there.
"""

from collections.abc import Callable, Mapping
from dataclasses import MISSING, FrozenInstanceError, dataclass, field, fields
from operator import attrgetter
from typing import TypeVar, dataclass_transform

Class = TypeVar("Class", bound=type)


@dataclass_transform(frozen_default=True, field_specifiers=(field,))
def record(cls: Class) -> Class:
    """Make a frozen dataclass of a class with annotated fields. Two are equal if their classes and values are.

    Fields that are not compared are no part of the hash either. There are no fields without a place in `__init__`.
    """
    dataclass(init=False, repr=False, eq=False)(cls)  # changes the class in place
    listed = fields(cls)
    compared = [item.name for item in listed if item.compare]
    defaults: dict[str, object] = {}
    header = ["self"]
    for item in listed:
        if item.default is not MISSING:
            defaults[item.name] = item.default
        elif item.default_factory is not MISSING:
            raise TypeError(f"{cls.__name__}.{item.name}: a record has no default factory")
        header.append(f"{item.name}=_defaults[{item.name!r}]" if item.name in defaults else item.name)
    lines = [f"def __init__({', '.join(header)}):", "    _record = self.__dict__"]
    lines += [f"    _record[{item.name!r}] = {item.name}" for item in listed]
    space: dict[str, Callable[..., None]] = {}
    exec("\n".join(lines), {"_defaults": defaults}, space)  # noqa: S102 -- names of fields, which are identifiers
    values: Callable[[object], object] = attrgetter(*compared) if compared else _nothing
    for name, method in {
        "__init__": space["__init__"],
        "__eq__": _equality(values),
        "__hash__": _hashing(cls.__name__, values),
        "__repr__": _shown,
        "__setattr__": _frozen,
        "__delattr__": _frozen,
    }.items():
        setattr(cls, name, method)
    return cls


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
    named = (f"{part.name}={values[part.name]!r}" for part in fields(item))  # type: ignore[arg-type]
    return f"{item.__class__.__qualname__}({', '.join(named)})"


def _frozen(item: object, name: str, *_: object) -> None:
    raise FrozenInstanceError(f"cannot change {name} of {item.__class__.__qualname__}")
