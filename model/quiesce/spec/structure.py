"""The parts of an action: its statements, and the arms of its `if`s."""

from collections.abc import Iterator

from quiesce.spec.model import (
    Action,
    ForEach,
    If,
    Statement,
)


def branches(action: Action) -> Iterator[tuple[If, bool]]:
    """Each arm of each `if` statement, absent `else` arms included."""
    for statement in statements(action.body):
        if isinstance(statement, If):
            yield statement, True
            yield statement, False


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
