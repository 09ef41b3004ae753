"""Blocking calls of other threads: woken by the network, cancelled by a close or by the last cleanup."""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

import pytest
from winsock_provider import AF_INET, SOCK_STREAM, WinsockError, WinsockProvider

if TYPE_CHECKING:
    from tests.provider.conftest import World


def receive(provider: WinsockProvider, s: int, _listening: int) -> object:
    return provider.recv(s, 1)


def accept(provider: WinsockProvider, _s: int, listening: int) -> object:
    return provider.accept(listening)


def select(provider: WinsockProvider, s: int, _listening: int) -> object:
    return provider.select([s])


def send(provider: WinsockProvider, s: int, _listening: int) -> object:
    while True:
        provider.send(s, b"x" * (1 << 20))


BLOCKING = [receive, accept, select, send]


def listening_socket(provider: WinsockProvider) -> int:
    s = provider.socket(AF_INET, SOCK_STREAM)
    provider.bind(s, ("127.0.0.1", 0))
    provider.listen(s)
    return s


@pytest.mark.parametrize("call", BLOCKING)
def test_last_cleanup_cancels_blocking_calls(
    world: "World", call: Callable[[WinsockProvider, int, int], object]
) -> None:
    provider = WinsockProvider(drain_timeout=world.patience)
    provider.startup((2, 2))
    s, peer = world.meet(provider)
    listening = listening_socket(provider)
    waiting = world.in_thread(lambda: call(provider, s, listening))
    world.wait_for_blocked(provider)
    cleaned = world.in_thread(provider.cleanup)
    with pytest.raises(WinsockError) as cancelled:
        waiting.result(world.patience)
    assert cancelled.value.winerror == 10004
    world.read_all(peer)
    cleaned.result(world.patience)


@pytest.mark.parametrize("call", BLOCKING)
def test_close_cancels_blocking_calls(
    world: "World", provider: WinsockProvider, call: Callable[[WinsockProvider, int, int], object]
) -> None:
    s, peer = world.meet(provider)
    listening = listening_socket(provider)
    waiting = world.in_thread(lambda: call(provider, s, listening))
    world.wait_for_blocked(provider)
    provider.closesocket(s)
    provider.closesocket(listening)
    with pytest.raises(WinsockError) as cancelled:
        waiting.result(world.patience)
    assert cancelled.value.winerror == 10004
    world.read_all(peer)


def test_many_receivers_of_many_sockets_are_each_woken(world: "World", provider: WinsockProvider) -> None:
    pairs = [world.meet(provider) for _ in range(20)]
    waiting = [world.in_thread(partial(provider.recv, s, 100)) for s, _ in pairs]
    world.wait_for_blocked(provider, len(pairs))
    for number, (_, peer) in reversed(list(enumerate(pairs))):
        peer.sendall(b"%d" % number)
    assert [future.result(world.patience) for future in waiting] == [b"%d" % number for number in range(20)]


def test_sender_waits_for_room_and_loses_nothing(world: "World", provider: WinsockProvider) -> None:
    s, peer = world.meet(provider)
    blocks = [bytes([number]) * (1 << 20) for number in range(40)]

    def produce() -> None:
        for block in blocks:
            provider.send(s, block)
        provider.closesocket(s)

    producing = world.in_thread(produce)
    world.wait_for_blocked(provider)
    assert provider.snapshot().unsent_bytes < len(blocks) << 20
    assert world.read_all(peer) == b"".join(blocks)
    producing.result(world.patience)


def test_accepted_connections_inherit_and_belong_to_the_epoch(world: "World", provider: WinsockProvider) -> None:
    listening = listening_socket(provider)
    accepting = world.in_thread(lambda: provider.accept(listening))
    world.wait_for_blocked(provider)
    client = provider.socket(AF_INET, SOCK_STREAM)
    provider.connect(client, provider.getsockname(listening))
    s, _ = accepting.result(world.patience)
    assert provider.send(client, b"x") == 1
    assert provider.recv(s, 1) == b"x"
    assert provider.snapshot().open_sockets == 3
    world.agree(provider)


def test_sockets_come_and_go_in_many_threads(world: "World", provider: WinsockProvider) -> None:
    def work() -> None:
        for _ in range(60):
            s = provider.socket(AF_INET, SOCK_STREAM)
            t = provider.duplicate_socket(s)
            provider.closesocket(s)
            provider.closesocket(t)

    for worker in [world.in_thread(work) for _ in range(6)]:
        worker.result(world.patience)
    assert provider.snapshot().open_sockets == 0
    world.agree(provider)
