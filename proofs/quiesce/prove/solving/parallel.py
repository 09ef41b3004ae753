"""Batches answered by several processes. Importing this loads the solver, so that no task has to wait for it."""

from collections.abc import Iterator, Sequence
from contextlib import closing
from typing import assert_never

from quiesce.prove.effort import Effort
from quiesce.prove.solving.answers import Answer, Check
from quiesce.prove.solving.request import Text
from quiesce.prove.solving.z3_solver import Solver
from quiesce.spec.record import record
from quiesce.workers.pool import Crashed, Done, Ended, TimedOut, run_all


@record
class Task:
    """The task of a process: a text to answer, and how hard to try."""

    text: Text
    effort: Effort


def answer(task: Task) -> tuple[Check, ...]:
    """One answer for each goal, by a solver that was asked nothing before: no answer depends on who else asked what."""
    return Solver(task.effort).check(task.text)


def answered(tasks: Sequence[Task], jobs: int, timeout: float) -> Iterator[tuple[int, tuple[Check, ...]]]:
    """The number of each task with its answers, as they come in.

    Every task is answered once, with one check for each goal; they are `lost` where the process timed out or died.
    """
    with closing(run_all(answer, tasks, jobs, timeout)) as ends:
        for number, ended in ends:
            yield number, _checks(tasks[number], ended)


def _checks(task: Task, ended: Ended[tuple[Check, ...]]) -> tuple[Check, ...]:
    goals = len(task.text.goals)
    match ended:
        case Done(checks) if len(checks) == goals:
            return checks
        case Done(checks):
            reason = f"{len(checks)} answers came back for {goals} conditions"
        case Crashed(reason):
            pass
        case TimedOut(seconds):
            reason = f"no answer came within {seconds:g} seconds"
        case _:
            assert_never(ended)
    return (Check(Answer.UNKNOWN, 0, reason, lost=True),) * goals
