"""The reference meaning of a model: exact, executable, and independent of any solver.

Statements run from top to bottom as in Python. Every other meaning (the solver's encoding, the generated provider) must
agree with this one.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, MutableMapping
from dataclasses import field
from itertools import product
from typing import TypeAlias, assert_never

from quiesce.spec.model import (
    Action,
    Assign,
    Binary,
    BoolType,
    EnumType,
    Expr,
    FamilyDecl,
    Field,
    ForEach,
    If,
    IfElse,
    IntType,
    Literal,
    Machine,
    MemberType,
    Not,
    Op,
    Parameter,
    ParameterDecl,
    Quantified,
    Quantifier,
    Retire,
    Same,
    Scale,
    Span,
    Statement,
    Total,
    Value,
    Variable,
)
from quiesce.spec.record import record
from quiesce.spec.state import Arguments, Move, Run, State


class NotEnabled(Exception):
    """The guard of an action does not hold, or an argument is outside its type."""


Branch: TypeAlias = tuple[Span, bool]
"""An `if` statement and the arm that was taken."""


@record
class Scope:
    """The meanings of the names in an expression. `old` is the state before the step, in step promises."""

    now: State
    old: State | None = None
    parameters: Mapping[str, Value] = field(default_factory=dict)
    members: Mapping[str, int] = field(default_factory=dict)

    def bind(self, member: str, index: int) -> "Scope":
        """The same scope with one more member name."""
        return Scope(self.now, self.old, self.parameters, {**self.members, member: index})

    def each(self, member: str, family: str) -> Iterator["Scope"]:
        """The same scope for each member of a family in turn."""
        return (self.bind(member, index) for index in range(len(self.now.families[family])))


def all_hold(claims: Iterable[Expr], scope: Scope) -> bool:
    """Whether each of `claims` is true in `scope`; those behind one that is not are not looked at."""
    for claim in claims:  # noqa: SIM110 -- quicker than `all`, and asked of every guard in every state
        if not evaluate(claim, scope):
            return False
    return True


def evaluate(expr: Expr, scope: Scope) -> Value:
    """The value of `expr` in `scope`. Evaluation cannot fail on a model that the reader accepted."""
    match expr:
        case Binary():
            return _OPERATIONS[expr.op](expr.left, expr.right, scope)
        case Field():
            state = _known(scope.old) if expr.old else scope.now
            return state.families[expr.family][scope.members[expr.member]][expr.name]
        case Literal():
            return expr.value
        case Variable():
            return (_known(scope.old) if expr.old else scope.now).scalars[expr.name]
        case Parameter():
            return scope.parameters[expr.name]
        case Same():
            return scope.members[expr.left] == scope.members[expr.right]
        case Not():
            return not evaluate(expr.arg, scope)
        case Scale():
            return expr.factor * _integer(expr.arg, scope)
        case IfElse():
            return evaluate(expr.then if evaluate(expr.condition, scope) else expr.otherwise, scope)
        case Quantified():
            claims = (evaluate(expr.body, inner) for inner in scope.each(expr.bound, expr.family))
            return all(claims) if expr.quantifier is Quantifier.ALL else any(claims)
        case Total():
            return sum(_integer(expr.term, inner) for inner in scope.each(expr.bound, expr.family))
        case _:
            assert_never(expr)


def _known(state: State | None) -> State:
    if state is None:
        raise ValueError("only a step promise can read the old state")
    return state


_OPERATIONS: Mapping[Op, Callable[[Expr, Expr, Scope], Value]] = {
    Op.OR: lambda left, right, scope: evaluate(left, scope) or evaluate(right, scope),
    Op.AND: lambda left, right, scope: evaluate(left, scope) and evaluate(right, scope),
    Op.IMPLIES: lambda left, right, scope: not evaluate(left, scope) or evaluate(right, scope),
    Op.EQ: lambda left, right, scope: evaluate(left, scope) == evaluate(right, scope),
    Op.NE: lambda left, right, scope: evaluate(left, scope) != evaluate(right, scope),
    Op.LT: lambda left, right, scope: _integer(left, scope) < _integer(right, scope),
    Op.LE: lambda left, right, scope: _integer(left, scope) <= _integer(right, scope),
    Op.GT: lambda left, right, scope: _integer(left, scope) > _integer(right, scope),
    Op.GE: lambda left, right, scope: _integer(left, scope) >= _integer(right, scope),
    Op.ADD: lambda left, right, scope: _integer(left, scope) + _integer(right, scope),
    Op.SUB: lambda left, right, scope: _integer(left, scope) - _integer(right, scope),
}
"""The meaning of every operator. It is looked up, as a `match` would ask for one after the other, which takes long."""


def _integer(expr: Expr, scope: Scope) -> int:
    value = evaluate(expr, scope)
    if not isinstance(value, int):
        raise TypeError(f"not an integer: {value!r}")
    return value


# --- states and steps -------------------------------------------------------------------------------------------


def initial_states(machine: Machine, members: int | Mapping[str, int]) -> Iterator[State]:
    """The start under each combination of policies, with that many members in each family."""
    scalars = {variable.name: variable.initial for variable in machine.variables}
    for choice in product(*(policy.alternatives for policy in machine.policies)):
        policies = {policy.name: value for policy, value in zip(machine.policies, choice, strict=True)}
        yield State(
            {**scalars, **policies},
            {
                family.name: tuple(
                    unused_member(family)
                    for _ in range(members if isinstance(members, int) else members.get(family.name, 0))
                )
                for family in machine.families
            },
        )


def unused_member(family: FamilyDecl) -> Mapping[str, Value]:
    """The fields of a member that was never used."""
    return {declared.name: declared.initial for declared in family.fields}


def is_enabled(machine: Machine, state: State, action: Action, arguments: Arguments) -> bool:
    """Whether `action` can happen in `state`: arguments within their types, new members unused, all guards true."""
    scope = _scope(machine, state, action, arguments)
    return scope is not None and all_hold(action.guard, scope)


def step(machine: Machine, state: State, action: Action, arguments: Arguments) -> State:
    """The state after `action` has happened in `state`; a member among `arguments` is given by its index.

    Raises:
        NotEnabled: the guard of the action does not hold in `state`, or an argument is outside its type.
    """
    return step_with_branches(machine, state, action, arguments)[0]


def step_with_branches(
    machine: Machine, state: State, action: Action, arguments: Arguments
) -> tuple[State, frozenset[Branch]]:
    """Like `step`, and which arms of its `if` statements were taken."""
    scope = _scope(machine, state, action, arguments)
    if scope is None or not all_hold(action.guard, scope):
        raise NotEnabled(f"{action.name} with {dict(arguments)}")
    scalars = dict(state.scalars)
    families = {name: [dict(member) for member in members] for name, members in state.families.items()}
    after = State(scalars, {name: tuple(members) for name, members in families.items()})
    taken: set[Branch] = set()
    _execute(machine, action.body, Scope(after, None, scope.parameters, scope.members), scalars, families, taken)
    return after, frozenset(taken)


def _execute(
    machine: Machine,
    body: tuple[Statement, ...],
    scope: Scope,
    scalars: MutableMapping[str, Value],
    families: Mapping[str, list[dict[str, Value]]],
    taken: set[Branch],
) -> None:
    for statement in body:
        match statement:
            case Assign(target, value):
                new = evaluate(value, scope)
                if isinstance(target, Variable):
                    scalars[target.name] = new
                else:
                    families[target.family][scope.members[target.member]][target.name] = new
            case Retire(member, family):
                for declared in machine.families_by_name[family].fields:
                    if not declared.persistent:
                        families[family][scope.members[member]][declared.name] = declared.initial
            case If(condition, then, otherwise, span):
                chosen = bool(evaluate(condition, scope))
                taken.add((span, chosen))
                _execute(machine, then if chosen else otherwise, scope, scalars, families, taken)
            case ForEach(bound, family, inner):
                for index in range(len(families[family])):
                    _execute(machine, inner, scope.bind(bound, index), scalars, families, taken)
            case _:
                assert_never(statement)


def replay(machine: Machine, run: Run) -> None:
    """Check a run step by step, and return nothing if each step can happen and leads where the run says.

    Raises:
        NotEnabled: some step cannot happen, or does not lead to the state that the run shows.
    """
    state = run.start
    for number, move in enumerate(run.moves, 1):
        state = step(machine, state, machine.actions_by_name[move.action], move.arguments)
        if state != move.state:
            raise NotEnabled(f"step {number}, {move.action}, leads to another state than the run shows")


def holds(
    claim: Expr,
    now: State,
    old: State | None = None,
    parameters: Iterable[ParameterDecl] = (),
    arguments: Arguments | None = None,
) -> bool:
    """Whether a claim about one state, or about a step from `old` to `now`, is true.

    The claim may speak of `parameters`; then `arguments` has a value for each of them, and perhaps for others.
    """
    members: dict[str, int] = {}
    scalars: dict[str, Value] = {}
    for parameter in parameters:
        value = (arguments or {})[parameter.name]
        if isinstance(parameter.type, MemberType):
            members[parameter.name] = int(value)
        else:
            scalars[parameter.name] = value
    return bool(evaluate(claim, Scope(now, old, scalars, members)))


# --- enumeration ------------------------------------------------------------------------------------------------


def _scope(machine: Machine, state: State, action: Action, arguments: Arguments) -> Scope | None:
    """The scope of the action's guard; None where an argument is outside its type."""
    scalars: dict[str, Value] = {}
    members: dict[str, int] = {}
    for parameter in action.parameters:
        value = arguments[parameter.name]
        match parameter.type:
            case MemberType():
                family = machine.family_of(parameter.type)
                if not isinstance(value, int) or not 0 <= value < len(state.families[family.name]):
                    return None
                if parameter.new and not is_unused(family, state.families[family.name][value]):
                    return None
                members[parameter.name] = value
            case _ if fits(value, parameter.type):
                scalars[parameter.name] = value
            case _:
                return None
    return Scope(state, None, scalars, members) if newcomers_differ(action.parameters, members) else None


