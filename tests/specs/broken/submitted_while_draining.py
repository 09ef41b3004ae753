"""The pool of counted_drain, with one fault: work is taken while the pool drains."""
# refuted: total/submit/exclusive

from enum import Enum, auto

from quiesce.spec import (
    Family,
    Machine,
    Member,
    Nat,
    always,
    call,
    environment,
    implies,
    internal,
    leads_to,
    pristine,
    recoverable,
    retire,
    step,
    when,
)


class Phase(Enum):
    """Where the pool stands."""

    DOWN = auto()
    STARTING = auto()
    UP = auto()
    DRAINING = auto()


class Worker(Member):
    """One of any number of workers."""

    busy: bool = False
    queued: Nat = 0


class Pool(Machine):
    """Counts its users; drains before it frees."""

    phase: Phase = Phase.DOWN
    users: Nat = 0
    workers: Family[Worker]

    @call("start")
    def first_start(self) -> None:
        """Claim the start; nothing counts yet."""
        when(self.phase == Phase.DOWN)
        self.phase = Phase.STARTING

    @internal
    def started(self) -> None:
        """Only now the first user counts."""
        when(self.phase == Phase.STARTING)
        self.phase = Phase.UP
        self.users = 1

    @internal
    def start_failed(self) -> None:
        """As before the call."""
        when(self.phase == Phase.STARTING)
        self.phase = Phase.DOWN

    @call("start")
    def further_start(self) -> None:
        """One more user."""
        when(self.phase == Phase.UP)
        self.users += 1

    @call("stop")
    def nested_stop(self) -> None:
        """Others go on."""
        when(self.users > 1)
        self.users -= 1

    @call("stop")
    def last_stop(self) -> None:
        """Begin to drain."""
        when(self.users == 1)
        self.users = 0
        self.phase = Phase.DRAINING

    @call("stop", fails="NOT_STARTED")
    def excess_stop(self) -> None:
        """One stop too many."""
        when(self.users == 0)

    @call("submit")
    def submit(self, w: Worker, n: Nat) -> None:
        """Queue work."""
        when(self.phase in (Phase.UP, Phase.DRAINING) and n > 0)
        w.busy = True
        w.queued += n

    @call("submit", fails="NOTHING_TO_DO")
    def submit_nothing(self, n: Nat) -> None:
        """No work at all."""
        when(self.phase == Phase.UP and n == 0)

    @call("submit", fails="NOT_STARTED")
    def submit_too_late(self) -> None:
        """Nobody may submit while the pool is not up."""
        when(self.phase != Phase.UP)

    @environment
    def work(self, w: Worker) -> None:
        """A worker gets something done."""
        when(w.queued > 0)
        w.queued -= 1

    @internal
    def rest(self, w: Worker) -> None:
        """A worker has nothing left to do."""
        when(w.busy and w.queued == 0)
        retire(w)

    @internal
    def release(self) -> None:
        """Free everything."""
        when(self.phase == Phase.DRAINING)
        when(not any(w.busy for w in self.workers))
        self.phase = Phase.DOWN

    @call("start", blocks=True, fair=[started, start_failed, work, rest, release])
    def wait(self) -> None:
        """Somebody starts the pool, or it drains."""
        when(self.phase in (Phase.STARTING, Phase.DRAINING))

    @always
    def counted_only_while_up(self) -> bool:
        """Users exist exactly while the pool is up."""
        return (self.users > 0) == (self.phase == Phase.UP)

    @always
    def queued_work_has_a_worker(self) -> bool:
        """Who rests has nothing to do."""
        return all(implies(w.queued > 0, w.busy) for w in self.workers)

    @always
    def idle_before_and_after(self) -> bool:
        """Nobody is busy unless the pool is up or drains."""
        return implies(self.phase in (Phase.DOWN, Phase.STARTING), not any(w.busy for w in self.workers))

    @step
    def drained_before_freed(self, old: "Pool") -> bool:
        """What is queued is done before the pool goes down."""
        return implies(
            old.phase == Phase.DRAINING and self.phase == Phase.DOWN, all(w.queued == 0 for w in old.workers)
        )

    @step(unless=[work])
    def only_work_empties_a_queue(self, old: "Pool") -> bool:
        """Queued work is never dropped."""
        return all(w.queued >= old[w].queued for w in self.workers)

    @pristine
    def down_means_as_new(self) -> bool:
        """A restart is like the first start."""
        return self.phase == Phase.DOWN

    @recoverable
    def can_always_be_up_again(self) -> bool:
        """Whatever happened, it can be started again."""
        return self.phase == Phase.UP

    @leads_to(fair=[work, rest, release])
    def drain_ends(self) -> tuple[bool, bool]:
        """A drain comes to its end."""
        return self.phase == Phase.DRAINING, self.phase == Phase.DOWN
