"""What is owed to other layers rests on guards, conditions, updates and promises, and each of them is needed."""

from collections.abc import Callable
from pathlib import Path, PurePosixPath

import pytest
from quiesce.console.reports.pages.cores import cores_markdown
from quiesce.cores import questions as all_questions
from quiesce.cores import report as reporting
from quiesce.cores.layer_questions import layer_questions
from quiesce.cores.minimal import Question, cores
from quiesce.cores.parts import Condition, CoreReport, Guard, Initial, Part, Promised, Update
from quiesce.cores.switches import switched
from quiesce.kernel.kinds import Kind, id_of
from quiesce.kernel.obligations import obligations
from quiesce.kernel.problem import Problem, problem_of
from quiesce.kernel.rules.layers import layer_batches
from quiesce.prove.checked import CheckedMachine
from quiesce.prove.effort import Effort
from quiesce.prove.prover import verify
from quiesce.prove.results import Report, Verdict
from quiesce.prove.solving.z3_solver import Solver
from quiesce.spec.model import Machine
from quiesce.spec.reader import read_file, read_text

from tests.by_day import at_night
from tests.machines import changed, without_futures

pytestmark = pytest.mark.slow

MODEL = Path(__file__).parents[2] / "model"

SERVICE = '''
from quiesce.spec import Answer, Machine, Nat, assume, call, when


class Service(Machine):
    """Something that is started and stopped."""

    held: Nat = 0

    @call("Start")
    def start(self, more: Answer[bool]) -> None:
        """It has room for one more."""
        when(more)
        self.held += 1

    @call("Start", fails="BUSY")
    def busy(self, more: Answer[bool]) -> None:
        """It has no room."""
        when(not more)

    @call("Stop")
    def stop(self) -> None:
        """One less."""
        assume(self.held > 0, "a caller stops what it started")
        self.held -= 1
'''

RELAY = '''
from quiesce.spec import Answer, Uses, Machine, Nat, always, call, implies, step, when
from service import Service


class Relay(Machine, provides=Service):
    """Passes everything on."""

    held: Nat = 0
    left: bool = False
    lower: Uses[Service]

    @call("Start")
    def start(self, more: Answer[bool]) -> None:
        """It is started below."""
        when(not self.left)
        self.lower.start(more)
        self.held += 1

    @call("Start", fails="BUSY")
    def busy(self, more: Answer[bool]) -> None:
        """It is refused below."""
        when(not self.left)
        self.lower.busy(more)

    @call("Start", fails="BUSY")
    def closed(self) -> None:
        """Nothing is started any more."""
        when(self.left)

    @call("Stop")
    def stop(self) -> None:
        """It is stopped below."""
        when(self.held > 0)
        self.lower.stop()
        self.held -= 1

    @call("Stop", fails="NOT_STARTED")
    def stop_too_often(self) -> None:
        """Nothing is held."""
        when(self.held == 0)

    @call("Leave")
    def leave(self) -> None:
        """From now on nothing is started."""
        self.left = True

    @always
    def everything_is_passed_on(self) -> bool:
        """What is held here is held below."""
        return self.lower.held == self.held

    @step
    def left_for_good(self, old: "Relay") -> bool:
        """Nobody comes back."""
        return implies(old.left, self.left)
'''

ASKER = '''
from quiesce.spec import Answer, Uses, Machine, internal, when
from service import Service


class Asker(Machine):
    """Asks until it is told yes."""

    told: bool = False
    lower: Uses[Service]

    @internal
    def ask(self, more: Answer[bool]) -> None:
        """There is room."""
        when(not self.told)
        self.lower.start(more)
        self.told = True

    @internal
    def ask_in_vain(self, more: Answer[bool]) -> None:
        """There is none. Nothing happens."""
        when(not self.told)
        self.lower.busy(more)
'''


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("specs")
    (folder / "service.py").write_text(SERVICE, encoding="utf-8")
    return folder


