"""What is not a proof is not green: spent budgets, empty claims, wrong expectations, engines that fail or disagree."""

import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path, PurePosixPath
from textwrap import dedent, indent
from typing import NoReturn

import pytest
from quiesce.kernel.batches import Batch
from quiesce.kernel.kinds import id_of
from quiesce.kernel.problem import problem_of
from quiesce.kernel.rules.steps import framed
from quiesce.prove.checked import CheckedMachine, NotProved
from quiesce.prove.effort import Effort
from quiesce.prove.prover import verify
from quiesce.prove.results import Report, Verdict
from quiesce.prove.search import bounded as search
from quiesce.prove.search import runs
from quiesce.prove.solving.z3_solver import Answer, Check, Solver
from quiesce.spec.interpreter import NotEnabled, holds, initial_states, step
from quiesce.spec.model import Always, LeadsTo, Machine, Recoverable, Step
from quiesce.spec.reader import read_file, read_text
from quiesce.spec.state import Run

from tests.labels import name_of
from tests.machines import changed, text_of
from tests.reports import results_by_id, verdicts_by_id
from tests.twins import BROKEN, machine_of

ROOT = Path(__file__).parents[2]
FLAGSHIP = ROOT / "model" / "winsock.py"

COUNTED = text_of("counted")
"""A spec of which everything is proved, and to which a test adds one thing more."""


def counted(*more: str) -> Machine:
    methods = "".join(indent(dedent(method), "    ") for method in more)
    return read_text(f"{COUNTED}{methods}", PurePosixPath("counted.py"))


def open_ones(report: Report) -> dict[str, Verdict]:
    return {name: verdict for name, verdict in verdicts_by_id(report).items() if verdict is not Verdict.PROVED}


def assert_refused(report: Report) -> None:
    with pytest.raises(NotProved):
        CheckedMachine(report)


def assert_replays(machine: Machine, run: Run) -> None:
    assert run.start in initial_states(machine, 0)
    state = run.start
    for move in run.moves:
        state = step(machine, state, machine.actions_by_name[move.action], move.arguments)
        assert state == move.state


def test_the_spec_that_the_others_vary_is_proved() -> None:
    CheckedMachine(verify(counted()))


# --- budgets -----------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_a_proof_that_was_not_finished_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    finished: dict[str, bool] = {}
    check = Solver.check

    def noted(self: Solver, batch: Batch[object]) -> tuple[Check, ...]:
        answers = check(self, batch)
        assert all(answer.proved or answer.exhausted for answer in answers)
        finished.update(
            (name_of(about), answer.proved) for (about, _), answer in zip(batch.goals, answers, strict=True)
        )
        return answers

    monkeypatch.setattr(Solver, "check", noted)
    machine = read_file(FLAGSHIP)
    promises = tuple(p for p in machine.promises if not isinstance(p.claim, Recoverable))
    report = verify(replace(machine, promises=promises), Effort(budget=1))
    answered = {name: verdict for name, verdict in verdicts_by_id(report).items() if name in finished}
    assert {name for name, verdict in answered.items() if verdict is Verdict.PROVED} <= {
        n for n in finished if finished[n]
    }
    for name, verdict in answered.items():
        if finished[name] and verdict is not Verdict.PROVED:
            detail = results_by_id(report)[name].detail
            assert detail.startswith(("rests on ", "a part of its rank may be negative")), name
    assert Counter(answered.values())[Verdict.UNKNOWN] > len(answered) / 3
    assert not set(verdicts_by_id(report).values()) - {Verdict.PROVED, Verdict.UNKNOWN}
    assert_refused(report)


@pytest.mark.parametrize("budget", [1, 100, 1_000, 10_000])
@pytest.mark.parametrize("name", ["moved_twice", "overlooked_laggard"])
def test_a_smaller_budget_never_proves_more(name: str, budget: int) -> None:
    machine = machine_of(BROKEN[name])
    assert open_ones(verify(machine)).keys() <= open_ones(verify(machine, Effort(budget=budget))).keys()


