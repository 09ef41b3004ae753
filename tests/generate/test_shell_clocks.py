"""The thread that takes the timeouts of a spec if nobody else does: how long it lives, and what does not end it."""

import threading
import time
from contextlib import suppress
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tests.generate.shells import PATIENCE
from tests.schedules.packages import package


def stands_still_for_callers() -> float:
    """The time, but for the thread of the test: so it takes no timeout itself."""
    return 0.0 if threading.current_thread() is threading.main_thread() else time.monotonic()


def clocks() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name.endswith(" clock")]


def queue_of(drained: Any, *ends: BaseException | None) -> Any:
    """A queue that is closed in one of these ways each time, and says that it is being closed."""

    class Queue(drained.DrainedLifecycle):  # type: ignore[misc]  # the package exists only while tests run
        def __init__(self, **given: Any) -> None:
            super().__init__(**given)
            self.ends = list(ends)
            self.closing = threading.Event()

        def open(self) -> None:
            pass

        def close(self) -> None:
            self.closing.set()
            end = self.ends.pop(0)
            if end is not None:
                raise end

    return Queue


def test_the_thread_ends_when_nothing_is_waited_for_any_more(tmp_path: Path) -> None:
    with package("drained", tmp_path) as drained:
        queue = queue_of(drained, None)(drain_timeout=3600)
        queue.start()
        queue.put()
        with pytest.raises(TimeoutError):
            queue.stop(timeout=0)
        (clock,) = clocks()
        queue.carried_out()
        clock.join(PATIENCE)
        assert not clock.is_alive()
        assert queue.snapshot().phase is drained.Phase.DOWN


@pytest.mark.parametrize("end", [SystemExit("enough"), KeyboardInterrupt(), RuntimeError("no")])
def test_timeouts_come_though_work_in_the_thread_has_raised(
    end: BaseException, tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    with package("drained", tmp_path) as drained:
        monkeypatch.setattr(f"{drained.__name__}._moments.time", SimpleNamespace(monotonic=stands_still_for_callers))
        queue = queue_of(drained, end, None)(drain_timeout=0.01)
        for _ in range(2):
            queue.start()
            queue.put()
            with suppress(TimeoutError):
                queue.stop(timeout=0)
            assert queue.closing.wait(PATIENCE), "nobody has taken the step of the clock"
            queue.closing.clear()
            queue.wait_for(lambda seen: seen.phase is drained.Phase.DOWN, timeout=PATIENCE)
        for clock in clocks():
            clock.join(PATIENCE)
    (record,) = caplog.records
    assert record.getMessage().startswith("what followed the timeout drain_timeout ")
    assert record.exc_info is not None
    assert record.exc_info[1] is end


def test_a_thread_that_an_interrupt_keeps_from_starting_is_started_by_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with package("drained", tmp_path) as drained:
        queue = queue_of(drained, None)(drain_timeout=0.01)
        queue.start()
        queue.put()
        queue.put()
        monkeypatch.setattr(f"{drained.__name__}._moments.time", SimpleNamespace(monotonic=stands_still_for_callers))
        with monkeypatch.context() as patch:
            patch.setattr(threading.Thread, "start", interrupted)
            with pytest.raises(KeyboardInterrupt):
                queue.stop()
        assert queue.snapshot().phase is drained.Phase.DRAINING
        queue.carried_out()
        assert queue.closing.wait(PATIENCE), "nobody has taken the step of the clock"


def interrupted(_: object) -> None:
    raise KeyboardInterrupt


def test_a_call_is_made_though_there_can_be_no_more_threads(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    with package("drained", tmp_path) as drained:
        queue = queue_of(drained, None)(drain_timeout=3600)
        queue.start()
        queue.put()
        with monkeypatch.context() as patch:
            patch.setattr(threading.Thread, "start", refused)
            with pytest.raises(TimeoutError):
                queue.stop(timeout=0)
        assert {each.getMessage() for each in caplog.records} == {"the timeout drain_timeout has no thread of its own"}
        queue.carried_out()
        assert queue.wait_for(lambda seen: seen.phase is drained.Phase.DOWN, timeout=PATIENCE)


def refused(_: object) -> None:
    raise RuntimeError("can't start new thread")


def test_the_thread_of_a_lifecycle_that_is_dropped_ends(tmp_path: Path) -> None:
    with package("drained", tmp_path) as drained:
        queue = queue_of(drained, None)(drain_timeout=3600)
        queue.start()
        queue.put()
        with pytest.raises(TimeoutError):
            queue.stop(timeout=0)
        (clock,) = clocks()
        with pytest.warns(ResourceWarning, match="Queue was left before its end"):
            del queue
        clock.join(PATIENCE)
        assert not clock.is_alive()
