"""What an obligation is, and the kinds of them."""

from dataclasses import dataclass
from enum import Enum

from quiesce.spec.model import Span


class Kind(Enum):
    """The kinds of obligation."""

    TOTAL = "total"
    START = "start"
    STEP = "step"
    STEP_PROMISE = "step promise"
    ANSWER = "answer"
    POSSIBLE = "possible"
    PRISTINE = "pristine"
    RECOVERABLE = "recoverable"
    LEADS_TO = "leads to"
    INERT = "inert"
    ASSUMED = "assumption"
    DUTY = "duty"
    OFFER = "offer"
    CONTRACT = "contract"
    WITNESS = "witness"
    CARRIED = "carried"
    EXPECTED_FAILURE = "expected failure"


@dataclass(frozen=True, slots=True)
class Obligation:
    """One thing to prove. `promise` and `action` name what it is about; `span` is where to look in the spec."""

    id: str
    kind: Kind
    promise: str | None
    action: str | None
    span: Span
