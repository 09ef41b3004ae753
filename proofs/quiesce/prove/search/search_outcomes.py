"""Outcomes of a search for a run, with how far the search really looked.

A search excludes runs only up to a number of steps and with a number of members of each family. A search that ended
before says so, and why; it never counts as one that excluded anything.
"""

from collections.abc import Iterable
from enum import Enum
from typing import TypeAlias, assert_never

from quiesce.spec.record import record
from quiesce.spec.state import Arguments, Run


@record
class Extent:
    """Every run of up to `steps` steps with `members` members of each family, over any integers.

    `members` is None for a machine that has no families.
    """

    steps: int
    members: int | None


class Why(Enum):
    """The reason why a search ended before it had looked at everything that it was asked to look at."""

    BUDGET = "the solver's budget ended the search there"
    SEARCHES = "what such searches may cost ended it there"
    SOLVER = "the solver gave up there"
    VALUES = "only a walk looked for it, which tries few values and few members"


@record
class Found:
    """A run that reaches a target, replayed on the interpreter, and the arguments that the target's claim speaks of.

    It is a `shortest` one if every shorter one was excluded, for the members that the search had.
    """

    run: Run
    arguments: Arguments
    shortest: bool = False


@record
class Excluded:
    """No run of these extents reaches the target."""

    extents: tuple[Extent, ...]


@record
class Cut:
    """No run of these extents reaches the target, and then the search ended before it was through."""

    extents: tuple[Extent, ...]
    why: Why


NotFound: TypeAlias = Excluded | Cut
Outcome: TypeAlias = Found | NotFound


def together(parts: Iterable[NotFound]) -> NotFound:
    """Searches of different extents as one. It was cut if one of them was; why, the first of these tells."""
    every = tuple(parts)
    extents = tuple(extent for part in every for extent in part.extents)
    cut = next((part for part in every if isinstance(part, Cut)), None)
    return Excluded(extents) if cut is None else Cut(extents, cut.why)


def looked(outcome: NotFound, what: str) -> str:
    """How far was looked for a run, as a clause; `what` says what such a run does, as in `breaks it`."""
    match outcome:
        case Excluded(extents) if extents:
            return f"{_extents_in_words(extents)} {what}"
        case Excluded():
            return f"no run that {what} was looked for"
        case Cut((), why):
            return f"no run that {what} was found, and none was excluded ({why.value})"
        case Cut(extents, why):
            return f"{_extents_in_words(extents)} {what} ({why.value})"
        case _:
            assert_never(outcome)


def _extents_in_words(extents: tuple[Extent, ...]) -> str:
    """The excluded extents, those of as many steps as one. A run of no steps is a state in which the machine starts."""
    by_steps: dict[int, list[int]] = {}
    for extent in extents:
        by_steps.setdefault(extent.steps, []).extend([] if extent.members is None else [extent.members])
    runs = [
        f"of up to {steps} {'step' if steps == 1 else 'steps'}{_numbers_of_members(members)}"
        for steps, members in sorted(by_steps.items(), reverse=True)
        if steps
    ]
    excluded = [f"no run {' and '.join(runs)}"] if runs else []
    if 0 in by_steps:
        excluded.append(f"no initial state{_numbers_of_members(by_steps[0])}")
    return " and ".join(excluded)


def _numbers_of_members(members: list[int]) -> str:
    if not members:
        return ""
    *first, last = sorted(members)
    numbers = f"{', '.join(map(str, first))} or {last}" if first else f"{last}"
    return f" with {numbers} {'member' if members == [1] else 'members'} of each family"
