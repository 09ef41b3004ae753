"""The shell as it is tested: its own text, with a call of the scheduler wherever another thread can make a difference.

Shared is every attribute that is written or changed in place after the constructors. How fine a schedule is says where
another thread can go on: before a list or a table that is shared is changed in place, before any shared attribute is
written, or before one is read, too. Nothing else of the text is changed.
"""

import ast
import builtins
import sys
from collections.abc import Callable, Iterator, Mapping
from enum import IntEnum
from functools import cache
from pathlib import Path
from types import CodeType, ModuleType, SimpleNamespace
from typing import Any


class Grain(IntEnum):
    """Before what another thread can go on; locks and the work of activities are such places always."""

    CHANGES = 1
    """A change in place of a list or a table: the steps of the lifecycle itself, and who sleeps."""
    WRITES = 2
    """Also every other write to what threads share."""
    READS = 3
    """Also every read of what is written somewhere."""

    @property
    def told(self) -> str:
        """In words."""
        return f"{' and '.join(grain.name.lower() for grain in Grain if grain <= self)}"


PACKAGE = "tested"
"""The package of the modules as they are tested."""

_SWITCH = "__switch__"
_TURN = "__turn__"

_CHANGES = frozenset(
    {"add", "append", "appendleft", "clear", "discard", "extend", "insert", "pop", "popitem", "popleft", "remove"}
    | {"setdefault", "update"}
)
_CONSTRUCTORS = frozenset({"__init__", "__new__", "_copied"})


def load(
    folder: Path,
    first: str,
    beside: Mapping[str, ModuleType],
    outside: Mapping[str, object],
    switch: Callable[..., None],
    turn: Callable[[], None],
    grain: Grain,
    shared: frozenset[str] = frozenset(),
) -> dict[str, ModuleType]:
    """A module of `folder` and those that it imports; `beside` and `outside` stand for others that they import.

    The attributes that threads share are `shared`, or if none are given, all that are written behind the constructors.
    """
    codes = _codes(folder, first, frozenset(beside), grain, shared)
    loaded: dict[str, ModuleType] = dict(beside)

    def imported(name: str, globals_: Any = None, locals_: Any = None, wanted: Any = (), level: int = 0) -> object:
        if level:
            return module(name) if name else SimpleNamespace(**{each: module(each) for each in wanted})
        return outside.get(name) or builtins.__import__(name, globals_, locals_, wanted, level)

    def module(name: str) -> ModuleType:
        if name not in loaded:
            new = loaded[name] = ModuleType(f"{PACKAGE}.{name}")
            new.__package__ = PACKAGE
            new.__dict__.update(
                {"__builtins__": {**vars(builtins), "__import__": imported}, _SWITCH: switch, _TURN: turn}
            )
            sys.modules[new.__name__] = new  # dataclasses look there
            exec(codes[name], new.__dict__)  # noqa: S102 -- the shell that lies beside these tests
        return loaded[name]

    return {name: module(name) for name in codes}


@cache
def _codes(
    folder: Path, first: str, beside: frozenset[str], grain: Grain, shared: frozenset[str]
) -> Mapping[str, CodeType]:
    trees: dict[str, ast.Module] = {}
    _parse(folder, first, beside, trees)
    points = _Points(shared or frozenset(name for tree in trees.values() for name in _shared(tree)), grain)
    return {
        name: compile(
            ast.fix_missing_locations(points.visit(tree)), str(folder / f"{name}.py"), "exec", dont_inherit=True
        )
        for name, tree in trees.items()
    }


def _parse(folder: Path, name: str, beside: frozenset[str], trees: dict[str, ast.Module]) -> None:
    if name not in trees and name not in beside:
        trees[name] = ast.parse((folder / f"{name}.py").read_text(encoding="utf-8"))
        for node in ast.walk(trees[name]):
            if isinstance(node, ast.ImportFrom) and node.level:
                for each in [node.module] if node.module else [alias.name for alias in node.names]:
                    _parse(folder, each, beside, trees)


