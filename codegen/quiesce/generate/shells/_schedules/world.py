"""A world of threads: real ones, of which one runs at a time, and whenever another could go on, the search decides.

The code under test gets its locks, its clock and its threads from a `World`. Whenever it uses one of them, and wherever
else it asks (`point`), the search decides: this thread goes on, or another; it is interrupted; time passes.
"""

import gc
import math
import sys
import threading
from collections.abc import Callable, Coroutine, Iterator, Sequence
from types import FrameType, FunctionType, MappingProxyType, ModuleType, SimpleNamespace
from typing import Any, NoReturn

from .search import ANYBODY, FOR_EVER, Bounds, Cut, Other, Search
from .states import Apart, Drawing, Ident, drawn_frame
from .threads import Thread, Worker, always, never

_NOT_SHARED = (type, FunctionType, ModuleType, FrameType, Apart, str, int, float)


class World(Search):
    """Threads that call the shell, one of which runs at a time."""

    preempts = True
    preemptions = None
    interrupts = MappingProxyType({"KeyboardInterrupt": Bounds(interrupts=1)})

    def __init__(self, bounds: Bounds, constants: dict[int, object] | None = None) -> None:
        self._idle: list[Worker] = []
        self._main = threading.Lock()
        self._main.acquire()
        super().__init__(bounds, constants)

    def _begin(self, other: Other) -> None:
        super()._begin(other)
        self.threads: list[Thread] = []
        self.current: Thread | None = None
        self._known: dict[int, object] = {}

    def _run(self) -> None:
        try:
            self._roots = self._program.start()
        except Cut:
            return
        self._hand_over(self._next())
        self._main.acquire()
        self.over = True
        for thread in self.threads:
            self.current = thread
            if not thread.ended:
                self._hand_over(thread)
                self._main.acquire()
            if not thread.lost:
                self._idle.append(thread.worker)

    def spawn(self, name: str, body: Callable[[], object], *, own: bool = False) -> None:
        """A further thread of this run."""
        if self.over:
            return
        worker = self._idle.pop() if self._idle else Worker()
        thread = Thread(name, Ident(len(self.threads) + 1), worker)

        def job() -> None:
            try:
                if not self.over:
                    body()
                    self._program.look()
            except Cut:
                pass
            except BaseException as error:
                self.wrong = self.wrong or f"{name} ended with {error!r}"
            thread.ended, thread.frame = True, None
            self._hand_over(None if self.over or self.wrong else self._next())

        worker.job = job
        thread.own = own
        self.threads.append(thread)

    @property
    def who(self) -> str:
        """The name of the thread that runs."""
        return self.current.name if self.current else "-"

    def sleeps_beyond(self, ident: int, moment: float, /) -> bool:
        """Whether a thread sleeps for longer."""
        return any(thread.ident == ident and not thread.ready() and thread.deadline > moment for thread in self.threads)

    def left(self, shell: Any) -> Sequence[str]:
        """Those who still count as asleep, if nobody was interrupted. Threads of the shell's own may outlive a call."""
        if self.was_interrupted:
            return ()
        return [f"{each} in the list of those who sleep" for each in shell._life.listeners]

    # --- decisions --------------------------------------------------------------------------------------------------

    async def choose(self, options: Sequence[str], at: str = "", /) -> str:
        """A decision that the running thread takes for itself; others may go on before, if it is `at` some place."""
        if at:
            self.switch(at)
        me = self.current
        if self.over:
            raise Cut
        if me is None:
            return options[0]
        me.at, me.frame, me.handled = "choice", sys._getframe(1), sys.exception()
        try:
            return self._decide(options)
        except Cut:
            self._stop()

    def point(self, line: int, /, *objects: object) -> None:
        """A place in the code under test that uses these objects: a switch, if another thread can know one of them."""
        if not self.looks and (not objects or any(map(self.is_known, objects))):
            self.switch(line)

    def switch(self, at: str | int, ready: Callable[[], bool] = always, deadline: float = math.inf) -> None:
        """A place where another thread can go on. Returns when this one can, or the deadline is there, and it does."""
        me = self.current
        if me is None:
            if not ready():
                raise RuntimeError(f"nobody can go on from {at}")
            return
        if self.over:
            self._unwind(me)
            return
        self._program.look()
        self._switches += 1
        if self._switches > FOR_EVER:
            self.fail("the threads go on for ever, and nothing comes of it")
        me.at, me.ready, me.deadline = at, ready, deadline
        me.frame, me.handled = sys._getframe(1), sys.exception()
        chosen = self._next()
        if chosen is not me:
            self._hand_over(chosen)
            me.worker.gate.acquire()
        if self.over:
            raise Cut
        me.ready, me.deadline = always, math.inf
        if me.interrupted:
            me.interrupted = False
            self.note("is interrupted")
            self._program.interrupted(KeyboardInterrupt)
            raise KeyboardInterrupt

    def _unwind(self, me: Thread) -> None:
        """Have a thread come to its end, in a run that is over. What it tries again after an exception, it may do."""
        me.cuts += 1
        if me.cuts > 999:
            me.ended, self.wrong = True, self.wrong or f"{me.name} would go on for ever"
            self._idle.remove(me.worker)
            self._hand_over(None)
            me.worker.gate.acquire()
        if me.cuts % 2:
            raise Cut

    def _stop(self) -> NoReturn:
        """End the run; the thread that runs is ended with it."""
        me = self.current
        if me and not me.ended and not self.over:
            self._hand_over(None)
            me.worker.gate.acquire()
        raise Cut

    def _hand_over(self, thread: Thread | None) -> None:
        (thread.worker.gate if thread else self._main).release()

    def _next(self) -> Thread | None:
        """Who goes on; None if the run is over."""
        try:
            return self._chosen()
        except Cut:
            return None

    def _chosen(self) -> Thread | None:
        me = self.current
        living = [thread for thread in self.threads if not thread.ended]
        able = [thread for thread in living if thread.ready() or thread.deadline <= self.now]
        sleeping = [thread for thread in living if thread not in able and thread.deadline < math.inf]
        first = [thread for thread in able if thread is me]
        others = [] if first and self._preempted == self.bounds.preemptions else able
        options = {f"{thread.name} goes on": thread for thread in first + others}
        passes = self._early > 0 if able else self._program.at_rest()
        if sleeping and passes:
            options["time passes"] = min(sleeping, key=lambda thread: thread.deadline)
        if self._interrupts:
            caught = [thread for thread in living if thread.frame and not thread.own]
            options |= {f"{thread.name} is interrupted": thread for thread in caught}
        if not options:
            return None
        preempting = {f"{thread.name} goes on": thread for thread in others if first and thread is not me}
        answer = self._decide(tuple(options), preempting=preempting)
        chosen = options[answer]
        if answer == "time passes":
            self._early -= bool(able)
            self.now = chosen.deadline
        elif answer.endswith("interrupted"):
            self._interrupts -= 1
            chosen.interrupted = True
        self.current = chosen
        return chosen

    # --- states -----------------------------------------------------------------------------------------------------

    def turn(self) -> None:
        """A turn of a loop in the code under test, of which there must not be too many."""
        self._switches += 1
        if self._switches > FOR_EVER and self.current:
            if self.over:
                self._unwind(self.current)
            self.fail("a thread goes on for ever, and nothing comes of it")

    def is_known(self, value: object) -> bool:
        """Whether another thread can know an object: it is reached from what they share, or from where one stands.

        Once it is shared, it counts as such to the end. What a run has found out before it took another way, the next
        finds so, too.
        """
        place = len(self._noticed)
        if place < len(self._noticed_before):
            known = bool(self._noticed_before[place])
        else:
            known = id(value) in self._known or self._is_reached(value)
        self._noticed.append(known)
        return known

    def _is_reached(self, value: object) -> bool:
        found: dict[int, object] = {}
        self._reach([self._roots], found)
        self._known |= found
        if id(value) not in found:
            others = [thread for thread in self.threads if thread is not self.current and not thread.ended]
            self._reach([frame.f_locals for thread in others for frame in _frames(thread.frame)], found)
            self._reach([thread.handled for thread in others], found)
        return id(value) in found

    def _reach(self, pending: list[object], found: dict[int, object]) -> None:
        while pending:
            for each in gc.get_referents(pending.pop()):
                if id(each) not in found and id(each) not in self.constants and not isinstance(each, _NOT_SHARED):
                    found[id(each)] = each
                    pending.append(each)

    def _state(self) -> tuple[bytes, int]:
        me = self.current
        frames = {thread: tuple(_frames(thread.frame)) for thread in self.threads}
        places = {thread: [(each.f_code.co_name, each.f_lasti) for each in frames[thread]] for thread in self.threads}
        order = sorted(self.threads, key=lambda thread: (thread.ended, str(thread.at), places[thread]))
        self._places = {thread: place for place, thread in enumerate(order)}
        drawing = Drawing({thread.ident: place for place, thread in enumerate(order)} | {0: -1}, self.constants)
        chooses = me is not None and me.at == "choice"
        goes_on = me is not None and not chooses and not me.ended and (me.ready() or me.deadline <= self.now)
        running = self._places[me] if me else -1
        drawing.row += (self.now, self._interrupts, self._early, running if chooses else -1)
        for each in order:
            drawing.row += (each.ended, each.at, each.deadline, len(frames[each]))
            drawing.of(each.handled)
            for frame in frames[each]:
                drawn_frame(frame, drawing)
        drawing.of(self._roots)
        return drawing.digest(), running if goes_on else ANYBODY

    # --- coroutines, which never wait in a thread -------------------------------------------------------------------

    def enter(self, name: str, body: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """A thread that makes calls."""
        self.spawn(name, lambda: _result(body()))

    def first(self, body: Coroutine[Any, Any, None]) -> None:
        """Run something to its end, before there are threads."""
        _result(body)

    def work(self, body: Callable[..., Coroutine[Any, Any, object]]) -> Callable[..., object]:
        """A plain method that does work."""
        return lambda *given: _result(body(*given))

    async def result(self, answer: Any) -> object:
        """The answer itself."""
        return answer

    async def enter_block(self, block: Any) -> object:
        """Begin a session; what it gives."""
        return block.__enter__()

    async def leave_block(self, block: Any, error: BaseException | None) -> object:
        """End a session, which an error may have cut off."""
        return block.__exit__(type(error) if error else None, error, None)

    # --- what the code under test gets ------------------------------------------------------------------------------

    def modules(self) -> dict[str, object]:
        """The stand-ins for modules of the standard library: all that has to do with threads and time."""
        return {
            "threading": SimpleNamespace(
                Lock=lambda: Lock(self),
                Thread=self._thread,
                get_ident=self.get_ident,
                TIMEOUT_MAX=threading.TIMEOUT_MAX,
            ),
            "time": SimpleNamespace(monotonic=lambda: self.now, sleep=self._sleep),
        }

    def get_ident(self) -> int:
        """The number of the thread that runs."""
        return self.current.ident if self.current else Ident(0)

    def _sleep(self, seconds: float) -> None:
        self.switch("clock", never, self.now + seconds)

    def _thread(
        self, target: Callable[..., object], args: tuple[object, ...], name: str, daemon: bool
    ) -> SimpleNamespace:
        return SimpleNamespace(
            name=name, daemon=daemon, start=lambda: self.spawn(name, lambda: target(*args), own=True)
        )


def _result(coroutine: Coroutine[Any, Any, object]) -> object:
    """The result of a coroutine that never waits."""
    try:
        coroutine.send(None)
    except StopIteration as stop:
        return stop.value
    raise AssertionError("it waits")


def _frames(frame: FrameType | None) -> Iterator[FrameType]:
    """The frames of a thread, but for those of the search itself."""
    while frame is not None:
        if frame.f_globals.get("__name__") not in (__name__, Worker.__module__, "threading"):
            yield frame
        frame = frame.f_back


class Lock:
    """A lock of a world, with the methods of `threading.Lock`."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._taken = False

    def acquire(self, blocking: bool = True, timeout: float = -1) -> bool:
        """Take the lock; with a timeout, give up when it is over."""
        if self._taken or self._world.is_known(self):
            deadline = self._world.now + timeout if timeout >= 0 else math.inf
            self._world.switch("acquire", (lambda: not self._taken) if blocking else always, deadline)
        free, self._taken = not self._taken, True
        return free

    def release(self) -> None:
        """Give the lock back."""
        self._world.switch("release")
        if not self._taken:
            raise RuntimeError("release unlocked lock")
        self._taken = False

    def locked(self) -> bool:
        """Whether it is taken."""
        return self._taken

    def __enter__(self) -> bool:
        return self.acquire()

    def __exit__(self, *_: object) -> None:
        self.release()
