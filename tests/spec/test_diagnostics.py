"""How a mistake is shown to a person."""

from pathlib import PurePosixPath

import pytest
from quiesce.spec.diagnostics import Diagnostic, SpecError, render
from quiesce.spec.model import Span
from quiesce.spec.reader import read_text

PATH = PurePosixPath("model/counter.py")


def refused(text: str) -> SpecError:
    with pytest.raises(SpecError) as caught:
        read_text(text, PATH)
    return caught.value


def test_a_mistake_is_shown_with_place_line_carets_and_help() -> None:
    error = refused("from quiesce.spec import Machine, Nat\n\nclass Counter(Machine):\n    refs: Natt = 0\n")
    assert str(error).split("\n") == [
        "model/counter.py:4:11: error[Q012]: nothing here is called `Natt`",
        "      refs: Natt = 0",
        "            ^^^^",
        "  help: did you mean `Nat`?",
    ]


def test_columns_count_characters_not_bytes() -> None:
    error = refused("class Größe(Enum): ä = 1; b = Ö\n")
    places = {(d.code, d.span.column, d.span.end_column) for d in error.diagnostics}
    assert {("Q015", 7, 12), ("Q015", 20, 21), ("Q023", 24, 25), ("Q023", 31, 32)} <= places


def test_carets_follow_tabs() -> None:
    error = refused("from quiesce.spec import Machine, Nat\nclass Counter(Machine):\n\trefs: Natt = 0\n")
    assert render(error.diagnostics[0]).split("\n")[1:3] == ["  \trefs: Natt = 0", "  \t      ^^^^"]


def test_a_form_feed_or_line_separator_is_no_end_of_line() -> None:
    error = refused('"""One\x0c two\u2028 three."""\ndel x\n')
    assert [(d.code, d.span.line, d.source_line) for d in error.diagnostics if d.code == "Q020"] == [
        ("Q020", 2, "del x")
    ]


def test_a_spec_cannot_steer_the_terminal() -> None:
    error = refused('x = "\x1b[31m"\n')
    assert "\x1b" not in str(error)


def test_a_very_long_line_is_cut_around_the_place() -> None:
    shown = render(Diagnostic("Q012", "a.py", Span(1, 5001, 1, 5004), "no", None, "x" * 5000 + "abc" + "y" * 5000))
    _, line, carets = shown.split("\n")
    assert len(line) < 200
    assert line[carets.index("^") : carets.rindex("^") + 1] == "abc"


def test_diagnostics_are_sorted_by_position() -> None:
    error = refused("del x\n\nclass A(B): pass\n\nclass C(Enum): pass\ndel y\n")
    places = [(d.span.line, d.span.column) for d in error.diagnostics]
    assert places == sorted(places)
    assert len(places) > 3


def test_one_mistake_is_reported_once_however_often_its_victim_is_used() -> None:
    text = """
from quiesce.spec import Machine, Nat, always
class Counter(Machine):
    refs: Natt = 0
    @always
    def a(self) -> bool:
        return self.refs > 0 and self.refs == 1 or self.refs + 1 > self.refs
    def helper(self) -> bool:
        return self.refs > nothing
    @always
    def b(self) -> bool:
        return self.helper() and not self.helper()
"""
    assert [(d.code, d.span.line) for d in refused(text).diagnostics] == [("Q012", 4), ("Q012", 9)]


LOST = """
from os import path
from quiesce.spec import Family, Machine, Member, Nat, Requirement, always, call, policy, retire, step, when
from quiesce.spec import Bool

R1 = Requirement("R1")
CHOICE = policy(path.UP, path.DOWN)
OTHER = path.join()

class Lost(path.Base):
    size: Nat = 0

class Thing(Member):
    pass
    kind: path.Kind = path.KIND
    flag: Bool = Bool.YES
    size = 0

class Counter(Machine):
    mode: Lost = Lost.MODE
    rest: path[int] = 0
    more: Family[Bool]
    things: Family[Thing]

    @path.call
    def lost(self) -> None:
        pass

    def helper(self, kind: Bool) -> bool:
        return self.mode == kind

    @call("A", satisfies=R1)
    def a(self, kind: Bool, t: "Thing") -> None:
        when(t.size > 1 and self.lost and kind == t.kind)
        when(self.helper(kind) and Lost.MODE == self.mode and CHOICE == OTHER)
        when(all(x.size == 1 for x in self.more) and min(t.size, t.flag) > self.rest[t])
        when((1 if self.mode else kind) == -t.size * 2 and not kind or t.size in (kind, 1))
        self.mode = kind
        self.mode += 1
        for x in self.more:
            retire(x)
        if kind:
            retire(kind)

    @step(unless=[lost], satisfies=[path])
    def b(self, old: "Counter") -> bool:
        return old.mode == self.mode and nothing(old.more)
"""


def test_what_depends_on_a_mistake_stays_silent() -> None:
    assert [(d.span.line, d.code) for d in refused(LOST).diagnostics] == [
        (2, "Q011"),
        (4, "Q011"),
        (6, "Q024"),
        (17, "Q026"),
        (47, "Q012"),
    ]


@pytest.mark.parametrize("number", ["9" * 5000, "9" * 31, "0x" + "f" * 5000, "-" + "9" * 4999])
def test_a_number_that_cannot_be_written_down_is_refused_where_it_stands(number: str) -> None:
    text = f"from quiesce.spec import Int, Machine\n\nclass Counter(Machine):\n    refs: Int = {number}\n"
    column = 17 + number.startswith("-")
    assert [(d.code, d.span.line, d.span.column) for d in refused(text).diagnostics] == [("Q007", 4, column)]


def test_a_number_of_thirty_digits_is_read() -> None:
    text = f"from quiesce.spec import Int, Machine, internal\n\nclass Counter(Machine):\n    refs: Int = {'9' * 30}\n"
    text += "    @internal\n    def down(self) -> None:\n        self.refs -= 1\n"
    assert read_text(text, PATH).variables[0].initial == 10**30 - 1
