"""The methods of the core for calls and steps: parameters, types, docstrings, guards and bodies as finished lines."""

from collections.abc import Iterator

from quiesce.generate.core.entailed import Known
from quiesce.generate.core.loops import loops_apart
from quiesce.generate.python import names
from quiesce.generate.python.expressions import conjunction, flattened, type_name
from quiesce.generate.python.line_breaking import INDENT, laid_out
from quiesce.generate.python.statements import Writer
from quiesce.generate.python.text import comment, docstring, filled, signature, summary
from quiesce.spec.activities import Activity, due_claim
from quiesce.spec.model import (
    Accepts,
    Action,
    Blocks,
    Expr,
    Fails,
    Field,
    IntType,
    Literal,
    Machine,
    MemberType,
    Op,
    Parameter,
    ParameterDecl,
    Same,
)
from quiesce.spec.record import record
from quiesce.spec.rewrite import map_children, walk

BODY = 2 * INDENT
"""The indentation of a method's body."""


@record
class MethodView:
    """A method: its signature, docstring and body, all as finished lines."""

    signature: tuple[str, ...]
    doc: str
    lines: tuple[str, ...]


def accepting(outcomes: tuple[Action, ...]) -> tuple[Action, ...]:
    """The outcomes of a call in which it happens."""
    return tuple(action for action in outcomes if isinstance(action.outcome, Accepts))


def parameters_of(outcomes: tuple[Action, ...]) -> tuple[ParameterDecl, ...]:
    """The parameters of a call: those of all its outcomes, members first."""
    found = {parameter.name: parameter for action in outcomes for parameter in action.parameters}
    return tuple(sorted(found.values(), key=lambda parameter: not isinstance(parameter.type, MemberType)))


def arguments(parameters: tuple[ParameterDecl, ...]) -> tuple[str, ...]:
    """The parameters as they stand in a signature."""
    return tuple(f"{parameter.name}: {parameter_type(parameter)}" for parameter in parameters)


def parameter_type(parameter: ParameterDecl) -> str:
    """A parameter's type as Python text."""
    return parameter.type.name if isinstance(parameter.type, MemberType) else type_name(parameter.type)


def _range_checks(parameters: tuple[ParameterDecl, ...]) -> Iterator[str]:
    margin = " " * BODY
    for parameter in parameters:
        name = parameter.name
        match parameter.type:
            case IntType(None, None):
                continue
            case IntType(low, None):
                wrong, wanted = f"{name} < {low}", f"at least {low}"
            case IntType(None, high):
                wrong, wanted = f"{name} > {high}", f"at most {high}"
            case IntType(low, high):
                wrong, wanted = f"not {low} <= {name} <= {high}", f"from {low} to {high}"
            case _:
                continue
        yield f"{margin}if {wrong}:"
        yield f'{margin}    raise ValueError(f"{name} must be {wanted}, not {{{name}}}")'


# --- calls ------------------------------------------------------------------------------------------------------


def call_view(machine: Machine, call: str, outcomes: tuple[Action, ...]) -> MethodView:
    """The method of a call."""
    parameters = parameters_of(outcomes)
    accepted = accepting(outcomes)
    returns = literal_type(accepted) if accepted else "NoReturn"
    return MethodView(
        tuple(signature(names.call_method(call), arguments(parameters), returns)),
        docstring(_call_doc(call, outcomes, parameters), BODY),
        (*_range_checks(parameters), *_outcomes(machine, call, outcomes)),
    )


def literal_type(accepted: tuple[Action, ...]) -> str:
    """The type of the answer of a call that happens: the name of the action."""
    return "Literal[" + ", ".join(f'"{action.name}"' for action in accepted) + "]"


def _call_doc(call: str, outcomes: tuple[Action, ...], parameters: tuple[ParameterDecl, ...]) -> str:
    new = [f"`{parameter.name}` is a new {parameter_type(parameter)}()" for parameter in parameters if parameter.new]
    errors = dict.fromkeys(action.outcome.error for action in outcomes if isinstance(action.outcome, Fails))
    notes = [f"Refused: {', '.join(errors)}."] if errors else []
    if any(isinstance(action.outcome, Blocks) for action in outcomes):
        notes.append("May have to wait.")
    notes += assumed(outcomes)
    name = f"The call {call}"
    first = summary(f"{name}: {' and '.join(new)}", name, BODY) if new else name
    notes = notes if first != name else [*(f"{one}." for one in new), *notes]
    return f"{first}.\n\n{filled(' '.join(notes), BODY)}" if notes else f"{first}."


def assumed(actions: tuple[Action, ...]) -> list[str]:
    """The assumptions of actions in the words of the spec: the reasons, each once."""
    reasons = dict.fromkeys(assumption.because.rstrip(".") for action in actions for assumption in action.assumes)
    return [f"Assumed, not checked: {'; '.join(reasons)}."] if reasons else []


