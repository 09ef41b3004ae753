"""Options and settings that make no sense end with code 2 and one clear message; the ones that do are obeyed."""

import io
import re
from importlib import metadata
from pathlib import Path

import pytest
from quiesce.cli import main
from quiesce.console.style import style_for
from quiesce.prove.effort import Effort

from tests.machines import changed


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["prove"], "invalid choice"),
        (["verify", "--budget", "0"], "argument --budget: '0' is not a positive whole number"),
        (["verify", "--depth", "-3"], "argument --depth: '-3' is not a positive whole number"),
        (["verify", "--depth", "far"], "argument --depth: 'far' is not a positive whole number"),
        (["mutate", "--jobs", "1.5"], "argument --jobs: '1.5' is not a positive whole number"),
        (["verify", "--timeout", "soon"], "argument --timeout: 'soon' is not a positive number of seconds"),
        (["graph", "--format", "png"], "invalid choice"),
        (["--color", "maybe", "check"], "invalid choice"),
        (["new"], "required: path"),
        (["check", "--force"], "unrecognized arguments"),
        (["check", "--color", "maybe"], "invalid choice"),
    ],
    ids=" ".join,
)
def test_a_bad_command_is_told(
    project: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], message: str
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 2
    output = capsys.readouterr()
    assert message in output.err
    assert not re.search(r"\b_\w", output.err), "a private name of the program"
    assert (output.out, (project / "generated").exists()) == ("", False)


@pytest.mark.usefixtures("project")
@pytest.mark.parametrize("arguments", [[], ["--color", "never"]], ids=" ".join)
def test_without_a_command_the_help_is_shown_and_nothing_has_succeeded(
    capsys: pytest.CaptureFixture[str], arguments: list[str]
) -> None:
    assert main(arguments) == 2
    output = capsys.readouterr()
    assert (output.out, output.err.splitlines()[0].split(" [")[0]) == ("", "usage: quiesce")
    assert "`python -m quiesce` is the same command" in " ".join(output.err.split())


def test_the_version_is_the_installed_one(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--version"]) == 0
    assert capsys.readouterr().out == f"quiesce {metadata.version('quiesce')}\n"


@pytest.mark.parametrize(
    "command", ["check", "verify", "build", "generate", "graph", "mutate", "certify", "recheck", "replay", "new"]
)
def test_colours_may_be_asked_for_behind_the_command(capsys: pytest.CaptureFixture[str], command: str) -> None:
    with pytest.raises(SystemExit):
        main([command, "--help"])
    assert "--color" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("command", "listed"),
    [
        ("verify", "every obligation"),
        *((command, "every obligation of a spec that is not proved") for command in ("build", "generate", "certify")),
        ("mutate", "every fault and its verdict"),
    ],
)
def test_the_help_tells_what_is_listed_for_whoever_wants_all_of_it(
    capsys: pytest.CaptureFixture[str], command: str, listed: str
) -> None:
    with pytest.raises(SystemExit):
        main([command, "--help"])
    assert f"-v, --verbose list {listed} " in f"{' '.join(capsys.readouterr().out.split())} "


@pytest.mark.parametrize("command", ["check", "graph", "recheck", "replay", "new"])
def test_a_command_that_has_no_list_offers_none(capsys: pytest.CaptureFixture[str], command: str) -> None:
    with pytest.raises(SystemExit):
        main([command, "--help"])
    assert "--verbose" not in capsys.readouterr().out
    with pytest.raises(SystemExit) as ended:
        main([command, *["x.py"] * {"replay": 2, "new": 1}.get(command, 0), "-v"])
    assert ended.value.code == 2
    assert "unrecognized arguments: -v" in capsys.readouterr().err


@pytest.mark.parametrize("command", ["build", "generate", "verify"])
def test_the_help_tells_the_effort_that_is_made_if_nothing_is_said(
    capsys: pytest.CaptureFixture[str], command: str
) -> None:
    with pytest.raises(SystemExit):
        main([command, "--help"])
    told = " ".join(capsys.readouterr().out.split())
    usual = Effort()
    assert re.findall(r"if not given, (\d+)", told) == [str(usual.depth), str(usual.budget), f"{usual.timeout:.0f}"]


@pytest.mark.usefixtures("project")
def test_colours_are_as_was_said_last(capsys: pytest.CaptureFixture[str]) -> None:
    for arguments, coloured in (
        (["verify", "--color", "always"], True),
        (["--color", "always", "verify"], True),
        (["--color", "always", "verify", "--color", "never"], False),
    ):
        assert main(arguments) == 0
        assert ("\x1b[" in capsys.readouterr().out) is coloured


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ("[tool]\nquiesce = 3\n", "must be a table"),
        ("[tool.quiesce]\nspecs = [3]\n", "table of strings"),
        ('[[tool.quiesce.specs]]\npackage = "p"\n', "lacks `spec`"),
        ('[[tool.quiesce.specs]]\nspec = "a.py"\nspecs = "b.py"\n', "not specs"),
        ('[[tool.quiesce.specs]]\nspec = "a.py"\n' * 2, "names the spec a.py more than once"),
        (
            "".join(f'[[tool.quiesce.specs]]\nspec = "{spec}.py"\npackage = "p"\n' for spec in "ab"),
            "a.py and b.py would share the package p",
        ),
        ('[[tool.quiesce.specs]]\nspec = "/a.py"\n', "inside the project"),
    ],
)
@pytest.mark.parametrize("command", ["check", "build"])
def test_a_bad_table_is_told(
    project: Path, capsys: pytest.CaptureFixture[str], command: str, table: str, message: str
) -> None:
    (project / "pyproject.toml").write_text(table, encoding="utf-8")
    assert main([command]) == 2
    error = capsys.readouterr().err
    assert message in error
    assert "pyproject.toml" in error
    assert len(error.splitlines()) == 1


