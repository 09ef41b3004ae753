"""Startup and cleanup: the core decides, this file carries out what it decided."""

import contextlib
import time
import weakref
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from os import PathLike
from threading import Thread, get_ident
from types import MappingProxyType
from typing import Final, Literal

from . import process
from .blocks import Block, Use
from .calling import Caller, spi_at_any_time
from .connection import Connection
from .core import Blocked, OpenSockets, Phase, Refused, SocketState, StartupWhileDraining, WinsockProviderCore
from .desk import Given, Settings, Upcalls
from .errors import ErrorCode, WinsockError
from .hooks import Hooks
from .owner import Owner
from .recorder import Recorder
from .request import CHANGE, OUTCOME, Change, Plan, Steps
from .stats import Report, Stats
from .timers import deadline_of, duration
from .traffic import Traffic
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
        drain_total: float | None = None,
        record: str | PathLike[str] | None = None,
    ) -> None:
        """A drain is given up when no peer has taken a byte for `drain_timeout` seconds.

        So a peer that reads slowly is waited for as long as it reads, and one that never reads is not. `drain_total`
        is a second bound, in seconds from the last cleanup on, whatever progress there is; None is no such bound.

        `at_exit` says what becomes of a provider that still runs when the process ends. "drain" does what the missing
        cleanups would have done, and warns of what it gives up; "reset" resets its connections; "leave" leaves all to
        the operating system, which may cut a stream short and yet end it in an orderly way.

        `record` is a file to which every step of the proved core is written, as JSON lines, behind what it holds
        already; `quiesce replay` holds them against the model. It is for one provider at a time.

        OSError if the record cannot be written, ValueError for a policy, version or time that does not exist, TypeError
        for hooks that cannot be called and times that are no numbers.
        """
        super().__init__()
        known = tuple(versions)
        if not known or not all(map(_is_version, known)):
            raise ValueError(f"versions must be pairs of bytes, at least one, not {known!r}")
        self._versions = tuple(sorted((major, minor) for major, minor in known))
        if open_sockets not in _OPEN_SOCKETS or startup_while_draining not in _WHILE_DRAINING:
            raise ValueError(f"no such policy: {open_sockets!r}, {startup_while_draining!r}")
        if at_exit not in ("drain", "reset", "leave"):
            raise ValueError(f"no such policy: {at_exit!r}")
        for name in ("initialise", "released"):
            if hooks is not None and not callable(getattr(hooks, name, None)):
                raise TypeError(f"hooks must have a method {name}, and {type(hooks).__name__} has none")
        self._owner = Owner(
            Settings(
                _OPEN_SOCKETS[open_sockets],
                _WHILE_DRAINING[startup_while_draining],
                duration("drain_timeout", drain_timeout),
                None if drain_total is None else duration("drain_total", drain_total),
                hooks,
                Recorder(record),
            )
        )
        process.register(self._owner, at_exit)
        weakref.finalize(self, process.dropped, self._owner).atexit = False

    def __repr__(self) -> str:
        """Where the provider stands, without asking its thread."""
        core = self._core
        counts = f"refs={core.refs + self._owner.desk.nesting.count} epoch={core.epoch} sockets={len(core.sockets)}"
        return f"<{type(self).__name__} {core.phase.name} {counts}>"

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
        return self._startup_plan(version, data, upcalls, protocol_info)

    def _startup_plan(
        self, version: Version, data: object, upcalls: Upcalls | None, protocol_info: object, use: Use | None = None
    ) -> Plan[WSPData]:
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
        return Plan(steps=partial(_startup, self._owner, number, given, version, answer, use))

    @spi_at_any_time
    def cleanup(self) -> Plan[Report]:
        """Undo one startup. The last cleanup returns once everything was sent and given back, or taken over.

        The answer tells what had to be given up. WSANOTINITIALISED if there is nothing to undo; WSAEINPROGRESS if the
        last cleanup is called by a completion routine or a hook, since it would have to wait for that code.
        """
        return self._cleanup_plan()

    def _cleanup_plan(self, use: Use | None = None) -> Plan[Report]:
        owner = self._owner
        if owner.desk.core.refs == 0:
            try:
                owner.desk.forgiven.pop()
            except IndexError:
                raise Refused("WSANOTINITIALISED") from None
            return Plan(answer=Report())
        ended: list[Thread] = []
        return Plan(steps=partial(_cleanup, owner, ended, use), after=partial(_join, ended), gives_back=True)

    def started(
        self, version: Version = VERSIONS[-1], upcalls: Upcalls | None = None, protocol_info: object = None
    ) -> Block[WSPData]:
        """A startup for a block, `with provider.started((2, 2)):`, which undoes it wherever an interrupt strikes.

        The block gets what `startup` answers, and raises what `startup` and `cleanup` raise.
        """
        use = Use(self._core)
        begin = partial(self._begin_use, version, upcalls, protocol_info, use)
        return Block("a startup", begin, partial(self._end_use, use))

    @spi_at_any_time
    def _begin_use(self, version: Version, upcalls: Upcalls | None, protocol_info: object, use: Use) -> Plan[WSPData]:
        return self._startup_plan(version, ..., upcalls, protocol_info, use)

    @spi_at_any_time
    def _end_use(self, use: Use) -> Plan[Report]:
        if not use.held or use.life is not self._core:
            return Plan(answer=Report())
        return self._cleanup_plan(use)

    @spi_at_any_time
    def wait_released(self, timeout: float | None = None) -> Plan[bool]:
        """Wait until the provider is unloaded, whoever undoes its startups, and say whether it is.

        `timeout` is in seconds, None for ever. False if it still runs or drains when that is over. WSAEINPROGRESS for
        a completion routine or a hook, which the release waits for; WSAEINVAL if `timeout` is no number.
        """
        deadline = deadline_of(timeout)
        if self._core.phase is Phase.UNLOADED and self._owner.shift is None:
            return Plan(answer=True)
        ended: list[Thread] = []
        return Plan(steps=partial(_wait_released, self._owner, deadline, ended), after=partial(_join, ended))

    @property
    def _traffic(self) -> Traffic:
        """The sockets of the running provider, for work: the core said that the provider runs."""
        return self._owner.at_work.traffic

    def snapshot(self) -> Snapshot:
        """The provider at this moment; needs no startup."""
        if self._core.phase is Phase.UNLOADED:
            return _look(self._owner)
        return self._owner.ask(Plan(now=partial(_look, self._owner)))

    def stats(self) -> Stats:
        """Counters of what the provider has done since it was made, all of one moment; needs no startup."""
        core = self._core
        while core.phase is Phase.UNLOADED:
            epoch, found = core.epoch, _count(self._owner)
            if (core.phase, core.epoch) == (Phase.UNLOADED, epoch):
                return found
        return self._owner.ask(Plan(now=partial(_count, self._owner)))

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


