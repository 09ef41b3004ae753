"""Layers over layers over a base provider: requirements R1 to R36 as far as they are about a chain."""

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest
import winsock_provider
from winsock_layered_provider import LayeredWinsockProvider, ProtocolInfo
from winsock_layered_provider.core import LowerStart
from winsock_layered_provider.history import History
from winsock_layered_provider.states import Attempt, Given, State
from winsock_provider import (
    AF_INET,
    SO_DONTLINGER,
    SOCK_DGRAM,
    SOCK_STREAM,
    SOL_SOCKET,
    Phase,
    WinsockError,
    WinsockProvider,
    WSPData,
)
from winsock_provider.procedure_table import SLOTS

from tests.provider.lower import DEPTHS, STARTS, MadeUp, NotedBase, NotedLayer, chain, refused, released

if TYPE_CHECKING:
    from tests.provider.conftest import World


# --- counting -------------------------------------------------------------------------------------------------------


@DEPTHS
@STARTS
def test_r27_each_layer_starts_the_one_below_once_and_undoes_that_once(depth: int, eager: bool) -> None:
    log: list[str] = []
    top: Any = NotedBase(log)
    for number in range(1, depth + 1):
        top = NotedLayer(top, eager, log, f"layer {number}")
    names = ["base", *(f"layer {number}" for number in range(1, depth + 1))]
    for _ in range(2):
        for _ in range(3):
            top.startup((2, 2))
        top.socket(AF_INET, SOCK_STREAM)
        top.socket(AF_INET, SOCK_DGRAM)
        top.cleanup()
        top.cleanup()
        assert "base cleaned up" not in log
        top.cleanup()
        lower = names[:-1]
        starts = [line for line in log if line in {f"{name} started" for name in lower}]
        assert starts == [f"{name} started" for name in (lower if eager else reversed(lower))]
        ends = [line for line in log if line.endswith("cleaned up")]
        top_ends = f"{names[-1]} cleaned up"
        assert ends == [top_ends, top_ends, *(f"{name} cleaned up" for name in lower), top_ends]
        for name in lower:
            closes = [place for place, line in enumerate(log) if line == f"{name} socket closed"]
            assert len(closes) == 2
            assert closes[-1] < log.index(f"{name} cleaned up")
        log.clear()


def test_r2_and_r6_calls_need_a_startup_and_one_cleanup_too_many_is_refused() -> None:
    base, layer = chain(1)
    calls: list[Callable[[], object]] = [
        layer.cleanup,
        lambda: layer.socket(AF_INET, SOCK_STREAM),
        lambda: layer.closesocket(1),
        lambda: layer.send(1, b""),
        lambda: layer.select([], [], [], 0),
        lambda: layer.gethostbyname(None),
        layer.procedure_table["WSPAsyncSelect"],
    ]
    base.startup((2, 2))
    for _ in range(2):
        for call in calls:
            with refused(10093):
                call()
        layer.startup((2, 2))
        layer.cleanup()
    assert base.snapshot().refs == 1
    base.cleanup()


@pytest.mark.parametrize(
    ("arguments", "number"),
    [(((0, 9),), 10092), (((0, 9), None), 10092), (((2, 2), None), 10014), ((514,), 10022), (((2, 2), ..., 5), 10014)],
)
def test_r4_a_startup_that_is_refused_counts_nothing_and_tells_nobody(arguments: Any, number: int) -> None:
    lower = MadeUp()
    layer = LayeredWinsockProvider(lower)
    with refused(number):
        layer.startup(*arguments)
    assert layer.get_last_error() == number
    assert (layer.snapshot().refs, lower.starts, lower.given) == (0, 0, [])


