"""Waiting for the release: for the end of somebody else's cleanup, with and without a bound, from anywhere."""

import threading
from typing import TYPE_CHECKING

import pytest
from winsock_provider import Phase, WinsockError, WinsockProvider

from tests.provider.conftest import collapse_entirely
from tests.provider.interrupting import STRIDE, Interrupting
from tests.provider.test_cleanup import fill

if TYPE_CHECKING:
    from tests.provider.conftest import World


def test_a_provider_that_is_unloaded_is_not_waited_for() -> None:
    provider = WinsockProvider()
    assert provider.wait_released() is True
    provider.startup((2, 2))
    provider.cleanup()
    assert provider.wait_released(0) is True


@pytest.mark.parametrize("timeout", [0, 0.0, -1, 0.01])
def test_a_provider_that_runs_is_waited_for_only_as_long_as_is_said(provider: WinsockProvider, timeout: float) -> None:
    assert provider.wait_released(timeout) is False


@pytest.mark.parametrize("timeout", ["soon", float("nan"), b""])
def test_what_is_no_time_is_refused(provider: WinsockProvider, timeout: float) -> None:
    with pytest.raises(WinsockError, match="not a number of seconds"):
        provider.wait_released(timeout)
    assert provider.get_last_error() == 10022


@pytest.mark.parametrize("timeout", [None, 100.0, float("inf")])
def test_it_returns_when_everything_is_given_back(world: "World", timeout: float | None) -> None:
    provider = WinsockProvider(drain_timeout=world.patience)
    handles, threads = world.open_handles(), threading.active_count()
    provider.startup((2, 2))
    s, peer = world.meet(provider)
    sent = fill(provider, s)
    seen: list[tuple[int, int]] = []

    def wait() -> bool:
        released = provider.wait_released(timeout)
        seen.append((threading.active_count(), world.open_handles()))
        return released

    waiting = world.in_thread(wait)
    world.wait_until(lambda: bool(world.on_owner(provider, lambda: provider._owner.at_work.waiting)))
    cleaned = world.in_thread(provider.cleanup)
    assert not waiting.done()
    assert world.read_all(peer) == sent
    assert waiting.result(world.patience) is True
    cleaned.result(world.patience)
    assert provider.snapshot().phase is Phase.UNLOADED
    assert seen[0][0] <= threads + 2  # those that waited themselves, and not the owner
    peer.close()
    world.wait_until(lambda: world.open_handles() == handles)


def test_it_goes_on_to_wait_when_the_drain_is_taken_over(world: "World") -> None:
    provider = WinsockProvider(startup_while_draining="take_over", drain_timeout=world.patience)
    provider.startup((2, 2))
    s, peer = world.meet(provider)
    fill(provider, s)
    cleaned = world.in_thread(provider.cleanup)
    world.wait_until(lambda: provider.snapshot().phase is not Phase.RUNNING)
    waiting = world.in_thread(provider.wait_released)
    provider.startup((2, 2))
    cleaned.result(world.patience)
    assert provider.wait_released(0.01) is False
    assert not waiting.done()
    peer.close()
    provider.cleanup()
    assert waiting.result(world.patience) is True


def test_peoples_code_that_the_release_waits_for_must_not_wait_for_it() -> None:
    refusals: list[int] = []

    class Hooks:
        def initialise(self) -> None:
            self.wait()

        def released(self, _epoch: int) -> None:
            self.wait()

        def wait(self) -> None:
            try:
                provider.wait_released()
            except WinsockError as refused:
                refusals.append(refused.winerror)

    provider = WinsockProvider(hooks=Hooks())
    provider.startup((2, 2))
    provider.cleanup()
    assert refusals == [10036, 10036]


def test_an_engine_that_gives_everything_up_ends_the_wait(world: "World", provider: WinsockProvider) -> None:
    waiting = world.in_thread(provider.wait_released)
    world.wait_until(lambda: bool(world.on_owner(provider, lambda: provider._owner.at_work.waiting)))
    collapse_entirely(provider)
    assert waiting.result(world.patience) is True


def test_an_interrupt_at_any_moment_of_the_wait_leaves_a_provider_that_works(world: "World") -> None:
    moment, raised = 0, True
    while raised:
        provider = WinsockProvider(drain_timeout=world.patience)
        provider.startup((2, 2))
        interrupting = Interrupting(moment)
        interrupting.run(lambda: provider.wait_released(0.01))  # noqa: B023 - run at once
        raised = interrupting.raised
        moment += STRIDE
        world.wait_until(lambda: not world.on_owner(provider, lambda: provider._owner.at_work.waiting))  # noqa: B023
        world.in_thread(provider.cleanup).result(world.patience)
        assert world.in_thread(provider.wait_released).result(world.patience) is True
        provider.startup((2, 2))
        provider.cleanup()


def test_a_release_that_is_followed_by_a_startup_at_once_is_noticed(world: "World") -> None:
    provider = WinsockProvider(drain_timeout=world.patience)
    provider.startup((2, 2))
    s, peer = world.meet(provider)
    fill(provider, s)
    cleaned = world.in_thread(provider.cleanup)
    world.wait_until(lambda: provider.snapshot().phase is not Phase.RUNNING)
    again = world.in_thread(lambda: provider.startup((2, 2)))
    world.wait_until(lambda: world.on_owner(provider, lambda: len(provider._owner.at_work.waiting)) == 2)
    waiting = world.in_thread(provider.wait_released)
    world.wait_until(lambda: world.on_owner(provider, lambda: len(provider._owner.at_work.waiting)) == 3)
    peer.close()
    cleaned.result(world.patience)
    again.result(world.patience)
    assert waiting.result(world.patience) is True
    assert provider.snapshot().epoch == 2
    provider.cleanup()
