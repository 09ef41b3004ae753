"""Promises about the future, with ranks and ways down given by hand; each twin has one fault, and stays open."""

from dataclasses import replace

import pytest
from quiesce.kernel.established import ByConditions, Proved, established
from quiesce.kernel.hints import Descent, Hints, Rank
from quiesce.kernel.plan import Plan
from quiesce.kernel.problem import problem_of
from quiesce.kernel.rules import some_arguments
from quiesce.kernel.rules.some_arguments import for_some_arguments
from quiesce.kernel.subjects import CallersWait, PromisedWait, Waiting, WaitPossible, WaitProgress, WayDown
from quiesce.spec.effects import ANY_MEMBER
from quiesce.spec.model import (
    BOOL,
    INT,
    TRUE,
    Binary,
    Expr,
    Field,
    IfElse,
    IntType,
    Literal,
    Op,
    Parameter,
    ParameterDecl,
    Total,
    Variable,
)

from tests.kernel.answers import Confirmed
from tests.kernel.judging import judged, read, reasons, still_open, why
from tests.machines import changed
from tests.prove.test_futures import CANCELLED, CLOSING, COUNTDOWN, DRAIN, NEWCOMERS, ONE_SHOT, PING_PONG


def natural(name: str) -> Expr:
    return Variable(name, IntType(0))


def total(family: str, name: str) -> Expr:
    return Total(ANY_MEMBER, family, Field(ANY_MEMBER, family, name, IntType(0)))


ENDS = PromisedWait("ends")
UNSENT = (natural("unsent"),)
UP, DOWN = Descent(("UP",), (), ()), Descent(("DOWN",), (), ("start",))
DRAINING = Descent(("DRAINING",), UNSENT, ("give_up", "release", "transmit"))
DRAINS = Hints(ranks={ENDS: UNSENT, CallersWait("wait"): UNSENT}, descents={"back": (UP, DOWN, DRAINING)})
GUARD = "when(self.phase == Phase.DRAINING and self.unsent > 0)"

DRAINED = {
    "as it is": ((), []),
    "nobody gives up": (
        ((GUARD, "when(self.phase == Phase.DRAINING and self.unsent > 7)"),),
        ["leads_to/ends/possible", "leads_to/caller.wait/possible"],
    ),
    "bytes are taken while it drains": (
        (
            ("when(self.phase == Phase.UP)\n        self.unsent += n", "self.unsent += n"),
            ("when(self.phase != Phase.UP)", "when(False)"),
        ),
        ["leads_to/ends/send/preserves", "leads_to/caller.wait/send/preserves"],
    ),
    "giving up gives up nothing": (
        ((f"{GUARD}\n        self.unsent = 0", f"{GUARD}\n        self.unsent += 0"),),
        ["leads_to/ends/give_up/decreases", "leads_to/caller.wait/give_up/decreases"],
    ),
    "the release leads elsewhere": (
        (("self.phase = Phase.DOWN\n", "self.phase = Phase.UP\n"),),
        ["leads_to/ends/release/decreases"],
    ),
    "the release leads nowhere": (
        (("self.phase = Phase.DOWN\n", "self.unsent = 0\n"),),
        ["recoverable/back/DRAINING", "leads_to/ends/release/decreases", "leads_to/caller.wait/release/decreases"],
    ),
    "there is no way up": (
        (("self.phase == Phase.DOWN)\n        self.phase = Phase.UP", "self.phase == Phase.DOWN)\n        pass"),),
        ["recoverable/back/DOWN"],
    ),
    "there is a way up sometimes": (
        (
            ("when(self.phase == Phase.DOWN)", "when(self.phase == Phase.DOWN and self.unsent > 0)"),
            (
                'when(self.phase == Phase.UP)\n\n    @call("start", blocks',
                (
                    "when(self.phase != Phase.DRAINING and (self.phase == Phase.UP or self.unsent == 0))\n\n"
                    '    @call("start", blocks'
                ),
            ),
        ),
        ["recoverable/back/DOWN"],
    ),
}


@pytest.mark.parametrize("name", DRAINED)
def test_a_drain_with_one_fault_is_not_established(name: str) -> None:
    changes, wrong = DRAINED[name]
    assert sorted(still_open(read(changed(DRAIN, *changes)), DRAINS)) == sorted(wrong)


