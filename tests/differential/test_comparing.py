"""Each kind of wrong reply is noticed: a true report is changed in one place."""

from dataclasses import replace
from typing import Any

import pytest
from quiesce.prove.effort import Effort

from tests.differential import replies as adapter
from tests.differential.comparing import wrong
from tests.differential.reference.knowledge import Knowledge, learn
from tests.differential.replies import Reply, ask
from tests.machines import text_of

LAMP = text_of("lamp")

ROUND = '''
from quiesce.spec import Machine, environment, leads_to, recoverable, when


class Round(Machine):
    """It goes round for ever once it is on."""

    on: bool = False
    left: bool = False

    @environment
    def begin(self) -> None:
        self.on = True

    @environment
    def turn(self) -> None:
        when(self.on)
        self.left = not self.left

    @recoverable
    def can_stop(self) -> bool:
        return not self.on

    @leads_to(fair=[turn])
    def stops(self) -> tuple[bool, bool]:
        return self.on, not self.on
'''

Report = tuple[tuple[Reply, ...], Knowledge]


@pytest.fixture(scope="module")
def lamp() -> Report:
    return ask(LAMP, Effort(depth=5)), learn(LAMP)


def is_named(reply: Reply, kind: str, promise: str | None, action: str | None) -> bool:
    return (reply.kind, reply.promise, reply.action) == (kind, promise, action)


def changed(
    replies: tuple[Reply, ...], kind: str, promise: str | None, action: str | None, **new: Any
) -> tuple[Reply, ...]:
    """The replies with other words about something."""
    assert any(is_named(reply, kind, promise, action) for reply in replies)
    return tuple(replace(r, **new) if is_named(r, kind, promise, action) else r for r in replies)


def mistakes(replies: tuple[Reply, ...], known: Knowledge, *, premises: bool = False) -> list[str]:
    return sorted({found.what for found in wrong(replies, known, premises=premises)})


@pytest.mark.parametrize("text", [LAMP, ROUND])
def test_a_true_report_agrees(text: str) -> None:
    known = learn(text)
    assert mistakes(ask(text, Effort(depth=5)), known, premises=True) == []
    assert known.decided


@pytest.mark.parametrize("kind", ["start", "step", "step promise", "recoverable", "leads to", "total", "witness"])
def test_replies_of_a_kind_that_are_missing(kind: str, lamp: Report) -> None:
    """What is broken has to be spoken of; of what holds, the list of obligations knows."""
    replies, known = lamp
    left = tuple(reply for reply in replies if reply.kind != kind)
    broken = {"step", "leads to", "total"}
    assert bool(mistakes(left, known, premises=True)) == (kind in broken)


@pytest.mark.parametrize(
    ("kind", "promise", "action", "verdict"),
    [
        ("step", "once", "light", "proved"),
        ("witness", None, "burn", "vacuous"),
        ("start", "once", None, "error"),
        ("step", "dark_at_first", "light", "refuted"),
        ("expected failure", "never_out", None, "refuted"),
        ("leads to", "burns", None, "proved"),
        ("expected failure", "can_be_dark", None, "refuted"),
    ],
)
def test_another_verdict(kind: str, promise: str | None, action: str | None, verdict: str, lamp: Report) -> None:
    replies, known = lamp
    assert {r.verdict for r in replies if is_named(r, kind, promise, action)} != {verdict}
    assert mistakes(changed(replies, kind, promise, action, verdict=verdict), known) != []


def test_totals_that_are_not(lamp: Report) -> None:
    replies, known = lamp
    proved = tuple(replace(r, verdict="proved", run=None) if r.kind == "total" else r for r in replies)
    assert len(mistakes(proved, known)) == 1


def runs(replies: tuple[Reply, ...], kind: str, promise: str | None, action: str | None = "light") -> Any:
    return next(r.run for r in replies if is_named(r, kind, promise, action) and r.run is not None)


@pytest.mark.parametrize(
    ("kind", "promise", "action"),
    [
        ("step", "once", "light"),
        ("leads to", "burns", None),
        ("expected failure", "never_out", None),
        ("expected failure", "can_be_dark", None),
    ],
)
def test_a_run_that_is_cut_off_or_left_out(kind: str, promise: str, action: str | None, lamp: Report) -> None:
    replies, known = lamp
    run = runs(replies, kind, promise, action)
    shorter = {**run, "steps": run["steps"][:-1]}
    for other in (None, shorter, {**run, "steps": run["steps"][1:]}):
        if other is None or other["steps"] != run["steps"]:
            assert mistakes(changed(replies, kind, promise, action, run=other), known) != [], other


