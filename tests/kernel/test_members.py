"""Members that were given back make no difference: what depends on them is not established, its twin is."""

import pytest
from quiesce.kernel.problem import problem_of
from quiesce.kernel.rules import forgettable
from quiesce.kernel.subjects import Forgettable
from quiesce.spec.meaning.family_uses import family_uses
from quiesce.spec.model import TRUE, ForEach, Quantified, Quantifier

from tests.kernel.judging import read, still_open
from tests.machines import text_of
from tests.prove.test_forgettable import DEPENDING, INDEPENDENT, with_promise


@pytest.mark.parametrize("text", DEPENDING.values(), ids=DEPENDING)
def test_a_promise_that_depends_on_gone_members_is_open(text: str) -> None:
    assert "forgettable/promise/p" in still_open(read(with_promise(text)))


@pytest.mark.parametrize("text", INDEPENDENT.values(), ids=INDEPENDENT)
def test_a_promise_that_does_not_is_established(text: str) -> None:
    assert not [name for name in still_open(read(with_promise(text))) if "forgettable" in name]


ACTING = text_of("jobs_and_helpers")

ACTIONS = {
    "a guard about all, gone ones too": ("when(all(j.open for j in self.jobs))", False),
    "a guard about all in use": ("when(all(j.left == 0 or j.open for j in self.jobs))", True),
    "a guard about some, gone ones too": ("when(any(not j.open for j in self.jobs))", False),
    "a guard about some in use": ("when(any(j.open for j in self.jobs))", True),
    "a guard about none": ("when(not any(j.open for j in self.jobs))", True),
    "a guard about what persists": ("when(any(j.mark > 3 for j in self.jobs))", False),
    "a guard about what persists of those in use": ("when(any(j.open and j.mark > 3 for j in self.jobs))", True),
    "a sum of what persists": ("self.total = sum(j.mark for j in self.jobs)", False),
    "a sum of what does not": ("self.total = sum(j.left for j in self.jobs)", True),
    "a count of the gone": ("self.total = count(not j.open for j in self.jobs)", False),
    "a loop that changes all": ("for j in self.jobs:\n    j.open = True", False),
    "a loop that changes what persists": ("for j in self.jobs:\n    j.mark += 1", False),
    "a loop that changes those in use": ("for j in self.jobs:\n    j.left = j.left + (1 if j.open else 0)", True),
    "a loop that clears all": ("for j in self.jobs:\n    retire(j)", True),
    "a loop that clears one field": ("for j in self.jobs:\n    j.left = 0", True),
    "a loop over all helpers": ("for h in self.helpers:\n    h.busy = self.waiting", False),
    "a loop inside an arm": ("if self.waiting:\n    for j in self.jobs:\n        j.open = True", False),
    "two families, one at fault": (
        "when(all(j.left == 0 or j.open for j in self.jobs))\nwhen(any(h.done > 1 for h in self.helpers))",
        False,
    ),
    "two families, the other at fault": (
        "when(all(j.open for j in self.jobs))\nwhen(any(h.busy for h in self.helpers))",
        False,
    ),
    "two families": ("when(any(j.open for j in self.jobs))\nwhen(any(h.busy for h in self.helpers))", True),
    "one family within another": (
        "when(all(implies(j.open, any(h.busy and h.done >= j.left for h in self.helpers)) for j in self.jobs))",
        True,
    ),
    "one family within another, at fault": (
        "when(all(implies(j.open, any(h.done >= j.left for h in self.helpers)) for j in self.jobs))",
        False,
    ),
    "a family within itself": (
        "when(all(implies(j.open, all(implies(k.open, k is j) for k in self.jobs)) for j in self.jobs))",
        True,
    ),
    "a family within itself, at fault": (
        "when(all(implies(j.open, all(k is j for k in self.jobs)) for j in self.jobs))",
        False,
    ),
}


def acting(lines: str, arguments: str = "") -> str:
    body = "".join(f"        {line}\n" for line in lines.splitlines())
    return f"{ACTING}    @environment\n    def acts(self{arguments}) -> None:\n{body}"


@pytest.mark.parametrize("name", ACTIONS)
def test_what_an_action_asks_and_does_to_all_spares_gone_members(name: str) -> None:
    lines, spared = ACTIONS[name]
    assert ("forgettable/acts" not in still_open(read(acting(lines)))) == spared


GIVEN = {
    # A loop is asked by itself: what is written to the member around it does not help.
    "the one that was given and written to": ("for k in self.jobs:\n    k.open = k is j\nj.left = 1", False),
    "the one that was given and not written to by name": ("for k in self.jobs:\n    k.open = k is j", False),
    "others may not": ("for k in self.jobs:\n    k.open = not (k is j)", False),
    "a guard about others": ("when(all(implies(k.open, k is j) for k in self.jobs))", True),
    "a guard about all others": ("when(all(k.open or k is j for k in self.jobs))", False),
    "a guard about itself": ("when(any(k is j for k in self.jobs))", False),
}


