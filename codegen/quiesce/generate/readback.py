"""Emitted code read back as actions, so that it can be proved equal to the model it came from.

The methods of a core are taken apart at their exits: every section has the condition under which it is reached, what it
does, and how it ends. Each becomes an action of a spec, and the one reader of the language reads that spec. Of the
generator only the names are used, so what its views and templates get wrong cannot hide here.
"""

import ast
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass
from pathlib import PurePosixPath

from quiesce.generate import names
from quiesce.generate.readback_layers import without_layers
from quiesce.spec.model import Action, BoolType, EnumType, IntType, Machine, MemberType, ParameterDecl, Type
from quiesce.spec.reader import read_text

OUT_OF_RANGE = "ValueError"
NOT_ENABLED = "NotEnabled"
BLOCKED = "Blocked"


class Unreadable(Exception):
    """The text has a form that a core never has; the message says where."""


@dataclass(frozen=True, slots=True)
class Reading:
    """One way through a method: an action whose guard is the way's condition, and how it ends.

    `ending` is the name of an accepted action, the error of a refusal after `refused: `, or one of the words above.
    """

    method: str
    ending: str
    action: Action


@dataclass(frozen=True, slots=True)
class _Section:
    method: str
    ending: str
    parameters: tuple[ParameterDecl, ...]
    when: tuple[ast.expr, ...]
    body: tuple[ast.stmt, ...]


def read_core(machine: Machine, spec: str, core: str) -> tuple[Machine, tuple[Reading, ...]]:
    """The sections of an emitted core as actions of one machine, which has the model's variables and families.

    Raises:
        Unreadable: the text is not a core of this machine.
        SpecError: an expression or statement is outside the language.
    """
    sections = tuple(_Core(machine, core).sections())
    read = read_text(_as_spec(machine, spec, sections), PurePosixPath(f"{machine.path} (read back)"))
    actions = read.actions_by_name
    return read, tuple(Reading(s.method, s.ending, actions[_name(n)]) for n, s in enumerate(sections))


def read_starts(machine: Machine, core: str) -> dict[str, str]:
    """The text of each initial value in an emitted core: of variables by name, of fields as `Member.field`."""
    found = dict(_Core(machine, core).starts())
    members = {family.member.name for family in machine.families}
    for node in ast.parse(core).body:
        if isinstance(node, ast.ClassDef) and node.name in members:
            for statement in node.body:
                match statement:
                    case ast.AnnAssign(ast.Name(name), _, ast.expr() as value):
                        found[f"{node.name}.{name}"] = ast.unparse(value)
                    case _:
                        pass
    return found


def _name(number: int) -> str:
    return f"section_{number}"


def refusal(error: str) -> str:
    """How a way ends that refuses with `error`."""
    return f"refused: {error}"


# --- from a core to sections -------------------------------------------------------------------------------------


