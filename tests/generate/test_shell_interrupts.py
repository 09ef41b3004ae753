"""Interrupts at every line of the shell, code that runs in the middle of a step, and long campaigns of both.

Every day one interrupt in `EVERY` is tried. `QUIESCE_SHELLS` asks for all of them and for the campaigns, which take
some minutes: threads that call, asynchronous exceptions at random moments, and real signals.
"""

import contextlib
import ctypes
import gc
import importlib
import math
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

from tests.generate.shells import PATIENCE, Caller, Gate, forget, imported

ASKED = bool(os.environ.get("QUIESCE_SHELLS"))
EVERY = 1 if ASKED else 7

# What hits a finalizer, or a generator that is closed, is told to nobody but the interpreter's log.
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")

long = pytest.mark.skipif(not ASKED, reason="it takes a minute; QUIESCE_SHELLS asks for it")


class Interrupt(BaseException):
    """What hits the shell."""


@pytest.fixture(scope="module")
def device(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    yield imported("device", tmp_path_factory.mktemp("device"))
    forget("device")


def counted(device: Any) -> Any:
    """A device that counts how often it is open. Its work is C code, so that an interrupt hits the shell or nothing."""

    class Counted(device.DeviceLifecycle):  # type: ignore[misc]  # the package exists only while tests run
        open: Any = print
        close: Any = print  # these have to be there; those of the object are called

        def __init__(self) -> None:
            self.opened: list[int] = []
            self.wrong: list[str] = []
            self.open = partial(self.opened.append, 1)
            self.close = self.opened.clear
            super().__init__()

    return Counted()


def is_sound(device: Any, counted: Any) -> str:
    """What is wrong with a device that nobody uses any more, as the next one finds it; empty if nothing."""
    caller = Caller(lambda: use(counted, PATIENCE / 2))
    with contextlib.suppress(AssertionError):
        caller.result()
    now = counted.snapshot()
    if caller.waits:
        return f"the next start does not come back: {now}"
    if caller.error is not None:
        return f"the next start fails: {caller.error!r}"
    if now != device.Snapshot(device.Phase.DOWN, 0) or counted.opened or counted.wrong:
        return f"{now}, {counted.opened}, {counted.wrong[:5]}"
    life = counted._life
    return "somebody still listens" if life.listeners or life._teller or life.now()._pending else ""


def use(counted: Any, timeout: float | None = None) -> None:
    with counted.using(timeout=timeout):
        if counted.opened != [1]:
            counted.wrong.append(f"used while {counted.opened}")


def use_often(counted: Any, times: int) -> None:
    for _ in range(times):
        use(counted)


class Injector:
    """Calls something at the `moment`-th event of tracing in the modules of a package; `place` is where that was."""

    def __init__(self, package: Any, moment: int, do: Callable[[], None]) -> None:
        self.place = ""
        self._folder = os.path.dirname(package.__file__) + os.sep
        self._left = moment
        self._do = do

    def __call__(self, frame: FrameType, event: str, _: object) -> "Injector | None":
        if not frame.f_code.co_filename.startswith(self._folder):
            return None
        self._left -= 1
        if self._left == 0:
            self.place = f"{event} {frame.f_code.co_name}:{frame.f_lineno}"
            self._do()
        return self

    @contextlib.contextmanager
    def tracing(self) -> Iterator[None]:
        before = sys.gettrace()
        sys.settrace(self)
        try:
            yield
        finally:
            sys.settrace(before)


def interrupt() -> None:
    raise Interrupt


def test_an_interrupt_at_any_line_leaves_nothing_wrong(device: Any) -> None:
    """In a session, from its beginning to its end: at the next start all is as if nothing had been."""
    moment, wrong, tried = 1, list[str](), 0
    while True:
        camera = counted(device)
        injector = Injector(device, moment, interrupt)
        with contextlib.suppress(Interrupt), injector.tracing():
            use(camera)
        if not injector.place:
            break
        if found := is_sound(device, camera):
            wrong.append(f"{moment}, {injector.place}: {found}")
        moment += EVERY
        tried += 1
    assert wrong == []
    assert tried > 300 / EVERY


def test_an_interrupted_call_was_made_or_was_not(device: Any) -> None:
    """A start or a stop of one of several, interrupted anywhere: one more, or one less, or as before."""
    for call, counts in (("start", {1, 2}), ("stop", {0, 1})):
        moment = 1
        while True:
            camera = counted(device)
            camera.start()
            injector = Injector(device, moment, interrupt)
            with contextlib.suppress(Interrupt), injector.tracing():
                getattr(camera, call)()
            refs = camera.wait_for(lambda now: now.phase in (device.Phase.UP, device.Phase.DOWN)).refs
            assert refs in counts, injector.place
            for _ in range(refs):
                camera.stop()
            assert is_sound(device, camera) == "", injector.place
            if not injector.place:
                break
            moment += EVERY


def test_code_that_runs_in_the_middle_of_a_call_may_call_in(device: Any) -> None:
    """A signal handler, or a finalizer, at any line of another call of the same thread."""
    moment = 1
    while True:
        camera = counted(device)
        camera.start()

        def handler(camera: Any = camera) -> None:
            sys.settrace(None)
            with contextlib.suppress(device.WouldDeadlock):
                camera.start(timeout=PATIENCE)
                camera.stop()

        injector = Injector(device, moment, handler)
        with injector.tracing():
            camera.start()
        with Injector(device, moment, handler).tracing():
            camera.stop()
        assert camera.snapshot().refs == 1, injector.place
        with Injector(device, moment, handler).tracing():
            camera.stop()
        assert is_sound(device, camera) == "", injector.place
        if not injector.place:
            break
        moment += EVERY


def test_a_beginning_that_is_interrupted_behind_its_step_is_ended_at_once(
    device: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Even if somebody holds the session, and the error with all its frames."""
    camera = counted(device)
    with camera.using():
        session = camera.using()
        with monkeypatch.context() as patch:
            patch.setattr(type(camera._life), "_run_all", lambda *_: interrupt())
            with pytest.raises(Interrupt) as held:
                session.__enter__()
        assert camera.snapshot().refs == 1
        assert held.value.__traceback__ is not None
        with pytest.raises(RuntimeError, match="only once"):
            session.__enter__()
    assert is_sound(device, camera) == ""


def test_work_that_is_left_while_somebody_goes_to_sleep_is_seen(device: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """He has looked for such work already, and is not yet among those who are woken."""
    camera, gate = counted(device), Gate()
    camera.start()

    def close() -> None:
        gate()
        camera.opened.clear()

    monkeypatch.setattr(type(camera), "close", property(lambda _: close))
    closing = Caller(camera.stop)
    assert gate.entered.wait(PATIENCE)
    threads = importlib.import_module(type(camera._life).__module__)
    monkeypatch.setattr(threads, "LOOK_AGAIN", 1_000.0)
    refuse = threads.Threads.refuse_deadlock

    def leaving(life: Any, moment: Any, *given: Any) -> None:
        refuse(life, moment, *given)
        moment._pending["close", None].abandoned = True

    monkeypatch.setattr(threads.Threads, "refuse_deadlock", leaving)
    starting = Caller(camera.start)
    assert starting.result() == "first_start"
    monkeypatch.undo()
    gate.opened.set()
    closing.result()
    camera.stop()


@pytest.fixture
def quick_switches() -> Iterator[None]:
    """Let threads take turns often."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-4)
    yield
    sys.setswitchinterval(before)


@long
@pytest.mark.usefixtures("quick_switches")
def test_many_threads_lose_nothing(device: Any) -> None:
    """Eight threads, fifty thousand calls each."""
    camera = counted(device)
    callers = [Caller(lambda: use_often(camera, 25_000)) for _ in range(8)]
    while any(caller.waits for caller in callers):
        time.sleep(0.1)
    assert [caller.error for caller in callers] == [None] * 8
    print("400,000 calls")
    assert is_sound(device, camera) == ""


@long
@pytest.mark.usefixtures("quick_switches")
def test_asynchronous_exceptions_at_random_moments(device: Any) -> None:
    """Ten thousand of them, in four threads that use the device all the time."""
    camera, ended, hits = counted(device), threading.Event(), 0
    ready: dict[int, float] = {}

    def body() -> None:
        while not ended.is_set():
            try:
                ready[threading.get_ident()] = time.monotonic()
                while True:
                    use(camera)
            except Interrupt:
                pass

    def surviving() -> None:
        while not ended.is_set():
            with contextlib.suppress(Interrupt):
                body()

    threads = [threading.Thread(target=surviving, daemon=True) for _ in range(4)]
    for thread in threads:
        thread.start()
    rng = random.Random(2026)  # noqa: S311
    raise_in = ctypes.pythonapi.PyThreadState_SetAsyncExc

    def hit(thread: threading.Thread) -> int:
        """Interrupt a thread that has got over the last time, or in which that was lost in a finalizer."""
        if thread.ident is None or time.monotonic() < ready.get(thread.ident, math.inf):
            return 0
        ready[thread.ident] = time.monotonic() + 1
        return int(raise_in(ctypes.c_ulong(thread.ident), ctypes.py_object(Interrupt)))

    while hits < 10_000:
        time.sleep(rng.random() * 0.001)
        hits += sum(hit(thread) for thread in threads)
    ended.set()
    for thread in threads:
        while thread.is_alive():
            thread.join(0.01)
            hit(thread)
    gc.collect()
    print(f"{hits} exceptions")
    assert is_sound(device, camera) == ""


@pytest.mark.skipif(os.name != "posix", reason="a signal can be sent to a process alone only where there is POSIX")
@pytest.mark.parametrize("manner", ["threads", pytest.param("asyncio", marks=long)])
def test_signals_at_random_moments(manner: str, tmp_path: Path) -> None:
    """Real SIGINTs, and Python's own handling of them: a thousand at night."""
    signals, rng = 1_000 if ASKED else 20, random.Random(2026)  # noqa: S311
    command = [sys.executable, "-m", "tests.generate.sigint", manner, str(signals), str(tmp_path)]
    with subprocess.Popen(command, cwd=Path(__file__).parents[2], stdout=subprocess.PIPE) as child:
        assert child.stdout is not None
        sent = 0
        while child.stdout.read(1) == b".":
            time.sleep(rng.random() * 0.002)
            child.send_signal(signal.SIGINT)
            sent += 1
        assert child.stdout.read() == b""
    assert child.returncode == 0
    assert sent == signals
    print(f"{sent} signals")
