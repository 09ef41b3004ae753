"""A look at all workers compares each with itself, so it finds nobody who lags behind."""

from quiesce.spec import Family, Machine, Member, always, environment


class Worker(Member):
    """One of a group."""

    busy: bool = False
    done: bool = False
    behind: bool = False


class Group(Machine):
    """Workers whose records are looked at."""

    level: bool = True
    workers: Family[Worker]

    @environment
    def work(self, worker: Worker, done: bool) -> None:
        """A worker begins, and perhaps finishes."""
        worker.busy = True
        worker.done = done

    @environment
    def look(self) -> None:
        """Note who is behind, and whether nobody is."""
        for worker in self.workers:
            worker.behind = worker.busy and any(
                other == worker and other.done and not worker.done for other in self.workers
            )
        self.level = not any(other.behind for other in self.workers)

    @always
    def nobody_is_ever_behind(self) -> bool:
        """Whoever is not done has not overtaken itself."""
        return self.level
