"""Interrupts at the lines of the shell for asyncio, as Ctrl-C makes them where a loop has no handler for it."""

import gc
import logging
import os
import sys
from collections.abc import Callable, Collection, Iterator
from contextlib import suppress
from pathlib import Path
from types import CoroutineType, FrameType
from typing import Any

import pytest

from tests.tasks.loops import Loop, close, turns
from tests.tasks.recorded import recorded
from tests.tasks.test_cancellation import USERS, Users, let_all_end, use

EVERY = 1 if os.environ.get("QUIESCE_INTERRUPTS") else 40
"""Each so manieth line is interrupted; at night, every one."""

# Python tells of coroutines that were made, and interrupted before they began.
pytestmark = pytest.mark.filterwarnings("ignore:coroutine '.*' was never awaited:RuntimeWarning")


class Interrupter:
    """It raises an interrupt at one of the lines and calls in a folder, or of some functions there."""

    def __init__(self, folder: Path, at: int, within: Collection[str]) -> None:
        self._folder = str(folder)
        self._within = within
        self._left = at
        self.hit: str | None = None

    def __call__(self, frame: FrameType, event: str, _: Any) -> Callable[..., Any] | None:
        if not frame.f_code.co_filename.startswith(self._folder):
            return None
        counts = not self._within or frame.f_code.co_name in self._within
        if event in ("line", "call") and counts and self.hit is None:
            self._left -= 1
            if self._left == 0:
                self.hit = frame.f_code.co_name
                raise KeyboardInterrupt
        return self


def interrupted_at(
    device: Any, users: Users, at: int, within: Collection[str] = (), ends_all: bool = True
) -> str | None:
    """Run the users with an interrupt at that line, and then another; the function in which it came, if it came.

    It ends all users, as `asyncio.run` has it, or else the others go on.
    """
    camera, loop = recorded(device)(), Loop()
    interrupter = Interrupter(Path(device.__file__).parent, at, within)
    try:
        tasks = [loop.create_task(user) for user in users(camera)]
        former = sys.gettrace()
        gc.disable()  # the end of what an earlier run has left is not interrupted
        sys.settrace(interrupter)
        try:
            loop.run_until_complete(let_all_end(tasks))
        except KeyboardInterrupt:
            pass
        finally:
            sys.settrace(former)
            gc.enable()
        for task in tasks if ends_all else []:
            task.cancel()
        while left := [task for task in loop.tasks if not task.done()]:
            with suppress(KeyboardInterrupt):  # a task that was waited for tells it once more
                loop.run_until_complete(let_all_end(left))
        # Between the block of a session and the code that ends it, an interrupt leaves the session open.
        if interrupter.hit not in ("__aexit__", "_close"):
            loop.run_until_complete(check_next_user(camera))
        return interrupter.hit
    finally:
        camera._life.begin_anew()  # nobody warns of what was left
        close(loop)


async def check_next_user(camera: Any) -> None:
    """The next user sees a device that is opened for him, and closed behind him."""
    camera.errors.clear()
    assert await camera.start() == "first_start"
    assert camera.said[-1] == "open ends"
    assert await camera.stop() == "last_stop"
    assert camera._life.left() == ""
    assert not camera._life.now()._pending
    assert not camera._life._sleepers
    assert not camera.overlapped


def collected() -> set[object]:
    """The coroutines that somebody holds still."""
    while gc.collect():  # finalizers let go of further objects
        pass
    return {each for each in gc.get_objects() if isinstance(each, CoroutineType)}


@pytest.fixture(autouse=True)
def nothing_is_kept(caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Whatever Python has to tell of coroutines, it tells here and in no other test."""
    caplog.set_level(logging.CRITICAL + 1)  # pytest holds what is logged, whose tracebacks hold coroutines
    lost: list[type[BaseException]] = []
    monkeypatch.setattr(sys, "unraisablehook", lambda what: lost.append(what.exc_type))
    before = collected()
    yield
    assert collected() <= before
    assert set(lost) <= {KeyboardInterrupt}, "only an interrupt in a finalizer is lost"


@pytest.mark.parametrize("users", USERS)
def test_an_interrupt_at_any_line_leaves_a_device_that_works(device: Any, users: str) -> None:
    at = EVERY
    while interrupted_at(device, USERS[users], at) is not None:
        at += EVERY
    assert at > 400


async def use_later(camera: Any) -> None:
    """Come while the others close the device."""
    await turns(5)
    await use(camera)


def test_nobody_takes_over_work_whose_task_begins_behind_an_interrupt(device: Any) -> None:
    def users(camera: Any) -> list[Any]:
        return [use(camera), use_later(camera)]

    at = 1
    while interrupted_at(device, users, at, ("_run", "_do_apart", "task_of_its_own", "to_its_end"), ends_all=False):
        at += 1
    assert at > 10
