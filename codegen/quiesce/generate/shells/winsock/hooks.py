"""Where people's own code takes part in the lifecycle; it is passed in and never pasted into this package."""

from typing import Protocol


class Hooks(Protocol):
    """Functions that a person may add to the start and the end of an epoch.

    Both run on one thread of the provider, which does nothing else but people's code: what `initialise` acquires is
    given back by the same thread. An interrupt of the caller does not cut them short.
    """

    def initialise(self) -> None:
        """Acquire what the epoch needs. An exception makes the startup fail, and nothing is counted."""

    def released(self, epoch: int) -> None:
        """Give it back: the drain of `epoch` is over. No startup begins before this has returned."""


class NoHooks:
    """Nothing to add."""

    def initialise(self) -> None:
        """Acquire nothing."""

    def released(self, epoch: int) -> None:
        """Give nothing back."""
