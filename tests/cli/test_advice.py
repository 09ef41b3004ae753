"""What a build says of files that somebody changed: what is different, what to do, and nothing that is not so."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from quiesce.cli import main

from tests.by_day import by_day

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("equal_packages_are_tried_once")]

CORE = Path("generated/service_provider/core.py")
SHOWN = "generated/service_provider/core.py"
EQUAL = "equal to the model"


def edit(path: Path, before: str, after: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.count(before) == 1
    path.write_text(text.replace(before, after), encoding="utf-8", newline="\n")


def count_twice() -> None:
    edit(CORE, "self.refs += 1", "self.refs += 2")


def rewrite() -> None:
    """Keep the header, and nothing else."""
    header = CORE.read_text(encoding="utf-8").splitlines(keepends=True)[:3]
    CORE.write_text("".join((*header, *(f"line_{n} = {n}\n" for n in range(1000)))), encoding="utf-8", newline="\n")


@pytest.mark.parametrize("command", by_day([["build", "--check"], ["build"], ["generate"], ["generate", "--check"]], 4))
@pytest.mark.usefixtures("built")
def test_a_hand_edit_is_shown_with_advice_that_helps(capsys: pytest.CaptureFixture[str], command: list[str]) -> None:
    count_twice()
    assert main(command) == 1
    said = capsys.readouterr()
    assert f"{SHOWN}: hand-edited" in said.err.splitlines()
    assert "  -        self.refs += 1" in said.err.splitlines()
    assert "  +        self.refs += 2" in said.err.splitlines()
    assert "undo it, or overwrite it with `quiesce build --force`" in said.err
    assert "run `quiesce build` and commit" not in said.err
    assert EQUAL not in said.out
    assert main(["build", "-q", "--force"]) == 0
    assert main(["build", "-q", "--check"]) == 0


@pytest.mark.usefixtures("built")
def test_the_core_on_disk_is_compared_with_the_model(capsys: pytest.CaptureFixture[str]) -> None:
    count_twice()
    assert main(["build", "--check"]) == 1
    assert f"{SHOWN}: it is not equal to the model: " in capsys.readouterr().err


@pytest.mark.usefixtures("built")
def test_a_stale_core_is_not_called_equal_while_another_file_stops_the_build(
    capsys: pytest.CaptureFixture[str],
) -> None:
    edit(CORE.with_name("_pending.py"), "class Deadline:", "class Deadline:  # mine")
    edit(Path("model/service.py"), "Others still use", "Somebody still uses")
    assert main(["build"]) == 1
    assert EQUAL not in capsys.readouterr().out


@pytest.mark.parametrize("text", by_day(["\nx = (", "\nimport os\n"], 2))
@pytest.mark.usefixtures("built")
def test_a_core_that_is_none_is_told_too(capsys: pytest.CaptureFixture[str], text: str) -> None:
    with CORE.open("a", encoding="utf-8", newline="\n") as core:
        core.write(text)
    assert main(["build", "--check"]) == 1
    said = capsys.readouterr().err
    assert f"{SHOWN}: it is not equal to the model: " in said
    assert "Traceback" not in said


@pytest.mark.usefixtures("built")
def test_an_edit_that_changes_no_meaning_is_an_edit_and_not_called_wrong(capsys: pytest.CaptureFixture[str]) -> None:
    with CORE.open("a", encoding="utf-8", newline="\n") as core:
        core.write("# a note\n")
    assert main(["build", "--check"]) == 1
    said = capsys.readouterr()
    assert f"{SHOWN}: hand-edited" in said.err
    assert "not equal" not in said.err
    assert EQUAL not in said.out


@pytest.mark.nightly
@pytest.mark.skipif(os.name == "nt", reason="making links needs a right that not everybody has")
def test_a_core_behind_a_link_is_not_called_equal_either(built: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (built / "generated").rename(built / "elsewhere")
    (built / "generated").symlink_to(built / "elsewhere", target_is_directory=True)
    count_twice()
    assert main(["build", "--check"]) == 1
    assert EQUAL not in capsys.readouterr().out


@pytest.mark.nightly
@pytest.mark.usefixtures("built")
def test_a_long_difference_is_cut(capsys: pytest.CaptureFixture[str]) -> None:
    rewrite()
    assert main(["build", "--check"]) == 1
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) < 60
    assert any(line.strip().startswith("… and ") and line.endswith(" more lines") for line in lines)


@pytest.mark.nightly
def test_of_many_changed_files_a_few_are_shown_and_all_are_named(
    built: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    changed = [path for path in built.rglob("*") if path.suffix in {".py", ".md", ".dot"} and "model" not in path.parts]
    for path in changed:
        with path.open("a", encoding="utf-8", newline="\n") as file:
            file.write("# mine\n")
    assert main(["build", "--check"]) == 1
    lines = capsys.readouterr().err.splitlines()
    assert len([line for line in lines if line.endswith(": hand-edited")]) == len(changed) > 6
    assert lines.count("  +++ on disk") == 5


@pytest.mark.usefixtures("built")
def test_escapes_in_a_changed_file_do_not_reach_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    edit(CORE, "self.refs += 1", "self.refs += 1  # \x1b[31m\u202e")
    assert main(["build", "--check"]) == 1
    said = capsys.readouterr().err
    assert "self.refs += 1  # " in said
    assert "\x1b" not in said
    assert "\u202e" not in said


@pytest.mark.parametrize("change", by_day([CORE.unlink, lambda: edit(Path("model/service.py"), "Others", "Some")], 2))
@pytest.mark.usefixtures("built")
def test_what_a_build_repairs_is_left_to_a_build(
    capsys: pytest.CaptureFixture[str], change: Callable[[], object]
) -> None:
    change()
    assert main(["build", "--check"]) == 1
    said = capsys.readouterr()
    assert "run `quiesce build` and commit what it writes" in said.err
    assert "--force" not in said.err
    assert EQUAL not in said.out
    assert main(["build"]) == 0
    assert EQUAL in capsys.readouterr().out
    assert main(["build", "--check"]) == 0
    assert EQUAL in capsys.readouterr().out


@pytest.mark.usefixtures("built")
def test_a_foreign_file_is_told_with_advice_that_helps(capsys: pytest.CaptureFixture[str]) -> None:
    CORE.write_text("mine\n", encoding="utf-8")
    for command in (["build", "--check"], ["build"]):
        assert main(command) == 1
        said = capsys.readouterr()
        assert f"{SHOWN}: foreign" in said.err.splitlines()
        assert "move it away, or overwrite it with `quiesce build --force`" in said.err
        assert "run `quiesce build` and commit" not in said.err
        assert EQUAL not in said.out
