"""The control graph as a Markdown table."""

import re

from quiesce.draw.view import kind_in_words, picture_of
from quiesce.prove.results import ControlGraph


def to_table(graph: ControlGraph) -> str:
    """One row per edge, sorted by source, target and the order of the spec."""
    picture = picture_of(graph)
    edges = [(arrow.source, arrow.target, action) for arrow in picture.arrows for action in arrow.actions]
    edges += [(number, number, action) for number, state in enumerate(picture.states) for action in state.loops]
    lines = ["| from | action | kind | to |", "|---|---|---|---|"]
    for source, target, action in sorted(edges, key=lambda edge: edge[:2]):
        start, end = picture.states[source].name, picture.states[target].name
        lines.append(f"| `{start}` | `{action.name}` | {_escaped(kind_in_words(action))} | `{end}` |")
    return "\n".join(lines) + "\n"


def _escaped(text: str) -> str:
    """Plain text for a cell: Markdown lets a backslash stand before any ASCII punctuation."""
    return re.sub(r"([!-/;-@\[-`{-~])", r"\\\1", " ".join(text.split()))
