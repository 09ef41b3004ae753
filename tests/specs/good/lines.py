"""Lines to a server: each is connected and disconnected by itself, and one that did not come about is not counted."""

from enum import Enum, auto

from quiesce.spec import (
    Answer,
    Family,
    Machine,
    Member,
    Nat,
    New,
    activity,
    always,
    call,
    count,
    due,
    pristine,
    recoverable,
    retire,
    session,
    when,
)


class State(Enum):
    """Where a line stands. Absent means: nothing stands behind it."""

    ABSENT = auto()
    CONNECTING = auto()
    READY = auto()
    LEAVING = auto()


class Line(Member):
    """A line to the server."""

    state: State = State.ABSENT
    secure: bool = False


class Lines(Machine):
    """Any number of lines."""

    ready: Nat = 0
    lines: Family[Line]

    @activity("connect")
    def connected(self, line: Line, secure: Answer[bool]) -> None:
        """The server has answered, and the line is secure."""
        when(line.state == State.CONNECTING)
        when(secure)
        line.state = State.READY
        line.secure = True
        self.ready += 1

    @activity("connect")
    def connected_in_the_open(self, line: Line, secure: Answer[bool]) -> None:
        """The server has answered, and everybody can listen."""
        when(line.state == State.CONNECTING)
        when(not secure)
        line.state = State.READY
        self.ready += 1

    @activity("connect", fails=True)
    def not_connected(self, line: Line) -> None:
        """The server is not there."""
        when(line.state == State.CONNECTING)
        retire(line)

    @activity("disconnect")
    def disconnected(self, line: Line) -> None:
        """The line is given back."""
        when(line.state == State.LEAVING)
        retire(line)

    @call("connect_to_server")
    def begin_to_connect(self, line: New[Line]) -> None:
        """A new line is wanted."""
        line.state = State.CONNECTING

    @call("leave", until=[disconnected])
    def begin_to_leave(self, line: Line) -> None:
        """A line is not needed any more."""
        when(line.state == State.READY)
        line.state = State.LEAVING
        self.ready -= 1

    @call("leave", fails="NOT_CONNECTED")
    def leave_nothing(self, line: Line) -> None:
        """There is no such line."""
        when(line.state != State.READY)

    connection = session("connect_to_server", "leave")

    @always
    def counted(self) -> bool:
        """The lines that are ready are counted."""
        return self.ready == count(line.state == State.READY for line in self.lines)

    @always
    def absent_means_as_new(self) -> bool:
        """Nothing is known of a line that is not there."""
        return all(line.state != State.ABSENT or not line.secure for line in self.lines)

    @always
    def one_work_at_a_time(self) -> bool:
        """No line is connected and disconnected at the same time."""
        return all(not (due("connect", line) and due("disconnect", line)) for line in self.lines)

    @pristine
    def none_left(self) -> bool:
        """Without a line everything is as new."""
        return all(line.state == State.ABSENT for line in self.lines)

    @recoverable
    def some_line_can_be_ready(self) -> bool:
        """Whatever happened, a line can be made ready."""
        return self.ready > 0

    @recoverable
    def all_can_be_gone(self) -> bool:
        """Whatever happened, all lines can be given back."""
        return all(line.state == State.ABSENT for line in self.lines)
