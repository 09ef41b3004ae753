"""Random machines: what the prover says of them, against exhaustive search of small instances by the interpreter.

`QUIESCE_MACHINES` says how many machines; every 25 of them come from a seed of their own, so a failure comes again.
"""

import os
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cache
from itertools import chain

import pytest
from quiesce.kernel import problem as claims
from quiesce.kernel import smtlib as smt
from quiesce.prove.explain import diagnosis
from quiesce.prove.search import bounded as search
from quiesce.prove.solving import z3_solver as solver
from quiesce.prove.solving.z3_solver import Answer, Check
from quiesce.spec.effects import Effect, effect_of
from quiesce.spec.model import TRUE, Action, If, Machine, Not, Op

from tests.differential.running import PORTION, Judged, explained, fail_small, judge_seed

IN_CI = range(4)
"""The seeds of a hundred machines."""

SEEDS = range(-(-int(os.environ.get("QUIESCE_MACHINES", "100")) // PORTION))

Judge = Callable[[int], Sequence[Judged]]


@pytest.fixture(autouse=True)
def _small_budgets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(diagnosis, "ALLOWANCE", 2_000_000)
    monkeypatch.setattr(solver, "DEFAULT_BUDGET", 200_000)


@pytest.fixture(scope="module")
def machines() -> Judge:
    """The machines of a seed, each judged once."""
    return cache(lambda number: tuple(judge_seed(number)))


@pytest.mark.parametrize("number", SEEDS)
def test_the_prover_and_exhaustive_search_agree(number: int, machines: Judge) -> None:
    wrong = [judged for judged in machines(number) if judged.wrong]
    if wrong:
        fail_small(number)
        pytest.fail(explained(wrong[0].spec, wrong[0].wrong))
    assert len(machines(number)) == PORTION


def test_the_machines_are_not_all_alike(machines: Judge) -> None:
    found = [judged for number in IN_CI for judged in machines(number)]
    answers = sum((judged.answers for judged in found), Counter[str]())
    both = ("step", "step promise", "pristine", "recoverable", "leads to", "total", "answer", "possible")
    wanted = {f"{kind}: {verdict}" for kind in both for verdict in ("proved", "refuted")}
    wanted |= {"witness: proved", "witness: vacuous", "expected failure: proved", "inert: proved", "start: refuted"}
    assert wanted <= set(answers), answers
    assert len({judged.spec.text for judged in found}) > len(found) // 2
    assert sum(judged.complete for judged in found) > len(found) // 2
    assert sum(judged.broken for judged in found) > len(found) // 4
    assert sum(not judged.broken for judged in found) > len(found) // 4


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


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_of_the_prover_is_found(
    fault: Callable[[pytest.MonkeyPatch], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    fault(monkeypatch)
    # The same machines; those for which helpers are looked for, which takes long, come last.
    assert any(judged.wrong for judged in chain.from_iterable(map(judge_seed, (1, 2, 3, 0))))
