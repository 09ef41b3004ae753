"""Each page of `docs/decisions` has the same four parts, is listed, and names only what is there."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.docs.test_architecture_page import stale_names

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "docs/decisions"
CONTENTS = FOLDER / "README.md"
PAGES = {path.name: path.read_text(encoding="utf-8") for path in sorted(FOLDER.glob("*.md")) if path != CONTENTS}
PARTS = ["Context", "Alternatives", "Decision", "Cost"]


def faults(text: str) -> Iterator[str]:
    """What a page of a decision lacks, or says of what is not there."""
    title, *parts = text.split("\n## ")
    if not title.startswith("# ") or [part.partition("\n")[0] for part in parts] != PARTS:
        yield "its headings are others"
    yield from (f"nothing stands below {part.splitlines()[0]}" for part in parts if len(part.splitlines()) < 3)
    yield from (f"there is no {name}" for name in stale_names(text))
    yield from (f"a link leads nowhere: {link}" for link in dead_links(text))


def dead_links(text: str) -> list[str]:
    links = [part.partition(")")[0] for part in text.split("](")[1:]]
    return [link for link in links if not (FOLDER / link).is_file()]


def unlisted(pages: dict[str, str], contents: str) -> list[str]:
    """The pages that the contents do not list under their own titles."""
    titles = {name: text.partition("\n")[0].removeprefix("# ") for name, text in pages.items()}
    return [name for name, title in titles.items() if f"- [{title}]({name})\n" not in contents]


@pytest.mark.parametrize("name", PAGES)
def test_a_page_has_context_alternatives_decision_and_cost(name: str) -> None:
    assert list(faults(PAGES[name])) == []


def test_a_page_that_lacks_something_is_seen() -> None:
    page = PAGES["a-kernel-decides.md"]
    assert list(faults(page.replace("## Cost", "## Price"))) == ["its headings are others"]
    assert list(faults(page.partition("## Cost")[0] + "## Cost\n")) == ["nothing stands below Cost"]
    assert list(faults(page.replace("established.established", "established.believed")))
    assert list(faults(page.replace("../kernel.md", "../colonel.md"))) == ["a link leads nowhere: ../colonel.md"]


def test_every_page_is_listed_under_its_title() -> None:
    contents = CONTENTS.read_text(encoding="utf-8")
    assert unlisted(PAGES, contents) == []
    assert dead_links(contents) == []
    assert unlisted(PAGES, contents.replace("A small kernel decides", "A kernel decides")) == ["a-kernel-decides.md"]


def test_the_architecture_leads_to_the_decisions() -> None:
    assert "(docs/decisions/README.md)" in (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
