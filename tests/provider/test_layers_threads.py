"""Layers and the threads that must not wait for them: people's code, finalizers and helpers; the process ends."""

import gc
import os
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest
from winsock_layered_provider import LayeredWinsockProvider
from winsock_layered_provider.states import State
from winsock_provider import (
    AF_INET,
    SOCK_STREAM,
    Phase,
    WinsockError,
    WinsockProvider,
)

from tests.provider.lower import MadeUp, chain, refused, released

if TYPE_CHECKING:
    from tests.provider.conftest import World


def test_a_completion_routine_may_use_a_layer_but_not_end_it(world: "World") -> None:
    base, top = chain(2)[::2]
    top.startup((2, 2))
    s, peer = world.meet(top)
    told: list[object] = []

    def routine(_error: int, _transferred: int) -> None:
        top.startup((2, 2))
        top.cleanup()
        told.append(top.send(s, b"from the routine"))
        try:
            top.cleanup()
        except WinsockError as failure:
            told.append(failure.winerror)

    top.recv_overlapped(s, 1, routine=routine)
    peer.sendall(b"x")
    world.wait_until(lambda: len(told) == 2)
    assert told == [16, 10036]
    assert peer.recv(16) == b"from the routine"
    assert (top.snapshot().refs, base.snapshot().refs) == (1, 1)
    top.cleanup()
    assert released(base)


class Finalized:
    """An object whose end makes a call."""

    def __init__(self, call: Callable[[], object]) -> None:
        self.call = call

    def __del__(self) -> None:
        self.call()


def test_a_finalizer_may_end_a_layer_on_the_thread_that_drives_the_sockets(world: "World") -> None:
    base, layer = chain(1)
    base.startup((2, 2))
    layer.startup((2, 2))
    _, peer = world.meet(layer)
    refusals: list[object] = []

    def end() -> None:
        with refused(10036):
            LayeredWinsockProvider(base).startup((2, 2))
        refusals.append(layer.cleanup())

    world.on_owner(base, lambda: Finalized(end).call is None)
    world.wait_until(lambda: released(layer))
    assert len(refusals) == 1
    assert world.read_all(peer) == b""
    base.cleanup()
    assert released(base)


def test_a_finalizer_may_end_a_layer_on_the_thread_that_starts_the_lower_one(world: "World") -> None:
    lower = MadeUp()
    layer = LayeredWinsockProvider(lower, eager=False)
    layer.startup((2, 2))
    seen: list[object] = []

    def end() -> None:
        seen.append(layer.cleanup())
        with refused(10036):
            layer.startup((2, 2))
        seen.append(layer.snapshot().phase)

    lower.in_startup = lambda: Finalized(end).call is None
    with refused(10093):
        layer.socket(AF_INET, SOCK_STREAM)
    world.wait_until(lambda: released(layer))
    assert seen[1] is Phase.DRAINING
    assert lower.log == ["startup", "cleanup"]


def test_without_threads_the_work_is_done_by_the_caller(monkeypatch: pytest.MonkeyPatch) -> None:
    def none(*_arguments: object) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr("winsock_layered_provider.helper._thread.start_new_thread", none)
    lower = MadeUp()
    layer = LayeredWinsockProvider(lower)
    layer.startup((2, 2))
    layer.socket(AF_INET, SOCK_STREAM)
    layer.cleanup()
    assert lower.log == ["startup", "close", "cleanup"]


def test_work_that_was_cut_off_is_begun_again_by_whoever_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("winsock_layered_provider.layer.GLANCE", 0.01)
    lower = MadeUp()
    layer = LayeredWinsockProvider(lower)
    step, failures = State.lower_started, [MemoryError(), MemoryError()]

    def fails(state: State, agreed: int, ceiling: Any) -> None:
        if failures:
            raise failures.pop()
        step(state, agreed, ceiling)

    monkeypatch.setattr(State, "lower_started", fails)
    layer.startup((2, 2))
    assert (lower.starts, failures) == (1, [])
    layer.cleanup()


# --- the process ----------------------------------------------------------------------------------------------------


def drop(kept: list[LayeredWinsockProvider]) -> None:
    kept.clear()
    gc.collect()


def test_a_layer_that_nobody_holds_any_more_is_cleaned_up(world: "World") -> None:
    base = WinsockProvider()
    kept = [LayeredWinsockProvider(base)]
    kept[0].startup((2, 2))
    kept[0].startup((2, 2))
    kept[0].socket(AF_INET, SOCK_STREAM)
    with pytest.warns(ResourceWarning, match="dropped while it ran"):
        drop(kept)
    world.wait_until(lambda: released(base))


if hasattr(os, "fork") and sys.platform != "win32":

    def test_a_forked_child_begins_unloaded_in_every_layer() -> None:
        providers = chain(2)
        top = providers[-1]
        top.startup((2, 2))
        s = top.socket(AF_INET, SOCK_STREAM)
        child = os.fork()
        if child == 0:
            code = 1
            try:
                with refused(10093):
                    top.getsockname(s)
                assert all(map(released, providers))
                top.startup((2, 2))
                top.socket(AF_INET, SOCK_STREAM)
                top.cleanup()
                code = 0
            finally:
                os._exit(code)
        assert os.waitpid(child, 0)[1] == 0
        assert top.snapshot().open_sockets == 1
        top.cleanup()
