"""The package under test, with stand-ins for all that it has of the outside: threads, the clock, sockets, the log.

What it waits for at most, and only to make good what an interrupt may have cut off, it waits for without an end here:
whoever is not woken sleeps for ever, and that is seen. What holds many bytes, or many sends, holds few.
"""

import ast
import errno
import math
import os
import socket
import sys
import threading
import weakref
from collections import deque
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Final, NoReturn

from ... import core
from ..schedules.loading import Grain, changed_in_place, load, parts_of
from ..schedules.states import Apart
from ..schedules.threads import Thread as Scheduled
from ..schedules.world import Lock
from .delays import Delayed
from .kernel import TCP_INFO, Kernel, Socket
from .likeness import Touched, changes
from .waiting import FIONREAD, POLLERR, POLLHUP, POLLIN, POLLNVAL, POLLOUT, POLLPRI, TIOCOUTQ, Poll, Selector, control

_STEPS: Final = frozenset(
    {"wsp_startup", "wsp_cleanup", "succeeded", "failed", "initialisation_failed", "drain_bound_expires"}
)
"""The steps of the core that change what callers look at: `refs` and `phase`."""
SHARED: Final = frozenset(
    # permits
    {"free", "wanted", "count", "startups", "known", "posting", "backlog", "sent", "room", "sleepers", "cancelled"}
    | {"attempts", "offered"}
    # what callers and the owner share
    | {"inbox", "asleep", "descriptors", "shift", "refs", "phase", "ident"}
    | {"received_alone", "_failing"}
    # requests and operations
    | {"failure", "value", "wait", "_error", "_value", "_waiters", "transferred"}
    # bells
    | {"_idle", "_over"}
    | _STEPS
)
"""The attributes that more than one thread uses, and of which one changes them: before each use others may go on."""

BOUNDS: Final = {
    "GLANCE": math.inf,
    "LONGEST_SLEEP": math.inf,
    "HIGH_WATER": 6,
    "LOW_WATER": 3,
    "PIECES": 2,
    "GATHERED": 2,
}
"""Bounds of the package, and how low or high they are here."""


class Package:
    """The modules of the package, in a world that decides who goes on."""

    def __init__(self, world: Delayed, folder: Path) -> None:
        """`folder` is where the text of the package lies."""
        self.kernel = Kernel(world)
        self._world = world
        self._threads: dict[Scheduled, object] = {}
        self._modules = load(
            folder, "provider", {"core": core}, self._outside(), world.point, world.turn, Grain.READS, SHARED
        )
        world.places = _places(folder, SHARED)
        for module in self._modules.values():
            for name, bound in BOUNDS.items():
                if name in vars(module):
                    vars(module)[name] = bound

    def __getitem__(self, module: str) -> Any:
        """A module of the package."""
        return self._modules[module]

    def renew(self) -> None:
        """Begin a run: nothing is left of the one before."""
        self.kernel.over = True
        self._threads.clear()
        self.kernel = Kernel(self._world)

    def _outside(self) -> dict[str, object]:
        world = self._world
        threads = _threads(world, self._threads)
        return {
            "threading": threads,
            "_thread": SimpleNamespace(start_new_thread=lambda job, args: threads.Thread(job, args, "starter").start()),
            "queue": SimpleNamespace(SimpleQueue=lambda: Queue(world)),
            "time": SimpleNamespace(monotonic=lambda: world.now, sleep=world._sleep),
            "socket": self._sockets(),
            "select": _named(
                POLLIN=POLLIN,
                POLLPRI=POLLPRI,
                POLLOUT=POLLOUT,
                POLLERR=POLLERR,
                POLLHUP=POLLHUP,
                POLLNVAL=POLLNVAL,
                poll=lambda: Poll(self.kernel),
            ),
            "selectors": _named(EVENT_READ=1, EVENT_WRITE=2, DefaultSelector=lambda: Selector(self.kernel)),
            "fcntl": _named(ioctl=control),
            "termios": _named(TIOCOUTQ=TIOCOUTQ, FIONREAD=FIONREAD),
            "logging": _named(getLogger=lambda _name: Log(world), ERROR=40, WARNING=30),
            "warnings": _named(warn=lambda text, *_, **__: world.note(f"warns: {text}")),
            "sys": SimpleNamespace(
                platform="linux", is_finalizing=lambda: False, exc_info=sys.exc_info, exception=sys.exception
            ),
            "os": _without(os, "register_at_fork"),
            "atexit": _named(register=lambda _function: None),
            "weakref": _named(ref=weakref.ref, finalize=lambda *_: SimpleNamespace()),
        }

    def _pair(self) -> tuple[Socket, Socket]:
        return self.kernel.pair()

    def _sockets(self) -> SimpleNamespace:
        package = self

        class Opened(Socket):
            """A socket that the package has opened."""

            def __init__(self, family: int, kind: int, _protocol: int = 0) -> None:
                super().__init__(package.kernel, family, kind, own=True)

        return SimpleNamespace(
            **{
                **vars(socket),
                "socket": Opened,
                "socketpair": self._pair,
                "TCP_INFO": TCP_INFO,
                "getaddrinfo": _not_here,
            }
        )


