"""A machine whose every guard, condition and update can be switched off.

Claims that some action can happen speak of what an action is and does inside a quantifier over its arguments, where no
premise stands for a part. So each part gets a switch here: where it is off, a guard or condition is any truth value,
and an update assigns any value. The switches are the premises; `switch_questions` has the conditions.

An update that is switched off assigns one value whatever the arguments are, so a core may lack an update that matters
only because it tells arguments apart.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import assert_never

from quiesce.cores.parts import Assumed, Condition, Guard, Update
from quiesce.cores.premises import guards, resets, update
from quiesce.kernel.problem import Problem
from quiesce.spec.model import (
    BOOL,
    INT,
    Action,
    Assign,
    BoolType,
    EnumType,
    Expr,
    Field,
    ForEach,
    If,
    IfElse,
    IntType,
    Machine,
    PolicyDecl,
    Retire,
    ScalarType,
    Span,
    Statement,
    Variable,
    VariableDecl,
)
from quiesce.spec.record import record
from quiesce.spec.rewrite import conjunction
from quiesce.spec.show import show

Switch = Guard | Assumed | Condition | Update
"""A part that can be switched off."""


@record
class Switched:
    """A problem whose parts can be switched off, and the variable that switches each of them on.

    `guards` has for each action what became of each conjunct of its guard.
    """

    problem: Problem
    switches: Mapping[Switch, str]
    guards: Mapping[str, Mapping[Expr, Expr]]


def switched(problem: Problem) -> Switched:
    """`problem` with a switch for each part of each action."""
    wiring = _Switching(problem.machine)
    actions = tuple(wiring.action(action) for action in problem.machine.actions)
    machine = replace(
        problem.machine,
        actions=actions,
        variables=(*problem.machine.variables, *wiring.variables),
        policies=(*problem.machine.policies, *wiring.policies),
        families=tuple(
            replace(family, fields=(*family.fields, *wiring.fields.get(family.name, ())))
            for family in problem.machine.families
        ),
    )
    return Switched(Problem(machine, problem.helpers), wiring.switches, wiring.guards)


@dataclass
class _Switching:
    """Puts switches into a machine, and declares the symbols that they need."""

    machine: Machine
    switches: dict[Switch, str] = field(default_factory=dict)
    guards: dict[str, dict[Expr, Expr]] = field(default_factory=dict)
    variables: list[VariableDecl] = field(default_factory=list)
    policies: list[PolicyDecl] = field(default_factory=list)
    fields: dict[str, list[VariableDecl]] = field(default_factory=dict)
    updates: int = 0
    conditions: int = 0

    def action(self, action: Action) -> Action:
        self.updates = self.conditions = 0
        conjuncts = [(claim, self._maybe(part, claim, action.span)) for part, claim in guards(action)]
        self.guards[action.name] = dict(conjuncts)
        when = conjunction(claim for _, claim in conjuncts)
        assumes = tuple(
            replace(
                assumption,
                claim=self._maybe(
                    Assumed(action.name, number, show(assumption.claim), assumption.span),
                    assumption.claim,
                    action.span,
                ),
            )
            for number, assumption in enumerate(action.assumes)
        )
        body = self._body(action, action.body)
        return replace(action, when=(when,) if conjuncts else (), assumes=assumes, body=body, when_spans=())

    def _body(self, action: Action, body: tuple[Statement, ...]) -> tuple[Statement, ...]:
        return tuple(changed for statement in body for changed in self._statement(action, statement))

    def _statement(self, action: Action, statement: Statement) -> Iterator[Statement]:
        match statement:
            case Assign(target, value, span):
                yield self._assign(action, statement, value, span, target)
            case Retire():
                for assign in resets(self.machine, statement):
                    yield self._assign(action, statement, assign.value, assign.span, assign.target)
            case If(condition, then, otherwise, span):
                part = Condition(action.name, self.conditions, show(condition), span)
                self.conditions += 1
                chosen = self._maybe(part, condition, span)
                yield If(chosen, self._body(action, then), self._body(action, otherwise), span)
            case ForEach(bound, family, inner, span):
                yield ForEach(bound, family, self._body(action, inner), span)
            case _:
                assert_never(statement)

    def _assign(
        self, action: Action, statement: Assign | Retire, value: Expr, span: Span, target: Variable | Field
    ) -> Assign:
        part = update(action, self.updates, statement, target)
        self.updates += 1
        switch = self._switch(part, span)
        if isinstance(target, Variable):
            return Assign(target, IfElse(switch, value, self._any_value(target.type, span)), span)
        name = f"anything.{len(self.switches)}"
        type_ = INT if isinstance(target.type, IntType) else target.type
        original = next(f for f in self.machine.families_by_name[target.family].fields if f.name == target.name)
        declared = VariableDecl(name, type_, original.initial, persistent=True, span=span)
        self.fields.setdefault(target.family, []).append(declared)
        return Assign(target, IfElse(switch, value, Field(target.member, target.family, name, type_)), span)

    def _maybe(self, part: Switch, claim: Expr, span: Span) -> Expr:
        """A claim that may be true or false where its part is switched off."""
        return IfElse(self._switch(part, span), claim, self._any_value(BOOL, span))

    def _switch(self, part: Switch, span: Span) -> Variable:
        name = f"keeps.{len(self.switches)}"
        self.switches[part] = name
        self.variables.append(VariableDecl(name, BOOL, initial=True, persistent=True, span=span))
        return Variable(name, BOOL)

    def _any_value(self, type_: ScalarType, span: Span) -> Variable:
        name = f"anything.{len(self.switches)}"
        match type_:
            case EnumType():
                self.policies.append(PolicyDecl(name, type_, type_.values, span))
                return Variable(name, type_)
            case BoolType():
                self.variables.append(VariableDecl(name, BOOL, initial=False, persistent=True, span=span))
                return Variable(name, BOOL)
            case IntType():
                self.variables.append(VariableDecl(name, INT, initial=0, persistent=True, span=span))
                return Variable(name, INT)
            case _:
                assert_never(type_)
