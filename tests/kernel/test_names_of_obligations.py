"""Obligations name what they are about, are listed in the order of reports, and are asked as scripts."""

from dataclasses import replace

import pytest
from quiesce.kernel.batches import Batch, Condition, action_batch, start_batch, state_batch
from quiesce.kernel.hints import Trap
from quiesce.kernel.kinds import Kind, Obligation, action_of, id_of, kind_of, location_name, promise_of, wait_name
from quiesce.kernel.obligations import obligations
from quiesce.kernel.problem import Problem, problem_of
from quiesce.kernel.subjects import (
    Answered,
    AnswersHandled,
    Apart,
    Applies,
    Assumed,
    BranchTaken,
    CallersWait,
    Covered,
    Enabled,
    Exclusive,
    Fails,
    Forgettable,
    ForgettableByPromise,
    ForgettableByWait,
    Happens,
    Initial,
    Lands,
    OffersShared,
    OffersStart,
    OffersStep,
    Precondition,
    Preserved,
    PromisedWait,
    SameCalls,
    StepKept,
    Stutters,
    Subject,
    Traced,
    ValueTaken,
    WaitPossible,
    WaitProgress,
    WayDown,
    WholeContract,
)
from quiesce.spec.model import BOOL, INT, TRUE, Binary, Expr, Literal, Not, Op, Variable

from tests.kernel.answers import Confirmed
from tests.kernel.counted import COUNTED, counted
from tests.kernel.judging import judged, read, run_of, still_open
from tests.kernel.test_induction import ring
from tests.machines import changed

# --- names -------------------------------------------------------------------------------------------------------

P, C = PromisedWait("p"), CallersWait("a")


NAMES: list[tuple[Subject, str, Kind, str | None, str | None]] = [
    (Traced("R"), "traced/R", Kind.TRACED, None, None),
    (Covered("c"), "total/c/covered", Kind.TOTAL, None, None),
    (Exclusive("c"), "total/c/exclusive", Kind.TOTAL, None, None),
    (Lands("w", fails=False), "activity/w/succeeds", Kind.ACTIVITY, None, None),
    (Lands("w", fails=True), "activity/w/fails", Kind.ACTIVITY, None, None),
    (Initial("p"), "start/p", Kind.START, None, "p"),
    (Initial("p", pristine=True), "start/p", Kind.PRISTINE, None, "p"),
    (Preserved("a", "p"), "step/a/p", Kind.STEP, "a", "p"),
    (Preserved("a", "p", pristine=True), "step/a/p", Kind.PRISTINE, "a", "p"),
    (StepKept("a", "p"), "step/a/p", Kind.STEP_PROMISE, "a", "p"),
    (Stutters("p"), "step/(idle)/p", Kind.STEP_PROMISE, None, "p"),
    (Answered("p", "c"), "answer/p/c", Kind.ANSWER, None, "p"),
    (Enabled("p", "a"), "enabled/p/a", Kind.ENABLED, "a", "p"),
    (Forgettable("a"), "forgettable/a", Kind.FORGETTABLE, "a", None),
    (ForgettableByPromise("p"), "forgettable/promise/p", Kind.FORGETTABLE, None, "p"),
    (ForgettableByWait("a"), "forgettable/wait/a", Kind.FORGETTABLE, None, None),
    (Precondition("a", "l.o", 2), "precondition/a/l.o/2", Kind.PRECONDITION, "a", None),
    (AnswersHandled("a", "l", "o", 1), "precondition/a/l.o/answered_1", Kind.PRECONDITION, "a", None),
    (Apart("a", "w", 2), "precondition/a/(while w)/2", Kind.PRECONDITION, "a", None),
    (SameCalls("a", "w"), "precondition/a/(while w)/same_calls", Kind.PRECONDITION, "a", None),
    (OffersStart(), "refinement/(start)", Kind.REFINEMENT, None, None),
    (OffersStep("a"), "refinement/a", Kind.REFINEMENT, "a", None),
    (OffersShared(), "refinement/(shared)", Kind.REFINEMENT, None, None),
    (WholeContract("C"), "contract/C", Kind.CONTRACT, None, None),
    (WayDown("p", ("UP", "ON")), "recoverable/p/UP.ON", Kind.RECOVERABLE, None, "p"),
    (WayDown("p", ()), "recoverable/p/(everywhere)", Kind.RECOVERABLE, None, "p"),
    (WaitPossible(P), "leads_to/p/possible", Kind.LEADS_TO, None, "p"),
    (WaitPossible(C), "leads_to/caller.a/possible", Kind.LEADS_TO, None, None),
    (WaitProgress(P, "b", fair=True), "leads_to/p/b/decreases", Kind.LEADS_TO, "b", "p"),
    (WaitProgress(C, "b", fair=False), "leads_to/caller.a/b/preserves", Kind.LEADS_TO, "b", None),
    (Assumed("a", 3), "assumption/a/3", Kind.ASSUMED, "a", None),
    (Happens("a"), "witness/a", Kind.WITNESS, "a", None),
    (BranchTaken("a", 7, taken=True), "witness/a/if_7/then", Kind.WITNESS, "a", None),
    (BranchTaken("a", 7, taken=False), "witness/a/if_7/else", Kind.WITNESS, "a", None),
    (ValueTaken(None, "v", "X"), "witness/v.X", Kind.WITNESS, None, None),
    (ValueTaken("f", "v", "X"), "witness/f.v.X", Kind.WITNESS, None, None),
    (Applies("p", 0), "witness/p/applies", Kind.WITNESS, None, "p"),
    (Applies("p", 2), "witness/p/applies/2", Kind.WITNESS, None, "p"),
    (Fails("p"), "expected/p", Kind.EXPECTED_FAILURE, None, "p"),
]


