"""Code hosts fold what is generated, but for the pages that reviewers read, and nothing that people have written."""

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
    ["generated/winsock_provider/core.py", "proofs/winsock/hints.json", "proofs/winsock/MANIFEST.json"],
)
def test_what_is_generated_is_marked(path: str) -> None:
    assert (ROOT / path).is_file()
    assert is_generated(path)


@pytest.mark.parametrize("path", ["proofs/winsock/README.md", "proofs/clients/README.md"])
def test_the_page_of_a_proof_is_shown_to_reviewers(path: str) -> None:
    assert not is_generated(path)


@pytest.mark.parametrize("path", ["proofs/quiesce/kernel/kinds.py", "proofs/theory/README.md", "model/winsock.py"])
def test_what_people_wrote_is_not(path: str) -> None:
    assert (ROOT / path).is_file()
    assert not is_generated(path)
