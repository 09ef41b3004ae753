"""Code hosts fold what is generated, and nothing that people have written."""

import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

pytestmark = pytest.mark.skipif(
    shutil.which("git") is None or not (ROOT / ".git").exists(), reason="this is no checkout of a repository"
)


def is_generated(path: str) -> bool:
    command = ["git", "check-attr", "linguist-generated", "--", path]
    said = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return said.rstrip().endswith(": set")


@pytest.mark.parametrize(
    "path",
    ["generated/winsock_provider/core.py", "proofs/winsock/hints.json", "proofs/winsock/README.md"],
)
def test_what_is_generated_is_marked(path: str) -> None:
    assert (ROOT / path).is_file()
    assert is_generated(path)


@pytest.mark.parametrize("path", ["proofs/quiesce/kernel/kinds.py", "proofs/theory/README.md", "model/winsock.py"])
def test_what_people_wrote_is_not(path: str) -> None:
    assert (ROOT / path).is_file()
    assert not is_generated(path)
