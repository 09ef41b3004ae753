"""Nothing that a spec or a file is called, or says, steers a terminal, or the runner that reads the log of a job."""

import io
import json
import re
import sys
from pathlib import Path

import pytest
from quiesce.cli import main
from quiesce.console.streams import lossless
from quiesce.console.style import ERASE, Style, for_terminal

EVIL = r"\x1b[2J\x1b]0;owned\x07\x9b1A\r\u202e\u2066\u200b\ud800\x00"
"""As a spec writes it, in a string."""

SPEC = f'''
from quiesce.spec import Machine, Nat, Requirement, always, assume, call

R = Requirement("R1", "{EVIL}", "{EVIL}")


class Counter(Machine):
    "::error file=x::{EVIL}"

    n: Nat = 0

    @call("up")
    def up(self) -> None:
        assume(self.n < 5, "proved\\n::stop-commands::x {EVIL}")
        self.n += 1

    @always
    def small(self) -> bool:
        "##[group]\x1b[32mproved\x1b[0m {EVIL}"
        return self.n < 3

    @always(satisfies=[R], expect="refuted without assumptions")
    def few(self) -> bool:
        "::warning::{EVIL}"
        return self.n <= 5
'''
COLOUR = re.compile(r"\x1b\[(?:\d+;)*\d+m")
STEERING = re.compile("[\0-\x08\x0b-\x1f\x7f-\x9f\u200b\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


@pytest.fixture
def counter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "counter.py").write_text(SPEC, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    "arguments",
    [
        ["check"],
        ["verify"],
        ["verify", "-v"],
        ["verify", "--json", "-"],
        ["mutate", "--list"],
        *(["graph", "--format", name] for name in ("table", "mermaid", "dot", "svg")),
    ],
    ids=" ".join,
)
def test_no_text_of_a_spec_steers_a_terminal(
    counter: Path, arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--color", "always", *arguments, "counter.py"]) in {0, 1}
    told = capsys.readouterr()
    said = COLOUR.sub("", told.out + told.err)
    assert said
    assert not STEERING.search(said)
    assert not re.search(r"^\s*::|##\[", told.out + told.err, re.MULTILINE)
    assert counter


def test_a_report_in_json_keeps_every_character(counter: Path, capsys: pytest.CaptureFixture[str]) -> None:
    reason = "::error::##[group]\x7f\x1b[2J\u202e ##[ ##[##[\n::x"
    text = SPEC.replace(f'"proved\\n::stop-commands::x {EVIL}"', repr(reason))
    assert text != SPEC
    (counter / "counter.py").write_text(text, encoding="utf-8")
    assert main(["verify", "--json", "-", "counter.py"]) == 1
    told = capsys.readouterr().out
    assert not re.search(r"##\[|\x7f", told)
    details = [entry["detail"] for entry in json.loads(told)["obligations"]]
    assert any(reason in detail for detail in details)


def test_a_spec_cannot_paint_its_own_verdict(counter: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--color", "always", "verify", "counter.py"]) == 1
    told = capsys.readouterr().out
    assert r"\x1b[32mproved\x1b[0m" in told
    assert "\x1b[31;1mrefuted\x1b[0m" in told
    assert counter


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such names")
@pytest.mark.parametrize("name", ["a\x1b[2J.py", "a\u202e.py", "\x1b]0;x\x07/b.py", "a\udcff.py"])
def test_no_name_of_a_file_steers_a_terminal(counter: Path, name: str, capsys: pytest.CaptureFixture[str]) -> None:
    file = counter / name
    try:
        file.parent.mkdir(exist_ok=True)
        file.write_text(SPEC, encoding="utf-8")
    except OSError:
        pytest.skip("this file system has no such names")
    for arguments, codes in ((["verify", "-v", name], {2}), (["check", f"{name}x"], {2}), (["build", name], {1, 2})):
        assert main(arguments) in codes
        told = capsys.readouterr()
        assert told.out + told.err
        assert not STEERING.search(told.out + told.err)


def test_a_path_of_two_lines_makes_no_second_line_of_a_message(
    counter: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["verify", "x\nproved: all 9 obligations\n.py"]) == 2
    assert len(capsys.readouterr().err.splitlines()) == 1
    (counter / "pyproject.toml").write_text('[[tool.quiesce.specs]]\nspec = "a\\nb.py"\n', encoding="utf-8")
    assert main(["check"]) == 2
    assert "has a character in it that cannot be shown" in capsys.readouterr().err


def test_no_option_that_is_echoed_steers_a_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["verify", "--jobs", "\x1b[2J\u202e"])
    assert not STEERING.search(capsys.readouterr().err)


@pytest.mark.parametrize("arguments", [["--help"], ["verify", "--help"]], ids=" ".join)
def test_help_is_not_painted_by_python(
    arguments: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    with pytest.raises(SystemExit):
        main(arguments)
    assert "x1b" not in capsys.readouterr().out


def test_our_own_colours_and_nobody_elses_reach_a_terminal() -> None:
    painted = Style(coloured=True).paint("\x1b[32mfine\x1b[0m", "red")
    assert for_terminal(painted) == "\x1b[31m\\x1b[32mfine\\x1b[0m\x1b[0m"
    assert for_terminal(f"{ERASE}a stage") == "\r\x1b[Ka stage"
    assert Style(coloured=False).paint("fine", "red") == "fine"


def test_the_streams_are_the_old_ones_afterwards(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = io.StringIO()
    monkeypatch.setattr(sys, "stdout", stream)
    with lossless():
        print("\x1b[2Jhere")
    print("\x1b[2Jthere")
    assert sys.stdout is stream
    assert stream.getvalue() == "\\x1b[2Jhere\n\x1b[2Jthere\n"
