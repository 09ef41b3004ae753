"""The view of a shell for its templates: a class to derive from, whose calls run the work that is due."""

from collections.abc import Iterator

from quiesce.generate.core.methods import BODY, MethodView, accepting, arguments, parameter_type, parameters_of
from quiesce.generate.core.methods import literal_type as literal_of
from quiesce.generate.core.view import FieldView, policy_arguments
from quiesce.generate.manners import Manner
from quiesce.generate.python import names
from quiesce.generate.python.expressions import literal, type_name
from quiesce.generate.python.line_breaking import INDENT, Bracketed, Shape, Word, laid_out
from quiesce.generate.python.text import (
    docstring,
    filled,
    import_lines,
    page_doc,
    signature,
    sorted_exports,
    summary,
    title,
)
from quiesce.generate.shell_tables import follows, outside_steps, tables, timeouts, value_type
from quiesce.spec.activities import Activity, activities_of
from quiesce.spec.model import (
    Action,
    Blocks,
    EnumType,
    Fails,
    FamilyDecl,
    Machine,
    ParameterDecl,
    SessionDecl,
    Type,
)
from quiesce.spec.record import record


@record
class ErrorView:
    """A reason for which the model refuses calls, and the class of exception for it."""

    name: str
    error: str
    doc: str


@record
class MemberView:
    """A family, and the class of its members as people hold them."""

    name: str
    family: str
    doc: str
    fields: tuple[FieldView, ...]
    reusable: bool
    shown: tuple[str, ...]


@record
class ShellView:
    """The modules of a package with a shell."""

    manner: Manner
    doc: str
    package_doc: str
    name: str
    class_doc: str
    core: str
    error: str
    standard_imports: tuple[str, ...]
    core_imports: tuple[str, ...]
    support: tuple[str, ...]
    errors: tuple[ErrorView, ...]
    members: tuple[MemberView, ...]
    snapshot: tuple[FieldView, ...]
    snapshot_lines: tuple[str, ...]
    constructor: tuple[str, ...]
    life: tuple[str, ...]
    policies: tuple[str, ...]
    stored: tuple[str, ...]
    variables: tuple[str, ...]
    work: tuple[MethodView, ...]
    methods: tuple[MethodView, ...]
    state_constructor: tuple[str, ...]
    tables: tuple[str, ...]
    follows: tuple[str, ...]
    refusals: tuple[str, ...]
    lasting: tuple[str, ...]
    exports_of_core: tuple[str, ...]
    exports_of_lifecycle: tuple[str, ...]
    exports_of_moments: tuple[str, ...]
    exports: tuple[str, ...]


