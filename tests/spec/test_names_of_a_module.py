"""Constants, groups of calls, functions and shared requirements are put in place when a spec is read."""

import re
from pathlib import Path, PurePosixPath

import pytest
from quiesce.spec.diagnostics import SpecError
from quiesce.spec.model import INT, IntType, Literal, Machine
from quiesce.spec.reader import read_text
from quiesce.spec.show import show
from quiesce.spec.source import Source, load

PATH = PurePosixPath("counter.py")
BAD = Path(__file__).parents[1] / "specs" / "bad"

SPEC = """
from enum import Enum, auto
from typing import Annotated

from quiesce.spec import Family, Machine, Member, Nat, Range, always, refuses, call, calls, when

LIMIT = 5
LOWEST = -LIMIT
DOUBLE = 2 * LIMIT + 1 - LOWEST
READY = True

MANY = calls("Put", "PutMore")
ALL = calls(MANY, "Take")


class Size(Enum):
    SMALL = auto()
    LARGE = auto()


USUAL = Size.SMALL


class Thing(Member):
    size: Size = USUAL
    weight: Nat = LIMIT


def is_beyond(n: Nat) -> bool:
    return n > LIMIT


def is_heavy(t: Thing) -> bool:
    return is_beyond(t.weight)


class Counter(Machine):
    refs: Annotated[int, Range(-LIMIT, DOUBLE)] = LOWEST
    ready: bool = READY
    things: Family[Thing]

    @call(MANY)
    def put(self) -> None:
        when(self.refs < DOUBLE and READY)
        self.refs += 1

    @call("Take", MANY, fails="BUSY")
    def busy(self) -> None:
        when(any(is_heavy(t) and t.size == USUAL for t in self.things))

    @refuses(ALL, "BUSY")
    def refused(self) -> bool:
        return is_beyond(self.refs)
"""


def machine() -> Machine:
    return read_text(SPEC, PATH)


def test_a_constant_is_its_value_in_defaults_bounds_and_expressions() -> None:
    read = machine()
    assert [(v.name, v.type, v.initial) for v in read.variables][:1] == [("refs", IntType(-5, 16), -5)]
    assert [v.initial for v in read.variables[1:]] == [True]
    assert [f.initial for f in read.families[0].fields] == ["SMALL", 5]
    assert show(read.actions[0].when[0]) == "self.refs < 16 and True"


def test_a_constant_keeps_no_bounds() -> None:
    text = "from quiesce.spec import Machine, Nat, always\n\nLIMIT = 5\n\n\nclass C(Machine):\n    n: Nat = 0\n\n"
    read = read_text(f"{text}    @always\n    def a(self) -> bool:\n        return self.n + LIMIT > LIMIT\n", PATH)
    claim = read.promises[0].claim.claim  # type: ignore[union-attr]
    assert claim.right == Literal(5, INT)  # type: ignore[union-attr]


def test_a_group_stands_for_its_calls_in_the_order_of_the_text() -> None:
    read = machine()
    assert [action.calls for action in read.actions] == [("Put", "PutMore"), ("Take", "Put", "PutMore")]
    assert read.promises[0].claim.calls == ("Put", "PutMore", "Take")  # type: ignore[union-attr]


def test_a_function_is_put_in_place_where_it_is_called() -> None:
    read = machine()
    assert show(read.actions[1].when[0]) == "any(t.weight > 5 and t.size == Size.SMALL for t in self.things)"
    assert show(read.promises[0].claim.claim) == "self.refs > 5"  # type: ignore[union-attr]


def test_nothing_of_the_names_is_left_in_the_machine() -> None:
    meanings = {
        "-LIMIT": "-5",
        "LIMIT": "5",
        "LOWEST": "-5",
        "DOUBLE": "16",
        "READY": "True",
        "USUAL": "Size.SMALL",
        "MANY": '"Put", "PutMore"',
        "ALL": 'calls("Put", "PutMore", "Take")',
    }
    lines = [line for line in SPEC.splitlines() if line.partition(" = ")[0].strip() not in meanings]
    text = "\n".join(lines)
    for name, value in meanings.items():
        text = re.sub(rf"(?<!\w){name}\b", value, text)
    assert read_text(text, PATH) == machine()


SHARED = """
from quiesce.spec import Machine, Nat, always
from requirements_of_all import R2

LIMIT = 3


class Counter(Machine):
    refs: Nat = 0

    @always(satisfies=R2)
    def counts(self) -> bool:
        return self.refs >= 0
"""


def test_a_shared_requirement_is_the_specs_own_and_stands_where_it_is_imported() -> None:
    [requirement] = read_text(SHARED, PATH, BAD).requirements
    assert (requirement.id, requirement.text, requirement.source) == ("R2", "Two.", "a page")
    assert (requirement.span.line, requirement.span.column) == (3, 33)
    own = SHARED.replace("from requirements_of_all import R2", "").replace(
        "LIMIT = 3", 'from quiesce.spec import Requirement\nR2 = Requirement("R2", "Two.", "a page")'
    )
    assert read_text(SHARED, PATH, BAD) == read_text(own, PATH)


def test_only_the_requirements_that_are_imported_have_to_be_carried() -> None:
    assert [r.id for r in read_text(SHARED, PATH, BAD).requirements] == ["R2"]


def test_a_file_that_is_not_there_is_missed_once_and_not_for_each_name() -> None:
    text = SHARED.replace("from requirements_of_all import R2", "from missing import R1, R2, R3")
    with pytest.raises(SpecError) as refusal:
        read_text(text, PATH, BAD)
    assert [found.message for found in refusal.value.diagnostics] == ["there is no `missing.py` beside this spec"]


def test_a_file_of_requirements_is_read_once_for_all_the_names_of_an_import(monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[Path] = []

    def counted(path: Path, shown_as: PurePosixPath) -> Source:
        read.append(path)
        return load(path, shown_as)

    monkeypatch.setattr("quiesce.spec.reading.requirements.load", counted)
    machine = read_text(SHARED.replace("import R2", "import R1, R2"), PATH, BAD)
    assert [requirement.id for requirement in machine.requirements] == ["R1", "R2"]
    assert read == [BAD / "requirements_of_all.py"]
