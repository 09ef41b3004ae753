"""The table of theorems is whole, its theorems exist, and nothing in their sources is taken on trust.

Whether Coq agrees is asked where it is installed, and every night (`.ci/nightly`), which installs it. Everyday CI does
not: it checks the text alone, and says so below.
"""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from theory.check import CLOSED, NO_COQ, PROGRAMS, THEORY, complaints, faults, read_table, statements

ROOT = Path(__file__).parents[2]

RULES = {
    *("traced", "covered", "exclusive", "lands", "owed", "initial", "preserved", "frame", "k_induction", "stutter"),
    "step_promise",
    *("step_frame", "answered", "enabled", "forgettable", "precondition", "answers_handled", "apart", "same_calls"),
    "offers_start",
    *("offers_step", "offers_shared", "chain", "way_down", "wait_possible", "wait_progress", "run", "trap", "totals"),
}

SMALL = """
(* A comment (* within another *) may say Axiom. *)
Section Numbers.
Variable n : nat.
Theorem same : n = n.
Proof. reflexivity. Qed.
End Numbers.
"""
SMALL_TABLE = '[rules.frame]\ntheorems = ["Small.same"]\n'


def folder_with(place: Path, source: str = SMALL, table: str = SMALL_TABLE) -> Path:
    (place / "Small.v").write_text(source, encoding="utf-8")
    (place / "theorems.toml").write_text(table, encoding="utf-8")
    return place


def test_the_sources_and_the_table_have_no_fault() -> None:
    assert list(faults(THEORY)) == []


def test_each_rule_has_its_theorems_and_only_one_needs_none() -> None:
    rules = read_table((THEORY / "theorems.toml").read_text(encoding="utf-8"))
    assert {rule.name for rule in rules} == RULES
    assert [rule.name for rule in rules if not rule.theorems] == ["traced"]


def test_the_readme_lists_each_file() -> None:
    text = (THEORY / "README.md").read_text(encoding="utf-8")
    assert [file.name for file in sorted(THEORY.glob("*.v")) if f"`{file.name}`" not in text] == []


def test_a_small_folder_has_no_fault(tmp_path: Path) -> None:
    assert list(faults(folder_with(tmp_path))) == []
    assert statements(SMALL) == ("same",)


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("reflexivity. Qed.", "Admitted.", "`Admitted` has no place"),
        ("reflexivity. Qed.", "admit. Qed.", "`admit` has no place"),
        ("reflexivity. Qed.", "reflexivity.", "same has no proof that ends"),
        ("reflexivity. Qed.", "Abort.", "`Abort` has no place"),
        ("Section Numbers.", "Axiom none : False.\nSection Numbers.", "`Axiom` has no place"),
        ("Variable n", "Parameter n", "`Parameter` has no place"),
        ("End Numbers.", "End Numbers.\nVariable m : nat.", "`Variable` outside of a section"),
        ("End Numbers.", "End Numbers.\nHypothesis H : False.", "`Hypothesis` outside of a section"),
        ("End Numbers.", "End Numbers.\nContext (H : False).", "`Context` outside of a section"),
        ("Section Numbers.", "Unset Guard Checking.\nSection Numbers.", "`Unset` has no place"),
        ("Theorem same", "Theorem other", "there is no theorem same in Small.v"),
    ],
)
def test_a_source_that_takes_something_on_trust_is_found_out(tmp_path: Path, old: str, new: str, told: str) -> None:
    assert old in SMALL
    found = list(faults(folder_with(tmp_path, source=SMALL.replace(old, new))))
    assert any(told in fault for fault in found), found


@pytest.mark.parametrize(
    ("table", "told"),
    [
        ("[rules.frame", "no TOML"),
        ("[rule.frame]\ntheorems = []", "has rules, and nothing else"),
        ("[rules.frame]\ntheorems = []", "theorems, or else a reason"),
        ('[rules.frame]\ntheorems = ["Small.same"]\nreason = "none"', "theorems, or else a reason"),
        ('[rules.frame]\ntheorems = ["same"]', "named as file.theorem"),
        ('[rules.frame]\ntheorem = "Small.same"', "it has theorems"),
        ('[rules.frame]\ntheorems = ["Small.other"]', "there is no theorem other"),
        ('[rules.frame]\ntheorems = ["Large.same"]', "there is no theorem same in Large.v"),
    ],
)
def test_a_table_that_is_broken_is_found_out(tmp_path: Path, table: str, told: str) -> None:
    found = list(faults(folder_with(tmp_path, table=table)))
    assert any(told in fault for fault in found), found


def test_the_nightly_script_needs_coq_and_checks_the_theorems() -> None:
    lines = (ROOT / ".ci/nightly").read_text(encoding="utf-8").splitlines()
    assert "proofs/theory/check" in lines
    assert any("apt-get install" in line and line.endswith(" coq") for line in lines)


def test_without_coq_nothing_counts_as_checked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    [complaint] = complaints(THEORY)
    assert NO_COQ in complaint


# --- with Coq -----------------------------------------------------------------------------------------------------

needs_coq = pytest.mark.skipif(
    any(shutil.which(program) is None for program in PROGRAMS),
    reason="NOT CHECKED HERE: Coq is missing, so no proof was compiled; .ci/nightly does it",
)


@needs_coq
@pytest.mark.nightly
def test_coq_agrees_with_every_theorem() -> None:
    assert list(complaints(THEORY)) == []


def with_axiom(source: str) -> str:
    return source.replace("Theorem same : n = n.\nProof. reflexivity. Qed.", "Theorem same : n = n + 0.\nAdmitted.")


def with_false_proof(source: str) -> str:
    return source.replace("n = n.", "n = n + 1.")


@needs_coq
@pytest.mark.nightly
@pytest.mark.parametrize(
    ("broken", "told"),
    [(with_axiom, "of which 0 assume nothing"), (with_false_proof, "does not compile")],
)
def test_coq_finds_out_what_is_not_proved(tmp_path: Path, broken: Callable[[str], str], told: str) -> None:
    assert list(complaints(folder_with(tmp_path))) == []
    assert broken(SMALL) != SMALL
    found = list(complaints(folder_with(tmp_path, source=broken(SMALL))))
    assert any(told in complaint for complaint in found), found
    assert not any(CLOSED in complaint for complaint in found)
