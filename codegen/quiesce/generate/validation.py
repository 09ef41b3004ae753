"""The emitted core proved equal to its model: every method, every outcome, every update, every initial value."""

from collections.abc import Iterator, Sequence

from quiesce.generate import names
from quiesce.generate.readback import (
    BLOCKED,
    NOT_ENABLED,
    OUT_OF_RANGE,
    Reading,
    Unreadable,
    read_core,
    read_starts,
    refusal,
)
from quiesce.prove.checked import CheckedMachine
from quiesce.prove.equivalence import Method, Outcome, differences
from quiesce.spec.diagnostics import SpecError
from quiesce.spec.model import Accepts, Action, Blocks, Fails, Machine, ScalarType, Value
from quiesce.spec.show import show_value


def validate(checked: CheckedMachine, spec: str, core: str) -> tuple[str, ...]:
    """What of the core's text could not be proved equal to the model; nothing if all of it was.

    `spec` is the text that the machine was read from.
    """
    machine = checked.machine
    try:
        read_back, readings = read_core(machine, spec, core)
        starts = tuple(_different_starts(machine, core))
    except (Unreadable, SpecError, SyntaxError) as error:
        return (f"cannot be read back: {error}",)
    return (*starts, *differences(machine, read_back, tuple(_methods(machine, readings))))


def _methods(machine: Machine, readings: Sequence[Reading]) -> Iterator[Method]:
    for call, outcomes in machine.calls.items():
        name = names.call_method(call)
        parameters = tuple({p.name: p for action in outcomes for p in action.parameters}.values())
        endings: dict[str, list[Action]] = {OUT_OF_RANGE: []}
        for action in outcomes:
            endings.setdefault(_ending(action), []).append(action)
        yield Method(name, parameters, _outcomes(endings, name, readings))
    for action in machine.actions:
        if not action.calls:
            name = names.step_method(action)
            endings = {OUT_OF_RANGE: [], action.name: [action]}
            yield Method(name, action.parameters, _outcomes(endings, name, readings), otherwise=NOT_ENABLED)


def _outcomes(endings: dict[str, list[Action]], method: str, readings: Sequence[Reading]) -> tuple[Outcome, ...]:
    """The outcomes that the model knows, and any other that the code has."""
    ways: dict[str, list[Action]] = {ending: [] for ending in endings}
    for reading in readings:
        if reading.method == method:
            ways.setdefault(reading.ending, []).append(reading.action)
    return tuple(Outcome(ending, tuple(endings.get(ending, ())), tuple(ways[ending])) for ending in ways)


def _ending(action: Action) -> str:
    match action.outcome:
        case Accepts():
            return action.name
        case Fails(error):
            return refusal(error)
        case Blocks():
            return BLOCKED


def _different_starts(machine: Machine, core: str) -> Iterator[str]:
    found = read_starts(machine, core)
    due: dict[str, tuple[Value, ScalarType]] = {v.name: (v.initial, v.type) for v in machine.variables}
    for family in machine.families:
        due |= {f"{family.member.name}.{field.name}": (field.initial, field.type) for field in family.fields}
    for place, (value, type_) in due.items():
        if found.get(place) != show_value(value, type_):
            yield f"{place}: starts as {found.get(place)}, not as {show_value(value, type_)}"
