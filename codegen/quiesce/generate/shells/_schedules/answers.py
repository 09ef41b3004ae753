"""The answers of the model: what is due in the state that a run has reached, and what it says to each call there."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

from .graph import Key, Nth, values_of
from .memory import Call, Memory
from .model import Model
from .search import Search
from .states import Apart

_NOT_REFUSED = ("waits", "goes on")


class Answers(Apart):
    """A model, and the state to which a run has taken it."""

    def __init__(self, world: Search, model: Model) -> None:
        self._world = world
        self._model = model
        self._memory: Memory
        self._again: Counter[object] = Counter()
        """How often each work has begun in this run, and each timeout has come."""
        self._accepted = 0.0
        """How many calls were accepted in this run; infinitely many before there are callers."""
        self.seen: Counter[str] = Counter()
        """How often each thing happened, in all runs."""

    def _known(self, value: Any) -> Any:
        """An argument as the model has it: a member by its number, which one that is new gets now."""
        family = getattr(value, "_family", "")
        if family not in self._model.families:
            return value
        memory = self._memory
        if value not in memory.members:
            memory.members[value] = Nth(len(memory.members))
            memory.state = memory.state.joined(family)
        return memory.members[value]

    def _all_known(self, values: tuple[Any, ...]) -> tuple[Any, ...]:
        return tuple([self._known(value) for value in values])

    def _key(self, name: str, given: tuple[Any, ...]) -> Key:
        """Work that is given these arguments, or whose outcome is."""
        return name, self._known(given[0]) if self._model.activities[name].of else None

    def _is_provided_for(self, key: Key, answer: object) -> bool:
        """Whether work that is due can succeed with this answer, as is proved of a spec that a package is built of."""
        outcomes = self._model.activities[key[0]].succeeds
        return any(self._memory.state.outcome(key, each, answer) is not None for each in outcomes)

    def _waits_for_others(self, key: Key) -> bool:
        """Whether calls from within work wait, and not for the end of the work, which nobody could refuse."""
        inner = [calls[-1] for calls in self._memory.calls.values() if len(calls) > 1]
        activity = self._model.activities[key[0]]
        ends = {*activity.succeeds, *activity.fails}
        for call in inner:
            if call.action and ends & {*call.until}:
                return False
            after = [state for end in ends if (state := self._memory.state.after(key, end)) is not None]
            if not call.action and any(state.call(call.move.call, call.given) != "waits" for state in after):
                return False
        return bool(inner)

    def _would(self, call: Call) -> str:
        """The model's answer to a call now: it goes on, it waits, or why it is refused."""
        return self._memory.state.call(call.move.call, call.given)

    def _under_way(self) -> Iterator[Call]:
        """All calls under way, and the second ones of sessions that are made before the first have returned."""
        for call in (call for calls in self._memory.calls.values() for call in calls):
            yield call
            if call.then is not None and call.then.action:
                yield call.then

    def _see_refusals(self) -> None:
        """Remember why the model refuses calls now; of a session that is cut off, its second call."""
        for call in (call for calls in self._memory.calls.values() for call in calls):
            asked: Call | None = call
            if call.action:
                ends = not call.open and (call.interrupts or not call.until)
                asked = call.then if ends and call.then is not None and not call.then.action else None
            if asked is not None:
                reason = self._would(asked)
                self.seen[f"{asked.move.call} {reason}"] += 1
                if reason not in _NOT_REFUSED:
                    asked.refusals.add(reason)

    def _is_refused(self, call: Call) -> bool:
        """Whether the model has refused a call since it could be made, or would now."""
        return bool(call.refusals) or self._would(call) not in _NOT_REFUSED

    def _difference(self, moment: Any) -> str:
        """How the values that a moment shows differ from those of the model."""
        members = self._memory.members
        for name, value in moment._values().items():
            if name in self._model.families:
                shown: object = {members.get(held, held): values_of(own) for held, own in value.items()}
            else:
                shown = value
            expected = self._memory.state.values[name]
            if shown != expected:
                return f"{name} is {shown}, not {expected}"
        return ""
