"""The two encodings of steps, by preconditions and by relations, prove the same."""

from collections.abc import Callable
from dataclasses import replace
from operator import attrgetter
from pathlib import Path, PurePosixPath

import pytest
from quiesce.cores import relation as relational
from quiesce.cores.minimal import cores
from quiesce.cores.parts import Part
from quiesce.cores.step_questions import idle_question, start_question, step_question
from quiesce.kernel import problem as claims
from quiesce.kernel.kinds import Kind, id_of
from quiesce.kernel.problem import Problem, problem_of
from quiesce.kernel.rules.steps import framed, idle_batch, initial_batch, step_batches
from quiesce.kernel.rules.waits import waits_of
from quiesce.kernel.subjects import Subject
from quiesce.prove.effort import Effort
from quiesce.prove.results import Report, Verdict
from quiesce.prove.solving.z3_solver import Solver
from quiesce.spec.effects import Effect, effect_of
from quiesce.spec.model import Action, Machine
from quiesce.spec.reader import read_file, read_text

from tests.by_day import at_night, by_day
from tests.prove.test_cores import FLAGSHIP
from tests.twins import BROKEN, GOOD, Twin, machine_of

pytestmark = pytest.mark.slow


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
@pytest.mark.parametrize("path", [*GOOD.values(), at_night(FLAGSHIP)], ids=lambda path: path.stem)
def test_good_specs_are_proved_by_relations_exactly_where_they_are_by_preconditions(path: Path) -> None:
    problem = problem_in(path)
    assert by_relations(problem) == by_preconditions(problem)


@pytest.mark.parametrize("twin", by_day(BROKEN.values(), 3), ids=attrgetter("name"))
def test_relations_prove_nothing_more_of_broken_specs(twin: Twin) -> None:
    problem = problem_of(machine_of(twin))
    assert by_relations(problem) == by_preconditions(problem)


@pytest.mark.parametrize("path", [*GOOD.values(), at_night(FLAGSHIP)], ids=lambda path: path.stem)
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