def shell_view(machine: Machine, manner: Manner) -> ShellView:
    """The shell of `machine` whose calls wait in this manner."""
    errors, members = _errors(machine), tuple(_member(machine, family) for family in machine.families)
    of_core = [*(enum.type.name for enum in machine.enums), "NotEnabled"]
    own = [names.lifecycle_class(machine), names.error_class(machine), "Snapshot", "WouldDeadlock"]
    own += [*(error.name for error in errors), *(member.name for member in members)]
    own += [*(["WrongMember"] if members else []), *(["WrongLoop"] if manner.has_loop else [])]
    step = names.step_class(machine)
    policies = tuple(names.policy_attribute(policy.name) for policy in machine.policies)
    variables = tuple(variable.name for variable in machine.variables)
    families = tuple(family.name for family in machine.families)
    return ShellView(
        manner=manner,
        doc=page_doc(machine, f"its lifecycle, for {manner.users}"),
        package_doc=docstring(title(machine), 0),
        name=names.lifecycle_class(machine),
        class_doc=docstring(f"{title(machine)}, for {manner.users}.\n\n{_contract(machine)}", INDENT),
        core=names.core_class(machine),
        error=names.error_class(machine),
        standard_imports=tuple(_standard_imports(machine)),
        core_imports=tuple(import_lines(".core", _names_of_core(machine))),
        support=("_fitting", *(["_members"] if members else []), "_moments", "_pending", manner.support),
        errors=errors,
        members=members,
        snapshot=(
            *(FieldView(variable.name, type_name(variable.type), "") for variable in machine.variables),
            *(FieldView(each.family, f"Mapping[{each.name}, {each.name}.Snapshot]", "") for each in members),
        ),
        snapshot_lines=tuple(laid_out("return ", _snapshot(machine), "", BODY)),
        constructor=tuple(_constructor(machine)),
        life=tuple(laid_out("self._life = ", _life(machine, manner), "", BODY)),
        policies=policies,
        stored=(*policies, *variables, *families),
        variables=variables,
        work=tuple(_work(activity, manner) for activity in activities_of(machine)),
        methods=(
            *(_call(machine, call, outcomes, manner) for call, outcomes in machine.calls.items()),
            *(_session(machine, session, manner) for session in machine.sessions),
            *(_step(action, manner) for action in outside_steps(machine)),
        ),
        state_constructor=tuple(signature("__init__", policy_arguments(machine), "None")),
        tables=tuple(tables(machine)),
        follows=tuple(follows(machine)),
        refusals=tuple(laid_out("refusals=", _refusals(errors), ",", INDENT)),
        lasting=tuple(laid_out("lasting=", _lasting(machine), ",", INDENT)) if _lasting(machine).parts else (),
        exports_of_core=tuple(import_lines(".core", of_core)),
        exports_of_lifecycle=tuple(import_lines(".lifecycle", own)),
        exports_of_moments=tuple(import_lines("._moments", ["Step" if step == "Step" else f"Step as {step}"])),
        exports=tuple(sorted_exports([*of_core, *own, step])),
    )


def _contract(machine: Machine) -> str:
    work = [f"`{activity.name}`" for activity in activities_of(machine)]
    sentences = []
    if work:
        listed = " and ".join([", ".join(work[:-1]), work[-1]] if len(work) > 1 else work)
        sentences.append(f"Derive from this class and write the work: {listed}.")
        sentences.append("The call that makes work due runs it before it returns, and no other call runs it meanwhile.")
        sentences.append("What it raises goes on to the caller.")
    sentences.append("A call happens as a whole or not at all, and only work takes time.")
    if any(_waits(outcomes) for outcomes in machine.calls.values()):
        sentences.append("Where `timeout` seconds are not enough, TimeoutError is raised.")
    return filled(" ".join(sentences), INDENT)


# --- what stands at the top --------------------------------------------------------------------------------------


def _standard_imports(machine: Machine) -> Iterator[str]:
    yield "import weakref"
    if activities_of(machine):
        yield "from abc import ABC, abstractmethod"
    yield f"from collections.abc import Callable{', Mapping' if machine.families else ''}"
    yield "from dataclasses import dataclass"
    several = any(len(accepting(outcomes)) > 1 and not _created(outcomes) for outcomes in machine.calls.values())
    yield from import_lines("typing", ["Literal"] if several else [])


def _names_of_core(machine: Machine) -> list[str]:
    types: list[Type] = [parameter.type for action in machine.actions for parameter in action.parameters]
    types += [variable.type for variable in machine.variables]
    types += [field.type for family in machine.families for field in family.fields]
    types += [policy.type for policy in machine.policies]
    return [names.core_class(machine), *(type_.name for type_ in types if isinstance(type_, EnumType))]


def _errors(machine: Machine) -> tuple[ErrorView, ...]:
    docs: dict[str, str] = {}
    for action in machine.actions:
        match action.outcome:
            case Fails(error):
                docs.setdefault(error, action.doc or f"A call was refused: {error}.")
            case _:
                pass
    return tuple(ErrorView(names.refusal_class(machine, e), e, docstring(doc, INDENT)) for e, doc in docs.items())


def _refusals(errors: tuple[ErrorView, ...]) -> Shape:
    entries = tuple(Word(f'"{each.error}": {each.name}') for each in errors)
    return Bracketed("{", entries, commas=True, closing="}")


def _lasting(machine: Machine) -> Bracketed:
    lasting = tuple(Word(f'"{variable.name}"') for variable in machine.variables if variable.persistent)
    return Bracketed("{", lasting, commas=True, closing="}")


