"""Two seats, and a queue of those who wait for one: no work, so that most calls are answered at once."""

from quiesce.spec import Machine, Nat, always, call, when


class Seats(Machine):
    """Two seats."""

    taken: Nat = 0

    @call("sit_down")
    def sit_down(self) -> None:
        """There is a seat."""
        when(self.taken < 2)
        self.taken += 1

    @call("get_up")
    def get_up(self) -> None:
        """There was another seat already."""
        when(self.taken == 1)
        self.taken = 0

    @call("get_up")
    def make_room(self) -> None:
        """Somebody may have waited for the seat."""
        when(self.taken == 2)
        self.taken = 1

    @call("get_up", fails="NOBODY_SITS")
    def nobody_gets_up(self) -> None:
        """Both seats are free."""
        when(self.taken == 0)

    @call("sit_down", blocks=True, fair=[get_up, make_room])
    def wait_for_a_seat(self) -> None:
        """Both seats are taken."""
        when(self.taken == 2)

    @always
    def two_seats(self) -> bool:
        """There are no more seats."""
        return self.taken <= 2
