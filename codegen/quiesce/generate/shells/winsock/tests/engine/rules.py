"""The rules that hold in every run, whoever goes on when.

Nobody waits for ever, which `delays` sees. All bytes that were accepted for a stream arrive, once and in order, and
then its end; those of a stream that was reset, as far as they come. The release comes after all that, the last cleanup
after the release, and nothing is left then. Each step of the owner is one of the proved core, which raises at any
other: the log tells of that, and an error in it is one here.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, Final

from ..schedules.states import Apart
from .delays import Delayed
from .likeness import Touched
from .peers import Peer
from .seams import Package

LOOKS: Final = Touched(read=frozenset({"refs", "phase"}), changed=frozenset({"the rules"}))
"""The things that are touched by a thread that looks at a run, or notes what has happened in it."""
SOON: Final = 0.25
"""Seconds that a run takes at most, on its own clock: closes ask the kernel now and then, and nobody else waits."""


class Failed(Exception):
    """The exception of an initialisation that fails."""


class Rules(Apart):
    """The story of a run so far, and what is wrong with it. The provider calls it as its hooks."""

    def __init__(self, world: Delayed, package: Package, resets: Collection[int], hooked: bool, failing: int) -> None:
        """`resets` are the peers whose streams are reset; `hooked` says whether the provider calls these hooks.

        So many initialisations fail before one succeeds.
        """
        self.world = world
        self._package = package
        self.resets = resets
        self._hooked = hooked
        self._failing = failing
        self.drop: Callable[[], None] = lambda: None
        """Tell the provider that nobody holds it any more."""
        self.desk: Any = None
        """The things that callers of the provider share with its owner."""
        self.sent: dict[int, dict[str, list[bytes]]] = {}
        """The bytes that were accepted for each peer, of each client."""
        self.users = 0
        """Startups that were not undone, and calls that are about to make or to undo one."""
        self.calls = 0
        """Calls that are under way."""
        self.epochs = 0
        """How often the provider was initialised."""
        self._released: list[int] = []

    # The hooks.

    def initialise(self) -> None:
        """The provider is initialised."""
        self.world.note("initialises")
        self.world.will_touch(LOOKS)
        self.world.switch("initialise")
        if self.epochs != len(self._released):
            self.world.fail("it is initialised, and was not released")
        if self._failing:
            self._failing -= 1
            raise Failed
        self.epochs += 1

    def released(self, epoch: int) -> None:
        """The provider is released."""
        self.world.note(f"releases epoch {epoch}")
        self.world.switch("release")  # and look at everything
        if self.epochs != len(self._released) + 1:
            self.world.fail("it is released, and was not initialised")
        for one in self._package.kernel.of_the_package():
            if not one.is_bell:
                self.world.fail(f"the release comes before {one} was given back")
        self._see_delivered()
        self.world.will_touch(LOOKS)
        self.world.switch("released")
        self._released.append(epoch)

    # What callers see.

    def see_running(self) -> None:
        """Somebody has a startup that is not undone."""
        if self.desk.core.phase.name != "RUNNING" or self.epochs != len(self._released) + self._hooked:
            self.world.fail("it does not run, and somebody uses it")

    def see_released(self) -> None:
        """The last cleanup has returned."""
        if self.epochs != len(self._released):
            self.world.fail("the last cleanup returns before the release")
        core = self.desk.core
        if core.refs or core.sockets or core.phase.name != "UNLOADED" or self.desk.descriptors:
            self.world.fail(f"the last cleanup leaves {core.phase}, {core.refs} users and {len(core.sockets)} sockets")
        if any(not one.is_bell for one in self._package.kernel.of_the_package()):  # callers may have bells for a moment
            self.world.fail("the last cleanup leaves sockets")
        left = [name for name in self.world.own_threads() if not name.startswith("starter")]  # which end by themselves
        if left and not self.calls:  # another call may begin the owner's thread anew
            self.world.fail(f"the last cleanup leaves {left}")
        self._see_delivered()

    def see_nothing_left(self) -> None:
        """No call is under way any more, nobody uses the provider, and its threads have ended."""
        kernel = self._package.kernel
        if (handles := kernel.of_the_package()) or kernel.selectors:
            self.world.fail(f"nobody uses it, and there are {len(handles)} handles and {kernel.selectors} selectors")

    def taken(self) -> int:
        """Bytes of all streams that the operating system has taken from the package by now."""
        return sum(stream.sent for stream in self._package.kernel.streams.values())

    def _see_delivered(self) -> None:
        for port, stream in self._package.kernel.streams.items():
            if stream.outgoing() and port not in self.resets:
                self.world.fail(f"the drain ends before peer {port} has everything")

    def verdict(self, peers: Mapping[int, Peer]) -> str:
        """A fault that is seen at the end, if there is one."""
        for port, peer in peers.items():
            sent = list(self.sent.get(port, {}).values())
            if port in self.resets:
                if peer.end != "reset" or not _is_merged(bytes(peer.got), sent, whole=False):
                    return f"peer {port} got {bytes(peer.got)!r} and then {peer.end!r}; {sent} were sent and reset"
            elif peer.end != "end" or not _is_merged(bytes(peer.got), sent, whole=True):
                return f"peer {port} got {bytes(peer.got)!r} and then {peer.end!r}; {sent} were sent"
        if self.world.now > SOON:
            return f"it took {self.world.now} seconds, as if somebody was not woken"
        return ""


def _is_merged(got: bytes, sent: Sequence[Sequence[bytes]], whole: bool) -> bool:
    """Whether these bytes are the pieces that were sent, those of each sender in their order; or their beginning."""
    if not got and not whole:
        return True
    if not any(sent):
        return not got
    for place, pieces in enumerate(sent):
        if pieces:
            first, rest = pieces[0], [*sent[:place], pieces[1:], *sent[place + 1 :]]
            if got.startswith(first) and _is_merged(got[len(first) :], rest, whole):
                return True
            if not whole and first.startswith(got):
                return True
    return False
