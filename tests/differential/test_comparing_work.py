"""What a machine owes because of its activities: wrong replies are noticed, and so are faults of the prover."""

from collections.abc import Iterable
from dataclasses import replace
from itertools import chain

import pytest
from quiesce.kernel import activities
from quiesce.kernel.rules import outcomes
from quiesce.prove.effort import Effort
from quiesce.spec.model import TRUE, Not

from tests.by_day import at_night, by_day
from tests.differential.comparing import OWED_BY_WORK, wrong
from tests.differential.making.working import working
from tests.differential.reference.knowledge import Knowledge, learn
from tests.differential.reference.lifecycle import Lifecycle
from tests.differential.reference.loading import load
from tests.differential.replies import Reply, ask
from tests.differential.running import judged
from tests.twins import BROKEN, GOOD

pytestmark = pytest.mark.slow

WITH_WORK = {"device", "lines", "drained"}

TWINS = [name for name, twin in BROKEN.items() if twin.good in WITH_WORK]

LIKE_OTHERS = {"answer_without_outcome", "secure_lines_for_ever"}
"""Twins that take longest, and make the prover say what it says of smaller ones, too."""

NEAR = Effort(depth=5, budget=100_000)
"""Enough for whatever is about work. The whole budget would be spent on whether all lines can be gone again."""


def is_about_work(reply: Reply) -> bool:
    return reply.kind == "activity" or (reply.promise or "").partition(".")[2] in OWED_BY_WORK


def mistakes(replies: Iterable[Reply], known: Knowledge) -> set[str]:
    return {found.what.partition(" (")[0] for found in wrong(tuple(replies), known, premises=True)}


@pytest.mark.parametrize("name", [at_night(name) if name in LIKE_OTHERS else name for name in TWINS])
def test_a_fault_of_a_spec_is_seen_by_both_and_a_wrong_reply_is_noticed(name: str) -> None:
    text = BROKEN[name].text
    replies, known = ask(text, NEAR), learn(text)
    assert mistakes(replies, known) == set()
    work = [r for r in replies if is_about_work(r) and r.verdict == "refuted"]
    assert work or not any("." in refuted or "activity/" in refuted for refuted in BROKEN[name].refuted)
    all_right = [replace(r, verdict="proved", run=None, step=None) if r in work else r for r in replies]
    about = {f"{r.kind} {r.promise or ''}".strip() for r in work}
    assert bool(mistakes(all_right, known)) == bool(about)


@pytest.mark.parametrize("good", by_day(sorted(WITH_WORK), 3))
def test_a_refutation_of_what_holds_is_noticed(good: str) -> None:
    """Whichever run is shown for it."""
    text = GOOD[good].read_text(encoding="utf-8")
    replies, known = ask(text, Effort(depth=5)), learn(text)
    assert mistakes(replies, known) == set()
    assert known.keeps_all
    assert len(list(filter(is_about_work, replies))) > 10
    runs = [r.run for r in replies if r.run is not None][:6]
    for reply in filter(is_about_work, replies):
        of_places = (reply.promise or "").partition(".")[2] in ("answered.begins", "answered.lasts", "answered.ends")
        for run in (None, *(() if of_places else runs)):  # which places are meant is the prover's own choice
            other = replace(reply, verdict="refuted", run=run)
            assert mistakes([other if r is reply else r for r in replies], known), str(other)


# --- where work is due, by the text alone ------------------------------------------------------------------------

PARTS = """
from enum import Enum, auto
from typing import Annotated

from quiesce.spec import Answer, Family, Machine, Member, Persistent, Range, activity, always, call, due, when


class Part(Member):
    runs: bool = False
    seen: Persistent[bool] = False


class M(Machine):
    n: Annotated[int, Range(0, 3)] = 0
    parts: Family[Part]

    @activity("whole")
    def whole_done(self, ok: Answer[bool]) -> None:
        when(0 < self.n <= 2 and ok)
        when(ok or self.n > 5)

    @activity("of_part")
    def part_done(self, p: Part) -> None:
        when(p.seen)
        p.seen = False

    @always
    def one(self) -> bool:
        return due("whole") == any(due("of_part", s) for s in self.parts)
"""


def life() -> Lifecycle:
    found, *_ = load(PARTS)
    return found


@pytest.mark.parametrize(("n", "expected"), [(0, set()), (1, {None}), (2, {None}), (3, set())])
def test_what_names_an_answer_makes_no_difference_to_what_is_due(n: int, expected: set[int | None]) -> None:
    found = life()
    assert found.due("whole", found.start((1,))._replace(scalars=(n,))) == expected


def test_a_promise_asks_what_is_due_in_its_own_state() -> None:
    found = life()
    start = found.start((2,))
    seen = start._replace(families=(((False, False), (False, True)),))
    assert found.due("of_part", seen) == {1}
    for state, holds in ((start, True), (seen, False), (seen._replace(scalars=(1,)), True)):
        assert found.says(found.promise("one"), state) == holds


# --- faults of the prover ----------------------------------------------------------------------------------------


def _nothing_stays_due(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(activities, "before", lambda _: Not(TRUE))


def _work_may_begin_anywhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(activities, "Not", lambda _: TRUE)


def _each_answer_lands(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outcomes, "exclusive_claim", lambda _: TRUE)
    monkeypatch.setattr(outcomes, "covered_claim", lambda _: TRUE)


FAULTS = [_nothing_stays_due, _work_may_begin_anywhere, _each_answer_lands]
"""What becomes of the prover if a premise, a goal or a case of these rules is lost."""


@pytest.mark.nightly
@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_of_the_prover_is_found(fault: object, monkeypatch: pytest.MonkeyPatch) -> None:
    assert callable(fault)
    fault(monkeypatch)
    found = (judged(working(number), {}, strengthen=False).wrong for number in range(60))
    assert any(chain.from_iterable(found))
