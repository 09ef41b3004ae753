"""Emitted code read back as actions, so that it can be proved equal to the model it came from.

The methods of a core are taken apart at their exits: every section has the condition under which it is reached, what it
does, and how it ends. Each becomes an action of a spec, and the one reader of the language reads that spec. Of the
generator only the names are used, so what its views and templates get wrong cannot hide here.
"""

import ast
import re
from collections.abc import Container, Iterator, Mapping
from itertools import islice
from pathlib import PurePosixPath

from quiesce.generate.core.methods import guard_parameters, parameters_of
from quiesce.generate.core.readback_frame import annotation, is_out_of_range, without_docstring
from quiesce.generate.core.readback_language import Language, Unreadable, free_names
from quiesce.generate.core.readback_layers import without_layers
from quiesce.generate.python import names
from quiesce.spec.activities import activities_of
from quiesce.spec.model import Action, Machine, ParameterDecl
from quiesce.spec.parts_of_actions import families_given_back
from quiesce.spec.reader import read_text
from quiesce.spec.record import record

OUT_OF_RANGE = "out of range"
NOT_ENABLED = "not enabled"
BLOCKED = "has to wait"
MAY_HAPPEN = "may happen"
"""Endings that are no answers: an answer is a name, and none of these is."""

_WORD = re.compile(r"\w+")


@record
class Reading:
    """One way through a method: an action whose guard is the way's condition, and how it ends.

    `ending` is the name of an accepted action, the error of a refusal after `refused: `, or one of the words above.
    """

    method: str
    ending: str
    action: Action


@record
class _Section:
    method: str
    ending: str
    parameters: tuple[ParameterDecl, ...]
    when: tuple[ast.expr, ...]
    body: tuple[ast.stmt, ...]


def read_core(machine: Machine, spec: str, core: str, known: str) -> tuple[Machine, tuple[Reading, ...]]:
    """The sections of an emitted core as actions of one machine.

    It has the model's variables and families, and a field more in each: `known` tells whether the core knows the
    member. The text around the methods is not looked at.

    Raises:
        Unreadable: the text is not a core of this machine.
        SpecError: an expression or statement is outside the language.
    """
    words = frozenset(_WORD.findall(spec))
    sections = tuple(_Core(machine, core, known, words).sections())
    names_of_sections = tuple(islice(free_names("section", words), len(sections)))
    text = _as_spec(machine, spec, dict(zip(names_of_sections, sections, strict=True)), known)
    read = read_text(text, PurePosixPath(f"{machine.path} (read back)"))
    actions = read.actions_by_name
    pairs = zip(names_of_sections, sections, strict=True)
    return read, tuple(Reading(section.method, section.ending, actions[name]) for name, section in pairs)


def refusal(error: str) -> str:
    """How a way ends that refuses with `error`."""
    return f"refused: {error}"


# --- from a core to sections -------------------------------------------------------------------------------------


class _Core:
    def __init__(self, machine: Machine, text: str, known: str, words: frozenset[str]) -> None:
        self._machine = machine
        wanted = names.core_class(machine)
        found = [n for n in ast.parse(text).body if isinstance(n, ast.ClassDef) and n.name == wanted]
        if len(found) != 1:
            raise Unreadable(f"there is no class {wanted}")
        self._methods = {node.name: node for node in found[0].body if isinstance(node, ast.FunctionDef)}
        self._language = Language(machine, self._methods, known, words)

    def sections(self) -> Iterator[_Section]:
        """Every way through every method that stands for a call or a step, or tells whether a step may happen.

        What gives a member back is read where it is called; that it can be read is seen to even if nothing calls it.
        """
        for family in families_given_back(self._machine):
            self._language.given_back(family)
        for call, outcomes in self._machine.calls.items():
            yield from self._ways(names.call_method(call), call, parameters_of(outcomes), None)
        for action in self._machine.actions:
            if not action.calls:
                yield self._told(names.guard_method(action), guard_parameters(action))
                yield from self._ways(names.step_method(action), action.name, action.parameters, action)

        for activity in activities_of(self._machine):
            asked = () if activity.member is None else (activity.member,)
            yield self._told(names.due_method(activity.name), asked)

    def _told(self, name: str, asked: tuple[ParameterDecl, ...]) -> _Section:
        """The claim that a step may happen, or an activity is due, as a way through the method that tells of it."""
        self._body(name, asked)
        given: list[ast.expr] = [ast.Name(parameter.name) for parameter in asked]
        condition = self._language.guard(name, given, self._language.places(asked))
        return _Section(name, MAY_HAPPEN, asked, (condition,), ())

    def _ways(
        self, name: str, spoken_of: str, parameters: tuple[ParameterDecl, ...], step: Action | None
    ) -> Iterator[_Section]:
        """The ways through a method; only that of a step may run to its end. Errors name what they are `spoken_of`."""
        places, passed = self._language.places(parameters), list[ast.expr]()
        statements = self._body(name, parameters)
        for number, statement in enumerate(statements):
            if isinstance(statement, ast.If) and not statement.orelse and _ends(statement.body):
                test = self._language.expression(statement.test, places)
                ending, work = _taken_apart(name, spoken_of, parameters, statement.body, step)
                updates = tuple(self._language.statements(work, places))
                yield _Section(name, ending, parameters, (*passed, test), updates)
                passed.append(ast.UnaryOp(ast.Not(), test))
            else:
                statements = statements[number:]
                break
        else:
            statements = []
        ending, work = _taken_apart(name, spoken_of, parameters, statements, step)
        updates = tuple(self._language.statements(work, places))
        yield _Section(name, ending, parameters, tuple(passed), updates)

    def _body(self, name: str, parameters: tuple[ParameterDecl, ...]) -> list[ast.stmt]:
        """The statements of a method, whose arguments have these names."""
        if name not in self._methods:
            raise Unreadable(f"there is no method {name}")
        given = [argument.arg for argument in self._methods[name].args.args[1:]]
        if given != [parameter.name for parameter in parameters]:
            raise Unreadable(f"{name} takes {', '.join(given)}")
        if taken := names.reserved(self._machine).intersection(given):
            raise Unreadable(f"{name}: {', '.join(sorted(taken))} has another meaning")
        return without_docstring(self._methods[name].body)


