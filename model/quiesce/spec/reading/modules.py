"""A spec as a module: what it imports and names, and its classes sorted by what they describe."""

import ast
from dataclasses import dataclass, field, replace
from typing import Literal as OneOf
from typing import TypeAlias

from quiesce.spec.codes import Code
from quiesce.spec.model import EnumDecl, EnumType, Literal, PolicyDecl, RequirementDecl, Span
from quiesce.spec.reading import instead
from quiesce.spec.reading.constants import read_constant, read_group
from quiesce.spec.reading.context import Context
from quiesce.spec.reading.contracts import why_no_contract
from quiesce.spec.reading.expressions import Expressions
from quiesce.spec.reading.problems import POISON, Node, Poison, did_you_mean
from quiesce.spec.reading.requirements import read_requirement, read_shared
from quiesce.spec.reading.scope import Scope, Typed
from quiesce.spec.reading.siblings import Siblings, may_be_sibling, read_sibling
from quiesce.spec.reading.symbols import FORMER, WORDS

Kind: TypeAlias = OneOf["Enum", "Member", "Machine"]

_UNUSABLE_ENUM_MEMBERS = frozenset({"mro", "name", "value"})


@dataclass(eq=False, repr=False)
class Contents:
    """The contents of a module, in the order of the text. `provides` is the contract that the machine's class names."""

    enums: list[EnumDecl] = field(default_factory=list)
    requirements: dict[str, RequirementDecl] = field(default_factory=dict)
    policies: list[PolicyDecl] = field(default_factory=list)
    functions: list[ast.FunctionDef] = field(default_factory=list)
    member_classes: list[ast.ClassDef] = field(default_factory=list)
    machine: ast.ClassDef | None = None
    provides: ast.expr | None = None


def read_module(context: Context, expressions: Expressions, siblings: Siblings) -> Contents:
    """The module's own level, with the names of all it defines entered into the symbols."""
    contents, body = Contents(), context.source.tree.body
    named: list[tuple[str, ast.expr]] = []
    start = 1 if ast.get_docstring(context.source.tree, clean=False) is not None else 0
    for node in body[start:]:
        if isinstance(node, ast.ImportFrom):
            _import_from(context, node, siblings, contents)
    for node in body[start:]:
        match node:
            case ast.ImportFrom():
                pass
            case ast.Import():
                _import(context, node)
            case ast.ClassDef():
                _class(context, node, contents)
            case ast.FunctionDef(name=name):
                if context.define(name, context.source.name_span(node)):
                    contents.functions.append(node)
            case ast.Assign(targets=[ast.Name(id=name) as target], value=value):
                if context.define(name, context.source.span(target)):
                    named.append((name, value))
            case _:
                message = "a spec has imports, requirements, policies, constants, functions and classes, no more"
                context.report(Code.NOT_A_SPEC, node, message, instead.in_module(node))
                for name in instead.defined_by(node):
                    context.symbols.defined.setdefault(name, context.source.span(node))
                    context.symbols.faulty.add(name)
    for name, value in named:
        _named(context, expressions, name, value, contents)
    if contents.machine is None and not context.symbols.faulty:
        message, hint = "this file describes no machine", "write a class `class Name(Machine):`"
        context.report(Code.NO_SINGLE_MACHINE, Span(1, 1, 1, 1), message, hint)
    return contents


def _import_from(context: Context, node: ast.ImportFrom, siblings: Siblings, contents: Contents) -> None:
    module = node.module or ""
    beside = module not in (*WORDS.values(), "__future__") and may_be_sibling(node)
    file = siblings.find(module) if beside else None
    shared = None if file is None else read_shared(context, file, node.names[0])
    for alias in node.names:
        if alias.name == "*":
            context.symbols.imported.update(WORDS)
            context.report(Code.IMPORT, alias, "a spec names what it imports")
        elif module == "__future__" and alias.name == "annotations" and alias.asname is None:
            context.symbols.lazy_annotations = True
        elif beside and file is None and alias is not node.names[0]:
            _lose(context, alias)  # that there is no such file is reported at the first name
        elif beside and shared is None:
            _import_contract(context, node, alias, siblings)
        elif beside and shared is not None:
            _import_shared(context, node, alias, shared, contents)
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
            words = [word for word, home in WORDS.items() if home == module]
            hint = FORMER.get(alias.name) or did_you_mean(alias.name, words)
            _lost_import(context, alias, f"{module} has nothing for a spec called `{alias.name}`", hint)


