"""The answers of the model: what is due in the state that a run has reached, and what it says to each call there."""

from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from copy import deepcopy
from dataclasses import fields
from typing import Any

from .memory import Call, Key, Memory
from .model import Model
from .search import Search
from .states import Apart


class Answers(Apart):
    """A model, and the core that a run has taken to the state in which it is."""

    def __init__(self, world: Search, model: Model) -> None:
        self._world = world
        self._model = model
        self._memory: Memory
        self.seen: Counter[str] = Counter()
        """How often each thing happened, in all runs."""

    def _in_core(self, value: Any) -> Any:
        """An argument as our core knows it."""
        if getattr(value, "_family", None) not in self._model.families:
            return value
        if value not in self._memory.members:
            self._memory.members[value] = value._record()
        return self._memory.members[value]

    def _all_due(self) -> Iterator[Key]:
        core = self._memory.core
        for name, activity in self._model.activities.items():
            due = getattr(core, f"due_{name}")
            if activity.of:
                known = getattr(core, activity.of)
                yield from ((name, held) for held, own in self._memory.members.items() if own in known and due(own))
            elif due():
                yield name, None

    def _is_provided_for(self, key: Key, answer: object) -> bool:
        """Whether work that is due can succeed with this answer, as is proved of a spec that a package is built of."""
        name, member = key
        core, own = deepcopy((self._memory.core, [] if member is None else [self._in_core(member)]))
        answers = answer if isinstance(answer, tuple) else (answer,)
        for outcome, places in self._model.activities[name].succeeds.items():
            with suppress(Exception):
                getattr(core, outcome)(*own, *(answers[place] for place in places))
                return True
        return False

    def _waits_for_others(self, key: Key) -> bool:
        """Whether calls from within work wait, and not for the end of the work, which nobody could refuse."""
        inner = [calls[-1] for calls in self._memory.calls.values() if len(calls) > 1]
        activity = self._model.activities[key[0]]
        ends = {*activity.succeeds, *activity.fails}
        for call in inner:
            if call.action and ends & {*call.until}:
                return False
            if not call.action and any(self._would(call, (key, end)) not in ("waits", "") for end in ends):
                return False
        return bool(inner)

    def _would(self, call: Call, behind: tuple[Key, str] | None = None) -> str:
        """The model's answer to a call now, or after an outcome of work: it goes on, it waits, or why it is refused.

        It is empty if there is no such outcome.
        """
        member = behind[0][1] if behind else None
        held = [] if member is None else [self._in_core(member)]
        core, arguments, own = deepcopy((self._memory.core, list(map(self._in_core, call.arguments)), held))
        if behind and not self._ends(core, *behind, own):
            return ""
        for place, family in self._model.made.get(call.move.call, {}).items():
            arguments.insert(place, getattr(self._model.core, self._model.families[family])())
        try:
            getattr(core, call.move.call)(*arguments)
        except Exception as error:
            return "waits" if type(error).__name__ == "Blocked" else getattr(error, "error", type(error).__name__)
        return "goes on"

    def _ends(self, core: Any, key: Key, outcome: str, own: list[Any]) -> bool:
        """Take an outcome with the first answer that leads to it, if one does."""
        activity = self._model.activities[key[0]]
        for answer in activity.answers:
            answers = answer if isinstance(answer, tuple) else (answer,)
            with suppress(Exception):
                getattr(core, outcome)(*own, *(answers[place] for place in activity.succeeds.get(outcome, ())))
                return True
        return False

    def _see_refusals(self) -> None:
        for call in (call for calls in self._memory.calls.values() for call in calls):
            if not call.action:
                reason = self._would(call)
                self.seen[f"{call.move.call} {reason}"] += 1
                if reason not in ("waits", "goes on"):
                    call.refusals.add(reason)

    def _published(self, moment: Any) -> dict[str, object]:
        """The values of a moment, those of members by the members as people hold them."""
        found = dict(moment._values())
        for family in self._model.families:
            found[family] = {held: _fields(values) for held, values in found[family].items()}
        return found

    def _expected(self) -> dict[str, object]:
        """The values that our core has."""
        memory, core = self._memory, self._memory.core
        found = {name: getattr(core, name) for name in memory.moment._values()}
        for family in self._model.families:
            held = {member: own for member, own in memory.members.items() if own in found[family]}
            found[family] = {member: _fields(own) for member, own in held.items()}
        return found


def _fields(record: Any) -> tuple[object, ...]:
    return tuple(getattr(record, each.name) for each in fields(record))