def relay(folder: Path, *changes: tuple[str, str]) -> Machine:
    return read_text(changed(RELAY, *changes), PurePosixPath("relay.py"), folder)


def report_of(machine: Machine) -> CoreReport:
    return reporting.core_report(CheckedMachine(verify(machine)), Effort())


@pytest.fixture
def flagship(
    verified: Callable[[Path], Report], core_report_once: Callable[[CheckedMachine, Effort], CoreReport]
) -> Callable[[str], CoreReport]:
    """What a model of this repository rests on, by its name."""
    return lambda name: core_report_once(CheckedMachine(verified(MODEL / f"{name}.py")), Effort())


def rests_on(report: CoreReport, claim: str) -> tuple[Part, ...]:
    return next(found.rests_on for found in report.claims if found.claim == claim)


def told(parts: tuple[Part, ...]) -> set[str]:
    """Parts in few words."""
    found = set()
    for part in parts:
        match part:
            case Guard(action, _, text) | Condition(action, _, text) | Update(action, _, _, text):
                found.add(f"{action}: {text}")
            case Promised(name):
                found.add(name)
            case Initial(place, text):
                found.add(f"{place} = {text}")
            case _:
                found.add(str(part))
    return found


def all_of(report: CoreReport) -> dict[str, set[str]]:
    return {found.claim: told(found.rests_on) for found in report.claims if found.is_owed}


def refuted(machine: Machine) -> set[str]:
    """The obligations towards other layers that do not hold."""
    results = verify(without_futures(machine), Effort(strengthen=False, depth=6)).results
    owed = [result for result in results if result.obligation.kind in reporting.OWED]
    return {result.obligation.id for result in owed if result.verdict is Verdict.REFUTED}


# --- each of them rests on something ------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("name", ["winsock", at_night("winsock_layered")])
@pytest.mark.nightly
def test_every_obligation_towards_other_layers_is_told_what_it_rests_on(
    name: str, flagship: Callable[[str], CoreReport], verified: Callable[[Path], Report]
) -> None:
    report = flagship(name)
    listed = verified(MODEL / f"{name}.py").results
    owed = [r.obligation.id for r in listed if r.obligation.kind in {Kind.PRECONDITION, Kind.REFINEMENT}]
    assert [found.claim for found in report.claims if found.is_owed] == owed
    assert len(owed) > 20
    assert report.unexplained == ()


