"""The parts of actions: statements, arms of `if`s, expressions, members compared, families that get members back."""

from collections.abc import Iterator
from typing import assert_never

from quiesce.spec.model import Action, Assign, Expr, FamilyDecl, ForEach, If, Machine, Retire, Same, Statement
from quiesce.spec.rewrite import walk


def branches(action: Action) -> Iterator[tuple[int, If, bool]]:
    """Each arm of each `if` statement with the statement's number in the action; absent `else` arms are included."""
    for number, statement in enumerate(choices(action), 1):
        yield number, statement, True
        yield number, statement, False


def choices(action: Action) -> tuple[If, ...]:
    """The `if` statements of an action in the order of the spec; an `elif` is a statement of its own."""
    return tuple(statement for statement in statements(action.body) if isinstance(statement, If))


def statements(body: tuple[Statement, ...]) -> Iterator[Statement]:
    """Every statement of a body, nested ones included."""
    for statement in body:
        yield statement
        match statement:
            case If(_, then, otherwise):
                yield from statements((*then, *otherwise))
            case ForEach(_, _, inner):
                yield from statements(inner)
            case _:
                pass


def compared_members(body: tuple[Statement, ...]) -> tuple[str, ...]:
    """The members that statements compare with others, each once."""
    compared = (part for expr in expressions_of(body) for part in walk(expr) if isinstance(part, Same))
    return tuple(dict.fromkeys(name for part in compared for name in (part.left, part.right)))


def expressions_of(body: tuple[Statement, ...]) -> Iterator[Expr]:
    """The values and conditions that stand in statements, nested ones included."""
    for statement in statements(body):
        match statement:
            case Assign(_, expr) | If(expr):
                yield expr
            case Retire() | ForEach():
                pass
            case _:
                assert_never(statement)


def retired_families(body: tuple[Statement, ...]) -> frozenset[str]:
    """The families to which some statement gives a member back."""
    return frozenset(statement.family for statement in statements(body) if isinstance(statement, Retire))


def families_given_back(machine: Machine) -> tuple[FamilyDecl, ...]:
    """The families of which some action gives a member back."""
    found = frozenset[str]().union(*(retired_families(action.body) for action in machine.actions))
    return tuple(family for family in machine.families if family.name in found)
