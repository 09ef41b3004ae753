"""The newest of the states of a layer: how the next one is published, and who sleeps until it is."""

import threading
from collections.abc import Callable
from contextlib import suppress
from typing import TypeVar

from .states import Attempt, State

T = TypeVar("T")


class History:
    """The newest state, and those who sleep until there is another."""

    __slots__ = ("_newest", "_sleepers")

    def __init__(self, first: State) -> None:
        self._newest = first
        self._sleepers: list[Callable[[], object]] = []

    def now(self) -> State:
        """The newest state."""
        state = self._newest
        while state.after:
            state = state.after[0]
        return state

    def take(self, step: Callable[[State], T], attempt: Attempt | None = None) -> T:
        """Take a step; what it raises leaves everything as it is. `attempt` is told of the states around it."""
        while True:
            old = self.now()
            new = old.copied()
            answer = step(new)
            if attempt is not None:
                attempt.step = old, new
            old.after.append(new)  # the one moment: before it nothing has happened
            if old.after[0] is new:
                break
        try:
            self._newest = new
            self._wake()
        except BaseException:
            self._wake()
            raise
        return answer

    def _wake(self) -> None:
        for wake in tuple(self._sleepers):
            with suppress(RuntimeError):  # it was woken already
                wake()

    def sleep(self, state: State, seconds: float) -> None:
        """Sleep until another state follows, at most for so long."""
        alarm = threading.Lock()
        alarm.acquire()
        wake = alarm.release
        try:
            self._sleepers.append(wake)
            if not state.after:  # looked at after the entry: else nobody would wake us
                alarm.acquire(timeout=seconds)
        finally:
            if wake in self._sleepers:
                self._sleepers.remove(wake)
