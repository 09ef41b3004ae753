"""What an action does grows with its statements, not with all that they might do together."""

from pathlib import PurePosixPath

import pytest
from quiesce.kernel.plan import Plan
from quiesce.kernel.problem import problem_of
from quiesce.prove.prover import verify
from quiesce.prove.results import Verdict
from quiesce.spec.model import INT, Binary, Expr, Literal, Op, Variable
from quiesce.spec.reader import read_text
from quiesce.spec.rewrite import Numbering, alike, conjunction, walk

from tests.by_day import by_day
from tests.reports import verdicts_by_id

pytestmark = pytest.mark.slow

MACHINE = """
from quiesce.spec import Family, Machine, Member, Nat, always, call


class Item(Member):
    a: Nat = 0
    b: Nat = 0


class Grows(Machine):
    x: Nat = 0
    y: Nat = 0
    items: Family[Item]

    @call("add")
    def add(self, n: Nat, i: Item) -> None:
        self.x += n
        i.a += n

    @call("work")
    def work(self, up: bool, i: Item) -> None:
{body}

    @always
    def never_negative(self) -> bool:
        return self.x >= 0 and self.y >= 0

    @always
    def nor_is_any_item(self) -> bool:
        return all(i.a >= 0 and i.b >= 0 for i in self.items)
"""

BODIES = {
    "ifs in a row": "        if up:\n            self.x += 1\n        else:\n            self.x += self.x\n" * 60,
    "ifs about a member": "        if up:\n            i.a += i.b\n        else:\n            i.b += i.a\n" * 60,
    "ifs in a loop": "        for t in self.items:\n"
    + "            if up:\n                t.a += t.b\n            else:\n                t.b += t.a\n" * 60,
    "arms that do the same": (
        "        if up:\n            self.y += self.x\n" + "        else:\n            self.y += self.x\n"
    )
    * 60,
    "assignments in a chain": "        self.x = self.y + self.y\n        self.y = self.x + self.x\n" * 100,
    "a long chain": "        self.x = self.y + self.y\n        self.y = self.x + self.x\n" * 500,
    "assignments of a member in a chain": "        i.a = i.b + i.b\n        i.b = i.a + i.b\n" * 100,
    "assignments in a loop": "        for t in self.items:\n"
    + "            t.a = t.b + t.a\n            t.b = t.a + t.b\n" * 100,
}


@pytest.mark.parametrize("body", by_day(BODIES.values(), 2), ids=BODIES)
def test_what_an_action_does_is_proved_whatever_its_length(body: str) -> None:
    machine = read_text(MACHINE.format(body=body), PurePosixPath("grows.py"))
    report = verify(machine)
    assert {result.verdict for result in report.results} == {Verdict.PROVED}
    texts = [batch.named(name).text() for name, batch in Plan(problem_of(machine)).batches(report.hints)]
    assert max(map(len, texts)) < 400 * len(body.split("\n"))


def test_a_fault_in_the_last_of_many_statements_is_found() -> None:
    body = BODIES["ifs in a row"] + "        self.x -= 1\n"
    report = verify(read_text(MACHINE.format(body=body), PurePosixPath("grows.py")))
    verdicts = verdicts_by_id(report)
    assert verdicts["step/work/never_negative"] is not Verdict.PROVED


def doubled(levels: int) -> Expr:
    expr: Expr = Variable("x", INT)
    for _ in range(levels):
        expr = Binary(Op.ADD, expr, expr)
    return expr


def test_equal_expressions_are_compared_part_by_part() -> None:
    assert alike(doubled(500), doubled(500))
    assert not alike(doubled(500), doubled(499))
    other = Binary(Op.SUB, doubled(499), doubled(499))
    assert not alike(doubled(500), other)
    number = Numbering()
    assert number(doubled(500)) == number(doubled(500))
    assert number(doubled(500)) != number(other)
    assert number(Literal(1, INT)) != number(Literal(0, INT))
    assert len(list(walk(doubled(500)))) == 501


def test_many_claims_are_joined_without_nesting_deeply() -> None:
    claims = [Binary(Op.GE, Variable("x", INT), Literal(-n, INT)) for n in range(5000)]
    depth, level = 0, [conjunction(claims)]
    while level:
        depth, level = depth + 1, [side for e in level if isinstance(e, Binary) for side in (e.left, e.right)]
    assert depth < 100
    assert [p for p in walk(conjunction(claims)) if isinstance(p, Binary) and p.op is Op.GE][::-1] == claims
