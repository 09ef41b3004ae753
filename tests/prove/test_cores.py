"""What proofs rest on: the relational conditions agree with the prover's, and what is in a core cannot be spared."""

import os
import re
import subprocess
import sys
from collections.abc import Callable, Container
from dataclasses import replace
from operator import attrgetter
from pathlib import Path, PurePosixPath
from typing import TypeGuard

import pytest
from quiesce.console.reports.pages.cores import core_lines, cores_by_promise, cores_markdown
from quiesce.cores import relation as relational
from quiesce.cores import report as reporting
from quiesce.cores.minimal import cores
from quiesce.cores.parts import (
    Argument,
    Assumed,
    Condition,
    CoreReport,
    Guard,
    Initial,
    Kept,
    Part,
    Promised,
    Ranged,
    Update,
)
from quiesce.cores.premises import argument_claims, guards, invariant_parts, resets, update
from quiesce.cores.relation import relation
from quiesce.cores.step_questions import idle_question, start_question, step_question
from quiesce.cores.switches import switched
from quiesce.kernel import problem as claims
from quiesce.kernel import subjects
from quiesce.kernel.batches import Batch
from quiesce.kernel.kinds import Kind, id_of, promise_of
from quiesce.kernel.problem import Problem, problem_of
from quiesce.kernel.rules.steps import framed, idle_batch, initial_batch, step_batches
from quiesce.kernel.rules.waits import waits_of
from quiesce.kernel.subjects import Preserved, Subject
from quiesce.prove.checked import CheckedMachine
from quiesce.prove.effort import Effort
from quiesce.prove.prover import verify
from quiesce.prove.results import Report, Verdict
from quiesce.prove.solving.z3_solver import Solver
from quiesce.spec.effects import Effect, effect_of
from quiesce.spec.meaning.formulas import compared_totals, inhabited, kept, totals_in
from quiesce.spec.meaning.totals import split
from quiesce.spec.model import (
    INT,
    Action,
    Assign,
    Expr,
    ForEach,
    If,
    IfElse,
    Initially,
    IntType,
    Machine,
    MemberType,
    Parameter,
    ParameterDecl,
    Retire,
    Span,
    Statement,
    Variable,
)
from quiesce.spec.reader import read_file, read_text
from quiesce.spec.rewrite import map_children
from quiesce.spec.show import show

from tests.machines import changed, text_of
from tests.reports import verdicts_by_id
from tests.twins import BROKEN, GOOD, Twin, machine_of

ROOT = Path(__file__).parents[2]
FLAGSHIP = ROOT / "model" / "winsock.py"

BOOKED = text_of("booked")


def booked(*changes: tuple[str, str]) -> Machine:
    return read_text(changed(BOOKED, *changes), PurePosixPath("booked.py"))


def report_of(machine: Machine) -> CoreReport:
    return reporting.core_report(CheckedMachine(verify(machine)), Effort())


def rests_on(report: CoreReport, claim: str) -> tuple[Part, ...]:
    return next(found.rests_on for found in report.claims if found.claim == claim)


def texts(parts: tuple[Part, ...], kind: type[Guard | Update | Assumed | Condition]) -> list[tuple[str, str]]:
    return [(part.action, part.text) for part in parts if isinstance(part, kind)]


# --- the two encodings -------------------------------------------------------------------------------------------


def by_preconditions(problem: Problem) -> dict[str, bool]:
    """What the prover's own conditions say of each start, step and idle step."""
    solver = Solver(Effort())
    batches = (initial_batch(problem), idle_batch(problem), *step_batches(problem))
    found = {
        about: check.proved
        for batch in batches
        for (about, _), check in zip(batch.goals, solver.check(batch), strict=True)
    }
    untouched = {about: answering is None or found[answering] for about, answering in framed(problem)}
    return {id_of(about): proved for about, proved in (found | untouched).items()}


def by_relations(problem: Problem) -> dict[str, bool]:
    """What the relational conditions say of them, those included of which the prover knows without a solver."""
    questions = [start_question(problem), idle_question(problem)]
    questions += [step_question(problem, action) for action in problem.moving]
    answers = (cores(question, Effort(), patience=1) for question in questions)
    return {id_of(about): core is not None for found in answers for about, core in found.items()}


