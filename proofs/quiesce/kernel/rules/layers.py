"""All obligations of a machine to the layers below and above it, and to the contracts between them."""

from collections.abc import Iterable, Iterator

from quiesce.kernel.batches import Batch, state_batch
from quiesce.kernel.kinds import Obligation
from quiesce.kernel.problem import Problem
from quiesce.kernel.rules.calls_of_work import owed_while_work_runs
from quiesce.kernel.rules.lower_calls import Owed, owed_below
from quiesce.kernel.rules.refinement import offers_owed
from quiesce.kernel.rules.sharing import shared_owed
from quiesce.kernel.rules.state_goals import StateGoal, told_apart
from quiesce.kernel.subjects import Apart, SameCalls, Subject, WholeContract
from quiesce.spec.meaning.totals import split
from quiesce.spec.model import Machine


def contracts_owed(problem: Problem) -> Iterator[tuple[Obligation, Machine]]:
    """The obligation that everything a contract promises is proved, for each contract that the machine offers or uses.

    Proofs about a layer rest on its contract: on each call having exactly one outcome for every answer, and on counters
    staying within their types. People who read the contract instead of the layers rely on its other promises. So
    whoever uses or offers a contract answers for the whole of it, which is a machine like any other; one that has a
    single obligation open is not proved.
    """
    for contract in problem.machine.contracts:
        yield Obligation(WholeContract(contract.name), problem.machine.span), contract


def layers_owed(problem: Problem, acting: Problem | None = None) -> Iterator[Owed]:
    """All obligations of a machine to the layers below and above it; `acting` is as in `offers_owed`."""
    yield from owed_below(acting or problem)
    yield from offers_owed(problem, acting)
    yield from shared_owed(problem)
    yield from owed_while_work_runs(problem, acting or problem)


def asked_together(goals: Iterable[StateGoal]) -> Iterator[tuple[str, list[StateGoal]]]:
    """The goals in groups with names, none of them empty.

    A goal about running work is one by itself: it speaks of more members than others, and what is known of totals is
    told of each of them.
    """
    groups: dict[str, list[StateGoal]] = {}
    for goal in goals:
        alone = isinstance(goal.obligation.about, Apart | SameCalls)
        groups.setdefault(goal.obligation.id if alone else "layers", []).append(goal)
    yield from groups.items()


def layer_batches(problem: Problem) -> Iterator[tuple[str, Batch[Subject]]]:
    """The obligations of a machine to the layers below and above it, each with arguments of its own."""
    for name, goals in asked_together(owed.goal() for owed in layers_owed(problem)):
        claims, parameters = told_apart(goals)
        yield name, state_batch(problem, [(about, split(claim)) for about, claim in claims], parameters)
