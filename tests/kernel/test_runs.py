"""What a run shows: each obligation with a run that shows it, and the same run or another one short of it."""

from collections.abc import Mapping
from dataclasses import replace
from typing import TypeAlias

import pytest
from quiesce.kernel.established import ByRun, Proved, established
from quiesce.kernel.hints import NOTHING, Hints, Trap
from quiesce.kernel.plan import Plan
from quiesce.kernel.problem import problem_of
from quiesce.kernel.rules.disabled import impossible
from quiesce.kernel.rules.shown import objection
from quiesce.kernel.rules.vacuity import situations
from quiesce.kernel.subjects import Applies, Assumed, BranchTaken, Fails, Happens, Initial, Subject, ValueTaken
from quiesce.spec.model import BOOL, Literal, Machine, MemberType, ParameterDecl, Value, Variable
from quiesce.spec.rewrite import equal
from quiesce.spec.state import Run

from tests.kernel.answers import Confirmed
from tests.kernel.judging import judged, read, run_of, why

SHOP = """
from enum import Enum, auto

from quiesce.spec import (
    Answer, Family, Machine, Member, Nat, New, Persistent, accepts, always, assume, call, enabled, environment,
    implies, initially, internal, leads_to, policy, pristine, recoverable, refuses, step, when,
)


class Door(Enum):
    SHUT = auto()
    OPEN = auto()


class Mood(Enum):
    CALM = auto()
    ANGRY = auto()


class Guest(Member):
    inside: bool = False
    mood: Mood = Mood.CALM


class Shop(Machine):
    door: Door = Door.SHUT
    sold: Nat = 0
    broken: bool = False
    guests: Family[Guest]

    @internal
    def opens(self) -> None:
        when(not self.broken)
        self.door = Door.OPEN

    @call("enter")
    def enters(self, g: New[Guest]) -> None:
        when(self.door == Door.OPEN)
        g.inside = True

    @call("enter", fails="SHUT")
    def shut(self, g: New[Guest]) -> None:
        when(self.door == Door.SHUT)

    @call("buy")
    def buys(self, g: Guest, n: Nat) -> None:
        when(g.inside and n > 0)
        assume(self.sold < 5, "there is little")
        if n > 3:
            g.mood = Mood.ANGRY
        else:
            self.sold += n

    @call("buy", fails="NO")
    def buys_not(self, g: Guest, n: Nat) -> None:
        when(not g.inside or n == 0)

    @environment
    def breaks(self, n: Nat) -> None:
        when(n >= self.sold)
        assume(n > 0, "not by itself")
        assume(n > 1, "and not easily")
        self.broken = True
        self.door = Door.SHUT

"""


def shop(*promises: str) -> Machine:
    lines = [line for promise in promises for line in promise.splitlines()]
    return read(SHOP + "".join(f"    {line}\n" if line else "\n" for line in lines))


OPENS, ENTERS = "opens", ("enters", {"g": 0})
BUYS, BUYS_MANY, BREAKS = ("buys", {"g": 0, "n": 2}), ("buys", {"g": 0, "n": 4}), ("breaks", {"n": 5})
BOUGHT = (OPENS, ENTERS, BUYS)


def shows(machine: Machine, about: Subject, *moves: str | tuple[str, Mapping[str, Value]], members: int = 2) -> bool:
    run = run_of(machine, *moves, members=members)
    found = judged(machine, runs={about: run})
    outcome = found.outcomes[about]
    if isinstance(outcome, Proved):
        assert outcome.rule == ByRun(run, ())
    return why(found, about) is None


def test_an_action_happens_in_the_last_step() -> None:
    machine = shop()
    assert shows(machine, Happens("enters"), OPENS, ENTERS)
    assert shows(machine, Happens("shut"), ("shut", {"g": 0}))
    assert not shows(machine, Happens("opens"), OPENS, ENTERS)
    assert not shows(machine, Happens("enters"), OPENS)
    assert not shows(machine, Happens("opens"))


