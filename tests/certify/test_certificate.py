"""A whole certificate is made on demand, and checked again without the prover; whatever is changed in it is found."""

import hashlib
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path, PurePosixPath

import pytest
from quiesce.certify.certificate import HINTS, digest, refutations_from, refutations_text
from quiesce.certify.derivation import Derivation
from quiesce.certify.proposal_reading import read_proposal
from quiesce.certify.rechecking import Means, Rechecked, recheck, recheck_folder
from quiesce.certify.refute import produce, produce_short
from quiesce.certify.second import SecondSolver
from quiesce.spec.meaning.scripts import Script
from quiesce.spec.reader import read_text

from tests.by_day import by_day
from tests.certify.conftest import GATE, Proof

pytestmark = pytest.mark.slow

Files = dict[PurePosixPath, str]
Answers = Callable[[str], tuple[str, ...]]


def trusting(script: str) -> tuple[str, ...]:
    """A solver that says yes to everything, so that only the other checks can object."""
    return ("unsat",) * script.count("(check-sat)")


def by_folder(proof: Proof, files: Files, answers: Answers | None = trusting) -> Rechecked:
    return recheck_folder(proof.machine, files, Means(answers, lambda _: None))


def by_hints(proof: Proof, answers: Answers | None) -> Rechecked:
    return recheck(proof.machine, proof.hints, Means(answers, lambda _: None))


def reasons(found: Rechecked) -> list[str]:
    return [f"{objection.where}: {objection.reason}" for objection in found.objections]


# --- made on demand ------------------------------------------------------------------------------------------------


def test_a_certificate_is_accepted_by_solver_and_checker(proof: Proof) -> None:
    found = by_folder(proof, proof.files, SecondSolver.installed().answers)
    assert reasons(found) == []
    assert found.obligations == len(proof.checked.report.results)
    assert found.conditions == sum(text.count("(check-sat)") for text in proof.files.values()) > 50
    assert found.solved == found.followed == found.conditions
    assert found.runs > 10


def test_without_a_second_solver_the_checker_confirms_every_condition(proof: Proof) -> None:
    found = by_folder(proof, proof.files, None)
    assert reasons(found) == []
    assert found.solved == 0
    assert found.followed == found.conditions > 50


def test_without_solver_and_refutation_nothing_is_confirmed(proof: Proof) -> None:
    found = by_hints(proof, None)
    unasked = [r for r in reasons(found) if "there is no second solver, and no refutation was found" in r]
    assert len(unasked) == found.conditions > 50


def test_a_certificate_does_not_depend_on_what_was_made_before(proof: Proof) -> None:
    """Conditions and refutations are made again, in another process, in another order, with other hashes."""
    script = (
        "import hashlib, sys\n"
        "from pathlib import PurePosixPath\n"
        "from quiesce.certify.certificate import certificate\n"
        "from quiesce.certify.derivation import Derivation\n"
        "from quiesce.certify.proposal_reading import read_proposal\n"
        "from quiesce.certify.refute import produce_short\n"
        "from quiesce.spec.reader import read_text\n"
        "spec, hints = sys.stdin.read().split('\\0')\n"
        "machine = read_text(spec, PurePosixPath('gate.py'))\n"
        "questions = Derivation(machine, read_proposal(machine, hints)).questions\n"
        "files = certificate(hints, (one.script for one in reversed(questions)), produce_short)\n"
        "print(hashlib.sha256(repr(sorted(files.items())).encode()).hexdigest())\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        input=f"{GATE}\0{proof.hints}",
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONHASHSEED": "7"},
    )
    assert done.stdout.strip() == hashlib.sha256(repr(sorted(proof.files.items())).encode()).hexdigest()


def scripts_of(proof: Proof) -> list[Script]:
    derivation = Derivation(proof.machine, read_proposal(proof.machine, proof.hints))
    return [questions.script for questions in derivation.questions]


