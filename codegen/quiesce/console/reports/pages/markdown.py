"""Pieces of Markdown that the committed pages share; each is given line by line."""

from collections.abc import Iterable, Iterator


def heading(text: str, level: int = 2) -> Iterator[str]:
    """A heading, of the second level if nothing else is said."""
    yield f"{'#' * level} {text}"
    yield ""


def table(header: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> Iterator[str]:
    """A table. A cell may hold any text: it becomes one line."""
    for row in (header, ("---",) * len(header), *rows):
        yield f"| {' | '.join(' '.join(cell.split()).replace('|', chr(92) + '|') for cell in row)} |"
    yield ""


def listed(names: Iterable[str]) -> str:
    """Names one after the other, each as code; `none` if there are none."""
    return ", ".join(f"`{name}`" for name in names) or "none"