def test_an_arm_is_taken_in_the_last_step() -> None:
    machine = shop()
    line = next(branch.line for branch in Plan(problem_of(machine)).due if isinstance(branch, BranchTaken))
    then, otherwise = BranchTaken("buys", line, taken=True), BranchTaken("buys", line, taken=False)
    assert shows(machine, then, OPENS, ENTERS, BUYS_MANY)
    assert shows(machine, otherwise, *BOUGHT)
    assert not shows(machine, then, *BOUGHT)
    assert not shows(machine, otherwise, OPENS, ENTERS, BUYS_MANY)
    assert not shows(machine, then, OPENS, ENTERS, BUYS_MANY, OPENS)
    assert not shows(machine, then)


def test_an_arm_is_taken_from_the_state_before_the_last_step() -> None:
    text = SHOP.replace("if n > 3:", "if self.sold > 1:")
    machine = read(text)
    line = next(branch.line for branch in Plan(problem_of(machine)).due if isinstance(branch, BranchTaken))
    then, otherwise = BranchTaken("buys", line, taken=True), BranchTaken("buys", line, taken=False)
    for moves, good in (((*BOUGHT, BUYS), then), ((*BOUGHT, OPENS, OPENS, BUYS), then), (BOUGHT, otherwise)):
        assert shows(machine, good, *moves)
        assert not shows(machine, otherwise if good is then else then, *moves)


def test_a_value_is_taken_in_the_last_state() -> None:
    machine = shop()
    assert shows(machine, ValueTaken(None, "door", "OPEN"), OPENS)
    assert shows(machine, ValueTaken(None, "door", "SHUT"))
    assert not shows(machine, ValueTaken(None, "door", "OPEN"))
    assert not shows(machine, ValueTaken(None, "door", "SHUT"), OPENS)
    assert shows(machine, ValueTaken("guests", "mood", "ANGRY"), OPENS, ENTERS, BUYS_MANY)
    assert not shows(machine, ValueTaken("guests", "mood", "ANGRY"), *BOUGHT)
    assert shows(machine, ValueTaken("guests", "mood", "CALM"))
    assert not shows(machine, ValueTaken("guests", "mood", "CALM"), members=0)


def test_an_assumption_is_met_by_a_step_or_may_be() -> None:
    machine = shop()
    assert shows(machine, Assumed("breaks", 1), BREAKS)
    assert shows(machine, Assumed("breaks", 1))
    assert shows(machine, Assumed("breaks", 2))
    assert shows(machine, Assumed("buys", 1), OPENS, ENTERS)
    assert not shows(machine, Assumed("buys", 1), OPENS)
    assert not shows(machine, Assumed("buys", 1), OPENS, ENTERS, members=1) or shows(
        machine, Assumed("buys", 1), *BOUGHT
    )


def test_an_assumption_that_nobody_meets_is_shown_by_nothing() -> None:
    never = SHOP.replace('assume(n > 0, "not by itself")', 'assume(n < 0, "never")')
    machine = read(never)
    assert not shows(machine, Assumed("breaks", 1))
    assert not shows(machine, Assumed("breaks", 2))
    later = read(SHOP.replace('assume(n > 1, "and', 'assume(n < 0, "and'))
    assert shows(later, Assumed("breaks", 1))
    assert not shows(later, Assumed("breaks", 2))
    second = read(SHOP.replace("when(n >= self.sold)", "when(n < 0)"))
    assert not shows(second, Assumed("breaks", 1))


def test_a_run_belongs_to_the_machine_that_it_is_a_run_of() -> None:
    machine = shop()
    run = run_of(machine, OPENS, members=1)
    plan = Plan(problem_of(machine))
    assert objection(plan, NOTHING, Happens("opens"), run) is None
    for other in (Run(run.end, run.moves), Run(run.end)):
        assert objection(plan, NOTHING, Happens("opens"), other) == "its run does not begin at a start of the machine"
    nobody = Run(type(run.start)(run.start.scalars, {}), run.moves)
    assert objection(plan, NOTHING, Happens("opens"), nobody) == "its run does not begin at a start of the machine"
    unknown = Run(run.start, (type(run.moves[0])("closes", {}, run.end),))
    assert "cannot be replayed" in str(objection(plan, NOTHING, Happens("opens"), unknown))
    wrong = Run(run.start, (type(run.moves[0])("opens", {}, run.start),))
    assert "cannot be replayed" in str(objection(plan, NOTHING, Happens("opens"), wrong))
    assert objection(plan, NOTHING, Initial("sold in range"), run) == "its run does not show it"
    assert objection(plan, NOTHING, Applies("nothing", 0), run) == "its run does not show it"


