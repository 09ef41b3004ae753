"""The searches through the schedules of a lifecycle: what is searched, how far, and what has to be seen in them."""

import logging
import math
import os
import warnings
import weakref
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path
from types import ModuleType, SimpleNamespace
from unittest import SkipTest

from .callers import Callers
from .loading import PACKAGE, Grain, load
from .model import RAISES, Made, Model, Move, Plan, Session
from .python import missing
from .search import Bounds, Search
from .situations import situations
from .states import constants

MUCH_MORE = "QUIESCE_SCHEDULES"
"""The variable of the environment that asks for what takes minutes."""

_FEW = 2
"""So few calls can be made twice each by two callers."""

_MANY = 6
"""So many calls are tried at once from where a search begins."""

_RUNS = 1000
"""So many runs take a second or two."""

_SHORT = 0.5
"""Seconds for which a call waits that gives up."""


class SearchedInPart(UserWarning):
    """There were too many schedules: some were searched, and not even all without preemptions."""


@dataclass(frozen=True)
class Tested:
    """A shell, by the folder in which it lies, and what is done with it."""

    folder: Path
    model: Model
    moves: Sequence[Move]
    waiting: Sequence[str]
    """The calls that may have to wait."""
    world: type[Search]
    """Those who call: threads, or tasks."""
    sessions: Sequence[Session] = ()
    """The blocks between two calls."""

    @property
    def actions(self) -> frozenset[str]:
        """The actions that accept calls."""
        return frozenset(action for actions in self.model.calls.values() for action in actions)


def check_calls(tested: Tested) -> None:
    """Search through the schedules of two callers, from each situation in which something new can happen.

    Raises:
        AssertionError: a rule was broken, or something that can happen has not happened.
    """
    calls, usual = _calls(tested), Bounds(preemptions=tested.world.preemptions)
    found = []
    for before, actions in situations(tested.model, tested.moves, calls).items():
        plan = Plan(2, calls, _chosen(tested, before, actions.values()), before)
        found.append(_search(tested, plan, usual, 3 * _RUNS))
        _demand(found, list(actions))
    for before in situations(tested.model, tested.moves, 0) if tested.model.activities else ():
        _search(tested, Plan(1, 1, tested.moves, before, inward=True), Bounds(preemptions=0))
    moves = _chosen(tested, (), ())
    _search(tested, Plan(3, 1, moves), Bounds(preemptions=1))
    if tested.world.preempts:
        _search(tested, Plan(2, 1, moves), usual, grain=Grain.WRITES)
    ends = [f"{name} {way}" for name, activity in tested.model.activities.items() for way in (*activity.ways(), RAISES)]
    if never := [end for end in ends if not any(each.seen[end] for each in found)]:
        warnings.warn(f"too far away for a search: {', '.join(never)}", SearchedInPart, stacklevel=2)


def check_interrupts(tested: Tested) -> None:
    """The same, with one interrupt; and with one cancellation, if it is tasks that call."""
    if tested.world.preempts:
        _search(tested, Plan(2, 1, _chosen(tested, (), ())), Bounds(interrupts=1, preemptions=1), grain=Grain.WRITES)
        behind = [before for before in situations(tested.model, tested.moves, 0) if before][:1]
        for before in behind:
            few = 1 if _calls(tested) > 1 else 0
            moves, bounds = _chosen(tested, before, ()), Bounds(interrupts=1, preemptions=few)
            _search(tested, Plan(2, 1, moves, before), bounds, grain=Grain.WRITES)
            _search(tested, Plan(3, 1, moves, before), bounds, 3 * _RUNS, Grain.WRITES)
    grain, limit = (Grain.CHANGES, _RUNS) if tested.world.preempts else (Grain.WRITES, 3 * _RUNS)
    for before, actions in situations(tested.model, tested.moves, 1 if tested.world.preempts else 0).items():
        plan = Plan(2, 1, _chosen(tested, before, actions.values()), before)
        for interrupt, bounds in tested.world.interrupts.items():
            found = _search(tested, plan, replace(bounds, preemptions=tested.world.preemptions), limit, grain)
            places = tested.actions if bounds.interrupts else _waits(tested)
            if not any(what.endswith(interrupt) for what in found.seen) and any(found.seen[place] for place in places):
                _demand([found], [interrupt])


