"""`@unchanged`: what keeps its value in every step but those of some actions, said as promises about steps.

A method of the machine that returns values is read twice, about the state before a step and about the state after it.
For the steps of all actions but those in `unless` the values are the same. An action in `unless` that is given a member
may change the values of that member, so for its steps those of every other member are the same. These are one promise
for the actions that are not in `unless`, and one more for those in it whose members have the same names. A verdict that
is expected is one on the first.
"""

import ast
from collections.abc import Iterator, Mapping
from dataclasses import replace

from quiesce.spec.codes import Code
from quiesce.spec.model import (
    BOOL,
    Accepts,
    Action,
    Binary,
    Expr,
    MemberType,
    Not,
    Op,
    ParameterDecl,
    Promise,
    Quantified,
    Quantifier,
    Same,
    Step,
)
from quiesce.spec.reading.annotations import Scalar, read_annotation
from quiesce.spec.reading.context import Context
from quiesce.spec.reading.decorators import Decoration
from quiesce.spec.reading.expressions import Expressions
from quiesce.spec.reading.problems import POISON, Poison
from quiesce.spec.reading.scope import Binding, MemberRef, Scope, StateRef, Typed
from quiesce.spec.reading.symbols import MemberClass
from quiesce.spec.rewrite import conjunction, equal