@pytest.mark.parametrize(("about", "name", "kind", "action", "promise"), NAMES, ids=[entry[1] for entry in NAMES])
def test_each_obligation_says_what_it_is_about(
    about: Subject, name: str, kind: Kind, action: str | None, promise: str | None
) -> None:
    assert (id_of(about), kind_of(about), action_of(about), promise_of(about)) == (name, kind, action, promise)
    span = counted().span
    obligation = Obligation(about, span)
    assert (obligation.id, obligation.kind, obligation.action, obligation.promise) == (name, kind, action, promise)


def test_waits_and_locations_have_names() -> None:
    assert (wait_name(P), wait_name(C)) == ("p", "wait for a")
    assert (location_name(()), location_name(("UP", "ON"))) == ("everywhere", "UP ON")


def test_the_obligations_of_a_machine_are_listed_in_order() -> None:
    machine = counted("@recoverable\ndef p(self) -> bool:\n    return self.phase == Phase.OFF")
    assert [obligation.id for obligation in obligations(problem_of(machine))] == [
        "traced/R1", "total/Start/covered", "total/Start/exclusive", "total/Stop/covered", "total/Stop/exclusive",
        "start/users in range", "start/on_means_used", "step/start/users in range", "step/start/on_means_used",
        "step/stop/users in range", "step/stop/on_means_used", "step/drained/users in range",
        "step/drained/on_means_used", "recoverable/p/OFF", "recoverable/p/ON", "recoverable/p/DRAINING",
        "witness/start", "witness/busy", "witness/stop", "witness/stop/if_1/then", "witness/stop/if_1/else",
        "witness/excess", "witness/drained", "witness/phase.OFF", "witness/phase.ON", "witness/phase.DRAINING",
        "witness/on_means_used/applies/1", "witness/on_means_used/applies/2", "witness/p/applies",
    ]  # fmt: skip


# --- conditions as text ------------------------------------------------------------------------------------------


def test_conditions_are_scripts() -> None:
    problem = problem_of(counted())
    users = Variable("users", INT)
    less, more = Binary(Op.LT, users, Literal(0, INT)), Binary(Op.GE, users, Literal(0, INT))
    batch: Batch[str] = state_batch(problem, [("less", less), ("more", more)], where=[TRUE])
    script = batch.named("both")
    assert script.name == "both"
    assert script.text().count("\n(push 1)\n") == script.text().count("\n(pop 1)\n") == 2
    assert script.text().count("(check-sat)") == script.text().count("(push 1)") == script.text().count("(pop 1)") == 2
    assert ("; less\n" in script.text(), "; more\n" in script.text()) == (True, True)
    for number, (_, negated) in enumerate(script.goals):
        assert script.alone(number) == batch.conditions[number].text()
        assert f"(assert {negated})\n(check-sat)\n" in script.alone(number)
        assert f"(assert {negated})\n(check-sat)\n(pop 1)\n" in script.text()
        assert script.alone(number).startswith("(set-logic ALL)\n")
    assert script.text().startswith("(set-logic ALL)\n")
    assert all(f"(assert {term})\n" in script.text() for term in script.premises)
    assert all(f"{line}\n" in script.text() for line in script.declarations)
    assert batch.only([1]).goals == batch.goals[1:]
    assert [condition in Confirmed() for condition in batch.conditions] == [False, True]
    assert batch.conditions[0] != batch.conditions[1]
    assert isinstance(batch.conditions[0], Condition)


