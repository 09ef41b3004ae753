"""A single obligation: its kind, the id that reports name it by, and the action, promise or location that it names.

The id of an obligation is rendered here, in one place, and read nowhere: whoever wants to know what an obligation is
about asks its record.
"""

from enum import Enum
from functools import cached_property
from typing import assert_never

from quiesce.kernel.subjects import (
    Answered,
    AnswersHandled,
    Apart,
    Applies,
    Assumed,
    BranchTaken,
    CallersWait,
    Covered,
    Enabled,
    Exclusive,
    Fails,
    Forgettable,
    ForgettableByPromise,
    ForgettableByWait,
    Happens,
    Initial,
    Lands,
    Location,
    OffersShared,
    OffersStart,
    OffersStep,
    Precondition,
    Preserved,
    PromisedWait,
    SameCalls,
    StepKept,
    Stutters,
    Subject,
    Traced,
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
    ACTIVITY = "activity"
    START = "start"
    STEP = "step"
    STEP_PROMISE = "step promise"
    ANSWER = "answer"
    ENABLED = "enabled"
    PRISTINE = "pristine"
    RECOVERABLE = "recoverable"
    LEADS_TO = "leads to"
    FORGETTABLE = "forgettable"
    ASSUMED = "assumption"
    PRECONDITION = "precondition"
    REFINEMENT = "refinement"
    CONTRACT = "contract"
    WITNESS = "witness"
    TRACED = "traced"
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


def _wait_id(wait: Waiting) -> str:
    match wait:
        case PromisedWait(promise):
            return promise
        case CallersWait(action):
            return f"caller.{action}"
        case _:
            assert_never(wait)


def location_name(location: Location) -> str:
    """A location as reports name it."""
    return " ".join(location) or "everywhere"


def id_of(about: Subject) -> str:
    """The id of an obligation; it begins with the word of its kind.

    Names of a spec hold neither dots nor slashes nor brackets, and what a machine owes because of its activities has a
    dot in its name, so different records have different ids; where they are listed, that is checked once more.
    """
    match about:
        case Traced(requirement):
            return f"traced/{requirement}"
        case Covered(call):
            return f"total/{call}/covered"
        case Exclusive(call):
            return f"total/{call}/exclusive"
        case Lands(activity, fails):
            return f"activity/{activity}/{'fails' if fails else 'succeeds'}"
        case Initial(claim):
            return f"start/{claim}"
        case Preserved(action, claim) | StepKept(action, claim):
            return f"step/{action}/{claim}"
        case Stutters(promise):
            return f"step/(idle)/{promise}"
        case Answered(promise, call):
            return f"answer/{promise}/{call}"
        case Enabled(promise, action):
            return f"enabled/{promise}/{action}"
        case Forgettable(action):
            return f"forgettable/{action}"
        case ForgettableByPromise(promise):
            return f"forgettable/promise/{promise}"
        case ForgettableByWait(action):
            return f"forgettable/wait/{action}"
        case Precondition(action, callee, number):
            return f"precondition/{action}/{callee}/{number}"
        case AnswersHandled(action, layer, outcome, number):
            return f"precondition/{action}/{layer}.{outcome}/answered_{number}"
        case Apart(action, activity, number):
            return f"precondition/{action}/(while {activity})/{number}"
        case SameCalls(action, activity):
            return f"precondition/{action}/(while {activity})/same_calls"
        case OffersStart():
            return "refinement/(start)"
        case OffersStep(action):
            return f"refinement/{action}"
        case OffersShared():
            return "refinement/(shared)"
        case WholeContract(contract):
            return f"contract/{contract}"
        case WayDown(promise, location):
            return f"recoverable/{promise}/{'.'.join(location) or '(everywhere)'}"
        case WaitPossible(wait):
            return f"leads_to/{_wait_id(wait)}/possible"
        case WaitProgress(wait, action, fair):
            return f"leads_to/{_wait_id(wait)}/{action}/{'decreases' if fair else 'preserves'}"
        case Assumed(action, number):
            return f"assumption/{action}/{number}"
        case Happens(action):
            return f"witness/{action}"
        case BranchTaken(action, number, taken):
            return f"witness/{action}/if_{number}/{'then' if taken else 'else'}"
        case ValueTaken(None, name, value):
            return f"witness/{name}.{value}"
        case ValueTaken(family, name, value):
            return f"witness/{family}.{name}.{value}"
        case Applies(promise, number):
            return f"witness/{promise}/applies{f'/{number}' if number else ''}"
        case Fails(promise):
            return f"expected/{promise}"
        case _:
            assert_never(about)


def kind_of(about: Subject) -> Kind:
    """The kind of an obligation."""
    match about:
        case Traced():
            return Kind.TRACED
        case Covered() | Exclusive():
            return Kind.TOTAL
        case Lands():
            return Kind.ACTIVITY
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
            return Kind.ENABLED
        case Forgettable() | ForgettableByPromise() | ForgettableByWait():
            return Kind.FORGETTABLE
        case Precondition() | AnswersHandled() | Apart() | SameCalls():
            return Kind.PRECONDITION
        case OffersStart() | OffersStep() | OffersShared():
            return Kind.REFINEMENT
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
        case Apart(action) | SameCalls(action) | OffersStep(action) | Assumed(action) | Happens(action):
            return action
        case BranchTaken(action) | Enabled(_, action) | WaitProgress(_, action):
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