def drain_hints(ranks: Rank | None = UNSENT, *descents: Descent) -> Hints:
    waits: dict[Waiting, Rank] = {} if ranks is None else {ENDS: ranks, CallersWait("wait"): ranks}
    return Hints(ranks=waits, descents={"back": descents} if descents else {})


def ends(*steps: str) -> list[str]:
    return [f"leads_to/{wait}/{step}" for wait in ("ends", "caller.wait") for step in steps]


ALL = (
    "send/preserves",
    "stop/preserves",
    "transmit/preserves",
    "give_up/decreases",
    "release/decreases",
    "start/preserves",
)
HINTS = {
    "no rank": (drain_hints(None, UP, DOWN, DRAINING), ends(*ALL)),
    "a rank of nothing": (drain_hints((), UP, DOWN, DRAINING), ends("give_up/decreases")),
    "a rank that stays": (drain_hints((Literal(3, IntType(0)),), UP, DOWN, DRAINING), ends(*ALL)),
    "the order is another": (drain_hints(UNSENT, UP, DRAINING, DOWN), ["recoverable/back/DRAINING"]),
    "a location is missing": (
        drain_hints(UNSENT, UP, DRAINING),
        ["recoverable/back/DOWN", "recoverable/back/DRAINING"],
    ),
    "nobody helps": (drain_hints(UNSENT, UP, replace(DOWN, helpful=()), DRAINING), ["recoverable/back/DOWN"]),
    "another helps": (
        drain_hints(UNSENT, UP, replace(DOWN, helpful=("stop",)), DRAINING),
        ["recoverable/back/DOWN"],
    ),
    "no rank of a location is needed where one step is enough": (
        drain_hints(UNSENT, UP, DOWN, replace(DRAINING, rank=())),
        ["recoverable/back/DRAINING"],
    ),
    "the helper that lowers is missing": (
        drain_hints(UNSENT, UP, DOWN, replace(DRAINING, helpful=("release",))),
        ["recoverable/back/DRAINING"],
    ),
    "the helper that ends it is missing": (
        drain_hints(UNSENT, UP, DOWN, replace(DRAINING, helpful=("transmit",))),
        ["recoverable/back/DRAINING"],
    ),
}


@pytest.mark.parametrize("name", HINTS)
def test_another_hint_establishes_less(name: str) -> None:
    hints, wrong = HINTS[name]
    found = still_open(read(DRAIN), hints)
    if name == "a rank that stays":
        assert {part for part in found if part.endswith("give_up/decreases")} == set(ends("give_up/decreases"))
    else:
        assert sorted(found) == sorted(wrong)


def test_what_may_be_negative_is_no_rank() -> None:
    machine = read(changed(COUNTDOWN, ("left: Nat = 2", "left: Int = 2")))
    left = Variable("left", INT)
    progress, possible = WaitProgress(ENDS, "tick", fair=True), WaitPossible(ENDS)
    found = judged(machine, Hints(ranks={ENDS: (left,)}))
    assert why(found, progress) == "a part of its rank may be negative: self.left"
    assert why(found, possible) is not None
    natural_one = judged(read(COUNTDOWN), Hints(ranks={ENDS: (natural("left"),)}))
    assert why(natural_one, progress) is None
    assert why(natural_one, possible) is None
    second = Hints(ranks={ENDS: (natural("left"), left)})
    undeclared = "the hints are refused: an expression speaks of what the machine does not declare"
    assert why(judged(machine, second), progress) == undeclared
    fallen = problem_of(read(COUNTDOWN), fallen=frozenset({"left in range"}))
    assert "may be negative" in str(why(judged(fallen, Hints(ranks={ENDS: (natural("left"),)})), progress))


def test_what_may_be_negative_is_no_rank_of_a_way_down() -> None:
    text = COUNTDOWN[: COUNTDOWN.index("    @leads_to")].replace("left: Nat = 2", "left: Int = 2")
    machine = read(
        f"{text}\n    @recoverable\n    def back(self) -> bool:\n        return self.left == 0\n".replace(
            "when(self.left > 0)", "when(self.left != 0)"
        )
    )
    about = WayDown("back", ())
    assert "may be negative" in str(
        why(judged(machine, Hints(descents={"back": (Descent((), (Variable("left", INT),), ("tick",)),)})), about)
    )


