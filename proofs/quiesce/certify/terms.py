"""Expressions as JSON values, exactly: one list for each node, the name of its class first, then its parts in order."""

from collections.abc import Mapping
from dataclasses import fields
from types import MappingProxyType
from typing import Any, TypeAlias

from quiesce.spec.model import (
    Binary,
    BoolType,
    EnumType,
    Expr,
    Field,
    IfElse,
    IntType,
    Literal,
    MemberType,
    Not,
    Op,
    Parameter,
    Quantified,
    Quantifier,
    Same,
    Scale,
    Total,
    Variable,
)

Json: TypeAlias = "bool | int | str | list[Json] | dict[str, Json] | None"

_EXPRESSIONS = (Literal, Variable, Parameter, Field, Same, Not, Binary, Scale, IfElse, Quantified, Total)
_TYPES = (BoolType, IntType, EnumType, MemberType)
_WORDS = (Op, Quantifier)

_CLASSES: Mapping[str, Any] = MappingProxyType(
    {kind.__name__: kind for kind in (*_EXPRESSIONS, *_TYPES, *_WORDS)},
)


class Malformed(Exception):
    """A JSON value that does not describe what it should."""


def to_json(value: object) -> Json:
    """An expression, a type, or a part of one."""
    match value:
        case None | bool() | int() | str():
            return value
        case tuple():
            return ["", *(to_json(part) for part in value)]
        case Op() | Quantifier():
            return [type(value).__name__, value.name]
        case _ if (kind := _CLASSES.get(type(value).__name__)) is not None:
            return [kind.__name__, *(to_json(getattr(value, field.name)) for field in fields(kind))]
        case _:
            raise TypeError(f"no part of an expression: {value!r}")


def expression(value: Json) -> Expr:
    """The expression that `to_json` wrote.

    Raises:
        Malformed: there is none.
    """
    found = _read(value)
    if not isinstance(found, _EXPRESSIONS):
        raise Malformed(f"not an expression: {str(value)[:60]}")
    return found


def member_type(value: Json) -> MemberType:
    """The type of a member that `to_json` wrote.

    Raises:
        Malformed: there is none.
    """
    found = _read(value)
    if not isinstance(found, MemberType):
        raise Malformed(f"not the type of a member: {str(value)[:60]}")
    return found


def _read(value: Json) -> Any:
    match value:
        case None | bool() | int() | str():
            return value
        case ["", *parts]:
            return tuple(_read(part) for part in parts)
        case [str(name), *parts] if name in _CLASSES:
            return _built(_CLASSES[name], [_read(part) for part in parts])
        case _:
            raise Malformed(f"not a part of an expression: {str(value)[:60]}")


def _built(kind: Any, parts: list[Any]) -> Any:
    if kind in _WORDS:
        if len(parts) != 1 or parts[0] not in kind.__members__:
            raise Malformed(f"no word {parts} of {kind.__name__}")
        return kind[parts[0]]
    if len(parts) != len(fields(kind)):
        raise Malformed(f"{kind.__name__} with {len(parts)} parts")
    for field, part in zip(fields(kind), parts, strict=True):
        expected = _EXPECTED.get(field.name, ())
        if expected and not isinstance(part, expected):
            raise Malformed(f"{field.name} of {kind.__name__} is {str(part)[:60]}")
    return kind(*parts)


_EXPECTED: Mapping[str, tuple[type, ...]] = MappingProxyType(
    {
        "left": (*_EXPRESSIONS, str),
        "right": (*_EXPRESSIONS, str),
        "arg": _EXPRESSIONS,
        "condition": _EXPRESSIONS,
        "then": _EXPRESSIONS,
        "otherwise": _EXPRESSIONS,
        "body": _EXPRESSIONS,
        "term": _EXPRESSIONS,
        "factor": (int,),
        "name": (str,),
        "member": (str,),
        "family": (str,),
        "bound": (str,),
        "op": (Op,),
        "quantifier": (Quantifier,),
        "old": (bool,),
        "type": _TYPES,
        "values": (tuple,),
    }
)
"""What each part of a node has to be, by the part's name."""