def _waits(tested: Tested) -> list[str]:
    """The things that are seen where calls wait, and can be cancelled."""
    return [*(f"{call} waits" for call in tested.model.calls), *(f"{work} begins" for work in tested.model.activities)]


def check_timeouts(tested: Tested) -> None:
    """The same, with calls that give up after a while; and time passes although threads could go on."""
    short = [replace(move, timeout=_SHORT) for move in tested.moves if move.call in tested.waiting][:_FEW]
    early = Bounds(early=1, preemptions=tested.world.preemptions)
    starts = situations(tested.model, tested.moves, 1) if short else ()
    plans = [Plan(2, 1, [*_chosen(tested, before, ()), *short], before) for before in starts]
    found = [_search(tested, plan, early) for plan in plans]
    for move in short:
        if any(each.seen[f"{move.call} waits"] for each in found):
            _demand(found, [f"{move.call} raises TimeoutError"])


def check_sessions(tested: Tested) -> None:
    """The same, with sessions: what begins ends, whatever happens."""
    usual = Bounds(preemptions=tested.world.preemptions)
    plan = Plan(_calls(tested), 1, tested.sessions[:_FEW])
    found = [_search(tested, plan, usual)] if plan.moves else []
    for session in tested.sessions[:_FEW]:
        if any(each.seen[session.begin] for each in found):
            _demand(found, [f"{session.begin} returns", f"{session.end} returns"])
    for before in situations(tested.model, tested.moves, 0) if plan.moves else ():
        for bounds in tested.world.interrupts.values():
            alone = replace(plan, callers=1, before=before)
            _search(tested, alone, replace(bounds, preemptions=usual.preemptions), grain=Grain.WRITES)


def check_more(tested: Tested) -> None:
    """Search through what takes minutes, if it is asked for."""
    for asked in more(tested):
        if os.environ.get(MUCH_MORE):
            search_whole(tested, asked)
        else:
            print(f"not searched without {MUCH_MORE}: {asked}")


@dataclass(frozen=True)
class Asked:
    """A search that has no limit but its bounds."""

    plan: Plan
    bounds: Bounds
    grain: Grain

    def __str__(self) -> str:
        return f"{self.plan}; {self.bounds}, switches before {self.grain.told}"


def more(tested: Tested) -> Sequence[Asked]:
    """The searches that take minutes; where there are few calls, each of two callers makes three of them."""
    few = _calls(tested) - 1
    free = tested.world.preemptions
    found = [
        Asked(Plan(2, 2 + few, tested.moves), Bounds(), Grain.CHANGES),
        Asked(Plan(3, 1 + few, tested.moves), Bounds(preemptions=free), Grain.CHANGES),
    ]
    for interrupt in tested.world.interrupts.values():
        bounds = replace(interrupt, preemptions=free)
        found.append(Asked(Plan(2, 1 + 2 * few, tested.moves), bounds, Grain.CHANGES))
        found.append(Asked(Plan(2, 1, tested.moves), bounds, Grain.WRITES))
    if tested.world.preempts:
        found.append(Asked(Plan(2, 1, tested.moves), Bounds(), Grain.READS))
    return found


def search_whole(tested: Tested, asked: Asked) -> "Explored":
    """Search through all schedules of such a search."""
    return _search(tested, asked.plan, asked.bounds, math.inf, asked.grain)


def _demand(found: "Sequence[Explored]", wanted: Sequence[str]) -> None:
    """See that searches have shown what they are for, unless one of them was too much to tell."""
    missing = [what for what in wanted if not any(each.seen[what] for each in found)]
    if missing and all(each.within >= 0 for each in found):
        raise AssertionError(f"never seen: {', '.join(missing)}")


def _calls(tested: Tested) -> int:
    """How many calls each caller makes."""
    return 2 if len(tested.moves) <= _FEW and not tested.model.families else 1


