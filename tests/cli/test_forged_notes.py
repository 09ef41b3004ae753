"""Notes of earlier runs are believed only by the user who made them: what is committed or copied proves nothing."""

import hashlib
import os
from collections.abc import Callable
from pathlib import Path, PurePosixPath

import pytest
from quiesce.cli import main
from quiesce.console.builds import stamps
from quiesce.console.project import find_project
from quiesce.generate.files.journal import Entry, Journal, to_json
from quiesce.kernel.batches import Batch
from quiesce.prove.solving.answers import Answer, Check
from quiesce.prove.solving.seal import FOLDER, NoSeal, Seal, users_seal
from quiesce.prove.solving.z3_solver import Solver

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("equal_packages_are_tried_once")]

SPEC = Path("model/service.py")
posix = pytest.mark.skipif(os.name == "nt", reason="Windows keeps the folders of users apart by other means")


@pytest.fixture
def somebody_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Has whatever follows done by another user."""
    return lambda: monkeypatch.setenv(FOLDER, str(tmp_path / "of somebody else"))


@pytest.fixture
def nobody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A user who has no place for a secret."""
    (tmp_path / "taken").write_text("", encoding="utf-8")
    monkeypatch.setenv(FOLDER, str(tmp_path / "taken/state"))


def break_promise() -> None:
    text = SPEC.read_text(encoding="utf-8")
    SPEC.write_text(text.replace("        self.refs += 1\n", "        self.refs += 2\n"), encoding="utf-8")


def forge_stamp(folder: Path) -> None:
    """A note that says that all is as it was built, as a command of the forger would write it."""
    project = find_project(folder)
    [target] = project.targets
    files = [path for place in ("generated", "proofs") for path in (folder / place).rglob("*") if path.is_file()]
    stamps.write_stamp(project, target, [folder / SPEC, *files])


def forge_proofs(*arguments: str) -> None:
    """Proofs of what is false, as a solver that lies would have them written."""

    def lies(_: Solver, batch: Batch[object]) -> tuple[Check, ...]:
        return (Check(Answer.UNSATISFIABLE, 1),) * len(batch.goals)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Solver, "check", lies)
        assert main(["verify", "-q", *arguments]) == 0


@pytest.mark.parametrize("forger_is", ["the user", "somebody else"])
def test_a_stamp_of_somebody_else_is_not_believed(
    built: Path, somebody_else: Callable[[], None], forger_is: str
) -> None:
    break_promise()
    forge_stamp(built)
    if forger_is == "somebody else":
        somebody_else()
    assert main(["build", "-q"]) == (1 if forger_is == "somebody else" else 0)


@pytest.mark.parametrize("forger_is", ["the user", "somebody else"])
@pytest.mark.parametrize("command", ["verify", "build", "generate"])
def test_proofs_of_somebody_else_are_not_believed(
    project: Path,
    somebody_else: Callable[[], None],
    capsys: pytest.CaptureFixture[str],
    command: str,
    forger_is: str,
) -> None:
    break_promise()
    forge_proofs()
    assert list((project / ".quiesce/cache").glob("*.json"))
    if forger_is == "somebody else":
        somebody_else()
    code = main([command, "-q"])
    if forger_is == "the user":  # who lies to nobody but themselves
        assert code == 0
    else:
        assert code == 1
        assert "is not as you wrote it on this machine: its seal does not match" in capsys.readouterr().err


@pytest.mark.parametrize("forger_is", ["the user", "somebody else"])
def test_a_named_file_of_somebody_else_is_not_believed(
    project: Path, somebody_else: Callable[[], None], capsys: pytest.CaptureFixture[str], forger_is: str
) -> None:
    break_promise()
    forge_proofs("--no-cache", "--save-cache", "proofs.jsonl")
    if forger_is == "somebody else":
        somebody_else()
    assert main(["verify", "-q", "--cache", "proofs.jsonl"]) == (1 if forger_is == "somebody else" else 0)
    assert ("its seal does not match" in capsys.readouterr().err) == (forger_is == "somebody else")
    assert project


