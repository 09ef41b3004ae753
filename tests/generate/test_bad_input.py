"""Bad input to the shell for threads, line by line: a clear error, nothing changed, and nothing left behind.

`tests/tasks/test_bad_input.py` has the same lines for asyncio.
"""

import gc
import pickle
import re
import signal
import subprocess
import sys
import threading
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.generate import bad_input
from tests.generate.bad_input import COPIERS, NO_ANSWERS, NO_COPY, NO_SPEEDS, NO_TIMES
from tests.generate.shells import PATIENCE, Caller, Gate, forget, imported, until_somebody_waits


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("bad_input")


@pytest.fixture(scope="module")
def device(folder: Path) -> Iterator[Any]:
    yield imported("device", folder)
    forget("device")


@pytest.fixture(scope="module")
def hub(folder: Path) -> Iterator[Any]:
    yield imported("hub", folder)
    forget("hub")


@pytest.fixture(scope="module")
def pool(folder: Path) -> Iterator[Any]:
    yield imported("pool", folder)
    forget("pool")


@pytest.fixture
def heard() -> Iterator[None]:
    """Ctrl-C is an interrupt, also where whoever has started the tests wants it to be ignored."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.fixture
def camera(device: Any) -> Iterator[Any]:
    """A device whose work does what it is told; behind a test it is as at the start, and works."""

    class Camera(device.DeviceLifecycle):  # type: ignore[misc]  # the package exists only while tests run
        opens: Callable[[], Any] = staticmethod(lambda: None)
        closes: Callable[[], Any] = staticmethod(lambda: None)

        def open(self) -> Any:
            return self.opens()

        def close(self) -> Any:
            return self.closes()

    made, threads = [Camera()], threading.active_count()
    yield made[0]
    look_after(made, device.Snapshot(device.Phase.DOWN, 0), lambda each: each.using())
    assert threading.active_count() == threads


@pytest.fixture
def wired(hub: Any) -> Iterator[Any]:
    """A hub whose work does what it is told; behind a test it is as at the start, and works."""

    class Wired(hub.HubLifecycle):  # type: ignore[misc]  # the package exists only while tests run
        connects: Callable[[Any], Any] = staticmethod(lambda _: 1)
        disconnects: Callable[[Any], Any] = staticmethod(lambda _: None)

        def connect(self, link: Any) -> Any:
            return self.connects(link)

        def disconnect(self, link: Any) -> Any:
            return self.disconnects(link)

    made = [Wired()]
    yield made[0]
    look_after(made, hub.Snapshot(hub.Phase.OPEN, 0, 0, {}), lambda each: each.linked())


def look_after(made: list[Any], start: object, session: Callable[[Any], Any]) -> None:
    """See that a lifecycle, which nobody else holds, is as at the start and works, and drop it in silence."""
    (life,) = made
    for name in ("opens", "closes", "connects", "disconnects"):
        vars(life).pop(name, None)
    assert life.snapshot() == start
    assert (dict(life._life.now()._pending), life._life.listeners, life._life.clocks) == ({}, [], {})
    with session(life):
        pass
    assert life.snapshot() == start
    with warnings.catch_warnings(record=True) as heard:
        warnings.simplefilter("always")
        made.clear()
        del life
        gc.collect()
    assert [str(each.message) for each in heard if "was left" in str(each.message)] == []


def raises(error: BaseException) -> Callable[..., Any]:
    def work(*_: object) -> None:
        raise error

    return work


# --- work -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("answer", NO_ANSWERS, ids=repr)
def test_work_that_answers_what_it_should_not(camera: Any, answer: Any) -> None:
    told = f" returned {type(answer).__name__}, not None"
    camera.opens = lambda: answer
    with pytest.raises(TypeError, match="open" + told):
        camera.start()
    del camera.opens
    camera.closes = lambda: answer
    with pytest.raises(TypeError, match="close" + told), camera.using():
        assert camera.snapshot().refs == 1


@pytest.mark.parametrize("answer", NO_SPEEDS, ids=lambda each: repr(each)[:9] if each != -bad_input.HUGE else "huge")
def test_work_for_a_member_that_answers_what_it_should_not(wired: Any, answer: Any) -> None:
    wired.connects = lambda _: answer
    with pytest.raises((TypeError, ValueError), match="connect returned "):
        wired.dial()


def test_work_that_raises_what_nobody_expects(device: Any, camera: Any) -> None:
    for error in bad_input.errors(device):
        camera.opens = raises(error)
        with pytest.raises(type(error)) as raised:
            camera.start()
        assert raised.value is error
        assert camera.snapshot().phase is device.Phase.DOWN
        del camera.opens
        camera.start()
        camera.closes = raises(error)
        with pytest.raises(type(error)) as raised:
            camera.stop()
        assert raised.value is error
        assert camera.snapshot().phase is device.Phase.DOWN


def test_work_that_looks_for_the_first_of_nothing(device: Any, camera: Any, wired: Any) -> None:
    """The StopIteration of `next` is no end of anything of ours."""
    camera.opens = lambda: next(iter(()))
    with pytest.raises(StopIteration):
        camera.start()
    assert camera.snapshot().phase is device.Phase.DOWN
    wired.connects = lambda _: next(iter(()))
    with pytest.raises(StopIteration):
        wired.dial()


def test_work_that_calls_back_in(device: Any, camera: Any) -> None:
    told = re.escape("start would wait for open, which waits for it")
    for call in (camera.start, lambda: camera.start(timeout=PATIENCE), lambda: camera.using().__enter__()):
        camera.opens = call
        with pytest.raises(device.WouldDeadlock, match=told) as refused:
            camera.start()
        assert refused.value.__suppress_context__, "nobody is told how the core says that it waits"
    camera.opens = camera.stop
    with pytest.raises(device.NotStarted):
        camera.start()
    del camera.opens
    for call, error in ((camera.start, device.WouldDeadlock), (camera.stop, device.NotStarted)):
        camera.closes = call
        camera.start()
        with pytest.raises(error):
            camera.stop()


def test_work_for_a_member_that_calls_for_that_member(hub: Any, wired: Any) -> None:
    wired.connects = wired.drop
    with pytest.raises(hub.NotUp):
        wired.dial()
    del wired.connects
    link = wired.dial()
    wired.disconnects = wired.drop
    with pytest.raises(hub.NotUp):
        wired.drop(link)


# --- work that never ends ---------------------------------------------------------------------------------------


def test_work_that_never_ends_and_others_who_call(device: Any, camera: Any) -> None:
    camera.opens = gate = Gate()
    first = Caller(camera.start)
    assert gate.entered.wait(PATIENCE)
    before = camera.snapshot()
    with pytest.raises(TimeoutError, match="start had to wait for too long") as late:
        camera.start(timeout=0.001)
    assert late.value.__suppress_context__
    with pytest.raises(device.NotStarted):
        camera.stop()
    assert camera.snapshot() == before
    assert camera._life.listeners == []
    gate.opened.set()
    assert first.result() == "first_start"
    camera.stop()


@pytest.mark.usefixtures("heard")
def test_work_that_never_ends_and_an_interrupt(camera: Any) -> None:
    """Ctrl-C comes while somebody else waits, who then opens himself."""
    waiting: list[Caller] = []

    def never_ends() -> None:
        del camera.opens
        waiting.append(Caller(camera.start))
        until_somebody_waits(camera)
        signal.raise_signal(signal.SIGINT)
        threading.Event().wait(PATIENCE)
        raise AssertionError("no interrupt has come")

    camera.opens = never_ends
    with pytest.raises(KeyboardInterrupt):
        camera.start()
    assert waiting[0].result() == "first_start"
    camera.stop()


def test_work_that_never_ends_and_the_end_of_the_program(device: Any, folder: Path) -> None:
    program = (
        "import threading, device_shell\n"
        "class Camera(device_shell.DeviceLifecycle):\n"
        "    def open(self):\n"
        "        begun.set()\n"
        "        threading.Event().wait()\n"
        "    def close(self): ...\n"
        "begun, camera = threading.Event(), Camera()\n"
        "threading.Thread(target=camera.start, daemon=True).start()\n"
        "begun.wait()\n"
    )
    assert device.__name__ == "device_shell"
    ended = subprocess.run(
        [sys.executable, "-W", "always", "-c", program],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=True,
    )
    assert "ResourceWarning: Camera was left before its end: phase=Phase.OPENING" in ended.stderr
    assert "Traceback" not in ended.stderr


# --- classes ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("methods", "told"),
    [
        *bad_input.classes(bad_input.plain),
        ({"open": bad_input.awaited, "close": bad_input.plain}, "Wrong.open must be written without `async`"),
        ({"open": bad_input.plain, "close": bad_input.awaited}, "Wrong.close must be written without `async`"),
    ],
)
def test_a_class_with_a_mistake_cannot_be_used(device: Any, methods: dict[str, Any], told: str) -> None:
    with pytest.raises(TypeError, match=told):
        type("Wrong", (device.DeviceLifecycle,), methods)()


@pytest.mark.parametrize("work", bad_input.unusual(bad_input.plain), ids=lambda work: type(work).__name__)
def test_a_class_without_a_mistake_can_be_used(device: Any, work: Any) -> None:
    with type("Right", (device.DeviceLifecycle,), {"open": work, "close": work})().using():
        pass


def test_work_for_a_member_that_does_not_take_it(hub: Any) -> None:
    wrong = type("Wrong", (hub.HubLifecycle,), {"connect": bad_input.plain, "disconnect": lambda _self, _link: None})
    with pytest.raises(TypeError, match=r"Wrong\.connect must take the member as its only argument besides `self`"):
        wrong()


def test_a_class_whose_beginning_forgets_ours(device: Any) -> None:
    methods = {"open": bad_input.plain, "close": bad_input.plain, "__init__": bad_input.plain}
    forgetful = type("Forgetful", (device.DeviceLifecycle,), methods)()
    for use in (forgetful.start, forgetful.stop, forgetful.snapshot, forgetful.using, forgetful.__repr__):
        with pytest.raises(RuntimeError, match=r"derived from DeviceLifecycle has to call `super\(\).__init__\(\)`"):
            use()


def test_an_observer_and_a_condition_that_are_no_plain_functions(camera: Any) -> None:
    for wrong, told in ((5, "must be a function, not 5"), (bad_input.awaited, "must be a plain function")):
        with pytest.raises(TypeError, match=f"the observer {told}"):
            type(camera)(observe=wrong)
    with pytest.raises(TypeError, match="the condition must be a plain function"):
        camera.wait_for(bad_input.awaited)
    with pytest.raises(TypeError, match="not callable"):
        camera.wait_for(5)


# --- copies -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("copier", COPIERS, ids=lambda each: each.__name__)
def test_a_copy_of_what_there_is_one_of(camera: Any, wired: Any, copier: Callable[[Any], object]) -> None:
    for each, name in ((camera, "Camera"), (camera.using(), "Session"), (wired, "Wired")):
        with pytest.raises(TypeError, match=NO_COPY.format(name)):
            copier(each)
    with wired.linked() as link, camera.using():
        if copier is pickle.dumps:
            for each in (link, [link], wired.snapshot()):
                with pytest.raises(TypeError, match="a Link cannot be pickled: it belongs to a lifecycle of this proc"):
                    copier(each)
        else:
            assert copier(link) is link
            assert copier(wired.snapshot()) == wired.snapshot()


# --- arguments --------------------------------------------------------------------------------------------------


def test_a_member_that_is_none_of_this_lifecycle(hub: Any, wired: Any) -> None:
    link, dead, other = wired.dial(), wired.dial(), type(wired)()
    wired.drop(dead)
    foreign = other.dial()
    before = [*wired.snapshot().links]
    wrong = (
        (foreign, hub.WrongMember, "belongs to another lifecycle"),
        (dead, hub.NotUp, "NOT_UP"),
        (hub.Link(wired), hub.NotUp, "NOT_UP"),
        ("link", TypeError, "a Link is needed, not 'link'"),
        (None, TypeError, "a Link is needed, not None"),
        (hub.Link, TypeError, "a Link is needed, not <class"),
        (hub.core.Link(), TypeError, "a Link is needed, not Link"),
    )
    for each, error, told in wrong:
        with pytest.raises(error, match=told):
            wired.drop(each)
        assert [*wired.snapshot().links] == before
    with pytest.raises(TypeError, match="a Link belongs to a lifecycle, and 5 is none"):
        hub.Link(5)
    wired.drop(link)
    other.drop(foreign)


@pytest.mark.parametrize("weight", ["1", None, 1.0, True, float("nan"), (1,)], ids=repr)
def test_an_argument_that_is_no_value_of_its_type(pool: Any, weight: Any) -> None:
    lifecycle, wrong = pool.PoolLifecycle(), "a value of int is needed, not "
    lifecycle.pool_attach()
    before = lifecycle.snapshot()
    with pytest.raises(TypeError, match=wrong):
        lifecycle.pool_borrow(weight)
    assert lifecycle.snapshot() == before
    connection = lifecycle.pool_borrow(1)
    with pytest.raises(TypeError, match=wrong):
        lifecycle.give_back(connection, weight)
    with pytest.raises(TypeError, match="a value of Full is needed, not "):
        lifecycle.pool_touch(connection, weight)
    with pytest.raises(TypeError, match="a value of Full is needed, not "):
        pool.PoolLifecycle(weight)
    assert (connection.lent, connection.uses, lifecycle.snapshot().slots) == (True, 1, 1)
    lifecycle._life.begin_anew()  # as in a forked child: nobody warns of what is left here


@pytest.mark.parametrize("timeout", NO_TIMES, ids=lambda each: str(type(each).__name__))
def test_a_timeout_that_is_no_number_of_seconds(hub: Any, camera: Any, timeout: Any) -> None:
    told = "timeout must be a number of seconds"
    calls = (camera.start, camera.stop, lambda **given: camera.using(**given).__enter__())
    for call in (*calls, lambda **given: camera.wait_for(lambda _: False, **given)):
        with pytest.raises((TypeError, ValueError), match=told) as refused:
            call(timeout=timeout)
        assert len(str(refused.value)) < 200
    methods = {"connect": lambda _self, _link: 1, "disconnect": lambda _self, _link: None}
    with pytest.raises((TypeError, ValueError), match=f"drain_{told}"):
        type("Wired", (hub.HubLifecycle,), methods)(drain_timeout=timeout)
