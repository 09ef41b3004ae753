"""A spec as a module: its imports, requirements and policies, and its classes sorted by what they describe."""

import ast
from dataclasses import dataclass, field
from typing import Literal as OneOf
from typing import TypeAlias

from quiesce.spec.codes import Code
from quiesce.spec.model import EnumDecl, EnumType, Literal, PolicyDecl, RequirementDecl, Span
from quiesce.spec.reading import instead
from quiesce.spec.reading.context import Context, arguments
from quiesce.spec.reading.contracts import why_no_contract
from quiesce.spec.reading.expressions import Expressions
from quiesce.spec.reading.problems import POISON, Node, Poison, did_you_mean
from quiesce.spec.reading.scope import Scope, Typed
from quiesce.spec.reading.siblings import Siblings, may_be_sibling, read_sibling
from quiesce.spec.reading.symbols import WORDS

Kind: TypeAlias = OneOf["Enum", "Member", "Machine"]

_UNUSABLE_ENUM_MEMBERS = frozenset({"mro", "name", "value"})


@dataclass
class Contents:
    """The contents of a module, in the order of the text. `offers` is the contract that the machine's class names."""

    enums: list[EnumDecl] = field(default_factory=list)
    requirements: list[RequirementDecl] = field(default_factory=list)
    policies: list[PolicyDecl] = field(default_factory=list)
    member_classes: list[ast.ClassDef] = field(default_factory=list)
    machine: ast.ClassDef | None = None
    offers: ast.expr | None = None


def read_module(context: Context, expressions: Expressions, siblings: Siblings) -> Contents:
    """The module's own level, with the names of all it defines entered into the symbols."""
    contents, body = Contents(), context.source.tree.body
    constants: list[tuple[str, ast.Call]] = []
    start = 1 if ast.get_docstring(context.source.tree, clean=False) is not None else 0
    for node in body[start:]:
        if isinstance(node, ast.ImportFrom):
            _import_from(context, node, siblings)
    for node in body[start:]:
        match node:
            case ast.ImportFrom():
                pass
            case ast.Import():
                _import(context, node)
            case ast.ClassDef():
                _class(context, node, contents)
            case ast.Assign(targets=[ast.Name(id=name) as target], value=ast.Call() as call):
                if context.define(name, context.source.span(target)):
                    constants.append((name, call))
            case _:
                message = "a spec has imports, requirements, policies and classes, and nothing else"
                context.report(Code.NOT_A_SPEC, node, message, instead.in_module(node))
                for name in instead.defined_by(node):
                    context.symbols.defined.setdefault(name, context.source.span(node))
                    context.symbols.faulty.add(name)
    for name, call in constants:
        _constant(context, expressions, name, call, contents)
    if contents.machine is None and not context.symbols.faulty:
        message, hint = "this file describes no machine", "write a class `class Name(Machine):`"
        context.report(Code.NO_SINGLE_MACHINE, Span(1, 1, 1, 1), message, hint)
    return contents


def _import_from(context: Context, node: ast.ImportFrom, siblings: Siblings) -> None:
    module = node.module or ""
    for alias in node.names:
        if alias.name == "*":
            context.symbols.imported.update(WORDS)
            context.report(Code.IMPORT, alias, "a spec names what it imports")
        elif module == "__future__" and alias.name == "annotations" and alias.asname is None:
            context.symbols.lazy_annotations = True
        elif module not in WORDS.values() and may_be_sibling(node):
            _import_contract(context, node, alias, siblings)
        elif module not in WORDS.values() or node.level:
            message = "a spec imports from quiesce.spec, enum and typing only"
            _lost_import(context, alias, message)
        elif alias.asname is not None:
            context.symbols.imported.add(alias.name)
            _lost_import(context, alias, "a spec uses the words of the language as they are")
        elif WORDS.get(alias.name) == module:
            context.symbols.imported.add(alias.name)
        elif alias.name in WORDS:
            context.symbols.imported.add(alias.name)
            message = f"`{alias.name}` is in {WORDS[alias.name]}, not in {module}"
            context.report(Code.IMPORT, alias, message)
        else:
            hint = did_you_mean(alias.name, [word for word, home in WORDS.items() if home == module])
            _lost_import(context, alias, f"{module} has nothing for a spec called `{alias.name}`", hint)


