"""The text of the error of a refused call, as a stranger reads it, with both shells, and what the error keeps alive."""

import asyncio
import contextlib
import copy
import gc
import pickle
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.generate.shells import forget, imported
from tests.tasks import packages

pytestmark = pytest.mark.filterwarnings("ignore:.* was left before its end:ResourceWarning")


class Shell:
    """Packages of one shell, and a caller of what they offer."""

    def __init__(self, waits: str, folder: Path) -> None:
        self.waits = waits == "asyncio"
        self._folder = folder
        self._made: dict[str, Any] = {}
        self._runner = asyncio.Runner()

    def package(self, spec: str) -> Any:
        """The package of a spec."""
        if spec not in self._made:
            self._made[spec] = packages.load(self._folder, spec) if self.waits else imported(spec, self._folder)
        return self._made[spec]

    def made(self, spec: str, **work: object) -> Any:
        """A lifecycle of it, whose work answers this."""
        methods: dict[str, Any] = {name: self._work(answer) for name, answer in work.items()}
        (base,) = (each for name, each in vars(self.package(spec)).items() if name.endswith("Lifecycle"))
        return type("Made", (base,), methods)()

    def _work(self, answer: object) -> Callable[..., Any]:
        async def later(*_: object) -> object:
            return answer

        return later if self.waits else lambda *_: answer

    def done(self, made: Any) -> Any:
        """The answer of a call."""
        return self._runner.run(made) if asyncio.iscoroutine(made) else made

    def refused(self, call: Callable[..., Any], *given: object, **bound: float) -> Exception:
        """The error of a call that is refused, or waits for too long."""
        device, pool = self.package("device"), self.package("pool")
        try:
            self.done(call(*given, **bound))
        except (TimeoutError, RuntimeError, device.NotEnabled, pool.NotEnabled) as error:
            return error
        raise AssertionError("it was not refused")

    def end(self) -> None:
        """Let go of everything, while the warnings that it was left are ignored."""
        self._runner.close()
        gc.collect()
        for spec, package in self._made.items():
            packages.forget(package) if self.waits else forget(spec)


@pytest.fixture(scope="module", params=["threads", "asyncio"])
def shell(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shell]:
    made = Shell(request.param, tmp_path_factory.mktemp(request.param))
    yield made
    made.end()


def test_a_refusal_says_which_call_and_why_and_in_which_state(shell: Shell) -> None:
    camera = shell.made("device", open=None, close=None)
    refused = shell.refused(camera.stop)
    assert type(refused) is shell.package("device").NotStarted
    assert str(refused) == "stop was refused with NOT_STARTED: One stop too many (phase=Phase.DOWN, refs=0)"
    assert repr(refused) == "NotStarted('stop was refused with NOT_STARTED')"
    assert hash(refused.args[0]) == hash(shell.refused(camera.stop).args[0])
    assert refused.__cause__ is None
    assert refused.__suppress_context__


def test_a_refusal_says_which_member_it_was_about(shell: Shell) -> None:
    hub = shell.made("hub", connect=3, disconnect=None)
    link = shell.done(hub.dial())
    shell.done(hub.drop(link))
    for refused, shown in (
        (shell.refused(hub.drop, link), "Link(wire=Wire.NEW, speed=0)"),
        (shell.refused(hub.drop, type(link)(hub)), "a new Link"),
    ):
        assert str(refused) == (
            f"drop({shown}) was refused with NOT_UP: There is no such link "
            "(phase=Phase.OPEN, used=0, lost=0, links=0 members)"
        )


def test_a_refusal_says_what_it_was_when_it_was_refused(shell: Shell) -> None:
    pool = shell.made("pool")
    early = shell.refused(pool.pool_borrow, 2)
    shell.done(pool.pool_attach())
    lent = shell.done(pool.pool_borrow(1))
    told = "PoolBorrow(a new Connection, 2) was refused with CLOSED: The pool is not open (phase=Phase.CLOSED, "
    assert str(early).startswith(told)
    cannot = shell.refused(pool.steal, lent, lent)
    assert type(cannot) is shell.package("pool").NotEnabled
    assert str(cannot).startswith("steal(Connection(lent=True, live=True, ")
    assert " cannot happen now (phase=Phase.OPEN, " in str(cannot)
    assert str(cannot).endswith(", connections=1 member)")


def test_a_refusal_is_pickled_and_copied(shell: Shell) -> None:
    hub, camera = shell.made("hub", connect=3, disconnect=None), shell.made("device", open=None, close=None)
    for refused in (shell.refused(hub.drop, shell.package("hub").Link(hub)), shell.refused(camera.stop)):
        for again in (pickle.loads(pickle.dumps(refused)), copy.copy(refused), copy.deepcopy(refused)):  # noqa: S301
            assert (type(again), again.args, str(again)) == (type(refused), refused.args, str(refused))
    (told,) = refused.args
    assert (told.call, told.reason, told.why, told.arguments) == ("stop", "NOT_STARTED", "One stop too many.", ())
    assert told.state == {"phase": shell.package("device").Phase.DOWN, "refs": 0}


