"""Runs of a generated core that meet as many of its states as possible."""

from collections import Counter
from collections.abc import Container, Iterator
from dataclasses import dataclass, field

from quiesce.generate.examples.core_under_test import (
    NOT_ENABLED,
    OUT_OF_RANGE,
    REFUSED,
    WAITS,
    CoreUnderTest,
    Move,
    Session,
    Values,
)
from quiesce.generate.examples.oracle import Trust
from quiesce.spec.record import record

RUN_LENGTH = 40
"""How many steps a run has."""


@record
class Tried:
    """A move, what the core answered, and the state after it."""

    move: Move
    answer: str
    after: Values


class Trials:
    """Every move that is possible in a state, tried once, however often the state is met."""

    def __init__(self, subject: CoreUnderTest, initial: Values) -> None:
        self._subject = subject
        self._initial = initial
        self._session = Session(subject, subject.core_class)
        self._trust = Trust(subject)
        self._known: dict[tuple[object, ...], tuple[Tried, ...]] = {}

    def of(self, state: Values) -> tuple[Tried, ...]:
        """The moves of which the model says something in this state, in the order of the subject's."""
        key = tuple(state.values())
        if key not in self._known:
            self._known[key] = tuple(self._tried(state))
        return self._known[key]

    def _tried(self, state: Values) -> Iterator[Tried]:
        fresh = unused(self._subject, state, self._initial)
        for move in self._subject.moves:
            if is_possible(move, fresh) and self._trust.allows(state, move):
                yield Tried(move, *self._session.answer(state, move))


@record
class _Option:
    """A move that can be made, what came of it, and the state after it: as it is, by its enums, and roughly.

    Moves, places and rough states are numbered, as they are counted often.
    """

    move: Move
    number: int
    kind: str
    after: Values
    place: int
    rough: int


@dataclass
class Search:
    """Runs through the states of a core, each of which goes where the runs before were least."""

    subject: CoreUnderTest
    initial: Values
    trials: Trials
    _options: dict[tuple[object, ...], tuple[_Option, ...]] = field(default_factory=dict)
    _numbers: dict[tuple[object, ...], int] = field(default_factory=dict)
    _pairs: Counter[tuple[str, str]] = field(default_factory=Counter)
    _places: Counter[int] = field(default_factory=Counter)
    _states: Counter[int] = field(default_factory=Counter)
    _moves: Counter[int] = field(default_factory=Counter)

    def run(self, policies: Values) -> Iterator[tuple[Values, Move]]:
        """A run: states, and the moves made in them.

        In turns, the next move is the one that leads to the least visited place, to the least visited state, and the
        one that came least often after the move before.
        """
        state: Values = {**self.initial, **policies}
        before = ""
        for turn in range(RUN_LENGTH):
            options = self._options_in(state)
            if not options:
                return
            chosen = min(options, key=lambda option: self._rareness(before, option, turn))
            yield state, chosen.move
            self._pairs[before, chosen.kind] += 1
            self._places[chosen.place] += 1
            self._states[chosen.rough] += 1
            self._moves[chosen.number] += 1
            state, before = chosen.after, chosen.kind

    def _options_in(self, state: Values) -> tuple[_Option, ...]:
        key = tuple(state.values())
        if key not in self._options:
            self._options[key] = tuple(self._made(state))
        return self._options[key]

    def _made(self, state: Values) -> Iterator[_Option]:
        for tried in self.trials.of(state):
            move, answer, after = tried.move, tried.answer, tried.after
            if answer in (OUT_OF_RANGE, NOT_ENABLED):
                continue
            if answer == WAITS or answer.startswith(REFUSED):
                kind, after = f"{move.method} {answer}", state
            else:
                kind = answer
            place, rough = (self._number(part) for part in (self.subject.place(after), _rough_state(after)))
            yield _Option(move, self._number((move,)), kind, after, place, rough)

    def _number(self, part: tuple[object, ...]) -> int:
        """A number for each value, the same for equal values."""
        return self._numbers.setdefault(part, len(self._numbers))

    def _rareness(self, before: str, option: _Option, turn: int) -> tuple[int, ...]:
        counts = (self._places[option.place], self._states[option.rough], self._pairs[before, option.kind])
        return (*counts[turn % 3 :], *counts[: turn % 3], self._moves[option.number])


def _rough_state(state: Values) -> tuple[object, ...]:
    """The state with every number above one taken for two."""
    return tuple(2 if type(value) is int and value > 2 else value for value in state.values())


def unused(subject: CoreUnderTest, state: Values, initial: Values) -> frozenset[str]:
    """The members that are as at the start."""
    used = {place.partition(".")[0] for place, value in state.items() if "." in place and value != initial[place]}
    return frozenset(subject.members.keys() - used)


def is_possible(move: Move, fresh: Container[str]) -> bool:
    """Whether members that should be new are `fresh`; two new ones are never one."""
    return all(name in fresh for name in move.new) and len(set(move.new)) == len(move.new)
