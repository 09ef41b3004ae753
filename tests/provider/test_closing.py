"""Closing one socket: the linger table of Microsoft's page "closesocket", shutdown, and shared sockets."""

import socket
import time
from typing import TYPE_CHECKING

import pytest
from winsock_provider import (
    AF_INET,
    FIONBIO,
    SD_BOTH,
    SD_RECEIVE,
    SD_SEND,
    SO_DONTLINGER,
    SO_LINGER,
    SOCK_DGRAM,
    SOCK_STREAM,
    SOL_SOCKET,
    WinsockError,
    WinsockProvider,
)

if TYPE_CHECKING:
    from tests.provider.conftest import World

SIXTEEN_MEGABYTES = bytes(range(256)) * 65536
"""More than the kernel takes for a peer that does not read."""


@pytest.mark.parametrize("blocking", [True, False])
def test_default_close_returns_at_once_and_delivers_in_the_background(
    world: "World", provider: WinsockProvider, blocking: bool
) -> None:
    s, peer = world.meet(provider)
    provider.ioctl(s, FIONBIO, not blocking)
    provider.send(s, SIXTEEN_MEGABYTES)
    provider.closesocket(s)
    assert provider.snapshot().open_sockets == 0
    assert provider.snapshot().unsent_bytes > 0
    world.agree(provider)
    assert world.read_all(peer) == SIXTEEN_MEGABYTES


@pytest.mark.parametrize("blocking", [True, False])
def test_hard_close_resets(world: "World", provider: WinsockProvider, blocking: bool) -> None:
    s, peer = world.meet(provider)
    provider.ioctl(s, FIONBIO, not blocking)
    provider.setsockopt(s, SOL_SOCKET, SO_LINGER, (1, 0))
    provider.send(s, SIXTEEN_MEGABYTES)
    provider.closesocket(s)
    assert provider.snapshot().unsent_bytes == 0
    with pytest.raises(ConnectionResetError):
        world.read_all(peer)


def test_timed_close_waits_until_everything_is_sent(world: "World", provider: WinsockProvider) -> None:
    s, peer = world.meet(provider)
    provider.setsockopt(s, SOL_SOCKET, SO_LINGER, (1, 60))
    provider.send(s, SIXTEEN_MEGABYTES)
    closed = world.in_thread(lambda: provider.closesocket(s))
    received = peer.recv(10)
    assert not closed.done()
    assert received + world.read_all(peer) == SIXTEEN_MEGABYTES
    closed.result(world.patience)
    assert provider.snapshot().unsent_bytes == 0


@pytest.mark.parametrize("size", [4, 16], ids="{} MB".format)
def test_timed_close_that_expires_resets_and_reports_success(
    world: "World", provider: WinsockProvider, size: int
) -> None:
    s, peer = world.meet(provider)
    provider.setsockopt(s, SOL_SOCKET, SO_LINGER, (1, 1))
    provider.send(s, SIXTEEN_MEGABYTES[: size << 20])
    began = time.monotonic()
    provider.closesocket(s)
    assert time.monotonic() - began >= 1
    world.agree(provider)
    with pytest.raises(ConnectionResetError):
        world.read_all(peer)


def test_non_blocking_timed_close_with_unsent_bytes_has_no_effect(world: "World", provider: WinsockProvider) -> None:
    s, peer = world.meet(provider)
    provider.setsockopt(s, SOL_SOCKET, SO_LINGER, (1, 60))
    provider.ioctl(s, FIONBIO, True)
    provider.send(s, SIXTEEN_MEGABYTES)
    for _ in range(3):
        with pytest.raises(WinsockError) as refused:
            provider.closesocket(s)
        assert refused.value.winerror == provider.get_last_error() == 10035
    provider.send(s, b"more") if provider.select([], [s], timeout=0)[1] else None
    provider.setsockopt(s, SOL_SOCKET, SO_DONTLINGER, True)  # the documented way out
    provider.closesocket(s)
    assert world.read_all(peer)[: len(SIXTEEN_MEGABYTES)] == SIXTEEN_MEGABYTES


