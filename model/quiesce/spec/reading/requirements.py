"""Requirements: sentences of source documents, in a spec itself or in a file that specs beside it share."""

import ast
from collections.abc import Sequence
from pathlib import Path

from quiesce.spec.codes import Code
from quiesce.spec.diagnostics import SpecError
from quiesce.spec.model import RequirementDecl, Span
from quiesce.spec.reading.context import Context, arguments
from quiesce.spec.reading.problems import POISON, Poison, Problems
from quiesce.spec.source import load
from quiesce.spec.visible import one_line


def read_requirement(
    context: Context, call: ast.Call, where: Span, earlier: Sequence[RequirementDecl]
) -> RequirementDecl | Poison:
    """The requirement that a call of `Requirement` describes; none of the earlier ones may have its id."""
    given = arguments(call, ("id", "text", "source")) or {}
    texts = {name: node.value for name, node in given.items() if isinstance(node, ast.Constant)}
    match texts.get("id"), texts.get("text"), texts.get("source", ""):
        case str(id_), str(text), str(source) if id_.strip() and len(texts) == len(given):
            pass
        case _:
            message = 'a requirement is written `Requirement("id", "text", "source")`'
            return context.report(Code.BAD_REQUIREMENT, call, message)
    if one_line(id_) != id_:
        message = "the id of a requirement is a name for people: one line, of characters that are seen"
        return context.report(Code.BAD_REQUIREMENT, given["id"], message)
    for other in earlier:
        if other.id == id_:
            context.duplicate(id_, given["id"], other.span)
    return RequirementDecl(id_, text, source, where)


def read_shared(context: Context, file: Path, where: ast.alias) -> dict[str, RequirementDecl] | Poison | None:
    """The requirements by name of a file that names nothing else; None if the file is no such file.

    A file whose requirements have mistakes is reported at `where`, the import.
    """
    try:
        source = load(file, context.source.path.parent / file.name)
    except SpecError:
        return None
    inner = Context(source, Problems(source))
    found: dict[str, RequirementDecl] = {}
    for node in source.tree.body:
        match node:
            case ast.Expr(value=ast.Constant(value=str())):
                pass
            case ast.ImportFrom(module="quiesce.spec", names=[ast.alias(name="Requirement", asname=None)]):
                inner.symbols.imported.add("Requirement")
            case ast.Assign(targets=[ast.Name(id=name) as target], value=ast.Call() as call):
                span = source.span(target)
                if inner.word(call.func) != "Requirement":
                    return None
                if inner.define(name, span):
                    requirement = read_requirement(inner, call, span, tuple(found.values()))
                    if requirement is not POISON:
                        found[name] = requirement
            case _:
                return None
    if inner.problems:
        first = inner.problems.error().diagnostics[0]
        place = f"{first.path}:{first.span.line}:{first.span.column}"
        message = f"`{file.name}` has mistakes of its own: {place}: {first.message}"
        return context.report(Code.BROKEN_SPEC, where, message)
    return found or None
