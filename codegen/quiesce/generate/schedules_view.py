"""The view of the tests that run a shell in every schedule: the model as tables, and the calls that callers make."""

from collections.abc import Iterable, Iterator, Mapping
from itertools import product

from quiesce.generate.core.methods import accepting, parameters_of
from quiesce.generate.manners import Manner
from quiesce.generate.python import names
from quiesce.generate.python.line_breaking import Bracketed, Joined, Prefixed, Shape, Word, laid_out
from quiesce.generate.python.text import import_lines, page_doc
from quiesce.generate.shell_tables import outside_steps, timeouts
from quiesce.spec.activities import Activity, activities_of
from quiesce.spec.model import Action, BoolType, EnumType, Fails, IntType, Machine, MemberType, ParameterDecl, Type
from quiesce.spec.record import record

_WAYS = 4
"""In how many ways each call is made, with other arguments."""


@record
class SchedulesView:
    """The module of tests that search through schedules."""

    doc: str
    manner: Manner
    imports: tuple[str, ...]
    model: tuple[str, ...]
    moves: tuple[str, ...]
    waits: tuple[str, ...]
    sessions: tuple[str, ...]
    left_out: str


def schedules_view(machine: Machine, manner: Manner) -> SchedulesView:
    """The tests of the shell of `machine`, whose calls wait in this manner."""
    trusted = [call for call, outcomes in machine.calls.items() if any(action.assumes for action in outcomes)]
    trusted += [action.name for action in outside_steps(machine) if action.assumes]
    return SchedulesView(
        doc=page_doc(
            machine, f"what its shell does in every schedule of a few {manner.callers}", _about(manner.callers)
        ),
        manner=manner,
        imports=tuple(import_lines(".schedules", sorted(["exploring", "model", manner.world[0]]))),
        model=tuple(laid_out("MODEL = ", _model(machine), "", 0)),
        moves=tuple(laid_out("MOVES: list[model.Move] = ", _list(_moves(machine, trusted)), "", 0)),
        waits=tuple(laid_out("WAITING: list[str] = ", _list(_waiting(machine, trusted)), "", 0)),
        sessions=tuple(laid_out("SESSIONS: list[model.Session] = ", _list(_sessions(machine, trusted)), "", 0)),
        left_out=", ".join(trusted),
    )


def _about(callers: str) -> str:
    who = callers.title()
    return f"""{who} call the shell, work returns or raises, and a search takes every decision about who \
goes on when.
Each step has to be one of the model, and each call has to be answered as it should be; see `schedules/rules.py`."""


def _model(machine: Machine) -> Shape:
    families = {family.name: _quoted(family.member.name) for family in machine.families}
    actions = {names.call_method(call): _texts(a.name for a in accepting(o)) for call, o in machine.calls.items()}
    actions |= {names.step_method(action): _texts([action.name]) for action in outside_steps(machine)}
    made = {names.call_method(call): _made(machine, outcomes) for call, outcomes in machine.calls.items()}
    errors = {a.outcome.error: None for a in machine.actions if isinstance(a.outcome, Fails)}
    refusals: dict[str, Shape] = {names.refusal_class(machine, error): _quoted(error) for error in errors}
    parts = (
        ("name", _quoted(machine.name)),
        ("core", Word("core")),
        ("families", _table(families)),
        ("made", _table({call: places for call, places in made.items() if places is not None})),
        ("calls", _table(actions)),
        ("activities", _table({each.name: _activity(machine, each) for each in activities_of(machine)})),
        ("until", _table({action.name: _texts(action.until) for action in machine.actions if action.until})),
        ("timeouts", _table({str(action.timeout): _quoted(action.name) for action in timeouts(machine)})),
        ("refusals", _table({**refusals, "NotEnabled": _quoted("NotEnabled")})),
    )
    return Bracketed("model.Model(", tuple(_named(name, shape) for name, shape in parts), commas=True)


def _made(machine: Machine, outcomes: tuple[Action, ...]) -> Shape | None:
    places = {
        str(place): _quoted(machine.family_of(parameter.type).name)
        for place, parameter in enumerate(parameters_of(outcomes))
        if parameter.new and isinstance(parameter.type, MemberType)
    }
    return Bracketed("{", tuple(_entry(key, value) for key, value in places.items()), True, "}") if places else None


