"""Completion actions as the lower provider gets them: the last cleanup of a layer keeps them quiet."""

from collections.abc import Callable
from typing import Any, TypeAlias

from .states import Endpoint

Routine: TypeAlias = Callable[[int, int], object]


class QuietEvent:
    """An event for the lower provider to set."""

    __slots__ = ("_endpoint", "_event")

    def __init__(self, endpoint: Endpoint, event: Any) -> None:
        self._endpoint = endpoint
        self._event = event

    def set(self) -> None:
        """The operation is over."""
        if not self._endpoint.silent:
            self._event.set()


def quiet_event(endpoint: Endpoint, event: Any) -> Any:
    """An event to pass down; the lower provider itself refuses what is none."""
    return QuietEvent(endpoint, event) if callable(getattr(event, "set", None)) else event


def quiet_routine(endpoint: Endpoint, routine: Routine | None) -> Routine | None:
    """A completion routine to pass down; the lower provider itself refuses what is none."""
    if not callable(routine):
        return routine

    def quiet(error: int, transferred: int) -> None:
        if not endpoint.silent:
            routine(error, transferred)

    return quiet
