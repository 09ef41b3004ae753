"""The search itself: a program is run again and again, each time with other decisions, until all were taken.

Whenever more than one thing can happen, the search decides. A run repeats the decisions of one before it, takes the
last of them otherwise, and goes on from there. A state that was seen before is not entered again. Runs with fewer
preemptions come first, so a search that is cut has seen all of those with up to so many.
"""

import gc
import math
from collections.abc import Callable, Coroutine, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from random import Random
from typing import Any, ClassVar, NoReturn, Protocol

from .states import Apart


class Wrong(AssertionError):
    """Something happened that must not happen; the message tells the run in which it did, step by step."""


class Cut(BaseException):
    """Ends a run that is over, from wherever it is."""


@dataclass(frozen=True)
class Bounds:
    """How much may happen in a run. Within these bounds the search leaves nothing out."""

    interrupts: int = 0
    """How often a caller is interrupted."""
    early: int = 0
    """How often time passes although a caller can go on."""
    preemptions: int | None = None
    """How often another goes on although it is the turn of the one that ran, or came first; None for any number."""
    cancellations: int = 0
    """How often a task is cancelled."""

    def __str__(self) -> str:
        found = [f"{self.interrupts} interrupts"] if self.interrupts else []
        found += [f"{self.cancellations} cancellations"] if self.cancellations else []
        found += [f"{self.early} times earlier than need be"] if self.early else []
        found += [] if self.preemptions is None else [f"{self.preemptions} preemptions"]
        return ", ".join(found) or "no interrupts"


class Program(Protocol):
    """The program that is run again and again; it looks at what happens."""

    def start(self) -> object:
        """Start the callers of a run; the result is what they share."""

    def look(self) -> None:
        """The caller that runs has done something, and others may go on now."""

    def interrupted(self, by: type[BaseException], surely: bool = True) -> None:
        """The caller that runs is interrupted now by such an exception, or what runs for him is."""

    def is_under_way(self) -> bool:
        """Whether a call of the caller that runs is under way."""

    def at_rest(self) -> bool:
        """Nobody goes on by himself; whether somebody waits for the time that passes."""


ANYBODY = -1
"""Whoever goes on next preempts nobody."""


@dataclass(frozen=True)
class Other:
    """A run that is still to be made."""

    decided: tuple[str, ...]
    preempted: int = 0
    state: bytes = b""
    """The state in which its last decision is taken."""
    goes_on: int | None = None
    """Who preempts another by it; it was seen if he has gone on by himself from there."""
    noticed: bytes = b""
    """The answers that the search has found on the way there, and need not find again."""


_COLLECTED = 50
"""After so many runs, what they have left is collected."""


def _grows(runs: int, known: int, preempted: int) -> float:
    """About how many runs those with one preemption more will be, of which so many are known; as many specs show."""
    return 6.5 * runs if preempted == 1 else 1.3 * known


