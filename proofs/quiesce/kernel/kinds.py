"""Obligations: what each is about, its kind, and the id that reports name it by.

The id of an obligation is rendered here, in one place, and read nowhere: whoever wants to know what an obligation is
about asks its record.
"""

from enum import Enum
from functools import cached_property
from typing import assert_never

from quiesce.kernel.subjects import (
    Answered,
    AnswersHandled,
    Applies,
    Assumed,
    BranchTaken,
    CallersWait,
    Carried,
    Covered,
    Enabled,
    Exclusive,
    Fails,
    Forgettable,
    ForgettableByPromise,
    ForgettableByWait,
    Happens,
    Initial,
    Location,
    OffersShared,
    OffersStart,
    OffersStep,
    Precondition,
    Preserved,
    PromisedWait,
    StepKept,
    Stutters,
    Subject,
    ValueTaken,
    Waiting,
    WaitPossible,
    WaitProgress,
    WayDown,
    WholeContract,
)
from quiesce.spec.model import Span
from quiesce.spec.record import record


class Kind(Enum):
    """The kinds of obligation, as reports group them."""

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


@record
class Obligation:
    """One thing to prove: its subject, and its place in the spec."""

    about: Subject
    span: Span

    @cached_property
    def id(self) -> str:
        """The name of the obligation in reports. No two obligations of a machine have the same id."""
        return id_of(self.about)

    @cached_property
    def kind(self) -> Kind:
        """The kind of the obligation."""
        return kind_of(self.about)

    @cached_property
    def action(self) -> str | None:
        """The action that the obligation is about, if there is one."""
        return action_of(self.about)

    @cached_property
    def promise(self) -> str | None:
        """The promise, declared range or helper that it is about, if it is about one."""
        return promise_of(self.about)


# --- one match for each thing that can be told -------------------------------------------------------------------


def wait_name(wait: Waiting) -> str:
    """A wait as reports name it."""
    match wait:
        case PromisedWait(promise):
            return promise
        case CallersWait(action):
            return f"wait for {action}"
        case _:
            assert_never(wait)


def location_name(location: Location) -> str:
    """A location as reports name it."""
    return " ".join(location) or "everywhere"


def id_of(about: Subject) -> str:
    """The id of an obligation. Names hold neither blanks nor slashes, so different records have different ids."""
    match about:
        case Carried(requirement):
            return f"carried/{requirement}"
        case Covered(call):
            return f"total/{call}/covered"
        case Exclusive(call):
            return f"total/{call}/exclusive"
        case Initial(claim):
            return f"start/{claim}"
        case Preserved(action, claim) | StepKept(action, claim):
            return f"step/{action}/{claim}"
        case Stutters(promise):
            return f"idle/{promise}"
        case Answered(promise, call):
            return f"answers/{promise}/{call}"
        case Enabled(promise, action):
            return f"possible/{promise}/{action}"
        case Forgettable(action):
            return f"inert/{action}"
        case ForgettableByPromise(promise):
            return f"inert/promise/{promise}"
        case ForgettableByWait(action):
            return f"inert/wait/{action}"
        case Precondition(action, callee, number):
            return f"duty/{action}/{callee}/{number}"
        case AnswersHandled(action, layer, outcome, number):
            return f"duty/{action}/{layer}.{outcome}/answered {number}"
        case OffersStart():
            return "offers/at the start"
        case OffersStep(action):
            return f"offers/{action}"
        case OffersShared():
            return "offers/shared by callers"
        case WholeContract(contract):
            return f"contract/{contract}"
        case WayDown(promise, location):
            return f"recoverable/{promise}/{location_name(location)}"
        case WaitPossible(wait):
            return f"leads to/{wait_name(wait)}/possible"
        case WaitProgress(wait, action, fair):
            return f"leads to/{wait_name(wait)}/{action} {'lowers' if fair else 'keeps'}"
        case Assumed(action, number):
            return f"assumed/{action}/{number}"
        case Happens(action):
            return f"witness/{action}"
        case BranchTaken(action, number, taken):
            return f"witness/{action}/if_{number}/{'then' if taken else 'else'}"
        case ValueTaken(None, name, value):
            return f"witness/{name} {value}"
        case ValueTaken(family, name, value):
            return f"witness/{family}.{name} {value}"
        case Applies(promise, number):
            return f"witness/{promise} applies{f' {number}' if number else ''}"
        case Fails(promise):
            return f"fails/{promise}"
        case _:
            assert_never(about)


def kind_of(about: Subject) -> Kind:
    """The kind of an obligation."""
    match about:
        case Carried():
            return Kind.CARRIED
        case Covered() | Exclusive():
            return Kind.TOTAL
        case Initial(pristine=True) | Preserved(pristine=True):
            return Kind.PRISTINE
        case Initial():
            return Kind.START
        case Preserved():
            return Kind.STEP
        case StepKept() | Stutters():
            return Kind.STEP_PROMISE
        case Answered():
            return Kind.ANSWER
        case Enabled():
            return Kind.POSSIBLE
        case Forgettable() | ForgettableByPromise() | ForgettableByWait():
            return Kind.INERT
        case Precondition() | AnswersHandled():
            return Kind.DUTY
        case OffersStart() | OffersStep() | OffersShared():
            return Kind.OFFER
        case WholeContract():
            return Kind.CONTRACT
        case WayDown():
            return Kind.RECOVERABLE
        case WaitPossible() | WaitProgress():
            return Kind.LEADS_TO
        case Assumed():
            return Kind.ASSUMED
        case Happens() | BranchTaken() | ValueTaken() | Applies():
            return Kind.WITNESS
        case Fails():
            return Kind.EXPECTED_FAILURE
        case _:
            assert_never(about)


def action_of(about: Subject) -> str | None:
    """The action that an obligation is about; of a wait that is the action whose steps are looked at."""
    match about:
        case Preserved(action) | StepKept(action) | Forgettable(action) | Precondition(action) | AnswersHandled(action):
            return action
        case OffersStep(action) | Assumed(action) | Happens(action) | BranchTaken(action):
            return action
        case Enabled(_, action) | WaitProgress(_, action):
            return action
        case _:
            return None


def promise_of(about: Subject) -> str | None:
    """The promise, declared range or helper that an obligation is about."""
    match about:
        case Initial(claim) | Preserved(_, claim):
            return claim
        case StepKept(_, promise) | Stutters(promise) | Answered(promise) | Enabled(promise) | WayDown(promise):
            return promise
        case WaitPossible(PromisedWait(promise)) | WaitProgress(PromisedWait(promise)):
            return promise
        case Applies(promise) | Fails(promise) | ForgettableByPromise(promise):
            return promise
        case _:
            return None
