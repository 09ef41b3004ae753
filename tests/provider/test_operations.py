"""Waiting for an overlapped operation, cancelling it, and its result."""

import os
import socket
import sys
import threading
from typing import TYPE_CHECKING

import pytest
from winsock_provider import SD_SEND, Overlapped, WinsockError, WinsockProvider

from tests.provider.conftest import collapse_entirely
from tests.provider.interrupting import STRIDE, Interrupting
from tests.provider.test_cleanup import fill

if TYPE_CHECKING:
    from tests.provider.conftest import World


class Told:
    """An event and a routine, and what they were told."""

    def __init__(self) -> None:
        self.event = threading.Event()
        self.calls: list[tuple[int, int]] = []

    def routine(self, error: int, size: int) -> None:
        self.calls.append((error, size))


def receiving(world: "World", provider: WinsockProvider) -> tuple[Overlapped[bytes], int, socket.socket]:
    s, peer = world.meet(provider)
    return provider.recv_overlapped(s, 10), s, peer


def test_a_wait_ends_with_the_operation(world: "World", provider: WinsockProvider) -> None:
    operation, _, peer = receiving(world, provider)
    waiting = [world.in_thread(lambda timeout=timeout: operation.wait(timeout)) for timeout in (None, 100.0)]  # type: ignore[misc]
    world.wait_until(lambda: len(operation._waiters) == 2)
    assert operation.wait(0) is operation.wait(-1) is operation.wait(0.01) is operation.done is False
    peer.sendall(b"hello")
    assert [one.result(world.patience) for one in waiting] == [True, True]
    assert operation.wait(0) is True
    assert (operation.result(), operation.result(0), operation.transferred) == (b"hello", b"hello", 5)
    assert operation._waiters == []


def test_a_result_that_is_not_there_yet_is_refused(world: "World", provider: WinsockProvider) -> None:
    operation, _, _ = receiving(world, provider)
    with pytest.raises(WinsockError, match="WSA_IO_INCOMPLETE"):
        operation.result(0)
    for timeout in ("soon", float("nan")):
        with pytest.raises(WinsockError, match="not a number of seconds"):
            operation.wait(timeout)  # type: ignore[arg-type]


def test_a_send_is_waited_for_too(world: "World", provider: WinsockProvider) -> None:
    s, peer = world.meet(provider)
    size = 16 << 20
    operation = provider.send_overlapped(s, bytes(size))
    provider.shutdown(s, SD_SEND)
    assert not operation.done
    received = world.in_thread(lambda: len(world.read_all(peer)))
    assert operation.result(world.patience) == size
    assert received.result(world.patience) == size


def test_a_cancelled_receive_is_told_and_leaves_what_comes_to_the_next(
    world: "World", provider: WinsockProvider
) -> None:
    s, peer = world.meet(provider)
    told, other = Told(), Told()
    first = provider.recv_overlapped(s, 5, told.event, told.routine)
    second = provider.recv_overlapped(s, 5, other.event, other.routine)
    assert first.cancel() is True
    assert first.cancel() is False
    assert (first.error(), first.done, first.transferred) == (995, True, 0)
    with pytest.raises(WinsockError, match="WSA_OPERATION_ABORTED"):
        first.result()
    assert told.event.wait(world.patience)
    world.wait_until(lambda: told.calls == [(995, 0)])
    peer.sendall(b"helloworld")
    assert second.result(world.patience) == b"hello"
    assert second.cancel() is False
    assert second.result() == b"hello"
    assert provider.recv(s, 5) == b"world"
    world.agree(provider)


def test_the_bytes_of_a_cancelled_send_are_sent_all_the_same(world: "World", provider: WinsockProvider) -> None:
    s, peer = world.meet(provider)
    told = Told()
    before = fill(provider, s)
    operation = provider.send_overlapped(s, b"cancelled", routine=told.routine)
    assert operation.cancel() is True
    assert operation.error() == 995
    world.wait_until(lambda: told.calls == [(995, 0)])
    world.agree(provider)
    provider.closesocket(s)
    assert world.read_all(peer) == before + b"cancelled"


