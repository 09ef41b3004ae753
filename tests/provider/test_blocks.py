"""Startups and sockets that belong to a block: given back at its end, wherever an interrupt strikes, and only once."""

import gc
import os
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from winsock_provider import (
    AF_INET,
    FIONBIO,
    SO_LINGER,
    SOCK_STREAM,
    SOL_SOCKET,
    NoHooks,
    Phase,
    WinsockError,
    WinsockProvider,
    WSPData,
)

from tests.provider.interrupting import STRIDE, Interrupting, Striking
from tests.provider.test_cleanup import fill

if TYPE_CHECKING:
    from tests.provider.conftest import World

KINDS = pytest.mark.parametrize("kind", [Interrupting, Striking])


def test_a_block_counts_as_one_startup() -> None:
    provider = WinsockProvider()
    with provider.started((1, 1)) as data:
        assert data == WSPData((1, 1), (2, 2))
        with provider.started(upcalls={"WPUPostMessage": print}) as inner:
            assert inner.version == (2, 2)
            assert provider.snapshot().refs == 2
            assert provider.upcalls is not None
        assert provider.snapshot().refs == 1
    assert provider.snapshot().phase is Phase.UNLOADED
    assert (provider.stats().startups, provider.stats().cleanups) == (2, 2)


def test_the_error_of_the_block_and_of_a_startup_are_raised() -> None:
    provider = WinsockProvider(versions=[(2, 2)])
    with pytest.raises(ZeroDivisionError), provider.started():
        raise ZeroDivisionError
    with pytest.raises(WinsockError, match="WSAVERNOTSUPPORTED"), provider.started((1, 0)):
        pytest.fail("it was not started")
    assert provider.snapshot().phase is Phase.UNLOADED


def test_a_block_begins_only_once() -> None:
    provider = WinsockProvider()
    block = provider.started()
    with block, pytest.raises(RuntimeError, match="only once"), block:
        pytest.fail("it began twice")
    assert repr(block) == "<block of a startup, ended>"
    assert provider.snapshot().refs == 0


def test_a_startup_that_others_have_undone_is_told() -> None:
    provider = WinsockProvider()
    with pytest.raises(WinsockError, match="WSANOTINITIALISED"), provider.started():
        provider.cleanup()


@KINDS
@pytest.mark.parametrize(("hooked", "nested"), [(False, True), (True, False)], ids=["nested", "first"])
def test_an_interrupt_at_any_moment_of_a_block_leaves_nothing_started(
    world: "World", kind: type[Interrupting], hooked: bool, nested: bool
) -> None:
    moment, raised = 0, True
    while raised:
        provider = WinsockProvider(hooks=NoHooks() if hooked else None)
        if nested:
            provider.startup((2, 2))

        def use() -> None:
            with provider.started((2, 2)):  # noqa: B023 - run at once
                pass

        interrupting = kind(moment)
        interrupting.run(use)
        raised = interrupting.raised
        moment += STRIDE
        gc.collect()
        world.wait_until(lambda: provider.snapshot().refs == nested)  # noqa: B023
        if nested:
            provider.cleanup()
        assert provider.wait_released(world.patience)


@KINDS
def test_an_interrupt_at_any_moment_of_a_block_leaves_no_socket_open(
    world: "World", provider: WinsockProvider, kind: type[Interrupting]
) -> None:
    moment, raised = 0, True

    def use() -> None:
        with provider.opened(AF_INET, SOCK_STREAM) as s:
            provider.ioctl(s, FIONBIO, True)

    while raised:
        interrupting = kind(moment)
        interrupting.run(use)
        raised = interrupting.raised
        moment += STRIDE
        gc.collect()
        world.wait_until(lambda: provider.snapshot().open_sockets == 0)


def test_a_socket_is_closed_when_its_block_ends(world: "World", provider: WinsockProvider) -> None:
    with provider.opened(AF_INET, SOCK_STREAM) as s:
        provider.connect(s, world.address)
        peer = world.accept()
        provider.send(s, b"hello")
    assert world.read_all(peer) == b"hello"
    with pytest.raises(WinsockError, match="WSAENOTSOCK"):
        provider.send(s, b"late")
    with pytest.raises(WinsockError, match="WSAEAFNOSUPPORT"), provider.opened(99, SOCK_STREAM):
        pytest.fail("it was not opened")


def test_a_socket_that_is_there_already_may_belong_to_a_block(world: "World", provider: WinsockProvider) -> None:
    s, peer = world.meet(provider)
    unused = provider.closing(s)
    del unused
    gc.collect()
    with provider.closing(provider.duplicate_socket(s)) as t:
        assert provider.send(t, b"twice") == 5
    assert provider.send(s, b"once") == 4
    with provider.closing(s):
        provider.closesocket(s)  # it may be closed before
    assert world.read_all(peer) == b"twiceonce"


def test_a_block_that_outlives_the_provider_has_nothing_to_close(provider: WinsockProvider) -> None:
    with provider.opened(AF_INET, SOCK_STREAM):
        provider.cleanup()
    provider.startup((2, 2))


def test_a_close_that_would_block_is_told_and_leaves_the_socket(world: "World", provider: WinsockProvider) -> None:
    s, _ = world.meet(provider)
    fill(provider, s)
    provider.setsockopt(s, SOL_SOCKET, SO_LINGER, (1, 10))
    provider.ioctl(s, FIONBIO, True)
    with pytest.raises(WinsockError, match="WSAEWOULDBLOCK"), provider.closing(s):
        pass
    assert provider.snapshot().open_sockets == 1
    provider.setsockopt(s, SOL_SOCKET, SO_LINGER, (1, 0))
    provider.closesocket(s)


if sys.platform != "win32":

    def test_a_child_that_leaves_the_block_of_its_parent_undoes_nothing() -> None:
        provider = WinsockProvider()
        child = -1
        code = 1
        try:
            with provider.started():
                child = os.fork()
            code = 0
        finally:
            if child == 0:
                os._exit(code)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
        assert provider.snapshot().phase is Phase.UNLOADED


SHOWN: dict[str, tuple[Callable[[WinsockProvider, int], object], str]] = {
    "provider": (lambda p, _s: p, "<WinsockProvider RUNNING refs=1 epoch=1 sockets=1>"),
    "receive": (lambda p, s: p.recv_overlapped(s, 7), "<Overlapped pending, 0 of 7 bytes>"),
    "send": (lambda p, s: p.send_overlapped(s, b"x"), "<Overlapped done, 1 of 1 bytes>"),
    "startup": (lambda p, _s: p.started(), "<block of a startup, not begun>"),
    "socket": (lambda p, s: p.closing(s), "<block of socket 1, not begun>"),
    "answer": (lambda p, _s: p.started().__enter__(), "WSPData(version=(2, 2), high_version=(2, 2))"),
}


@pytest.mark.parametrize("name", SHOWN)
def test_objects_tell_what_they_are(world: "World", provider: WinsockProvider, name: str) -> None:
    make, shown = SHOWN[name]
    s, _ = world.meet(provider)
    assert repr(make(provider, s)) == shown


def test_a_cancelled_operation_tells_why(world: "World", provider: WinsockProvider) -> None:
    s, _ = world.meet(provider)
    operation = provider.recv_overlapped(s, 7)
    operation.cancel()
    assert repr(operation) == "<Overlapped WSA_OPERATION_ABORTED, 0 of 7 bytes>"
    assert repr(WinsockError(10093)) == "WinsockError(10093, 'WSANOTINITIALISED')"
