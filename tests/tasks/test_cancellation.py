"""Tasks that are cancelled at each of their waits in turn, and interrupts there."""

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import suppress
from typing import Any

import pytest

from tests.tasks.loops import Interrupted, Loop, close, run, turns
from tests.tasks.recorded import check_record, check_usable, recorded, run_and_collect

Users = Callable[[Any], list[Coroutine[Any, Any, object]]]
"""What the tasks do with a device."""


# --- what tasks do -----------------------------------------------------------------------------------------------


async def use(camera: Any) -> None:
    async with camera.using():
        assert camera.snapshot().refs > 0
        await turns(1)


async def use_inside(camera: Any) -> None:
    async with camera.using(), camera.using():
        await turns(1)


async def use_or_try_again(camera: Any) -> None:
    try:
        await use(camera)
    except OSError:
        await use(camera)


async def use_for_a_while(camera: Any) -> None:
    try:
        async with asyncio.timeout(3), camera.using():
            await asyncio.sleep(10)
    except TimeoutError:
        await use(camera)


USERS: dict[str, Users] = {
    "one": lambda camera: [use(camera)],
    "three": lambda camera: [use(camera) for _ in range(3)],
    "inside": lambda camera: [use_inside(camera), use(camera)],
    "failing": lambda camera: (
        camera.errors.update(open=[OSError("no")]) or [use_or_try_again(camera) for _ in range(2)]
    ),
    "with a timeout": lambda camera: [use_for_a_while(camera), use(camera)],
}


async def let_all_end(tasks: list["asyncio.Task[object]"]) -> None:
    if tasks:
        await asyncio.wait(tasks)


def cancelled_at(device: Any, users: Users, victim: int, turn: int, times: int) -> bool:
    """Run the users, and cancel one of them at that turn, and in those that follow; whether it was still there."""
    camera, loop = recorded(device)(), Loop()
    try:
        tasks = [loop.create_task(user) for user in users(camera)]
        cancelled = []

        def cancel() -> None:
            cancelled.append(tasks[victim].cancel())
            if len(cancelled) < times:
                loop.at_turn(1, cancel)

        loop.at_turn(turn, cancel)
        loop.run_until_complete(let_all_end(tasks))
        loop.selector.at_turn = None
        for number, task in enumerate(tasks):
            if number == victim and any(cancelled):
                assert task.cancelled(), "the cancellation went on"
            else:
                assert task.done()
                if (error := task.exception()) is not None:
                    raise error
        assert loop.left() == []
        loop.run_until_complete(check_usable(camera))
        assert loop.left() == []
        return any(cancelled)
    finally:
        close(loop)


def check_every_turn(device: Any, users: Users, times: int) -> int:
    count = 0
    camera = recorded(device)()
    coroutines = users(camera)
    for coroutine in coroutines:
        coroutine.close()
    for victim in range(len(coroutines)):
        turn = 1
        while cancelled_at(device, users, victim, turn, times):
            count += 1
            turn += 1
    return count


# --- cancellation ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("users", USERS)
@pytest.mark.parametrize("times", [1, 2, 5])
def test_a_session_survives_cancellation_at_every_turn(device: Any, users: str, times: int) -> None:
    assert check_every_turn(device, USERS[users], times) > 5


def test_a_cancelled_wait_changes_nothing(device: Any) -> None:
    async def main() -> None:
        camera = recorded(device)()
        camera.takes = 10
        first = asyncio.create_task(camera.start())
        await turns(1)
        waiting = [asyncio.create_task(call) for call in (camera.start(), camera.wait_for(lambda now: now.refs == 7))]
        await turns(1)
        for task in waiting:
            task.cancel()
        await asyncio.wait(waiting)
        assert all(task.cancelled() for task in waiting)
        assert camera.actions == ["first_start"]
        await first
        assert camera.snapshot().refs == 1
        await camera.stop()
        await check_usable(camera)

    run(main)