@STARTS
def test_r28_an_eager_layer_starts_the_lower_one_at_once_and_a_lazy_one_for_its_first_socket(eager: bool) -> None:
    lower = MadeUp()
    layer = LayeredWinsockProvider(lower, eager=eager)
    layer.startup((2, 2))
    layer.startup((1, 1))
    assert lower.starts == int(eager)
    layer.socket(AF_INET, SOCK_STREAM)
    layer.socket(AF_INET, SOCK_STREAM)
    assert lower.starts == 1
    assert lower.given == [((2, 2) if eager else (1, 1), None, None)]
    layer.cleanup()
    assert lower.ends == 0
    layer.cleanup()
    assert lower.log == ["startup", "close", "close", "cleanup"]


def test_r28_a_lazy_layer_that_never_needed_the_lower_one_never_starts_it() -> None:
    lower = MadeUp()
    layer = LayeredWinsockProvider(lower, eager=False)
    layer.startup((2, 2))
    layer.cleanup()
    assert (lower.starts, lower.ends) == (0, 0)


def test_r28_a_question_about_names_starts_a_lazy_chain() -> None:
    base, _, top = chain(2, eager=False)
    top.startup((2, 2))
    assert top.getservbyname("http", "tcp") == 80
    assert base.snapshot().refs == 1
    top.cleanup()
    assert released(base)


def test_two_protocols_of_one_layer_start_the_lower_one_once() -> None:
    lower = MadeUp()
    layer = LayeredWinsockProvider(lower)
    tcp, udp = ProtocolInfo("tcp over x", (ProtocolInfo("x"), ProtocolInfo("tcp"))), ProtocolInfo("udp")
    layer.startup((2, 2), protocol_info=tcp)
    layer.startup((2, 2), protocol_info=udp)
    layer.socket(AF_INET, SOCK_STREAM)
    layer.socket(AF_INET, SOCK_DGRAM)
    assert lower.starts == 1
    assert layer.protocol_info is udp
    layer.cleanup()
    layer.cleanup()
    assert lower.ends == 1


def test_r11_a_chain_can_be_started_again_at_once() -> None:
    base, _, top = chain(2)
    for epoch in range(1, 21):
        top.startup((2, 2))
        top.socket(AF_INET, SOCK_STREAM)
        assert (top.snapshot().epoch, base.snapshot().epoch) == (epoch, epoch)
        top.cleanup()
    assert released(base)


def test_r13_nothing_of_an_epoch_is_left_in_the_next() -> None:
    layer = LayeredWinsockProvider(MadeUp())
    table = {"WPUGetProviderPath": print}
    layer.startup((1, 0), upcalls=table, protocol_info="old")
    snapshot = layer.snapshot()
    assert (snapshot.lowest_version, snapshot.upcalls) == ((1, 0), table)
    layer.cleanup()
    assert (layer.snapshot().lowest_version, layer.upcalls, layer.protocol_info) == (None, None, None)
    assert layer._layer.history.now().given is None, "nothing is kept for longer than it is needed"
    layer.startup((2, 2))
    assert (layer.snapshot().lowest_version, layer.upcalls, layer.protocol_info) == ((2, 2), None, None)
    layer.cleanup()


def test_r8_eight_threads_share_a_chain(world: "World") -> None:
    log: list[str] = []
    base = NotedBase(log)
    top = LayeredWinsockProvider(LayeredWinsockProvider(base, eager=False))

    def use() -> None:
        for _ in range(20):
            top.startup((2, 2))
            s = top.socket(AF_INET, SOCK_DGRAM)
            t = top.duplicate_socket(s)
            top.closesocket(s)
            top.bind(t, ("127.0.0.1", 0))
            top.cleanup()

    for done in [world.in_thread(use) for _ in range(8)]:
        done.result(world.patience)
    assert released(top)
    assert released(base)
    assert log.count("base started") == log.count("base cleaned up") >= 1
    assert log[-1] == "base cleaned up"