def test_a_spent_budget_is_named_as_the_reason() -> None:
    result = results_by_id(verify(counted(), Effort(budget=1)))["step/stop/on_means_used"]
    assert result.verdict is Verdict.UNKNOWN
    assert "budget" in result.detail


# --- claims that say nothing -------------------------------------------------------------------------------------

NEVER = '''
@internal
def never(self) -> None:
    """Cannot happen, so whatever it does keeps every promise."""
    when(self.users > 0 and self.phase == Phase.OFF)
    self.users = 1000
    self.phase = Phase.DRAINING
'''

CONTRADICTORY_GUARD = NEVER.replace("self.users > 0 and self.phase == Phase.OFF", "self.users > 5 and self.users < 3")

DEAD_BRANCH = '''
@internal
def tidy(self) -> None:
    """Its first arm cannot be taken."""
    when(self.phase == Phase.OFF)
    if self.users > 0:
        self.users = 0
'''

EMPTY_PREMISE = '''
@always
def nothing_follows(self) -> bool:
    """True only because its premise is never met."""
    return implies(self.phase == Phase.OFF and self.users > 5, self.users == 9)
'''

EMPTY_TRIGGER = '''
@leads_to(fair=[drained])
def nothing_to_wait_for(self) -> tuple[bool, bool]:
    """True only because the wait never begins."""
    return self.users > 5 and self.users < 3, self.phase == Phase.OFF
'''


@pytest.mark.parametrize("action", [NEVER, CONTRADICTORY_GUARD])
def test_an_action_that_can_never_happen_is_vacuous(action: str) -> None:
    report = verify(counted(action))
    assert open_ones(report) == {"witness/never": Verdict.VACUOUS}
    assert_refused(report)


def test_a_branch_that_is_never_taken_is_not_green() -> None:
    report = verify(counted(DEAD_BRANCH))
    (name,) = open_ones(report)
    assert name == "witness/tidy/if_1/then"
    assert_refused(report)


@pytest.mark.parametrize(
    ("promise", "name"), [(EMPTY_PREMISE, "nothing_follows"), (EMPTY_TRIGGER, "nothing_to_wait_for")]
)
def test_a_promise_that_never_applies_is_vacuous(promise: str, name: str) -> None:
    report = verify(counted(promise))
    assert open_ones(report) == {f"witness/{name}/applies": Verdict.VACUOUS}
    assert_refused(report)


def test_a_requirement_that_nothing_carries_is_vacuous() -> None:
    report = verify(read_text(changed(COUNTED, ("@always(satisfies=R1)", "@always")), PurePosixPath("counted.py")))
    assert open_ones(report) == {"traced/R1": Verdict.VACUOUS}
    assert_refused(report)


# --- claims that contradict themselves ---------------------------------------------------------------------------

CONTRADICTIONS = {
    "always": (
        '''
        @always
        def impossible(self) -> bool:
            """Holds nowhere, so every step from where it holds keeps it."""
            return self.users > 5 and self.users < 3
        ''',
        {"start/impossible"},
    ),
    "two that exclude each other": (
        '''
        @always
        def unused(self) -> bool:
            """Excludes the other."""
            return self.users == 0

        @always
        def used(self) -> bool:
            """Excludes the one."""
            return self.users > 0
        ''',
        {"start/used", "step/start/unused", "step/stop/used"},
    ),
    "step": (
        '''
        @step
        def impossible(self, old: "Counted") -> bool:
            """No step does both."""
            return self.users > old.users and self.users < old.users
        ''',
        {"step/(idle)/impossible", *(f"step/{name}/impossible" for name in ("start", "stop", "drained"))},
    ),
    "pristine": (
        '''
        @pristine
        def always_as_new(self) -> bool:
            """Every state counts as released."""
            return self.users >= 0
        ''',
        {"step/start/always_as_new", "witness/always_as_new/applies"},
    ),
    "recoverable": (
        '''
        @recoverable
        def impossible(self) -> bool:
            """A goal that no state meets."""
            return self.users > 5 and self.users < 3
        ''',
        {"witness/impossible/applies", *(f"recoverable/impossible/{phase}" for phase in ("OFF", "ON", "DRAINING"))},
    ),
    "leads to": (
        '''
        @leads_to(fair=[drained])
        def impossible(self) -> tuple[bool, bool]:
            """A goal that no state meets."""
            return self.phase == Phase.DRAINING, self.users > 5 and self.users < 3
        ''',
        {"leads_to/impossible/drained/decreases"},
    ),
}


