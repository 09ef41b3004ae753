"""Waits that are stuck and states that are never left: what a run shows of promises about the end of runs."""

from collections.abc import Mapping

import pytest
from quiesce.kernel.established import established
from quiesce.kernel.hints import NOTHING, Hints, Trap
from quiesce.kernel.plan import Plan
from quiesce.kernel.problem import problem_of, unassuming
from quiesce.kernel.rules.disabled import impossible
from quiesce.kernel.runs.shown import objection
from quiesce.kernel.subjects import Fails, Subject
from quiesce.spec.model import BOOL, Field, Literal, Machine, MemberType, ParameterDecl, Variable
from quiesce.spec.rewrite import equal
from quiesce.spec.state import Run

from tests.kernel.answers import Confirmed
from tests.kernel.judging import expected, judged, read, run_of, why

WAITS = """
from quiesce.spec import Family, Machine, Member, Nat, New, call, environment, internal, leads_to, when


class Job(Member):
    left: Nat = 1


class Works(Machine):
    busy: bool = False
    limit: Nat = 0
    jobs: Family[Job]

    @call("begin")
    def begin(self) -> None:
        when(not self.busy)
        self.busy = True

    @call("begin", fails="BUSY")
    def refuse(self) -> None:
        when(self.busy)

    @environment
    def uses(self, j: Job) -> None:
        when(j.left > 0)
        j.left -= 1

    @environment
    def raises(self) -> None:
        self.limit += 1

    @internal
    def ends(self, {arguments}) -> None:
        when(self.busy and {guard})
        self.busy = False

    @leads_to(fair=[{fair}], expect="refuted")
    def p(self) -> tuple[bool, bool]:
        return self.busy, not self.busy
"""

STUCK = {
    "a number that cannot be": ("n: Nat", "n < self.limit", "ends", ("begin",), True),
    "a number that can be": ("n: Nat", "n < self.limit", "ends", ("begin", "raises"), False),
    "a large number": ("n: Nat", "n > 1000000", "ends", ("begin",), False),
    "a negative number": ("n: Nat", "n < 0", "ends", ("begin",), True),
    "a negative number, as it may be": ("n: int", "n < 0", "ends", ("begin",), False),
    "a member that was never used": ("j: Job", "j.left > 0", "ends", ("begin",), False),
    "a member of the run": ("j: Job", "j.left == 0", "ends", ("begin", ("uses", {"j": 0})), False),
    "a member that does not fit": ("j: Job", "j.left > 1", "ends", ("begin", ("uses", {"j": 0})), True),
    "a member twice": ("j: Job, k: Job", "j.left == 1 and k.left == 1 and not (j is k)", "ends", ("begin",), False),
    "a member and a number": ("j: Job, n: Nat", "j.left == n and n > 1", "ends", ("begin",), True),
    "one of two can happen": ("n: Nat", "n < 0", "raises, ends", ("begin",), False),
    "the wait has not begun": ("n: Nat", "n < 0", "ends", (), False),
}


@pytest.mark.parametrize("name", STUCK)
def test_a_wait_is_stuck_where_nothing_fair_can_happen(name: str) -> None:
    arguments, guard, fair, moves, good = STUCK[name]
    machine = read(WAITS.format(arguments=arguments, guard=guard, fair=fair))
    run = run_of(machine, *moves, members=1)
    assert (why(judged(machine, runs={Fails("p"): run}), Fails("p")) is None) == good


@pytest.mark.parametrize("assuming", [True, False])
def test_a_wait_is_stuck_by_an_assumption_only_where_it_is_made(*, assuming: bool) -> None:
    text = WAITS.format(arguments="n: Nat", guard="n > 0", fair="ends")
    text = text.replace("refuted", expected(assuming)).replace("New, call", "New, assume, call")
    machine = read(text.replace("when(self.busy and n > 0)", 'when(self.busy)\n        assume(n < 0, "nobody can")'))
    run = run_of(machine, "begin", members=1)
    assert (why(judged(machine, runs={Fails("p"): run}), Fails("p")) is None) == assuming


def test_a_refusal_is_no_step_that_could_end_a_wait() -> None:
    machine = read(WAITS.format(arguments="n: Nat", guard="n < 0", fair="ends"))
    idle = run_of(machine, members=1).end
    assert not list(impossible(machine, idle, ["refuse"]))
    assert list(impossible(machine, idle, ["ends"]))


TRAPS = """
from quiesce.spec import Family, Machine, Member, Nat, environment, internal, recoverable, when


class Part(Member):
    worn: bool = False


class Engine(Machine):
    broken: bool = False
    hot: bool = False
    parts: Family[Part]

    @environment
    def heats(self) -> None:
        self.hot = True

    @environment
    def cools(self) -> None:
        self.hot = False

    @environment
    def breaks(self) -> None:
        self.broken = True
        self.hot = True

    @environment
    def wears(self, part: Part) -> None:
        part.worn = True

    @recoverable(expect="refuted")
    def whole(self) -> bool:
        return not self.broken and all(not part.worn for part in self.parts)
"""
BROKEN = equal(Variable("broken", BOOL), Literal(value=True, type=BOOL))
HOT = equal(Variable("hot", BOOL), Literal(value=True, type=BOOL))


def trapped(machine: Machine, run: Run, *traps: Trap, runs: Mapping[Subject, Run] | None = None) -> str | None:
    hints = Hints(traps=dict.fromkeys(["whole"], *traps) if traps else {})
    return why(judged(machine, hints, {Fails("whole"): run} if runs is None else runs), Fails("whole"))


