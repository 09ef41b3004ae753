"""The activities of the model: the core says which work is due, and it is told how the work ended."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from .core import WinsockProviderCore
from .herald import run_foreign
from .hooks import Hooks
from .request import Request


@dataclass(frozen=True, slots=True)
class Activity:
    """Work of one kind. Without a `job` there is nothing to be done, and it succeeds at once."""

    due: Callable[[], bool]
    job: Callable[[], object] | None
    succeeded: Callable[[], None]
    failed: Callable[[], None]


class Work:
    """The activities of one provider; one of them runs at a time."""

    __slots__ = ("_activities", "_caller", "_running")

    def __init__(self, core: WinsockProviderCore, hooks: Hooks | None) -> None:
        """`hooks` is what the activities call."""
        initialise = None if hooks is None else hooks.initialise
        release = None if hooks is None else partial(_released, hooks, core)
        self._activities = (
            Activity(core.due_initialise, initialise, core.initialised, core.initialisation_failed),
            Activity(core.due_release, release, core.release, failed=core.release),  # it is over, whatever it raised
        )
        self._running: Activity | None = None
        self._caller: Request | None = None

    @property
    def running(self) -> bool:
        """Whether an activity has begun and not ended."""
        return self._running is not None

    def begin(self) -> Activity | None:
        """The activity that is due, if there is one that does not run yet. Whoever gets it runs it."""
        if self._running is None:
            self._running = next((activity for activity in self._activities if activity.due()), None)
            return self._running
        return None

    def answers(self, request: Request) -> None:
        """The activity that is due was made due by `request`, which waits for the outcome."""
        self._caller = request

    def end(self, failure: BaseException | None) -> Request | None:
        """The activity has ended: the core takes its outcome. The request that waits for it."""
        activity, self._running = self._running, None
        caller, self._caller = self._caller, None
        if activity is not None:
            outcome = activity.succeeded if failure is None else activity.failed
            outcome()
        return caller


def _released(hooks: Hooks, core: WinsockProviderCore) -> None:
    run_foreign(partial(hooks.released, core.epoch), "the hook `released`")
