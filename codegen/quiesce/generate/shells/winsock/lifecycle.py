"""Startup and cleanup: the core decides, this file carries out what it decided."""

import contextlib
import weakref
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from threading import Thread, get_ident
from types import MappingProxyType
from typing import Final, Literal

from . import process
from .calling import Caller, spi_at_any_time
from .core import Blocked, OpenSockets, Phase, Refused, SocketState, StartupWhileDraining, WinsockProviderCore
from .desk import Given, Settings, Upcalls
from .errors import ErrorCode, WinsockError
from .hooks import Hooks
from .owner import Owner
from .request import CHANGE, OUTCOME, Plan, Steps
from .traffic import Report, Traffic
from .version import Version, WSPData

VERSIONS: Final = ((1, 0), (1, 1), (2, 0), (2, 1), (2, 2))
_OPEN_SOCKETS: Final = {"drain": OpenSockets.DRAIN, "reset": OpenSockets.RESET}
_WHILE_DRAINING: Final = {"wait": StartupWhileDraining.WAIT, "take_over": StartupWhileDraining.TAKE_OVER}


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


class Lifecycle(Caller):
    """The counted part of a provider."""

    def __init__(
        self,
        versions: Iterable[Version] = VERSIONS,
        open_sockets: Literal["drain", "reset"] = "drain",
        startup_while_draining: Literal["wait", "take_over"] = "wait",
        drain_timeout: float = 10.0,
        hooks: Hooks | None = None,
        at_exit: process.AtExit = "drain",
    ) -> None:
        """`drain_timeout` is in seconds.

        `at_exit` says what becomes of a provider that still runs when the process ends. "drain" does what the missing
        cleanups would have done, and warns of what it gives up after `drain_timeout`; "reset" resets its connections;
        "leave" leaves all to the operating system, which may cut a stream short and yet end it in an orderly way.

        ValueError for a policy or version that does not exist, TypeError for hooks that cannot be called.
        """
        super().__init__()
        self._versions = tuple(sorted(versions))
        if not self._versions or not all(_is_version(version) for version in self._versions):
            raise ValueError(f"versions must be pairs of bytes, at least one, not {versions!r}")
        if open_sockets not in _OPEN_SOCKETS or startup_while_draining not in _WHILE_DRAINING:
            raise ValueError(f"no such policy: {open_sockets!r}, {startup_while_draining!r}")
        if at_exit not in ("drain", "reset", "leave"):
            raise ValueError(f"no such policy: {at_exit!r}")
        if not drain_timeout >= 0:
            raise ValueError(f"drain_timeout must be at least 0, not {drain_timeout}")
        for name in ("initialise", "released"):
            if hooks is not None and not callable(getattr(hooks, name, None)):
                raise TypeError(f"hooks must have a method {name}, and {type(hooks).__name__} has none")
        self._owner = Owner(
            Settings(_OPEN_SOCKETS[open_sockets], _WHILE_DRAINING[startup_while_draining], drain_timeout, hooks)
        )
        process.register(self._owner, at_exit)
        weakref.finalize(self, process.dropped, self._owner).atexit = False

    @property
    def _core(self) -> WinsockProviderCore:
        return self._owner.desk.core

    @spi_at_any_time
    def startup(
        self, version: Version, data: object = ..., upcalls: Upcalls | None = None, protocol_info: object = None
    ) -> Plan[WSPData]:
        """Count one more user; the first one initialises the provider.

        WSAVERNOTSUPPORTED if every supported version is above `version`, WSAEFAULT if `data` is None, the hook's own
        error or WSASYSNOTREADY if the initialisation fails. Each success must be matched by one `cleanup`.
        """
        if not _is_version(version):
            raise WinsockError(ErrorCode.WSAEINVAL, f"not a pair (major, minor): {version!r}")
        agreed = max((known for known in self._versions if known <= tuple(version)), default=(0, 0))
        number = agreed[0] * 256 + agreed[1]
        if number == 0 or data is None:
            self._core.wsp_startup(number, data is not None)  # which refuses, whatever the phase
        if upcalls is not None and not isinstance(upcalls, Mapping):
            raise WinsockError(ErrorCode.WSAEFAULT, f"not a table of upcalls: {type(upcalls).__name__}")
        given = Given(None if upcalls is None else MappingProxyType(dict(upcalls)), protocol_info)
        answer = WSPData(agreed, self._versions[-1])
        return Plan(steps=partial(_startup, self._owner, number, given, version, answer))

    @spi_at_any_time
    def cleanup(self) -> Plan[Report]:
        """Undo one startup. The last cleanup returns once everything was sent and given back, or taken over.

        The answer tells what had to be given up. WSANOTINITIALISED if there is nothing to undo; WSAEINPROGRESS if the
        last cleanup is called by a completion routine or a hook, since it would have to wait for that code.
        """
        owner = self._owner
        if owner.desk.core.refs == 0:
            try:
                owner.desk.forgiven.pop()
            except IndexError:
                raise Refused("WSANOTINITIALISED") from None
            return Plan(answer=Report())
        ended: list[Thread] = []
        return Plan(steps=partial(_cleanup, owner, ended), after=partial(_join, ended), gives_back=True)

    @property
    def _traffic(self) -> Traffic:
        """The sockets of the running provider, for work: the core said that the provider runs."""
        return self._owner.at_work.traffic

    def snapshot(self) -> Snapshot:
        """The provider at this moment; needs no startup."""
        if self._core.phase is Phase.UNLOADED:
            return _look(self._owner)
        return self._owner.ask(Plan(now=partial(_look, self._owner)))

    def in_callback(self) -> bool:
        """Whether this thread runs a completion routine, an event or a hook, for which others may have to wait."""
        shift = self._owner.shift
        return shift is not None and shift.herald.ident == get_ident()

    def in_finalizer(self) -> bool:
        """Whether this thread drives the sockets, so that nothing but a finalizer can call here."""
        shift = self._owner.shift
        return shift is not None and shift.ident == get_ident()

    @property
    def upcalls(self) -> Upcalls | None:
        """The upcall table in force: the latest one that a startup of this epoch gave."""
        return self._owner.desk.given.upcalls

    @property
    def protocol_info(self) -> object:
        """The protocol information that the latest startup of this epoch gave."""
        return self._owner.desk.given.protocol_info