@contextmanager
def _without_collections() -> Iterator[None]:
    """Nothing is collected in the middle of a run, where it would take long, and come at other moments each time."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


FOR_EVER = 2000
"""So many switches, and turns of loops, there are nowhere between two things that callers, work, or the clock do."""


class Search(Apart):
    """Runs a program again and again, and is all that the code under test has of the outside."""

    preempts: ClassVar[bool]
    """Whether another caller can go on in the middle of the code under test."""
    preemptions: ClassVar[int | None]
    """How many preemptions there are if nobody asks for much."""
    interrupts: ClassVar[Mapping[str, Bounds]]
    """The exceptions with which a caller can be interrupted, and the bounds within which one is."""

    def __init__(self, bounds: Bounds, constants: dict[int, object] | None = None) -> None:
        self.bounds = bounds
        self.constants = constants or {}
        """Objects that never change, and are not looked into when states are compared; by their addresses."""
        self.states: dict[bytes, dict[int, int]] = {}
        """Who went on by himself from each state that was seen, and with how many preemptions before."""
        self.runs = 0
        self.left_off = 0
        """So many runs were not followed to their ends, as the same things go on and on in them."""
        self.within = -1
        """All schedules with so many preemptions were searched."""
        self._program: Program
        self._begin(Other(()))

    def _begin(self, other: Other) -> None:
        self.now, self.over, self.wrong = 0.0, False, ""
        self.log: list[str] = []
        self._decided, self._taken, self._others = other.decided, list[str](), list[Other]()
        self._noticed, self._noticed_before = bytearray(), other.noticed
        self._interrupts, self._early = self.bounds.interrupts, self.bounds.early
        self._cancellations, self._preempted = self.bounds.cancellations, 0
        self._switches = 0
        self.looks = False
        """Whether the rules look at what has happened: nobody goes on before they have seen it."""
        self.cut_apart = False
        """Whether a task was cancelled or interrupted that is no caller's."""
        self._roots: object = ()
        self._places: Mapping[object, int] = {}
        """The callers in the order in which the last state that was looked at has them."""

    def search(self, program: Program, limit: float = math.inf, gives_up: bool = False) -> bool:
        """Run a program in every way, `limit` times at most; False if some were left out.

        If it `gives_up`, it ends as soon as it is clear that there are more.

        Raises:
            Wrong: something happened that must not happen.
        """
        self._program = program
        pending: dict[int, list[Other]] = {0: [Other(())]}
        chance = Random(0)  # noqa: S311 -- it keeps no secret; what is left out is no corner of the search
        with _without_collections():
            while pending:
                preempted = min(pending)
                if preempted > 0 and self.runs + _grows(self.runs, len(pending[preempted]), preempted) > limit:
                    return False
                while others := pending[preempted]:
                    if self.runs + (len(others) if gives_up else 1) > limit:
                        return False
                    place = chance.randrange(len(others)) if limit < math.inf else -1  # the last takes least memory
                    others[place], others[-1] = others[-1], others[place]
                    other = others.pop()
                    if other.goes_on not in self.states.get(other.state, ()):
                        for each in self._made(other):
                            pending.setdefault(each.preempted, []).append(each)
                del pending[preempted]
                self.within = preempted
        return True

    def _made(self, other: Other) -> Sequence[Other]:
        """Make a run; those that are still to be made because of it."""
        self._begin(other)
        self.runs += 1
        self._run()
        if self.runs % _COLLECTED == 0:
            gc.collect(0)
        if self.wrong:
            raise Wrong("\n".join([self.wrong, *self.log]))
        return self._others

    def _decide(
        self, options: Sequence[str], always: bool = False, preempting: Mapping[str, object] | None = None
    ) -> str:
        """One of these options; of those that preempt the one whose turn it is, which caller goes on."""
        if len(options) == 1 and not always:
            return options[0]
        preempting = preempting or {}
        place = len(self._taken)
        if place < len(self._decided):
            answer = self._decided[place]
            if answer not in options:
                raise RuntimeError(f"the same decisions led elsewhere: {answer!r} is none of {options}")
        else:
            answer = options[0]
            state, mine = self._state()
            before = self.states.setdefault(state, {})
            if {mine, ANYBODY} & before.keys() or any(each < self._preempted for each in before.values()):
                raise Cut
            if mine == ANYBODY or not before:
                noticed = bytes(self._noticed)
                for other in options[1:]:
                    preempted, who = self._preempted + (other in preempting), self._places.get(preempting.get(other))
                    self._others.append(Other((*self._taken, other), preempted, state, who, noticed))
            before[mine] = self._preempted
        self._taken.append(answer)
        self._preempted += answer in preempting
        return answer

    @property
    def repeats(self) -> bool:
        """Whether all of this has happened in a run before."""
        return len(self._taken) < len(self._decided)

    def note(self, text: str) -> None:
        """Remember what happens, to be told if the run goes wrong."""
        if not self.over:
            self.log.append(f"{self.who}: {text}")

    def fail(self, wrong: str) -> None:
        """End this run, and with it the search."""
        if not self.over:
            self.wrong = self.wrong or wrong
            self._stop()

    def goes_on(self) -> None:
        """A caller, work, or the clock has done something; what may follow from it may take as long as before."""
        self._switches = 0

    def leave_off(self) -> None:
        """End this run, in which nothing new would come."""
        if not self.over:
            self.left_off += 1
            self._stop()

    @property
    def was_interrupted(self) -> bool:
        """Whether anybody was interrupted in this run."""
        return self._interrupts < self.bounds.interrupts

    # --- what differs for threads and for tasks ---------------------------------------------------------------------

    @property
    def who(self) -> str:
        """The name of the one that runs."""
        raise NotImplementedError

    def _run(self) -> None:
        """One run, with the given decisions first."""
        raise NotImplementedError

    def _state(self) -> tuple[bytes, int]:
        """Everything on which depends what can happen from here on; and who goes on by himself, by his place in it."""
        raise NotImplementedError

    def _stop(self) -> NoReturn:
        """End the run, from wherever it is."""
        raise NotImplementedError

    def modules(self) -> dict[str, object]:
        """The stand-ins for modules of the standard library."""
        raise NotImplementedError

    def point(self, line: int, /, *objects: object) -> None:
        """A place in the code under test that uses these objects, before it does so."""
        raise NotImplementedError

    def turn(self) -> None:
        """A turn of a loop in the code under test, of which there must not be too many."""
        raise NotImplementedError

    def get_ident(self) -> int:
        """The number of the caller that runs."""
        raise NotImplementedError

    def enter(self, name: str, body: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """A further caller of this run."""
        raise NotImplementedError

    def first(self, body: Coroutine[Any, Any, None]) -> None:
        """Run something to its end, before there are callers; nothing is decided."""
        raise NotImplementedError

    def work(self, body: Callable[..., Coroutine[Any, Any, object]]) -> Callable[..., object]:
        """The method of a lifecycle that does work."""
        raise NotImplementedError

    async def result(self, answer: Any) -> object:
        """The answer of a method of the shell."""
        raise NotImplementedError

    async def choose(self, options: Sequence[str], at: str = "", /) -> str:
        """A decision that the caller who runs takes for himself; others may go on before, if it is `at` some place."""
        raise NotImplementedError

    def sleeps_beyond(self, ident: int, moment: float, /) -> bool:
        """Whether a caller sleeps, and does not see by himself that this moment of the clock has come."""
        raise NotImplementedError

    def left(self, shell: Any) -> Sequence[str]:
        """The things that a shell has left behind, and must not, if no call is under way."""
        raise NotImplementedError

    def ticking(self) -> Sequence[str]:
        """The timers that are left; none in threads."""
        return ()

    def outliving(self) -> Sequence[str]:
        """The tasks of the shell that are not over; none in threads."""
        return ()

    async def enter_block(self, block: Any) -> object:
        """Begin a session; what it gives."""
        raise NotImplementedError

    async def leave_block(self, block: Any, error: BaseException | None) -> object:
        """End a session, which an error may have cut off."""
        raise NotImplementedError