def problem_in(path: Path) -> Problem:
    return problem_of(read_file(path))


@pytest.mark.slow
@pytest.mark.parametrize("path", [*GOOD.values(), FLAGSHIP], ids=lambda path: path.stem)
def test_good_specs_are_proved_by_relations_exactly_where_they_are_by_preconditions(path: Path) -> None:
    problem = problem_in(path)
    assert by_relations(problem) == by_preconditions(problem)


@pytest.mark.parametrize("twin", BROKEN.values(), ids=attrgetter("name"))
def test_relations_prove_nothing_more_of_broken_specs(twin: Twin) -> None:
    problem = problem_of(machine_of(twin))
    assert by_relations(problem) == by_preconditions(problem)


@pytest.mark.parametrize("path", [*GOOD.values(), FLAGSHIP], ids=lambda path: path.stem)
def test_waits_end_by_relations_too(path: Path, verified: Callable[[Path], Report]) -> None:
    report = verified(path)
    problem = problem_of(report.machine, report.hints.helpers)
    waits = {name: (wait, report.hints.ranks[name]) for name, wait in waits_of(problem.machine)}
    found: dict[Subject, frozenset[Part] | None] = {}
    for action in problem.moving:
        found |= cores(step_question(problem, action, (), waits), Effort(), patience=1)
    asked = {
        result.obligation.id: result.verdict is Verdict.PROVED
        for result in report.results
        if result.obligation.kind is Kind.LEADS_TO and not result.obligation.id.endswith("/possible")
    }
    assert {id_of(about): core is not None for about, core in found.items()} == asked


def test_an_encoder_that_loses_an_update_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    def forgetful(machine: Machine, action: Action) -> Effect:
        effect = effect_of(machine, action)
        return replace(effect, scalars={name: value for name, value in effect.scalars.items() if name != "users"})

    problem = problem_in(GOOD["counted_drain"])
    right = by_relations(problem)
    monkeypatch.setattr(claims, "effect_of", forgetful)
    wrong = by_preconditions(problem_in(GOOD["counted_drain"]))
    assert wrong != right


LEDGER = GOOD["every_byte_accounted"]

SHELF = '''
from quiesce.spec import Family, Machine, Member, Nat, always, call

class Jar(Member):
    """A jar that may be cracked."""
    cracked: bool = False
    beans: Nat = 0

class Shelf(Machine):
    """Counts its beans."""
    jars: Family[Jar]
    beans: Nat = 0

    @call("Fill")
    def fill(self, j: Jar, n: Nat, cracked: bool) -> None:
        """More beans."""
        j.beans += n
        j.cracked = cracked
        self.beans += n

    @call("Shake")
    def shake(self) -> None:
        """Cracked jars lose all they hold."""
        self.beans = sum(0 if j.cracked else j.beans for j in self.jars)
        for j in self.jars:
            if j.cracked:
                j.beans = 0

    @always
    def counted(self) -> bool:
        """All beans are counted."""
        return self.beans == sum(j.beans for j in self.jars)
'''


def test_totals_that_add_up_are_seen_to(monkeypatch: pytest.MonkeyPatch) -> None:
    problem = problem_in(LEDGER)
    right = by_relations(problem)
    assert all(right.values())
    monkeypatch.setattr(relational, "additions", lambda _: ())
    unproved = {name for name, proved in by_relations(problem).items() if not proved}
    assert unproved == {"step/stop/every_byte_is_accounted_for"}


