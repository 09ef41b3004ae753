"""The shell for threads: members as people hold them, work for each of them, answers of work, and timeouts."""

import contextlib
import gc
import logging
import os
import warnings
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.generate.shells import PATIENCE, Caller, Gate, forget, imported, until_somebody_waits

pytestmark = pytest.mark.filterwarnings("ignore:.* was left before its end:ResourceWarning")


@pytest.fixture(autouse=True)
def nothing_is_left() -> Iterator[None]:
    """Drop what a test has left before the next one."""
    yield
    with warnings.catch_warnings(action="ignore"):
        gc.collect()


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    yield imported("hub", tmp_path_factory.mktemp("hub"))
    forget("hub")


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    yield imported("ordinary", tmp_path_factory.mktemp("ordinary"))
    forget("ordinary")


@pytest.fixture
def wired(hub: Any) -> Iterator[Any]:
    made = [wired_class(hub)()]
    yield made[0]
    with warnings.catch_warnings(action="ignore"):
        made.clear()
        gc.collect()


def wired_class(hub: Any) -> Any:
    """A hub whose links answer what they are told to."""

    class Wired(hub.HubLifecycle):  # type: ignore[misc]  # the package exists only while tests run
        def __init__(self, **given: Any) -> None:
            super().__init__(**given)
            self.answer: Callable[[Any], Any] = lambda link: 1  # noqa: ARG005 -- as any link
            self.last: Callable[[Any], Any] = lambda link: None  # noqa: ARG005 -- as any link
            self.dropped: list[Any] = []

        def connect(self, link: Any) -> int:
            return self.answer(link)  # type: ignore[no-any-return]  # or something else

        def disconnect(self, link: Any) -> None:
            self.dropped.append(link)
            self.last(link)

    return Wired


# --- members ----------------------------------------------------------------------------------------------------


def test_work_for_a_member_is_given_the_member(hub: Any, wired: Any) -> None:
    wired.answer = lambda link: 3 if link.wire is hub.Wire.DIALLING else 0
    link = wired.dial()
    assert (link.wire, link.speed) == (hub.Wire.UP, 3)
    assert repr(wired.snapshot().links) == f"{{{link!r}: Link.Snapshot(wire={hub.Wire.UP!r}, speed=3)}}"
    wired.drop(link)
    assert wired.dropped == [link]
    assert wired.snapshot() == hub.Snapshot(hub.Phase.OPEN, 0, 0, {})


def test_a_member_shows_its_values_and_nobody_changes_them(wired: Any) -> None:
    link = wired.dial()
    for name in ("speed", "wire", "anything"):
        with pytest.raises(AttributeError):
            setattr(link, name, 7)
    (then,) = wired.snapshot().links.values()
    with pytest.raises(AttributeError):
        then.speed = 7
    assert link.speed == 1


def test_two_snapshots_of_one_state_are_equal(hub: Any, wired: Any) -> None:
    empty = wired.snapshot()
    link, other = wired.dial(), wired.dial()
    before = wired.snapshot()
    assert before == wired.snapshot() != empty
    assert len({before, wired.snapshot(), empty}) == 2
    assert before.links == {other: hub.Link.Snapshot(hub.Wire.UP, 1), link: hub.Link.Snapshot(hub.Wire.UP, 1)}
    assert hub.Link.Snapshot() == hub.Link.Snapshot(hub.Wire.NEW, 0) != before.links[link]
    wired.answer = lambda _: 2
    wired.drop(other)
    third = wired.dial()
    after = wired.snapshot()
    assert (before == after, before.links[link] == after.links[link]) == (False, True)
    wired.drop(third)
    wired.answer = lambda _: 1
    wired.dial()
    assert wired.snapshot() != before, "another member is another one, whatever its values are"
    assert list(before.links) == [link, other]
    assert other in before.links


def test_a_member_of_another_lifecycle_is_refused(hub: Any, wired: Any) -> None:
    link, other = wired.dial(), wired_class(hub)()
    with pytest.raises(hub.WrongMember, match="belongs to another lifecycle"):
        other.drop(link)
    with pytest.raises(TypeError, match="a Link is needed, not None"):
        wired.drop(None)
    assert wired.snapshot().used == 1
    assert other.snapshot().links == {}


def test_a_member_that_was_given_back_is_refused_as_the_spec_says(hub: Any, wired: Any) -> None:
    link = wired.dial()
    wired.drop(link)
    with pytest.raises(hub.NotUp):
        wired.drop(link)
    assert link.wire is hub.Wire.NEW
    again = wired.dial()
    assert again is not link
    with pytest.raises(hub.NotUp):
        wired.drop(link)


