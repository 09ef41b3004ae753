"""Machines whose promises are false, though each meets the conditions of a rule as it was once written down."""

from dataclasses import replace
from pathlib import PurePosixPath

import pytest
from quiesce.kernel.established import Open, established
from quiesce.kernel.hints import Descent, Hints, Rank, Trap
from quiesce.kernel.plan import Plan
from quiesce.kernel.problem import problem_of
from quiesce.kernel.subjects import PromisedWait, WaitPossible, WaitProgress
from quiesce.prove.effort import Effort
from quiesce.prove.prover import verify
from quiesce.prove.results import Verdict
from quiesce.prove.solving.z3_solver import Solver
from quiesce.spec.diagnostics import SpecError
from quiesce.spec.interpreter import initial_states
from quiesce.spec.model import (
    BOOL,
    INT,
    Binary,
    Blocks,
    Field,
    IntType,
    LeadsTo,
    Literal,
    Machine,
    Op,
    ParameterDecl,
    Quantified,
    Quantifier,
    Total,
    Variable,
)
from quiesce.spec.reader import read_text
from quiesce.spec.state import Run

from tests.reports import verdicts_by_id

HEAD = """
from quiesce.spec import (
    Family, Machine, Member, Nat, New, always, assume, call, count, implies, initially, internal, leads_to,
    recoverable, when
)


class Worker(Member):
    used: bool = False
    marked: bool = False
    left: Nat = 0


class Door(Machine):
    busy: bool = False
    marks: Nat = 0
    workers: Family[Worker]

    @call("use")
    def use(self, w: Worker) -> None:
        w.used = True
"""

GO = """
    @call("go")
    def go(self) -> None:
        when(not self.busy)
        self.busy = True

    @call("go", fails="BUSY")
    def no(self) -> None:
        when(self.busy)
"""

DONE = """
    @internal
    def done(self) -> None:
        when(self.busy)
        self.busy = False
"""

ENDS = """
    @leads_to(fair=[done])
    def ends(self) -> tuple[bool, bool]:
        return self.busy, not self.busy
"""


def door(*parts: str) -> Machine:
    return read_text("".join((HEAD, *parts)), PurePosixPath("door.py"))


def verdicts(*parts: str) -> dict[str, Verdict]:
    return verdicts_by_id(verify(door(*parts)))


# --- what is trusted to happen has to move -----------------------------------------------------------------------

WAITS = """
    @call("stay", fails="NO")
    def other(self) -> None:
        pass

    @call("leave")
    def leave(self) -> None:
        when(not self.busy)

    @call("leave", blocks=True, fair=[done])
    def wait(self) -> None:
        when(self.busy)
"""


@pytest.mark.parametrize(
    ("text", "before", "now", "verb"),
    [
        (GO + DONE + ENDS, "[done]", "[done, no]", "is refused"),
        (GO + DONE + WAITS, "[done]", "[done, other]", "is refused"),
        (GO + DONE + WAITS + ENDS, "fair=[done])\n    def ends", "fair=[done, wait])\n    def ends", "waits"),
    ],
)
def test_a_call_that_changes_nothing_is_not_trusted_to_end_a_wait(text: str, before: str, now: str, verb: str) -> None:
    door(text)
    assert text.count(before) == 1
    with pytest.raises(SpecError) as raised:
        door(text.replace(before, now))
    (found,) = raised.value.diagnostics
    assert found.code == "Q030"
    assert f"a call that {verb} changes nothing" in found.message
    assert found.hint is not None
    line = (HEAD + text.replace(before, now)).splitlines()[found.span.line - 1]
    assert line[found.span.column - 1 : found.span.end_column - 1] == now.partition(", ")[2].partition("]")[0]


def trusting(machine: Machine, *names: str) -> Machine:
    """The machine with these actions among those that are trusted to end its waits, as no reader would read it."""
    actions = tuple(
        replace(a, outcome=Blocks((*a.outcome.fair, *names))) if isinstance(a.outcome, Blocks) else a
        for a in machine.actions
    )
    promises = tuple(
        replace(p, claim=replace(p.claim, fair=(*p.claim.fair, *names))) if isinstance(p.claim, LeadsTo) else p
        for p in machine.promises
    )
    return replace(machine, actions=actions, promises=promises)


@pytest.mark.parametrize("name", ["no", "wait", "nobody"])
def test_the_kernel_does_not_rely_on_the_reader_for_that(name: str) -> None:
    machine = door(GO, DONE, WAITS, ENDS)
    assert verdicts(GO, DONE, WAITS, ENDS)["leads_to/ends/possible"] is Verdict.PROVED
    report = verify(trusting(machine, name))
    assert report.established is not None
    waits = [o for o in report.established.still_open if isinstance(o.obligation.about, WaitPossible)]
    assert len(waits) == 2
    assert all(f"{name} changes nothing" in outcome.reason for outcome in waits)


# --- families without members ------------------------------------------------------------------------------------

