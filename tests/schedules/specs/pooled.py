"""A pool of desks, each set up by itself; closing waits for those in use, with a bound."""

from enum import Enum, auto

from quiesce.spec import Answer, Family, Machine, Member, New, activity, call, count, retire, session, timeout, when


class Phase(Enum):
    """Where it stands."""

    OPEN = auto()
    CLOSING = auto()
    FORCED = auto()


class Stand(Enum):
    """Where a desk stands."""

    ABSENT = auto()
    SETTING_UP = auto()
    READY = auto()
    CLEARING = auto()


class Desk(Member):
    """A desk."""

    stand: Stand = Stand.ABSENT


class Room(Machine):
    """A room of desks."""

    phase: Phase = Phase.OPEN
    desks: Family[Desk]

    renting = session("rent", "leave")

    @activity("set_up")
    def is_set_up(self, d: Desk, fine: Answer[bool]) -> None:
        """It is ready."""
        when(d.stand == Stand.SETTING_UP)
        when(fine)
        d.stand = Stand.READY

    @activity("set_up")
    def is_shaky(self, d: Desk, fine: Answer[bool]) -> None:
        """It is not any good, and cleared at once."""
        when(d.stand == Stand.SETTING_UP)
        when(not fine)
        d.stand = Stand.CLEARING

    @activity("set_up", fails=True)
    def not_set_up(self, d: Desk) -> None:
        """Nothing is there."""
        when(d.stand == Stand.SETTING_UP)
        retire(d)

    @activity("clear")
    def cleared(self, d: Desk) -> None:
        """Gone."""
        when(d.stand == Stand.CLEARING)
        retire(d)

    @call("rent")
    def rent(self, d: New[Desk]) -> None:
        """One more."""
        when(self.phase == Phase.OPEN)
        d.stand = Stand.SETTING_UP

    @call("rent", fails="CLOSED")
    def rent_closed(self) -> None:
        """No more."""
        when(self.phase != Phase.OPEN)

    @call("leave", until=[cleared])
    def leave(self, d: Desk) -> None:
        """Leave it."""
        when(d.stand == Stand.READY)
        d.stand = Stand.CLEARING

    @call("leave", fails="NOT_READY")
    def leave_what(self, d: Desk) -> None:
        """It is not there."""
        when(d.stand != Stand.READY)

    @call("close")
    def close(self) -> None:
        """Close the room."""
        when(self.phase == Phase.OPEN)
        self.phase = Phase.CLOSING

    @call("close", fails="CLOSED")
    def close_twice(self) -> None:
        """Twice."""
        when(self.phase != Phase.OPEN)

    @timeout("close_timeout")
    def forced(self) -> None:
        """Somebody stays for too long."""
        when(self.phase == Phase.CLOSING)
        when(count(d.stand == Stand.READY for d in self.desks) > 0)
        self.phase = Phase.FORCED
        for d in self.desks:
            if d.stand == Stand.READY:
                d.stand = Stand.CLEARING