def test_a_project_file_that_is_no_text_is_told(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / "pyproject.toml").write_bytes(b"\xff\xfe")
    assert main(["check"]) == 2
    assert "cannot be read" in capsys.readouterr().err


def test_without_a_project_a_named_spec_is_enough(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (project / "pyproject.toml").unlink()
    monkeypatch.chdir(project / "model")
    assert main(["verify", "service.py"]) == 0
    assert capsys.readouterr().out.startswith("service.py: Service\n")
    assert sorted(path.name for path in project.rglob("*")) == ["model", "service.py"]


def test_a_project_of_somebody_elses_tool_is_passed_by(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (project / "model/pyproject.toml").write_text('[project]\nname = "inner"\n', encoding="utf-8")
    monkeypatch.chdir(project / "model")
    assert main(["check"]) == 0
    assert capsys.readouterr().out.startswith("model/service.py: ")


def test_paths_are_relative_to_where_one_stands(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (project / "elsewhere").mkdir()
    monkeypatch.chdir(project / "elsewhere")
    assert main(["verify", "../model/service.py", "--json", "report.json"]) == 0
    assert capsys.readouterr().out.startswith("model/service.py: Service\n")
    assert main(["graph", "-o", "graph.md"]) == 0
    assert sorted(path.name for path in Path().iterdir()) == ["graph.md", "report.json"]
    assert main(["build", "-q"]) == 0
    assert (project / "generated/service_provider/core.py").is_file()


def test_every_mistake_of_every_spec_is_told_at_once(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / "one.py").write_text("import os\n", encoding="utf-8")
    (project / "two.py").write_text("class (\n", encoding="utf-8")
    assert main(["check", "one.py", "model/service.py", "two.py"]) == 2
    output = capsys.readouterr()
    assert "one.py:1:" in output.err
    assert "two.py:1:" in output.err
    assert "model/service.py: Service is well-formed" in output.out


@pytest.mark.usefixtures("project")
def test_quiet_says_nothing_and_verbose_names_every_obligation(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["verify", "-q"]) == 0
    assert main(["check", "-q"]) == 0
    assert main(["build", "-q"]) == 0
    output = capsys.readouterr()
    assert (output.out, output.err) == ("", "")
    assert main(["verify", "-v"]) == 0
    assert "step/further_start/counted_only_while_up" in capsys.readouterr().out


def test_whoever_wants_all_of_it_gets_what_is_proved_of_a_spec_that_is_not(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    spec = project / "model" / "service.py"
    spec.write_text(changed(spec.read_text(encoding="utf-8"), ("self.refs == 1)", "self.refs == 2)")), encoding="utf-8")
    for command in (["build"], ["generate"], ["certify", "-o", "evidence.zip"], ["mutate"]):
        for wants, gets in (([], False), (["-v"], True)):
            assert main([*command, *wants, "model/service.py"]) == 1
            assert ("  start/counted_only_while_up" in capsys.readouterr().out) is gets


def test_whoever_wants_all_of_it_gets_every_fault(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for wants, gets in (([], False), (["-v"], True)):
        main(["mutate", "-k", "refs/initial", "--jobs", "1", *wants])
        assert bool(re.search(r"^  killed  +\S", capsys.readouterr().out, re.MULTILINE)) is gets
    assert project.exists()


@pytest.mark.parametrize(
    ("stream", "choice", "setting", "coloured"),
    [
        (Terminal(), "auto", {}, True),
        (Terminal(), "auto", {"NO_COLOR": "1"}, False),
        (Terminal(), "auto", {"NO_COLOR": ""}, True),
        (Terminal(), "auto", {"TERM": "dumb"}, False),
        (Terminal(), "never", {}, False),
        (Terminal(), "always", {"NO_COLOR": "1"}, True),
        (io.StringIO(), "auto", {}, False),
        (io.StringIO(), "always", {}, True),
    ],
)
def test_colours_are_for_terminals_unless_one_says_so(
    monkeypatch: pytest.MonkeyPatch, stream: io.StringIO, choice: str, setting: dict[str, str], coloured: bool
) -> None:
    for name in ("NO_COLOR", "TERM"):
        monkeypatch.delenv(name, raising=False)
    for name, value in setting.items():
        monkeypatch.setenv(name, value)
    assert style_for(stream, choice).coloured is coloured
    assert ("\x1b" in style_for(stream, choice).paint("proved", "green")) is coloured
