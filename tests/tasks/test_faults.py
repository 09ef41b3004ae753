"""Faults of the shell for asyncio: each small change of its text is noticed by the tests of this folder."""

import inspect
import logging
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from tests.by_day import by_day
from tests.tasks import test_calls, test_cancellation, test_members, test_timeouts
from tests.tasks.packages import SPECS, forget, load, pages


@dataclass(frozen=True, slots=True)
class Fault:
    """What is in the text of a module, what stands there instead, and the test that notices it.

    The generated tests of the package of the spec `searched` find it, too, unless `not_searched` has a reason.
    """

    what: str
    is_there: str
    instead: str
    noticed_by: str
    module: str = "_tasks.py"
    searched: str = "device"
    not_searched: str = ""


FAULTS = tuple(
    Fault(**fault) for fault in tomllib.loads(Path(__file__).with_name("faults.toml").read_text("utf-8"))["fault"]
)


class Heard(logging.Handler):
    """As much of pytest's `caplog` as the tests use."""

    def __init__(self) -> None:
        super().__init__()
        self.records: list[logging.LogRecord] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.records.append(record)


def cases_of(test: Callable[..., object]) -> Iterator[Mapping[str, object]]:
    """What pytest gives to a test besides its fixtures, in each of its cases."""
    marks = [mark.args[:2] for mark in getattr(test, "pytestmark", ()) if mark.name == "parametrize"]
    for values in product(*(values for _, values in marks)):
        case: dict[str, object] = {}
        for (names, _), value in zip(marks, values, strict=True):
            case.update({names: value} if isinstance(names, str) else zip(names, value, strict=True))
        yield case


def checks_of(module: ModuleType) -> Iterator[tuple[str, Callable[..., object], Mapping[str, object]]]:
    for name, test in vars(module).items():
        if name.startswith("test_"):
            for case in cases_of(test):
                yield f"{name}{[*case.values()] or ''}", test, case


CHECKS = {
    name: (test, case)
    for module in (test_calls, test_cancellation, test_timeouts, test_members)
    for name, test, case in checks_of(module)
}


def notices(name: str, package: Callable[[str], Any]) -> bool:
    """Whether a test fails with the packages that it is given."""
    test, case = CHECKS[name]
    heard = Heard()
    given = {
        each: heard if each == "caplog" else package(each)
        for each in inspect.signature(test).parameters
        if each not in case
    }
    logging.getLogger().addHandler(heard)
    try:
        test(**given, **case)
    except (Exception, KeyboardInterrupt, pytest.fail.Exception):
        return True
    finally:
        logging.getLogger().removeHandler(heard)
    return False


def changed_by(fault: Fault) -> Callable[[str, str], str]:
    return lambda module, text: text.replace(fault.is_there, fault.instead) if module == fault.module else text


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("fault", by_day(FAULTS, 3), ids=lambda fault: fault.what)
def test_each_fault_is_noticed(fault: Fault, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    packages: dict[str, Any] = {}

    def faulty(spec: str) -> Any:
        if spec not in packages:
            packages[spec] = load(tmp_path, spec, changed_by(fault))
        return packages[spec]

    try:
        assert notices(fault.noticed_by, faulty)
        assert not notices(fault.noticed_by, request.getfixturevalue)
    finally:
        for package in packages.values():
            for life in tuple(package._moments._histories):
                life.begin_anew()  # as in a forked child: nobody warns of what the fault has left
            forget(package)


def test_each_fault_has_its_place_and_its_test() -> None:
    for fault in FAULTS:
        texts = {text for spec in SPECS for path, text in pages(spec).items() if path.name == fault.module}
        assert all(text.count(fault.is_there) for text in texts), fault.what
        assert fault.noticed_by in CHECKS
