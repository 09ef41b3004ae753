"""The bounds of a drain: on how long nothing moves, and, if that is asked for, on all of it."""

import socket
import subprocess
import sys
import threading
import time
from typing import TYPE_CHECKING

import pytest
from winsock_provider import Phase, Report, WinsockProvider, shift, traffic
from winsock_provider.connection import Connection
from winsock_provider.watch import Watch

from tests.provider.conftest import on_owner
from tests.provider.test_cleanup import fill

pytestmark = pytest.mark.slow

if TYPE_CHECKING:
    from tests.provider.conftest import World

PIECE = 1 << 19
"""Bytes that a slow peer reads at once: so many that the kernel tells the other side of the room."""
BOUND = 1000.0
"""Seconds without progress, on a clock that tests advance; no test waits for them."""


class Clock:
    """The monotonic clock, and as many seconds more as a test says."""

    def __init__(self) -> None:
        self.ahead = 0.0

    def monotonic(self) -> float:
        return time.monotonic() + self.ahead


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    monkeypatch.setattr(shift, "time", made)
    monkeypatch.setattr(traffic, "time", made)
    return made


class Draining:
    """A provider whose last cleanup has begun, with more to send than kernel and peer take at once."""

    def __init__(self, world: "World", drain_total: float | None = None, further: int = 0) -> None:
        self.provider = WinsockProvider(drain_timeout=BOUND, drain_total=drain_total)
        self.provider.startup((2, 2))
        self.s, self.peer = world.meet(self.provider)
        self.peer.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, PIECE)
        self.sent = len(fill(self.provider, self.s))
        self.read = 0
        self.others = [world.meet(self.provider) for _ in range(further)]
        for other, _ in self.others:
            fill(self.provider, other)
        self.cleaned = world.in_thread(self.provider.cleanup)
        world.wait_until(lambda: self.provider.snapshot().phase is not Phase.RUNNING)

    def look(self) -> Phase:
        """Have the owner look at its clock, and tell where it stands; a snapshot would ask the kernel, too."""
        core = self.provider._core
        return on_owner(self.provider, lambda: core.phase)

    def read_some(self, world: "World", peer: socket.socket | None = None) -> None:
        """Read, or have another peer read, until the provider has noticed; all may be sent then."""
        before = self.provider.snapshot().unsent_bytes
        while self.provider.snapshot().unsent_bytes == before:
            self.read += len((peer or self.peer).recv(PIECE))
        world.wait_until(lambda: self.look() is Phase.DRAINING)


def test_a_peer_that_reads_slowly_is_not_given_up(world: "World", clock: Clock) -> None:
    draining = Draining(world)
    for _ in range(4):
        draining.read_some(world)
        clock.ahead += 0.9 * BOUND
        assert draining.look() is Phase.DRAINING
    assert draining.read + len(world.read_all(draining.peer)) == draining.sent
    assert draining.cleaned.result(world.patience) == Report()


def test_a_peer_that_stalls_is_given_up_and_what_it_did_not_take_is_reported(world: "World", clock: Clock) -> None:
    draining = Draining(world)
    draining.read_some(world)
    clock.ahead += 0.9 * BOUND
    assert draining.look() is Phase.DRAINING
    clock.ahead += 2 * BOUND
    draining.look()
    report = draining.cleaned.result(world.patience)
    assert report.sockets == 1
    assert 0 < report.unsent_bytes < draining.sent
    with pytest.raises(ConnectionResetError):
        world.read_all(draining.peer)


def test_progress_that_nobody_has_looked_at_counts_when_the_bound_is_reached(world: "World", clock: Clock) -> None:
    draining = Draining(world)
    clock.ahead += 0.999 * BOUND
    assert draining.look() is Phase.DRAINING
    connection = next(iter(world.on_owner(draining.provider, lambda: draining.provider._traffic.closing)))
    world.on_owner(draining.provider, lambda: draining.provider._traffic.checks.cancel(connection))
    held = connection.outgoing()
    while connection.outgoing() == held:  # the kernel has sent more, but has not yet told that there is room
        draining.read += len(draining.peer.recv(1 << 16))
    clock.ahead += 0.002 * BOUND
    assert draining.look() is Phase.DRAINING
    assert draining.read + len(world.read_all(draining.peer)) == draining.sent
    assert draining.cleaned.result(world.patience) == Report()


