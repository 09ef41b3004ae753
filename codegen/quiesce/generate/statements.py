"""Statements of the model as lines of Python."""

from collections.abc import Iterable
from typing import assert_never

from quiesce.generate import names
from quiesce.generate.layout import INDENT, laid_out
from quiesce.generate.phrases import literal, phrase
from quiesce.spec.model import (
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


def statement_lines(machine: Machine, body: Iterable[Statement], indent: int) -> list[str]:
    """The lines of `body`, each behind `indent` spaces."""
    return [line for statement in body for line in _statement(machine, statement, indent)]


def retire_lines(family: FamilyDecl, member: str, indent: int) -> list[str]:
    """The lines that give `member` back to `family`."""
    margin = " " * indent
    defaults = [
        f"{margin}{member}.{field.name} = {literal(field.initial, field.type)}"
        for field in family.fields
        if not field.persistent
    ]
    return [*defaults, f"{margin}self.{family.name}.pop({member}, None)"]


def retired_families(body: Iterable[Statement]) -> frozenset[str]:
    """The families to which some statement gives a member back."""
    found: set[str] = set()
    for statement in body:
        match statement:
            case Retire(_, family):
                found.add(family)
            case If(_, then, otherwise):
                found |= retired_families((*then, *otherwise))
            case ForEach(_, _, inner):
                found |= retired_families(inner)
            case Assign():
                pass
            case _:
                assert_never(statement)
    return frozenset(found)


def _statement(machine: Machine, statement: Statement, indent: int) -> list[str]:
    match statement:
        case Assign(target, value):
            return _assignment(machine, target, value, indent)
        case Retire(member, family):
            method = names.retire_method(machine.families_by_name[family].member)
            return [f"{' ' * indent}self.{method}({member})"]
        case If():
            return _branches(machine, statement, "if ", indent)
        case ForEach(bound, family, body):
            # A member that is given back leaves the dictionary, which must not change while it is iterated over.
            members = f"tuple(self.{family})" if retired_families(body) else f"self.{family}"
            inner = statement_lines(machine, body, indent + INDENT) or [" " * (indent + INDENT) + "pass"]
            return [f"{' ' * indent}for {bound} in {members}:", *inner]
        case _:
            assert_never(statement)


def _branches(machine: Machine, statement: If, head: str, indent: int) -> list[str]:
    lines = laid_out(head, phrase(machine, statement.condition), ":", indent)
    lines += statement_lines(machine, statement.then, indent + INDENT) or [" " * (indent + INDENT) + "pass"]
    match statement.otherwise:
        case ():
            return lines
        case (If() as next_branch,):
            return lines + _branches(machine, next_branch, "elif ", indent)
        case otherwise:
            return [*lines, f"{' ' * indent}else:", *statement_lines(machine, otherwise, indent + INDENT)]


def _assignment(machine: Machine, target: Variable | Field, value: Expr, indent: int) -> list[str]:
    place = f"self.{target.name}" if isinstance(target, Variable) else f"{target.member}.{target.name}"
    match value:
        case Binary(Op.ADD | Op.SUB as op, left, amount) if left == target:
            return laid_out(f"{place} {op.value}= ", phrase(machine, amount), "", indent)
        case Binary(Op.ADD, Literal() as amount, right) if right == target:
            return laid_out(f"{place} += ", phrase(machine, amount), "", indent)
        case _:
            return laid_out(f"{place} = ", phrase(machine, value), "", indent)