def test_a_run_of_what_is_not_owed_is_no_matter() -> None:
    machine = shop()
    run = run_of(machine, OPENS, members=1)
    found = judged(machine, runs={Fails("nobody"): run, Happens("opens"): run})
    assert Fails("nobody") not in found.outcomes
    assert why(found, Happens("opens")) is None


# --- what says something -----------------------------------------------------------------------------------------

Moves: TypeAlias = tuple[str | tuple[str, Mapping[str, Value]], ...]

APPLIES: dict[str, tuple[str, int, Moves | None, list[Moves]]] = {
    "a premise": (
        "@always\ndef p(self) -> bool:\n    return implies(self.sold > 1, self.sold < 9)",
        0,
        BOUGHT,
        [(OPENS, ENTERS), ()],
    ),
    "no premise": ("@always\ndef p(self) -> bool:\n    return self.sold >= 0", 0, BOUGHT, [(), (OPENS,)]),
    "a premise that holds at the start": (
        "@always\ndef p(self) -> bool:\n    return implies(self.sold == 0, self.sold < 3)",
        0,
        (),
        [BOUGHT],
    ),
    "the first of two": ("@always\ndef p(self) -> bool:\n    return self.sold < 2 or self.sold > 1", 1, BOUGHT, [()]),
    "the second of two": ("@always\ndef p(self) -> bool:\n    return self.sold < 2 or self.sold > 1", 2, (), [BOUGHT]),
    "a step": (
        '@step\ndef p(self, old: "Shop") -> bool:\n    return implies(self.sold > old.sold, not self.broken)',
        0,
        BOUGHT,
        [(), (OPENS,), (*BOUGHT, OPENS)],
    ),
    "a step of one action": (
        '@step(only=buys)\ndef p(self, old: "Shop") -> bool:\n    return self.sold >= old.sold',
        0,
        BOUGHT,
        [(), (OPENS, ENTERS)],
    ),
    "a step with an argument": (
        (
            '@step(only=buys)\ndef p(self, old: "Shop", n: Nat) -> bool:\n'
            "    return implies(n == 2, self.sold <= old.sold + 2)"
        ),
        0,
        BOUGHT,
        [(OPENS, ENTERS, BUYS_MANY), ()],
    ),
    "a step of which only the state before is read": (
        '@step(only=enters)\ndef p(self, old: "Shop") -> bool:\n    return old.door == Door.OPEN',
        0,
        (OPENS, ENTERS),
        [(OPENS,), ()],
    ),
    "a release": (
        "@pristine\ndef p(self) -> bool:\n    return self.broken and self.sold == 7",
        0,
        None,
        [(BREAKS,), ()],
    ),
    "a recovery": (
        "@recoverable\ndef p(self) -> bool:\n    return self.door == Door.OPEN",
        0,
        (OPENS,),
        [(), (OPENS, ENTERS), (BREAKS,)],
    ),
    "a wait": (
        (
            "@leads_to(fair=[opens])\ndef p(self) -> tuple[bool, bool]:\n"
            "    return self.sold == 0 and not self.broken, self.door == Door.OPEN"
        ),
        0,
        (),
        [(OPENS,), (BREAKS,)],
    ),
    "an answer": (
        '@refuses("enter", "SHUT")\ndef p(self) -> bool:\n    return self.door == Door.SHUT',
        0,
        (("shut", {"g": 0}),),
        [(), (OPENS,)],
    ),
    "an answer to an argument": (
        '@refuses("buy", "NO")\ndef p(self, n: Nat) -> bool:\n    return n == 0',
        0,
        (("buys_not", {"g": 0, "n": 0}),),
        [(("buys_not", {"g": 0, "n": 2}),), ()],
    ),
    "an acceptance": (
        '@accepts("buy")\ndef p(self, g: Guest, n: Nat) -> bool:\n    return g.inside and n == 2',
        0,
        BOUGHT,
        [(OPENS, ENTERS, BUYS_MANY), (OPENS, ENTERS)],
    ),
    "a step that is possible": (
        "@enabled(opens, breaks)\ndef p(self) -> bool:\n    return self.sold == 0 and not self.broken",
        1,
        (OPENS,),
        [(), (BREAKS,)],
    ),
    "a step that is possible with an argument": (
        "@enabled(breaks)\ndef p(self, n: Nat) -> bool:\n    return n == 6",
        0,
        (("breaks", {"n": 6}),),
        [(), (BREAKS,)],
    ),
    "another that is possible": (
        "@enabled(opens, breaks)\ndef p(self) -> bool:\n    return self.sold == 0 and not self.broken",
        2,
        (BREAKS,),
        [(), (OPENS,)],
    ),
    "the start": (
        "@initially\ndef p(self) -> bool:\n    return implies(self.sold == 0, self.door == Door.SHUT)",
        0,
        (),
        [(OPENS,), BOUGHT],
    ),
}


