"""Startup and cleanup: the core decides, this file carries out what it decided."""

import contextlib
import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, Literal, TypeAlias

from . import process
from .calling import Caller, spi
from .connection import Connection
from .core import (
    Blocked,
    OpenSockets,
    Phase,
    SocketState,
    StartupWhileDraining,
    WinsockProviderCore,
)
from .engine import Engine
from .errors import ErrorCode, WinsockError
from .hooks import Hooks, NoHooks
from .traffic import Traffic

Version: TypeAlias = tuple[int, int]
Upcalls: TypeAlias = Mapping[str, Callable[..., object]]

VERSIONS: Final = ((1, 0), (1, 1), (2, 0), (2, 1), (2, 2))
_OPEN_SOCKETS: Final = {"drain": OpenSockets.DRAIN, "reset": OpenSockets.RESET}
_WHILE_DRAINING: Final = {"wait": StartupWhileDraining.WAIT, "take_over": StartupWhileDraining.TAKE_OVER}


@dataclass(frozen=True)
class WSPData:
    """The answer of a startup: the version agreed upon, and the highest one supported, as (major, minor)."""

    version: Version
    high_version: Version


@dataclass(frozen=True)
class Snapshot:
    """The provider at one moment. `open_sockets` leaves out those that close; `unsent_bytes` counts theirs too."""

    phase: Phase
    refs: int
    epoch: int
    open_sockets: int
    unsent_bytes: int
    lowest_version: Version | None
    upcalls: Upcalls | None


@dataclass(frozen=True)
class Given:
    """The arguments of the latest startup of an epoch."""

    upcalls: Upcalls | None = None
    protocol_info: object = None


