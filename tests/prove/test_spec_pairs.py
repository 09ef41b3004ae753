"""Good specs are proved, and their broken twins refuted: each names what it breaks in a line `# refuted: …`."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from quiesce.prove.results import Report, Verdict
from quiesce.spec.interpreter import replay

from tests.reports import not_proved, results_by_id

SPECS = Path(__file__).parents[1] / "specs"
MARK = re.compile(r"^# refuted: (.+)$", re.MULTILINE)
GOOD = sorted((SPECS / "good").glob("*.py"))
TWINS = [path for path in sorted((SPECS / "broken").glob("*.py")) if MARK.search(path.read_text(encoding="utf-8"))]


def test_there_are_pairs() -> None:
    assert GOOD
    assert len(TWINS) >= 8


@pytest.mark.parametrize("path", GOOD, ids=lambda path: path.stem)
def test_a_good_spec_is_proved(path: Path, verified: Callable[[Path], Report]) -> None:
    report = verified(path)
    assert not_proved(report) == []


@pytest.mark.slow
@pytest.mark.parametrize("path", TWINS, ids=lambda path: path.stem)
def test_its_broken_twin_is_refuted_where_it_says(path: Path, verified: Callable[[Path], Report]) -> None:
    report = verified(path)
    results = results_by_id(report)
    expected = MARK.findall(path.read_text(encoding="utf-8"))
    assert [results[name].verdict for name in expected] == [Verdict.REFUTED] * len(expected)
    for name in expected:
        run = results[name].run
        assert run is not None
        replay(report.machine, run)
