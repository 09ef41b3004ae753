"""The people's calls on three layers: blocks of startups and of sockets, and waits for the release."""

import gc
import os
import sys
from typing import TYPE_CHECKING, Any

import pytest
from winsock_layered_provider import LayeredWinsockProvider
from winsock_layered_provider.history import History
from winsock_layered_provider.states import State
from winsock_provider import AF_INET, FIONBIO, SOCK_STREAM, Phase, WinsockError, WSPData

from tests.provider.interrupting import EVERY, Interrupting, Striking
from tests.provider.lower import MadeUp, chain, refused
from tests.provider.test_cleanup import fill

if TYPE_CHECKING:
    from tests.provider.conftest import World

STRIDE = 1 if EVERY else 11
KINDS = pytest.mark.parametrize("kind", [Interrupting, Striking])
STARTS = pytest.mark.parametrize("eager", [True, False], ids=["eager", "lazy"])


def phases(providers: list[Any]) -> list[Phase]:
    return [provider.snapshot().phase for provider in providers]


UNLOADED = [Phase.UNLOADED] * 4
RUNNING = [Phase.RUNNING] * 4


# --- blocks ---------------------------------------------------------------------------------------------------------


def test_a_block_counts_as_one_startup_of_the_highest_layer() -> None:
    providers = chain(3)
    top = providers[-1]
    with top.started((1, 1)) as data:
        assert data == WSPData((1, 1), (2, 2))
        assert phases(providers) == RUNNING
        with top.started(upcalls={"WPUPostMessage": print}) as inner:
            assert inner.version == (2, 2)
            assert [provider.snapshot().refs for provider in providers] == [1, 1, 1, 2]
        assert top.snapshot().refs == 1
    assert phases(providers) == UNLOADED
    assert [(provider.stats().startups, provider.stats().cleanups) for provider in providers[2:]] == [(1, 1), (2, 2)]


def test_the_error_of_a_block_and_of_a_startup_of_a_layer_are_raised() -> None:
    lower = MadeUp()
    layer = LayeredWinsockProvider(LayeredWinsockProvider(LayeredWinsockProvider(lower)))
    with pytest.raises(ZeroDivisionError), layer.started():
        raise ZeroDivisionError
    lower.fails = [WinsockError(10091)]
    with refused(10091), layer.started():
        pytest.fail("it was not started")
    with refused(10092), layer.started((0, 9)):
        pytest.fail("it was not started")
    with refused(10093), layer.started():
        layer.cleanup()
    assert layer._layer.history.now().blocks == frozenset()
    assert (layer.snapshot().phase, lower.held) == (Phase.UNLOADED, 0)


@KINDS
@STARTS
@pytest.mark.parametrize("nested", [0, 1], ids=["first", "nested"])
def test_an_interrupt_at_any_moment_of_a_block_leaves_no_layer_started(
    world: "World", kind: type[Interrupting], eager: bool, nested: int
) -> None:
    moment, raised = 0, True
    while raised:
        lower = MadeUp()
        layers = [LayeredWinsockProvider(lower, eager)]
        for _ in range(2):
            layers.append(LayeredWinsockProvider(layers[-1], eager))
        top = layers[-1]
        for _ in range(nested):
            top.startup((2, 2))

        def use() -> None:
            with top.started((2, 2)):  # noqa: B023 - run at once
                pass

        interrupting = kind(moment)
        interrupting.run(use)
        raised = interrupting.raised
        moment += STRIDE
        gc.collect()
        world.wait_until(lambda: top.snapshot().refs == nested)  # noqa: B023 - run at once
        if nested:
            top.cleanup()
        assert [layer.wait_released(world.patience) for layer in reversed(layers)] == [True] * 3
        stats = top.stats()
        assert (lower.held, top._layer.history.now().blocks, stats.startups) == (0, frozenset(), stats.cleanups)


@pytest.mark.parametrize(("kind", "depth"), [(Interrupting, 1), (Striking, 3)])
def test_an_interrupt_at_any_moment_of_a_block_leaves_no_socket_of_a_layer_open(
    world: "World", kind: type[Interrupting], depth: int
) -> None:
    providers = chain(depth)
    top = providers[-1]
    top.startup((2, 2))
    moment, raised = 0, True

    def use() -> None:
        with top.opened(AF_INET, SOCK_STREAM) as s:
            top.ioctl(s, FIONBIO, True)

    while raised:
        interrupting = kind(moment, keeps_result=True)
        interrupting.run(use)
        raised = interrupting.raised
        moment += STRIDE
        gc.collect()
        world.wait_until(lambda: not any(provider.snapshot().open_sockets for provider in providers))
        stats = top.stats()
        assert stats.sockets_opened == stats.sockets_closed
    top.cleanup()
    assert set(phases(providers)) == {Phase.UNLOADED}


