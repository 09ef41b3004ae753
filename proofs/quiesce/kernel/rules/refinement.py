"""Obligations of a machine to its callers: whoever keeps its contract gets only answers that the contract has.

The machine counts for all callers together, the contract for one. *Shared*: two callers that keep the contract are
together one that keeps it, and what happens to one of them happens to both together in the same way. So it is enough to
look at all callers as one, whose part is what the machine counts under the same names.

Then each step of the machine is one that the contract knows. A call that succeeds does what some outcome of it does;
one that is refused, is refused with an error that the contract has for it; and nothing else changes what is counted.
All of this wherever the callers do what the contract assumes. A call may also *begin*, and be answered by later steps
of the machine itself. Where one is under way is told by a value that the first step gives to an enum variable: no other
step brings it about, and the steps that end it do what an outcome of the call does.

By induction over a chain of layers, if its lowest machine offers the contract, and each layer above offers it and uses
the next one only within it, then every call in the chain is legal and is answered as the contract says.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from functools import cached_property, partial
from itertools import product

from quiesce.kernel.kinds import Obligation
from quiesce.kernel.problem import Problem
from quiesce.kernel.rules.lower_calls import Owed
from quiesce.kernel.rules.state_goals import StateGoal
from quiesce.kernel.subjects import OffersStart, OffersStep
from quiesce.spec.effects import effect_of
from quiesce.spec.meaning.formulas import after, initial_claim, parameter_claims
from quiesce.spec.model import (
    BOOL,
    FALSE,
    INT,
    TRUE,
    Accepts,
    Action,
    ActionKind,
    Binary,
    Blocks,
    BoolType,
    Expr,
    Fails,
    Field,
    IntType,
    Literal,
    Machine,
    Not,
    Op,
    Parameter,
    ParameterDecl,
    Variable,
)
from quiesce.spec.record import record
from quiesce.spec.rewrite import (
    both,
    conjunction,
    disjunction,
    either,
    equal,
    map_children,
    map_parameters,
    reads_now,
    walk,
)


def offers_owed(problem: Problem, acting: Problem | None = None) -> Iterator[Owed]:
    """The claims that every step is one that the contract has; nothing if the machine offers no contract.

    `acting` has the same actions in another form, if steps are to be taken from there and not from the machine itself.
    """
    contract = problem.machine.provides
    if contract is not None:
        yield from _Offer(problem, contract, acting or problem).owed()


@record
class _Offer:
    """One contract, offered by one machine.

    What a step may do is read off `problem`; where it is taken and what it does, off the same action of `acting`.
    """

    problem: Problem
    contract: Machine
    acting: Problem

    def owed(self) -> Iterator[Owed]:
        machine = self.problem.machine
        if self._begun:
            obligation = Obligation(OffersStart(), machine.span)
            yield Owed(obligation, partial(self._start, obligation))
        watched = {*(v.name for v in self.contract.variables), *reads_now(self._under_way)}
        for action in machine.actions:
            known = [name for name in action.calls if name in self.contract.calls]
            moves = isinstance(action.outcome, Accepts) and not watched.isdisjoint(self._writes(action))
            if (known and not isinstance(action.outcome, Blocks)) or moves:
                obligation = Obligation(OffersStep(action.name), action.span)
                yield Owed(obligation, partial(self._goal, action, known, obligation))

    def _start(self, obligation: Obligation) -> StateGoal:
        start = initial_claim(self.problem.machine, persistent=True)
        return StateGoal(obligation, (), start, Not(self._under_way), "begins with a call under way")

    def _goal(self, action: Action, known: list[str], obligation: Obligation) -> StateGoal:
        """The goal about the step of one action.

        `known` are the calls of the contract that the action may stand for.
        """
        effect, acting = self.acting.effects[action.name], self.acting.machine.actions_by_name[action.name]
        parameters = {p.name: p for p in action.parameters}
        for name in known:
            for p in (p for outcome in self.contract.calls[name] for p in outcome.parameters):
                parameters.setdefault(_of_call(action, name, p.name), replace(p, name=_of_call(action, name, p.name)))
        declared = tuple(parameters.values())
        called = action.kind is ActionKind.CALL
        claim = self._by_callers(action, known) if called else self._by_itself
        where = conjunction(
            [*parameter_claims(self.problem.machine, declared), *(acting.when if called else acting.guard)]
        )
        otherwise = f"does what {self.contract.name} does not have"
        return StateGoal(obligation, declared, where, after(effect, claim), otherwise)

    def _by_callers(self, action: Action, known: list[str]) -> Expr:
        """The claim about the step of a call, under each of its names."""
        claims = [self._called(action, name) for name in known]
        if len(known) < len(action.calls) and isinstance(action.outcome, Accepts):
            claims.append(self._idle)
        return conjunction(claims)

    def _called(self, action: Action, name: str) -> Expr:
        """The claim about the step of a call that is made as the contract asks; the machine may assume no more."""
        outcomes = self.contract.calls[name]
        done = disjunction(_some_answer(k, self._moved(k)) for k in outcomes if k.outcome == action.outcome)
        allowed = both(done, self._as_under_way)
        if name in self._begun:
            may_end = (
                disjunction(_some_answer(k, TRUE) for k in outcomes if isinstance(k.outcome, kind))
                for kind in (Accepts, Fails)
            )
            begins = [self._unchanged, Not(_before_step(self._under_way)), self._under_way, *may_end]
            allowed = either(allowed, conjunction(begins))
        allowed = conjunction([allowed, *(_before_step(assumption.claim) for assumption in action.assumes)])
        legal = conjunction(_caller_is_legal(k) for k in outcomes)
        claim = allowed if legal == TRUE else Binary(Op.IMPLIES, legal, allowed)
        return map_parameters(claim, lambda p: Parameter(_of_call(action, name, p.name), p.type))

    def _moved(self, outcome: Action) -> Expr:
        """The claim that the step changes the counted variables as the outcome does."""
        values = effect_of(self.contract, outcome).scalars
        places = (Variable(v.name, v.type) for v in self.contract.variables)
        return conjunction(equal(place, _before_step(values.get(place.name, place))) for place in places)

    @property
    def _unchanged(self) -> Expr:
        places = (Variable(v.name, v.type) for v in self.contract.variables)
        return conjunction(equal(place, _before_step(place)) for place in places)

    @property
    def _idle(self) -> Expr:
        return both(self._unchanged, self._as_under_way)

    # --- calls under way ---

    @cached_property
    def _begun(self) -> Mapping[str, Expr]:
        """The calls that may be answered by later steps, each with what tells so."""
        found: dict[str, Expr] = {}
        for action in self.problem.machine.actions:
            sign = self._sign(action)
            for name in action.calls:
                if sign is not None and self._may_begin(action, name):
                    found[name] = either(found.get(name, FALSE), sign)
        return found

    def _may_begin(self, action: Action, name: str) -> bool:
        """Whether the action succeeds in a call without doing what the contract says of that.

        Then it only begins the call. That takes a contract by which it can be told later, when neither the arguments
        nor the state that the call began in are known any more, that the call is answered rightly.
        """
        outcomes = self.contract.calls.get(name, ())
        accepting = [effect_of(self.contract, k).scalars for k in outcomes if isinstance(k.outcome, Accepts)]
        if len(accepting) != 1 or not isinstance(action.outcome, Accepts):
            return False
        free = not any(k.assumes or reads_now(conjunction(k.when)) for k in outcomes)
        plain = not any(isinstance(part, Parameter) for value in accepting[0].values() for part in walk(value))
        counted = {v.name for v in self.contract.variables}
        return bool(accepting[0]) and free and plain and counted.isdisjoint(self._writes(action))

    def _sign(self, action: Action) -> Expr | None:
        """The first value that the action gives to an enum variable, whatever the state."""
        values = self.problem.effects[action.name].scalars
        for place in self.problem.control:
            if isinstance(value := values.get(place.name), Literal):
                return equal(place, value)
        return None

    @cached_property
    def _under_way(self) -> Expr:
        return disjunction(dict.fromkeys(self._begun.values()))

    @property
    def _as_under_way(self) -> Expr:
        return TRUE if self._under_way == FALSE else equal(self._under_way, _before_step(self._under_way))

    @property
    def _by_itself(self) -> Expr:
        """A step that nobody called for changes nothing that is counted, or answers the call that is under way."""
        if not self._begun:
            return self._unchanged
        ends = both(_before_step(self._under_way), Not(self._under_way))
        outcomes = (outcome for name in self._begun for outcome in self.contract.calls[name])
        succeeds = conjunction(self._moved(outcome) for outcome in outcomes if isinstance(outcome.outcome, Accepts))
        return either(self._idle, both(ends, either(succeeds, self._unchanged)))

    def _writes(self, action: Action) -> frozenset[object]:
        return frozenset(self.problem.effects[action.name].writes)


def _of_call(action: Action, call: str, argument: str) -> str:
    """The name of an argument of a call by the contract: what the action does not look at is told apart by the call.

    Two calls may have two arguments of one name, and even of different types. No name of a spec is spelled like this.
    """
    return argument if any(p.name == argument for p in action.parameters) else f"{call}.{argument}"


def _before_step(expr: Expr) -> Expr:
    """`expr` about the state before the step."""
    match expr:
        case Variable() | Field():
            return replace(expr, old=True)
        case _:
            return map_children(expr, _before_step)


def _caller_is_legal(outcome: Action) -> Expr:
    """The claim that the caller keeps the assumptions of the outcome, whatever the answer."""
    kept = conjunction(assumption.claim for assumption in outcome.assumes)
    claim = Binary(Op.IMPLIES, conjunction(outcome.when), kept) if outcome.when else kept
    return conjunction(_each_answer(outcome, _before_step(claim))) if outcome.assumes else TRUE


def _some_answer(outcome: Action, claim: Expr) -> Expr:
    """The claim that the outcome applied and `claim` holds, with some answer."""
    return disjunction(_each_answer(outcome, both(_before_step(conjunction(outcome.when)), claim)))


def _each_answer(outcome: Action, claim: Expr) -> Iterable[Expr]:
    """`claim` with each answer that is tried where some answer is asked for: all of a bool, a few of a number."""
    chosen = [parameter for parameter in outcome.parameters if parameter.answer]
    tried = product(*(_candidate_answers(parameter, outcome) for parameter in chosen))
    answers = (dict(zip((p.name for p in chosen), values, strict=True)) for values in tried)
    return dict.fromkeys(_with_answer(claim, answer) for answer in answers)


def _with_answer(claim: Expr, answer: Mapping[str, Expr]) -> Expr:
    return map_parameters(claim, lambda parameter: answer.get(parameter.name, parameter))


def _candidate_answers(parameter: ParameterDecl, outcome: Action) -> list[Expr]:
    """The values tried: the argument of this name of the machine's own call, and numbers near those in the outcome."""
    match parameter.type:
        case BoolType():
            return [TRUE, FALSE]
        case IntType(low, high) as type_:
            named = (
                p.value for claim in outcome.when for p in walk(claim) if isinstance(p, Literal) and p.type != BOOL
            )
            near = {low or 0, *(int(value) + step for value in named for step in (-1, 0, 1))}
            inside = (n for n in sorted(near) if (low is None or n >= low) and (high is None or n <= high))
            return [Parameter(parameter.name, type_), *(Literal(n, INT) for n in inside)]
        case _:
            raise TypeError(f"no contract has a parameter like {parameter.name}")