def test_the_digest_of_the_conditions_tells_them_apart(proof: Proof) -> None:
    scripts, again = (scripts_of(proof), scripts_of(proof))
    assert digest(scripts) == digest(again)
    assert digest(scripts) != digest(scripts[1:])
    assert digest(scripts) != digest([*scripts[1:], replace(scripts[0], name="other")])
    assert digest(scripts) != digest([*scripts[1:], replace(scripts[0], premises=("false",))])


def test_rechecking_loads_no_prover(tmp_path: Path) -> None:
    script = (
        "import sys\nfrom quiesce.certify.rechecking import recheck\nfrom quiesce.certify.second import SecondSolver\n"
        "print([name for name in sys.modules if name.split('.')[0] in ('z3', 'networkx', 'jinja2') "
        "or name.startswith('quiesce.prove.') and name.split('.')[-1] in ('solver', 'prover', 'attempt')])"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=tmp_path)
    assert done.stdout.strip() == "[]"


# --- tampering with files ------------------------------------------------------------------------------------------

STEP = PurePosixPath("conditions/step-let_go.smt2")
CASES = PurePosixPath("refutations/step-let_go.cases")
CONDITION = "step/let_go/held_open"


def test_a_changed_condition_is_refused(proof: Proof) -> None:
    weaker = proof.files[STEP].replace("(assert (not", "(assert (and false (not", 1) + ")"
    assert reasons(by_folder(proof, {**proof.files, STEP: weaker})) == [
        f"{STEP}: these are not the conditions of this spec"
    ]


@pytest.mark.slow
@pytest.mark.parametrize("first", by_day(range(18), 18))
def test_a_missing_file_is_refused(proof: Proof, first: int) -> None:
    for path in sorted(proof.files)[first::18]:
        files = {p: text for p, text in proof.files.items() if p != path}
        assert by_folder(proof, files, None).objections, path


@pytest.mark.parametrize("kept", by_day(["none of a file", "all but the first", "all but the last"], 3))
def test_a_refutation_that_is_taken_away_is_missed_whatever_the_solver_says(proof: Proof, kept: str) -> None:
    """Which refutations there are follows from the conditions, and these from the spec: the files are not asked."""
    there = refutations_from(proof.files[CASES])
    left = {"none of a file": (), "all but the first": there[1:], "all but the last": there[:-1]}[kept]
    files = {**proof.files, CASES: refutations_text(left)}
    if not left:
        del files[CASES]
    gone = [one.goal for one in there if one not in left]
    found = recheck_folder(proof.machine, files, Means(trusting, produce))
    assert len(there) > 2
    assert reasons(found) == [f"{goal}: its refutation is missing" for goal in gone]
    assert reasons(recheck_folder(proof.machine, proof.files, Means(trusting, produce))) == []


def test_a_refutation_that_nobody_finds_is_not_missed(proof: Proof) -> None:
    files = {path: text for path, text in proof.files.items() if path != CASES}
    assert reasons(recheck_folder(proof.machine, files, Means(trusting, lambda _: None))) == []


def test_an_unknown_file_is_refused(proof: Proof) -> None:
    found = by_folder(proof, {**proof.files, PurePosixPath("conditions/more.smt2"): "(check-sat)\n"})
    assert reasons(found) == ["conditions/more.smt2: no such file belongs to this certificate"]


def test_a_changed_refutation_is_refused(proof: Proof) -> None:
    lines = proof.files[CASES].splitlines()
    found = by_folder(proof, {**proof.files, CASES: "\n".join(lines[:-1]) + "\n"})
    assert any("its refutation is wrong" in reason for reason in reasons(found))


def test_a_refutation_of_no_condition_is_refused(proof: Proof) -> None:
    text = proof.files[CASES].replace("goal step/let_go/", "goal step/let_it_go/", 1)
    assert any("there is no condition" in reason for reason in reasons(by_folder(proof, {**proof.files, CASES: text})))


def test_a_refutation_of_another_condition_is_refused(proof: Proof) -> None:
    first, second, *_ = refutations_from(proof.files[CASES])
    text = f"goal {first.goal}\n{second.steps}goal {second.goal}\n{first.steps}"
    assert by_folder(proof, {**proof.files, CASES: text}).objections


