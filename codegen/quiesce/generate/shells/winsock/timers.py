"""One clock for many waits: each thing has at most one moment at which it is due."""

import math
import time
from collections.abc import Hashable, Iterator
from heapq import heapify, heappop, heappush
from itertools import count
from typing import Generic, TypeVar

from .errors import ErrorCode, WinsockError

K = TypeVar("K", bound=Hashable)


class Timers(Generic[K]):
    """Moments on the monotonic clock. Setting, cancelling and finding the next one cost no more with many."""

    def __init__(self) -> None:
        self._due: dict[K, float] = {}
        self._heap: list[tuple[float, int, K]] = []
        self._number = count()

    def set(self, key: K, when: float) -> None:
        """`key` is due at `when`, and at no other moment that was set before."""
        self._due[key] = when
        heappush(self._heap, (when, next(self._number), key))
        if len(self._heap) > 2 * len(self._due) + 64:  # mostly moments that were cancelled
            self._heap = [(due, next(self._number), key) for key, due in self._due.items()]
            heapify(self._heap)

    def cancel(self, key: K) -> None:
        """`key` is not due any more."""
        self._due.pop(key, None)

    def next(self) -> float | None:
        """The earliest moment; None if nothing is due."""
        while self._heap and self._due.get(self._heap[0][2]) != self._heap[0][0]:
            heappop(self._heap)
        return self._heap[0][0] if self._heap else None

    def take(self, now: float) -> Iterator[K]:
        """The things that are due by `now`, earliest first; they are not due any more."""
        while (when := self.next()) is not None and when <= now:
            key = heappop(self._heap)[2]
            del self._due[key]
            yield key


def deadline_of(timeout: float | None) -> float | None:
    """The moment, on the monotonic clock, at which so many seconds are over. WSAEINVAL if that is no number."""
    if timeout is None:
        return None
    if not isinstance(timeout, int | float) or math.isnan(seconds := _as_float(timeout)):
        raise WinsockError(ErrorCode.WSAEINVAL, f"not a number of seconds: {timeout!r}")
    return time.monotonic() + seconds


def duration(name: str, seconds: float) -> float:
    """A bound on a time. ValueError if it is negative or NaN, TypeError if it is no number."""
    if not isinstance(seconds, int | float):
        raise TypeError(f"{name} must be a number of seconds, not {seconds!r}")
    if not seconds >= 0:
        raise ValueError(f"{name} must be at least 0, not {seconds}")
    return _as_float(seconds)


def _as_float(seconds: float) -> float:
    """The same; for ever where that is too long for a float."""
    try:
        return float(seconds)
    except OverflowError:
        return math.inf if seconds > 0 else -math.inf
