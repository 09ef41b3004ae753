"""A spec that is executed as the Python that it is, under a stand-in for the words that it imports."""

import ast
from collections.abc import Iterable, Iterator, Mapping
from copy import deepcopy
from enum import Enum
from inspect import get_annotations
from itertools import product
from typing import Any

from tests.differential.reference.lifecycle import (
    Action,
    Choice,
    Domain,
    Fields,
    Lifecycle,
    One,
    Parameter,
    Promise,
    Truth,
    Variable,
    Whole,
)
from tests.differential.reference.unchanged import promises_of_unchanged
from tests.differential.reference.words import (
    ACTIONS,
    OFFERED,
    PROMISES,
    Marked,
    Member,
    Said,
    Stage,
    flat,
    words,
)

BRANCH = "branch#"
"""The function that notes which way an `if` went. No name of a spec is spelled like this."""


class _Noting(ast.NodeTransformer):
    """Note which way each `if` goes; and compare members by what they are, not by the object that stands for them."""

    def visit_If(self, node: ast.If) -> ast.If:
        self.generic_visit(node)
        line = ast.Constant(node.test.lineno)
        node.test = ast.Call(ast.Name(BRANCH, ast.Load()), [line, node.test], [])
        return node

    def visit_Compare(self, node: ast.Compare) -> ast.Compare:
        self.generic_visit(node)
        changed = {ast.Is: ast.Eq, ast.IsNot: ast.NotEq}
        node.ops = [changed.get(type(op), type(op))() for op in node.ops]
        return node


def load(text: str, beside: Mapping[str, str] | None = None) -> tuple[Lifecycle, ...]:
    """The machine of a spec, once for each choice of its policies. `beside` are the specs that it may import."""
    tree = ast.parse(text)
    calls = (node for node in ast.walk(tree) if isinstance(node, ast.Call))
    policies = [node for node in calls if isinstance(node.func, ast.Name) and node.func.id == "policy"]
    policies.sort(key=lambda node: node.lineno)
    alternatives = product(*(range(len(node.args)) for node in policies))
    return tuple(_load(text, beside or {}, iter(chosen)) for chosen in alternatives)


def _load(text: str, beside: Mapping[str, str], choices: Iterator[int]) -> Lifecycle:
    tree = ast.fix_missing_locations(_Noting().visit(ast.parse(text)))
    holder: list[Lifecycle] = []
    unused = Stage()

    def due(name: str, *of: Any) -> bool:
        return holder[0].is_due(name, *of)

    known = words(lambda: holder[0].stage if holder else unused, choices, due)
    lower: dict[Any, Lifecycle] = {}
    space: dict[str, Any] = {}

    def branch(line: int, condition: bool) -> bool:
        holder[0].stage.branches.add((line, bool(condition)))
        return condition

    def bring(name: str, *_: object, **__: object) -> Any:
        if name == "quiesce.spec":
            return _Module(known)
        if name in beside:
            contract = _load(beside[name], beside, iter(()))
            lower[contract.cls] = contract
            return _Module({contract.cls.__name__: contract.cls})
        return __import__(name, fromlist=["*"])

    builtins = dict(vars(__import__("builtins")), __import__=bring)
    space.update({"__builtins__": builtins, "__name__": "spec", BRANCH: branch})
    exec(compile(tree, "spec", "exec"), space)  # noqa: S102 -- the text is made by these tests
    holder.append(_declared(tree, space, lower))
    for name, alone in _beginnings(tree):
        exec(compile(alone, "spec", "exec"), space)  # noqa: S102 -- the same text, with less in it
        holder[0].beginnings[name] = space.pop(f"{name}#")
    return holder[0]


class _AskingNothing(ast.NodeTransformer):
    """Take out of a method the guards' parts that name one of the answers, and all that it changes itself."""

    def __init__(self, answers: set[str]) -> None:
        self._answers = answers

    def visit_Expr(self, node: ast.Expr) -> ast.stmt:
        match node.value:
            case ast.Call(func=ast.Name(id="when"), args=[claim]):
                parts = [part for part in _parts(claim) if not self._answers & _named_in(part)]
                return ast.Expr(ast.Call(ast.Name("when", ast.Load()), [_all(parts)], []))
            case ast.Call(func=ast.Attribute(value=ast.Attribute())):  # the layer below answers as its contract says
                return node
            case _:
                return ast.Pass()

    def visit_Assign(self, node: ast.Assign) -> ast.stmt:  # noqa: ARG002
        return ast.Pass()

    def visit_AugAssign(self, node: ast.AugAssign) -> ast.stmt:  # noqa: ARG002
        return ast.Pass()

    def visit_For(self, node: ast.For) -> ast.stmt:  # noqa: ARG002
        return ast.Pass()


