"""Names of a page of Python that stand for two things, in one scope or in one and the scope around it.

The rules are those of Python (https://docs.python.org/3/reference/executionmodel.html#naming-and-binding), as strict as
a type checker takes them: a page in which nothing is found can be read without asking which of two things is meant.
"""

import ast
import builtins
from collections import Counter
from collections.abc import Iterable, Iterator
from enum import Enum, auto

from quiesce.spec.record import record
from quiesce.text.syntax import nodes

BUILTINS = frozenset(dir(builtins))


class Scope(Enum):
    """The scope in which a name is bound."""

    MODULE = auto()
    CLASS = auto()
    FUNCTION = auto()


@record
class Ambiguity:
    """A name that stands for two things, and the scope in which it does."""

    name: str
    scope: Scope


def ambiguities(text: str, beside: frozenset[str] = frozenset()) -> Iterator[Ambiguity]:
    """Every name of a page that stands for two things; if it is that of a package, `beside` are its modules.

    Raises:
        SyntaxError: the text is no Python.
    """
    tree = ast.parse(text)
    bound = list(_bound_by(tree.body))
    yield from _found(Scope.MODULE, {*_repeated(bound), *(BUILTINS | beside).intersection(bound)})
    for node in nodes(tree):
        match node:
            case ast.ClassDef():
                yield from _found(Scope.CLASS, _in_class(node))
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                yield from _found(Scope.FUNCTION, _in_function(node, frozenset(bound)))
            case _:
                pass


def _found(scope: Scope, names: Iterable[str]) -> Iterator[Ambiguity]:
    return (Ambiguity(name, scope) for name in sorted(names))


def _repeated(names: Iterable[str]) -> set[str]:
    return {name for name, times in Counter(names).items() if times > 1}


def _bound_by(body: list[ast.stmt]) -> Iterator[str]:
    """The names that the statements of a module or class bind, each as often as it is bound."""
    for statement in body:
        match statement:
            case ast.Import(names) | ast.ImportFrom(names=names):
                yield from (alias.asname or alias.name.partition(".")[0] for alias in names)
            case ast.ClassDef(name) | ast.FunctionDef(name) | ast.AsyncFunctionDef(name):
                yield name
            case ast.Assign(targets):
                yield from (name for target in targets for name in _stored(target))
            case ast.AnnAssign(target):
                yield from _stored(target)
            case _:
                pass


def _stored(node: ast.AST) -> Iterator[str]:
    return (part.id for part in nodes(node) if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store))


def _loaded(trees: Iterable[ast.AST | None]) -> set[str]:
    every = (part for tree in trees if tree is not None for part in nodes(tree))
    return {part.id for part in every if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Load)}


# --- classes ----------------------------------------------------------------------------------------------------


def _in_class(node: ast.ClassDef) -> set[str]:
    """Bound twice, slots included; or read in the body of the class, where its own names hide those around it.

    Or a field without a value of its own that every class has as an attribute: a dataclass takes that for its default.
    """
    bound = list(_bound_by(node.body))
    empty = {
        name for field in node.body if isinstance(field, ast.AnnAssign) and not field.value for name in _stored(field)
    }
    inherited = {name for name in empty if hasattr(type, name)}
    return _repeated([*bound, *_slots(node)]) | (_loaded(_evaluated(node.body)) & set(bound)) | inherited


def _slots(node: ast.ClassDef) -> Iterator[str]:
    for statement in node.body:
        match statement:
            case ast.Assign([ast.Name("__slots__")], ast.Tuple(elements)):
                yield from (str(one.value) for one in elements if isinstance(one, ast.Constant))
            case _:
                pass


def _evaluated(body: list[ast.stmt]) -> Iterator[ast.AST | None]:
    """The expressions that Python evaluates, or a type checker looks up, in the scope of a class."""
    for statement in body:
        match statement:
            case (
                ast.FunctionDef(args=given, decorator_list=decorators, returns=returns)
                | ast.AsyncFunctionDef(args=given, decorator_list=decorators, returns=returns)
            ):
                yield from decorators
                yield returns
                yield from (argument.annotation for argument in _arguments(given))
                yield from (*given.defaults, *given.kw_defaults)
            case ast.Assign(value=value):
                yield value
            case ast.AnnAssign(annotation=annotation, value=value):
                yield from (annotation, value)
            case _:
                pass


# --- functions --------------------------------------------------------------------------------------------------


def _arguments(given: ast.arguments) -> Iterator[ast.arg]:
    yield from (*given.posonlyargs, *given.args, *given.kwonlyargs)
    yield from (argument for argument in (given.vararg, given.kwarg) if argument is not None)


def _in_function(node: ast.FunctionDef | ast.AsyncFunctionDef, around: frozenset[str]) -> set[str]:
    """Bound twice; or bound here and around; or read here for what it means around, in a call or as a type."""
    arguments = [argument.arg for argument in _arguments(node.args)]
    parts = [part for statement in node.body for part in nodes(statement)]
    inside = {name for part in parts for name in _bound_in(part)}
    local = {*arguments, *inside}
    called = {part.func.id for part in parts if isinstance(part, ast.Call) and isinstance(part.func, ast.Name)}
    types = _loaded(part.annotation for part in parts if isinstance(part, ast.AnnAssign))
    meant = (called & BUILTINS) | types
    return _repeated(arguments) | (inside & set(arguments)) | (local & (around | meant))


def _bound_in(part: ast.AST) -> Iterator[str]:
    """The name that a part of a function binds by itself: by an assignment, or by something else."""
    match part:
        case ast.Name(name, ast.Store()):
            yield name
        case ast.ExceptHandler(name=str(name)) | ast.MatchAs(name=str(name)) | ast.arg(arg=name):
            yield name
        case _:
            pass
