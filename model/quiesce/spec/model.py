"""The typed model: what a spec means once it has been read. Immutable, and known to every later stage."""

from dataclasses import field, replace
from enum import Enum
from functools import cached_property
from pathlib import PurePosixPath
from typing import TypeAlias

from quiesce.spec.record import record

Value: TypeAlias = bool | int | str
"""A value of a scalar: a truth value, an integer, or the name of an enum's member."""


@record
class Span:
    """A stretch of the spec's text. Lines and columns count from 1; the end is excluded."""

    line: int
    column: int
    end_line: int
    end_column: int


# --- types ------------------------------------------------------------------------------------------------------


@record
class BoolType:
    """`bool`."""


@record
class IntType:
    """An integer with optional bounds, both included. Expressions have no bounds; places that hold values may."""

    low: int | None = None
    high: int | None = None


@record
class EnumType:
    """A closed set of names, in the order of their declaration."""

    name: str
    values: tuple[str, ...]


@record
class MemberType:
    """The members of one family; `name` is the name of the member class."""

    name: str


ScalarType: TypeAlias = BoolType | IntType | EnumType
Type: TypeAlias = ScalarType | MemberType

BOOL = BoolType()
INT = IntType()


# --- expressions ------------------------------------------------------------------------------------------------


class Op(Enum):
    """Binary operators; the value is the operator as written in Python, but for `implies`."""

    OR = "or"
    AND = "and"
    IMPLIES = "implies"
    EQ = "=="
    NE = "!="
    LT = "<"
    LE = "<="
    GT = ">"
    GE = ">="
    ADD = "+"
    SUB = "-"

    __hash__ = object.__hash__  # there is one of each; an enum would take the hash of its name, each time in Python


class Quantifier(Enum):
    """Of a claim about the members of a family."""

    ALL = "all"
    ANY = "any"


@record
class Literal:
    """A constant; the value of an enum is the name of its member."""

    value: Value
    type: ScalarType


@record
class Variable:
    """A scalar of the machine, or a policy. `old` reads it in the state before the step (step promises only)."""

    name: str
    type: ScalarType
    old: bool = False


@record
class Parameter:
    """A scalar parameter of the action."""

    name: str
    type: ScalarType


@record
class Field:
    """A field of the member that `member` names: a parameter of the action, or bound by a quantifier or a loop."""

    member: str
    family: str
    name: str
    type: ScalarType
    old: bool = False


@record
class Same:
    """Whether two names denote one member of `family`."""

    left: str
    right: str
    family: str


@record
class Not:
    """Logical negation."""

    arg: "Expr"


@record
class Binary:
    """A binary operation. `EQ` and `NE` compare two booleans, two integers, or two values of one enum."""

    op: Op
    left: "Expr"
    right: "Expr"


@record
class Scale:
    """An integer expression times a constant."""

    factor: int
    arg: "Expr"


@record
class IfElse:
    """`then if condition else otherwise`."""

    condition: "Expr"
    then: "Expr"
    otherwise: "Expr"


@record
class Quantified:
    """`all(body for bound in family)` or `any(…)`, over every member."""

    quantifier: Quantifier
    bound: str
    family: str
    body: "Expr"


@record
class Total:
    """`sum(term for bound in family)`; a `count` is the sum of 1 where its condition holds and 0 elsewhere."""

    bound: str
    family: str
    term: "Expr"


Expr: TypeAlias = Literal | Variable | Parameter | Field | Same | Not | Binary | Scale | IfElse | Quantified | Total

TRUE = Literal(True, BOOL)
FALSE = Literal(False, BOOL)


# --- statements -------------------------------------------------------------------------------------------------


@record
class Assign:
    """`target = value`; an augmented assignment is read as its long form."""

    target: Variable | Field
    value: Expr
    span: Span = field(compare=False)


@record
class Retire:
    """`retire(member)`: every field that is not persistent takes its default."""

    member: str
    family: str
    span: Span = field(compare=False)


@record
class If:
    """`if condition: then else: otherwise`; each arm is a branch that some run has to take."""

    condition: Expr
    then: tuple["Statement", ...]
    otherwise: tuple["Statement", ...]
    span: Span = field(compare=False)


@record
class ForEach:
    """`for bound in family: body`, a pointwise update: the body writes fields of `bound` alone."""

    bound: str
    family: str
    body: tuple["Statement", ...]
    span: Span = field(compare=False)


Statement: TypeAlias = Assign | Retire | If | ForEach


# --- declarations -----------------------------------------------------------------------------------------------


@record
class VariableDecl:
    """A scalar of the machine, or a field of a member, with its initial value."""

    name: str
    type: ScalarType
    initial: Value
    persistent: bool
    span: Span = field(compare=False)


