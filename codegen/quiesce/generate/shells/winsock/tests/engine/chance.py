"""Scripts by chance, and schedules by chance: callers do what comes to their minds, on two connections that all share.

Nearly every call may be refused here, since others close what it is about; only the rules of a run have to be kept.
Peers send a little, end their streams and read everything, so nobody waits for what will never come.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from random import Random
from typing import Final

from ..schedules.threads import Thread
from .acts import TIMED, VISITS, cleans_up, counts, in_turn, starts
from .clients import Client
from .delays import Delay, Delayed
from .peers import Peer
from .stage import Acts, Script, Shared

REFUSALS: Final = (
    "WSAEINTR",
    "WSAENOTCONN",
    "WSAENOTSOCK",
    "WSAESHUTDOWN",
    "WSAEWOULDBLOCK",
    "WSA_OPERATION_ABORTED",
)
"""The reasons for which calls may be refused by what others do."""
PORTS: Final = (1, 2)
_NON_BLOCKING: Final = 0x8004667E


def chance(seed: object) -> Random:
    """Numbers by chance, the same ones for the same seed."""
    return Random(str(seed))  # noqa: S311 - nobody has to be kept from guessing them


class Wandering(Delayed):
    """A world in which each delay comes by chance."""

    def __init__(self) -> None:
        super().__init__(delays=0)
        self._random = chance(0)
        self._often = 0.0

    def wander(self, random: Random) -> None:
        """From now on, delays come like this; in some runs often, in others seldom."""
        self._random = random
        self._often = random.choice((0.0, 0.02, 0.05, 0.1, 0.3))

    def _delayed(self, usual: Thread, able: Sequence[Thread]) -> Thread:
        others = [thread for thread in able if thread is not usual]
        if others and self._random.random() < self._often:
            place = len(self._steps)
            self._delays[place] = Delay(place, self._random.choice(others).name)
        return super()._delayed(usual, able)

    @property
    def _is_decided(self) -> bool:
        return not self.deciding


def script_of(random: Random) -> Script:
    """A script by chance."""
    letters = iter(range(ord("a"), ord("z")))
    names = "ABC"[: random.choice((2, 3))]
    clients = {
        name: in_turn(*(_act(random, letters) for _ in range(random.choice((2, 3, 4)))), cleans_up) for name in names
    }
    connects = [_connects(port) for port in PORTS]
    return Script(
        before=in_turn(*[starts] * len(names), *connects),
        clients={**clients, "D": VISITS} if random.random() < 0.3 else clients,
        peers=dict.fromkeys(PORTS, _sends_and_reads),
        hooks=random.random() < 0.6,
        policy={"startup_while_draining": random.choice(("wait", "take_over"))},
    )


def _act(random: Random, letters: Iterator[int]) -> Acts:
    data = bytes([next(letters)]) * random.choice((1, 2, 4, 8))
    return random.choice(_ACTS)(random.choice(PORTS), data, random.randrange(8))


def _sends_and_reads(peer: Peer) -> None:
    peer.send(b"12345")
    with suppress(OSError):  # the connection was reset
        peer.connection.shutdown(1)
    peer.read_all()


def _connects(port: int) -> Acts:
    def act(client: Client, shared: Shared) -> None:
        shared[port] = client.connect(port)

    return act


def _sends(port: int, data: bytes, _: int) -> Acts:
    return lambda client, shared: client.send(shared[port], data, port, REFUSALS)


def _begins_to_send(port: int, data: bytes, _: int) -> Acts:
    def act(client: Client, shared: Shared) -> None:
        operation = client.begin_to_send(shared[port], data, port, may=REFUSALS)
        shared.setdefault("operations", []).extend([] if isinstance(operation, str) else [operation])

    return act


def _begins_to_receive(port: int, _data: bytes, _: int) -> Acts:
    def act(client: Client, shared: Shared) -> None:
        operation = client.call("recv_overlapped", shared[port], 3, may=REFUSALS)
        shared.setdefault("operations", []).extend([] if isinstance(operation, str) else [operation])

    return act


def _of_an_operation(method: str) -> Callable[[int, bytes, int], Acts]:
    """Call a method of some operation, if there is one."""

    def make(_port: int, _data: bytes, number: int) -> Acts:
        def act(client: Client, shared: Shared) -> None:
            known = shared.get("operations")
            if known:
                client.see(f"{method}()", getattr(known[number % len(known)], method), REFUSALS)

        return act

    return make


def _of_a_socket(call: str, *given: object) -> Callable[[int, bytes, int], Acts]:
    """Make a call about a socket."""

    def make(port: int, _data: bytes, _number: int) -> Acts:
        def act(client: Client, shared: Shared) -> None:
            client.call(call, shared[port], *given, may=REFUSALS)

        return act

    return make


def _selects(port: int, _data: bytes, number: int) -> Acts:
    def act(client: Client, shared: Shared) -> None:
        groups = ([shared[port]], []) if number % 2 else ([], [shared[port]])
        client.call("select", *groups, may=REFUSALS)

    return act


def _duplicates(port: int, _data: bytes, _: int) -> Acts:
    def act(client: Client, shared: Shared) -> None:
        one = client.call("duplicate_socket", shared[port], may=REFUSALS)
        shared.setdefault("duplicates", []).extend([] if isinstance(one, str) else [one])

    return act


def _closes_a_duplicate(_port: int, _data: bytes, _: int) -> Acts:
    def act(client: Client, shared: Shared) -> None:
        if shared.get("duplicates"):
            client.close(shared["duplicates"].pop(), REFUSALS)

    return act


_ACTS: Final[Sequence[Callable[[int, bytes, int], Acts]]] = (
    _sends,
    _sends,
    _begins_to_send,
    _begins_to_receive,
    _of_an_operation("result"),
    _of_an_operation("cancel"),
    _of_a_socket("recv", 3),
    _of_a_socket("recv", 1),
    _of_a_socket("closesocket"),
    _of_a_socket("shutdown", 0),
    _of_a_socket("shutdown", 1),
    _of_a_socket("ioctl", _NON_BLOCKING, 1),
    _of_a_socket("ioctl", _NON_BLOCKING, 0),
    _of_a_socket("setsockopt", *TIMED),
    _selects,
    _duplicates,
    _closes_a_duplicate,
    lambda _port, _data, _: counts,
    lambda _port, _data, _: VISITS,
)
"""The things that may come to a caller's mind."""
