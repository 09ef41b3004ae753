"""Minimal proof cores: for each obligation, premises that are enough and of which none can be spared.

Such a set is called a minimal core. It is *one* minimal core and not the only one: where two guards say the same, a
core has one of them. So what is in no core that was found may still be of use, and what is in one can sometimes be
replaced; whether a spec stays proved without a part is what mutation tells.
"""

from collections.abc import Mapping
from typing import TypeAlias

from quiesce.cores.parts import Part
from quiesce.kernel.subjects import Subject
from quiesce.prove.effort import Effort
from quiesce.prove.solving.z3_solver import CoreSolver
from quiesce.spec.record import record

Cores: TypeAlias = Mapping[Subject, frozenset[Part] | None]
"""For obligations that a solver decides, what their proofs rest on; None if no core was found."""


@record
class Goal:
    """A claim that has to follow, as text; the parts in `first` are tried alone before all others are added."""

    obligation: Subject
    negated: str
    first: frozenset[Part] = frozenset()


@record
class Question:
    """Goals under common premises, each of which is a part of the spec. `known` holds whatever the spec says."""

    declarations: tuple[str, ...]
    known: tuple[str, ...]
    premises: Mapping[Part, str]
    goals: tuple[Goal, ...]


def cores(question: Question, effort: Effort, patience: int | None = None) -> dict[Subject, frozenset[Part] | None]:
    """For each goal a minimal core; None where the goal was not proved.

    `patience` is for one attempt to do without a premise, where that is not the patience of the effort.
    """
    names = {f"{number}": part for number, part in enumerate(question.premises)}
    numbers = {part: name for name, part in names.items()}
    terms = {numbers[part]: term for part, term in question.premises.items()}
    solver = CoreSolver(question.declarations, question.known, terms, effort, patience or effort.patience)
    found: dict[Subject, frozenset[Part] | None] = {}
    for goal in question.goals:
        used = solver.core(goal.negated, [numbers[part] for part in question.premises if part in goal.first])
        found[goal.obligation] = None if used is None else frozenset(names[name] for name in used)
    return found
