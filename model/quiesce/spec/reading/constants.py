"""The names of a module besides classes and policies: constants, and groups of calls."""

import ast

from quiesce.spec.codes import Code
from quiesce.spec.model import INT, Binary, Expr, Literal, Op, Scale
from quiesce.spec.reading.context import Context
from quiesce.spec.reading.expressions import Expressions
from quiesce.spec.reading.problems import POISON, Poison
from quiesce.spec.reading.scope import Scope, Typed
from quiesce.spec.source import MAX_DIGITS

_HINT = "a constant is an integer, a truth value or a member of an enum, perhaps worked out with `+`, `-` and `*`"


def read_constant(context: Context, expressions: Expressions, node: ast.expr) -> Literal | Poison:
    """The value of a constant, which is worked out when the spec is read."""
    mistakes = len(context.problems)
    context.check_order(node)
    if len(context.problems) > mistakes:
        return POISON
    match expressions.read_meaning(node, Scope({})):
        case Poison():
            return POISON
        case Typed(expr):
            found = _worked_out(expr)
        case _:
            found = None
    if found is None:
        return context.report(Code.NOT_A_SPEC, node, f"`{context.text(node)}` is not a constant", _HINT)
    if isinstance(found.value, int) and abs(found.value) >= 10**MAX_DIGITS:
        return context.report(Code.TOO_MANY_DIGITS, node, f"a number has {MAX_DIGITS} digits at most")
    return found


def _worked_out(expr: Expr) -> Literal | None:
    """The value of an expression of literals."""
    match expr:
        case Literal():
            return expr
        case Scale(factor, arg):
            inner = _worked_out(arg)
            return None if inner is None else Literal(factor * int(inner.value), INT)
        case Binary(Op.ADD | Op.SUB as op, left, right):
            a, b = _worked_out(left), _worked_out(right)
            if a is None or b is None:
                return None
            return Literal(int(a.value) + (int(b.value) if op is Op.ADD else -int(b.value)), INT)
        case _:
            return None


def read_group(context: Context, call: ast.Call) -> tuple[str, ...] | Poison:
    """The names in `calls("A", "B", OTHER_GROUP)`, in the order of the text."""
    mistakes = len(context.problems)
    if call.keywords or not call.args:
        hint = 'write `calls("WSPSend", "WSPRecv")`'
        return context.report(Code.BAD_DECORATOR, call, "a group of calls lists their names", hint)
    names = read_names(context, call.args)
    return POISON if len(context.problems) > mistakes or not names else names


def read_names(context: Context, nodes: list[ast.expr]) -> tuple[str, ...]:
    """The names of calls, each once: strings, groups by their names, and groups written out in place."""
    found: dict[str, None] = {}
    for node in nodes:
        for name in _named(context, node):
            if name in found:
                context.report(Code.DUPLICATE, node, f"`{name}` is named twice")
            found[name] = None
    return tuple(found)


def _named(context: Context, node: ast.expr) -> tuple[str, ...]:
    match node:
        case ast.Constant(value=str(name)) if name.isascii() and name.isidentifier():
            context.check_length(name, node)
            return (name,)
        case ast.Call() if context.word(node.func) == "calls":
            group = read_group(context, node)
            return () if group is POISON else group
        case ast.Name(id=name) if name in context.symbols.groups:
            context.in_time(node, name, context.symbols.defined[name])
            group = context.symbols.groups[name]
            return () if group is POISON else group
        case _ if context.is_lost(node):
            return ()
        case _:
            message = 'a call is named by a string such as "WSPStartup", or by a group of calls'
            context.report(Code.BAD_DECORATOR, node, message)
            return ()
