"""Calls of the Winsock provider against plain sockets that do the same, and nested startups against a locked counter.

    python -m tests.bench.provider_bench [--json] [--rounds N] [--share PERCENT]

Everything goes over loopback to a peer in another process, in elapsed time, since what could cost is the waiting for
other threads. Rounds are interleaved, in turns with either side first, and the fastest round of each side counts: what
else the machine does can only make a round slower. The speed is how many times as fast as the plain side the provider
is. The exit code is 1 if a bound is missed.
"""

import argparse
import json
import math
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from winsock_provider import AF_INET, IPPROTO_TCP, SOCK_STREAM, TCP_NODELAY, WinsockProvider

PEER = Path(__file__).with_name("peer.py")
CHUNK = 1 << 16
"""Bytes of a receive, where much is received."""

Timer = Callable[[int], float]
"""Does something that many times, and says how many seconds it took."""


@dataclass(frozen=True, slots=True)
class Contest:
    """Two sides that do the same, and how the provider's speed has to compare with the other's."""

    ours: Timer
    theirs: Timer
    count: int
    bound: float


@dataclass(frozen=True, slots=True)
class Timing:
    """The speed of the provider in units of the other side's, and the microseconds that each took in its best round."""

    speed: float
    bound: float
    ours_us: float
    theirs_us: float

    @property
    def kept(self) -> bool:
        """Whether the provider is as quick as is promised."""
        return self.speed >= self.bound


Send = Callable[[bytes], object]
Receive = Callable[[int], bytes]
Traffic = Callable[[Send, Receive, int, int], None]


def sends(send: Send, receive: Receive, size: int, count: int) -> None:
    """Send, until the peer has all."""
    piece = bytes(size)
    for _ in range(count):
        send(piece)
    receive(1)


def receives(_send: Send, receive: Receive, size: int, count: int) -> None:
    """Receive what the peer sends."""
    left = size * count
    while left:
        left -= len(receive(CHUNK))


def questions(send: Send, receive: Receive, size: int, count: int) -> None:
    """Ask, and wait for the answer; so small a one comes whole."""
    piece = bytes(size)
    for _ in range(count):
        send(piece)
        receive(size)


def peer(port: int, task: str, size: int, count: int) -> "subprocess.Popen[bytes]":
    """A process that connects to the port, waits for one byte, and begins."""
    command = [sys.executable, "-IS", str(PEER), str(port), task, str(size), str(count)]
    return subprocess.Popen(command)


def plain(traffic: Traffic, task: str, size: int) -> Timer:
    """The traffic on a plain blocking socket."""

    def timer(count: int) -> float:
        with socket.create_server(("127.0.0.1", 0)) as listening, peer(listening.getsockname()[1], task, size, count):
            ours, _ = listening.accept()
            with ours:
                ours.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, True)
                ours.sendall(b"!")
                begun = time.perf_counter()
                traffic(ours.sendall, ours.recv, size, count)
                return time.perf_counter() - begun

    return timer


def provided(traffic: Traffic, task: str, size: int) -> Timer:
    """The same on a socket of the provider."""

    def timer(count: int) -> float:
        provider = WinsockProvider()
        provider.startup((2, 2))
        listening = provider.socket(AF_INET, SOCK_STREAM)
        provider.bind(listening, ("127.0.0.1", 0))
        provider.listen(listening)
        with peer(provider.getsockname(listening)[1], task, size, count):
            s, _ = provider.accept(listening)
            provider.setsockopt(s, IPPROTO_TCP, TCP_NODELAY, True)
            provider.send(s, b"!")
            begun = time.perf_counter()
            traffic(partial(provider.send, s), partial(provider.recv, s), size, count)
            taken = time.perf_counter() - begun
            provider.cleanup()
        return taken

    return timer


def counted(up: Callable[[], object], down: Callable[[], object]) -> Timer:
    """One up and down after the other."""

    def timer(count: int) -> float:
        begun = time.perf_counter()
        for _ in range(count):
            up()
            down()
        return time.perf_counter() - begun

    return timer


