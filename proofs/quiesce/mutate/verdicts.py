"""The verdicts on mutants as data: killed by what, equivalent why, survived with what suggestion."""

from typing import TypeAlias

from quiesce.kernel.subjects import Subject
from quiesce.mutate.operators import Mutant
from quiesce.spec.model import Machine
from quiesce.spec.record import record
from quiesce.spec.state import Run


@record
class Kill:
    """A broken obligation, and the promise that it comes from, if somebody wrote one.

    `run` starts in an initial state of the mutant and was replayed on the interpreter. Where there is none, it was
    proved of every run that what the obligation asks for never happens; `reason` says so.
    """

    obligation: Subject
    promise: str | None
    run: Run | None
    reason: str


@record
class Killed:
    """The mutant breaks a promise; `by` lists every obligation that was seen broken, the first one first."""

    by: tuple[Kill, ...]


@record
class Equivalent:
    """Proved to make no difference."""

    proof: str


@record
class Unconstrained:
    """Everything is still proved: no promise speaks of the changed part."""

    suggestion: str


@record
class Undecided:
    """Neither a run that breaks a promise was found nor a proof that none does."""

    reason: str


@record
class Failed:
    """An internal error: this program has no answer."""

    reason: str


Verdict: TypeAlias = Killed | Equivalent | Unconstrained | Undecided | Failed


@record
class Judged:
    """A mutant with its verdict."""

    mutant: Mutant
    verdict: Verdict


@record
class Survey:
    """All mutants of a machine, in the order of the spec."""

    machine: Machine
    judged: tuple[Judged, ...]
