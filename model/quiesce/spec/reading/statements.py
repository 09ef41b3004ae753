"""Bodies of actions: guards, then updates."""

import ast
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TypeGuard

from quiesce.spec.codes import Code
from quiesce.spec.model import (
    BOOL,
    FALSE,
    INT,
    Assign,
    Assumption,
    Binary,
    CallPrecondition,
    Expr,
    Field,
    ForEach,
    If,
    LowerCall,
    Not,
    Op,
    ParameterDecl,
    Retire,
    Span,
    Statement,
    Variable,
    VariableDecl,
)
from quiesce.spec.reading import instead
from quiesce.spec.reading.annotations import describe
from quiesce.spec.reading.context import Context
from quiesce.spec.reading.expressions import Expressions
from quiesce.spec.reading.lower import LowerCalls
from quiesce.spec.reading.operators import without_bounds
from quiesce.spec.reading.problems import POISON, Poison
from quiesce.spec.reading.scope import Loop, MemberRef, Scope, Typed
from quiesce.spec.record import record


@record
class Body:
    """The body of an action, each part in the order of the text: guard, updates and assumptions.

    Answers of layers below are part of the guard.
    """

    when: tuple[Expr, ...]
    updates: tuple[Statement, ...]
    when_spans: tuple[Span, ...]
    assumes: tuple[Assumption, ...]
    preconditions: tuple[CallPrecondition, ...]
    lower_calls: tuple[LowerCall, ...]


def without_docstring(body: Sequence[ast.stmt]) -> Sequence[ast.stmt]:
    """The statements behind the docstring."""
    match body:
        case [ast.Expr(value=ast.Constant(value=str())), *rest]:
            return rest
        case _:
            return body


