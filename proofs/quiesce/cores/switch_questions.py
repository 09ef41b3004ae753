"""Questions of proof cores asked of the machine with switches: total calls, enabled actions, waits, and recovery.

Each is a condition of the prover; its premises are the switches, and what is known of every state.
"""

from collections.abc import Iterator

from quiesce.cores.minimal import Goal, Question
from quiesce.cores.parts import Part, Ranged
from quiesce.cores.premises import invariant_parts
from quiesce.cores.switches import Switched
from quiesce.kernel.batches import Batch
from quiesce.kernel.hints import Hints
from quiesce.kernel.problem import Problem
from quiesce.kernel.rules.enabled import enabled_batch
from quiesce.kernel.rules.outcomes import landing_batches, total_batches
from quiesce.kernel.rules.progress import descent_batch, possible_batch
from quiesce.kernel.rules.waits import waits_of
from quiesce.kernel.subjects import Subject
from quiesce.spec.model import Recoverable


def total_questions(wired: Switched) -> Iterator[Question]:
    """Questions whether each call has exactly one outcome, and so has each activity that is due."""
    yield from (switched_question(wired, batch) for batch in total_batches(wired.problem))
    yield from (switched_question(wired, batch) for _, batch in landing_batches(wired.problem))


def enabled_questions(wired: Switched) -> Iterator[Question]:
    """Questions whether calls are answered, and actions possible, where a promise says so."""
    batch = enabled_batch(wired.problem)
    if batch.goals:
        yield switched_question(wired, batch)


def possible_questions(wired: Switched, problem: Problem) -> Iterator[Question]:
    """Questions whether some fair action can happen while a wait goes on.

    The waits are those of the unchanged machine.
    """
    for waiting, wait in waits_of(problem.machine):
        yield switched_question(wired, possible_batch(wired.problem, waiting, wait))


def recovery_questions(wired: Switched, hints: Hints) -> Iterator[Question]:
    """Questions whether some action leads on from every state of a location."""
    for promise in wired.problem.machine.promises:
        if not isinstance(promise.claim, Recoverable):
            continue
        descents = hints.descents.get(promise.name, ())
        for number, descent in enumerate(descents):
            settled = [earlier.location for earlier in descents[:number]]
            batch = descent_batch(wired.problem, promise.name, promise.claim.goal, descent, settled)
            yield switched_question(wired, batch)


def switched_question(wired: Switched, batch: Batch[Subject]) -> Question:
    """Conditions of the machine with switches, as goals under its switches and under what is known of every state."""
    parts = [part for part, _ in invariant_parts(wired.problem)]
    premises: dict[Part, str] = dict(zip(parts, batch.invariants, strict=False))
    premises |= {part: f"self.{name}" for part, name in wired.switches.items()}
    policies = batch.invariants[len(parts) :]
    first = frozenset([*wired.switches, *(part for part in parts if isinstance(part, Ranged))])
    goals = tuple(
        Goal(about, negated, first) for (about, _), negated in zip(batch.goals, batch.negated_goals, strict=True)
    )
    return Question(batch.declarations, (*policies, *batch.assumptions), premises, goals)
