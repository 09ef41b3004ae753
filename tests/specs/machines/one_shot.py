from enum import Enum, auto

from quiesce.spec import (
    Machine,
    Nat,
    call,
    recoverable,
    when,
)


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