NOBODY = f"""
from quiesce.spec import Family, Machine, Member, call, internal, recoverable, when


class Worker(Member):
    used: bool = False


class Door(Machine):
    busy: bool = False
    workers: Family[Worker]
{GO}
    @internal
    def done(self, w: Worker) -> None:
        when(self.busy)
        w.used = True
        self.busy = False

    @recoverable
    def back(self) -> bool:
        return not self.busy
"""


def test_nobody_brings_a_member_whom_no_caller_ever_gives() -> None:
    def back(text: str) -> Verdict:
        report = verify(read_text(text, PurePosixPath("door.py")))
        return next(r.verdict for r in report.results if r.obligation.id == "recoverable/back/(everywhere)")

    assert back(NOBODY) is Verdict.UNKNOWN
    assert back(NOBODY.replace("@internal\n    def done", '@call("done")\n    def done')) is Verdict.PROVED
    used = '\n    @call("use")\n    def use(self, w: Worker) -> None:\n        w.used = True\n'
    assert back(NOBODY + used) is Verdict.PROVED
    by_the_world = used.replace('@call("use")', "@environment").replace("w.used = True", "w.used = not w.used")
    assert back(NOBODY.replace("call, internal", "call, environment, internal") + by_the_world) is Verdict.PROVED


SOMEBODY = """
    @internal
    def done(self, w: Worker) -> None:
        when(self.busy)
        w.used = True
        self.busy = False
"""


def test_a_wait_that_only_a_member_can_end_needs_one() -> None:
    assert verdicts(GO, SOMEBODY, ENDS)["leads_to/ends/possible"] is not Verdict.PROVED


def test_a_guard_that_only_families_with_members_meet_is_noticed() -> None:
    someone = "        when(any(w.used for w in self.workers) or any(not w.used for w in self.workers))\n"
    text = f'\n    @call("go")\n    def go(self) -> None:\n{someone}        self.busy = not self.busy\n'
    each = "any(w.used or not w.used for w in self.workers)"
    promised = f"\n    @always\n    def some(self) -> bool:\n        return {each}\n"
    assert verdicts(text)["total/go/covered"] is Verdict.REFUTED
    found = verdicts(text, promised)
    assert found["total/go/covered"] is not Verdict.PROVED
    assert found["start/some"] is Verdict.REFUTED
    assert found["forgettable/go"] is not Verdict.PROVED


def test_what_is_said_of_some_member_at_the_start_needs_one() -> None:
    text = "\n    @initially\n    def rests(self) -> bool:\n        return any(not w.used for w in self.workers)\n"
    assert verdicts(text)["start/rests"] is Verdict.REFUTED


# --- members that may be forgotten -------------------------------------------------------------------------------

MARKED = """
    @call("mark")
    def mark(self) -> None:
        for w in self.workers:
            w.marked = True
        self.marks = count(w.marked for w in self.workers)
        for w in self.workers:
            w.marked = False
"""


def test_a_loop_that_another_undoes_is_not_unseen() -> None:
    assert verdicts(MARKED)["forgettable/mark"] is not Verdict.PROVED
    of_used = MARKED.replace("w.marked = True", "w.marked = w.used")
    assert verdicts(of_used)["forgettable/mark"] is Verdict.PROVED
    in_arms = MARKED.replace("        for w in self.workers:\n            w.marked = True\n", IN_ARMS)
    assert verdicts(in_arms)["forgettable/mark"] is not Verdict.PROVED


IN_ARMS = """        if self.busy:
            for w in self.workers:
                w.marked = True
        else:
            self.busy = True
"""


def test_a_member_that_a_loop_changes_may_be_an_argument() -> None:
    """Whoever is retired is gone, and a loop behind that goes through those who are known."""
    text = """
    @call("again")
    def again(self, w: Worker) -> None:
        for v in self.workers:
            v.used = True
        w.used = True
"""
    assert verdicts(text)["forgettable/again"] is not Verdict.PROVED


def test_what_an_action_assumes_of_members_is_a_use_of_them() -> None:
    text = """
    @call("go")
    def go(self) -> None:
        assume(all(w.used for w in self.workers), "everybody works")
        self.busy = True

    @always
    def somebody_works(self) -> bool:
        return implies(self.busy, any(w.used for w in self.workers))
"""
    found = verdicts(text)
    assert found["forgettable/go"] is not Verdict.PROVED
    assert found["step/go/somebody_works"] is not Verdict.PROVED


# --- a caller who waits ------------------------------------------------------------------------------------------

NEWCOMER = """
    @call("go")
    def go(self, w: New[Worker]) -> None:
        when(not self.busy)
        self.busy = True

    @internal
    def done(self, x: Worker) -> None:
        when(self.busy and not x.used)
        self.busy = False

    @call("go", blocks=True, fair=[done])
    def wait(self, w: New[Worker]) -> None:
        when(self.busy)
"""


def test_a_newcomer_need_not_stay_new_while_it_waits() -> None:
    for text in (NEWCOMER, NEWCOMER.replace("def wait(self, w: New[Worker])", "def wait(self)")):
        assert verdicts(text)["leads_to/caller.wait/possible"] is not Verdict.PROVED
    nobody_asks = NEWCOMER.replace("self.busy and not x.used", "self.busy")
    assert verdicts(nobody_asks)["leads_to/caller.wait/possible"] is Verdict.PROVED


