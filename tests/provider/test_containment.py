"""Whatever people's code, the selector or the engine itself does wrong: every caller is answered, and it runs again."""

import contextlib
import logging
import selectors
import sys
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, NoReturn

import pytest
from winsock_provider import AF_INET, SOCK_STREAM, Phase, WinsockError, WinsockProvider
from winsock_provider.request import Plan
from winsock_provider.traffic import Traffic
from winsock_provider.watch import Watch

if TYPE_CHECKING:
    from tests.provider.conftest import World


def fail(*_arguments: object) -> NoReturn:
    raise ValueError("people's code")


@pytest.fixture
def still_works(world: "World", provider: WinsockProvider, caplog: pytest.LogCaptureFixture) -> Callable[[], None]:
    """A check that the provider serves a new connection, cleans up, starts again and cleans up again."""
    caplog.set_level(logging.CRITICAL + 1, "winsock_provider")

    def check() -> None:
        for _ in range(2):
            s, peer = world.meet(provider)
            provider.send(s, b"hello")
            assert peer.recv(10) == b"hello"
            world.in_thread(provider.cleanup).result(world.patience)
            assert provider.snapshot().phase is Phase.UNLOADED
            world.in_thread(lambda: provider.startup((2, 2))).result(world.patience)

    return check


@pytest.mark.parametrize(
    "routine", [lambda *_: sys.exit(3), fail, lambda: None], ids=["exits", "raises", "other shape"]
)
def test_a_routine_may_raise_what_it_likes(
    world: "World",
    provider: WinsockProvider,
    still_works: Callable[[], None],
    monkeypatch: pytest.MonkeyPatch,
    routine: Callable[..., object],
) -> None:
    monkeypatch.setattr(threading, "excepthook", fail)
    s, peer = world.meet(provider)
    event = threading.Event()
    provider.recv_overlapped(s, 1, routine=routine)
    provider.recv_overlapped(s, 1, event)
    peer.sendall(b"xy")
    assert event.wait(world.patience)
    still_works()


def test_a_routine_that_exits_is_told_of_in_the_log(
    world: "World", provider: WinsockProvider, caplog: pytest.LogCaptureFixture
) -> None:
    s, peer = world.meet(provider)
    provider.recv_overlapped(s, 1, routine=lambda *_: sys.exit(3))
    event = threading.Event()
    provider.recv_overlapped(s, 1, event)
    peer.sendall(b"xy")
    assert event.wait(world.patience)
    world.wait_until(lambda: "a completion routine called sys.exit" in caplog.text)


def test_a_routine_that_does_not_return_holds_up_nobody_but_other_routines(
    world: "World", provider: WinsockProvider, still_works: Callable[[], None]
) -> None:
    s, peer = world.meet(provider)
    entered, go = threading.Event(), threading.Event()

    def routine(_error: int, _transferred: int) -> None:
        entered.set()
        assert go.wait(world.patience)

    provider.recv_overlapped(s, 1, routine=routine)
    peer.sendall(b"xy")
    assert entered.wait(world.patience)
    assert provider.recv(s, 1) == b"y"
    assert provider.snapshot().refs == 1
    go.set()
    still_works()


