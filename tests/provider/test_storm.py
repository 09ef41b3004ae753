"""Many threads that call whatever they like on descriptors of each other: no hang, no foreign error, no wrong count.

QUIESCE_CAMPAIGNS=1 asks for many more calls.
"""

import os
import random
import socket
import sys
import threading
from collections import Counter
from collections.abc import Callable
from typing import TYPE_CHECKING, Literal

import pytest
from winsock_provider import (
    AF_INET,
    FIONBIO,
    SD_SEND,
    SO_LINGER,
    SOCK_DGRAM,
    SOCK_STREAM,
    SOL_SOCKET,
    Phase,
    WinsockError,
    WinsockProvider,
)

pytestmark = pytest.mark.slow

if TYPE_CHECKING:
    from tests.provider.conftest import World

CALLS = 10_000 if os.environ.get("QUIESCE_CAMPAIGNS") else 150
"""Calls that each thread makes."""
THREADS = 6


class Storm:
    """Threads that share a provider and everything that they have opened."""

    def __init__(self, provider: WinsockProvider, address: tuple[str, int]) -> None:
        self.provider = provider
        self.address = address
        self.descriptors: list[int] = [0]
        self.counts: Counter[str] = Counter()
        self.lock = threading.Lock()

    def blow(self, seed: int) -> None:
        """Make random calls; each of them succeeds or fails with an error of Winsock's."""
        chance, p = random.Random(seed), self.provider  # noqa: S311 - a fixed seed is the point
        calls: dict[str, Callable[[int], object]] = {
            "startup": lambda _s: p.startup(chance.choice([(2, 2), (1, 1)])),
            "cleanup": lambda _s: p.cleanup(),
            "socket": lambda _s: self.keep(p.socket(AF_INET, chance.choice([SOCK_STREAM, SOCK_DGRAM]))),
            "connected": lambda _s: self.connect(),
            "duplicate": lambda s: self.keep(p.duplicate_socket(s)),
            "close": p.closesocket,
            "send": lambda s: p.send(s, bytes(chance.choice([1, 5000, 200_000]))),
            "send_overlapped": lambda s: p.send_overlapped(s, bytes(5000), threading.Event()),
            "recv_overlapped": lambda s: p.recv_overlapped(s, 10, routine=lambda *_: p.snapshot()),
            "shutdown": lambda s: p.shutdown(s, SD_SEND),
            "linger": lambda s: p.setsockopt(s, SOL_SOCKET, SO_LINGER, chance.choice([(0, 0), (1, 0)])),
            "mode": lambda s: p.ioctl(s, FIONBIO, True),
            "bind": lambda s: p.bind(s, ("localhost", 0)),
            "select": lambda s: p.select([s], [s], [s], chance.choice([0, 0.001])),
            "snapshot": lambda _s: p.snapshot(),
            "name": lambda _s: p.gethostbyname("localhost"),
        }
        names = [*calls, "cleanup", "socket", "connected", "connected", "send", "send"]
        counts: Counter[str] = Counter()
        for _ in range(CALLS):
            name = chance.choice(names)
            s = chance.choice(self.descriptors[-20:])
            try:
                calls[name](s)
                counts[name] += 1
            except WinsockError as refused:
                counts[refused.name] += 1
        with self.lock:
            self.counts += counts

    def keep(self, s: int) -> None:
        """Let all threads have this descriptor."""
        self.descriptors.append(s)

    def connect(self) -> None:
        """Open a socket and connect it."""
        s = self.provider.socket(AF_INET, SOCK_STREAM)
        self.keep(s)
        self.provider.ioctl(s, FIONBIO, True)
        self.provider.connect(s, self.address)


def swallow(listening: socket.socket) -> None:
    """Read whatever comes, until nobody listens any more."""

    def read(peer: socket.socket) -> None:
        with peer:
            try:
                while peer.recv(1 << 20):
                    pass
            except OSError:
                pass

    while True:
        try:
            peer, _ = listening.accept()
        except OSError:
            return
        threading.Thread(target=read, args=(peer,), daemon=True).start()


@pytest.mark.parametrize("policy", ["wait", "take_over"])
def test_threads_may_call_whatever_they_like(world: "World", policy: Literal["wait", "take_over"]) -> None:
    provider = WinsockProvider(startup_while_draining=policy, drain_timeout=world.patience)
    before = sys.getswitchinterval()
    with socket.create_server(("127.0.0.1", 0), backlog=1000) as listening:
        accepting = world.in_thread(lambda: swallow(listening))
        storm = Storm(provider, listening.getsockname())
        sys.setswitchinterval(1e-5)
        try:
            blowing = [world.in_thread(lambda seed=seed: storm.blow(seed)) for seed in range(THREADS)]  # type: ignore[misc]
            for thread in blowing:
                thread.result(world.patience if CALLS < 1000 else 1200)
        finally:
            sys.setswitchinterval(before)
        counts = storm.counts
        assert provider.snapshot().refs == counts["startup"] - counts["cleanup"]
        world.agree(provider)
        while provider.snapshot().refs:
            provider.cleanup()
        assert provider.snapshot().phase is Phase.UNLOADED
        listening.shutdown(socket.SHUT_RDWR)
        accepting.result(world.patience)
    print(f"{provider.snapshot().epoch} epochs", dict(counts))