def _shared(tree: ast.AST) -> Iterator[str]:
    """The attributes that are changed or written after the constructors."""
    for node in ast.iter_child_nodes(tree):
        if not (isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name in _CONSTRUCTORS):
            match node:
                case ast.Attribute(_, name, ast.Store() | ast.Del()):
                    yield name
                case _ if (changed := changed_in_place(node)) is not None:
                    yield changed.attr
                case _:
                    pass
            yield from _shared(node)


def changed_in_place(node: ast.AST) -> ast.Attribute | None:
    """The attribute whose value an expression changes in place."""
    match node:
        case ast.Subscript(ast.Attribute() as attribute, _, ast.Store() | ast.Del()):
            return attribute
        case ast.Call(ast.Attribute(ast.Attribute() as attribute, method)) if method in _CHANGES:
            return attribute
        case _:
            return None


class _Points(ast.NodeTransformer):
    """Puts a call of the scheduler before each statement that uses what is shared, if the grain is that fine."""

    def __init__(self, shared: frozenset[str], grain: Grain) -> None:
        self._shared = shared
        self._grain = grain

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        if node.name not in _CONSTRUCTORS:
            self._inside(node)
        return node

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> ast.AST:
        self._inside(node)
        return node

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.AST:
        node.body = [self.visit(each) for each in node.body]
        return node

    def visit_Module(self, node: ast.Module) -> ast.AST:
        node.body = [self.visit(each) for each in node.body]
        return node

    def _inside(self, node: ast.AST) -> None:
        for field in ("body", "orelse", "finalbody"):
            found = getattr(node, field, None)
            if isinstance(found, list):
                setattr(node, field, [line for each in found for line in self._statement(each)])
        for each in (*getattr(node, "handlers", ()), *getattr(node, "cases", ())):
            self._inside(each)

    def _statement(self, node: ast.stmt) -> Iterator[ast.stmt]:
        parts = parts_of(node)
        bases = [base for part in parts for base in self._bases(part)]
        self._inside(node)
        if bases:
            call = ast.Call(ast.Name(_SWITCH, ast.Load()), [ast.Constant(node.lineno), *_named(parts, bases)], [])
            if isinstance(node, ast.While):
                node.test = ast.copy_location(ast.BoolOp(ast.Or(), [call, node.test]), node.test)
            else:
                yield ast.copy_location(ast.Expr(call), node)
        if isinstance(node, ast.While):
            turn = ast.Call(ast.Name(_TURN, ast.Load()), [], [])
            node.test = ast.copy_location(ast.BoolOp(ast.Or(), [turn, node.test]), node.test)
        yield node

    def _bases(self, part: ast.AST) -> Iterator[ast.expr]:
        """The objects of which something shared is used, as far as the grain goes."""
        for node in ast.walk(part):
            if (changed := changed_in_place(node)) is not None and changed.attr in self._shared:
                yield changed.value
            match node:
                case ast.Attribute(base, name, ast.Load()) if name in self._shared and self._grain >= Grain.READS:
                    yield base
                case ast.Attribute(base, name, ast.Store() | ast.Del()) if (
                    name in self._shared and self._grain >= Grain.WRITES
                ):
                    yield base
                case _:
                    pass


def _named(parts: list[ast.AST], bases: list[ast.expr]) -> list[ast.expr]:
    """The objects themselves, if each has a name before the statement; none if one has not."""
    names = [node for part in parts for node in ast.walk(part) if isinstance(node, ast.Name)]
    bound = {node.id for node in names if isinstance(node.ctx, ast.Store)}
    known = {base.id for base in bases if isinstance(base, ast.Name)} - bound
    every = all(isinstance(base, ast.Name) and base.id in known for base in bases)
    return [ast.Name(name, ast.Load()) for name in sorted(known)] if every else []


def parts_of(node: ast.stmt) -> list[ast.AST]:
    """The parts of a statement that are evaluated before the statements in it."""
    match node:
        case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef() | ast.Try():
            return []
        case ast.If(test) | ast.While(test):
            return [test]
        case ast.For(target, iterable):
            return [target, iterable]
        case ast.With(items):
            return list(items)
        case ast.Match(subject):
            return [subject]
        case _:
            return [node]
