"""What tests in several folders need of the specs of this repository, and what takes too long to be found twice."""

import gc
import signal
from collections.abc import Callable, Generator, Iterator
from functools import cache
from pathlib import Path

import pytest
from quiesce.cores.parts import CoreReport
from quiesce.cores.report import core_report
from quiesce.prove.checked import CheckedMachine
from quiesce.prove.effort import Effort
from quiesce.prove.prover import verify
from quiesce.prove.results import Report
from quiesce.prove.solving.seal import FOLDER

from tests.twins import Twin, machine_of

TESTS = Path(__file__).parent

_POOL = "examples/connection_pool/pool_lifecycle/tests/test_shell.py"
LONG_SEARCHES = (f"{_POOL}::test_whoever_goes_on", f"{_POOL}::test_whoever_is_interrupted")
"""Searches of a generated package that wait for the night; it cannot say so itself."""


@pytest.fixture(scope="session", autouse=True)
def _own_secret(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Notes of tests are sealed with a secret of theirs, and nothing is left where people keep their own."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(FOLDER, str(tmp_path_factory.mktemp("state")))
        yield


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """What is collected stays to the end: to look through it for cycles again and again takes a sixth of the time."""
    gc.disable()
    try:
        return (yield)
    finally:
        _settle()
        gc.enable()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item: pytest.Item, nextitem: pytest.Item | None) -> Generator[None]:
    """So does most of what the tests of a file leave behind, for others to use."""
    yield
    if nextitem is not None and nextitem.path != item.path:
        _settle()


def _settle() -> None:
    """Drop what nothing refers to, and look no more through what is left."""
    gc.collect()
    gc.freeze()


def pytest_configure(config: pytest.Config) -> None:
    """Processes are given files in the order of what was collected. pytest-xdist has those of most tests first."""
    if "loadscopereorder" in config.option:
        config.option.loadscopereorder = False


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What waits for the night is slow, too, and so is a search through schedules that a package brings with it.

    Files with slow tests come first, so that at the end no process waits for another one.
    """
    for item in items:
        if item.nodeid.startswith(LONG_SEARCHES):
            item.add_marker("nightly")
        searches = item.path.name == "test_shell.py" and not item.path.is_relative_to(TESTS)
        if searches or item.get_closest_marker("nightly"):
            item.add_marker("slow")
    long = {item.path for item in items if item.get_closest_marker("slow")}
    items.sort(key=lambda item: item.path not in long)


@cache
def report_on(spec: Path | Twin) -> Report:
    return verify(machine_of(spec))


@pytest.fixture
def verified(request: pytest.FixtureRequest) -> Callable[[Path | Twin], Report]:
    """The report on a spec of this repository, or on a broken twin; each is proved once, and no test changes it."""
    # What a prover says that a test has put a fault into would be taken for the truth by all tests thereafter.
    assert "monkeypatch" not in request.fixturenames, "whoever may change the prover calls `verify`"
    return report_on


@pytest.fixture(scope="session")
def core_report_once() -> Callable[[CheckedMachine, Effort], CoreReport]:
    """What the proofs of a machine rest on; found once for all that are equal in every verdict, line and cost."""
    known: list[tuple[CheckedMachine, Effort, CoreReport]] = []

    def look_up(checked: CheckedMachine, effort: Effort) -> CoreReport:
        for other, tried, report in known:
            if (other, tried) == (checked, effort):
                return report
        known.append((checked, effort, core_report(checked, effort)))
        return known[-1][2]

    return look_up


@pytest.fixture
def interruptible() -> Iterator[None]:
    """Processes that the test starts can be interrupted, also where whoever runs the tests cannot.

    A shell without job control starts what runs in the background with SIGINT ignored, processes inherit that, and
    quiesce leaves it as it is: who asked for a run in the background does not want Ctrl-C to end it.
    """
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)