def test_a_cancelled_opening_is_cancelled_and_fails(device: Any) -> None:
    async def main() -> None:
        camera = recorded(device)()
        first, second = asyncio.create_task(camera.start()), asyncio.create_task(camera.start())
        await turns(2)
        first.cancel()
        assert await second == "first_start"
        assert first.cancelled()
        assert camera.said[:2] == ["open begins", "open cut off"]
        assert camera.actions[:3] == ["first_start", "open_failed", "first_start"]
        await camera.stop()
        await check_usable(camera)

    run(main)


def test_a_cancelled_closing_comes_to_its_end(device: Any) -> None:
    async def main() -> None:
        camera = recorded(device)()
        camera.takes = 10
        await camera.start()
        stopping = asyncio.create_task(camera.stop())
        for _ in range(5):
            await turns(1)
            stopping.cancel()
        assert not stopping.done()
        await asyncio.wait([stopping])
        assert stopping.cancelled()
        assert camera.said[2:] == ["close begins", "close ends"]
        await check_usable(camera)

    run(main)


def test_a_closing_that_fails_behind_a_cancellation_is_told(device: Any, caplog: pytest.LogCaptureFixture) -> None:
    async def main() -> None:
        camera = recorded(device)()
        await camera.start()
        camera.errors["close"] = [OSError("it is stuck")]
        stopping = asyncio.create_task(camera.stop())
        await turns(2)
        stopping.cancel()
        await asyncio.wait([stopping])
        assert stopping.cancelled()
        await check_usable(camera)

    run(main)
    assert [record.getMessage() for record in caplog.records] == ["close failed after its call was cancelled"]


def test_timeouts_and_groups_of_asyncio_do_what_they_do_elsewhere(device: Any) -> None:
    async def main() -> None:
        camera = recorded(device)()
        camera.takes = 10
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0):
                await camera.start()
        assert camera.actions == ["first_start", "open_failed"]
        await camera.start()
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0):
                await camera.stop()
        assert camera.actions[-1] == "closed"
        task = asyncio.current_task()
        assert task is not None
        assert task.cancelling() == 0
        error = ZeroDivisionError()
        with pytest.raises(ExceptionGroup) as group:
            await _in_a_group(use(camera), _fail(error))
        assert group.value.exceptions == (error,)
        await check_usable(camera)

    run(main)


async def _in_a_group(*coroutines: Coroutine[Any, Any, object]) -> None:
    async with asyncio.TaskGroup() as tasks:
        for coroutine in coroutines:
            tasks.create_task(coroutine)


async def _fail(error: Exception) -> None:
    await turns(4)
    raise error


def test_a_work_may_use_timeouts_itself(device: Any) -> None:
    async def main() -> None:
        camera = recorded(device)()

        async def close() -> None:
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(5):
                    await asyncio.sleep(10)

        camera.close = close
        await camera.start()
        await camera.stop()
        assert asyncio.get_running_loop().time() == 5

    run(main)


def test_the_end_of_a_program_lets_a_closing_end(device: Any) -> None:
    async def main() -> None:
        asyncio.create_task(use(camera)).add_done_callback(ended.append)
        await camera.wait_for(lambda now: now.phase is device.Phase.CLOSING)
        await turns(1)

    camera, ended = recorded(device)(), list[asyncio.Task[None]]()
    camera.takes = 20
    asyncio.run(main())
    assert camera.said == ["open begins", "open ends", "close begins", "close ends"]
    assert ended[0].cancelled()
    asyncio.run(check_usable(camera))


def test_a_program_that_ends_without_its_last_stop_is_warned(device: Any) -> None:
    async def main() -> None:
        camera = recorded(device)()
        await camera.start()

    with pytest.warns(ResourceWarning, match="Recorded was left before its end: phase=Phase.UP, refs=1"):
        run_and_collect(lambda: asyncio.run(main()))


# --- interrupts --------------------------------------------------------------------------------------------------


