"""The manners in which calls of a shell wait: in threads, or in the tasks of an event loop."""

from quiesce.spec.record import record


@record
class Manner:
    """How calls wait, and who makes them: everything in which the shells differ but for modules of their support."""

    users: str
    support: str
    beside: tuple[str, ...]
    engine: str
    define: str
    wait: str
    block: str
    has_loop: bool
    callers: str
    world: tuple[str, str]
    """The module of the schedules, and its class, in which those who call are searched."""
    not_needed: tuple[str, ...]
    """The modules of the schedules that others need."""


MANNERS = {
    "threads": Manner(
        users="any number of threads",
        support="_threads",
        beside=("_refusal", "_work"),
        engine="Threads",
        define="def",
        wait="",
        block="A `with`",
        has_loop=False,
        callers="threads",
        world=("world", "World"),
        not_needed=("turns", "loop"),
    ),
    "asyncio": Manner(
        users="the tasks of one event loop",
        support="_tasks",
        beside=("_loop", "_refusal", "_work"),
        engine="Tasks",
        define="async def",
        wait="await ",
        block="An `async with`",
        has_loop=True,
        callers="tasks",
        world=("turns", "Turns"),
        not_needed=("world", "threads"),
    ),
}
"""The shells that are made for a spec, by the names that a project calls them."""
