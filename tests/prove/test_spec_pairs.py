"""Good specs are proved, and their broken twins are not: each is refuted exactly where it says."""

from collections.abc import Callable, Iterable
from operator import attrgetter
from pathlib import Path

import pytest
from quiesce.prove.results import Report, Verdict
from quiesce.spec.interpreter import replay

from tests.by_day import at_night
from tests.reports import not_proved, results_by_id
from tests.twins import BROKEN, GOOD, Twin, twins

WAITING = {
    *("stopped_below_zero", "freed_before_drained", "written_off_in_silence", "failed_start_counts"),
    *("leaving_means_connecting", "answer_without_outcome", "work_dropped_at_stop", "users_outlive_the_release"),
    *("secure_lines_for_ever", "all_leave_with_the_first"),
}
"""What takes longest. Others break the same kinds of obligations every time."""


def test_every_good_spec_has_a_broken_twin_and_every_broken_one_a_good() -> None:
    assert len(BROKEN) >= 15
    assert {twin.good for twin in BROKEN.values()} == GOOD.keys()


@pytest.mark.parametrize("path", GOOD.values(), ids=attrgetter("stem"))
def test_a_good_spec_is_proved(path: Path, verified: Callable[[Path], Report]) -> None:
    report = verified(path)
    assert not_proved(report) == []


@pytest.mark.parametrize("twin", BROKEN.values(), ids=attrgetter("name"))
def test_a_broken_twin_is_its_good_twin_with_few_lines_changed(twin: Twin) -> None:
    good = GOOD[twin.good].read_text(encoding="utf-8")
    assert good.count(twin.before) == 1
    assert twin.text != good
    assert abs(len(twin.text.splitlines()) - len(good.splitlines())) <= 3
    assert len(twin.before.strip().splitlines()) <= 2


def test_each_kind_of_obligation_that_a_twin_breaks_is_broken_by_day() -> None:
    by_day = [twin for name, twin in BROKEN.items() if name not in WAITING]
    assert kinds_broken(by_day) == kinds_broken(BROKEN.values())
    assert BROKEN.keys() >= WAITING


def kinds_broken(some: Iterable[Twin]) -> set[str]:
    return {obligation.split("/")[0] for twin in some for obligation in twin.refuted}


@pytest.mark.slow
@pytest.mark.parametrize(
    "twin",
    [at_night(twin) if name in WAITING else twin for name, twin in BROKEN.items()],
    ids=attrgetter("name"),
)
def test_its_broken_twin_is_refuted_exactly_where_it_says(twin: Twin, verified: Callable[[Twin], Report]) -> None:
    report = verified(twin)
    results = results_by_id(report)
    assert {name for name, result in results.items() if result.verdict is Verdict.REFUTED} == set(twin.refuted)
    assert [results[name].verdict for name in twin.unproved] == [Verdict.UNKNOWN] * len(twin.unproved)
    for name in twin.refuted:
        run = results[name].run
        assert run is not None
        replay(report.machine, run)


# --- a table with mistakes ---------------------------------------------------------------------------------------

TWIN = {"fault": "None.", "good": "counted_drain", "before": "when(self.users > 1)", "after": "", "refuted": ["a"]}


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"before": "when(self.users > 100)"}, "stands 0 times"),
        ({"before": "", "after": "pass"}, "not once"),
        ({"before": "when("}, "not once"),
        ({"after": TWIN["before"]}, "replaced by itself"),
    ],
)
def test_a_change_that_cannot_be_made_or_is_none_is_an_error(changes: dict[str, str], reason: str) -> None:
    assert twins({"twin": TWIN})["twin"].text
    with pytest.raises(ValueError, match=reason):
        _ = twins({"twin": TWIN | changes})["twin"].text


def test_a_twin_that_breaks_nothing_is_an_error() -> None:
    with pytest.raises(ValueError, match="names nothing that it breaks"):
        twins({"twin": TWIN | {"refuted": []}})


def test_a_key_that_does_not_exist_is_an_error() -> None:
    with pytest.raises(TypeError, match="refutes"):
        twins({"twin": TWIN | {"refutes": ["a"]}})
