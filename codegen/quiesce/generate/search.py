"""Runs of a generated core that meet as many of its states as possible."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from quiesce.generate.oracle import Trust
from quiesce.generate.subject import Move, Session, Subject, Values

RUN_LENGTH = 40
"""How many steps a run has."""


@dataclass(frozen=True, slots=True)
class _Option:
    """A move that can be made, what came of it, and the state after it: as it is, by its enums, and roughly."""

    move: Move
    kind: str
    after: Values
    place: tuple[object, ...]
    rough: tuple[object, ...]


class Search:
    """Runs through the states of a core, each of which goes where the runs before were least."""

    def __init__(self, subject: Subject, initial: Values) -> None:
        self._subject = subject
        self._initial = initial
        self._session = Session(subject, subject.core_class)
        self._trust = Trust(subject)
        self._pairs: Counter[tuple[str, str]] = Counter()
        self._places: Counter[tuple[object, ...]] = Counter()
        self._states: Counter[tuple[object, ...]] = Counter()
        self._moves: Counter[Move] = Counter()

    def run(self, policies: Values) -> Iterator[tuple[Values, Move]]:
        """States, and the moves made in them.

        In turns next comes what leads to the place where the runs were least, to the state, and what came least often
        after the move before.
        """
        state: Values = {**self._initial, **policies}
        before = ""
        for turn in range(RUN_LENGTH):
            options = [
                (self._rareness(before, option, turn), number, option)
                for number, option in enumerate(self._options(state))
            ]
            if not options:
                return
            _, _, chosen = min(options, key=lambda option: option[:2])
            yield state, chosen.move
            self._pairs[before, chosen.kind] += 1
            self._places[chosen.place] += 1
            self._states[chosen.rough] += 1
            self._moves[chosen.move] += 1
            state, before = chosen.after, chosen.kind

    def _options(self, state: Values) -> Iterator[_Option]:
        place, rough = self._subject.place(state), _rough(state)
        self._session.load(state)
        for move in self._subject.moves:
            if not is_possible(state, self._initial, move) or not self._trust.allows(state, move):
                continue
            answer = self._session.ask(move)
            if answer in ("ValueError", "not enabled"):
                continue
            if answer == "blocked" or answer.startswith("refused"):
                yield _Option(move, f"{move.method} {answer}", state, place, rough)
            else:
                after = self._session.values()
                yield _Option(move, answer, after, self._subject.place(after), _rough(after))
                self._session.load(state)

    def _rareness(self, before: str, option: _Option, turn: int) -> tuple[int, ...]:
        counts = (self._places[option.place], self._states[option.rough], self._pairs[before, option.kind])
        return (*counts[turn % 3 :], *counts[: turn % 3], self._moves[option.move])


def _rough(state: Values) -> tuple[object, ...]:
    """The state with every number above one taken for two."""
    return tuple(2 if type(value) is int and value > 2 else value for value in state.values())


def is_possible(state: Values, initial: Values, move: Move) -> bool:
    """Whether members that should be new are; two new ones are never one."""
    if len(set(move.new)) < len(move.new):
        return False
    return all(state[place] == initial[place] for name in move.new for place in state if place.startswith(f"{name}."))
