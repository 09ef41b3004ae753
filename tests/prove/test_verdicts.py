"""No claim that is empty, contradictory or not proved within its budget is ever green, whatever the order."""

import random
from collections import Counter
from dataclasses import replace
from pathlib import Path, PurePosixPath

import pytest
from quiesce.kernel.batches import Batch
from quiesce.prove.checked import CheckedMachine
from quiesce.prove.effort import Effort
from quiesce.prove.prover import verify
from quiesce.prove.results import Verdict
from quiesce.prove.solving.z3_solver import Check, Solver
from quiesce.spec.model import Machine, Recoverable
from quiesce.spec.reader import read_file, read_text

from tests.by_day import by_day
from tests.labels import name_of
from tests.machines import changed
from tests.prove.test_declared_false import FALSE_ONES, TRUE_ONES
from tests.prove.varied import COUNTED, assert_refused, counted, open_ones
from tests.reports import results_by_id, verdicts_by_id
from tests.twins import BROKEN, machine_of

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
FLAGSHIP = ROOT / "model" / "winsock.py"


def test_the_spec_that_the_others_vary_is_proved() -> None:
    CheckedMachine(verify(counted()))


# --- budgets -----------------------------------------------------------------------------------------------------


@pytest.mark.nightly
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


@pytest.mark.parametrize("budget", by_day([1, 100, 1_000, 10_000], 2))
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


@pytest.mark.nightly
@pytest.mark.parametrize("seed", by_day([1, 2], 2))
def test_verdicts_do_not_depend_on_the_order_of_the_spec_or_on_chance(seed: int) -> None:
    machine = read_file(FLAGSHIP)
    other = shuffled(machine, seed)
    assert other != machine
    assert verdicts_by_id(verify(other, Effort(seed=seed))) == verdicts_by_id(verify(machine))


@pytest.mark.parametrize("seed", by_day([1, 2, 3], 3))
def test_bad_verdicts_do_not_depend_on_the_order_either(seed: int) -> None:
    broken = [promise for promise, _ in FALSE_ONES[:2]] + [TRUE_ONES[3]]
    renamed = [
        text.replace("claimed", f"claimed_{n}").replace('(expect="refuted")', "") for n, text in enumerate(broken)
    ]
    machine = counted(*renamed, NEVER, DEAD_BRANCH)
    found = open_ones(verify(machine))
    assert {Verdict.REFUTED, Verdict.VACUOUS, Verdict.UNKNOWN} <= set(found.values())
    assert open_ones(verify(shuffled(machine, seed), Effort(seed=seed))) == found