def test_the_total_bound_ends_a_drain_that_makes_progress(world: "World", clock: Clock) -> None:
    draining = Draining(world, drain_total=1.5 * BOUND, further=3)
    for _, peer in draining.others[:2]:
        draining.read_some(world, peer)
        clock.ahead += 0.7 * BOUND
        assert draining.look() is Phase.DRAINING
    draining.read_some(world, draining.others[2][1])
    clock.ahead += 0.2 * BOUND
    draining.look()
    assert 1 <= draining.cleaned.result(world.patience).sockets <= 4


@pytest.mark.parametrize("seconds", [-1.0, float("nan")])
def test_a_bound_that_is_no_time_is_refused(seconds: float) -> None:
    with pytest.raises(ValueError, match="drain_total must be"):
        WinsockProvider(drain_total=seconds)
    with pytest.raises(ValueError, match="drain_timeout must be"):
        WinsockProvider(drain_timeout=seconds)


def test_a_slow_peer_of_a_real_clock_gets_everything_although_it_takes_longer_than_the_bound(world: "World") -> None:
    bound = 1.0
    provider = WinsockProvider(drain_timeout=bound)
    provider.startup((2, 2))
    s, peer = world.meet(provider)
    peer.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, PIECE)
    sent = len(fill(provider, s))
    cleaned, never, received = world.in_thread(provider.cleanup), threading.Event(), 0
    pieces = 12
    for _ in range(pieces):
        piece = sent // pieces
        while piece and (part := peer.recv(piece)):
            piece -= len(part)
            received += len(part)
        never.wait(1.2 * bound / pieces)
    assert received + len(world.read_all(peer)) == sent
    assert cleaned.result(world.patience) == Report()


def test_an_old_drain_that_was_taken_over_costs_nothing_when_its_bound_is_over(
    world: "World", clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    provider = WinsockProvider(startup_while_draining="take_over", drain_timeout=BOUND)
    provider.startup((2, 2))
    s, peer = world.meet(provider)
    sent = fill(provider, s)
    cleaned = world.in_thread(provider.cleanup)
    world.wait_until(lambda: provider.snapshot().phase is not Phase.RUNNING)
    provider.startup((2, 2))
    cleaned.result(world.patience)
    sleeps: list[float | None] = []
    select = Watch.select

    def watched(watch: Watch, timeout: float | None) -> list[tuple[Connection, int]]:
        sleeps.append(timeout)
        return select(watch, timeout)

    monkeypatch.setattr(Watch, "select", watched)
    clock.ahead += 2 * BOUND
    for _ in range(3):
        assert provider.snapshot().phase is Phase.RUNNING
    world.wait_until(lambda: provider._owner.desk.asleep)
    assert sleeps[-1] is None or sleeps[-1] > 0
    assert provider.snapshot().unsent_bytes > 0  # a drain that was taken over has the time of any close
    assert world.read_all(peer) == sent
    provider.cleanup()


PROGRAM = """
from winsock_provider import *
from winsock_provider import process

process.GRACE = 0.0
provider = WinsockProvider(drain_timeout={bound!r})
provider.startup((2, 2))
s = provider.socket(AF_INET, SOCK_STREAM)
provider.connect(s, {address!r})
provider.send(s, bytes({size!r}))
"""


def test_the_end_of_the_process_waits_for_a_slow_reader_as_cleanup_does(world: "World") -> None:
    size, bound = 8 << 20, 0.5
    program = PROGRAM.format(address=world.address, bound=bound, size=size)
    with subprocess.Popen([sys.executable, "-c", program], stderr=subprocess.PIPE, text=True) as process:
        peer, never, received = world.accept(), threading.Event(), 0
        while received < size // 2:
            received += len(peer.recv(PIECE, socket.MSG_WAITALL))
            never.wait(0.2 * bound)
        assert received + len(world.read_all(peer)) == size
        assert process.communicate(timeout=world.patience)[1] == ""
