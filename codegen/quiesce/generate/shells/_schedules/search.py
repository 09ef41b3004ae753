"""The search itself: a program is run again and again, each time with other decisions, until all were taken.

Whenever more than one thing can happen, the search decides. A run repeats the decisions of one before it, takes the
last of them otherwise, and goes on from there. A state that was seen before is not entered again.
"""

import math
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass
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


FOR_EVER = 2000
"""So many switches, and turns of loops, has no run of a few calls."""


class Search(Apart):
    """Runs a program again and again, and is all that the code under test has of the outside."""

    preempts: ClassVar[bool]
    """Whether another caller can go on in the middle of the code under test."""
    preemptions: ClassVar[int | None]
    """How many preemptions there are if nobody asks for much."""
    interrupts: ClassVar[Mapping[str, Bounds]]
    """The exceptions with which a caller can be interrupted, and the bounds within which one is."""

    def __init__(self, bounds: Bounds, constants: Mapping[int, object] | None = None) -> None:
        self.bounds = bounds
        self.constants = constants or {}
        """Objects that never change, and are not looked into when states are compared; by their addresses."""
        self.states: set[bytes] = set()
        self.runs = 0
        self._program: Program
        self._begin(())

    def _begin(self, decided: Sequence[str]) -> None:
        self.now, self.over, self.wrong = 0.0, False, ""
        self.log: list[str] = []
        self._decided, self._taken, self._others = decided, list[str](), list[tuple[str, ...]]()
        self._interrupts, self._early = self.bounds.interrupts, self.bounds.early
        self._cancellations, self._preemptions = self.bounds.cancellations, self.bounds.preemptions
        self._switches = 0
        self._roots: object = ()

    def search(self, program: Program, limit: float = math.inf) -> bool:
        """Run a program in every way; False if there are more than `limit` and some were left out.

        Raises:
            Wrong: something happened that must not happen.
        """
        self._program = program
        pending: list[tuple[str, ...]] = [()]
        while pending and self.runs < limit:
            self._begin(pending.pop())
            self.runs += 1
            self._run()
            pending += self._others
            if self.wrong:
                raise Wrong("\n".join([self.wrong, *self.log]))
        return not pending

    def _decide(self, options: Sequence[str], always: bool = False) -> str:
        if len(options) == 1 and not always:
            return options[0]
        place = len(self._taken)
        if place < len(self._decided):
            answer = self._decided[place]
            if answer not in options:
                raise RuntimeError(f"the same decisions led elsewhere: {answer!r} is none of {options}")
        else:
            state = self._state()
            if state in self.states:
                raise Cut
            self.states.add(state)
            answer = options[0]
            self._others += [(*self._taken, other) for other in options[1:]]
        self._taken.append(answer)
        return answer

    def note(self, text: str) -> None:
        """Remember what happens, to be told if the run goes wrong."""
        if not self.over:
            self.log.append(f"{self.who}: {text}")

    def fail(self, wrong: str) -> None:
        """End this run, and with it the search."""
        if not self.over:
            self.wrong = self.wrong or wrong
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

    def _state(self) -> bytes:
        """Everything on which depends what can happen from here on."""
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