@pytest.mark.parametrize("name", APPLIES)
def test_a_promise_says_something_in_the_run_that_shows_it(name: str) -> None:
    promise, number, good, bad = APPLIES[name]
    machine, about = shop(promise), Applies("p", number)
    assert good is None or shows(machine, about, *good)
    for moves in bad:
        assert not shows(machine, about, *moves), moves


def test_a_promise_without_a_premise_says_nothing_where_nothing_changes_it() -> None:
    same = '@step\ndef p(self, old: "Shop") -> bool:\n    return implies(old.sold >= 0, {})'
    assert shows(shop(same.format("self.broken == self.broken")), Applies("p", 0), BREAKS)
    fixed = SHOP.replace("    guests:", "    fixed: bool = False\n    guests:")
    for line in (
        "@always\ndef p(self) -> bool:\n    return not self.fixed",
        '@step\ndef p(self, old: "Shop") -> bool:\n    return self.fixed == old.fixed',
        "@always\ndef p(self) -> bool:\n    return implies(not self.fixed, not self.fixed)",
    ):
        machine = read(fixed + "".join(f"    {part}\n" for part in line.splitlines()))
        for moves in ((), (OPENS,), (BREAKS,), BOUGHT):
            assert not shows(machine, Applies("p", 0), *moves)


# --- promises that are declared false ----------------------------------------------------------------------------

FALSE: dict[str, tuple[str, Moves, list[Moves]]] = {
    "always": (
        '@always(expect="refuted")\ndef p(self) -> bool:\n    return self.sold < 2',
        BOUGHT,
        [(), (OPENS, ENTERS)],
    ),
    "step": (
        '@step(expect="refuted", unless=[breaks])\ndef p(self, old: "Shop") -> bool:\n    return self.door == old.door',
        (OPENS,),
        [(), (OPENS, OPENS), (OPENS, BREAKS)],
    ),
    "step with an argument": (
        '@step(expect="refuted", only=buys)\ndef p(self, old: "Shop", n: Nat) -> bool:\n    return n > 2',
        BOUGHT,
        [(), (OPENS, ENTERS, BUYS_MANY)],
    ),
    "a state that some argument breaks": (
        '@always(expect="refuted")\ndef p(self) -> bool:\n    return all(not g.inside for g in self.guests)',
        (OPENS, ENTERS),
        [(), (OPENS,)],
    ),
}


@pytest.mark.parametrize("name", FALSE)
def test_a_promise_that_is_declared_false_is_broken_by_its_run(name: str) -> None:
    promise, good, bad = FALSE[name]
    machine = shop(promise)
    assert shows(machine, Fails("p"), *good)
    for moves in bad:
        assert not shows(machine, Fails("p"), *moves), moves


def expected(assuming: bool) -> str:
    return "refuted" if assuming else "refuted without assumptions"


@pytest.mark.parametrize("assuming", [True, False])
def test_what_is_false_without_assumptions_is_shown_without_them(*, assuming: bool) -> None:
    machine = shop(f'@always(expect="{expected(assuming)}")\ndef p(self) -> bool:\n    return not self.broken')
    assert shows(machine, Fails("p"), BREAKS) == assuming  # a run that breaks no assumption needs none to be left out
    free = machine.unassuming
    run = run_of(free, ("breaks", {"n": 0}), members=1)
    found = judged(machine, runs={Fails("p"): run, Happens("breaks"): run})
    assert (why(found, Fails("p")) is None) is not assuming
    assert "cannot be replayed" in str(why(found, Happens("breaks")))


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
    from quiesce.spec.model import Field  # noqa: PLC0415 -- beside what it is for

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
    always = read(SHOP + "    @always\n    def whole(self) -> bool:\n        return self.sold >= 0\n")
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


