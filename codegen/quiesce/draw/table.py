"""The control graph as a Markdown table."""

from quiesce.draw.view import kind_in_words, picture_of
from quiesce.prove.results import ControlGraph
from quiesce.quoting.markdown import code, table


def to_table(graph: ControlGraph) -> str:
    """One row per edge, sorted by source, target and the order of the spec."""
    picture = picture_of(graph)
    edges = [(arrow.source, arrow.target, action) for arrow in picture.arrows for action in arrow.actions]
    edges += [(number, number, action) for number, state in enumerate(picture.states) for action in state.loops]
    rows = (
        (
            code(picture.states[source].name),
            code(action.name),
            kind_in_words(action),
            code(picture.states[target].name),
        )
        for source, target, action in sorted(edges, key=lambda edge: edge[:2])
    )
    return "\n".join(table(("from", "action", "kind", "to"), rows))
