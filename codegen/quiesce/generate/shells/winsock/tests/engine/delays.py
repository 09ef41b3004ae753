"""A world of threads in which each schedule is the usual one but for a few delays.

Usually the thread that runs goes on until it has to wait, and then the next one in turn. A delay lets another one go on
instead. So there are few schedules, however many threads there are, and most mistakes need one or two delays; see
Emmi, Qadeer and Rakamaric, "Delay-bounded scheduling", POPL 2011. A schedule is told by its delays alone.
"""

import math
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

from ..schedules.search import FOR_EVER, Bounds, Cut, Other, Wrong
from ..schedules.threads import Thread, always
from ..schedules.world import World
from .likeness import ANYTHING, Delay, Run, Step, Touched

Schedule = tuple[Delay, ...]
USUAL: Schedule = ()
"""The schedule without any delay."""


class Trial(Protocol):
    """Something that is run once for each schedule."""

    def start(self) -> None:
        """Make everything anew, and start the threads."""

    def look(self) -> None:
        """The thread that runs has done something."""

    def verdict(self) -> str:
        """The run is over, and all its threads have ended: what is wrong, if anything is."""


class Delayed(World):
    """Runs a trial in every schedule of at most so many delays."""

    def __init__(self, delays: int) -> None:
        super().__init__(Bounds(preemptions=delays))
        self.places: Mapping[tuple[str, int], Touched] = {}
        """The things that each line of the code under test touches, by its file and its number, if they are known."""
        self.spared = 0
        """Delays that were not tried, since what each leads to is like what another one led to."""

    def _begin(self, other: Other) -> None:
        super()._begin(other)
        self._delays: dict[int, Delay] = {}
        self._left, self._first_free = self.bounds.preemptions or 0, 0
        self._steps: list[Step] = []
        self._further: list[Delay] = []
        self._next_steps: dict[Thread, Touched] = {}
        self._touches = ANYTHING
        self._named = 0
        self.deciding = False
        """Whether delays are tried at the moment; before and after what is tested, none are."""

    def explore(self, trial: Trial, limit: float = math.inf, first: Schedule = USUAL) -> bool:
        """Run a trial in all schedules that begin with the delays of `first`; False if `limit` left some out.

        Raises:
            Wrong: in one of them, something was wrong; the message has the schedule, and what has happened in it.
        """
        pending: list[tuple[Schedule, Run | None]] = [(first, None)]
        while pending and self.runs < limit:
            schedule, before = pending.pop()
            if before is not None and before.is_like_another(schedule[-1]):
                self.spared += 1
                continue
            self.runs += 1
            run = self._run_one(trial, schedule)
            if before is not None:
                before.remember(schedule[-1], run.steps)
            pending += [((*schedule, delay), run) for delay in run.others]
        return not pending

    def replay(self, trial: Trial, schedule: Schedule) -> None:
        """Run a trial in one schedule.

        Raises:
            Wrong: something was wrong in it.
        """
        self._run_one(trial, schedule)

    def _run_one(self, trial: Trial, schedule: Schedule) -> Run:
        self._begin(Other(()))
        self._delays = {delay.decision: delay for delay in schedule}
        self._left -= len(schedule)
        self._first_free = max(self._delays, default=-1) + 1
        self._program = trial  # type: ignore[assignment]  # which is not asked for more
        self._run()
        wrong = self.wrong or trial.verdict()
        if not wrong and len(self._steps) < self._first_free:
            wrong = f"this schedule leads elsewhere: there were only {len(self._steps)} decisions"
        if wrong:
            told = ", ".join(map(str, self._delays.values())) or "the usual one"
            raise Wrong("\n".join([wrong, f"schedule: {told}", *self.log]))
        return Run(self._steps, self._further)

    def begin(self, name: str, body: Callable[[], object], *, own: bool = False) -> Thread:
        """One thread more, which the code under test may have begun on its `own`; each has a name of its own."""
        same = sum(thread.name.partition(" ")[0] == name for thread in self.threads)
        self.spawn(name if not same else f"{name} {same + 1}", body, own=own)
        self._next_steps[self.threads[-1]] = Touched()
        return self.threads[-1]

    def is_under_way(self, name: str) -> bool:
        """Whether a thread has begun and not ended."""
        return any(thread.name == name and not thread.ended for thread in self.threads)

    def own_threads(self) -> list[str]:
        """The threads that the code under test has begun, and that have not ended."""
        return [thread.name for thread in self.threads if thread.own and not thread.ended]

    def point(self, line: int, /, *_objects: object) -> None:
        """A place in the code under test that uses what threads share."""
        self.will_touch(self.places.get((sys._getframe(1).f_code.co_filename, line), ANYTHING))
        self.switch(line)

    def name_for(self, kind: str) -> str:
        """A name for something that threads share, the same in all runs that are alike until it is made."""
        self._named += 1
        return f"{kind} {self._named}"

    def will_touch(self, what: Touched) -> None:
        """The thread that runs says what it will touch after the next switch."""
        self._touches = what

    def switch(self, at: str | int, ready: Callable[[], bool] = always, deadline: float = math.inf) -> None:
        """A place where another thread can go on. Where nothing is to be decided, this one does if it can."""
        me, touches, self._touches = self.current, self._touches, ANYTHING
        if me is not None and not self.over and self._switches < FOR_EVER and self._is_decided and ready():
            self._switches += 1
            if self.deciding:
                self._steps.append(Step(me.name, touches))
        else:
            if me is not None:
                self._next_steps[me] = touches
            super().switch(at, ready, deadline)

    @property
    def _is_decided(self) -> bool:
        """Whether the thread that runs goes on as long as it can: no delay is left, or none is tried here."""
        return not self.deciding or (self._left <= 0 and len(self._steps) >= self._first_free)

    def note(self, text: str) -> None:
        """Remember what happens, with the number of the next decision."""
        super().note(f"{text}  [{len(self._steps)}]")

    def _chosen(self) -> Thread | None:
        me, able = self.current, self._able()
        if not able:
            return None
        usual = me if me in able and me is not None else self._next_in_turn(able)
        self.current = self._delayed(usual, able) if self.deciding else usual
        return self.current

    def _delayed(self, usual: Thread, able: Sequence[Thread]) -> Thread:
        """The thread that goes on at this decision."""
        place, chosen = len(self._steps), usual
        if (delay := self._delays.get(place)) is not None:
            named = [thread for thread in able if thread.name == delay.thread]
            if len(named) != 1:
                self.wrong = f"this schedule leads elsewhere: {delay.thread} cannot go on at {place}"
                raise Cut
            chosen = named[0]
            self.note(f"has to wait for {chosen.name}, which goes on")
        elif place >= self._first_free and self._left > 0:
            self._further += [Delay(place, thread.name) for thread in able if thread is not usual]
        self._steps.append(Step(chosen.name, self._next_steps.pop(chosen, ANYTHING)))
        return chosen

    def _able(self) -> list[Thread]:
        """The threads that can go on; if there are none, time passes until there are, or the run is over."""
        while True:
            living = [thread for thread in self.threads if not thread.ended]
            able = [thread for thread in living if thread.ready() or thread.deadline <= self.now]
            if able or not living:
                return able
            moment = min(thread.deadline for thread in living)
            if moment == math.inf:
                told = ", ".join(f"{thread.name} at {thread.at}" for thread in living)
                self.wrong = self.wrong or f"nobody can go on: {told}"
                return []
            self.now = moment

    def _next_in_turn(self, able: Sequence[Thread]) -> Thread:
        """The thread that comes next after the one that ran, in the order in which they began."""
        last = self.current.ident if self.current else 0
        return min(able, key=lambda thread: (thread.ident <= last, thread.ident))


__all__ = ["USUAL", "Delay", "Delayed", "Schedule", "Touched", "Trial", "Wrong"]
