"""Expressions that stand alone: what is shown of a machine reads back as the same, and nothing else can be spelled."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path, PurePosixPath

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from quiesce.spec.diagnostics import SpecError
from quiesce.spec.model import BOOL, Always, Expr, IntType, Literal, Machine, MemberType, ParameterDecl, Span, Variable
from quiesce.spec.reader import read_file
from quiesce.spec.reading.hints import LONGEST, MOST_BOUND, read_claim, read_number
from quiesce.spec.show import names_of, show

from tests.by_day import examples
from tests.spec.random_expressions import MACHINE, claims, numbers, same_names, simplified

ROOT = Path(__file__).parents[2]
PLACE = PurePosixPath("hints.json")
TRAPPED = ParameterDecl("trapped.member", MemberType("it"), False, Span(1, 1, 1, 1))


several = settings(deadline=None, max_examples=examples(100), suppress_health_check=list(HealthCheck))


@pytest.mark.slow
@several
@given(claims())
def test_a_claim_that_was_shown_reads_back_as_the_same(claim: Expr) -> None:
    claim = simplified(claim)
    text = show(claim, names_of(MACHINE))
    assert same_names(read_claim(MACHINE, text, PLACE)) == same_names(claim)


@several
@given(numbers())
def test_a_number_that_was_shown_reads_back_as_the_same(number: Expr) -> None:
    number = simplified(number)
    assert same_names(read_number(MACHINE, show(number, names_of(MACHINE)), PLACE)) == same_names(number)


@pytest.mark.slow
@several
@given(claims((("trapped.member", "things"),)))
def test_a_claim_about_a_member_with_a_name_reads_back_as_the_same(claim: Expr) -> None:
    claim = simplified(claim)
    text = show(claim, names_of(MACHINE, {"trapped.member": "one"}))
    assert same_names(read_claim(MACHINE, text, PLACE, {"one": TRAPPED})) == same_names(claim)


def claims_of(machine: Machine) -> Iterator[Expr]:
    """Every invariant that a spec promises, and every guard that is about no argument."""
    yield from (promise.claim.claim for promise in machine.promises if isinstance(promise.claim, Always))


SPECS = {*ROOT.glob("tests/specs/good/*.py"), *ROOT.glob("model/*.py")} - {*ROOT.glob("model/*_requirements.py")}


@pytest.mark.parametrize("spec", sorted(SPECS), ids=str)
def test_what_specs_promise_reads_back_as_the_same(spec: Path) -> None:
    machine = read_file(spec)
    for claim in claims_of(machine):
        text = show(claim, names_of(machine))
        assert same_names(read_claim(machine, text, PLACE)) == same_names(claim), text


# --- what is refused -----------------------------------------------------------------------------------------------

REFUSED = {
    "": "one expression",
    "self.n > 0; True": "one expression",
    "self.n = 1": "one expression",
    "def f(): pass": "one expression",
    "import os": "one expression",
    "True\n": "one line",
    "True # and more": None,
    "self.n >\n0": "one line",
    "self.\N{FULLWIDTH LATIN SMALL LETTER N} > 0": "ASCII",
    "self.phase == Phase.\N{CYRILLIC CAPITAL LETTER U}P": "ASCII",
    "self.flag\N{NO-BREAK SPACE}": "ASCII",
    "self.n": "bool",
    "1": "bool",
    "self.phase": "bool",
    "self": "not a value",
    "self.things": "not a value",
    "old.flag": "old state",
    "old": "old state",
    "a.idle": "`a`",
    "trapped.member.idle": "`trapped`",
    "self.nothing > 0": "`nothing`",
    "self.settle": "is a method|has no variable",
    "self.settle()": "helper",
    "phase == Phase.UP": "`phase`",
    "self.phase == Phase.MIDDLE": "`MIDDLE`",
    "self.phase == 'UP'": "no texts",
    "self.phase == UP": "`UP`",
    "self.MODE == Phase.UP": "`MODE`",
    "self.n * self.n > 0": "product",
    "self.n > True": "compares",
    "self.n > 0.5": "integers",
    "self.n > 1e9": "integers",
    "self.n == None": "`None` is no value",
    "self.n // 2 > 0": "`//` is not an operator",
    "[self.flag]": "not an expression",
    "lambda: True": "not an expression",
    "(x := True)": "not an expression",
    "__import__('os')": "`__import__`",
    "exec('1')": "`exec`",
    "all(m.idle for m in self.others)": "`idle`",
    "all(Phase.idle for Phase in self.things)": "`Phase`",
    "all(self.idle for self in self.things)": "`self`",
    "all(m.idle for m in self.things for n in self.things)": "written",
    "all(m == n for m in self.things)": "`n`",
    "any(m.debt > 0 for m in old.others)": "old state",
    f"self.n > {'9' * 101}": "digits",
    f"{'9' * 101} * self.n > 0": "digits",
    f"self.n > {'9' * 5000}": None,
    "(" * 300 + "True" + ")" * 300: None,
    "not " * 200 + "True": "levels",
    "-" * 19_000 + "1 > 0": None,
    " and ".join(["True"] * 100): "levels",
    "True or " * LONGEST: "characters",
    "x 0)": None,
    "true) (assert false": None,
}


@pytest.mark.parametrize("text", REFUSED, ids=lambda text: text[:40])
def test_a_text_that_is_no_claim_is_refused_with_its_reason(text: str) -> None:
    reason = REFUSED[text]
    if text == "True # and more":
        assert read_claim(MACHINE, text, PLACE) == Literal(True, BOOL)
        return
    with pytest.raises(SpecError, match=reason) as refused:
        read_claim(MACHINE, text, PLACE)
    assert all(diagnostic.path == str(PLACE) for diagnostic in refused.value.diagnostics)


def test_members_are_bound_inside_each_other_only_so_often() -> None:
    def nested(depth: int) -> str:
        inner = "True"
        for number in range(depth):
            inner = f"all({inner} for m{number} in self.things)"
        return inner

    read_claim(MACHINE, nested(MOST_BOUND), PLACE)
    with pytest.raises(SpecError, match="inside each other"):
        read_claim(MACHINE, nested(MOST_BOUND + 1), PLACE)


@pytest.mark.parametrize("name", ["self", "Phase", "MODE", "Box", "it", "any", "class", "one more", "", "\u0430", "1x"])
def test_a_member_has_a_name_that_means_nothing_else(name: str) -> None:
    with pytest.raises(SpecError, match=r"no name for a member|not a usable name|word of the language"):
        read_claim(MACHINE, "True", PLACE, {name: TRAPPED})


def test_a_member_belongs_to_a_family_of_the_machine() -> None:
    with pytest.raises(SpecError, match="no name for a member"):
        read_claim(MACHINE, "True", PLACE, {"one": replace(TRAPPED, type=MemberType("Guest"))})


def test_the_types_of_an_expression_are_those_of_the_declarations() -> None:
    assert read_number(MACHINE, "self.n", PLACE) == Variable("n", IntType(0))
    assert read_number(MACHINE, "self.debt", PLACE) == Variable("debt", IntType())
    assert read_number(MACHINE, "self.few", PLACE) == Variable("few", IntType(2, 5))


LETTERS = "selfMODEPhaseUPitnthingsothers.()<>=+-*0123 []{}:,'\"#;&|!@\\\n\t\x00\u0661allanyforinifnotandor"


@several
@given(st.text(alphabet=LETTERS))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        found = read_claim(MACHINE, text, PLACE)
    except SpecError:
        return
    assert same_names(read_claim(MACHINE, show(found, names_of(MACHINE)), PLACE)) == same_names(found)
