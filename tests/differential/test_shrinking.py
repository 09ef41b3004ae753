"""A spec about which something is wrong becomes small, and the same stays wrong."""

import pytest
from quiesce.prove.effort import Effort
from quiesce.prove.solving.answers import Check

from tests.differential.known import MISTAKES
from tests.differential.making.machines import machine
from tests.differential.replies import ask
from tests.differential.running import Rules, compared, judge, smallest
from tests.differential.shrinking import shrunk

pytestmark = pytest.mark.slow


def test_everything_that_is_not_needed_goes() -> None:
    text = shrunk(machine(5), lambda text: "class Random(Machine):" in text)
    assert text == "class Random(Machine):\n    pass\n"


def test_nothing_goes_where_all_is_needed() -> None:
    text = "x = 1\n"
    assert shrunk(text, lambda _: False) == text


def test_parts_of_expressions_go() -> None:
    text = "def f(self, a):\n    return implies(a > 1, b and c(d))\n"
    small = shrunk(text, lambda text: "c(d)" in text)
    assert small == "c(d)\n" or "return c(d)" in small


def test_a_wrong_reply_stays_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Check, "proved", property(lambda _: True))
    text = MISTAKES["a premise that fell"].text
    rules = Rules()
    first = compared(text, {}, ask(text, Effort(depth=5)), rules)
    small = smallest(first, strengthen=False, rules=rules)
    assert small.wrong
    assert len(small.text) < len(text)


def test_the_spec_of_a_number_is_always_the_same() -> None:
    for number in (1, 30):
        assert judge(number).text == judge(number).text
