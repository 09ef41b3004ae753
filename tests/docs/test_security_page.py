"""What `docs/security.md` promises is tested: each promise names tests that there are."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from tests.docs.kernel_page import quoted

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs/security.md"
HEADINGS = [
    "What may be hostile",
    "What may not",
    "What is promised",
    "How notes are kept apart",
    "What is not promised",
    "How to report",
]


def promises(text: str) -> list[list[str]]:
    rows = [line.strip("|").split("|") for line in text.splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in row] for row in rows[1:]]


@cache  # each promise asks
def names_of_tests(text: str) -> frozenset[str]:
    functions = (node.name for node in ast.walk(ast.parse(text)) if isinstance(node, ast.FunctionDef))
    return frozenset(name for name in functions if name.startswith("test_"))


def faults(text: str) -> Iterator[str]:
    """What is wrong with the page."""
    if re.findall(r"^## (.*)$", text, re.MULTILINE) != HEADINGS:
        yield "its headings are others"
    if len(promises(text)) < 10:
        yield "it promises next to nothing"
    for promise, tests in promises(text):
        if not quoted(tests):
            yield f"nothing tests: {promise}"
        for reference in quoted(tests):
            file, _, name = reference.partition(": ")
            if not (ROOT / file).is_file() or name not in names_of_tests((ROOT / file).read_text(encoding="utf-8")):
                yield f"there is no test {reference}"
    if re.search(r"https?://|\S@\S", text):
        yield "it has an address of somebody"


def test_every_promise_names_tests_that_there_are() -> None:
    assert list(faults(PAGE.read_text(encoding="utf-8"))) == []


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("test_a_spec_is_never_run", "test_a_spec_is_seldom_run", "there is no test tests/spec/test_reader.py: "),
        ("tests/cli/test_safe_path.py", "tests/cli/test_path.py", "there is no test tests/cli/test_path.py: "),
        ("`tests/certify/test_forgeries.py: test_no_forgery_is_accepted`", "", "nothing tests: Hints prove nothing"),
        ("## How to report", "## How to keep silent", "its headings are others"),
        ("to its maintainers", "to somebody@somewhere", "it has an address of somebody"),
    ],
)
def test_a_page_that_is_wrong_is_found_out(old: str, new: str, told: str) -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert old in text
    assert [fault for fault in faults(text.replace(old, new)) if fault.startswith(told)]


def test_the_readme_leads_to_the_page() -> None:
    assert "(docs/security.md)" in (ROOT / "README.md").read_text(encoding="utf-8")
