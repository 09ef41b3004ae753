"""The long tasks of a build, shared among processes: examples for a core's tests, and proof cores."""

from collections.abc import Callable, Sequence
from contextlib import closing
from typing import TypeAlias, assert_never

from quiesce.cores.minimal import Cores, Question, cores
from quiesce.generate.package import tests_of
from quiesce.prove.effort import Effort
from quiesce.spec.model import Machine
from quiesce.spec.record import record
from quiesce.workers.pool import Crashed, Done, TimedOut, run_all

GOALS = 100
"""The number of goals that take several times as long to prove as another process takes to start."""


@record
class ExamplesWanted:
    """The tests of a core, as text."""

    machine: Machine
    core: str


@record
class CoresWanted:
    """A task: the proof cores of one question."""

    question: Question
    effort: Effort


Task: TypeAlias = ExamplesWanted | CoresWanted


def done(task: Task) -> str | Cores:
    """The result of one task; it depends on nothing but the task."""
    match task:
        case ExamplesWanted(machine, core):
            return tests_of(machine, core)
        case CoresWanted(question, effort):
            return cores(question, effort)
        case _:
            assert_never(task)


def all_done(
    tasks: Sequence[Task], jobs: int, tell: Callable[[str], None], timeout: float | None = None
) -> tuple[str | Cores, ...]:
    """The results of all tasks in their order, made in at most `jobs` processes; `tell` hears how far they are.

    What a process could not answer, or not within `timeout` seconds, is done here. So an error is raised as if there
    were one process.

    Raises:
        Disagreement: a core does not do what the model says.
    """
    order = sorted(range(len(tasks)), key=lambda number: -_size(tasks[number]))
    longest_first = [tasks[number] for number in order]
    processes = min(jobs, 1 + sum(map(_size, tasks)) // GOALS)
    results: dict[int, str | Cores] = {}
    tell(_stage(0, tasks))
    if processes == 1:
        for number, task in enumerate(tasks):
            results[number] = done(task)
            tell(_stage(len(results), tasks))
    else:
        with closing(run_all(done, longest_first, processes, timeout)) as ends:
            for index, ended in ends:
                match ended:
                    case Done(result):
                        results[order[index]] = result
                    case Crashed() | TimedOut():
                        results[order[index]] = done(longest_first[index])
                    case _:
                        assert_never(ended)
                tell(_stage(len(results), tasks))
    return tuple(results[number] for number in range(len(tasks)))


def _size(task: Task) -> int:
    """The estimated length of a task, in goals of a question."""
    match task:
        case ExamplesWanted(machine):
            return 5 * len(machine.actions)
        case CoresWanted(question):
            return len(question.goals)
        case _:
            assert_never(task)


def _stage(finished: int, tasks: Sequence[Task]) -> str:
    examples = "examples for the tests, and " if any(isinstance(task, ExamplesWanted) for task in tasks) else ""
    return f"{examples}what each proof rests on: {finished} of {len(tasks)}"
