"""Every row of the table on Microsoft's page "WSPCloseSocket": when a close returns, and what arrives.

A peer that reads nothing until the close has returned, or was seen to wait, tells what "at once" means.
"""

import socket
from dataclasses import dataclass
from enum import Enum, auto
from typing import TYPE_CHECKING, assert_never

import pytest
from winsock_provider import (
    FIONBIO,
    SD_SEND,
    SO_DONTLINGER,
    SO_LINGER,
    SO_SNDBUF,
    SOL_SOCKET,
    WinsockError,
    WinsockProvider,
)

if TYPE_CHECKING:
    from tests.provider.conftest import World

MUCH = bytes(range(256)) * 8192
"""More than the kernel takes for a peer that does not read, from a socket with a small buffer."""
LONG = 60  # seconds that no test waits for


class Returns(Enum):
    """When the close returns, and with what."""

    AT_ONCE = auto()
    WHEN_SENT = auto()
    AT_EXPIRY = auto()
    REFUSED = auto()


class Outcome(Enum):
    """What the peer sees."""

    DELIVERED = auto()
    RESET = auto()
    STILL_OPEN = auto()


@dataclass(frozen=True)
class Row:
    """One row: the options, the mode and the queue of a socket, and what its close does. No `linger`: the default."""

    linger: tuple[int, int] | None
    blocking: bool
    unsent: bool
    returns: Returns
    outcome: Outcome
    shared: bool = False
    shut: bool = False

    def __str__(self) -> str:
        mode = "blocking" if self.blocking else "non-blocking"
        more = [word for word, so in (("shared", self.shared), ("shut", self.shut), ("unsent", self.unsent)) if so]
        return " ".join([str(self.linger or "default"), mode, *more])


def rows() -> list[Row]:
    """The table; "any" and "either" stand for every value."""
    both, at_once = (True, False), Returns.AT_ONCE
    return [
        *(
            Row(linger, blocking, unsent, at_once, Outcome.DELIVERED)
            for linger in (None, (0, LONG))
            for blocking in both
            for unsent in both
        ),
        *(Row((1, 0), blocking, unsent, at_once, Outcome.RESET) for blocking in both for unsent in both),
        Row((1, LONG), True, False, at_once, Outcome.DELIVERED),
        Row((1, LONG), True, True, Returns.WHEN_SENT, Outcome.DELIVERED),
        Row((7, LONG), True, True, Returns.WHEN_SENT, Outcome.DELIVERED),  # any l_onoff but 0 means on
        Row((1, 1), True, True, Returns.AT_EXPIRY, Outcome.RESET),
        Row((1, LONG), False, False, at_once, Outcome.DELIVERED),
        Row((1, LONG), False, True, Returns.REFUSED, Outcome.STILL_OPEN),
        *(
            Row(linger, blocking, True, at_once, Outcome.STILL_OPEN, shared=True)
            for linger in (None, (1, 0), (1, LONG))
            for blocking in both
        ),
        *(
            Row(linger, blocking, True, at_once, Outcome.DELIVERED, shut=True)
            for linger in (None, (1, 0), (1, LONG))
            for blocking in both
        ),
    ]


def meet(world: "World", provider: WinsockProvider) -> tuple[int, socket.socket]:
    """A connected socket whose kernel takes little, and its peer."""
    s, peer = world.meet(provider)
    provider.setsockopt(s, SOL_SOCKET, SO_SNDBUF, 1 << 16)
    return s, peer


@pytest.mark.parametrize("row", rows(), ids=str)
def test_a_close_does_what_its_row_says(world: "World", provider: WinsockProvider, row: Row) -> None:
    s, peer = meet(world, provider)
    if row.linger is not None:
        provider.setsockopt(s, SOL_SOCKET, SO_LINGER, row.linger)
    provider.ioctl(s, FIONBIO, not row.blocking)
    if row.returns is Returns.AT_EXPIRY:  # which is a whole second at least, for those who ask for it
        provider._owner.desk.descriptors[s].linger_seconds = 0.05  # type: ignore[assignment]
    if row.unsent:
        provider.send(s, MUCH)
    last = provider.duplicate_socket(s) if row.shared else s
    if row.shut:
        provider.shutdown(s, SD_SEND)  # returns at once: the peer has read nothing
        assert provider.snapshot().unsent_bytes > 0
        assert world.read_all(peer) == MUCH
        world.wait_until(lambda: closes(provider, s))  # the kernel may not have heard yet that all has arrived
        return
    if row.returns is Returns.WHEN_SENT:
        closed = world.in_thread(lambda: provider.closesocket(s))
        world.wait_until(lambda: provider.snapshot().open_sockets == 0)
        assert not closed.done()
        assert world.read_all(peer) == MUCH
        closed.result(world.patience)
        return
    if row.returns is Returns.REFUSED:
        with pytest.raises(WinsockError) as refused:
            provider.closesocket(s)
        assert refused.value.winerror == provider.get_last_error() == 10035
    else:
        provider.closesocket(s)
    check_peer(world, provider, row, last)


