"""A provider on real sockets beside the model of it: whatever is done to one is done to the other, and both compared.

Calls are asked of the interpreter first: which of them are refused, and with which error. What the world does by itself
(bytes leave, operations end, closes finish) is found out by looking at the provider, and has to be a step of the model.
 What peers have received tells whether the provider speaks the truth about its bytes.
"""

import socket
import struct
import time
from collections.abc import Callable
from concurrent.futures import Future
from functools import partial
from types import ModuleType
from typing import Any

import pytest
from quiesce.spec.model import Value

from tests.provider import conftest
from tests.provider.conftest import in_thread, wait_until
from tests.provider.lines import PATTERN, Line
from tests.provider.oracle import Oracle, Values

SOCKETS = 6
"""Sockets that one trial opens at most; one member more stands for every dead descriptor."""
BUFFER = 1 << 15
VERSIONS = {(0, 9): 0, (1, 0): 0x100, (1, 2): 0x101, (2, 1): 0x201, (2, 2): 0x202, (3, 0): 0x202}
"""Versions that startups ask for, and those that they agree to."""
LINGER = {"GRACEFUL": (0, 0), "TIMED": (1, 60), "HARD": (1, 0)}
LONGEST_QUEUE = 1 << 20


class Trial:
    """One provider of a package, its model, and its peers."""

    def __init__(self, package: ModuleType, open_sockets: str, while_draining: str, impatient: bool) -> None:
        """An `impatient` provider gives its drain up almost at once."""
        self.package = package
        self.oracle = Oracle(SOCKETS + 1, open_sockets, while_draining)
        self.impatient = impatient
        self.initialise_fails = False
        self.provider = package.WinsockProvider(
            open_sockets=open_sockets.lower(),
            startup_while_draining=while_draining.lower(),
            drain_timeout=0.02 if impatient else conftest.PATIENCE,
            hooks=self,
        )
        self.lines: list[Line] = []
        self.descriptors: dict[int, Line | None] = {10**6: None}
        """Each descriptor that ever was, and the socket that it stands for now."""
        self._ending: Future[Any] | None = None
        self._startups: list[tuple[int, Future[Any]]] = []
        self._closings: list[tuple[Line, Future[Any]]] = []
        self._listening = socket.create_server(("127.0.0.1", 0))
        self._listening.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, BUFFER)

    # Hooks.

    def initialise(self) -> None:
        """Fails if it is asked to."""
        if self.initialise_fails:
            raise ValueError("asked to fail")

    def released(self, epoch: int) -> None:
        """No socket is in use any more, and the model can release."""

    # What the provider says.

    def look(self) -> tuple[Any, list[Values]]:
        """What the provider says of itself, and the sockets of its core, at one moment."""
        while True:
            before = self._members()
            snapshot = self.provider.snapshot()
            if self._members() == before:
                return snapshot, before

    def _members(self) -> list[Values]:
        owner = self.provider._owner
        names = self.oracle.member(0).keys()

        def read() -> list[Values]:
            if owner.shift is not None:
                for connection in tuple(owner.shift.traffic.connections):
                    owner.shift.traffic.settle(connection)
            return [{name: plain(getattr(line.member, name)) for name in names} for line in self.lines]

        if owner.desk.core.phase.name == "UNLOADED":
            return read()
        seen: list[Values] = owner.ask(self.package.request.Plan(now=read))
        return seen

    def sync(self) -> None:
        """Let the model take the steps that the world has taken meanwhile, and compare everything."""
        ended = self._ending is not None and self._ending.done()
        back = [(line, closing) for line, closing in self._closings if closing.done()]
        snapshot, seen = self.look()
        self._follow_sockets(seen)
        draining = self.oracle["phase"] == "DRAINING"
        if draining and (snapshot.phase.name != "DRAINING" or snapshot.epoch != self.oracle["epoch"]):
            self._follow_release(seen)
            snapshot, seen = self.look()
            self._follow_sockets(seen)
        elif draining:
            assert not ended, "the last cleanup has returned while the provider drains"
        for line, closing in back:
            assert self.oracle.member(line.index)["state"] == "ABSENT", "a timed close has returned too early"
            closing.result()
        self._closings = [entry for entry in self._closings if entry not in back]
        self._compare(snapshot, seen)

    def _follow_sockets(self, seen: list[Values]) -> None:
        """Bytes that have left, operations that have ended, and closes that have finished."""
        oracle = self.oracle
        closing = [line for line in self.lines if oracle.member(line.index)["state"] == "CLOSING"]
        if (
            self.impatient
            and oracle["phase"] == "DRAINING"
            and any(amount(oracle.member(line.index), "unsent") for line in closing)
            and all(seen[line.index]["state"] == "ABSENT" for line in closing)
        ):
            for line in closing:
                line.fate = "given up"
            oracle.take("drain_bound_expires")
        for line in self.lines:
            before, after = oracle.member(line.index), seen[line.index]
            for _ in range(amount(before, "pending") - amount(after, "pending")):
                oracle.take("complete", s=line.index)
                line.expected += 1
            sent = amount(before, "unsent") - amount(after, "unsent")
            if sent > 0:
                oracle.take("transmit", s=line.index, n=sent)
            if (before["state"], after["state"]) == ("CLOSING", "ABSENT"):
                oracle.take("finish_close", s=line.index)

    def _follow_release(self, seen: list[Values]) -> None:
        """The drain is over, or was taken over; startups that waited for that go on."""
        startups, self._startups = self._startups, []
        closing = any(member["state"] == "CLOSING" for member in seen)
        if not closing:
            self.oracle.take("release")
        for agreed, startup in startups:
            version = startup.result(conftest.PATIENCE).version
            assert version == divmod(agreed, 256)
            if self.oracle.call("WSPStartup", agreed=agreed, buffer=True) == "first_startup":
                self.oracle.take("initialised")
        assert self._ending is not None
        self._ending.result(conftest.PATIENCE)
        self._ending = None

    def _compare(self, snapshot: Any, seen: list[Values]) -> None:
        oracle = self.oracle
        expected = [oracle.member(line.index) for line in self.lines]
        assert seen == expected, f"the sockets differ after {oracle.run}"
        said = (snapshot.phase.name, snapshot.refs, snapshot.epoch, snapshot.open_sockets, snapshot.unsent_bytes)
        meant = (
            oracle["phase"],
            oracle["refs"],
            oracle["epoch"],
            sum(member["state"] == "OPEN" for member in expected),
            sum(amount(member, "unsent") for member in expected),
        )
        assert said == meant, f"the provider differs after {oracle.run}"
        lowest = snapshot.lowest_version
        assert oracle["lowest"] == (0 if lowest is None else lowest[0] * 256 + lowest[1])
        for line in self.lines:
            arrived = line.received + (0 if line.gone else line.held_by_peer())
            if not line.gone and line.fate in ("open", "sent"):
                unsent_now = amount(oracle.member(line.index), "unsent")
                assert line.sent - unsent_now <= arrived, "bytes count as sent that have not arrived"
            assert len(line.told) <= line.expected, "somebody was told of what has not ended"

    def settle_down(self) -> None:
        """Wait until the provider drains no more unless a peer reads, so that the next call meets no change."""
        self.sync()
        while self.oracle["phase"] == "DRAINING" and (self.impatient or not self._stuck()):
            time.sleep(0.0005)
            self.sync()

    def _stuck(self) -> bool:
        closing = [line for line in self.lines if self.oracle.member(line.index)["state"] == "CLOSING"]
        return any(not line.gone and line.received + line.held_by_peer() < line.sent for line in closing)

    # What clients do.

    def startup(self, version: tuple[int, int], buffer: bool, works: bool) -> None:
        """WSPStartup."""
        self.settle_down()
        agreed = VERSIONS[version]
        refusal = self.oracle.refusal("WSPStartup", agreed=agreed, buffer=buffer)
        call = partial(self.provider.startup, version, ... if buffer else None)
        if refusal is not None:
            self._refused(call, refusal)
        elif self.oracle["phase"] == "DRAINING":
            waiting = self._waiting()
            self._startups.append((agreed, in_thread(call)))
            wait_until(lambda: self._startups[-1][1].done() or self._waiting() > waiting)
        elif not works and self.oracle["phase"] == "UNLOADED":
            self.initialise_fails = True
            self._refused(call, "WSASYSNOTREADY")
            self.initialise_fails = False
            self.oracle.call("WSPStartup", agreed=agreed, buffer=buffer)
            self.oracle.take("initialisation_failed")
        else:
            answer = call()
            assert (answer.version, answer.high_version) == (divmod(agreed, 256), (2, 2))
            if self.oracle.call("WSPStartup", agreed=agreed, buffer=buffer) == "first_startup":
                self.oracle.take("initialised")
        self.sync()

    def cleanup(self) -> None:
        """WSPCleanup."""
        self.settle_down()
        refusal = self.oracle.refusal("WSPCleanup")
        if refusal is not None:
            self._refused(self.provider.cleanup, refusal)
        elif self.oracle.outcome("WSPCleanup").name == "last_cleanup":
            self._last_cleanup()
        else:
            assert self.provider.cleanup() == self.package.Report()
            self.oracle.call("WSPCleanup")
        self.sync()

    def _last_cleanup(self) -> None:
        pending = [(line, one) for line in self.lines for one in line.operations if one.error() == 997]
        self._ending = in_thread(self.provider.cleanup)
        wait_until(lambda: self.provider._owner.desk.core.phase.name != "RUNNING")
        wait_until(lambda: all(operation.error() != 997 for _, operation in pending))
        for line, operation in pending:
            if operation.error() == 0:  # it was just faster
                self.oracle.take("complete", s=line.index)
                line.expected += 1
            else:
                assert operation.error() == 995
        were_open = [line for line in self.lines if self.oracle.member(line.index)["state"] == "OPEN"]
        self.oracle.take("last_cleanup")
        for line in were_open:
            line.fate = "sent" if self.oracle.member(line.index)["state"] == "CLOSING" else line.cut()
        self.descriptors = dict.fromkeys(self.descriptors)

    def socket(self, granted: bool) -> None:
        """WSPSocket, and a connection to a peer."""
        if len(self.lines) == SOCKETS and granted:
            return
        self.settle_down()
        index = len(self.lines)
        refusal = self.oracle.refusal("WSPSocket", s=index, granted=granted)
        osdep, real = self.package.osdep, self.package.osdep.new_socket
        if not granted:
            osdep.new_socket = no_more
        try:
            if refusal is not None:
                self._refused(lambda: self.provider.socket(2, 1), refusal)
                return
            s = self.provider.socket(2, 1)
        finally:
            osdep.new_socket = real
        self.oracle.call("WSPSocket", s=index, granted=granted)
        assert s not in self.descriptors
        self.provider.setsockopt(s, self.package.SOL_SOCKET, self.package.SO_SNDBUF, BUFFER)
        self.provider.connect(s, self._listening.getsockname())
        peer, _ = self._listening.accept()
        peer.setblocking(False)
        line = Line(index, self.provider._owner.desk.descriptors[s].member, peer)
        self.lines.append(line)
        self.descriptors[s] = line
        self.sync()

    def send(self, s: int, size: int, overlapped: bool, look: bool = True) -> None:
        """WSPSend; without a look behind it the provider has no occasion to count what has left."""
        line = self._line(s)
        if line is not None and (line.gone or amount(self.oracle.member(line.index), "unsent") >= LONGEST_QUEUE - size):
            return
        start = 0 if line is None else line.sent % 251
        data = PATTERN[start : start + size]
        if overlapped:
            call: Callable[[], Any] = partial(self.provider.send_overlapped, s, data, routine=self._routine(line))
        else:
            call = partial(self.provider.send, s, data)
        answer = self._call("WSPSend", call, s, n=size)
        if answer is None or line is None:
            return
        line.sent += size
        if overlapped:
            self.oracle.take("receive", s=line.index, overlapped=True)
            line.operations.append(answer)
        else:
            assert answer == size
        if look:
            self.sync()

    def receive(self, s: int, overlapped: bool) -> None:
        """WSPRecv, of one byte."""
        line = self._line(s)
        waits = line is not None and (line.gone or amount(self.oracle.member(line.index), "pending") > 0)
        if overlapped:
            if line is not None and line.gone:
                return
            routine = self._routine(line)
            answer = self._call(
                "WSPRecv", lambda: self.provider.recv_overlapped(s, 1, routine=routine), s, overlapped=True
            )
            if answer is not None and line is not None:
                line.operations.append(answer)
                line.receives.append(answer)
                line.taken += 1
                self._until_served(line)
        elif line is None or (not waits and line.taken < line.given):
            answer = self._call("WSPRecv", lambda: self.provider.recv(s, 1), s, overlapped=False)
            if answer is not None and line is not None:
                assert answer == PATTERN[line.taken % 251 : line.taken % 251 + 1]
                line.taken += 1
        self.sync()

    def shutdown(self, s: int) -> None:
        """WSPShutdown of sending."""
        line = self._line(s)
        if line is None or not line.gone:
            answer = self._call("WSPShutdown", lambda: self.provider.shutdown(s, self.package.SD_SEND), s)
            if answer is not None and line is not None:
                line.shut = True
            self.sync()

    def configure(self, s: int, linger: str) -> None:
        """WSPSetSockOpt."""
        line = self._line(s)
        blocking = True if line is None else self.oracle.member(line.index)["blocking"]
        package = self.package
        call = partial(self.provider.setsockopt, s, package.SOL_SOCKET, package.SO_LINGER, LINGER[linger])
        self._call("WSPSetSockOpt", call, s, linger=linger, blocking=blocking)
        self.sync()

    def set_blocking(self, s: int, blocking: bool) -> None:
        """WSPIoctl, which the model has as a setting."""
        line = self._line(s)
        linger = "GRACEFUL" if line is None else self.oracle.member(line.index)["linger"]
        call = partial(self.provider.ioctl, s, self.package.FIONBIO, not blocking)
        self._call("WSPSetSockOpt", call, s, linger=linger, blocking=blocking)
        self.sync()

    def duplicate(self, s: int) -> None:
        """WSPDuplicateSocket."""
        answer = self._call("WSPDuplicateSocket", lambda: self.provider.duplicate_socket(s), s)
        if answer is not None:
            assert answer not in self.descriptors
            self.descriptors[answer] = self._line(s)
        self.sync()

    def close(self, s: int, look: bool = True) -> None:
        """WSPCloseSocket."""
        if look:
            self.settle_down()
        line = self._line(s)
        index = self._index(s)
        before = self.oracle.member(index)
        refusal = self.oracle.refusal("WSPCloseSocket", s=index)
        closing = in_thread(lambda: self.provider.closesocket(s))
        if refusal is not None and refusal != "WSAEWOULDBLOCK":
            self._refused(partial(closing.result, conftest.PATIENCE), refusal)
            return
        assert line is not None
        wait_until(lambda: closing.done() or s not in self.provider._owner.desk.descriptors)
        if closing.done() and isinstance(closing.exception(), self.package.WinsockError):
            assert refusal is not None  # what was unsent may have left just now, and never comes back
            self._refused(closing.result, refusal)
            self.sync()
            return
        if refusal is not None:
            assert line.gone or line.received + line.held_by_peer() == line.sent, "a close forgets unsent bytes"
            self.oracle.take("transmit", s=index, n=amount(before, "unsent"))
        outcome = self.oracle.call("WSPCloseSocket", s=index)
        self.descriptors[s] = None
        if outcome == "close_socket":
            line.fate = line.cut() if before["linger"] == "HARD" else "sent"
            line.expected += amount(before, "pending")
        if before["linger"] == "TIMED" and before["blocking"] and outcome == "close_socket":
            self._closings.append((line, closing))
        else:
            closing.result(conftest.PATIENCE)
        self.sync()

    # What peers do.

    def peer_reads(self, line: Line, size: int) -> None:
        """A peer reads what has arrived, or a part of it."""
        if not line.gone and line.fate != "reset":
            line.read(size)
        self.sync()

    def peer_sends(self, line: Line, size: int) -> None:
        """A peer sends."""
        if not line.gone and line.fate == "open":
            start = line.given % 251
            self.peer_gives(line, PATTERN[start : start + size])
        self.sync()

    def peer_gives(self, line: Line, data: bytes) -> None:
        """A peer sends these bytes, and whoever waits for them gets them."""
        line.given += line.peer.send(data)
        self._until_served(line)

    def peer_resets(self, line: Line) -> None:
        """A peer gives its connection up."""
        if not line.gone:
            line.gone = True
            line.peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            line.peer.close()
        self.sync()

    # The end.

    def end(self) -> None:
        """Undo every startup, let peers read everything, and see that all came to the end that was promised."""
        try:
            self._let_everything_end()
        finally:
            for line in self.lines:
                line.peer.close()
            self._listening.close()

    def _let_everything_end(self) -> None:
        deadline = time.monotonic() + conftest.PATIENCE
        while self.oracle["phase"] != "UNLOADED" or self._closings:
            assert time.monotonic() < deadline, f"no end after {self.oracle.run}"
            if self.oracle["phase"] == "RUNNING":
                self.cleanup()
            for line in self.lines:
                if not self.impatient and not line.gone and line.fate != "reset":
                    while line.read(1 << 16):
                        pass
            self.sync()
        for line in self.lines:
            wait_until(lambda line=line: len(line.told) == line.expected)  # type: ignore[misc]
            if not line.gone:
                self._check_end(line)

    def _check_end(self, line: Line) -> None:
        line.peer.setblocking(True)
        line.peer.settimeout(conftest.PATIENCE)
        while line.read(1 << 16):
            pass
        if line.fate == "reset":
            assert line.was_reset, "a hard close ended in an orderly way"
        elif line.fate == "sent":
            assert not line.was_reset, "a graceful close ended with a reset"
            assert line.received == line.sent, "bytes of a graceful close were lost"

    # Helpers.

    def _line(self, s: int) -> Line | None:
        return self.descriptors.get(s)

    def _index(self, s: int) -> int:
        line = self._line(s)
        return SOCKETS if line is None else line.index

    def _call(self, name: str, call: Callable[[], Any], s: int, **arguments: Value) -> Any:
        """Make a call on a descriptor that is answered at once; None if it is refused, as the model says."""
        self.settle_down()
        index = self._index(s)
        refusal = self.oracle.refusal(name, s=index, **arguments)
        if refusal is not None:
            self._refused(call, refusal)
            return None
        answer = call()
        self.oracle.call(name, s=index, **arguments)
        return answer if answer is not None else ...

    def _refused(self, call: Callable[[], object], error: str) -> None:
        with pytest.raises(self.package.WinsockError) as refused:
            call()
        assert refused.value.name == error, f"{refused.value.name}, not {error}, after {self.oracle.run}"

    def _routine(self, line: Line | None) -> Callable[[int, int], None] | None:
        return None if line is None else lambda error, _transferred: line.told.append(error)

    def _waiting(self) -> int:
        shift = self.provider._owner.shift
        return 0 if shift is None else len(shift.waiting)

    def _until_served(self, line: Line) -> None:
        """Wait until every receive that has its byte is told so."""
        due = min(line.taken, line.given)
        wait_until(lambda: line.taken - sum(receive.error() == 997 for receive in line.receives) >= due)


def plain(value: Any) -> Value:
    """A value of the core as the model has it."""
    return value if isinstance(value, bool | int) else str(value.name)


def amount(values: Values, name: str) -> int:
    """A number among the fields of a member."""
    value = values[name]
    assert isinstance(value, int)
    return value


def no_more(*_triple: int) -> socket.socket:
    """The operating system grants no socket."""
    raise OSError(24, "too many open files")
