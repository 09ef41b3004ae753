"""The nodes of a syntax tree are those of `ast.walk`, in its order, but for operators and contexts."""

import ast
from pathlib import Path

import pytest
from quiesce.text.syntax import nodes

SPECS = sorted((Path(__file__).parents[1] / "specs" / "good").glob("*.py"))
WITHOUT_PARTS = (ast.expr_context, ast.operator, ast.unaryop, ast.boolop, ast.cmpop)

EVERYTHING = """
import a as b, c
from d import e as f
global_ = [x for x in y if x async for z in w]
def g(a: int, /, *b: str, c: bool = True, **d: "h") -> None:
    global global_
    try:
        with open(a) as f, b: pass
    except (A, B) as error:
        raise error from None
    match a:
        case [1, *rest] | {"k": 2, **more} | P(x=3) as whole if whole: pass
    return f"{a!r:>{b}}" if not a < b <= c else lambda q: q[1:2]
"""


@pytest.mark.parametrize("text", [EVERYTHING, *(path.read_text(encoding="utf-8") for path in SPECS)])
def test_no_node_is_left_out(text: str) -> None:
    tree = ast.parse(text)
    wanted = [node for node in ast.walk(tree) if not isinstance(node, WITHOUT_PARTS)]
    assert all(one is other for one, other in zip(nodes(tree), wanted, strict=True))
