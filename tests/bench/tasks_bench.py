"""Start/stop pairs through the shell for asyncio against a class written by hand for the same rules, in one run.

    python -m tests.bench.tasks_bench [--json] [--rounds N] [--pairs N]

A nested pair (others use it, too), a nested session, and a whole epoch (first start to the end of closing) are
measured. Rounds are interleaved, in turns with either side first, and the median of their ratios is reported, in
processor time. The exit code is 1 if the promise is missed.
"""

import argparse
import asyncio
import json
import tempfile
import time
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any

from tests.bench.core_bench import Timer, Timing, compare
from tests.bench.tasks_by_hand import HandDevice
from tests.tasks.packages import load

PROMISED = 2.0


def in_a_loop(life: Callable[[int], Awaitable[None]]) -> Timer:
    """The time that it takes in a loop, without that of making the loop."""

    async def timed(pairs: int) -> float:
        begun = time.process_time()
        await life(pairs)
        return time.process_time() - begun

    return lambda pairs: asyncio.run(timed(pairs))


def nested(device: Any) -> Timer:
    """Pairs while others use the device."""

    async def life(pairs: int) -> None:
        await device.start()
        for _ in range(pairs):
            await device.start()
            await device.stop()
        await device.stop()

    return in_a_loop(life)


def sessions(device: Any) -> Timer:
    """Sessions while others use the device."""

    async def life(pairs: int) -> None:
        await device.start()
        for _ in range(pairs):
            async with device.using():
                pass
        await device.stop()

    return in_a_loop(life)


def epochs(device: Any) -> Timer:
    """Pairs that open and close the device."""

    async def life(pairs: int) -> None:
        for _ in range(pairs):
            await device.start()
            await device.stop()

    return in_a_loop(life)


def measure(rounds: int, pairs: int) -> dict[str, Timing]:
    """Each pair on its own."""
    with tempfile.TemporaryDirectory() as folder:
        package: Any = load(Path(folder), "device")

    class Device(package.DeviceLifecycle):  # type: ignore[misc]  # the package exists only while the bench runs
        async def open(self) -> None: ...
        async def close(self) -> None: ...

    contests = {"nested": nested, "nested session": sessions, "whole epoch": epochs}
    return {name: compare(of(Device()), of(HandDevice()), rounds, pairs) for name, of in contests.items()}


def kept(timings: dict[str, Timing]) -> bool:
    """Whether the promise was kept, which is about nested pairs: nearly all pairs are."""
    return timings["nested"].ratio <= PROMISED


def as_table(timings: dict[str, Timing]) -> str:
    """The timings for a person."""
    lines = [f"{'':<26}{'generated':>12}{'by hand':>12}{'ratio':>8}"]
    lines += [
        f"{name:<26}{one.generated_ns:>9.0f} ns{one.by_hand_ns:>9.0f} ns{one.ratio:>8.2f}"
        for name, one in timings.items()
    ]
    verdict = "kept" if kept(timings) else "missed"
    return "\n".join([*lines, f"{f'nested, at most {PROMISED} times by hand':<26}{verdict:>25}"])


def as_json(timings: dict[str, Timing]) -> str:
    """The timings for a program."""
    pairs = {
        name: {"ratio": one.ratio, "generated_ns": one.generated_ns, "by_hand_ns": one.by_hand_ns}
        for name, one in timings.items()
    }
    return json.dumps({"pairs": pairs, "promised": PROMISED, "kept": kept(timings)}, indent=2)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="Start/stop pairs of the shell for asyncio, compared with handwork.")
    parser.add_argument("--rounds", type=int, default=31, help="how often each is measured")
    parser.add_argument("--pairs", type=int, default=2_000, help="pairs in one round")
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    options = parser.parse_args(arguments)
    timings = measure(max(1, options.rounds), max(1, options.pairs))
    print(as_json(timings) if options.json else as_table(timings))
    return 0 if kept(timings) else 1


if __name__ == "__main__":
    raise SystemExit(main())