def test_a_second_part_of_a_rank_counts_where_the_first_stays() -> None:
    text = changed(
        COUNTDOWN,
        ("left: Nat = 2", "left: Nat = 2\n    rounds: Nat = 3"),
        ("return self.left != 0, self.left == 0", "return self.rounds > 0, self.rounds == 0"),
        ("when(self.left > 0)", "when(self.left > 0 and self.rounds > 0)"),
        ("fair=[tick]", "fair=[tick, turn]"),
    ) + (
        "\n    @internal\n    def turn(self) -> None:\n        when(self.left == 0 and self.rounds > 0)\n"
        "        self.rounds -= 1\n        self.left = 9\n"
    )
    text = changed(text, ("    @leads_to", text[text.index("    @internal\n    def turn") :] + "\n    @leads_to"))
    text = text[: text.rindex("\n    @internal\n    def turn")]
    rounds, left = natural("rounds"), natural("left")
    assert still_open(read(text), Hints(ranks={ENDS: (rounds, left)})) == []
    assert still_open(read(text), Hints(ranks={ENDS: (left, rounds)})) == ["leads_to/ends/turn/decreases"]
    assert still_open(read(text), Hints(ranks={ENDS: (rounds,)})) == ["leads_to/ends/tick/decreases"]
    assert still_open(read(text), Hints(ranks={ENDS: (left,)})) == ["leads_to/ends/turn/decreases"]
    raised = changed(text, ("self.rounds -= 1", "self.rounds += 1"))
    assert still_open(read(raised), Hints(ranks={ENDS: (rounds, left)})) == ["leads_to/ends/turn/decreases"]


def test_a_game_that_goes_on_by_turns_has_no_rank() -> None:
    hints = Hints(ranks={ENDS: (natural("tries"),)})
    assert "leads_to/ends/pong/decreases" in still_open(read(PING_PONG), hints)


def test_a_goal_that_one_of_two_brings_about() -> None:
    hints = Hints(ranks={ENDS: ()})
    assert still_open(read(CANCELLED), hints) == []
    worse = changed(CANCELLED, ("self.task in (Task.DONE, Task.CANCELLED)", "self.task == Task.DONE"))
    assert still_open(read(worse), hints) == ["leads_to/ends/cancel/preserves"]
    nobody = changed(
        CANCELLED,
        ("fair=[do]", "fair=[do, cancel]"),
        (
            "when(self.task == Task.WAITING)\n        self.task = Task.DONE",
            "when(self.task == Task.DONE)\n        self.task = Task.DONE",
        ),
    )
    assert still_open(read(nobody), hints) == []


def test_ways_down_of_a_library() -> None:
    ways = (Descent(("FRESH",), (), ("init",)), Descent(("UP",), (), ()), Descent(("GONE",), (), ("init_again",)))
    assert still_open(read(ONE_SHOT), Hints(descents={"back": ways})) == []
    assert still_open(read(ONE_SHOT), Hints(descents={"back": ways[:2]})) == ["recoverable/back/GONE"]
    assert still_open(read(ONE_SHOT), Hints(descents={"back": (ways[1], replace(ways[0], location=("GONE",)))})) == [
        "recoverable/back/FRESH",
        "recoverable/back/GONE",
    ]


# --- members -----------------------------------------------------------------------------------------------------

SUM = total("sockets", "unsent")
CLOSED = Total(
    ANY_MEMBER, "sockets", IfElse(Field(ANY_MEMBER, "sockets", "closing", BOOL), Literal(1, INT), Literal(0, INT))
)
LINGERS = Hints(ranks={CallersWait("linger"): (SUM,)})

SOCKETS = {
    "as it is": ((), []),
    "others are filled up": (
        (
            ("when(not s.closing)\n        s.unsent += n", "s.unsent += n"),
            ('when(s.closing)\n\n    @call("shut', 'when(False)\n\n    @call("shut'),
        ),
        ["leads_to/caller.linger/send/preserves"],
    ),
    "one byte comes for one that goes": (
        (("t.unsent -= 1", "t.unsent -= 0"),),
        ["leads_to/caller.linger/transmit/decreases"],
    ),
    "only some are sent": (
        (("when(t.closing and t.unsent > 0)", "when(t.closing and t.unsent > 1)"),),
        ["leads_to/caller.linger/possible"],
    ),
}


