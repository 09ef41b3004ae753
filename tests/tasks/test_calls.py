"""Calls, work and sessions with asyncio, when nobody is cancelled."""

import asyncio
import gc
import os
import threading
from functools import wraps
from typing import Any

import pytest

from tests.tasks.loops import Stuck, run, turns
from tests.tasks.recorded import check_usable, recorded, run_and_collect


def test_a_life(device: Any) -> None:
    async def main() -> None:
        camera = recorded(device)()
        assert await camera.start() == "first_start"
        assert camera.said == ["open begins", "open ends"]
        assert await camera.start() == "further_start"
        assert await camera.stop() == "nested_stop"
        assert repr(camera) == "<Recorded: phase=Phase.UP, refs=1>"
        assert camera.snapshot() == device.Snapshot(device.Phase.UP, 1)
        assert await camera.stop() == "last_stop"
        assert camera.said == ["open begins", "open ends", "close begins", "close ends"]
        await check_usable(camera)

    run(main)


def test_a_refused_call_changes_nothing(device: Any) -> None:
    async def main() -> None:
        camera = recorded(device)()
        with pytest.raises(device.NotStarted) as refusal:
            await camera.stop()
        assert isinstance(refusal.value, device.DeviceError)
        assert camera.actions == []
        await check_usable(camera)

    run(main)


def test_nobody_is_told_that_it_is_started_before_it_is(device: Any) -> None:
    async def main() -> None:
        camera = recorded(device)()

        async def user() -> tuple[str, bool]:
            return await camera.start(), "open ends" in camera.said

        answers = await asyncio.gather(*(user() for _ in range(5)))
        assert [answer for answer, _ in answers] == ["first_start", *["further_start"] * 4]
        assert all(open_already for _, open_already in answers)
        for _ in range(5):
            await camera.stop()
        await check_usable(camera)

    run(main)


def test_a_start_waits_for_the_end_of_closing(device: Any) -> None:
    async def main() -> None:
        camera = recorded(device)()
        await camera.start()
        stopping = asyncio.create_task(camera.stop())
        await turns(1)
        assert camera.snapshot().phase is device.Phase.CLOSING
        assert await camera.start() == "first_start"
        assert camera.said.index("close ends") < camera.said.index("open begins", 1)
        assert await stopping == "last_stop"
        await camera.stop()
        await check_usable(camera)

    run(main)


def test_an_opening_that_raises_does_not_count(device: Any) -> None:
    async def main() -> None:
        camera = recorded(device)()
        error = OSError("no such device")
        camera.errors["open"] = [error]
        answers = await asyncio.gather(camera.start(), camera.start(), return_exceptions=True)
        assert [*answers] == [error, "first_start"]
        assert camera.actions == ["first_start", "open_failed", "first_start", "opened"]
        await camera.stop()
        await check_usable(camera)

    run(main)


def test_a_closing_that_raises_is_over_all_the_same(device: Any) -> None:
    async def main() -> None:
        camera = recorded(device)()
        error = OSError("it is stuck")
        camera.errors["close"] = [error]
        await camera.start()
        with pytest.raises(OSError, match="it is stuck") as raised:
            await camera.stop()
        assert raised.value is error
        await check_usable(camera)

    run(main)


@pytest.mark.parametrize("error", [KeyboardInterrupt, SystemExit, asyncio.CancelledError])
def test_work_that_raises_what_is_no_exception_has_an_outcome(device: Any, error: type[BaseException]) -> None:
    for work in ("open", "close"):
        camera = recorded(device)()
        camera.errors[work] = [error()]

        async def main(camera: Any = camera) -> None:
            await camera.start()
            await camera.stop()

        with pytest.raises(error):
            run(main)
        run(lambda camera=camera: check_usable(camera))  # type: ignore[misc]


# --- waiting -----------------------------------------------------------------------------------------------------


