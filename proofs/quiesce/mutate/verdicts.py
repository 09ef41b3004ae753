"""The verdicts on mutants."""

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
    """Something that the spec promises is broken; every obligation that was seen to be, the first one first."""

    by: tuple[Kill, ...]


@record
class Equivalent:
    """Proved to make no difference."""

    proof: str


@record
class Unconstrained:
    """Everything is still proved: the spec says something that no promise speaks of."""

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
