"""Timeouts of a model and calls that are answered later, with asyncio."""

import asyncio
import sys
from typing import Any

import pytest

from tests.tasks.loops import Loop, close, run, turns
from tests.tasks.recorded import recorded


def queue_of(drained: Any, **patience: float) -> Any:
    return recorded(drained, "DrainedLifecycle")(**patience)


def test_a_stop_is_answered_when_all_is_done(drained: Any) -> None:
    async def main() -> None:
        queue = queue_of(drained, drain_timeout=5)
        await queue.start()
        await queue.put()
        await queue.put()
        stopping = asyncio.create_task(queue.stop())
        await asyncio.sleep(1)
        assert queue.snapshot().phase is drained.Phase.DRAINING
        await queue.carried_out()
        assert not stopping.done()
        await queue.carried_out()
        assert queue.said[-1] == "close ends", "whoever makes work due runs it"
        assert await stopping == "last_stop"
        assert asyncio.get_running_loop().time() == 1
        assert not queue._life.clocks

    run(main)


def test_a_timeout_of_the_model_comes_by_itself(drained: Any) -> None:
    async def main() -> None:
        queue = queue_of(drained, drain_timeout=5)
        for begun in (0, 5):
            await queue.start()
            await queue.put()
            assert await queue.stop() == "last_stop"
            assert asyncio.get_running_loop().time() == begun + 5
        assert queue.actions[-3:] == ["last_stop", "given_up", "closed"]
        assert queue._life.left() == ""
        assert not queue._life._followers
        with pytest.raises(drained.NotEnabled):
            await queue.carried_out()

    run(main)


def test_a_timeout_comes_though_nobody_waits(drained: Any) -> None:
    async def main() -> None:
        queue = queue_of(drained, drain_timeout=5)
        await queue.start()
        await queue.put()
        with pytest.raises(TimeoutError):
            await queue.stop(timeout=2)
        assert queue.snapshot().phase is drained.Phase.DRAINING, "it has happened, only the answer is late"
        with pytest.raises(drained.NotStarted):
            await queue.stop()
        await asyncio.sleep(4)
        assert queue.actions[-3:] == ["last_stop", "given_up", "closed"]

    run(main)


@pytest.mark.skipif(sys.version_info < (3, 12), reason="eager tasks came with Python 3.12")
@pytest.mark.parametrize("waits", [True, False])
def test_what_a_timeout_makes_due_runs_where_tasks_are_eager(drained: Any, waits: bool) -> None:
    async def main() -> None:
        asyncio.get_running_loop().set_task_factory(getattr(asyncio, "eager_task_factory"))  # noqa: B009 -- see above
        queue = queue_of(drained, drain_timeout=5)
        await queue.start()
        await queue.put()
        if waits:
            await queue.stop()
        else:
            with pytest.raises(TimeoutError):
                await queue.stop(timeout=2)
            await asyncio.sleep(4)
        assert queue.actions[-3:] == ["last_stop", "given_up", "closed"]

    run(main)


def test_a_timeout_whose_task_is_cancelled_before_it_begins_does_what_has_to_end(drained: Any) -> None:
    """As `asyncio.run` cancels all tasks at its end, whenever a timeout has come just before."""

    def cancel(step: Any) -> None:
        for task in asyncio.all_tasks() if step.action == "given_up" else ():
            if task.get_name() == "drain_timeout":
                task.cancel()

    async def main() -> None:
        queue = recorded(drained, "DrainedLifecycle")(drain_timeout=5, observe=cancel)
        await queue.start()
        await queue.put()
        with pytest.raises(TimeoutError):
            await queue.stop(timeout=2)
        await asyncio.sleep(4)
        assert queue.said[-1] == "close ends"
        assert queue._life.left() == ""
        assert not queue._life._followers

    run(main)


