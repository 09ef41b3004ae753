"""Work to be done once more, timeouts that come again and again, and work and timeouts of one name."""

import asyncio
import time
from pathlib import Path
from typing import Any

import pytest

from tests.schedules.packages import package
from tests.tasks.loops import run

PATIENCE = 20.0


def test_work_is_done_until_its_outcome_is_another(tmp_path: Path) -> None:
    answers = [False, False, True]
    with package("poll", tmp_path) as poll:
        asked = type("Asked", (poll.PollLifecycle,), {"ask": lambda _: answers.pop(0)})()
        asked.start()
        assert not answers
        assert asked.snapshot().phase is poll.Phase.UP
        asked.stop()


def test_work_that_is_done_once_more_may_fail_then(tmp_path: Path) -> None:
    answers = [False, False]
    with package("poll", tmp_path) as poll:
        asked = type("Asked", (poll.PollLifecycle,), {"ask": lambda _: answers.pop(0)})()
        with pytest.raises(IndexError):
            asked.start()
        assert asked.snapshot().phase is poll.Phase.DOWN


def test_work_in_tasks_is_done_until_its_outcome_is_another(tmp_path: Path) -> None:
    answers = [False, False, True]

    async def main() -> None:
        async def ask(_: Any) -> bool:
            await asyncio.sleep(1)
            return answers.pop(0)

        asked = type("Asked", (poll.PollLifecycle,), {"ask": ask})()
        await asked.start()
        assert not answers
        assert asked.snapshot().phase is poll.Phase.UP
        await asked.stop()

    with package("poll", tmp_path, "asyncio") as poll:
        run(main)


def test_the_seconds_of_a_timeout_are_counted_anew_from_its_own_step_on(tmp_path: Path) -> None:
    with package("heart", tmp_path) as heart:
        lifecycle, began = heart.HeartLifecycle(interval=0.02), time.monotonic()
        lifecycle.start()
        beats = lifecycle.wait_for(lambda seen: seen.beats >= 3, timeout=PATIENCE).beats
        assert time.monotonic() - began >= 0.02 * beats
        lifecycle.stop()
        assert lifecycle.snapshot().beats == 0


def test_a_timeout_in_tasks_comes_again_and_again(tmp_path: Path) -> None:
    async def main() -> None:
        lifecycle = heart.HeartLifecycle(interval=0.2)
        await lifecycle.start()
        await asyncio.sleep(1.1)
        assert lifecycle.snapshot().beats == 5
        await lifecycle.stop()
        assert not lifecycle._life.clocks

    with package("heart", tmp_path, "asyncio") as heart:
        run(main)


def test_work_and_a_timeout_may_have_one_name(tmp_path: Path) -> None:
    with package("latch", tmp_path) as latch:
        lifecycle = type("Latch", (latch.LatchLifecycle,), {"open": lambda _: (3, True)})(open=0.01)
        for _ in range(2):
            lifecycle.push()
            lifecycle.wait_for(lambda seen: seen.phase is latch.Phase.SHUT, timeout=PATIENCE)


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (3, "open returned int, not (int, bool)"),
        ((3, 1), "open returned (int, int), not (int, bool)"),
        ((3, 1, 1), "open returned (int, int, int), not (int, bool)"),
    ],
)
def test_which_of_several_answers_is_wrong_is_told(answer: object, told: str, tmp_path: Path) -> None:
    with package("latch", tmp_path) as latch:
        lifecycle = type("Latch", (latch.LatchLifecycle,), {"open": lambda _: answer})()
        with pytest.raises(TypeError) as wrong:
            lifecycle.push()
        assert str(wrong.value) == told


def test_a_timeout_that_comes_again_at_once_does_not_keep_a_call_from_its_step(tmp_path: Path) -> None:
    async def main() -> None:
        lifecycle = heart.HeartLifecycle(interval=0)
        await lifecycle.start()
        await lifecycle.wait_for(lambda seen: seen.beats >= 3, timeout=1)
        await lifecycle.stop()
        assert lifecycle.snapshot().beats == 0

    with package("heart", tmp_path, "asyncio") as heart:
        run(main)
    with package("heart", tmp_path) as heart:
        lifecycle = heart.HeartLifecycle(interval=0)
        lifecycle.start()
        lifecycle.wait_for(lambda seen: seen.beats >= 3, timeout=PATIENCE)
        lifecycle.stop()


def test_a_timeout_that_is_still_to_come_comes_in_the_next_loop(tmp_path: Path) -> None:
    with package("nap", tmp_path, "asyncio") as nap:
        lifecycle = nap.NapLifecycle(idle=0.05)

        async def first() -> None:
            await lifecycle.start()
            await lifecycle.stop()

        async def second() -> None:
            await lifecycle.wait_for(lambda seen: seen.slept, timeout=PATIENCE)
            await first()

        asyncio.run(first())
        asyncio.run(second())
