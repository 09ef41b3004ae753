"""Premises of proof cores: guards, updates, invariants and initial values, each a part of the spec with its claim."""

from collections.abc import Iterator
from typing import assert_never

from quiesce.cores.parts import Guard, Helping, Initial, Part, Promised, Ranged, Update
from quiesce.cores.states import Moment
from quiesce.kernel.problem import Problem
from quiesce.spec.meaning.formulas import in_range, unused_claim
from quiesce.spec.meaning.smtlib import Frame, encode, literal
from quiesce.spec.meaning.totals import split
from quiesce.spec.meaning.unbounded import quantified
from quiesce.spec.model import (
    Action,
    Assign,
    Expr,
    Field,
    IntType,
    Literal,
    Machine,
    MemberType,
    Not,
    Parameter,
    ParameterDecl,
    Quantifier,
    Retire,
    Same,
    Span,
    Variable,
)
from quiesce.spec.rewrite import conjuncts
from quiesce.spec.show import show, show_value


def guards(action: Action) -> Iterator[tuple[Guard, Expr]]:
    """Each conjunct of the guard, those inside one `when` told apart."""
    spans = action.when_spans if len(action.when_spans) == len(action.when) else (action.span,) * len(action.when)
    listed = ((part, span) for claim, span in zip(action.when, spans, strict=True) for part in conjuncts(claim))
    for number, (claim, span) in enumerate(listed):
        yield Guard(action.name, number, show(claim), span), claim


def update(action: Action, number: int, statement: Assign | Retire, target: Variable | Field) -> Update:
    """The part that a statement is for one variable or field that it changes."""
    match statement:
        case Assign(_, value):
            text = f"{show(target)} = {show(value)}"
        case Retire(member):
            text = f"retire({member})"
        case _:
            assert_never(statement)
    return Update(action.name, number, show(target), text, statement.span)


def resets(machine: Machine, statement: Retire) -> Iterator[Assign]:
    """The assignments that `retire` stands for."""
    for declared in machine.families_by_name[statement.family].fields:
        if not declared.persistent:
            target = Field(statement.member, statement.family, declared.name, declared.type)
            yield Assign(target, Literal(declared.initial, declared.type), statement.span)


def argument_claims(machine: Machine, parameters: tuple[ParameterDecl, ...]) -> Iterator[tuple[str, Expr, Span]]:
    """The declarations of arguments, in words and as claims."""
    newcomers: list[ParameterDecl] = []
    for parameter in parameters:
        match parameter.type:
            case MemberType() if parameter.new:
                family = machine.family_of(parameter.type)
                yield f"{parameter.name} is new", unused_claim(family, parameter.name, persistent=True), parameter.span
                for other in newcomers:
                    if other.type == parameter.type:
                        differ = Not(Same(other.name, parameter.name, family.name))
                        yield f"{other.name} is not {parameter.name}", differ, parameter.span
                newcomers.append(parameter)
            case IntType():
                claim = in_range(Parameter(parameter.name, parameter.type), parameter.type)
                if claim is not None:
                    yield show(claim), claim, parameter.span
            case _:
                pass


def invariant_parts(problem: Problem) -> tuple[tuple[Part, Expr], ...]:
    """Every invariant, in the order in which `Problem` lists them."""
    ranged = {f"{variable.name} in range": f"self.{variable.name}" for variable in problem.machine.variables}
    for family in problem.machine.families:
        ranged |= {f"{family.name}.{f.name} in range": f"{family.name}.{f.name}" for f in family.fields}
    found: list[tuple[Part, Expr]] = []
    for invariant in problem.invariants:
        part: Part = Promised(invariant.name, invariant.span)
        if invariant.name in ranged:
            part = Ranged(ranged[invariant.name], invariant.span)
        elif invariant.claim in problem.helpers:
            part = Helping(invariant.name, show(invariant.claim), invariant.span)
        found.append((part, split(invariant.claim)))
    return tuple(found)


def policy_terms(machine: Machine) -> tuple[str, ...]:
    """Terms that say that each policy has one of its alternatives."""
    return tuple(
        f"(or false {' '.join(f'(= self.{p.name} {literal(value, p.type)})' for value in p.alternatives)})"
        for p in machine.policies
    )


def initial_premises(machine: Machine, start: Moment) -> Iterator[tuple[Initial, str]]:
    """The initial value of each variable, and of each field of all members."""
    for variable in machine.variables:
        text = show_value(variable.initial, variable.type)
        value = literal(variable.initial, variable.type)
        yield Initial(f"self.{variable.name}", text, variable.span), f"(= {start.variable(variable.name)} {value})"
    for family in machine.families:
        for declared in family.fields:
            text = show_value(declared.initial, declared.type)
            value = literal(declared.initial, declared.type)
            place = start.field(family.name, declared.name, "at.member")
            claim = quantified(Quantifier.ALL, "at.member", family.name, f"(= {place} {value})")
            yield Initial(f"{family.name}.{declared.name}", text, declared.span), claim


def encoded(parts: tuple[tuple[Part, Expr], ...], frame: Frame) -> dict[Part, str]:
    """Parts with their claims as text."""
    return {part: encode(claim, frame) for part, claim in parts}