def _member(machine: Machine, family: FamilyDecl) -> MemberView:
    made = any(p.new and p.type == family.member for action in machine.actions for p in action.parameters)
    fields = tuple(
        FieldView(field.name, type_name(field.type), literal(field.initial, field.type)) for field in family.fields
    )
    doc = docstring(family.doc or f"A member of `{family.name}`.", INDENT)
    name = family.member.name
    values = Bracketed("self.Snapshot(", tuple(Word(f"values.{field.name}") for field in fields), commas=True)
    shown = (
        *signature("_shown", (f"values: _core.{name}", "/"), f'"{name}.Snapshot"'),
        *laid_out("return ", values, "", BODY),
    )
    return MemberView(name, family.name, doc, fields, not made, shown)


def _snapshot(machine: Machine) -> Shape:
    scalars = [f"self.{variable.name}" for variable in machine.variables]
    copies = [f'_members.Members(self._members["{family.name}"])' for family in machine.families]
    return Bracketed("Snapshot(", tuple(map(Word, (*scalars, *copies))), commas=True)


def _constructor(machine: Machine) -> list[str]:
    patience = (f"{action.timeout}: float | None = None" for action in timeouts(machine))
    observe = "observe: Callable[[_moments.Step], object] | None = None"
    return signature("__init__", (*policy_arguments(machine), "*", *patience, observe), "None")


def _life(machine: Machine, manner: Manner) -> Shape:
    """The expression that makes the lifecycle; no name stands in between, as timeouts may have any."""
    policies = (f"_fitting.value({names.policy_attribute(each.name)}, {each.type.name})" for each in machine.policies)
    state = Bracketed("_State(", tuple(map(Word, policies)), commas=True)
    limits = tuple(
        Word(f'"{action.timeout}": _pending.seconds({action.timeout}, "{action.timeout}")')
        for action in timeouts(machine)
    )
    parts = (Word("_RULES"), Word("self"), state, Word("observe"))
    patience = (Bracketed("{", limits, commas=True, closing="}"),) if limits else ()
    return Bracketed(f"{manner.support}.{manner.engine}(", (*parts, *patience), commas=True)


# --- methods -----------------------------------------------------------------------------------------------------


def _work(activity: Activity, manner: Manner) -> MethodView:
    """The abstract method that does the work of an activity."""
    given = () if activity.member is None else (activity.member,)
    types = [value_type(answer) for answer in activity.answers]
    returns = {0: "None", 1: types[0] if types else ""}.get(len(types), f"tuple[{', '.join(types)}]")
    return MethodView(
        tuple(signature(activity.name, arguments(given), returns, define=manner.define)),
        docstring("\n".join(_work_doc(activity)), BODY),
        (),
    )


def _work_doc(activity: Activity) -> Iterator[str]:
    yield f"The work `{activity.name}`."
    yield ""
    ends = "When it returns" if activity.failing else "When it returns or raises"
    for head, outcomes in ((ends, activity.succeeding), ("When it raises", activity.failing)):
        for action in outcomes:
            said = action.doc.partition("\n\n")[0] or f"`{action.name}` happens."
            yield filled(f"{head}: {' '.join(said.split())}", BODY)


def _call(machine: Machine, call: str, outcomes: tuple[Action, ...], manner: Manner) -> MethodView:
    parameters, created = parameters_of(outcomes), _created(outcomes)
    waits = _waits(outcomes)
    asked = (*arguments(tuple(each for each in parameters if not each.new)), *(_TIMEOUT if waits else ()))
    returns, margin = _result(accepting(outcomes), created), " " * BODY
    parts = [names.table_entry("call", names.call_method(call))]
    parts += [_tuple_of(parameters)] if parameters or waits else []
    parts += ["timeout"] if waits else []
    made = Bracketed("self._life.call(", tuple(map(Word, parts)), commas=True)
    lines = [f"{margin}{parameter.name} = {parameter_type(parameter)}(self)" for parameter in created]
    if returns.startswith("Literal") and manner.wait:
        # Most calls are answered at once, for which no coroutine is needed.
        tried = Bracketed("self._life.attempt(", tuple(map(Word, parts)), commas=True)
        lines += laid_out("_answer = ", tried, "", BODY)
        lines += laid_out(f"return {manner.wait}", made, " if _answer is None else _answer", BODY)
    else:
        lines += laid_out("return " if returns.startswith("Literal") else manner.wait, made, "", BODY)
    lines += [f"{margin}return {', '.join(parameter.name for parameter in created)}"] if created else []
    return MethodView(
        tuple(signature(names.call_method(call), asked, returns, define=manner.define)),
        docstring("\n".join(_call_doc(machine, call, outcomes)), BODY),
        tuple(lines),
    )


