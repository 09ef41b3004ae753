"""Startup: versions, refusals, hooks, and what counts."""

import threading
from typing import TYPE_CHECKING, Literal

import pytest
from winsock_provider import Phase, WinsockError, WinsockProvider, WSPData

if TYPE_CHECKING:
    from tests.provider.conftest import World

# As observed on Windows: greatest supported version not above the request.
VERSIONS = {
    (0, 0): None,
    (0, 9): None,
    (1, 0): (1, 0),
    (1, 1): (1, 1),
    (1, 2): (1, 1),
    (1, 15): (1, 1),
    (1, 255): (1, 1),
    (2, 0): (2, 0),
    (2, 1): (2, 1),
    (2, 2): (2, 2),
    (2, 3): (2, 2),
    (2, 15): (2, 2),
    (2, 255): (2, 2),
    (3, 0): (2, 2),
    (3, 1): (2, 2),
    (3, 2): (2, 2),
    (3, 3): (2, 2),
    (3, 15): (2, 2),
    (3, 255): (2, 2),
    (15, 255): (2, 2),
    (255, 255): (2, 2),
}


@pytest.mark.parametrize(("requested", "agreed"), VERSIONS.items(), ids=str)
def test_agreed_version(requested: tuple[int, int], agreed: tuple[int, int] | None) -> None:
    provider = WinsockProvider()
    if agreed is None:
        with pytest.raises(WinsockError, match="WSAVERNOTSUPPORTED") as refused:
            provider.startup(requested)
        assert refused.value.winerror == provider.get_last_error() == 10092
        assert provider.snapshot().refs == 0
    else:
        assert provider.startup(requested) == WSPData(agreed, (2, 2))
        assert provider.snapshot().lowest_version == agreed
        assert provider.get_last_error() == 0
        provider.cleanup()


# Microsoft's table on the page "WSPStartup", row by row: what the provider supports, what the caller asks for, and the
# agreed version, None where the startup fails. Then those of a provider that has nothing but 2.2, and two rows of the
# table on the page "WSAStartup".
NEGOTIATIONS = [
    ([(1, 1)], (1, 1), (1, 1)),
    ([(1, 0)], (1, 1), (1, 0)),
    ([(1, 0), (1, 1)], (1, 0), (1, 0)),
    ([(1, 0), (1, 1)], (1, 1), (1, 1)),
    ([(1, 1)], (1, 0), None),
    ([(1, 1)], (2, 0), (1, 1)),
    ([(2, 0)], (2, 0), (2, 0)),
    ([(2, 2)], (2, 2), (2, 2)),
    ([(2, 2)], (2, 1), None),
    ([(2, 2)], (2, 3), (2, 2)),
    ([(2, 2)], (3, 0), (2, 2)),
    ([(2, 2)], (255, 255), (2, 2)),
    ([(2, 0), (1, 1), (1, 0)], (2, 2), (2, 0)),
    ([(1, 0), (1, 1)], (2, 0), (1, 1)),
]


@pytest.mark.parametrize(("supported", "requested", "agreed"), NEGOTIATIONS)
def test_agreed_version_depends_on_the_supported_ones(
    supported: list[tuple[int, int]], requested: tuple[int, int], agreed: tuple[int, int] | None
) -> None:
    provider = WinsockProvider(versions=supported)
    if agreed is None:
        with pytest.raises(WinsockError, match="WSAVERNOTSUPPORTED") as refused:
            provider.startup(requested)
        assert (refused.value.winerror, provider.snapshot().refs) == (10092, 0)
    else:
        assert provider.startup(requested) == WSPData(agreed, max(supported))
        assert provider.snapshot().refs == 1
        provider.cleanup()


def test_who_rejects_the_version_was_counted_and_undoes_no_startup_but_his_own() -> None:
    provider = WinsockProvider(versions=[(1, 0)])
    provider.startup((1, 0))
    assert provider.startup((2, 2)).version < (2, 0)  # too low for this caller
    assert provider.snapshot().refs == 2
    provider.cleanup()
    assert (provider.snapshot().refs, provider.snapshot().phase) == (1, Phase.RUNNING)
    provider.cleanup()


def test_version_is_checked_before_the_buffer(provider: WinsockProvider) -> None:
    before = provider.snapshot()
    with pytest.raises(WinsockError) as both:
        provider.startup((0, 9), data=None)
    with pytest.raises(WinsockError) as buffer:
        provider.startup((2, 2), data=None)
    assert (both.value.winerror, buffer.value.winerror) == (10092, 10014)
    assert provider.snapshot() == before
    unloaded = WinsockProvider()
    with pytest.raises(WinsockError, match="WSAVERNOTSUPPORTED"):
        unloaded.startup((0, 9), data=None)


def test_every_startup_gets_its_own_answer_and_the_lowest_version_is_forgotten_at_the_end() -> None:
    provider = WinsockProvider()
    answers = [provider.startup(version).version for version in ((2, 2), (1, 1), (2, 0))]
    assert answers == [(2, 2), (1, 1), (2, 0)]
    assert (provider.snapshot().refs, provider.snapshot().lowest_version) == (3, (1, 1))
    for _ in answers:
        provider.cleanup()
    provider.startup((2, 2))
    assert provider.snapshot().lowest_version == (2, 2)
    provider.cleanup()


