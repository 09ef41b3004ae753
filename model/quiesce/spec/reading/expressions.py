"""Expressions: from syntax to the model, with the names in force."""

import ast
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from quiesce.spec.codes import Code
from quiesce.spec.model import BOOL, INT, Binary, EnumType, Expr, Field, Literal, Not, Op, ScalarType, Variable
from quiesce.spec.reading import instead, operators
from quiesce.spec.reading.annotations import describe
from quiesce.spec.reading.calls import bind_checked, helper_scope, read_call
from quiesce.spec.reading.context import Context
from quiesce.spec.reading.problems import POISON, Poison, did_you_mean
from quiesce.spec.reading.scope import FamilyRef, Given, LayerRef, Meaning, MemberRef, Scope, StateRef, Typed
from quiesce.spec.reading.symbols import Helper
from quiesce.spec.rewrite import joined
from quiesce.spec.source import MAX_DEPTH, weight

MAX_SIZE = 10_000
"""Size of the largest expression, counted in nodes after helpers were put in place."""


class _Outgrown(Exception):
    """An expression grew beyond the limits while helpers were put in place."""

    def __init__(self, code: Code, message: str) -> None:
        super().__init__(code, message)
        self.code = code
        self.message = message


class Expressions:
    """Reads the expressions of one spec. What cannot be understood is reported and comes back as poison.

    A part that stands twice in the result is read twice, so that what is counted is the size of the result.
    """

    def __init__(self, context: Context) -> None:
        self.context = context
        self._size = 0
        self._depth = 0
        self._sound: dict[Helper, bool] = {}  # helpers that are being checked count as unsound
        self._being_checked: set[Helper] = set()

    def read(self, node: ast.expr, scope: Scope, type_: ScalarType | None = None) -> Expr | Poison:
        """A whole expression with a value, of the type that is asked for."""
        typed = self._value(self.read_meaning(node, scope), node, type_)
        return POISON if typed is POISON else typed.expr

    def read_meaning(self, node: ast.expr, scope: Scope) -> Meaning:
        """A whole expression, whatever it stands for."""
        with self._within_limits(node):
            return self.meaning(node, scope)
        return POISON

    def bind(self, target: ast.expr, over: ast.expr, scope: Scope) -> tuple[MemberRef, Scope] | Poison:
        """The member and the scope of a loop `for target in over`."""
        with self._within_limits(over):
            return bind_checked(self, target, over, scope)
        return POISON

    def check(self, helper: Helper) -> None:
        """Report what is wrong inside a helper, whether it is called or not."""
        with self._within_limits(helper.value):
            self.is_sound(helper)

    @contextmanager
    def _within_limits(self, node: ast.expr) -> Iterator[None]:
        self._size = self._depth = 0
        self._being_checked.clear()
        try:
            yield
        except _Outgrown as outgrown:
            self.context.report(outgrown.code, node, outgrown.message, "split it, or call fewer helpers")

    def scalar(self, node: ast.expr, scope: Scope, type_: ScalarType | None = None) -> Typed | Poison:
        """A part with a value, of the type that is asked for."""
        return self._value(self.meaning(node, scope), node, type_)

    def _value(self, meaning: Meaning, node: ast.expr, type_: ScalarType | None = None) -> Typed | Poison:
        match meaning:
            case Typed() as typed:
                if type_ is not None and typed.type != operators.without_bounds(type_):
                    return operators.wrong_type(self.context, node, typed, describe(type_))
                return typed
            case MemberRef(cls=cls):
                what = f"a {cls.name}"
            case StateRef():
                what = "the whole machine"
            case FamilyRef():
                what = "a whole family"
            case LayerRef():
                what = "a whole layer"
            case Poison():
                return POISON
        return self.context.report(Code.WRONG_TYPE, node, f"`{self.context.text(node)}` is {what}, not a value")

    def meaning(self, node: ast.expr, scope: Scope) -> Meaning:
        """Whatever the part stands for: a value, a member, a family or the machine."""
        levels = weight(node)
        self._size += 1
        self._depth += levels
        if self._depth > MAX_DEPTH:
            raise _Outgrown(Code.TOO_DEEP, f"with its helpers put in place this is more than {MAX_DEPTH} levels deep")
        if self._size > MAX_SIZE:
            raise _Outgrown(Code.TOO_LARGE, f"with its helpers put in place this has more than {MAX_SIZE} parts")
        meaning = self._dispatch(node, scope)
        self._depth -= levels
        return meaning

    def is_sound(self, helper: Helper) -> bool:
        """Whether the helper was read without a mistake. It is read once for that, with its parameters as they are."""
        if helper not in self._sound:
            self._sound[helper] = False
            self._being_checked.add(helper)
            size, self._size = self._size, 0
            scope = helper_scope(self.context, helper)
            self._sound[helper] = self.scalar(helper.value, scope, helper.result) is not POISON
            self._size = size
            self._being_checked.remove(helper)
        return self._sound[helper]

    def is_being_checked(self, helper: Helper) -> bool:
        """Whether a call of the helper would be a call from within itself."""
        return helper in self._being_checked

    def _dispatch(self, node: ast.expr, scope: Scope) -> Meaning:
        match node:
            case ast.Name():
                return self._name(node, scope)
            case ast.Attribute():
                return self._attribute(node, scope)
            case ast.Constant():
                return self._constant(node)
            case ast.Compare():
                return self._comparisons(node, scope)
            case ast.BoolOp():
                return self._connection(node, scope)
            case ast.Call():
                return read_call(self, node, scope)
            case ast.Subscript():
                return self._subscript(node, scope)
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                arg = self.scalar(operand, scope, BOOL)
                return POISON if arg is POISON else Typed(Not(arg.expr), BOOL)
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                arg = self.scalar(operand, scope, INT)
                return POISON if arg is POISON else operators.negative(arg)
            case ast.BinOp(op=ast.Add() | ast.Sub() | ast.Mult()):
                return self._arithmetic(node, scope)
            case ast.IfExp():
                return self._choice(node, scope)
            case _:
                message = f"`{self.context.text(node)}` is not an expression of the language"
                message, hint = instead.operator(node) or (message, instead.expression(node))
                return self.context.report(Code.BAD_EXPRESSION, node, message, hint)

    def _constant(self, node: ast.Constant) -> Typed | Poison:
        match node.value:
            case bool(truth):
                return Typed(Literal(truth, BOOL), BOOL)
            case int(number):
                return Typed(Literal(number, INT), INT)
            case _:
                message, hint = instead.constant(node.value)
                return self.context.report(Code.BAD_EXPRESSION, node, message, hint)

    def _name(self, node: ast.Name, scope: Scope) -> Meaning:
        context, symbols = self.context, self.context.symbols
        match scope.names.get(node.id):
            case Given(given, of_caller):
                return self.meaning(given, replace(of_caller, taken=scope.taken))
            case Typed() | StateRef() | MemberRef() | Poison() as bound:
                return bound
            case None:
                pass
        match symbols.policies.get(node.id):
            case Poison():
                return POISON
            case None:
                pass
            case type_:
                return Typed(Variable(node.id, type_), type_)
        match symbols.constants.get(node.id):
            case Poison():
                return POISON
            case None:
                pass
            case constant:
                return Typed(constant, constant.type)
        if node.id in symbols.faulty:
            return POISON
        if node.id in symbols.functions:
            message = f"`{node.id}` is a function, not a value"
            return context.report(Code.BAD_EXPRESSION, node, message, f"call it: `{node.id}(…)`")
        if node.id == "self":
            message = "a function of the module knows what it is given, and nothing of the machine"
            return context.report(Code.UNKNOWN_NAME, node, message, "make it a method of the machine or of a member")
        if node.id in symbols.defined or context.word(node):
            return context.report(Code.BAD_EXPRESSION, node, f"`{node.id}` is not a value")
        if node.id == "old":
            hint = f'a promise of a step sees it: `@step def …(self, old: "{symbols.machine}") -> bool`'
            return context.report(Code.UNKNOWN_NAME, node, "the old state is not known here", hint)
        known = {*scope.names, *symbols.policies, *symbols.enums, *symbols.constants}
        return context.unknown(node, node.id, known)

    def _attribute(self, node: ast.Attribute, scope: Scope) -> Meaning:
        context = self.context
        if isinstance(node.value, ast.Name) and node.value.id not in scope.names:
            enum = context.symbols.enums.get(node.value.id)
            if enum is not None:
                return self._of_enum(node, enum)
        match self.meaning(node.value, scope):
            case StateRef(old):
                return self._of_machine(node, old=old)
            case MemberRef() as member:
                return self._of_member(node, member, scope)
            case LayerRef() as layer:
                return self._of_layer(node, layer)
            case Poison():
                return POISON
            case Typed() | FamilyRef():
                return context.report(Code.BAD_EXPRESSION, node, f"`{context.text(node.value)}` has no parts")

    def _of_enum(self, node: ast.Attribute, enum: EnumType) -> Typed | Poison:
        if node.attr in enum.values:
            return Typed(Literal(node.attr, enum), enum)
        hint = did_you_mean(node.attr, enum.values, f"{enum.name}.")
        message = f"{enum.name} has no member `{node.attr}`"
        return self.context.report(Code.UNKNOWN_ATTRIBUTE, node, message, hint)

    def _of_machine(self, node: ast.Attribute, *, old: bool) -> Meaning:
        context, symbols = self.context, self.context.symbols
        if (variable := symbols.variables.get(node.attr)) is not None:
            if variable is POISON:
                return POISON
            return Typed(Variable(node.attr, variable.type, old), operators.without_bounds(variable.type))
        if (cls := symbols.families.get(node.attr)) is not None:
            return POISON if cls is POISON else FamilyRef(node.attr, cls, old)
        if (layer := symbols.layers.get(node.attr)) is not None:
            return POISON if layer is POISON else LayerRef(layer, old)
        if node.attr in symbols.of_machine():
            return self._method_as_value(node, callable_=node.attr in symbols.helpers)
        hint = did_you_mean(node.attr, sorted(symbols.of_machine()), f"{'old' if old else 'self'}.")
        hint = hint or f"declare it in the class body, as in `{node.attr}: Nat = 0`"
        message = f"the machine has no variable `{node.attr}`"
        return context.report(Code.UNKNOWN_ATTRIBUTE, node, message, hint)

    def _of_layer(self, node: ast.Attribute, ref: LayerRef) -> Typed | Poison:
        variable = ref.layer.variable(node.attr)
        if variable is not None:
            return Typed(replace(variable, old=ref.old), operators.without_bounds(variable.type))
        contract = ref.layer.contract
        if node.attr in contract.actions_by_name:
            message = f"`{self.context.text(node)}` is a call, not a value"
            return self.context.report(Code.BAD_EXPRESSION, node, message)
        hint = did_you_mean(node.attr, [v.name for v in contract.variables])
        return self.context.report(Code.UNKNOWN_ATTRIBUTE, node, f"{contract.name} has no variable `{node.attr}`", hint)

    def _of_member(self, node: ast.Attribute, member: MemberRef, scope: Scope) -> Typed | Poison:
        context = self.context
        match member.cls.fields.get(node.attr):
            case Poison():
                return POISON
            case None:
                if node.attr in member.cls.helpers:
                    return self._method_as_value(node, callable_=True)
                hint = did_you_mean(node.attr, sorted(member.cls.names()))
                message = f"a {member.cls.name} has no field `{node.attr}`"
                return context.report(Code.UNKNOWN_ATTRIBUTE, node, message, hint)
            case declared:
                pass
        loop = scope.loop
        if loop and member.family == loop.family and member.name != loop.member and node.attr in loop.written:
            message = (
                f"the loop changes `{node.attr}` of each {member.cls.name}, so it cannot be read of another one here"
            )
            return context.report(Code.BAD_LOOP, scope.called_at or node, message)
        place = Field(member.name, member.family, node.attr, declared.type, member.old)
        return Typed(place, operators.without_bounds(declared.type))

    def _method_as_value(self, node: ast.Attribute, *, callable_: bool) -> Poison:
        message = f"`{self.context.text(node)}` is a method, not a value"
        hint = f"call it: `{self.context.text(node)}(…)`" if callable_ else None
        return self.context.report(Code.BAD_EXPRESSION, node, message, hint)

    def _subscript(self, node: ast.Subscript, scope: Scope) -> Meaning:
        """`old[s]`: the same member in the other state."""
        context = self.context
        state, member = self.meaning(node.value, scope), self.meaning(node.slice, scope)
        if state is POISON or member is POISON:
            return POISON
        if isinstance(state, FamilyRef) and isinstance(member, MemberRef):
            hint = f"did you mean `{'old' if state.old else 'self'}[{context.text(node.slice)}]`?"
            return context.report(Code.BAD_EXPRESSION, node, "a member is looked up in a state, not in a family", hint)
        if not isinstance(state, StateRef):
            message = f"`{context.text(node.value)}` is not a state of the machine"
            return context.report(Code.BAD_EXPRESSION, node, message, "write `old[s]` for a member before the step")
        if not isinstance(member, MemberRef):
            return context.report(Code.WRONG_TYPE, node.slice, "a member of a family stands in these brackets")
        return replace(member, old=state.old)

    def _connection(self, node: ast.BoolOp, scope: Scope) -> Typed | Poison:
        parts = [self.scalar(value, scope, BOOL) for value in node.values]
        sound = [part.expr for part in parts if part is not POISON]
        if len(sound) < len(parts):
            return POISON
        return Typed(joined(Op.AND if isinstance(node.op, ast.And) else Op.OR, sound), BOOL)

    def _arithmetic(self, node: ast.BinOp, scope: Scope) -> Typed | Poison:
        left, right = self.scalar(node.left, scope, INT), self.scalar(node.right, scope, INT)
        if left is POISON or right is POISON:
            return POISON
        if isinstance(node.op, ast.Mult):
            return operators.product(self.context, node, left, right)
        return Typed(Binary(Op.ADD if isinstance(node.op, ast.Add) else Op.SUB, left.expr, right.expr), INT)

    def _choice(self, node: ast.IfExp, scope: Scope) -> Typed | Poison:
        condition = self.scalar(node.test, scope, BOOL)
        then, otherwise = self.scalar(node.body, scope), self.scalar(node.orelse, scope)
        if condition is POISON or then is POISON or otherwise is POISON:
            return POISON
        return operators.choice(self.context, node, condition.expr, then, otherwise)

    def _comparisons(self, node: ast.Compare, scope: Scope) -> Typed | Poison:
        """A chain `a < b <= c` means `a < b and b <= c`."""
        links: list[Expr] = []
        poisoned = False
        for left, op, right in zip([node.left, *node.comparators], node.ops, node.comparators, strict=False):
            link = (
                self._membership(node, scope)
                if isinstance(op, ast.In | ast.NotIn)
                else (self._link(node, left, op, right, scope))
            )
            if link is POISON:
                poisoned = True
            else:
                links.append(link)
        return POISON if poisoned else Typed(joined(Op.AND, links), BOOL)

    def _membership(self, node: ast.Compare, scope: Scope) -> Expr | Poison:
        """`a in (b, c)` means `a == b or a == c`."""
        match node:
            case ast.Compare(left=left, ops=[op], comparators=[ast.Tuple(elts=[_, *_] as choices)]):
                pass
            case _:
                message = "`in` needs a tuple of choices after it, and stands alone"
                return self.context.report(Code.BAD_EXPRESSION, node, message, "write `a in (b, c)`")
        links = [self._link(node, left, ast.Eq(), choice, scope) for choice in choices]
        sound = [link for link in links if link is not POISON]
        if len(sound) < len(links):
            return POISON
        found = joined(Op.OR, sound)
        return found if isinstance(op, ast.In) else Not(found)

    def _link(self, node: ast.Compare, left: ast.expr, op: ast.cmpop, right: ast.expr, scope: Scope) -> Expr | Poison:
        if isinstance(left, ast.Constant):  # a constant is judged only beside what was understood
            b = self._operand(right, scope)
            a = b if b is POISON else self._operand(left, scope)
        else:
            a = self._operand(left, scope)
            b = a if a is POISON and isinstance(right, ast.Constant) else self._operand(right, scope)
        return POISON if a is POISON or b is POISON else operators.comparison(self.context, node, op, a, b)

    def _operand(self, node: ast.expr, scope: Scope) -> Typed | MemberRef | Poison:
        meaning = self.meaning(node, scope)
        return meaning if isinstance(meaning, MemberRef) else self._value(meaning, node)
