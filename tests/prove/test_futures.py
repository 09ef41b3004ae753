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

WORDS = """
from enum import Enum, auto

from quiesce.spec import (
    Family, Int, Machine, Member, Nat, New, always, call, environment, internal, leads_to, recoverable, retire, when
)
"""

DRAIN = f'''{WORDS}
class Phase(Enum):
    """Where the service stands."""
    UP = auto()
    DRAINING = auto()
    DOWN = auto()

class Service(Machine):
    """Takes bytes while it is up, and sends them before it is down."""
    phase: Phase = Phase.UP
    unsent: Nat = 0

    @call("send")
    def send(self, n: Nat) -> None:
        """Take bytes."""
        when(self.phase == Phase.UP)
        self.unsent += n

    @call("send", fails="NOT_UP")
    def send_too_late(self, n: Nat) -> None:
        """Refused."""
        when(self.phase != Phase.UP)

    @internal
    def stop(self) -> None:
        """Begin to drain."""
        when(self.phase == Phase.UP)
        self.phase = Phase.DRAINING

    @environment
    def transmit(self) -> None:
        """The peer took a byte; trusted by nobody."""
        when(self.unsent > 0)
        self.unsent -= 1

    @environment
    def give_up(self) -> None:
        """The bound of the drain expires."""
        when(self.phase == Phase.DRAINING and self.unsent > 0)
        self.unsent = 0

    @internal
    def release(self) -> None:
        """Nothing is left to send."""
        when(self.phase == Phase.DRAINING and self.unsent == 0)
        self.phase = Phase.DOWN

    @call("start")
    def start(self) -> None:
        """Up again."""
        when(self.phase == Phase.DOWN)
        self.phase = Phase.UP

    @call("start", fails="BUSY")
    def start_too_early(self) -> None:
        """Refused."""
        when(self.phase == Phase.UP)

    @call("start", blocks=True, fair=[give_up, release])
    def wait(self) -> None:
        """A drain is not waited for in vain."""
        when(self.phase == Phase.DRAINING)

    @leads_to(fair=[give_up, release])
    def ends(self) -> tuple[bool, bool]:
        """The drain ends."""
        return self.phase == Phase.DRAINING, self.phase == Phase.DOWN

    @recoverable
    def back(self) -> bool:
        """It can always be up again."""
        return self.phase == Phase.UP
'''

PING_PONG = f'''{WORDS}
class Side(Enum):
    """Where the ball is."""
    LEFT = auto()
    RIGHT = auto()
    OUT = auto()

class Game(Machine):
    """Two that send each other back and forth, as often as they have tries."""
    side: Side = Side.LEFT
    tries: Nat = 3

    @internal
    def ping(self) -> None:
        """To the right."""
        when(self.side == Side.LEFT and self.tries > 0)
        self.side = Side.RIGHT
        self.tries -= 1

    @internal
    def pong(self) -> None:
        """And back."""
        when(self.side == Side.RIGHT)
        self.side = Side.LEFT

    @internal
    def drop(self) -> None:
        """The ball is lost."""
        when(self.side == Side.LEFT)
        self.side = Side.OUT

    @leads_to(fair=[ping, pong, drop])
    def ends(self) -> tuple[bool, bool]:
        """The game ends."""
        return self.side != Side.OUT, self.side == Side.OUT

    @recoverable
    def back(self) -> bool:
        """The game can end."""
        return self.side == Side.OUT
'''

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

CLOSING = f'''{WORDS}
class Socket(Member):
    """A socket."""
    closing: bool = False
    unsent: Nat = 0

class Sockets(Machine):
    """A close waits until its own socket has sent everything."""
    sockets: Family[Socket]

    @call("send")
    def send(self, s: Socket, n: Nat) -> None:
        """Take bytes."""
        when(not s.closing)
        s.unsent += n

    @call("send", fails="CLOSED")
    def send_too_late(self, s: Socket, n: Nat) -> None:
        """Refused."""
        when(s.closing)

    @call("shut")
    def shut(self, s: Socket) -> None:
        """Nothing more is taken from anybody: the caller closes them all."""
        for other in self.sockets:
            other.closing = True

    @environment
    def transmit(self, t: Socket) -> None:
        """The peer of a closing socket took a byte."""
        when(t.closing and t.unsent > 0)
        t.unsent -= 1

    @call("close")
    def close(self, s: Socket) -> None:
        """Everything was sent."""
        when(s.closing and s.unsent == 0)
        retire(s)

    @call("close", fails="NOT_CLOSING")
    def close_open(self, s: Socket) -> None:
        """Shut it first."""
        when(not s.closing)

    @call("close", blocks=True, fair=[transmit])
    def linger(self, s: Socket) -> None:
        """Something is still to be sent."""
        when(s.closing and s.unsent > 0)
'''

ONE_SHOT = f'''{WORDS}
class Library(Enum):
    """Where the library stands."""
    FRESH = auto()
    UP = auto()
    GONE = auto()

class Crypto(Machine):
    """Counts its users."""
    library: Library = Library.FRESH
    users: Nat = 0

    @call("init")
    def init(self) -> None:
        """One more user."""
        when(self.library != Library.GONE)
        self.library = Library.UP
        self.users += 1

    @call("init")
    def init_again(self) -> None:
        """After the end of all users: from the beginning."""
        when(self.library == Library.GONE)
        self.library = Library.UP
        self.users = 1

    @call("cleanup")
    def cleanup(self) -> None:
        """One user less."""
        when(self.users > 0)
        self.users -= 1
        if self.users == 0:
            self.library = Library.GONE

    @call("cleanup", fails="EXCESS")
    def excess(self) -> None:
        """Nobody uses it."""
        when(self.users == 0)

    @recoverable
    def back(self) -> bool:
        """It can always be up again."""
        return self.library == Library.UP
'''

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
        assert self.good.count(self.before) == 1
        return self.good.replace(self.before, self.after)


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