def test_premises_count_where_they_are_given() -> None:
    problem = problem_of(counted())
    users, zero, one = Variable("users", INT), Literal(0, INT), Literal(1, INT)
    positive = ("positive", Binary(Op.GE, users, zero))
    batches: list[Batch[str]] = [
        state_batch(problem, [positive]),
        start_batch(problem, Binary(Op.EQ, users, one), [positive]),
        start_batch(problem, TRUE, [positive]),
        state_batch(problem, [("one", Binary(Op.EQ, users, one))], where=[Binary(Op.EQ, users, one)]),
        state_batch(problem, [("one", Binary(Op.EQ, users, one))]),
        action_batch(problem, problem.machine.actions_by_name["start"], [("one", Binary(Op.GT, users, zero))]),
        action_batch(problem, problem.machine.actions_by_name["drained"], [("one", Binary(Op.GT, users, zero))]),
    ]
    assert [batch.conditions[0] in Confirmed() for batch in batches] == [True, True, False, True, False, True, False]


def test_a_location_is_where_all_its_values_are() -> None:
    problem = problem_of(counted())
    assert problem.locations == (("OFF",), ("ON",), ("DRAINING",))
    none: Problem = problem_of(ring())
    assert (none.locations, none.control) == (((),), ())
    goals: list[tuple[str, Expr]] = [
        ("somewhere", problem.at_some(problem.locations)),
        ("not in two", Not(Binary(Op.AND, problem.at(("OFF",)), problem.at(("ON",))))),
        ("in two of three", problem.at_some(problem.locations[:2])),
        ("nowhere", problem.at_some(())),
    ]
    batch = state_batch(problem, goals)
    assert [condition in Confirmed() for condition in batch.conditions] == [True, True, False, False]
    assert Trap(run_of(counted()), (), (TRUE, Variable("x", BOOL))).claim == Variable("x", BOOL)
    assert replace(problem, fallen=frozenset({"x"})).fallen == {"x"}


def test_what_is_declared_false_hides_nothing_that_comes_after_it() -> None:
    false = '@always(expect="refuted")\ndef f(self) -> bool:\n    return self.users == 0\n\n'
    later = "@always\ndef p(self) -> bool:\n    return self.users < 3"
    assert still_open(counted(false + later)) == ["step/start/p"]
    assert still_open(counted(later + "\n\n" + false)) == ["step/start/p"]


def test_a_promise_about_releases_is_listed_as_one() -> None:
    found = judged(counted("@pristine\ndef p(self) -> bool:\n    return self.phase == Phase.OFF")).outcomes
    assert {Initial("p", pristine=True), Preserved("stop", "p", pristine=True)} <= found.keys()
    assert {Initial("on_means_used"), Preserved("stop", "on_means_used")} <= found.keys()
    assert problem_of(counted()).source == counted()


def test_locations_have_the_values_of_all_enums_in_their_order() -> None:
    users = "    users: Nat = 0\n"
    text = changed(COUNTED, ("class Counted", OTHER_ENUM), (users, f"{users}    {OTHER_FIELD}\n"))
    problem = problem_of(read(text))
    assert problem.locations == tuple((phase, way) for phase in ("OFF", "ON", "DRAINING") for way in ("LEFT", "RIGHT"))


OTHER_ENUM = "class Way(Enum):\n    LEFT = auto()\n    RIGHT = auto()\n\n\nclass Counted"
OTHER_FIELD = "way: Way = Way.LEFT"


def test_kinds_are_grouped_by_name() -> None:
    assert [kind.value for kind in Kind] == [
        "total", "activity", "start", "step", "step promise", "answer", "enabled", "pristine",
        "recoverable", "leads to", "forgettable", "assumption", "precondition", "refinement", "contract", "witness",
        "traced", "expected failure",
    ]  # fmt: skip