# --- names -------------------------------------------------------------------------------------------------------

FREES = """
    @call("jam")
    def jam(self, w: Worker) -> None:
        when(not w.marked)
        w.marked = True
        self.busy = True

    @call("jam", fails="NO")
    def nojam(self, w: Worker) -> None:
        when(w.marked)

    @call("free")
    def free(self, w: Worker) -> None:
        when(not w.marked)
        self.busy = False

    @call("free", fails="NO")
    def nofree(self, w: Worker) -> None:
        when(w.marked)

    @recoverable(expect="refuted")
    def back(self) -> bool:
        return not self.busy
"""


@pytest.mark.parametrize("name", ["w", "other"])
def test_the_member_of_a_trap_is_not_the_argument_of_an_action(name: str) -> None:
    """Only a worker that is not stuck frees the door, and another one may do so."""
    problem = problem_of(door(FREES))
    (family,) = problem.machine.families
    member = ParameterDecl(name, family.member, False, family.span)
    facts = (Field(name, family.name, "marked", BOOL), Variable("busy", BOOL))
    (start,) = initial_states(problem.machine, {"workers": 1})
    asked = dict(Plan(problem).trap("back", Trap(Run(start), (member,), facts)))
    kept = {name: all(check.proved for check in Solver(Effort()).check(batch)) for name, batch in asked.items()}
    assert not kept["trap back free"]
    assert kept["trap back jam"]


MARKS_ONE = (
    FREES
    + """
    @call("only")
    def only(self, w: Worker) -> None:
        for v in self.workers:
            v.marked = False
        w.marked = True
"""
)


@pytest.mark.parametrize("name", ["w", "other"])
def test_a_member_that_a_fact_of_a_trap_binds_is_not_the_argument_of_an_action(name: str) -> None:
    """Marking one worker and nobody else does not mark them all."""
    problem = problem_of(door(MARKS_ONE))
    (start,) = initial_states(problem.machine, {"workers": 1})
    fact = Quantified(Quantifier.ALL, name, "workers", Field(name, "workers", "marked", BOOL))
    asked = dict(Plan(problem).trap("back", Trap(Run(start), (), (fact,))))
    (check,) = Solver(Effort()).check(asked["trap back only"])
    assert not check.proved


SPREADS = f"""{GO}
    @internal
    def spread(self, s: Worker, t: Worker) -> None:
        when(self.busy and s.left > 2 and t.left == 0)
        for w in self.workers:
            if w.left > 0:
                w.left += 1
        s.left = 0
        t.left = 2

    @internal
    def done(self) -> None:
        when(self.busy and all(w.left <= 2 for w in self.workers))
        self.busy = False

    @leads_to(fair=[spread, done])
    def ends(self) -> tuple[bool, bool]:
        return self.busy, not self.busy
"""


@pytest.mark.parametrize("name", ["s", "w", "it"])
def test_a_member_that_a_rank_binds_is_not_the_argument_of_an_action(name: str) -> None:
    """What one worker loses, others gain: the sum need not fall, whatever its members are called."""
    plan = Plan(problem_of(door(SPREADS)))
    rank: Rank = (Total(name, "workers", Field(name, "workers", "left", IntType(0))),)
    wait = PromisedWait("ends")
    (batch,) = (batch for where, batch in plan.progress({wait: rank}) if where == "ends spread")
    (goal,) = batch.goals
    assert goal[0] == WaitProgress(wait, "spread", fair=True)
    (check,) = Solver(Effort()).check(batch)
    assert not check.proved
    spread = Plan(problem_of(door(SPREADS, BACK))).descent("back", Descent((), rank, ("spread",)), ())
    left = Field("*", "workers", "left", IntType(0))
    can = [Binary(Op.GT, left, Literal(2, INT)), Binary(Op.EQ, left, Literal(0, INT))]
    somebody_can = (Quantified(Quantifier.ANY, "*", "workers", claim) for claim in can)
    (check,) = Solver(Effort()).check(replace(spread, premises=(*spread.premises, *somebody_can)))
    assert not check.proved


BACK = """
    @recoverable
    def back(self) -> bool:
        return not self.busy
"""

# --- what is known cannot be changed -----------------------------------------------------------------------------


def test_nobody_hands_a_plan_its_conditions() -> None:
    problem = problem_of(door(GO, DONE, ENDS))
    with pytest.raises(TypeError):
        Plan(problem, {})  # type: ignore[call-arg]
    with pytest.raises(TypeError):
        Plan(problem, _descents={})  # type: ignore[call-arg]


def test_what_is_established_is_read_only() -> None:
    plan = Plan(problem_of(door(GO, DONE, ENDS)))
    found = established(plan, Hints(), frozenset(), {})
    about = next(iter(found.outcomes))
    with pytest.raises(TypeError):
        found.outcomes[about] = Open(plan.due[about], "")  # type: ignore[index]
    with pytest.raises(TypeError):
        del found.outcomes[about]  # type: ignore[attr-defined]
