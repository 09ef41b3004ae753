"""A certificate is checked again without the prover; whatever is changed in it is found."""

import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path, PurePosixPath
from typing import Any

import pytest
from quiesce.certify.certificate import NAME, certificate, digest, in_lines
from quiesce.certify.rechecking import Rechecked, recheck
from quiesce.certify.second import SecondSolver
from quiesce.prove.checked import CheckedMachine
from quiesce.prove.prover import verify
from quiesce.spec.reader import read_text

from tests.certify.conftest import Proof

Files = dict[PurePosixPath, str]


def trusting(script: str) -> tuple[str, ...]:
    """A solver that says yes to everything, so that only the other checks can object."""
    return ("unsat",) * script.count("(check-sat)")


def rechecked(
    proof: Proof, files: Files | None = None, *, by: Callable[[str], tuple[str, ...]] = trusting
) -> Rechecked:
    return recheck(proof.machine, proof.spec, proof.files if files is None else files, by)


def reasons(found: Rechecked) -> list[str]:
    return [f"{objection.where}: {objection.reason}" for objection in found.objections]


def changed(proof: Proof, change: Callable[[dict[str, Any]], object]) -> Files:
    """The files with a change in the certificate itself."""
    content = json.loads(proof.files[NAME])
    change(content)
    return {**proof.files, NAME: in_lines(content)}


def test_a_genuine_certificate_is_accepted_by_the_second_solver(proof: Proof) -> None:
    found = rechecked(proof, by=SecondSolver.installed().answers)
    assert reasons(found) == []
    assert found.obligations == len(proof.checked.report.results)
    assert found.conditions == sum(text.count("(check-sat)") for text in proof.files.values()) > 50
    assert found.refutations == found.conditions
    assert found.runs > 20


def test_the_proof_has_every_kind_of_finding(proof: Proof) -> None:
    hints = proof.checked.report.hints
    assert hints.helpers
    assert hints.ranks
    assert hints.descents
    assert hints.traps


def test_the_same_proof_gives_the_same_bytes(proof: Proof) -> None:
    again = CheckedMachine(verify(read_text(proof.spec, PurePosixPath("gate.py"))))
    keep = {path: text for path, text in proof.files.items() if path.suffix != ".cases"}
    found = {path: text for path, text in certificate(again, proof.spec, lambda *_: None).items() if path != NAME}
    assert found == {path: text for path, text in keep.items() if path != NAME}


def test_rechecking_loads_no_prover(tmp_path: Path) -> None:
    script = (
        "import sys\nfrom quiesce.certify.rechecking import recheck\nfrom quiesce.certify.second import SecondSolver\n"
        "print([name for name in sys.modules if name.split('.')[0] in ('z3', 'networkx', 'jinja2') "
        "or name.startswith('quiesce.prove.') and name.split('.')[-1] in ('solver', 'prover', 'attempt')])"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=tmp_path)
    assert done.stdout.strip() == "[]"


# --- tampering ---------------------------------------------------------------------------------------------------

HEADER: dict[str, Callable[[dict[str, Any]], object]] = {
    "schema": lambda c: c.update(schema=2),
    "schema of another type": lambda c: c.update(schema=True),
    "machine": lambda c: c.update(machine="Other"),
    "spec": lambda c: c.update(spec="other.py"),
    "spec_sha256": lambda c: c.update(spec_sha256="0" * 64),
    "a field is missing": lambda c: c.pop("findings"),
    "a field too many": lambda c: c.update(more=1),
    "obligations of another type": lambda c: c.update(obligations=[]),
}


@pytest.mark.parametrize("field", HEADER)
def test_a_changed_header_is_refused(proof: Proof, field: str) -> None:
    [objection] = rechecked(proof, changed(proof, HEADER[field])).objections
    assert objection.where == "certificate.json"


