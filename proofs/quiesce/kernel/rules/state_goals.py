"""Goals of obligations about every reachable state and any arguments, told apart by arguments of their own."""

from collections.abc import Iterable
from dataclasses import replace

from quiesce.kernel.kinds import Obligation
from quiesce.kernel.subjects import Subject
from quiesce.spec.model import Binary, Expr, Not, Op, ParameterDecl
from quiesce.spec.record import record
from quiesce.spec.rewrite import both, rename_arguments


@record
class StateGoal:
    """An obligation about every reachable state and any arguments: where `where` holds, `claim` does.

    `otherwise` says what is wrong with a step of its action where it does not.
    """

    obligation: Obligation
    parameters: tuple[ParameterDecl, ...]
    where: Expr
    claim: Expr
    otherwise: str

    @property
    def broken(self) -> Expr:
        """The claim that holds of exactly those states and arguments which break the goal."""
        return both(self.where, Not(self.claim))

    @property
    def whole(self) -> Expr:
        """The goal as one claim about a state and any arguments."""
        return Binary(Op.IMPLIES, self.where, self.claim)


def told_apart(goals: Iterable[StateGoal]) -> tuple[list[tuple[Subject, Expr]], tuple[ParameterDecl, ...]]:
    """The claims of `goals`, each with arguments of its own, and all these arguments."""
    claims: list[tuple[Subject, Expr]] = []
    parameters: list[ParameterDecl] = []
    for number, goal in enumerate(goals):
        prefix = f"{number}."
        parameters += [replace(p, name=f"{prefix}{p.name}") for p in goal.parameters]
        claims.append((goal.obligation.about, rename_arguments(goal.whole, goal.parameters, prefix)))
    return claims, tuple(parameters)