@cache
def _places(folder: Path, shared: frozenset[str]) -> Mapping[tuple[str, int], Touched]:
    """The attributes that each line of the package touches: those that are `shared`, or all if none are given.

    A step of the core changes what callers look at.
    """
    found: dict[tuple[str, int], Touched] = {}
    for path in folder.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.stmt):
                place = str(path), node.lineno
                found[place] = found.get(place, Touched()) | _touched(node, shared)
    return found


def _touched(node: ast.stmt, shared: frozenset[str]) -> Touched:
    inside = [each for part in parts_of(node) for each in ast.walk(part)]
    used = {each.attr for each in inside if isinstance(each, ast.Attribute)}
    changed = {each.attr for each in inside if isinstance(each, ast.Attribute) and not isinstance(each.ctx, ast.Load)}
    changed |= {one.attr for each in inside if (one := changed_in_place(each)) is not None}
    if used & _STEPS:
        changed |= {"refs", "phase"}
    return Touched(frozenset(used & shared if shared else used), frozenset(changed & shared if shared else changed))


class OneLock(Lock):
    """A lock that says what it touches: itself."""

    def __init__(self, world: Delayed) -> None:
        super().__init__(world)
        self._world: Delayed = world
        self.name = world.name_for("lock")

    def acquire(self, blocking: bool = True, timeout: float = -1) -> bool:
        """Take the lock; with a timeout, give up when it is over."""
        self._world.will_touch(changes(self.name))
        return super().acquire(blocking, timeout)

    def release(self) -> None:
        """Give the lock back."""
        self._world.will_touch(changes(self.name))
        super().release()

    def locked(self) -> bool:
        """Whether it is taken."""
        self._world.will_touch(changes(self.name))
        self._world.switch("locked")
        return super().locked()


class Queue(Apart):
    """A `queue.SimpleQueue`."""

    def __init__(self, world: Delayed) -> None:
        self._world = world
        self.name = world.name_for("queue")
        self._entries: deque[object] = deque()

    def put(self, entry: object) -> None:
        """Put something after what is there."""
        self._world.will_touch(changes(self.name))
        self._world.switch("put")
        self._entries.append(entry)

    def get(self) -> object:
        """The first entry, as soon as there is one."""
        self._world.will_touch(changes(self.name))
        self._world.switch("get", lambda: bool(self._entries))
        return self._entries.popleft()


class Log(Apart):
    """The log of the package. An error in it is a mistake of the engine, which it has survived; that does not count."""

    def __init__(self, world: Delayed) -> None:
        self._world = world

    def log(self, level: int, text: str, *values: object) -> None:
        """Something is told."""
        if level >= 40:
            self._world.fail(f"the log has an error: {text % values}")
        self._world.note(f"logs: {text % values}")

    def error(self, text: str, *values: object) -> None:
        """An error."""
        self.log(40, text, *values)

    exception = error


def _threads(world: Delayed, known: dict[Scheduled, object]) -> SimpleNamespace:
    """The module `threading`; the threads of a run are kept in `known`."""

    class Thread(Apart):
        """A `threading.Thread`."""

        def __init__(
            self, target: Callable[..., object], args: tuple[object, ...] = (), name: str = "", daemon: bool = True
        ) -> None:
            self.name, self.daemon = name, daemon
            self._job = lambda: target(*args)
            self._scheduled: Scheduled | None = None

        @property
        def ident(self) -> int | None:
            """Its number, once it has begun."""
            return None if self._scheduled is None else self._scheduled.ident

        def start(self) -> None:
            """Begin."""
            world.will_touch(changes("threads"))
            world.switch("start")
            self._scheduled = world.begin(self.name, self._job, own=True)
            known[self._scheduled] = self

        def is_alive(self) -> bool:
            """Whether it has begun and not ended."""
            return self._scheduled is not None and not self._scheduled.ended

        def join(self, timeout: float | None = None) -> None:
            """Wait for its end."""
            world.will_touch(Touched())  # who comes here, and can go on, may have done so before
            world.switch("join", lambda: not self.is_alive(), math.inf if timeout is None else world.now + timeout)

    def current() -> object:
        return known.get(world.current) if world.current else None

    return _named(
        Lock=lambda: OneLock(world),
        Thread=Thread,
        Event=threading.Event,
        local=threading.local,
        get_ident=world.get_ident,
        current_thread=current,
        main_thread=lambda: None,
        TIMEOUT_MAX=threading.TIMEOUT_MAX,
        ExceptHookArgs=tuple,
        excepthook=lambda hook: world.fail(f"people's code has raised {hook[1]!r}"),
    )


def _named(**names: object) -> SimpleNamespace:
    return SimpleNamespace(**names)


def _without(module: object, name: str) -> SimpleNamespace:
    return SimpleNamespace(**{key: value for key, value in vars(module).items() if key != name})


def _not_here(*_: object) -> NoReturn:
    raise OSError(errno.ENOSYS, "nobody looks up names here")
