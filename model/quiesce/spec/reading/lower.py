"""Layers below a machine: their declaration, and the calls to them, put in place as what their contract says."""

import ast
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from quiesce.spec.codes import Code
from quiesce.spec.effects import seen_before
from quiesce.spec.model import (
    INT,
    Action,
    Assign,
    Binary,
    CallPrecondition,
    Expr,
    Fails,
    IntType,
    Literal,
    LowerCall,
    MemberType,
    Op,
    Parameter,
    ParameterDecl,
    Span,
    Statement,
    Variable,
)
from quiesce.spec.reading.context import Context, arguments
from quiesce.spec.reading.expressions import Expressions
from quiesce.spec.reading.problems import POISON, Poison, did_you_mean
from quiesce.spec.reading.scope import LayerRef, Scope, Typed
from quiesce.spec.reading.symbols import Layer, declared_families, layer_variables, sound
from quiesce.spec.rewrite import conjunction, map_children, walk


def is_layer(context: Context, annotation: ast.expr) -> bool:
    """Whether the annotation declares a layer below: `Uses[Contract]`."""
    return isinstance(annotation, ast.Subscript) and context.word(annotation.value) == "Uses"


def read_layer(context: Context, node: ast.AnnAssign, target: ast.Name) -> Layer | Poison:
    """The layer that a declaration of the machine's class stands for."""
    if node.value is not None:
        context.report(Code.BAD_LAYER, node.value, "a layer has no default: it is known by its contract")
    named = node.annotation.slice if isinstance(node.annotation, ast.Subscript) else node.annotation
    if isinstance(named, ast.Name):
        contract = context.symbols.contracts.get(named.id)
        if contract is POISON or (contract is None and named.id in context.symbols.faulty):
            return POISON
        if contract is not None:
            return Layer(target.id, contract, context.source.span(target))
    hint = "write `lower: Uses[Contract]`, and import the contract from a spec beside this one"
    return context.report(Code.BAD_LAYER, named, f"`{context.text(named)}` is no contract", hint)