def test_a_routine_that_never_returns_is_left_alone_when_the_drain_has_had_its_time(
    world: "World", caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("winsock_provider.shift.PATIENCE", 0.05)
    provider = WinsockProvider(drain_timeout=0.05)
    provider.startup((2, 2))
    s, peer = world.meet(provider)
    entered, go = threading.Event(), threading.Event()

    def routine(_error: int, _transferred: int) -> None:
        entered.set()
        go.wait(world.patience)

    provider.recv_overlapped(s, 1, routine=routine)
    peer.sendall(b"x")
    assert entered.wait(world.patience)
    world.in_thread(provider.cleanup).result(world.patience)
    assert "still running" in caplog.text
    go.set()


@pytest.mark.parametrize(
    ("wrong", "number"),
    [
        ({"event": "x"}, 6),
        ({"routine": "x"}, 10014),
        ({"size": 1.5}, 10022),
        ({"size": "x"}, 10022),
        ({"size": -1}, 10022),
    ],
    ids=str,
)
def test_what_could_not_be_run_later_is_refused_when_it_is_given(
    world: "World", provider: WinsockProvider, still_works: Callable[[], None], wrong: dict[str, object], number: int
) -> None:
    s, peer = world.meet(provider)
    provider.recv_overlapped(s, 1)
    arguments: dict[str, object] = {"size": 1} | wrong
    with pytest.raises(WinsockError) as refused:
        provider.recv_overlapped(s, **arguments)  # type: ignore[arg-type] # the point is that it is wrong
    assert refused.value.winerror == provider.get_last_error() == number
    assert provider.recv_overlapped(s, 1 << 40).error() == 997
    peer.sendall(b"xyz")
    world.agree(provider)
    still_works()


@pytest.mark.parametrize("times", [1, 3])
def test_the_selector_may_fail(
    world: "World",
    provider: WinsockProvider,
    still_works: Callable[[], None],
    monkeypatch: pytest.MonkeyPatch,
    times: int,
) -> None:
    s, peer = world.meet(provider)
    failures = [OSError(5, "broken")] * times
    real = selectors.DefaultSelector.select

    def select(selector: selectors.BaseSelector, timeout: float | None = None) -> object:
        if failures:
            raise failures.pop()
        return real(selector, timeout)  # type: ignore[arg-type] # the platform's own class

    monkeypatch.setattr(selectors.DefaultSelector, "select", select)
    waiting = world.in_thread(lambda: provider.select([s]))
    world.wait_for_blocked(provider)
    peer.sendall(b"hello")
    assert waiting.result(world.patience) == ([s], [], [])
    assert provider.recv(s, 10) == b"hello"
    assert not failures
    still_works()


def test_a_selector_that_never_works_ends_the_epoch_and_every_call(
    world: "World", provider: WinsockProvider, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    s, _ = world.meet(provider)
    waiting = world.in_thread(lambda: provider.recv(s, 10))
    world.wait_for_blocked(provider)

    def broken(_watch: Watch, _timeout: float | None) -> NoReturn:
        raise OSError(5, "broken")

    monkeypatch.setattr(Watch, "select", broken)
    with pytest.raises(WinsockError):
        provider.select([s], timeout=world.patience)
    with pytest.raises(WinsockError):
        waiting.result(world.patience)
    world.wait_until(lambda: provider.snapshot().phase is Phase.UNLOADED)
    monkeypatch.undo()
    world.wait_until(lambda: "broken" in caplog.text)
    provider.startup((2, 2))
    world.meet(provider)


def test_a_startup_that_waits_for_the_drain_is_answered_when_nothing_works_any_more(
    world: "World", monkeypatch: pytest.MonkeyPatch
) -> None:
    provider = WinsockProvider(drain_timeout=world.patience)
    provider.startup((2, 2))
    s, _ = world.meet(provider)
    provider.send(s, bytes(16 << 20))
    cleaned = world.in_thread(provider.cleanup)
    world.wait_until(lambda: provider.snapshot().phase is Phase.DRAINING)
    shift = provider._owner.at_work
    waiting = world.in_thread(lambda: provider.startup((2, 2)))
    world.wait_until(lambda: len(shift.waiting) == 2)

    def broken(_watch: Watch, _timeout: float | None) -> NoReturn:
        raise OSError(5, "broken")

    with monkeypatch.context() as patch:
        patch.setattr(Watch, "select", broken)
        shift.ring()
        assert getattr(waiting.exception(world.patience), "winerror", None) == 10091
        cleaned.exception(world.patience)
    provider.startup((2, 2))
    provider.cleanup()


@pytest.mark.parametrize("event", ["receive", "_flush"])
def test_an_error_of_the_engine_costs_one_connection(
    world: "World",
    provider: WinsockProvider,
    still_works: Callable[[], None],
    monkeypatch: pytest.MonkeyPatch,
    event: str,
) -> None:
    (s, peer), (t, other) = world.meet(provider), world.meet(provider)
    told = threading.Event()
    peer.setblocking(False)
    if event == "receive":
        provider.recv_overlapped(s, 1, told)
        monkeypatch.setattr(Traffic, event, fail)
        peer.send(b"x")
    else:
        provider.send_overlapped(s, bytes(16 << 20), told)
        monkeypatch.setattr(Traffic, event, fail)

    def is_told() -> bool:
        with contextlib.suppress(BlockingIOError):
            peer.recv(1 << 20)
        return told.is_set()

    world.wait_until(is_told)
    monkeypatch.undo()
    with pytest.raises(WinsockError) as broken:
        provider.send(s, b"x")
    assert broken.value.winerror == 10053
    provider.send(t, b"whole")
    assert other.recv(10) == b"whole"
    world.agree(provider)
    still_works()


def test_an_error_in_the_middle_of_work_is_answered(provider: WinsockProvider) -> None:
    with pytest.raises(ValueError, match="people's code"):
        provider._owner.ask(Plan(now=fail))
    assert provider.snapshot().refs == 1


@pytest.mark.parametrize("failure", [SystemExit(3), KeyboardInterrupt(), ValueError("no card")], ids=repr)
@pytest.mark.parametrize("hook", ["initialise", "released"])
def test_a_hook_may_raise_what_it_likes(
    world: "World", monkeypatch: pytest.MonkeyPatch, hook: str, failure: BaseException
) -> None:
    monkeypatch.setattr(threading, "excepthook", lambda _: None)
    failures = {hook: failure}
    done: list[str] = []

    class Hooks:
        def initialise(self) -> None:
            done.append("initialise")
            if "initialise" in failures:
                raise failures.pop("initialise")

        def released(self, epoch: int) -> None:
            done.append(f"released {epoch}")
            if "released" in failures:
                raise failures.pop("released")

    provider = WinsockProvider(hooks=Hooks())
    if hook == "initialise":
        with pytest.raises(WinsockError if isinstance(failure, Exception) else type(failure)):
            provider.startup((2, 2))
    for _ in range(2):
        world.in_thread(lambda: provider.startup((2, 2))).result(world.patience)
        world.in_thread(provider.cleanup).result(world.patience)
    assert done[-4:] == ["initialise", "released 1", "initialise", "released 2"]


def test_hooks_that_cannot_be_called_are_refused() -> None:
    with pytest.raises(TypeError, match="initialise"):
        WinsockProvider(hooks=object())  # type: ignore[arg-type] # the point is that it is wrong


@pytest.mark.parametrize("end", ["close", "cleanup"])
def test_a_wait_for_exceptions_alone_is_cancelled_too(world: "World", provider: WinsockProvider, end: str) -> None:
    s = provider.socket(AF_INET, SOCK_STREAM)
    waiting = world.in_thread(lambda: provider.select([], [], [s]))
    world.wait_for_blocked(provider)
    if end == "close":
        provider.closesocket(s)
    else:
        provider.cleanup()
    with pytest.raises(WinsockError, match="WSAEINTR"):
        waiting.result(world.patience)


NOT_STARTED: list[Callable[[WinsockProvider], object]] = [
    lambda p: p.send([], b""),  # type: ignore[arg-type]
    lambda p: p.recv(1, 1 << 40),
    lambda p: p.select(5),  # type: ignore[arg-type]
    lambda p: p.bind(1, 5),  # type: ignore[arg-type]
    lambda p: p.gethostbyname(5),  # type: ignore[arg-type]
]
STARTED: list[tuple[Callable[[WinsockProvider, int], object], int]] = [
    (lambda p, _: p.startup(0x0202), 10022),  # type: ignore[arg-type]
    (lambda p, _: p.startup((2, "x")), 10022),  # type: ignore[arg-type]
    (lambda p, _: p.startup((2, 2), upcalls=5), 10014),  # type: ignore[arg-type]
    (lambda p, _: p.send([], b""), 10038),  # type: ignore[arg-type]
    (lambda p, s: p.send(s, 5), 10014),  # type: ignore[arg-type]
    (lambda p, s: p.recv(s, 1.5), 10022),  # type: ignore[arg-type]
    (lambda p, s: p.recv(s, 1, "x"), 10045),  # type: ignore[arg-type]
    (lambda p, _: p.select(5), 10014),  # type: ignore[arg-type]
    (lambda p, s: p.select([s], timeout="x"), 10022),  # type: ignore[arg-type]
    (lambda p, s: p.select([s], timeout=float("nan")), 10022),
    (lambda p, _: p.select([[]]), 10038),  # type: ignore[list-item]
    (lambda p, s: p.bind(s, 5), 10014),  # type: ignore[arg-type]
    (lambda p, s: p.connect(s, []), 10014),  # type: ignore[arg-type]
    (lambda p, s: p.listen(s, "x"), 10022),  # type: ignore[arg-type]
    (lambda p, s: p.shutdown(s, []), 10022),  # type: ignore[arg-type]
    (lambda p, s: p.setsockopt(s, [], [], 1), 10042),  # type: ignore[arg-type]
    (lambda p, s: p.getsockopt(s, [], []), 10042),  # type: ignore[arg-type]
    (lambda p, s: p.ioctl(s, []), 10045),  # type: ignore[arg-type]
    (lambda p, _: p.socket([], 1), 10047),  # type: ignore[arg-type]
    (lambda p, _: p.socket(2, []), 10044),  # type: ignore[arg-type]
    (lambda p, _: p.socket(2, 1, []), 10043),  # type: ignore[arg-type]
    (lambda p, _: p.gethostbyname(5), 10014),  # type: ignore[arg-type]
    (lambda p, _: p.getservbyname(5), 10014),  # type: ignore[arg-type]
    (lambda p, _: p.getservbyport("x"), 10014),  # type: ignore[arg-type]
    (lambda p, _: p.closesocket({}), 10038),  # type: ignore[arg-type]
    (lambda p, _: p.duplicate_socket({}), 10038),  # type: ignore[arg-type]
]


@pytest.mark.parametrize("call", NOT_STARTED)
def test_not_initialised_comes_before_every_argument(call: Callable[[WinsockProvider], object]) -> None:
    with pytest.raises(WinsockError) as refused:
        call(WinsockProvider())
    assert refused.value.winerror == 10093


@pytest.mark.parametrize(("call", "number"), STARTED)
def test_no_argument_makes_a_call_raise_anything_else(
    world: "World", provider: WinsockProvider, call: Callable[[WinsockProvider, int], object], number: int
) -> None:
    s, _ = world.meet(provider)
    with pytest.raises(WinsockError) as refused:
        call(provider, s)
    assert refused.value.winerror == provider.get_last_error() == number
    world.agree(provider)


def test_a_receive_of_more_than_memory_holds_takes_what_is_there(world: "World", provider: WinsockProvider) -> None:
    s, peer = world.meet(provider)
    peer.sendall(b"hello")
    assert provider.recv(s, 1 << 40) == b"hello"