@pytest.mark.parametrize("name", SOCKETS)
def test_a_close_of_one_socket_among_many(name: str) -> None:
    changes, wrong = SOCKETS[name]
    found = [part for part in still_open(read(changed(CLOSING, *changes)), LINGERS) if "leads_to" in part]
    allowed = ["leads_to/caller.linger/send/preserves"]
    assert [part for part in found if part not in allowed] == [part for part in wrong if part not in allowed]
    ranked = Hints(ranks={CallersWait("linger"): (SUM, CLOSED)})
    assert set(wrong) <= {*still_open(read(changed(CLOSING, *changes)), ranked)} | set(allowed)


def test_newcomers_never_run_out_for_fair_actions() -> None:
    hints = Hints(ranks={ENDS: ()})
    assert still_open(read(NEWCOMERS), hints) == []
    both = read(changed(NEWCOMERS, ("fair=[close]", "fair=[close, sell]")))
    assert "leads_to/ends/sell/decreases" in still_open(both, hints)


CLOCK = """
from quiesce.spec import Family, Machine, Member, Nat, New, call, internal, recoverable, when


class Job(Member):
    left: Nat = 0


class Works(Machine):
    busy: bool = False
    jobs: Family[Job]

    @call("add")
    def add(self, j: {kind}) -> None:
        j.left += 1

    @internal
    def begin(self) -> None:
        self.busy = True

    @internal
    def work(self, j: {kind}) -> None:
        when(self.busy{more})
        self.busy = False

    @recoverable
    def idle(self) -> bool:
        return not self.busy
"""


@pytest.mark.parametrize(
    ("kind", "more", "good"),
    [("Job", "", True), ("Job", " and j.left > 0", False), ("New[Job]", "", True)],
    ids=["any member", "a member that may not be there", "a new member"],
)
def test_a_way_down_may_bring_the_first_member(kind: str, more: str, *, good: bool) -> None:
    machine = read(CLOCK.format(kind=kind, more=more))
    hints = Hints(descents={"idle": (Descent((), (), ("work",)),)})
    found = [name for name in still_open(machine, hints) if "recoverable" in name]
    assert found == ([] if good else ["recoverable/idle/(everywhere)"])


def test_a_rank_that_has_no_closed_form_after_an_action_is_of_no_help() -> None:
    machine = read(CLOCK.format(kind="Job", more=""))
    rank = (total("jobs", "left"),)
    for helpful in (("work",), ("work", "begin"), ("begin",)):
        hints = Hints(descents={"idle": (Descent((), rank, helpful),)})
        found = [name for name in still_open(machine, hints) if "recoverable" in name]
        assert (found == []) == ("work" in helpful)


# --- scalar arguments --------------------------------------------------------------------------------------------

LEVELS = """
from enum import Enum, auto
from typing import Annotated

from quiesce.spec import Machine, Nat, Range, internal, leads_to, when


class Way(Enum):
    LEFT = auto()
    RIGHT = auto()


class Levels(Machine):
    waiting: bool = True
    level: Annotated[int, Range(0, 9)] = 0
    height: Nat = 0

    @internal
    def go(self, {argument}) -> None:
        when(self.waiting and {guard})
        self.waiting = False

    @leads_to(fair=[go])
    def ends(self) -> tuple[bool, bool]:
        return self.waiting, not self.waiting
"""

ARGUMENTS = {
    "the level itself": ("n: Nat", "n == self.level", True),
    "the other way round": ("n: Nat", "self.level == n", True),
    "at least the height": ("n: Nat", "n >= self.height", True),
    "at most the height": ("n: Nat", "n <= self.height", True),
    "more than the height": ("n: Nat", "n > self.height", False),
    "some height below": ("n: Nat", "self.height >= 5 and n < self.height", False),
    "one": ("n: Nat", "n == 1", True),
    "zero": ("n: int", "n == 0", True),
    "two, as it is compared with two": ("n: Nat", "n == 2", True),
    "the lowest": ("n: Annotated[int, Range(3, 9)]", "n < 4", True),
    "the highest": ("n: Annotated[int, Range(3, 9)]", "n > 8", True),
    "none": ("n: Nat", "n < 0", False),
    "true": ("b: bool", "b", True),
    "false": ("b: bool", "not b", True),
    "both at once": ("b: bool", "b and not b", False),
    "left": ("w: Way", "w == Way.LEFT", True),
    "right": ("w: Way", "w == Way.RIGHT", True),
    "two of them": ("b: bool, n: Nat", "not b and n == self.height", True),
    "two of them that exclude each other": ("b: bool, n: Nat", "b and n == self.height and not b", False),
}