def test_a_member_that_was_given_back_does_not_come_back(tmp_path: Any) -> None:
    """The spec has nothing against it, as it knows no handles: a shell has."""
    pool = imported("pool", tmp_path)
    lifecycle = pool.PoolLifecycle()
    lifecycle.pool_attach()
    connection = lifecycle.pool_borrow(1)
    lifecycle.give_back(connection, 0)
    with pytest.raises(pool.NotLent):
        lifecycle.pool_touch(connection, pool.Full.WAIT)
    with pytest.raises(pool.NotEnabled):
        lifecycle.give_back(connection, 0)
    forget("pool")


def test_members_that_no_call_makes_are_made_by_people_and_used_again(office: Any) -> None:
    lifecycle = office.OfficeLifecycle()
    worker, given = office.Worker(lifecycle), office.Arg(lifecycle)
    lifecycle.work(worker, given, office.Load.MUCH)
    assert (worker.load, given.used, worker.done) == (office.Load.MUCH, True, 1)
    with pytest.raises(office.Busy):
        lifecycle.work(worker, given, office.Load.MUCH)
    lifecycle.rest(worker)
    assert (worker.load, given.used) == (office.Load.NONE, False)
    assert lifecycle.snapshot().arg == {}
    lifecycle.work(worker, given, office.Load.SOME)
    assert worker.load is office.Load.SOME
    lifecycle.tock(worker)
    with pytest.raises(office.NotEnabled):
        lifecycle.tock(office.Worker(lifecycle))
    lifecycle.tick()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there are no forks here")
@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
def test_a_member_of_the_time_before_a_fork_is_refused(hub: Any, wired: Any) -> None:
    link = wired.dial()
    child = os.fork()
    if child == 0:
        try:
            wired.drop(link)
        except hub.WrongMember:
            os._exit(0)
        finally:
            os._exit(1)
    assert os.waitpid(child, 0)[1] == 0
    wired.drop(link)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there are no forks here")
@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
def test_a_child_makes_members_of_its_own(wired: Any) -> None:
    wired.drop(wired.dial())
    child = os.fork()
    if child == 0:
        try:
            wired.drop(wired.dial())
            os._exit(0)
        finally:
            os._exit(1)
    assert os.waitpid(child, 0)[1] == 0


def test_links_are_dialled_side_by_side(wired: Any) -> None:
    first, second = Gate(), Gate()
    gates = iter((first, second))
    wired.answer = lambda link: next(gates)() or int(link.speed == 0)
    callers = [Caller(wired.dial) for _ in range(2)]
    assert first.entered.wait(PATIENCE)
    assert second.entered.wait(PATIENCE)
    first.opened.set()
    second.opened.set()
    links = {caller.result() for caller in callers}
    assert len(links) == wired.snapshot().used == 2


# --- answers ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answer", "error", "message"),
    [
        ("fast", TypeError, "connect returned str, not int"),
        (True, TypeError, "connect returned bool, not int"),
        (None, TypeError, "connect returned NoneType, not int"),
        ((1, 2), TypeError, "connect returned tuple, not int"),
        (0, ValueError, "connect returned 0, which no outcome provides for"),
        (-1, ValueError, "connect returned -1, which no outcome provides for"),
    ],
)
def test_an_answer_that_fits_no_outcome_is_a_failure(
    hub: Any, wired: Any, answer: object, error: type[Exception], message: str
) -> None:
    wired.answer = lambda link: answer  # noqa: ARG005 -- as any link
    with pytest.raises(error, match=message):
        wired.dial()
    with pytest.raises(error, match=message), wired.linked():
        raise AssertionError
    assert wired.snapshot() == hub.Snapshot(hub.Phase.OPEN, 0, 0, {})
    assert wired.dropped == []


def test_a_session_gives_the_member_that_its_begin_has_made(hub: Any, wired: Any) -> None:
    with wired.linked() as link, wired.linked() as other:
        assert [*wired.snapshot().links] == [link, other]
    assert wired.dropped == [other, link]
    assert wired.snapshot() == hub.Snapshot(hub.Phase.OPEN, 0, 0, {})


# --- until ------------------------------------------------------------------------------------------------------