class Frames:
    """Reads the methods under `@unchanged` of one spec, whose `actions` were read without a mistake."""

    def __init__(self, context: Context, expressions: Expressions, actions: Mapping[str, Action]) -> None:
        self._context = context
        self._expressions = expressions
        self._actions = actions

    def read(
        self, node: ast.FunctionDef, values: ast.expr, parameters: list[ParameterDecl], decoration: Decoration
    ) -> tuple[Step, ...] | Poison:
        """The promises about steps; that about the steps of actions that are not in `unless` is the first."""
        context, mistakes = self._context, len(self._context.problems)
        self._check_result(node, values)
        match parameters:
            case []:
                if decoration.among is not None:
                    message = "`among` chooses members, and no member is given here"
                    context.report(Code.BAD_DECORATOR, decoration.among, message)
                same = self._same(values, {}, {})
                found: list[Step | Poison] = [POISON if same is POISON else Step(same, decoration.unless)]
            case [ParameterDecl(type=MemberType(cls)) as member]:
                given = dict.fromkeys(self._given(name, member) for name in decoration.unless)
                named = ((), *(names for names in given if names))
                found = [
                    self._of_member(member, context.symbols.members[cls], names, values, decoration) for names in named
                ]
            case [*_, last]:
                hint = "a method of such a promise is given `self`, and perhaps one member"
                return context.report(
                    Code.BAD_SIGNATURE, last.span, "values are of one member, or of the machine", hint
                )
        steps = tuple(step for step in found if step is not POISON)
        return POISON if len(steps) < len(found) or len(context.problems) > mistakes else steps

    def _of_member(
        self,
        member: ParameterDecl,
        cls: MemberClass,
        names: tuple[str, ...],
        values: ast.expr,
        decoration: Decoration,
    ) -> Step | Poison:
        """For the actions that are given members under exactly these names, the values of all others stay."""
        if cls.family is POISON:
            return POISON
        bound = member.name if member.name not in names else next(n for n in _others() if n not in names)
        now = MemberRef(bound, cls.family, cls)
        same = self._same(values, {member.name: now}, {member.name: replace(now, old=True)}, frozenset({bound, *names}))
        among = self._among(decoration.among, now, frozenset({bound, *names}))
        if same is POISON or among is POISON:
            return POISON
        chosen = [*among, *(Not(Same(bound, name, cls.family)) for name in names)]
        claim = Binary(Op.IMPLIES, conjunction(chosen), same) if chosen else same
        able = [name for name in decoration.unless if self._given(name, member) == names]
        return Step(
            Quantified(Quantifier.ALL, bound, cls.family, claim),
            tuple(name for name in self._context.symbols.actions if name not in able) if names else decoration.unless,
            tuple(ParameterDecl(name, member.type, new=False, span=member.span) for name in names),
        )

    def _given(self, action: str, member: ParameterDecl) -> tuple[str, ...]:
        """The names of the members that an action is given, of the class that the promise is about."""
        found = self._actions.get(action)
        if found is None or not isinstance(found.outcome, Accepts):
            return ()
        return tuple(parameter.name for parameter in found.parameters if parameter.type == member.type)

    def _same(
        self,
        values: ast.expr,
        now: Mapping[str, Binding],
        then: Mapping[str, Binding],
        taken: frozenset[str] = frozenset(),
    ) -> Expr | Poison:
        """The claim that each value is the same in both states."""
        parts: list[Expr] = []
        nodes = values.elts if isinstance(values, ast.Tuple) else [values]
        for node in nodes:
            sides = [
                self._value(node, Scope({"self": StateRef(old=old), **names}, taken | {"self"}))
                for old, names in ((False, now), (True, then))
            ]
            left, right = sides
            if left is not POISON and right is not POISON:
                parts.append(equal(left.expr, right.expr))
        return POISON if len(parts) < len(nodes) else conjunction(parts)

    def _value(self, node: ast.expr, scope: Scope) -> Typed | Poison:
        match self._expressions.read_meaning(node, scope):
            case Typed() as typed:
                return typed
            case Poison():
                return POISON
            case _:
                message = f"`{self._context.text(node)}` is not a value"
                return self._context.report(Code.WRONG_TYPE, node, message)

    def _among(self, node: ast.expr | None, member: MemberRef, taken: frozenset[str]) -> tuple[Expr, ...] | Poison:
        """The predicate that chooses members, of the state after the step; nothing where all are meant."""
        match node:
            case None:
                return ()
            case ast.Attribute(value=ast.Name(id=name), attr=attr) if name == member.cls.name:
                self._context.check_order(node)
                called = ast.copy_location(ast.Attribute(ast.Name("it", ast.Load()), attr, ast.Load()), node)
                ast.copy_location(called.value, node)
                call = ast.copy_location(ast.Call(called, [], []), node)
                found = self._expressions.read(call, Scope({"it": member}, taken), BOOL)
                return POISON if found is POISON else (found,)
            case _:
                message = f"`among` names a predicate of {member.cls.name}"
                hint = f"write `among={member.cls.name}.predicate`, a method that returns bool"
                return self._context.report(Code.BAD_DECORATOR, node, message, hint)

    def _check_result(self, node: ast.FunctionDef, values: ast.expr) -> None:
        """The method says of what types its values are: of one, or of as many as it returns."""
        context = self._context
        match node.returns, values:
            case None, _:
                where = context.source.name_span(node)
                context.report(Code.BAD_SIGNATURE, where, "the method says what it returns", "write `-> Nat`")
            case ast.Subscript(value=ast.Name(id="tuple"), slice=ast.Tuple(elts=types)), ast.Tuple(elts=elements):
                if len(types) != len(elements):
                    message = f"{len(elements)} values are returned, and {len(types)} types are given"
                    context.report(Code.BAD_SIGNATURE, node.returns or node, message)
                for each in types:
                    self._check_type(each)
            case returns, ast.Tuple():
                context.report(Code.BAD_SIGNATURE, returns or node, "several values are a `tuple[…]` of their types")
            case ast.expr() as returns, _:
                self._check_type(returns)

    def _check_type(self, node: ast.expr) -> None:
        found = read_annotation(self._context, node)
        if not isinstance(found, Scalar | Poison):
            message = "what is unchanged is a bool, an integer or a member of an enum"
            self._context.report(Code.BAD_SIGNATURE, node, message)


def promises(promise: Promise, steps: tuple[Step, ...]) -> Iterator[Promise]:
    """The promises of one method: the first has its name and requirements, the others say whose values may change."""
    for step in steps:
        names = [parameter.name for parameter in step.parameters]
        if names:
            whose = " and ".join(f"`{name}`" for name in names)
            doc = f"A step that is given {whose}, and may change `{promise.name}`, changes it for {whose} alone."
            own = f"{promise.name}.but_{'_and_'.join(names)}"
            yield replace(promise, name=own, claim=step, doc=doc, satisfies=())
        else:
            yield replace(promise, claim=step)


def _others() -> Iterator[str]:
    yield "other"
    number = 2
    while True:
        yield f"other_{number}"
        number += 1
