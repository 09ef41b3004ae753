"""The model's answer to a move of the core, with which the core must agree."""

from collections.abc import Iterator, Mapping

from quiesce.generate.core.methods import parameters_of
from quiesce.generate.examples.core_under_test import (
    NOT_ENABLED,
    OUT_OF_RANGE,
    REFUSED,
    WAITS,
    CoreUnderTest,
    Move,
    Session,
    Values,
    plain,
)
from quiesce.generate.python import names
from quiesce.spec import interpreter
from quiesce.spec.model import Accepts, Action, Blocks, Fails, Machine, MemberType, ParameterDecl, Value
from quiesce.spec.record import record
from quiesce.spec.state import Arguments, State


@record
class Step:
    """A move, the answer it must get, and the values that it must change."""

    move: Move
    answer: str
    changes: Values


class Disagreement(Exception):
    """The generated core and the interpreter differ: a defect of quiesce, never of a spec."""


def told(machine: Machine, subject: CoreUnderTest, state: Values, move: Move) -> Step:
    """The step that `move` makes in `state`, as the interpreter takes it; the core must agree."""
    session = Session(subject, subject.core_class)
    session.load(state)
    answer, after = session.ask(move), session.values()
    expected, end = _answer_of_interpreter(machine, subject, state, move)
    wrong = {place for place, value in end.items() if plain(after[place]) != value}
    wrong |= set(_forgotten_members(machine, subject, after))
    if answer != expected or wrong:
        raise Disagreement(f"{move} in {dict(state)}: {answer} instead of {expected}; wrong: {sorted(wrong)}")
    return Step(move, answer, difference(state, after))


def _forgotten_members(machine: Machine, subject: CoreUnderTest, values: Values) -> Iterator[str]:
    """The members that are not as new, and are not known to their families."""
    for member, name in subject.members.items():
        family, known = machine.families_by_name[name], values[name]
        fields = (field for field in family.fields if not field.persistent)
        used = any(plain(values[f"{member}.{field.name}"]) != field.initial for field in fields)
        if used and not (isinstance(known, tuple) and member in known):
            yield f"{name} without {member}"


class Trust:
    """Tells moves that keep what the model assumes from those that do not: of these it says nothing."""

    def __init__(self, subject: CoreUnderTest) -> None:
        self._subject = subject
        self._assuming = {
            method: outcomes
            for method, outcomes in _actions_of_method(subject.machine).items()
            if any(action.assumes for action in outcomes)
        }

    def allows(self, state: Values, move: Move) -> bool:
        """Whether the model says anything about the move: what happens rests on no assumption, or on one that holds."""
        outcomes = self._assuming.get(move.method)
        if outcomes is None:
            return True
        machine, before = self._subject.machine, _state_of_interpreter(self._subject.machine, self._subject, state)
        given = _arguments_of_move(self._subject, outcomes, move)
        for action in machine.unassuming.actions:
            if action.name in {outcome.name for outcome in outcomes}:
                arguments = {parameter.name: given[parameter.name] for parameter in action.parameters}
                if interpreter.is_enabled(machine.unassuming, before, action, arguments):
                    return interpreter.is_enabled(machine, before, machine.actions_by_name[action.name], arguments)
        return True


def _answer_of_interpreter(
    machine: Machine, subject: CoreUnderTest, state: Values, move: Move
) -> tuple[str, Mapping[str, object]]:
    """The answer to a move by the interpreter, and the values after it."""
    before = _state_of_interpreter(machine, subject, state)
    outcomes = _actions_of_method(machine)[move.method]
    given = _arguments_of_move(subject, outcomes, move)
    if not all(_in_range(parameter, given[parameter.name]) for parameter in parameters_of(outcomes)):
        return OUT_OF_RANGE, _values_by_name(subject, before)
    for action in outcomes:
        arguments: Arguments = {parameter.name: given[parameter.name] for parameter in action.parameters}
        if interpreter.is_enabled(machine, before, action, arguments):
            return _answer_of_action(action), _values_by_name(
                subject, interpreter.step(machine, before, action, arguments)
            )
    return NOT_ENABLED, _values_by_name(subject, before)


def _arguments_of_move(subject: CoreUnderTest, outcomes: tuple[Action, ...], move: Move) -> dict[str, Value]:
    """The arguments of a move for each parameter of its method, as values of the interpreter."""
    return {
        parameter.name: _index_of_member(subject, value) if isinstance(parameter.type, MemberType) else plain(value)
        for parameter, value in zip(_parameters_of_method(outcomes), move.arguments, strict=True)
    }


def _parameters_of_method(outcomes: tuple[Action, ...]) -> tuple[ParameterDecl, ...]:
    """The parameters of the method, in its order: a step has its own, a call those of all its outcomes."""
    first, *_ = outcomes
    return parameters_of(outcomes) if first.calls else first.parameters


def _actions_of_method(machine: Machine) -> dict[str, tuple[Action, ...]]:
    """The actions that a method of the core stands for."""
    steps = {names.step_method(action): (action,) for action in machine.actions if not action.calls}
    return {**{names.call_method(call): outcomes for call, outcomes in machine.calls.items()}, **steps}


def _answer_of_action(action: Action) -> str:
    match action.outcome:
        case Accepts():
            return action.name
        case Fails(error):
            return f"{REFUSED}{error}"
        case Blocks():
            return WAITS


def _in_range(parameter: ParameterDecl, value: Value) -> bool:
    return isinstance(parameter.type, MemberType) or interpreter.fits(value, parameter.type)


def _index_of_member(subject: CoreUnderTest, member: object) -> int:
    family = subject.members[str(member)]
    return [name for name, other in subject.members.items() if other == family].index(str(member))


def _state_of_interpreter(machine: Machine, subject: CoreUnderTest, values: Values) -> State:
    scalars = {variable.name: plain(values[variable.name]) for variable in machine.variables}
    policies = {policy.name: plain(values[names.policy_attribute(policy.name)]) for policy in machine.policies}
    families = {
        family.name: tuple(
            {field.name: plain(values[f"{member}.{field.name}"]) for field in family.fields}
            for member, own in subject.members.items()
            if own == family.name
        )
        for family in machine.families
    }
    return State({**scalars, **policies}, families)


def _values_by_name(subject: CoreUnderTest, state: State) -> dict[str, object]:
    """Variables and fields by their names, as far as a move can change them."""
    variables = {variable.name: state.scalars[variable.name] for variable in subject.machine.variables}
    fields = {
        f"{member}.{field}": value
        for member, family in subject.members.items()
        for field, value in state.families[family][_index_of_member(subject, member)].items()
    }
    return {**variables, **fields}


def difference(before: Values, after: Values) -> dict[str, object]:
    """The new values of all variables and fields that a move has changed."""
    return {name: value for name, value in after.items() if value != before[name]}
