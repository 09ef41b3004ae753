"""A gate."""

from enum import Enum, auto

from quiesce.spec import (
    Family,
    Int,
    Machine,
    Member,
    Nat,
    always,
    assume,
    call,
    enabled,
    environment,
    implies,
    initially,
    internal,
    leads_to,
    pristine,
    recoverable,
    retire,
    step,
    when,
)


class Phase(Enum):
    """Where the gate stands."""

    SHUT = auto()
    OPEN = auto()
    CLOSING = auto()


class Guest(Member):
    """Somebody inside."""

    inside: bool = False
    bags: Nat = 0


class Gate(Machine):
    """Lets guests in, and closes when the last holder lets go."""

    phase: Phase = Phase.SHUT
    holders: Nat = 0
    keys: Nat = 0
    broken: bool = False
    guests: Family[Guest]

    @call("hold")
    def hold(self) -> None:
        """One more holder."""
        when(self.phase != Phase.CLOSING)
        self.phase = Phase.OPEN
        self.holders += 1
        self.keys += 1

    @call("let_go")
    def let_go(self) -> None:
        """One holder less."""
        assume(self.holders > 0, "who lets go has held")
        self.holders -= 1
        self.keys -= 1
        if self.holders == 0:
            self.phase = Phase.CLOSING

    @environment
    def enter(self, g: Guest) -> None:
        """A guest comes in."""
        when(self.phase == Phase.OPEN and not g.inside)
        g.inside = True
        g.bags = 2

    @environment
    def leave(self, g: Guest) -> None:
        """A guest goes."""
        when(g.inside)
        retire(g)

    @internal
    def closed(self) -> None:
        """Nobody is inside any more."""
        when(self.phase == Phase.CLOSING and not any(g.inside for g in self.guests))
        self.phase = Phase.SHUT

    @call("hold", blocks=True, fair=[leave, closed])
    def wait(self) -> None:
        """The gate is closing."""
        when(self.phase == Phase.CLOSING)

    @environment
    def breaks(self) -> None:
        """Wear and tear."""
        self.broken = True

    @always
    def holders_have_keys(self) -> bool:
        """One key for each holder."""
        return implies(self.holders == 0, self.keys == 0)

    @always
    def held_open(self) -> bool:
        """Held only while open."""
        return implies(self.holders > 0, self.phase == Phase.OPEN)

    @always(expect="refuted")
    def never_full(self) -> bool:
        """False: guests come in."""
        return not any(g.inside for g in self.guests)

    @always(expect="refuted without assumptions")
    def never_overdrawn(self) -> bool:
        """False where nobody is trusted."""
        return self.holders >= 0

    @recoverable(expect="refuted")
    def whole_again(self) -> bool:
        """False: nothing mends the gate."""
        return not self.broken

    @recoverable
    def shut_again(self) -> bool:
        """The gate can always be shut."""
        return self.phase == Phase.SHUT

    @leads_to(fair=[leave, closed])
    def closing_ends(self) -> tuple[bool, bool]:
        """Closing comes to an end."""
        return self.phase == Phase.CLOSING, self.phase == Phase.SHUT

    @leads_to(fair=[closed], expect="refuted")
    def closing_ends_by_itself(self) -> tuple[bool, bool]:
        """False: a guest may stay."""
        return self.phase == Phase.CLOSING, self.phase == Phase.SHUT

    @step
    def guests_keep_their_bags(self, old: "Gate") -> bool:
        """Bags change hands at the gate only."""
        return all(implies(old[g].inside and g.inside, g.bags == old[g].bags) for g in self.guests)
