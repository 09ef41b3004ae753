"""Notes and surveys leave the project by no link; a second Ctrl-C changes nothing, and no empty name is a file."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from quiesce.cli import main
from quiesce.console.naming import why_not_importable
from quiesce.generate.files.write import interrupted_once


def link(place: Path, to: Path) -> None:
    try:
        place.symlink_to(to, target_is_directory=True)
    except OSError:
        pytest.skip("nobody may make links here")


def outside(built: Path) -> Path:
    folder = built.parent / "victim"
    folder.mkdir()
    (folder / "service.json").write_text("mine", encoding="utf-8")
    (folder / "mutants.json").write_text("mine", encoding="utf-8")
    return folder


@pytest.mark.parametrize("command", [["build"], ["build", "--no-cache"], ["verify"]])
@pytest.mark.parametrize("noted", [".quiesce", ".quiesce/cache"])
def test_notes_are_written_through_no_link(
    built: Path, noted: str, command: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    victim = outside(built)
    (built / noted).rename(built / "away")
    link(built / noted, victim)
    assert main([*command, "-q"]) == 2
    assert f"{noted}: a link is in the place" in capsys.readouterr().err
    assert {file.name: file.read_text(encoding="utf-8") for file in victim.iterdir()} == {
        "service.json": "mine",
        "mutants.json": "mine",
    }


def test_a_check_writes_no_notes_and_so_needs_no_folder_for_them(built: Path) -> None:
    victim = outside(built)
    (built / ".quiesce").rename(built / "away")
    link(built / ".quiesce", victim)
    assert main(["build", "--check", "-q"]) == 0
    assert sorted(file.name for file in victim.iterdir()) == ["mutants.json", "service.json"]


def test_a_survey_is_written_through_no_link(built: Path, capsys: pytest.CaptureFixture[str]) -> None:
    victim = outside(built)
    (built / "proofs/service").rename(built / "away")
    link(built / "proofs/service", victim)
    assert main(["mutate", "-q", "--write"]) == 2
    assert "a link leads out of the project" in capsys.readouterr().err
    assert (victim / "mutants.json").read_text(encoding="utf-8") == "mine"


def test_a_build_without_a_cache_proves_anew(built: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert built
    assert main(["build"]) == 0
    assert capsys.readouterr().out == "model/service.py: up to date\n"
    assert main(["build", "--no-cache"]) == 0
    assert "proved, all" in capsys.readouterr().out


@pytest.mark.usefixtures("interruptible")
def test_the_second_ctrl_c_is_not_heard_until_all_is_put_back() -> None:
    before = signal.getsignal(signal.SIGINT)
    with interrupted_once():
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)
        signal.raise_signal(signal.SIGINT)
    assert signal.getsignal(signal.SIGINT) is before
    with pytest.raises(KeyboardInterrupt):
        signal.raise_signal(signal.SIGINT)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no device that is always full")
@pytest.mark.parametrize("words", [["--help"], ["verify", "--help"]])
def test_help_that_finds_no_room_is_no_success(words: list[str]) -> None:
    with Path("/dev/full").open("wb") as full:
        command = [sys.executable, "-P", "-m", "quiesce", *words]
        environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, env=environment, check=False)
    assert (done.returncode, b"not everything could be written" in done.stderr) == (2, True)


@pytest.mark.parametrize(
    "words", [["verify", "--json", ""], ["verify", "--cores", ""], ["graph", "-o", ""], ["verify", "--cache", ""]]
)
def test_an_empty_name_is_no_file(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(words)
    assert "at least one character" in capsys.readouterr().err


def test_a_package_lies_in_no_more_folders_than_python_imports_in_a_moment() -> None:
    assert why_not_importable(".".join("a" * 10)) is None
    assert "more than 10 parts" in (why_not_importable(".".join("a" * 11)) or "")
