"""The verdict on each obligation with its run and cost, reports of verdicts, and control graphs.

Knows no solver, so that generation, diagrams and the command line may use it.
"""

from dataclasses import field
from enum import Enum

from quiesce.kernel.established import Established
from quiesce.kernel.hints import NOTHING, Hints
from quiesce.kernel.kinds import Obligation
from quiesce.kernel.subjects import Location
from quiesce.spec.model import Machine
from quiesce.spec.record import record
from quiesce.spec.state import Run


class Verdict(Enum):
    """The answers. Only `PROVED` is green; an expected failure that was confirmed counts as proved."""

    PROVED = "proved"
    REFUTED = "refuted"
    UNKNOWN = "unknown"
    VACUOUS = "vacuous"
    ERROR = "error"


@record
class Result:
    """The verdict on one obligation.

    `rlimit` is the solver's own count of resources, comparable between machines; obligations that were proved in one
    query share its cost. `detail` is a sentence for a person.
    `run` starts in an initial state and was replayed on the interpreter: a counterexample, or a witness. `cti` is a
    step that a proof could not exclude; it starts in a state that no run need reach, and is never called a bug.
    """

    obligation: Obligation
    verdict: Verdict
    rlimit: int = 0
    detail: str = ""
    run: Run | None = None
    cti: Run | None = None


@record
class Report:
    """All results for one machine, in the order of its obligations, and what had to be found for them.

    `established` is what the kernel says of them; without it nothing counts as proved. `contracts` has the same for
    each contract that the machine offers or uses.
    """

    machine: Machine
    results: tuple[Result, ...]
    hints: Hints = NOTHING
    established: Established | None = field(default=None, compare=False, repr=False)
    contracts: tuple["Report", ...] = ()


@record
class Edge:
    """Some reachable step of `action` leads from `source` to `target`; established by the solver, not by the text."""

    source: Location
    action: str
    target: Location


@record
class ControlGraph:
    """The machine seen through its enum variables. Locations are in breadth-first order from the initial ones."""

    machine: Machine
    variables: tuple[str, ...]
    locations: tuple[Location, ...]
    initial: tuple[Location, ...]
    edges: tuple[Edge, ...]
