"""The plan of a proof, every condition as text, and the purpose of each run, derived from a machine and a proposal.

The kernel derives the conditions. This module only names them, and groups those that have premises in common.
"""

from collections.abc import Container, Iterator, Mapping
from functools import cached_property

from quiesce.certify.proposal import Proposal
from quiesce.kernel.batches import Condition
from quiesce.kernel.established import Established, established, stuck
from quiesce.kernel.hints import Hints
from quiesce.kernel.kinds import id_of
from quiesce.kernel.plan import Plan
from quiesce.kernel.problem import problem_of
from quiesce.kernel.runs.shown import objection
from quiesce.kernel.subjects import Applies, Assumed, BranchTaken, Fails, Happens, Subject, ValueTaken
from quiesce.spec.meaning.scripts import Script
from quiesce.spec.meaning.totals import UnsupportedTotal
from quiesce.spec.model import Machine
from quiesce.spec.record import record
from quiesce.spec.state import Run


class NoConditions(Exception):
    """Hints that no condition can be made from; the message says why."""


@record
class Questions:
    """Conditions with premises in common, as one script, and each of them as the kernel knows it."""

    script: Script
    conditions: tuple[Condition, ...]


@record
class Derivation:
    """The proof that a proposal comes to, if all its conditions hold. The machine and the proposal determine it."""

    machine: Machine
    proposal: Proposal
    within: str = ""

    @cached_property
    def contracts(self) -> "tuple[Derivation, ...]":
        """The same for each contract that the machine offers or uses; `within` then tells of which machine they are."""
        return tuple(
            Derivation(contract, self.proposal.contracts[contract.name], f"{self.within}contract {contract.name} ")
            for contract in self.machine.contracts
            if contract.name in self.proposal.contracts
        )

    def established(self, confirmed: Container[Condition]) -> Established:
        """The kernel's verdict if these conditions are confirmed."""
        contracts = tuple(contract.established(confirmed) for contract in self.contracts)
        return established(self.plan, self.hints, confirmed, self.runs, contracts)

    def still_open(self, confirmed: Container[Condition]) -> Iterator[tuple[str, str]]:
        """The name of each obligation that is not established then, with the reason; those of contracts come first."""
        for contract in self.contracts:
            yield from contract.still_open(confirmed)
        for outcome in self.established(confirmed).still_open:
            yield self._called(outcome.obligation.id), outcome.reason

    @property
    def hints(self) -> Hints:
        """The hints that the proposal has besides runs."""
        return self.proposal.hints

    @cached_property
    def plan(self) -> Plan:
        """The plan of the proof: everything that has to be shown."""
        return Plan(problem_of(self.machine, self.hints.helpers))

    @cached_property
    def runs(self) -> Mapping[Subject, Run]:
        """The run for each obligation that one answers: of several witnesses the first."""
        found: dict[Subject, Run] = {}
        for about in self.plan.due:
            match about:
                case Fails(promise) if promise in self.hints.traps:
                    found[about] = self.hints.traps[promise].run
                case Fails(promise) if promise in self.proposal.failures:
                    found[about] = self.proposal.failures[promise]
                case Happens() | BranchTaken() | ValueTaken() | Applies() | Assumed():
                    run = next((run for run in self.proposal.witnesses if self._shows(about, run)), None)
                    if run is not None:
                        found[about] = run
                case _:
                    pass
        return found

    def _shows(self, about: Subject, run: Run) -> bool:
        return objection(self.plan, self.hints, about, run) is None

    @cached_property
    def questions(self) -> tuple[Questions, ...]:
        """Every condition; the same machine and the same proposal give the same text.

        Raises:
            NoConditions: the hints speak of something that has no encoding.
        """
        try:
            own = (*self._derived(), *self._stuck())
        except UnsupportedTotal as error:
            raise NoConditions(str(error)) from error
        except RecursionError as error:
            raise NoConditions("nested too deeply") from error
        return (*own, *(questions for contract in self.contracts for questions in contract.questions))

    def _called(self, goal: str) -> str:
        return f"{self.within.replace(' ', '/')}{goal}"

    def _derived(self) -> Iterator[Questions]:
        for name, batch in self.plan.batches(self.hints):
            names = map(self._called, _names_of_goals(tuple(about for about, _ in batch.goals)))
            goals = zip(names, batch.negated_goals, strict=True)
            script = Script(
                f"{self.within}{name}", batch.declarations, (*batch.invariants, *batch.assumptions), tuple(goals)
            )
            yield Questions(script, batch.conditions)

    def _stuck(self) -> Iterator[Questions]:
        for about, run in self.runs.items():
            if isinstance(about, Fails):
                for number, condition in enumerate(stuck(self.plan.problem, about, run), 1):
                    goal = (self._called(f"{id_of(about)} stuck {number}"), condition.negated_goal)
                    name = f"{self.within}stuck {about.promise} {number}"
                    yield Questions(Script(name, condition.declarations, condition.premises, (goal,)), (condition,))


def _names_of_goals(subjects: tuple[Subject, ...]) -> Iterator[str]:
    """A name for each goal of a batch."""
    for number, about in enumerate(subjects, 1):
        yield id_of(about) if subjects.count(about) == 1 else f"{id_of(about)} {number}"