@record
class FamilyDecl:
    """A family and the shape of its members. A member class belongs to exactly one family.

    `span` is the place of the member class, and `declared` that of the family itself.
    """

    name: str
    member: MemberType
    fields: tuple[VariableDecl, ...]
    doc: str
    span: Span = field(compare=False)
    declared: Span | None = field(default=None, compare=False)


@record
class PolicyDecl:
    """A choice that never changes during a run; every alternative is verified. The first is the default."""

    name: str
    type: EnumType
    alternatives: tuple[str, ...]
    span: Span = field(compare=False)


@record
class EnumDecl:
    """An enum of the spec, with its docstring; `places` are those of its values."""

    type: EnumType
    doc: str
    span: Span = field(compare=False)
    places: tuple[Span, ...] = field(default=(), compare=False)


@record
class RequirementDecl:
    """A sentence of a source document that actions and promises may say they satisfy."""

    id: str
    text: str
    source: str
    span: Span = field(compare=False)


@record
class ParameterDecl:
    """A parameter of an action. A `new` one is a member that the machine chooses among those never used.

    An `answer` is not chosen by whoever calls, but by who is called: the layer below, or the operating system.
    """

    name: str
    type: Type
    new: bool
    span: Span = field(compare=False)
    answer: bool = False


class ActionKind(Enum):
    """Who takes the step: a client, the provider itself, the world outside, or real work that has come to its end."""

    CALL = "call"
    INTERNAL = "internal"
    ENVIRONMENT = "environment"
    ACTIVITY = "activity"


@record
class Accepts:
    """The action happens."""


@record
class Fails:
    """The call is refused with `error`, and nothing changes."""

    error: str


@record
class Blocks:
    """The caller waits; the wait ends as long as one of the `fair` actions eventually happens."""

    fair: tuple[str, ...]


Outcome: TypeAlias = Accepts | Fails | Blocks


@record
class Assumption:
    """A condition that callers, or the world outside, are trusted to keep: a part of the guard that no code checks."""

    claim: Expr
    because: str
    span: Span = field(compare=False)


@record
class CallPrecondition:
    """A precondition of a call to the layer below: `claim` has to hold wherever the calling action can happen.

    `callee` is the name of the call, and `because` the reason that the contract gives for the precondition.
    """

    claim: Expr
    callee: str
    because: str
    span: Span = field(compare=False)


@record
class LowerCall:
    """A call that an action makes to the layer below, and the outcome of its `contract`, by name, that it is about.

    `asking` is where the action makes the call, whatever the answer: a claim about the state before the action and its
    arguments. `calls` are the names that the contract has for the call, and `outcome` is its action, which may be a
    refusal. Of each answer, `answers` has the name in the contract and the parameter of the action that takes it; of
    everything else that the outcome names, `given` has the value, about the state before the action and its arguments.
    What is given reads no answer but those that earlier calls of the same action have taken.
    """

    layer: str
    contract: str
    outcome: str
    refused: bool
    calls: tuple[str, ...]
    asking: Expr
    answers: tuple[tuple[str, str], ...]
    given: tuple[tuple[str, Expr], ...]
    span: Span = field(compare=False)


@record
class EndOfActivity:
    """The step of an action is the end of the activity `name`: it has failed, or else it has succeeded."""

    name: str
    fails: bool


@record
class Action:
    """One guarded step. `when` holds the guard's conjuncts in the order written; `when_spans` tells where.

    What it `assumes` narrows the runs that are looked at, but not the calls that have an outcome. Where `ends` is set,
    the step is an outcome of that activity. A call with `until` is answered when one of these actions has happened;
    that one does may rest on the actions of `fair`, which are trusted as those of a wait are. A step of the world with
    a `timeout` is taken when its guard has held for as many seconds as the argument of that name says.
    """

    name: str
    kind: ActionKind
    calls: tuple[str, ...]
    parameters: tuple[ParameterDecl, ...]
    when: tuple[Expr, ...]
    body: tuple[Statement, ...]
    outcome: Outcome
    satisfies: tuple[str, ...]
    doc: str
    span: Span = field(compare=False)
    assumes: tuple[Assumption, ...] = ()
    preconditions: tuple[CallPrecondition, ...] = ()
    lower_calls: tuple[LowerCall, ...] = ()
    when_spans: tuple[Span, ...] = field(default=(), compare=False)
    ends: EndOfActivity | None = None
    until: tuple[str, ...] = ()
    fair: tuple[str, ...] = ()
    timeout: str | None = None

    @cached_property
    def guard(self) -> tuple[Expr, ...]:
        """Everything that holds wherever the action happens: its `when`, and what it assumes."""
        return (*self.when, *(assumption.claim for assumption in self.assumes))


@record
class Always:
    """A predicate of one state."""

    claim: Expr


