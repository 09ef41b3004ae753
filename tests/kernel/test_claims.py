"""Promises about states, steps and calls: each is established, and open where one thing is broken."""

import pytest
from quiesce.kernel.established import ByFrame, Proved
from quiesce.kernel.hints import Hints
from quiesce.kernel.kinds import id_of
from quiesce.kernel.plan import Plan
from quiesce.kernel.problem import problem_of, unassuming
from quiesce.kernel.rules.enabled import enabled_goals
from quiesce.kernel.rules.steps import framed
from quiesce.kernel.subjects import Happens, Preserved, StepKept, Stutters, Subject
from quiesce.spec.model import INT, Binary, Literal, Op, Variable
from quiesce.spec.state import Run

from tests.kernel.counted import COUNTED, counted
from tests.kernel.judging import judged, read, reasons, run_of, still_open
from tests.machines import changed
from tests.prove.test_enabled import BROKEN, KEPT, cloakroom

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


def test_a_machine_is_proved_with_the_helpers_that_its_proof_rests_on() -> None:
    machine = read(COUNTER)
    runs: dict[Subject, Run] = {Happens("up"): run_of(machine, "up")}
    n = next(Variable(v.name, v.type) for v in machine.variables if v.name == "n")
    helper = Binary(Op.GE, n, Literal(-3, INT))
    assert judged(machine, Hints(helpers=(helper,)), runs).proved(machine)


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
