"""Ctrl-C, signal handlers and finalizers at any moment: nothing hangs or is half made, no byte is lost or doubled.

KeyboardInterrupt is raised at every call and every return inside a public call, one run for each. A short form runs
with every change; QUIESCE_INTERRUPTS=1 asks for all of it, QUIESCE_SIGNALS for so many real signals at random moments.
"""

import contextlib
import gc
import random
import signal
import socket
import sys
import threading
from collections.abc import Callable
from functools import partial
from types import FrameType
from typing import TYPE_CHECKING

import pytest
from winsock_provider import (
    AF_INET,
    FIONBIO,
    SO_LINGER,
    SOCK_DGRAM,
    SOCK_STREAM,
    SOL_SOCKET,
    Phase,
    Report,
    WinsockError,
    WinsockProvider,
    process,
)
from winsock_provider.core import Refused, WinsockProviderCore
from winsock_provider.request import Plan, Request

from tests.provider.interrupting import SIGNALS, STRIDE, Interrupting, handling, interrupted, soon, until_interrupted

if TYPE_CHECKING:
    from tests.provider.conftest import World

Scene = Callable[[WinsockProvider, int, socket.socket], Callable[[], object]]


def receiving(provider: WinsockProvider, s: int, peer: socket.socket) -> Callable[[], object]:
    peer.sendall(b"12345")
    return lambda: provider.recv(s, 5)


def waiting_for_a_peer(provider: WinsockProvider, _s: int, _peer: socket.socket) -> Callable[[], object]:
    listening = provider.socket(AF_INET, SOCK_STREAM)
    provider.bind(listening, ("127.0.0.1", 0))
    provider.listen(listening)
    provider.ioctl(listening, FIONBIO, True)
    client = provider.socket(AF_INET, SOCK_STREAM)
    provider.connect(client, provider.getsockname(listening))
    provider.select([listening], timeout=10)
    return lambda: provider.accept(listening)


def connecting_by_name(provider: WinsockProvider, _s: int, peer: socket.socket) -> Callable[[], object]:
    port = peer.getsockname()[1]  # that of the listening peer
    return partial(provider.connect, provider.socket(AF_INET, SOCK_STREAM), ("localhost", port))


def listening(provider: WinsockProvider, _s: int, _peer: socket.socket) -> Callable[[], object]:
    s = provider.socket(AF_INET, SOCK_STREAM)
    provider.bind(s, ("127.0.0.1", 0))
    return partial(provider.listen, s)


def closing_in_time(provider: WinsockProvider, s: int, _peer: socket.socket) -> Callable[[], object]:
    provider.setsockopt(s, SOL_SOCKET, SO_LINGER, (1, 5))
    return lambda: provider.closesocket(s)


SCENES: dict[str, Scene] = {
    "startup": lambda p, _s, _peer: lambda: p.startup((2, 2)),
    "cleanup": lambda p, _s, _peer: p.cleanup,
    "socket": lambda p, _s, _peer: lambda: p.socket(AF_INET, SOCK_STREAM),
    "accept": waiting_for_a_peer,
    "closesocket": lambda p, s, _peer: lambda: p.closesocket(s),
    "closesocket, timed": closing_in_time,
    "duplicate_socket": lambda p, s, _peer: lambda: p.duplicate_socket(s),
    "send": lambda p, s, _peer: lambda: p.send(s, b"abc"),
    "send_overlapped": lambda p, s, _peer: lambda: p.send_overlapped(s, b"abc", threading.Event()),
    "recv": receiving,
    "recv_overlapped": lambda p, s, _peer: lambda: p.recv_overlapped(s, 5, threading.Event()),
    "select": lambda p, s, _peer: lambda: p.select([s], [s], [s], 1),
    "shutdown": lambda p, s, _peer: lambda: p.shutdown(s, 1),
    "snapshot": lambda p, _s, _peer: p.snapshot,
    "connect, by name": connecting_by_name,
    "bind, by name": lambda p, _s, _peer: partial(p.bind, p.socket(AF_INET, SOCK_STREAM), ("localhost", 0)),
    "listen": listening,
    "sendto": lambda p, _s, _peer: partial(p.sendto, p.socket(AF_INET, SOCK_DGRAM), b"abc", ("127.0.0.1", 9)),
    "setsockopt": lambda p, s, _peer: partial(p.setsockopt, s, SOL_SOCKET, SO_LINGER, (0, 7)),
    "ioctl": lambda p, s, _peer: partial(p.ioctl, s, FIONBIO, True),
    "getpeername": lambda p, s, _peer: partial(p.getpeername, s),
    "gethostbyname": lambda p, _s, _peer: partial(p.gethostbyname, "localhost"),
}