def _chosen(tested: Tested, before: Sequence[Made], needed: Iterable[Sequence[Move]]) -> Sequence[Move]:
    """The moves for a search: all, or if they are many, those that are needed and the first others."""
    all_needed = {*chain(*needed)}
    wanted = [move for move in tested.moves if move in all_needed]
    others = [move for move in tested.moves if move not in wanted]
    return [*wanted, *others][: max(_FEW if before else _MANY, len(wanted))]


def _search(
    tested: Tested, plan: Plan, bounds: Bounds, limit: float = _RUNS, grain: Grain = Grain.CHANGES
) -> "Explored":
    """Search through all schedules, or if they are too many, through those with fewer preemptions or switches."""
    if not tested.world.preempts and not bounds.interrupts:
        grain = Grain.CHANGES  # it says only where interrupts strike
    found = explore(tested, plan, bounds, grain, limit, gives_up=grain > Grain.CHANGES or plan.callers > 2)
    if found.within < 0 and grain > Grain.CHANGES:
        grain = Grain.CHANGES
        found = explore(tested, plan, bounds, grain, limit)
    told = f"{plan}; {bounds}, switches before {grain.told}: {found}"
    print(told)
    if found.within < 0:
        warnings.warn(f"too much to search whole: {told}", SearchedInPart, stacklevel=3)
    return found


# --- one search -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Explored:
    """The result of a search."""

    runs: int
    states: int
    seen: Counter[str]
    within: float
    """All schedules with so many preemptions were searched; infinitely many if nothing was left out, or -1."""
    left_off: int = 0
    """So many were not followed to their ends, as work or timeouts start themselves anew in them."""

    def __str__(self) -> str:
        found = f"{self.runs} schedules, {self.states} states"
        found += f", {self.left_off} of them up to where the same happens on and on" if self.left_off else ""
        if self.within == math.inf:
            return f"all {found}"
        if self.within < 0:
            return f"in part only, {found}"
        return f"all with {self.within} preemptions, and some with more: {found}"


def explore(
    tested: Tested, plan: Plan, bounds: Bounds, grain: Grain, limit: float = math.inf, gives_up: bool = False
) -> Explored:
    """Search through the schedules of a plan; through `limit` of them at most, or if it `gives_up`, through fewer.

    Raises:
        SkipTest: this Python lacks what the search needs of it.
        Wrong: in one of them, something happened that must not happen; the message tells it step by step.
    """
    if why := missing():
        raise SkipTest(f"schedules cannot be searched: {why}")
    model, world = tested.model, tested.world(bounds)
    outside = {**world.modules(), "os": _without(os, "register_at_fork"), "weakref": _without_finalizers()}
    modules = load(tested.folder, "lifecycle", {"core": model.core}, outside, world.point, world.turn, grain)
    logging.getLogger(PACKAGE).disabled = True
    for module in modules.values():
        _leave_nothing_to_chance(module)
    fixed = [value for module in modules.values() for value in vars(module).values()]
    world.constants = constants([*fixed, model, *plan.moves])
    callers = Callers(world, model, plan, modules["lifecycle"])
    complete = world.search(callers, limit, gives_up)
    return Explored(world.runs, len(world.states), callers.seen, math.inf if complete else world.within, world.left_off)


def _leave_nothing_to_chance(module: ModuleType) -> None:
    """See that who is not woken is never woken, and that runs which are cut drop what they hold in silence."""
    if "LOOK_AGAIN" in vars(module):
        vars(module)["LOOK_AGAIN"] = math.inf
    own = [each for each in vars(module).values() if isinstance(each, type) and each.__module__ == module.__name__]
    for each in own:
        if "__del__" in vars(each):
            delattr(each, "__del__")


def _without(module: object, name: str) -> SimpleNamespace:
    return SimpleNamespace(**{key: value for key, value in vars(module).items() if key != name})


def _without_finalizers() -> SimpleNamespace:
    return SimpleNamespace(**{**vars(weakref), "finalize": lambda *_: None})
