from quiesce.spec import (
    Family,
    Machine,
    Member,
    Nat,
    New,
    Persistent,
    accepts,
    always,
    call,
    count,
    enabled,
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


class Job(Member):
    open: bool = False
    mark: Persistent[Nat] = 0


class Works(Machine):
    opened: Nat = 0
    waiting: bool = False
    jobs: Family[Job]

    @call("open")
    def begin(self, j: New[Job]) -> None:
        j.open = True
        self.opened += 1

    @call("mark")
    def note(self, j: Job) -> None:
        when(j.open)
        j.mark += 1

    @call("mark", fails="CLOSED")
    def note_closed(self, j: Job) -> None:
        when(not j.open)

    @call("close")
    def end(self, j: Job) -> None:
        when(j.open)
        retire(j)

    @call("close", fails="CLOSED")
    def end_closed(self, j: Job) -> None:
        when(not j.open)

    @call("wait")
    def wait(self) -> None:
        self.waiting = True

    @internal
    def wake(self, j: Job) -> None:
        when(self.waiting)
        self.waiting = False

    @internal
    def wake_opened(self, j: Job) -> None:
        when(self.waiting and j.open)
        self.waiting = False