class Counter:
    """What a provider without sockets would be: a number behind a lock."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._users = 0

    def up(self) -> None:
        """One more user."""
        with self._lock:
            self._users += 1

    def down(self) -> None:
        """One user less."""
        with self._lock:
            self._users -= 1


def nested(count: int) -> float:
    """Startups and cleanups of a provider that others use too."""
    provider = WinsockProvider()
    provider.startup((2, 2))
    taken = counted(partial(provider.startup, (2, 2)), provider.cleanup)(count)
    provider.cleanup()
    return taken


def counter(count: int) -> float:
    """The same with a counter."""
    one = Counter()
    return counted(one.up, one.down)(count)


def contests() -> dict[str, Contest]:
    """Each thing that is measured."""

    def over(traffic: Traffic, task: str, size: int, count: int, bound: float) -> Contest:
        return Contest(provided(traffic, task, size), plain(traffic, task, size), count, bound)

    return {
        "send 1 MiB": over(sends, "swallow", 1 << 20, 200, 0.97),
        "send 64 KiB": over(sends, "swallow", 1 << 16, 4_000, 0.95),
        "send 4 KiB": over(sends, "swallow", 1 << 12, 50_000, 0.8),
        "send 64 B": over(sends, "swallow", 64, 200_000, 0.6),
        "receive": over(receives, "pour", 1 << 20, 200, 0.95),
        "question and answer": over(questions, "answer", 64, 3_000, 0.9),
        "nested startup": Contest(nested, counter, 50_000, 1 / 3),
    }


def measure(rounds: int, percent: int) -> dict[str, Timing]:
    """Each thing on its own, `percent` of it in each round."""
    return {
        name: compare(contest, max(1, contest.count * percent // 100), rounds) for name, contest in contests().items()
    }


def compare(contest: Contest, count: int, rounds: int) -> Timing:
    """Both sides in turns."""
    ours, theirs = math.inf, math.inf
    for number in range(rounds):
        if number % 2:
            theirs = min(theirs, contest.theirs(count))
        ours = min(ours, contest.ours(count))
        if not number % 2:
            theirs = min(theirs, contest.theirs(count))
    return Timing(speed=theirs / ours, bound=contest.bound, ours_us=ours / count * 1e6, theirs_us=theirs / count * 1e6)


def kept(timings: dict[str, Timing]) -> bool:
    """Whether everything was as quick as is promised."""
    return all(one.kept for one in timings.values())


def as_table(timings: dict[str, Timing]) -> str:
    """The timings for a person."""
    lines = [f"{'':<22}{'provider':>12}{'plain':>12}{'speed':>8}{'bound':>8}"]
    lines += [
        f"{name:<22}{one.ours_us:>9.1f} us{one.theirs_us:>9.1f} us{one.speed:>8.2f}{one.bound:>8.2f}"
        f"  {'kept' if one.kept else 'missed'}"
        for name, one in timings.items()
    ]
    return "\n".join(lines)


def as_json(timings: dict[str, Timing]) -> str:
    """The timings for a program."""
    things = {
        name: {"speed": one.speed, "bound": one.bound, "provider_us": one.ours_us, "plain_us": one.theirs_us}
        for name, one in timings.items()
    }
    return json.dumps({"things": things, "kept": kept(timings)}, indent=2)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="Calls of the Winsock provider, compared with plain sockets.")
    parser.add_argument("--rounds", type=int, default=11, help="how often each is measured")
    parser.add_argument("--share", type=int, default=100, help="percent of the usual calls in one round")
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    options = parser.parse_args(arguments)
    timings = measure(max(1, options.rounds), max(1, options.share))
    print(as_json(timings) if options.json else as_table(timings))
    return 0 if kept(timings) else 1


if __name__ == "__main__":
    raise SystemExit(main())
