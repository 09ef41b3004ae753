"""All conditions of a proof: what a solver has to confirm once everything that needs finding has been found.

The same machine and the same findings give the same conditions, letter by letter. So a proof can be stored, and checked
again by somebody who does not trust the prover.
"""

from collections.abc import Iterator, Mapping

from quiesce.kernel.batches import Batch, action_batch, state_batch
from quiesce.kernel.hints import Findings, Trap
from quiesce.kernel.induction import induction_batches
from quiesce.kernel.obligations import location_name
from quiesce.kernel.problem import Problem, parameter_claims, unassuming
from quiesce.kernel.progress import descent_batch, possible_batch, progress_batches, waits_of
from quiesce.kernel.steps import local_batches
from quiesce.kernel.totals import split
from quiesce.spec.model import Not, Recoverable


def planned(problem: Problem, findings: Findings) -> Iterator[tuple[str, Batch]]:
    """Every batch of conditions with a name that no other has. `problem` knows the helpers among the findings."""
    for name, batch in local_batches(problem):
        left = tuple(goal for goal in batch.goals if goal[0] not in findings.inductions)
        if left:
            yield name, batch.only(left)
    for obligation, depth in findings.inductions.items():
        yield from induction_batches(problem, obligation, depth)
    waits = dict(waits_of(problem.machine))
    for name, wait in waits.items():
        yield f"possible {name}", possible_batch(problem, name, wait)
    yield from progress_batches(problem, {name: (waits[name], rank) for name, rank in findings.ranks.items()})
    for promise in problem.machine.promises:
        if isinstance(promise.claim, Recoverable):
            yield from _descents(problem, promise.name, promise.claim, findings)
    promises = {promise.name: promise for promise in problem.machine.promises}
    for name, trap in findings.traps.items():
        where = problem if promises[name].assuming else unassuming(problem)
        yield from _trap(where, name, trap, _goals(problem)[name])


def _descents(problem: Problem, name: str, claim: Recoverable, findings: Findings) -> Iterator[tuple[str, Batch]]:
    descents = findings.descents.get(name, ())
    for number, descent in enumerate(descents):
        settled = [earlier.location for earlier in descents[:number]]
        batch = descent_batch(problem, name, claim.goal, descent, settled)
        yield f"recoverable {name} {location_name(descent.location)}", batch


def _goals(problem: Problem) -> Mapping[str, Recoverable]:
    return {p.name: p.claim for p in problem.machine.promises if isinstance(p.claim, Recoverable)}


def _trap(problem: Problem, name: str, trap: Trap, claim: Recoverable) -> Iterator[tuple[str, Batch]]:
    """The conditions that no step leads out of a trap, and that the goal of a recoverable promise is not in it."""
    for action in problem.moving:
        goals = [(f"trap/{name}/{action.name}", trap.claim)]
        yield f"trap {name} {action.name}", action_batch(problem, action, goals, [trap.claim], trap.parameters)
    known = (*parameter_claims(problem.machine, trap.parameters), *trap.facts)
    apart = (f"trap/{name}/apart", Not(split(claim.goal)))
    yield f"trap {name} apart", state_batch(problem, [apart], trap.parameters, known)
