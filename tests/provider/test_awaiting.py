"""Overlapped operations as awaitables of asyncio: their result, their errors, cancellation, and no thread more."""

import asyncio
import threading
from collections.abc import Awaitable, Callable, Coroutine
from typing import TYPE_CHECKING, Any, TypeVar

import pytest
from winsock_provider import WinsockError, WinsockProvider

from tests.provider.conftest import collapse_entirely
from tests.provider.test_cleanup import fill

if TYPE_CHECKING:
    from tests.provider.conftest import World

T = TypeVar("T")


def run(world: "World", main: Callable[[], Coroutine[Any, Any, T]]) -> T:
    """Run a coroutine in an event loop of its own, and not for ever."""

    async def bounded() -> T:
        return await asyncio.wait_for(main(), world.patience)

    return asyncio.run(bounded())


async def begun(awaitable: Awaitable[T]) -> "asyncio.Task[T]":
    """A task that awaits, and has come as far as it can."""

    async def waits() -> T:
        return await awaitable

    task = asyncio.create_task(waits())
    for _ in range(3):
        await asyncio.sleep(0)
    return task


def test_what_was_awaited_is_the_result(world: "World", provider: WinsockProvider) -> None:
    s, peer = world.meet(provider)

    async def main() -> tuple[bytes, int]:
        task = await begun(provider.recv_overlapped(s, 10))
        assert not task.done()
        peer.sendall(b"hello")
        return await task, await provider.send_overlapped(s, b"back")

    assert run(world, main) == (b"hello", 4)
    assert peer.recv(10) == b"back"


def test_what_is_done_already_does_not_suspend_the_task(world: "World", provider: WinsockProvider) -> None:
    s, _ = world.meet(provider)
    operation = provider.send_overlapped(s, b"small")
    assert operation.done
    with pytest.raises(StopIteration) as ended:
        operation.__await__().send(None)
    assert ended.value.value == 5


def test_an_operation_that_fails_raises_its_error(world: "World", provider: WinsockProvider) -> None:
    s, _ = world.meet(provider)

    async def main() -> None:
        operation = provider.recv_overlapped(s, 10)
        task = await begun(operation)
        provider.closesocket(s)
        for awaitable in (task, operation):  # while it ends, and when it has ended
            with pytest.raises(WinsockError, match="WSA_OPERATION_ABORTED"):
                await awaitable

    run(world, main)


def test_the_last_cleanup_wakes_the_tasks(world: "World") -> None:
    provider = WinsockProvider()
    provider.startup((2, 2))
    s, _ = world.meet(provider)

    async def main() -> None:
        task = await begun(provider.recv_overlapped(s, 10))
        await asyncio.to_thread(provider.cleanup)
        with pytest.raises(WinsockError, match="WSA_OPERATION_ABORTED"):
            await task

    run(world, main)


def test_an_engine_that_gives_everything_up_wakes_the_tasks(world: "World") -> None:
    provider = WinsockProvider()
    provider.startup((2, 2))
    s, _ = world.meet(provider)

    async def main() -> None:
        task = await begun(provider.recv_overlapped(s, 10))
        await asyncio.to_thread(collapse_entirely, provider)
        with pytest.raises(WinsockError):
            await task

    run(world, main)
    assert provider.wait_released(world.patience)


def test_a_cancelled_task_cancels_its_operation(world: "World", provider: WinsockProvider) -> None:
    s, peer = world.meet(provider)

    async def main() -> None:
        operation = provider.recv_overlapped(s, 10)
        task = await begun(operation)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert (operation.error(), operation._waiters) == (995, [])
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(provider.recv_overlapped(s, 10), 0.01)
        peer.sendall(b"for the next one")
        assert await provider.recv_overlapped(s, 16) == b"for the next one"

    run(world, main)
    world.agree(provider)


def test_a_task_that_is_cancelled_when_the_operation_has_ended_loses_nothing(
    world: "World", provider: WinsockProvider
) -> None:
    s, peer = world.meet(provider)

    async def main() -> None:
        operation = provider.recv_overlapped(s, 10)
        task = await begun(operation)
        peer.sendall(b"hello")
        assert operation.wait(world.patience)  # the loop has not heard of it yet
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert operation.result() == b"hello"

    run(world, main)


def test_several_tasks_may_await_one_operation(world: "World", provider: WinsockProvider) -> None:
    s, peer = world.meet(provider)

    async def main() -> list[bytes]:
        operation = provider.recv_overlapped(s, 10)
        tasks = [await begun(operation) for _ in range(3)]
        peer.sendall(b"hello")
        return await asyncio.gather(*tasks)

    assert run(world, main) == [b"hello"] * 3


def test_many_operations_are_awaited_without_another_thread(world: "World", provider: WinsockProvider) -> None:
    pairs = [world.meet(provider) for _ in range(20)]

    async def echo(s: int) -> int:
        size = 0
        while data := await provider.recv_overlapped(s, 1000):
            size += await provider.send_overlapped(s, data)
        return size

    async def main() -> None:
        threads = threading.active_count()
        tasks = [asyncio.create_task(echo(s)) for s, _ in pairs]
        for _, peer in pairs:
            peer.sendall(b"x" * 5000)
            peer.shutdown(1)
        assert await asyncio.gather(*tasks) == [5000] * 20
        assert threading.active_count() == threads

    run(world, main)
    for s, peer in pairs:
        provider.closesocket(s)
        assert world.read_all(peer) == b"x" * 5000


def test_a_loop_that_was_closed_meanwhile_harms_nobody(world: "World", provider: WinsockProvider) -> None:
    s, peer = world.meet(provider)
    operation = provider.recv_overlapped(s, 10)
    loop = asyncio.new_event_loop()
    coroutine = begun(operation)
    task = loop.run_until_complete(coroutine)
    loop.close()
    peer.sendall(b"hello")
    assert operation.result(world.patience) == b"hello"
    assert provider.snapshot().open_sockets == 1
    with pytest.raises(RuntimeError, match="closed"):
        task.cancel()


def test_outside_of_a_loop_an_operation_under_way_cannot_be_awaited(world: "World", provider: WinsockProvider) -> None:
    s, _ = world.meet(provider)
    operation = provider.recv_overlapped(s, 10)
    with pytest.raises(RuntimeError, match="no running event loop"):
        operation.__await__().send(None)
    assert (operation.done, operation._waiters) == (False, [])


def test_a_send_whose_task_is_cancelled_goes_out_all_the_same(world: "World", provider: WinsockProvider) -> None:
    s, peer = world.meet(provider)
    before = fill(provider, s)

    async def main() -> None:
        task = await begun(provider.send_overlapped(s, b"the end"))
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    run(world, main)
    provider.closesocket(s)
    assert world.read_all(peer) == before + b"the end"
