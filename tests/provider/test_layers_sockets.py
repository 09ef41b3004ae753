"""Sockets of layers: what goes down and comes back through every layer, and what a close or the last cleanup ends."""

import threading
from typing import TYPE_CHECKING, Any

from winsock_layered_provider import LayeredWinsockProvider
from winsock_provider import (
    AF_INET,
    FIONBIO,
    SD_SEND,
    SO_LINGER,
    SOCK_DGRAM,
    SOCK_STREAM,
    SOL_SOCKET,
    WinsockError,
)

from tests.provider.lower import DEPTHS, STARTS, MadeUp, chain, refused, released

if TYPE_CHECKING:
    from tests.provider.conftest import World


@DEPTHS
@STARTS
def test_r9_what_was_sent_arrives_although_the_last_cleanup_follows_at_once(
    world: "World", depth: int, eager: bool
) -> None:
    providers = chain(depth, eager)
    top = providers[-1]
    top.startup((2, 2))
    closed, first = world.meet(top)
    open_still, second = world.meet(top)
    data = bytes(range(256)) * 8192
    received = [world.in_thread(lambda peer=peer: world.read_all(peer)) for peer in (first, second)]  # type: ignore[misc]
    assert top.send(closed, data) == top.send(open_still, data) == len(data)
    top.closesocket(closed)
    assert top.cleanup().sockets == 0
    assert [one.result(world.patience) for one in received] == [data, data]
    assert all(map(released, providers))


@DEPTHS
def test_bytes_come_back_through_every_layer(world: "World", depth: int) -> None:
    top = chain(depth)[-1]
    top.startup((2, 2))
    s, peer = world.meet(top)
    assert top.send(s, b"question") == 8
    peer.sendall(b"<" + peer.recv(8) + b">")
    assert top.select([s], [], [], 5) == ([s], [], [])
    assert top.recv(s, 100) == b"<question>"
    assert top.getpeername(s) == world.address
    top.shutdown(s, SD_SEND)
    assert world.read_all(peer) == b""
    top.cleanup()


@DEPTHS
def test_a_layer_accepts_and_takes_datagrams(world: "World", depth: int) -> None:
    top = chain(depth)[-1]
    top.startup((2, 2))
    listening, client = top.socket(AF_INET, SOCK_STREAM), top.socket(AF_INET, SOCK_STREAM)
    top.bind(listening, ("127.0.0.1", 0))
    top.listen(listening)
    accepted = world.in_thread(lambda: top.accept(listening))
    top.connect(client, top.getsockname(listening))
    s, address = accepted.result(world.patience)
    assert address == top.getsockname(client)
    top.send(client, b"stream")
    assert top.recv(s, 10) == b"stream"
    one, other = top.socket(AF_INET, SOCK_DGRAM), top.socket(AF_INET, SOCK_DGRAM)
    top.bind(other, ("127.0.0.1", 0))
    top.sendto(one, b"datagram", top.getsockname(other))
    assert top.recvfrom(other, 10)[0] == b"datagram"
    assert top.snapshot().open_sockets == 5
    top.cleanup()


def test_r32_and_r12_a_descriptor_is_dead_behind_its_close_and_in_later_epochs() -> None:
    base, layer = chain(1)
    layer.startup((2, 2))
    s, t = layer.socket(AF_INET, SOCK_STREAM), layer.socket(AF_INET, SOCK_STREAM)
    layer.closesocket(s)
    for call in (layer.closesocket, layer.getsockname, layer.duplicate_socket, lambda s: layer.send(s, b"x")):
        with refused(10038):
            call(s)
    assert layer.get_last_error() == 10038
    layer.cleanup()
    layer.startup((2, 2))
    for dead in (s, t, 0, -1, None, "1"):
        with refused(10038):
            layer.send(dead, b"x")
    assert layer.socket(AF_INET, SOCK_STREAM) > t
    assert layer.get_last_error() == 0
    layer.cleanup()
    assert released(base)


def test_r33_a_duplicate_keeps_a_socket_until_its_last_close(world: "World") -> None:
    top = chain(2)[-1]
    top.startup((2, 2))
    s, peer = world.meet(top)
    t = top.duplicate_socket(s)
    top.closesocket(s)
    top.send(t, b"still here")
    assert peer.recv(10) == b"still here"
    top.closesocket(t)
    assert world.read_all(peer) == b""
    top.cleanup()


