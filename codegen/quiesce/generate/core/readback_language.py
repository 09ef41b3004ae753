"""The bodies of a core's methods put into the language of specs, with what the families know as a field of each member.

Only what a core is made of is let through, one form after the other; so what Python and the language understand
differently, or what the language has and a core has not, is never taken for something else.
"""

import ast
from collections.abc import Container, Iterator, Mapping
from dataclasses import replace
from itertools import count

from quiesce.generate.core.readback_frame import without_docstring
from quiesce.generate.python import names
from quiesce.spec.model import FamilyDecl, Machine, MemberType, ParameterDecl
from quiesce.spec.record import record
from quiesce.text.syntax import nodes


class Unreadable(Exception):
    """The text has a form that a core never has; the message says where."""


@record
class Member:
    """The family of a member, and the name that the spec gives it."""

    family: str
    name: str


def free_names(stem: str, taken: Container[str]) -> Iterator[str]:
    """Names that are not taken: the stem with a number each."""
    return (name for number in count() if (name := f"{stem}_{number}") not in taken)


@record
class Places:
    """The names that a way through a method may use: its scalar arguments, and its members.

    No name that is made up is one of `words`. Inside a loop, `loop` is the family that it runs over, and whether it
    runs over a copy of what that family knew.
    """

    scalars: frozenset[str]
    members: Mapping[str, Member]
    words: frozenset[str]
    loop: tuple[str, bool] | None = None

    def bind(self, name: str, family: str) -> tuple[Member, "Places"]:
        """`name` runs through the family. In the spec it goes by another name, as there it must hide nothing."""
        fresh = next(free_names("each", self.words | {member.name for member in self.members.values()}))
        member = Member(family, fresh)
        return member, replace(self, scalars=self.scalars - {name}, members={**self.members, name: member})

    def without(self, loops: frozenset[str]) -> "Places":
        """Behind these loops: there Python takes their names for their last members."""
        kept = {name: member for name, member in self.members.items() if name not in loops}
        return replace(self, scalars=self.scalars - loops, members=kept)