def _ends(body: list[ast.stmt]) -> bool:
    return isinstance(body[-1], ast.Return | ast.Raise)


def _taken_apart(
    method: str, spoken_of: str, parameters: tuple[ParameterDecl, ...], body: list[ast.stmt], step: Action | None
) -> tuple[str, list[ast.stmt]]:
    """The end of a section, and the statements before it."""
    match body:
        case [*work, ast.Return(ast.Constant(str(answer)))] if step is None and answer.isidentifier():
            return answer, work
        case [*work, ast.Raise() as raised]:
            if work:
                raise Unreadable(f"{method} changes something before it refuses")
            return _ending(method, spoken_of, {p.name for p in parameters}, raised), []
        case _ if step is not None:
            return step.name, body
        case [*_, last]:
            raise Unreadable(f"{method} ends with {ast.unparse(last)}")
        case _:
            raise Unreadable(f"{method} has no last section")


def _ending(method: str, spoken_of: str, arguments: Container[str], raised: ast.Raise) -> str:
    if is_out_of_range(raised, arguments):
        return OUT_OF_RANGE
    match raised:
        case ast.Raise(ast.Call(ast.Name("Refused"), [ast.Constant(str(error))], []), None):
            return refusal(error)
        case ast.Raise(ast.Call(ast.Name("NotEnabled" | "Blocked" as word), [ast.Constant(str(named))], []), None) if (
            named == spoken_of
        ):
            return {"NotEnabled": NOT_ENABLED, "Blocked": BLOCKED}[word]
        case _:
            raise Unreadable(f"{method}: {ast.unparse(raised)}")


# --- from sections to a spec -------------------------------------------------------------------------------------


def _as_spec(machine: Machine, spec: str, sections: Mapping[str, _Section], known: str) -> str:
    """The spec with its actions, promises and helpers replaced by one action for each section.

    A core knows nothing of contracts: what the machine counts of a layer below is a variable like any other.
    """
    tree = ast.parse(spec.lstrip("\ufeff"))
    imported = {alias.name for node in tree.body if isinstance(node, ast.ImportFrom) for alias in node.names}
    missing = sorted({"internal", "when"} - imported)
    imports = [ast.ImportFrom("quiesce.spec", [ast.alias(name) for name in missing], 0)] if missing else []
    members = {family.member.name for family in machine.families}
    is_known = ast.AnnAssign(ast.Name(known), ast.Name("bool"), ast.Constant(value=False), simple=1)
    body: list[ast.stmt] = []
    for node in without_layers(machine, tree.body, annotation):
        if isinstance(node, ast.FunctionDef):
            continue
        if isinstance(node, ast.ClassDef):
            kept = [statement for statement in node.body if not isinstance(statement, ast.FunctionDef)]
            if node.name == machine.name:
                kept = [statement for statement in kept if not isinstance(statement, ast.Assign)]  # sessions of calls
                kept += [_action(name, section) for name, section in sections.items()]
            node.body = [*kept, is_known] if node.name in members else kept
        body.append(node)
    first = 1 if without_docstring(body) != body else 0
    return ast.unparse(ast.fix_missing_locations(ast.Module([*body[:first], *imports, *body[first:]], [])))


def _action(name: str, section: _Section) -> ast.FunctionDef:
    guards = [ast.Expr(ast.Call(ast.Name("when"), [condition], [])) for condition in section.when]
    arguments = [ast.arg("self"), *(ast.arg(p.name, ast.Name(annotation(p.type))) for p in section.parameters)]
    return ast.FunctionDef(
        name=name,
        args=ast.arguments([], arguments, None, [], [], None, []),
        body=[*guards, *section.body] or [ast.Pass()],
        decorator_list=[ast.Name("internal")],
        returns=ast.Constant(None),
    )
