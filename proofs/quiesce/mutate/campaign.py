"""All mutants of a machine, judged in several processes."""

from collections.abc import Callable, Sequence
from contextlib import closing
from typing import TypeAlias, assert_never

from quiesce.mutate.judge import USUAL, Case, judge
from quiesce.mutate.operators import Mutant
from quiesce.mutate.verdicts import Failed, Judged, Survey, Unconstrained, Undecided, Verdict
from quiesce.prove.checked import CheckedMachine
from quiesce.prove.effort import Effort
from quiesce.workers.pool import Crashed, Done, Ended, TimedOut, run_all

Progress: TypeAlias = Callable[[int, int, int], None]
"""Told how many mutants are judged, of how many, and how many of them survived so far."""


def survey(
    checked: CheckedMachine,
    chosen: Sequence[Mutant],
    effort: Effort = USUAL,
    jobs: int = 1,
    progress: Progress | None = None,
) -> Survey:
    """The verdict on each of `chosen`, mutants of a machine of which everything is proved; in the order given.

    Verdicts do not depend on `jobs`, nor on how fast the machine is: budgets are counted, not timed. Only a process
    that hangs, or that somebody has stopped, is given up after the `timeout` of the effort: its mutant is undecided.
    """
    helpers = checked.report.hints.helpers
    cases = [Case(checked.machine, helpers, mutant, effort) for mutant in chosen]
    verdicts: dict[int, Verdict] = {}
    survivors = 0
    with closing(run_all(judge, cases, jobs, effort.timeout)) as ends:
        for index, ended in ends:
            verdicts[index] = verdict = _verdict_of_worker(ended)
            survivors += isinstance(verdict, Unconstrained | Undecided | Failed)
            if progress is not None:
                progress(len(verdicts), len(cases), survivors)
    unanswered = Failed("no process answered")
    return Survey(
        checked.machine,
        tuple(Judged(mutant, verdicts.get(index, unanswered)) for index, mutant in enumerate(chosen)),
    )


def _verdict_of_worker(ended: Ended[Verdict]) -> Verdict:
    match ended:
        case Done(verdict):
            return verdict
        case Crashed(reason, trace):
            return Failed("\n".join(part for part in (reason, trace) if part))
        case TimedOut(seconds):
            return Undecided(f"not answered within {seconds} seconds")
        case _:
            assert_never(ended)
