"""Mutants of a module: the operators of mutmut, and some more that leave a part of a rule out.

mutmut itself leaves decorated functions alone, and puts all mutants of a function side by side. Most of the kernel is
in properties, so only its operators are taken from it. What is added here drops an element of a listing, the filter of
a comprehension, the guard of a case, something that is yielded, raised or returned, and decides an `if` beforehand.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import libcst as cst
from libcst.metadata import MetadataWrapper, PositionProvider
from mutmut.mutation.mutators import mutation_operators, operator_string

NAMES = 40
"""How many letters on both sides of a change are named with it."""


@dataclass(frozen=True)
class Mutant:
    """A module with one change. `name` says which, and stays the same where other lines of the module change."""

    name: str
    path: str
    function: str | None
    first: int
    last: int
    code: str


def mutants(path: str, text: str) -> Iterator[Mutant]:
    """Every mutant of a module; `path` is how it is called."""
    wrapper = MetadataWrapper(cst.parse_module(text))
    visitor = _Visitor(path, wrapper.module)
    wrapper.visit(visitor)
    seen: dict[str, int] = {}
    for mutant in visitor.found:
        times = seen[mutant.name] = seen.get(mutant.name, 0) + 1
        name = mutant.name if times == 1 else f"{mutant.name} #{times}"
        yield Mutant(name, mutant.path, mutant.function, mutant.first, mutant.last, mutant.code)


class _Visitor(cst.CSTVisitor):
    METADATA_DEPENDENCIES = (PositionProvider,)

    def __init__(self, path: str, module: cst.Module) -> None:
        super().__init__()
        self.found: list[Mutant] = []
        self._path, self._module = path, module
        self._parts = [module.code_for_node(part) for part in (*module.header, *module.body, *module.footer)]
        self._top = 0
        self._names: list[str] = []
        self._functions = 0
        self._header = 0

    def on_visit(self, node: cst.CSTNode) -> bool:
        if any(node is part for part in self._module.body):
            self._top = len(self._module.header) + self._module.body.index(node)
        if isinstance(node, cst.Annotation | cst.Decorator | cst.Import | cst.ImportFrom) or _is_type(node):
            return False
        if isinstance(node, cst.MatchCase) and _is_impossible(node):
            return False
        if isinstance(node, cst.Arg) and node.keyword is not None and node.keyword.value == "strict":
            return False
        if isinstance(node, cst.Call) and isinstance(node.func, cst.Name) and node.func.value in {"len", "isinstance"}:
            return False
        if isinstance(node, cst.FunctionDef | cst.ClassDef):
            self._names.append(node.name.value)
            self._functions += isinstance(node, cst.FunctionDef)
        self._header += isinstance(node, cst.Parameters)
        for changed in _changed(node):
            self._add(node, changed)
        return True

    def on_leave(self, original_node: cst.CSTNode) -> None:
        if isinstance(original_node, cst.FunctionDef | cst.ClassDef):
            self._names.pop()
            self._functions -= isinstance(original_node, cst.FunctionDef)
        self._header -= isinstance(original_node, cst.Parameters)

    def _add(self, node: cst.CSTNode, changed: cst.CSTNode) -> None:
        before = self._parts[self._top]
        now = self._module.code_for_node(
            _replaced(self._module.body[self._top - len(self._module.header)], node, changed)
        )
        code = "".join((*self._parts[: self._top], now, *self._parts[self._top + 1 :]))
        place = self.get_metadata(PositionProvider, node)
        inside = bool(self._functions) and not (self._header and self._functions == 1)
        name = f"{self._path} {'.'.join(self._names)}: {_difference(before, now)}"
        function = ".".join(self._names) if inside else None
        self.found.append(Mutant(name, self._path, function, place.start.line, place.end.line, code))


def _difference(before: str, now: str) -> str:
    first = next((n for n, (a, b) in enumerate(zip(before, now, strict=False)) if a != b), min(len(before), len(now)))
    most = min(len(before), len(now)) - first
    same = next((n for n in range(most) if before[-1 - n] != now[-1 - n]), most)
    left, right = before[:first], before[len(before) - same :]
    parts = (left[-NAMES:], before[first : len(before) - same], now[first : len(now) - same], right[:NAMES])
    begins, was, becomes, ends = (" ".join(part.split()) for part in parts)
    return f"{begins} [-{was}-]{{+{becomes}+}} {ends}"


def _replaced(part: cst.CSTNode, node: cst.CSTNode, changed: cst.CSTNode) -> cst.CSTNode:
    found = part.visit(_Replacing(node, changed))
    assert isinstance(found, cst.CSTNode)
    return found


class _Replacing(cst.CSTTransformer):
    def __init__(self, node: cst.CSTNode, changed: cst.CSTNode) -> None:
        super().__init__()
        self._node, self._changed = node, changed

    def on_visit(self, node: cst.CSTNode) -> bool:
        return node is not self._node

    def on_leave(  # type: ignore[override]
        self, original_node: cst.CSTNode, updated_node: cst.CSTNode
    ) -> cst.CSTNode:
        return self._changed if original_node is self._node else updated_node


def _is_type(node: cst.CSTNode) -> bool:
    """Whether a statement only names a type."""
    match node:
        case cst.SimpleStatementLine([cst.AnnAssign(annotation=cst.Annotation(cst.Name("TypeAlias")))]):
            return True
        case cst.SimpleStatementLine([cst.Assign(value=cst.Call(func=cst.Name("TypeVar")))]):
            return True
        case _:
            return False


# --- operators ---------------------------------------------------------------------------------------------------

FALSE, TRUE, NOTHING = cst.Name("False"), cst.Name("True"), cst.Name("None")
YIELDS_NOTHING = cst.Yield(cst.From(cst.Tuple([])))


def _changed(node: cst.CSTNode) -> Iterator[cst.CSTNode]:
    for type_, operator in mutation_operators:
        if isinstance(node, type_):
            found = list(operator(node))
            if operator is operator_string:
                found = found[:1]  # the others differ in capital letters only
            yield from (changed for changed in found if not _makes_no_difference(node, changed))
    yield from (changed for changed in _weakened(node) if not _makes_no_difference(node, changed))


def _makes_no_difference(node: cst.CSTNode, changed: cst.CSTNode) -> bool:
    """Whether a case is gone that no value comes to, or `strict` where listings are zipped, or None is for False."""
    match node, changed:
        case cst.Match(), cst.Match():
            (gone,) = [case for case in node.cases if all(case is not left for left in changed.cases)]
            return _is_impossible(gone)
        case cst.Return(cst.Name("False")), cst.Return(cst.Name("None")):
            return True
        case cst.Call(), cst.Call():
            return set(map(_value, node.args)) - {None} == set(map(_value, changed.args)) - {None}
        case _:
            return False


def _is_impossible(case: cst.MatchCase) -> bool:
    return "assert_never" in _code(case.body)


def _code(node: cst.CSTNode) -> str:
    return cst.Module([]).code_for_node(node)


def _value(arg: cst.Arg) -> str | None:
    strict = arg.keyword is not None and arg.keyword.value == "strict"
    text = _code(arg.with_changes(comma=cst.MaybeSentinel.DEFAULT))
    return None if strict else text.replace("False", "None")


def _weakened(node: cst.CSTNode) -> Iterator[cst.CSTNode]:
    match node:
        case cst.Set([_]):
            pass  # without its element it would be spelled otherwise
        case cst.Tuple() | cst.List() | cst.Set():
            yield from (node.with_changes(elements=left) for left in _without_one(node.elements))
        case cst.CompFor():
            yield from (node.with_changes(ifs=left) for left in _without_one(node.ifs))
        case cst.MatchCase() if node.guard is not None:
            yield node.with_changes(guard=None, whitespace_before_if=cst.SimpleWhitespace(""))
        case cst.If():
            space = cst.SimpleWhitespace(" ")
            yield from (node.with_changes(test=test, whitespace_before_test=space) for test in (TRUE, FALSE))
        case cst.Expr(cst.Yield()):
            yield node.with_changes(value=YIELDS_NOTHING)
        case cst.Raise():
            yield cst.Pass()
        case cst.Return(value) if value is not None and not (isinstance(value, cst.Name) and value.value == "None"):
            yield node.with_changes(value=NOTHING, whitespace_after_return=cst.SimpleWhitespace(" "))
        case _:
            pass


def _without_one(listed: Sequence[cst.CSTNode]) -> Iterable[Sequence[cst.CSTNode]]:
    for number in range(len(listed)):
        left = [*listed[:number], *listed[number + 1 :]]
        if len(left) == 1 and isinstance(left[0], cst.Element | cst.StarredElement):
            left = [left[0].with_changes(comma=cst.Comma())]
        yield left
