"""The generic shell, from several threads."""

import importlib
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest


@pytest.fixture
def package(packages: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    monkeypatch.syspath_prepend(packages)
    yield importlib.import_module("pool_provider")
    for name in [name for name in sys.modules if name.partition(".")[0] == "pool_provider"]:
        del sys.modules[name]


def test_a_life_of_a_pool(package: Any) -> None:
    pool = package.Pool()
    assert pool.pool_attach() == "attach_first"
    assert pool.pool_attach() == "attach_more"
    connection = pool.pool_borrow(2)
    pool.pool_touch(connection, package.Full.WAIT)
    (copy,) = pool.snapshot().connections
    assert (copy.uses, copy.lent) == (4, True)
    assert copy is not connection
    pool.give_back(connection, 0)
    pool.pool_detach()
    pool.pool_detach()
    assert pool.snapshot().phase is package.Phase.CLOSING
    pool.settle()
    assert pool.snapshot() == package.Snapshot(package.Phase.CLOSED, 0, 2, 1, 0, ())


def test_a_refusal_carries_its_name_and_changes_nothing(package: Any) -> None:
    pool = package.Pool()
    before = pool.snapshot()
    with pytest.raises(package.PoolError) as refusal:
        pool.pool_detach()
    assert refusal.value.name == "NOT_ATTACHED"
    assert pool.snapshot() == before


def test_a_step_that_cannot_happen_and_a_wrong_argument(package: Any) -> None:
    pool = package.Pool()
    with pytest.raises(package.NotEnabled):
        pool.give_back(package.Connection(), 0)
    with pytest.raises(ValueError, match="weight must be from 1 to 3, not 4"):
        pool.pool_borrow(4)
    with pytest.raises(ValueError, match="verified alternatives"):
        package.Pool(pace=package.Pace.NEVER)


def test_a_call_waits_until_it_can_go_on(package: Any) -> None:
    pool = package.Pool(package.Full.WAIT)
    pool.pool_attach()
    first, _ = pool.pool_borrow(1), pool.pool_borrow(1)
    asked = threading.Event()
    core = pool._core
    original = core.pool_borrow

    class Watched:
        def __getattr__(self, name: str) -> Any:
            return getattr(core, name)

        def pool_borrow(self, *arguments: Any) -> Any:
            try:
                return original(*arguments)
            finally:
                asked.set()

    pool._core = Watched()
    with ThreadPoolExecutor(1) as others:
        waiting = others.submit(pool.pool_borrow, 1)
        assert asked.wait(20)
        assert not waiting.done()
        pool.give_back(first, 0)
        assert waiting.result(20).lent


def test_hooks_are_called_after_the_step_and_outside_the_lock(package: Any) -> None:
    seen: list[tuple[Any, ...]] = []

    class Hooks(package.NoHooks):  # type: ignore[misc]  # the package exists only while tests run
        def attach_first(self) -> None:
            with ThreadPoolExecutor(1) as others:
                seen.append(("attach_first", others.submit(pool.snapshot).result(20).clients))

        def borrow(self, c: Any, weight: int) -> None:
            seen.append(("borrow", c, weight))

    pool = package.Pool(hooks=Hooks())
    pool.pool_attach()
    connection = pool.pool_borrow(3)
    with pytest.raises(package.PoolError):
        package.Pool(hooks=Hooks()).pool_detach()
    assert seen == [("attach_first", 1), ("borrow", connection, 3)]


def test_waiting_for_a_state(package: Any) -> None:
    pool = package.Pool()
    assert not pool.wait_for(lambda now: now.clients == 1, timeout=0)
    with ThreadPoolExecutor(1) as others:
        waiting = others.submit(pool.wait_for, lambda now: now.clients == 1, 20)
        pool.pool_attach()
        assert waiting.result(20)
