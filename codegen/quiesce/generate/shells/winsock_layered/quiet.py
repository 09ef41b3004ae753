"""Completion actions as the lower provider gets them: the last cleanup of a layer keeps them quiet."""

from collections.abc import Callable
from typing import Any, TypeAlias

Routine: TypeAlias = Callable[[int, int], object]


class QuietEvent:
    """An event for the lower provider to set."""

    __slots__ = ("_event", "_hears")

    def __init__(self, hears: Callable[[], bool], event: Any) -> None:
        self._hears = hears
        self._event = event

    def set(self) -> None:
        """The operation is over."""
        if self._hears():
            self._event.set()


def quiet_event(hears: Callable[[], bool], event: Any) -> Any:
    """An event to pass down, for as long as its owner hears; the lower provider itself refuses what is none."""
    return QuietEvent(hears, event) if callable(getattr(event, "set", None)) else event


def quiet_routine(hears: Callable[[], bool], routine: Routine | None) -> Routine | None:
    """A completion routine to pass down, likewise."""
    if not callable(routine):
        return routine

    def quiet(error: int, transferred: int) -> None:
        if hears():
            routine(error, transferred)

    return quiet
