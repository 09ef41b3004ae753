"""Every committed page of Markdown: its links lead somewhere, and tables of proofs and the kernel fit on a screen."""

import re
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FOLDERS = ("docs", "examples", "generated", "proofs")
PAGES = sorted({*ROOT.glob("*.md"), *(page for folder in FOLDERS for page in (ROOT / folder).rglob("*.md"))})
OF_PROOFS = [page for page in PAGES if "proofs" in page.parts and page.with_name("MANIFEST.json").exists()]

SOURCES = [
    file.as_posix() for folder in (*FOLDERS, "codegen", "model") for file in (ROOT / folder).rglob("*") if file.suffix
]

SHOWN = [*OF_PROOFS, ROOT / "docs/kernel.md"]
"""The pages with wide tables."""

SCREEN = 860
"""Pixels that a code host has for a page on a desktop."""
CHARACTER, PADDING = 8.2, 26
"""Pixels of a character of code, and those on both sides of a cell."""


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_every_page_begins_with_a_title(page: Path) -> None:
    lines = page.read_text(encoding="utf-8").splitlines()
    assert lines[lines[0].startswith("<!--")].startswith("# ")


def without_code(text: str) -> str:
    return re.sub(r"^(`{3,}).*?^\1$", "", text, flags=re.DOTALL | re.MULTILINE)


def anchors(text: str) -> Iterator[str]:
    """What a code host makes of each heading."""
    for heading in re.findall(r"^#+ (.+)$", without_code(text), re.MULTILINE):
        shown = re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", heading)
        yield re.sub(r"[^\w -]", "", shown.lower()).replace(" ", "-")


def dead_links(page: Path, text: str) -> Iterator[str]:
    """The relative links of a page that lead to no file, or to no heading of a page."""
    for link in re.findall(r"\]\(([^)\s]+)\)|<img[^>]* src=\"([^\"]+)\"", without_code(text)):
        path, _, anchor = "".join(link).partition("#")
        if re.match(r"\w+:", path):
            continue
        target = (page.parent / path).resolve() if path else page
        if not target.exists():
            yield f"{page.relative_to(ROOT)}: {path}"
        elif anchor and anchor not in anchors(text if target == page else target.read_text(encoding="utf-8")):
            yield f"{page.relative_to(ROOT)}: {path}#{anchor}"


def widest_table(text: str) -> int:
    """The pixels that the widest table of a page cannot do without, as a line breaks only at a space."""
    widest = 0.0
    tables = groupby(without_code(text).splitlines(), lambda line: line.startswith("|"))
    for rows in (list(lines) for is_table, lines in tables if is_table):
        cells = [re.split(r"(?<!\\)\|", row)[1:-1] for row in rows]
        columns = zip(*cells, strict=True)
        widest = max(widest, sum(PADDING + CHARACTER * max(map(longest_word, column)) for column in columns))
    return round(widest)


def longest_word(cell: str) -> int:
    shown = re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", cell).replace("<br>", " ").replace("`", "")
    return max(map(len, shown.split()), default=0)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_every_link_leads_somewhere(page: Path) -> None:
    assert list(dead_links(page, page.read_text(encoding="utf-8"))) == []


@pytest.mark.parametrize(
    ("link", "told"),
    [
        ("[a](docs/none.md)", "docs/none.md"),
        ("[a](docs/shell.md#no-such-heading)", "docs/shell.md#no-such-heading"),
        ("[a](#none)", "#none"),
        ("![a](none.svg)", "none.svg"),
        ("[a](docs/shell.md#rules) [b](#above) [c](https://example.org)\n\n## Above", None),
        ("```md\n[a](none.md)\n```", None),
    ],
)
def test_a_dead_link_is_seen(link: str, told: str | None) -> None:
    assert list(dead_links(ROOT / "README.md", link)) == ([] if told is None else [f"README.md: {told}"])


def test_there_is_a_page_for_each_proof() -> None:
    assert len(OF_PROOFS) == 7


@pytest.mark.parametrize("page", SHOWN, ids=lambda page: page.parent.name)
def test_no_table_is_wider_than_a_screen(page: Path) -> None:
    assert widest_table(page.read_text(encoding="utf-8")) <= SCREEN


def test_a_table_that_is_too_wide_is_seen() -> None:
    name = "a" * 48
    assert widest_table(f"| a | b |\n| --- | --- |\n| `{name}`<br>{'some words ' * 20} | {name} |") <= SCREEN
    assert widest_table(f"| a | b | c |\n| --- | --- | --- |\n| `{name}` | `{name}` | [`{name}`](b.md) |") > SCREEN


@pytest.mark.parametrize("page", OF_PROOFS, ids=lambda page: page.parent.name)
def test_every_command_on_the_page_of_a_proof_names_its_spec(page: Path) -> None:
    commands = commands_without_spec(page.read_text(encoding="utf-8"))
    assert commands == []


def commands_without_spec(text: str) -> list[str]:
    """The commands with options that would be about every spec of a project."""
    return [command for command in re.findall(r"`(quiesce \w+ [^`]*)`", text) if ".py" not in command]


def test_a_command_without_its_spec_is_seen() -> None:
    assert commands_without_spec("`quiesce mutate --write` does; `quiesce verify a.py` too") == [
        "quiesce mutate --write"
    ]


@pytest.mark.parametrize("page", OF_PROOFS, ids=lambda page: page.parent.name)
def test_no_lock_is_promised_as_the_shells_have_none(page: Path) -> None:
    assert "lock" not in re.findall(r"\w+", page.read_text(encoding="utf-8"))


NO_FILES = ("quiesce/__init__.py",)
"""The paths that a page names to say that nothing is there."""


def unknown_files(text: str) -> list[str]:
    """The paths of files, and ends of such paths, that a page names in code and that are nowhere."""
    named = {word for code in re.findall(r"`([^`\n]+)`", without_code(text)) for word in code.split(": ")[0].split()}
    paths = (name for name in named if re.fullmatch(r"[\w.-]+(/[\w.-]+)+\.(py|toml|md|json|v)", name))
    return sorted(path for path in paths if path not in NO_FILES and not is_there(path))


def is_there(path: str) -> bool:
    return (ROOT / path).exists() or any(file.endswith(f"/{path}") for file in SOURCES)


@pytest.mark.parametrize("page", [page for page in PAGES if page not in OF_PROOFS], ids=lambda page: page.stem)
def test_every_file_that_a_page_names_is_there(page: Path) -> None:
    assert unknown_files(page.read_text(encoding="utf-8")) == []


def test_a_file_that_is_gone_is_seen() -> None:
    text = "`tests/conftest.py: x`, `kernel/plan.py`, `shells/winsock/engine.py` and `and/or`"
    assert unknown_files(text) == ["shells/winsock/engine.py"]