def interrupted_at(device: Any, users: Users, victim: int, wait: int, interrupt: type[BaseException]) -> bool:
    """Run the users, of which one is interrupted instead of that wait, as asyncio does: the rest is cancelled."""
    camera, loop = recorded(device)(), Loop()
    try:
        coroutines = users(camera)
        thrown = Interrupted(coroutines[victim], wait, interrupt)

        async def user() -> None:
            await thrown

        tasks = [loop.create_task(user() if n == victim else each) for n, each in enumerate(coroutines)]
        try:
            loop.run_until_complete(let_all_end(tasks))
        except interrupt:
            for task in tasks:
                task.cancel()
            loop.run_until_complete(let_all_end(tasks))
        for task in tasks:
            if not task.cancelled() and not isinstance(error := task.exception(), interrupt | None):
                raise error
        check_record(camera)
        loop.run_until_complete(check_usable(camera))
        assert loop.left() == []
        return thrown.hit
    finally:
        close(loop)


@pytest.mark.parametrize("users", USERS)
def test_a_session_survives_an_interrupt_at_every_wait(device: Any, users: str) -> None:
    count = 0
    camera = recorded(device)()
    coroutines = USERS[users](camera)
    for coroutine in coroutines:
        coroutine.close()
    for victim in range(len(coroutines)):
        wait = 1
        while interrupted_at(device, USERS[users], victim, wait, KeyboardInterrupt):
            wait += 1
            count += 1
    assert count > 1


def test_a_coroutine_that_is_closed_fails_its_opening(device: Any) -> None:
    async def main() -> None:
        camera = recorded(device)()
        starting = camera.start()
        waited_for = starting.send(None)
        assert waited_for is None
        starting.close()
        assert camera.said == ["open begins", "open cut off"]
        assert camera.actions == ["first_start", "open_failed"]
        await check_usable(camera)

    run(main)


def test_a_coroutine_that_is_closed_lets_a_closing_end(device: Any) -> None:
    async def main() -> None:
        camera = recorded(device)()
        await camera.start()
        stopping = camera.stop()
        stopping.send(None)
        stopping.close()
        assert camera.snapshot().phase is device.Phase.CLOSING
        await camera.wait_for(lambda now: now.phase is device.Phase.DOWN)
        await check_usable(camera)

    run(main)


def test_what_an_interrupted_call_left_is_run_by_the_next_who_comes(device: Any) -> None:
    for coming in ("start", "wait_for", "waiting"):
        camera = recorded(device)()

        def observe(step: Any, camera: Any = camera) -> None:
            camera.steps.append(step)
            if step.action == "last_stop" and len(camera.steps) < 4:
                raise KeyboardInterrupt

        camera._life.observe = observe
        loop = Loop()
        try:
            loop.run_until_complete(camera.start())
            waiting = loop.create_task(camera.wait_for(lambda now: now.phase is device.Phase.DOWN))
            if coming == "waiting":
                loop.run_until_complete(turns(1))
            with pytest.raises(KeyboardInterrupt):
                loop.run_until_complete(camera.stop())
            assert camera.said == ["open begins", "open ends"]
            if coming == "start":
                waiting.cancel()
                assert loop.run_until_complete(camera.start()) == "first_start"
                assert camera.said[2:] == ["close begins", "close ends", "open begins", "open ends"]
                loop.run_until_complete(camera.stop())
            loop.run_until_complete(asyncio.wait([waiting]))
            loop.run_until_complete(check_usable(camera))
        finally:
            close(loop)


def test_a_task_that_somebody_cancels_before_it_begins_is_replaced(device: Any) -> None:
    async def main() -> None:
        camera = recorded(device)()
        await camera.start()
        stopping = asyncio.create_task(camera.stop())
        await turns(1)
        camera._life.now()._pending["close", None].runner.cancel()
        await asyncio.wait([stopping])
        assert camera.said == ["open begins", "open ends"]
        assert await camera.start() == "first_start"
        assert camera.said[2:4] == ["close begins", "close ends"]
        await camera.stop()
        await check_usable(camera)

    run(main)


def test_an_interrupt_behind_the_step_of_a_session_is_survived(device: Any) -> None:
    for action in ("first_start", "further_start", "opened", "last_stop", "nested_stop", "closed"):
        camera = recorded(device)()
        due = [action]

        def observe(step: Any, camera: Any = camera, due: list[str] = due) -> None:
            camera.steps.append(step)
            if due == [step.action]:
                raise KeyboardInterrupt(due.pop())

        camera._life.observe = observe
        loop = Loop()
        try:
            with pytest.raises(KeyboardInterrupt):
                loop.run_until_complete(use_inside(camera))
            assert not due
            while loop.left():
                with suppress(KeyboardInterrupt):  # a task that was waited for tells it once more
                    loop.run_until_complete(let_all_end([task for task in loop.tasks if not task.done()]))
            loop.run_until_complete(camera.wait_for(lambda now: now.phase is device.Phase.DOWN))
            loop.run_until_complete(check_usable(camera))
            assert loop.left() == []
        finally:
            close(loop)


