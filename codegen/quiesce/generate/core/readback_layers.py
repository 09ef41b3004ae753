"""A spec as its core sees it: without layers, of which a core knows no more than variables."""

import ast
from collections.abc import Callable, Iterator

from quiesce.spec.model import Machine, Type
from quiesce.spec.reading.siblings import may_be_sibling


def without_layers(machine: Machine, module: list[ast.stmt], annotation: Callable[[Type], str]) -> Iterator[ast.stmt]:
    """The statements of a spec's module without contracts; what a layer adds to the machine is declared instead.

    `annotation` writes a type.
    """
    for node in module:
        if isinstance(node, ast.ImportFrom) and may_be_sibling(node):
            continue
        if isinstance(node, ast.ClassDef) and node.name == machine.name:
            own = [statement for statement in node.body if not _is_layer(statement)]
            node.body = [*own, *_undeclared(machine, own, annotation)]
            node.keywords = []
        yield node


def _is_layer(statement: ast.stmt) -> bool:
    match statement:
        case ast.AnnAssign(annotation=ast.Subscript(value=ast.Name("Uses"))):
            return True
        case _:
            return False


def _undeclared(machine: Machine, own: list[ast.stmt], annotation: Callable[[Type], str]) -> Iterator[ast.stmt]:
    """Declarations of the variables that the machine has because of its layers."""
    declared = {s.target.id for s in own if isinstance(s, ast.AnnAssign) and isinstance(s.target, ast.Name)}
    for variable in machine.variables:
        if variable.name not in declared:
            type_ = ast.Name(annotation(variable.type))
            yield ast.AnnAssign(ast.Name(variable.name), type_, ast.Constant(variable.initial), simple=1)
