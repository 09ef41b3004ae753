"""The commands that check proofs again, and write them out for others to check."""

import json
import subprocess
import sys
import zipfile
from itertools import product
from pathlib import Path, PurePosixPath

import pytest
from quiesce.certify.second import NoSecondSolver, SecondSolver
from quiesce.cli import main
from quiesce.console.archive import read_certificate, write_archive

from tests.by_day import by_day

pytestmark = pytest.mark.slow

HINTS = Path("proofs/service/hints.json")


WITHOUT_CVC5 = """
import sys
sys.modules["cvc5"] = None
from quiesce.cli import main
sys.exit(main(sys.argv[1:]))
"""
"""The command line where cvc5 cannot be imported, as after the README's installation."""


def no_solver() -> SecondSolver:
    raise NoSecondSolver("cvc5 is not installed")


def recheck_without_cvc5(folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", WITHOUT_CVC5, "recheck"], cwd=folder, capture_output=True, encoding="utf-8", check=False
    )


def test_a_proof_is_accepted(built: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert built
    assert main(["recheck"]) == 0
    said = capsys.readouterr().out
    assert "accepted" in said
    assert "confirmed by cvc5" in said


@pytest.mark.parametrize("way", ["option", "not installed"])
def test_without_a_second_solver_every_condition_is_followed(
    built: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    assert built
    monkeypatch.setattr(SecondSolver, "installed", staticmethod(no_solver))
    assert main(["recheck", *(["--no-solver"] if way == "option" else [])]) == 0
    said = capsys.readouterr().out
    assert f"no second solver was asked: {'--no-solver' if way == 'option' else 'cvc5 is not installed'}" in said
    assert "confirmed" not in said


def test_without_cvc5_a_proof_is_accepted_and_the_extra_is_named(built: Path) -> None:
    done = recheck_without_cvc5(built)
    assert (done.returncode, done.stderr) == (0, "")
    assert "accepted" in done.stdout
    assert "cvc5 is not installed; `pip install 'quiesce[recheck]'` brings it" in done.stdout


def test_without_cvc5_what_cannot_be_followed_is_not_accepted(built: Path) -> None:
    spec = built / "model/service.py"
    text = spec.read_text(encoding="utf-8")
    spec.write_text(text.replace("self.refs == old.refs + 1", "self.refs == old.refs + 2"), encoding="utf-8")
    (built / "proofs/service/MANIFEST.json").unlink()  # which knows that these are other conditions
    done = recheck_without_cvc5(built)
    assert (done.returncode, done.stdout) == (1, "")
    assert "no refutation was found that a checker could follow" in done.stderr
    assert "`pip install 'quiesce[recheck]'` brings it" in done.stderr


def test_without_hints_there_is_nothing_to_check(built: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (built / HINTS).unlink()
    assert main(["recheck"]) == 2
    error = capsys.readouterr().err
    assert "hints.json: there is no proof to check yet: `quiesce build " in error
    assert "Errno" not in error


@pytest.mark.parametrize("text", ["", "{", "null", "\ud800", "[" * 100_000, "\x00"], ids=ascii)
def test_hints_that_are_none_are_refused(built: Path, capsys: pytest.CaptureFixture[str], text: str) -> None:
    (built / HINTS).write_bytes(text.encode(errors="surrogatepass"))
    assert main(["recheck"]) in {1, 2}
    said = capsys.readouterr()
    assert "hints.json" in said.err
    assert "accepted" not in said.out


def test_a_manifest_that_knows_other_conditions_is_an_objection(
    built: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What is promised besides changes the conditions; nobody has built the proof anew."""
    spec = built / "model/service.py"
    text = spec.read_text(encoding="utf-8")
    more = '\n\n    @always\n    def so_it_is(self) -> bool:\n        """True."""\n        return True\n'
    spec.write_text(text.rstrip() + more, encoding="utf-8")
    assert main(["recheck"]) == 1
    assert "MANIFEST.json: it knows another digest of the conditions" in capsys.readouterr().err


def test_a_manifest_that_was_changed_is_an_objection(built: Path, capsys: pytest.CaptureFixture[str]) -> None:
    manifest = built / "proofs/service/MANIFEST.json"
    content = json.loads(manifest.read_text(encoding="utf-8"))
    content["certificate_sha256"] = "0" * 64
    manifest.write_text(json.dumps(content), encoding="utf-8")
    assert main(["recheck"]) == 1
    assert "MANIFEST.json: it was changed after it was written" in capsys.readouterr().err


def test_a_certificate_is_written_on_demand_and_checked(built: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["certify", "model/service.py", "-o", "out/"]) == 0
    assert {path.name for path in (built / "out").iterdir()} == {"hints.json", "conditions", "refutations"}
    assert main(["recheck", "model/service.py", "--certificate", "out", "--no-solver"]) == 0
    assert main(["certify", "model/service.py", "-o", "out/"]) == 2
    assert "out/ exists; nothing was written" in capsys.readouterr().err
    changed = next((built / "out/refutations").iterdir())
    changed.write_text(changed.read_text(encoding="utf-8").replace("use", "at"), encoding="utf-8")
    assert main(["recheck", "model/service.py", "--certificate", "out"]) == 1
    assert "refutation is wrong" in capsys.readouterr().err
    assert main(["recheck", "model/service.py", "--certificate", "nowhere"]) == 2


def test_a_refutation_that_is_taken_away_with_its_line_is_missed(
    built: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["certify", "model/service.py", "-o", "out/"]) == 0
    changed = max((built / "out/refutations").iterdir())
    goals = changed.read_text(encoding="utf-8").split("goal ")
    changed.write_text("goal ".join(goals[:-1]), encoding="utf-8")
    capsys.readouterr()
    assert main(["recheck", "model/service.py", "--certificate", "out"]) == 1
    assert f"{goals[-1].splitlines()[0]}: its refutation is missing" in capsys.readouterr().err


def test_an_archive_holds_what_the_folder_holds_and_is_checked_as_well(
    built: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for output in ("out/", "out.zip", "again.zip"):
        assert main(["certify", "model/service.py", "-o", output]) == 0
    assert Path("out.zip").read_bytes() == Path("again.zip").read_bytes()
    with zipfile.ZipFile("out.zip") as archive:
        assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
    assert read_certificate(Path("out.zip")) == read_certificate(Path("out"))
    assert read_certificate(Path("out"))[PurePosixPath("hints.json")] == (built / HINTS).read_text(encoding="utf-8")
    capsys.readouterr()
    assert main(["recheck", "model/service.py", "--certificate", "out.zip", "--no-solver"]) == 0
    assert "accepted" in capsys.readouterr().out


def test_a_changed_archive_is_refused(built: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["certify", "model/service.py", "-o", "out.zip"]) == 0
    files = dict(read_certificate(built / "out.zip"))
    changed = next(path for path in files if path.parts[0] == "refutations")
    write_archive(built / "out.zip", files | {changed: files[changed].replace("use", "at")})
    assert main(["recheck", "model/service.py", "--certificate", "out.zip", "--no-solver"]) == 1
    assert "refutation is wrong" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("harm", "place"), by_day(product(["removed", "forged"], ["proofs", "generated", ".quiesce"]), 4)
)
def test_a_certificate_does_not_depend_on_what_lies_on_disk(built: Path, place: str, harm: str) -> None:
    assert main(["certify", "-q", "-o", "before.zip"]) == 0
    for path in [path for path in (built / place).rglob("*") if path.is_file()]:
        path.write_bytes(b"{}") if harm == "forged" else path.unlink()
    assert main(["certify", "-q", "-o", "after.zip"]) == 0
    assert Path("before.zip").read_bytes() == Path("after.zip").read_bytes()


def test_what_is_not_proved_has_no_certificate(built: Path, capsys: pytest.CaptureFixture[str]) -> None:
    spec = built / "model/service.py"
    text = spec.read_text(encoding="utf-8")
    spec.write_text(text.replace("self.refs += 1", "self.refs -= 1"), encoding="utf-8")
    for output in ("out.zip", "out/"):
        assert main(["certify", "-o", output]) == 1
        assert not Path(output).exists()
    assert "not proved, so there is no evidence to write" in capsys.readouterr().out


@pytest.mark.parametrize("content", [b"", b"PK", b"mine"])
def test_what_is_no_archive_is_no_certificate(built: Path, capsys: pytest.CaptureFixture[str], content: bytes) -> None:
    (built / "out.zip").write_bytes(content)
    assert main(["recheck", "model/service.py", "--certificate", "out.zip"]) == 2
    assert "out.zip: this is no certificate" in capsys.readouterr().err


def test_an_archive_with_two_files_of_one_name_is_refused(built: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with zipfile.ZipFile(built / "out.zip", "w") as archive:
        archive.writestr("hints.json", "{}")
        with pytest.warns(UserWarning, match="Duplicate"):
            archive.writestr("hints.json", "[]")
    assert main(["recheck", "model/service.py", "--certificate", "out.zip"]) == 2
    assert "a file stands in it twice" in capsys.readouterr().err


def test_an_archive_that_is_too_large_is_not_unpacked(
    built: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    write_archive(built / "out.zip", {PurePosixPath("hints.json"): " " * 2_000})
    monkeypatch.setattr("quiesce.console.archive.LARGEST", 1_999)
    assert main(["recheck", "model/service.py", "--certificate", "out.zip"]) == 2
    assert "its files have more than 1999 bytes" in capsys.readouterr().err


def test_a_place_that_cannot_be_written_is_a_usage_error(built: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (built / "taken").write_text("mine", encoding="utf-8")
    for output in ("taken/out.zip", "taken/out/"):
        assert main(["certify", "-o", output]) == 2
        assert "cannot write taken" in capsys.readouterr().err
    assert (built / "taken").read_text(encoding="utf-8") == "mine"
