"""Many tasks at once, in the loop that a program has."""

import asyncio
import os
import random
from collections import Counter
from typing import Any

import pytest

from tests.tasks.loops import turns
from tests.tasks.recorded import check_usable, recorded

TASKS = int(os.environ.get("QUIESCE_TASKS", "500"))
"""How many tasks there are; one in three is cancelled at some moment."""


async def campaign(device: Any, seed: int) -> Counter[str]:
    """Tasks that use a camera, or give up, or are cancelled, or see it fail; nothing is lost and nothing is left."""
    chance = random.Random(seed)  # noqa: S311 -- no secret
    camera, ends = recorded(device)(), Counter[str]()

    async def use() -> None:
        await turns(chance.randrange(20))
        try:
            async with camera.using(timeout=chance.choice([None, None, 60, 0])):
                assert camera.snapshot().refs > 0
                await turns(chance.randrange(3))
                1 / chance.randrange(10)
        except TimeoutError:
            ends["gave up"] += 1
        except (OSError, ZeroDivisionError):
            ends["failed"] += 1
        else:
            ends["used"] += 1

    tasks = []
    for number in range(TASKS):
        tasks.append(asyncio.create_task(use()))
        if not number % max(7, TASKS // 70):  # each failure wakes all who wait
            camera.errors.setdefault("open", []).append(OSError("no"))
            camera.errors.setdefault("close", []).append(OSError("stuck"))
        if not number % 3:
            chance.choice(tasks).cancel()
        if not number % 10:
            await turns(1)
    ended = await asyncio.gather(*tasks, return_exceptions=True)
    ends["cancelled"] = sum(isinstance(each, asyncio.CancelledError) for each in ended)
    assert all(each is None or isinstance(each, asyncio.CancelledError) for each in ended)
    assert sum(ends.values()) == TASKS
    await check_usable(camera)
    assert asyncio.all_tasks() == {asyncio.current_task()}
    return ends


@pytest.mark.parametrize("seed", range(2))
def test_many_tasks_lose_nothing_and_leave_nothing(device: Any, seed: int) -> None:
    ends = asyncio.run(campaign(device, seed))
    assert {"used", "failed", "cancelled"} <= {*ends}


def test_a_loop_of_uvloop_does_as_well(device: Any) -> None:
    uvloop = pytest.importorskip("uvloop")
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(campaign(device, 0))
