"""A certificate answers for the contracts of its machine, too; so does whatever code is generated from."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path, PurePosixPath
from typing import Any

import pytest
from quiesce.certify.certificate import NAME, certificate, in_lines
from quiesce.certify.rechecking import recheck
from quiesce.certify.second import SecondSolver
from quiesce.prove.checked import CheckedMachine, NotProved
from quiesce.prove.prover import verify
from quiesce.prove.results import Report, Verdict
from quiesce.spec.model import Machine
from quiesce.spec.reader import read_text

SERVICE = """
from quiesce.spec import Machine, Nat, assume, call, recoverable


class Service(Machine):
    held: Nat = 0

    @call("Open")
    def open(self) -> None:
        self.held += 1

    @call("Close")
    def close(self) -> None:
        assume(self.held > 0, "what was opened")
        self.held -= 1

    @recoverable
    def can_be_closed(self) -> bool:
        return self.held == 0
"""
BUSY = """
    @call("Open", fails="BUSY")
    def busy(self) -> None:
        pass
"""
UPPER = """
from quiesce.spec import Lower, Machine, call
from service import Service


class Upper(Machine):
    lower: Lower[Service]

    @call("Go")
    def go(self) -> None:
        self.lower.open()
"""


def upper(folder: Path, contract: str = SERVICE) -> Machine:
    (folder / "service.py").write_text(contract, encoding="utf-8")
    return read_text(UPPER, PurePosixPath("upper.py"), folder)


def believed(report: Report) -> Report:
    """The report of somebody who lies: everything is proved."""
    results = tuple(replace(result, verdict=Verdict.PROVED) for result in report.results)
    return replace(report, results=results, contracts=tuple(believed(contract) for contract in report.contracts))


def objections(
    machine: Machine, report: Report, change: Callable[[dict[str, Any]], object] = lambda _: None
) -> list[str]:
    files = dict(certificate(CheckedMachine(report), UPPER, lambda *_: None))
    content = json.loads(files[NAME])
    change(content)
    files[NAME] = in_lines(content)
    found = recheck(machine, UPPER, files, SecondSolver.installed().answers)
    return [f"{objection.where}: {objection.reason}" for objection in found.objections]


def test_a_certificate_has_the_conditions_of_the_contract(tmp_path: Path) -> None:
    machine = upper(tmp_path)
    report = verify(machine)
    assert objections(machine, report) == []
    listed = certificate(CheckedMachine(report), UPPER, lambda *_: None)
    assert PurePosixPath("conditions/contract-Service-call-Open.smt2") in listed


def test_a_certificate_over_a_contract_that_is_false_is_refused(tmp_path: Path) -> None:
    machine = upper(tmp_path, SERVICE + BUSY)
    found = objections(machine, believed(verify(machine)))
    assert found == ["contract/Service/total/Open/exclusive: the second solver says sat"]


def _without_descents(content: Any) -> None:
    content["findings"]["contracts"]["Service"]["descents"].clear()
    content["obligations"]["contract/Service"] = {"conditions": []}


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (_without_descents, "contract/Service: there is no condition that answers for it"),
        (lambda content: content["findings"].pop("contracts"), "and contracts if there are any"),
        (lambda content: content["findings"]["contracts"].clear(), "findings are needed for the contracts Service"),
        (lambda content: content["findings"].update(contracts={"Other": 3}), "findings are needed for the contracts"),
        (lambda content: content["findings"].update(contracts={"Service": 3}), "findings have helpers"),
    ],
)
def test_a_certificate_that_leaves_out_a_part_of_the_contract_is_refused(
    tmp_path: Path, change: Callable[[Any], object], reason: str
) -> None:
    machine = upper(tmp_path)
    found = objections(machine, verify(machine), change)
    assert any(reason in objection for objection in found), found


def test_a_report_is_complete_with_those_on_its_contracts(tmp_path: Path) -> None:
    report = verify(upper(tmp_path))
    assert CheckedMachine(report).machine == report.machine
    [contract] = report.contracts
    other = verify(upper(tmp_path, SERVICE.replace("can_be_closed", "may_be_closed"))).contracts
    missing = replace(contract, results=contract.results[1:])
    for contracts, name in (((), "contract/Service"), (other, "contract/Service"), ((missing,), "total/Open/covered")):
        with pytest.raises(NotProved) as raised:
            CheckedMachine(replace(report, contracts=contracts))
        assert raised.value.unanswered == (name,)


def test_no_code_is_generated_over_a_contract_that_is_false(tmp_path: Path) -> None:
    report = verify(upper(tmp_path, SERVICE + BUSY))
    with pytest.raises(NotProved, match="contract/Service"):
        CheckedMachine(report)
    results = tuple(replace(result, verdict=Verdict.PROVED) for result in report.results)
    with pytest.raises(NotProved, match="total/Open/exclusive"):
        CheckedMachine(replace(report, results=results))


def test_the_report_says_what_is_wrong_with_the_contract(tmp_path: Path) -> None:
    results = {result.obligation.id: result for result in verify(upper(tmp_path, SERVICE + BUSY)).results}
    detail = results["contract/Service"].detail
    assert results["contract/Service"].verdict is Verdict.UNKNOWN
    assert detail.startswith("Service is not proved: total/Open/exclusive is refuted; ")
    assert "service.py" in detail