@pytest.mark.parametrize(("promise", "expected"), CONTRADICTIONS.values(), ids=CONTRADICTIONS.keys())
def test_a_contradiction_is_never_all_green(promise: str, expected: set[str]) -> None:
    report = verify(counted(promise))
    assert open_ones(report).keys() == expected
    assert_refused(report)


# --- promises declared false -------------------------------------------------------------------------------------

FALSE_ONES = [
    (
        '''
        @always(expect="refuted")
        def claimed(self) -> bool:
            """A second user breaks it."""
            return self.users <= 1
        ''',
        ["start", "start"],
    ),
    (
        '''
        @step(expect="refuted")
        def claimed(self, old: "Counted") -> bool:
            """The first stop breaks it."""
            return self.users >= old.users
        ''',
        ["start", "stop"],
    ),
    (
        '''
        @leads_to(fair=[drained], expect="refuted")
        def claimed(self) -> tuple[bool, bool]:
            """Nobody has to stop."""
            return self.phase == Phase.ON, self.phase == Phase.OFF
        ''',
        ["start"],
    ),
]

TRUE_ONES = [
    '''
    @always(expect="refuted")
    def claimed(self) -> bool:
        """True by the type."""
        return self.users >= 0
    ''',
    '''
    @step(expect="refuted")
    def claimed(self, old: "Counted") -> bool:
        """True of every action."""
        return -1 <= self.users - old.users <= 1
    ''',
    '''
    @leads_to(fair=[drained], expect="refuted")
    def claimed(self) -> tuple[bool, bool]:
        """True, as nothing else happens while it drains."""
        return self.phase == Phase.DRAINING, self.phase == Phase.OFF
    ''',
    '''
    @recoverable(expect="refuted")
    def claimed(self) -> bool:
        """True: start."""
        return self.phase == Phase.ON
    ''',
]

ONE_SHOT = '''
from enum import Enum, auto

from quiesce.spec import Machine, call, recoverable, when

class Phase(Enum):
    """Where the library stands."""
    FRESH = auto()
    UP = auto()
    GONE = auto()

class OneShot(Machine):
    """A library that cannot be initialised again after its cleanup."""
    phase: Phase = Phase.FRESH

    @call("init")
    def init(self) -> None:
        """The first and only time."""
        when(self.phase == Phase.FRESH)
        self.phase = Phase.UP

    @call("init", fails="TOO_LATE_OR_TWICE")
    def init_again(self) -> None:
        """Refused for good."""
        when(self.phase != Phase.FRESH)

    @call("cleanup")
    def cleanup(self) -> None:
        """The end."""
        self.phase = Phase.GONE

    @recoverable(expect="refuted")
    def restarts(self) -> bool:
        """By design it does not."""
        return self.phase == Phase.UP
'''


@pytest.mark.parametrize(("promise", "moves"), FALSE_ONES)
def test_an_expected_failure_is_confirmed_by_a_run(promise: str, moves: list[str]) -> None:
    machine = counted(promise)
    report = verify(machine)
    CheckedMachine(report)
    run = results_by_id(report)["expected/claimed"].run
    assert run is not None
    assert_replays(machine, run)
    assert [move.action for move in run.moves] == moves
    match machine.promises[-1].claim:
        case Always(claim):
            assert not holds(claim, run.end)
        case Step(claim):
            assert not holds(claim, run.states[-1], run.states[-2])
        case LeadsTo(trigger, goal):
            assert holds(trigger, run.end)
            assert not holds(goal, run.end)
        case other:
            raise AssertionError(other)


