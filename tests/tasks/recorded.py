"""Lifecycles whose work takes a few turns of the loop and tells what happened."""

import asyncio
import gc
from collections import Counter
from collections.abc import Callable
from typing import Any

from tests.tasks.loops import turns


def recorded(package: Any, name: str = "DeviceLifecycle") -> Any:
    """A lifecycle of a package whose work is `open` and `close`, and which keeps what its observer is told."""

    class Recorded(getattr(package, name)):  # type: ignore[misc]  # the package exists only while tests run
        def __init__(self, *, observe: Callable[[Any], object] | None = None, **patience: float) -> None:
            self.steps: list[Any] = []
            super().__init__(observe=observe or self.steps.append, **patience)
            self.said: list[str] = []
            self.errors: dict[str, list[BaseException]] = {}
            self.takes = 2
            self.at_work = 0
            self.overlapped = False

        async def open(self) -> None:
            await self._work("open")

        async def close(self) -> None:
            await self._work("close")

        async def _work(self, work: str) -> None:
            self.at_work += 1
            self.overlapped |= self.at_work > 1
            self.said.append(f"{work} begins")
            end = "cut off"
            try:
                await turns(self.takes)
                end = "raises"
                if self.errors.get(work):
                    raise self.errors[work].pop(0)
                end = "ends"
            finally:
                self.said.append(f"{work} {end}")
                self.at_work -= 1

        @property
        def actions(self) -> list[str]:
            return [step.action for step in self.steps]

    return Recorded


def run_and_collect(main: Callable[[], Any]) -> None:
    """Run something, and have what nobody holds then collected."""
    main()
    gc.collect()


def check_record(device: Any) -> None:
    """Nothing ran twice at once, each work has exactly one outcome, and each outcome is that of the work."""
    said, happened = Counter(device.said), Counter(device.actions)
    assert not device.overlapped
    assert device.at_work == 0
    assert [step.number for step in device.steps] == [*range(1, len(device.steps) + 1)]
    assert happened["opened"] == said["open ends"]
    assert happened["opened"] + happened["open_failed"] == happened["first_start"] >= said["open begins"]
    assert happened["closed"] == said["close begins"] == said["close ends"] + said["close raises"]


async def check_usable(device: Any) -> None:
    """All is as at the start, and the next start works as the first did."""
    check_record(device)
    device.errors.clear()
    assert device._life.left() == ""
    assert not device._life.now()._pending
    assert not device._life._sleepers
    assert await asyncio.wait_for(device.start(), 60) == "first_start"
    assert await asyncio.wait_for(device.stop(), 60) == "last_stop"
    check_record(device)