HOSTILE = {
    "deep": "use " + "(" * 100_000,
    "deep in lines": "split (and yes " * 20_000,
    "huge number": f"use {'9' * 100_000}",
    "huge sum": f"sum ({'9' * 999} (<= 0 0))",
    "itself": "use 1\nuse 2\n" * 50_000,
    "branches without end": "split (= self.holders 0)\n" * 20_000,
    "names without end": "".join(f"name 1 some.{number}\n" for number in range(5_000)),
    "itself, named again": "use 1\nname 2 c\nat 2 c\n" * 2_000,
    "no text": "\x00\ud7ff\u0663",
}


@pytest.mark.parametrize("name", by_day(HOSTILE, 3))
def test_a_hostile_refutation_ends_with_a_reason(proof: Proof, name: str) -> None:
    files = {**proof.files, CASES: f"goal {CONDITION}\n{HOSTILE[name]}\n"}
    assert any(CONDITION in reason and "refutation is wrong" in reason for reason in reasons(by_folder(proof, files)))


# --- the solver's part ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("said", ["sat", "unknown", "error: timeout"])
def test_one_answer_that_is_no_yes_is_an_objection(proof: Proof, said: str) -> None:
    def doubting(script: str) -> tuple[str, ...]:
        answers = list(trusting(script))
        goals = [line for line in script.splitlines() if line.startswith("; ")]
        if f"; {CONDITION}" in goals:
            answers[goals.index(f"; {CONDITION}")] = said
        return tuple(answers)

    found = by_hints(proof, doubting)
    assert [r for r in reasons(found) if "second solver" in r] == [
        f"{CONDITION}: the second solver says {said}, not unsat"
    ]


def test_a_solver_that_denies_what_the_checker_confirms_is_an_objection(proof: Proof) -> None:
    def denying(script: str) -> tuple[str, ...]:
        return ("sat",) * script.count("(check-sat)")

    found = by_folder(proof, proof.files, denying)
    assert sum("the second solver says sat" in reason for reason in reasons(found)) == found.conditions


def test_what_the_solver_does_not_know_the_checker_may_confirm(proof: Proof) -> None:
    def unsure(script: str) -> tuple[str, ...]:
        return ("unknown",) * script.count("(check-sat)")

    assert reasons(by_folder(proof, proof.files, unsure)) == []
    assert by_hints(proof, unsure).objections


def test_an_answer_that_is_missing_is_an_objection(proof: Proof) -> None:
    found = by_hints(proof, lambda script: trusting(script)[1:])
    missing = [reason for reason in reasons(found) if "the second solver gave" in reason]
    assert len(missing) == sum(path.suffix == ".smt2" for path in proof.files)


def test_more_answers_than_questions_are_an_objection(proof: Proof) -> None:
    assert by_hints(proof, lambda script: (*trusting(script), "unsat")).objections


def test_a_wrong_refutation_confirms_nothing(proof: Proof) -> None:
    found = recheck(proof.machine, proof.hints, Means(None, lambda _: "use 1\n"))
    assert len(found.objections) > 0.9 * found.conditions
    assert any("its refutation is wrong" in reason for reason in reasons(found))


def test_the_certificate_of_another_spec_is_refused(proof: Proof) -> None:
    """The same promises of a machine that breaks them: the conditions are others, and do not hold."""
    other = read_text(proof.spec.replace("        self.keys -= 1\n", ""), PurePosixPath("gate.py"))
    found = recheck_folder(other, proof.files, Means(trusting, produce_short))
    assert any("these are not the conditions of this spec" in reason for reason in reasons(found))
    by_its_hints = recheck(other, proof.hints, Means(SecondSolver.installed().answers, lambda _: None))
    assert any("the second solver says" in reason for reason in reasons(by_its_hints))


def test_a_second_solver_without_budget_confirms_nothing(proof: Proof) -> None:
    poor = replace(SecondSolver.installed(), budget=1)
    assert by_hints(proof, poor.answers).objections


def test_a_folder_without_hints_is_refused(proof: Proof) -> None:
    assert reasons(by_folder(proof, {})) == [f"{HINTS}: the file is missing"]