UNUSUAL: dict[str, tuple[str, Moves | None, list[Moves]]] = {
    "pristine": (
        "@pristine\ndef p(self) -> bool:\n    return self.broken",
        (OPENS, ENTERS, BREAKS),
        [(), (OPENS,)],
    ),
    "the start": ("@initially\ndef p(self) -> bool:\n    return self.door == Door.OPEN", (), [(OPENS,), (BREAKS,)]),
    "the start, as it is": ("@initially\ndef p(self) -> bool:\n    return self.sold == 0", None, [(), BOUGHT]),
    "an answer": (
        '@accepts("enter")\ndef p(self) -> bool:\n    return not self.broken',
        (),
        [(OPENS,), (BREAKS,)],
    ),
    "an answer to an argument": (
        '@refuses("buy", "NO")\ndef p(self, n: Nat) -> bool:\n    return n < 2',
        (OPENS, ENTERS),
        [(), (OPENS,)],
    ),
    "what is possible": (
        "@enabled(opens)\ndef p(self) -> bool:\n    return self.sold == 0",
        (BREAKS,),
        [(), (OPENS,)],
    ),
}


@pytest.mark.parametrize("name", UNUSUAL)
def test_a_run_breaks_a_promise_of_any_kind(name: str) -> None:
    """The language has no way to declare these false; the kernel does not depend on that."""
    promise, good, bad = UNUSUAL[name]
    machine = shop(promise)
    machine = replace(machine, promises=tuple(replace(p, holds=False) for p in machine.promises))
    assert good is None or shows(machine, Fails("p"), *good)
    for moves in bad:
        assert not shows(machine, Fails("p"), *moves), moves


def test_a_promise_about_the_start_says_nothing_where_only_what_lasts_differs() -> None:
    machine = read(
        "from quiesce.spec import Machine, Nat, Persistent, environment, implies, initially\n\n\n"
        "class Days(Machine):\n    days: Persistent[Nat] = 0\n    n: Nat = 0\n\n"
        "    @environment\n    def dawn(self) -> None:\n        self.days += 1\n\n"
        "    @initially\n    def p(self) -> bool:\n        return implies(self.days == 1, self.n == 0)\n"
    )
    for moves in ((), ("dawn",), ("dawn", "dawn")):
        assert not shows(machine, Applies("p", 0), *moves)


def test_a_refusal_is_no_step_that_could_end_a_wait() -> None:
    machine = read(WAITS.format(arguments="n: Nat", guard="n < 0", fair="ends"))
    idle = run_of(machine, members=1).end
    assert not list(impossible(machine, idle, ["refuse"]))
    assert list(impossible(machine, idle, ["ends"]))


def test_members_alone_tell_apart_where_a_trap_may_hold() -> None:
    """The hints are refused before, but a rule does not count on that."""
    machine = read(TRAPS)
    number = ParameterDecl("n", BOOL, new=False, span=machine.span)
    run = run_of(machine, "breaks", members=1)
    hints = Hints(traps={"whole": Trap(run, (number,), (BROKEN,))})
    assert objection(Plan(problem_of(machine)), hints, Fails("whole"), run) is None


def test_a_premise_about_policies_belongs_to_the_choice_and_not_to_the_start() -> None:
    machine = read(
        "from enum import Enum, auto\n\nfrom quiesce.spec import Machine, implies, initially, policy\n\n\n"
        "class Size(Enum):\n    SMALL = auto()\n    LARGE = auto()\n\n\nSIZE = policy(Size.SMALL, Size.LARGE)\n\n\n"
        "class Sized(Machine):\n    up: bool = False\n\n"
        "    @initially\n    def p(self) -> bool:\n        return implies(SIZE == Size.LARGE, not self.up)\n"
    )
    assert [s.about for s in situations(problem_of(machine))] == [Applies("p", 0)]
