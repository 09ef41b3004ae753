"""The control graph in Graphviz's language."""

from quiesce.draw.view import Mark, State, detail_of, kind_in_words, mark_of, picture_of, work_in_words
from quiesce.prove.results import ControlGraph
from quiesce.quoting import dot
from quiesce.spec.model import Action


def to_dot(graph: ControlGraph) -> str:
    """A digraph: actions that stay in a state are listed in its node, parallel edges share one arrow."""
    picture = picture_of(graph)
    lines = [
        f"digraph {dot.name(picture.title)} {{",
        '  node [shape=box, style=rounded, fontname="Helvetica"];',
        '  edge [fontname="Helvetica", fontsize=11];',
    ]
    for number, state in enumerate(picture.states):
        lines.append(f"  s{number} [label=<{_node(state)}>];")
        if state.initial:
            lines.append(f"  i{number} [shape=point, width=0.15];")
            lines.append(f"  i{number} -> s{number};")
    for arrow in picture.arrows:
        dashed = all(mark_of(action) is Mark.ENVIRONMENT for action in arrow.actions)
        label = "<br/>".join(_row(action) for action in arrow.actions)
        style = ", style=dashed" if dashed else ""
        lines.append(f"  s{arrow.source} -> s{arrow.target} [label=<{label}>{style}];")
    return "\n".join([*lines, "}"]) + "\n"


def _node(state: State) -> str:
    rows = "".join(f'{_row(action)}<br align="left"/>' for action in state.loops)
    work = f"<br/><i>{dot.label(work_in_words(state))}</i>" if state.work else ""
    return f"<b>{dot.label(state.name)}</b>{work}" + (f'<br/><font point-size="10">{rows}</font>' if rows else "")


def _row(action: Action) -> str:
    note = detail_of(action) if mark_of(action) is Mark.ACCEPTED else kind_in_words(action)
    return dot.label(f"{action.name} ({note})" if note else action.name)
