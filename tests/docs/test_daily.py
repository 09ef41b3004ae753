"""The commands of every day exist, CI asks the same, and what runs before a commit is among them."""

import re
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from tests.daily import DAILY, main, run

ROOT = Path(__file__).parents[2]
CI = (ROOT / ".ci/run").read_text(encoding="utf-8")
HOOKS = (ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8")


def missing(command: Sequence[str]) -> Iterator[str]:
    """What a command names that is not there: its module, its subcommand, an option, a folder."""
    module, *rest = command
    under = rest[:1] if module in ("ruff", "quiesce") else []
    told = subprocess.run(
        [sys.executable, "-m", module, *under, "--help"], cwd=ROOT, capture_output=True, encoding="utf-8", check=False
    )
    if told.returncode:
        yield " ".join([module, *under])
    words = set(re.findall(r"--?[\w-]+", told.stdout))
    yield from (word for word in rest if word.startswith("-") and word not in words)
    if module in ("mypy", "ruff"):
        yield from (word for word in rest[len(under) :] if word[0] != "-" and not (ROOT / word).is_dir())


@pytest.mark.parametrize("name", DAILY)
def test_a_command_has_its_module_its_options_and_its_folders(name: str) -> None:
    assert list(missing(DAILY[name])) == []


@pytest.mark.parametrize(
    ("command", "gone"),
    [
        (("no_such_module",), "no_such_module"),
        (("ruff", "lint"), "ruff lint"),
        (("ruff", "format", "--chekc"), "--chekc"),
        (("mypy", "models"), "models"),
        (("quiesce", "build", "--chekc"), "--chekc"),
    ],
)
def test_what_a_command_names_in_vain_is_seen(command: Sequence[str], gone: str) -> None:
    assert gone in list(missing(command))


def test_a_run_tells_what_failed_and_goes_on() -> None:
    asked: list[Sequence[str]] = []

    def start(command: Sequence[str]) -> int:
        asked.append(command)
        return 1 if command == DAILY["lint"] else 0

    assert main(["lint", "layout"], start) == 1
    assert asked == [DAILY["lint"], DAILY["layout"]]
    assert main(["layout"], start) == 0
    asked.clear()
    assert main([], start) == 1
    assert asked == list(DAILY.values())


def test_an_unknown_name_is_an_error_of_use(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(["lnit"], lambda _: 0)
    assert stopped.value.code == 2
    assert "lint" in capsys.readouterr().err


def test_a_command_runs_with_its_exit_code() -> None:
    assert run(("ruff", "--version")) == 0
    assert run(("ruff", "lint")) != 0


@pytest.mark.parametrize("name", [name for name in DAILY if name != "quick"])
def test_ci_asks_the_same(name: str) -> None:
    asked = re.escape(f".venv/bin/{' '.join(DAILY[name])}")
    assert re.search(rf"""^ *{asked}( --jobs 1)?( >"\$said/\w+" 2>&1)?( &)?$""", CI, re.MULTILINE)


def test_contributing_tells_of_each_command() -> None:
    page = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    assert "python -m tests.daily" in page
    assert [name for name in DAILY if f"`{name}`" not in page] == []


def test_hooks_are_our_own_and_are_commands_of_every_day() -> None:
    assert set(re.findall(r"repo: (\S+)", HOOKS)) == {"local"}
    entries = re.findall(r"^ +entry: (.*)$", HOOKS, re.MULTILINE)
    assert entries == [f"python -m tests.daily {name}" for name in DAILY if name != "quick"]
    assert HOOKS.count("- id: ") == len(entries)
    assert HOOKS.count("language: system") == len(entries)
