"""Start/stop pairs of generated cores against classes written by hand for the same rules, in one run.

    python -m tests.bench.core_bench [--json] [--rounds N] [--pairs N]

Four pairs are measured: a nested pair (others use it too) and a whole epoch (first start to release), each for the
flagship and for the spec that `quiesce new` writes. Both sides refuse the same mistakes, answer alike, and take the
same lock around each call. Rounds are interleaved, in turns with either side first, and the median of their ratios is
reported, in processor time, so that a change of the machine's speed does not matter. The exit code is 1 if the promise
is missed.
"""

import argparse
import importlib.util
import json
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

from quiesce.console.starter import starter
from quiesce.generate.package import render_machine
from quiesce.spec.reader import read_file
from winsock_provider.core import WinsockProviderCore

from tests.bench.by_hand import HandCounter, HandProvider
from tests.bench.measuring import median_of

PROMISED = 1.1
VERSION = 2 * 256 + 2

Timer = Callable[[int], float]
"""Does that many pairs and says how many seconds they took."""


def nested_startups(startup: Callable[[int, bool], object], cleanup: Callable[[], object]) -> Timer:
    """Pairs while others use the provider."""
    lock = threading.Lock()

    def timer(pairs: int) -> float:
        begun = time.process_time()
        for _ in range(pairs):
            with lock:
                startup(VERSION, True)
            with lock:
                cleanup()
        return time.process_time() - begun

    return timer


def startup_epochs(
    startup: Callable[[int, bool], object],
    initialised: Callable[[], None],
    cleanup: Callable[[], object],
    release: Callable[[], None],
) -> Timer:
    """Pairs that initialise and release the provider."""
    lock = threading.Lock()

    def timer(pairs: int) -> float:
        begun = time.process_time()
        for _ in range(pairs):
            with lock:
                startup(VERSION, True)
            with lock:
                initialised()
            with lock:
                cleanup()
            with lock:
                release()
        return time.process_time() - begun

    return timer


def locked(*steps: Callable[[], object]) -> Timer:
    """The same steps over and over, each under the lock."""
    lock = threading.Lock()

    def timer(pairs: int) -> float:
        begun = time.process_time()
        for _ in range(pairs):
            for step in steps:
                with lock:
                    step()
        return time.process_time() - begun

    return timer


def starter_core() -> ModuleType:
    """The core generated from the spec that `quiesce new` writes."""
    with tempfile.TemporaryDirectory() as folder:
        spec = Path(folder, "service.py")
        spec.write_text(starter("service"), encoding="utf-8")
        pages = render_machine(read_file(spec), "service_provider", "threads")
        path = Path(folder, "service_core.py")
        path.write_text(next(text for page, text in pages.items() if page.name == "core.py"), encoding="utf-8")
        found = importlib.util.spec_from_file_location("service_core", path)
        if found is None or found.loader is None:
            raise ImportError(path)
        module = importlib.util.module_from_spec(found)
        found.loader.exec_module(module)
        return module


def contests() -> dict[str, tuple[Timer, Timer]]:
    """Each pair that is measured: the generated side and the one by hand, ready to run."""
    core, hand = WinsockProviderCore(), HandProvider()
    for one in (core.wsp_startup, hand.startup):
        one(VERSION, True)
    core.initialised()
    hand.initialised()
    idle_core, idle_hand = WinsockProviderCore(), HandProvider()
    service = starter_core().ServiceCore
    counter, hand_counter, idle_counter, idle_hand_counter = service(), HandCounter(), service(), HandCounter()
    counter.start()
    counter.opened()
    hand_counter.start()
    hand_counter.opened()
    return {
        "flagship, nested": (
            nested_startups(core.wsp_startup, core.wsp_cleanup),
            nested_startups(hand.startup, hand.cleanup),
        ),
        "flagship, whole epoch": (
            startup_epochs(idle_core.wsp_startup, idle_core.initialised, idle_core.wsp_cleanup, idle_core.release),
            startup_epochs(idle_hand.startup, idle_hand.initialised, idle_hand.cleanup, idle_hand.release),
        ),
        "first spec, nested": (
            locked(counter.start, counter.stop),
            locked(hand_counter.start, hand_counter.stop),
        ),
        "first spec, whole epoch": (
            locked(idle_counter.start, idle_counter.opened, idle_counter.stop, idle_counter.closed),
            locked(idle_hand_counter.start, idle_hand_counter.opened, idle_hand_counter.stop, idle_hand_counter.closed),
        ),
    }


@dataclass(frozen=True, slots=True)
class Timing:
    """Medians over all rounds: of the ratio, and of nanoseconds for one pair."""

    ratio: float
    generated_ns: float
    by_hand_ns: float


def measure(rounds: int, pairs: int) -> dict[str, Timing]:
    """Each pair on its own."""
    return {name: compare(generated, by_hand, rounds, pairs) for name, (generated, by_hand) in contests().items()}


def compare(generated: Timer, by_hand: Timer, rounds: int, pairs: int) -> Timing:
    """Both sides in turns; one round before only warms up."""
    generated(pairs)
    by_hand(pairs)
    taken = []
    for number in range(rounds):
        if number % 2:
            theirs, ours = by_hand(pairs), generated(pairs)
        else:
            ours, theirs = generated(pairs), by_hand(pairs)
        taken.append((ours, theirs))
    return Timing(
        ratio=median_of(taken, lambda one: one[0] / one[1]),
        generated_ns=median_of(taken, lambda one: one[0]) / pairs * 1e9,
        by_hand_ns=median_of(taken, lambda one: one[1]) / pairs * 1e9,
    )


def kept(timings: dict[str, Timing]) -> bool:
    """Whether every pair was as quick as is promised."""
    return all(one.ratio <= PROMISED for one in timings.values())


def as_table(timings: dict[str, Timing]) -> str:
    """The timings for a person."""
    lines = [f"{'':<26}{'generated':>12}{'by hand':>12}{'ratio':>8}"]
    lines += [
        f"{name:<26}{one.generated_ns:>9.0f} ns{one.by_hand_ns:>9.0f} ns{one.ratio:>8.2f}"
        for name, one in timings.items()
    ]
    verdict = "kept" if kept(timings) else "missed"
    return "\n".join([*lines, f"{f'at most {PROMISED} times by hand':<26}{verdict:>32}"])


def as_json(timings: dict[str, Timing]) -> str:
    """The timings for a program."""
    pairs = {
        name: {"ratio": one.ratio, "generated_ns": one.generated_ns, "by_hand_ns": one.by_hand_ns}
        for name, one in timings.items()
    }
    return json.dumps({"pairs": pairs, "promised": PROMISED, "kept": kept(timings)}, indent=2)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="Start/stop pairs of generated cores, compared with handwork.")
    parser.add_argument("--rounds", type=int, default=31, help="how often each is measured")
    parser.add_argument("--pairs", type=int, default=5_000, help="pairs in one round")
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    options = parser.parse_args(arguments)
    timings = measure(max(1, options.rounds), max(1, options.pairs))
    print(as_json(timings) if options.json else as_table(timings))
    return 0 if kept(timings) else 1


if __name__ == "__main__":
    raise SystemExit(main())
