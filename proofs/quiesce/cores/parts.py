"""The parts of a spec that a proof may rest on, and what was found of them. Knows no solver."""

from typing import TypeAlias

from quiesce.spec.model import Machine, Span
from quiesce.spec.record import record
from quiesce.spec.state import Run


@record
class Guard:
    """One conjunct of the guard of `action`; `number` counts them from 0."""

    action: str
    number: int
    text: str
    span: Span


@record
class Assumed:
    """Something that `action` assumes; `number` counts from 0."""

    action: str
    number: int
    text: str
    span: Span


@record
class Argument:
    """What the declaration of an argument of `action` says of it: its range, or that a member is new."""

    action: str
    text: str
    span: Span


@record
class Condition:
    """The condition of an `if` statement of `action`; `number` counts them from 0."""

    action: str
    number: int
    text: str
    span: Span


@record
class Update:
    """What one statement of `action` makes of one variable or field.

    `number` counts the updates of the action from 0. A `retire` is one update for each field that it resets.
    """

    action: str
    number: int
    place: str
    text: str
    span: Span


@record
class Kept:
    """That `action` leaves a variable, a field, or a field of the other members as it is. It is written nowhere."""

    action: str
    place: str
    span: Span


@record
class Initial:
    """The initial value of a variable or field."""

    place: str
    text: str
    span: Span


@record
class Promised:
    """A promise of the machine, which holds in the state before the step."""

    name: str
    span: Span


@record
class Ranged:
    """The declared range of a variable or field, which holds in the state before the step."""

    place: str
    span: Span


@record
class Helping:
    """An invariant that nobody wrote, and that the prover found."""

    name: str
    text: str
    span: Span


Part: TypeAlias = Guard | Assumed | Argument | Condition | Update | Kept | Initial | Promised | Ranged | Helping
"""Everything that a proof may rest on."""

Written: TypeAlias = Guard | Assumed | Condition | Update | Initial
"""A part that somebody wrote for a reason: if nothing rests on it, the promises do not say why it is there."""


@record
class Teeth:
    """What one claim rests on: a promise, what is owed to another layer, or what else is proved without being asked.

    The latter are ranges, calls, and waits of callers. What is owed goes by the id of its obligation, and has no run.

    `witness` is a run in which the claim matters, and its last step is taken by `action`. `rests_on` unites one minimal
    core for each obligation, in the order of the spec; the claim itself, assumed of the state before a step, is left
    out. `unexplained` are obligations that are proved, but of which no core was found.
    """

    claim: str
    span: Span
    is_promise: bool
    is_owed: bool
    witness: Run | None
    rests_on: tuple[Part, ...]
    unexplained: tuple[str, ...]

    @property
    def action(self) -> str | None:
        """The action of the witness."""
        return self.witness.moves[-1].action if self.witness and self.witness.moves else None


@record
class TeethReport:
    """The teeth of every claim in the order of the spec, and what somebody wrote that is in no core that was found."""

    machine: Machine
    teeth: tuple[Teeth, ...]
    idle_parts: tuple[Written, ...]

    @property
    def unexplained(self) -> tuple[str, ...]:
        """Obligations that are proved, but of which no core was found."""
        return tuple(dict.fromkeys(name for teeth in self.teeth for name in teeth.unexplained))