def test_a_duty_that_is_not_looked_at_is_unexplained(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(all_questions, "layer_questions", lambda *_: ())
    report = report_of(relay(folder))
    owed = [found.claim for found in report.claims if found.is_owed]
    assert "precondition/stop/lower.stop/1" in owed
    assert set(report.unexplained) == set(owed)
    assert "- `precondition/stop/lower.stop/1`" in cores_markdown(report)


def test_no_two_obligations_have_one_id_whatever_actions_are_called() -> None:
    text = (MODEL / "winsock.py").read_text(encoding="utf-8")
    for name in ("first_startup", "nested_startup"):
        assert f"def {name}(" in text
    renamed = text.replace("first_startup", "start").replace("nested_startup", "shared")
    listed = [owed.id for owed in obligations(problem_of(read_text(renamed, PurePosixPath("winsock.py"), MODEL)))]
    assert {"refinement/start", "refinement/(start)", "refinement/shared", "refinement/(shared)"} <= set(listed)
    assert len(set(listed)) == len(listed)


def test_a_relay_rests_on_what_it_says(folder: Path) -> None:
    found = all_of(report_of(relay(folder)))
    assert found["precondition/stop/lower.stop/1"] == {"stop: self.held > 0", "everything_is_passed_on"}
    asked = {"start: not self.left", "busy: not self.left"}
    assert found["precondition/start/lower.start/answered_1"] == {"start: more", "busy: not more", *asked}
    assert found["refinement/start"] == {"start: self.held = self.held + 1"}
    assert found["refinement/stop"] == {"stop: self.held = self.held - 1"}
    assert found["refinement/stop_too_often"] == {"stop_too_often: self.held == 0"}
    assert found["refinement/(shared)"] == set()


GONE = {
    "the guard of a duty": (
        ("        when(self.held > 0)\n", "        when(self.held >= 0)\n"),
        "precondition/stop/lower.stop/1",
        "stop: self.held > 0",
    ),
    "the guard that deals with an answer": (
        (
            "        when(not self.left)\n        self.lower.busy(more)",
            "        when(False)\n        self.lower.busy(more)",
        ),
        "precondition/start/lower.start/answered_1",
        "busy: not self.left",
    ),
    "an update that the contract asks for": (
        ("        self.held += 1\n", "        self.held += 2\n"),
        "refinement/start",
        "start: self.held = self.held + 1",
    ),
    "the guard of a refusal": (
        ("        when(self.held == 0)\n", "        when(self.held < 2)\n"),
        "refinement/stop_too_often",
        "stop_too_often: self.held == 0",
    ),
}


@pytest.mark.parametrize("name", GONE)
def test_without_a_part_of_its_core_it_is_refuted(name: str, folder: Path) -> None:
    change, obligation, part = GONE[name]
    assert part in all_of(report_of(relay(folder)))[obligation]
    assert obligation in refuted(relay(folder, change))


def test_without_a_part_of_no_core_it_still_holds(folder: Path) -> None:
    found = all_of(report_of(relay(folder)))
    assert not any("leave: self.left = True" in parts for parts in found.values())
    assert refuted(relay(folder, ("        self.left = True\n", "        pass\n"))) == set()


@pytest.mark.nightly
def test_the_condition_around_a_call_is_in_the_core_of_its_duty(flagship: Callable[[str], CoreReport]) -> None:
    found = all_of(flagship("winsock_layered"))
    expected = {"release: self.below == Below.USABLE", "holds_one_lower_startup_or_none"}
    assert found["precondition/release/lower.cleanup/1"] == expected
    text = (MODEL / "winsock_layered.py").read_text(encoding="utf-8")
    before = "        if self.below == Below.USABLE:\n            self.lower.cleanup()\n"
    other = changed(text, (before, "        if self.below == Below.DOWN:\n            self.lower.cleanup()\n"))
    assert "precondition/release/lower.cleanup/1" in refuted(read_text(other, PurePosixPath("layered.py"), MODEL))


def test_an_update_before_a_condition_is_in_the_core_of_what_stands_under_it(folder: Path) -> None:
    body = "        when(self.held > 0)\n        self.lower.stop()\n        self.held -= 1\n"
    guarded = "        self.held -= 1\n        if self.held >= 0:\n            self.lower.stop()\n"
    core = core_of(problem_of(relay(folder, (body, guarded))), "precondition/stop/lower.stop/1")
    assert core is not None
    needed = {"stop: self.held = self.held - 1", "stop: self.held >= 0", "everything_is_passed_on"}
    assert told(tuple(core)) == needed


@pytest.mark.nightly
def test_the_start_of_an_offer_rests_on_the_initial_value_that_tells_it(
    flagship: Callable[[str], CoreReport],
) -> None:
    assert all_of(flagship("winsock"))["refinement/(start)"] == {"self.phase = Phase.UNLOADED"}


# --- a core is enough, and nothing in it can be spared ------------------------------------------------------------


def questions(problem: Problem) -> list[Question]:
    return list(layer_questions(switched(problem), problem))


def core_of(problem: Problem, obligation: str) -> frozenset[Part] | None:
    found = {id_of(about): core for question in questions(problem) for about, core in cores(question, Effort()).items()}
    return found[obligation]


def follows(question: Question, negated: str, parts: frozenset[Part]) -> bool:
    """Whether a goal follows from these parts."""
    terms = (*question.known, *(question.premises[part] for part in parts), negated)
    return Solver(Effort()).unsatisfiable(question.declarations, terms)


@pytest.mark.parametrize("name", ["winsock", at_night("winsock_layered")])
def test_a_core_is_enough_and_without_any_part_of_it_the_obligation_is_no_longer_proved(name: str) -> None:
    tried = set()
    for question in questions(problem_of(read_file(MODEL / f"{name}.py"))):
        found = cores(question, Effort())
        for goal in question.goals:
            core = found[goal.obligation]
            assert core is not None, goal.obligation
            assert follows(question, goal.negated, core), goal.obligation
            for part in core:
                assert not follows(question, goal.negated, core - {part}), (goal.obligation, part)
                tried.add(type(part))
    assert {Guard, Update, Promised, Initial} <= tried


# --- the two ways of asking ---------------------------------------------------------------------------------------


def by_conditions(problem: Problem) -> dict[str, bool]:
    return {
        id_of(about): check.proved
        for _, batch in layer_batches(problem)
        for (about, _), check in zip(batch.goals, Solver(Effort()).check(batch), strict=True)
    }


def by_switches(problem: Problem) -> dict[str, bool]:
    return {
        id_of(about): core is not None
        for question in questions(problem)
        for about, core in cores(question, Effort()).items()
    }


CHANGES = (
    (),
    *((change,) for change, _, _ in GONE.values()),
    (("        self.left = True\n", "        self.held = 0\n"),),
    (("return self.lower.held == self.held", "return self.lower.held >= 0"),),
    (("        self.lower.stop()\n", "        if self.left:\n            self.lower.stop()\n"),),
    (("        self.lower.stop()\n", "        self.lower.stop()\n        self.lower.stop()\n"),),
)


@pytest.mark.parametrize("changes", CHANGES)
def test_with_all_switches_on_the_same_is_proved(changes: tuple[tuple[str, str], ...], folder: Path) -> None:
    problem = problem_of(relay(folder, *changes))
    assert by_switches(problem) == by_conditions(problem)


@pytest.mark.parametrize("name", ["winsock", "winsock_layered", "winsock_contract", "clients"])
def test_with_all_switches_on_the_same_is_proved_of_a_model(name: str) -> None:
    problem = problem_of(read_file(MODEL / f"{name}.py"))
    assert by_switches(problem) == by_conditions(problem)


# --- what nothing rests on, and the page --------------------------------------------------------------------------


def test_what_only_a_duty_needs_is_not_idle(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    machine = read_text(ASKER, PurePosixPath("asker.py"), folder)
    guards = {"ask: more", "ask_in_vain: not self.told", "ask_in_vain: not more"}
    assert told(report_of(machine).idle_parts).isdisjoint(guards)
    monkeypatch.setattr(all_questions, "layer_questions", lambda *_: ())
    assert guards <= told(report_of(machine).idle_parts)


def test_the_page_has_a_row_for_each_obligation_and_names_no_contract_where_there_is_none(folder: Path) -> None:
    report = report_of(relay(folder))
    page = cores_markdown(report)
    owed = [found for found in report.claims if found.is_owed]
    rows = [line for line in page.splitlines() if line.startswith(("| `precondition/", "| `refinement/"))]
    assert [row.split("`")[1] for row in rows] == [found.claim for found in owed]
    line = 1 + RELAY.splitlines().index("        when(self.held > 0)")
    row = next(row for row in rows if "`precondition/stop/lower.stop/1`" in row)
    assert row.endswith(f"| promises: `everything_is_passed_on`<br>`stop`: guard {line} |")
    contract_alone = next(row for row in rows if "`refinement/(shared)`" in row)
    assert contract_alone.endswith("| nothing but the contract |")
    assert "owed to other layers" not in cores_markdown(report_of(read_file(MODEL / "winsock_contract.py")))
