"""The search itself: real threads, of which one runs at a time, and decisions, each of which is taken in every way.

The code under test gets its locks, its clock and its threads from a `World`. Whenever it uses one of them, and wherever
else it asks (`point`), the search decides: this thread goes on, or another; it is interrupted; time passes. A program
is run from its start again and again, each time with other decisions, until each was taken once in every state. A state
that was seen before is not entered again.
"""

import gc
import math
import sys
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import FrameType, FunctionType, ModuleType, SimpleNamespace
from typing import NoReturn, Protocol

from .states import Apart, Drawing, Ident, digest
from .threads import Cut, Thread, Worker, always, never


class Wrong(AssertionError):
    """Something happened that must not happen; the message tells the run in which it did, step by step."""


@dataclass(frozen=True)
class Bounds:
    """How much may happen in a run. Within these bounds the search leaves nothing out."""

    interrupts: int = 0
    """How often a thread is interrupted."""
    early: int = 0
    """How often time passes although a thread can go on."""
    preemptions: int | None = None
    """How often another thread goes on although the one that ran can; None for any number of times."""

    def __str__(self) -> str:
        found = [f"{self.interrupts} interrupts"] if self.interrupts else []
        found += [f"{self.early} times earlier than need be"] if self.early else []
        found += [] if self.preemptions is None else [f"{self.preemptions} preemptions"]
        return ", ".join(found) or "no interrupts"


class Program(Protocol):
    """The program that is run again and again; it looks at what happens."""

    def start(self) -> object:
        """Start the threads of a run; the result is what they share."""

    def look(self) -> None:
        """The thread that runs has done something, and others may go on now."""

    def interrupted(self) -> None:
        """The thread that runs is interrupted now."""

    def at_rest(self) -> bool:
        """No thread goes on by itself; whether somebody waits for the time that passes."""


_FOR_EVER = 2000
"""So many switches, and turns of loops, has no run of a few calls."""

_NOT_SHARED = (type, FunctionType, ModuleType, FrameType, Apart, str, int, float)