def test_an_expected_loss_of_the_way_back_is_confirmed_by_a_run() -> None:
    machine = read_text(ONE_SHOT, PurePosixPath("one_shot.py"))
    report = verify(machine)
    CheckedMachine(report)
    run = results_by_id(report)["expected/restarts"].run
    assert run is not None
    assert_replays(machine, run)
    assert [move.action for move in run.moves] == ["cleanup"]


@pytest.mark.parametrize("promise", TRUE_ONES)
def test_an_expected_failure_that_does_not_fail_is_red(promise: str) -> None:
    report = verify(counted(promise))
    assert open_ones(report).keys() == {"expected/claimed"}
    assert_refused(report)


@pytest.mark.parametrize(("promise", "moves"), FALSE_ONES)
def test_without_the_declaration_the_same_failure_is_red(promise: str, moves: list[str]) -> None:
    assert promise.count('expect="refuted"') == 1
    report = verify(counted(promise.replace(', expect="refuted"', "").replace('(expect="refuted")', "")))
    refuted = [result for result in report.results if result.verdict is Verdict.REFUTED]
    assert any(r.run is not None and [move.action for move in r.run.moves] == moves for r in refuted)
    assert_refused(report)


# --- order -------------------------------------------------------------------------------------------------------


def shuffled(machine: Machine, seed: int) -> Machine:
    """The machine with its actions, promises, calls' outcomes and requirements in another order."""
    chance = random.Random(seed)  # noqa: S311 -- a shuffle that is the same in every run
    return replace(
        machine,
        actions=tuple(chance.sample(machine.actions, len(machine.actions))),
        promises=tuple(chance.sample(machine.promises, len(machine.promises))),
        requirements=tuple(chance.sample(machine.requirements, len(machine.requirements))),
    )


@pytest.mark.parametrize("seed", [1, 2])
def test_verdicts_do_not_depend_on_the_order_of_the_spec_or_on_chance(seed: int) -> None:
    machine = read_file(FLAGSHIP)
    other = shuffled(machine, seed)
    assert other != machine
    assert verdicts_by_id(verify(other, Effort(seed=seed))) == verdicts_by_id(verify(machine))


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_bad_verdicts_do_not_depend_on_the_order_either(seed: int) -> None:
    broken = [promise for promise, _ in FALSE_ONES[:2]] + [TRUE_ONES[3]]
    renamed = [
        text.replace("claimed", f"claimed_{n}").replace('(expect="refuted")', "") for n, text in enumerate(broken)
    ]
    machine = counted(*renamed, NEVER, DEAD_BRANCH)
    found = open_ones(verify(machine))
    assert {Verdict.REFUTED, Verdict.VACUOUS, Verdict.UNKNOWN} <= set(found.values())
    assert open_ones(verify(shuffled(machine, seed), Effort(seed=seed))) == found


# --- engines -----------------------------------------------------------------------------------------------------

EVERY_KIND = [
    '''
    @step
    def by_one(self, old: "Counted") -> bool:
        """The count moves by one."""
        return -1 <= self.users - old.users <= 1
    ''',
    '''
    @pristine
    def as_new(self) -> bool:
        """Off means as new."""
        return self.phase == Phase.OFF
    ''',
    '''
    @leads_to(fair=[drained])
    def drain_ends(self) -> tuple[bool, bool]:
        """The drain ends."""
        return self.phase == Phase.DRAINING, self.phase == Phase.OFF
    ''',
    '''
    @recoverable
    def starts_again(self) -> bool:
        """It can always be started."""
        return self.phase == Phase.ON
    ''',
]


class Defect(Exception):
    """An engine broke down."""