@dataclass(eq=False, repr=False)
class LowerCalls:
    """The calls to layers below of one action, or of one arm of it, in the order of the text.

    `before` are the statements that lead to the place that is being read, and `path` the conditions under which they
    do, in terms of the state before the action. `taken` are the answers that are known there, whichever way was taken,
    and `answered` tells whether some way has taken any. `guard`, `preconditions` and `calls` grow for the whole action.
    """

    context: Context
    expressions: Expressions
    parameters: Mapping[str, ParameterDecl]
    own_guard: Sequence[Expr]
    before: list[Statement] = field(default_factory=list)
    path: tuple[Expr, ...] = ()
    answered: bool = False
    taken: frozenset[str] = frozenset()
    guard: list[tuple[Expr, Span]] = field(default_factory=list)
    preconditions: list[CallPrecondition] = field(default_factory=list)
    calls: list[LowerCall] = field(default_factory=list)

    def arm(self, condition: Expr) -> "LowerCalls":
        """The same action from here on, in the arm of an `if` where `condition` holds."""
        path = self.path
        if self.context.symbols.layers:  # without any nobody asks, and what holds here takes all statements to find out
            path = (*path, self._seen(condition))
        return replace(self, before=[*self.before], path=path)

    def join(self, arms: Sequence["LowerCalls"]) -> None:
        """Go on behind an `if` with these arms."""
        self.answered |= any(arm.answered for arm in arms)
        self.taken |= frozenset.intersection(*(arm.taken for arm in arms))

    def inside_loop(self) -> "LowerCalls":
        """The same action from here on, in a loop: a call there is refused, and what its body updates is not kept."""
        return replace(self, before=[])

    def read(self, node: ast.stmt, scope: Scope) -> tuple[Statement, ...] | Poison | None:
        """The updates of a call to a layer; None if the statement is something else."""
        match node:
            case ast.Expr(value=ast.Call(func=ast.Attribute(value=ast.Attribute() as receiver) as func) as call):
                pass
            case _:
                return None
        match self.expressions.read_meaning(receiver, scope):
            case LayerRef(layer, _):
                return self._call(layer, func.attr, call, scope)
            case Poison():
                return POISON
            case _:
                return None

    def _call(self, layer: Layer, name: str, call: ast.Call, scope: Scope) -> tuple[Statement, ...] | Poison:
        outcome = layer.contract.actions_by_name.get(name)
        if outcome is None:
            hint = did_you_mean(name, sorted(layer.contract.actions_by_name))
            message = f"{layer.contract.name} has no outcome `{name}`"
            return self.context.report(Code.BAD_LAYER, call.func, message, hint)
        if scope.loop is not None:
            message = "a call to the layer below does not stand in a loop, which changes all members at once"
            return self.context.report(Code.BAD_LOOP, call, message)
        given = self._given(layer, outcome, call, scope)
        return POISON if given is POISON else self._put_in_place(layer, outcome, given, self.context.source.span(call))

    def _given(self, layer: Layer, outcome: Action, call: ast.Call, scope: Scope) -> dict[str, Expr] | Poison:
        context, names = self.context, [parameter.name for parameter in outcome.parameters]
        nodes = arguments(call, names)
        if nodes is None or len(nodes) != len(names):
            wanted = ", ".join(names) or "nothing"
            return context.report(Code.BAD_CALL, call, f"`{outcome.name}` is given {wanted}")
        answers = [parameter for parameter in outcome.parameters if parameter.answer]
        if answers and self.answered:
            message = "this action already takes the answer of an earlier call"
            return context.report(Code.BAD_LAYER, call, message, "make it two steps")
        self.answered |= bool(answers)
        read = [self._argument(layer, parameter, nodes[parameter.name], scope) for parameter in outcome.parameters]
        given = {name: value for name, value in zip(names, read, strict=True) if value is not POISON}
        if len(given) == len(names) and len({given[parameter.name] for parameter in answers}) < len(answers):
            return context.report(Code.BAD_LAYER, call, "each answer of the layer needs a parameter of its own")
        return given if len(given) == len(names) else POISON

    def _argument(self, layer: Layer, wanted: ParameterDecl, node: ast.expr, scope: Scope) -> Expr | Poison:
        context = self.context
        if wanted.answer:
            return self._answer(wanted, node, scope)
        type_ = None if isinstance(wanted.type, MemberType) else wanted.type
        typed = self.expressions.read(node, scope, type_)
        if typed is POISON:
            return POISON
        own = {variable.name for variable in layer.variables}
        if any(isinstance(part, Variable) and part.name in own for part in walk(typed)):
            return context.report(Code.BAD_LAYER, node, f"what `self.{layer.name}` is given does not depend on itself")
        if (unknown := self._yet_to_come(typed)) is not None:
            message = f"what `self.{layer.name}` is given depends on the answer `{unknown}`, which is not known there"
            hint = "only answers of earlier calls of the same action are known; make it two steps"
            return context.report(Code.BAD_LAYER, node, message, hint)
        return typed

    def _yet_to_come(self, value: Expr) -> str | None:
        """An answer that a value depends on, be it by way of a variable, and that no earlier call has taken."""
        read = (part.name for part in walk(self._seen(value)) if isinstance(part, Parameter))
        return next((name for name in read if self.parameters[name].answer and name not in self.taken), None)

    def _answer(self, wanted: ParameterDecl, node: ast.expr, scope: Scope) -> Expr | Poison:
        """An answer of the layer, which the action can only take as it comes: as an answer that it is given itself."""
        context = self.context
        match self.expressions.read_meaning(node, scope):
            case Poison():
                return POISON
            case Typed(Parameter(name, type_) as answer) if self.parameters[name].answer and type_ == wanted.type:
                pass
            case _:
                message = f"`{wanted.name}` is chosen by the layer, not by this action"
                hint = f"give it a parameter `{wanted.name}: Answer[…]` of the same type, as it is"
                return context.report(Code.BAD_LAYER, node, message, hint)
        return answer

    def _put_in_place(
        self, layer: Layer, outcome: Action, given: Mapping[str, Expr], span: Span
    ) -> tuple[Statement, ...]:
        """The statements of the outcome, with this machine's variables in the place of the contract's."""

        def here(expr: Expr) -> Expr:
            match expr:
                case Variable(name):
                    return layer.variable(name) or expr
                case Parameter(name):
                    return given[name]
                case _:
                    return map_children(expr, here)

        asking = conjunction([*self.own_guard, *(claim for claim, _ in self.guard), *self.path])
        answers = ((p.name, given[p.name]) for p in outcome.parameters if p.answer)
        taken = tuple((name, answer.name) for name, answer in answers if isinstance(answer, Parameter))
        refused = isinstance(outcome.outcome, Fails)
        values = tuple((p.name, self._seen(given[p.name])) for p in outcome.parameters if not p.answer)
        contract = layer.contract.name
        self.calls.append(
            LowerCall(layer.name, contract, outcome.name, refused, outcome.calls, asking, taken, values, span)
        )
        self.taken |= {own for _, own in taken}
        callee = f"{layer.name}.{outcome.name}"
        for parameter in outcome.parameters:
            for bound in () if parameter.answer else _bounds(parameter):
                because = f"`{parameter.name}` has to be of its type"
                self.preconditions.append(CallPrecondition(self._on_path(here(bound)), callee, because, span))
        for assumption in outcome.assumes:
            self.preconditions.append(
                CallPrecondition(self._on_path(here(assumption.claim)), callee, assumption.because, span)
            )
        for claim in outcome.when:
            self.guard.append((self._on_path(here(claim)), span))
        updates = (s for s in outcome.body if isinstance(s, Assign))
        return tuple(
            Assign(layer.variable(s.target.name) or s.target, here(s.value), span)
            for s in updates
            if isinstance(s.target, Variable)
        )

    def _on_path(self, claim: Expr) -> Expr:
        seen = self._seen(claim)
        return Binary(Op.IMPLIES, conjunction(self.path), seen) if self.path else seen

    def _seen(self, claim: Expr) -> Expr:
        symbols = self.context.symbols
        variables = (*sound(symbols.variables.values()), *layer_variables(symbols))
        return seen_before(variables, declared_families(symbols), tuple(self.before), claim)


def _bounds(parameter: ParameterDecl) -> Iterator[Expr]:
    """The claims that an argument is within the range of its parameter, if there is one."""
    if isinstance(parameter.type, IntType):
        place = Parameter(parameter.name, parameter.type)
        if parameter.type.low is not None:
            yield Binary(Op.GE, place, Literal(parameter.type.low, INT))
        if parameter.type.high is not None:
            yield Binary(Op.LE, place, Literal(parameter.type.high, INT))
