"""Ctrl-C at any moment of a call of a layer: nothing hangs, and no startup below is lost or undone twice.

KeyboardInterrupt is raised at every call and return of the layers and the base provider, and at every place where
CPython looks for signals; a short form runs with every change, as for the other interrupts.
"""

import contextlib
import random
import signal
import socket
import sys
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any, NoReturn

import pytest
from winsock_layered_provider import LayeredWinsockProvider
from winsock_layered_provider.states import Attempt
from winsock_provider import AF_INET, FIONBIO, SOCK_STREAM, Phase, WinsockError

from tests.provider.interrupting import EVERY, SIGNALS, Interrupting, Striking, handling, interrupted, soon
from tests.provider.lower import MadeUp, chain

if TYPE_CHECKING:
    from tests.provider.conftest import World

STRIDE = 1 if EVERY else 13
KINDS = {"calls and returns": Interrupting, "wherever Python looks": Striking}
Scene = Callable[[Any], Callable[[], object]]


def cleaned_up(layer: Any) -> None:
    while layer.snapshot().refs:
        with contextlib.suppress(WinsockError):
            layer.cleanup()


def opened(layer: Any, startups: int, sockets: int = 0) -> Any:
    for _ in range(startups):
        layer.startup((2, 2))
    for _ in range(sockets):
        layer.socket(AF_INET, SOCK_STREAM)
    return layer


SCENES: dict[str, Scene] = {
    "the first startup": lambda layer: partial(layer.startup, (2, 2)),
    "a nested startup": lambda layer: partial(opened(layer, 1, 1).startup, (2, 2)),
    "a nested cleanup": lambda layer: opened(layer, 2, 1).cleanup,
    "the last cleanup": lambda layer: opened(layer, 1, 2).cleanup,
    "the first socket": lambda layer: partial(opened(layer, 1).socket, AF_INET, SOCK_STREAM),
    "a close": lambda layer: partial(opened(layer, 1, 1).closesocket, 1),
    "a duplicate": lambda layer: partial(opened(layer, 1, 1).duplicate_socket, 1),
}
COUNTS = {"the first startup": 0, "a nested startup": 1}
"""The startups that are left when such a call is interrupted."""


@pytest.mark.parametrize("eager", [True, False], ids=["eager", "lazy"])
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", SCENES)
def test_an_interrupt_at_any_moment_keeps_the_balance_with_the_lower_provider(
    world: "World", name: str, kind: str, eager: bool
) -> None:
    moment, raised = 0, True
    while raised:
        lower = MadeUp()
        layer = LayeredWinsockProvider(lower, eager)
        interrupting = KINDS[kind](moment)
        interrupting.run(SCENES[name](layer))
        raised = interrupting.raised
        moment += STRIDE
        assert raised or moment > STRIDE
        if raised and name in COUNTS and kind == "wherever Python looks":
            world.wait_until(lambda: layer.snapshot().refs == COUNTS[name])  # noqa: B023 - run at once
        world.in_thread(lambda made=layer: cleaned_up(made)).result(world.patience)  # type: ignore[misc]
        world.wait_until(lambda: layer.snapshot().phase is Phase.UNLOADED)  # noqa: B023 - run at once
        assert (lower.held, lower.open) == (0, set())
        before = lower.starts
        world.in_thread(lambda made=layer: opened(made, 1, 1)).result(world.patience)  # type: ignore[misc]
        assert (layer.snapshot().refs, lower.starts) == (1, before + 1)
        layer.cleanup()
        assert lower.held == 0
        state, machinery = layer._layer.history.now(), layer._layer
        left = state.members, state.sockets, machinery.endpoints, machinery.descriptors, machinery.calls
        assert not any(left), left


def test_a_startup_is_taken_back_once_whoever_tries() -> None:
    layer = LayeredWinsockProvider(MadeUp())
    layer.startup((2, 2))
    layer.startup((2, 2))
    attempt = Attempt()
    layer._layer.take_back(attempt)
    layer._layer.take_back(attempt)
    assert layer.snapshot().refs == 1
    layer.cleanup()


@pytest.mark.parametrize("name", ["the first startup", "the last cleanup"])
@pytest.mark.parametrize("depth", [1, 2])
def test_an_interrupt_at_any_moment_leaves_a_chain_that_works(world: "World", name: str, depth: int) -> None:
    moment, raised = 0, True
    while raised:
        providers = chain(depth)
        base, top = providers[0], providers[-1]
        interrupting = Striking(moment)
        interrupting.run(SCENES[name](top))
        raised = interrupting.raised
        moment += STRIDE * 2
        world.in_thread(lambda made=top: cleaned_up(made)).result(world.patience)  # type: ignore[misc]
        world.wait_until(lambda: base.snapshot().phase is Phase.UNLOADED)  # noqa: B023 - run at once
        world.in_thread(lambda made=top: opened(made, 1, 1)).result(world.patience)  # type: ignore[misc]
        assert base.snapshot().refs == 1
        top.cleanup()
        assert base.snapshot().phase is Phase.UNLOADED