class _Core:
    def __init__(self, machine: Machine, text: str) -> None:
        self._machine = machine
        wanted = names.core_class(machine)
        found = [n for n in ast.parse(text).body if isinstance(n, ast.ClassDef) and n.name == wanted]
        if len(found) != 1:
            raise Unreadable(f"there is no class {wanted}")
        self._methods = {node.name: node for node in found[0].body if isinstance(node, ast.FunctionDef)}

    def starts(self) -> Iterator[tuple[str, str]]:
        """Each variable with the text of the value that the constructor gives it."""
        for statement in self._method("__init__").body:
            match statement:
                case ast.Assign([ast.Attribute(ast.Name("self"), name)], value):
                    yield name, ast.unparse(value)
                case ast.AnnAssign(ast.Attribute(ast.Name("self"), name), _, ast.expr() as value):
                    yield name, ast.unparse(value)
                case _:
                    pass

    def sections(self) -> Iterator[_Section]:
        """Every way through every method that stands for a call or a step."""
        for call, outcomes in self._machine.calls.items():
            parameters = tuple({p.name: p for action in outcomes for p in action.parameters}.values())
            yield from self._ways(names.call_method(call), parameters)
        for action in self._machine.actions:
            if not action.calls:
                yield from self._ways(names.step_method(action), action.parameters, action.name)

    def _ways(self, name: str, parameters: tuple[ParameterDecl, ...], ending: str = "") -> Iterator[_Section]:
        """The ways through a method; one that runs to its end ends as `ending`."""
        method = self._method(name)
        given = [argument.arg for argument in method.args.args[1:]]
        if given != [parameter.name for parameter in parameters]:
            raise Unreadable(f"{name} takes {', '.join(given)}")
        passed: list[ast.expr] = []
        statements = method.body[1:] if _is_docstring(method.body[0]) else method.body
        for number, statement in enumerate(statements):
            if isinstance(statement, ast.If) and not statement.orelse and _ends(statement.body):
                test = self._clean_expression(statement.test)
                yield self._section(name, parameters, (*passed, test), statement.body, ending)
                passed.append(ast.UnaryOp(ast.Not(), test))
            else:
                yield self._section(name, parameters, tuple(passed), statements[number:], ending)
                return
        raise Unreadable(f"{name} has no last section")

    def _section(
        self,
        name: str,
        parameters: tuple[ParameterDecl, ...],
        when: tuple[ast.expr, ...],
        body: list[ast.stmt],
        end: str,
    ) -> _Section:
        *work, last = body
        if isinstance(last, ast.Return) and isinstance(last.value, ast.Constant) and isinstance(last.value.value, str):
            return _Section(name, last.value.value, parameters, when, tuple(self._clean(work)))
        if isinstance(last, ast.Raise) and isinstance(last.exc, ast.Call) and isinstance(last.exc.func, ast.Name):
            if work:
                raise Unreadable(f"{name} changes something before it refuses")
            return _Section(name, _ending(last.exc), parameters, when, ())
        if end:
            return _Section(name, end, parameters, when, tuple(self._clean(body)))
        raise Unreadable(f"{name} ends with {ast.unparse(last)}")

    def _method(self, name: str) -> ast.FunctionDef:
        if name not in self._methods:
            raise Unreadable(f"there is no method {name}")
        return self._methods[name]

    # --- into the language of specs ---

    def _clean(self, statements: list[ast.stmt]) -> Iterator[ast.stmt]:
        """The statements as a spec writes them: what a family knows is not part of the model."""
        for statement in statements:
            match statement:
                case ast.Assign([ast.Subscript(ast.Attribute(ast.Name("self"), family))], ast.Constant(None)):
                    self._require_family(family)
                case ast.Expr(ast.Call(ast.Attribute(ast.Attribute(ast.Name("self"), family), "pop"))):
                    self._require_family(family)
                case ast.Expr(ast.Call(ast.Attribute(ast.Name("self"), method), [ast.Name(member)])):
                    yield from self._inlined(method, member)
                case ast.If(test, then, otherwise):
                    inner = list(self._clean(then)) or [ast.Pass()]
                    yield ast.If(self._clean_expression(test), inner, list(self._clean(otherwise)))
                case ast.For(target, place, inner):
                    body = list(self._clean(inner)) or [ast.Pass()]
                    yield ast.For(target, self._clean_expression(place), body, [], lineno=0)
                case ast.Assign([target], value):
                    yield ast.Assign([target], self._clean_expression(value), lineno=0)
                case ast.AugAssign(target, operator, value):
                    yield ast.AugAssign(target, operator, self._clean_expression(value))
                case _:
                    raise Unreadable(ast.unparse(statement))

    def _inlined(self, name: str, member: str) -> Iterator[ast.stmt]:
        """The statements of a method that gives a member back, about that member."""
        method = self._method(name)
        parameter = method.args.args[1].arg
        renamed = ast.Module([_Rename(parameter, member).visit(deepcopy(node)) for node in method.body], [])
        yield from self._clean([node for node in renamed.body if not _is_docstring(node)])

    def _require_family(self, name: str) -> None:
        if name not in self._machine.families_by_name:
            raise Unreadable(f"{name} is no family")

    def _clean_expression(self, expr: ast.expr) -> ast.expr:
        return _Clean(self._machine, self._methods).visit(deepcopy(expr))  # type: ignore[no-any-return]


