"""The model of the Winsock provider at work: which outcome a call has now, and what a step leads to."""

from functools import cache
from pathlib import Path
from typing import TypeAlias

from quiesce.spec.interpreter import initial_states, is_enabled, step
from quiesce.spec.model import Action, Blocks, Fails, Machine, Value
from quiesce.spec.reader import read_file

SPEC = Path(__file__).parents[2] / "model" / "winsock.py"

Values: TypeAlias = dict[str, Value]


@cache
def machine() -> Machine:
    return read_file(SPEC)


class Oracle:
    """The interpreter in one state of the model. A member is meant by its index."""

    def __init__(self, members: int, open_sockets: str, startup_while_draining: str) -> None:
        policies = {"OPEN_SOCKETS": open_sockets, "STARTUP_WHILE_DRAINING": startup_while_draining}
        starts = initial_states(machine(), members)
        [self._state] = [start for start in starts if policies.items() <= start.scalars.items()]
        self.run: list[str] = []
        """The steps so far."""

    def __getitem__(self, variable: str) -> Value:
        """The value of a variable of the machine."""
        return self._state.scalars[variable]

    def member(self, index: int) -> Values:
        """The fields of a member."""
        return dict(self._state.families["sockets"][index])

    def members(self) -> list[Values]:
        """The fields of all members."""
        return [dict(member) for member in self._state.families["sockets"]]

    def outcome(self, call: str, **arguments: Value) -> Action:
        """The one outcome that this call has now."""
        [found] = [action for action in machine().actions if call in action.calls and self._enabled(action, arguments)]
        return found

    def refusal(self, call: str, **arguments: Value) -> str | None:
        """The error with which the call is refused now; None if it is not."""
        action = self.outcome(call, **arguments)
        if not isinstance(action.outcome, Fails):
            return None
        self.run.append(action.name)
        return action.outcome.error

    def blocks(self, call: str, **arguments: Value) -> bool:
        """Whether the call has to wait."""
        return isinstance(self.outcome(call, **arguments).outcome, Blocks)

    def call(self, call: str, **arguments: Value) -> str:
        """The call succeeds; the name of its outcome."""
        action = self.outcome(call, **arguments)
        self.take(action.name, **arguments)
        return action.name

    def take(self, name: str, **arguments: Value) -> None:
        """Take one step. NotEnabled if the model does not allow it now."""
        action = machine().actions_by_name[name]
        given = {parameter.name: arguments[parameter.name] for parameter in action.parameters}
        self.run.append(f"{name}({given})")
        self._state = step(machine(), self._state, action, given)

    def _enabled(self, action: Action, arguments: Values) -> bool:
        return is_enabled(machine(), self._state, action, arguments)
