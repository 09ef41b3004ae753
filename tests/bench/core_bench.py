"""A start/stop pair of a generated core against a class written by hand for the same rules, in one run.

    python tests/bench/core_bench.py [--json]

Both sides hold the same kind of lock around each call. Rounds are interleaved, and the median of their ratios is
reported, so that a change of the machine's speed does not matter.
"""

import argparse
import json
import statistics
import threading
import time
from collections.abc import Callable

from winsock_provider.core import Phase, Refused, WinsockProviderCore

VERSION = 2 * 256 + 2


class ByHand:
    """The rules of startup and cleanup of a running provider, as one would write them."""

    def __init__(self) -> None:
        self.phase = Phase.RUNNING
        self.refs = 1
        self.lowest = VERSION

    def startup(self, agreed: int, buffer: bool) -> None:
        """One more user."""
        if agreed == 0:
            raise Refused("WSAVERNOTSUPPORTED")
        if not buffer:
            raise Refused("WSAEFAULT")
        if self.phase is not Phase.RUNNING:
            raise Refused("WSASYSNOTREADY")
        self.refs += 1
        self.lowest = min(self.lowest, agreed)

    def cleanup(self) -> None:
        """One user less."""
        if self.refs == 0:
            raise Refused("WSANOTINITIALISED")
        self.refs -= 1
        if self.refs == 0:
            self.phase = Phase.DRAINING


def seconds(start: Callable[[int, bool], object], stop: Callable[[], object], pairs: int) -> float:
    """How long `pairs` start/stop pairs take."""
    lock = threading.Lock()
    begin = time.perf_counter()
    for _ in range(pairs):
        with lock:
            start(VERSION, True)
        with lock:
            stop()
    return time.perf_counter() - begin


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--rounds", type=int, default=25)
    parser.add_argument("--pairs", type=int, default=20_000)
    options = parser.parse_args()
    core, hand = WinsockProviderCore(), ByHand()
    core.wsp_startup(VERSION, True)
    core.initialised()
    rounds = [
        (
            seconds(core.wsp_startup, core.wsp_cleanup, options.pairs),
            seconds(hand.startup, hand.cleanup, options.pairs),
        )
        for _ in range(options.rounds)
    ]
    result = {
        "ratio": statistics.median(ours / theirs for ours, theirs in rounds),
        "generated_ns_per_pair": statistics.median(ours for ours, _ in rounds) / options.pairs * 1e9,
        "by_hand_ns_per_pair": statistics.median(theirs for _, theirs in rounds) / options.pairs * 1e9,
    }
    print(json.dumps(result) if options.json else "\n".join(f"{name}: {value:.3g}" for name, value in result.items()))


if __name__ == "__main__":
    main()
