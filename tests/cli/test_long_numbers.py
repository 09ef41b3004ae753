"""Numbers of more digits than Python usually reads and writes: a run with them is told, a file with them refused."""

import json
import sys
from pathlib import Path

import pytest
from quiesce.cli import main
from quiesce.spec.diagnostics import SpecError
from quiesce.spec.reader import read_file
from quiesce.text import digits

pytestmark = pytest.mark.slow

FACTOR = "9" * 30
NESTED = f"{FACTOR} * (" * 40 + "self.n" + ")" * 40

GROWING = f"""
from quiesce.spec import Machine, Nat, always, call


class Growing(Machine):
    n: Nat = 1
    k: Nat = 0

    @call("up")
    def up(self) -> None:
        self.n = {NESTED}
        self.k += 1

    @always
    def few(self) -> bool:
        return self.k < 6
"""
CHOSEN = (
    GROWING.replace("def up(self)", "def up(self, x: Nat)")
    .replace(
        f"        self.n = {NESTED}",
        f"        when(x > {NESTED})\n        self.n = x",
    )
    .replace("call\n", "call, when\n", 1)
    .replace(
        "    @always",
        f'    @call("up")\n    def not_up(self, x: Nat) -> None:\n        when(x <= {NESTED})\n\n    @always',
    )
)
"""Here the solver chooses the numbers."""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "growing.py").write_text(GROWING, encoding="utf-8")
    (tmp_path / "chosen.py").write_text(CHOSEN, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("spec", ["growing.py", "chosen.py"])
def test_a_run_is_told_whatever_numbers_it_has(folder: Path, spec: str, capsys: pytest.CaptureFixture[str]) -> None:
    usual = sys.get_int_max_str_digits()
    assert main(["verify", spec]) == 1
    told = capsys.readouterr()
    assert (told.err, "refuted: step/up/few" in told.out) == ("", True)
    assert max(map(len, told.out.split())) > 7000
    assert sys.get_int_max_str_digits() == usual
    assert folder


def test_a_report_in_json_has_them_as_numbers(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["verify", "--json", "-", "growing.py"]) == 1
    with digits.at_most(digits.MANY):
        report = json.loads(capsys.readouterr().out)
    runs = [entry["counterexample"] for entry in report["obligations"] if entry["counterexample"]]
    assert runs[0]["steps"][-1]["state"]["n"] == int(FACTOR) ** 240
    assert folder


@pytest.mark.slow
def test_processes_agree_about_them(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["verify", "--jobs", "2", "--no-cache", "chosen.py"]) == 1
    assert "refuted: step/up/few" in capsys.readouterr().out
    assert folder


@pytest.mark.slow
def test_a_package_and_a_proof_with_them_are_built_and_checked(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "growing.py").write_text(GROWING.replace("@always", '@always(expect="refuted")'), encoding="utf-8")
    assert main(["build", "growing.py"]) == 0
    assert main(["recheck", "--no-solver", "growing.py"]) == 0
    assert "accepted" in capsys.readouterr().out


def test_a_file_has_none_however_many_a_run_may_have(folder: Path) -> None:
    (folder / "long.py").write_text(GROWING.replace(FACTOR, "9" * 900_000, 1), encoding="utf-8")
    with digits.at_most(digits.MANY), pytest.raises(SpecError) as refused:
        read_file(folder / "long.py")
    assert "Q007" in str(refused.value)


def test_a_project_has_none(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "pyproject.toml").write_text(f"[tool.quiesce]\nspecs = {'9' * 900_000}\n", encoding="utf-8")
    assert main(["check", "growing.py"]) == 2
    assert "pyproject.toml: cannot be read" in capsys.readouterr().err