def _startup(
    owner: Owner, agreed: int, given: Given, version: Version, answer: WSPData, use: Use | None
) -> Steps[WSPData]:
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
    desk.tally.startups += 1
    shift.changed()  # a cleanup that was taken over need not wait any more
    shift.on_abandon(partial(_undo_startup, owner, use))
    if use is not None:
        use.held = True
    return answer


def _initialised() -> Steps[None]:
    try:
        yield OUTCOME
    except Exception as failure:
        if isinstance(failure, WinsockError):
            raise
        raise WinsockError(ErrorCode.WSASYSNOTREADY, str(failure)) from failure


def _undo_startup(owner: Owner, use: Use | None) -> None:
    """The caller of a startup was interrupted before it knew of its success."""
    if use is not None:
        if not use.held:
            return
        use.held = False
    owner.desk.count_nested()
    if owner.desk.core.refs == 1:
        owner.at_work.begin_drain()
    elif owner.desk.core.refs:
        owner.desk.core.wsp_cleanup()


def _cleanup(owner: Owner, ended: list[Thread], use: Use | None) -> Steps[Report]:
    core, shift = owner.desk.core, owner.at_work
    if use is not None and not use.held:
        return Report()  # it was asked for again, after an interrupt
    if core.refs == 1:
        owner.desk.count_nested()
    if core.refs == 1 and shift.inside:
        raise WinsockError(ErrorCode.WSAEINPROGRESS)
    if use is not None:
        use.held = False
    if core.refs != 1:
        core.wsp_cleanup()
        return Report()
    epoch = core.epoch
    shift.begin_drain()
    while core.phase is Phase.DRAINING and core.epoch == epoch:
        yield CHANGE
    if core.phase is not Phase.UNLOADED:
        return Report()  # taken over: the thread serves the next epoch
    ended.append(shift.thread)
    return shift.traffic.given_up


def _wait_released(owner: Owner, deadline: float | None, ended: list[Thread]) -> Steps[bool]:
    while owner.desk.core.phase is not Phase.UNLOADED:  # which the next epoch follows, on another thread
        if deadline is not None and time.monotonic() >= deadline:
            return False
        yield Change(deadline)
    ended.append(owner.at_work.thread)
    return True


def _join(ended: list[Thread], _answer: object) -> None:
    for thread in ended:
        thread.join()


def _count(owner: Owner) -> Stats:
    desk, shift = owner.desk, owner.shift
    connections: tuple[Connection, ...] = ()
    if shift is not None and shift.ident == get_ident():
        desk.nesting.take_back()
        connections = tuple(shift.traffic.connections)
        for connection in connections:
            shift.traffic.recall_sending(connection)
    return desk.tally.stats(desk.core, desk.nesting, connections)


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