FINDINGS: dict[str, Callable[[dict[str, Any]], object]] = {
    "a helper is missing": lambda f: f["helpers"].pop(),
    "a helper too many": lambda f: f["helpers"].append(f["helpers"][0]),
    "another text of a helper": lambda f: f["helpers"][0].update(text="self.holders > 0"),
    "another helper": lambda f: f["helpers"][0].update(exactly=["Literal", False, ["BoolType"]]),
    "another rank": lambda f: f["ranks"].update(closing_ends=[]),
    "a rank too many": lambda f: f["ranks"].update(other=[]),
    "a rank is missing": lambda f: f["ranks"].pop("closing_ends"),
    "another location": lambda f: f["descents"]["shut_again"][0].update(location=["OPEN"]),
    "a location too many": lambda f: f["descents"]["shut_again"].append(f["descents"]["shut_again"][0]),
    "another order of locations": lambda f: f["descents"]["shut_again"].reverse(),
    "other helpful actions": lambda f: f["descents"]["shut_again"][-1].update(helpful=[]),
    "a trap is missing": lambda f: f["traps"].clear(),
    "other facts of a trap": lambda f: f["traps"]["whole_again"]["facts"].pop(),
    "another run into a trap": lambda f: f["traps"]["whole_again"]["run"]["moves"].clear(),
    "an induction that is none": lambda f: f["inductions"].update({"step/closed/held_open": 2}),
    "an induction over one step": lambda f: f["inductions"].update({"step/closed/held_open": 1}),
    "a kind of finding is missing": lambda f: f.pop("inductions"),
    "a kind of finding too many": lambda f: f.update(more={}),
}


@pytest.mark.parametrize("field", FINDINGS)
def test_changed_findings_are_refused(proof: Proof, field: str) -> None:
    assert rechecked(proof, changed(proof, lambda content: FINDINGS[field](content["findings"]))).objections


def test_a_rank_that_may_fall_for_ever_is_refused(proof: Proof) -> None:
    def endless(content: dict[str, Any]) -> None:
        part = {
            "text": "-1 * self.holders",
            "exactly": ["Scale", -1, ["Variable", "holders", ["IntType", 0, None], False]],
        }
        content["findings"]["ranks"]["closing_ends"] = [part]

    [objection] = rechecked(proof, changed(proof, endless)).objections
    assert "may fall for ever" in objection.reason


RUN = "witness/let_go"
CONDITION = "step/let_go/held_open"
OBLIGATIONS: dict[str, Callable[[dict[str, Any]], object]] = {
    "an obligation is missing": lambda o: o.pop(CONDITION),
    "an obligation too many": lambda o: o.update({"step/let_go/peace": {"stated": True}}),
    "an obligation is renamed": lambda o: o.update({"renamed": o.pop(CONDITION)}),
    "a condition counts as stated": lambda o: o.update({CONDITION: {"stated": True}}),
    "a condition counts as untouched": lambda o: o.update({CONDITION: {"untouched": True}}),
    "a condition answers for another": lambda o: o.update({CONDITION: {"conditions": ["start/held_open"]}}),
    "no condition is left": lambda o: o.update({CONDITION: {"conditions": []}}),
    "a run is missing": lambda o: o.update({RUN: {"stated": True}}),
    "a run is null": lambda o: o.update({RUN: {"run": None}}),
    "a run lacks its last step": lambda o: o[RUN]["run"]["moves"].pop(),
    "a run of other actions": lambda o: o[RUN]["run"]["moves"].reverse(),
    "a run of no action": lambda o: o[RUN]["run"]["moves"].append(["fly", {}]),
    "a run with more members": lambda o: o[RUN]["run"].update(members={"guests": 10**9}),
    "a run of another family": lambda o: o[RUN]["run"].update(members={}),
    "a run with other policies": lambda o: o[RUN]["run"].update(policies={"MODE": "FAST"}),
    "the run of an expected failure is another": lambda o: o.update({"fails/never_full": o[RUN]}),
    "an expected failure without its run": lambda o: o.update({"fails/never_full": {"stated": True}}),
    "evidence of another type": lambda o: o.update({CONDITION: 7}),
}


@pytest.mark.parametrize("field", OBLIGATIONS)
def test_changed_evidence_is_refused(proof: Proof, field: str) -> None:
    assert rechecked(proof, changed(proof, lambda content: OBLIGATIONS[field](content["obligations"]))).objections


SHOWN_BY_THE_START = {"witness/holders_have_keys applies", "witness/held_open applies"}
"""What the initial state shows already, though the prover prefers a run."""


def test_every_run_is_looked_at(proof: Proof) -> None:
    """No run may be replaced by one that stays where it starts, unless the start shows as much."""
    listed = json.loads(proof.files[NAME])["obligations"]
    accepted = set()
    for name in (name for name, entry in listed.items() if "run" in entry and entry["run"]["moves"]):

        def stay(content: dict[str, Any], name: str = name) -> None:
            content["obligations"][name]["run"]["moves"].clear()

        if not rechecked(proof, changed(proof, stay)).objections:
            accepted.add(name)
    assert accepted <= SHOWN_BY_THE_START


