from contract import Service
from quiesce.spec import Family, Machine, Member, Nat, Uses, internal


class Thing(Member):
    size: Nat = 0


class Upper(Machine):
    things: Family[Thing]
    lower: Uses[Service]

    @internal
    def stop_for_each(self) -> None:
        for t in self.things:
            self.lower.stop()  # error: Q037 `self.lower.stop()`
