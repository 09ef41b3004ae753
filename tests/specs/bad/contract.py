"""A contract without a mistake, for the bad specs beside it."""

from quiesce.spec import Answer, Machine, Nat, assume, call, when


class Service(Machine):
    held: Nat = 0

    @call("Start")
    def start(self, ready: Answer[bool], level: Nat) -> None:
        when(ready and level > 0)
        self.held += 1

    @call("Start", fails="NOT_READY")
    def not_ready(self, ready: Answer[bool], level: Nat) -> None:
        when(not ready or level == 0)

    @call("Stop")
    def stop(self) -> None:
        assume(self.held > 0, "each caller stops what it started")
        self.held -= 1
