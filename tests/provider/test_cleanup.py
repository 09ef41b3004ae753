"""Cleanup: counting down, draining, giving everything back, and starting again."""

import contextlib
import socket
import threading
import time
from typing import TYPE_CHECKING, Literal

import pytest
from winsock_provider import AF_INET, FIONBIO, SO_LINGER, SOCK_STREAM, SOL_SOCKET, Phase, WinsockError, WinsockProvider

if TYPE_CHECKING:
    from tests.provider.conftest import World

MEGABYTE = bytes(range(256)) * 4096


def fill(provider: WinsockProvider, s: int) -> bytes:
    """Send until the kernel and the queue take no more; everything that was sent."""
    provider.ioctl(s, FIONBIO, True)
    sent = 0
    with contextlib.suppress(WinsockError):
        while True:
            sent += provider.send(s, MEGABYTE)
    assert provider.get_last_error() == 10035
    provider.ioctl(s, FIONBIO, False)
    return MEGABYTE * (sent // len(MEGABYTE))


def started(world: "World") -> tuple[WinsockProvider, int, socket.socket]:
    """A provider that was started and waits long for its peers, with a socket and the peer of that."""
    provider = WinsockProvider(drain_timeout=world.patience)
    provider.startup((2, 2))
    return provider, *world.meet(provider)


def test_only_the_last_cleanup_touches_sockets(world: "World", provider: WinsockProvider) -> None:
    provider.startup((1, 1))
    s, peer = world.meet(provider)
    provider.cleanup()
    assert provider.send(s, b"still here") == 10
    assert peer.recv(100) == b"still here"
    assert (provider.snapshot().refs, provider.snapshot().open_sockets) == (1, 1)


def test_one_cleanup_too_many_is_refused_and_changes_nothing() -> None:
    provider = WinsockProvider()
    for _ in range(2):
        before = provider.snapshot()
        with pytest.raises(WinsockError) as refused:
            provider.cleanup()
        assert (refused.value.winerror, refused.value.name) == (10093, "WSANOTINITIALISED")
        assert provider.snapshot() == before
        provider.startup((2, 2))
        provider.cleanup()


@pytest.mark.parametrize("closed", [True, False], ids=["closed first", "left open"])
@pytest.mark.parametrize("size", [1, 16], ids="{} MB".format)
def test_slow_peer_receives_every_byte_and_an_orderly_end(world: "World", closed: bool, size: int) -> None:
    provider = WinsockProvider(drain_timeout=world.patience)
    handles, threads = world.open_handles(), threading.active_count()
    provider.startup((2, 2))
    s, peer = world.meet(provider)
    provider.send(s, MEGABYTE * size)
    if closed:
        provider.closesocket(s)
    cleaned = world.in_thread(provider.cleanup)
    assert world.read_all(peer) == MEGABYTE * size
    cleaned.result(world.patience)
    peer.close()
    assert provider.snapshot().unsent_bytes == 0
    assert (threading.active_count(), world.open_handles()) == (threads, handles)
    world.agree(provider)
    assert provider.startup((2, 2)).version == (2, 2)
    provider.cleanup()


@pytest.mark.parametrize("closed", [True, False], ids=["closed first", "left open"])
def test_unread_input_does_not_destroy_what_is_still_to_be_sent(world: "World", closed: bool) -> None:
    provider, s, peer = started(world)
    peer.sendall(b"nobody reads this" * 1000)
    provider.select([s], timeout=world.patience)
    sent = fill(provider, s)
    if closed:
        provider.closesocket(s)
    cleaned = world.in_thread(provider.cleanup)
    received = peer.recv(1000)
    peer.sendall(b"nor this" * 1000)
    assert received + world.read_all(peer) == sent
    cleaned.result(world.patience)


def test_peer_that_writes_before_it_reads_does_not_stop_the_drain(world: "World") -> None:
    provider, s, peer = started(world)
    sent = fill(provider, s)
    cleaned = world.in_thread(provider.cleanup)
    peer.sendall(MEGABYTE * 16)
    assert world.read_all(peer) == sent
    cleaned.result(world.patience)


def test_cleanup_returns_only_when_nothing_is_left_to_send(world: "World") -> None:
    provider, s, peer = started(world)
    sent = fill(provider, s)
    cleaned = world.in_thread(provider.cleanup)
    world.wait_until(lambda: provider.snapshot().phase is not Phase.RUNNING)
    assert not cleaned.done()
    draining = provider.snapshot()
    assert (draining.phase, draining.refs, draining.open_sockets) == (Phase.DRAINING, 0, 0)
    assert 0 < draining.unsent_bytes <= len(sent)
    for call in (provider.cleanup, lambda: provider.socket(AF_INET, SOCK_STREAM), lambda: provider.send(s, b"late")):
        with pytest.raises(WinsockError, match="WSANOTINITIALISED"):
            call()
    assert world.read_all(peer) == sent
    cleaned.result(world.patience)


def test_peer_that_never_reads_is_given_up_after_the_bound(world: "World") -> None:
    provider = WinsockProvider(drain_timeout=0.2)
    provider.startup((2, 2))
    s, peer = world.meet(provider)
    sent = fill(provider, s)
    began = time.monotonic()
    provider.cleanup()
    assert time.monotonic() - began >= 0.2
    assert (provider.snapshot().phase, provider.snapshot().unsent_bytes) == (Phase.UNLOADED, 0)
    world.agree(provider)
    with pytest.raises(ConnectionResetError):
        assert len(world.read_all(peer)) < len(sent)
    provider.startup((2, 2))
    provider.cleanup()


def test_what_the_kernel_holds_outlives_the_bound(world: "World") -> None:
    provider = WinsockProvider(drain_timeout=0.05)
    provider.startup((2, 2))
    s, peer = world.meet(provider)
    provider.send(s, MEGABYTE)
    provider.cleanup()
    assert world.read_all(peer) == MEGABYTE


def test_peer_that_resets_ends_the_drain(world: "World") -> None:
    provider, s, peer = started(world)
    fill(provider, s)
    cleaned = world.in_thread(provider.cleanup)
    peer.close()  # with unread input: a reset
    cleaned.result(world.patience)
    assert provider.snapshot().unsent_bytes == 0


def test_reset_policy_resets_what_is_open_and_drains_what_was_closed(world: "World") -> None:
    provider = WinsockProvider(open_sockets="reset", drain_timeout=world.patience)
    provider.startup((2, 2))
    (s, open_peer), (t, closed_peer) = world.meet(provider), world.meet(provider)
    fill(provider, s)
    sent = fill(provider, t)
    provider.closesocket(t)
    cleaned = world.in_thread(provider.cleanup)
    assert world.read_all(closed_peer) == sent
    cleaned.result(world.patience)
    with pytest.raises(ConnectionResetError):
        world.read_all(open_peer)


def test_open_socket_with_hard_linger_is_reset_by_the_last_cleanup(world: "World") -> None:
    provider = WinsockProvider()
    provider.startup((2, 2))
    s, peer = world.meet(provider)
    provider.setsockopt(s, SOL_SOCKET, SO_LINGER, (1, 0))
    provider.cleanup()
    with pytest.raises(ConnectionResetError):
        peer.recv(1)


def test_every_resource_goes_back_whatever_state_its_socket_is_in(world: "World", provider: WinsockProvider) -> None:
    fresh, listening, connecting = (provider.socket(AF_INET, SOCK_STREAM) for _ in range(3))
    datagram = provider.socket(AF_INET, 2)
    provider.bind(datagram, ("127.0.0.1", 0))
    provider.bind(listening, ("127.0.0.1", 0))
    provider.listen(listening)
    provider.ioctl(connecting, FIONBIO, True)
    with pytest.raises(WinsockError, match="WSAEWOULDBLOCK"):
        provider.connect(connecting, world.address)
    s, peer = world.meet(provider)
    peer.close()
    provider.duplicate_socket(s)
    provider.closesocket(fresh)
    world.agree(provider)
    provider.cleanup()
    world.agree(provider)
    assert provider.snapshot().phase is Phase.UNLOADED


def test_old_descriptors_stay_dead(world: "World", provider: WinsockProvider) -> None:
    old = [provider.socket(AF_INET, SOCK_STREAM) for _ in range(32)]
    old += [provider.duplicate_socket(s) for s in old]
    provider.cleanup()
    provider.startup((2, 2))
    new = [provider.socket(AF_INET, SOCK_STREAM) for _ in range(64)]
    assert not set(old) & set(new)
    for s in old:
        with pytest.raises(WinsockError) as dead:
            provider.closesocket(s)
        assert dead.value.winerror == 10038
    assert provider.snapshot().open_sockets == 64
    world.agree(provider)


def test_startup_waits_for_the_drain(world: "World") -> None:
    provider, s, peer = started(world)
    sent = fill(provider, s)
    cleaned = world.in_thread(provider.cleanup)
    world.wait_until(lambda: provider.snapshot().phase is not Phase.RUNNING)
    again = world.in_thread(lambda: provider.startup((2, 2)))
    with pytest.raises(WinsockError, match="WSAVERNOTSUPPORTED"):
        provider.startup((0, 0))
    assert provider.snapshot().phase is Phase.DRAINING
    assert world.read_all(peer) == sent
    cleaned.result(world.patience)
    again.result(world.patience)
    assert (provider.snapshot().refs, provider.snapshot().epoch) == (1, 2)
    provider.cleanup()


def test_startup_takes_over_and_the_old_drain_goes_on(world: "World") -> None:
    provider = WinsockProvider(startup_while_draining="take_over", drain_timeout=world.patience)
    provider.startup((2, 2))
    s, peer = world.meet(provider)
    sent = fill(provider, s)
    cleaned = world.in_thread(provider.cleanup)
    world.wait_until(lambda: provider.snapshot().phase is not Phase.RUNNING)
    provider.startup((1, 1))
    cleaned.result(world.patience)
    running = provider.snapshot()
    assert (running.phase, running.refs, running.epoch, running.open_sockets) == (Phase.RUNNING, 1, 2, 0)
    assert running.unsent_bytes > 0
    with pytest.raises(WinsockError, match="WSAENOTSOCK"):
        provider.send(s, b"late")
    t, second = world.meet(provider)
    provider.send(t, b"new")
    assert second.recv(10) == b"new"
    cleaned = world.in_thread(provider.cleanup)
    assert world.read_all(second) == b""
    assert world.read_all(peer) == sent
    cleaned.result(world.patience)
    assert provider.snapshot().phase is Phase.UNLOADED


@pytest.mark.parametrize("policy", ["wait", "take_over"])
def test_any_thread_balances_any_other(world: "World", policy: Literal["wait", "take_over"]) -> None:
    provider = WinsockProvider(startup_while_draining=policy, drain_timeout=world.patience)

    def user() -> None:
        for _ in range(25):
            provider.startup((2, 2))
            s = provider.socket(AF_INET, SOCK_STREAM)
            provider.connect(s, world.address)
            provider.send(s, b"x" * 1000)
            provider.cleanup()

    callers = [world.in_thread(user) for _ in range(4)]
    for _ in range(100):  # fewer than may wait to be accepted
        with world.accept() as peer:
            assert world.read_all(peer) == b"x" * 1000
    for caller in callers:
        caller.result(world.patience)
    assert (provider.snapshot().refs, provider.snapshot().phase) == (0, Phase.UNLOADED)
    world.agree(provider)


def test_a_thousand_epochs_leak_nothing(world: "World") -> None:
    provider = WinsockProvider()
    handles, threads = world.open_handles(), threading.active_count()
    for epoch in range(1, 1001):
        provider.startup((2, 2))
        s = provider.socket(AF_INET, SOCK_STREAM)
        if epoch % 2:
            provider.closesocket(s)
        provider.cleanup()
        assert threading.active_count() == threads
    assert world.open_handles() == handles
    assert (provider.snapshot().epoch, provider.snapshot().phase) == (1000, Phase.UNLOADED)
    world.agree(provider)


def test_no_handle_stays_when_the_system_grants_no_thread(world: "World", monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_thread: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    provider, handles = WinsockProvider(), world.open_handles()
    monkeypatch.setattr(threading.Thread, "start", refuse)
    with pytest.raises(WinsockError, match="can't start") as refused:
        provider.startup((2, 2))
    monkeypatch.undo()
    assert (refused.value.winerror, world.open_handles()) == (10091, handles)
    provider.startup((2, 2))
    provider.cleanup()


def test_no_handle_stays_when_the_system_grants_no_wakeup(world: "World", monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse() -> None:
        raise OSError(24, "too many open files")

    provider, handles = WinsockProvider(), world.open_handles()
    monkeypatch.setattr(socket, "socketpair", refuse)
    with pytest.raises(WinsockError, match="too many"):
        provider.startup((2, 2))
    monkeypatch.undo()
    assert (provider.snapshot().phase, world.open_handles()) == (Phase.UNLOADED, handles)
