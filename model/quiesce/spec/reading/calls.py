"""Calls inside expressions: quantifiers and totals over a family, `min` and `max`, `implies`, and helpers."""

import ast
from collections.abc import Mapping
from dataclasses import replace
from typing import Literal as OneOf
from typing import Protocol, TypeAlias

from quiesce.spec.codes import Code
from quiesce.spec.model import (
    BOOL,
    INT,
    Binary,
    IfElse,
    Literal,
    MemberType,
    Op,
    Parameter,
    Quantified,
    Quantifier,
    ScalarType,
    Total,
)
from quiesce.spec.reading import instead, operators
from quiesce.spec.reading.activities import read_due
from quiesce.spec.reading.context import Context
from quiesce.spec.reading.problems import POISON, Poison, did_you_mean
from quiesce.spec.reading.scope import Binding, FamilyRef, Given, LayerRef, Meaning, MemberRef, Scope, StateRef, Typed
from quiesce.spec.reading.symbols import Helper, ParameterType
from quiesce.spec.rewrite import joined

Aggregate: TypeAlias = OneOf["all", "any", "sum", "count"]


class Reader(Protocol):
    """The part of the reader of expressions that reading a call needs."""

    context: Context

    def scalar(self, node: ast.expr, scope: Scope, type_: ScalarType | None = None) -> Typed | Poison:
        """A part with a value."""

    def meaning(self, node: ast.expr, scope: Scope) -> Meaning:
        """Whatever the part stands for."""

    def is_sound(self, helper: Helper) -> bool:
        """Whether the helper was read without a mistake."""

    def is_being_checked(self, helper: Helper) -> bool:
        """Whether a call of the helper would be a call from within itself."""


def read_call(reader: Reader, node: ast.Call, scope: Scope) -> Typed | Poison:
    """The value of a call."""
    context = reader.context
    if isinstance(node.func, ast.Attribute):
        return _helper_call(reader, node, node.func, scope)
    if not isinstance(node.func, ast.Name):
        return context.report(Code.BAD_EXPRESSION, node, f"`{context.text(node.func)}` cannot be called")
    match context.word(node.func):
        case "all" | "any" | "sum" | "count" as word:
            return _aggregate(reader, node, word, scope)
        case "min" | "max" | "implies" as word:
            return _of_two(reader, node, word, scope)
        case "due":
            return read_due(context, node, reader.meaning(node.args[1], scope) if len(node.args) == 2 else None)
        case str(word):
            message = f"`{word}` has no place in an expression"
            return context.report(Code.BAD_EXPRESSION, node, message, instead.function(word))
        case None:
            pass
    name = node.func.id
    if name not in scope.names and (function := context.symbols.functions.get(name)) is not None:
        return POISON if function is POISON else _put_in_place(reader, node, function, {}, scope)
    if context.is_lost(node.func) or scope.names.get(name) is POISON:
        return POISON
    if name in scope.names or name in context.symbols.defined:
        return context.report(Code.BAD_EXPRESSION, node, f"`{name}` cannot be called")
    if (hint := instead.function(name)) is not None:
        return context.report(Code.UNKNOWN_NAME, node.func, f"`{name}` is not a word of the language", hint)
    words = {"all", "any", "sum", "count", "due", "min", "max", "implies"}
    return context.unknown(node.func, name, words | set(context.symbols.functions))


def bind_checked(reader: Reader, target: ast.expr, over: ast.expr, scope: Scope) -> tuple[MemberRef, Scope] | Poison:
    """The member and the scope of `for target in over`, in a loop or in a generator."""
    context = reader.context
    family = reader.meaning(over, scope)
    if family is POISON:
        return POISON
    if not isinstance(family, FamilyRef):
        return context.report(Code.BAD_GENERATOR, over, f"`{context.text(over)}` is not a family")
    if not isinstance(target, ast.Name):
        return context.report(Code.BAD_GENERATOR, target, "members go by one plain name")
    context.check_name(target.id, target, local=True)
    if target.id in scope.names or target.id in context.symbols.defined:
        return context.report(Code.SHADOWED, target, f"`{target.id}` has another meaning here already")
    return scope.bind(target.id, family)


def symbolic(context: Context, name: str, type_: ParameterType) -> Typed | MemberRef | Poison:
    """A symbol for a parameter whose argument is not known."""
    if not isinstance(type_, MemberType):
        return Typed(Parameter(name, type_), operators.without_bounds(type_))
    cls = context.symbols.members[type_.name]
    return POISON if cls.family is POISON else MemberRef(name, cls.family, cls)


def helper_scope(context: Context, helper: Helper) -> Scope:
    """The names inside a helper when it is not known what was given."""
    names: dict[str, Binding] = {name: symbolic(context, name, type_) for name, type_ in helper.parameters}
    match helper.owner:
        case None:
            pass
        case owner if owner == context.symbols.machine:
            names = {"self": StateRef(old=False), **names}
        case owner:
            names = {"self": symbolic(context, "self", MemberType(owner)), **names}
    return Scope(names, frozenset({"self", *names}))


