"""States that never change, each followed by the next: what a lifecycle is made of, whoever calls it.

A step is taken on a copy of the newest state. The copy becomes the newest state by one append to the list of those that
follow it, and only if it is the first there; otherwise the step is taken again, on what has come instead. So a step
happens as a whole or not at all, wherever an interrupt hits it. Nobody sees it half made: no other thread, no signal
handler, no finalizer, no forked child. Nothing is locked, so nothing stays locked.
"""

import logging
import os
import time
import warnings
import weakref
from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from ._fitting import refuse_observer
from ._pending import Activity, Awaited, Deadline, Key, Pending, Ticket, Timeout

SLOTS = ("_action", "_after", "_arguments", "_home", "_pending")
"""The attributes that a moment has besides those of a core."""

SLOTS_OF_MEMBERS = ("_members", "_touched")
"""Those that it has besides if there are families."""

log = logging.getLogger(__package__)


class Moment:
    """A state, and the step that led to it. Once it is the newest, nothing of it changes but that another follows."""

    __slots__ = ()

    _action: str
    """The name of the step that led here; empty where none of the model did."""
    _arguments: tuple[Any, ...]
    """The arguments of that step."""
    _after: list[Any]
    """The next moment; what stands after it came too late and never was."""
    _pending: Mapping[Key, Pending]
    """Who runs each of the activities that are due, when timeouts come, and which calls wait for their answer."""
    _home: object
    """Which lifecycle this is a moment of, if it has members."""
    _members: Mapping[str, Mapping[Any, Any]]
    """Of each family, the values of its members."""
    _touched: Mapping[Any, Any]
    """The values of those members that the step may have changed."""

    def _copied(self) -> Any:
        """The same state once more, to be changed; nothing follows it, and no step led to it."""
        raise NotImplementedError


M = TypeVar("M", bound=Moment)


@dataclass(frozen=True, slots=True)
class Step:
    """A step that happened: its number, its action, what it was given, and the values that it changed.

    Of a family, `changed` has the members that the step changed, each with its values, or None if it was given back.
    """

    number: int
    action: str
    arguments: tuple[Any, ...]
    changed: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Rules(Generic[M]):
    """Everything that is the same for all lifecycles of one class."""

    values: Callable[[M], dict[str, Any]]
    follows: Mapping[str, Sequence[Activity | Timeout]]
    """The activities and timeouts that each action may begin or end; other actions leave them as they are."""
    refusals: Mapping[str, type[Exception]]
    """The exception for each reason for which the model refuses a call."""
    deadlock: type[Exception]
    wrong_member: type[Exception] = Exception
    wrong_loop: type[Exception] = Exception
    lasting: Set[str] = frozenset()
    """The variables that are not as at the start when everything is over."""