_TIMEOUT = ("*", "timeout: float | None = None")


def _waits(outcomes: tuple[Action, ...]) -> bool:
    """Whether a call may have to wait for others: to be accepted, or to be answered."""
    return any(isinstance(action.outcome, Blocks) or action.until for action in outcomes)


def _created(outcomes: tuple[Action, ...]) -> tuple[ParameterDecl, ...]:
    """The members that a call makes and gives to its caller."""
    return tuple(parameter for parameter in parameters_of(outcomes) if parameter.new)


def _tuple_of(parameters: tuple[ParameterDecl, ...]) -> str:
    return f"({', '.join(parameter.name for parameter in parameters)}{',' if len(parameters) == 1 else ''})"


def _result(accepted: tuple[Action, ...], created: tuple[ParameterDecl, ...]) -> str:
    if created:
        types = [parameter_type(parameter) for parameter in created]
        return types[0] if len(types) == 1 else f"tuple[{', '.join(types)}]"
    return literal_of(accepted) if len(accepted) > 1 else "None"


def _call_doc(machine: Machine, call: str, outcomes: tuple[Action, ...]) -> Iterator[str]:
    yield f"The call {call}."
    errors = dict.fromkeys(action.outcome.error for action in outcomes if isinstance(action.outcome, Fails))
    classes = [names.refusal_class(machine, error) for error in errors]
    sentences = ["May have to wait."] if _waits(outcomes) else []
    sentences += [f"Raises {', '.join(classes)}."] if errors else []
    if sentences:
        yield ""
        yield filled(" ".join(sentences), BODY)


def _session(machine: Machine, session: SessionDecl, manner: Manner) -> MethodView:
    begin, end = machine.calls[session.begin], machine.calls[session.end]
    parameters, created = parameters_of(begin), _created(begin)
    asked = arguments(tuple(parameter for parameter in parameters if not parameter.new))
    waits, margin = _waits(begin), " " * BODY
    given = "None" if not created else _gives(created)
    parts = (
        "self._life",
        names.table_entry("call", names.call_method(session.begin)),
        _tuple_of(parameters),
        "timeout" if waits else "None",
        names.table_entry("call", names.call_method(session.end)),
        _tuple_of(parameters_of(end)),
        given,
    )
    made = Bracketed(f"{manner.support}.Session(", tuple(map(Word, parts)), commas=True)
    lines = [f"{margin}{parameter.name} = {parameter_type(parameter)}(self)" for parameter in created]
    lines += laid_out("return ", made, "", BODY)
    yields = _result((), created)
    between = f"{manner.block} block between the calls {session.begin} and {session.end}"
    doc = summary(f"{between}; the second is made whatever happens inside", between, BODY)
    return MethodView(
        tuple(signature(session.name, (*asked, *_TIMEOUT) if waits else asked, f"{manner.support}.Session[{yields}]")),
        docstring(doc, BODY),
        tuple(lines),
    )


def _gives(created: tuple[ParameterDecl, ...]) -> str:
    return created[0].name if len(created) == 1 else f"({', '.join(parameter.name for parameter in created)})"


def _step(action: Action, manner: Manner) -> MethodView:
    parts = [names.table_entry("step", action.name), *([_tuple_of(action.parameters)] if action.parameters else [])]
    return MethodView(
        tuple(signature(names.step_method(action), arguments(action.parameters), "None", define=manner.define)),
        docstring(action.doc or f"The step `{action.name}`.", BODY),
        tuple(laid_out(manner.wait, Bracketed("self._life.call(", tuple(map(Word, parts)), commas=True), "", BODY)),
    )
