"""A spec about which something is wrong, made as small as can be: one part of its text goes after the other."""

import ast
from collections.abc import Callable, Iterator
from copy import deepcopy


def shrunk(text: str, still: Callable[[str], bool], attempts: int = 1500) -> str:
    """The smallest spec that is found of which the same is `still` true."""
    left, smaller = attempts, True
    while smaller:
        smaller = False
        for candidate in _candidates(ast.parse(text)):
            left -= 1
            if left <= 0:
                return text
            if len(candidate) < len(text) and still(candidate):
                text, smaller = candidate, True
                break
    return text


def _candidates(tree: ast.Module) -> Iterator[str]:
    """Texts with one statement, decorator argument, parameter or part of an expression less; large parts first."""
    bodies = _bodies(tree)
    for number, node in enumerate(bodies):
        for place in range(len(node.body)):
            yield _without(tree, number, place)
    expressions = [node for node in ast.walk(tree) if isinstance(node, ast.expr)]
    for number, expression in enumerate(expressions):
        for smaller in _parts(expression):
            yield _replaced(tree, number, smaller)
    for number, node in enumerate(bodies):
        if isinstance(node, ast.FunctionDef):
            for place in range(1, len(node.args.args)):
                yield _without_parameter(tree, number, place)


Block = ast.Module | ast.ClassDef | ast.FunctionDef | ast.If | ast.For


def _bodies(tree: ast.Module) -> list[Block]:
    return [node for node in ast.walk(tree) if isinstance(node, Block)]


def _without(tree: ast.Module, number: int, place: int) -> str:
    other = deepcopy(tree)
    node = _bodies(other)[number]
    node.body.pop(place)
    node.body = node.body or [ast.Pass()]
    return ast.unparse(ast.fix_missing_locations(other)) + "\n"


def _without_parameter(tree: ast.Module, number: int, place: int) -> str:
    other = deepcopy(tree)
    node = _bodies(other)[number]
    assert isinstance(node, ast.FunctionDef)
    node.args.args.pop(place)
    return ast.unparse(other) + "\n"


def _parts(node: ast.expr) -> list[ast.expr]:
    match node:
        case ast.BoolOp(values=values):
            return list(values)
        case ast.IfExp(body=body, orelse=other):
            return [body, other]
        case ast.BinOp(left=left, right=right):
            return [left, right]
        case ast.UnaryOp(operand=operand):
            return [operand]
        case ast.Call(func=ast.Name(id="implies" | "min" | "max"), args=args):
            return list(args)
        case ast.Call(func=ast.Name(), args=[*args], keywords=keywords) if keywords:
            return [ast.Call(node.func, args, [k for k in keywords if k is not gone]) for gone in keywords]
        case ast.Call(args=[_, *rest]) if len(rest) > 0:
            return [ast.Call(node.func, [a for a in node.args if a is not gone], node.keywords) for gone in node.args]
        case ast.List(elts=elements) if len(elements) > 1:
            return [ast.List([e for e in elements if e is not gone], ast.Load()) for gone in elements]
        case ast.Compare():
            return [ast.Constant(value=True), ast.Constant(value=False)]
        case _:
            return []


def _replaced(tree: ast.Module, number: int, smaller: ast.expr) -> str:
    """The text with another expression in the place of one: the copy of the one is said to be the other."""
    target = [node for node in ast.walk(tree) if isinstance(node, ast.expr)][number]
    other = deepcopy(tree, {id(target): deepcopy(smaller)})
    return ast.unparse(ast.fix_missing_locations(other)) + "\n"
