"""What the reference takes the words of a spec to mean, each looked at by itself."""

from collections.abc import Iterable

import pytest

from tests.differential.reference.exploring import Space, explore, has_newcomers, tries_all, with_newcomers
from tests.differential.reference.futures import futures
from tests.differential.reference.knowledge import learn
from tests.differential.reference.lifecycle import Lifecycle, State
from tests.differential.reference.loading import load
from tests.differential.reference.meaning import broken

HEAD = """from enum import Enum, auto
from typing import Annotated

from quiesce.spec import (
    Answer, Family, Machine, Member, Nat, New, Persistent, Range, Requirement, Uses, accepts, always, assume, call,
    count, enabled, environment, implies, initially, internal, leads_to, policy, pristine, recoverable, refuses,
    retire, step, when,
)


class Phase(Enum):
    LOW = auto()
    HIGH = auto()


class Part(Member):
    x: Nat = 0
    seen: Persistent[bool] = False


class M(Machine):
    n: Nat = 0
    phase: Phase = Phase.LOW
    parts: Family[Part]
"""


def life(methods: str) -> Lifecycle:
    found, *_ = load(HEAD + methods)
    return found


def took(methods: str, size: int = 2, **given: int) -> State | None:
    """The state after the one action, taken at the start."""
    found = life(methods)
    result = found.take(found.start((size,)), found.actions[0], given)
    return None if result is None else result.state


def kinds(methods: str, sizes: Iterable[int] = (0, 1, 2)) -> set[tuple[str, str | None]]:
    """What is broken in small instances, with the promise."""
    found: set[tuple[str, str | None]] = set()
    for size in sizes:
        space = explore(life(methods), (size,), 100)
        found |= {(f.about.kind, f.about.promise) for f in (*broken(space), *futures(space))}
    return found


def action(body: str, given: str = "", decorator: str = "@internal") -> str:
    lines = "".join(f"        {line}\n" for line in body.splitlines())
    return f"\n    {decorator}\n    def act(self{given}) -> None:\n{lines}"


def test_assignments_are_made_one_after_the_other() -> None:
    state = took(action("self.n = 2\nself.n += self.n"))
    assert state is not None
    assert state.scalars[0] == 4
    assert state.families == (((0, False),) * 2,)


def test_a_guard_that_fails_leaves_all_as_it_is() -> None:
    found = life(action("when(self.n > 0)\nself.n += 1"))
    start = found.start((1,))
    assert found.take(start, found.actions[0], {}) is None
    assert found.start((1,)) == start


def test_retire_gives_back_all_but_what_persists() -> None:
    body = "p.x = 3\np.seen = True\nretire(p)\np.x += 1"
    state = took(action(body, ", p: Part"), p=1)
    assert state is not None
    assert state.families == (((0, False), (1, True)),)


def test_a_loop_is_about_each_member() -> None:
    state = took(action("for p in self.parts:\n    p.x += 2"), size=3)
    assert state is not None
    assert state.families == (((2, False),) * 3,)


def test_members_are_the_same_in_two_states() -> None:
    promise = (
        '\n    @step\n    def grows(self, old: "M") -> bool:\n'
        "        return all(p.x > old[p].x and any(p is q for q in old.parts) for p in self.parts)\n"
    )
    more = {("forgettable", None)}
    assert kinds(action("for p in self.parts:\n    p.x += 1") + promise) == more
    assert kinds(action("for p in self.parts:\n    p.x = 1") + promise) == {*more, ("step", "grows")}


def test_new_members_were_never_used_and_differ() -> None:
    space = explore(life(action("p.x = 1\nq.x = 1", ", p: New[Part], q: New[Part]")), (2,), 10)
    assert [edge.given for edge in space.edges] == [{"p": 0, "q": 1}, {"p": 1, "q": 0}]
    assert len(space.states) == 2
    assert not has_newcomers(space.life, space.states[1], space.life.actions)
    assert has_newcomers(space.life, with_newcomers(space.life, space.states[1]), space.life.actions)