def test_a_call_that_waits_too_long_changes_nothing(device: Any) -> None:
    async def main() -> None:
        camera = recorded(device)()
        camera.open = lambda: asyncio.sleep(10)
        opening = asyncio.create_task(camera.start())
        await turns(1)
        loop = asyncio.get_running_loop()
        for timeout in (0, 0.0, 2.5):
            begun = loop.time()
            with pytest.raises(TimeoutError, match="start had to wait for too long"):
                await camera.start(timeout=timeout)
            assert loop.time() - begun == pytest.approx(timeout)
        assert camera.actions == ["first_start"]
        assert not camera._life._sleepers
        assert await camera.start(timeout=20) == "further_start"
        assert await opening == "first_start"
        assert await camera.start(timeout=float("inf")) == "further_start"

    with pytest.warns(ResourceWarning, match="Recorded was left before its end: phase=Phase.UP, refs=3"):
        run_and_collect(lambda: run(main))


@pytest.mark.parametrize("timeout", [-1, -0.001, float("nan"), "1", True, [1]])
def test_a_wrong_timeout_is_refused_and_changes_nothing(device: Any, timeout: Any) -> None:
    async def main() -> None:
        camera = recorded(device)()
        for call in (camera.start, camera.stop, lambda timeout: camera.wait_for(lambda _: True, timeout=timeout)):
            with pytest.raises((TypeError, ValueError), match="timeout must be a number of seconds"):
                await call(timeout=timeout)
        with pytest.raises((TypeError, ValueError), match="timeout must be a number of seconds"):
            async with camera.using(timeout=timeout):
                pass
        assert camera.actions == []
        await check_usable(camera)

    run(main)


def test_waiting_for_a_state(device: Any) -> None:
    async def main() -> None:
        camera = recorded(device)()
        with pytest.raises(TimeoutError):
            await camera.wait_for(lambda now: now.refs == 2, timeout=3)
        waiting = asyncio.create_task(camera.wait_for(lambda now: now.refs == 2))
        await camera.start()
        await camera.start()
        assert (await waiting).refs == 2
        with pytest.raises(ZeroDivisionError):
            await camera.wait_for(lambda now: now.refs / 0)

        async def condition(_: Any) -> bool:
            return True

        with pytest.raises(TypeError, match="the condition must be a plain function"):
            await camera.wait_for(condition)
        await camera.stop()
        await camera.stop()
        await check_usable(camera)

    run(main)


def test_a_call_for_something_that_never_comes_waits(device: Any) -> None:
    camera = recorded(device)()
    with pytest.raises(Stuck):
        run(lambda: camera.wait_for(lambda now: now.refs == 2))
    run(lambda: check_usable(camera))


# --- sessions ----------------------------------------------------------------------------------------------------


def test_a_session_ends_whatever_happens_inside(device: Any) -> None:
    async def main() -> None:
        camera = recorded(device)()
        async with camera.using() as given:
            assert given is None
            async with camera.using():
                assert camera.snapshot().refs == 2
            assert camera.snapshot().refs == 1
        with pytest.raises(ZeroDivisionError):
            async with camera.using():
                raise ZeroDivisionError
        await check_usable(camera)

    run(main)


def test_a_session_that_does_not_begin_does_not_end(device: Any, caplog: pytest.LogCaptureFixture) -> None:
    async def main() -> None:
        camera = recorded(device)()
        camera.errors["open"] = [OSError("no")]
        with pytest.raises(OSError, match="no"):
            async with camera.using():
                pass
        assert camera.actions == ["first_start", "open_failed"]
        session = camera.using()
        async with session:
            with pytest.raises(RuntimeError, match="a session begins only once"):
                async with session:
                    pass
        await check_usable(camera)

    run(main)
    assert caplog.records == [], "no end was tried, which would have failed"


def test_an_end_that_fails_is_told(device: Any) -> None:
    async def main() -> None:
        camera = recorded(device)()
        error = OSError("it is stuck")
        camera.errors["close"] = [error]
        with pytest.raises(OSError, match="it is stuck") as raised:
            async with camera.using():
                pass
        assert raised.value is error
        with pytest.raises(device.NotStarted):
            async with camera.using():
                await camera.stop()
        await check_usable(camera)

    run(main)


