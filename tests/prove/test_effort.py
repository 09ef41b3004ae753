"""One effort reaches everything that asks a solver, and nothing raises it in silence."""

import ast
from collections.abc import Iterator
from operator import attrgetter
from pathlib import Path

import pytest
import z3
from quiesce.console.builds.pages import graph_of
from quiesce.prove.effort import Effort
from quiesce.prove.equivalence import comparison as equivalence
from quiesce.prove.prover import verify
from quiesce.prove.results import Verdict
from quiesce.prove.search.control_graph import control_graph
from quiesce.prove.solving.z3_solver import Solver
from quiesce.spec.interpreter import replay
from quiesce.spec.reader import read_file

from tests.by_day import at_night, by_day
from tests.reports import verdicts_by_id
from tests.twins import BROKEN, GOOD, Twin, machine_of

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
SOURCES = [
    path
    for part in ("model", "proofs", "codegen")
    for path in sorted((ROOT / part / "quiesce").rglob("*.py"))
    if "shells" not in path.parts  # these are pages of generated packages
]

ASKING = {"Solver", "CoreSolver", "Engine", "CachingSolver", "Task"}
"""What asks a solver, or stands before one: each is made with an effort."""

LIBRARY = {"SimpleSolver", "SolverFor"}
"""Solvers of Z3 itself. They are made in one file, and limited before they are asked."""

SAYING = {"effort", "_effort", "EFFORT"}
"""What an effort is called where it is handed on."""


def calls(text: str, names: set[str]) -> Iterator[ast.Call]:
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Call):
            called = node.func
            name = (
                called.attr if isinstance(called, ast.Attribute) else called.id if isinstance(called, ast.Name) else ""
            )
            if name in names:
                yield node


def has_effort(call: ast.Call) -> bool:
    """Whether an argument is an effort: something of that name, or a freshly chosen one."""
    given = [*call.args, *(keyword.value for keyword in call.keywords)]
    return any(
        (isinstance(value, ast.Attribute) and value.attr in SAYING)
        or (isinstance(value, ast.Name) and value.id in {*SAYING, "chosen"})
        for value in given
    )


def without_effort(text: str) -> list[int]:
    """The lines on which a solver is made that is told no effort."""
    return [call.lineno for call in calls(text, ASKING) if not has_effort(call)]


def test_no_solver_is_made_without_an_effort() -> None:
    texts = {path.name: path.read_text(encoding="utf-8") for path in SOURCES}
    made = {name: list(calls(text, ASKING)) for name, text in texts.items() if any(word in text for word in ASKING)}
    assert sum(map(len, made.values())) >= 10
    # The second solver of the re-check is no solver of the prover: it is installed apart, with a budget of its own.
    left = {name: [call.lineno for call in found if not has_effort(call)] for name, found in made.items()}
    assert {
        name: lines
        for name, lines in left.items()
        if lines and name not in {"second.py", "connection.py", "lifecycle.py"}
    } == {}


@pytest.mark.parametrize("line", ["Solver()", "z3_solver.Solver(2_000_000)", "Engine(cache)", "Task(text, 1, 0)"])
def test_a_solver_without_an_effort_is_seen(line: str) -> None:
    assert without_effort(f"found = {line}") == [1]
    assert without_effort("found = Solver(case.effort, case.effort.closing)") == []


def test_no_budget_is_raised_in_silence() -> None:
    """No `max` in the one file that sets limits, and no number for a budget but in the record."""
    solver = (ROOT / "proofs/quiesce/prove/solving/z3_solver.py").read_text(encoding="utf-8")
    assert list(calls(solver, {"max"})) == []
    assert {path.name for path in SOURCES if list(calls(path.read_text(encoding="utf-8"), LIBRARY))} == {"z3_solver.py"}
    for path in SOURCES:
        assert "DEFAULT_BUDGET" not in path.read_text(encoding="utf-8"), path


# --- the budget arrives -------------------------------------------------------------------------------------------