@pytest.mark.parametrize("name", SCENES)
def test_an_interrupt_at_any_moment_of_a_call_leaves_a_provider_that_works(world: "World", name: str) -> None:
    moment, raised = 0, True
    while raised:
        provider = WinsockProvider(drain_timeout=world.patience)
        provider.startup((2, 2))
        s, peer = world.meet(provider)
        interrupting = Interrupting(moment)
        interrupting.run(SCENES[name](provider, s, peer))
        raised = interrupting.raised
        moment += STRIDE
        assert raised or moment > STRIDE
        world.agree(provider)
        world.in_thread(lambda p=provider: clean_up_entirely(p)).result(world.patience)  # type: ignore[misc]
        with contextlib.suppress(ConnectionResetError):  # where the peer has sent what nobody has read
            assert world.read_all(peer) in (b"", b"abc")
        peer.close()
        provider.startup((2, 2))
        assert provider.snapshot().open_sockets == 0
        provider.cleanup()


@pytest.mark.parametrize("hooked", [False, True])
def test_an_interrupt_at_any_moment_of_the_first_startup_leaves_nothing(world: "World", hooked: bool) -> None:
    class Hooks:
        held = 0

        def initialise(self) -> None:
            self.held += 1

        def released(self, epoch: int) -> None:
            assert epoch
            self.held -= 1

    moment, raised = 0, True
    while raised:
        hooks = Hooks()
        provider = WinsockProvider(hooks=hooks if hooked else None)
        interrupting = Interrupting(moment)
        interrupting.run(lambda: provider.startup((2, 2)))  # noqa: B023 - run at once
        raised = interrupting.raised
        moment += STRIDE
        world.in_thread(lambda p=provider: clean_up_entirely(p)).result(world.patience)  # type: ignore[misc]
        world.wait_until(lambda: provider.snapshot().phase is Phase.UNLOADED)  # noqa: B023
        assert hooks.held == 0
        world.in_thread(lambda p=provider: p.startup((2, 2))).result(world.patience)  # type: ignore[misc]
        provider.cleanup()


def clean_up_entirely(provider: WinsockProvider) -> None:
    while provider.snapshot().refs:
        provider.cleanup()


def test_what_an_interrupted_receive_had_is_received_by_the_next(world: "World", provider: WinsockProvider) -> None:
    s, peer = world.meet(provider)
    sent, received = bytes(range(256)) * 8, bytearray()
    peer.sendall(sent)

    def receive() -> None:
        received.extend(provider.recv(s, 16))

    moment, raised = 0, True
    while raised:
        interrupting = Interrupting(moment, keeps_result=True)
        interrupting.run(receive)
        receive()
        raised = interrupting.raised
        moment += 1
    while len(received) < len(sent):
        receive()
    assert received == sent


