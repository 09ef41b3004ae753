"""Tokens are thrown away and moved about, and the count of them all stays right."""

from quiesce.spec import Family, Int, Machine, Member, Nat, always, environment


class Slot(Member):
    """Holds tokens."""

    held: Nat = 0


class Tokens(Machine):
    """Tokens in any number of slots, and a count of them all."""

    counted: Int = 0
    slots: Family[Slot]

    @environment
    def put(self, slot: Slot, n: Nat) -> None:
        """New tokens arrive."""
        slot.held += n
        self.counted += n

    @environment
    def swap_for_one(self, source: Slot, target: Slot) -> None:
        """All tokens of two slots, or of one, become a single one."""
        self.counted = self.counted - source.held + 1 - (0 if source == target else target.held)
        source.held = 0
        target.held = 1

    @always
    def conserved(self) -> bool:
        """The count is that of all slots together."""
        return self.counted == sum(slot.held for slot in self.slots)
