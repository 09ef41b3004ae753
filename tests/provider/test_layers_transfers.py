"""The people's calls on three layers that move bytes: buffers and operations, and the counters of what was done."""

import asyncio
import contextlib
import socket
import struct
import sys
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest
from winsock_layered_provider import LayeredWinsockProvider
from winsock_layered_provider.stats import MANY, Tally, stats_of
from winsock_provider import (
    AF_INET,
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

from tests.provider.interrupting import EVERY, Striking
from tests.provider.lower import MadeUp, chain, refused
from tests.provider.test_cleanup import fill

if TYPE_CHECKING:
    from tests.provider.conftest import World

NOTHING = Stats(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)


# --- buffers --------------------------------------------------------------------------------------------------------


def test_several_buffers_go_down_as_one_and_come_back_into_one(world: "World") -> None:
    top = chain(3)[-1]
    with top.started(), top.opened(AF_INET, SOCK_STREAM) as s:
        top.connect(s, world.address)
        peer = world.accept()
        buffers = [b"a", bytearray(b"b"), memoryview(b"c"), b""]
        assert (top.send(s, buffers), top.sendto(s, tuple(buffers), world.address)) == (3, 3)
        assert top.send_overlapped(s, buffers).result(world.patience) == 3
        assert b"".join(peer.recv(1) for _ in range(9)) == b"abc" * 3
        for wrong in (["text"], [1], [b"a", None]):
            with refused(10014):
                top.send(s, wrong)
        peer.sendall(b"hello world")
        buffer = bytearray(b".........")
        top.select([s])
        assert top.recv_into(s, buffer, 5, MSG_PEEK) == 5
        assert top.recv_into(s, memoryview(buffer)[2:], 5) == 5
        assert buffer == b"hehello.."
        assert top.recv_into(s, buffer) == 6
        assert buffer == b" worldo.."
        peer.close()
        assert top.recv_into(s, buffer) == top.recv_into(s, bytearray()) == 0


@pytest.mark.parametrize(
    ("buffer", "size", "error"),
    [(b"fixed", 0, 10014), ("text", 0, 10014), (bytearray(3), 4, 10022), (bytearray(3), -1, 10022)],
)
def test_a_layer_refuses_a_wrong_buffer_behind_a_wrong_descriptor(
    world: "World", buffer: Any, size: int, error: int
) -> None:
    top = chain(1)[-1]
    with refused(10093):
        top.recv_into(1, buffer, size)
    with top.started():
        s, _ = world.meet(top)
        for descriptor, expected in ((s, error), (999, 10038)):
            with refused(expected):
                top.recv_into(descriptor, buffer, size)
            assert top.get_last_error() == expected


@pytest.mark.parametrize("way", ["recv", "recvfrom", "recv_into"])
def test_no_interrupt_on_the_way_back_loses_or_miscounts_what_was_received(world: "World", way: str) -> None:
    providers = chain(3)
    top = providers[-1]
    top.startup((2, 2))
    s, peer = world.meet(top)
    sent, received, buffer = bytes(range(256)) * 16, bytearray(), bytearray(4)
    peer.sendall(sent)

    def receive() -> None:
        match way:
            case "recv":
                received.extend(top.recv(s, 4))
            case "recvfrom":
                received.extend(top.recvfrom(s, 4)[0])
            case _:
                received.extend(buffer[: top.recv_into(s, buffer)])

    moment, raised = 0, True
    while raised:
        interrupting = Striking(moment)
        interrupting.run(receive)
        raised = interrupting.raised
        moment += 1 if EVERY else 3
        assert received == sent[: len(received)], f"bytes were lost at moment {moment}"
    while len(received) < len(sent):
        receive()
    assert received == sent
    assert [layer.stats().bytes_received for layer in providers] == [len(sent)] * 4
    top.cleanup()


# --- operations -----------------------------------------------------------------------------------------------------


def test_operations_of_three_layers_are_waited_for_cancelled_and_awaited(world: "World") -> None:
    providers = chain(3)
    top = providers[-1]
    top.startup((2, 2))
    s, peer = world.meet(top)
    operation = top.recv_overlapped(s, 7)
    assert repr(operation) == "<Overlapped pending, 0 of 7 bytes>"
    assert operation.wait(0) is operation.done is False
    with refused(996):
        operation.result(0)
    told = threading.Event()
    cancelled = top.recv_overlapped(s, 7, told, lambda *_: None)
    assert (cancelled.cancel(), cancelled.cancel(), cancelled.error()) == (True, False, 995)
    assert told.wait(world.patience)
    peer.sendall(b"hello")
    assert operation.result(world.patience) == b"hello"

    async def main() -> bytes:
        receiving = asyncio.ensure_future(_result(top.recv_overlapped(s, 10)))
        await asyncio.sleep(0)
        receiving.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await receiving
        peer.sendall(b"for the next")
        assert await top.send_overlapped(s, [b"ba", b"ck"]) == 4
        return await asyncio.wait_for(_result(top.recv_overlapped(s, 12)), world.patience)

    assert asyncio.run(main()) == b"for the next"
    assert peer.recv(4) == b"back"
    last = top.recv_overlapped(s, 1)
    waiting = world.in_thread(last.wait)
    top.cleanup()
    assert (waiting.result(world.patience), last.error()) == (True, 995)
    assert [layer.stats().bytes_received for layer in providers] == [17] * 4


async def _result(operation: Any) -> bytes:
    return await operation  # type: ignore[no-any-return]


def test_an_interrupted_begin_of_an_operation_loses_nothing_that_comes(world: "World") -> None:
    providers = chain(3)
    top = providers[-1]
    top.startup((2, 2))
    s, peer = world.meet(top)
    moment, raised, received, sent = 0, True, b"", b""
    while raised:
        begun: list[Any] = []
        interrupting = Striking(moment)
        interrupting.run(lambda: begun.append(top.recv_overlapped(s, 1)))  # noqa: B023 - run at once
        raised = interrupting.raised
        moment += 1 if EVERY else 7
        byte = bytes([moment % 256])
        sent += byte
        peer.sendall(byte)
        received += begun[0].result(world.patience) if begun else top.recv(s, 1)
    assert received == sent
    assert [layer.stats().bytes_received for layer in providers] == [len(sent)] * 4
    top.cleanup()


# --- counters -------------------------------------------------------------------------------------------------------


def everything(world: "World", provider: Any) -> Stats:
    """What one can do with a provider, once each."""
    for _ in range(3):
        provider.startup((2, 2))
    provider.cleanup()
    with provider.started():
        pass
    with refused(10022):
        provider.startup(5)
    s, peer = world.meet(provider)
    provider.send(s, b"alone")
    provider.sendto(s, [b"to", b"gether"], world.address)
    provider.send_overlapped(s, b"overlapped").result(world.patience)
    peer.sendall(b"12345678" * 3)
    provider.select([s])
    assert provider.recv(s, 4, MSG_PEEK) == b"1234"
    assert (provider.recv(s, 4), provider.recvfrom(s, 4)[0], provider.recv_into(s, bytearray(8))) == (
        b"1234",
        b"5678",
        8,
    )
    assert provider.recv_overlapped(s, 100).result(world.patience) == b"12345678"
    a, b = (provider.socket(AF_INET, SOCK_DGRAM) for _ in range(2))
    provider.bind(b, ("127.0.0.1", 0))
    provider.sendto(a, b"one", provider.getsockname(b))
    assert provider.recvfrom(b, 10)[0] == b"one"
    t = provider.duplicate_socket(s)
    assert provider.snapshot().open_sockets == 3
    provider.closesocket(s)
    assert provider.snapshot().open_sockets == 3
    provider.closesocket(t)
    assert len(world.read_all(peer)) == 23
    hard, _ = world.meet(provider)
    provider.setsockopt(hard, SOL_SOCKET, SO_LINGER, (1, 0))
    twice = provider.duplicate_socket(hard)
    provider.closesocket(hard)
    provider.closesocket(twice)
    listening, client = provider.socket(AF_INET, SOCK_STREAM), provider.socket(AF_INET, SOCK_STREAM)
    provider.bind(listening, ("127.0.0.1", 0))
    provider.listen(listening)
    provider.setsockopt(listening, SOL_SOCKET, SO_LINGER, (1, 0))
    provider.connect(client, provider.getsockname(listening))
    accepted, _ = provider.accept(listening)
    provider.closesocket(accepted)  # hard, as its listener is
    for _ in range(2):
        with refused(10054):
            provider.recv(client, 1)
    provider.setsockopt(client, SOL_SOCKET, SO_LINGER, (0, 0))
    while provider.snapshot().refs:
        provider.cleanup()
    return provider.stats()  # type: ignore[no-any-return]


def test_each_layer_counts_what_the_base_would_have_counted(world: "World") -> None:
    alone = everything(world, WinsockProvider(drain_timeout=world.patience))
    providers = chain(3)
    counted = everything(world, providers[-1])
    assert counted == alone
    assert (counted.startups, counted.sockets_opened, counted.bytes_received) == (4, 7, 27)
    once = {"startups": 1, "cleanups": 1}
    for provider in providers[:-1]:
        assert provider.stats() == type(counted)(**{**fields(counted), **once})


def fields(stats: Stats) -> dict[str, int]:
    return {name: getattr(stats, name) for name in Stats.__slots__}


def test_a_layer_that_did_nothing_has_counted_nothing() -> None:
    lower = MadeUp()
    layer = LayeredWinsockProvider(lower)
    assert layer.stats() == NOTHING
    lower.fails = [WinsockError(10091)]
    with refused(10091):
        layer.startup((2, 2))
    with refused(10093):
        layer.cleanup()
    assert layer.stats() == NOTHING


def test_a_drain_that_gives_something_up_below_counts_in_every_layer(world: "World") -> None:
    base = WinsockProvider(drain_timeout=0.01)
    layers = [LayeredWinsockProvider(base)]
    for _ in range(2):
        layers.append(LayeredWinsockProvider(layers[-1]))
    top: Any = layers[-1]
    top.startup((2, 2))
    s, _ = world.meet(top)
    sent = len(fill(top, s))
    report = top.cleanup()
    assert report.sockets == 1
    for layer in layers:
        stats = layer.stats()
        assert (stats.drains, stats.drains_ended_early, stats.bytes_accepted, stats.bytes_given_up) == (1, 1, sent, 0)


def test_receives_that_have_ended_are_counted_and_not_kept(world: "World") -> None:
    top = chain(3)[-1]
    top.startup((2, 2))
    s, peer = world.meet(top)
    peer.sendall(bytes(5 * MANY))
    for _ in range(5 * MANY):
        top.recv_overlapped(s, 1).result(world.patience)
    assert len(top._layer.tally.receives) <= 2 * MANY
    assert top.stats().bytes_received == 5 * MANY
    assert top._layer.tally.receives == {}
    top.cleanup()


def test_a_connection_that_breaks_under_an_overlapped_receive_is_lost_once_in_every_layer(world: "World") -> None:
    providers = chain(3)
    top = providers[-1]
    top.startup((2, 2))
    s, peer = world.meet(top)
    operation = top.recv_overlapped(s, 1)
    layout = "hh" if sys.platform == "win32" else "ii"
    peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack(layout, 1, 0))
    peer.close()
    with refused(10054):
        operation.result(world.patience)
    for _ in range(2):
        assert [each.stats().connections_lost for each in providers] == [1, 1, 1, 1]
        with pytest.raises(WinsockError):
            top.send(s, b"x")
    top.cleanup()