class Lifecycle(Caller):
    """The counted part of a provider. One lock guards everything; `_changed` is notified when a wait may be over."""

    def __init__(
        self,
        versions: Iterable[Version] = VERSIONS,
        open_sockets: Literal["drain", "reset"] = "drain",
        startup_while_draining: Literal["wait", "take_over"] = "wait",
        drain_timeout: float = 10.0,
        hooks: Hooks | None = None,
    ) -> None:
        """`drain_timeout` is in seconds. ValueError for a policy or version that does not exist."""
        super().__init__()
        self._versions = tuple(sorted(versions))
        if not self._versions or any(not 0 <= part <= 0xFF for version in self._versions for part in version):
            raise ValueError(f"versions must be pairs of bytes, at least one, not {versions!r}")
        if open_sockets not in _OPEN_SOCKETS or startup_while_draining not in _WHILE_DRAINING:
            raise ValueError(f"no such policy: {open_sockets!r}, {startup_while_draining!r}")
        if not drain_timeout >= 0:
            raise ValueError(f"drain_timeout must be at least 0, not {drain_timeout}")
        self._policies = _OPEN_SOCKETS[open_sockets], _WHILE_DRAINING[startup_while_draining]
        self._drain_timeout = drain_timeout
        self._hooks: Hooks = NoHooks() if hooks is None else hooks
        self._next_descriptor = 1
        self._become_unloaded()
        process.register(self)

    def _become_unloaded(self) -> None:
        self._lock = threading.RLock()
        self._changed = threading.Condition(self._lock)
        self._core = WinsockProviderCore(*self._policies)
        self._engine: Engine | None = None
        self._starter: threading.Thread | None = None
        self._descriptors: dict[int, Connection] = {}
        self._given = Given()

    @spi
    def startup(
        self, version: Version, data: object = ..., upcalls: Upcalls | None = None, protocol_info: object = None
    ) -> WSPData:
        """Count one more user; the first one initialises the provider.

        WSAVERNOTSUPPORTED if every supported version is above `version`, WSAEFAULT if `data` is None, the hook's own
        error or WSASYSNOTREADY if the initialisation fails. Each success must be matched by one `cleanup`.
        """
        agreed = max((known for known in self._versions if known <= tuple(version)), default=(0, 0))
        given = Given(None if upcalls is None else MappingProxyType(dict(upcalls)), protocol_info)
        with self._lock:
            outcome = self._claim(agreed[0] * 256 + agreed[1], data is not None)
            if outcome == "first_startup":
                self._starter = threading.current_thread()
                previous = self._engine
            else:
                self._accept(given)
                self._changed.notify_all()  # a cleanup that was taken over need not wait any more
        if outcome == "first_startup":
            self._initialise(given, previous)
        return WSPData(agreed, self._versions[-1])

    def _claim(self, agreed: int, buffer: bool) -> Literal["nested_startup", "first_startup", "take_over"]:
        """Ask the core until it need not wait any more. The lock is held."""
        while True:
            too_late = self._core.phase is Phase.DRAINING and self._engine is not None and self._engine.releasing
            if not (too_late and agreed and buffer):  # else there is nothing left to take over
                with contextlib.suppress(Blocked):
                    return self._core.wsp_startup(agreed, buffer)
            current = threading.current_thread()
            if current is self._starter or (self._engine is not None and self._engine.is_current_thread()):
                raise WinsockError(ErrorCode.WSAEINPROGRESS)  # it would wait for itself
            self._changed.wait()

    def _accept(self, given: Given) -> None:
        """A startup succeeded: what it gave is in force. The lock is held."""
        if given.upcalls is None:
            given = Given(self._given.upcalls, given.protocol_info)
        self._given = given

    def _initialise(self, given: Given, previous: Engine | None) -> None:
        engine: Engine | None = None
        try:
            if previous is not None:
                previous.join()
            engine = Engine(self._lock, self._changed, self._core)
            with self._lock:
                self._engine = engine
            engine.start(self._hooks)
            self._hooks.initialise()
            with self._lock:
                self._starter = None
                self._given = Given()
                self._accept(given)
                self._core.initialised()
                self._changed.notify_all()
        except BaseException as failure:
            if engine is not None:
                engine.stop()
            with self._lock:
                self._engine = self._starter = None
                self._core.initialisation_failed()
                self._changed.notify_all()
            if isinstance(failure, WinsockError) or not isinstance(failure, Exception):
                raise
            raise WinsockError(ErrorCode.WSASYSNOTREADY, str(failure)) from failure

    @spi
    def cleanup(self) -> None:
        """Undo one startup. The last cleanup returns once everything was sent and given back, or taken over.

        WSANOTINITIALISED if there is nothing to undo; WSAEINPROGRESS if the last cleanup is called by a completion
        routine, since it would have to wait for that routine.
        """
        with self._lock:
            engine = self._engine
            epoch = self._core.epoch
            if engine is not None and self._core.refs == 1:
                if engine.is_current_thread():
                    raise WinsockError(ErrorCode.WSAEINPROGRESS)
                engine.expect_drain(self._drain_timeout)
            if self._core.wsp_cleanup() == "nested_cleanup" or engine is None:
                return
            self._given = Given()
            self._descriptors.clear()
            engine.end_epoch()
            while self._core.phase is Phase.DRAINING and self._core.epoch == epoch:
                self._changed.wait()
            if not engine.releasing:
                return  # taken over: the engine serves the next epoch
            if self._engine is engine and self._core.phase is Phase.UNLOADED:
                self._engine = None
        engine.join()

    @property
    def _traffic(self) -> Traffic:
        """The sockets of the running provider. The lock is held, and the core said that the provider runs."""
        if self._engine is None:
            raise WinsockError(ErrorCode.WSANOTINITIALISED)
        return self._engine.traffic

    def snapshot(self) -> Snapshot:
        """The provider at this moment; needs no startup."""
        with self._lock:
            if self._engine is not None:
                for connection in self._engine.traffic.connections:
                    self._engine.traffic.settle(connection)
            core = self._core
            return Snapshot(
                phase=core.phase,
                refs=core.refs,
                epoch=core.epoch,
                open_sockets=sum(s.state is SocketState.OPEN for s in core.sockets),
                unsent_bytes=sum(s.unsent for s in core.sockets),
                lowest_version=divmod(core.lowest, 256) if core.lowest else None,
                upcalls=self._given.upcalls,
            )

    @property
    def upcalls(self) -> Upcalls | None:
        """The upcall table in force: the latest one that a startup of this epoch gave."""
        with self._lock:
            return self._given.upcalls

    @property
    def protocol_info(self) -> object:
        """The protocol information that the latest startup of this epoch gave."""
        with self._lock:
            return self._given.protocol_info

    def before_fork(self) -> None:
        """Let no other thread be in the middle of a change."""
        self._lock.acquire()

    def after_fork_in_parent(self) -> None:
        """Go on."""
        self._lock.release()

    def after_fork_in_child(self) -> None:
        """Be unloaded: the count, the connections and the I/O thread belong to the parent."""
        engine = self._engine
        self._become_unloaded()
        if engine is not None:
            engine.abandon()
