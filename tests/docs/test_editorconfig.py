"""Files are as `.editorconfig` tells editors to write them."""

import configparser
import re
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path

ROOT = Path(__file__).parents[2]
EXEMPT = "tests/specs/bad/*"
"""What is wrong with these files is what they are for; `.editorconfig` lets them be as they are, too."""


def unlike(name: str, content: bytes) -> Iterator[str]:
    """In what a file is not as `.editorconfig` asks."""
    try:
        text = content.decode()
    except UnicodeDecodeError:
        yield f"{name}: no UTF-8"
        return
    if text and not text.endswith("\n"):
        yield f"{name}: no newline at the end"
    if re.search(r"[ \t]$", text, re.MULTILINE):
        yield f"{name}: blanks at the end of a line"
    if re.search(r"^ *\t", text, re.MULTILINE):
        yield f"{name}: a tab"


def test_files_are_as_the_editor_is_told() -> None:
    wanted = configparser.ConfigParser()
    wanted.read_string("[top]\n" + (ROOT / ".editorconfig").read_text(encoding="utf-8"))
    assert dict(wanted["*"]) == {
        "charset": "utf-8",
        "end_of_line": "lf",
        "insert_final_newline": "true",
        "trim_trailing_whitespace": "true",
        "indent_style": "space",
    }
    assert set(wanted["tests/specs/bad/**"].values()) == {"unset"}
    folders = (ROOT / folder for folder in ("model", "proofs", "codegen", "generated", "tests", "docs", ".ci"))
    files = [file for folder in folders for file in folder.rglob("*") if file.is_file()]
    names = {file.relative_to(ROOT).as_posix(): file for file in [*files, *ROOT.glob("*.md"), *ROOT.glob("*.toml")]}
    kept = {name: file for name, file in names.items() if not fnmatch(name, EXEMPT) and is_ours(file)}
    assert [fault for name, file in kept.items() for fault in unlike(name, file.read_bytes())] == []


def is_ours(file: Path) -> bool:
    """Whether a file is text of this repository, and nothing that a tool left behind."""
    return file.suffix in {".py", ".md", ".toml", ".json", ".jinja", ".v", ".dot", ".mmd", ".svg"}


def test_a_file_that_is_otherwise_is_seen() -> None:
    assert list(unlike("a.py", b"x = 1\n")) == []
    assert list(unlike("a.py", b"x = 1")) == ["a.py: no newline at the end"]
    assert list(unlike("a.py", b"x = 1 \n")) == ["a.py: blanks at the end of a line"]
    assert list(unlike("a.py", b"\tx = 1\n")) == ["a.py: a tab"]
    assert list(unlike("a.py", b"\xff\n")) == ["a.py: no UTF-8"]
