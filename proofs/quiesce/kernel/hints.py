"""What a prover has to find. Everything else about a proof follows from the machine and from these."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from quiesce.kernel.kinds import Location, Preserved, StepKept, Waiting
from quiesce.spec.model import Expr, ParameterDecl
from quiesce.spec.rewrite import conjunction
from quiesce.spec.state import Run

Rank: TypeAlias = tuple[Expr, ...]
"""Integer expressions that are never negative, the most significant first."""


@dataclass(frozen=True, slots=True)
class Descent:
    """How the goal is approached from the states of one location: one of these actions leads on, or lowers the rank."""

    location: Location
    rank: Rank
    helpful: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Trap:
    """A run into a set of states that is never left, and the facts that describe the set, about `parameters`."""

    run: Run
    parameters: tuple[ParameterDecl, ...]
    facts: tuple[Expr, ...]

    @property
    def claim(self) -> Expr:
        """That a state belongs to the set."""
        return conjunction(self.facts)


@dataclass(frozen=True, slots=True)
class Hints:
    """All that one proof needed to find.

    `helpers` are invariants that nobody wrote, `inductions` tells of an obligation how many steps its proof looks back
    where that is more than one, `ranks` has one for each wait that ends, `descents` lists for each recoverable promise
    its locations in the order in which they are settled, and `traps` shows why a promise that was declared false is.
    `contracts` has the same for each contract that the machine offers or uses, by its name.
    """

    helpers: tuple[Expr, ...] = ()
    inductions: Mapping[Preserved | StepKept, int] = field(default_factory=dict)
    ranks: Mapping[Waiting, Rank] = field(default_factory=dict)
    descents: Mapping[str, tuple[Descent, ...]] = field(default_factory=dict)
    traps: Mapping[str, Trap] = field(default_factory=dict)
    contracts: Mapping[str, "Hints"] = field(default_factory=dict)


NOTHING = Hints()
"""The hints of a proof that needed none."""
