"""The parts of a spec that a proof may rest on, and the proof cores that were found. Knows no solver."""

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
    """The declaration of an argument of `action`: its range, or that a member is new."""

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
    """The update of one variable or field by one statement of `action`.

    `number` counts the updates of the action from 0. A `retire` is one update for each field that it resets.
    """

    action: str
    number: int
    place: str
    text: str
    span: Span


@record
class Kept:
    """The fact that `action` leaves a variable, a field, or a field of the other members unchanged.

    No statement says it.
    """

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
"""A part of a spec that a proof may rest on."""

Written: TypeAlias = Guard | Assumed | Condition | Update | Initial
"""A part that somebody wrote for a reason: if nothing rests on it, the promises do not say why it is there."""


@record
class CoresOfClaim:
    """The proof cores of one claim: a promise, an obligation to another layer, or something that is proved unasked.

    Ranges, calls, and waits of callers are proved unasked. An obligation to another layer goes by its id, and has no
    run.

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
class CoreReport:
    """The proof cores of every claim in the order of the spec, and the parts of the spec that are in no core."""

    machine: Machine
    claims: tuple[CoresOfClaim, ...]
    idle_parts: tuple[Written, ...]

    @property
    def unexplained(self) -> tuple[str, ...]:
        """Obligations that are proved, but of which no core was found."""
        return tuple(dict.fromkeys(name for cores in self.claims for name in cores.unexplained))