@pytest.mark.slow
def test_every_answer_of_the_solver_matters(monkeypatch: pytest.MonkeyPatch) -> None:
    machine = counted(*EVERY_KIND)
    check = Solver.check
    asked: list[str] = []
    denied: str | None = None

    def denying(self: Solver, batch: Batch[object]) -> tuple[Check, ...]:
        asked.extend(name_of(about) for about, _ in batch.goals)
        answers = zip(batch.goals, check(self, batch), strict=True)
        return tuple(
            Check(Answer.UNKNOWN, 0, "denied") if name_of(about) == denied else answer for (about, _), answer in answers
        )

    monkeypatch.setattr(Solver, "check", denying)
    alone = Effort(strengthen=False)  # another proof of the same thing would be right as well
    CheckedMachine(verify(machine, alone))
    for name in tuple(asked):
        denied = name
        report = verify(machine, alone)
        assert open_ones(report).get(name) is Verdict.UNKNOWN, name
        assert_refused(report)


def silent(_: object) -> Iterator[NoReturn]:
    return iter(())


@pytest.mark.parametrize("engine", ["kernel.plan.local_batches", "kernel.plan.waits_of", "prove.prover.wanted"])
def test_an_engine_that_says_nothing_leaves_errors(engine: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(f"quiesce.{engine}", silent)
    report = verify(counted(*EVERY_KIND))
    said = ("no answer was found", "a defect of quiesce")
    silenced = [result for result in report.results if result.detail.startswith(said)]
    assert silenced
    assert {result.verdict for result in silenced} == {Verdict.ERROR}
    assert_refused(report)


def test_what_the_kernel_does_not_know_to_be_untouched_is_not_proved(monkeypatch: pytest.MonkeyPatch) -> None:
    """The prover says that an action does not touch what a promise speaks of; the kernel has to see it, too."""
    machine = counted(*EVERY_KIND)
    untouched = {id_of(about) for about, _ in framed(problem_of(machine))}
    assert untouched
    monkeypatch.setattr("quiesce.kernel.established.framed", silent)
    report = verify(machine)
    reasons = {name: result.detail for name, result in results_by_id(report).items() if name in open_ones(report)}
    assert untouched.issubset(reasons)
    assert {reasons[name] for name in untouched} == {"no condition answers for it"}
    assert_refused(report)


def test_what_is_untouched_is_seen_by_the_kernel_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    expected = verify(counted(*EVERY_KIND))
    monkeypatch.setattr("quiesce.prove.attempt.framed", silent)
    report = verify(counted(*EVERY_KIND))
    assert verdicts_by_id(report) == verdicts_by_id(expected)
    CheckedMachine(report)


def test_a_solver_that_breaks_down_gives_no_report(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_: Solver, batch: Batch[object]) -> NoReturn:
        raise Defect(batch.goals)

    monkeypatch.setattr(Solver, "check", broken)
    with pytest.raises(Defect):
        verify(counted())


def only_the_solver_searches(monkeypatch: pytest.MonkeyPatch) -> None:
    """Runs that the interpreter finds by itself are left aside."""
    monkeypatch.setattr(runs.Runs, "seen", lambda *_: None)
    monkeypatch.setattr(runs.Runs, "_directed", lambda *_: None)


def test_a_run_that_the_interpreter_refuses_is_an_error_and_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> NoReturn:
        raise NotEnabled("as if the encodings differed")

    only_the_solver_searches(monkeypatch)
    monkeypatch.setattr(search, "step", refuse)
    promise, _ = FALSE_ONES[0]
    expected = verify(counted(promise))
    plain = verify(counted(promise.replace('(expect="refuted")', "")))
    for report, name in ((expected, "expected/claimed"), (plain, "step/start/claimed")):
        result = results_by_id(report)[name]
        assert result.verdict is Verdict.ERROR
        assert "refuses" in result.detail
        assert result.run is None
        assert_refused(report)


def test_a_run_that_does_not_end_as_the_solver_says_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    only_the_solver_searches(monkeypatch)
    monkeypatch.setattr(search.Search, "_confirms", lambda *_: False)
    promise, _ = FALSE_ONES[0]
    report = verify(counted(promise))
    assert results_by_id(report)["expected/claimed"].verdict is Verdict.ERROR
    assert_refused(report)
