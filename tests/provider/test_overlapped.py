"""Overlapped operations: how they end, and who is told."""

import select
import threading
from typing import TYPE_CHECKING

import pytest
from winsock_provider import AF_INET, FIONBIO, SOCK_DGRAM, WinsockError, WinsockProvider

if TYPE_CHECKING:
    from tests.provider.conftest import World


class Recorder:
    """A completion routine."""

    def __init__(self) -> None:
        self.calls: list[tuple[int, int]] = []
        self.called = threading.Event()

    def __call__(self, error: int, transferred: int) -> None:
        self.calls.append((error, transferred))
        self.called.set()


def test_receive_that_is_pending_until_data_arrives(world: "World", provider: WinsockProvider) -> None:
    s, peer = world.meet(provider)
    event, routine = threading.Event(), Recorder()
    operation = provider.recv_overlapped(s, 100, event, routine)
    assert (operation.error(), operation.done) == (997, False)
    assert not event.is_set()
    world.agree(provider)
    peer.sendall(b"hello")
    assert routine.called.wait(world.patience)
    assert event.is_set()
    assert (operation.error(), operation.result(), routine.calls) == (0, b"hello", [(0, 5)])
    world.agree(provider)


def test_receives_are_served_in_order(world: "World", provider: WinsockProvider) -> None:
    s, peer = world.meet(provider)
    events = [threading.Event() for _ in range(3)]
    operations = [provider.recv_overlapped(s, 2, event) for event in events]
    waiting = world.in_thread(lambda: provider.recv(s, 2))
    world.wait_for_blocked(provider)
    peer.sendall(b"aabbccdd")
    assert waiting.result(world.patience) == b"dd"
    assert all(event.wait(world.patience) for event in events)
    assert [operation.result() for operation in operations] == [b"aa", b"bb", b"cc"]


def test_plain_receive_does_not_overtake_a_pending_one(world: "World", provider: WinsockProvider) -> None:
    s, peer = world.meet(provider)
    provider.ioctl(s, FIONBIO, True)
    routine = Recorder()
    operation = provider.recv_overlapped(s, 2, routine=routine)

    def meanwhile() -> None:  # on the owner's thread, which thus cannot serve the pending one yet
        peer.sendall(b"aabb")
        assert select.select([provider._owner.desk.descriptors[s].os_socket], [], [], world.patience)[0]
        with pytest.raises(WinsockError, match="WSAEWOULDBLOCK"):
            next(provider._recv(s, 2, 0))

    world.on_owner(provider, meanwhile)
    assert routine.called.wait(world.patience)
    assert (operation.result(), provider.recv(s, 2)) == (b"aa", b"bb")


def test_small_send_is_done_at_once(world: "World", provider: WinsockProvider) -> None:
    s, peer = world.meet(provider)
    event = threading.Event()
    operation = provider.send_overlapped(s, b"hello", event)
    assert (operation.error(), operation.result()) == (0, 5)
    assert event.wait(world.patience)
    assert peer.recv(10) == b"hello"


def test_large_send_is_pending_until_the_kernel_has_taken_it(world: "World", provider: WinsockProvider) -> None:
    s, peer = world.meet(provider)
    first, second = Recorder(), Recorder()
    large = provider.send_overlapped(s, b"a" * (16 << 20), routine=first)
    small = provider.send_overlapped(s, b"b", routine=second)
    assert (large.error(), small.error()) == (997, 997)
    received = world.in_thread(lambda: world.read_all(peer))
    assert second.called.wait(world.patience)
    assert (first.calls, second.calls) == ([(0, 16 << 20)], [(0, 1)])
    world.agree(provider)
    provider.closesocket(s)
    assert received.result(world.patience) == b"a" * (16 << 20) + b"b"


