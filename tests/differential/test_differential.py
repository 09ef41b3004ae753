"""Random specs: what the prover says of them, against runs of their text that know nothing of the tool.

`QUIESCE_MACHINES` says how many specs. Each has a number of its own, so a failure comes again.
"""

import os
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cache
from itertools import chain

import pytest
from quiesce.kernel import problem as claims
from quiesce.prove.effort import Effort
from quiesce.prove.search import bounded as search
from quiesce.prove.solving.z3_solver import Answer, Check
from quiesce.spec.effects import Effect, effect_of
from quiesce.spec.meaning import smtlib as smt
from quiesce.spec.model import TRUE, Action, If, Machine, Not, Op

from tests.by_day import by_day
from tests.differential.running import PORTION, Judged, explained, judge_portion, numbers_of, smallest

pytestmark = pytest.mark.slow

FIRST = range(4)
"""The portions of the first hundred specs."""

ASKED = os.environ.get("QUIESCE_MACHINES")
PORTIONS = range(-(-int(ASKED or PORTION) // PORTION))
STRIDE = 1 if ASKED else 5
"""Every fifth spec of one portion, unless more are asked for: some of them have layers, and some need helpers."""

Judge = Callable[..., Sequence[Judged]]


@pytest.fixture(autouse=True)
def _small_budgets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Effort, "searches", property(lambda effort: 10 * effort.budget))


@pytest.fixture(scope="module")
def judge() -> Judge:
    """The specs of a portion, or every so manieth, each judged once."""
    return cache(lambda portion, stride=1: tuple(judge_portion(portion, stride)))


@pytest.mark.parametrize("portion", PORTIONS)
def test_the_prover_and_the_reference_agree(portion: int, judge: Judge) -> None:
    found = judge(portion, STRIDE)
    numbers = numbers_of(portion, STRIDE)
    assert len(found) == len(numbers) >= PORTION // 5
    for number, judged in zip(numbers, found, strict=True):
        if judged.wrong:
            pytest.fail(f"spec {number}\n{explained(smallest(judged, strengthen=number % 4 == 0))}")


@pytest.mark.nightly
def test_the_specs_are_not_all_alike(judge: Judge) -> None:
    found = [judged for portion in FIRST for judged in judge(portion)]
    read = [judged for judged in found if not judged.refused]
    answers = sum((judged.answers for judged in read), Counter[str]())
    both = ("step", "step promise", "pristine", "recoverable", "leads to", "total", "answer", "enabled", "precondition")
    wanted = {f"{kind}: {verdict}" for kind in both for verdict in ("proved", "refuted")}
    wanted |= {
        "witness: proved",
        "witness: vacuous",
        "expected failure: proved",
        "forgettable: proved",
        "start: refuted",
    }
    wanted |= {"forgettable: unknown", "refinement: proved", "assumption: proved", "assumption: error"}
    assert wanted <= set(answers), wanted - set(answers)
    assert len({judged.text for judged in found}) > len(found) * 0.9
    assert len(read) > len(found) * 0.9, [judged.refused for judged in found if judged.refused]
    assert {judged.families for judged in read} == {0, 1, 2, 3}
    assert sum(judged.decided for judged in read) >= len(read) // 20
    assert sum(judged.broken for judged in read) > len(read) // 4
    assert sum(not judged.broken for judged in read) > len(read) // 6


@pytest.mark.nightly
def test_little_stays_open_of_what_a_search_decides(judge: Judge) -> None:
    """An unknown is no wrong answer; but of specs without families that a search decides, there are to be few."""
    decided = [judged for portion in FIRST for judged in judge(portion) if judged.decided]
    asked = sum(judged.answers.total() for judged in decided)
    unknown = sum(judged.open for judged in decided)
    print(f"{unknown} of {asked} obligations of {len(decided)} decided specs are unknown")
    assert unknown < asked * 0.15


# --- it can fail -------------------------------------------------------------------------------------------------


def _mix_up_arms(monkeypatch: pytest.MonkeyPatch) -> None:
    def mixed_up(machine: Machine, action: Action) -> Effect:
        body = tuple(replace(s, condition=Not(s.condition)) if isinstance(s, If) else s for s in action.body)
        return effect_of(machine, replace(action, body=body))

    monkeypatch.setattr(claims, "effect_of", mixed_up)


def _take_unknown_for_proved(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Check, "proved", property(lambda self: self.answer is not Answer.SATISFIABLE))


def _mistake_an_operator(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(smt, "SMT_OPERATORS", {**smt.SMT_OPERATORS, Op.LE: "<"})


def _search_without_guards(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search, "guard", lambda *_: TRUE)


FAULTS = [_mix_up_arms, _take_unknown_for_proved, _mistake_an_operator, _search_without_guards]


@pytest.mark.slow
@pytest.mark.parametrize("fault", by_day(FAULTS, 4))
def test_a_fault_of_the_prover_is_found(
    fault: Callable[[pytest.MonkeyPatch], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    fault(monkeypatch)
    assert any(judged.wrong for judged in chain.from_iterable(map(judge_portion, FIRST)))
