"""Messages of a build about files that are not as it would leave them, with advice."""

from collections.abc import Collection, Iterator, Mapping
from difflib import unified_diff
from itertools import islice
from pathlib import Path

from quiesce.console.builds.pages import Pages
from quiesce.console.project import Project
from quiesce.generate.files.compare import FileState, Status
from quiesce.spec.visible import visible

IN_THE_WAY = (Status.HAND_EDITED, Status.FOREIGN)
"""The kinds of files that a build does not overwrite unless it is told to."""

_LONGEST_DIFFERENCE = 20
"""The number of lines that are shown of a difference."""

_MOST_DIFFERENCES = 5
"""The number of files that are shown with their differences; of others only the names are told."""

_WIDEST_LINE = 160
"""The number of characters that are shown of each line of a difference."""


def told(project: Project, pages: Pages, drifted: tuple[tuple[Path, FileState], ...]) -> Iterator[str]:
    """One line for each file, and below the first files that somebody changed what is different in them."""
    texts = {folder / path: text for some, folder in pages.folders(project) for path, text in some.items()}
    shown = 0
    for folder, state in drifted:
        place = folder / state.path
        yield f"{project.shown(place.parent) / place.name}: {state.status.value}"
        if state.status is Status.HAND_EDITED and shown < _MOST_DIFFERENCES:
            shown += 1
            yield from _difference(texts, place)


def advice(statuses: Collection[Status]) -> str:
    """Advice on files of these kinds."""
    force = "overwrite it with `quiesce build --force`"
    first = []
    if Status.HAND_EDITED in statuses:
        first.append(f"what was changed by hand: undo it, or {force}")
    if Status.FOREIGN in statuses:
        first.append(f"what is foreign: move it away, or {force}")
    if set(statuses) - set(IN_THE_WAY):
        first.append("then run `quiesce build` and commit what it writes")
    return "; ".join(first).removeprefix("then ")


def _difference(texts: Mapping[Path, str], place: Path) -> Iterator[str]:
    try:
        found = place.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return  # it was changed once more, a moment ago
    lines = unified_diff(texts[place].splitlines(), found.splitlines(), "as generated", "on disk", n=1, lineterm="")
    for line in islice(lines, _LONGEST_DIFFERENCE):
        yield f"  {_shown(line)}"
    if more := sum(1 for _ in lines):
        yield f"  … and {more} more lines"


def _shown(line: str) -> str:
    """A line as it can go to a terminal, whatever somebody wrote into it."""
    plain = visible(line)
    return plain if len(plain) <= _WIDEST_LINE else f"{plain[: _WIDEST_LINE - 2]} …"