def test_a_call_is_answered_when_its_own_member_is_done(wired: Any) -> None:
    """Another link is dropped while the first still is; only its own end answers a call."""
    one, two, gate = wired.dial(), wired.dial(), Gate()
    wired.last = lambda link: gate() if link is one else None
    slow = Caller(lambda: wired.drop(one))
    assert gate.entered.wait(PATIENCE)
    wired.drop(two)
    assert slow.waits
    assert [name for name, _ in wired._life.now()._pending] == ["disconnect", "drop"]
    gate.opened.set()
    slow.result()


def test_a_call_that_was_accepted_and_is_not_answered_in_time_stays_accepted(hub: Any, wired: Any) -> None:
    with wired.linked():
        with pytest.raises(TimeoutError):
            wired.drain(timeout=0.001)
        assert wired.snapshot().phase is hub.Phase.DRAINING
    wired.drained()
    assert wired.snapshot().phase is hub.Phase.OPEN


def test_work_that_would_wait_for_itself_is_refused_before_the_step(hub: Any, wired: Any) -> None:
    link = wired.dial()
    errors: list[type[BaseException]] = []

    def last(link: Any) -> None:
        try:
            wired.drop(link)
        except hub.HubError as error:
            errors.append(type(error))

    wired.last = last
    wired.drop(link)
    assert errors == [hub.NotUp]


# --- timeouts ---------------------------------------------------------------------------------------------------


def test_a_caller_who_waits_takes_the_step_of_the_clock(hub: Any) -> None:
    wired = wired_class(hub)(drain_timeout=0)
    link = wired.dial()
    wired.drain()
    assert wired.snapshot().lost == 1
    wired.drop(link)


def test_a_timeout_comes_even_if_nobody_waits(hub: Any) -> None:
    wired = wired_class(hub)(drain_timeout=0.01)
    wired.dial()
    with contextlib.suppress(TimeoutError):
        wired.drain(timeout=0)
    steps = wired.wait_for(lambda now: now.lost == 1, timeout=PATIENCE)
    assert steps.phase is hub.Phase.OPEN


def test_a_timeout_that_nobody_sets_never_comes(hub: Any, wired: Any) -> None:
    wired.dial()
    waiting = Caller(wired.drain)
    until_somebody_waits(wired)
    assert wired._life.clocks == {}
    wired.drop(*wired.snapshot().links)
    assert waiting.waits
    wired.drained()
    waiting.result()
    assert wired.snapshot() == hub.Snapshot(hub.Phase.OPEN, 0, 0, {})


@pytest.mark.parametrize("wrong", [-1, float("nan"), "1", True])
def test_a_timeout_of_the_spec_is_a_number_of_seconds(hub: Any, wrong: Any) -> None:
    with pytest.raises((TypeError, ValueError), match="drain_timeout must be a number of seconds"):
        wired_class(hub)(drain_timeout=wrong)


# --- observers --------------------------------------------------------------------------------------------------


def test_an_observer_is_told_which_members_have_changed(hub: Any) -> None:
    steps: list[Any] = []
    wired = wired_class(hub)(observe=steps.append)
    with wired.linked() as link:
        pass
    wire, seen = hub.Wire, [(each.action, each.arguments, each.changed) for each in steps]
    values = [None if (new := changed["links"][link]) is None else (new.wire, new.speed) for *_, changed in seen]
    assert [action for action, *_ in seen] == ["dial", "connected", "drop_link", "dropped"]
    assert [arguments for _, arguments, _ in seen] == [(link,), (link, 1), (link,), (link,)]
    assert values == [(wire.DIALLING, 0), (wire.UP, 1), (wire.DROPPING, 1), None]
    assert [changed.get("used") for *_, changed in seen] == [None, 1, None, 0]


def test_work_that_was_left_is_done_by_the_next_and_its_error_is_logged(
    wired: Any, caplog: pytest.LogCaptureFixture
) -> None:
    """It was due when its caller was interrupted, so that it had not begun."""
    link = wired.dial()

    def fail(link: Any) -> None:
        raise OSError(link)

    wired.last = fail
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(type(wired._life), "_run", interrupted)
        with pytest.raises(KeyboardInterrupt):
            wired.drop(link)
    assert wired.dropped == []
    with caplog.at_level(logging.ERROR):
        other = wired.dial()
    assert wired.dropped == [link]
    assert [record.getMessage() for record in caplog.records] == ["disconnect has failed"]
    wired.last = lambda link: None  # noqa: ARG005 -- as any link
    wired.drop(other)
    assert wired.snapshot().links == {}


def interrupted(*_: object) -> None:
    raise KeyboardInterrupt
