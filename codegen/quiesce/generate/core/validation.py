"""The emitted core proved equal to its model: every method, outcome, update and initial value, and all around them."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from quiesce.generate.core.methods import parameters_of
from quiesce.generate.core.readback import (
    BLOCKED,
    MAY_HAPPEN,
    NOT_ENABLED,
    OUT_OF_RANGE,
    Reading,
    read_core,
    refusal,
)
from quiesce.generate.core.readback_frame import frame_differences
from quiesce.generate.core.readback_language import Unreadable
from quiesce.generate.python import names
from quiesce.prove.checked import CheckedMachine
from quiesce.prove.effort import Effort
from quiesce.prove.equivalence.comparison import Method, Outcome, differences, known_field
from quiesce.prove.solving.cache import NO_CACHE, Cache
from quiesce.spec.activities import Activity, activities_of, due_claim
from quiesce.spec.diagnostics import SpecError
from quiesce.spec.model import Accepts, Action, Blocks, Expr, Fails, Machine


def validate(checked: CheckedMachine, spec: str, core: str, effort: Effort, cache: Cache = NO_CACHE) -> tuple[str, ...]:
    """The differences between the core's text and the model that could not be excluded; nothing if all is proved equal.

    `spec` is the text that the machine was read from. Proofs in `cache` are not repeated.
    """
    return compare(checked.machine, checked.report.hints.helpers, spec, core, effort, cache)


def compare(
    machine: Machine, helpers: tuple[Expr, ...], spec: str, core: str, effort: Effort, cache: Cache = NO_CACHE
) -> tuple[str, ...]:
    """The same, of a machine that is trusted to keep its promises and the `helpers` that their proofs rest on."""
    try:
        if around := tuple(frame_differences(machine, core)):
            return around
        read_back, readings = read_core(machine, spec, core, known_field(machine))
    except (Unreadable, SpecError, SyntaxError, ValueError, RecursionError) as error:
        return (f"cannot be read back: {error}",)
    due = {names.due_method(activity.name): _due(activity) for activity in activities_of(machine)}
    model = replace(machine, actions=(*machine.actions, *due.values()))
    methods = (*_methods(machine, readings), *(_telling(name, action, readings) for name, action in due.items()))
    return differences(model, read_back, methods, effort, helpers, cache)


def _due(activity: Activity) -> Action:
    """A step that changes nothing and can happen where the activity is due. No action of a spec can have its name."""
    asked = () if activity.member is None else (activity.member,)
    told = replace(activity.outcomes[0], parameters=asked, when=(due_claim(activity),), body=(), when_spans=())
    return replace(told, name=f"due {activity.name}", assumes=(), preconditions=(), lower_calls=(), ends=None)


def _methods(machine: Machine, readings: Sequence[Reading]) -> Iterator[Method]:
    for call, outcomes in machine.calls.items():
        endings: dict[str, list[Action]] = {}
        for action in outcomes:
            endings.setdefault(_ending(action), []).append(action)
        yield _method(names.call_method(call), outcomes, endings, readings, None)
    for action in machine.actions:
        if not action.calls:
            yield _telling(names.guard_method(action), action, readings)
            yield _method(names.step_method(action), (action,), {action.name: [action]}, readings, NOT_ENABLED)


def _telling(method: str, action: Action, readings: Sequence[Reading]) -> Method:
    """A method that tells where an action may happen, and does nothing else."""
    told = Outcome(MAY_HAPPEN, (action,), tuple(r.action for r in readings if r.method == method))
    return Method(method, action.parameters, (told,), tells=True)


def _method(
    name: str,
    actions: tuple[Action, ...],
    endings: dict[str, list[Action]],
    readings: Sequence[Reading],
    otherwise: str | None,
) -> Method:
    """The outcomes that the model knows, and any other that the code has."""
    ways: dict[str, list[Action]] = {ending: [] for ending in (OUT_OF_RANGE, *endings)}
    for reading in readings:
        if reading.method == name:
            ways.setdefault(reading.ending, []).append(reading.action)
    outcomes = tuple(Outcome(ending, tuple(endings.get(ending, ())), tuple(ways[ending])) for ending in ways)
    return Method(name, parameters_of(actions), outcomes, otherwise, tuple(ways[OUT_OF_RANGE]))


def _ending(action: Action) -> str:
    match action.outcome:
        case Accepts():
            return action.name
        case Fails(error):
            return refusal(error)
        case Blocks():
            return BLOCKED
