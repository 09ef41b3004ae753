"""The shell for threads: calls, refusals, waiting, work, sessions, observers, forks and ends, on small specs."""

import contextlib
import gc
import logging
import os
import time
import warnings
from collections.abc import Iterator
from typing import Any

import pytest

from tests.generate.shells import PATIENCE, Caller, Gate, forget, imported, until_somebody_waits


@pytest.fixture(scope="module")
def device(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    yield imported("device", tmp_path_factory.mktemp("device"))
    forget("device")


@pytest.fixture(scope="module")
def pool(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    yield imported("pool", tmp_path_factory.mktemp("pool"))
    forget("pool")


def camera_of(device: Any) -> Any:
    """A device that notes its work, and does what it was told to do first."""

    class Camera(device.DeviceLifecycle):  # type: ignore[misc]  # the package exists only while tests run
        def __init__(self, **given: Any) -> None:
            super().__init__(**given)
            self.done: list[str] = []
            self.first: dict[str, Any] = {}

        def open(self) -> None:
            self.first.get("open", lambda: None)()
            self.done.append("open")

        def close(self) -> None:
            self.done.append("close")
            self.first.get("close", lambda: None)()

    return Camera


@pytest.fixture
def camera(device: Any) -> Any:
    return camera_of(device)()


def down(device: Any) -> Any:
    return device.Snapshot(device.Phase.DOWN, 0)


# --- work -------------------------------------------------------------------------------------------------------


def test_the_first_start_opens_and_the_last_stop_closes(device: Any, camera: Any) -> None:
    assert (camera.start(), camera.start()) == ("first_start", "further_start")
    assert camera.snapshot() == device.Snapshot(device.Phase.UP, 2)
    assert (camera.stop(), camera.stop()) == ("nested_stop", "last_stop")
    assert camera.done == ["open", "close"]
    assert camera.snapshot() == down(device)


def test_a_second_start_waits_until_the_first_has_opened(camera: Any) -> None:
    camera.first["open"] = gate = Gate()
    first = Caller(camera.start)
    assert gate.entered.wait(PATIENCE)
    second = Caller(camera.start)
    until_somebody_waits(camera)
    assert second.waits
    gate.opened.set()
    assert (first.result(), second.result()) == ("first_start", "further_start")
    assert camera.done == ["open"]
    camera.stop()
    camera.stop()


def test_an_opening_that_fails_counts_nobody_and_the_next_start_tries_again(device: Any, camera: Any) -> None:
    fault = OSError("no camera")
    camera.first["open"] = lambda: _raise(fault)
    with pytest.raises(OSError, match="no camera") as raised:
        camera.start()
    assert raised.value is fault
    assert camera.snapshot() == down(device)
    camera.first.clear()
    assert camera.start() == "first_start"
    camera.stop()
    assert camera.done == ["open", "close"]


def _raise(error: BaseException) -> None:
    raise error


def test_a_waiter_tries_again_itself_when_the_opening_has_failed(camera: Any) -> None:
    gate = Gate()

    def fails_once() -> None:
        gate()
        camera.first.clear()
        raise OSError("busy")

    camera.first["open"] = fails_once
    first = Caller(camera.start)
    assert gate.entered.wait(PATIENCE)
    second = Caller(camera.start)
    until_somebody_waits(camera)
    gate.opened.set()
    with pytest.raises(OSError, match="busy"):
        first.result()
    assert second.result() == "first_start"
    camera.stop()


@pytest.mark.parametrize("error", [ValueError(), KeyboardInterrupt(), SystemExit(), GeneratorExit()], ids=repr)
def test_work_that_cannot_fail_is_over_whatever_it_raises(device: Any, camera: Any, error: BaseException) -> None:
    camera.start()
    camera.first["close"] = lambda: _raise(error)
    with pytest.raises(type(error)) as raised:
        camera.stop()
    assert raised.value is error
    assert camera.snapshot() == down(device)
    camera.first.clear()
    with camera.using():
        pass


@pytest.mark.parametrize("error", [ValueError(), KeyboardInterrupt(), SystemExit(), GeneratorExit()], ids=repr)
def test_work_that_can_fail_fails_whatever_it_raises(device: Any, camera: Any, error: BaseException) -> None:
    camera.first["open"] = lambda: _raise(error)
    with pytest.raises(type(error)) as raised:
        camera.start()
    assert raised.value is error
    assert camera.snapshot() == down(device)


def test_work_that_returns_something_is_wrong(device: Any, camera: Any) -> None:
    async def elsewhere() -> None:
        """Whoever writes this has taken the wrong shell."""

    camera.open = elsewhere
    with pytest.raises(TypeError, match="open returned coroutine, not None"):
        camera.start()
    assert camera.snapshot() == down(device)


def test_work_that_cannot_fail_is_over_even_if_it_returns_something(device: Any) -> None:
    class Odd(camera_of(device)):  # type: ignore[misc]  # a class of this moment
        def close(self) -> int:
            return 7

    odd = Odd()
    odd.start()
    with pytest.raises(TypeError, match="close returned int, not None"):
        odd.stop()
    assert odd.snapshot() == down(device)


def test_a_class_that_forgets_its_work_cannot_be_made(device: Any) -> None:
    class Half(device.DeviceLifecycle):  # type: ignore[misc]  # a class of this moment
        def open(self) -> None:
            """Only half of it."""

    with pytest.raises(TypeError, match="close"):
        Half()


def test_work_may_call_in_as_long_as_it_need_not_wait_for_itself(device: Any, camera: Any) -> None:
    said: list[object] = []

    def nested() -> None:
        said.append(camera.snapshot().phase)
        with pytest.raises(device.NotStarted):
            camera.stop()
        with pytest.raises(device.WouldDeadlock, match="start would wait for open, which waits for it"):
            camera.start()

    camera.first["open"] = nested
    camera.start()
    assert said == [device.Phase.OPENING]
    camera.first["close"] = camera.start
    with pytest.raises(device.WouldDeadlock):
        camera.stop()
    assert camera.snapshot() == down(device)


# --- waiting ----------------------------------------------------------------------------------------------------


def test_a_wait_that_takes_too_long_changes_nothing(device: Any, camera: Any) -> None:
    camera.first["open"] = gate = Gate()
    first = Caller(camera.start)
    assert gate.entered.wait(PATIENCE)
    with pytest.raises(TimeoutError):
        camera.start(timeout=0)
    with pytest.raises(TimeoutError):
        camera.wait_for(lambda now: now.refs == 1, timeout=0.001)
    assert camera.snapshot() == device.Snapshot(device.Phase.OPENING, 0)
    assert camera._life.listeners == []
    gate.opened.set()
    first.result()
    assert camera.wait_for(lambda now: now.refs == 1) == camera.snapshot()
    camera.stop()


@pytest.mark.parametrize("timeout", [-1, -0.1, float("nan"), float("-inf"), "1", True, 1j])
def test_a_timeout_that_is_no_time_is_refused(device: Any, camera: Any, timeout: Any) -> None:
    for call in (camera.start, camera.stop, lambda timeout: camera.using(timeout=timeout).__enter__()):
        with pytest.raises((TypeError, ValueError), match="timeout must be a number of seconds"):
            call(timeout=timeout)
    assert camera.snapshot() == down(device)


@pytest.mark.parametrize("timeout", [None, 0, 0.0, 1, float("inf"), 10**400])
def test_a_timeout_is_any_number_of_seconds(camera: Any, timeout: Any) -> None:
    with camera.using(timeout=timeout):
        camera.start(timeout=timeout)
        camera.stop(timeout=timeout)


@pytest.mark.filterwarnings("ignore:PoolLifecycle was left before its end:ResourceWarning")
def test_a_call_waits_until_it_can_go_on(pool: Any) -> None:
    lifecycle = pool.PoolLifecycle(pool.Full.WAIT)
    lifecycle.pool_attach()
    first, second = lifecycle.pool_borrow(1), lifecycle.pool_borrow(1)
    waiting = Caller(lambda: lifecycle.pool_borrow(1))
    until_somebody_waits(lifecycle)
    assert waiting.waits
    lifecycle.give_back(first, 0)
    third = waiting.result()
    assert isinstance(third, pool.Connection)
    assert third.lent
    assert [*lifecycle.snapshot().connections] == [second, third]


# --- refusals ---------------------------------------------------------------------------------------------------


def test_each_reason_has_an_error_of_its_own(device: Any, camera: Any) -> None:
    with pytest.raises(device.NotStarted, match="NOT_STARTED") as refusal:
        camera.stop()
    assert isinstance(refusal.value, device.DeviceError)
    assert camera.snapshot() == down(device)


@pytest.mark.filterwarnings("ignore:PoolLifecycle was left before its end:ResourceWarning")
def test_a_step_that_cannot_happen_and_a_wrong_argument(pool: Any) -> None:
    lifecycle = pool.PoolLifecycle()
    before = lifecycle.snapshot()
    with pytest.raises(pool.NotEnabled):
        lifecycle.give_back(pool.Connection(lifecycle), 0)
    with pytest.raises(ValueError, match="weight must be from 1 to 3, not 4"):
        lifecycle.pool_borrow(4)
    with pytest.raises(ValueError, match="verified alternatives"):
        pool.PoolLifecycle(pace=pool.Pace.NEVER)
    with pytest.raises(pool.PoolFull, match="FULL"):
        _ = [lifecycle.pool_attach(), *(lifecycle.pool_borrow(1) for _ in range(3))]
    assert before == pool.Snapshot(pool.Phase.CLOSED, 0, 2, 0, 0, {})


# --- sessions ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("error", [None, ValueError(), KeyboardInterrupt(), GeneratorExit()], ids=repr)
def test_a_session_ends_whatever_happens_inside(device: Any, camera: Any, error: BaseException | None) -> None:
    with contextlib.suppress(BaseException), camera.using(), camera.using():
        assert camera.snapshot().refs == 2
        if error is not None:
            raise error
    assert camera.snapshot() == down(device)
    assert camera.done == ["open", "close"]


def test_a_session_that_cannot_begin_has_no_end(device: Any, camera: Any) -> None:
    camera.first["open"] = lambda: _raise(OSError("busy"))
    with pytest.raises(OSError, match="busy"), camera.using():
        raise AssertionError
    assert camera.done == []
    assert camera.snapshot() == down(device)


def test_a_session_is_used_once(device: Any, camera: Any) -> None:
    session = camera.using()
    with session, pytest.raises(RuntimeError, match="only once"):
        session.__enter__()
    with pytest.raises(RuntimeError, match="only once"):
        session.__enter__()
    assert camera.snapshot() == down(device)


def test_a_session_that_nobody_holds_any_more_ends(device: Any, camera: Any) -> None:
    """An interrupt may come when `__enter__` has returned and the block has not begun."""
    session = camera.using()
    session.__enter__()
    assert camera.snapshot().refs == 1
    del session
    assert camera.snapshot() == down(device)


def test_an_error_at_the_end_of_a_session_is_told_once(device: Any, camera: Any) -> None:
    session = camera.using()
    with pytest.raises(device.NotStarted), session:
        camera.stop()
    assert camera.snapshot() == down(device)


@pytest.mark.parametrize("hit", ["opened", "last_stop"])
def test_an_interrupt_of_a_session_goes_on_though_its_end_fails(
    device: Any, hit: str, caplog: pytest.LogCaptureFixture
) -> None:
    """The end is made all the same; its error is logged."""

    def observe(step: Any) -> None:
        if step.action == hit:
            raise KeyboardInterrupt

    camera = camera_of(device)(observe=observe)
    camera.first["close"] = lambda: 1 / 0
    session = camera.using()
    with pytest.raises(KeyboardInterrupt), session:
        pass
    with contextlib.suppress(ZeroDivisionError):
        camera.wait_for(lambda now: now.phase is device.Phase.DOWN, timeout=PATIENCE)
    assert camera.snapshot() == down(device)
    assert [record.exc_info[0] for record in caplog.records if record.exc_info] == [ZeroDivisionError]


# --- observers --------------------------------------------------------------------------------------------------


def test_an_observer_is_told_of_each_step_in_order(device: Any) -> None:
    steps: list[Any] = []
    camera = camera_of(device)(observe=steps.append)
    with pytest.raises(device.NotStarted):
        camera.stop()
    with camera.using():
        camera.start()
        camera.stop()
    phases = device.Phase
    assert all(type(each) is device.Step for each in steps), "what an observer is written for has a public name"
    assert [(each.number, each.action, each.arguments, each.changed) for each in steps] == [
        (1, "first_start", (), {"phase": phases.OPENING}),
        (2, "opened", (), {"phase": phases.UP, "refs": 1}),
        (3, "further_start", (), {"refs": 2}),
        (4, "nested_stop", (), {"refs": 1}),
        (5, "last_stop", (), {"phase": phases.CLOSING, "refs": 0}),
        (6, "closed", (), {"phase": phases.DOWN}),
    ]


def test_an_observer_may_call_in_and_may_fail(device: Any, caplog: pytest.LogCaptureFixture) -> None:
    numbers: list[int] = []

    def observe(step: Any) -> None:
        numbers.append(step.number)
        if step.action == "opened":
            told.start()
        if step.number % 2:
            raise ValueError

    told = camera_of(device)(observe=observe)
    with caplog.at_level(logging.ERROR):
        told.start()
        told.stop()
        told.stop()
    assert numbers == [1, 2, 3, 4, 5, 6]
    assert [record.getMessage() for record in caplog.records] == [
        "the observer failed at step 1, first_start",
        "the observer failed at step 3, further_start",
        "the observer failed at step 5, last_stop",
    ]


def test_work_that_cannot_be_looked_up_has_failed(device: Any) -> None:
    class Camera(camera_of(device)):  # type: ignore[misc]  # the package exists only while tests run
        @property
        def close(self) -> Any:
            return self.no_driver.close

    camera = Camera()
    for _ in range(2):
        camera.start(timeout=PATIENCE)
        with pytest.raises(AttributeError, match="no_driver"):
            camera.stop()
        assert camera.snapshot() == down(device)


# --- the end ----------------------------------------------------------------------------------------------------


def test_what_is_shown_is_the_state(camera: Any) -> None:
    assert repr(camera) == "<Camera: phase=Phase.DOWN, refs=0>"


def test_a_lifecycle_that_is_dropped_too_early_warns(device: Any) -> None:
    held = [camera_of(device)()]
    held[0].start()
    with pytest.warns(ResourceWarning, match="Camera was left before its end: phase=Phase.UP, refs=1"):
        held.clear()


def test_a_lifecycle_that_is_as_at_the_start_is_dropped_in_silence(device: Any) -> None:
    held = [camera_of(device)()]
    with held[0].using():
        pass
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        held.clear()


def test_a_session_that_is_dropped_with_its_lifecycle_leaves_it_as_it_is(device: Any) -> None:
    held = camera_of(device)()
    held.session = held.using()
    held.session.__enter__()
    del held
    with pytest.warns(ResourceWarning, match="Camera was left before its end: phase=Phase.UP, refs=1"):
        gc.collect()


def test_a_history_does_not_grow(camera: Any) -> None:
    """Whoever holds a moment holds all after it, so a session and a caller who waits hold none."""
    state = type(camera._life.now())
    before = sum(type(each) is state for each in gc.get_objects())
    with camera.using():
        waiting = Caller(lambda: camera.wait_for(lambda now: now.refs == 3))
        until_somebody_waits(camera)
        for _ in range(200):
            camera.start()
            camera.stop()
        end = time.monotonic() + PATIENCE
        while sum(type(each) is state for each in gc.get_objects()) > before + 20:
            assert time.monotonic() < end
        camera.start()
        camera.start()
        waiting.result()
        camera.stop()
        camera.stop()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there are no forks here")
@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
def test_a_forked_child_begins_anew(device: Any, camera: Any) -> None:
    camera.first["open"] = gate = Gate()
    opening = Caller(camera.start)
    assert gate.entered.wait(PATIENCE)
    child = os.fork()
    if child == 0:
        camera.first.clear()
        camera.done.clear()
        try:
            right = camera.snapshot() == down(device)
            with camera.using(timeout=PATIENCE):
                right = right and camera.done == ["open"]
            os._exit(0 if right and camera.snapshot() == down(device) else 1)
        finally:
            os._exit(2)
    assert os.waitpid(child, 0)[1] == 0
    gate.opened.set()
    opening.result()
    camera.stop()