@DEPTHS
def test_r35_a_close_that_would_block_has_no_effect(world: "World", depth: int) -> None:
    top = chain(depth)[-1]
    top.startup((2, 2))
    s, peer = world.meet(top)
    top.ioctl(s, FIONBIO, True)
    top.setsockopt(s, SOL_SOCKET, SO_LINGER, (1, 5))
    sent = 0

    def fill() -> None:
        nonlocal sent
        while True:
            sent += top.send(s, bytes(1 << 18))

    with refused(10035):
        fill()
    with refused(10035):
        top.closesocket(s)
    assert top.getsockopt(s, SOL_SOCKET, SO_LINGER) == (1, 5)
    assert top.snapshot().open_sockets == 1
    received = world.in_thread(lambda: world.read_all(peer))
    top.cleanup()  # which is not refused, and loses nothing
    assert len(received.result(world.patience)) == sent


def test_r36_a_close_cancels_operations_and_tells_so(world: "World") -> None:
    top = chain(2)[-1]
    top.startup((2, 2))
    s, _ = world.meet(top)
    told: list[tuple[int, int]] = []
    event = threading.Event()
    operation = top.recv_overlapped(s, 10, event, lambda *answer: told.append(answer))
    top.closesocket(s)
    assert (operation.error(), event.is_set(), told) == (995, True, [(995, 0)])
    top.cleanup()


@DEPTHS
def test_r16_the_last_cleanup_cancels_operations_and_tells_nobody(world: "World", depth: int) -> None:
    top = chain(depth)[-1]
    top.startup((2, 2))
    s, _ = world.meet(top)
    told: list[tuple[int, int]] = []
    event = threading.Event()
    operation = top.recv_overlapped(s, 10, event, lambda *answer: told.append(answer))
    top.cleanup()
    assert (operation.error(), event.is_set(), told) == (995, False, [])


def test_r16_an_operation_that_ends_while_the_last_cleanup_waits_tells_nobody() -> None:
    lower = MadeUp()
    layer = LayeredWinsockProvider(lower)
    told: list[object] = []
    given: list[Any] = []
    lower.recv_overlapped = lambda *call: given.extend(call)  # type: ignore[attr-defined]
    layer.startup((2, 2))
    _, s = layer.socket(AF_INET, SOCK_STREAM), layer.socket(AF_INET, SOCK_STREAM)
    layer.recv_overlapped(s, 1, threading.Event(), lambda *answer: told.append(answer))
    _, _, event, routine = given
    routine(0, 1)
    lower.slots["WSPGetSockOpt"] = lambda below, *_: below == 101 and (event.set(), routine(0, 1))  # the other's close
    layer.cleanup()
    assert told == [(0, 1)]


def test_an_operation_that_ends_is_told_through_every_layer(world: "World") -> None:
    top = chain(3)[-1]
    top.startup((2, 2))
    s, peer = world.meet(top)
    told: list[tuple[int, int]] = []
    event = threading.Event()
    operation = top.recv_overlapped(s, 10, event, lambda *answer: told.append(answer))
    peer.sendall(b"abc")
    assert event.wait(world.patience)
    world.wait_until(lambda: bool(told))
    assert (operation.result(), told) == (b"abc", [(0, 3)])
    for wrong, number in (({"event": 1}, 6), ({"routine": 1}, 10014)):
        with refused(number):
            top.recv_overlapped(s, 10, **wrong)
    top.cleanup()


@DEPTHS
def test_r15_the_last_cleanup_cancels_calls_that_wait_below(world: "World", depth: int) -> None:
    providers = chain(depth)
    top = providers[-1]
    top.startup((2, 2))
    s, _ = world.meet(top)
    waiting = world.in_thread(lambda: top.recv(s, 1))
    world.wait_for_blocked(providers[0])
    top.cleanup()
    failure = waiting.exception(world.patience)
    assert isinstance(failure, WinsockError)
    assert failure.winerror == 10004
    assert all(map(released, providers))
