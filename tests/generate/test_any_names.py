"""Whatever the names of a spec are, its package works, or the name is refused at its place."""

import contextlib
import io
import os
import random
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path, PurePosixPath

import pytest
from quiesce.cli import main
from quiesce.generate.package import render_machine
from quiesce.generate.trial import import_once
from quiesce.spec.reader import read_text

from tests.generate.naming import ROLES, SPEC, Campaign, Complaint, pairs, rendered, words

ASKED = os.environ.get("QUIESCE_NAMES")
TRIED = int(ASKED or len(ROLES))
"""The number of names that are tried; without being asked for, as many as fit into one or two specs."""

BOOKS = max(1, TRIED // 600)
"""The number of tests that share them, which several processes can run."""

RUFF = ("--no-cache", "--config", str(Path(__file__).parents[2] / "pyproject.toml"))
USED = """
for used in [every for every in list(globals().values()) if isinstance(every, type) and hasattr(every, "snapshot")]:
    assert used().wait_for(lambda snapshot: True)
"""
TESTED = """
for name, test in list(globals().items()):
    if name.startswith("test_"):
        test()
"""


def run(*command: str, cwd: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", *command], cwd=cwd, capture_output=True, encoding="utf-8", errors="replace", check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def running(pages: Mapping[PurePosixPath, str]) -> dict[PurePosixPath, str]:
    """The pages of packages which, when they are imported, make a provider each and run their tests."""
    behind = {"lifecycle.py": USED, "test_core.py": TESTED}
    return {path: text + behind.get(path.name, "") for path, text in pages.items()}


@pytest.mark.slow
@pytest.mark.skipif(ASKED is not None, reason="the test below does more")
def test_a_package_with_any_names_is_rendered_and_works(tmp_path: Path) -> None:
    campaign = Campaign.of(pairs(TRIED, seed=2026))
    texts: dict[int, str] = {}

    def attempt(number: int, text: str) -> tuple[Complaint, ...]:
        texts[number] = text
        return rendered(text)

    campaign.run(attempt)
    assert len(campaign.written) > TRIED // 2
    pages: dict[PurePosixPath, str] = {}
    for number, text in texts.items():
        pages |= render_machine(read_text(text, SPEC), f"tried_{number}", "threads")
    import_once(running(pages))
    for path, text in pages.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_bytes(text.encode())
    run("ruff", "check", *RUFF, ".", cwd=tmp_path)
    run("ruff", "format", "--diff", *RUFF, ".", cwd=tmp_path)


@pytest.mark.slow
@pytest.mark.skipif(ASKED is None, reason="it takes minutes; QUIESCE_NAMES says how many names are tried")
@pytest.mark.parametrize("book", range(BOOKS))
def test_a_package_with_any_names_is_built_and_works(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, book: int
) -> None:
    """Everything that is written is imported, used, tested, and checked by a type checker, a linter and a formatter."""
    (tmp_path / "model").mkdir()
    (tmp_path / "pytest.ini").write_text("[pytest]\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    campaign = Campaign.of(pairs(TRIED // BOOKS, seed=book))
    rng, stems = random.Random(book), dict[int, str]()  # noqa: S311
    refused: list[str] = []

    def attempt(number: int, text: str) -> tuple[Complaint, ...]:
        stem = stems.setdefault(number, rng.choice(rng.choice(words())))
        spec = Path(f"model/{stem}.py")
        spec.write_text(text, encoding="utf-8")
        complaints = built(spec)
        if complaints:
            spec.unlink()
        if any(complaint.line for complaint in complaints) or not complaints:
            return complaints
        refused.append(stem)  # it is the name of the file
        stems[number] = f"spec_{number}"
        return attempt(number, text)

    campaign.run(attempt)
    pages = {
        PurePosixPath(path.relative_to("generated").as_posix()): path.read_text(encoding="utf-8")
        for path in Path("generated").rglob("*.py")
    }
    import_once(running(pages))
    generated = tmp_path / "generated"
    run("pytest", "-q", "-W", "error", "-p", "no:cacheprovider", "--import-mode=importlib", ".", cwd=generated)
    run("ruff", "check", *RUFF, ".", cwd=generated)
    run("ruff", "format", "--diff", *RUFF, ".", cwd=generated)
    run("mypy", "--strict", "--cache-dir", os.devnull, "--config-file", "", ".", cwd=generated)
    names, specs = len(campaign.written) + len(campaign.refused), campaign.tried + len(refused)
    print(f"{len(campaign.refused)} of {names} names are refused, and {len(refused)} of {specs} names of specs")


def built(spec: Path) -> tuple[Complaint, ...]:
    """What `quiesce build` has against a spec; nothing if it has written a package."""
    with contextlib.redirect_stderr(io.StringIO()) as said:
        code = main(["build", "-q", str(spec)])
    told = said.getvalue()
    assert (code == 0) == (not told), (code, told)
    assert code in (0, 2), told
    place = rf"^(?:error: )?{re.escape(spec.as_posix())}:(?:(\d+):(\d+):)? (?:error\[Q\d+\]: )?(.*)$"
    complaints = [
        Complaint(int(line or 0), int(column or 0), what)
        for line, column, what in re.findall(place, told, re.MULTILINE)
    ]
    assert code == 0 or complaints, told
    return tuple(complaints)