def fits(value: Value, type_: BoolType | IntType | EnumType) -> bool:
    """Whether `value` belongs to `type_`."""
    match type_:
        case BoolType():
            return isinstance(value, bool)
        case EnumType(_, values):
            return value in values
        case IntType(low, high):
            return (
                isinstance(value, int)
                and not isinstance(value, bool)
                and (low is None or low <= value)
                and (high is None or value <= high)
            )
        case _:
            assert_never(type_)


def after(machine: Machine, run: Run, action: Action, arguments: Arguments) -> Run:
    """`run` with one more step."""
    return Run(run.start, (*run.moves, Move(action.name, arguments, step(machine, run.end, action, arguments))))


def is_unused(family: FamilyDecl, member: Mapping[str, Value]) -> bool:
    """Whether every field, persistent ones too, has its default."""
    for declared in family.fields:  # noqa: SIM110 -- quicker than `all`, and asked of every member in every state
        if member[declared.name] != declared.initial:
            return False
    return True


def newcomers_differ(parameters: tuple[ParameterDecl, ...], members: Mapping[str, int]) -> bool:
    """Whether no two new members of one family are the same."""
    if len(parameters) < 2:
        return True
    newcomers = [(parameter.type, members[parameter.name]) for parameter in parameters if parameter.new]
    return len(newcomers) < 2 or len(set(newcomers)) == len(newcomers)