def test_what_persists_makes_a_member_used() -> None:
    space = explore(life(action("p.seen = True", ", p: New[Part]")), (1,), 10)
    assert len(space.edges) == 1


def test_policies_are_chosen_once_and_for_all() -> None:
    text = HEAD.replace("class Part", "CHOICE = policy(Phase.LOW, Phase.HIGH)\n\n\nclass Part")
    text += action("self.phase = CHOICE")
    lives = load(text)
    assert [found.policies["CHOICE"].name for found in lives] == ["LOW", "HIGH"]
    assert [len(explore(found, (0,), 10).states) for found in lives] == [1, 2]


PUT = '    @call("put")\n    def put(self) -> None:\n        when({accept})\n        self.n = 1 - self.n\n'
FULL = '    @call("put", fails="FULL")\n    def full(self) -> None:\n        when({refuse})\n'


@pytest.mark.parametrize(
    ("accept", "refuse", "wrong"),
    [
        ("self.n == 0", "self.n == 1", False),
        ("self.n == 0", "self.n == 2", True),
        ("self.n == 0", "self.n >= 0", True),
    ],
)
def test_a_call_has_one_outcome(accept: str, refuse: str, wrong: bool) -> None:
    methods = "\n" + PUT.format(accept=accept) + "\n" + FULL.format(refuse=refuse)
    assert kinds(methods) == ({("total", None)} if wrong else set())


def promise(word: str, value: str, said: str = "", given: str = "") -> str:
    result = "tuple[bool, bool]" if word == "leads_to" else "bool"
    return f"\n    @{word}{said}\n    def holds(self{given}) -> {result}:\n        return {value}\n"


UP = action("when(self.n < 2)\nself.n += 1")
ROUND = action("self.n = 1 - self.n")


@pytest.mark.parametrize(
    ("methods", "wrong"),
    [
        (UP + promise("always", "self.n < 3"), None),
        (UP + promise("always", "self.n < 2"), "always"),
        (UP + promise("always", "self.n < 2", '(expect="refuted")'), None),
        (UP + promise("initially", "self.n == 0"), None),
        (UP + promise("initially", "self.n == 1"), "initially"),
        (UP + promise("pristine", "self.n == 0"), None),
        (UP + promise("pristine", "self.n == 1"), "pristine"),
        (UP + promise("step", "self.n > old.n", "", ', old: "M"'), None),
        (UP + promise("step", "self.n > 1", "(unless=act)", ', old: "M"'), None),
        (UP + promise("step", "self.n > 1", "(only=act)", ', old: "M"'), "step"),
        (UP + promise("recoverable", "self.n == 2"), None),
        (UP + promise("recoverable", "self.n == 0"), "recoverable"),
        (UP + promise("leads_to", "self.n == 0, self.n == 2", "(fair=[act])"), None),
        (UP + promise("leads_to", "self.n == 0, self.n == 3", "(fair=[act])"), "leads_to"),
        (ROUND + promise("leads_to", "self.n == 0, self.n == 1", "(fair=[act])"), None),
        (ROUND + promise("leads_to", "self.n == 0, self.phase == Phase.HIGH", "(fair=[act])"), "leads_to"),
        (ROUND + promise("leads_to", "self.phase == Phase.HIGH, self.n == 7", "(fair=[act])"), None),
        (UP + promise("enabled", "self.n < 2", "(act)"), None),
        (UP + promise("enabled", "self.n < 3", "(act)"), "enabled"),
    ],
)
def test_promises(methods: str, wrong: str | None) -> None:
    assert kinds(methods) == (set() if wrong is None else {(wrong, "holds")})


