"""The model as a graph: the states that runs have reached, and the steps between them, each worked out once for all."""

from collections.abc import Iterator, Sequence
from copy import deepcopy
from dataclasses import dataclass, fields
from functools import cache
from typing import Any

from .model import Model
from .states import Drawing


class Nth(int):
    """Stands for the member that a run has met as the n-th."""


Key = tuple[str, Nth | None]
"""Work: its name, and the member that it is for, or None."""


@dataclass(frozen=True)
class Answer:
    """The word of the model in some state, about a call or an outcome of work."""

    action: str = ""
    """The action that happens; empty if none does."""
    reason: str = ""
    """Why none does: it waits, or the error of the model."""
    state: "State | None" = None
    """The state after the action."""


class State:
    """A state of the model. What was asked about it is kept, and it never changes."""

    def __init__(self, graph: "Graph", core: Any, members: Sequence[tuple[str, Any]]) -> None:
        self._graph, self._core, self._members = graph, core, members
        self._answers: dict[tuple[object, ...], Answer] = {}
        self._joined: dict[str, State] = {}
        model = graph.model
        self.values: dict[str, object] = {name: getattr(core, name) for name in core.__slots__}
        """The values of the machine; a family has those of its members in use."""
        for family in model.families:
            known: Any = self.values[family]
            numbers = [Nth(n) for n, (own, record) in enumerate(members) if own == family and record in known]
            self.values[family] = {number: values_of(members[number][1]) for number in numbers}
        self.due = [key for name in model.activities for key in self._all_due(name)]
        """The work that is due."""
        self.timed = [action for action in model.timeouts.values() if getattr(core, f"can_{action}")()]
        """The steps of the clock that can happen."""

    def _all_due(self, name: str) -> Iterator[Key]:
        due, family = getattr(self._core, f"due_{name}"), self._graph.model.activities[name].of
        if family:
            used: Any = self.values[family]
            yield from ((name, each) for each in used if due(self._members[each][1]))
        elif due():
            yield name, None

    def joined(self, family: str) -> "State":
        """The same when a run has met one more member, which is not in use."""
        if family not in self._joined:
            core, members = deepcopy((self._core, self._members))
            core_of_it = self._graph.model.core
            record = getattr(core_of_it, self._graph.model.families[family])()
            self._joined[family] = self._graph.state(core, (*members, (family, record)))
        return self._joined[family]

    def step(self, method: str, *arguments: Any) -> Answer:
        """The answer of a method of the core to these arguments."""
        asked = (method, *arguments)
        if asked not in self._answers:
            core, members = deepcopy((self._core, self._members))
            given = [members[each][1] if isinstance(each, Nth) else each for each in arguments]
            try:
                action = getattr(core, method)(*given) or method
            except Exception as error:
                name = type(error).__name__
                self._answers[asked] = Answer(reason="waits" if name == "Blocked" else getattr(error, "error", name))
            else:
                self._answers[asked] = Answer(action, state=self._graph.state(core, members))
        return self._answers[asked]

    def call(self, method: str, arguments: Sequence[Any]) -> str:
        """The answer to a call, which may make members besides: it goes on, it waits, or why it is refused."""
        state, given = self, list(arguments)
        for place, family in self._graph.model.made.get(method, {}).items():
            given.insert(place, Nth(len(state._members)))
            state = state.joined(family)
        return state.step(method, *given).reason or "goes on"

    def outcome(self, key: Key, outcome: str, answer: object) -> "State | None":
        """The state after an outcome of work that has returned this; None if it cannot happen."""
        name, member = key
        answers = answer if isinstance(answer, tuple) else (answer,)
        places = self._graph.model.activities[name].succeeds.get(outcome, ())
        own = () if member is None else (member,)
        return self.step(outcome, *own, *(answers[place] for place in places)).state

    def after(self, key: Key, outcome: str) -> "State | None":
        """The state after an outcome of work with the first answer that leads to it, if one does."""
        ends = (self.outcome(key, outcome, answer) for answer in self._graph.model.activities[key[0]].answers)
        return next((state for state in ends if state is not None), None)


class Graph:
    """All states of a model that were reached."""

    def __init__(self, model: Model, constants: dict[int, object]) -> None:
        self.model = model
        self._constants = constants
        """The states are entered there, as objects that never change."""
        self._states: dict[bytes, State] = {}
        self.start = self.state(getattr(model.core, f"{model.name}Core")(), ())

    def state(self, core: Any, members: Sequence[tuple[str, Any]]) -> State:
        """The state of this core, in which a run has met these members."""
        drawing = Drawing({}, {})
        drawing.of((core, *members))
        drawn = drawing.digest()
        if drawn not in self._states:
            self._states[drawn] = state = State(self, core, members)
            self._constants[id(state)] = state
        return self._states[drawn]


def values_of(record: Any) -> tuple[object, ...]:
    """The values of a member."""
    return tuple([getattr(record, name) for name in _names(record.__class__)])


@cache
def _names(kind: type) -> tuple[str, ...]:
    return tuple(each.name for each in fields(kind))