class Statements:
    """Reads the statements of one spec. A statement that cannot be understood is reported and left out."""

    def __init__(self, context: Context, expressions: Expressions) -> None:
        self._context = context
        self._expressions = expressions

    def body(self, statements: Sequence[ast.stmt], scope: Scope, parameters: Sequence[ParameterDecl]) -> Body:
        """The body of an action that has these parameters, without its docstring."""
        when: list[Expr] = []
        spans: list[Span] = []
        assumes: list[Assumption] = []
        rest = list(statements)
        scope = replace(scope, names={**dict.fromkeys(_own_names(statements), POISON), **scope.names})
        while rest:
            if (call := self._call(rest[0], "when")) is not None:
                condition = self._only_argument(call, "when")
                claim = POISON if condition is POISON else self._expressions.read(condition, scope, BOOL)
                if claim is not POISON:
                    when.append(claim)
                    spans.append(self._context.source.span(call))
            elif (call := self._call(rest[0], "assume")) is not None:
                assumption = self._assumption(call, scope)
                if assumption is not POISON:
                    assumes.append(assumption)
            else:
                break
            rest.pop(0)
        by_name = {parameter.name: parameter for parameter in parameters}
        lower = LowerCalls(self._context, self._expressions, by_name, tuple(when))
        updates = self._block(rest, scope, lower)
        return Body(
            (*when, *(claim for claim, _ in lower.guard)),
            updates,
            (*spans, *(span for _, span in lower.guard)),
            tuple(assumes),
            tuple(lower.preconditions),
            tuple(lower.calls),
        )

    def _assumption(self, call: ast.Call, scope: Scope) -> Assumption | Poison:
        """A trusted condition with its reason, which has to be given: nothing else tells readers why to trust."""
        context = self._context
        if len(call.args) != 2 or call.keywords:
            message = "an assumption is a condition and the reason why it may be trusted"
            return context.report(Code.BAD_ASSUMPTION, call, message, 'write `assume(condition, "why")`')
        condition, because = call.args
        claim = self._expressions.read(condition, scope, BOOL)
        match because:
            case ast.Constant(value=str(reason)) if reason.strip():
                return POISON if claim is POISON else Assumption(claim, reason, context.source.span(call))
            case _:
                return context.report(Code.BAD_ASSUMPTION, because, "the reason is a plain text that says something")

    def _block(self, statements: Sequence[ast.stmt], scope: Scope, lower: LowerCalls) -> tuple[Statement, ...]:
        updates: list[Statement] = []
        for node in statements:
            if isinstance(node, ast.Pass):
                continue
            read = lower.read(node, scope)
            if read is None:
                statement = self._statement(node, scope, lower)
                read = POISON if statement is POISON else (statement,)
            if read is not POISON:
                updates += read
                lower.before += read
        return tuple(updates)

    def _statement(self, node: ast.stmt, scope: Scope, lower: LowerCalls) -> Statement | Poison:
        context = self._context
        match node:
            case ast.Assign(targets=[target], value=value):
                return self._assignment(node, target, value, scope)
            case ast.AugAssign(target=target, op=ast.Add() | ast.Sub() as op, value=value):
                return self._assignment(node, target, value, scope, Op.ADD if isinstance(op, ast.Add) else Op.SUB)
            case ast.If(test=test, body=body, orelse=orelse):
                condition = self._expressions.read(test, scope, BOOL)
                chosen = FALSE if condition is POISON else condition
                arms = lower.arm(chosen), lower.arm(Not(chosen))
                then, otherwise = self._block(body, scope, arms[0]), self._block(orelse, scope, arms[1])
                lower.join(arms)
                return POISON if condition is POISON else If(condition, then, otherwise, context.source.span(test))
            case ast.For():
                return self._loop(node, scope, lower)
            case ast.AnnAssign():
                return self._declaration(node, scope)
        if (call := self._call(node, "retire")) is not None:
            return self._retire(call, scope)
        if self._call(node, "when") is not None or self._call(node, "assume") is not None:
            hint = "an action can happen or cannot: move the guard up, before every update and outside `if` and `for`"
            return context.report(Code.LATE_GUARD, node, "guards come first, and stand alone", hint)
        message, hint = instead.statement(node)
        return context.report(Code.BAD_STATEMENT, node, message, hint)

    def _declaration(self, node: ast.AnnAssign, scope: Scope) -> Poison:
        """Report that a method declares something."""
        context = self._context
        target, type_ = context.text(node.target), context.text(node.annotation)
        value = "…" if node.value is None else context.text(node.value)
        if not isinstance(node.target, ast.Attribute):
            self._place(node.target, scope)
            return POISON
        message = "a variable is declared in the class body, and not in a method"
        is_declared = isinstance(context.symbols.variables.get(node.target.attr), VariableDecl)
        there, here = f"{node.target.attr}: {type_} = {value}", f"{target} = {value}"
        hint = f"write `{here}` here" if is_declared else f"write `{there}` there"
        return context.report(Code.BAD_STATEMENT, node, message, hint)

    def _call(self, node: ast.stmt, word: str) -> ast.Call | None:
        match node:
            case ast.Expr(value=ast.Call(func=ast.Name(id=name) as func) as call) if name == word:
                return call if self._context.word(func) else None
            case _:
                return None

    def _only_argument(self, call: ast.Call, word: str) -> ast.expr | Poison:
        if len(call.args) != 1 or call.keywords:
            hint = "join them with `and`, or write a `when(…)` for each" if word == "when" and call.args else None
            return self._context.report(Code.BAD_CALL, call, f"`{word}` takes one argument", hint)
        return call.args[0]

    def _retire(self, call: ast.Call, scope: Scope) -> Statement | Poison:
        argument = self._only_argument(call, "retire")
        if argument is POISON:
            return POISON
        match self._expressions.read_meaning(argument, scope):
            case Poison():
                return POISON
            case MemberRef(name, family):
                span = self._context.source.span(call)
                return POISON if self._leaves_loop(argument, name, scope) else Retire(name, family, span)
            case _:
                message = f"`{self._context.text(argument)}` is not a member of a family"
                return self._context.report(Code.WRONG_TYPE, argument, message)

    def _assignment(
        self, node: ast.stmt, target: ast.expr, value: ast.expr, scope: Scope, op: Op | None = None
    ) -> Statement | Poison:
        place = self._place(target, scope)
        if place is POISON:
            if not isinstance(value, ast.Tuple | ast.List | ast.Dict | ast.Set):
                self._expressions.read(value, scope)  # for its own mistakes
            return POISON
        if op is not None and without_bounds(place.type) != INT:
            message = (
                f"`{self._context.text(target)}` is of type {describe(place.type)}, and cannot be counted up or down"
            )
            return self._context.report(Code.WRONG_TYPE, target, message)
        new = self._expressions.read(value, scope, place.type)
        if new is POISON:
            return POISON
        return Assign(place, new if op is None else Binary(op, place, new), self._context.source.span(node))

    def _place(self, target: ast.expr, scope: Scope) -> Variable | Field | Poison:
        """The variable or field that an assignment changes."""
        if isinstance(target, ast.Attribute):
            match self._expressions.read_meaning(target, replace(scope, loop=None)):
                case Typed(Variable(name)) if name not in self._context.symbols.variables:
                    message = f"`{self._context.text(target)}` belongs to the layer below"
                    hint = "it changes with the calls to that layer"
                    return self._context.report(Code.BAD_TARGET, target, message, hint)
                case Typed(Variable() as place):
                    return POISON if self._leaves_loop(target, None, scope) else place
                case Typed(Field(member) as place):
                    return POISON if self._leaves_loop(target, member, scope) else place
                case Poison():
                    return POISON
                case _:
                    pass
        hint = "an action changes `self.variable` and `s.field` of a member"
        if isinstance(target, ast.Name):
            hint = "an action has no names of its own: write the expression where it is used"
            if target.id in self._context.symbols.variables:
                hint = f"did you mean `self.{target.id}`?"
        elif isinstance(target, ast.Tuple | ast.List):
            hint = "write an assignment for each"
        text = self._context.text(target)
        return self._context.report(Code.BAD_TARGET, target, f"`{text}` cannot be assigned to", hint)

    def _leaves_loop(self, node: ast.expr, member: str | None, scope: Scope) -> bool:
        """Whether a loop would change something besides its own member, which is reported."""
        if scope.loop is None or member == scope.loop.member:
            return False
        message = f"this loop may change fields of `{scope.loop.member}` only"
        self._context.report(Code.BAD_LOOP, node, message, "the members change all at once, each by itself")
        return True

    def _loop(self, node: ast.For, scope: Scope, lower: LowerCalls) -> Statement | Poison:
        context = self._context
        if scope.loop is not None:
            return context.report(Code.BAD_LOOP, node.target, "loops do not stand inside loops")
        if node.orelse:
            return context.report(Code.BAD_STATEMENT, node.orelse[0], "a loop has no `else`")
        bound = self._expressions.bind(node.target, node.iter, scope)
        if bound is POISON:
            return POISON
        member, inner = bound
        loop = Loop(member.name, member.family, _written(node, member))
        span = context.source.span(node.target)
        return ForEach(
            member.name, member.family, self._block(node.body, replace(inner, loop=loop), lower.inside_loop()), span
        )


def _own_names(statements: Sequence[ast.stmt]) -> Iterator[str]:
    """The names that a body assigns to. It can have none, which is reported there, and not where they are used."""
    for statement in instead.statements_in(statements):
        match statement:
            case ast.Assign(targets=[*targets]):
                yield from (part.id for target in targets for part in ast.walk(target) if _is_stored(part))
            case ast.AnnAssign(target=ast.Name(id=name)) | ast.AugAssign(target=ast.Name(id=name)):
                yield name
            case _:
                pass


def _is_stored(node: ast.AST) -> TypeGuard[ast.Name]:
    return isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)


def _written(loop: ast.For, member: MemberRef) -> frozenset[str]:
    """The fields that the loop's body may change, whoever they belong to."""
    written = set()
    for node in ast.walk(loop):
        match node:
            case ast.Attribute(attr=attr, ctx=ast.Store()):
                written.add(attr)
            case ast.Call(func=ast.Name(id="retire")):
                written |= {
                    name for name, field in member.cls.fields.items() if field is not POISON and not field.persistent
                }
            case _:
                pass
    return frozenset(written)