def test_a_total_that_becomes_another_is_seen_to(monkeypatch: pytest.MonkeyPatch) -> None:
    problem = problem_of(read_text(SHELF, PurePosixPath("shelf.py")))
    assert by_relations(problem) == by_preconditions(problem)
    assert all(by_relations(problem).values())
    spilled = SHELF.replace("0 if j.cracked else j.beans", "j.beans if j.cracked else 0")
    wrong = problem_of(read_text(spilled, PurePosixPath("shelf.py")))
    assert by_relations(wrong) == by_preconditions(wrong)
    assert not by_relations(wrong)["step/shake/counted"]
    monkeypatch.setattr(relational.Relation, "_sums", lambda *_: ())
    assert not by_relations(problem)["step/shake/counted"]


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
def test_every_promise_has_a_run_that_names_an_action(
    verified: Callable[[Path], Report], core_report_once: Callable[[CheckedMachine, Effort], CoreReport]
) -> None:
    report = core_report_once(CheckedMachine(verified(FLAGSHIP)), Effort())
    promises = {promise.name: promise for promise in report.machine.promises}
    assert {found.claim for found in report.claims if found.is_promise} == set(promises)
    for found in report.claims:
        if found.is_promise and not isinstance(promises[found.claim].claim, Initially):
            assert found.action in report.machine.actions_by_name
    assert report.unexplained == ()


# --- cores are real ----------------------------------------------------------------------------------------------


def known_before(problem: Problem, action: Action) -> dict[Part, Expr]:
    """What each part says of the state before a step."""
    found: dict[Part, Expr] = dict(invariant_parts(problem))
    found |= dict(guards(action))
    for number, assumption in enumerate(action.assumes):
        found[Assumed(action.name, number, show(assumption.claim), assumption.span)] = assumption.claim
    for text, claim, span in argument_claims(problem.machine, action.parameters):
        found[Argument(action.name, text, span)] = claim
    return found


def resting_on(machine: Machine, action: Action, parts: Container[Part]) -> Action:
    """The action with any value at all, of the type without bounds, where no part says what the value is."""
    listed: list[Statement] = []
    extra: list[ParameterDecl] = []
    for statement in action.body:
        assert isinstance(statement, Assign | Retire)
        for assign in resets(machine, statement) if isinstance(statement, Retire) else [statement]:
            number = len(listed)
            known = update(action, number, statement, assign.target) in parts
            listed.append(assign if known else anything(assign, extra))
    written = {assign.target for assign in listed if isinstance(assign, Assign)}
    for variable in machine.variables:
        place = Variable(variable.name, variable.type)
        if place not in written and Kept(action.name, f"self.{variable.name}", action.span) not in parts:
            listed.append(anything(Assign(place, place, action.span), extra))
    return replace(action, parameters=(*action.parameters, *extra), body=tuple(listed))


def anything(assign: Assign, extra: list[ParameterDecl]) -> Assign:
    type_ = INT if isinstance(assign.target.type, IntType) else assign.target.type
    name = f"anything.{len(extra)}"
    extra.append(ParameterDecl(name, type_, new=False, span=assign.span))
    return replace(assign, value=Parameter(name, type_))


def with_switches(problem: Problem, action: Action, parts: Container[Part]) -> tuple[Problem, Action, Effect]:
    """The same for an action with loops and conditions: with any values where the switch of a part is off."""
    wired = switched(problem)
    on = {name for part, name in wired.switches.items() if part in parts}
    extra: list[ParameterDecl] = []
    kept_places = {part.place for part in relation(problem.machine, action).premises if is_kept(part) and part in parts}
    written = effect_of(problem.machine, action).scalars
    listed = [
        anything(Assign(place, place, action.span), extra)
        for place in (Variable(variable.name, variable.type) for variable in problem.machine.variables)
        if place.name not in written and f"self.{place.name}" not in kept_places
    ]
    changed = wired.problem.machine.actions_by_name[action.name]
    resting = replace(changed, parameters=(*action.parameters, *extra), body=(*changed.body, *listed))
    effect = effect_of(wired.problem.machine, resting)
    scalars = {place: switched_on(value, on) for place, value in effect.scalars.items()}
    fields = {place: switched_on(value, on) for place, value in effect.fields.items()}
    return wired.problem, resting, replace(effect, scalars=scalars, fields=fields)


def is_kept(part: Part) -> TypeGuard[Kept]:
    return isinstance(part, Kept)


def switched_on(expr: Expr, on: Container[str]) -> Expr:
    match expr:
        case IfElse(Variable(name), then, _) if name in on:
            return switched_on(then, on)
        case _:
            return map_children(expr, lambda child: switched_on(child, on))