@pytest.mark.parametrize("name", ARGUMENTS)
def test_arguments_are_found_or_it_is_not_established(name: str) -> None:
    argument, guard, possible = ARGUMENTS[name]
    machine = read(LEVELS.format(argument=argument, guard=guard))
    assert still_open(machine, Hints(ranks={ENDS: ()})) == ([] if possible else ["leads_to/ends/possible"])


def test_arguments_of_other_types_are_none() -> None:
    machine = read(CLOCK.format(kind="Job", more=""))
    action = machine.actions_by_name["work"]
    found = for_some_arguments(machine, action, Variable("busy", BOOL))
    assert "jobs" in repr(found)
    n, m = (ParameterDecl(name, INT, new=False, span=action.span) for name in "nm")
    claim = Binary(Op.EQ, Parameter("n", INT), Parameter("m", INT))
    tried = for_some_arguments(machine, replace(action, parameters=(n, m)), claim)
    assert "Parameter" not in repr(tried)
    with pytest.raises(TypeError, match="members are quantified"):
        list(some_arguments._likely_values(TRUE, action.parameters[0]))


MIXES = """
    @internal
    def mixes(self, n: Nat) -> None:
        when(self.busy and n == 0)
        for j in self.jobs:
            j.left = 0 if any(k.open and k is not j for k in self.jobs) else j.left
"""


def test_an_action_that_cannot_be_encoded_helps_nobody() -> None:
    """What `mixes` does to the sum has no closed form; with `work` beside it the way down is shown all the same."""
    text = CLOCK.format(kind="Job", more="").replace("left: Nat = 0", "left: Nat = 0\n    open: bool = False")
    machine = read(text + MIXES)
    rank = (total("jobs", "left"),)
    for helpful, good in ((("mixes",), False), (("work", "mixes"), True), (("mixes", "work"), True)):
        hints = Hints(descents={"idle": (Descent((), rank, helpful),)})
        assert (why(judged(machine, hints), WayDown("idle", ())) is None) == good


def test_one_plan_answers_for_each_of_several_hints() -> None:
    plan = Plan(problem_of(read(DRAIN)))
    for _ in range(2):
        for hints, _ in HINTS.values():
            found = reasons(established(plan, hints, Confirmed(), {}))
            assert found.keys() == reasons(judged(read(DRAIN), hints)).keys()
        assert reasons(established(plan, DRAINS, Confirmed(), {})) == {}


def test_what_is_derived_is_the_same_whoever_asks_first() -> None:
    plan = Plan(problem_of(read(DRAIN)))
    first = established(plan, DRAINS, Confirmed(), {})
    again = established(plan, DRAINS, Confirmed(), {})
    assert first.outcomes == again.outcomes
    outcome = first.outcomes[WaitProgress(ENDS, "give_up", fair=True)]
    assert isinstance(outcome, Proved)
    assert isinstance(outcome.rule, ByConditions)
    assert len(outcome.rule.conditions) == 1
    with pytest.raises(TypeError, match="not about recovery"):
        plan.descent("ends", UP, ())


@pytest.mark.parametrize(("more", "good"), [("self.left += 0", True), ("self.left += 1", False)])
def test_the_second_part_of_a_rank_is_not_raised_where_the_first_is_written_and_stays(more: str, *, good: bool) -> None:
    text = changed(COUNTDOWN, ("left: Nat = 2", "left: Nat = 2\n    rounds: Nat = 3"))
    text += (
        "\n    @environment\n    def stirs(self, n: Nat) -> None:\n        when(n == 0)\n"
        f"        self.rounds += n\n        {more}\n"
    )
    found = still_open(read(text), Hints(ranks={ENDS: (natural("rounds"), natural("left"))}))
    assert ("leads_to/ends/stirs/preserves" not in found) == good
    assert "leads_to/ends/tick/decreases" not in found
