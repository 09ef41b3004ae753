"""Real sockets on loopback: a listening peer, and the check that a test leaves no handle and no thread behind."""

import os
import socket
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from pathlib import Path
from typing import TypeVar

import pytest
from winsock_provider import AF_INET, SOCK_STREAM, Phase, WinsockProvider
from winsock_provider.mending import collapse
from winsock_provider.request import Plan

T = TypeVar("T")
PATIENCE = 20.0  # seconds until a hanging test is given up; no passing test waits that long

_HANDLES = next((folder for folder in (Path("/proc/self/fd"), Path("/dev/fd")) if folder.is_dir()), None)


def open_handles() -> int:
    """How many descriptors this process holds; always 0 where the platform does not tell."""
    return 0 if _HANDLES is None else len(os.listdir(_HANDLES))


def in_thread(function: Callable[[], T]) -> "Future[T]":
    """Run `function` in a thread of its own."""
    future: Future[T] = Future()

    def run() -> None:
        try:
            future.set_result(function())
        except BaseException as failure:
            future.set_exception(failure)

    threading.Thread(target=run, name="test", daemon=True).start()
    return future


def on_owner(provider: WinsockProvider, look: Callable[[], T]) -> T:
    """What `look` sees on the thread that owns the sockets; on this one if there is no such thread."""
    owner = provider._owner
    return look() if owner.desk.core.phase is Phase.UNLOADED else owner.ask(Plan(now=look))


def agree(provider: WinsockProvider) -> None:
    """Core and shell hold the same sockets and the same unsent bytes."""

    def look() -> None:
        owner = provider._owner
        traffic = None if owner.shift is None else owner.shift.traffic
        connections = [] if traffic is None else list(traffic.connections)
        assert set(owner.desk.core.sockets) == {connection.member for connection in connections}
        for connection in connections:
            if traffic is not None:
                traffic.recall_sending(connection)
            most = connection.queued + (connection.outgoing() or 0)  # a peer that reads can only make it less
            if traffic is not None:
                traffic.settle(connection)
            assert connection.queued <= connection.member.unsent <= most
            assert connection.queued == sum(map(len, connection.queue))
            assert connection.member.pending == len(list(connection.operations()))

    on_owner(provider, look)


def collapse_entirely(provider: WinsockProvider) -> None:
    """Have the owner give everything up, as if nothing worked any more."""
    owner = provider._owner
    on_owner(provider, lambda: collapse(owner.desk, owner.at_work.traffic))


def wait_until(condition: Callable[[], bool]) -> None:
    """Return as soon as `condition` holds."""
    never = threading.Event()
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end, "it did not happen"
        never.wait(0.001)


def wait_for_blocked(provider: WinsockProvider, calls: int = 1) -> None:
    """Return once `calls` blocking calls sleep inside the provider."""

    def blocked() -> int:
        connections = provider._traffic.connections
        alone = sum(len(connection.receiving.sleepers) for connection in connections)
        return alone + len({waiter for connection in connections for waiter in connection.waiters})

    wait_until(lambda: on_owner(provider, blocked) == calls)


def read_all(peer: socket.socket) -> bytes:
    """Everything the peer receives up to the orderly end; ConnectionResetError if there is none."""
    parts = []
    while part := peer.recv(1 << 16):
        parts.append(part)
    return b"".join(parts)


class World:
    """The other side: a peer that listens, threads to call from, and what can be observed of a provider."""

    patience = PATIENCE
    in_thread = staticmethod(in_thread)
    agree = staticmethod(agree)
    on_owner = staticmethod(on_owner)
    wait_until = staticmethod(wait_until)
    wait_for_blocked = staticmethod(wait_for_blocked)
    read_all = staticmethod(read_all)
    open_handles = staticmethod(open_handles)

    def __init__(self) -> None:
        self._listening = socket.create_server(("127.0.0.1", 0))
        self._listening.settimeout(PATIENCE)
        self.address: tuple[str, int] = self._listening.getsockname()
        self.accepted: list[socket.socket] = []

    def meet(self, provider: WinsockProvider) -> tuple[int, socket.socket]:
        """A connected socket of the provider, and the peer's end of it."""
        s = provider.socket(AF_INET, SOCK_STREAM)
        provider.connect(s, self.address)
        return s, self.accept()

    def accept(self) -> socket.socket:
        """The next connection that was made to the peer."""
        peer, _ = self._listening.accept()
        peer.settimeout(PATIENCE)
        self.accepted.append(peer)
        return peer

    def close(self) -> None:
        """Give everything back."""
        for peer in self.accepted:
            peer.close()
        self._listening.close()


@pytest.fixture(autouse=True)
def nothing_left() -> Iterator[None]:
    """Set up before every other fixture: after a test, no handle and no thread is there that was not there before."""
    handles, threads = open_handles(), set(threading.enumerate())
    yield
    wait_until(lambda: set(threading.enumerate()) <= threads)
    assert open_handles() == handles


@pytest.fixture
def world() -> Iterator[World]:
    made = World()
    yield made
    made.close()


@pytest.fixture
def provider() -> Iterator[WinsockProvider]:
    """A provider that was started once; it is cleaned up as often as necessary."""
    made = WinsockProvider(drain_timeout=PATIENCE)
    made.startup((2, 2))
    yield made
    agree(made)
    while made.snapshot().refs:
        made.cleanup()
    agree(made)
