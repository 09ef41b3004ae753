"""Statements of the model as lines of Python: assignments, branches, loops, members given back."""

from collections.abc import Iterable
from typing import assert_never

from quiesce.generate.python import names
from quiesce.generate.python.expressions import literal, phrase
from quiesce.generate.python.line_breaking import INDENT, laid_out
from quiesce.spec.model import (
    Action,
    Assign,
    Binary,
    Expr,
    FamilyDecl,
    Field,
    ForEach,
    If,
    Literal,
    Machine,
    Op,
    Retire,
    Statement,
    Variable,
)
from quiesce.spec.parts_of_actions import compared_members, retired_families
from quiesce.spec.record import record


@record
class Writer:
    """Writes the statements of one action.

    A member is known to its family before anything is written to it, and the family forgets what is given back. So
    where a write finds a member of which it is not certain that it is known, the member is made known first.
    """

    machine: Machine
    action: Action

    def lines(self, indent: int, known: frozenset[str] = frozenset()) -> list[str]:
        """The lines of the action's body, each behind `indent` spaces. It is certain that the `known` members are."""
        return self._block(self.action.body, indent, known)[0]

    def _block(self, body: Iterable[Statement], indent: int, known: frozenset[str]) -> tuple[list[str], frozenset[str]]:
        """The lines of a block, and the members that are certainly known after it."""
        lines: list[str] = []
        for statement in body:
            further, known = self._statement(statement, indent, known)
            lines += further
        return lines, known

    def _statement(self, statement: Statement, indent: int, known: frozenset[str]) -> tuple[list[str], frozenset[str]]:
        match statement:
            case Assign(Field(member, family) as target, value) if member not in known:
                lines = [self._join(member, family, indent), *_assignment(self.machine, target, value, indent)]
                return lines, known | {member}
            case Assign(target, value):
                return _assignment(self.machine, target, value, indent), known
            case Retire(member, family):
                method = names.retire_method(self.machine.families_by_name[family].member)
                # Another name may stand for the same member.
                return [f"{' ' * indent}self.{method}({member})"], known - self._members_of(family) - {member}
            case If():
                return self._branches(statement, "if ", indent, known)
            case ForEach():
                return self._loop(statement, indent, known)
            case _:
                assert_never(statement)

    def _branches(
        self, statement: If, head: str, indent: int, known: frozenset[str]
    ) -> tuple[list[str], frozenset[str]]:
        lines = laid_out(head, phrase(self.machine, statement.condition), ":", indent)
        then, after_then = self._block(statement.then, indent + INDENT, known)
        lines += then or [" " * (indent + INDENT) + "pass"]
        match statement.otherwise:
            case ():
                return lines, after_then & known
            case (If() as next_branch,):
                further, after_next = self._branches(next_branch, "elif ", indent, known)
                return lines + further, after_then & after_next
            case otherwise:
                further, after_otherwise = self._block(otherwise, indent + INDENT, known)
                return [*lines, f"{' ' * indent}else:", *further], after_then & after_otherwise

    def _loop(self, loop: ForEach, indent: int, known: frozenset[str]) -> tuple[list[str], frozenset[str]]:
        """A loop runs over the known members; one that it may single out has to be among them."""
        of_family = self._members_of(loop.family)
        singled_out = [m for m in compared_members(loop.body) if m in of_family and m not in known]
        joins = [self._join(member, loop.family, indent) for member in singled_out]
        inner, _ = self._block(loop.body, indent + INDENT, frozenset({loop.bound}))
        given_back = retired_families(loop.body)
        # A member that is given back leaves the dictionary, which must not change while it is iterated over.
        members = f"tuple(self.{loop.family})" if given_back else f"self.{loop.family}"
        head = f"{' ' * indent}for {loop.bound} in {members}:"
        after = known.union(singled_out) - (of_family if given_back else frozenset())
        return [*joins, head, *(inner or [" " * (indent + INDENT) + "pass"])], after

    def _join(self, member: str, family: str, indent: int) -> str:
        return f"{' ' * indent}self.{family}[{member}] = None"

    def _members_of(self, family: str) -> frozenset[str]:
        """The arguments that are members of a family."""
        own = self.machine.families_by_name[family].member
        return frozenset(parameter.name for parameter in self.action.parameters if parameter.type == own)


def retire_lines(family: FamilyDecl, member: str, indent: int) -> list[str]:
    """The lines that give `member` back to `family`."""
    margin = " " * indent
    defaults = [
        f"{margin}{member}.{field.name} = {literal(field.initial, field.type)}"
        for field in family.fields
        if not field.persistent
    ]
    return [*defaults, f"{margin}self.{family.name}.pop({member}, None)"]


def _assignment(machine: Machine, target: Variable | Field, value: Expr, indent: int) -> list[str]:
    place = f"self.{target.name}" if isinstance(target, Variable) else f"{target.member}.{target.name}"
    match value:
        case Binary(Op.ADD | Op.SUB as op, left, amount) if left == target:
            return laid_out(f"{place} {op.value}= ", phrase(machine, amount), "", indent)
        case Binary(Op.ADD, Literal() as amount, right) if right == target:
            return laid_out(f"{place} += ", phrase(machine, amount), "", indent)
        case _:
            return laid_out(f"{place} = ", phrase(machine, value), "", indent)
