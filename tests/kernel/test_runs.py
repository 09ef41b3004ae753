"""What a run shows: each obligation with a run that shows it, and the same run or another one short of it."""

from collections.abc import Mapping
from dataclasses import replace
from typing import TypeAlias

import pytest
from quiesce.kernel.established import ByRun, Proved
from quiesce.kernel.hints import NOTHING
from quiesce.kernel.obligations import obligations
from quiesce.kernel.plan import Plan
from quiesce.kernel.problem import problem_of
from quiesce.kernel.rules.vacuity import situations
from quiesce.kernel.runs.shown import objection
from quiesce.kernel.subjects import Applies, Assumed, BranchTaken, Fails, Happens, Initial, Subject, ValueTaken
from quiesce.spec.model import Machine, Value
from quiesce.spec.state import Run

from tests.kernel.judging import expected, judged, read, run_of, why
from tests.machines import changed, text_of

SHOP = text_of("shop")


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
    then, otherwise = BranchTaken("buys", 1, taken=True), BranchTaken("buys", 1, taken=False)
    assert shows(machine, then, OPENS, ENTERS, BUYS_MANY)
    assert shows(machine, otherwise, *BOUGHT)
    assert not shows(machine, then, *BOUGHT)
    assert not shows(machine, otherwise, OPENS, ENTERS, BUYS_MANY)
    assert not shows(machine, then, OPENS, ENTERS, BUYS_MANY, OPENS)
    assert not shows(machine, then)


NESTED = """
from quiesce.spec import Machine, Nat, call

class Nested(Machine):
    done: Nat = 0

    @call("go")
    def go(self, outer: bool, inner: bool) -> None:
        if outer:
            if inner:
                self.done += 1
        elif inner:
            self.done += 2
"""


def test_the_if_statements_of_an_action_are_told_apart_by_their_numbers() -> None:
    machine = read(NESTED)
    arms = {
        (outer, inner): ("go", {"outer": outer, "inner": inner}) for outer in (True, False) for inner in (True, False)
    }
    taken = {
        (outer, inner): {
            (number, arm)
            for number in (1, 2, 3)
            for arm in (True, False)
            if shows(machine, BranchTaken("go", number, taken=arm), move)
        }
        for (outer, inner), move in arms.items()
    }
    assert taken == {
        (True, True): {(1, True), (2, True)},
        (True, False): {(1, True), (2, False)},
        (False, True): {(1, False), (3, True)},
        (False, False): {(1, False), (3, False)},
    }


@pytest.mark.parametrize("number", [-1, 0, 4])
def test_no_run_shows_an_if_statement_that_is_not_there(number: int) -> None:
    machine = read(NESTED)
    run = run_of(machine, ("go", {"outer": False, "inner": True}))
    plan = Plan(problem_of(machine))
    assert objection(plan, NOTHING, BranchTaken("go", 3, taken=True), run) is None
    assert objection(plan, NOTHING, BranchTaken("go", number, taken=True), run) == "its run does not show it"


def test_a_line_that_is_moved_changes_no_name() -> None:
    moved = NESTED.replace("            if inner", "\n            # a note\n            if inner")
    names = [[about.id for about in obligations(problem_of(read(text)))] for text in (NESTED, moved)]
    assert names[0] == names[1]
    assert [name for name in names[0] if "if_" in name] == [
        f"witness/go/if_{number}/{arm}" for number in (1, 2, 3) for arm in ("then", "else")
    ]


def test_an_arm_is_taken_from_the_state_before_the_last_step() -> None:
    text = changed(SHOP, ("if n > 3:", "if self.sold > 1:"))
    machine = read(text)
    then, otherwise = BranchTaken("buys", 1, taken=True), BranchTaken("buys", 1, taken=False)
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
    never = changed(SHOP, ('assume(n > 0, "not by itself")', 'assume(n < 0, "never")'))
    machine = read(never)
    assert not shows(machine, Assumed("breaks", 1))
    assert not shows(machine, Assumed("breaks", 2))
    later = read(changed(SHOP, ('assume(n > 1, "and', 'assume(n < 0, "and')))
    assert shows(later, Assumed("breaks", 1))
    assert not shows(later, Assumed("breaks", 2))
    second = read(changed(SHOP, ("when(n >= self.sold)", "when(n < 0)")))
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
    fixed = changed(SHOP, ("    guests:", "    fixed: bool = False\n    guests:"))
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


@pytest.mark.parametrize("assuming", [True, False])
def test_what_is_false_without_assumptions_is_shown_without_them(*, assuming: bool) -> None:
    machine = shop(f'@always(expect="{expected(assuming)}")\ndef p(self) -> bool:\n    return not self.broken')
    assert shows(machine, Fails("p"), BREAKS) == assuming  # a run that breaks no assumption needs none to be left out
    free = machine.unassuming
    run = run_of(free, ("breaks", {"n": 0}), members=1)
    found = judged(machine, runs={Fails("p"): run, Happens("breaks"): run})
    assert (why(found, Fails("p")) is None) is not assuming
    assert "cannot be replayed" in str(why(found, Happens("breaks")))


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


def test_a_premise_about_policies_belongs_to_the_choice_and_not_to_the_start() -> None:
    machine = read(
        "from enum import Enum, auto\n\nfrom quiesce.spec import Machine, implies, initially, policy\n\n\n"
        "class Size(Enum):\n    SMALL = auto()\n    LARGE = auto()\n\n\nSIZE = policy(Size.SMALL, Size.LARGE)\n\n\n"
        "class Sized(Machine):\n    up: bool = False\n\n"
        "    @initially\n    def p(self) -> bool:\n        return implies(SIZE == Size.LARGE, not self.up)\n"
    )
    assert [s.about for s in situations(problem_of(machine))] == [Applies("p", 0)]


CHOSEN = """
from enum import Enum, auto

from quiesce.spec import Machine, Nat, always, environment, implies, policy


class Size(Enum):
    SMALL = auto()
    LARGE = auto()


SIZE = policy(Size.SMALL, Size.LARGE)


class Sized(Machine):
    n: Nat = 0

    @environment
    def grows(self) -> None:
        self.n += 1

    @always
    def p(self) -> bool:
        return implies(SIZE == Size.SMALL, self.n >= 0)
"""


def test_that_an_alternative_was_chosen_does_not_make_a_promise_say_something() -> None:
    """What the promise says under the alternative may be broken by `grows` alone, so that has to happen."""
    machine = read(CHOSEN)
    plan = Plan(problem_of(machine))
    for start, moves, shown in ((0, ("grows",), True), (0, (), False), (1, ("grows",), False)):
        run = run_of(machine, *moves, start=start)
        assert (objection(plan, NOTHING, Applies("p", 0), run) is None) == shown


def test_a_premise_about_anything_else_is_no_choice() -> None:
    """No step writes what the promise reads, so no step makes it say something."""
    text = CHOSEN.replace("n: Nat = 0", "n: Nat = 0\n    low: Nat = 0\n    high: Nat = 0").replace("always", "step")
    for premise in ("self.low == 0", "0 <= self.low <= self.high"):
        promise = f'def p(self, old: "Sized") -> bool:\n        return implies({premise}, old.high == 0)\n'
        machine = read(text[: text.index("def p(self)")] + promise)
        assert [(s.about, s.actions) for s in situations(problem_of(machine))] == [(Applies("p", 0), ())]