def test_latest_upcalls_are_in_force_and_end_with_the_epoch() -> None:
    provider = WinsockProvider()
    first, second = {"WPUCloseEvent": print}, {"WPUCloseEvent": len}
    provider.startup((2, 2), upcalls=first)
    provider.startup((2, 2), upcalls=second)
    second_copy = dict(second)
    second.clear()
    provider.startup((2, 2))
    with pytest.raises(WinsockError):
        provider.startup((0, 0), upcalls=first)
    assert provider.upcalls == provider.snapshot().upcalls == second_copy
    for _ in range(3):
        provider.cleanup()
    assert provider.upcalls is None


class FailingOnce:
    """Hooks whose first initialisation fails."""

    def __init__(self, failure: BaseException) -> None:
        self.failure: BaseException | None = failure
        self.released_epochs: list[int] = []

    def initialise(self) -> None:
        failure, self.failure = self.failure, None
        if failure is not None:
            raise failure

    def released(self, epoch: int) -> None:
        self.released_epochs.append(epoch)


@pytest.mark.parametrize(
    ("failure", "number"),
    [(WinsockError(10067), 10067), (ValueError("no memory card"), 10091), (OSError(2, "x"), 10091)],
)
def test_failing_initialisation_changes_nothing(world: "World", failure: Exception, number: int) -> None:
    hooks = FailingOnce(failure)
    provider = WinsockProvider(hooks=hooks)
    before, handles, threads = provider.snapshot(), world.open_handles(), threading.active_count()
    with pytest.raises(WinsockError) as refused:
        provider.startup((2, 2), upcalls={"WPUCloseEvent": print})
    assert refused.value.winerror == provider.get_last_error() == number
    assert failure in (refused.value, refused.value.__cause__)
    assert (provider.snapshot(), world.open_handles(), threading.active_count()) == (before, handles, threads)
    with pytest.raises(WinsockError, match="WSANOTINITIALISED"):
        provider.cleanup()
    provider.startup((2, 2))
    provider.cleanup()
    assert hooks.released_epochs == [1]


def test_interrupted_initialisation_gives_everything_back(world: "World") -> None:
    provider = WinsockProvider(hooks=FailingOnce(KeyboardInterrupt()))
    handles = world.open_handles()
    with pytest.raises(KeyboardInterrupt):
        provider.startup((2, 2))
    assert (provider.snapshot().phase, world.open_handles()) == (Phase.UNLOADED, handles)
    provider.startup((2, 2))
    provider.cleanup()


class Held:
    """Hooks whose initialisation lasts until it is let go."""

    def __init__(self, patience: float) -> None:
        self.patience = patience
        self.entered, self.go = threading.Event(), threading.Event()
        self.initialised = 0

    def initialise(self) -> None:
        self.entered.set()
        assert self.go.wait(self.patience)
        self.initialised += 1

    def released(self, epoch: int) -> None:
        pass


def test_nothing_counts_before_the_initialisation_is_over(world: "World") -> None:
    hooks = Held(world.patience)
    provider = WinsockProvider(hooks=hooks)
    first = world.in_thread(lambda: provider.startup((2, 2)))
    assert hooks.entered.wait(world.patience)
    second = world.in_thread(lambda: provider.startup((1, 1)))
    assert (provider.snapshot().phase, provider.snapshot().refs) == (Phase.STARTING, 0)
    with pytest.raises(WinsockError, match="WSANOTINITIALISED"):
        provider.cleanup()
    with pytest.raises(WinsockError, match="WSANOTINITIALISED"):
        provider.socket(2, 1)
    hooks.go.set()
    assert first.result(world.patience).version == (2, 2)
    assert second.result(world.patience).version == (1, 1)
    assert (hooks.initialised, provider.snapshot().refs) == (1, 2)
    provider.cleanup()
    provider.cleanup()


def test_startup_inside_the_own_initialisation_is_refused_instead_of_waiting_for_itself() -> None:
    class Reentrant:
        def initialise(self) -> None:
            provider.startup((2, 2))

        def released(self, epoch: int) -> None:
            pass

    provider = WinsockProvider(hooks=Reentrant())
    with pytest.raises(WinsockError, match="WSAEINPROGRESS"):
        provider.startup((2, 2))
    assert provider.snapshot().phase is Phase.UNLOADED


@pytest.mark.parametrize("policy", ["wait", "take_over"])
def test_no_initialisation_begins_before_the_release_hook_of_the_last_epoch_is_over(
    world: "World", policy: Literal["wait", "take_over"]
) -> None:
    class Exclusive:
        def __init__(self) -> None:
            self.held = False
            self.clashes = 0
            self.released_epochs: list[int] = []

        def initialise(self) -> None:
            self.clashes += self.held
            self.held = True

        def released(self, epoch: int) -> None:
            self.released_epochs.append(epoch)
            self.held = False

    hooks = Exclusive()
    provider = WinsockProvider(hooks=hooks, startup_while_draining=policy)

    def pairs() -> None:
        for _ in range(60):
            provider.startup((2, 2))
            provider.cleanup()

    for caller in [world.in_thread(pairs) for _ in range(4)]:
        caller.result(world.patience)
    assert (hooks.clashes, hooks.held) == (0, False)
    taken_over = provider.snapshot().epoch - len(hooks.released_epochs)
    assert taken_over >= 0 if policy == "take_over" else taken_over == 0
    assert hooks.released_epochs[-1] == provider.snapshot().epoch


@pytest.mark.parametrize(
    "wrong", [{"versions": ()}, {"versions": [(2, 256)]}, {"open_sockets": "x"}, {"drain_timeout": -1}]
)
def test_nonsense_is_refused_by_the_constructor(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"must be|no such"):
        WinsockProvider(**wrong)  # type: ignore[arg-type] # the point is that the arguments are wrong