@record
class Step:
    """A predicate of two neighbouring states, for the steps of every action but those in `unless`.

    It may speak of `parameters`, which every action that it is about has.
    """

    claim: Expr
    unless: tuple[str, ...]
    parameters: tuple[ParameterDecl, ...] = ()


@record
class Pristine:
    """Where `released` holds, everything that does not persist has its initial value."""

    released: Expr


@record
class Recoverable:
    """From every reachable state some run leads to a state where `goal` holds."""

    goal: Expr


@record
class LeadsTo:
    """Every run that reaches `trigger` reaches `goal`, if some action of `fair` happens as long as one can."""

    trigger: Expr
    goal: Expr
    fair: tuple[str, ...]


@record
class RefusesOrAccepts:
    """Wherever `claim` holds of a reachable state and `parameters`, each of `calls` is refused with `error`.

    If `error` is None, each of them is accepted there: it neither fails nor waits.
    """

    claim: Expr
    calls: tuple[str, ...]
    error: str | None
    parameters: tuple[ParameterDecl, ...] = ()


@record
class EnabledWhere:
    """Wherever `claim` holds of a reachable state and `parameters`, each of `actions` can happen with these."""

    claim: Expr
    actions: tuple[str, ...]
    parameters: tuple[ParameterDecl, ...] = ()


@record
class Initially:
    """A predicate of the initial state."""

    claim: Expr


Claim: TypeAlias = Always | Step | Pristine | Recoverable | LeadsTo | RefusesOrAccepts | EnabledWhere | Initially


@record
class Under:
    """The alternatives of a policy that a promise is about, where it is not about all; its claim says so too."""

    policy: str
    alternatives: tuple[str, ...]


@record
class Promise:
    """A named claim. One that does not hold is declared false: the prover must come back with its counterexample.

    Where it is declared false without assumptions, `assuming` is not set: the counterexample may break what is assumed.
    One that is `owed` stands in no spec: it follows from what the machine is.
    """

    name: str
    claim: Claim
    holds: bool
    satisfies: tuple[str, ...]
    doc: str
    span: Span = field(compare=False)
    assuming: bool = True
    under: Under | None = None
    owed: bool = False


@record
class SessionDecl:
    """Two calls that belong together: what `begin` starts is ended by `end`, whatever happens in between."""

    name: str
    begin: str
    end: str
    span: Span = field(compare=False)


@record
class Machine:
    """A lifecycle. Names of variables, policies, families, actions and promises are unique within their kind.

    Variables of a layer below are among its own, as `lower_refs` for `self.lower.refs`. `provides` is the contract that
    it keeps towards those above it; its variables have the names of variables of this machine. `lower` has the contract
    of each layer below.
    """

    name: str
    doc: str
    path: PurePosixPath
    enums: tuple[EnumDecl, ...]
    variables: tuple[VariableDecl, ...]
    policies: tuple[PolicyDecl, ...]
    families: tuple[FamilyDecl, ...]
    actions: tuple[Action, ...]
    promises: tuple[Promise, ...]
    requirements: tuple[RequirementDecl, ...]
    span: Span = field(compare=False)
    provides: "Machine | None" = None
    lower: tuple["Machine", ...] = ()
    sessions: tuple[SessionDecl, ...] = ()

    @cached_property
    def contracts(self) -> tuple["Machine", ...]:
        """Every contract that the machine provides or uses, each once: their names are names of its spec."""
        provided = () if self.provides is None else (self.provides,)
        return tuple({contract.name: contract for contract in (*provided, *self.lower)}.values())

    @cached_property
    def families_by_name(self) -> dict[str, FamilyDecl]:
        """Families under their names."""
        return {family.name: family for family in self.families}

    @cached_property
    def actions_by_name(self) -> dict[str, Action]:
        """Actions under their names."""
        return {action.name: action for action in self.actions}

    @cached_property
    def calls(self) -> dict[str, tuple[Action, ...]]:
        """Each call of the interface with the actions that are its outcomes, in the order of the spec."""
        names = dict.fromkeys(name for action in self.actions for name in action.calls)
        return {name: tuple(action for action in self.actions if name in action.calls) for name in names}

    @cached_property
    def unassuming(self) -> "Machine":
        """The same machine, but nobody is trusted: without what its actions assume."""
        return replace(self, actions=tuple(replace(action, assumes=()) for action in self.actions))

    def answering(self, call: str, error: str | None) -> tuple[Action, ...]:
        """The outcomes of a call that refuse it with `error`; with None, those that accept it."""
        wanted = Accepts() if error is None else Fails(error)
        return tuple(action for action in self.calls.get(call, ()) if action.outcome == wanted)

    def family_of(self, member: MemberType) -> FamilyDecl:
        """The family whose members have this type."""
        return next(family for family in self.families if family.member == member)