def is_told_apart(problem: Problem, part: Part) -> bool:
    """Whether the prover's condition can do without a part.

    It says of no action that fields stay as they are, and takes for granted what totals owe to the ranges of fields.
    """
    match part:
        case Kept(_, place):
            return place.startswith("self.")
        case Ranged(place):
            return place.startswith("self.") or not problem.has_totals
        case _:
            return True


def is_proved(problem: Problem, action: Action, parts: Container[Part], goal: Expr) -> bool:
    """Whether the prover's condition holds if nothing but these parts, and what stays as it is, may be used."""
    if any(isinstance(statement, If | ForEach) for statement in action.body):
        asked, resting, effect = with_switches(problem, action, parts)
    else:
        asked, resting = problem, resting_on(problem.machine, action, parts)
        effect = effect_of(problem.machine, resting)
    there = (
        inhabited(asked.machine.family_of(p.type).name) for p in resting.parameters if isinstance(p.type, MemberType)
    )
    known = (split(claim) for part, claim in known_before(problem, action).items() if part in parts)
    premises = (*there, *known)
    goals = (("goal", kept(effect, goal)),)
    comparable = compared_totals(effect, totals_in((goal,)))
    batch = Batch(asked, resting.parameters, premises, goals, comparable, reachable=False)
    return Solver(Effort()).check(batch)[0].proved


SMALL = {"Group", "Patience", "Reception", "Tokens"}
"""Good specs too small to need every kind of part."""


@pytest.mark.slow
@pytest.mark.parametrize(
    "machine", [booked(), *(read_file(path) for path in GOOD.values())], ids=lambda machine: machine.name
)
def test_a_core_is_enough_and_without_any_part_of_it_the_step_is_no_longer_proved(machine: Machine) -> None:
    problem = problem_of(machine)
    goals = {invariant.name: invariant.claim for invariant in problem.invariants}
    goals |= {promise.name: claim.claim for promise, claim in problem.step_promises}
    tried = set()
    for action in problem.moving:
        for about, core in cores(step_question(problem, action), Effort()).items():
            goal = goals[str(promise_of(about))]
            assert core is not None
            assert is_proved(problem, action, core, goal), about
            for part in core:
                if is_told_apart(problem, part):
                    assert not is_proved(problem, action, core - {part}, goal), (about, part)
                    tried.add(type(part))
    assert {Guard, Update, Ranged, Promised} <= tried or machine.name in SMALL


def test_the_start_rests_on_the_initial_values_that_it_needs() -> None:
    found_cores = cores(start_question(problem_of(booked())), Effort())
    core = found_cores[subjects.Initial("seats_are_paid_for")]
    assert core is not None
    assert {part.place for part in core if isinstance(part, Initial)} == {"self.taken", "self.paid"}
    for before, now in (("taken: Nat = 0", "taken: Nat = 9"), ("paid: Nat = 0", "taken_: Nat = 0\n    paid: Nat = 0")):
        weaker = booked((before, now))
        verdict = verdicts_by_id(verify(weaker))
        assert (verdict["start/seats_are_paid_for"] is Verdict.REFUTED) == (now == "taken: Nat = 9")


def test_what_does_not_follow_has_no_core() -> None:
    broken = problem_of(booked(('        assume(price > 0, "nobody books for nothing")\n', "")))
    answers = cores(step_question(broken, broken.machine.actions_by_name["book"]), Effort())
    assert answers[Preserved("book", "seats_are_paid_for")] is None


def test_nothing_is_found_within_no_budget() -> None:
    problem = problem_of(booked())
    answers = cores(step_question(problem, problem.machine.actions_by_name["book"]), Effort(budget=1))
    assert answers[Preserved("book", "seats_are_paid_for")] is None


def test_both_ways_of_looking_know_the_same_parts() -> None:
    for path in (*GOOD.values(), FLAGSHIP):
        problem = problem_in(path)
        premises = {part for action in problem.machine.actions for part in relation(problem.machine, action).premises}
        wired = {part for part in premises if isinstance(part, Guard | Assumed | Condition | Update)}
        assert wired == set(switched(problem).switches)


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