# --- work that calls back ----------------------------------------------------------------------------------------


def test_work_that_waits_for_itself_gets_an_error_at_once(device: Any) -> None:
    async def main() -> None:
        ways = (
            lambda camera: camera.start(),
            lambda camera: asyncio.wait_for(camera.start(), 60),
            lambda camera: asyncio.create_task(camera.start()),
            lambda camera: asyncio.gather(camera.start(timeout=5)),
        )
        for work in ("open", "close"):
            for way in ways:
                camera, told = recorded(device)(), list[str]()

                async def call_back(camera: Any = camera, told: Any = told, way: Any = way) -> None:
                    with pytest.raises(device.WouldDeadlock) as error:
                        await way(camera)
                    told.append(str(error.value))

                setattr(camera, work, call_back)
                async with camera.using():
                    pass
                assert told == [f"start would wait for {work}, which waits for it"]
                assert camera._life.left() == ""
        assert asyncio.get_running_loop().time() == 0

    run(main)


def test_work_that_waits_for_itself_through_another_gets_an_error_at_once(device: Any) -> None:
    async def main() -> None:
        one, other = recorded(device)(), recorded(device)()
        one.open, other.open = other.start, one.start
        with pytest.raises(device.WouldDeadlock):
            await one.start()
        for each in (one, other):
            assert each.actions == ["first_start", "open_failed"]

    run(main)


def test_work_may_make_calls_that_need_not_wait(device: Any) -> None:
    async def main() -> None:
        camera = recorded(device)()

        async def nothing() -> None:
            with pytest.raises(device.NotStarted):
                await camera.stop()

        camera.open = nothing
        await camera.start()
        task = None

        async def later() -> None:
            await camera.wait_for(lambda now: now.phase is device.Phase.DOWN)
            await camera.start()

        async def close() -> None:
            nonlocal task
            task = asyncio.create_task(later())

        camera.close = close
        await camera.stop()
        assert task is not None
        await task
        del camera.close
        await camera.stop()
        assert camera._life.left() == ""

    run(main)


# --- bad work ----------------------------------------------------------------------------------------------------


def test_work_that_is_missing_or_not_awaited_is_told_at_construction(device: Any) -> None:
    class Forgetful(device.DeviceLifecycle):  # type: ignore[misc]
        async def open(self) -> None: ...

    with pytest.raises(TypeError, match="close"):
        Forgetful()

    class Plain(Forgetful):
        def close(self) -> None: ...

    with pytest.raises(TypeError, match=r"Plain\.close must be written with `async def`"):
        Plain()


def test_work_that_cannot_be_awaited_fails(device: Any) -> None:
    camera = recorded(device)()
    camera.open = lambda: 5

    async def main() -> None:
        with pytest.raises(TypeError, match="await"):
            await camera.start()
        assert camera.actions == ["first_start", "open_failed"]
        del camera.open
        await camera.start()
        await camera.stop()

    run(main)


def test_work_that_cannot_be_looked_up_has_failed(device: Any) -> None:
    async def main() -> None:
        class Camera(recorded(device)):  # type: ignore[misc]  # the package exists only while tests run
            @property
            def close(self) -> Any:
                return self.no_driver.close

        camera = Camera()
        for _ in range(2):
            await camera.start()
            with pytest.raises(AttributeError, match="no_driver"):
                await camera.stop()
            assert camera.snapshot() == device.Snapshot(device.Phase.DOWN, 0)

    run(main)


def test_decorated_work_is_taken(device: Any) -> None:
    class Decorated(device.DeviceLifecycle):  # type: ignore[misc]
        async def open(self) -> None: ...
        async def close(self) -> None: ...

    @wraps(Decorated.open)
    def forward(self: Any) -> Any:
        return inner(self)

    inner = Decorated.open
    Decorated.open = forward  # type: ignore[method-assign]

    async def main() -> None:
        async with Decorated().using():
            pass

    run(main)


