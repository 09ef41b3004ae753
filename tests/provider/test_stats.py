"""Counters: what was counted is what happened, at every moment, on every way that bytes and sockets can go."""

import contextlib
import random
import threading
from typing import TYPE_CHECKING

import pytest
from winsock_provider import (
    AF_INET,
    FIONBIO,
    MSG_PEEK,
    SO_LINGER,
    SOCK_DGRAM,
    SOCK_STREAM,
    SOL_SOCKET,
    Phase,
    Stats,
    WinsockError,
    WinsockProvider,
)
from winsock_provider.lifecycle import _count, _look

from tests.provider.conftest import collapse_entirely, on_owner
from tests.provider.interrupting import Interrupting, Striking
from tests.provider.test_cleanup import fill

if TYPE_CHECKING:
    from tests.provider.conftest import World

NOTHING = Stats(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)


def check(provider: WinsockProvider) -> Stats:
    """The counters, which fit to each other and to the provider as it is."""
    owner = provider._owner
    stats, now, sockets = on_owner(provider, lambda: (_count(owner), _look(owner), len(owner.desk.core.sockets)))
    assert stats.startups - stats.cleanups == now.refs
    assert stats.sockets_opened - stats.sockets_closed == sockets
    assert (stats.epochs, stats.drains) == (now.epoch, now.epoch - (now.phase is Phase.RUNNING))
    assert 0 <= stats.sockets_reset <= stats.sockets_closed <= stats.sockets_opened
    queued = stats.bytes_accepted - stats.bytes_sent - stats.bytes_given_up
    assert 0 <= queued <= now.unsent_bytes or now.phase is Phase.UNLOADED
    assert queued == 0 or now.phase is not Phase.UNLOADED
    return stats


def test_a_provider_that_did_nothing_has_counted_nothing() -> None:
    assert check(WinsockProvider()) == NOTHING


def test_startups_are_counted_whoever_counts_them() -> None:
    provider = WinsockProvider()
    for _ in range(3):
        provider.startup((2, 2))
    provider.cleanup()
    provider.startup((1, 1), protocol_info=object())
    assert (check(provider).startups, check(provider).cleanups) == (4, 1)
    with pytest.raises(WinsockError):
        provider.startup((0, 0))
    for _ in range(3):
        provider.cleanup()
    with pytest.raises(WinsockError):
        provider.cleanup()
    stats = check(provider)
    assert (stats.startups, stats.cleanups, stats.epochs, stats.drains, stats.drains_ended_early) == (4, 4, 1, 1, 0)


def test_bytes_are_counted_on_every_way_that_they_go(world: "World", provider: WinsockProvider) -> None:
    s, peer = world.meet(provider)
    sent = provider.send(s, b"alone") + provider.send(s, bytearray(1 << 17))
    sent += provider.send_overlapped(s, b"overlapped").size
    assert check(provider).bytes_accepted == sent
    sent += len(fill(provider, s))  # to the kernel, to the backlog and to the queue
    stats = check(provider)
    assert (stats.bytes_accepted, stats.bytes_given_up) == (sent, 0)
    assert stats.bytes_sent < sent
    peer.sendall(b"12345678" * 2)
    provider.select([s])
    assert provider.recv(s, 4, MSG_PEEK) == b"1234"
    assert (provider.recv(s, 4), provider.recvfrom(s, 4)[0]) == (b"1234", b"5678")
    assert check(provider).bytes_received == 8
    provider.recv_overlapped(s, 100)
    assert check(provider).bytes_received == 16
    provider.shutdown(s, 1)
    assert len(world.read_all(peer)) == sent
    world.wait_until(lambda: check(provider).bytes_sent == sent)


def test_datagrams_are_counted(provider: WinsockProvider) -> None:
    a, b = (provider.socket(AF_INET, SOCK_DGRAM) for _ in range(2))
    for s in (a, b):
        provider.bind(s, ("127.0.0.1", 0))
    provider.sendto(a, b"one", provider.getsockname(b))
    assert provider.recvfrom(b, 10, MSG_PEEK)[0] == b"one"
    assert provider.recvfrom(b, 10)[0] == b"one"
    stats = check(provider)
    assert (stats.bytes_accepted, stats.bytes_sent, stats.bytes_received) == (3, 3, 3)