@pytest.mark.parametrize(("claim", "wrong"), [("self.n == 0", False), ("self.n < 2", True)])
def test_an_answer(claim: str, wrong: bool) -> None:
    methods = "\n" + PUT.format(accept="self.n == 0") + "\n" + FULL.format(refuse="self.n == 1")
    assert kinds(methods + promise("accepts", claim, '("put")')) == ({("accepts", "holds")} if wrong else set())


WAIT = '    @call("get", blocks=True, fair=[act])\n    def waits(self) -> None:\n        when(self.n < 2)\n'
GET = '    @call("get")\n    def get(self) -> None:\n        when(self.n >= 2)\n'


@pytest.mark.parametrize(("body", "wrong"), [("self.n += 1", False), ("when(self.n < 1)\nself.n += 1", True)])
def test_a_wait_ends(body: str, wrong: bool) -> None:
    assert ("wait", None) in kinds(action(body) + "\n" + WAIT + "\n" + GET) or not wrong
    assert (("wait", None) in kinds(action(body) + "\n" + WAIT + "\n" + GET)) == wrong


def test_a_member_that_is_as_new_makes_a_difference_where_members_are_counted() -> None:
    assert kinds(action("self.n = count(p.x >= 0 for p in self.parts)")) == {("forgettable", None)}
    assert kinds(action("self.n = count(p.x > 0 for p in self.parts)")) == set()


def test_assumptions_keep_runs_from_going_on_and_say_nothing_of_outcomes() -> None:
    body = 'assume(self.n < 1, "nobody puts two")\nself.n += 1'
    methods = action(body, decorator='@call("put")')
    space = explore(life(methods), (0,), 10)
    assert [state.scalars[0] for state in space.states] == [0, 1]
    assert kinds(methods + promise("always", "self.n < 2")) == set()


def test_what_can_be_stranded_only_for_want_of_new_members_is_not_called_so() -> None:
    """In an instance, members run out; in the world there is always another one."""
    use = action("when(p.x == 0)\np.x = 1\nself.n = 1 - self.n", ", p: New[Part]")
    assert kinds(use + promise("recoverable", "self.n == 0"), (1, 2, 3)) == set()


def test_trusted_states_are_those_before_anything_is_broken() -> None:
    space: Space = explore(life(action("self.n += 1") + promise("always", "self.n < 2")), (0,), 6)
    assert [space.states[n].scalars[0] for n in sorted(space.trusted)] == [0, 1]
    found = {(f.about.action, f.trusted, len(f.run.moves)) for f in broken(space)}
    assert found == {("act", True, 2), ("act", False, 3)}


def test_all_that_is_known_of_a_spec() -> None:
    known = learn(HEAD + UP + promise("always", "self.n < 2"))
    assert len(known.spaces) == 4
    assert {about.kind for about, _ in known.broken} == {"always"}
    assert not known.decided
    assert not known.keeps_all


def test_all_arguments_are_tried_only_if_those_of_each_action_are() -> None:
    """Two actions may call parameters of different types alike."""
    few = action("self.phase = self.phase", ", p: Annotated[int, Range(0, 2)]")
    many = few.replace("act", "other").replace("Annotated[int, Range(0, 2)]", "Nat")
    assert tries_all(life(few).actions)
    assert not tries_all(life(few + many).actions)
    assert not tries_all(life(many + few).actions)


LOST = """    @internal
    def lose(self) -> None:
        self.n = 1

    @internal
    def bring_back(self, p: Part) -> None:
        self.n = 0

    @recoverable
    def back(self) -> bool:
        return self.n == 0
"""
HANDED_OVER = """    @environment
    def drop(self, p: Part) -> None:
        p.x = 1
"""


def test_a_way_back_may_need_a_first_member_only_if_somebody_outside_has_one() -> None:
    assert kinds(LOST, (0,)) == {("recoverable", "back")}
    assert kinds(LOST + HANDED_OVER, (0,)) == set()
    assert kinds(LOST + HANDED_OVER, (1,)) == set()
