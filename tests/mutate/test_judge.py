"""What becomes of mutants: killed only by a run or a proof, equivalent only by a proof, everything else is told."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import PurePosixPath
from typing import TypeAlias

import pytest
from quiesce.kernel.kinds import id_of
from quiesce.kernel.problem import problem_of
from quiesce.mutate.campaign import survey
from quiesce.mutate.expression_faults import Operator
from quiesce.mutate.judge import Case, judge
from quiesce.mutate.operators import Mutant, mutants
from quiesce.mutate.same_machine import same_steps
from quiesce.mutate.verdicts import Equivalent, Failed, Killed, Unconstrained, Undecided, Verdict
from quiesce.prove.checked import CheckedMachine
from quiesce.prove.effort import Effort
from quiesce.prove.prover import verify
from quiesce.prove.solving.z3_solver import Solver
from quiesce.spec.interpreter import initial_states, replay
from quiesce.spec.model import Machine
from quiesce.spec.reader import read_text

pytestmark = pytest.mark.slow

Make: TypeAlias = Callable[..., Machine]
On: TypeAlias = Callable[[Machine, str], Verdict]

CAN_EMPTY = '''
@recoverable
def can_empty(self) -> bool:
    """Everybody can leave."""
    return self.people == 0
'''
COUNTS = '''
@step
def visits_are_counted(self, old: "Counter") -> bool:
    """Who comes is counted."""
    return implies(self.people > old.people, self.visits == old.visits + 1)
'''


def killers(verdict: Verdict) -> list[str]:
    assert isinstance(verdict, Killed)
    return [id_of(kill.obligation) for kill in verdict.by]


def test_a_broken_promise_kills_with_a_run_that_replays(
    counter: Make, verdict_on: On, mutant_of: Callable[[Machine, str], Mutant]
) -> None:
    name = "enter/update 3/without self.light = Light.ON"
    verdict = verdict_on(counter(), name)
    assert killers(verdict) == ["step/enter/lit_while_used"]
    assert isinstance(verdict, Killed)
    run = verdict.by[0].run
    assert run is not None
    mutant = mutant_of(counter(), name).machine
    replay(mutant, run)
    assert run.start in list(initial_states(mutant, 0))
    assert [move.action for move in run.moves] == ["enter"]


def test_a_call_without_an_outcome_kills(counter: Make, verdict_on: On) -> None:
    assert killers(verdict_on(counter(), "nobody/outcome/without fails=NOBODY")) == ["total/leave/covered"]
    assert "total/leave/exclusive" in killers(verdict_on(counter(), "nobody/when 1/without self.people == 0"))


def test_an_update_that_no_promise_speaks_of_is_unconstrained(counter: Make, verdict_on: On) -> None:
    verdict = verdict_on(counter(), "enter/update 2/without self.visits = self.visits + 1")
    assert isinstance(verdict, Unconstrained | Killed)
    doubled = verdict_on(counter(), "enter/update 2/self.visits = self.visits + 1 to self.visits = self.visits + 2")
    assert isinstance(doubled, Unconstrained)
    assert "self.visits" in doubled.suggestion
    assert "enter" in doubled.suggestion


def test_a_promise_that_speaks_of_it_kills_the_same_mutant(counter: Make, verdict_on: On) -> None:
    spoken = counter(COUNTS, replaced=("environment, leads_to", "environment, implies, leads_to"))
    name = "enter/update 2/self.visits = self.visits + 1 to self.visits = self.visits + 2"
    assert killers(verdict_on(spoken, name)) == ["step/enter/visits_are_counted"]


def test_what_never_happens_any_more_kills_by_a_proof(counter: Make, verdict_on: On) -> None:
    verdict = verdict_on(counter(), "enter/update 2/without self.visits = self.visits + 1")
    assert isinstance(verdict, Killed)
    assert [(id_of(kill.obligation), kill.run) for kill in verdict.by] == [("witness/cool", None)]


def test_a_goal_that_is_lost_for_ever_kills(counter: Make, verdict_on: On) -> None:
    name = "leave/update 1/without self.people = self.people - 1"
    assert isinstance(verdict_on(counter(), name), Unconstrained)
    verdict = verdict_on(counter(CAN_EMPTY), name)
    assert killers(verdict) == ["recoverable/can_empty/ON"]
    assert isinstance(verdict, Killed)
    assert verdict.by[0].run is not None
    assert verdict.by[0].run.end.scalars["people"] == 2


COOL = """    def cool(self) -> None:
        \"\"\"A step that makes no difference where nobody was.\"\"\"
        when(self.visits > 0 and self.people == 0)"""
DRAIN = (
    "when(self.visits > 0 and self.people == 0)\n        self.visits = 0",
    "when(self.visits > 0)\n        self.visits -= 1",
)
FORGETS = '''
@leads_to(fair=[cool])
def forgets(self) -> tuple[bool, bool]:
    """Old visits are forgotten, if nobody comes."""
    return self.visits > 0 and self.people == 0, self.visits == 0 or self.people > 0
'''


@pytest.mark.parametrize(
    ("name", "broken"),
    [
        ("cool/update 1/without self.visits = self.visits - 1", "leads_to/forgets/cool/decreases"),
        ("cool/when 1/self.visits > 0 to self.visits > 1", "leads_to/forgets/possible"),
    ],
)
def test_a_wait_that_may_last_for_ever_kills(counter: Make, verdict_on: On, name: str, broken: str) -> None:
    machine = counter(FORGETS, replaced=DRAIN)
    assert isinstance(verdict_on(counter(replaced=DRAIN), name), Unconstrained)
    verdict = verdict_on(machine, name)
    assert killers(verdict) == [broken]
    assert isinstance(verdict, Killed)
    assert verdict.by[0].run is not None


def test_the_same_steps_are_proved_to_be_the_same(counter: Make, verdict_on: On) -> None:
    known = counter(replaced=("when(self.people == 1)", "when(self.people == 1 and self.light == Light.ON)"))
    verdict = verdict_on(known, "leave_last/when 1/without self.light == Light.ON")
    assert isinstance(verdict, Equivalent)
    assert "same steps" in verdict.proof


def test_a_step_of_the_world_that_changes_nothing_is_no_step(counter: Make, verdict_on: On) -> None:
    assert isinstance(verdict_on(counter(), "cool/when 1/self.visits > 0 to self.visits >= 0"), Equivalent)
    # A trusted step that may change nothing is as good as no trust.
    trusted = counter(
        FORGETS, replaced=("self.people == 0)\n        self.visits = 0", "True)\n        self.visits = 0")
    )
    assert killers(verdict_on(trusted, "cool/when 1/self.visits > 0 to self.visits <= 0")) != []
    assert not isinstance(verdict_on(trusted, "cool/when 1/self.visits > 0 to self.visits >= 0"), Equivalent)


@pytest.mark.parametrize(("decorator", "same"), [('@call("cool")', False), ("@environment", True)])
def test_a_guard_of_a_call_is_seen_even_where_nothing_changes(counter: Make, decorator: str, *, same: bool) -> None:
    old, new = (
        problem_of(
            counter(replaced=(f"@environment\n{COOL}", f"{decorator}\n{COOL.replace('> 0 and', f'{op} 0 and')}"))
        )
        for op in (">", ">=")
    )
    assert same_steps(old, new, Solver(Effort())) is same
    assert same_steps(old, old, Solver(Effort()))


def test_another_outcome_or_start_is_never_the_same(counter: Make) -> None:
    machine = counter()
    kinds = {Operator.ERROR, Operator.INITIAL, Operator.DROP_CALL, Operator.DROP_OUTCOME}
    others = [mutant for mutant in mutants(machine) if mutant.operator in kinds]
    assert others
    assert not any(same_steps(problem_of(machine), problem_of(mutant.machine), Solver(Effort())) for mutant in others)


def test_a_failed_proof_without_a_run_kills_nothing(counter: Make) -> None:
    """With no resources the solver proves nothing; whatever no walk breaks is undecided, and nothing is equivalent."""
    machine = counter(CAN_EMPTY)
    starved = Effort(budget=1, depth=1)
    undecided = 0
    for mutant in mutants(machine)[::5]:
        verdict = judge(Case(machine, (), mutant, starved))
        assert isinstance(verdict, Killed | Undecided), mutant.id
        undecided += isinstance(verdict, Undecided)
        if isinstance(verdict, Killed):
            assert all(kill.run is not None for kill in verdict.by), mutant.id
    assert undecided > 0


def test_undecided_names_what_is_open(counter: Make, mutant_of: Callable[[Machine, str], Mutant]) -> None:
    mutant = mutant_of(counter(), "enter/update 2/self.visits = self.visits + 1 to self.visits = self.visits + 2")
    verdict = judge(Case(counter(), (), mutant, Effort(budget=1, depth=1)))
    assert isinstance(verdict, Undecided)
    assert "is unknown" in verdict.reason


def test_every_mutant_is_decided_and_an_equivalent_one_keeps_every_promise(counter: Make) -> None:
    machine = counter(CAN_EMPTY)
    for mutant in mutants(machine)[1::2]:
        verdict = judge(Case(machine, (), mutant, Effort()))
        assert not isinstance(verdict, Undecided | Failed), mutant.id
        if isinstance(verdict, Equivalent):
            report = verify(mutant.machine)
            assert all(result.verdict.value == "proved" for result in report.results), mutant.id


def test_a_survey_answers_every_mutant_in_order(counter: Make) -> None:
    checked = CheckedMachine(verify(counter(CAN_EMPTY)))
    chosen = mutants(checked.machine)[::4]
    told: list[tuple[int, int, int]] = []
    alone = survey(checked, chosen, progress=lambda *numbers: told.append(numbers))
    assert tuple(item.mutant for item in alone.judged) == chosen
    assert [done for done, _, _ in told] == list(range(1, len(chosen) + 1))
    survivors = sum(isinstance(item.verdict, Unconstrained | Undecided | Failed) for item in alone.judged)
    assert told[-1] == (len(chosen), len(chosen), survivors)
    assert survey(checked, chosen, jobs=2) == alone


def test_a_judge_that_crashes_is_no_verdict(counter: Make) -> None:
    checked = CheckedMachine(verify(counter()))
    good = mutants(checked.machine)[0]
    broken = replace(good, machine=replace(good.machine, actions=(replace(good.machine.actions[0], body=(None,)),)))  # type: ignore[arg-type]
    (found,) = survey(checked, [broken]).judged
    assert isinstance(found.verdict, Failed)


PIPE = '''
from quiesce.spec import Machine, Nat, call, environment, enabled, when

class Pipe(Machine):
    """Holds water."""
    water: Nat = 0

    @call("pour")
    def pour(self, n: Nat) -> None:
        """More of it."""
        self.water += n

    @environment
    def flow(self, n: Nat) -> None:
        """Less of it."""
        when(n <= self.water)
        self.water -= n
'''
ANY_AMOUNT = '''
    @enabled(flow)
    def any_amount_flows(self, n: Nat) -> bool:
        """Even none at all."""
        return n <= self.water
'''


@pytest.mark.parametrize(("promise", "is_same"), [("", True), (ANY_AMOUNT, False)])
def test_a_step_without_effect_is_missed_only_by_who_was_promised_it(promise: str, *, is_same: bool) -> None:
    machine = read_text(PIPE + promise, PurePosixPath("pipe.py"))
    never_nothing = PIPE.replace("when(n <= self.water)", "when(0 < n <= self.water)")
    narrower = read_text(never_nothing + promise, PurePosixPath("pipe.py"))
    assert same_steps(problem_of(machine), problem_of(narrower), Solver(Effort())) == is_same
