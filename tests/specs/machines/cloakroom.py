from quiesce.spec import (
    Family,
    Machine,
    Member,
    Nat,
    New,
    Persistent,
    accepts,
    always,
    assume,
    call,
    calls,
    enabled,
    environment,
    implies,
    initially,
    internal,
    refuses,
    when,
)


class Coat(Member):
    """Hangs or not."""

    hangs: bool = False
    pockets: Nat = 0


class Cloakroom(Machine):
    """Takes coats while it is open."""

    is_open: bool = False
    free: Nat = 0
    days: Persistent[Nat] = 0
    coats: Family[Coat]

    @internal
    def begin(self) -> None:
        """Another day."""
        when(not self.is_open)
        self.is_open = True
        self.free = 2
        self.days += 1

    @call("hang")
    def hang(self, coat: New[Coat], pockets: Nat) -> None:
        """On a free hook."""
        when(self.is_open and self.free > 0)
        coat.hangs = True
        coat.pockets = pockets
        self.free -= 1

    @call("hang", fails="FULL")
    def full(self) -> None:
        """No hook is free."""
        when(self.is_open and self.free == 0)

    @call("hang", "fetch", fails="CLOSED")
    def closed(self) -> None:
        """Nobody is there."""
        when(not self.is_open)

    @call("fetch")
    def fetch(self, coat: Coat) -> None:
        """The coat goes."""
        when(self.is_open and coat.hangs)
        coat.hangs = False
        self.free += 1

    @call("fetch", fails="LOST")
    def lost(self, coat: Coat) -> None:
        """It is not there."""
        when(self.is_open and not coat.hangs)

    @environment
    def pilfer(self, coat: Coat, n: Nat) -> None:
        """Thieves."""
        when(0 < n <= coat.pockets)
        assume(self.is_open, "the door has a lock")
        coat.pockets -= n
