"""Promises about the future come in pairs: one that holds and is proved, and a twin that fails and never looks proved.

That a twin fails is shown on the interpreter alone: by a state where nothing fair can happen, by a loop that waits
although something fair happens in it, or by a way out that misses the goal.
"""

from dataclasses import dataclass
from pathlib import PurePosixPath

from quiesce.kernel.subjects import WaitPossible
from quiesce.prove.effort import Effort
from quiesce.prove.prover import verify
from quiesce.prove.results import Verdict
from quiesce.spec.reader import read_text

from tests.machines import changed, text_of

WORDS = """
from enum import Enum, auto

from quiesce.spec import (
    Family, Int, Machine, Member, Nat, New, always, call, environment, internal, leads_to, recoverable, retire, when
)
"""

DRAIN = text_of("drain")

PING_PONG = text_of("ping_pong")

CANCELLED = f'''{WORDS}
class Task(Enum):
    """What has become of the task."""
    WAITING = auto()
    DONE = auto()
    CANCELLED = auto()

class Work(Machine):
    """A task that is done or cancelled."""
    task: Task = Task.WAITING

    @internal
    def do(self) -> None:
        """Do it."""
        when(self.task == Task.WAITING)
        self.task = Task.DONE

    @environment
    def cancel(self) -> None:
        """Nobody wants it any more."""
        when(self.task == Task.WAITING)
        self.task = Task.CANCELLED

    @leads_to(fair=[do])
    def ends(self) -> tuple[bool, bool]:
        """The task does not wait for ever."""
        return self.task == Task.WAITING, self.task in (Task.DONE, Task.CANCELLED)
'''

COUNTDOWN = f'''{WORDS}
class Countdown(Machine):
    """Counts down to zero and stays there."""
    left: Nat = 2

    @internal
    def tick(self) -> None:
        """One less."""
        when(self.left > 0)
        self.left -= 1

    @leads_to(fair=[tick])
    def ends(self) -> tuple[bool, bool]:
        """The end comes."""
        return self.left != 0, self.left == 0
'''

NEWCOMERS = f'''{WORDS}
class Ticket(Member):
    """A ticket, good for so many rides."""
    rides: Nat = 1

class Booth(Machine):
    """Sells tickets until it closes."""
    open: bool = True
    tickets: Family[Ticket]

    @internal
    def sell(self, ticket: New[Ticket]) -> None:
        """A new ticket, used up at once; one always exists, so the next can be sold."""
        when(self.open)
        ticket.rides = 0

    @internal
    def close(self) -> None:
        """No more tickets."""
        when(self.open)
        self.open = False

    @leads_to(fair=[close])
    def ends(self) -> tuple[bool, bool]:
        """The booth closes."""
        return self.open, not self.open
'''

CLOSING = text_of("closing")

ONE_SHOT = text_of("one_shot")

GOOD = {
    "drain": DRAIN,
    "ping-pong": PING_PONG,
    "cancelled": CANCELLED,
    "countdown": COUNTDOWN,
    "one shot": ONE_SHOT,
}

FINAL = '''    @call("init", fails="GONE")
    def init_again(self) -> None:
        """By design there is no second time."""
        when(self.library == Library.GONE)
'''
AGAIN = ONE_SHOT[ONE_SHOT.index('    @call("init")\n    def init_again') : ONE_SHOT.index('    @call("cleanup")\n')]


@dataclass(frozen=True)
class Twin:
    """A good spec with one textual change, and all obligations that are not proved of it."""

    good: str
    before: str
    after: str
    open: dict[str, Verdict]

    @property
    def text(self) -> str:
        return changed(self.good, (self.before, self.after))


STUCK, LOOPS = Verdict.REFUTED, Verdict.UNKNOWN


NEWCOMER = f'''{WORDS}
class Part(Member):
    """A part that wears."""
    y: Nat = 0

class Shop(Machine):
    """Takes parts that nobody has used yet."""
    busy: bool = False
    parts: Family[Part]

    @environment
    def wear(self, p: Part) -> None:
        """Somebody uses a part."""
        p.y += 1

    @environment
    def close(self) -> None:
        """The shop is never open again."""
        self.busy = True

    @internal
    def never(self) -> None:
        """What those who wait hope for."""
        when(self.busy and not self.busy)
        self.busy = False

    @call("take")
    def take(self, p: New[Part]) -> None:
        """Taken."""
        when(not ({{why}}))
        p.y = 1

    @call("take", blocks=True, fair=[never])
    def take_waits(self, p: New[Part]) -> None:
        """Wait."""
        when({{why}})
'''


def wait_for_a_part(why: str) -> Verdict:
    report = verify(read_text(NEWCOMER.format(why=why), PurePosixPath("shop.py")), Effort(depth=4))
    return next(r.verdict for r in report.results if isinstance(r.obligation.about, WaitPossible))


def test_nobody_waits_with_a_new_member_that_was_used_before() -> None:
    """A part that is worn is not new, so its wait never begins; where a wait can begin, its run is a genuine one."""
    assert wait_for_a_part("p.y > 0") is not Verdict.REFUTED
    assert wait_for_a_part("self.busy") is Verdict.REFUTED
