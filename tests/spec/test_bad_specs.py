"""Every kind of mistake has a small bad spec that shows it. A comment in it says where each mistake is reported.

`# error: Q012 `name`` expects Q012 under exactly this text of the line, `# error: Q012 `name` 2` under its second
occurrence; `# error: Q012 at 5` expects it from that column on, and `# error: Q012` anywhere in the line.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TypeAlias

import pytest
from quiesce.spec.codes import Code
from quiesce.spec.diagnostics import Diagnostic, SpecError
from quiesce.spec.reader import read_file

Expected: TypeAlias = tuple[int, str, tuple[int, int] | None]

BAD = Path(__file__).parents[1] / "specs" / "bad"
FILES = sorted(BAD.glob("q*.py"))
MARKER = re.compile(r"# error: (?P<code>Q\d+)(?: `(?P<text>[^`]+)`(?: (?P<nth>\d+))?| at (?P<column>\d+))?")


def expected(path: Path) -> Iterator[Expected]:
    for number, line in enumerate(path.read_bytes().decode(errors="replace").split("\n"), 1):
        for marker in MARKER.finditer(line):
            yield number, marker["code"], expected_columns(line.partition("# error:")[0], marker)


def expected_columns(line: str, marker: re.Match[str]) -> tuple[int, int] | None:
    if marker["column"]:
        return int(marker["column"]), int(marker["column"]) + 1
    if marker["text"]:
        occurrences = list(re.finditer(rf"(?<!\w){re.escape(marker['text'])}(?!\w)", line))
        occurrence = occurrences[int(marker["nth"] or 1) - 1]
        return occurrence.start() + 1, occurrence.end() + 1
    return None


def found(path: Path) -> tuple[Diagnostic, ...]:
    with pytest.raises(SpecError) as caught:
        read_file(path)
    return caught.value.diagnostics


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_bad_spec_has_its_mistakes_reported_where_they_are_and_no_others(path: Path) -> None:
    wanted, diagnostics = sorted(expected(path), key=lambda e: (e[0], e[2] or ())), found(path)
    assert [(d.span.line, d.code) for d in diagnostics] == [(line, code) for line, code, _ in wanted]
    for diagnostic, (line, _, columns) in zip(diagnostics, wanted, strict=True):
        if columns is not None:
            assert (diagnostic.span.column, diagnostic.span.end_column) == columns, (line, diagnostic)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_bad_spec_is_named_after_the_one_code_it_shows(path: Path) -> None:
    assert {d.code for d in found(path)} == {path.stem[:4].upper()}


def test_every_code_has_a_bad_spec_but_the_one_for_files_that_cannot_be_read() -> None:
    assert {code.number for code in Code} - {path.stem[:4].upper() for path in FILES} == {Code.UNREADABLE.number}


def test_codes_are_numbered_in_order_and_once() -> None:
    numbers = [code.number for code in Code]
    assert numbers == sorted(set(numbers))
