"""A device that several callers open and close together, as one would write it with a lock and without a generator."""

import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from enum import Enum, auto


class Phase(Enum):
    """Where the device stands."""

    DOWN = auto()
    OPENING = auto()
    UP = auto()
    CLOSING = auto()


class NotStarted(RuntimeError):
    """One stop too many."""


class WouldDeadlock(RuntimeError):
    """A call would wait for work that waits for the call."""


class HandDevice(ABC):
    """The rules of the generated class: one lock, never held while work is done; waiters are woken after each step.

    What it has not is the generated class's safety from interrupts in the middle of a step, and from code that calls in
    there: an interrupt between two assignments leaves half of them made.
    """

    def __init__(self, observe: Callable[[str], object] | None = None) -> None:
        self._lock = threading.RLock()
        self._waiters: list[threading.Lock] = []
        self._runner: int | None = None
        self._observe = observe
        self._phase = Phase.DOWN
        self._refs = 0

    @abstractmethod
    def open(self) -> None:
        """Open the device."""

    @abstractmethod
    def close(self) -> None:
        """Close the device."""

    def start(self, *, timeout: float | None = None) -> str:
        """One more user; the first opens the device."""
        deadline = None if timeout is None else time.monotonic() + self._seconds(timeout)
        while True:
            with self._lock:
                if self._phase is Phase.DOWN:
                    self._phase, self._runner = Phase.OPENING, threading.get_ident()
                    action = "first_start"
                elif self._phase is Phase.UP:
                    self._refs += 1
                    action = "further_start"
                else:
                    action = ""
                    waiter = self._waiter()
                if action and self._waiters:
                    self._wake()
            if not action:
                self._wait(waiter, deadline)
                continue
            if self._observe is not None:
                self._observe(action)
            if action == "first_start":
                self._run_open()
            return action

    def stop(self, *, timeout: float | None = None) -> str:
        """One user less; the last closes the device."""
        if timeout is not None:
            self._seconds(timeout)
        with self._lock:
            if self._refs == 0:
                raise NotStarted
            if self._refs > 1:
                self._refs -= 1
                action = "nested_stop"
            else:
                self._refs = 0
                self._phase, self._runner = Phase.CLOSING, threading.get_ident()
                action = "last_stop"
            if self._waiters:
                self._wake()
        if self._observe is not None:
            self._observe(action)
        if action == "last_stop":
            self._run_close()
        return action

    def _run_open(self) -> None:
        try:
            self.open()
        except BaseException:
            self._over("open_failed", Phase.DOWN, 0)
            raise
        self._over("opened", Phase.UP, 1)

    def _run_close(self) -> None:
        try:
            self.close()
        finally:
            self._over("closed", Phase.DOWN, 0)

    def _over(self, action: str, phase: Phase, refs: int) -> None:
        with self._lock:
            self._phase, self._refs, self._runner = phase, refs, None
            self._wake()
        if self._observe is not None:
            self._observe(action)

    def _seconds(self, timeout: float) -> float:
        if not timeout >= 0:
            raise ValueError(timeout)
        return timeout

    def _waiter(self) -> threading.Lock:
        if self._runner == threading.get_ident():
            raise WouldDeadlock
        waiter = threading.Lock()
        waiter.acquire()
        self._waiters.append(waiter)
        return waiter

    def _wake(self) -> None:
        for waiter in self._waiters:
            waiter.release()
        self._waiters.clear()

    def _wait(self, waiter: threading.Lock, deadline: float | None) -> None:
        left = -1 if deadline is None else max(0.0, deadline - time.monotonic())
        if not waiter.acquire(timeout=left):
            with self._lock:
                if waiter in self._waiters:
                    self._waiters.remove(waiter)
                    raise TimeoutError