def test_no_interrupt_on_the_way_back_loses_what_was_received(world: "World") -> None:
    base, _, top = chain(2)
    top.startup((2, 2))
    s, peer = world.meet(top)
    sent, received = bytes(range(256)) * 32, bytearray()
    peer.sendall(sent)

    def receive() -> None:
        received.extend(top.recv(s, 4))

    moment, raised = 0, True
    while raised:
        interrupting = Striking(moment)
        before = len(received)
        try:
            interrupting.run(receive)
        finally:
            raised = interrupting.raised
        assert received == sent[: len(received)], f"bytes were lost at moment {moment}"
        assert raised or len(received) == before + 4
        moment += 1
    while len(received) < len(sent):
        receive()
    assert received == sent
    top.cleanup()
    assert base.snapshot().phase is Phase.UNLOADED


def test_a_peer_whose_accept_was_interrupted_is_not_left_alone(world: "World") -> None:
    top = chain(2)[-1]
    top.startup((2, 2))
    listening = top.socket(AF_INET, SOCK_STREAM)
    top.bind(listening, ("127.0.0.1", 0))
    top.listen(listening)
    top.ioctl(listening, FIONBIO, True)
    moment, raised = 0, True
    while raised:
        with socket.create_connection(top.getsockname(listening)) as peer:
            peer.settimeout(world.patience)
            top.select([listening], timeout=world.patience)
            accepted: list[int] = []
            interrupting = Striking(moment)
            interrupting.run(lambda: accepted.append(top.accept(listening)[0]))  # noqa: B023 - run at once
            raised = interrupting.raised
            for s in accepted:
                top.closesocket(s)
            if not accepted and top.select([listening], timeout=0)[0]:
                top.closesocket(top.accept(listening)[0])
            with contextlib.suppress(ConnectionResetError):
                assert peer.recv(1) == b"", "the peer is told that nobody is there"
        moment += STRIDE
    assert top.snapshot().open_sockets == 1
    top.cleanup()


def test_an_interrupted_duplicate_leaves_the_socket_as_it_was(world: "World") -> None:
    top = chain(1)[-1]
    top.startup((2, 2))
    s, peer = world.meet(top)
    moment, raised = 0, True
    while raised:
        interrupting = Striking(moment)
        interrupting.run(partial(top.duplicate_socket, s))
        raised = interrupting.raised
        moment += 1 if EVERY else 3
    top.send(s, b"whole")
    top.cleanup()
    assert world.read_all(peer) == b"whole"


if sys.platform != "win32":

    def test_signals_at_random_moments_of_a_busy_layer(world: "World") -> None:
        base, _, top = chain(2, eager=False)
        chance = random.Random(8)  # noqa: S311 - a fixed seed is the point
        with handling(signal.SIGUSR1, interrupted):
            for _ in range(SIGNALS):
                with contextlib.suppress(KeyboardInterrupt):
                    soon(signal.SIGUSR1, chance.random() / 50)
                    while True:
                        top.startup((2, 2))
                        top.closesocket(top.socket(AF_INET, SOCK_STREAM))
                        top.cleanup()
                world.in_thread(lambda: cleaned_up(top)).result(world.patience)
                world.wait_until(lambda: base.snapshot().phase is Phase.UNLOADED)

    def open_and_close_for_ever(layer: Any) -> NoReturn:
        while True:
            layer.closesocket(layer.socket(AF_INET, SOCK_STREAM))

    def test_a_signal_handler_may_end_a_chain(caplog: pytest.LogCaptureFixture) -> None:
        chance = random.Random(9)  # noqa: S311 - a fixed seed is the point
        for _ in range(SIGNALS):
            base, _, top = chain(2)
            top.startup((2, 2))
            with handling(signal.SIGUSR1, lambda *_: top.cleanup()):  # noqa: B023 - run at once
                soon(signal.SIGUSR1, chance.random() / 100)
                with pytest.raises(WinsockError) as ended:
                    open_and_close_for_ever(top)
            assert ended.value.winerror in (10093, 10038)
            assert base.snapshot().phase is Phase.UNLOADED
        assert not caplog.records, "no layer has waited for the call that the handler has interrupted"
