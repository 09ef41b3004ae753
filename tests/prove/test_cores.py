"""Proof cores: what is in them, where the parts stand, and how the page shows them."""

import os
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from operator import attrgetter
from pathlib import Path, PurePosixPath

import pytest
from quiesce.console.reports.pages.cores import core_lines, cores_by_promise, cores_markdown
from quiesce.cores.parts import Assumed, CoreReport, Guard, Initial, Update
from quiesce.prove.checked import CheckedMachine
from quiesce.prove.effort import Effort
from quiesce.prove.prover import verify
from quiesce.prove.results import Report, Verdict
from quiesce.spec.model import Initially, Span
from quiesce.spec.reader import read_text

from tests.by_day import at_night
from tests.prove.booked import BOOKED, booked, report_of, rests_on, texts
from tests.reports import verdicts_by_id

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
FLAGSHIP, SMALL = ROOT / "model" / "winsock.py", ROOT / "model" / "winsock_contract.py"


# --- what is in a core -------------------------------------------------------------------------------------------


def test_a_guard_is_in_the_core_of_the_one_promise_that_needs_it() -> None:
    report = report_of(booked())
    needing = [found.claim for found in report.claims if ("close", "self.taken == 0") in texts(found.rests_on, Guard)]
    assert needing == ["call Close", "closed_when_empty"]
    weaker = booked(("when(self.taken == 0)\n        self.open", "when(self.taken >= 0)\n        self.open"))
    verdicts = verdicts_by_id(verify(weaker))
    broken = {name for name, verdict in verdicts.items() if verdict is Verdict.REFUTED}
    assert broken == {"step/close/closed_when_empty", "total/Close/exclusive"}


def test_an_assumption_is_in_the_core_of_the_promise_that_needs_it() -> None:
    report = report_of(booked())
    assert texts(rests_on(report, "seats_are_paid_for"), Assumed) == [("book", "price > 0")]
    unfounded = booked(('        assume(price > 0, "nobody books for nothing")\n', ""))
    verdicts = verdicts_by_id(verify(unfounded))
    assert verdicts["step/book/seats_are_paid_for"] is Verdict.REFUTED


def test_what_nobody_needs_is_idle() -> None:
    report = report_of(booked())
    idle = [part for part in report.idle_parts if isinstance(part, Initial | Guard | Update)]
    assert len(idle) == len(report.idle_parts)
    assert [part.place for part in idle if isinstance(part, Initial)] == ["self.open"]
    assert texts(report.idle_parts, Guard) == []
    assert texts(report.idle_parts, Update) == [("close", "self.open = False")]


def test_a_promise_that_needs_an_idle_update_makes_it_busy() -> None:
    promise = '''
    @step(only=book)
    def counts_its_price(self, old: "Booked", price: Nat) -> bool:
        """The last price is kept."""
        return self.charged == price
'''
    report = report_of(read_text(f"{BOOKED}{promise}", PurePosixPath("booked.py")))
    assert texts(rests_on(report, "counts_its_price"), Update) == [("book", "self.charged = price")]


def test_promises_about_answers_and_the_start_rest_on_guards_and_initial_values() -> None:
    promises = '''
    @refuses("Close", "IN_USE")
    def closes_on_nobody(self) -> bool:
        """Not while somebody sits there."""
        return self.taken == 1

    @enabled(close)
    def can_be_closed(self) -> bool:
        """Once all have left."""
        return self.taken == 0

    @initially
    def opens_empty(self) -> bool:
        """Nobody sits there yet."""
        return self.open and self.taken == 0
'''
    imports = ("import Machine,", "import accepts, enabled, initially, refuses, Machine,")
    report = report_of(read_text(f"{BOOKED}{promises}".replace(*imports), PurePosixPath("booked.py")))
    assert report.unexplained == ()
    assert texts(rests_on(report, "closes_on_nobody"), Guard) == [("in_use", "self.taken > 0")]
    assert texts(rests_on(report, "can_be_closed"), Guard) == [("close", "self.taken == 0")]
    initial = rests_on(report, "opens_empty")
    assert [part.place for part in initial if isinstance(part, Initial)] == ["self.taken", "self.open"]
    assert len(initial) == 2


def test_parts_say_where_they_stand() -> None:
    machine = booked()
    lines = BOOKED.splitlines()
    for part in (*rests_on(report_of(machine), "seats_are_paid_for"), *rests_on(report_of(machine), "call Give")):
        if isinstance(part, Guard):
            assert "when(" in lines[part.span.line - 1]
            assert part.text.split()[0] in lines[part.span.line - 1]
        if isinstance(part, Update):
            assert part.place in lines[part.span.line - 1]