def test_close_cancels_and_performs_the_completion(world: "World", provider: WinsockProvider) -> None:
    s, peer = world.meet(provider)
    event, receiving, sending = threading.Event(), Recorder(), Recorder()
    receive = provider.recv_overlapped(s, 100, event, receiving)
    send = provider.send_overlapped(s, b"x" * (16 << 20), routine=sending)
    provider.closesocket(s)
    assert (receive.error(), send.error()) == (995, 995)
    assert event.is_set()
    assert (receiving.calls, sending.calls) == ([(995, 0)], [(995, 0)])
    assert len(world.read_all(peer)) == 16 << 20


def test_last_cleanup_cancels_in_silence(world: "World") -> None:
    provider = WinsockProvider(drain_timeout=world.patience)
    provider.startup((2, 2))
    s, peer = world.meet(provider)
    event, receiving, sending = threading.Event(), Recorder(), Recorder()
    receive = provider.recv_overlapped(s, 100, event, receiving)
    send = provider.send_overlapped(s, b"x" * (16 << 20), routine=sending)
    cleaned = world.in_thread(provider.cleanup)
    assert len(world.read_all(peer)) == 16 << 20
    cleaned.result(world.patience)
    assert (receive.error(), send.error()) == (995, 995)
    assert not event.is_set()
    assert (receiving.calls, sending.calls) == ([], [])


def test_nested_cleanup_leaves_operations_alone(world: "World", provider: WinsockProvider) -> None:
    s, peer = world.meet(provider)
    event = threading.Event()
    operation = provider.recv_overlapped(s, 100, event)
    provider.startup((2, 2))
    provider.cleanup()
    assert operation.error() == 997
    peer.sendall(b"hello")
    assert event.wait(world.patience)
    assert operation.result() == b"hello"


def test_lost_connection_ends_operations_with_its_error(world: "World", provider: WinsockProvider) -> None:
    s, peer = world.meet(provider)
    routine = Recorder()
    operation = provider.send_overlapped(s, b"x" * (16 << 20), routine=routine)
    peer.close()
    assert routine.called.wait(world.patience)
    assert (operation.error(), routine.calls) == (10054, [(10054, 0)])
    world.agree(provider)


def test_routine_may_use_the_provider_but_not_wait_for_its_own_thread(
    world: "World", provider: WinsockProvider
) -> None:
    s, peer = world.meet(provider)
    outcome: list[object] = []
    done = threading.Event()

    def routine(_error: int, _transferred: int) -> None:
        provider.send(s, b"thanks")
        for call in (lambda: provider.recv(s, 1), provider.cleanup):
            try:
                call()
            except WinsockError as refused:
                outcome.append(refused.winerror)
        done.set()

    provider.recv_overlapped(s, 100, routine=routine)
    peer.sendall(b"hello")
    assert done.wait(world.patience)
    assert outcome == [10036, 10036]
    assert peer.recv(10) == b"thanks"
    assert provider.snapshot().refs == 1


def test_exception_of_a_routine_goes_to_the_thread_hook_and_the_provider_lives_on(
    world: "World", provider: WinsockProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[BaseException | None] = []
    monkeypatch.setattr(threading, "excepthook", lambda arguments: seen.append(arguments.exc_value))
    s, peer = world.meet(provider)
    failure = ValueError("in the routine")

    def routine(_error: int, _transferred: int) -> None:
        raise failure

    first = threading.Event()
    provider.recv_overlapped(s, 1, first, routine)
    second = Recorder()
    provider.recv_overlapped(s, 1, routine=second)
    peer.sendall(b"ab")
    assert second.called.wait(world.patience)
    assert seen == [failure]


def test_datagrams_overlap_too(world: "World", provider: WinsockProvider) -> None:
    s, t = provider.socket(AF_INET, SOCK_DGRAM), provider.socket(AF_INET, SOCK_DGRAM)
    provider.bind(s, ("127.0.0.1", 0))
    provider.connect(t, provider.getsockname(s))
    event = threading.Event()
    operation = provider.recv_overlapped(s, 100, event)
    assert provider.send_overlapped(t, b"hello").error() == 0
    assert event.wait(world.patience)
    assert operation.result() == b"hello"