def _import_shared(
    context: Context,
    node: ast.ImportFrom,
    alias: ast.alias,
    shared: dict[str, RequirementDecl] | Poison,
    contents: Contents,
) -> None:
    """A requirement from a file of requirements beside this spec."""
    if shared is POISON:
        context.symbols.faulty.add(alias.name)
        context.symbols.defined.setdefault(alias.name, context.source.span(alias))
    elif alias.asname is not None:
        _lost_import(context, alias, "a requirement keeps its name")
    elif alias.name not in shared:
        hint = did_you_mean(alias.name, shared)
        message = f"`{node.module}.py` has no requirement `{alias.name}`"
        _lost_import(context, alias, message, hint, Code.UNKNOWN_SPEC)
    else:
        _import_requirement(context, alias, shared[alias.name], contents)


def _import_requirement(context: Context, alias: ast.alias, requirement: RequirementDecl, contents: Contents) -> None:
    where = context.source.span(alias)
    if not context.define(alias.name, where):
        return
    if (earlier := contents.requirements.get(requirement.id)) is not None:
        context.duplicate(requirement.id, alias, earlier.span)
    context.symbols.requirements[alias.name] = requirement.id
    contents.requirements[requirement.id] = replace(requirement, span=where)


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


def _lost_import(
    context: Context, alias: ast.alias, message: str, hint: str | None = None, code: Code = Code.IMPORT
) -> None:
    """Report an import, and let uses of what it would have brought stay silent."""
    context.report(code, alias, message, hint)
    _lose(context, alias)


def _lose(context: Context, alias: ast.alias) -> None:
    """Let uses of what an import does not bring stay silent."""
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
                contents.provides = next((keyword.value for keyword in node.keywords), None)
            else:
                message = f"this is a second machine, after `{contents.machine.name}`"
                context.report(Code.NO_SINGLE_MACHINE, where, message, "give it a file of its own")
        case Poison():
            context.symbols.faulty.add(node.name)


def _kind(context: Context, node: ast.ClassDef) -> Kind | Poison:
    """The word of the language that the class derives from."""
    help_ = "derive it from Enum, Member or Machine alone"
    provides = [keyword for keyword in node.keywords if keyword.arg == "provides"]
    if len(provides) != 1 or [context.word(base) for base in node.bases] != ["Machine"]:
        provides = []
    extras: list[Node] = [
        *node.decorator_list,
        *(keyword for keyword in node.keywords if keyword not in provides),
        *node.bases[1:],
    ]
    if isinstance(extras[0] if extras else None, ast.keyword) and any(k.arg == "offers" for k in node.keywords):
        help_ = "did you mean `provides=`?"
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
    contents.enums.append(EnumDecl(type_, doc or "", where, tuple(members.values())))


def _is_bare(call: ast.Call) -> bool:
    return not call.args and not call.keywords


def _named(context: Context, expressions: Expressions, name: str, value: ast.expr, contents: Contents) -> None:
    """The meaning of a name of the module: a requirement, a policy, a group of calls or a constant."""
    symbols, where = context.symbols, context.symbols.defined[name]
    word = context.word(value.func) if isinstance(value, ast.Call) else None
    match value:
        case ast.Call() if word == "Requirement":
            requirement = read_requirement(context, value, where, contents.requirements)
            symbols.requirements[name] = POISON if requirement is POISON else requirement.id
            if requirement is not POISON:
                contents.requirements[requirement.id] = requirement
        case ast.Call() if word == "policy":
            policy = _policy(context, expressions, name, value, where)
            symbols.policies[name] = POISON if policy is POISON else policy.type
            if policy is not POISON:
                symbols.alternatives[name] = policy.alternatives
                contents.policies.append(policy)
        case ast.Call() if word == "calls":
            symbols.groups[name] = read_group(context, value)
        case ast.Call(func=func) if word not in ("min", "max"):
            symbols.faulty.add(name)
            if context.is_lost(func):
                return
            if word is None and isinstance(func, ast.Name) and func.id not in symbols.defined:
                context.unknown(func, func.id, {"Requirement", "policy", "calls"})
            else:
                message = "only requirements, policies, groups of calls and constants are named at this level"
                context.report(Code.NOT_A_SPEC, value, message)
        case _:
            symbols.constants[name] = read_constant(context, expressions, value)


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
