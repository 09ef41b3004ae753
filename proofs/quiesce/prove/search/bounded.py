"""Bounded search for a shortest run that ends badly, over any integers and a few members of each family.

The solver looks for a run of each length in turn, and the search ends where it does not know whether there is one. What
it finds is replayed on the interpreter; a run that the interpreter does not confirm is an error of this program and is
never shown as a fault of the spec.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, assert_never

from quiesce.kernel.problem import Problem
from quiesce.prove.search.search_outcomes import Cut, Excluded, Extent, Found, Outcome, Why
from quiesce.prove.search.targets import Target, ends_in
from quiesce.prove.solving.answers import Model, NoModel, Undecided
from quiesce.spec.effects import ANY_MEMBER
from quiesce.spec.interpreter import NotEnabled, step
from quiesce.spec.meaning import symbols
from quiesce.spec.meaning.few_members import FewMembers
from quiesce.spec.meaning.formulas import guard, initial_claim, parameter_claims, unused_claim
from quiesce.spec.meaning.smtlib import Frame, encode, enum_declarations, integer, literal, scalars, sort
from quiesce.spec.model import Action, BoolType, EnumType, IntType, MemberType, ParameterDecl, ScalarType, Value
from quiesce.spec.state import Arguments, Move, Run, State

if TYPE_CHECKING:
    from quiesce.prove.solving.z3_solver import BoundedSolver, Solver

MEMBERS = 3
"""Members of each family in the first of the searches for a run: a person can still follow what they do."""

SMALL = (1, 2, 4, 16)
"""Bounds tried, in turn, on every integer of a run, so that a person can follow it."""


class Disagreement(Exception):
    """The solver's run is not a run of the interpreter: one of the two encodings is wrong."""


