"""A heart that beats as long as it is on."""

from quiesce.spec import Machine, Nat, call, timeout, when


class Heart(Machine):
    """Beats."""

    on: bool = False
    beats: Nat = 0

    @timeout("interval")
    def beat(self) -> None:
        """Once more."""
        when(self.on)
        self.beats += 1

    @call("start")
    def start_it(self) -> None:
        """Begin."""
        when(not self.on)
        self.on = True

    @call("start", fails="STARTED")
    def start_twice(self) -> None:
        """Twice."""
        when(self.on)

    @call("stop")
    def stop_it(self) -> None:
        """End."""
        when(self.on)
        self.on = False
        self.beats = 0

    @call("stop", fails="NOT_STARTED")
    def stop_nothing(self) -> None:
        """Nothing there."""
        when(not self.on)