def test_non_blocking_timed_close_without_unsent_bytes_closes(world: "World", provider: WinsockProvider) -> None:
    s, peer = world.meet(provider)
    provider.setsockopt(s, SOL_SOCKET, SO_LINGER, (1, 60))
    provider.ioctl(s, FIONBIO, True)
    provider.closesocket(s)
    assert world.read_all(peer) == b""


def test_close_knows_at_once_that_everything_was_sent(world: "World", provider: WinsockProvider) -> None:
    s, peer = world.meet(provider)
    provider.setsockopt(s, SOL_SOCKET, SO_LINGER, (1, 60))
    provider.ioctl(s, FIONBIO, True)
    provider.send(s, b"hello")
    assert peer.recv(10) == b"hello"
    world.wait_until(lambda: closes(provider, s))


def closes(provider: WinsockProvider, s: int) -> bool:
    try:
        provider.closesocket(s)
    except WinsockError:
        return False
    return True


def leave_bytes_in_the_kernel_only(world: "World", provider: WinsockProvider, s: int, peer: socket.socket) -> None:
    connection = provider._owner.desk.descriptors[s]
    while not connection.sending.posting:
        provider.send(s, b"x" * (1 << 16))

    def queue_is_empty() -> bool:
        if connection.sending.posting:
            peer.recv(1 << 12)
        return not connection.sending.posting

    world.wait_until(queue_is_empty)


def test_bytes_that_only_the_kernel_holds_are_unsent(world: "World", provider: WinsockProvider) -> None:
    s, peer = world.meet(provider)
    provider.setsockopt(s, SOL_SOCKET, SO_LINGER, (1, 60))
    provider.ioctl(s, FIONBIO, True)
    leave_bytes_in_the_kernel_only(world, provider, s, peer)
    assert provider.snapshot().unsent_bytes > 0
    with pytest.raises(WinsockError, match="WSAEWOULDBLOCK"):
        provider.closesocket(s)
    peer.close()  # with unread input: a reset, which nobody has noticed yet
    world.wait_until(lambda: closes(provider, s))


def test_close_releases_the_descriptor(world: "World", provider: WinsockProvider) -> None:
    s, peer = world.meet(provider)
    provider.closesocket(s)
    assert peer.recv(1) == b""
    for call in (provider.closesocket, provider.getsockname, lambda d: provider.send(d, b"x")):
        with pytest.raises(WinsockError) as dead:
            call(s)
        assert dead.value.winerror == 10038


def test_only_the_last_close_of_a_shared_socket_closes_it(world: "World", provider: WinsockProvider) -> None:
    s, peer = world.meet(provider)
    t = provider.duplicate_socket(s)
    assert s != t
    provider.setsockopt(t, SOL_SOCKET, SO_LINGER, (1, 0))
    provider.closesocket(s)
    with pytest.raises(WinsockError, match="WSAENOTSOCK"):
        provider.send(s, b"x")
    assert provider.send(t, b"still here") == 10
    assert peer.recv(100) == b"still here"
    assert provider.snapshot().open_sockets == 1
    provider.closesocket(t)
    with pytest.raises(ConnectionResetError):
        peer.recv(1)


def test_shutdown_never_waits_and_the_queue_still_goes_out(world: "World", provider: WinsockProvider) -> None:
    s, peer = world.meet(provider)
    provider.setsockopt(s, SOL_SOCKET, SO_LINGER, (1, 0))
    provider.send(s, SIXTEEN_MEGABYTES)
    provider.shutdown(s, SD_SEND)
    with pytest.raises(WinsockError) as refused:
        provider.send(s, b"x")
    assert refused.value.winerror == 10058
    assert world.read_all(peer) == SIXTEEN_MEGABYTES
    peer.sendall(b"answer")
    assert provider.recv(s, 100) == b"answer"
    assert provider.snapshot().open_sockets == 1