@pytest.mark.slow
@pytest.mark.parametrize("path", [SMALL, at_night(FLAGSHIP)], ids=attrgetter("stem"))
def test_every_promise_has_a_run_that_names_an_action(
    path: Path, verified: Callable[[Path], Report], core_report_once: Callable[[CheckedMachine, Effort], CoreReport]
) -> None:
    report = core_report_once(CheckedMachine(verified(path)), Effort())
    promises = {promise.name: promise for promise in report.machine.promises}
    assert {found.claim for found in report.claims if found.is_promise} == set(promises)
    for found in report.claims:
        if found.is_promise and not isinstance(promises[found.claim].claim, Initially):
            assert found.action in report.machine.actions_by_name
    assert report.unexplained == ()


# --- what cannot be told apart, and the page ----------------------------------------------------------------------

UNTOLD = '''
from quiesce.spec import Family, Int, Machine, Member, Nat, always, call, count, implies

class Room(Member):
    """A room with a number of guests."""
    guests: Nat = 0

class House(Machine):
    """Counts its full rooms if it is asked to."""
    rooms: Family[Room]
    full: Int = 0
    guests: Nat = 0

    @call("Enter")
    def enter(self, r: Room, asked: bool) -> None:
        """One more guest."""
        r.guests += 1
        self.guests += 1
        self.full = count(q.guests > 0 and asked for q in self.rooms)

    @always
    def known(self) -> bool:
        """Guests are known to the house."""
        return all(implies(r.guests > 0, self.guests > 0) for r in self.rooms)
'''


def test_a_step_that_cannot_be_told_apart_is_listed_as_unexplained() -> None:
    report = report_of(read_text(UNTOLD, PurePosixPath("house.py")))
    assert "step/enter/known" in report.unexplained
    assert "- `step/enter/known`" in cores_markdown(report)


def test_the_page_names_every_promise_its_witness_and_what_is_idle() -> None:
    report = report_of(booked())
    page = cores_markdown(report)
    rows = [line for line in page.splitlines() if line.startswith("| `")]
    assert [row.split("`")[1] for row in rows] == ["seats_are_paid_for", "closed_when_empty"]
    assert "`close`" in rows[1]
    line = 1 + BOOKED.splitlines().index("        self.open = False")
    assert f"| {line} | update of `close` | `self.open = False` |" in page
    assert "no core was found" not in page


def test_the_committed_page_counts_and_names_no_line() -> None:
    report = report_of(booked())
    assert list(cores_by_promise(report)) == ["seats_are_paid_for", "closed_when_empty"]
    for counted in cores_by_promise(report).values():
        assert re.fullmatch(r"\d+ [a-z ]+(, \d+ [a-z ]+)*", counted)
    brief = "\n".join(core_lines(report))
    assert "| update of `close` | `self.open = False` |" in brief
    assert (
        re.findall(r"\d", brief.partition("### What nothing rests on")[2].replace("== 0", "").replace("= 0", "")) == []
    )
    moved = replace(report, idle_parts=tuple(replace(part, span=Span(99, 1, 99, 2)) for part in report.idle_parts))
    assert "\n".join(core_lines(moved)) == brief
    unexplained = replace(report.claims[0], unexplained=("step/close/seats_are_paid_for",))
    assert "- `step/close/seats_are_paid_for`" in "\n".join(core_lines(replace(report, claims=(unexplained,))))


def test_the_page_of_a_spec_without_idle_parts_says_so() -> None:
    report = report_of(booked())
    busy = replace(report, idle_parts=())
    assert "is in some core" in cores_markdown(busy)
    assert "is in some core" not in cores_markdown(report)


PRINT = """
from pathlib import Path
from quiesce.console.reports.pages.cores import cores_markdown
from quiesce.prove.checked import CheckedMachine
from quiesce.prove.effort import Effort
from quiesce.prove.prover import verify
from quiesce.cores.report import core_report
from quiesce.spec.reader import read_file
report = core_report(CheckedMachine(verify(read_file(Path("tests/specs/good/counted_drain.py")))), Effort())
print(cores_markdown(report))
print([(found.claim, found.rests_on) for found in report.claims], report.idle_parts)
"""


@pytest.mark.nightly
@pytest.mark.slow
def test_nothing_depends_on_the_hash_seed() -> None:
    printed = {
        subprocess.run(
            [sys.executable, "-c", PRINT],
            cwd=ROOT,
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
            text=True,
        ).stdout
        for seed in ("1", "4242")
    }
    assert len(printed) == 1
    assert "# Pool: proof cores" in printed.pop()
