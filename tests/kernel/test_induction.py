"""Induction over several steps: as many as are needed, from the start, about the promise that it names."""

import pytest
from quiesce.kernel.hints import Hints
from quiesce.kernel.plan import Plan
from quiesce.kernel.problem import problem_of
from quiesce.kernel.subjects import Preserved, StepKept
from quiesce.spec.model import Machine

from tests.kernel.counted import counted
from tests.kernel.judging import judged, read, reasons, why
from tests.kernel.test_sums_and_ranges import RANGES

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
