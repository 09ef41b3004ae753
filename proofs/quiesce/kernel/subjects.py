"""The subjects of obligations: one record for each kind, whose fields say what has to be proved."""

from typing import TypeAlias

from quiesce.spec.record import record

Location: TypeAlias = tuple[str, ...]
"""The values of the machine's enum variables, in the order of their declaration; empty if it has none."""


@record
class Traced:
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
class Lands:
    """Wherever an activity is due, each of its answers has exactly one outcome; or, if it `fails`, that has one."""

    activity: str
    fails: bool


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
    """The precondition of a call to a lower layer holds; `number` counts the preconditions of the action."""

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
class Apart:
    """No call of an action meets one of the running work of an activity, if their order makes a difference.

    `number` counts the calls of the action.
    """

    action: str
    activity: str
    number: int


@record
class SameCalls:
    """A step of an action changes nothing about what the running work of an activity calls."""

    action: str
    activity: str


@record
class OffersStart:
    """No call is under way when the machine starts."""


@record
class OffersStep:
    """Each step of an action is one that the provided contract has."""

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
    """Everything is proved that a contract of the machine promises."""

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
    """An arm of an `if` statement is taken in some run; `number` counts the `if` statements of the action from 1."""

    action: str
    number: int
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
    Traced
    | Covered
    | Exclusive
    | Lands
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
    | Apart
    | SameCalls
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
