"""No name of a spec makes two things one in what a solver is asked."""

from itertools import combinations
from pathlib import PurePosixPath

import pytest
from quiesce.prove.prover import verify
from quiesce.prove.results import Verdict
from quiesce.spec.meaning import symbols
from quiesce.spec.reader import read_text

from tests.reports import verdicts_by_id

MACHINE = """
from enum import Enum, auto

from quiesce.spec import Family, Machine, Member, Nat, always, call


class {enum}(Enum):
    x = auto()
    y = auto()


class Item(Member):
    x: Nat = 0
    j: Nat = 0


class Named(Machine):
    x: {enum} = {enum}.x
    {family}: Family[Item]

    @call("go")
    def go(self, x: Nat, j: Item) -> None:
        j.x = x
        self.x = {enum}.y

    @always
    def never_negative(self) -> bool:
        return all(k.x >= 0 and k.j >= 0 for k in self.{family})
"""

WORDS = ("arg", "at", "total", "some", "let", "field", "value", "enum", "member", "known")


@pytest.mark.parametrize("word", WORDS)
def test_a_family_or_an_enum_may_have_any_name(word: str) -> None:
    for enum, family in ((word, "items"), ("Kind", word)):
        report = verify(read_text(MACHINE.format(enum=enum, family=family), PurePosixPath("named.py")))
        assert {result.verdict for result in report.results} == {Verdict.PROVED}


def test_symbols_are_equal_only_where_they_stand_for_the_same() -> None:
    """Of names that hold the words and dots which symbols are made of; identifiers hold no dots."""
    names = ("a", "b", "arg", "self", "old")
    dotted = (*names, "a.b", "0.a", "arg.a")
    spelled = [
        *(symbols.variable(name) for name in names),
        *(symbols.argument(name) for name in dotted),
        *(symbols.bound_member(name) for name in dotted),
        *(symbols.field(family, name) for family in names for name in names),
        *(symbols.value(enum, name) for enum in names for name in names),
        *(symbols.inhabited(name) for name in names),
        *(symbols.enum_sort(name) for name in names),
        *(symbols.member_sort(name) for name in names),
        *(symbols.total(number) for number in range(3)),
        *(symbols.shared(number) for number in range(3)),
    ]
    assert all(left != right for left, right in combinations(spelled, 2))


TWO_FAMILIES = """
from quiesce.spec import Family, Machine, Member, Nat, always, call


class S(Member):
    a: Nat = 0


class U(Member):
    b: Nat = 0


class Two(Machine):
    ss: Family[S]
    us: Family[U]

    @call("go")
    def go(self, s: S) -> None:
        s.a = 1

    @call("put")
    def put(self, u: U) -> None:
        u.b = 1

    @call("reset")
    def reset(self) -> None:
        for x in self.ss:
            if x.a > 0 and any(u.b > x.a for u in self.us):
                x.a = 0
        for x in self.us:
            if x.b > 0 and any(s.a > x.b for s in self.ss):
                x.b = 0

    @always
    def never_negative(self) -> bool:
        return all(x.a >= 0 for x in self.ss) and all(x.b >= 0 for x in self.us)
"""


def test_one_name_may_stand_for_members_of_two_families() -> None:
    report = verify(read_text(TWO_FAMILIES, PurePosixPath("two.py")))
    assert Verdict.ERROR not in {result.verdict for result in report.results}
    verdicts = verdicts_by_id(report)
    assert verdicts["step/reset/never_negative"] is Verdict.PROVED
    assert verdicts["forgettable/reset"] is Verdict.UNKNOWN  # nothing is known of ranges in the middle of an action
