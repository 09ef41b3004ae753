"""The parts of an action: its statements, and the arms of its `if`s."""

from collections.abc import Iterator

from quiesce.spec.model import (
    Action,
    ForEach,
    If,
    Statement,
)


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