class World(Apart):
    """Runs a program again and again; this is all that the code under test has of the outside."""

    def __init__(self, bounds: Bounds, constants: Mapping[int, object] | None = None) -> None:
        self.bounds = bounds
        self.constants = constants or {}
        """Objects that never change, and are not looked into when states are compared; by their addresses."""
        self.states: set[bytes] = set()
        self.runs = 0
        self._idle: list[Worker] = []
        self._main = threading.Lock()
        self._main.acquire()
        self._begin(())

    def _begin(self, decided: Sequence[str]) -> None:
        self.now, self.over, self.wrong = 0.0, False, ""
        self.threads: list[Thread] = []
        self.current: Thread | None = None
        self.log: list[str] = []
        self._decided, self._taken, self._others = decided, list[str](), list[tuple[str, ...]]()
        self._interrupts, self._early = self.bounds.interrupts, self.bounds.early
        self._preemptions = self.bounds.preemptions
        self._switches = 0
        self._roots: object = ()
        self._known: dict[int, object] = {}

    def search(self, program: Program, limit: float = math.inf) -> bool:
        """Run a program in every way; False if there are more than `limit` and some were left out.

        Raises:
            Wrong: something happened that must not happen.
        """
        pending: list[tuple[str, ...]] = [()]
        while pending and self.runs < limit:
            self._run(program, pending.pop())
            pending += self._others
            if self.wrong:
                raise Wrong("\n".join([self.wrong, *self.log]))
        return not pending

    def _run(self, program: Program, decided: Sequence[str]) -> None:
        """One run, with these decisions first."""
        self._begin(decided)
        self.runs += 1
        self._program = program
        try:
            self._roots = program.start()
        except Cut:
            return
        self._hand_over(self._next())
        self._main.acquire()
        self.over = True
        for thread in self.threads:
            self.current = thread
            if not thread.ended:
                self._hand_over(thread)
                self._main.acquire()
            if not thread.lost:
                self._idle.append(thread.worker)

    def spawn(self, name: str, body: Callable[[], object], *, own: bool = False) -> None:
        """A further thread of this run."""
        if self.over:
            return
        worker = self._idle.pop() if self._idle else Worker()
        thread = Thread(name, Ident(len(self.threads) + 1), worker)

        def job() -> None:
            try:
                if not self.over:
                    body()
                    self._program.look()
            except Cut:
                pass
            except BaseException as error:
                self.wrong = self.wrong or f"{name} ended with {error!r}"
            thread.ended, thread.frame = True, None
            self._hand_over(None if self.over or self.wrong else self._next())

        worker.job = job
        thread.own = own
        self.threads.append(thread)

    def note(self, text: str) -> None:
        """Remember what happens, to be told if the run goes wrong."""
        if not self.over:
            self.log.append(f"{self.current.name if self.current else '-'}: {text}")

    def fail(self, wrong: str) -> None:
        """End this run, and with it the search."""
        if not self.over:
            self.wrong = self.wrong or wrong
            self._stop()

    @property
    def was_interrupted(self) -> bool:
        """Whether any thread was interrupted in this run."""
        return self._interrupts < self.bounds.interrupts

    # --- decisions --------------------------------------------------------------------------------------------------

    def choose(self, options: Sequence[str]) -> str:
        """A decision that the running thread takes for itself."""
        me = self.current
        if self.over:
            raise Cut
        if me is None:
            return options[0]
        me.at, me.frame, me.handled = "choice", sys._getframe(1), sys.exception()
        try:
            return self._decide(options)
        except Cut:
            self._stop()

    def point(self, line: int, *objects: object) -> None:
        """A place in the code under test that uses these objects: a switch, if another thread can know one of them."""
        if not objects or any(map(self._is_known, objects)):
            self.switch(line)

    def switch(self, at: str | int, ready: Callable[[], bool] = always, deadline: float = math.inf) -> None:
        """A place where another thread can go on. Returns when this one can, or the deadline is there, and it does."""
        me = self.current
        if me is None:
            if not ready():
                raise RuntimeError(f"nobody can go on from {at}")
            return
        if self.over:
            self._unwind(me)
            return
        self._program.look()
        self._switches += 1
        if self._switches > _FOR_EVER:
            self.fail("the threads go on for ever, and nothing comes of it")
        me.at, me.ready, me.deadline = at, ready, deadline
        me.frame, me.handled = sys._getframe(1), sys.exception()
        chosen = self._next()
        if chosen is not me:
            self._hand_over(chosen)
            me.worker.gate.acquire()
        if self.over:
            raise Cut
        me.ready, me.deadline = always, math.inf
        if me.interrupted:
            me.interrupted = False
            self.note("is interrupted")
            self._program.interrupted()
            raise KeyboardInterrupt

    def _unwind(self, me: Thread) -> None:
        """Have a thread come to its end, in a run that is over. What it tries again after an exception, it may do."""
        me.cuts += 1
        if me.cuts > 999:
            me.ended, self.wrong = True, self.wrong or f"{me.name} would go on for ever"
            self._idle.remove(me.worker)
            self._hand_over(None)
            me.worker.gate.acquire()
        if me.cuts % 2:
            raise Cut

    def _stop(self) -> NoReturn:
        """End the run; the thread that runs is ended with it."""
        me = self.current
        if me and not me.ended and not self.over:
            self._hand_over(None)
            me.worker.gate.acquire()
        raise Cut

    def _hand_over(self, thread: Thread | None) -> None:
        (thread.worker.gate if thread else self._main).release()

    def _next(self) -> Thread | None:
        """Who goes on; None if the run is over."""
        try:
            return self._chosen()
        except Cut:
            return None

    def _chosen(self) -> Thread | None:
        me = self.current
        living = [thread for thread in self.threads if not thread.ended]
        able = [thread for thread in living if thread.ready() or thread.deadline <= self.now]
        sleeping = [thread for thread in living if thread not in able and thread.deadline < math.inf]
        first = [thread for thread in able if thread is me]
        others = [] if first and self._preemptions == 0 else able
        options = {f"{thread.name} goes on": thread for thread in first + others}
        passes = self._early > 0 if able else self._program.at_rest()
        if sleeping and passes:
            options["time passes"] = min(sleeping, key=lambda thread: thread.deadline)
        if self._interrupts:
            caught = [thread for thread in living if thread.frame and not thread.own]
            options |= {f"{thread.name} is interrupted": thread for thread in caught}
        if not options:
            return None
        answer = self._decide(tuple(options))
        chosen = options[answer]
        if answer == "time passes":
            self._early -= bool(able)
            self.now = chosen.deadline
        elif answer.endswith("interrupted"):
            self._interrupts -= 1
            chosen.interrupted = True
        if first and chosen is not me and self._preemptions:
            self._preemptions -= 1
        self.current = chosen
        return chosen

    def _decide(self, options: Sequence[str]) -> str:
        if len(options) == 1:
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

    # --- states -----------------------------------------------------------------------------------------------------

    def turn(self) -> None:
        """A turn of a loop in the code under test, of which there must not be too many."""
        self._switches += 1
        if self._switches > _FOR_EVER and self.current:
            if self.over:
                self._unwind(self.current)
            self.fail("a thread goes on for ever, and nothing comes of it")

    def _is_known(self, value: object) -> bool:
        """Whether an object is reached from what the threads share. Once it is, it counts as such to the end."""
        if id(value) not in self._known:
            found: dict[int, object] = {}
            pending: list[object] = [self._roots]
            while pending:
                for each in gc.get_referents(pending.pop()):
                    if id(each) not in found and id(each) not in self.constants and not isinstance(each, _NOT_SHARED):
                        found[id(each)] = each
                        pending.append(each)
            self._known |= found
        return id(value) in self._known

    def _state(self) -> bytes:
        me = self.current
        frames = {thread: tuple(_frames(thread.frame)) for thread in self.threads}
        places = {thread: [(each.f_code.co_name, each.f_lasti) for each in frames[thread]] for thread in self.threads}
        order = sorted(self.threads, key=lambda thread: (thread.ended, str(thread.at), places[thread]))
        drawing = Drawing({thread.ident: place for place, thread in enumerate(order)} | {0: -1}, self.constants)
        matters = me is not None and (me.at == "choice" or self._preemptions is not None)
        running = order.index(me) if me and matters else -1
        standing = [(each.ended, each.at, each.deadline, drawing.of(each.handled)) for each in order]
        drawn = [tuple(_drawn(frame, drawing) for frame in frames[each]) for each in order]
        budget = self._interrupts, self._early, self._preemptions
        return digest((self.now, budget, running, *standing, *drawn, drawing.of(self._roots)))

    # --- what the code under test gets ------------------------------------------------------------------------------

    def modules(self) -> dict[str, object]:
        """The stand-ins for modules of the standard library: all that has to do with threads and time."""
        return {
            "threading": SimpleNamespace(
                Lock=lambda: Lock(self),
                Thread=self._thread,
                get_ident=self.get_ident,
                TIMEOUT_MAX=threading.TIMEOUT_MAX,
            ),
            "time": SimpleNamespace(monotonic=lambda: self.now, sleep=self._sleep),
        }

    def get_ident(self) -> int:
        """The number of the thread that runs."""
        return self.current.ident if self.current else Ident(0)

    def _sleep(self, seconds: float) -> None:
        self.switch("clock", never, self.now + seconds)

    def _thread(
        self, target: Callable[..., object], args: tuple[object, ...], name: str, daemon: bool
    ) -> SimpleNamespace:
        return SimpleNamespace(
            name=name, daemon=daemon, start=lambda: self.spawn(name, lambda: target(*args), own=True)
        )


