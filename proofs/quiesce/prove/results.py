"""What a proof attempt produces. Knows no solver, so that generation, diagrams and the command line may use it."""

from dataclasses import dataclass
from enum import Enum

from quiesce.prove.findings import NOTHING, Findings, Location
from quiesce.spec.model import Machine, Span
from quiesce.spec.state import Run


class Kind(Enum):
    """The kinds of obligation."""

    TOTAL = "total"
    START = "start"
    STEP = "step"
    STEP_PROMISE = "step promise"
    ANSWER = "answer"
    POSSIBLE = "possible"
    PRISTINE = "pristine"
    RECOVERABLE = "recoverable"
    LEADS_TO = "leads to"
    INERT = "inert"
    ASSUMED = "assumption"
    DUTY = "duty"
    OFFER = "offer"
    WITNESS = "witness"
    CARRIED = "carried"
    EXPECTED_FAILURE = "expected failure"


class Verdict(Enum):
    """The answers. Only `PROVED` is green; an expected failure that was confirmed counts as proved."""

    PROVED = "proved"
    REFUTED = "refuted"
    UNKNOWN = "unknown"
    VACUOUS = "vacuous"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Obligation:
    """One thing to prove. `promise` and `action` name what it is about; `span` is where to look in the spec."""

    id: str
    kind: Kind
    promise: str | None
    action: str | None
    span: Span


@dataclass(frozen=True, slots=True)
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


@dataclass(frozen=True, slots=True)
class Report:
    """All results for one machine, in the order of its obligations, and what had to be found for them."""

    machine: Machine
    results: tuple[Result, ...]
    findings: Findings = NOTHING


@dataclass(frozen=True, slots=True)
class Edge:
    """Some reachable step of `action` leads from `source` to `target`; established by the solver, not by the text."""

    source: Location
    action: str
    target: Location


@dataclass(frozen=True, slots=True)
class ControlGraph:
    """The machine seen through its enum variables. Locations are in breadth-first order from the initial ones."""

    machine: Machine
    variables: tuple[str, ...]
    locations: tuple[Location, ...]
    initial: tuple[Location, ...]
    edges: tuple[Edge, ...]
