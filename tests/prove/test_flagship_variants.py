"""The flagship with one fault each: refuted, with a shortest run that shows the fault. Harmless changes are proved."""

import re
from functools import cache

import pytest
from quiesce.prove.effort import Effort
from quiesce.prove.prover import verify
from quiesce.prove.results import Report, Verdict
from quiesce.spec.interpreter import initial_states, replay

from tests.by_day import by_day
from tests.machines import without_futures
from tests.prove.flagship_changes import SPEC, Changes, changed, flagship, within
from tests.prove.flagship_cleanups import CLEANUPS
from tests.prove.flagship_search import shortest_runs
from tests.prove.flagship_sockets import SOCKETS
from tests.prove.flagship_startups import STARTUPS
from tests.reports import not_proved, results_by_id

VARIANTS = {**STARTUPS, **CLEANUPS, **SOCKETS}

ONE_RUN = [name for name, variant in VARIANTS.items() if not variant.refuted.startswith("recoverable/")]
"""The variants that one run refutes. That no way leads back from somewhere, takes more than a run to show."""

FUTURES = ("recoverable/", "leads_to/")
"""How obligations begin that are about the end of runs."""

OPTIONS = Effort(strengthen=False, depth=6)
"""What is false needs no helpers, and each fault shows within six steps."""


@cache
def refuted(name: str) -> Report:
    variant = VARIANTS[name]
    machine = flagship(variant.fault)
    return verify(machine if variant.refuted.startswith(FUTURES) else without_futures(machine), OPTIONS)


def promised(report: Report) -> set[str]:
    """All obligations but runs to be shown: of those, some are named after lines."""
    ids = {result.obligation.id for result in report.results}
    return {id_ for id_ in ids if not id_.startswith("witness/")}


@cache
def proved() -> Report:
    return verify(flagship(), OPTIONS)


def test_there_are_enough_of_them() -> None:
    assert len(VARIANTS) == len(STARTUPS) + len(CLEANUPS) + len(SOCKETS) >= 28


@pytest.mark.slow
@pytest.mark.parametrize("name", by_day(VARIANTS, 48))
def test_the_variant_is_refuted_with_a_shortest_run(name: str) -> None:
    found = results_by_id(refuted(name))[VARIANTS[name].refuted]
    assert found.verdict is Verdict.REFUTED
    assert found.run is not None
    assert " ".join(move.action for move in found.run.moves) in VARIANTS[name].runs


@pytest.mark.slow
@pytest.mark.parametrize("name", by_day(VARIANTS, 48))
def test_every_counterexample_starts_at_the_start_and_replays(name: str) -> None:
    report = refuted(name)
    runs = [result.run for result in report.results if result.verdict is Verdict.REFUTED and result.run is not None]
    assert runs
    for run in runs:
        members = {family: len(members) for family, members in run.start.families.items()}
        assert run.start in list(initial_states(report.machine, members))
        replay(report.machine, run)


@pytest.mark.slow
@pytest.mark.parametrize("name", by_day(ONE_RUN, 48))
def test_exhaustive_search_finds_these_shortest_runs_and_no_other(name: str) -> None:
    variant = VARIANTS[name]
    steps = max(len(run.split()) for run in variant.runs)
    assert shortest_runs(flagship(variant.fault), variant.refuted, steps) == set(variant.runs)


@pytest.mark.nightly
@pytest.mark.parametrize("name", VARIANTS)
def test_the_harmless_twin_is_proved(name: str) -> None:
    report = verify(flagship(VARIANTS[name].twin), OPTIONS)
    assert not_proved(report) == []
    assert promised(report) >= promised(proved())


@pytest.mark.parametrize("name", VARIANTS)
def test_the_twin_is_another_text_in_a_place_of_the_fault(name: str) -> None:
    text, variant = SPEC.read_text(encoding="utf-8"), VARIANTS[name]
    assert len({text, changed(text, variant.fault), changed(text, variant.twin)}) == 3
    assert {change.method for change in variant.twin} <= {change.method for change in variant.fault}


@pytest.mark.nightly
def test_the_flagship_itself_is_proved() -> None:
    assert not_proved(verify(flagship())) == []


@pytest.mark.nightly
def test_a_change_that_takes_a_promise_away_is_no_twin() -> None:
    report = verify(
        flagship(within("every_close_takes_one_descriptor", "[close_shared, close_socket]", "close_socket"))
    )
    assert not_proved(report) == []
    assert not promised(report) >= promised(proved())


def test_exhaustive_search_finds_no_run_where_there_is_no_fault() -> None:
    variant = VARIANTS["free before drain"]
    (run,) = variant.runs
    steps = len(run.split())
    assert shortest_runs(flagship(variant.twin), variant.refuted, steps) == set()
    assert shortest_runs(flagship(variant.fault), variant.refuted, steps - 1) == set()


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        (within("send", "s.unsent -= n", "s.unsent = n"), "'s.unsent -= n' is 0 times in send"),
        (within("transmit", "n", "m"), "'n' is [0-9]+ times in transmit"),
        (within("transmitted", "n", "m"), "0 methods are called transmitted"),
    ],
)
def test_a_change_that_does_not_fit_is_an_error(changes: Changes, reason: str) -> None:
    with pytest.raises(ValueError, match=re.compile(reason)):
        changed(SPEC.read_text(encoding="utf-8"), changes)
