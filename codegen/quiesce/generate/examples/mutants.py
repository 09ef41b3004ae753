"""Small faults of a generated core, one at a time: what its tests have to notice."""

import ast
import copy
from collections.abc import Iterator, Mapping
from typing import Any

from quiesce.spec.record import record
from quiesce.text.syntax import nodes

_COMPARISONS: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Lt: (ast.LtE, ast.GtE),
    ast.LtE: (ast.Lt, ast.Gt),
    ast.Gt: (ast.GtE, ast.LtE),
    ast.GtE: (ast.Gt, ast.Lt),
    ast.Eq: (ast.NotEq, ast.LtE, ast.GtE),
    ast.NotEq: (ast.Eq,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
}
_CALLS = {"min": "max", "max": "min", "any": "all", "all": "any"}


@record
class Mutant:
    """`method` with one fault; `text` is the faulty method."""

    method: str
    text: str


def mutants(core: str, enums: Mapping[str, tuple[str, ...]]) -> Iterator[Mutant]:
    """Every mutant of the methods of the last class in `core`, but for its constructor.

    `enums` are the values under the names of their classes.
    """
    body = [node for node in ast.parse(core).body if isinstance(node, ast.ClassDef)][-1].body
    for method in (node for node in body if isinstance(node, ast.FunctionDef) and node.name != "__init__"):
        for node in nodes(method):
            for change in _changes_of_node(node, enums):
                yield Mutant(method.name, _changed_method(method, node, change))


def _changed_method(method: ast.FunctionDef, node: ast.AST, change: Mapping[str, Any]) -> str:
    before = {name: getattr(node, name) for name in change}
    for name, value in change.items():
        setattr(node, name, value)
    text = ast.unparse(method)
    for name, value in before.items():
        setattr(node, name, value)
    return text


def _changes_of_node(node: ast.AST, enums: Mapping[str, tuple[str, ...]]) -> Iterator[dict[str, Any]]:
    """The attributes of a node that a fault sets anew."""
    match node:
        case ast.Compare(_, ops):
            for index, op in enumerate(ops):
                for other in _COMPARISONS[type(op)]:
                    yield {"ops": [*ops[:index], other(), *ops[index + 1 :]]}
        case ast.BoolOp(op, values):
            yield {"op": ast.Or() if isinstance(op, ast.And) else ast.And()}
            yield from ({"values": values[:index] + values[index + 1 :]} for index in range(len(values)))
        case ast.Constant(bool() as value):
            yield {"value": not value}
        case ast.Constant(int() as value):
            yield from ({"value": value + 1}, {"value": value - 1})
        case ast.Attribute(ast.Name(enum), value) if enum in enums:
            yield from ({"attr": other} for other in enums[enum] if other != value)
        case ast.BinOp(_, ast.Add() | ast.Sub() as op) | ast.AugAssign(_, ast.Add() | ast.Sub() as op):
            yield {"op": ast.Sub() if isinstance(op, ast.Add) else ast.Add()}
        case ast.Call(ast.Name(name)) if name in _CALLS:
            yield {"func": ast.Name(_CALLS[name])}
        case ast.UnaryOp(ast.Not()):
            yield {"op": ast.Not(), "operand": ast.UnaryOp(ast.Not(), copy.deepcopy(node.operand))}
        case ast.If() | ast.IfExp():
            yield from ({"test": ast.Constant(constant)} for constant in (True, False))
        case _:
            pass
    for block in ("body", "orelse"):
        yield from _block_without_one(block, getattr(node, block, None))


def _block_without_one(block: str, statements: object) -> Iterator[dict[str, Any]]:
    """The block without one of its statements."""
    if not isinstance(statements, list):
        return
    for index, statement in enumerate(statements):
        if isinstance(statement, ast.Assign | ast.AugAssign | ast.For | ast.If) or (
            isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call)
        ):
            yield {block: statements[:index] + statements[index + 1 :] or [ast.Pass()]}
