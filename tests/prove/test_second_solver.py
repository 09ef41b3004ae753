"""Another solver, given nothing but the SMT-LIB text of each condition, says the same as the first."""

from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import cvc5
import pytest
from quiesce.kernel.batches import Batch
from quiesce.kernel.established import conditions as derive
from quiesce.kernel.kinds import Kind, id_of
from quiesce.kernel.plan import Plan
from quiesce.kernel.problem import problem_of
from quiesce.kernel.rules.steps import framed
from quiesce.prove.effort import Effort
from quiesce.prove.prover import verify
from quiesce.prove.results import Report, Verdict
from quiesce.prove.search.runs import Runs
from quiesce.prove.solving.z3_solver import Check, Solver
from quiesce.spec.model import Machine
from quiesce.spec.reader import read_file, read_text

from tests.by_day import at_night, by_day
from tests.labels import name_of
from tests.machines import changed
from tests.reports import verdicts_by_id
from tests.twins import BROKEN, machine_of

ROOT = Path(__file__).parents[2]
FLAGSHIP = ROOT / "model" / "winsock.py"
TWINS = {
    "step/release/drained_before_freed": (
        "        when(not any(s.state == SocketState.CLOSING for s in self.sockets))\n",
        "",
    ),
    "step/initialised/every_initialisation_begins_an_epoch": (
        "        self.epoch += 1\n\n    @internal(satisfies=R4)",
        "\n    @internal(satisfies=R4)",
    ),
    "step/initialisation_failed/released_means_as_new": (
        "        self.phase = Phase.UNLOADED\n        self.lowest = 0\n\n    @call",
        "        self.phase = Phase.UNLOADED\n\n    @call",
    ),
    "total/WSPCleanup/covered": ("        when(self.refs == 0)\n", "        when(self.refs < 0)\n"),
    "total/WSPCleanup/exclusive": ("        when(self.refs == 0)\n", "        when(self.refs <= 1)\n"),
    "leads_to/drain_ends/possible": (
        "@leads_to(fair=[finish_close, drain_bound_expires, release]",
        "@leads_to(fair=[finish_close, release]",
    ),
}
"""One fault in the flagship for each condition: a text that occurs once, and what takes its place."""

BUDGET = "200000"
"""Units of the second solver's own resource limit, far more than any true condition needs."""


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition as the first solver was given it, with that solver's answer."""

    name: str
    script: str
    check: Check


def conditions_of(
    machine: Machine, monkeypatch: pytest.MonkeyPatch, options: Effort | None = None
) -> tuple[Report, list[Condition]]:
    """The report on a machine, and every condition on the way to it."""
    seen: list[Condition] = []
    check = Solver.check

    def noted(self: Solver, batch: Batch[object]) -> tuple[Check, ...]:
        answers = check(self, batch)
        own = batch.problem.machine.name
        contract = "" if own == machine.name else f"contract/{own}/"
        for number, ((about, _), answer) in enumerate(zip(batch.goals, answers, strict=True)):
            seen.append(Condition(f"{contract}{name_of(about)}", batch.conditions[number].text(), answer))
        return answers

    with monkeypatch.context() as patch:
        patch.setattr(Solver, "check", noted)
        return verify(machine, options), seen


def second_opinion(script: str) -> str:
    """What the second solver prints when it runs the script."""
    solver = cvc5.Solver()
    solver.setOption("rlimit", BUDGET)
    parser = cvc5.InputParser(solver)
    parser.setStringInput(cvc5.InputLanguage.SMT_LIB_2_6, script, "condition")
    symbols = parser.getSymbolManager()
    said = ""
    while not (command := parser.nextCommand()).isNull():
        said += command.invoke(solver, symbols)
    return said.strip()


def test_the_second_solver_can_say_no() -> None:
    assert second_opinion("(set-logic ALL)(declare-const n Int)(assert (> n 3))(check-sat)") == "sat"
    assert second_opinion("(set-logic ALL)(declare-const n Int)(assert (> 3 n 3))(check-sat)") == "unsat"


@pytest.mark.nightly
@pytest.mark.slow
def test_the_second_solver_agrees_on_every_condition_of_the_flagship(monkeypatch: pytest.MonkeyPatch) -> None:
    machine = read_file(FLAGSHIP)
    report, conditions = conditions_of(machine, monkeypatch)
    proved = {condition.name for condition in conditions if condition.check.proved}
    without = {id_of(about) for about, _ in framed(problem_of(machine))}
    for result in report.results:
        obligation = result.obligation
        match obligation.kind:
            case Kind.TRACED | Kind.WITNESS | Kind.EXPECTED_FAILURE | Kind.CONTRACT:
                continue  # these rest on a look at the spec, on a run, or on another spec
            case _:
                assert (obligation.id in proved) != (obligation.id in without), obligation.id
    disagreements = [c.name for c in conditions if c.check.proved and second_opinion(c.script) != "unsat"]
    assert disagreements == []


@pytest.mark.slow
@pytest.mark.parametrize("name", by_day(TWINS, 6))
def test_the_second_solver_does_not_prove_what_is_false(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    right, wrong = TWINS[name]
    text = FLAGSHIP.read_text(encoding="utf-8")
    twin = read_text(changed(text, (right, wrong)), PurePosixPath("winsock.py"), folder=FLAGSHIP.parent)
    # Conditions that lean on helpers, too, are those of the small specs below: of them there are more, and sooner.
    report, conditions = conditions_of(twin, monkeypatch, Effort(strengthen=False))
    verdict = verdicts_by_id(report)[name]
    assert verdict is not Verdict.PROVED
    failed = [condition for condition in conditions if condition.name == name]
    assert failed
    assert all(second_opinion(condition.script) != "unsat" for condition in failed)


@pytest.mark.parametrize("name", ["distrusted_borrowers", at_night("drain_never_ends"), "overlooked_laggard"])
def test_the_second_solver_does_not_prove_what_is_false_from_helpers_either(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where helpers were looked for, and conditions put once more with those that were found."""
    monkeypatch.setattr(Runs, "glance", lambda *_: None)  # what a run is seen to break gets no helper
    report, conditions = conditions_of(machine_of(BROKEN[name]), monkeypatch)
    refuted = {result.obligation.id for result in report.results if result.verdict is Verdict.REFUTED}
    asked = {condition.script: condition for condition in conditions if condition.name in refuted}
    assert len(asked) > len(refuted) > 0
    # What rests on a promise that fell may have been proved as long as it stood; what stands at the end counts.
    assert report.established is not None
    derived = derive(Plan(report.established.problem), report.hints, {})
    standing = {condition.text() for listed in derived.values() for condition in listed}
    failed = {script: condition for script, condition in asked.items() if script in standing}
    assert failed
    assert not any(condition.check.proved for condition in failed.values())
    assert [condition.name for script, condition in failed.items() if second_opinion(script) == "unsat"] == []