def _aggregate(reader: Reader, node: ast.Call, word: Aggregate, scope: Scope) -> Typed | Poison:
    """`all`, `any`, `sum` or `count` over a family; an `if` behind the family chooses among its members."""
    match node:
        case ast.Call(args=[ast.GeneratorExp(elt=elt, generators=[one])], keywords=[]) if not one.is_async:
            pass
        case _:
            message = f"`{word}` is written `{word}(… for s in self.family)`"
            return reader.context.report(Code.BAD_GENERATOR, node, message)
    bound = bind_checked(reader, one.target, one.iter, scope)
    if bound is POISON:
        return POISON
    member, inner = bound
    parts = [reader.scalar(condition, inner, BOOL) for condition in one.ifs]
    conditions = [part.expr for part in parts if part is not POISON]
    body = reader.scalar(elt, inner, INT if word == "sum" else BOOL)
    if body is POISON or len(conditions) < len(parts):
        return POISON
    match word:
        case "all":
            claim = Binary(Op.IMPLIES, joined(Op.AND, conditions), body.expr) if conditions else body.expr
            return Typed(Quantified(Quantifier.ALL, member.name, member.family, claim), BOOL)
        case "any":
            claim = joined(Op.AND, [*conditions, body.expr])
            return Typed(Quantified(Quantifier.ANY, member.name, member.family, claim), BOOL)
        case "sum":
            term = IfElse(joined(Op.AND, conditions), body.expr, _ZERO) if conditions else body.expr
            return Typed(Total(member.name, member.family, term), INT)
        case "count":
            term = IfElse(joined(Op.AND, [*conditions, body.expr]), _ONE, _ZERO)
            return Typed(Total(member.name, member.family, term), INT)


def _of_two(reader: Reader, node: ast.Call, word: OneOf["min", "max", "implies"], scope: Scope) -> Typed | Poison:
    match node:
        case ast.Call(args=[ast.expr() as first, ast.expr() as second], keywords=[]):
            pass
        case _:
            return reader.context.report(Code.BAD_CALL, node, f"`{word}` takes two values")
    type_ = BOOL if word == "implies" else INT
    left, right = reader.scalar(first, scope, type_), reader.scalar(second, scope, type_)
    if left is POISON or right is POISON:
        return POISON
    if word == "implies":
        return Typed(Binary(Op.IMPLIES, left.expr, right.expr), BOOL)
    smaller = Binary(Op.LE if word == "min" else Op.GE, left.expr, right.expr)
    then, otherwise = reader.scalar(first, scope), reader.scalar(second, scope)
    return POISON if then is POISON or otherwise is POISON else Typed(IfElse(smaller, then.expr, otherwise.expr), INT)


def _helper_call(reader: Reader, node: ast.Call, func: ast.Attribute, scope: Scope) -> Typed | Poison:
    """A call of a helper of the machine or of a member."""
    context = reader.context
    receiver = reader.meaning(func.value, scope)
    match receiver:
        case Poison():
            return POISON
        case StateRef():
            helpers, known = context.symbols.helpers, context.symbols.of_machine()
        case MemberRef(cls=cls):
            helpers, known = cls.helpers, cls.names()
        case Typed() | FamilyRef() | LayerRef():
            return context.report(Code.BAD_EXPRESSION, node, f"`{context.text(func.value)}` has no helpers")
    helper = helpers.get(func.attr)
    if helper is POISON:
        return POISON
    if helper is None and func.attr in known:
        return context.report(Code.BAD_EXPRESSION, node, f"`{func.attr}` is not a helper, and cannot be called")
    if helper is None:
        hint = did_you_mean(func.attr, sorted(helpers))
        return context.report(Code.UNKNOWN_ATTRIBUTE, func, f"there is no helper `{func.attr}`", hint)
    return _put_in_place(reader, node, helper, {"self": receiver}, scope)


def _put_in_place(
    reader: Reader, node: ast.Call, helper: Helper, receiver: Mapping[str, Binding], scope: Scope
) -> Typed | Poison:
    """The helper's result, read with what it is given: nothing of it is left in the model."""
    if reader.is_being_checked(helper):
        return reader.context.report(Code.RECURSION, node, f"`{helper.name}` is called from within itself")
    given = _arguments(reader, node, helper, scope)
    if given is POISON or not reader.is_sound(helper):
        return POISON
    inside = replace(scope, names={**receiver, **given}, called_at=scope.called_at or node)
    return reader.scalar(helper.value, inside, helper.result)


def _arguments(reader: Reader, node: ast.Call, helper: Helper, scope: Scope) -> dict[str, Binding] | Poison:
    context = reader.context
    if node.keywords or len(node.args) != len(helper.parameters):
        wanted = ", ".join(name for name, _ in helper.parameters) or "nothing"
        return context.report(Code.BAD_CALL, node, f"`{helper.name}` is given {wanted}, in this order")
    given: dict[str, Binding] = {}
    for arg, (name, type_) in zip(node.args, helper.parameters, strict=True):
        if not isinstance(type_, MemberType):
            value = reader.scalar(arg, scope, type_)
            given[name] = POISON if value is POISON else Given(arg, scope)
            continue
        meaning = reader.meaning(arg, scope)
        if meaning is not POISON and not (isinstance(meaning, MemberRef) and meaning.cls.name == type_.name):
            meaning = context.report(Code.WRONG_TYPE, arg, f"`{context.text(arg)}` is not a {type_.name}")
        given[name] = meaning
    return POISON if POISON in given.values() else given


_ZERO = Literal(0, INT)
_ONE = Literal(1, INT)
