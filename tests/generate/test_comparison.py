"""Ordinary specs whose cores could not be proved equal, though they were."""

import re
from pathlib import Path, PurePosixPath

import pytest
from quiesce.generate.core.validation import compare, validate
from quiesce.generate.package import render_machine
from quiesce.prove.checked import CheckedMachine
from quiesce.prove.effort import Effort
from quiesce.prove.equivalence.equal_totals import Settled, settled
from quiesce.spec.model import INT, Binary, Field, Literal, Op, Quantified, Quantifier, Total

from tests.generate.cores import core_of, disagreements, machine_of, report_on, spec_of

ORDINARY = Path(__file__).with_name("specs").joinpath("ordinary.py").read_text(encoding="utf-8")

RESTS_ON_A_HELPER = spec_of("""
    class Phase(Enum):
        DOWN = auto()
        UP = auto()

    class M(Machine):
        phase: Phase = Phase.DOWN
        refs: Nat = 0

        @call("start")
        def start_first(self) -> None:
            when(self.phase == Phase.DOWN)
            self.phase = Phase.UP
            self.refs = 1

        @call("start")
        def start_again(self) -> None:
            when(self.phase == Phase.UP)
            self.refs += 1

        @call("stop")
        def stop_last(self) -> None:
            when(self.refs == 1)
            self.refs = 0
            self.phase = Phase.DOWN

        @call("stop")
        def stop_one(self) -> None:
            when(self.refs > 1)
            self.refs -= 1

        @call("stop", fails="DOWN")
        def is_down(self) -> None:
            when(self.phase == Phase.DOWN)
""")

TOTALS = spec_of("""
    class S(Member):
        open: bool = False
        load: Nat = 0

    class M(Machine):
        most: Nat = 0
        all_of_it: Nat = 0
        ss: Family[S]

        @call("look")
        def look(self, n: Nat, s: S, t: S) -> None:
            self.most = max(self.most, count(u.open and u.load > n for u in self.ss))
            if s.open:
                retire(s)
                t.load += n
            self.all_of_it = sum(u.load for u in self.ss if u.load > n and u != t)
            s.open = True

        @call("again")
        def again(self, n: Nat, s: S) -> None:
            if sum(u.load for u in self.ss if u.load > n) > 1:
                for u in self.ss:
                    if u.load > n and u.open:
                        u.open = False
                        u.load = n
            self.most = count(u.open and u.load > n for u in self.ss)

        @environment
        def grow(self, n: Nat, s: S) -> None:
            when(s.open)
            s.load += n
""")

TWO_NEW = spec_of("""
    class S(Member):
        open: bool = False

    class M(Machine):
        ss: Family[S]

        @call("pair")
        def pair(self, b: bool, s: New[S], t: New[S]) -> None:
            s.open = True
            t.open = not s.open

        @environment
        def end(self, n: Nat, s: S, t: S) -> None:
            when(s.open and n > 0)
            retire(t)
            s.open = not t.open
""")

NAMES = spec_of("""
    class Kind(Enum):
        ONE = auto()
        TWO = auto()

    class S(Member):
        kind: Kind = Kind.ONE

    class M(Machine):
        v: Nat = 0
        ss: Family[S]

        @call("look")
        def look(self, number: Nat, kind: Kind, s: S) -> None:
            s.kind = kind
            self.v = number
""")


def test_names_that_stand_twice_and_steps_that_do_nothing() -> None:
    machine = machine_of(ORDINARY)
    assert compare(machine, (), ORDINARY, core_of(machine), Effort()) == ()


def test_the_comparison_knows_what_the_totality_of_a_call_rests_on() -> None:
    report = report_on(RESTS_ON_A_HELPER)
    machine, core = report.machine, core_of(report.machine)
    assert report.hints.helpers
    assert validate(CheckedMachine(report), RESTS_ON_A_HELPER, core, Effort()) == ()
    assert any("stop: " in difference for difference in compare(machine, (), RESTS_ON_A_HELPER, core, Effort()))


def test_loops_of_one_name_over_two_families_have_two_names() -> None:
    core = core_of(machine_of(ORDINARY))
    assert "for x_2 in self.arg:" in core  # `x` is a worker in another outcome of the call
    assert "for t_3 in self.arg:" in core  # `t_2` is what a quantifier inside is called


def test_a_product_of_a_product_is_read_back_as_it_stands_in_the_spec() -> None:
    text = spec_of("""
        class M(Machine):
            n: Nat = 1

            @call("grow")
            def grow(self) -> None:
                self.n = 2 * (3 * self.n)
    """)
    machine = machine_of(text)
    core = core_of(machine)
    assert "self.n = 2 * (3 * self.n)" in core
    assert compare(machine, (), text, core, Effort()) == ()


def test_totals_that_depend_on_arguments_are_compared() -> None:
    """A solver knows nothing of them; but where their terms are equal, so are they."""
    machine = machine_of(TOTALS)
    core = core_of(machine)
    assert compare(machine, (), TOTALS, core, Effort()) == ()
    assert disagreements(machine, core, range(20)) == []


@pytest.mark.parametrize(
    ("text", "fault", "named"),
    [
        ("u.open and u.load > n", "u.open and u.load >= n", "look: look: most"),
        ("if u.load > n and u is not t", "if u.load > n", "look: look: all_of_it"),
        ("sum(u.load for", "sum(u.load + 1 for", "look: look: all_of_it"),
        ("if u.load > n) > 1", "if u.load >= n) > 1", "again: again: most"),
        ("max(self.most,", "min(self.most,", "look: look: most"),
    ],
)
def test_totals_that_differ_are_never_taken_for_one(text: str, fault: str, named: str) -> None:
    machine = machine_of(TOTALS)
    core = core_of(machine)
    assert text in core, core
    found = compare(machine, (), TOTALS, core.replace(text, fault, 1), Effort())
    assert any(named in difference for difference in found), found


def test_members_that_are_new_together_and_arguments_in_any_order() -> None:
    """Tests are generated, too: they give no member twice as a new one, and arguments in the order of the method."""
    machine = machine_of(TWO_NEW)
    pages = render_machine(machine, "pair_provider", "threads")
    assert compare(machine, (), TWO_NEW, pages[PurePosixPath("pair_provider/core.py")], Effort()) == ()


@pytest.mark.parametrize(("name", "taken"), [("number", "dataclass"), ("Kind", "NotEnabled"), ("number", "Refused")])
def test_names_that_a_core_needs_itself_are_refused(name: str, taken: str) -> None:
    """The generator refuses such a spec; so does the comparison, whatever is given to it."""
    plain = core_of(machine_of(NAMES))
    assert compare(machine_of(NAMES), (), NAMES, plain, Effort()) == ()
    spec = re.sub(rf"\b{name}\b", taken, NAMES)
    found = compare(machine_of(spec), (), spec, re.sub(rf"\b{name}\b", taken, plain), Effort())
    assert any(taken in difference for difference in found), found


def test_a_total_that_depends_on_a_member_around_it_is_left_alone() -> None:
    machine = machine_of(TOTALS)
    term = Binary(Op.SUB, Field("u", "ss", "load", INT), Field("t", "ss", "load", INT))
    nested = Quantified(Quantifier.ANY, "t", "ss", Binary(Op.GT, Total("u", "ss", term), Literal(0, INT)))
    assert settled(machine, [nested], frozenset({"s"}), lambda *_: True) == Settled((nested,), ())
    free = settled(machine, [Binary(Op.GT, Total("u", "ss", term), Literal(0, INT))], frozenset({"t"}), lambda *_: True)
    assert [number.name for number in free.numbers] == ["total.0"]