if sys.platform != "win32":

    def test_interrupts_at_random_moments_of_a_busy_program(world: "World") -> None:
        provider = WinsockProvider(drain_timeout=world.patience)
        chance = random.Random(12)  # noqa: S311 - a fixed seed is the point
        with handling(signal.SIGUSR1, interrupted):
            for _ in range(SIGNALS):
                provider.startup((2, 2))
                with contextlib.suppress(KeyboardInterrupt):
                    soon(signal.SIGUSR1, chance.random() / 100)
                    open_and_close_for_ever(provider)
                world.in_thread(lambda: clean_up_entirely(provider)).result(world.patience)
        assert provider.snapshot().phase is Phase.UNLOADED

    def test_an_interrupted_close_neither_loses_nor_doubles_a_byte(world: "World") -> None:
        provider = WinsockProvider(drain_timeout=world.patience)
        block = random.Random(3).randbytes(1 << 20)  # noqa: S311 - a fixed seed is the point
        chance = random.Random(4)  # noqa: S311 - a fixed seed is the point
        with handling(signal.SIGUSR1, interrupted):
            for _ in range(max(5, SIGNALS // 10)):
                provider.startup((2, 2))
                s, peer = world.meet(provider)
                received = world.in_thread(lambda peer=peer: world.read_all(peer))  # type: ignore[misc]
                for _ in range(4):
                    provider.send(s, block)
                try:
                    soon(signal.SIGUSR1, chance.random() / 500)
                    provider.closesocket(s)
                    for _ in until_interrupted():
                        provider.snapshot()
                except KeyboardInterrupt:
                    pass
                world.in_thread(lambda: clean_up_entirely(provider)).result(world.patience)
                assert received.result(world.patience) == block * 4
                peer.close()

    def open_and_close_for_ever(provider: WinsockProvider) -> None:
        for _ in until_interrupted():
            provider.closesocket(provider.socket(AF_INET, SOCK_STREAM))

    def test_a_signal_handler_may_clean_up(world: "World") -> None:
        chance = random.Random(5)  # noqa: S311 - a fixed seed is the point
        for _ in range(SIGNALS):
            provider = WinsockProvider(drain_timeout=world.patience)
            provider.startup((2, 2))
            reports: list[Report] = []
            with handling(signal.SIGUSR1, lambda *_: reports.append(provider.cleanup())):  # noqa: B023
                soon(signal.SIGUSR1, chance.random() / 100)
                with pytest.raises(WinsockError) as ended:
                    open_and_close_for_ever(provider)
            assert ended.value.winerror in (10093, 10038)
            assert reports == [Report()]
            assert provider.snapshot().phase is Phase.UNLOADED


def test_a_finalizer_may_call_in_on_any_thread(world: "World", provider: WinsockProvider) -> None:
    """The collector runs finalizers on whatever thread allocates, the owner's own thread included."""
    failures: list[BaseException] = []

    class Held:
        def __init__(self) -> None:
            self.s = provider.socket(AF_INET, SOCK_STREAM)
            self.self = self

        def __del__(self) -> None:
            try:
                provider.closesocket(self.s)
            except BaseException as failure:
                failures.append(failure)

    before = gc.get_threshold()
    Held()
    gc.set_threshold(1, 1, 1)
    try:
        for _ in range(20):
            Held()
    finally:
        gc.set_threshold(*before)
    Held()
    world.on_owner(provider, gc.collect)
    world.wait_until(lambda: provider.snapshot().open_sockets == 0)
    assert failures == []


def test_a_finalizer_on_the_owners_thread_is_told_that_it_cannot_wait(
    world: "World", provider: WinsockProvider
) -> None:
    s, _ = world.meet(provider)

    def inside() -> int:
        with pytest.raises(WinsockError) as refused:
            provider.recv(s, 1)
        provider.closesocket(s)  # follows right behind
        return refused.value.winerror

    assert world.on_owner(provider, inside) == 10036
    assert provider.snapshot().open_sockets == 0


def test_no_code_but_the_drop_runs_when_a_provider_is_collected() -> None:
    """Whatever Python raises in a function that the collector calls is lost, and so would be a Ctrl-C in there."""
    called: list[str] = []

    def profile(frame: FrameType, event: str, _argument: object) -> None:
        if event == "call" and "winsock_provider" in frame.f_code.co_filename:
            called.append(frame.f_code.co_name)

    provider = WinsockProvider()
    gc.collect()  # what others have left
    sys.setprofile(profile)
    try:
        del provider
        gc.collect()
    finally:
        sys.setprofile(None)
    assert called == ["dropped"]


def test_owners_that_are_gone_are_forgotten() -> None:
    for _ in range(3):
        WinsockProvider()
    gc.collect()
    provider = WinsockProvider()
    known = process._registry._known
    assert [owner for owner, _ in process._registry._owners()].count(provider._owner) == 1
    assert all(reference() is not None for reference, _ in known.values())


def test_a_ring_that_was_cut_off_is_made_good_by_whoever_waits(
    provider: WinsockProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("winsock_provider.owner.GLANCE", 0.01)
    owner = provider._owner
    request = owner.request(Plan(now=lambda: 5))
    owner.desk.inbox.append(request)  # and nobody rings
    assert owner.wait_for(request) == 5


def test_a_call_of_another_life_is_not_waited_for(provider: WinsockProvider, monkeypatch: pytest.MonkeyPatch) -> None:
    """A fork within a call leaves the child with a request that only the parent could answer."""
    monkeypatch.setattr("winsock_provider.owner.GLANCE", 0.01)
    parents = Request(Plan(now=lambda: 5), WinsockProviderCore(), inside=False)
    with pytest.raises(Refused, match="WSANOTINITIALISED"):
        provider._owner.wait_for(parents)


def test_who_waits_for_a_release_is_served_without_looking(world: "World", monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("winsock_provider.owner.GLANCE", 2 * world.patience)
    provider = WinsockProvider()

    def pairs() -> None:
        for _ in range(100):
            provider.startup((2, 2))
            provider.cleanup()

    for caller in [world.in_thread(pairs) for _ in range(4)]:
        caller.result(world.patience)


def test_a_thread_that_comes_too_late_to_be_the_owner_goes_away(world: "World") -> None:
    owner = WinsockProvider()._owner
    world.in_thread(lambda: owner._own(owner.desk)).result(world.patience)
