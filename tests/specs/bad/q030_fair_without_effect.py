from quiesce.spec import Machine, call, internal, leads_to, when


class Door(Machine):
    busy: bool = False

    @call("Go")
    def go(self) -> None:
        when(not self.busy)
        self.busy = True

    @call("Go", fails="BUSY")
    def refused(self) -> None:
        when(self.busy)

    @internal
    def done(self) -> None:
        when(self.busy)
        self.busy = False

    @call("Leave")
    def leave(self) -> None:
        when(not self.busy)

    @call("Leave", blocks=True, fair=[done, refused])  # error: Q030 `refused`
    def wait(self) -> None:
        when(self.busy)

    @call("Rest")
    def rest(self) -> None:
        when(not self.busy)

    @call("Rest", blocks=True, fair=[done])
    def wait_as_well(self) -> None:
        when(self.busy)

    @leads_to(fair=[done, refused, wait_as_well])  # error: Q030 `refused`  # error: Q030 `wait_as_well`
    def ends(self) -> tuple[bool, bool]:
        return self.busy, not self.busy

    @leads_to(fair=[done])
    def ends_indeed(self) -> tuple[bool, bool]:
        return self.busy, not self.busy
