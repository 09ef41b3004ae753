"""A look at all workers denies that one of them lags behind."""

from quiesce.spec import Family, Machine, Member, always, environment


class Worker(Member):
    """One of a group."""

    busy: bool = False
    done: bool = False
    behind: bool = False


class Group(Machine):
    """Workers that are compared with each other."""

    level: bool = True
    workers: Family[Worker]

    @environment
    def work(self, worker: Worker, done: bool) -> None:
        """A worker begins, and perhaps finishes."""
        worker.busy = True
        worker.done = done

    @environment
    def look(self) -> None:
        """Note who is behind somebody else, and whether nobody is."""
        for worker in self.workers:
            worker.behind = worker.busy and any(other.done and not worker.done for other in self.workers)
        self.level = not any(other.behind for other in self.workers)

    @always
    def nobody_is_ever_behind(self) -> bool:
        """False as soon as one worker is done and another is not."""
        return self.level