def test_a_timeout_begins_anew_each_time(drained: Any) -> None:
    async def main() -> None:
        queue = queue_of(drained, drain_timeout=5)
        for _ in range(3):
            await queue.start()
            await queue.put()
            stopping = asyncio.create_task(queue.stop())
            await asyncio.sleep(4)
            assert queue.snapshot().phase is drained.Phase.DRAINING
            await queue.carried_out()
            await stopping
        assert "given_up" not in queue.actions
        assert not any(handle for handle in asyncio.get_running_loop()._scheduled if not handle.cancelled())  # type: ignore[attr-defined]

    run(main)


@pytest.mark.parametrize("patience", [{}, {"drain_timeout": None}, {"drain_timeout": float("inf")}])
def test_without_a_number_of_seconds_no_timeout_comes(drained: Any, patience: Any) -> None:
    async def main() -> None:
        queue = queue_of(drained, **patience)
        await queue.start()
        await queue.put()
        stopping = asyncio.create_task(queue.stop())
        await asyncio.sleep(1e6)
        assert not stopping.done()
        await queue.carried_out()
        await stopping

    run(main)


@pytest.mark.parametrize("patience", [-1, float("nan"), "1", True])
def test_a_wrong_number_of_seconds_is_refused(drained: Any, patience: Any) -> None:
    with pytest.raises((TypeError, ValueError), match="drain_timeout must be a number of seconds"):
        queue_of(drained, drain_timeout=patience)


def test_a_cancelled_stop_has_happened_all_the_same(drained: Any) -> None:
    async def main() -> None:
        queue = queue_of(drained, drain_timeout=5)
        await queue.start()
        await queue.put()
        stopping = asyncio.create_task(queue.stop())
        await asyncio.sleep(1)
        stopping.cancel()
        await turns(2)
        assert stopping.cancelled()
        assert await queue.start() == "first_start", "it waits for the end"
        assert asyncio.get_running_loop().time() == 5
        await queue.stop()

    run(main)


def test_work_that_waits_for_what_it_has_to_do_gets_an_error_at_once(drained: Any) -> None:
    async def main() -> None:
        queue = queue_of(drained, drain_timeout=5)

        async def close() -> None:
            with pytest.raises(drained.WouldDeadlock, match="start would wait for close"):
                await queue.start()

        queue.close = close
        await queue.start()
        await queue.put()
        await queue.stop()

    run(main)


def test_a_closing_that_fails_behind_a_timeout_is_told(drained: Any, caplog: pytest.LogCaptureFixture) -> None:
    async def main() -> None:
        queue = queue_of(drained, drain_timeout=5)
        queue.errors["close"] = [OSError("it is stuck")]
        await queue.start()
        await queue.put()
        assert await queue.stop() == "last_stop"

    run(main)
    assert [record.getMessage() for record in caplog.records] == ["what followed the timeout drain_timeout failed"]


def test_a_session_with_a_drain_survives_cancellation_at_every_turn(drained: Any) -> None:
    async def use(queue: Any) -> None:
        async with queue.using():
            await queue.put()
            await turns(1)

    for victim in range(2):
        turn, missed = 1, False
        while not missed:
            queue, loop = queue_of(drained, drain_timeout=5), Loop()
            try:
                tasks = [loop.create_task(use(queue)) for _ in range(2)]
                loop.at_turn(turn, tasks[victim].cancel)
                loop.run_until_complete(asyncio.wait(tasks))
                missed = loop.selector.at_turn is not None
                loop.selector.at_turn = None
                assert queue._life.left() == "", "whoever was the last has seen it end"
                assert loop.left() == []
            finally:
                close(loop)
            turn += 1
        assert turn > 8


def test_a_dropped_lifecycle_is_not_kept_by_its_clock(drained: Any) -> None:
    async def main() -> None:
        queue = queue_of(drained, drain_timeout=5)
        await queue.start()
        await queue.put()
        with pytest.raises(TimeoutError):
            await queue.stop(timeout=1)
        held = [queue]
        del queue
        with pytest.warns(ResourceWarning, match="DRAINING"):
            held.clear()
        await asyncio.sleep(10)

    run(main)
