"""Promises about states, steps, answers and the start, and what their proofs may rest on: pairs of small specs."""

from dataclasses import replace

import pytest
from quiesce.kernel.batches import Batch, Condition, action_batch, start_batch, state_batch
from quiesce.kernel.established import ByFrame, Proved
from quiesce.kernel.hints import Hints, Trap
from quiesce.kernel.kinds import Kind, Obligation, action_of, id_of, kind_of, location_name, promise_of, wait_name
from quiesce.kernel.obligations import obligations
from quiesce.kernel.plan import Plan
from quiesce.kernel.problem import Problem, problem_of, unassuming
from quiesce.kernel.rules.enabled import enabled_goals
from quiesce.kernel.rules.steps import framed
from quiesce.kernel.subjects import (
    Answered,
    AnswersHandled,
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
    OffersShared,
    OffersStart,
    OffersStep,
    Precondition,
    Preserved,
    PromisedWait,
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
from quiesce.spec.effects import ANY_MEMBER
from quiesce.spec.model import BOOL, INT, TRUE, Binary, Expr, Field, IntType, Literal, Machine, Not, Op, Total, Variable
from quiesce.spec.state import Run

from tests.kernel.answers import Confirmed
from tests.kernel.judging import judged, read, reasons, run_of, still_open, why
from tests.machines import changed, text_of
from tests.prove.test_enabled import BROKEN, KEPT, cloakroom
from tests.prove.test_totals import NESTED, ODD

COUNTED = text_of("counted")

# --- answers, possibilities, the start ---------------------------------------------------------------------------


@pytest.mark.parametrize("name", KEPT)
def test_what_is_promised_of_calls_and_is_so_is_established(name: str) -> None:
    promise, listed = KEPT[name]
    found = judged(cloakroom(promise))
    assert set(listed) <= {id_of(about) for about in found.outcomes}
    assert reasons(found) == {}


@pytest.mark.parametrize("name", BROKEN)
def test_what_is_promised_of_calls_and_is_not_so_is_open(name: str) -> None:
    promise, broken, _, sentence = BROKEN[name]
    machine = cloakroom(promise)
    assert still_open(machine) == [broken]
    said = [goal.otherwise for goal in enabled_goals(problem_of(machine)) if goal.obligation.id == broken]
    assert not said or sentence.endswith(said[0])


def test_a_promise_is_about_every_call_and_every_action_that_it_names() -> None:
    answered = cloakroom(
        '@refuses(calls("fetch", "hang"), "CLOSED")\ndef claimed(self) -> bool:\n    return self.is_open\n'
    )
    assert still_open(answered) == ["answer/claimed/fetch", "answer/claimed/hang"]
    possible = cloakroom("@enabled(pilfer, begin)\ndef claimed(self) -> bool:\n    return not self.is_open\n")
    assert still_open(possible) == ["enabled/claimed/pilfer"]
    both = cloakroom("@enabled(pilfer, begin)\ndef claimed(self) -> bool:\n    return self.is_open\n")
    assert still_open(both) == ["enabled/claimed/pilfer", "enabled/claimed/begin"]


# --- states and steps --------------------------------------------------------------------------------------------


def counted(*more: str) -> Machine:
    lines = [line for text in more for line in text.splitlines()]
    return read(COUNTED + "".join(f"    {line}\n" if line else "\n" for line in lines))


CLAIMS = {
    "as it is": ("", []),
    "what is false at the start": (
        "@always\ndef p(self) -> bool:\n    return self.users > 0",
        ["start/p", "step/stop/p"],
    ),
    "what one action breaks": ("@always\ndef p(self) -> bool:\n    return self.users < 3", ["step/start/p"]),
    "what rests on another": (
        "@always\ndef p(self) -> bool:\n    return self.phase == Phase.ON or self.users == 0",
        [],
    ),
    "a step that is": ('@step\ndef p(self, old: "Counted") -> bool:\n    return self.users <= old.users + 1', []),
    "a step that is not": (
        '@step\ndef p(self, old: "Counted") -> bool:\n    return self.users <= old.users',
        ["step/start/p"],
    ),
    "a step of others": (
        '@step(unless=[start])\ndef p(self, old: "Counted") -> bool:\n    return self.users <= old.users',
        [],
    ),
    "a step without a change that is not": (
        '@step\ndef p(self, old: "Counted") -> bool:\n    return self.users != old.users',
        ["step/(idle)/p", "step/drained/p"],
    ),
    "a step without a change that nobody asks for": (
        (
            "@step(unless=[busy, excess, drained])\n"
            'def p(self, old: "Counted") -> bool:\n    return self.users != old.users'
        ),
        [],
    ),
    "one refusal is left": (
        '@step(unless=[busy, drained])\ndef p(self, old: "Counted") -> bool:\n    return self.users != old.users',
        ["step/(idle)/p"],
    ),
    "a step that reads the state before": (
        (
            "@step(unless=[start, stop, busy, excess])\n"
            'def p(self, old: "Counted") -> bool:\n    return old.phase == Phase.DRAINING'
        ),
        [],
    ),
    "a step that rests on its guard": (
        '@step(only=stop)\ndef p(self, old: "Counted") -> bool:\n    return old.users > 0',
        [],
    ),
    "released": ("@pristine\ndef p(self) -> bool:\n    return self.phase == Phase.OFF", []),
    "released too early": (
        "@pristine\ndef p(self) -> bool:\n    return self.phase != Phase.DRAINING",
        ["step/start/p"],
    ),
    "released, but not at the start": (
        "@pristine\ndef p(self) -> bool:\n    return self.phase == Phase.DRAINING",
        ["step/stop/p"],
    ),
}


@pytest.mark.parametrize("name", CLAIMS)
def test_a_promise_is_established_or_open_where_it_is_broken(name: str) -> None:
    promise, wrong = CLAIMS[name]
    assert still_open(counted(promise)) == wrong


CALLS = {
    "no outcome": (("when(self.users == 0)", "when(self.users == 7)"), ["total/Stop/covered", "total/Stop/exclusive"]),
    "two outcomes": (("when(self.users == 0)", "when(self.users <= 1)"), ["total/Stop/exclusive"]),
    "two of one name": (('@call("Stop", fails', '@call("Stop", "Start", fails'), ["total/Start/exclusive"]),
    "a start that breaks a promise": (("users: Nat = 0", "users: Nat = 1"), ["start/on_means_used"]),
    "a count below zero": (
        ("when(self.users > 0)", "when(self.users >= 0)"),
        ["total/Stop/exclusive", "step/stop/users in range"],
    ),
}


@pytest.mark.parametrize("name", CALLS)
def test_a_machine_with_one_fault(name: str) -> None:
    (before, now), wrong = CALLS[name]
    assert set(still_open(read(changed(COUNTED, (before, now))))) == set(wrong)


def test_what_fell_is_no_premise_and_is_asked_for_nevertheless() -> None:
    promise = "@always\ndef p(self) -> bool:\n    return self.phase == Phase.ON or self.users == 0"
    machine = counted(promise)
    without = problem_of(machine, fallen=frozenset({"on_means_used"}))
    found = still_open(without)
    assert "step/start/on_means_used" not in found
    assert "start/on_means_used" not in found
    assert not judged(without).proved(machine)
    refs = read(
        "from quiesce.spec import Int, Machine, always, environment\n\n\nclass R(Machine):\n    n: Int = 0\n\n"
        "    @environment\n    def up(self) -> None:\n        self.n += 1\n\n"
        "    @environment\n    def down(self) -> None:\n        self.n -= 1\n\n"
        "    @always\n    def p(self) -> bool:\n        return self.n >= 0\n\n"
        "    @always\n    def q(self) -> bool:\n        return self.n > -3\n"
    )
    assert still_open(refs) == ["step/down/p"]
    assert still_open(problem_of(refs, fallen=frozenset({"p"}))) == ["step/down/p", "step/down/q"]
    assert still_open(problem_of(refs, fallen=frozenset({"p", "q"}))) == ["step/down/p", "step/down/q"]


COUNTER = """
from quiesce.spec import Machine, Nat, environment


class Counter(Machine):
    n: Nat = 0

    @environment
    def up(self) -> None:
        self.n += 1
"""


def test_what_is_shown_of_a_problem_with_fewer_premises_is_not_shown_of_the_machine() -> None:
    """Whatever is left open there, or was never asked for, must not look as if it were shown."""
    machine = read(COUNTER)
    runs: dict[Subject, Run] = {Happens("up"): run_of(machine, "up")}
    assert judged(machine, runs=runs).proved(machine)
    for problem in (problem_of(machine, fallen=frozenset({"n in range"})), unassuming(problem_of(machine))):
        found = judged(problem, runs=runs)
        assert found.still_open == ()
        assert found.problem.machine == problem_of(machine).machine
        assert not found.proved(machine)
    assert not judged(machine).proved(machine)


def test_nothing_is_known_where_nobody_is_trusted() -> None:
    machine = counted()
    bare = unassuming(problem_of(machine))
    assert (bare.invariants, bare.premises, bare.trusting, bare.in_range) == ((), (), False, False)
    assert not judged(bare).proved(machine)
    assert problem_of(machine).in_range
    assert not problem_of(machine, fallen=frozenset({"users in range"})).in_range
    assert problem_of(machine, fallen=frozenset({"on_means_used"})).in_range


def test_a_helper_is_shown_like_a_promise() -> None:
    machine = counted("@always\ndef p(self) -> bool:\n    return self.phase == Phase.ON or self.users == 0")
    users = next(Variable(v.name, v.type) for v in machine.variables if v.name == "users")
    good, bad = Binary(Op.GE, users, Literal(-3, INT)), Binary(Op.LT, users, Literal(2, INT))
    false = Binary(Op.GT, users, Literal(0, INT))
    assert reasons(judged(machine, Hints(helpers=(good,)))) == {}
    assert still_open(machine, Hints(helpers=(good, bad))) == ["step/start/helper 2"]
    assert still_open(machine, Hints(helpers=(false,))) == ["start/helper 1", "step/stop/helper 1"]


def test_a_requirement_is_carried_by_what_is_to_hold() -> None:
    assert "traced/R1" not in still_open(counted())
    for now in ("@always", '@always(satisfies=R1, expect="refuted")'):
        text = changed(COUNTED, ("@always(satisfies=R1)", now))
        assert reasons(judged(read(text)))["traced/R1"] == "nothing carries it"
    text = changed(COUNTED, ("@always(satisfies=R1)", "@always"), ('@call("Start")', '@call("Start", satisfies=R1)'))
    assert "traced/R1" not in still_open(read(text))


# --- induction ---------------------------------------------------------------------------------------------------

RING = """
from quiesce.spec import Machine, Nat, always, environment, step, when


class Ring(Machine):
    a: Nat = {a}
    b: Nat = {b}
    c: Nat = {c}

    @environment
    def turn(self, n: Nat) -> None:
        when(n == 0)
        self.a, self.b, self.c = self.b + n, self.c, self.a

    @always
    def never_four(self) -> bool:
        return self.a != 4
"""


def ring(a: int = 1, b: int = 2, c: int = 3) -> Machine:
    text = RING.format(a=a, b=b, c=c).replace(
        "self.a, self.b, self.c = self.b + n, self.c, self.a",
        "self.d = self.a\n        self.a = self.b + n\n        self.b = self.c\n        self.c = self.d",
    )
    return read(text.replace("    c: Nat", "    d: Nat = 0\n    c: Nat"))


ABOUT = Preserved("turn", "never_four")


@pytest.mark.parametrize(("depth", "good"), [(1, False), (2, False), (3, True), (4, True)])
def test_a_ring_is_explained_by_as_many_steps_as_it_has_places(depth: int, *, good: bool) -> None:
    found = judged(ring(), Hints(inductions={ABOUT: depth}))
    assert (why(found, ABOUT) is None) == good


@pytest.mark.parametrize("start", [(4, 1, 1), (1, 4, 1), (1, 1, 4)])
def test_an_induction_begins_at_the_start(start: tuple[int, int, int]) -> None:
    machine = ring(*start)
    assert reasons(judged(machine, Hints(inductions={ABOUT: 3})))
    assert not judged(machine, Hints(inductions={ABOUT: 3})).proved(machine)


NO_INDUCTION = "the hints are refused: an induction looks at fewer than two steps"


def test_an_induction_over_no_step_shows_nothing() -> None:
    assert why(judged(ring(), Hints(inductions={ABOUT: 0})), ABOUT) == NO_INDUCTION


def test_an_induction_over_two_steps_shows_what_one_shows() -> None:
    machine = counted('@step\ndef p(self, old: "Counted") -> bool:\n    return self.users <= old.users + 1')
    for about in (StepKept("start", "p"), Preserved("start", "on_means_used"), StepKept("drained", "p")):
        assert set(reasons(judged(machine, Hints(inductions={about: 1}))).values()) == {NO_INDUCTION}
        assert reasons(judged(machine, Hints(inductions={about: 2}))) == {}
    wrong = counted('@step\ndef p(self, old: "Counted") -> bool:\n    return self.users <= old.users')
    for depth in (2, 3):
        assert reasons(judged(wrong, Hints(inductions={StepKept("start", "p"): depth})))


def test_arguments_of_several_steps_are_told_apart() -> None:
    text = """
from quiesce.spec import Machine, Nat, always, environment, when


class Twice(Machine):
    n: Nat = 0
    last: Nat = 0

    @environment
    def put(self, k: Nat) -> None:
        when(k {0} self.last)
        self.n = self.last
        self.last = k

    @always
    def below(self) -> bool:
        return self.n <= self.last
"""
    about = Preserved("put", "below")
    assert reasons(judged(read(text.format(">=")), Hints(inductions={about: 2}))) == {}
    assert list(reasons(judged(read(text.format("!=")), Hints(inductions={about: 2})))) == ["step/put/below"]


# --- what is untouched -------------------------------------------------------------------------------------------


def test_what_an_action_does_not_write_is_left_as_it_was() -> None:
    machine = counted('@step\ndef p(self, old: "Counted") -> bool:\n    return self.users >= 0 or old.users < 0')
    problem = problem_of(machine)
    left_out = dict(framed(problem))
    assert left_out == {Preserved("drained", "users in range"): None, StepKept("drained", "p"): Stutters("p")}
    unless = counted(
        '@step(unless=[drained])\ndef p(self, old: "Counted") -> bool:\n    return self.users >= old.users - 1'
    )
    assert StepKept("drained", "p") not in dict(framed(problem_of(unless)))
    outcome = judged(machine).outcomes[StepKept("drained", "p")]
    assert isinstance(outcome, Proved)
    assert outcome.rule == ByFrame(Stutters("p"))
    asked = {about for _, batch in Plan(problem).local for about, _ in batch.goals}
    assert not asked & left_out.keys()


# --- totals ------------------------------------------------------------------------------------------------------


def test_what_cannot_be_encoded_is_neither_shown_nor_used() -> None:
    found = reasons(judged(read(ODD)))
    assert list(found) == ["start/odd", "step/go/odd"]
    assert set(problem_of(read(ODD)).not_assumed) == {"odd"}
    batches = [batch for _, batch in Plan(problem_of(read(ODD))).local]
    assert sum(len(batch.refused) for batch in batches) == 2
    assert all("cannot be encoded" in text for batch in batches for text in batch.refused.values())
    assert "step/copy/alike" in still_open(read(NESTED))


SUMS = """
from quiesce.spec import Family, Machine, Member, Nat, always, assume, count, environment, implies, step, when


class Jar(Member):
    n: Nat = 0
    big: bool = False


class Shelf(Machine):
    total: Nat = 0
    jars: Family[Jar]

    @environment
    def put(self, jar: Jar, k: Nat) -> None:
        jar.n += k
        self.total += k

    @environment
    def take(self, jar: Jar) -> None:
        when(jar.n > 0)
        jar.n -= 1
        self.total -= {less}

    @environment
    def empty(self) -> None:
        when(self.total >= 0)
        self.total -= sum(jar.n for jar in self.jars{some})
        for jar in self.jars:
            jar.n = 0

    @always
    def exact(self) -> bool:
        return sum(jar.n for jar in self.jars) == self.total

    @step(only=take)
    def less(self, old: "Shelf") -> bool:
        return sum(jar.n for jar in self.jars) < sum(old[jar].n for jar in self.jars)

    @always
    def each(self) -> bool:
        return all(jar.n <= self.total for jar in self.jars)
"""


@pytest.mark.parametrize(
    ("less", "some", "wrong"),
    [
        ("1", "", []),
        ("0", "", ["step/take/exact"]),
        ("1", " if jar.big", ["step/empty/each", "step/empty/exact", "step/empty/total in range"]),
    ],
    ids=["exact", "one too many", "only the big ones"],
)
def test_sums_are_exact(less: str, some: str, wrong: list[str]) -> None:
    found = [name for name in still_open(read(SUMS.format(less=less, some=some))) if "forgettable" not in name]
    assert sorted(found) == sorted(wrong)


# --- ranges and policies -----------------------------------------------------------------------------------------

RANGES = """
from enum import Enum, auto
from typing import Annotated

from quiesce.spec import Family, Machine, Member, Nat, Range, always, environment, policy, when


class Size(Enum):
    SMALL = auto()
    LARGE = auto()
    HUGE = auto()


SIZE = policy(Size.SMALL{others})


class Tank(Member):
    level: Annotated[int, Range(0, 5)] = {level}


class Plant(Machine):
    pressure: Annotated[int, Range(1, 9)] = 1
    tanks: Family[Tank]

    @environment
    def fill(self, t: Tank) -> None:
        when(t.level < {most})
        t.level += 1

    @environment
    def press(self) -> None:
        when(self.pressure < 9 and SIZE != Size.HUGE)
        self.pressure += 1

    @environment
    def burst(self) -> None:
        when(SIZE == Size.HUGE)
        self.pressure = 0
"""


@pytest.mark.parametrize(
    ("others", "level", "most", "wrong"),
    [
        (", Size.LARGE", 0, 5, []),
        (", Size.LARGE, Size.HUGE", 0, 5, ["step/burst/pressure in range"]),
        (", Size.HUGE", 0, 5, ["step/burst/pressure in range"]),
        (", Size.LARGE", 0, 6, ["step/fill/tanks.level in range"]),
    ],
)
def test_declared_ranges_and_policies(others: str, level: int, most: int, wrong: list[str]) -> None:
    text = RANGES.format(others=others, level=level, most=most)
    found = still_open(read(text))
    assert found == wrong


# --- names -------------------------------------------------------------------------------------------------------

P, C = PromisedWait("p"), CallersWait("a")
NAMES: list[tuple[Subject, str, Kind, str | None, str | None]] = [
    (Traced("R"), "traced/R", Kind.TRACED, None, None),
    (Covered("c"), "total/c/covered", Kind.TOTAL, None, None),
    (Exclusive("c"), "total/c/exclusive", Kind.TOTAL, None, None),
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


def test_of_a_premise_that_cannot_be_encoded_the_parts_are_used_that_can() -> None:
    problem = problem_of(read(ODD))
    odd = next(invariant.claim for invariant in problem.invariants if invariant.name == "odd")
    wrong = Binary(Op.LT, Variable("n", INT), Literal(0, INT))
    # Where premises contradict each other, everything follows, whether it can be encoded or not.
    for where, good in ((odd, False), (Binary(Op.AND, odd, wrong), True), (Binary(Op.OR, odd, wrong), False)):
        goals: list[tuple[str, Expr]] = [("odd", odd), ("wrong", wrong)]
        batch = state_batch(problem, goals, where=[where])
        assert [condition in Confirmed() for condition in batch.conditions] == [good, good]
        assert set(batch.refused) == {0}


def test_what_an_induction_shows_is_not_asked_for_a_second_time() -> None:
    text = RING.format(a=1, b=1, c=1).replace("Nat = ", "Int = ").replace("Machine, Nat", "Int, Machine, Nat")
    text = text.replace("self.a, self.b, self.c = self.b + n, self.c, self.a", "self.a = 4 - self.a + self.b + n")
    plan = Plan(problem_of(read(text)))
    once = [name for name, _ in plan.batches(Hints())]
    assert once == ["start", "step turn"]
    assert [name for name, _ in plan.batches(Hints(inductions={ABOUT: 2}))] == [
        "start",
        "step turn never_four 0.0",
        "step turn never_four 1.0",
    ]
    two = Plan(problem_of(ring()))
    (step,) = [batch for name, batch in two.batches(Hints(inductions={ABOUT: 1})) if name == "step turn"]
    assert ABOUT not in [about for about, _ in step.goals]
    assert len(step.goals) == 4


def test_what_is_declared_false_hides_nothing_that_comes_after_it() -> None:
    false = '@always(expect="refuted")\ndef f(self) -> bool:\n    return self.users == 0\n\n'
    later = "@always\ndef p(self) -> bool:\n    return self.users < 3"
    assert still_open(counted(false + later)) == ["step/start/p"]
    assert still_open(counted(later + "\n\n" + false)) == ["step/start/p"]


def test_a_declared_range_that_fell_bounds_nothing() -> None:
    machine = read(RANGES.format(others=", Size.LARGE", level=0, most=5))
    assert problem_of(machine).in_range
    for name in ("pressure in range", "tanks.level in range"):
        assert not problem_of(machine, fallen=frozenset({name})).in_range
    problem = problem_of(read(SUMS.format(less="1", some="")))
    jars = Total(ANY_MEMBER, "jars", Field(ANY_MEMBER, "jars", "n", IntType(0)))
    goal = ("no debts", Binary(Op.GE, jars, Literal(0, INT)))
    fallen = problem_of(problem.machine, fallen=frozenset({"jars.n in range", "exact", "each", "total in range"}))
    batches: list[Batch[str]] = [
        state_batch(problem, [goal]),
        state_batch(fallen, [goal]),
        state_batch(unassuming(problem), [goal]),
        start_batch(problem, TRUE, [goal]),
    ]
    assert [batch.conditions[0] in Confirmed() for batch in batches] == [True, False, False, False]


def test_a_promise_about_releases_is_listed_as_one() -> None:
    found = judged(counted("@pristine\ndef p(self) -> bool:\n    return self.phase == Phase.OFF")).outcomes
    assert {Initial("p", pristine=True), Preserved("stop", "p", pristine=True)} <= found.keys()
    assert {Initial("on_means_used"), Preserved("stop", "on_means_used")} <= found.keys()
    assert problem_of(counted()).source == counted()


ONE_SUM = SUMS[: SUMS.index("    @always\n    def exact")]


@pytest.mark.parametrize(("less", "good"), [("jar.n -= 1", True), ("jar.n += 1", False), ("jar.big = True", False)])
def test_a_sum_that_only_a_promise_about_steps_speaks_of(less: str, *, good: bool) -> None:
    text = ONE_SUM[: ONE_SUM.index("    @environment\n    def empty")].replace("jar.n -= 1", less)
    text = text.format(less=1).replace("self.total -= 1\n", "") + (
        '    @step(only=take)\n    def p(self, old: "Shelf") -> bool:\n'
        "        return sum(jar.n for jar in self.jars) < sum(old[jar].n for jar in self.jars)\n"
    )
    assert ("step/take/p" not in still_open(read(text))) == good


@pytest.mark.parametrize(("guard", "good"), [("== 0", True), (">= 0", False)])
def test_a_sum_that_only_a_guard_speaks_of(guard: str, *, good: bool) -> None:
    text = ONE_SUM[: ONE_SUM.index("    @environment\n    def put")] + (
        f"    @environment\n    def acts(self, jar: Jar) -> None:\n        when(sum(j.n for j in self.jars) {guard})\n"
        "        self.total = jar.n\n\n    @always\n    def p(self) -> bool:\n        return self.total == 0\n"
    )
    assert ("step/acts/p" not in still_open(read(text))) == good


def test_an_induction_is_about_the_promise_that_it_names() -> None:
    kept = '@step\ndef o(self, old: "Counted") -> bool:\n    return self.users <= old.users + 1\n\n'
    broken = '@step\ndef p(self, old: "Counted") -> bool:\n    return self.users <= old.users'
    for machine in (counted(kept + broken), counted(broken + "\n\n" + kept)):
        for depth in (2, 3):
            hints = Hints(inductions={StepKept("start", "p"): depth, StepKept("start", "o"): depth})
            assert list(reasons(judged(machine, hints))) == ["step/start/p"]


def test_an_induction_may_be_about_members_and_arguments() -> None:
    about = Preserved("fill", "tanks.level in range")
    for most, good in ((5, True), (6, False)):
        machine = read(RANGES.format(others=", Size.LARGE", level=0, most=most))
        assert (why(judged(machine, Hints(inductions={about: 2})), about) is None) == good
    text = RING.format(a=1, b=1, c=1).replace("self.a, self.b, self.c = self.b + n, self.c, self.a", "self.a = n")
    text += '\n    @step(only=turn)\n    def p(self, old: "Ring", n: Nat) -> bool:\n        return self.a {} n\n'
    for op, good in (("==", True), ("<", False)):
        turned = StepKept("turn", "p")
        assert (why(judged(read(text.format(op)), Hints(inductions={turned: 2})), turned) is None) == good


def test_locations_have_the_values_of_all_enums_in_their_order() -> None:
    users = "    users: Nat = 0\n"
    text = changed(COUNTED, ("class Counted", OTHER_ENUM), (users, f"{users}    {OTHER_FIELD}\n"))
    problem = problem_of(read(text))
    assert problem.locations == tuple((phase, way) for phase in ("OFF", "ON", "DRAINING") for way in ("LEFT", "RIGHT"))


OTHER_ENUM = "class Way(Enum):\n    LEFT = auto()\n    RIGHT = auto()\n\n\nclass Counted"
OTHER_FIELD = "way: Way = Way.LEFT"


def test_kinds_are_grouped_by_name() -> None:
    assert [kind.value for kind in Kind] == [
        "total", "start", "step", "step promise", "answer", "enabled", "pristine", "recoverable", "leads to",
        "forgettable", "assumption", "precondition", "refinement", "contract", "witness", "traced", "expected failure",
    ]  # fmt: skip