def _parts(claim: ast.expr) -> Iterator[ast.expr]:
    """The parts of a conjunction; one that is written as a chain of comparisons is one, too."""
    match claim:
        case ast.BoolOp(op=ast.And(), values=values):
            for value in values:
                yield from _parts(value)
        case ast.Compare(left, ops, rights):
            for one, op, other in zip([left, *rights], ops, rights, strict=False):
                yield ast.Compare(one, [op], [other])
        case _:
            yield claim


def _all(parts: list[ast.expr]) -> ast.expr:
    return ast.BoolOp(ast.And(), [ast.Constant(value=True), *parts]) if parts else ast.Constant(value=True)


def _named_in(node: ast.expr) -> set[str]:
    return {inner.id for inner in ast.walk(node) if isinstance(inner, ast.Name)}


def _beginnings(tree: ast.Module) -> Iterator[tuple[str, ast.Module]]:
    """The outcomes of activities, each as a function that tells by its guard whether the activity is due."""
    methods = [m for c in tree.body if isinstance(c, ast.ClassDef) for m in c.body if isinstance(m, ast.FunctionDef)]
    for method in methods:
        match method.decorator_list:
            case [ast.Call(func=ast.Name(id="activity"))]:
                marked = (a for a in method.args.args if isinstance(a.annotation, ast.Subscript))
                alone = _AskingNothing({a.arg for a in marked}).visit(deepcopy(method))
                name = f"{method.name}#"
                alone.name, alone.decorator_list = name, []
                for given in alone.args.args:
                    given.annotation = None
                alone.returns = None
                yield method.name, ast.fix_missing_locations(ast.Module([alone], []))
            case _:
                pass


class _Module:
    """What stands for an imported module."""

    def __init__(self, known: Mapping[str, Any]) -> None:
        self.__dict__.update(known)


def _declared(tree: ast.Module, space: Mapping[str, Any], lower: Mapping[Any, Lifecycle]) -> Lifecycle:
    classes = {node.name: node for node in tree.body if isinstance(node, ast.ClassDef)}
    [(name, node)] = [
        (name, node) for name, node in classes.items() if any(_is(base, "Machine") for base in node.bases)
    ]
    cls = space[name]
    found = Lifecycle(cls, node.lineno, _named(tree, space, "policy"), {})
    found.requirements = {value.id: line for line, value in _assigned(tree, space, "Requirement")}
    families, variables = list[Fields](), list[Variable]()
    lines = _lines(node)
    members: dict[type, str] = {}
    for own, annotation in get_annotations(cls).items():
        match annotation:
            case Marked("Family", of):
                members[of] = own
                fields = get_annotations(of)
                inner = _lines(classes[of.__name__])
                declared = tuple(_variable(of, f, fields[f], inner[f]) for f in fields)
                families.append(Fields(own, of, declared, tuple(fields)))
            case Marked("Uses", of):
                found.layers[own] = lower[of]
                found.layer_lines[own] = lines[own]
            case _:
                variables.append(_variable(cls, own, annotation, lines[own]))
    found.variables, found.families = tuple(variables), tuple(families)
    found.offers = lower.get(cls.__dict__[OFFERED])
    methods = [(n, f) for n, f in cls.__dict__.items() if isinstance(getattr(f, "said", None), Said)]
    found.actions = tuple(_action(n, f, lines[n], members) for n, f in methods if f.said.word in ACTIONS)
    every = frozenset(action.name for action in found.actions)
    chosen = tuple(found.policies.values())
    for n, f in methods:
        if f.said.word == "unchanged":
            given, satisfied = _parameters(f, members), _satisfied(f.said.options)
            found.promises += tuple(promises_of_unchanged(n, f, given, satisfied, found.actions, lines[n]))
        elif f.said.word in PROMISES:
            found.promises += (_promise(n, f, lines[n], members, every, chosen),)
    return found


def _is(node: ast.expr, name: str) -> bool:
    return isinstance(node, ast.Name) and node.id == name


def _assigned(tree: ast.Module, space: Mapping[str, Any], word: str) -> Iterator[tuple[int, Any]]:
    for node in tree.body:
        match node:
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.Call(func=ast.Name(id=called))) if called == word:
                yield node.lineno, space[name]
            case _:
                pass


