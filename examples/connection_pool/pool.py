"""A pool of connections to a server: each comes about, fails and is given back by itself, and closing is bounded."""

from enum import Enum, auto
from typing import Annotated

from quiesce.spec import (
    Answer,
    Family,
    Machine,
    Member,
    Nat,
    New,
    Range,
    accepts,
    activity,
    always,
    call,
    count,
    due,
    pristine,
    recoverable,
    refuses,
    retire,
    session,
    step,
    timeout,
    unchanged,
    when,
)


class Phase(Enum):
    """Where the pool stands."""

    CLOSED = auto()
    OPEN = auto()
    CLOSING = auto()


class State(Enum):
    """Where a borrowed connection stands."""

    ABSENT = auto()
    CHECKING = auto()
    CONNECTING = auto()
    LENT = auto()
    RETURNING = auto()
    LOST = auto()


class Connection(Member):
    """A connection from the moment somebody wants it until he has given it back."""

    state: State = State.ABSENT


class Pool(Machine):
    """A pool of connections to a server.

    At most `size` of them are open: those that are idle, those that are lent, and those on which work is done.
    """

    phase: Phase = Phase.CLOSED
    size: Nat = 0
    idle: Nat = 0
    lent: Nat = 0
    working: Nat = 0
    connections: Family[Connection]

    # --- the work -----------------------------------------------------------------------------------------------

    @activity("check")
    def alive(self, c: Connection, answers: Answer[bool]) -> None:
        """The server still answers on this connection, which was idle."""
        when(c.state == State.CHECKING)
        when(answers)
        c.state = State.LENT
        self.working -= 1
        self.lent += 1

    @activity("check")
    def stale(self, c: Connection, answers: Answer[bool]) -> None:
        """The connection broke while it was idle: a fresh one takes its place."""
        when(c.state == State.CHECKING)
        when(not answers)
        c.state = State.CONNECTING

    @activity("check", fails=True)
    def not_checked(self, c: Connection) -> None:
        """Somebody has broken off the check: nothing is lent."""
        when(c.state == State.CHECKING)
        self.working -= 1
        retire(c)

    @activity("connect")
    def connected(self, c: Connection) -> None:
        """The server has answered: only now the connection is lent."""
        when(c.state == State.CONNECTING)
        c.state = State.LENT
        self.working -= 1
        self.lent += 1

    @activity("connect", fails=True)
    def not_connected(self, c: Connection) -> None:
        """The server is not there, or does not want us: nothing is lent, and there is room for another attempt."""
        when(c.state == State.CONNECTING)
        self.working -= 1
        retire(c)

    @activity("take_back")
    def kept(self, c: Connection, usable: Answer[bool]) -> None:
        """The connection is idle from now on."""
        when(c.state == State.RETURNING)
        when(usable)
        self.working -= 1
        self.idle += 1
        retire(c)

    @activity("take_back")
    def dropped(self, c: Connection, usable: Answer[bool]) -> None:
        """The connection broke while it was lent, and is no more."""
        when(c.state == State.RETURNING)
        when(not usable)
        self.working -= 1
        retire(c)

    @activity("take_back", fails=True)
    def not_taken_back(self, c: Connection) -> None:
        """Somebody has broken off the taking back: the connection is no more."""
        when(c.state == State.RETURNING)
        self.working -= 1
        retire(c)

    @timeout("drain_timeout")
    def given_up(self) -> None:
        """Those who still have a connection do not give it back: it is taken from them."""
        when(self.phase == Phase.CLOSING and self.lent > 0)
        self.lent = 0
        for c in self.connections:
            if c.state == State.LENT:
                c.state = State.LOST

    @activity("disconnect")
    def disconnected(self) -> None:
        """No connection is left."""
        when(self.phase == Phase.CLOSING and self.lent == 0 and self.working == 0)
        self.idle = 0
        self.size = 0
        self.phase = Phase.CLOSED

    # --- the pool -----------------------------------------------------------------------------------------------

    @call("open")
    def opened(self, size: Annotated[int, Range(1)]) -> None:
        """From now on connections are lent; the first is made when somebody wants it."""
        when(self.phase == Phase.CLOSED)
        self.size = size
        self.phase = Phase.OPEN

    @call("open", fails="ALREADY_OPEN")
    def open_twice(self) -> None:
        """The pool is open."""
        when(self.phase == Phase.OPEN)

    @call(
        "open",
        blocks=True,
        fair=[
            alive,
            stale,
            not_checked,
            connected,
            not_connected,
            kept,
            dropped,
            not_taken_back,
            given_up,
            disconnected,
        ],
    )
    def open_later(self) -> None:
        """The pool is being closed."""
        when(self.phase == Phase.CLOSING)

    @call(
        "close",
        until=[disconnected],
        fair=[alive, stale, not_checked, connected, not_connected, kept, dropped, not_taken_back, given_up],
    )
    def closing(self) -> None:
        """Nothing is lent any more; what is lent is waited for."""
        when(self.phase == Phase.OPEN)
        self.phase = Phase.CLOSING

    @call("close", fails="NOT_OPEN")
    def close_twice(self) -> None:
        """The pool is not open."""
        when(self.phase != Phase.OPEN)

    # --- its connections ----------------------------------------------------------------------------------------

    @call("borrow")
    def reuse(self, c: New[Connection]) -> None:
        """An idle connection is taken, if it still works."""
        when(self.phase == Phase.OPEN)
        when(self.idle > 0)
        self.idle -= 1
        self.working += 1
        c.state = State.CHECKING

    @call("borrow")
    def connect_anew(self, c: New[Connection]) -> None:
        """None is idle, and there is room for one more."""
        when(self.phase == Phase.OPEN)
        when(self.idle == 0 and self.lent + self.working < self.size)
        self.working += 1
        c.state = State.CONNECTING

    @call("give_back")
    def give_back(self, c: Connection) -> None:
        """The connection is not needed any more."""
        when(c.state == State.LENT)
        self.lent -= 1
        self.working += 1
        c.state = State.RETURNING

    @call("give_back")
    def give_back_lost(self, c: Connection) -> None:
        """The pool did not wait for this one."""
        when(c.state == State.LOST)
        retire(c)

    @call("give_back", fails="NOT_LENT")
    def give_back_nothing(self, c: Connection) -> None:
        """Nobody has this connection."""
        when(c.state not in (State.LENT, State.LOST))

    @call(
        "borrow",
        blocks=True,
        fair=[give_back, alive, stale, not_checked, connected, not_connected, kept, dropped, not_taken_back],
    )
    def borrow_later(self) -> None:
        """All connections are lent."""
        when(self.phase == Phase.OPEN)
        when(self.idle == 0 and self.lent + self.working == self.size)

    @call("borrow", fails="NOT_OPEN")
    def borrow_nothing(self) -> None:
        """The pool is not open."""
        when(self.phase != Phase.OPEN)

    running = session("open", "close")
    connection = session("borrow", "give_back")

    # --- the promises -------------------------------------------------------------------------------------------

    @always
    def at_most_limit(self) -> bool:
        """There are never more connections to the server than the size of the pool."""
        return self.idle + self.lent + self.working <= self.size

    @always
    def sized_while_open(self) -> bool:
        """A pool that is not closed has room for a connection."""
        return (self.size == 0) == (self.phase == Phase.CLOSED)

    @always
    def lent_is_counted(self) -> bool:
        """The number of lent connections is the number of those that somebody holds."""
        return self.lent == count(c.state == State.LENT for c in self.connections)

    @always
    def work_is_counted(self) -> bool:
        """The number of connections at work is that of those being checked, connected or taken back."""
        return self.working == count(
            c.state in (State.CHECKING, State.CONNECTING, State.RETURNING) for c in self.connections
        )

    @always
    def nothing_behind_a_closed_pool(self) -> bool:
        """Once the pool is closed, nothing is open any more, and nobody connects."""
        return self.phase != Phase.CLOSED or self.idle + self.lent + self.working == 0

    @always
    def disconnected_last(self) -> bool:
        """No connection is closed under somebody who works with it."""
        return not due("disconnect") or all(
            not (due("check", c) or due("connect", c) or due("take_back", c) or c.state == State.LENT)
            for c in self.connections
        )

    @unchanged(
        unless=[
            reuse,
            alive,
            stale,
            not_checked,
            connect_anew,
            connected,
            not_connected,
            give_back,
            kept,
            dropped,
            not_taken_back,
            give_back_lost,
            given_up,
        ]
    )
    def each_by_itself(self, c: Connection) -> State:
        """What happens to one connection leaves all others alone, unless the pool gives up."""
        return c.state

    @step(only=[reuse])
    def taken_from_the_idle(self, old: "Pool") -> bool:
        """A connection that is taken is not idle any more."""
        return self.idle == old.idle - 1

    @step(only=[kept])
    def put_to_the_idle(self, old: "Pool") -> bool:
        """A connection that still works is kept for the next who wants one."""
        return self.idle == old.idle + 1

    @step(only=[alive, connected])
    def lent_once_it_works(self, old: "Pool", c: Connection) -> bool:
        """Whoever waits for a connection gets it when the server has answered on it."""
        return c.state == State.LENT and self.lent == old.lent + 1

    @step(only=[stale])
    def a_stale_one_is_replaced(self, old: "Pool", c: Connection) -> bool:
        """Whoever was to get a connection that broke while it was idle gets a fresh one in its place."""
        return c.state == State.CONNECTING and self.working == old.working

    @step(only=[not_checked, not_connected, dropped, not_taken_back])
    def what_fails_is_no_more(self, old: "Pool", c: Connection) -> bool:
        """A connection that failed is neither lent nor idle, and leaves room for another one."""
        return c.state == State.ABSENT and self.idle == old.idle and self.lent == old.lent

    @step(only=[given_up])
    def taken_only_while_closing(self, old: "Pool") -> bool:
        """Nobody loses a connection as long as nobody closes the pool."""
        return old.phase == Phase.CLOSING

    @step(only=[opened])
    def as_large_as_asked(self, old: "Pool", size: Annotated[int, Range(1)]) -> bool:
        """The pool has the size that was asked for."""
        return self.size == size and self.idle == old.idle

    @accepts("give_back")
    def can_be_given_back(self, c: Connection) -> bool:
        """Whoever has a connection can give it back at any time, even if the pool was closed meanwhile."""
        return c.state in (State.LENT, State.LOST)

    @refuses("borrow", "NOT_OPEN")
    def nothing_new_while_closing(self) -> bool:
        """Once somebody closes the pool, nobody gets a connection."""
        return self.phase != Phase.OPEN

    @pristine
    def closed_means_as_new(self) -> bool:
        """Once the pool is closed and everything was given back, all is as at the start."""
        return self.phase == Phase.CLOSED and all(c.state != State.LOST for c in self.connections)

    @recoverable
    def can_be_closed(self) -> bool:
        """Whatever happened, the pool can be closed."""
        return self.phase == Phase.CLOSED

    @recoverable
    def all_can_be_as_new(self) -> bool:
        """Whatever happened, the pool can be closed with every connection given back."""
        return self.phase == Phase.CLOSED and all(c.state == State.ABSENT for c in self.connections)

    @recoverable
    def can_lend_again(self) -> bool:
        """Whatever happened, connections can be lent again."""
        return self.lent > 0