def test_a_layer_that_is_unloaded_keeps_no_operation(world: "World") -> None:
    """Neither one that has ended nor one that the last cleanup has cancelled; nobody need ask for figures."""
    providers = chain(3)
    top = providers[-1]
    top.startup((2, 2))
    s, peer = world.meet(top)
    peer.sendall(b"x")
    assert top.recv_overlapped(s, 1).result(world.patience) == b"x"
    cancelled = top.recv_overlapped(s, 1)
    assert len(top._layer.tally.receives) == 2
    top.cleanup()
    assert cancelled.error() == 995
    assert [each._layer.tally.receives for each in providers[1:]] == [{}, {}, {}]
    assert top.stats().bytes_received == 1


def test_figures_of_a_layer_are_of_one_moment_though_others_go_on() -> None:
    """A socket is opened, and receives, while they are read: they are those of before, or those behind it."""
    layer = LayeredWinsockProvider(MadeUp())
    layer.startup((2, 2))

    class Meanwhile(Tally):
        __slots__ = ()

        @property
        def accepted(self) -> int:  # another thread comes at the worst moment
            if not layer._layer.history.now().sockets_opened:
                layer.socket(AF_INET, SOCK_STREAM)
            return 5

        @accepted.setter
        def accepted(self, value: int) -> None: ...

    stats = stats_of(layer._layer.history, Meanwhile())
    assert (stats.sockets_opened, stats.bytes_accepted) == (1, 5)
    layer.cleanup()