def _named(tree: ast.Module, space: Mapping[str, Any], word: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for node in tree.body:
        match node:
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.Call(func=ast.Name(id=called))) if called == word:
                found[name] = space[name]
            case _:
                pass
    return found


def _lines(node: ast.ClassDef) -> dict[str, int]:
    found: dict[str, int] = {}
    for inner in node.body:
        match inner:
            case ast.FunctionDef(name=name):
                found[name] = inner.lineno
            case ast.AnnAssign(target=ast.Name(id=name)):
                found[name] = inner.lineno
            case _:
                pass
    return found


def _domain(annotation: Any, members: Mapping[type, str]) -> tuple[Domain, frozenset[str]]:
    """The values of a type, and the marks on it."""
    if isinstance(annotation, Marked):
        inner, marks = _domain(annotation.inner, members)
        if annotation.mark == "New" and isinstance(inner, One):
            inner = One(inner.family, new=True)
        return inner, marks | {annotation.mark}
    if annotation is bool:
        return Truth(), frozenset()
    if annotation is int:
        return Whole(None, None), frozenset()
    if hasattr(annotation, "__metadata__"):
        [bounds] = annotation.__metadata__
        return Whole(bounds.low, bounds.high), frozenset()
    if issubclass(annotation, Member):
        return One(members[annotation], new=False), frozenset()
    return Choice(tuple(annotation)), frozenset()


def _variable(cls: Any, name: str, annotation: Any, line: int) -> Variable:
    domain, marks = _domain(annotation, {})
    return Variable(name, domain, cls.__dict__[name], "Persistent" in marks, line)


def _parameters(function: Any, members: Mapping[type, str], *besides: str) -> tuple[Parameter, ...]:
    found = []
    for name, annotation in function.__annotations__.items():
        if name not in ("return", *besides):
            domain, marks = _domain(annotation, members)
            found.append(Parameter(name, domain, "Answer" in marks))
    return tuple(found)


def _several(value: Any) -> tuple[Any, ...]:
    return tuple(value) if isinstance(value, list | tuple) else (value,)


def _satisfied(options: Mapping[str, Any]) -> frozenset[str]:
    return frozenset(requirement.id for requirement in _several(options.get("satisfies", ())))


def _names(functions: Any) -> frozenset[str]:
    return frozenset(function.__name__ for function in _several(functions))


def _action(name: str, function: Any, line: int, members: Mapping[type, str]) -> Action:
    said: Said = function.said
    options = said.options
    return Action(
        name,
        said.word,
        flat(said.names) if said.word == "call" else (),
        options.get("fails") if said.word == "call" else None,
        bool(options.get("blocks", False)),
        _names(options.get("fair", ())),
        _satisfied(options),
        _parameters(function, members),
        function,
        line,
        ends=said.names[0] if said.word == "activity" else None,
        failing=said.word == "activity" and bool(options.get("fails")),
        until=_names(options.get("until", ())),
    )


def _expected(said: Any, chosen: Iterable[Enum]) -> str:
    """What is expected under the alternatives of the policies that are chosen."""
    if isinstance(said, str):
        return said
    return next((str(said[value]) for value in chosen if value in said), "proved")


def _answered(said: Said) -> tuple[str, ...]:
    """The calls that a promise of answers names."""
    match said.word:
        case "accepts":
            return flat(said.names)
        case "refuses":
            return flat(said.names[:1])
        case _:
            return ()


def _promise(
    name: str,
    function: Any,
    line: int,
    members: Mapping[type, str],
    every: frozenset[str],
    chosen: tuple[Enum, ...],
) -> Promise:
    said: Said = function.said
    options = said.options
    expected = _expected(options.get("expect", "proved"), chosen)
    if isinstance(options.get("expect"), dict) and expected != "proved":
        name = f"{name} under {next(value.name for value in options['expect'] if value in chosen)}"
    match said.word:
        case "step":
            concerns = _names(options["only"]) if "only" in options else every - _names(options.get("unless", ()))
        case "leads_to":
            concerns = _names(options["fair"])
        case "enabled":
            concerns = _names(said.names)
        case _:
            concerns = frozenset()
    return Promise(
        name,
        said.word,
        concerns,
        _answered(said),
        said.names[1] if said.word == "refuses" else None,
        expected == "proved",
        expected != "refuted without assumptions",
        _satisfied(options),
        _parameters(function, members, "old"),
        function,
        line,
    )
