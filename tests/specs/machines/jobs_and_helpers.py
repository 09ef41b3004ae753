from quiesce.spec import (
    Family,
    Machine,
    Member,
    Nat,
    New,
    Persistent,
    accepts,
    call,
    count,
    enabled,
    environment,
    implies,
    internal,
    leads_to,
    refuses,
    retire,
    when,
)


class Job(Member):
    open: bool = False
    left: Nat = 0
    mark: Persistent[Nat] = 0


class Helper(Member):
    busy: bool = False
    done: Persistent[Nat] = 0


class Works(Machine):
    waiting: bool = False
    total: Nat = 0
    jobs: Family[Job]
    helpers: Family[Helper]

    @call("open")
    def begin(self, j: New[Job]) -> None:
        j.open = True

    @internal
    def wake(self, j: Job) -> None:
        when(self.waiting)
        self.waiting = False

    @internal
    def wake_opened(self, j: Job) -> None:
        when(self.waiting and j.open)
        self.waiting = False

    @internal
    def wake_new(self, j: New[Job]) -> None:
        when(self.waiting)
        self.waiting = False

    @internal
    def wake_with_helper(self, j: Job, h: Helper) -> None:
        when(self.waiting and j.open)
        self.waiting = False

    @internal
    def wake_with_busy_helper(self, j: Job, h: Helper) -> None:
        when(self.waiting and j.open and h.busy)
        self.waiting = False

    @call("work")
    def work(self, j: Job, h: Helper) -> None:
        j.left += 1
        h.busy = True