def test_a_startup_waits_for_a_drain_and_then_begins_an_epoch(world: "World") -> None:
    lower = MadeUp()
    layer = LayeredWinsockProvider(lower)
    entered, go_on = threading.Event(), threading.Event()

    def waits() -> None:
        entered.set()
        go_on.wait(world.patience)

    lower.in_cleanup = waits
    layer.startup((2, 2))
    ending = world.in_thread(layer.cleanup)
    assert entered.wait(world.patience)
    beginning = world.in_thread(lambda: layer.startup((2, 2)))
    with refused(10093):
        layer.cleanup()
    with refused(10093):
        layer.socket(AF_INET, SOCK_STREAM)
    world.wait_until(lambda: len(layer._layer.waiting) == 2)
    assert not ending.done(), "the cleanup returns only when the lower one has"
    assert (layer.snapshot().phase, lower.starts) == (Phase.DRAINING, 1)
    go_on.set()
    ending.result(world.patience)
    beginning.result(world.patience)
    assert (layer.snapshot().epoch, lower.starts, lower.ends) == (2, 2, 1)
    layer.cleanup()


# --- a lower provider that fails ------------------------------------------------------------------------------------


@pytest.mark.parametrize("number", [10091, 10092, 10067, 10036])
@STARTS
def test_r30_the_code_of_a_lower_startup_that_fails_is_handed_on(number: int, eager: bool) -> None:
    lower = MadeUp()
    layer = LayeredWinsockProvider(LayeredWinsockProvider(lower), eager=eager)
    lower.fails = [WinsockError(number)]
    if not eager:
        layer.startup((2, 2))
    with refused(number):
        layer.startup((2, 2)) if eager else layer.socket(AF_INET, SOCK_STREAM)
    assert layer.get_last_error() == number
    assert (layer.snapshot().refs, layer.snapshot().epoch) == ((0, 0) if eager else (1, 1))
    assert (lower.starts, lower.ends, released(layer.lower)) == (0, 0, True)
    if eager:
        layer.startup((2, 2))
    layer.socket(AF_INET, SOCK_STREAM)
    layer.cleanup()
    assert (lower.starts, lower.ends, len(lower.given)) == (1, 1, 2)


@pytest.mark.parametrize("failure", [OSError("no library"), ValueError("?"), SystemError(), MemoryError()], ids=repr)
def test_r30_a_foreign_failure_of_the_lower_startup_is_10106(failure: Exception) -> None:
    lower = MadeUp()
    layer = LayeredWinsockProvider(lower)
    lower.fails = [failure]
    with pytest.raises(WinsockError) as raised:
        layer.startup((2, 2))
    assert raised.value.winerror == layer.get_last_error() == 10106
    assert raised.value.__cause__ is failure
    assert (layer.snapshot().refs, lower.held) == (0, 0)


@pytest.mark.parametrize("wrong", ["null", "missing", "not callable", "no table", "a property that raises"])
@STARTS
def test_r31_a_table_with_an_empty_slot_is_10104_and_the_lower_provider_is_cleaned_up_once(
    wrong: str, eager: bool
) -> None:
    class Broken(MadeUp):
        @property
        def procedure_table(self) -> Any:
            if wrong == "a property that raises":
                raise RuntimeError("no table")
            table: dict[str, Any] = dict(super().procedure_table)
            match wrong:
                case "null":
                    table["WSPCleanup"] = None
                case "missing":
                    del table["WSPStringToAddress"]
                case "not callable":
                    table["WSPSend"] = 5
            return None if wrong == "no table" else table

    lower = Broken()
    layer = LayeredWinsockProvider(lower, eager=eager)
    for _ in range(2):
        lower.log.clear()
        if not eager:
            layer.startup((2, 2))
        with refused(10104):
            layer.startup((2, 2)) if eager else layer.socket(AF_INET, SOCK_STREAM)
        assert lower.log == ["startup", "cleanup"]
        assert layer.snapshot().refs == (0 if eager else 1)
        if not eager:
            layer.cleanup()
    assert lower.log == ["startup", "cleanup"]


