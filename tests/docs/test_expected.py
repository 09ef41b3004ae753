"""A promise that is false under some alternatives is shown so on every page that a person reads."""

import re
from pathlib import PurePosixPath

import pytest
from quiesce.console.reports.pages.cores import cores_markdown
from quiesce.console.reports.pages.page import page
from quiesce.cores.report import core_report
from quiesce.prove.checked import CheckedMachine
from quiesce.prove.effort import Effort
from quiesce.prove.prover import verify
from quiesce.spec.reader import read_text

SPEC = '''
from enum import Enum, auto

from quiesce.spec import Machine, Requirement, call, initially, policy, pristine, when

R1 = Requirement("R1", "As new.", "nowhere")


class Rest(Enum):
    """What is left."""

    GONE = auto()
    KEPT = auto()


REST = policy(Rest.GONE, Rest.KEPT)


class Room(Machine):
    """A room that is tidied, or not."""

    used: bool = False
    untidy: bool = False

    @call("enter")
    def enter(self) -> None:
        """Somebody comes."""
        when(not self.used)
        self.used = True
        self.untidy = True

    @call("enter", fails="USED")
    def enter_again(self) -> None:
        """Somebody is here."""
        when(self.used)

    @call("leave")
    def leave(self) -> None:
        """Nobody is here."""
        self.used = False
        if REST == Rest.GONE:
            self.untidy = False

    @pristine(expect={Rest.KEPT: "refuted"}, satisfies=R1)
    def tidy(self) -> bool:
        """An empty room is as new."""
        return not self.used

    @initially(expect="refuted")
    def used_at_first(self) -> bool:
        """Somebody is there from the start."""
        return self.used
'''


@pytest.fixture(scope="module")
def checked() -> CheckedMachine:
    return CheckedMachine(verify(read_text(SPEC, PurePosixPath("room.py"))))


@pytest.fixture(scope="module")
def written(checked: CheckedMachine) -> str:
    return page(checked, core_report(checked, Effort()))


def test_the_page_says_what_each_is_about(written: str) -> None:
    under_kept = "| `tidy under KEPT`<br>An empty room is as new. (under KEPT of REST) | R1 | refuted, as declared |"
    assert re.search(r"\| `tidy`<br>An empty room is as new\. \(under GONE of REST\) \| R1 \| \d+ proved \|", written)
    assert under_kept in written
    assert (
        "| `used_at_first`<br>Somebody is there from the start. | none | refuted, as declared | the start |" in written
    )


def test_no_requirement_is_said_to_be_carried_by_what_is_false(written: str) -> None:
    assert "| R1 | As new. | nowhere | promise `tidy` |" in written


def test_what_is_left_out_is_told(written: str) -> None:
    lines = written.partition("### What promises leave out")[2].splitlines()
    assert sum(line.startswith("| `tidy` |") and line.endswith("| `REST` | `GONE` |") for line in lines) == 1
    assert sum(line.startswith("| `tidy under KEPT` |") for line in lines) == 1
    assert sum(line.startswith("| `used_at_first` |") for line in lines) == 1


def test_what_is_declared_false_has_no_proof_core(checked: CheckedMachine) -> None:
    cores = cores_markdown(core_report(checked, Effort()))
    assert "`tidy`" in cores
    assert "`tidy under KEPT`" not in cores
    assert "`used_at_first`" not in cores
