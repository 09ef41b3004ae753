"""Start/stop pairs through the generated shell for threads against a class written by hand, in one run.

    python -m tests.bench.shell_bench [--json] [--rounds N] [--pairs N]

Two pairs are measured: a nested one (others use the device too), and one that opens and closes it. Rounds are
interleaved, in turns with either side first, and the median of their ratios is reported, in processor time. The exit
code is 1 if a nested pair misses the promise.
"""

import argparse
import importlib
import json
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

from quiesce.generate.package import package_folder, python_of, render_folder
from quiesce.spec.reader import read_file

from tests.bench.core_bench import Timer, Timing, compare
from tests.bench.device_by_hand import HandDevice

PROMISED = 2.0
NESTED = "nested"
SPEC = Path(__file__).parents[1] / "generate/specs/device.py"


class ByHand(HandDevice):
    """A device without any work."""

    def open(self) -> None:
        """Nothing."""

    def close(self) -> None:
        """Nothing."""


def generated() -> ModuleType:
    """The package of the device."""
    machine = read_file(SPEC)
    with tempfile.TemporaryDirectory() as folder:
        pages = render_folder(machine, package_folder("bench_device"), python_of(machine, "threads"))
        for path, text in pages.items():
            Path(folder, path).parent.mkdir(parents=True, exist_ok=True)
            Path(folder, path).write_text(text, encoding="utf-8")
        sys.path.insert(0, folder)
        try:
            return importlib.import_module("bench_device")
        finally:
            sys.path.remove(folder)


def pairs_of(device: Any) -> Timer:
    """Pairs of a start and a stop."""

    def timer(pairs: int) -> float:
        start, stop = device.start, device.stop
        begun = time.process_time()
        for _ in range(pairs):
            start()
            stop()
        return time.process_time() - begun

    return timer


def measure(rounds: int, pairs: int) -> dict[str, Timing]:
    """Each pair on its own."""
    work = {"open": ByHand.open, "close": ByHand.close}
    made = type("Generated", (generated().DeviceLifecycle,), work)
    timings = {"first and last": compare(pairs_of(made()), pairs_of(ByHand()), rounds, pairs)}
    ours, theirs = made(), ByHand()
    ours.start()
    theirs.start()
    timings[NESTED] = compare(pairs_of(ours), pairs_of(theirs), rounds, pairs)
    ours.stop()
    return timings


def kept(timings: dict[str, Timing]) -> bool:
    """Whether a nested pair was as quick as is promised."""
    return timings[NESTED].ratio <= PROMISED


def as_table(timings: dict[str, Timing]) -> str:
    """The timings for a person."""
    lines = [f"{'':<26}{'generated':>12}{'by hand':>12}{'ratio':>8}"]
    lines += [
        f"{name:<26}{one.generated_ns:>9.0f} ns{one.by_hand_ns:>9.0f} ns{one.ratio:>8.2f}"
        for name, one in timings.items()
    ]
    verdict = "kept" if kept(timings) else "missed"
    return "\n".join([*lines, f"{f'nested at most {PROMISED} times by hand':<34}{verdict:>24}"])


def as_json(timings: dict[str, Timing]) -> str:
    """The timings for a program."""
    pairs = {
        name: {"ratio": one.ratio, "generated_ns": one.generated_ns, "by_hand_ns": one.by_hand_ns}
        for name, one in timings.items()
    }
    return json.dumps({"pairs": pairs, "promised": PROMISED, "kept": kept(timings)}, indent=2)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="Start/stop pairs through a generated shell, compared with handwork.")
    parser.add_argument("--rounds", type=int, default=31, help="how often each is measured")
    parser.add_argument("--pairs", type=int, default=5_000, help="pairs in one round")
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    options = parser.parse_args(arguments)
    timings = measure(max(1, options.rounds), max(1, options.pairs))
    print(as_json(timings) if options.json else as_table(timings))
    return 0 if kept(timings) else 1


if __name__ == "__main__":
    raise SystemExit(main())