def test_figures_of_a_layer_add_up_at_every_moment(world: "World") -> None:
    top = chain(3)[-1]
    top.startup((2, 2))
    over = threading.Event()

    def use() -> None:
        for _ in range(20):
            top.startup((2, 2))
            top.closesocket(top.socket(AF_INET, SOCK_DGRAM))
            top.cleanup()

    def look() -> int:
        looks = 0
        while not over.is_set():
            stats = top.stats()
            assert 1 <= stats.startups - stats.cleanups <= 4
            assert 0 <= stats.sockets_opened - stats.sockets_closed <= 3
            looks += 1
        return looks

    looking = world.in_thread(look)
    for user in [world.in_thread(use) for _ in range(3)]:
        user.result(world.patience)
    over.set()
    assert looking.result(world.patience) > 0
    top.cleanup()
    stats = top.stats()
    assert (stats.startups, stats.cleanups, stats.sockets_opened, stats.sockets_closed) == (61, 61, 60, 60)


# --- what objects tell ----------------------------------------------------------------------------------------------

BELOW = (
    "<LayeredWinsockProvider RUNNING refs=1 epoch=1 sockets=1 over <WinsockProvider RUNNING refs=1 epoch=1 sockets=1>>"
)
SHOWN: dict[str, tuple[Callable[[Any, int], object], str]] = {
    "layer": (lambda p, _s: p, f"<LayeredWinsockProvider RUNNING refs=1 epoch=1 sockets=1 over {BELOW}>"),
    "receive": (lambda p, s: p.recv_overlapped(s, 7), "<Overlapped pending, 0 of 7 bytes>"),
    "startup": (lambda p, _s: p.started(), "<block of a startup, not begun>"),
    "socket": (lambda p, s: p.closing(s), "<block of socket 1, not begun>"),
}


@pytest.mark.parametrize("name", SHOWN)
def test_objects_of_layers_tell_what_they_are(world: "World", name: str) -> None:
    top = chain(2)[-1]
    with top.started():
        s, _ = world.meet(top)
        make, shown = SHOWN[name]
        assert repr(make(top, s)) == shown


def test_the_one_layer_of_a_process_stands_on_its_one_base() -> None:
    layer = LayeredWinsockProvider.process()
    assert layer is LayeredWinsockProvider.process()
    assert layer.lower is WinsockProvider.process()
    with layer.started():
        assert WinsockProvider.process().snapshot().refs == 1
    assert WinsockProvider.process().snapshot().phase is Phase.UNLOADED


def test_the_last_error_of_a_layer_can_be_set() -> None:
    layer = LayeredWinsockProvider(MadeUp())
    layer.remember_error(10035)
    assert layer.get_last_error() == 10035