@record
class Language:
    """Translates what stands in the methods of a core.

    `methods` are all of them, under their names. `known` is the field of the spec that tells of a member that its
    family knows it; no family of the machine has a field of that name. `words` are those of the spec.
    """

    machine: Machine
    methods: Mapping[str, ast.FunctionDef]
    known: str
    words: frozenset[str]

    def places(self, parameters: tuple[ParameterDecl, ...]) -> Places:
        """The names that a method knows at its beginning, with their meanings."""
        members = {
            p.name: Member(self.machine.family_of(p.type).name, p.name)
            for p in parameters
            if isinstance(p.type, MemberType)
        }
        return Places(frozenset(p.name for p in parameters) - members.keys(), members, self.words)

    # --- statements ---

    def statements(self, body: list[ast.stmt], places: Places) -> Iterator[ast.stmt]:
        """The statements of a core as a spec would write them."""
        for statement in body:
            yield from self._statement(statement, places)
            places = places.without(_looping(statement))

    def _statement(self, statement: ast.stmt, places: Places) -> Iterator[ast.stmt]:
        match statement:
            case ast.Pass():
                pass
            case ast.Assign([ast.Subscript(ast.Attribute(ast.Name("self"), family), ast.Name(member))], value):
                _require(isinstance(value, ast.Constant) and value.value is None, statement)
                yield self._note(places, family, member, statement, known=True)
            case ast.Expr(ast.Call(ast.Attribute(ast.Name("self"), method), [ast.Name(member)], [])):
                yield from self._given_back(method, member, places, statement)
            case ast.If(test, then, otherwise):
                yield self._if(test, then, otherwise, places)
            case ast.For(ast.Name(bound), over, inner, []):
                yield self._loop(bound, over, inner, places)
            case ast.Assign([ast.Attribute(ast.Name(), _) as target], value):
                place = self._place(target, places)
                yield ast.Assign([place], self.expression(value, places), lineno=0)
            case ast.AugAssign(ast.Attribute(ast.Name(), _) as target, ast.Add() | ast.Sub() as operator, value):
                yield ast.AugAssign(self._place(target, places), operator, self.expression(value, places))
            case _:
                raise Unreadable(ast.unparse(statement))

    def _note(self, places: Places, family: str, member: str, statement: ast.stmt, *, known: bool) -> ast.stmt:
        """A statement: the family knows a member from now on, or no longer."""
        _require(member in places.members and places.members[member].family == family, statement)
        # Python forbids to change what is being looped over.
        _require(places.loop is None or places.loop != (family, False), statement)
        return ast.Assign([_attribute(places.members[member].name, self.known)], ast.Constant(known), lineno=0)

    def _given_back(self, method: str, member: str, places: Places, statement: ast.stmt) -> tuple[ast.stmt, ...]:
        """The statements of a method that gives a member back, for this member."""
        family = next((f for f in self.machine.families if names.retire_method(f.member) == method), None)
        if family is None:
            raise Unreadable(ast.unparse(statement))
        _require(member in places.members and places.members[member].family == family.name, statement)
        return self.given_back(family, places.members[member].name, places.loop)

    def given_back(
        self, family: FamilyDecl, member: str = "", loop: tuple[str, bool] | None = None
    ) -> tuple[ast.stmt, ...]:
        """The statements of the method that gives back a member: they set its fields and forget the member."""
        method = names.retire_method(family.member)
        if method not in self.methods:
            raise Unreadable(f"there is no method {method}")
        own = self.methods[method].args.args[1].arg
        inside = Places(frozenset(), {own: Member(family.name, member)}, self.words, loop)
        return tuple(
            statement
            for inner in without_docstring(self.methods[method].body)
            for statement in self._forgetting(method, inner, inside)
        )

    def _forgetting(self, method: str, statement: ast.stmt, places: Places) -> Iterator[ast.stmt]:
        match statement:
            case ast.Assign([ast.Attribute(ast.Name(), _)], _):
                yield from self._statement(statement, places)
            case ast.Expr(
                ast.Call(
                    ast.Attribute(ast.Attribute(ast.Name("self"), family), "pop"),
                    [ast.Name(member), ast.Constant(None)],
                    [],
                )
            ):
                yield self._note(places, family, member, statement, known=False)
            case _:
                raise Unreadable(f"{method}: {ast.unparse(statement)}")

    def _if(self, test: ast.expr, then: list[ast.stmt], otherwise: list[ast.stmt], places: Places) -> ast.stmt:
        condition = self.expression(test, places)
        taken = list(self.statements(then, places)) or [ast.Pass()]
        return ast.If(condition, taken, list(self.statements(otherwise, places)))

    def _loop(self, bound: str, over: ast.expr, inner: list[ast.stmt], places: Places) -> ast.stmt:
        """A loop over the known members of a family: over every member, but only those that are known change."""
        if places.loop is not None:
            raise Unreadable("loops do not stand inside loops")
        match over:
            case ast.Call(ast.Name("tuple"), [ast.Attribute(ast.Name("self"), family)], []):
                copied = True
            case ast.Attribute(ast.Name("self"), family):
                copied = False
            case _:
                raise Unreadable(ast.unparse(over))
        member, inside = self._bind(bound, family, places)
        body = list(self.statements(inner, replace(inside, loop=(family, copied)))) or [ast.Pass()]
        is_known = _attribute(member.name, self.known)
        target = ast.Name(member.name)
        return ast.For(target, _attribute("self", family), [ast.If(is_known, body, [])], [], lineno=0)

    def _place(self, target: ast.Attribute, places: Places) -> ast.Attribute:
        """The target of an assignment: a variable, or a field of a member."""
        match target.value:
            case ast.Name("self"):
                _require(target.attr in {variable.name for variable in self.machine.variables}, target)
                return _attribute("self", target.attr)
            case ast.Name(member) if member in places.members:
                return self._field(target, places.members[member])
            case _:
                raise Unreadable(ast.unparse(target))

    # --- expressions ---

    def expression(self, node: ast.expr, places: Places) -> ast.expr:
        """An expression as a spec has it: over known members instead of all that a family knows."""

        def inner(part: ast.expr) -> ast.expr:
            return self.expression(part, places)

        match node:
            case ast.Constant(bool() | int()):
                return node
            case ast.Name(name) if name in places.members:
                return ast.Name(places.members[name].name)
            case ast.Name(name) if name in places.scalars:
                return node
            case ast.Attribute():
                return self._value(node, places)
            case ast.BoolOp(operator, values):
                return ast.BoolOp(operator, [inner(value) for value in values])
            case ast.UnaryOp(ast.Not() | ast.USub() as operator, operand):
                return ast.UnaryOp(operator, inner(operand))
            case ast.BinOp(left, ast.Add() | ast.Sub() | ast.Mult() as operator, right):
                return ast.BinOp(inner(left), operator, inner(right))
            case ast.Compare(left, [ast.In() | ast.NotIn()] as operators, [ast.Tuple(choices)]):
                return ast.Compare(inner(left), operators, [ast.Tuple([inner(choice) for choice in choices])])
            case ast.Compare(left, operators, rights):
                return ast.Compare(inner(left), operators, [inner(right) for right in rights])
            case ast.IfExp(test, then, otherwise):
                return ast.IfExp(inner(test), inner(then), inner(otherwise))
            case ast.Call(ast.Name("min" | "max") as function, [_, _] as arguments, []):
                return ast.Call(function, [inner(argument) for argument in arguments], [])
            case ast.Call(ast.Name("any" | "all" | "sum") as function, [ast.GeneratorExp(part, [over])], []):
                return ast.Call(function, [self._generator(part, over, places)], [])
            case ast.Call(ast.Attribute(ast.Name("self"), guard), arguments, []):
                return self.guard(guard, arguments, places)
            case _:
                raise Unreadable(ast.unparse(node))

    def _value(self, node: ast.Attribute, places: Places) -> ast.expr:
        """A policy, a variable, a field of a member, or a value of an enum."""
        policies = {names.policy_attribute(policy.name): policy.name for policy in self.machine.policies}
        enums = {enum.type.name: enum.type.values for enum in self.machine.enums}
        match node.value:
            case ast.Name("self") if node.attr in policies:
                return ast.Name(policies[node.attr])
            case ast.Name("self") if node.attr in {variable.name for variable in self.machine.variables}:
                return _attribute("self", node.attr)
            case ast.Name(member) if member in places.members:
                return self._field(node, places.members[member])
            case ast.Name(enum) if enum not in places.scalars and node.attr in enums.get(enum, ()):
                return _attribute(enum, node.attr)
            case _:
                raise Unreadable(ast.unparse(node))

    def _field(self, node: ast.Attribute, member: Member) -> ast.Attribute:
        declared = {f.name for f in self.machine.families_by_name[member.family].fields}
        _require(node.attr in declared, node)
        return _attribute(member.name, node.attr)

    def _generator(self, part: ast.expr, over: ast.comprehension, places: Places) -> ast.GeneratorExp:
        match over:
            case ast.comprehension(ast.Name(bound), ast.Attribute(ast.Name("self"), family), conditions, 0):
                pass
            case _:
                raise Unreadable(ast.unparse(over))
        member, inside = self._bind(bound, family, places)
        asked = [self.expression(condition, inside) for condition in conditions]
        target, value = ast.Name(member.name), self.expression(part, inside)
        known = [_attribute(member.name, self.known), *asked]
        return ast.GeneratorExp(value, [ast.comprehension(target, _attribute("self", family), known, 0)])

    def _bind(self, name: str, family: str, places: Places) -> tuple[Member, Places]:
        if family not in self.machine.families_by_name:
            raise Unreadable(f"{family} is no family")
        if name in names.reserved(self.machine):
            raise Unreadable(f"{name} has another meaning")
        return places.bind(name, family)

    def guard(self, method: str, given: list[ast.expr], places: Places) -> ast.expr:
        """The claim that a method returns to tell whether a step may happen, or an activity is due.

        Its call has to give arguments of its own names.
        """
        found = self.methods.get(method)
        telling = {names.guard_method(a) for a in self.machine.actions if not a.calls}
        telling |= {names.due_method(a.ends.name) for a in self.machine.actions if a.ends is not None}
        if found is None or method not in telling:
            raise Unreadable(f"self.{method} is called")
        asked = [argument.arg for argument in found.args.args[1:]]
        members = {name: member for name, member in places.members.items() if name in asked}
        own = Places(places.scalars & set(asked), members, self.words)
        _require([part.id for part in given if isinstance(part, ast.Name)] == asked, found)
        match without_docstring(found.body):
            case [ast.Return(ast.expr() as condition)] if not _calls_methods(condition):
                return self.expression(condition, own)
            case _:
                raise Unreadable(f"{method} does more than return a condition")


def _calls_methods(expr: ast.expr) -> bool:
    return any(isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) for node in nodes(expr))


def _looping(statement: ast.stmt) -> frozenset[str]:
    """The names of the loops in a statement."""
    loops = (node.target for node in nodes(statement) if isinstance(node, ast.For))
    return frozenset(target.id for target in loops if isinstance(target, ast.Name))


def _attribute(value: str, name: str) -> ast.Attribute:
    return ast.Attribute(ast.Name(value), name)


def _require(holds: bool, node: ast.AST) -> None:
    if not holds:
        raise Unreadable(ast.unparse(node))
