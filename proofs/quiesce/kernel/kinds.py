"""What there is to prove: one record for each kind of obligation, which says in its fields what it is about.

The id of an obligation is rendered here, in one place, and read nowhere: whoever wants to know what an obligation is
about asks its record.
"""

from enum import Enum
from functools import cached_property
from typing import TypeAlias, assert_never

from quiesce.spec.model import Span
from quiesce.spec.record import record

Location: TypeAlias = tuple[str, ...]
"""The values of the machine's enum variables, in the order of their declaration; empty if it has none."""


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


# --- what an obligation is about ---------------------------------------------------------------------------------


@record
class Carried:
    """A requirement is named by an action, or by a promise that is to hold."""

    requirement: str


@record
class Covered:
    """A call has an outcome in each state, whatever its arguments."""

    call: str


@record
class Exclusive:
    """A call has no two outcomes in any state, whatever its arguments."""

    call: str


@record
class Initial:
    """A claim holds at the start. `pristine` tells that it was promised of every release."""

    claim: str
    pristine: bool = False


@record
class Preserved:
    """An action keeps an invariant. `pristine` is as in `Initial`."""

    action: str
    claim: str
    pristine: bool = False


@record
class StepKept:
    """A step of an action is as a promise about steps says."""

    action: str
    promise: str


@record
class Stutters:
    """A step that changes nothing is as a promise about steps says."""

    promise: str


@record
class Answered:
    """A call is answered as a promise says."""

    promise: str
    call: str


@record
class Enabled:
    """An action can happen where a promise says so."""

    promise: str
    action: str


@record
class Forgettable:
    """A member that was given back makes no difference to an action."""

    action: str


@record
class ForgettableByPromise:
    """A member that was given back makes no difference to a promise."""

    promise: str


@record
class ForgettableByWait:
    """A member that was given back makes no difference to whether a wait ends, which `action` tells of."""

    action: str


@record
class Precondition:
    """A call to a lower layer is legal there; `number` counts what the action owes to that layer."""

    action: str
    callee: str
    number: int


@record
class AnswersHandled:
    """Every answer to a call to a lower layer is dealt with; `number` counts the calls of the action."""

    action: str
    layer: str
    outcome: str
    number: int


@record
class OffersStart:
    """No call is under way when the machine starts."""


@record
class OffersStep:
    """A step of an action is one that the offered contract has."""

    action: str


@record
class OffersShared:
    """Callers that keep the offered contract are together one caller that keeps it."""


@record
class WayDown:
    """From each state of a location some run leads closer to the goal of a recoverable promise."""

    promise: str
    location: Location


@record
class PromisedWait:
    """The wait that a promise says will end."""

    promise: str


@record
class CallersWait:
    """The wait of a caller whose call blocks as `action` says."""

    action: str


Waiting: TypeAlias = PromisedWait | CallersWait


@record
class WaitPossible:
    """As long as a wait goes on, some fair action can happen."""

    wait: Waiting


@record
class WaitProgress:
    """A step of an action ends a wait, or goes on with it at a rank that is no higher; lower if the action is fair."""

    wait: Waiting
    action: str
    fair: bool


@record
class WholeContract:
    """Everything that a contract promises is so, which the machine uses or offers."""

    contract: str


@record
class Assumed:
    """An assumption is met by some step; `number` counts those of the action."""

    action: str
    number: int


@record
class Happens:
    """An action happens in some run."""

    action: str


@record
class BranchTaken:
    """An arm of an `if` statement, which stands in `line`, is taken in some run."""

    action: str
    line: int
    taken: bool


@record
class ValueTaken:
    """An enum variable, or an enum field of some member of `family`, takes a value in some run."""

    family: str | None
    name: str
    value: str


@record
class Applies:
    """A promise says something in some run; `number` counts its situations, and is 0 where there is one alone."""

    promise: str
    number: int


@record
class Fails:
    """A promise that was declared false has a counterexample."""

    promise: str


Subject: TypeAlias = (
    Carried
    | Covered
    | Exclusive
    | Initial
    | Preserved
    | StepKept
    | Stutters
    | Answered
    | Enabled
    | Forgettable
    | ForgettableByPromise
    | ForgettableByWait
    | Precondition
    | AnswersHandled
    | OffersStart
    | OffersStep
    | OffersShared
    | WholeContract
    | WayDown
    | WaitPossible
    | WaitProgress
    | Assumed
    | Happens
    | BranchTaken
    | ValueTaken
    | Applies
    | Fails
)


@record
class Obligation:
    """One thing to prove: what it is about, and where to look in the spec."""

    about: Subject
    span: Span

    @cached_property
    def id(self) -> str:
        """How reports name it. No two obligations of a machine have one id."""
        return id_of(self.about)

    @cached_property
    def kind(self) -> Kind:
        """Its kind."""
        return kind_of(self.about)

    @cached_property
    def action(self) -> str | None:
        """The action that it is about, if it is about one."""
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
        case BranchTaken(action, line, taken):
            return f"witness/{action}:{line} {'then' if taken else 'else'}"
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
