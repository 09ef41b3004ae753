"""Hints: the ranks, descents, traps, helpers and inductions that a prover has to find, and objections to them.

Everything else about a proof follows from the machine and its hints.
"""

from collections.abc import Container, Iterator, Mapping
from dataclasses import field
from typing import TypeAlias

from quiesce.kernel.problem import Problem
from quiesce.kernel.subjects import Location, Preserved, StepKept, Subject, Waiting, WaitPossible, WayDown
from quiesce.spec.meaning.well_formed import IllFormed, WellFormed, members_of
from quiesce.spec.model import BOOL, INT, Expr, ParameterDecl, Recoverable
from quiesce.spec.record import record
from quiesce.spec.rewrite import conjunction
from quiesce.spec.state import Run

Rank: TypeAlias = tuple[Expr, ...]
"""Integer expressions that are never negative, the most significant first."""


@record
class Descent:
    """How the goal is approached from the states of one location: one of these actions leads on, or lowers the rank."""

    location: Location
    rank: Rank
    helpful: tuple[str, ...]


@record
class Trap:
    """A run into a set of states that is never left, and the facts that describe the set, about `parameters`."""

    run: Run
    parameters: tuple[ParameterDecl, ...]
    facts: tuple[Expr, ...]

    @property
    def claim(self) -> Expr:
        """The claim that a state belongs to the set."""
        return conjunction(self.facts)


@record
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


# --- hints that are none -----------------------------------------------------------------------------------------


def objection_to(problem: Problem, due: Container[Subject], hints: Hints) -> str | None:
    """Why nothing can be made of these hints; None if each is about something that is due, in words of the machine."""
    try:
        for reason in _objections_to_hints(problem, due, hints):
            return reason
    except IllFormed as error:
        return str(error)
    return None


def _objections_to_hints(problem: Problem, due: Container[Subject], hints: Hints) -> Iterator[str]:
    known = WellFormed(problem.machine)
    arguments = frozenset(p.name for action in problem.machine.actions for p in action.parameters)
    for helper in problem.helpers:
        WellFormed(problem.machine, arguments).check(helper, BOOL, {})
    for helper in hints.helpers:
        known.check(helper, BOOL, {})
    for about, depth in hints.inductions.items():
        if not isinstance(about, Preserved | StepKept) or about not in due:
            yield "an induction is about nothing that an action has to keep"
        if type(depth) is not int or depth < 2:
            yield "an induction looks at fewer than two steps"
    for wait, rank in hints.ranks.items():
        if WaitPossible(wait) not in due:
            yield "a rank is about no wait that has to end"
        _check_rank(known, rank)
    moving = [action.name for action in problem.moving]
    for promise, descents in hints.descents.items():
        if any(WayDown(promise, descent.location) not in due for descent in descents):
            yield "a way down begins at no location of a promise that its goal can be reached"
        if len({descent.location for descent in descents}) < len(descents):
            yield "two ways down begin at one location"
        for descent in descents:
            _check_rank(known, descent.rank)
            if any(name not in moving for name in descent.helpful):
                yield "a way down consists of actions that change nothing"
    lost = [p.name for p in problem.machine.promises if isinstance(p.claim, Recoverable) and not p.holds]
    for promise, trap in hints.traps.items():
        if promise not in lost:
            yield "a trap is about no promise that its goal can be reached, and that is declared false"
        members = members_of(problem.machine, trap.parameters)
        for fact in trap.facts:
            known.check(fact, BOOL, members)


def _check_rank(known: WellFormed, rank: Rank) -> None:
    for part in rank:
        known.check(part, INT, {})
