"""The search itself: it takes every decision, sees each state once, and finds what can go wrong."""

from collections.abc import Callable
from types import SimpleNamespace

import pytest
from quiesce.generate.shells._schedules.search import ANYBODY, Bounds, Wrong
from quiesce.generate.shells._schedules.world import Lock, World


class Program:
    """Threads that share a table, and what is true of it when all have ended."""

    def __init__(self, world: World, *bodies: Callable[["Program"], None]) -> None:
        self.world = world
        self.bodies = bodies
        self.ends: set[tuple[object, ...]] = set()

    def start(self) -> object:
        self.shared = SimpleNamespace(n=0, m=0, lock=Lock(self.world), other=Lock(self.world))
        for number, body in enumerate(self.bodies):
            self.world.spawn("AB"[number], lambda body=body: body(self))  # type: ignore[misc]  # bound at once
        return self.shared

    def look(self) -> None:
        pass

    def interrupted(self, by: type[BaseException], surely: bool = True) -> None:
        pass

    def is_under_way(self) -> bool:
        return True

    def at_rest(self) -> bool:
        if all(thread.ended for thread in self.world.threads):
            self.ends.add((self.shared.n, self.shared.m))
        else:
            self.world.fail("deadlock")
        return False


def add_carelessly(program: Program) -> None:
    program.world.switch("read")
    before = program.shared.n
    program.world.switch("write")
    program.shared.n = before + 1


def add_carefully(program: Program) -> None:
    with program.shared.lock:
        add_carelessly(program)


def both_locks(program: Program) -> None:
    with program.shared.lock, program.shared.other:
        pass


def both_locks_crosswise(program: Program) -> None:
    with program.shared.other, program.shared.lock:
        pass


def add_when_interrupted(program: Program) -> None:
    try:
        program.world.switch("here")
    except KeyboardInterrupt:
        program.shared.m += 1


def ends(*bodies: Callable[[Program], None], bounds: Bounds | None = None) -> set[tuple[object, ...]]:
    world = World(bounds or Bounds())
    program = Program(world, *bodies)
    assert world.search(program)
    return program.ends


def test_a_lost_update_is_found_and_a_lock_prevents_it() -> None:
    assert ends(add_carelessly, add_carelessly) == {(1, 0), (2, 0)}
    assert ends(add_carefully, add_carefully) == {(2, 0)}


def test_without_preemptions_nothing_is_lost() -> None:
    assert ends(add_carelessly, add_carelessly, bounds=Bounds(preemptions=0)) == {(2, 0)}
    assert ends(add_carelessly, add_carelessly, bounds=Bounds(preemptions=1)) == {(1, 0), (2, 0)}


def test_a_deadlock_is_found_and_told() -> None:
    assert ends(both_locks, both_locks) == {(0, 0)}
    with pytest.raises(Wrong, match="deadlock"):
        ends(both_locks, both_locks_crosswise)


def test_as_many_interrupts_as_are_allowed() -> None:
    seen = ends(add_when_interrupted, add_when_interrupted, bounds=Bounds(interrupts=1))
    assert seen == {(0, 0), (0, 1)}
    assert (0, 2) in ends(add_when_interrupted, add_when_interrupted, bounds=Bounds(interrupts=2))


def test_a_search_that_is_cut_says_so() -> None:
    world = World(Bounds())
    assert not world.search(Program(world, add_carelessly, add_carelessly), limit=2)
    assert world.runs == 2


def test_runs_with_fewer_preemptions_come_first() -> None:
    world = World(Bounds())
    program = Program(world, add_carelessly, add_carelessly)
    assert not world.search(program, limit=4)
    assert world.within == 0
    assert program.ends == {(2, 0)}


def test_a_search_gives_up_as_soon_as_there_are_too_many() -> None:
    def runs(limit: int, *, gives_up: bool) -> int:
        world = World(Bounds(interrupts=2, preemptions=0))
        assert world.search(Program(world, *[add_when_interrupted] * 2), limit, gives_up) == (limit == 8)
        return world.runs

    assert runs(8, gives_up=True) == runs(8, gives_up=False) == 8
    assert runs(7, gives_up=False) == 7
    assert runs(7, gives_up=True) < 7


@pytest.mark.parametrize("preemptions", [0, 1, 2])
@pytest.mark.parametrize("other", [add_carelessly, add_carefully, add_when_interrupted])
def test_whoever_comes_to_a_state_that_another_has_left_goes_on_from_there(
    preemptions: int, other: Callable[[Program], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """So as many preemptions show the same as if no state were left out."""
    bounds = Bounds(preemptions=preemptions)
    with_states = ends(add_carelessly, other, bounds=bounds)
    monkeypatch.setattr(World, "_state", lambda world: (repr((world._taken, world.runs)).encode(), ANYBODY))
    assert ends(add_carelessly, other, bounds=bounds) == with_states


def test_states_that_are_left_out_lead_nowhere_else(monkeypatch: pytest.MonkeyPatch) -> None:
    with_states = ends(add_carelessly, add_carefully)
    monkeypatch.setattr(World, "_state", lambda world: (repr((world._taken, world.runs)).encode(), ANYBODY))
    assert ends(add_carelessly, add_carefully) == with_states