def test_sockets_are_counted_by_how_they_end(world: "World") -> None:
    provider = WinsockProvider(drain_timeout=0.01)
    provider.startup((2, 2))
    graceful, hard, broken, given_up = (world.meet(provider) for _ in range(4))
    provider.closesocket(provider.duplicate_socket(graceful[0]))
    provider.closesocket(graceful[0])
    world.wait_until(lambda: check(provider).sockets_closed == 1)
    assert check(provider).sockets_reset == 0
    provider.setsockopt(hard[0], SOL_SOCKET, SO_LINGER, (1, 0))
    provider.closesocket(hard[0])
    assert (check(provider).sockets_closed, check(provider).sockets_reset) == (2, 1)
    fill(provider, broken[0])
    broken[1].close()
    with contextlib.suppress(WinsockError):
        while True:
            provider.recv(broken[0], 1)
    assert check(provider).connections_lost == 1
    lost = check(provider).bytes_given_up
    provider.closesocket(broken[0])
    sent = len(fill(provider, given_up[0]))
    report = provider.cleanup()
    stats = check(provider)
    assert (stats.sockets_opened, stats.sockets_closed, stats.sockets_reset) == (4, 4, 2)
    assert (stats.connections_lost, stats.drains_ended_early) == (1, 1)
    assert 0 < stats.bytes_given_up - lost == report.unsent_bytes < sent
    provider.startup((2, 2))
    assert check(provider).sockets_opened == 4
    provider.cleanup()


def test_an_engine_that_gives_everything_up_counts_that(world: "World") -> None:
    provider = WinsockProvider()
    provider.startup((2, 2))
    s, _ = world.meet(provider)
    fill(provider, s)
    collapse_entirely(provider)
    world.wait_until(lambda: provider._owner.shift is None)
    stats = check(provider)
    assert (stats.startups, stats.cleanups, stats.sockets_opened, stats.sockets_closed) == (1, 1, 1, 1)
    assert stats.bytes_accepted == stats.bytes_sent + stats.bytes_given_up
    assert stats.bytes_given_up > 0


def test_figures_of_many_threads_add_up_at_every_moment(world: "World") -> None:
    provider = WinsockProvider(drain_timeout=world.patience)
    provider.startup((2, 2))
    over, meeting = threading.Event(), threading.Lock()

    def user(seed: int) -> tuple[int, int]:
        chosen, sent = random.Random(seed), 0  # noqa: S311 - a fixed seed is the point
        for _ in range(20):
            provider.startup((2, 2))
            with meeting:  # so that each has its own peer
                s, peer = world.meet(provider)
            for _ in range(5):
                sent += provider.send(s, bytes(chosen.choice((1, 100, 10_000, 300_000))))
            peer.sendall(b"answer")
            assert provider.recv(s, 6) == b"answer"
            provider.closesocket(s)
            sent -= len(world.read_all(peer))
            provider.cleanup()
        return sent, 20

    def look() -> int:
        looks = 0
        while not over.is_set():
            stats = provider.stats()
            assert stats.startups - stats.cleanups >= 1
            assert stats.bytes_accepted >= stats.bytes_sent + stats.bytes_given_up
            assert stats.sockets_opened >= stats.sockets_closed
            looks += 1
        return looks

    looking = world.in_thread(look)
    users = [world.in_thread(lambda seed=seed: user(seed)) for seed in range(3)]  # type: ignore[misc]
    assert [one.result(world.patience) for one in users] == [(0, 20)] * 3
    over.set()
    assert looking.result(world.patience) > 0
    provider.cleanup()
    stats = check(provider)
    assert (stats.startups, stats.sockets_opened, stats.bytes_received) == (61, 60, 360)
    assert (stats.bytes_given_up, stats.sockets_reset, stats.connections_lost) == (0, 0, 0)


def test_counters_of_a_non_blocking_socket_count_only_what_was_taken(world: "World", provider: WinsockProvider) -> None:
    s, _ = world.meet(provider)
    sent = len(fill(provider, s))
    provider.ioctl(s, FIONBIO, True)
    for _ in range(3):
        with pytest.raises(WinsockError, match="WSAEWOULDBLOCK"):
            provider.send(s, b"too much")
    assert check(provider).bytes_accepted == sent
    unconnected = provider.socket(AF_INET, SOCK_STREAM)
    with pytest.raises(WinsockError, match="WSAENOTCONN"):
        provider.send(unconnected, b"nobody")
    assert check(provider).bytes_accepted == sent
    provider.setsockopt(s, SOL_SOCKET, SO_LINGER, (1, 0))
    provider.closesocket(s)
    assert check(provider).bytes_given_up > 0


@pytest.mark.parametrize("kind", [Interrupting, Striking])
def test_counting_what_was_received_loses_nothing_at_any_interrupt(
    world: "World", provider: WinsockProvider, kind: type[Interrupting]
) -> None:
    s, peer = world.meet(provider)
    sent, received = bytes(range(256)), bytearray()
    peer.sendall(sent)
    provider.select([s])

    def receive() -> None:
        nonlocal received
        received += provider.recv(s, 4)

    moment, raised = 0, True
    while raised:
        interrupting = kind(moment, keeps_result=True)
        interrupting.run(receive)
        raised = interrupting.raised
        moment += 1
        receive()  # what was put back comes first
        assert sent.startswith(received)
    while len(received) < len(sent):
        receive()
    assert received == sent
    assert check(provider).bytes_received <= len(sent)