def test_a_run_that_leads_elsewhere(lamp: Report) -> None:
    replies, known = lamp
    run = runs(replies, "step", "once")
    *first, last = run["steps"]
    elsewhere = {**run, "steps": [*first, {**last, "state": {**last["state"], "times": 7}}]}
    nowhere = {**run, "steps": [*first, {**last, "state": {"times": 7}}]}
    for other in (elsewhere, nowhere):
        assert mistakes(changed(replies, "step", "once", "light", run=other), known) == [
            "step once light (line 48): refuted"
        ]


def test_a_run_that_starts_elsewhere(lamp: Report) -> None:
    replies, known = lamp
    run = runs(replies, "step", "once")
    other = {**run, "start": run["steps"][0]["state"], "steps": run["steps"][1:]}
    [found] = wrong(changed(replies, "step", "once", "light", run=other), known, premises=False)
    assert found.why == "the run does not begin in an initial state"


def test_a_run_that_could_be_shorter(lamp: Report) -> None:
    replies, known = lamp
    run = runs(replies, "step", "once")
    light, out, again = run["steps"]
    vain = {**out, "action": "put_out_in_vain"}
    other = {**run, "steps": [light, out, vain, again]}
    [found] = wrong(changed(replies, "step", "once", "light", run=other), known, premises=False)
    assert found.why == "not the shortest run"


def test_a_step_that_is_excluded_after_all(lamp: Report) -> None:
    replies, known = lamp
    run = runs(replies, "step", "once")
    where = ("step", "dark_at_first", "light")
    assert mistakes(changed(replies, *where, verdict="unknown", step={**run, "steps": run["steps"][:1]}), known) == []
    bad = {**run, "start": {"phase": "LIT", "times": 0}, "steps": []}  # breaks a promise that is proved
    assert mistakes(changed(replies, *where, verdict="unknown", step=bad), known) != []
    odd = {**run, "steps": run["steps"][1:]}
    assert mistakes(changed(replies, *where, verdict="unknown", step=odd), known) != []


def test_a_promise_about_the_future_that_no_run_keeps() -> None:
    replies, known = ask(ROUND, Effort(depth=5)), learn(ROUND)
    for kind, promise in (("recoverable", "can_stop"), ("leads to", "stops")):
        proved = tuple(replace(r, verdict="proved", run=None) if r.kind == kind else r for r in replies)
        assert [found.split(" (")[0] for found in mistakes(proved, known)] == [f"{kind} {promise}"]


def test_two_obligations_of_one_id(lamp: Report) -> None:
    replies, known = lamp
    assert mistakes((*replies, replies[0]), known) == ["everything"]


COUNTED = """
from quiesce.spec import Family, Machine, Member, New, call, count, when


class Part(Member):
    taken: bool = False


class Parts(Machine):
    parts: Family[Part]

    @call("take")
    def take(self{given}) -> None:
        when(count(not p.taken for p in self.parts) > 0)
        for p in self.parts:
            p.taken = True

    @call("take", blocks=True, fair=[take])
    def waits(self) -> None:
        when(count(not p.taken for p in self.parts) == 0)
"""


@pytest.mark.parametrize(("given", "why"), [("", []), (", n: New[Part]", ["take is possible at the end of the run"])])
def test_only_an_action_that_asks_for_a_new_member_is_given_one(given: str, why: list[str]) -> None:
    text = COUNTED.replace("{given}", given)
    known = learn(text)
    wait = next(promise for promise in known.life.actions if promise.waits)
    member = {"taken": True}
    run = {
        "start": {"parts": [{"taken": False}]},
        "steps": [{"action": "take", "arguments": {"n": 0} if given else {}, "state": {"parts": [member]}}],
    }
    reply = Reply("", "leads to", None, None, wait.line, "refuted", "", run, None)
    assert [found.why for found in wrong((reply,), known, premises=False) if found.what == str(reply)] == why


def test_a_kind_that_nobody_knows_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(adapter, "KNOWN", {"start"})
    with pytest.raises(LookupError):
        ask(ROUND, Effort(depth=5))