def _is_version(version: object) -> bool:
    return (
        isinstance(version, tuple | list)
        and len(version) == 2
        and all(isinstance(part, int) and 0 <= part <= 0xFF for part in version)
    )


def _startup(owner: Owner, agreed: int, given: Given, version: Version, answer: WSPData) -> Steps[WSPData]:
    shift, desk = owner.at_work, owner.desk
    while True:
        if not shift.over:
            with contextlib.suppress(Blocked):
                outcome = desk.core.wsp_startup(agreed, buffer=True)
                break
        yield CHANGE
    if outcome == "first_startup":
        yield from _initialised()
        desk.given = Given()
    if given.upcalls is None:
        given = Given(desk.given.upcalls, given.protocol_info)
    desk.given = given
    desk.nesting.take_back()
    if given.protocol_info is None:  # the next startup only counts if it gives none either
        desk.nesting.known = (version[0], version[1]), answer
    else:
        desk.nesting.known = None
    shift.changed()  # a cleanup that was taken over need not wait any more
    shift.on_abandon(partial(_undo_startup, owner))
    return answer


def _initialised() -> Steps[None]:
    try:
        yield OUTCOME
    except Exception as failure:
        if isinstance(failure, WinsockError):
            raise
        raise WinsockError(ErrorCode.WSASYSNOTREADY, str(failure)) from failure


def _undo_startup(owner: Owner) -> None:
    """The caller of a startup was interrupted before it knew of its success."""
    owner.desk.count_nested()
    if owner.desk.core.refs == 1:
        owner.at_work.begin_drain()
    elif owner.desk.core.refs:
        owner.desk.core.wsp_cleanup()


def _cleanup(owner: Owner, ended: list[Thread]) -> Steps[Report]:
    core, shift = owner.desk.core, owner.at_work
    if core.refs == 1:
        owner.desk.count_nested()
    if core.refs != 1:
        core.wsp_cleanup()
        return Report()
    if shift.inside:
        raise WinsockError(ErrorCode.WSAEINPROGRESS)
    epoch = core.epoch
    shift.begin_drain()
    while core.phase is Phase.DRAINING and core.epoch == epoch:
        yield CHANGE
    if core.phase is not Phase.UNLOADED:
        return Report()  # taken over: the thread serves the next epoch
    ended.append(shift.thread)
    return shift.traffic.given_up


def _join(ended: list[Thread], _report: Report) -> None:
    for thread in ended:
        thread.join()


def _look(owner: Owner) -> Snapshot:
    core, shift = owner.desk.core, owner.shift
    if shift is not None and shift.ident == get_ident():
        for connection in shift.traffic.connections:
            shift.traffic.settle(connection)
    return Snapshot(
        phase=core.phase,
        refs=core.refs + owner.desk.nesting.count,
        epoch=core.epoch,
        open_sockets=sum(s.state is SocketState.OPEN for s in core.sockets),
        unsent_bytes=sum(s.unsent for s in core.sockets),
        lowest_version=divmod(core.lowest, 256) if core.lowest else None,
        upcalls=owner.desk.given.upcalls,
    )