@pytest.mark.parametrize("command", ["build", "generate"])
def test_a_check_believes_no_note_at_all(built: Path, command: str) -> None:
    break_promise()
    forge_stamp(built)
    forge_proofs()
    assert main([command, "-q", "--check"]) == 1


@pytest.mark.usefixtures("nobody")
def test_without_a_secret_everything_is_proved_each_time(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["build", "-q"]) == 0
    said = capsys.readouterr().err
    assert said.startswith("warning: proof cache: nothing is looked up or kept: there is no secret to know one's own")
    assert not [path for path in (".quiesce/service.json", ".quiesce/cache") if (project / path).exists()]
    assert main(["verify", "-q", "--save-cache", "proofs.jsonl"]) == 2
    assert "error: the proofs cannot be saved: " in capsys.readouterr().err
    break_promise()
    assert main(["build", "-q"]) == 1


def test_a_neighbour_that_is_renamed_is_a_change(built: Path) -> None:
    other = built / "model/a.py"
    other.write_text("", encoding="utf-8")
    assert main(["build", "-q"]) == 0
    project = find_project(built)
    assert stamps.is_current(project, project.targets[0])
    other.rename(built / "model/b.py")
    assert not stamps.is_current(project, project.targets[0])


# --- the secret -------------------------------------------------------------------------------------------------


@pytest.fixture
def secret(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The file of a secret that was just made."""
    monkeypatch.setenv(FOLDER, str(tmp_path / "state/deeper"))
    users_seal()
    return tmp_path / "state/deeper/secret"


def test_a_secret_is_made_once_for_its_user_alone(secret: Path) -> None:
    made = users_seal()
    assert (users_seal(), [path.name for path in secret.parent.iterdir()]) == (made, ["secret"])
    assert made.of("a") != made.of("b")
    assert made.of("a") != Seal(b"\0" * 32).of("a")
    assert os.name == "nt" or secret.stat().st_mode & 0o077 == secret.parent.stat().st_mode & 0o077 == 0


@posix
@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604, 0o660])
def test_a_secret_that_others_can_read_is_none(secret: Path, mode: int) -> None:
    secret.chmod(mode)
    with pytest.raises(NoSeal, match="others can read it"):
        users_seal()


@pytest.mark.parametrize("content", [b"", b"short", b"\0" * 33])
def test_a_secret_of_another_length_is_none(secret: Path, content: bytes) -> None:
    secret.write_bytes(content)
    with pytest.raises(NoSeal, match="remove it, and another one is made"):
        users_seal()


@posix
def test_a_secret_that_is_no_file_is_none(secret: Path) -> None:
    secret.rename(secret.with_name("elsewhere"))
    secret.symlink_to("elsewhere")
    with pytest.raises(NoSeal):
        users_seal()
    secret.unlink()
    os.mkfifo(secret, 0o600)
    with pytest.raises(NoSeal, match="is no file"):
        users_seal()


@posix
def test_a_user_has_the_secret_at_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(FOLDER)
    monkeypatch.delenv("XDG_STATE_HOME", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    users_seal()
    [made] = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert (made.name, made.parent.name) == ("secret", "quiesce")


def test_a_journal_of_somebody_else_takes_no_file_away(built: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of this user it would: so it is the seal that keeps the file."""
    mine = built / "generated/service_provider/mine.txt"
    place = PurePosixPath("generated/service_provider/mine.txt")
    journal = Journal("00", {place: Entry("old0", None, (hashlib.sha256(b"mine").hexdigest(),))})
    notes = built / ".quiesce/writing/service"
    for writer, is_kept in (("stranger", True), ("user", False)):
        mine.write_bytes(b"mine")
        with monkeypatch.context() as patch:
            if writer == "stranger":
                patch.setenv("QUIESCE_STATE", str(built.parent / "theirs"))
            notes.mkdir(parents=True, exist_ok=True)
            (notes / "journal.json").write_text(to_json(journal, users_seal().of), encoding="utf-8")
        assert main(["build", "-q", "--no-cache"]) == 0
        assert (mine.exists(), (notes / "journal.json").exists()) == (is_kept, False)
