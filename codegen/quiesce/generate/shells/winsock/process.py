"""Counts belong to a process: after a fork, every provider of the child is unloaded."""

import os
import threading
import weakref
from typing import Protocol


class Forkable(Protocol):
    """Something that must not be copied by a fork as it stands."""

    def before_fork(self) -> None:
        """Come to rest."""

    def after_fork_in_parent(self) -> None:
        """Go on."""

    def after_fork_in_child(self) -> None:
        """Begin anew."""


class _Registry:
    """The providers of this process. A fork is told to all of them, so this cannot belong to any one."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._known: weakref.WeakSet[Forkable] = weakref.WeakSet()
        self._resting: list[Forkable] = []
        if hasattr(os, "register_at_fork"):
            os.register_at_fork(
                before=self._before, after_in_parent=self._after_in_parent, after_in_child=self._after_in_child
            )

    def add(self, provider: Forkable) -> None:
        with self._lock:
            self._known.add(provider)

    def _before(self) -> None:
        self._lock.acquire()
        self._resting = list(self._known)
        for provider in self._resting:
            provider.before_fork()

    def _after_in_parent(self) -> None:
        for provider in self._resting:
            provider.after_fork_in_parent()
        self._resting = []
        self._lock.release()

    def _after_in_child(self) -> None:
        for provider in self._resting:
            provider.after_fork_in_child()
        self._resting = []
        self._lock.release()


_registry = _Registry()


def register(provider: Forkable) -> None:
    """From now on `provider` is told about forks."""
    _registry.add(provider)
