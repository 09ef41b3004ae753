from quiesce.spec import Machine, Nat, always, assume, call, step, when


class Booked(Machine):
    """Seats that are booked and given back."""

    taken: Nat = 0
    paid: Nat = 0
    fee: Nat = 7
    charged: Nat = 0
    open: bool = True

    @call("Book")
    def book(self, price: Nat) -> None:
        """Take a seat."""
        when(self.open)
        assume(price > 0, "nobody books for nothing")
        self.taken += 1
        self.paid += price
        self.charged = price

    @call("Book", fails="CLOSED")
    def closed(self) -> None:
        """No more seats."""
        when(not self.open)

    @call("Give")
    def give(self) -> None:
        """Give the last seat back."""
        when(self.taken == 1 and self.paid > 5)
        self.taken = 0
        self.paid = 0

    @call("Give", fails="TOO_FEW")
    def too_few(self) -> None:
        """Nothing to give, or more than one."""
        when(self.taken != 1 or self.paid <= 5)

    @call("Close")
    def close(self) -> None:
        """Only when no seat is taken."""
        when(self.taken == 0)
        self.open = False

    @call("Close", fails="IN_USE")
    def in_use(self) -> None:
        """Somebody sits there."""
        when(self.taken > 0)

    @always
    def seats_are_paid_for(self) -> bool:
        """Whoever sits has paid."""
        return self.paid >= self.taken

    @step
    def closed_when_empty(self, old: "Booked") -> bool:
        """Nobody is shut in."""
        return old.open == self.open or old.taken == 0