STEP = PurePosixPath("conditions/step-let_go.smt2")
CASES = PurePosixPath("refutations/step-let_go.cases")


def with_digest(files: Files, path: PurePosixPath, text: str) -> Files:
    """A file with another text, and a certificate that knows its digest."""
    content = json.loads(files[NAME])
    content["files"][str(path)] = digest(text)
    return {**files, path: text, NAME: in_lines(content)}


def test_a_changed_condition_is_refused_even_with_its_digest(proof: Proof) -> None:
    weaker = proof.files[STEP].replace("(assert (not", "(assert (and false (not", 1) + ")"
    assert any("digest" in reason for reason in reasons(rechecked(proof, {**proof.files, STEP: weaker})))
    found = rechecked(proof, with_digest(proof.files, STEP, weaker))
    assert reasons(found) == [f"{STEP}: these are not the conditions of this spec"]


def test_a_missing_file_is_refused(proof: Proof) -> None:
    for path in proof.files:
        assert rechecked(proof, {p: text for p, text in proof.files.items() if p != path}).objections, path


def test_an_unknown_file_is_refused(proof: Proof) -> None:
    found = rechecked(proof, {**proof.files, PurePosixPath("conditions/more.smt2"): "(check-sat)\n"})
    assert reasons(found) == ["conditions/more.smt2: the certificate does not know this file"]


def test_a_condition_that_is_not_listed_is_missed(proof: Proof) -> None:
    files = changed(proof, lambda content: content["files"].pop(str(STEP)))
    assert f"{STEP}: this file is missing" in reasons(rechecked(proof, files))


def test_a_changed_refutation_is_refused_even_with_its_digest(proof: Proof) -> None:
    lines = proof.files[CASES].splitlines()
    found = rechecked(proof, with_digest(proof.files, CASES, "\n".join(lines[:-1]) + "\n"))
    assert any("its refutation is wrong" in reason for reason in reasons(found))


def test_a_refutation_of_no_condition_is_refused(proof: Proof) -> None:
    text = proof.files[CASES].replace("goal step/let_go/", "goal step/let_it_go/", 1)
    found = rechecked(proof, with_digest(proof.files, CASES, text))
    assert any("there is no condition" in reason for reason in reasons(found))


@pytest.mark.parametrize("text", ["", "{", "[]", "7", '{"schema": 1}', "[" * 100_000, '{"schema": 1, "schema": 1}'])
def test_what_is_no_certificate_is_refused(proof: Proof, text: str) -> None:
    [objection] = rechecked(proof, {**proof.files, NAME: text}).objections
    assert objection.where == "certificate.json"


def test_no_certificate_is_refused(proof: Proof) -> None:
    assert reasons(rechecked(proof, {})) == ["certificate.json: there is no certificate"]


# --- the solver's part -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("said", ["sat", "unknown", "error: timeout"])
def test_one_answer_that_is_no_yes_is_an_objection(proof: Proof, said: str) -> None:
    def doubting(script: str) -> tuple[str, ...]:
        answers = list(trusting(script))
        if CONDITION in script:
            answers[0] = said
        return tuple(answers)

    found = rechecked(proof, by=doubting)
    assert len(found.objections) == 1
    assert said in found.objections[0].reason


def test_an_answer_that_is_missing_is_an_objection(proof: Proof) -> None:
    found = rechecked(proof, by=lambda script: trusting(script)[1:])
    assert all("the second solver says nothing" in reason for reason in reasons(found))
    assert len(found.objections) == sum(path.suffix == ".smt2" for path in proof.files)


def test_more_answers_than_questions_are_an_objection(proof: Proof) -> None:
    assert rechecked(proof, by=lambda script: (*trusting(script), "unsat")).objections


def test_the_certificate_of_another_spec_is_refused(proof: Proof) -> None:
    """The same promises of a machine that breaks them: the text is another, and so would be the conditions."""
    spec = proof.spec.replace("        self.keys -= 1\n", "")
    other = read_text(spec, PurePosixPath("gate.py"))
    [objection] = recheck(other, spec, proof.files, trusting).objections
    assert "spec_sha256" in objection.reason
    forged = changed(proof, lambda content: content.update(spec_sha256=digest(spec)))
    found = recheck(other, spec, forged, trusting)
    assert any("these are not the conditions of this spec" in reason for reason in reasons(found))


def test_a_second_solver_without_budget_confirms_nothing(proof: Proof) -> None:
    poor = replace(SecondSolver.installed(), budget=1)
    assert rechecked(proof, by=poor.answers).objections
