"""The control graph as a Markdown table."""

from quiesce.draw.view import kind_in_words, picture_of
from quiesce.prove.results import ControlGraph
from quiesce.quoting.markdown import code, listed, table


def to_page(graph: ControlGraph) -> str:
    """The table below a title and a sentence that says how to read it. `graph.svg` lies beside it."""
    picture = picture_of(graph)
    states = f"States are the values of {listed(picture.variables)}. " if picture.variables else ""
    title = f"# {graph.machine.name}: its actions from state to state"
    how = (
        f"{states}A row is an action that can lead from one state to another; an action that is refused or waits "
        "changes nothing. `graph.svg` is a picture of it."
    )
    return "\n".join((title, "", how, "", to_table(graph)))


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