@pytest.fixture
def limits(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Every limit that a solver of Z3 is given."""
    given: list[int] = []
    usual = z3.Solver.set

    def told(solver: z3.Solver, *settings: object) -> None:
        if settings[0] == "rlimit":
            assert isinstance(settings[1], int)
            given.append(settings[1])
        usual(solver, *settings)

    monkeypatch.setattr(z3.Solver, "set", told)
    return given


def shares(effort: Effort) -> set[int]:
    return {effort.budget, effort.helping, effort.horn_clauses, effort.closing, effort.fewest, effort.patience}


@pytest.mark.slow
@pytest.mark.parametrize("budget", [1, 4_321])
@pytest.mark.parametrize(
    "spec", [GOOD["counted_drain"], at_night(BROKEN["stopped_below_zero"])], ids=attrgetter("name")
)
def test_the_budget_arrives_at_every_solver(spec: Path | Twin, budget: int, limits: list[int]) -> None:
    effort = Effort(budget=budget)
    verify(machine_of(spec), effort)
    assert limits
    assert set(limits) <= shares(effort)


def test_the_budget_arrives_at_control_graph_and_equivalence(limits: list[int]) -> None:
    machine = machine_of(GOOD["counted_drain"])
    control_graph(machine, Effort(budget=77))
    graph_of(machine, Effort(budget=77))
    assert set(limits) == {77}
    limits.clear()
    method = equivalence.Method("m", (), (equivalence.Outcome("o", (), ()),))
    equivalence.differences(machine, machine, [method], Effort(budget=78))
    assert set(limits) == {78}


def test_a_share_is_never_without_an_end_and_never_more_than_stated() -> None:
    """Zero is no limit at all to Z3, and neither is what it keeps of a number with more than 32 bits."""
    assert shares(Effort(budget=1)) == {1, 2}
    usual = Effort()
    assert shares(usual) == {2_000_000, 1_000_000, 4_000_000, 300_000, 100_000, 10_000}
    assert usual.searches == 60_000_000


def test_a_budget_of_more_bits_than_z3_keeps_has_an_end(limits: list[int]) -> None:
    Solver(Effort(budget=2**32)).unsatisfiable([], ["false"])
    Solver(Effort(budget=2**40)).unsatisfiable([], ["false"])
    assert limits == [2**32 - 1, 2**32 - 1]


@pytest.mark.parametrize("wrong", [{"budget": 0}, {"depth": -1}, {"members": -1}, {"jobs": 0}, {"timeout": 0.0}])
def test_an_effort_that_is_none_is_refused(wrong: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="an effort that is none"):
        Effort(**wrong)  # type: ignore[arg-type]


# --- a small budget ends soon, and is never green by default ----------------------------------------------------------


@pytest.mark.slow
def test_where_the_budget_is_spent_no_helper_is_looked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*_: object) -> tuple[()]:
        raise AssertionError("helpers were looked for")

    monkeypatch.setattr("quiesce.prove.strengthen._SOURCES", (never,))
    report = verify(read_file(ROOT / "model/clients.py"), Effort(budget=1))
    verdicts = {result.verdict for result in report.results}
    assert verdicts == {Verdict.PROVED, Verdict.UNKNOWN}


@pytest.mark.slow
@pytest.mark.parametrize("budget", by_day([1, 100, 1_000], 3))
def test_what_a_small_budget_does_not_prove_is_unknown(budget: int) -> None:
    """An obligation is green only if it is with the usual budget, and for a reason: a proof, a frame or a run."""
    machine = machine_of(BROKEN["freed_before_drained"])
    usual = verdicts_by_id(verify(machine))
    for result in verify(machine, Effort(budget=budget)).results:
        if result.verdict is Verdict.PROVED:
            assert usual.get(result.obligation.id) is Verdict.PROVED
        elif result.verdict is Verdict.REFUTED:
            assert result.run is not None
            replay(machine, result.run)
        else:
            assert result.verdict is Verdict.UNKNOWN
