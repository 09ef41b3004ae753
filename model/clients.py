"""A provider that several clients of one process share, each with a balance of its own.

The provider counts references, and the count does not know whose they are: nothing that a release is given says who
calls. So one client that releases once too often takes a reference of another. That every client releases only what it
acquired has to be assumed; this model says where, proves what follows, and shows what happens without.

The requirements, R1 to R11, are in winsock_requirements.py.
"""

from enum import Enum, auto

from quiesce.spec import (
    Family,
    Machine,
    Member,
    Nat,
    Persistent,
    always,
    assume,
    call,
    implies,
    internal,
    leads_to,
    pristine,
    recoverable,
    step,
    unchanged,
    when,
)
from winsock_requirements import (
    R1,
    R3,
    R4,
    R5,
    R6,
    R7,
    R8,
    R9,
    R10,
    R11,
)


class Phase(Enum):
    """Where the provider stands."""

    UNLOADED = auto()
    RUNNING = auto()
    DRAINING = auto()


class Client(Member):
    """A part of the process that uses the provider: a module, a library, a plug-in."""

    table: Persistent[bool] = False  # has the provider's entry points; nobody can take them away again
    held: Nat = 0  # references that it acquired and has not released


class SharedProvider(Machine):
    """Lifecycle of a provider that clients share."""

    phase: Phase = Phase.UNLOADED
    refs: Nat = 0  # the count, which is all that the provider knows of its clients
    queued: Nat = 0  # pieces of work accepted and not yet done
    clients: Family[Client]

    # Startup

    @call("startup", satisfies=R3)
    def first_startup(self, c: Client, works: bool) -> None:
        """Nobody uses the provider: it is loaded, and counted once that has worked."""
        when(self.phase == Phase.UNLOADED and works)
        self.phase = Phase.RUNNING
        self.refs += 1
        c.held += 1
        c.table = True

    @call("startup", satisfies=[R3, R8])
    def further_startup(self, c: Client) -> None:
        """The provider is running: one more reference."""
        when(self.phase == Phase.RUNNING)
        self.refs += 1
        c.held += 1
        c.table = True

    @call("startup", fails="SYSNOTREADY", satisfies=R4)
    def startup_fails(self, works: bool) -> None:
        """What the provider needs cannot be loaded."""
        when(self.phase == Phase.UNLOADED and not works)

    # Work

    @call("submit")
    def submit(self, c: Client, n: Nat) -> None:
        """Hand in some pieces of work."""
        when(c.table and self.phase == Phase.RUNNING)
        self.queued += n

    @call("submit", fails="NOTINITIALISED")
    def submit_too_late(self, c: Client) -> None:
        """The provider is not running, or not known to the caller."""
        when(not c.table or self.phase != Phase.RUNNING)

    @internal(satisfies=R9)
    def work(self) -> None:
        """Finish a piece of work."""
        when(self.queued > 0)
        self.queued -= 1

    # Cleanup

    @call("cleanup", satisfies=[R5, R7])
    def cleanup(self, c: Client) -> None:
        """Others still use the provider, or this client does: one reference less."""
        when(c.table and self.refs > 1)
        assume(c.held > 0, "a client releases only what it acquired")
        self.refs -= 1
        c.held -= 1

    @call("cleanup", satisfies=[R5, R8])
    def last_cleanup(self, c: Client) -> None:
        """Nobody uses the provider any more: what was accepted is finished."""
        when(c.table and self.refs == 1)
        assume(c.held > 0, "a client releases only what it acquired")
        self.refs -= 1
        c.held -= 1
        self.phase = Phase.DRAINING

    @call("cleanup", fails="NOTINITIALISED", satisfies=[R1, R6])
    def excess_cleanup(self, c: Client) -> None:
        """Nothing is left to release, or the caller never got the entry point."""
        when(not c.table or self.refs == 0)

    @internal(satisfies=R10)
    def free(self) -> None:
        """Everything is done: release all resources."""
        when(self.phase == Phase.DRAINING and self.queued == 0)
        self.phase = Phase.UNLOADED

    @call("startup", blocks=True, fair=[work, free])
    def startup_waits(self) -> None:
        """The provider still drains."""
        when(self.phase == Phase.DRAINING)

    # What the count is worth

    @always(satisfies=R8)
    def the_count_is_the_sum_of_all_balances(self) -> bool:
        """The provider counts exactly what its clients hold together."""
        return self.refs == sum(c.held for c in self.clients)

    @always
    def running_means_counted(self) -> bool:
        """The provider runs exactly as long as something is counted."""
        return (self.phase == Phase.RUNNING) == (self.refs > 0)

    @always
    def entry_points_come_with_the_first_startup(self) -> bool:
        """A client that holds a reference has the provider's entry points."""
        return all(implies(c.held > 0, c.table) for c in self.clients)

    @step(only=[first_startup, further_startup], satisfies=R3)
    def startup_is_counted_once(self, old: "SharedProvider", c: Client) -> bool:
        """A startup gives its caller one reference, and nobody else any."""
        return self.refs == old.refs + 1 and c.held == old[c].held + 1

    @step(only=[cleanup, last_cleanup], satisfies=R5)
    def cleanup_is_charged_to_its_caller(self, old: "SharedProvider", c: Client) -> bool:
        """A cleanup takes one reference, and that from its caller."""
        return self.refs == old.refs - 1 and c.held == old[c].held - 1

    @unchanged(unless=[first_startup, further_startup, cleanup, last_cleanup], satisfies=R5)
    def the_balance_of_a_client(self, c: Client) -> Nat:
        """What a client holds changes only by its own startups and cleanups."""
        return c.held

    # In use until the last client is done

    @always(satisfies=[R5, R8])
    def runs_while_anybody_holds_it(self) -> bool:
        """As long as some client holds a reference, the provider is running."""
        return implies(any(c.held > 0 for c in self.clients), self.phase == Phase.RUNNING)

    @step(only=free, satisfies=[R5, R10])
    def freed_only_when_every_client_has_released(self, old: "SharedProvider") -> bool:
        """Nothing is freed as long as some client holds a reference."""
        return all(c.held == 0 for c in old.clients)

    @step(only=free, expect="refuted without assumptions")
    def no_client_can_free_what_another_uses(self, old: "SharedProvider") -> bool:
        """Nothing is freed as long as some client holds a reference, even if another releases what it never had."""
        return all(c.held <= 0 for c in old.clients)

    # Work

    @step(only=submit, satisfies=R9)
    def work_that_is_accepted_is_queued(self, old: "SharedProvider", n: Nat) -> bool:
        """Work that is accepted is queued, all of it, whatever else is queued."""
        return self.queued == old.queued + n

    @unchanged(unless=[submit, work], satisfies=[R7, R9])
    def the_queued_work(self) -> Nat:
        """Neither a cleanup nor the release of resources takes queued work away."""
        return self.queued

    @always(satisfies=R9)
    def finished_before_freed(self) -> bool:
        """No work is left once the resources are gone."""
        return implies(self.phase == Phase.UNLOADED, self.queued == 0)

    # Again and again

    @pristine(satisfies=[R10, R11])
    def unloaded_is_as_at_the_start(self) -> bool:
        """What was freed leaves nothing behind but the entry points that clients know."""
        return self.phase == Phase.UNLOADED

    @recoverable(satisfies=R11)
    def can_always_run_again(self) -> bool:
        """Whatever has happened, some run leads to a provider that runs."""
        return self.phase == Phase.RUNNING

    @recoverable(satisfies=R10)
    def can_always_be_freed(self) -> bool:
        """Whatever has happened, some run leads to a provider that is freed."""
        return self.phase == Phase.UNLOADED

    @leads_to(fair=[work, free], satisfies=R9)
    def draining_ends(self) -> tuple[bool, bool]:
        """The drain is followed by the release of everything."""
        return self.phase == Phase.DRAINING, self.phase == Phase.UNLOADED