class History(Generic[M]):
    """The newest moment of a lifecycle, those who sleep until there is another, and the observer, told of each."""

    __slots__ = (
        "__weakref__",
        "_start",
        "_teller",
        "_told",
        "clocks",
        "follows",
        "listeners",
        "newest",
        "observe",
        "owner",
        "patience",
        "rules",
    )

    def __init__(
        self,
        rules: Rules[M],
        owner: object,
        start: M,
        observe: Callable[[Step], object] | None = None,
        patience: Mapping[str, float] | None = None,
    ) -> None:
        """The work is done by methods of `owner`; `patience` is after how many seconds each timeout comes.

        Raises:
            TypeError: the observer cannot be called, or would have to be awaited.
        """
        refuse_observer(observe)
        self.rules = rules
        self.owner = weakref.ref(owner)
        self.follows = rules.follows
        self.newest = start
        self.observe = observe
        self.patience = patience or {}
        self.listeners: list[Callable[[], object]] = [] if observe is None else [self._tell]
        """Before all who sleep until there is another moment: the one who tells the observer."""
        self.clocks: dict[str, object] = {}
        self._start = start._copied()
        # Whoever holds a moment holds all that follow it: only an observer, who will be told of them, does.
        self._told = None if observe is None else (0, start)
        self._teller: dict[str, object] = {}
        _histories.add(self)

    def now(self) -> M:
        """The newest moment."""
        moment = self.newest
        while moment._after:
            moment = moment._after[0]
        return moment

    def unchanged(self, old: M) -> M:
        """A moment that no step of the model has led to."""
        new: M = old._copied()
        new._action, new._arguments = "", ()
        return new

    def follow(self, old: M, new: M) -> bool:
        """Let `new` follow `old`, unless something else has."""
        old._after.append(new)
        if old._after[0] is not new:
            return False
        self.newest = new
        return True

    def plan(self, new: M, runner: object) -> list[Ticket]:
        """Enter what the step of a moment that nobody else sees yet begins, and take out what it ends.

        The tickets for the activities that it makes due, which fall to `runner`, are returned.
        """
        action, tickets = new._action, list[Ticket]()
        pending = {
            key: each
            for key, each in new._pending.items()
            if not (isinstance(each, Awaited) and each.is_answered(action, new._arguments))
        }
        for work in self.follows.get(action, ()):
            match work:
                case Activity():
                    for key in _due(work, new):
                        if key not in pending:
                            pending[key] = ticket = Ticket(work, key, runner)
                            tickets.append(ticket)
                case Timeout():
                    if not work.holds(new):
                        pending.pop(work.key, None)
                    elif work.key not in pending or work.outcome.action == action:
                        pending[work.key] = Deadline(work, self.patience[work.name])
        new._pending = pending
        return tickets

    def announce(self) -> None:
        """Wake everybody who sleeps, and tell the observer what is new. May be done twice."""
        for each in self.now()._pending.values():
            if isinstance(each, Deadline):
                each.begin(self.time())
        for listener in self.listeners[::-1]:
            with suppress(RuntimeError):  # it was woken already
                listener()
        for each in self.now()._pending.values():
            if isinstance(each, Deadline):
                self.watch(each)

    def time(self) -> float:
        """The time of the clock by which deadlines are kept, in seconds."""
        return time.monotonic()

    def watch(self, deadline: Deadline) -> None:
        """See that a timeout comes, also if nobody calls or waits."""
        raise NotImplementedError

    def stop_clocks(self) -> None:
        """See that no timeout comes any more."""
        raise NotImplementedError

    # --- observers ----------------------------------------------------------------------------------------------

    def _tell(self) -> None:
        """Tell of every moment, in order. Whoever is telling at this moment tells of ours, too."""
        me = object()
        while self._is_news() and self._teller.setdefault("", me) is me:
            try:
                while self._is_news():
                    self._tell_next()
            finally:
                # Twice: an interrupt may cut off the first.
                try:
                    self._fall_silent(me)
                finally:
                    self._fall_silent(me)

    def _fall_silent(self, me: object) -> None:
        if self._teller.get("") is me:
            del self._teller[""]

    def _is_news(self) -> bool:
        return self._told is not None and bool(self._told[1]._after)

    def _tell_next(self) -> None:
        if self._told is None or self.observe is None:
            return
        number, old = self._told
        new = old._after[0]
        number += bool(new._action)
        self._told = number, new
        if not new._action:
            return
        before, after = self.rules.values(old), self.rules.values(new)
        changed = {name: _change(before[name], value) for name, value in after.items() if value != before[name]}
        try:
            self.observe(Step(number, new._action, new._arguments, changed))
        except Exception:
            log.exception("the observer failed at step %d, %s", number, new._action)

    # --- the end ------------------------------------------------------------------------------------------------

    def left(self) -> str:
        """The values that are not as at the start; empty if all are."""
        now, start = self.rules.values(self.now()), self.rules.values(self._start)
        return ", ".join(
            f"{key}={value}" for key, value in now.items() if key not in self.rules.lasting and value != start[key]
        )

    def warn_if_left(self, name: str) -> None:
        """Warn that a lifecycle was dropped, or the process ends, and it is not as at the start."""
        self.stop_clocks()
        if left := self.left():
            warnings.warn(f"{name} was left before its end: {left}", ResourceWarning, stacklevel=2)

    def begin_anew(self) -> None:
        """In a forked child: as at the start. Whatever was under way belongs to the parent."""
        anew = self.unchanged(self._start)
        anew._home = object()
        self.now()._after.append(anew)
        self.newest = anew
        self._told = None if self.observe is None else (0, anew)
        self.listeners[:] = [] if self.observe is None else [self._tell]
        self.clocks.clear()
        self._teller.clear()


def _due(work: Activity, new: Moment) -> Iterator[Key]:
    """The activity, if it is due; for each member of which it is, if it is one of members."""
    if not work.family:
        if work.due(new):
            yield work.name, None
        return
    members = new._members[work.family]
    for member in members if new._action in work.everywhere else new._touched:
        if member in members and work.due(new, members[member]):
            yield work.name, member


def _change(before: Any, after: Any) -> Any:
    if not isinstance(after, dict):
        return after
    changed = {member: member._shown(values) for member, values in after.items() if values is not before.get(member)}
    return {**changed, **{member: None for member in before if member not in after}}


_histories: "weakref.WeakSet[History[Any]]" = weakref.WeakSet()


def _after_fork() -> None:
    for history in tuple(_histories):
        history.begin_anew()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
