"""All conditions of a proof: what a solver has to confirm once everything that needs finding has been found.

The same machine and the same hints give the same conditions, letter by letter. So a proof can be stored, and checked
again by somebody who does not trust the prover.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from types import MappingProxyType
from typing import TypeAlias

from quiesce.kernel.batches import Batch, action_batch, state_batch
from quiesce.kernel.hints import Descent, Hints, Rank, Trap
from quiesce.kernel.kinds import Obligation, location_name, wait_name
from quiesce.kernel.obligations import obligations
from quiesce.kernel.problem import Problem, unassuming
from quiesce.kernel.rules.induction import induction_batches
from quiesce.kernel.rules.progress import descent_batch, possible_batch, progress_batches
from quiesce.kernel.rules.steps import local_batches
from quiesce.kernel.rules.vacuity import Situation, situations
from quiesce.kernel.rules.waits import Wait, waits_of
from quiesce.kernel.subjects import Applies, Fails, Location, Subject, Waiting
from quiesce.spec.apart import named_apart
from quiesce.spec.meaning.formulas import parameter_claims
from quiesce.spec.meaning.totals import split
from quiesce.spec.model import Expr, Not, Recoverable
from quiesce.spec.rewrite import rename_arguments

Named: TypeAlias = tuple[str, Batch[Subject]]
"""A batch of conditions, and a name that no other batch of the same proof has."""


@dataclass(frozen=True, eq=False)
class Plan:
    """The conditions of one problem. Each batch is made once, however often it is asked for."""

    problem: Problem
    _progress: dict[tuple[tuple[Waiting, Rank], ...], tuple[Named, ...]] = field(default_factory=dict, init=False)
    _descents: dict[tuple[str, Descent, tuple[Location, ...]], Batch[Subject]] = field(default_factory=dict, init=False)

    @cached_property
    def due(self) -> Mapping[Subject, Obligation]:
        """Everything that has to be proved, in the order in which it is reported."""
        listed = obligations(self.problem, self.situations.values())
        return MappingProxyType({obligation.about: obligation for obligation in listed})

    @cached_property
    def situations(self) -> Mapping[Applies, Situation]:
        """The situations of promises, each of which has to arise in some run for its promise to say anything."""
        return MappingProxyType({situation.about: situation for situation in situations(self.problem)})

    @cached_property
    def local(self) -> tuple[Named, ...]:
        """Every condition about one state or one step."""
        return tuple(local_batches(self.problem))

    @cached_property
    def waits(self) -> Mapping[Waiting, Wait]:
        """Every wait that is to end."""
        return MappingProxyType(dict(waits_of(self.problem.machine)))

    @cached_property
    def possible(self) -> tuple[Named, ...]:
        """For each wait, that some fair action can happen as long as it goes on."""
        return tuple(
            (f"possible {wait_name(waiting)}", possible_batch(self.problem, waiting, wait))
            for waiting, wait in self.waits.items()
        )

    def progress(self, ranks: Mapping[Waiting, Rank]) -> tuple[Named, ...]:
        """Conditions that each step ends each of these waits, or continues it, at a lower rank if the step is fair."""
        key = tuple(ranks.items())
        if key not in self._progress:
            ranked = {waiting: (self.waits[waiting], rank) for waiting, rank in key}
            self._progress[key] = tuple(progress_batches(self.problem, ranked))
        return self._progress[key]

    def descent(self, promise: str, descent: Descent, settled: Collection[Location]) -> Batch[Subject]:
        """Conditions that from every state of a location some helpful action leads down to the goal of a promise."""
        key = promise, descent, tuple(settled)
        if key not in self._descents:
            claim = self.problem.promise(promise).claim
            if not isinstance(claim, Recoverable):
                raise TypeError(f"{promise} is not about recovery")
            self._descents[key] = descent_batch(self.problem, promise, claim.goal, descent, settled)
        return self._descents[key]

    def trap(self, promise: str, trap: Trap) -> Iterator[Named]:
        """Conditions that no step leads out of a trap, and that the goal of a promise declared false is not in it."""
        declared = self.problem.promise(promise)
        problem = self.problem if declared.assuming else unassuming(self.problem)
        if not isinstance(declared.claim, Recoverable):
            raise TypeError(f"{promise} is not about recovery")
        trapped = "trapped."  # no action has an argument of such a name
        members = tuple(replace(member, name=f"{trapped}{member.name}") for member in trap.parameters)
        claim = rename_arguments(named_apart(trap.claim), trap.parameters, trapped)
        for action in problem.moving:
            goals: list[tuple[Subject, Expr]] = [(Fails(promise), claim)]
            yield f"trap {promise} {action.name}", action_batch(problem, action, goals, [claim], members)
        known = (*parameter_claims(problem.machine, members), claim)
        apart: tuple[Subject, Expr] = (Fails(promise), Not(split(declared.claim.goal)))
        yield f"trap {promise} apart", state_batch(problem, [apart], members, known)

    def batches(self, hints: Hints) -> Iterator[Named]:
        """Every batch of conditions of a proof with these hints."""
        for name, batch in self.local:
            left = [number for number, (about, _) in enumerate(batch.goals) if about not in hints.inductions]
            if left:
                yield name, batch if len(left) == len(batch.goals) else batch.only(left)
        for about, depth in hints.inductions.items():
            yield from induction_batches(self.problem, about, depth)
        yield from self.possible
        yield from self.progress(hints.ranks)
        for promise, descents in hints.descents.items():
            for number, descent in enumerate(descents):
                settled = [earlier.location for earlier in descents[:number]]
                name = f"recoverable {promise} {location_name(descent.location)}"
                yield name, self.descent(promise, descent, settled)
        for promise, trap in hints.traps.items():
            yield from self.trap(promise, trap)
