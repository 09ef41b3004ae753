"""ARCHITECTURE.md names the modules that there are, and the arrows that the folders have."""

import re
from collections.abc import Iterator
from pathlib import Path

from tests.architecture.test_arrows import MAY_IMPORT, SOURCES
from tests.docs.kernel_page import quoted

ROOT = Path(__file__).parents[2]
LAST = "what prove found"
"""What generation may use of the prover: less than all of it, as `test_arrows` asks."""


def page() -> str:
    return (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")


def stale_names(text: str) -> Iterator[str]:
    """What is written like a module of a room, or like a name in one, and is there no more."""
    rooms = {package.partition(".")[2]: folder for package, folder in SOURCES.items()}
    for name in sorted(set(re.findall(r"`(\w+(?:\.\w+)+)`", text))):
        room, *inside = name.split(".")
        if room in rooms and not _is_there(rooms[room], inside):
            yield name


def _is_there(folder: Path, inside: list[str]) -> bool:
    place = folder.joinpath(*inside)
    if place.is_dir() or place.with_suffix(".py").is_file():
        return True
    module = place.parent.with_suffix(".py")
    return module.is_file() and re.search(rf"\b{inside[-1]}\b", module.read_text(encoding="utf-8")) is not None


def arrows(text: str) -> dict[str, set[str]]:
    """What each room imports, as the table of rooms says."""
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines() if line.startswith("|")]
    every = {package.partition(".")[2] for package in MAY_IMPORT}
    found = {}
    for names, _, imports in (row for row in rows if len(row) == 3):
        for room in every.intersection(quoted(names)):
            told = imports.replace(LAST, "prove")
            but = told.removeprefix("all but ")
            listed = set(but.split(", ")) if but != "nothing" else set()
            found[room] = every - listed - {room} if but != told else every - {room} if told == "all" else listed
    return found


def wanted() -> dict[str, set[str]]:
    def short(package: str) -> str:
        return package.partition(".")[2]

    return {short(package): {short(other) for other in others} for package, others in MAY_IMPORT.items()}


def test_the_page_names_only_what_is_there() -> None:
    assert list(stale_names(page())) == []


def test_a_module_that_moved_is_seen() -> None:
    text = "`prove.claims`, `kernel.rules.steps`, `kernel.established.established`, `kernel.established.believed`"
    assert list(stale_names(text)) == ["kernel.established.believed", "prove.claims"]


def test_the_table_of_rooms_has_the_arrows_of_the_folders() -> None:
    assert arrows(page()) == wanted()


def test_an_arrow_that_is_wrong_is_seen() -> None:
    row = "| `mutate` | small faults of a spec, and what kills each | spec, kernel, prove, workers |"
    assert row in page()
    assert arrows(page().replace(row, row.replace(", workers", ""))) != wanted()
    assert arrows(page().replace(row, "")) != wanted()