def test_the_last_cleanup_ends_waits_without_telling_events(world: "World") -> None:
    provider = WinsockProvider()
    provider.startup((2, 2))
    s, _ = world.meet(provider)
    told = Told()
    operation = provider.recv_overlapped(s, 10, told.event, told.routine)
    waiting = world.in_thread(operation.wait)
    world.wait_until(lambda: len(operation._waiters) == 1)
    provider.cleanup()
    assert waiting.result(world.patience) is True
    assert (operation.error(), told.calls, told.event.is_set()) == (995, [], False)
    assert operation.cancel() is False


@pytest.mark.parametrize("end", ["closesocket", "reset", "collapse"])
def test_every_end_of_its_socket_ends_a_wait(world: "World", end: str) -> None:
    provider = WinsockProvider()
    provider.startup((2, 2))
    operation, s, peer = receiving(world, provider)
    waiting = world.in_thread(operation.wait)
    world.wait_until(lambda: len(operation._waiters) == 1)
    if end == "closesocket":
        provider.closesocket(s)
    elif end == "reset":
        provider.send(s, b"unread")
        world.wait_until(lambda: bool(peer.recv(1, socket.MSG_PEEK)))
        peer.close()
    else:
        collapse_entirely(provider)
    assert waiting.result(world.patience) is True
    assert operation.error() in (995, 10054)
    if end != "collapse":
        provider.cleanup()


def test_a_routine_must_not_wait_for_another_operation_but_may_cancel_it(
    world: "World", provider: WinsockProvider
) -> None:
    s, peer = world.meet(provider)
    done: list[object] = []
    t, _ = world.meet(provider)
    other = provider.recv_overlapped(t, 1)

    def routine(_error: int, _size: int) -> None:
        try:
            other.wait()
        except WinsockError as refused:
            done.append(refused.winerror)
        done.append(other.cancel())

    provider.recv_overlapped(s, 1, routine=routine)
    peer.sendall(b"x")
    world.wait_until(lambda: done == [10036, True])


def test_an_interrupted_wait_leaves_the_operation_as_it_is(world: "World", provider: WinsockProvider) -> None:
    operation, _, peer = receiving(world, provider)
    moment, raised = 0, True
    while raised:
        interrupting = Interrupting(moment)
        interrupting.run(lambda: operation.wait(0.001))
        raised = interrupting.raised
        moment += 1
        assert (operation.done, operation._waiters) == (False, [])
    peer.sendall(b"hello")
    assert operation.result(world.patience) == b"hello"


def test_an_interrupted_cancel_is_carried_out_or_has_not_begun(world: "World", provider: WinsockProvider) -> None:
    s, peer = world.meet(provider)
    moment, raised, sent, received = 0, True, 0, b""
    while raised:
        operation = provider.recv_overlapped(s, 10)
        interrupting = Interrupting(moment)
        interrupting.run(operation.cancel)
        raised = interrupting.raised
        moment += STRIDE
        world.agree(provider)
        if not operation.done:
            peer.sendall(b"x")
            sent += 1
            received += operation.result(world.patience)
    assert operation.error() == 995
    assert len(received) == sent


if sys.platform != "win32":

    def test_a_forked_child_does_not_wait_for_the_operations_of_its_parent(
        world: "World", provider: WinsockProvider
    ) -> None:
        operation, _, peer = receiving(world, provider)
        child = os.fork()
        if child == 0:
            code = 1
            try:
                try:
                    operation.wait()
                except WinsockError as refused:
                    code = 0 if refused.winerror == 10050 and operation.cancel() is False else 1
            finally:
                os._exit(code)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
        peer.sendall(b"hello")
        assert operation.result(world.patience) == b"hello"