def _activity(machine: Machine, activity: Activity) -> Shape:
    succeeds = {
        action.name: _list(Word(str(activity.answers.index(a))) for a in action.parameters if a.answer)
        for action in activity.succeeding
    }
    parts: list[Shape] = [_table(succeeds)]
    if activity.failing:
        parts.append(_named("fails", _texts(action.name for action in activity.failing)))
    if activity.answers:
        ways = product(*(_values(answer.type) for answer in activity.answers))
        answers = (way[0] if len(way) == 1 else f"({', '.join(way)})" for way in ways)
        parts.append(_named("answers", _list(map(Word, answers))))
    if activity.member is not None and isinstance(activity.member.type, MemberType):
        parts.append(_named("of", _quoted(machine.family_of(activity.member.type).name)))
    return Bracketed("model.Activity(", tuple(parts), commas=True)


def _moves(machine: Machine, trusted: Iterable[str]) -> Iterator[Shape]:
    """The calls that callers make, each in a few ways; those that callers are trusted with are left out."""
    for call, outcomes in machine.calls.items():
        if call not in trusted:
            yield from _ways(machine, names.call_method(call), parameters_of(outcomes))
    for action in outside_steps(machine):
        if action.name not in trusted and not any(parameter.new for parameter in action.parameters):
            yield from _ways(machine, names.step_method(action), action.parameters)


def _sessions(machine: Machine, trusted: Iterable[str]) -> Iterator[Shape]:
    """The sessions, each in a few ways."""
    for session in machine.sessions:
        if session.begin in trusted or session.end in trusted:
            continue
        parameters = parameters_of(machine.calls[session.begin])
        asked, created = ([each.name for each in parameters if each.new == new] for new in (False, True))
        back = [
            str(asked.index(each.name)) if each.name in asked else f"~{created.index(each.name)}"
            for each in parameters_of(machine.calls[session.end])
        ]
        more: tuple[Shape, ...] = (_named("begin", _quoted(names.call_method(session.begin))),)
        more += (_named("end", _quoted(names.call_method(session.end))),)
        more += (_named("given_back", _list(map(Word, back))),) if back else ()
        yield from _ways(machine, session.name, parameters, "model.Session(", more)


def _ways(
    machine: Machine,
    method: str,
    parameters: tuple[ParameterDecl, ...],
    made: str = "model.Move(",
    more: tuple[Shape, ...] = (),
) -> Iterator[Shape]:
    asked = [parameter for parameter in parameters if not parameter.new]
    for way in list(product(*(_arguments(machine, parameter.type) for parameter in asked)))[:_WAYS]:
        given: tuple[Shape, ...] = (_quoted(method), *([_list(map(Word, way))] if way else []), *more)
        yield Bracketed(made, given, commas=True)


def _waiting(machine: Machine, trusted: Iterable[str]) -> Iterator[Shape]:
    """The calls that may have to wait."""
    for call, outcomes in machine.calls.items():
        if call not in trusted and any(action.until or not _answers(action) for action in outcomes):
            yield _quoted(names.call_method(call))


def _answers(action: Action) -> bool:
    return isinstance(action.outcome, Fails) or bool(accepting((action,)))


def _arguments(machine: Machine, type_: Type) -> tuple[str, ...]:
    match type_:
        case MemberType():
            return (f'model.Of("{machine.family_of(type_).name}")',)
        case _:
            return _values(type_)


def _values(type_: Type) -> tuple[str, ...]:
    """A few values of a type, as Python text."""
    match type_:
        case BoolType():
            return ("True", "False")
        case EnumType(name, values):
            return tuple(f"core.{name}.{value}" for value in values)
        case IntType(low, high):
            first = low if low is not None else min(0, high or 0)
            return (str(first), str(first + 1)) if high is None or high > first else (str(first),)
        case MemberType():
            return ()


# --- shapes ---------------------------------------------------------------------------------------------------------


def _quoted(text: str) -> Word:
    return Word(f'"{text}"')


def _texts(texts: Iterable[str]) -> Shape:
    return _list(map(_quoted, texts))


def _list(parts: Iterable[Shape]) -> Shape:
    return Bracketed("[", tuple(parts), commas=True, closing="]")


def _entry(key: str, value: Shape) -> Shape:
    return _prefixed(f"{key}: ", value)


def _table(entries: Mapping[str, Shape]) -> Shape:
    parts = tuple(_entry(f'"{key}"', value) for key, value in entries.items())
    return Bracketed("{", parts, commas=True, closing="}") if parts else Word("{}")


def _named(name: str, value: Shape) -> Shape:
    return _prefixed(f"{name}=", value)


def _prefixed(head: str, value: Shape) -> Shape:
    match value:
        case Word(text):
            return Word(f"{head}{text}")
        case Bracketed():
            return Bracketed(f"{head}{value.opening}", value.parts, value.commas, value.closing)
        case Prefixed() | Joined():
            raise TypeError("a table has no operators")