class _Clean(ast.NodeTransformer):
    """Names policies as the spec does, looks through `tuple(self.family)`, and inlines `self.can_x(…)`."""

    def __init__(self, machine: Machine, methods: dict[str, ast.FunctionDef]) -> None:
        self._policies = {names.policy_attribute(policy.name): policy.name for policy in machine.policies}
        self._methods = methods

    def visit_Attribute(self, node: ast.Attribute) -> ast.expr:
        """`self.open_sockets` -> `OPEN_SOCKETS`."""
        self.generic_visit(node)
        if isinstance(node.value, ast.Name) and node.value.id == "self" and node.attr in self._policies:
            return ast.Name(self._policies[node.attr])
        return node

    def visit_Call(self, node: ast.Call) -> ast.expr:
        """`tuple(self.sockets)` -> `self.sockets`, and the expression that a guard method returns."""
        match node:
            case ast.Call(ast.Name("tuple"), [family], []):
                return self.visit(family)  # type: ignore[no-any-return]
            case ast.Call(ast.Attribute(ast.Name("self"), name), arguments, []) if name in self._methods:
                method = self._methods[name]
                given = [argument.id for argument in arguments if isinstance(argument, ast.Name)]
                if given != [argument.arg for argument in method.args.args[1:]]:
                    raise Unreadable(ast.unparse(node))
                last = method.body[-1]
                if not isinstance(last, ast.Return) or last.value is None or len(method.body) > 2:
                    raise Unreadable(f"{name} does more than return a condition")
                return self.visit(deepcopy(last.value))  # type: ignore[no-any-return]
            case _:
                return self.generic_visit(node)  # type: ignore[return-value]


class _Rename(ast.NodeTransformer):
    def __init__(self, before: str, now: str) -> None:
        self._before = before
        self._now = now

    def visit_Name(self, node: ast.Name) -> ast.Name:
        return ast.Name(self._now) if node.id == self._before else node


def _is_docstring(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)


def _ends(body: list[ast.stmt]) -> bool:
    return isinstance(body[-1], ast.Return | ast.Raise)


def _ending(raised: ast.Call) -> str:
    if not isinstance(raised.func, ast.Name):
        raise Unreadable(ast.unparse(raised))
    match raised:
        case ast.Call(ast.Name("Refused"), [ast.Constant(str(error))], []):
            return refusal(error)
        case _:
            pass
    if raised.func.id in {OUT_OF_RANGE, NOT_ENABLED, BLOCKED}:
        return raised.func.id
    raise Unreadable(ast.unparse(raised))


# --- from sections to a spec -------------------------------------------------------------------------------------


def _as_spec(machine: Machine, spec: str, sections: tuple[_Section, ...]) -> str:
    """The spec with its actions and promises replaced by one action for each section.

    A core knows nothing of contracts: what the machine counts of a layer below is a variable like any other.
    """
    tree = ast.parse(spec.lstrip("\ufeff"))
    imported = {alias.name for node in tree.body if isinstance(node, ast.ImportFrom) for alias in node.names}
    missing = sorted({"internal", "when"} - imported)
    imports = [ast.ImportFrom("quiesce.spec", [ast.alias(name) for name in missing], 0)] if missing else []
    body: list[ast.stmt] = []
    for node in without_layers(machine, tree.body, _annotation):
        if isinstance(node, ast.ClassDef) and node.name == machine.name:
            kept = [statement for statement in node.body if not isinstance(statement, ast.FunctionDef)]
            node.body = [*kept, *(_action(number, section) for number, section in enumerate(sections))]
        body.append(node)
    first = 1 if _is_docstring(body[0]) else 0
    return ast.unparse(ast.fix_missing_locations(ast.Module([*body[:first], *imports, *body[first:]], [])))


def _action(number: int, section: _Section) -> ast.FunctionDef:
    guards = [ast.Expr(ast.Call(ast.Name("when"), [condition], [])) for condition in section.when]
    arguments = [ast.arg("self"), *(ast.arg(p.name, ast.Name(_annotation(p.type))) for p in section.parameters)]
    return ast.FunctionDef(
        name=_name(number),
        args=ast.arguments([], arguments, None, [], [], None, []),
        body=[*guards, *section.body] or [ast.Pass()],
        decorator_list=[ast.Name("internal")],
        returns=ast.Constant(None),
    )


def _annotation(type_: Type) -> str:
    """A type without bounds: what is known of arguments is the model's business."""
    match type_:
        case BoolType():
            return "bool"
        case IntType():
            return "int"
        case EnumType(name) | MemberType(name):
            return name
