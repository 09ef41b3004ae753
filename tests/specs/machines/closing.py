from quiesce.spec import (
    Family,
    Machine,
    Member,
    Nat,
    call,
    environment,
    retire,
    when,
)


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
