"""States and runs of a bounded instance: what the interpreter computes and what a counterexample shows."""

from collections.abc import Hashable, Mapping
from typing import TypeAlias

from quiesce.spec.model import Value
from quiesce.spec.record import record

Arguments: TypeAlias = Mapping[str, Value]
"""The arguments of an action by parameter; a member is given by its index within the family."""


@record
class State:
    """Values of all variables and policies, and of every field of every member of each family.

    The number of members is fixed for a run; one that was never used has every field at its default.
    """

    scalars: Mapping[str, Value]
    families: Mapping[str, tuple[Mapping[str, Value], ...]]

    def key(self) -> Hashable:
        """Equal for equal states of one machine."""
        members = tuple(tuple(tuple(member.values()) for member in family) for family in self.families.values())
        return tuple(self.scalars.values()), members

    def __eq__(self, other: object) -> bool:
        return isinstance(other, State) and self.scalars == other.scalars and self.families == other.families

    def __hash__(self) -> int:
        return hash(self.key())


@record
class Move:
    """One step of a run: the action, what it was given, and the state after it."""

    action: str
    arguments: Arguments
    state: State


@record
class Run:
    """A start and the moves from it. The run of a counterexample or a witness starts in an initial state.

    >>> from pathlib import PurePosixPath
    >>> from quiesce.spec.interpreter import initial_states, replay, step
    >>> from quiesce.spec.reader import read_text
    >>> lamp = read_text(
    ...     '''
    ... from quiesce.spec import Machine, call
    ...
    ... class Lamp(Machine):
    ...     on: bool = False
    ...
    ...     @call("switch")
    ...     def switch(self) -> None:
    ...         self.on = not self.on
    ... ''',
    ...     PurePosixPath("lamp.py"),
    ... )
    >>> [dark] = initial_states(lamp, members=0)
    >>> lit = step(lamp, dark, lamp.actions_by_name["switch"], {})
    >>> lit.scalars
    {'on': True}
    >>> replay(lamp, Run(dark, (Move("switch", {}, lit),)))
    >>> replay(lamp, Run(dark, (Move("switch", {}, dark),)))
    Traceback (most recent call last):
    quiesce.spec.interpreter.NotEnabled: step 1, switch, leads to another state than the run shows
    """

    start: State
    moves: tuple[Move, ...] = ()

    @property
    def end(self) -> State:
        """The last state."""
        return self.moves[-1].state if self.moves else self.start

    @property
    def states(self) -> tuple[State, ...]:
        """Every state, the start included."""
        return (self.start, *(move.state for move in self.moves))
