from quiesce.spec import Family, Machine, Member, Nat, New, call, environment, implies, step, when


class Purse(Member):
    """Holds coins."""

    coins: Nat = 0


class Till(Machine):
    """Takes coins from purses, and gives them back."""

    coins: Nat = 0
    rung: bool = False
    purses: Family[Purse]

    @call("fill")
    def fill(self, purse: New[Purse], n: Nat) -> None:
        """A new purse."""
        when(n > 0)
        purse.coins = n

    @call("fill", fails="NOTHING")
    def fill_nothing(self, n: Nat) -> None:
        """No coins."""
        when(n == 0)

    @environment
    def pay(self, purse: Purse, n: Nat) -> None:
        """From a purse."""
        when(n <= purse.coins)
        purse.coins -= n
        self.coins += n

    @environment
    def refund(self, purse: Purse, n: Nat) -> None:
        """Into a purse that is in use."""
        when(n <= self.coins and purse.coins > 0)
        purse.coins += n
        self.coins -= n

    @environment
    def ring(self, n: Nat) -> None:
        """For nothing."""
        self.rung = not self.rung