def _outcomes(machine: Machine, call: str, outcomes: tuple[Action, ...]) -> Iterator[str]:
    """The outcomes of a call in the order of the code: refusals first, so that none excludes them; waits last.

    In each state exactly one outcome applies, so the last one needs no condition.
    """
    order = (Fails, Accepts, Blocks)
    ordered = sorted(loops_apart(machine, outcomes), key=lambda action: order.index(type(action.outcome)))
    known = Known()
    for action in ordered:
        guard = known.needed(conjuncts(action))
        known = known.without(guard)
        # What several calls have in common would be said again and again.
        yield from comment(action.doc, BODY) if len(action.calls) == 1 else ()
        if action is ordered[-1] or not guard:
            yield from _outcome(machine, call, action, BODY)
            return
        yield from laid_out("if ", conjunction(machine, guard), ":", BODY)
        yield from _outcome(machine, call, action, BODY + INDENT)


def conjuncts(action: Action) -> tuple[Expr, ...]:
    """The smallest parts of an action's guard that all have to hold."""
    return tuple(part for condition in action.when for part in flattened(Op.AND, condition))


def _outcome(machine: Machine, call: str, action: Action, indent: int) -> list[str]:
    margin = " " * indent
    match action.outcome:
        case Accepts():
            return [*_body(machine, action, indent), f'{margin}return "{action.name}"']
        case Fails(error):
            return [f'{margin}raise Refused("{error}")']
        case Blocks():
            return [f'{margin}raise Blocked("{call}")']


def _body(machine: Machine, action: Action, indent: int) -> list[str]:
    members = [(p, p.type) for p in action.parameters if isinstance(p.type, MemberType)]
    joins = [f"{' ' * indent}self.{machine.family_of(type_).name}[{p.name}] = None" for p, type_ in members if p.new]
    known = frozenset(p.name for p, _ in members if p.new or is_in_use(machine, action, p.name))
    return [*joins, *Writer(machine, action).lines(indent, known)]


def is_in_use(machine: Machine, action: Action, member: str) -> bool:
    """Whether the action's guard alone tells that a member is not as new, so that its family knows it."""
    known = Known()
    for conjunct in (_of_unused(machine, conjunct, member) for conjunct in conjuncts(action)):
        if known.excludes(conjunct):
            return True
        known = known.with_all([conjunct])
    return False


def _of_unused(machine: Machine, expr: Expr, member: str) -> Expr:
    """`expr` where `member` was never used: its fields have their initial values, but for the persistent ones."""
    match expr:
        case Field(name, family, field) if name == member:
            declared = next(other for other in machine.families_by_name[family].fields if other.name == field)
            return expr if declared.persistent else Literal(declared.initial, declared.type)
        case _:
            return map_children(expr, lambda child: _of_unused(machine, child, member))


# --- steps ------------------------------------------------------------------------------------------------------


def step_views(machine: Machine, action: Action) -> Iterator[MethodView]:
    """The guard of an internal or environment action, and the action itself."""
    (action,) = loops_apart(machine, (action,))
    guard_method, margin = names.guard_method(action), " " * BODY
    asked = guard_parameters(action)
    yield MethodView(
        tuple(signature(guard_method, arguments(asked), "bool")),
        docstring(f"Whether `{action.name}` may happen.", BODY),
        tuple(laid_out("return ", conjunction(machine, conjuncts(action)), "", BODY)),
    )
    asking = f"self.{guard_method}({', '.join(parameter.name for parameter in asked)})"
    yield MethodView(
        tuple(signature(names.step_method(action), arguments(action.parameters), "None")),
        docstring("\n\n".join([action.doc or f"The step `{action.name}`.", *assumed((action,))]), BODY),
        (
            *_range_checks(action.parameters),
            f"{margin}if not {asking}:",
            f'{margin}    raise NotEnabled("{action.name}")',
            *_body(machine, action, BODY),
        ),
    )


def due_view(machine: Machine, activity: Activity) -> MethodView:
    """The method that tells whether an activity is due, of a member if it belongs to members."""
    asked = () if activity.member is None else (activity.member,)
    of_member = "" if activity.member is None else f" of `{activity.member.name}`"
    claim = flattened(Op.AND, due_claim(activity))
    return MethodView(
        tuple(signature(names.due_method(activity.name), arguments(asked), "bool")),
        docstring(f"Whether the activity `{activity.name}`{of_member} is due.", BODY),
        tuple(laid_out("return ", conjunction(machine, claim), "", BODY)),
    )


def guard_parameters(action: Action) -> tuple[ParameterDecl, ...]:
    """The parameters that the guard depends on."""
    read: set[str] = set()
    for part in (part for condition in action.when for part in walk(condition)):
        match part:
            case Parameter(name):
                read.add(name)
            case Field(member):
                read.add(member)
            case Same(left, right):
                read |= {left, right}
            case _:
                pass
    return tuple(parameter for parameter in action.parameters if parameter.name in read)
