"""The example with HTTP: its package is what its spec gives, and its own tests run from its folder."""

import subprocess
import sys
from pathlib import Path, PurePosixPath

import pytest
from quiesce.cli import main
from quiesce.generate.package import python_of
from quiesce.spec.reader import read_file

FOLDER = Path(__file__).parents[2] / "examples" / "http_service"


def test_the_package_is_what_the_spec_gives() -> None:
    for path, text in python_of(read_file(FOLDER / "serving.py", PurePosixPath("serving.py")), "asyncio").items():
        assert (FOLDER / "serving_lifecycle" / path).read_text(encoding="utf-8").endswith(text)


@pytest.mark.slow
def test_the_evidence_is_what_the_spec_gives(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(FOLDER)
    assert main(["build", "--check", "-q"]) == 0


@pytest.mark.slow
def test_it_works() -> None:
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "."]
    done = subprocess.run(command, cwd=FOLDER, stdout=subprocess.PIPE, encoding="utf-8", check=False)
    assert done.returncode == 0, done.stdout
