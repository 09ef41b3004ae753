"""The parts of Python that the search uses, and no documentation promises: those of CPython 3.11 and later."""

import asyncio
import gc
import sys
from collections.abc import Callable
from types import FrameType
from typing import Any


def frame_of(coroutine: Any) -> FrameType | None:
    """The frame in which a coroutine or a generator stands; None if it is over."""
    found: FrameType | None = getattr(coroutine, "cr_frame", None) or getattr(coroutine, "gi_frame", None)
    return found


def task_of(callback: Callable[..., object]) -> object:
    """The task that a callback lets go on, if it does."""
    return getattr(callback, "__self__", None)


def missing() -> str:
    """Why schedules cannot be searched by this Python; empty if they can."""
    if not hasattr(sys, "_getframe") or not hasattr(gc, "get_referents"):
        return "this Python does not show where threads stand"
    if not hasattr(asyncio, "_set_running_loop"):
        return "this asyncio does not let another loop run"
    calls: list[Callable[..., object]] = []
    coroutine = asyncio.sleep(0)
    task = asyncio.Task(coroutine, loop=_Loop(calls))  # type: ignore[arg-type]  # as much of one as a task needs
    try:
        if frame_of(coroutine) is None or not hasattr(frame_of(coroutine), "f_lasti"):
            return "this Python does not show where coroutines stand"
        if [task_of(call) for call in calls] != [task]:
            return "this asyncio does not tell which task goes on"
    finally:
        coroutine.close()
    return ""


class _Loop:
    """A loop in which nothing runs."""

    def __init__(self, calls: list[Callable[..., object]]) -> None:
        self._calls = calls

    def call_soon(self, callback: Callable[..., object], *_: object, **__: object) -> None:
        """It would run later."""
        self._calls.append(callback)

    def get_debug(self) -> bool:
        """No."""
        return False

    def is_running(self) -> bool:
        """No."""
        return False

    def call_exception_handler(self, context: object) -> None:
        """Nobody is told of a task that never ends."""