def test_a_socket_of_a_layer_is_closed_when_its_block_ends(world: "World") -> None:
    providers = chain(3)
    top = providers[-1]
    with top.started():
        with top.opened(AF_INET, SOCK_STREAM) as s:
            top.connect(s, world.address)
            peer = world.accept()
            top.send(s, b"hello")
        assert world.read_all(peer) == b"hello"
        with refused(10038):
            top.send(s, b"late")
        with refused(10047), top.opened(99, SOCK_STREAM):
            pytest.fail("it was not opened")
        s, peer = world.meet(top)
        with top.closing(top.duplicate_socket(s)) as t:
            assert top.send(t, b"twice") == 5
        assert top.send(s, b"once") == 4
        with top.closing(s):
            top.closesocket(s)  # it may be closed before
        assert world.read_all(peer) == b"twiceonce"
        assert [provider.snapshot().open_sockets for provider in providers] == [0] * 4
    with top.started(), top.opened(AF_INET, SOCK_STREAM):
        top.cleanup()  # the block of the socket has nothing to close any more
        top.startup((2, 2))
    assert phases(providers) == UNLOADED


if hasattr(os, "fork") and sys.platform != "win32":

    def test_a_child_that_leaves_the_block_of_its_parent_undoes_nothing_in_a_layer() -> None:
        providers = chain(3)
        top = providers[-1]
        child, code = -1, 1
        try:
            with top.started():
                child = os.fork()
                if child == 0:
                    top.startup((2, 2))
            code = 0 if child or phases(providers) == RUNNING else 1
        finally:
            if child == 0:
                os._exit(code)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
        assert phases(providers) == UNLOADED


# --- waiting for the release ----------------------------------------------------------------------------------------


def test_the_release_of_a_layer_is_waited_for_whoever_makes_it(world: "World") -> None:
    providers = chain(3)
    top = providers[-1]
    assert top.wait_released() is top.wait_released(0) is True
    top.startup((2, 2))
    s, peer = world.meet(top)
    sent = fill(top, s)
    for timeout in (0, 0.0, -1, 0.01):
        assert top.wait_released(timeout) is False
    for wrong in ("soon", float("nan"), b""):
        with refused(10022):
            top.wait_released(wrong)
    waiting = [world.in_thread(lambda timeout=timeout: top.wait_released(timeout)) for timeout in (None, 100.0)]  # type: ignore[misc]
    world.wait_until(lambda: len(top._layer.waiting) == 2)
    cleaned = world.in_thread(top.cleanup)
    assert world.read_all(peer) == sent
    assert [one.result(world.patience) for one in waiting] == [True, True]
    cleaned.result(world.patience)
    assert phases(providers) == UNLOADED


def test_a_release_of_a_layer_that_is_followed_by_a_startup_at_once_is_noticed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    layer = LayeredWinsockProvider(MadeUp())
    layer.startup((2, 2))

    def misses(_history: History, _state: State, _seconds: float) -> None:
        monkeypatch.undo()
        layer.cleanup()
        layer.startup((2, 2))

    monkeypatch.setattr(History, "sleep", misses)
    assert layer.wait_released() is True
    assert layer.snapshot().epoch == 2
    layer.cleanup()


def test_who_must_not_wait_is_told_so_before_a_layer_is_waited_for(world: "World") -> None:
    providers = chain(3)
    top = providers[-1]
    top.startup((2, 2))
    s, peer = world.meet(top)
    told: list[object] = []

    def routine(_error: int, _size: int) -> None:
        told.append(top.wait_released(0))
        try:
            top.wait_released()
        except WinsockError as failure:
            told.append(failure.winerror)

    top.recv_overlapped(s, 1, routine=routine)
    peer.sendall(b"x")
    world.wait_until(lambda: len(told) == 2)
    assert told == [False, 10036]
    top.cleanup()


@KINDS
def test_an_interrupt_at_any_moment_of_the_wait_leaves_a_layer_that_works(
    world: "World", kind: type[Interrupting]
) -> None:
    moment, raised = 0, True
    layer = LayeredWinsockProvider(LayeredWinsockProvider(LayeredWinsockProvider(MadeUp())))
    while raised:
        layer.startup((2, 2))
        interrupting = kind(moment)
        interrupting.run(lambda: layer.wait_released(0.001))
        raised = interrupting.raised
        moment += 1 if EVERY else 5
        assert (layer._layer.waiting, layer._layer.history._sleepers) == ({}, [])
        layer.cleanup()
        assert world.in_thread(layer.wait_released).result(world.patience) is True