def test_who_waits_already_runs_what_was_left(device: Any) -> None:
    async def main() -> None:
        camera = recorded(device)()
        await camera.start()
        stopping = asyncio.create_task(camera.stop())
        waiting = asyncio.create_task(camera.start())
        await turns(1)
        camera._life.now()._pending["close", None].runner.cancel()
        assert await waiting == "first_start"
        await asyncio.wait([stopping])
        await camera.stop()
        await check_usable(camera)

    run(main)


def test_what_was_left_may_fail(device: Any, caplog: pytest.LogCaptureFixture) -> None:
    async def main() -> None:
        camera = recorded(device)()
        await camera.start()
        stopping = asyncio.create_task(camera.stop())
        await turns(1)
        camera._life.now()._pending["close", None].runner.cancel()
        await asyncio.wait([stopping])
        camera.errors["close"] = [OSError("it is stuck")]
        assert await camera.start() == "first_start"
        await camera.stop()
        await check_usable(camera)

    run(main)
    assert [each.getMessage() for each in caplog.records] == ["close failed; it had been left by an interrupted call"]


# --- a session whose beginning cannot fail, and whose end can ----------------------------------------------------


def lamp_of(lamp: Any) -> Any:
    class Lit(lamp.LampLifecycle):  # type: ignore[misc]  # the package exists only while tests run
        said = ""

        async def kindle(self) -> None:
            await turns(2)
            self.said += "k"

        async def douse(self) -> None:
            await turns(2)
            self.said += "d"

    return Lit()


async def read(lit: Any) -> None:
    await lit.wait_for(lambda now: now.light.name == "OFF")
    async with lit.using():
        await turns(2)


@pytest.mark.parametrize("times", [1, 2, 5])
def test_a_session_whose_end_can_fail_survives_cancellation_at_every_turn(lamp: Any, times: int) -> None:
    check_lamp(lamp, times)


def check_lamp(lamp: Any, times: int) -> None:
    for victim in range(2):
        turn, hit = 1, True
        while hit:
            lit, loop, cancelled = lamp_of(lamp), Loop(), list[bool]()
            try:
                tasks = [loop.create_task(read(lit)) for _ in range(2)]

                def cancel(
                    task: "asyncio.Task[None]" = tasks[victim], loop: Loop = loop, cancelled: list[bool] = cancelled
                ) -> None:
                    cancelled.append(task.cancel())
                    if len(cancelled) < times:
                        loop.at_turn(1, cancel)

                loop.at_turn(turn, cancel)
                loop.run_until_complete(asyncio.wait(tasks))
                loop.selector.at_turn = None
                hit = any(cancelled)
                assert tasks[victim].cancelled() is hit
                assert lit.said in ("kdkd", "kd")
                assert lit._life.left() == ""
                assert loop.left() == []
            finally:
                close(loop)
            turn += 1
        assert turn > 10


def test_a_loop_that_is_closed_in_the_middle_leaves_a_warning(device: Any) -> None:
    camera, loop = recorded(device)(), Loop()
    camera.takes = 10
    loop.run_until_complete(camera.start())
    loop.create_task(camera.stop())
    loop.run_until_complete(turns(2))
    for task in loop.tasks:
        task._log_destroy_pending = False  # type: ignore[attr-defined]
    loop.close()
    with pytest.raises(device.WrongLoop, match=r"it was left: phase=Phase\.CLOSING"):
        run(camera.start)
    with pytest.warns(ResourceWarning, match="Camera was left before its end: phase=Phase.CLOSING"):
        camera._life.warn_if_left("Camera")
    camera._life.begin_anew()  # as in a forked child: nobody warns of it again