def test_shutdown_of_receiving_refuses_receives(world: "World", provider: WinsockProvider) -> None:
    s, peer = world.meet(provider)
    provider.shutdown(s, SD_RECEIVE)
    with pytest.raises(WinsockError, match="WSAESHUTDOWN"):
        provider.recv(s, 1)
    assert provider.send(s, b"still sends") == 11
    assert peer.recv(100) == b"still sends"


def test_shutdown_refusals(world: "World", provider: WinsockProvider) -> None:
    s, _ = world.meet(provider)
    lonely = provider.socket(AF_INET, SOCK_STREAM)
    for arguments, number in (((999, 7), 10038), ((s, 7), 10022), ((lonely, 7), 10022), ((lonely, SD_BOTH), 10057)):
        with pytest.raises(WinsockError) as refused:
            provider.shutdown(*arguments)
        assert refused.value.winerror == number


def test_linger_options_read_back(provider: WinsockProvider) -> None:
    s = provider.socket(AF_INET, SOCK_STREAM)

    def read() -> tuple[object, object]:
        return provider.getsockopt(s, SOL_SOCKET, SO_LINGER), provider.getsockopt(s, SOL_SOCKET, SO_DONTLINGER)

    assert read() == ((0, 0), True)
    provider.setsockopt(s, SOL_SOCKET, SO_LINGER, (5, 7))
    assert read() == ((1, 7), False)
    provider.setsockopt(s, SOL_SOCKET, SO_DONTLINGER, True)
    assert read() == ((0, 7), True)
    provider.setsockopt(s, SOL_SOCKET, SO_DONTLINGER, False)
    assert read() == ((1, 7), False)


def test_linger_comes_back_with_a_time_even_if_none_was_set(provider: WinsockProvider) -> None:
    s = provider.socket(AF_INET, SOCK_STREAM)
    provider.setsockopt(s, SOL_SOCKET, SO_DONTLINGER, False)
    on, seconds = provider.getsockopt(s, SOL_SOCKET, SO_LINGER)  # type: ignore[misc] # this option is a pair
    assert on
    assert seconds > 0


@pytest.mark.parametrize(
    ("value", "number"), [(None, 10014), ((1,), 10014), (5, 10014), ((1, "x"), 10014), ((1, -1), 10022)]
)
def test_malformed_linger_is_refused(provider: WinsockProvider, value: object, number: int) -> None:
    s = provider.socket(AF_INET, SOCK_STREAM)
    with pytest.raises(WinsockError) as refused:
        provider.setsockopt(s, SOL_SOCKET, SO_LINGER, value)  # type: ignore[arg-type] # the point is that it is wrong
    assert refused.value.winerror == number
    assert provider.getsockopt(s, SOL_SOCKET, SO_LINGER) == (0, 0)


def test_datagrams_do_not_linger(provider: WinsockProvider) -> None:
    s = provider.socket(AF_INET, SOCK_DGRAM)
    for call in (
        lambda: provider.setsockopt(s, SOL_SOCKET, SO_LINGER, (1, 0)),
        lambda: provider.getsockopt(s, SOL_SOCKET, SO_LINGER),
        lambda: provider.getsockopt(s, SOL_SOCKET, SO_DONTLINGER),
    ):
        with pytest.raises(WinsockError) as refused:
            call()
        assert refused.value.winerror == 10042


def test_a_select_is_refused_when_its_socket_is_closed_in_the_turn_that_wakes_it(
    world: "World", provider: WinsockProvider
) -> None:
    s, peer = world.meet(provider)
    waiting = world.in_thread(lambda: provider.select([s]))
    world.wait_for_blocked(provider)

    def both_at_once() -> None:
        peer.sendall(b"ready")
        provider.closesocket(s)  # which the owner sees to in its next turn

    world.on_owner(provider, both_at_once)
    assert getattr(waiting.exception(world.patience), "name", None) == "WSAENOTSOCK"