@pytest.mark.parametrize("name", GIVEN)
def test_members_that_an_action_was_given_are_known(name: str) -> None:
    lines, spared = GIVEN[name]
    assert ("forgettable/acts" not in still_open(read(acting(lines, ", j: Job")))) == spared


PROMISED = {
    "others of the one that was given": ("any(k is j and k.mark >= 0 for k in self.jobs)", "j: Job", True),
    "any other": ("any(k is not j and k.mark >= 0 for k in self.jobs)", "j: Job", True),
    "all others": ("all(k is j or k.mark >= 0 for k in self.jobs)", "j: Job", False),
    "all others in use": ("all(k is j or not k.open for k in self.jobs)", "j: Job", True),
    "only the one that was given": ("all(k is not j for k in self.jobs)", "j: Job", True),
    "all but the one that was given": ("all(k is j or k.open for k in self.jobs)", "j: Job", False),
    "a number": ("all(k.mark >= n for k in self.jobs)", "n: Nat", False),
    "a number of those in use": ("any(k.open and k.mark >= n for k in self.jobs)", "n: Nat", True),
}


@pytest.mark.parametrize("name", PROMISED)
def test_members_that_a_promise_is_about_are_known(name: str) -> None:
    claim, argument, spared = PROMISED[name]
    action = f"    @environment\n    def acts(self, {argument}) -> None:\n        self.waiting = True\n\n"
    text = f"{ACTING}{action}    @enabled(acts)\n    def p(self, {argument}) -> bool:\n        return {claim}\n"
    assert ("forgettable/promise/p" not in still_open(read(text))) == spared


FAIR = {
    "wake": False,
    "wake_opened": True,
    "wake_new": None,
    "wake_with_helper": False,
    "wake_with_busy_helper": True,
    "wake_opened, wake": False,
}


@pytest.mark.parametrize("names", FAIR)
def test_nobody_waits_for_what_happens_to_a_gone_member(names: str) -> None:
    text = ACTING + (
        f'    @call("wait", blocks=True, fair=[{names}])\n    def waits(self) -> None:\n        when(self.waiting)\n\n'
        f'    @call("wait")\n    def comes(self) -> None:\n        when(not self.waiting)\n'
    )
    machine = read(text)
    found = still_open(machine)
    assert ("forgettable/wait/waits" in found) == (FAIR[names] is False)
    promised = read(
        ACTING + f"    @leads_to(fair=[{names}])\n    def p(self) -> tuple[bool, bool]:\n"
        "        return self.waiting, not self.waiting\n"
    )
    assert ("forgettable/promise/p" in still_open(promised)) == (FAIR[names] is False)


def test_without_families_there_is_nothing_to_forget() -> None:
    text = (
        "from quiesce.spec import Machine, Nat, always, call\n\n\nclass M(Machine):\n    n: Nat = 0\n\n"
        '    @call("up")\n    def up(self) -> None:\n        self.n += 1\n\n'
        "    @always\n    def p(self) -> bool:\n        return self.n >= 0\n"
    )
    assert still_open(read(text)) == []
    assert Forgettable("up").action == "up"


def test_what_cannot_be_is_refused_and_not_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    machine = read(acting("for j in self.jobs:\n    j.left = 0"))
    problem = problem_of(machine)
    (loop,) = [use.part for use in family_uses(machine.actions_by_name["acts"])]
    assert isinstance(loop, ForEach)
    nobody = forgettable._Forgetting(Forgettable("acts"), problem, (), ())
    with pytest.raises(TypeError, match="only an action has loops"):
        nobody._unchanged(loop)
    monkeypatch.setattr(forgettable, "rename_member", lambda *_: TRUE)
    with pytest.raises(TypeError, match="no other expression"):
        forgettable._with_member_renamed(Quantified(Quantifier.ALL, "j", "jobs", TRUE), "j", "k")


def test_what_one_outcome_binds_is_not_what_another_is_given() -> None:
    """Both call it `j`. That every job is open does not follow from one that is."""
    outcomes = (
        '    @call("use")\n    def use(self, j: Job) -> None:\n        when(not j.open)\n\n'
        '    @call("use")\n    def use_all(self) -> None:\n        when({}(j.open for j in self.jobs))\n\n'
        '    @accepts("use")\n    def p(self) -> bool:\n        return self.total >= 0\n'
    )
    text = ACTING
    assert "answer/p/use" in still_open(read(text + outcomes.format("all")))
    assert "answer/p/use" not in still_open(read(text + outcomes.format("any")))
