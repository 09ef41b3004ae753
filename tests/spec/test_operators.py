"""Every operator of the language has a meaning in the interpreter."""

import pytest
from quiesce.spec.interpreter import Scope, evaluate
from quiesce.spec.model import BOOL, INT, Binary, Literal, Op, Value
from quiesce.spec.state import State

NOWHERE = Scope(State({}, {}))

NUMBERS: dict[Op, tuple[Value, Value, Value]] = {
    Op.EQ: (False, True, False),
    Op.NE: (True, False, True),
    Op.LT: (True, False, False),
    Op.LE: (True, True, False),
    Op.GT: (False, False, True),
    Op.GE: (False, True, True),
    Op.ADD: (5, 4, 5),
    Op.SUB: (-1, 0, 1),
}
"""What each makes of 2 and 3, of 2 and 2, and of 3 and 2."""

TRUTHS = {
    Op.OR: (False, True, True, True),
    Op.AND: (False, False, False, True),
    Op.IMPLIES: (True, True, False, True),
}
"""What each makes of two truths: none of them, the second, the first, both."""


def test_each_operator_is_asked_about() -> None:
    assert {*NUMBERS, *TRUTHS} == set(Op)


@pytest.mark.parametrize("op", NUMBERS)
def test_what_an_operator_makes_of_numbers(op: Op) -> None:
    pairs = ((2, 3), (2, 2), (3, 2))
    found = (evaluate(Binary(op, Literal(left, INT), Literal(right, INT)), NOWHERE) for left, right in pairs)
    assert tuple(found) == NUMBERS[op]


@pytest.mark.parametrize("op", TRUTHS)
def test_what_an_operator_makes_of_truths(op: Op) -> None:
    pairs = ((False, False), (False, True), (True, False), (True, True))
    found = (evaluate(Binary(op, Literal(left, BOOL), Literal(right, BOOL)), NOWHERE) for left, right in pairs)
    assert tuple(found) == TRUTHS[op]