class Search:
    """Runs of one machine, unrolled as far as was needed so far.

    With `anywhere` they start in any state that the invariants allow, reachable or not: the source of CTIs.
    """

    def __init__(self, problem: Problem, solver: "Solver", members: int, *, anywhere: bool = False) -> None:
        self._problem = problem
        self._members = members
        self._anywhere = anywhere
        self._rigid = frozenset(policy.name for policy in problem.machine.policies)
        self._solver: BoundedSolver = solver.bounded()
        self._length = 0
        self._excluded: dict[Target, int] = {}
        self._begin()

    def shortest(self, target: Target, depth: int, allowance: int) -> Outcome:
        """A shortest run of at most `depth` steps that reaches the target.

        The search goes on to another length only while it has cost less than `allowance`, in units of `rlimit`.

        Raises:
            Disagreement: the interpreter does not confirm the run.
        """
        if self._members == 0 and self._asks_for_members(target.parameters):
            return Excluded((self._extent(depth),))
        begun = self.spent
        first = self._excluded.get(target, 0 if target.needs_step else -1) + 1
        for length in range(first, depth + 1):
            if self.spent - begun >= allowance:
                return Cut(self._so_far(target), Why.SEARCHES)
            self._unroll(length)
            terms = list(self._target_terms(target, length))
            match self._solver.model(terms):
                case Model(values):
                    return self._read(self._simplest(terms, length, target, values), length, target)
                case Undecided(check):
                    return Cut(self._so_far(target), Why.BUDGET if check.exhausted else Why.SOLVER)
                case NoModel():
                    self._excluded[target] = length
                case other:
                    assert_never(other)
        return Excluded((self._extent(depth),))

    def _simplest(self, terms: list[str], length: int, target: Target, values: Mapping[str, str]) -> Mapping[str, str]:
        """The values of a run that is easy to follow; if none is found, the values at hand."""
        for simple in self._simplest_first(length, target):
            found = self._solver.model([*terms, *simple])
            if isinstance(found, Model):
                return found.values
        return values

    def _so_far(self, target: Target) -> tuple[Extent, ...]:
        """The extents in which a target was excluded, if there are any."""
        return (self._extent(self._excluded[target]),) if target in self._excluded else ()

    def _extent(self, steps: int) -> Extent:
        return Extent(steps, self._members if self._problem.machine.families else None)

    @property
    def spent(self) -> int:
        """The cost of the searches so far, in units of `rlimit`."""
        return self._solver.spent

    # --- unrolling ---

    def _state(self, time: int) -> FewMembers:
        return FewMembers(time, self._members, self._rigid)

    def _begin(self) -> None:
        machine = self._problem.machine
        self._solver.declare(enum_declarations(machine))
        self._solver.declare(f"(declare-const self.{p.name} {sort(p.type)})" for p in machine.policies)
        self._declare_state(0)
        start = self._state(0)
        if self._anywhere:
            frame = Frame(start)
            self._solver.add(encode(claim, frame) for claim in self._problem.assumed)
            return
        self._solver.add(
            f"(or {' '.join(f'(= self.{p.name} {literal(value, p.type)})' for value in p.alternatives)})"
            for p in machine.policies
        )
        self._solver.add(encode(claim, Frame(start)) for claim in [initial_claim(machine, persistent=True)])

    def _declare_state(self, time: int) -> None:
        machine, state = self._problem.machine, self._state(time)
        self._solver.declare(f"(declare-const {state.variable(v.name)} {sort(v.type)})" for v in machine.variables)
        self._solver.declare(
            f"(declare-const {state.field(family.name, f.name, str(index))} {sort(f.type)})"
            for family in machine.families
            for f in family.fields
            for index in range(state.denoted)
        )

    def _unroll(self, length: int) -> None:
        while self._length < length:
            self._add_step(self._length)
            self._length += 1

    def _add_step(self, time: int) -> None:
        machine = self._problem.machine
        self._solver.declare([f"(declare-const act@{time} Int)"])
        self._declare_state(time + 1)
        frames = []
        for number, action in enumerate(machine.actions):
            prefix = f"arg.{action.name}."
            if not self._possible(number):
                frames.append(Frame(self._state(time)))
                self._solver.add([f"(not (= act@{time} {number}))"])
                continue
            self._declare_parameters(action.parameters, prefix, time)
            frame = self._frame(action.parameters, prefix, time)
            frames.append(frame)
            enabled = [encode(guard(machine, action), frame), *self._member_terms(action.parameters, frame)]
            self._solver.add(f"(=> (= act@{time} {number}) {term})" for term in enabled)
        self._solver.add([f"(<= 0 act@{time} {len(machine.actions) - 1})"])
        self._solver.add(self._next_values(time, frames))

    def _next_values(self, time: int, frames: list[Frame]) -> Iterator[str]:
        before, after = self._state(time), self._state(time + 1)
        machine = self._problem.machine
        effects = [self._problem.effects[action.name] for action in machine.actions]
        for variable in machine.variables:
            new = before.variable(variable.name)
            for number, effect in enumerate(effects):
                if (value := effect.scalars.get(variable.name)) is not None and self._possible(number):
                    new = f"(ite (= act@{time} {number}) {encode(value, frames[number])} {new})"
            yield f"(= {after.variable(variable.name)} {new})"
        for family in machine.families:
            for declared in family.fields:
                for index in range(self._members):
                    new = before.field(family.name, declared.name, str(index))
                    for number, effect in enumerate(effects):
                        if (value := effect.fields.get((family.name, declared.name))) is not None:
                            frame = frames[number]
                            members = {**frame.members, ANY_MEMBER: str(index)}
                            changed = encode(value, Frame(frame.now, None, frame.parameters, members))
                            new = f"(ite (= act@{time} {number}) {changed} {new})"
                    yield f"(= {after.field(family.name, declared.name, str(index))} {new})"

    @staticmethod
    def _asks_for_members(parameters: tuple[ParameterDecl, ...]) -> bool:
        return any(isinstance(parameter.type, MemberType) for parameter in parameters)

    def _possible(self, number: int) -> bool:
        """Whether there are members for the arguments of an action."""
        return self._members > 0 or not self._asks_for_members(self._problem.machine.actions[number].parameters)

    def _declare_parameters(self, parameters: tuple[ParameterDecl, ...], prefix: str, time: int) -> None:
        self._solver.declare(
            f"(declare-const {_constant_of_argument(p, prefix, time)} {_sort_of_argument(p)})" for p in parameters
        )

    def _frame(self, parameters: tuple[ParameterDecl, ...], prefix: str, time: int) -> Frame:
        names = {p.name: _constant_of_argument(p, prefix, time) for p in parameters}
        members = {p.name: names[p.name] for p in parameters if isinstance(p.type, MemberType)}
        others = {name: text for name, text in names.items() if name not in members}
        old = self._state(time - 1) if time else None
        return Frame(self._state(time), old, others, members)

    def _member_terms(self, parameters: tuple[ParameterDecl, ...], frame: Frame) -> Iterator[str]:
        """Members exist; where only one is asked for, of those never used the first is taken, since they are alike."""
        for parameter in parameters:
            if not isinstance(parameter.type, MemberType):
                continue
            name = frame.members[parameter.name]
            yield f"(<= 0 {name} {integer(self._members - 1)})"
            if sum(other.type == parameter.type for other in parameters) > 1:
                continue
            family = self._problem.machine.family_of(parameter.type)
            for index in range(1, self._members):
                lower = Frame(frame.now, None, {}, {ANY_MEMBER: str(index - 1)})
                unused = encode(unused_claim(family, ANY_MEMBER, persistent=True), lower)
                yield f"(=> (>= {name} {index}) (not {unused}))"

    # --- targets ---

    def _target_terms(self, target: Target, length: int) -> Iterator[str]:
        self._declare_parameters(target.parameters, "end.", length)
        frame = self._frame(target.parameters, "end.", length)
        if not target.given:
            yield encode(target.claim, frame)
        yield from self._member_terms(target.parameters, frame)
        for claim in parameter_claims(self._problem.machine, target.parameters):
            yield encode(claim, frame)
        if target.actions is not None:
            numbers = [n for n, action in enumerate(self._problem.machine.actions) if action.name in target.actions]
            yield f"(or false {' '.join(f'(= act@{length - 1} {number})' for number in numbers)})"
            for number in filter(self._possible, numbers) if target.given else ():
                term = encode(target.claim, self._frame_of_last(target.given, number, length, frame))
                yield f"(=> (= act@{length - 1} {number}) {term})"

    def _frame_of_last(self, given: tuple[ParameterDecl, ...], number: int, length: int, frame: Frame) -> Frame:
        """The frame in which a claim reads what the last action was given, if that is action `number`."""
        name = self._problem.machine.actions[number].name
        last = self._frame(given, f"arg.{name}.", length - 1)
        return replace(
            frame,
            parameters={**frame.parameters, **last.parameters},
            members={**frame.members, **last.members},
        )

    def _simplest_first(self, length: int, target: Target) -> Iterator[list[str]]:
        """Restrictions that make a run easier to follow, the strictest first; the last one restricts nothing."""
        policies = [f"(= self.{p.name} {literal(p.alternatives[0], p.type)})" for p in self._problem.machine.policies]
        for bound in SMALL:
            small = list(self._small_terms(length, bound, target))
            yield [*policies, *small]
            yield small
        yield []

    def _small_terms(self, length: int, bound: int, target: Target) -> Iterator[str]:
        for time in range(length):
            for number, action in enumerate(self._problem.machine.actions):
                if self._possible(number):
                    yield from self._small(action.parameters, f"arg.{action.name}.", time, bound)
        yield from self._small(target.parameters, "end.", length, bound)

    @staticmethod
    def _small(parameters: tuple[ParameterDecl, ...], prefix: str, time: int, bound: int) -> Iterator[str]:
        for parameter in parameters:
            if isinstance(parameter.type, IntType):
                yield f"(<= (- {bound}) {_constant_of_argument(parameter, prefix, time)} {bound})"

    # --- reading a model ---

    def _read(self, values: Mapping[str, str], length: int, target: Target) -> Found:
        machine = self._problem.machine
        start = self._read_start(values)
        moves: list[Move] = []
        state = start
        for time in range(length):
            action = machine.actions[int(values.get(f"act@{time}", "0"))]
            arguments = self._arguments(values, action.parameters, f"arg.{action.name}.", time)
            state = self._replayed(state, action, arguments)
            moves.append(Move(action.name, arguments, state))
        arguments = self._arguments(values, target.parameters, "end.", length)
        found = Found(Run(start, tuple(moves)), arguments, shortest=True)
        if not self._confirms(found, target):
            raise Disagreement("the solver's run does not end as the solver says")
        return found

    @staticmethod
    def _confirms(found: Found, target: Target) -> bool:
        """Whether the run ends as the target says, according to the interpreter."""
        return ends_in(found.run, target, found.arguments)

    def _read_start(self, values: Mapping[str, str]) -> State:
        machine, names = self._problem.machine, self._state(0)
        return State(
            {s.name: _value_in_model(values.get(names.variable(s.name)), s.type) for s in scalars(machine)},
            {
                family.name: tuple(
                    {
                        f.name: _value_in_model(values.get(names.field(family.name, f.name, str(index))), f.type)
                        for f in family.fields
                    }
                    for index in range(self._members)
                )
                for family in machine.families
            },
        )

    def _replayed(self, state: State, action: Action, arguments: Arguments) -> State:
        try:
            return step(self._problem.machine, state, action, arguments)
        except NotEnabled as error:
            raise Disagreement(f"the solver takes a step that the interpreter refuses: {error}") from error

    @staticmethod
    def _arguments(
        values: Mapping[str, str], parameters: tuple[ParameterDecl, ...], prefix: str, time: int
    ) -> dict[str, Value]:
        return {
            p.name: _value_in_model(
                values.get(_constant_of_argument(p, prefix, time)),
                IntType(0) if isinstance(p.type, MemberType) else p.type,
            )
            for p in parameters
        }


def _constant_of_argument(parameter: ParameterDecl, prefix: str, time: int) -> str:
    """The constant for an argument. Targets of one search may have arguments of one name and of several types."""
    return f"{prefix}{parameter.name}.{_sort_of_argument(parameter)}@{time}"


def _sort_of_argument(parameter: ParameterDecl) -> str:
    """The sort of an argument; a member is given by its number."""
    return "Int" if isinstance(parameter.type, MemberType) else sort(parameter.type)


def _value_in_model(text: str | None, type_: ScalarType) -> Value:
    """A model's text as a value; any value of the type will do for a constant that the model leaves open."""
    match type_:
        case BoolType():
            return text == "True"
        case IntType(low, high):
            return int(text) if text is not None else (low if low is not None else high or 0)
        case EnumType(_, members):
            spelled = {symbols.value(type_.name, member): member for member in members}
            return members[0] if text is None else spelled[text]