def test_work_that_returns_the_wrong_type_fails(device: Any) -> None:
    async def wrong() -> int:
        return 5

    async def main() -> None:
        camera = recorded(device)()
        camera.open = wrong
        with pytest.raises(TypeError, match="open returned int, not None"):
            await camera.start()
        assert camera.actions == ["first_start", "open_failed"]
        camera = recorded(device)()
        camera.close = wrong
        await camera.start()
        with pytest.raises(TypeError, match="close returned int, not None"):
            await camera.stop()
        assert camera.actions[-1] == "closed"

    run(main)


# --- observers ---------------------------------------------------------------------------------------------------


def test_an_observer_is_told_of_each_step(device: Any) -> None:
    async def main() -> None:
        camera = recorded(device)()
        async with camera.using():
            pass
        assert [(step.number, step.action, step.arguments) for step in camera.steps] == [
            (1, "first_start", ()),
            (2, "opened", ()),
            (3, "last_stop", ()),
            (4, "closed", ()),
        ]
        assert camera.steps[1].changed == {"phase": device.Phase.UP, "refs": 1}

    run(main)


def test_an_observer_that_fails_is_contained(device: Any, caplog: pytest.LogCaptureFixture) -> None:
    def observe(step: Any) -> None:
        raise ValueError(step.action)

    async def main() -> None:
        camera = recorded(device)(observe=observe)
        async with camera.using():
            pass
        assert camera._life.left() == ""

    run(main)
    assert len(caplog.records) == 4

    async def coroutine(_: Any) -> None: ...

    with pytest.raises(TypeError, match="the observer must be a plain function"):
        recorded(device)(observe=coroutine)


# --- loops -------------------------------------------------------------------------------------------------------


def test_each_loop_needs_a_lifecycle_of_its_own_while_the_first_is_open(device: Any) -> None:
    camera = recorded(device)()
    raised = []

    def elsewhere() -> None:
        for call in (camera.start, camera.stop, lambda: camera.wait_for(lambda _: True)):
            with pytest.raises(device.WrongLoop, match="another event loop or thread") as error:
                run(call)
            raised.append(error.value)

    async def main() -> None:
        async with camera.using():
            thread = threading.Thread(target=elsewhere)
            thread.start()
            thread.join()
            assert camera.snapshot().refs == 1
        await check_usable(camera)

    run(main)
    assert len(raised) == 3
    assert all(isinstance(error, device.DeviceError) for error in raised)
    run(lambda: check_usable(camera))


def test_what_was_left_in_a_closed_loop_is_told(device: Any) -> None:
    camera = recorded(device)()
    run(camera.start)
    for call in (camera.start, camera.stop):
        with pytest.raises(device.WrongLoop, match=r"is closed, and it was left: phase=Phase\.UP, refs=1"):
            run(call)
    del camera, call
    with pytest.warns(ResourceWarning, match="Recorded was left before its end: phase=Phase.UP, refs=1"):
        gc.collect()


def test_a_call_without_a_loop_is_refused(device: Any) -> None:
    camera = recorded(device)()
    with pytest.raises(RuntimeError, match="no running event loop"):
        camera.start().send(None)
    run(lambda: check_usable(camera))


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork")
@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_a_forked_child_begins_anew(device: Any) -> None:
    camera = recorded(device)(observe=lambda _: None)

    def child() -> int:
        assert camera._life.left() == ""
        camera.close = camera.open = lambda: asyncio.sleep(0)

        async def life() -> None:
            async with camera.using():
                pass

        run(life)
        return 7

    async def main() -> None:
        async with camera.using():
            if (pid := os.fork()) == 0:
                answer = 1
                try:
                    asyncio._set_running_loop(None)
                    answer = child()
                finally:
                    os._exit(answer)
            assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 7

    run(main)
