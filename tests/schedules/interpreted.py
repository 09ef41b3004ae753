"""The interpreter of a spec beside the search: each step that a schedule shows is one of the spec as it was written.

The generated tests compare with the proved core, as a package stands alone. Here, the spec itself has the word.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from enum import Enum
from types import ModuleType
from typing import Any

from quiesce.generate.core.methods import parameters_of
from quiesce.spec.interpreter import NotEnabled, initial_states, step
from quiesce.spec.model import Machine
from quiesce.spec.state import State

MEMBERS = 8
"""So many members of each family are enough for every search."""


@contextmanager
def interpreted(tests: ModuleType, machine: Machine) -> Iterator[Counter[str]]:
    """Have all searches of a module `test_shell` look at the spec, too; the steps that were compared are counted."""
    compared: Counter[str] = Counter()
    callers: Any = tests.exploring.Callers

    class Interpreted(callers):  # type: ignore[misc]  # the package exists only while tests run
        _run: object = None

        def _step(self, moment: Any, action: str, arguments: tuple[Any, ...]) -> None:
            if self._run is not self._memory:
                self._run, self._interpreter = self._memory, _Interpreter(machine)
            if action:
                compared[action] += 1
                if wrong := self._interpreter.step(action, arguments, moment):
                    self._world.fail(f"the spec itself says otherwise: {wrong}")
            super()._step(moment, action, arguments)

    tests.exploring.Callers = Interpreted
    try:
        yield compared
    finally:
        tests.exploring.Callers = callers


class _Interpreter:
    """One run of a spec."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self._members: dict[Any, int] = {}
        self._state = next(initial_states(machine, MEMBERS))

    def step(self, action: str, arguments: tuple[Any, ...], moment: Any) -> str:
        """Take a step as a moment of a shell has it; what differs."""
        declared = self._machine.actions_by_name[action]
        outcomes = next((each for each in self._machine.calls.values() if declared in each), (declared,))
        given = dict(zip((each.name for each in parameters_of(outcomes)), map(self._value, arguments), strict=True))
        wanted = {parameter.name: given[parameter.name] for parameter in declared.parameters}
        try:
            self._state = step(self._machine, self._state, declared, wanted)
        except NotEnabled as refusal:
            return f"{refusal} is not enabled in {self._state}"
        there, here = self._shown(moment), self._expected(self._state, moment)
        return "" if there == here else f"behind {action} there is {here}, not {there}"

    def _value(self, value: Any) -> Any:
        if isinstance(value, Enum):
            return value.name
        if hasattr(value, "_family"):
            same = sum(each._family == value._family for each in self._members)
            return self._members.setdefault(value, same)
        return value

    def _shown(self, moment: Any) -> Mapping[str, object]:
        shown = {}
        for name, value in moment._values().items():
            if isinstance(value, dict):
                shown[name] = {self._value(each): self._fields(each, values) for each, values in value.items()}
            else:
                shown[name] = self._value(value)
        return shown

    def _fields(self, member: Any, values: Any) -> Mapping[str, object]:
        family = self._machine.families_by_name[member._family]
        return {field.name: self._value(getattr(values, field.name)) for field in family.fields}

    def _expected(self, state: State, moment: Any) -> Mapping[str, object]:
        expected: dict[str, object] = {
            variable.name: state.scalars[variable.name] for variable in self._machine.variables
        }
        for name in state.families:
            used = [self._members[each] for each in moment._values()[name]]
            expected[name] = {number: state.families[name][number] for number in used}
        return expected
