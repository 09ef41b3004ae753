"""The effects of a process on its providers: it forks, it ends, and its collector drops what nobody holds any more."""

import atexit
import os
import threading
import time
import weakref
from itertools import count
from typing import Final, Literal, TypeAlias

from .core import Phase
from .owner import Owner
from .request import GiveUp
from .shift import Shift

AtExit: TypeAlias = Literal["drain", "reset", "leave"]

GRACE: Final = 5.0
"""Seconds beyond the time without progress that the end of the process waits for a provider."""


class _Registry:
    """The owners of this process. Forks and the exit are told to all of them, so this cannot belong to any one."""

    def __init__(self) -> None:
        self._fork = threading.Lock()
        self._known: dict[int, tuple[weakref.ref[Owner], AtExit]] = {}
        self._number = count()
        self._resting: list[Owner] = []
        atexit.register(self._at_exit)
        if hasattr(os, "register_at_fork"):
            os.register_at_fork(
                before=self._before, after_in_parent=self._after_in_parent, after_in_child=self._after_in_child
            )

    def add(self, owner: Owner, at_exit: AtExit) -> None:
        """From now on `owner` counts; those that are gone are forgotten.

        They are not forgotten by a callback: an interrupt that strikes in one is lost.
        """
        for number, (reference, _) in list(self._known.items()):
            if reference() is None:
                self._known.pop(number, None)
        self._known[next(self._number)] = weakref.ref(owner), at_exit

    def _owners(self) -> list[tuple[Owner, AtExit]]:
        found = [(reference(), at_exit) for reference, at_exit in list(self._known.values())]
        return [(owner, at_exit) for owner, at_exit in found if owner is not None]

    def _before(self) -> None:
        self._fork.acquire()
        self._resting = [owner for owner, _ in self._owners()]
        for owner in self._resting:
            owner.before_fork()

    def _after_in_parent(self) -> None:
        resting, self._resting = self._resting, []
        for owner in resting:
            owner.after_fork_in_parent()
        self._fork.release()

    def _after_in_child(self) -> None:
        resting, self._resting = self._resting, []
        for owner in resting:
            owner.after_fork_in_child()
        self._fork = threading.Lock()

    def _at_exit(self) -> None:
        running = [(owner, at_exit) for owner, at_exit in self._owners() if owner.desk.core.phase is not Phase.UNLOADED]
        for owner, at_exit in running:
            if at_exit != "leave":
                why = "a Winsock provider still ran when the process ended"
                owner.post(GiveUp(at_once=at_exit == "reset", why=why))
        for owner, at_exit in running:
            shift = owner.shift
            if at_exit != "leave" and shift is not None:
                _wait_for_drain(shift, min(owner.settings.drain_timeout + GRACE, threading.TIMEOUT_MAX))


def _wait_for_drain(shift: Shift, patience: float) -> None:
    """Wait for the end of a drain, as long as it makes progress within `patience` seconds."""
    while shift.thread.is_alive():
        shift.thread.join(patience)
        if time.monotonic() - shift.traffic.moved >= patience:
            return


_registry = _Registry()


def register(owner: Owner, at_exit: AtExit) -> None:
    """From now on `owner` is told about forks, and about the end of the process."""
    _registry.add(owner, at_exit)


def dropped(owner: Owner) -> None:
    """Nobody holds the provider of `owner` any more: what is left is drained as its last cleanup would have done."""
    if owner.desk.core.refs:
        owner.post(GiveUp(at_once=False, why="a Winsock provider was dropped while it ran"))
