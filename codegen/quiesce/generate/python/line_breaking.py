"""Python expressions as shapes, and how a shape that is too long for its line is broken.

Breaking follows the common formatter style: an operator begins its line, a last bracket is opened in place where it is
the only thing to break, and everything else goes into brackets of its own.
"""

from enum import IntEnum
from typing import TypeAlias, assert_never

from quiesce.spec.record import record

WIDTH = 120
INDENT = 4


class Level(IntEnum):
    """How tightly the outermost operator of a text binds, loosest first."""

    CHOICE = 0
    OR = 1
    AND = 2
    NOT = 3
    COMPARISON = 4
    SUM = 5
    PRODUCT = 6
    SIGN = 7
    ATOM = 8


@record
class Word:
    """A text that is never broken."""

    text: str
    level: Level = Level.ATOM


@record
class Prefixed:
    """`not x` or `-x`."""

    prefix: str
    arg: "Shape"
    level: Level


@record
class Joined:
    """Operands of operators that bind alike: `first`, then each further operand behind its operator."""

    first: "Shape"
    rest: tuple[tuple[str, "Shape"], ...]
    level: Level


@record
class Bracketed:
    """`opening`, then `parts` one after the other, then the closing bracket.

    With commas the parts are like things, such as arguments; without they are the clauses of a generator.
    """

    opening: str
    parts: tuple["Shape", ...]
    commas: bool = False
    closing: str = ")"
    level: Level = Level.ATOM


Shape: TypeAlias = Word | Prefixed | Joined | Bracketed


def guarded(shape: Shape, level: Level) -> Shape:
    """`shape`, in parentheses where it binds less tightly than `level`."""
    return shape if shape.level >= level else Bracketed("(", (shape,))


def joined(operator: str, operands: tuple[Shape, ...], level: Level) -> Shape:
    """The operands with one operator between them; one operand stands alone.

    An `and` inside an `or` is spliced in, so that all of it is broken alike.
    """
    if len(operands) == 1:
        return operands[0]
    links: list[tuple[str, Shape]] = []
    for operand in operands:
        match guarded(operand, level):
            case Joined(first, rest, Level.AND | Level.OR):
                links += [(operator, first), *rest]
            case shape:
                links.append((operator, shape))
    return Joined(links[0][1], tuple(links[1:]), level)


def flat(shape: Shape) -> str:
    """The shape on one line."""
    match shape:
        case Word(text):
            return text
        case Prefixed(prefix, arg):
            return prefix + flat(arg)
        case Joined(first, rest):
            return " ".join([flat(first), *(f"{operator} {flat(operand)}" for operator, operand in rest)])
        case Bracketed(opening, parts, commas, closing):
            return opening + (", " if commas else " ").join(map(flat, parts)) + closing
        case _:
            assert_never(shape)


def laid_out(head: str, shape: Shape, tail: str, indent: int) -> list[str]:
    """The lines of the statement `head shape tail`, such as `if …:`, each behind `indent` spaces."""
    line = " " * indent + head + flat(shape) + tail
    if len(line) <= WIDTH:
        return [line]
    if hugging := _hug(head, shape, tail, indent):
        return hugging
    if isinstance(shape, Joined):
        return [f"{' ' * indent}{head}(", *_inside((shape,), False, indent + INDENT), f"{' ' * indent}){tail}"]
    return [line]


def _hug(head: str, shape: Shape, tail: str, indent: int) -> list[str] | None:
    """The statement broken inside its last bracket, if that is the only thing to break; None otherwise.

    Of two operands the first is broken inside its own last bracket as well where the line is too long for it.
    """
    match shape:
        case Bracketed(opening, parts, commas, closing):
            first_line = " " * indent + head + opening
            inside = _inside(parts, commas, indent + INDENT)
            return [first_line, *inside, f"{' ' * indent}{closing}{tail}"] if len(first_line) <= WIDTH else None
        case Prefixed(prefix, arg):
            return _hug(head + prefix, arg, tail, indent)
        case Joined(first, ((operator, last),)):
            whole = _hug(f"{head}{flat(first)} {operator} ", last, tail, indent)
            in_parentheses = isinstance(first, Bracketed) and first.opening == "("
            if whole or not (in_parentheses or _ends_in_bracket(last)):
                return whole
            before = _hug(head, first, "", indent)
            if before is None:
                return None
            return [*before[:-1], *laid_out(f"{before[-1].lstrip()} {operator} ", last, tail, indent)]
        case _:
            return None


def _ends_in_bracket(shape: Shape) -> bool:
    match shape:
        case Bracketed():
            return True
        case Prefixed(_, arg):
            return _ends_in_bracket(arg)
        case Joined(_, ((_, last),)):
            return _ends_in_bracket(last)
        case _:
            return False


def _inside(parts: tuple[Shape, ...], commas: bool, indent: int) -> list[str]:
    """The content of a bracket on lines of its own."""
    if commas:
        return [line for part in parts for line in laid_out("", part, ",", indent)]
    line = " " * indent + " ".join(map(flat, parts))
    if len(line) <= WIDTH:
        return [line]
    return [line for part in parts for line in _unbracketed("", part, indent)]


def _unbracketed(head: str, shape: Shape, indent: int) -> list[str]:
    """The shape where a bracket stands around it already: operands one below the other, each behind its operator."""
    if len(" " * indent + head + flat(shape)) <= WIDTH:
        return laid_out(head, shape, "", indent)
    match shape:
        case Prefixed(prefix, Joined() as arg):
            return _unbracketed(head + prefix, arg, indent)
        case Joined(first, rest):
            following = [line for operator, operand in rest for line in _unbracketed(f"{operator} ", operand, indent)]
            return [*_unbracketed(head, first, indent), *following]
        case _:
            return laid_out(head, shape, "", indent)