def test_the_table_is_read_anew_in_each_epoch() -> None:
    lower = MadeUp()
    layer = LayeredWinsockProvider(lower)
    layer.startup((2, 2))
    layer.cleanup()
    lower.slots = {**lower.slots, "WSPSocket": lambda *_: 7}
    layer.startup((2, 2))
    s = layer.socket(AF_INET, SOCK_STREAM)
    lower.open.add(7)
    layer.closesocket(s)
    assert not lower.open
    layer.cleanup()


def test_a_lower_cleanup_that_fails_is_told_and_never_made_twice() -> None:
    lower = MadeUp()
    layer = LayeredWinsockProvider(lower)
    layer.startup((2, 2))
    lower.cleanup_fails = WinsockError(10050)
    with refused(10050):
        layer.cleanup()
    lower.cleanup_fails = None
    assert (released(layer), lower.ends) == (True, 1)
    with refused(10093):
        layer.cleanup()
    layer.startup((2, 2))
    layer.cleanup()
    assert lower.ends == 2


def test_a_lower_socket_that_cannot_be_closed_does_not_hold_up_the_cleanup() -> None:
    lower = MadeUp()
    layer = LayeredWinsockProvider(lower)
    layer.startup((2, 2))
    s, _ = layer.socket(AF_INET, SOCK_STREAM), layer.socket(AF_INET, SOCK_STREAM)

    def fails(_s: int) -> None:
        lower.open.clear()
        raise RuntimeError("broken")

    lower.slots["WSPCloseSocket"] = fails
    with refused(10107):
        layer.closesocket(s)
    assert layer.snapshot().open_sockets == 2
    layer.cleanup()
    assert lower.log == ["startup", "cleanup"]


@pytest.mark.parametrize("heard", [True, False])
def test_a_close_that_is_interrupted_below_is_carried_out_all_the_same(heard: bool) -> None:
    lower = MadeUp()
    layer = LayeredWinsockProvider(lower)
    layer.startup((2, 2))
    s = layer.socket(AF_INET, SOCK_STREAM)
    close, interrupts = lower.slots["WSPCloseSocket"], [KeyboardInterrupt()]

    def interrupted(below: int) -> None:
        if heard or not interrupts:
            close(below)
        if interrupts:
            raise interrupts.pop()

    lower.slots["WSPCloseSocket"] = interrupted
    with pytest.raises(KeyboardInterrupt):
        layer.closesocket(s)
    assert (lower.open, layer.snapshot().open_sockets) == (set(), 0)
    layer.cleanup()


def test_a_close_that_would_wait_does_not_hold_up_the_last_cleanup() -> None:
    lower = MadeUp()
    layer = LayeredWinsockProvider(lower)
    options: list[tuple[object, ...]] = []
    lower.slots["WSPGetSockOpt"] = lambda s, *_: (1, 5) if s == 101 else (1, 0)
    lower.slots["WSPSetSockOpt"] = lambda *option: options.append(option)
    layer.startup((2, 2))
    layer.socket(AF_INET, SOCK_STREAM)
    layer.socket(AF_INET, SOCK_STREAM)
    layer.cleanup()
    assert options == [(101, SOL_SOCKET, SO_DONTLINGER, True)]


def test_a_step_that_another_overtakes_is_taken_again() -> None:
    history = History(State(LowerStart.LAZY))
    given = Given((2, 2), None, None)
    history.take(lambda state: state.start(0x202, given, Attempt()))
    history.take(State.run)
    overtaken: list[int] = []

    def step(state: State) -> None:
        state.start(0x202, given, Attempt())
        overtaken.append(state.refs)
        if len(overtaken) == 1:
            history.take(lambda other: other.start(0x202, given, Attempt()))

    history.take(step)
    assert (overtaken, history.now().refs) == ([2, 3], 3)


