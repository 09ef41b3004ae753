"""A reader whose timeout may come although everything is as at the start."""

from quiesce.spec import Machine, call, timeout, when


class Nap(Machine):
    """A reader that naps."""

    on: bool = False
    slept: bool = False

    @timeout("idle")
    def sleep(self) -> None:
        """Sleep."""
        when(not self.on)
        when(not self.slept)
        self.slept = True

    @call("start")
    def start_it(self) -> None:
        """Begin."""
        when(not self.on)
        self.on = True
        self.slept = False

    @call("start", fails="STARTED")
    def start_twice(self) -> None:
        """Twice."""
        when(self.on)

    @call("stop")
    def stop_it(self) -> None:
        """End."""
        when(self.on)
        self.on = False

    @call("stop", fails="NOT_STARTED")
    def stop_nothing(self) -> None:
        """Nothing there."""
        when(not self.on)
