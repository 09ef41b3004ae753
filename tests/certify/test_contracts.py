"""A certificate answers for the contracts of its machine, too; so does whatever code is generated from."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path, PurePosixPath
from typing import Any

import pytest
from quiesce.certify.certificate import certificate
from quiesce.certify.derivation import Derivation
from quiesce.certify.proposal import in_lines, proposal_of, written
from quiesce.certify.proposal_reading import read_proposal
from quiesce.certify.rechecking import Means, recheck
from quiesce.certify.second import SecondSolver
from quiesce.prove.checked import CheckedMachine, NotProved
from quiesce.prove.prover import verify
from quiesce.prove.results import Report, Verdict
from quiesce.spec.model import Machine
from quiesce.spec.reader import read_text

from tests.reports import results_by_id

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
from quiesce.spec import Uses, Machine, call
from service import Service


class Upper(Machine):
    lower: Uses[Service]

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
    content = json.loads(written(machine, proposal_of(report)))
    change(content)
    found = recheck(machine, in_lines(content), Means(SecondSolver.installed().answers, lambda _: None))
    return [f"{objection.where}: {objection.reason}" for objection in found.objections]


def test_a_certificate_has_the_conditions_of_the_contract(tmp_path: Path) -> None:
    machine = upper(tmp_path)
    report = verify(machine)
    assert objections(machine, report) == []
    hints = written(machine, proposal_of(report))
    questions = Derivation(machine, read_proposal(machine, hints)).questions
    listed = certificate(hints, (one.script for one in questions), lambda _: None)
    assert PurePosixPath("conditions/contract-Service-call-Open.smt2") in listed


def test_a_certificate_over_a_contract_that_is_false_is_refused(tmp_path: Path) -> None:
    machine = upper(tmp_path, SERVICE + BUSY)
    found = objections(machine, believed(verify(machine)))
    assert found == [
        "contract/Service/total/Open/exclusive: the second solver says sat, not unsat",
        "contract/Service/total/Open/exclusive: 1 of 1 conditions are not confirmed",
        "contract/Service: not everything about the contract is established",
    ]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda content: content["contracts"][0]["descents"].clear(), "contract/Service/recoverable/can_be_closed"),
        (lambda content: content["contracts"][0]["witnesses"].clear(), "contract/Service/"),
        (lambda content: content["contracts"][0].update(machine="Upper"), "contracts[0].machine"),
        (lambda content: content["contracts"][0].update(schema=2), "contracts[0]: an entry"),
        (lambda content: content["contracts"][0].update(invariants=["self.n"]), "contracts[0].invariants[0]: [Q013]"),
        (lambda content: content.pop("contracts"), "no entry `contracts`"),
        (lambda content: content["contracts"].clear(), "the contracts of this machine are: Service"),
        (lambda content: content["contracts"].append(content["contracts"][0]), "the contracts of this machine are"),
        (lambda content: content.update(contracts={"Other": 3}), "contracts: a list"),
        (lambda content: content.update(contracts=[3]), "contracts[0]: an object"),
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
    results = results_by_id(verify(upper(tmp_path, SERVICE + BUSY)))
    detail = results["contract/Service"].detail
    assert results["contract/Service"].verdict is Verdict.UNKNOWN
    assert detail.startswith("Service is not proved: total/Open/exclusive is refuted; ")
    assert "service.py" in detail
