"""A machine without a mistake that is no contract: one of its variables is no count."""

from quiesce.spec import Machine, call, when


class Phased(Machine):
    up: bool = False

    @call("Start")
    def start(self) -> None:
        when(not self.up)
        self.up = True