def _frames(frame: FrameType | None) -> Iterator[FrameType]:
    """The frames of a thread, but for those of the search itself."""
    while frame is not None:
        if frame.f_globals.get("__name__") not in (__name__, Worker.__module__, "threading"):
            yield frame
        frame = frame.f_back


def _drawn(frame: FrameType, drawing: Drawing) -> tuple[object, ...]:
    code = frame.f_code
    names = ((name, drawing.of(value)) for name, value in frame.f_locals.items() if name not in code.co_freevars)
    return code.co_name, frame.f_lasti, *names


class Lock:
    """A lock of a world, with the methods of `threading.Lock`."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._taken = False

    def acquire(self, blocking: bool = True, timeout: float = -1) -> bool:
        """Take the lock; with a timeout, give up when it is over."""
        deadline = self._world.now + timeout if timeout >= 0 else math.inf
        self._world.switch("acquire", (lambda: not self._taken) if blocking else always, deadline)
        free, self._taken = not self._taken, True
        return free

    def release(self) -> None:
        """Give the lock back."""
        self._world.switch("release")
        if not self._taken:
            raise RuntimeError("release unlocked lock")
        self._taken = False

    def locked(self) -> bool:
        """Whether it is taken."""
        return self._taken

    def __enter__(self) -> bool:
        return self.acquire()

    def __exit__(self, *_: object) -> None:
        self.release()