def test_r21_and_r22_a_layer_agrees_to_no_version_that_the_lower_one_lacks() -> None:
    base = WinsockProvider(versions=[(1, 0), (1, 1)])
    layer = LayeredWinsockProvider(base)
    assert layer.startup((2, 2)) == WSPData((1, 1), (1, 1))
    assert layer.startup((1, 0)) == WSPData((1, 0), (1, 1))
    layer.cleanup()
    layer.cleanup()
    newer = LayeredWinsockProvider(base, versions=[(2, 2)])
    with refused(10092):
        newer.startup((2, 2))
    assert (base.snapshot().refs, newer.snapshot().refs) == (0, 0)
    with refused(10092):
        LayeredWinsockProvider(WinsockProvider(versions=[(2, 2)])).startup((1, 1))


# --- what is passed on ----------------------------------------------------------------------------------------------


@DEPTHS
@STARTS
def test_r26_every_layer_gets_the_same_upcalls(depth: int, eager: bool) -> None:
    providers = chain(depth, eager)
    table = {"WPUCompleteOverlappedRequest": print, "WPUGetProviderPath": repr}
    before = dict(table)
    providers[-1].startup((2, 2), upcalls=table)
    table.clear()
    providers[-1].socket(AF_INET, SOCK_STREAM)
    assert [provider.upcalls for provider in providers] == [before] * (depth + 1)
    providers[-1].cleanup()


def test_r25_the_latest_upcalls_are_in_force() -> None:
    layer = LayeredWinsockProvider(MadeUp())
    layer.startup((2, 2), upcalls={"WPUGetProviderPath": repr})
    layer.startup((2, 2), upcalls={"WPUGetProviderPath": print})
    layer.startup((2, 2))
    assert layer.upcalls == {"WPUGetProviderPath": print}
    for _ in range(3):
        layer.cleanup()


@DEPTHS
def test_r29_a_chain_is_passed_on_as_it_is_and_a_base_provider_gets_its_own_description(depth: int) -> None:
    providers = chain(depth)
    tcp = ProtocolInfo("tcp")
    info = ProtocolInfo("tcp, filtered", (*(ProtocolInfo(f"layer {n}") for n in range(depth)), tcp))
    providers[-1].startup((2, 2), protocol_info=info)
    assert [provider.protocol_info for provider in providers] == [tcp, *[info] * depth]
    providers[-1].cleanup()


@pytest.mark.parametrize("info", [tcp := ProtocolInfo("tcp"), {"chain": [1, 2]}, 5, None], ids=str)
def test_r29_any_other_description_is_passed_on_as_it_is(info: object) -> None:
    providers = chain(2)
    providers[-1].startup((2, 2), protocol_info=info)
    assert all(provider.protocol_info is info for provider in providers)
    providers[-1].cleanup()


def test_r1_the_table_of_a_layer_is_complete_read_only_and_works() -> None:
    _, layer = chain(1)
    assert set(layer.procedure_table) == set(SLOTS)
    with pytest.raises(TypeError):
        layer.procedure_table["WSPSend"] = None
    layer.startup((2, 2))
    s = layer.procedure_table["WSPSocket"](AF_INET, SOCK_STREAM)
    with refused(10045):
        layer.procedure_table["WSPJoinLeaf"]()
    layer.procedure_table["WSPCloseSocket"](s)
    layer.procedure_table["WSPCleanup"]()
    assert released(layer)


def test_what_cannot_be_a_layer_is_refused_when_it_is_made() -> None:
    with pytest.raises(TypeError, match="must have a method startup, and object has none"):
        LayeredWinsockProvider(object())  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="pairs of bytes"):
        LayeredWinsockProvider(MadeUp(), versions=[])
    with pytest.raises(AttributeError, match="no_such_name"):
        _ = winsock_provider.no_such_name
    assert winsock_provider.LayeredWinsockProvider is LayeredWinsockProvider
    assert repr(LayeredWinsockProvider(MadeUp())).startswith(
        "<LayeredWinsockProvider UNLOADED refs=0 epoch=0 sockets=0 over <"
    )
