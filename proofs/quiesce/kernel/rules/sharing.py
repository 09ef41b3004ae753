"""Contracts that can be shared: two callers that keep one are together one caller that keeps it.

What is offered to all callers taken together is then offered to each of them, and the other way round.
"""

from collections.abc import Iterator
from functools import partial

from quiesce.kernel.kinds import Obligation
from quiesce.kernel.problem import Problem
from quiesce.kernel.rules.lower_calls import Owed
from quiesce.kernel.rules.state_goals import StateGoal
from quiesce.kernel.subjects import OffersShared
from quiesce.spec.effects import effect_of
from quiesce.spec.meaning.formulas import parameter_claims
from quiesce.spec.model import TRUE, Action, Binary, Expr, Machine, Op, Parameter, ParameterDecl, Variable
from quiesce.spec.rewrite import both, conjunction, equal, map_children

MINE, OTHERS = "mine", "others"


def shared_owed(problem: Problem) -> Iterator[Owed]:
    """The claims that callers who keep the contract are together one caller who does.

    They are about no state of the machine.

    Nothing if the machine offers no contract.
    """
    contract = problem.machine.provides
    if contract is not None:
        obligation = Obligation(OffersShared(), problem.machine.span)
        yield Owed(obligation, partial(_shared_goal, problem, contract, obligation))


def _shared_goal(problem: Problem, contract: Machine, obligation: Obligation) -> StateGoal:
    declared: list[ParameterDecl] = []
    claims: list[Expr] = []
    for v in contract.variables:
        declared += (ParameterDecl(f"{who}.{v.name}", v.type, new=False, span=v.span) for who in (MINE, OTHERS))
    for outcome in contract.actions:
        for p in outcome.parameters:
            declared.append(ParameterDecl(f"{outcome.name}.{p.name}", p.type, new=False, span=p.span))
        claims.append(_answered_alike_in_company(contract, outcome))
    known = conjunction(parameter_claims(problem.machine, tuple(declared)))
    otherwise = "is not what it would be for several callers"
    return StateGoal(obligation, tuple(declared), known, conjunction(claims), otherwise)


def _answered_alike_in_company(contract: Machine, outcome: Action) -> Expr:
    """The claim that a caller is answered alike alone and in the company of other callers."""

    def seen(expr: Expr, *, together: bool) -> Expr:
        match expr:
            case Variable(name, type_):
                mine, others = Parameter(f"{MINE}.{name}", type_), Parameter(f"{OTHERS}.{name}", type_)
                return Binary(Op.ADD, mine, others) if together else mine
            case Parameter(name, type_):
                return Parameter(f"{outcome.name}.{name}", type_)
            case _:
                return map_children(expr, lambda child: seen(child, together=together))

    applies, legal = conjunction(outcome.when), conjunction(assumption.claim for assumption in outcome.assumes)
    values = effect_of(contract, outcome).scalars
    adds_up = (
        equal(
            seen(values[v.name], together=True),
            Binary(Op.ADD, seen(values[v.name], together=False), Parameter(f"{OTHERS}.{v.name}", v.type)),
        )
        for v in contract.variables
        if v.name in values
    )
    # Of a claim that speaks of nothing that is counted nothing has to be shown: it is the same for both.
    counting = [claim for claim in (legal, applies) if seen(claim, together=True) != seen(claim, together=False)]
    alone = both(seen(legal, together=False), seen(applies, together=False))
    company = conjunction([*(seen(claim, together=True) for claim in counting), *adds_up])
    forth = Binary(Op.IMPLIES, alone, company) if company != TRUE else TRUE
    back = Binary(Op.IMPLIES, seen(applies, together=True), seen(applies, together=False))
    return both(forth, back) if applies in counting else forth