def test_an_error_that_people_make_themselves_says_what_they_say(shell: Shell) -> None:
    assert str(shell.package("device").NotStarted("mine")) == "mine"


def test_a_refusal_that_is_kept_keeps_none_of_what_comes_after_it(shell: Shell) -> None:
    hub = shell.made("hub", connect=3, disconnect=None)
    link = shell.done(hub.dial())
    foreign = shell.made("hub", connect=3, disconnect=None)
    kept = [shell.refused(hub.drop, shell.package("hub").Link(hub)), shell.refused(foreign.drop, link)]
    shell.done(hub.drop(link))
    del link
    states = []
    for _ in range(5):
        shell.done(hub.drop(shell.done(hub.dial())))
        states.append(states_alive(shell.package("hub")))
    assert states[-1] <= states[1], "and not some more with each step"
    assert len(kept) == 2


def test_a_refusal_that_nobody_keeps_is_gone_at_once(shell: Shell) -> None:
    hub = shell.made("hub", connect=3, disconnect=None)
    link = shell.done(hub.dial())
    shell.done(hub.drop(link))
    failing = shell.made("device", open=object(), close=None)
    kinds = (shell.package("hub").NotUp, TimeoutError, TypeError)
    calls: list[Callable[[], Any]] = [
        lambda: hub.drop(link),
        lambda: hub.wait_for(never, timeout=0),
        failing.start,
    ]

    def caught() -> None:
        for call in calls:
            with pytest.raises(kinds):
                call()

    async def caught_in_a_task() -> None:
        for call in calls:
            with contextlib.suppress(*kinds):
                await call()

    gc.collect()
    gc.disable()
    try:
        if shell.waits:
            shell.done(caught_in_a_task())
        else:
            caught()
        assert not any(type(each) in kinds for each in gc.get_objects())
    finally:
        gc.enable()


def never(_: object) -> bool:
    return False


def test_who_waited_in_vain_keeps_none_of_what_comes_after_it(shell: Shell) -> None:
    hub = shell.made("hub", connect=3, disconnect=None)
    link = shell.done(hub.dial())
    kept = [
        shell.refused(hub.wait_for, lambda _: False, timeout=0),
        shell.refused(hub.drain, timeout=0),
        in_work(shell, lambda camera: camera.start()),
        in_work(shell, lambda camera: camera.start(timeout=0)),
    ]
    assert [type(each).__name__ for each in kept] == ["TimeoutError", "TimeoutError", "WouldDeadlock", "WouldDeadlock"]
    shell.done(hub.drop(link))
    shell.done(hub.drained())
    del link
    states = []
    for _ in range(5):
        shell.done(hub.drop(shell.done(hub.dial())))
        states.append(states_alive(shell.package("hub")))
    assert states[-1] <= states[1], "and not some more with each step"


def in_work(shell: Shell, call: Callable[[Any], Any]) -> Exception:
    """The error of a call of work that would have to wait for itself; its lifecycle goes on for a while."""
    found: list[Exception] = []
    camera = shell.made("device", open=None, close=None)

    def opens(camera: Any) -> None:
        found.append(shell.refused(call, camera))

    async def opens_later(camera: Any) -> None:
        try:
            await call(camera)
        except RuntimeError as error:
            found.append(error)

    type(camera).open = opens_later if shell.waits else opens
    before = states_alive(shell.package("device"))
    shell.done(camera.start())
    for _ in range(5):
        shell.done(camera.start())
        shell.done(camera.stop())
    shell.done(camera.stop())
    assert states_alive(shell.package("device")) <= before + 3
    return found[0]


def test_a_session_that_is_kept_keeps_none_of_what_comes_after_it(shell: Shell) -> None:
    camera = shell.made("device", open=None, close=None)

    async def held(session: Any) -> None:
        async with session:
            pass

    def used() -> Any:
        session = camera.using()
        if shell.waits:
            shell.done(held(session))
        else:
            with session:
                pass
        return session

    shell.done(camera.start())
    kept, states = used(), []
    for _ in range(5):
        used()
        states.append(states_alive(shell.package("device")))
    assert states[-1] <= states[1], "and not some more with each session"
    del kept


def states_alive(package: Any) -> int:
    gc.collect()
    return sum(type(each) is package.lifecycle._State for each in gc.get_objects())


def test_nobody_writes_the_text_of_a_refusal_that_nobody_reads(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    camera = shell.made("device", open=None, close=None)
    refusal = type(shell.refused(camera.stop).args[0])
    monkeypatch.setattr(refusal, "__str__", lambda _: pytest.fail("it was read"))
    shell.refused(camera.stop)
