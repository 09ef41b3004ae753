"""The memory of a run: what has happened, as far as it matters for what may happen next."""

import math
from collections.abc import Sequence, Set
from dataclasses import dataclass, field
from typing import Any

from .graph import Key, Nth, State
from .model import Move


@dataclass(eq=False, slots=True)
class Call:
    """A call under way."""

    move: Move
    arguments: tuple[Any, ...]
    given: tuple[Any, ...]
    """The same, as the model has it."""
    since: float
    action: str = ""
    """The action that accepted it."""
    open: list[Key] = field(default_factory=list)
    """The work that it made due and that is not over."""
    until: Sequence[str] = ()
    """The actions of which one has to happen before it is answered."""
    answered: float = math.inf
    """When one of these actions happened."""
    refusals: set[str] = field(default_factory=set)
    """For which reasons the model would have refused it, at some time since it was made."""
    error: BaseException | None = None
    """The first exception that its work raised."""
    failed: bool = False
    """Whether its work took an outcome that fails."""
    shielded: bool = False
    """Whether no cancellation reaches its work, as it ends a session."""
    then: "Call | None" = None
    """The second call of a session of which it is the first; it may be made before the first has returned."""
    given_back: Sequence[int] = ()
    """Of the second call of a session: which arguments of the first it is given; see `Session`."""
    interrupts: dict[type[BaseException], bool] = field(default_factory=dict)
    """The interrupts that have come since it was made, and whether it has to end with them."""


@dataclass(eq=False, slots=True)
class Memory:
    """The memory of a run: what has happened, as far as it matters for what may happen next."""

    shell: Any
    state: State
    """The state of the model."""
    moment: Any
    """The newest moment that was looked at."""
    members: dict[Any, Nth] = field(default_factory=dict)
    """Members as people hold them, in the order in which the run has met them."""
    calls: dict[int, list[Call]] = field(default_factory=dict)
    """The calls under way of each caller, the innermost last."""
    running: list[Key] = field(default_factory=list)
    over: dict[Key, Any] = field(default_factory=dict)
    """The end of work whose outcome has not happened: its answer, or what it raised."""
    due: list[Key] = field(default_factory=list)
    left: Set[Key] = frozenset()
    """Work that has failed for an interrupted call, and is due again by that: the next who comes does it."""
    held: dict[str, float] = field(default_factory=dict)
    """Since when each timeout can happen."""
