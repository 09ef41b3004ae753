"""Answers of a real solver to closed formulas, each found once, however many tests ask for it."""

from typing import Protocol

import z3

WORK = 3_000_000
"""What one answer may cost, in the solver's own count. Who runs out of it gets no confirmation."""

KNOWN: dict[str, bool] = {}
"""Whether the formulas of a script contradict each other, by its text. Nothing else of a test outlives it."""


class Asked(Protocol):
    """What is asked: the parts of a script."""

    @property
    def declarations(self) -> tuple[str, ...]: ...

    @property
    def premises(self) -> tuple[str, ...]: ...

    @property
    def negated_goal(self) -> str: ...


class Confirmed:
    """Every condition that the solver confirms, found when it is asked for."""

    def __contains__(self, condition: object) -> bool:
        text = _text(condition)  # type: ignore[arg-type]
        if text not in KNOWN:
            solver = z3.Solver(ctx=z3.Context())
            solver.set("rlimit", WORK)
            solver.from_string(text)
            KNOWN[text] = solver.check() == z3.unsat
        return KNOWN[text]


def _text(asked: Asked) -> str:
    terms = (f"(assert {term})" for term in (*asked.premises, asked.negated_goal))
    return "\n".join(("(set-logic ALL)", *asked.declarations, *terms))
