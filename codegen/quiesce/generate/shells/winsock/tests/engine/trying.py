"""Runs of a script in many schedules, or in one that was found."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from .chance import Wandering, chance, script_of
from .delays import Delayed, Schedule, Wrong
from .likeness import Delay
from .stage import Script, Stage


@dataclass(frozen=True)
class Explored:
    """The schedules of a script, with at most so many delays, that were tried and stand for all."""

    delays: int
    schedules: int
    spared: int
    """Delays that were not tried, since what they lead to is like what others led to."""

    def __str__(self) -> str:
        most = "one delay" if self.delays == 1 else f"{self.delays} delays"
        return f"{self.schedules} schedules of at most {most}; {self.spared} delays more would show nothing else"


def explore(folder: Path, script: Script, delays: int) -> Explored:
    """Run a script in all schedules of so many delays, with the package whose text lies in `folder`.

    Raises:
        Wrong: a rule was broken; the message has the schedule, and what has happened in it.
    """
    world = Delayed(delays)
    world.explore(Stage(world, folder, script))
    return Explored(delays, world.runs, world.spared)


def replay(folder: Path, script: Script, told: str) -> None:
    """Run a script in the one schedule that a message has told.

    Raises:
        Wrong: a rule was broken in it.
    """
    schedule = schedule_of(told)
    world = Delayed(len(schedule))
    world.replay(Stage(world, folder, script), schedule)


def wander(folder: Path, seeds: Iterable[int], runs: int) -> None:
    """Run scripts by chance, one for each seed, in so many schedules by chance.

    Raises:
        Wrong: a rule was broken; `replay` runs the script of the seed again in the schedule that the message has.
    """
    world = Wandering()
    stage = Stage(world, folder, script_of(chance(0)))
    for seed in seeds:
        stage.script = script_of(chance(seed))
        for number in range(runs):
            world.wander(chance(f"{seed} {number}"))
            try:
                world.replay(stage, ())
            except Wrong as wrong:
                raise Wrong(f"the script by chance of seed {seed}: {wrong}") from None


def schedule_of(told: str) -> Schedule:
    """The schedule that is told in such words, as "57 A, 80 B"."""
    found = [each.strip().partition(" ") for each in told.split(",") if each.strip()]
    return tuple(Delay(int(number), thread) for number, _, thread in found)
