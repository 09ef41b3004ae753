"""Bad input to the shell for asyncio, line by line: a clear error, nothing changed, and nothing left behind.

`tests/generate/test_bad_input.py` has the same lines for threads, and no others than these but for those of loops.
"""

import asyncio
import gc
import pickle
import re
import signal
import subprocess
import sys
import threading
import warnings
from collections.abc import Callable, Coroutine, Iterator
from functools import partial
from pathlib import Path
from types import FunctionType
from typing import Any

import pytest

from tests.generate import bad_input, test_bad_input
from tests.generate.bad_input import COPIERS, NO_ANSWERS, NO_COPY, NO_SPEEDS, NO_TIMES
from tests.tasks.loops import run, turns

PATIENCE = 20.0
"""Seconds after which somebody who has to come counts as hanging."""

Main = Callable[[], Coroutine[Any, Any, None]]


async def nothing(*_: object) -> None:
    """Work that is done at once."""


async def one(*_: object) -> int:
    return 1


@pytest.fixture
def heard() -> Iterator[None]:
    """Ctrl-C is an interrupt, also where whoever has started the tests wants it to be ignored."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.fixture
def camera(device: Any) -> Iterator[Any]:
    """A device whose work does what it is told; behind a test it is as at the start, and works."""

    class Camera(device.DeviceLifecycle):  # type: ignore[misc]  # the package exists only while tests run
        opens: Callable[[], Any] = staticmethod(nothing)
        closes: Callable[[], Any] = staticmethod(nothing)

        async def open(self) -> Any:
            return await self.opens()

        async def close(self) -> Any:
            return await self.closes()

    made = [Camera()]
    yield made[0]
    look_after(made, device.Snapshot(device.Phase.DOWN, 0), lambda each: each.using())


@pytest.fixture
def wired(hub: Any) -> Iterator[Any]:
    """A hub whose work does what it is told; behind a test it is as at the start, and works."""

    class Wired(hub.HubLifecycle):  # type: ignore[misc]  # the package exists only while tests run
        connects: Callable[[Any], Any] = staticmethod(one)
        disconnects: Callable[[Any], Any] = staticmethod(nothing)

        async def connect(self, link: Any) -> Any:
            return await self.connects(link)

        async def disconnect(self, link: Any) -> Any:
            return await self.disconnects(link)

    made = [Wired()]
    yield made[0]
    look_after(made, hub.Snapshot(hub.Phase.OPEN, 0, 0, {}), lambda each: each.linked())


def look_after(made: list[Any], start: object, session: Callable[[Any], Any]) -> None:
    """See that a lifecycle, which nobody else holds, is as at the start and works, and drop it in silence.

    `run`, by which each test is run, sees that no task is left.
    """
    (life,) = made
    for name in ("opens", "closes", "connects", "disconnects"):
        vars(life).pop(name, None)
    assert life.snapshot() == start
    assert (dict(life._life.now()._pending), life._life._sleepers, life._life.clocks) == ({}, {}, {})
    assert life._life._followers == {}

    run(partial(used, session(life)))
    assert life.snapshot() == start
    with warnings.catch_warnings(record=True) as heard:
        warnings.simplefilter("always")
        made.clear()
        del life
        gc.collect()
    assert [str(each.message) for each in heard if "was left" in str(each.message)] == []


async def used(session: Any) -> None:
    async with session:
        pass


def answers(answer: object) -> Callable[..., Any]:
    async def work(*_: object) -> object:
        return answer

    return work


def raises(error: BaseException) -> Callable[..., Any]:
    async def work(*_: object) -> None:
        raise error

    return work


def test_each_line_has_a_test_for_each_shell() -> None:
    def lines(module: dict[str, Any]) -> set[str]:
        return {name for name, each in module.items() if name.startswith("test_") and isinstance(each, FunctionType)}

    of_loops = {
        "test_work_that_is_cancelled",
        "test_a_call_from_another_loop_or_thread",
        "test_each_line_has_a_test_for_each_shell",
    }
    assert lines(globals()) - of_loops == lines(vars(test_bad_input))


# --- work -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("answer", NO_ANSWERS, ids=repr)
def test_work_that_answers_what_it_should_not(camera: Any, answer: Any) -> None:
    async def main() -> None:
        told = f" returned {type(answer).__name__}, not None"
        camera.opens = answers(answer)
        with pytest.raises(TypeError, match="open" + told):
            await camera.start()
        del camera.opens
        camera.closes = answers(answer)
        with pytest.raises(TypeError, match="close" + told):
            async with camera.using():
                assert camera.snapshot().refs == 1

    run(main)


@pytest.mark.parametrize("answer", NO_SPEEDS, ids=lambda each: repr(each)[:9] if each != -bad_input.HUGE else "huge")
def test_work_for_a_member_that_answers_what_it_should_not(wired: Any, answer: Any) -> None:
    async def main() -> None:
        wired.connects = answers(answer)
        with pytest.raises((TypeError, ValueError), match="connect returned "):
            await wired.dial()

    run(main)


def test_work_that_raises_what_nobody_expects(device: Any, camera: Any) -> None:
    """What leaves a loop in the middle, as KeyboardInterrupt does from a task, is tried with `test_interrupts`."""

    async def main() -> None:
        leave = (KeyboardInterrupt, SystemExit)
        for error in (*bad_input.errors(device), asyncio.CancelledError()):
            if not isinstance(error, leave):
                camera.opens = raises(error)
                with pytest.raises(type(error)) as raised:
                    await camera.start()
                assert raised.value is error or isinstance(error, asyncio.CancelledError)
                assert camera.snapshot().phase is device.Phase.DOWN
                del camera.opens
                await camera.start()
                camera.closes = raises(error)
                with pytest.raises(type(error)):
                    await camera.stop()
                assert camera.snapshot().phase is device.Phase.DOWN

    run(main)
    for interrupt in (KeyboardInterrupt(), SystemExit(3)):
        camera.opens = raises(interrupt)
        with pytest.raises(type(interrupt)):
            asyncio.run(camera.start())
        assert camera.snapshot().phase is device.Phase.DOWN


def test_work_that_looks_for_the_first_of_nothing(device: Any, camera: Any, wired: Any) -> None:
    """The StopIteration of `next` is no end of anything of ours; Python makes it a RuntimeError in a coroutine."""

    async def first(*_: object) -> object:
        return next(iter(()))

    def not_even_awaited(*_: object) -> Any:
        return next(iter(()))

    async def main() -> None:
        camera.opens = wired.connects = first
        for call in (camera.start, wired.dial):
            with pytest.raises(RuntimeError, match="raised StopIteration"):
                await call()
        camera.open = not_even_awaited
        with pytest.raises(RuntimeError, match="open raised StopIteration"):
            await camera.start()
        assert camera.snapshot().phase is device.Phase.DOWN
        del camera.open

    run(main)


def test_work_that_calls_back_in(device: Any, camera: Any) -> None:
    async def main() -> None:
        told = re.escape("start would wait for open, which waits for it")
        in_a_task = lambda: asyncio.create_task(camera.start())  # noqa: E731
        late = partial(camera.start, timeout=PATIENCE)
        for call in (camera.start, late, lambda: camera.using().__aenter__(), in_a_task):
            camera.opens = call
            with pytest.raises(device.WouldDeadlock, match=told) as refused:
                await camera.start()
            assert refused.value.__suppress_context__, "nobody is told how the core says that it waits"
        camera.opens = camera.stop
        with pytest.raises(device.NotStarted):
            await camera.start()
        del camera.opens
        for call, error in ((camera.start, device.WouldDeadlock), (camera.stop, device.NotStarted)):
            camera.closes = call
            await camera.start()
            with pytest.raises(error):
                await camera.stop()

    run(main)


def test_work_for_a_member_that_calls_for_that_member(hub: Any, wired: Any) -> None:
    async def main() -> None:
        wired.connects = wired.drop
        with pytest.raises(hub.NotUp):
            await wired.dial()
        del wired.connects
        link = await wired.dial()
        wired.disconnects = wired.drop
        with pytest.raises(hub.NotUp):
            await wired.drop(link)

    run(main)


def test_work_that_is_cancelled(device: Any, camera: Any) -> None:
    """At each await it is tried in `test_cancellation`; here by those of asyncio that people use."""

    async def main() -> None:
        camera.opens = asyncio.Event().wait
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(1):
                await camera.start()
        assert camera.snapshot().phase is device.Phase.DOWN
        with pytest.raises(ExceptionGroup):  # noqa: PT012 -- a group is a block
            async with asyncio.TaskGroup() as group:
                group.create_task(camera.start())
                await turns(2)
                raise OSError
        assert camera.snapshot().phase is device.Phase.DOWN
        del camera.opens
        ended = asyncio.Event()

        async def ends_later() -> None:
            await ended.wait()

        camera.closes = ends_later
        stopping = asyncio.create_task(camera.using().__aenter__())
        await stopping
        stopping = asyncio.create_task(camera.stop())
        await turns(2)
        stopping.cancel()
        await turns(2)
        assert not stopping.done(), "what has to end is waited for"
        ended.set()
        with pytest.raises(asyncio.CancelledError):
            await stopping

    run(main)


# --- work that never ends ---------------------------------------------------------------------------------------


def test_work_that_never_ends_and_others_who_call(device: Any, camera: Any) -> None:
    async def main() -> None:
        ended = asyncio.Event()

        async def ends_later() -> None:
            await ended.wait()

        camera.opens = ends_later
        first = asyncio.create_task(camera.start())
        await turns(2)
        before = camera.snapshot()
        with pytest.raises(TimeoutError, match="start had to wait for too long") as late:
            await camera.start(timeout=1)
        assert late.value.__suppress_context__
        with pytest.raises(device.NotStarted):
            await camera.stop()
        assert camera.snapshot() == before
        assert camera._life._sleepers == {}
        ended.set()
        assert await first == "first_start"
        await camera.stop()

    run(main)


@pytest.mark.usefixtures("heard")
def test_work_that_never_ends_and_an_interrupt(device: Any, camera: Any) -> None:
    """Ctrl-C, as `asyncio.run` has it: the main task is cancelled, and what it waits for with it."""

    async def never_ends() -> None:
        signal.raise_signal(signal.SIGINT)
        await asyncio.Event().wait()

    camera.opens = never_ends
    with pytest.raises(KeyboardInterrupt):
        asyncio.run(camera.start())
    assert camera.snapshot().phase is device.Phase.DOWN


def test_work_that_never_ends_and_the_end_of_the_program(device: Any, folder: Path) -> None:
    program = (
        f"import asyncio, {device.__name__} as device\n"
        "class Camera(device.DeviceLifecycle):\n"
        "    async def open(self):\n"
        "        await asyncio.Event().wait()\n"
        "    async def close(self): ...\n"
        "async def main():\n"
        "    started = asyncio.create_task(camera.start())\n"
        "    await asyncio.sleep(0)\n"
        "    print(camera.snapshot().phase)\n"
        "camera = Camera()\n"
        "asyncio.run(main())\n"
        "print(camera.snapshot().phase)\n"
    )
    ended = subprocess.run(
        [sys.executable, "-W", "always", "-c", program],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=True,
    )
    assert (ended.stdout.split(), ended.stderr) == (["Phase.OPENING", "Phase.DOWN"], "")


# --- classes ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("methods", "told"),
    [
        *bad_input.classes(bad_input.awaited),
        ({"open": bad_input.plain, "close": bad_input.awaited}, "Wrong.open must be written with `async def`"),
        ({"open": bad_input.awaited, "close": bad_input.plain}, "Wrong.close must be written with `async def`"),
        ({"open": classmethod(bad_input.plain), "close": bad_input.awaited}, "Wrong.open must be written with `async"),
    ],
)
def test_a_class_with_a_mistake_cannot_be_used(device: Any, methods: dict[str, Any], told: str) -> None:
    with pytest.raises(TypeError, match=told):
        type("Wrong", (device.DeviceLifecycle,), methods)()


@pytest.mark.parametrize("work", bad_input.unusual(bad_input.awaited), ids=lambda work: type(work).__name__)
def test_a_class_without_a_mistake_can_be_used(device: Any, work: Any) -> None:
    run(partial(used, type("Right", (device.DeviceLifecycle,), {"open": work, "close": work})().using()))


def test_work_for_a_member_that_does_not_take_it(hub: Any) -> None:
    wrong = type("Wrong", (hub.HubLifecycle,), {"connect": bad_input.awaited, "disconnect": nothing})
    with pytest.raises(TypeError, match=r"Wrong\.connect must take the member as its only argument besides `self`"):
        wrong()


def test_a_class_whose_beginning_forgets_ours(device: Any) -> None:
    methods = {"open": bad_input.awaited, "close": bad_input.awaited, "__init__": bad_input.plain}
    forgetful = type("Forgetful", (device.DeviceLifecycle,), methods)()
    told = r"derived from DeviceLifecycle has to call `super\(\).__init__\(\)`"

    async def main() -> None:
        for call in (forgetful.start, forgetful.stop, lambda: forgetful.wait_for(lambda _: True)):
            with pytest.raises(RuntimeError, match=told):
                await call()
        for use in (forgetful.snapshot, forgetful.using, forgetful.__repr__):
            with pytest.raises(RuntimeError, match=told):
                use()

    run(main)


def test_an_observer_and_a_condition_that_are_no_plain_functions(camera: Any) -> None:
    class Awaited:
        async def __call__(self, step: object) -> None: ...

    for wrong in (bad_input.awaited, Awaited(), 5):
        with pytest.raises(TypeError, match="the observer must be a "):
            type(camera)(observe=wrong)

    async def main() -> None:
        with pytest.raises(TypeError, match="the condition must be a plain function"):
            await camera.wait_for(bad_input.awaited)
        with pytest.raises(TypeError, match="not callable"):
            await camera.wait_for(5)

    run(main)


# --- copies -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("copier", COPIERS, ids=lambda each: each.__name__)
def test_a_copy_of_what_there_is_one_of(camera: Any, wired: Any, copier: Callable[[Any], object]) -> None:
    async def main() -> None:
        for each, name in ((camera, "Camera"), (camera.using(), "Session"), (wired, "Wired")):
            with pytest.raises(TypeError, match=NO_COPY.format(name)):
                copier(each)
        async with wired.linked() as link, camera.using():
            if copier is pickle.dumps:
                for each in (link, [link], wired.snapshot()):
                    with pytest.raises(TypeError, match="a Link cannot be pickled: it belongs to a lifecycle of this"):
                        copier(each)
            else:
                assert copier(link) is link
                assert copier(wired.snapshot()) == wired.snapshot()

    run(main)


# --- arguments --------------------------------------------------------------------------------------------------


def test_a_member_that_is_none_of_this_lifecycle(hub: Any, wired: Any) -> None:
    async def main() -> None:
        link, dead, other = await wired.dial(), await wired.dial(), type(wired)()
        await wired.drop(dead)
        foreign = await other.dial()
        before = [*wired.snapshot().links]
        wrong = (
            (foreign, hub.WrongMember, "belongs to another lifecycle"),
            (dead, hub.NotUp, "NOT_UP"),
            (hub.Link(wired), hub.NotUp, "NOT_UP"),
            ("link", TypeError, "a Link is needed, not 'link'"),
            (None, TypeError, "a Link is needed, not None"),
            (hub.Link, TypeError, "a Link is needed, not <class"),
            (hub.core.Link(), TypeError, "a Link is needed, not Link"),
        )
        for each, error, told in wrong:
            with pytest.raises(error, match=told):
                await wired.drop(each)
            assert [*wired.snapshot().links] == before
        with pytest.raises(TypeError, match="a Link belongs to a lifecycle, and 5 is none"):
            hub.Link(5)
        await wired.drop(link)
        await other.drop(foreign)

    run(main)


@pytest.mark.parametrize("weight", ["1", None, 1.0, True, float("nan"), (1,)], ids=repr)
def test_an_argument_that_is_no_value_of_its_type(pool: Any, weight: Any) -> None:
    lifecycle, wrong = pool.PoolLifecycle(), "a value of int is needed, not "

    async def main() -> None:
        await lifecycle.pool_attach()
        before = lifecycle.snapshot()
        with pytest.raises(TypeError, match=wrong):
            await lifecycle.pool_borrow(weight)
        assert lifecycle.snapshot() == before
        connection = await lifecycle.pool_borrow(1)
        with pytest.raises(TypeError, match=wrong):
            await lifecycle.give_back(connection, weight)
        with pytest.raises(TypeError, match="a value of Full is needed, not "):
            await lifecycle.pool_touch(connection, weight)
        assert (connection.lent, connection.uses, lifecycle.snapshot().slots) == (True, 1, 1)
        lifecycle._life.begin_anew()  # as in a forked child: nobody warns of what is left here

    run(main)
    with pytest.raises(TypeError, match="a value of Full is needed, not "):
        pool.PoolLifecycle(weight)


@pytest.mark.parametrize("timeout", NO_TIMES, ids=lambda each: str(type(each).__name__))
def test_a_timeout_that_is_no_number_of_seconds(hub: Any, camera: Any, timeout: Any) -> None:
    told = "timeout must be a number of seconds"

    async def main() -> None:
        calls = (camera.start, camera.stop, lambda **given: camera.using(**given).__aenter__())
        for call in (*calls, lambda **given: camera.wait_for(lambda _: False, **given)):
            with pytest.raises((TypeError, ValueError), match=told) as refused:
                await call(timeout=timeout)
            assert len(str(refused.value)) < 200

    run(main)
    with pytest.raises((TypeError, ValueError), match=f"drain_{told}"):
        type("Wired", (hub.HubLifecycle,), {"connect": one, "disconnect": nothing})(drain_timeout=timeout)


# --- loops ------------------------------------------------------------------------------------------------------


def test_a_call_from_another_loop_or_thread(device: Any, camera: Any) -> None:
    async def main() -> None:
        ended = asyncio.Event()

        async def ends_later() -> None:
            await ended.wait()

        async def use() -> None:
            async with camera.using():
                raise AssertionError

        camera.opens = ends_later
        first = asyncio.create_task(camera.start())
        await turns(2)
        before, errors = camera.snapshot(), list[BaseException]()

        def elsewhere() -> None:
            for call in (camera.start, camera.stop, use, lambda: camera.wait_for(lambda _: True)):
                try:
                    asyncio.run(call())
                except RuntimeError as error:
                    errors.append(error)

        thread = threading.Thread(target=elsewhere)
        thread.start()
        thread.join(PATIENCE)
        assert [type(each) for each in errors] == [device.WrongLoop] * 4
        assert "it is used in another event loop or thread" in str(errors[0])
        assert camera.snapshot() == before
        ended.set()
        await first
        await camera.stop()

    run(main)
