"""The question to a solver, as text alone, which can be sent to another process more easily than expressions."""

from collections.abc import Mapping, Sequence
from dataclasses import field
from typing import Protocol

from quiesce.kernel.batches import Batch
from quiesce.kernel.kinds import id_of
from quiesce.kernel.subjects import Subject
from quiesce.spec.record import record


class Asked(Protocol):
    """Goals under premises, as SMT-LIB terms. What is read here may raise `UnsupportedTotal`: it then has no text."""

    @property
    def goals(self) -> Sequence[object]:
        """The goals, in any form: how many there are is what counts."""

    @property
    def declarations(self) -> tuple[str, ...]:
        """Declarations of every symbol."""

    @property
    def invariants(self) -> tuple[str, ...]:
        """The facts about every reachable state."""

    @property
    def assumptions(self) -> tuple[str, ...]:
        """Further facts that this question may use."""

    @property
    def negated_goals(self) -> tuple[str, ...]:
        """The negation of each goal."""

    @property
    def refused(self) -> Mapping[int, str]:
        """The numbers of the goals that cannot be asked, each with the reason."""


@record
class Text:
    """The text of what is asked; `goals` are names of the goals."""

    goals: tuple[str, ...]
    declarations: tuple[str, ...]
    invariants: tuple[str, ...]
    assumptions: tuple[str, ...]
    negated_goals: tuple[str, ...]
    refused: Mapping[int, str] = field(default_factory=dict)


def text_of(batch: Batch[object]) -> Text:
    """The text of a batch.

    Raises:
        UnsupportedTotal: it has none.
    """
    names = tuple(id_of(label) if isinstance(label, Subject) else str(label) for label, _ in batch.goals)
    return Text(names, batch.declarations, batch.invariants, batch.assumptions, batch.negated_goals, batch.refused)