def check_peer(world: "World", provider: WinsockProvider, row: Row, last: int) -> None:
    """The peer begins to read once the close has returned."""
    peer = world.accepted[-1]
    match row.outcome:
        case Outcome.DELIVERED:
            assert world.read_all(peer) == (MUCH if row.unsent else b"")
        case Outcome.RESET:
            assert provider.snapshot().unsent_bytes == 0
            with pytest.raises(ConnectionResetError):
                world.read_all(peer)
        case Outcome.STILL_OPEN:
            assert provider.snapshot().open_sockets == 1
            provider.setsockopt(last, SOL_SOCKET, SO_DONTLINGER, True)
            provider.closesocket(last)
            assert world.read_all(peer) == MUCH
        case _:
            assert_never(row.outcome)


@pytest.mark.parametrize("row", [row for row in rows() if row.unsent], ids=str)
def test_the_last_cleanup_closes_an_open_socket_without_asking_for_blocking(world: "World", row: Row) -> None:
    """It resets what is set to a hard close, gives a timed close its time, and delivers the rest."""
    provider = WinsockProvider(drain_timeout=world.patience)
    provider.startup((2, 2))
    s, peer = meet(world, provider)
    if row.linger is not None:
        provider.setsockopt(s, SOL_SOCKET, SO_LINGER, row.linger)
    provider.ioctl(s, FIONBIO, not row.blocking)
    if row.returns is Returns.AT_EXPIRY:
        provider._owner.desk.descriptors[s].linger_seconds = 0.05  # type: ignore[assignment]
    if row.shared:
        provider.duplicate_socket(s)
    provider.send(s, MUCH)
    if row.shut:
        provider.shutdown(s, SD_SEND)
    cleaned = world.in_thread(provider.cleanup)
    if row.returns is Returns.AT_EXPIRY or row.linger == (1, 0):
        cleaned.result(world.patience)
        with pytest.raises(ConnectionResetError):
            world.read_all(peer)
    else:
        assert world.read_all(peer) == MUCH
        cleaned.result(world.patience)


def test_a_refused_close_has_no_effect(world: "World", provider: WinsockProvider) -> None:
    """No descriptor is given up, no end is sent, no operation is cancelled, and one may try again."""
    s, peer = meet(world, provider)
    provider.setsockopt(s, SOL_SOCKET, SO_LINGER, (1, LONG))
    provider.ioctl(s, FIONBIO, True)
    first = provider.duplicate_socket(s)
    provider.closesocket(first)
    told: list[tuple[int, int]] = []
    provider.send(s, MUCH)
    receive = provider.recv_overlapped(s, 5, routine=lambda error, size: told.append((error, size)))
    before = provider.snapshot()
    for _ in range(3):
        with pytest.raises(WinsockError) as refused:
            provider.closesocket(s)
        assert refused.value.winerror == 10035
        world.agree(provider)
    assert provider.snapshot().open_sockets == before.open_sockets == 1
    assert (receive.error(), told) == (997, [])
    peer.sendall(b"hello")
    world.wait_until(lambda: told == [(0, 5)])
    second = provider.duplicate_socket(s)
    provider.closesocket(s)  # one of two, so nothing to wait for
    parts = [peer.recv(1 << 16) for _ in range(3)]
    while sum(map(len, parts)) < len(MUCH):
        parts.append(peer.recv(1 << 16))
    world.wait_until(lambda: closes(provider, second))
    assert b"".join(parts) + world.read_all(peer) == MUCH


def closes(provider: WinsockProvider, s: int) -> bool:
    try:
        provider.closesocket(s)
    except WinsockError as refused:
        return refused.winerror != 10035
    return True