def test_a_trap_is_entered_never_left_and_without_the_goal() -> None:
    machine = read(TRAPS)
    run = run_of(machine, "breaks", members=1)
    assert trapped(machine, run, Trap(run, (), (BROKEN,))) is None
    assert trapped(machine, run, Trap(run, (), (BROKEN, HOT))) == "1 of 5 conditions are not confirmed"
    assert trapped(machine, run, Trap(run, (), (HOT,))) == "2 of 5 conditions are not confirmed"
    assert trapped(machine, run, Trap(run, (), ())) == "1 of 5 conditions are not confirmed"
    assert trapped(machine, run) == "its run does not show it"
    other = run_of(machine, "heats", members=1)
    assert trapped(machine, other, Trap(other, (), (BROKEN,))) == "its run does not show it"
    assert trapped(machine, run, Trap(other, (), (BROKEN,))) == "its run does not show it"
    assert trapped(machine, run, Trap(run, (), (BROKEN,)), runs={}) == "no run shows it"


def test_a_trap_may_speak_of_a_member() -> None:
    machine = read(TRAPS)
    family = machine.families_by_name["parts"]
    parameter = ParameterDecl("it", family.member, new=False, span=family.span)
    assert isinstance(parameter.type, MemberType)
    worn = Plan(problem_of(machine)).problem.effects["wears"]
    assert worn.writes
    fact = equal(Field("it", "parts", "worn", BOOL), Literal(value=True, type=BOOL))
    run = run_of(machine, ("wears", {"part": 1}), members=2)
    assert trapped(machine, run, Trap(run, (parameter,), (fact,))) is None
    number = ParameterDecl("n", BOOL, new=False, span=family.span)
    assert trapped(machine, run, Trap(run, (parameter, number), (fact,))) == (
        "the hints are refused: a trap is about something else than members"
    )
    early = run_of(machine, "heats", members=2)
    assert trapped(machine, early, Trap(early, (parameter,), (fact,))) == "its run does not show it"


def test_a_trap_of_another_promise_is_refused() -> None:
    machine = read(TRAPS.replace('@recoverable(expect="refuted")', "@recoverable"))
    run = run_of(machine, "breaks", members=1)
    plan = Plan(problem_of(machine))
    assert [name for name, _ in plan.trap("whole", Trap(run, (), (BROKEN,)))][-1] == "trap whole apart"
    always = read(
        TRAPS.replace('@recoverable(expect="refuted")', "@always").replace("recoverable, when", "always, when")
    )
    with pytest.raises(TypeError, match="not about recovery"):
        list(Plan(problem_of(always)).trap("whole", Trap(run, (), (BROKEN,))))
    assert established(plan, NOTHING, Confirmed(), {}).problem is plan.problem


def test_a_trap_without_assumptions_rests_on_no_promise() -> None:
    text = TRAPS.replace("refuted", "{}").replace("recoverable, when", "assume, recoverable, when")
    mends = (
        "\n    @environment\n    def mends(self) -> None:\n"
        '        assume(not self.broken, "nobody can")\n        self.broken = False\n'
    )
    for assuming in (True, False):
        machine = read(
            text.format(expected(assuming)).replace(
                "    @environment\n    def heats", mends + "\n    @environment\n    def heats"
            )
        )
        run = run_of(machine, "breaks", members=1)
        assert (trapped(machine, run, Trap(run, (), (BROKEN,))) is None) == assuming


def test_members_alone_tell_apart_where_a_trap_may_hold() -> None:
    """The hints are refused before, but a rule does not count on that."""
    machine = read(TRAPS)
    number = ParameterDecl("n", BOOL, new=False, span=machine.span)
    run = run_of(machine, "breaks", members=1)
    hints = Hints(traps={"whole": Trap(run, (number,), (BROKEN,))})
    assert objection(Plan(problem_of(machine)), hints, Fails("whole"), run) is None


BREAKS_TRUST = """
    @environment
    def cheats(self) -> None:
        assume(self.limit > 0, "nobody does")
        self.limit += 1
"""


@pytest.mark.parametrize(("ends", "good"), [("assume(n < 0, 'nobody can')", False), ("when(n < 0)", True)])
def test_without_assumptions_a_wait_is_stuck_only_by_what_the_machine_itself_asks_for(ends: str, *, good: bool) -> None:
    text = WAITS.format(arguments="n: Nat", guard="n < 0", fair="ends").replace("New, call", "New, assume, call")
    text = text.replace("when(self.busy and n < 0)", f"when(self.busy)\n        {ends}")
    text = text.replace('"refuted"', '"refuted without assumptions"').replace(
        "\n    @internal", f"{BREAKS_TRUST}\n    @internal"
    )
    machine = read(text)
    run = run_of(unassuming(problem_of(machine)).machine, "cheats", "begin", members=1)
    assert (why(judged(machine, runs={Fails("p"): run}), Fails("p")) is None) == good


@pytest.mark.parametrize(
    ("mends", "good"), [("assume(not self.broken, 'nobody can')", False), ("when(not self.broken)", True)]
)
def test_without_assumptions_a_trap_is_kept_only_by_what_the_machine_itself_asks_for(mends: str, *, good: bool) -> None:
    text = TRAPS.replace("recoverable, when", "assume, recoverable, when")
    text = text.replace('"refuted"', '"refuted without assumptions"')
    text = text.replace(
        "        self.hot = False", "        assume(not self.hot, 'nobody dares')\n        self.hot = False"
    )
    text = text.replace(
        "    @environment\n    def heats",
        f"    @environment\n    def mends(self) -> None:\n        {mends}\n        self.broken = False\n\n"
        "    @environment\n    def heats",
    )
    machine = read(text)
    run = run_of(unassuming(problem_of(machine)).machine, "heats", "cools", "breaks", members=1)
    assert (trapped(machine, run, Trap(run, (), (BROKEN,))) is None) == good
