"""A gate without members: the smallest lifecycle with a refusal."""

from enum import Enum, auto

from quiesce.spec import Machine, Nat, call, when


class Phase(Enum):
    UP = auto()
    DOWN = auto()


class Gate(Machine):
    """A gate"""

    phase: Phase = Phase.UP
    holders: Nat = 0

    @call("gate_hold")
    def hold(self) -> None:
        self.phase = Phase.DOWN
        self.holders += 1

    @call("gate_drop", fails="NOT_HELD")
    def drop_nothing(self) -> None:
        when(self.holders == 0)

    @call("gate_drop")
    def drop(self) -> None:
        when(self.holders > 0)
        self.holders -= 1
        if self.holders == 0:
            self.phase = Phase.UP

    @call("import", fails="NEVER")
    def import_always_refused(self) -> None:
        """There is nothing to import."""