def _import_contract(context: Context, node: ast.ImportFrom, alias: ast.alias, siblings: Siblings) -> None:
    """The machine of a spec beside this one, which has to be a contract."""
    if alias.asname is not None:
        _lost_import(context, alias, "a contract keeps its name")
        return
    if alias.name in WORDS:
        context.report(Code.UNKNOWN_SPEC, alias, f"`{alias.name}` is a word of the language, and no machine")
        return
    where = context.source.span(alias)
    if not context.define(alias.name, where):
        return
    machine = read_sibling(context, siblings, node, alias)
    if machine is not POISON and (reason := why_no_contract(machine)) is not None:
        message = f"`{alias.name}` is no contract: {reason}"
        machine = context.report(Code.NOT_A_CONTRACT, alias, message)
    context.symbols.contracts[alias.name] = machine
    if machine is POISON:
        context.symbols.faulty.add(alias.name)


def _import(context: Context, node: ast.Import) -> None:
    for alias in node.names:
        hint = "write `from quiesce.spec import …`"
        _lost_import(context, alias, "a spec does not import whole modules", hint)


def _lost_import(context: Context, alias: ast.alias, message: str, hint: str | None = None) -> None:
    """Report an import, and let uses of what it would have brought stay silent."""
    context.report(Code.IMPORT, alias, message, hint)
    name = alias.asname or alias.name.partition(".")[0]
    if name not in WORDS:
        context.symbols.defined.setdefault(name, context.source.span(alias))
        context.symbols.faulty.add(name)


def _class(context: Context, node: ast.ClassDef, contents: Contents) -> None:
    where = context.source.name_span(node)
    if not context.define(node.name, where):
        return
    match _kind(context, node):
        case "Enum":
            _enum(context, node, where, contents)
        case "Member":
            contents.member_classes.append(node)
        case "Machine":
            if contents.machine is None:
                contents.machine = node
                contents.offers = next((keyword.value for keyword in node.keywords), None)
            else:
                message = f"this is a second machine, after `{contents.machine.name}`"
                context.report(Code.NO_SINGLE_MACHINE, where, message, "give it a file of its own")
        case Poison():
            context.symbols.faulty.add(node.name)


def _kind(context: Context, node: ast.ClassDef) -> Kind | Poison:
    """The word of the language that the class derives from."""
    help_ = "derive it from Enum, Member or Machine alone"
    offers = [keyword for keyword in node.keywords if keyword.arg == "offers"]
    if len(offers) != 1 or [context.word(base) for base in node.bases] != ["Machine"]:
        offers = []
    extras: list[Node] = [
        *node.decorator_list,
        *(keyword for keyword in node.keywords if keyword not in offers),
        *node.bases[1:],
    ]
    if extras:
        return context.report(Code.BAD_CLASS, extras[0], "a class has one base, and nothing besides", help_)
    where = context.source.name_span(node)
    if not node.bases or getattr(node, "type_params", None):
        return context.report(Code.BAD_CLASS, where, f"`{node.name}` does not say what it is", help_)
    [base] = node.bases
    if context.is_lost(base):
        return POISON
    match context.word(base):
        case "Enum" | "Member" | "Machine" as word:
            return word
        case word:
            pass
    if word is None and isinstance(base, ast.Name) and base.id not in context.symbols.defined:
        return context.unknown(base, base.id, {"Enum", "Member", "Machine"})
    return context.report(Code.BAD_CLASS, base, f"`{context.text(base)}` is not a base of the language", help_)


