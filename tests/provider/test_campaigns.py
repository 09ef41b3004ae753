"""Many sockets, many epochs and many faults of the system at once: nothing is lost, nothing leaks, and little is used.

QUIESCE_CAMPAIGNS=1 asks for the long forms, which print their figures (-rP); every day a short form runs.
"""

import contextlib
import errno
import gc
import os
import random
import signal
import socket
import struct
import sys
import threading
import time
import tracemalloc
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import pytest
from winsock_provider import AF_INET, SO_SNDBUF, SOCK_STREAM, SOL_SOCKET, Report, WinsockError, WinsockProvider, osdep

from tests.provider.interrupting import handling

pytestmark = pytest.mark.slow

if TYPE_CHECKING:
    from tests.provider.conftest import World

LONG = bool(os.environ.get("QUIESCE_CAMPAIGNS"))


def of(short: int, whole: int) -> int:
    """How many times something is done."""
    return whole if LONG else short


SMALL_BUFFER = 1 << 14
EACH = 1 << 18


def narrow(world: "World") -> socket.socket:
    """A peer that listens, and whose connections take little without reading."""
    listening = socket.create_server(("127.0.0.1", 0), backlog=100)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, SMALL_BUFFER)
    listening.settimeout(world.patience)
    return listening


def meet(provider: WinsockProvider, listening: socket.socket, buffer: int = SMALL_BUFFER) -> tuple[int, socket.socket]:
    s = provider.socket(AF_INET, SOCK_STREAM)
    provider.setsockopt(s, SOL_SOCKET, SO_SNDBUF, buffer)
    provider.connect(s, listening.getsockname())
    peer, _ = listening.accept()
    peer.settimeout(20)
    return s, peer


