from enum import Enum, auto

from quiesce.spec import (
    Family,
    Machine,
    Member,
    Nat,
    always,
    call,
    implies,
    internal,
    leads_to,
    pristine,
    recoverable,
    retire,
    step,
    when,
)


class Phase(Enum):
    """Whether the desk is open."""

    CLOSED = auto()
    OPEN = auto()


class Book(Member):
    """A book of the library."""

    out: bool = False
    late: bool = False


class Chair(Member):
    """Nothing ever happens to a chair."""

    taken: bool = False


class Lending(Machine):
    """A desk that lends books while it is open."""

    phase: Phase = Phase.CLOSED
    lent: Nat = 0
    fines: Nat = 0
    books: Family[Book]
    chairs: Family[Chair]

    @internal
    def open_up(self) -> None:
        """In the morning."""
        when(self.phase == Phase.CLOSED)
        self.phase = Phase.OPEN

    @call("borrow")
    def borrow(self, b: Book) -> None:
        """Take a book out."""
        when(self.phase == Phase.OPEN and not b.out)
        b.out = True
        self.lent += 1

    @call("borrow", fails="NOT_NOW")
    def refuse(self, b: Book) -> None:
        """Closed, or out already."""
        when(self.phase != Phase.OPEN or b.out)

    @internal
    def close(self) -> None:
        """In the evening everything is back."""
        when(self.phase == Phase.OPEN)
        self.phase = Phase.CLOSED
        self.lent = 0
        for b in self.books:
            retire(b)