def _enum(context: Context, node: ast.ClassDef, where: Span, contents: Contents) -> None:
    members: dict[str, Span] = {}
    doc = ast.get_docstring(node)
    for statement in node.body[0 if doc is None else 1 :]:
        match statement:
            case ast.Assign(targets=[ast.Name(id=name) as target], value=value):
                span = context.source.span(target)
                if not (isinstance(value, ast.Call) and context.word(value.func) == "auto" and _is_bare(value)):
                    context.report(Code.BAD_ENUM, value, f"the members of an enum are written `{name} = auto()`")
                if name in _UNUSABLE_ENUM_MEMBERS:
                    context.report(Code.BAD_NAME, target, f"every enum has a `{name}` of its own")
                context.check_name(name, span)
                if name in members:
                    context.duplicate(name, span, members[name])
                members.setdefault(name, span)
            case _:
                context.report(Code.BAD_ENUM, statement, "an enum has members `NAME = auto()`, and nothing else")
    if not members and len(node.body) == (0 if doc is None else 1):
        context.report(Code.BAD_ENUM, where, f"`{node.name}` has no members")
    type_ = EnumType(node.name, tuple(members))
    context.symbols.enums[node.name] = type_
    contents.enums.append(EnumDecl(type_, doc or "", where))


def _is_bare(call: ast.Call) -> bool:
    return not call.args and not call.keywords


def _constant(context: Context, expressions: Expressions, name: str, call: ast.Call, contents: Contents) -> None:
    where = context.symbols.defined[name]
    match context.word(call.func):
        case "Requirement":
            requirement = _requirement(context, call, where, contents)
            context.symbols.requirements[name] = POISON if requirement is POISON else requirement.id
            if requirement is not POISON:
                contents.requirements.append(requirement)
        case "policy":
            policy = _policy(context, expressions, name, call, where)
            context.symbols.policies[name] = POISON if policy is POISON else policy.type
            if policy is not POISON:
                context.symbols.alternatives[name] = policy.alternatives
                contents.policies.append(policy)
        case word:
            context.symbols.faulty.add(name)
            if context.is_lost(call.func):
                return
            if word is None and isinstance(call.func, ast.Name) and call.func.id not in context.symbols.defined:
                context.unknown(call.func, call.func.id, {"Requirement", "policy"})
            else:
                message = "only requirements and policies are named at this level"
                context.report(Code.NOT_A_SPEC, call, message)


def _requirement(context: Context, call: ast.Call, where: Span, contents: Contents) -> RequirementDecl | Poison:
    given = arguments(call, ("id", "text", "source")) or {}
    texts = {name: node.value for name, node in given.items() if isinstance(node, ast.Constant)}
    match texts.get("id"), texts.get("text"), texts.get("source", ""):
        case str(id_), str(text), str(source) if id_.strip() and len(texts) == len(given):
            pass
        case _:
            message = 'a requirement is written `Requirement("id", "text", "source")`'
            return context.report(Code.BAD_REQUIREMENT, call, message)
    for earlier in contents.requirements:
        if earlier.id == id_:
            context.duplicate(id_, given["id"], earlier.span)
    return RequirementDecl(id_, text, source, where)


def _policy(context: Context, expressions: Expressions, name: str, call: ast.Call, where: Span) -> PolicyDecl | Poison:
    if call.keywords or len(call.args) < 2:
        hint = "write `policy(Enum.DEFAULT, Enum.OTHER)`"
        return context.report(Code.BAD_POLICY, call, "a policy names its default and the alternatives to it", hint)
    chosen: list[str] = []
    common: EnumType | None = None
    for node in call.args:
        context.check_order(node)
        match expressions.read_meaning(node, Scope({})):
            case Typed(Literal(str(value)), EnumType() as enum):
                pass
            case Poison():
                return POISON
            case _:
                return context.report(Code.BAD_POLICY, node, "a policy chooses among members of an enum")
        if common is not None and enum != common:
            return context.report(Code.BAD_POLICY, node, f"this policy chooses among members of {common.name}")
        if value in chosen:
            context.report(Code.DUPLICATE, node, f"`{value}` is named twice")
        common = enum
        chosen.append(value)
    return POISON if common is None else PolicyDecl(name, common, tuple(chosen), where)