@pytest.mark.parametrize("piece", [EACH, 64])
def test_many_sockets_of_slow_peers_are_drained_by_one_thread_in_little_more_memory_than_their_bytes(
    world: "World", piece: int
) -> None:
    count = of(20 if piece == EACH else 5, 2000)
    provider = WinsockProvider(drain_timeout=600)
    provider.startup((2, 2))
    with narrow(world) as listening, contextlib.ExitStack() as ends:
        pairs = [meet(provider, listening) for _ in range(count)]
        for _, peer in pairs:
            ends.enter_context(peer)
        gc.collect()
        tracemalloc.start()
        before = tracemalloc.get_traced_memory()[0]
        for number, (s, _) in enumerate(pairs):
            for _ in range(EACH // piece):
                provider.send(s, number.to_bytes(4, "big") * (piece // 4))
        pending = provider.snapshot().unsent_bytes
        queued = world.on_owner(
            provider, lambda: sum(connection.queued for connection in provider._traffic.connections)
        )
        grown = tracemalloc.get_traced_memory()[0] - before
        tracemalloc.stop()
        for s, _ in pairs[::2]:
            provider.closesocket(s)
        cleaned = world.in_thread(provider.cleanup)
        world.wait_until(lambda: provider.snapshot().phase.name == "DRAINING")
        threads = [thread.name for thread in threading.enumerate() if thread.name.startswith("winsock-provider")]
        received = read_slowly([peer for _, peer in pairs])
        report = cleaned.result(world.patience)
    figures = f"{pending} bytes pending, of which the kernel has {pending - queued}; {grown / pending:.3f} times that"
    print(f"{count} sockets, pieces of {piece}: {figures} in memory ({grown / queued:.3f} times what is queued)")
    assert queued > count * EACH * 0.5
    assert grown <= 1.15 * pending
    assert threads == ["winsock-provider-io"]
    assert report == Report()
    assert all(part == number.to_bytes(4, "big") * (EACH // 4) for number, part in enumerate(received))


def read_slowly(peers: list[socket.socket]) -> list[bytes]:
    """What each peer received; each reads a little in turn."""
    parts = [bytearray() for _ in peers]
    reading = dict(enumerate(peers))
    while reading:
        for number, peer in tuple(reading.items()):
            if part := peer.recv(SMALL_BUFFER):
                parts[number] += part
            else:
                del reading[number]
    return [bytes(part) for part in parts]


@pytest.mark.nightly
def test_idle_closes_cost_next_to_nothing(world: "World") -> None:
    provider = WinsockProvider(drain_timeout=0.1)
    provider.startup((2, 2))
    with narrow(world) as listening, contextlib.ExitStack() as ends:
        t, other = meet(provider, listening)
        ends.enter_context(other)
        alone = percentile(lambda: provider.send(t, b"x"), lambda: other.recv(100))
        for _ in range(1000):
            s, peer = meet(provider, listening, buffer=1 << 17)  # the kernel holds more than the peer takes
            ends.enter_context(peer)
            leave_bytes_in_the_kernel(world, provider, s, peer)
            provider.closesocket(s)
        time.sleep(2)
        used, begun = time.process_time(), time.monotonic()
        time.sleep(5)
        closing = world.on_owner(provider, lambda: [c for c in provider._traffic.closing if c.held and not c.queue])
        share = (time.process_time() - used) / (time.monotonic() - begun)
        beside = percentile(lambda: provider.send(t, b"x"), lambda: other.recv(100))
        provider.cleanup()
    print(
        f"1000 idle closes: {share:.2%} of a core; a small send, 99th percentile: {alone:.1f} us, then {beside:.1f} us"
    )
    assert len(closing) == 1000
    assert share < 0.02
    assert beside <= 2 * alone


def leave_bytes_in_the_kernel(world: "World", provider: WinsockProvider, s: int, peer: socket.socket) -> None:
    """Send what a peer that does not read leaves with the kernel, and nothing more."""
    connection = provider._owner.desk.descriptors[s]
    while not connection.sending.posting:
        provider.send(s, bytes(8192))

    def is_taken() -> bool:
        if connection.sending.posting:
            peer.recv(8192)
        return not connection.sending.posting

    world.wait_until(is_taken)


def percentile(call: Callable[[], object], behind: Callable[[], object]) -> float:
    """Microseconds within which ninety-nine of a hundred calls return; the best of five series."""
    series = []
    for _ in range(5):
        taken = []
        for _ in range(2000):
            begun = time.perf_counter()
            call()
            taken.append(time.perf_counter() - begun)
            behind()
        series.append(sorted(taken)[1980] * 1e6)
    return min(series)


@contextlib.contextmanager
def nothing_leaks(world: "World", warm: Callable[[], object], allowed: int = 50_000) -> Iterator[None]:
    """Neither descriptors nor threads, nor more than so many bytes of memory; `warm` makes what is made only once."""
    warm()
    gc.collect()
    handles, threads = world.open_handles(), threading.active_count()
    tracemalloc.start()
    yield
    gc.collect()
    grown = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    world.wait_until(lambda: threading.active_count() <= threads)
    print(f"{grown} bytes more in memory, {world.open_handles() - handles} descriptors more")
    assert world.open_handles() == handles
    assert grown < allowed


def test_nested_pairs_leave_nothing(world: "World") -> None:
    provider = WinsockProvider()

    def pairs(count: int) -> None:
        for _ in range(count):
            provider.startup((2, 2))
            provider.cleanup()

    provider.startup((2, 2))
    with nothing_leaks(world, lambda: pairs(100)):
        pairs(of(10_000, 100_000))
        assert provider.snapshot().refs == 1
    provider.cleanup()


def test_epochs_leave_nothing(world: "World") -> None:
    provider = WinsockProvider()
    count = of(200, 20_000)

    def epoch() -> None:
        provider.startup((2, 2))
        s = provider.socket(AF_INET, SOCK_STREAM)
        t = provider.duplicate_socket(s)
        provider.startup((1, 1))
        provider.closesocket(s)
        provider.cleanup()
        assert provider.snapshot().open_sockets == 1
        assert provider.cleanup() == Report()
        with pytest.raises(WinsockError):
            provider.closesocket(t)

    with nothing_leaks(world, epoch):
        for _ in range(count):
            epoch()
    assert provider.snapshot().epoch == count + 1


class Moody(socket.socket):
    """A socket that takes a part of what it is given, and now and then nothing although there is room."""

    chance = random.Random(9)  # noqa: S311 - a fixed seed is the point

    def send(self, data: Any, flags: int = 0) -> int:
        self.or_nothing()
        return super().send(memoryview(data)[: self.chance.randint(1, 1 + len(data))], flags)

    def sendmsg(self, buffers: Any, *rest: Any) -> int:
        self.or_nothing()
        first = memoryview(next(iter(buffers)))
        return super().sendmsg([first[: self.chance.randint(1, 1 + len(first))]], *rest)

    def recv(self, size: int, flags: int = 0) -> bytes:
        self.or_nothing()
        return super().recv(self.chance.randint(1, size) if size else 0, flags)

    def or_nothing(self) -> None:
        if self.chance.random() < 0.1:
            raise BlockingIOError(errno.EAGAIN, "not now")


def moody(_family: int, _kind: int, _protocol: int) -> socket.socket:
    """The operating system is out of descriptors, once in ten times."""
    if Moody.chance.random() < 0.1:
        raise OSError(errno.EMFILE, "too many open files")
    made = Moody()
    made.setblocking(False)
    return made


@contextlib.contextmanager
def interrupted_system_calls(provider: WinsockProvider) -> Iterator[None]:
    """The owner's thread gets a signal every millisecond, so its system calls end with EINTR and are made again."""
    if sys.platform == "win32":
        yield
        return
    stop = threading.Event()

    def strike() -> None:
        while not stop.wait(0.001):
            shift = provider._owner.shift
            if shift is not None:
                with contextlib.suppress(ProcessLookupError):
                    signal.pthread_kill(shift.ident, signal.SIGUSR2)

    with handling(signal.SIGUSR2, lambda *_: None):
        striking = threading.Thread(target=strike, daemon=True)
        striking.start()
        yield
        stop.set()
        striking.join()


def test_graceful_closes_lose_nothing_whatever_the_system_does(world: "World", monkeypatch: pytest.MonkeyPatch) -> None:
    """Short writes, system calls that are interrupted, peers that end their half or reset, no more descriptors."""
    count, batch = of(200, 10_000), 20
    monkeypatch.setattr(osdep, "new_socket", moody)
    provider = WinsockProvider(drain_timeout=60)
    chance = random.Random(4)  # noqa: S311 - a fixed seed is the point
    lost = refused = resets = 0

    def one(listening: socket.socket) -> tuple[int, bytes, socket.socket]:
        nonlocal refused
        while True:
            try:
                s = provider.socket(AF_INET, SOCK_STREAM)
                break
            except WinsockError as none:
                if none.winerror != 10024:
                    raise
                refused += 1
        provider.connect(s, listening.getsockname())
        peer, _ = listening.accept()
        peer.settimeout(world.patience)
        sent = chance.randbytes(chance.choice([1, 100, 70_000]))
        for start in range(0, len(sent), 7000):
            provider.send(s, sent[start : start + 7000])
        return s, sent, peer

    def closes(number: int, listening: socket.socket) -> None:
        """Half of the sockets are closed by the last cleanup."""
        nonlocal lost, resets
        provider.startup((2, 2))
        lines = [one(listening) for _ in range(number)]
        for place, (s, _, peer) in enumerate(lines):
            mood = chance.randrange(6)
            if mood == 0:
                peer.sendall(b"unread")
            elif mood == 1:
                peer.shutdown(socket.SHUT_WR)
            if place % 2:
                provider.closesocket(s)
        cleaned = world.in_thread(provider.cleanup)
        for _, sent, peer in lines:
            with peer:
                if chance.randrange(20) == 0:
                    peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                    resets += 1
                else:
                    lost += world.read_all(peer) != sent
        assert cleaned.result(world.patience) == Report()

    with (
        socket.create_server(("127.0.0.1", 0)) as listening,
        nothing_leaks(world, lambda: closes(batch, listening)),
        interrupted_system_calls(provider),
    ):
        for _ in range(count // batch):
            closes(batch, listening)
    print(f"{count} closes: {lost} streams cut short, {resets} peers reset, {refused} sockets refused")
    assert lost == 0
    assert refused > 0
