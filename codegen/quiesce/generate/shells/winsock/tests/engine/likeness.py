"""Delays that need not be tried, since a run with one would be like a run that was made.

A thread is delayed before one of its steps, and others go on meanwhile. If none of them changes what this step reads,
and it changes nothing that they use, the thread might as well be delayed after the step, and that has been tried. Such
steps are called independent; see Godefroid, "Partial-Order Methods for the Verification of Concurrent Systems", 1996.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final


@dataclass(frozen=True)
class Touched:
    """The things that a step uses, of those that threads share."""

    read: frozenset[object] = frozenset()
    changed: frozenset[object] = frozenset()
    anything: bool = False
    """Nobody knows what it uses."""

    def __or__(self, other: "Touched") -> "Touched":
        return Touched(self.read | other.read, self.changed | other.changed, self.anything or other.anything)

    def is_independent_of(self, other: "Touched") -> bool:
        """Whether it makes no difference which of the two comes first."""
        if self.anything or other.anything:
            return False
        return not (self.changed & (other.read | other.changed) or self.read & other.changed)


ANYTHING: Final = Touched(anything=True)


def changes(*things: object) -> Touched:
    """The same for a step that may change these things."""
    return Touched(changed=frozenset(things))


@dataclass(frozen=True)
class Step:
    """The part of a run from one decision to the next, by one thread."""

    thread: str
    touched: Touched


@dataclass(frozen=True)
class Delay:
    """At this decision of a run, counted from 0, another thread goes on than the usual one."""

    decision: int
    thread: str

    def __str__(self) -> str:
        return f"{self.decision} {self.thread}"


@dataclass(frozen=True)
class Run:
    """A run that was made: its steps, and the delays that it may have had besides its own."""

    steps: Sequence[Step]
    others: Sequence[Delay]
    meanwhile: dict[Delay, Touched] = field(default_factory=dict)
    """The things that others touch during each of those that were tried, or are like one that was."""

    def is_like_another(self, delay: Delay) -> bool:
        """Whether a run with this delay, too, is like the one with a delay that comes a step later."""
        later = Delay(delay.decision + 1, delay.thread)
        if later not in self.meanwhile or later.decision >= len(self.steps):
            return False
        step, touched = self.steps[delay.decision], self.meanwhile[later]
        if self.steps[later.decision].thread != step.thread or not step.touched.is_independent_of(touched):
            return False
        self.meanwhile[delay] = touched
        return True

    def remember(self, delay: Delay, steps: Sequence[Step]) -> None:
        """Keep what others have touched in a run with this delay, which had these steps."""
        delayed = self.steps[delay.decision].thread
        self.meanwhile[delay] = _before(delayed, steps[delay.decision :])


def _before(thread: str, steps: Iterable[Step]) -> Touched:
    """The things that others touch before this thread goes on; anything, if it never does."""
    read: set[object] = set()
    changed: set[object] = set()
    for step in steps:
        if step.thread == thread:
            return Touched(frozenset(read), frozenset(changed))
        if step.touched.anything:
            break
        read |= step.touched.read
        changed |= step.touched.changed
    return ANYTHING
