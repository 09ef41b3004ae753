"""The control graph as a Mermaid state diagram, which GitHub and many editors draw."""

from quiesce.draw.view import Mark, State, kind_in_words, mark_of, picture_of, work_in_words
from quiesce.prove.results import ControlGraph
from quiesce.quoting.mermaid import text
from quiesce.spec.model import Action


def to_mermaid(graph: ControlGraph) -> str:
    """A `stateDiagram-v2`. Actions that stay in a state are listed in it.

    Drawn as loops they would hide one another: Mermaid keeps one of several, and puts its label over what is near.
    """
    picture = picture_of(graph)
    lines = ["stateDiagram-v2"]
    lines += [f'  state "{text(state.name)}" as s{number}' for number, state in enumerate(picture.states)]
    inside = ((number, _inside(state)) for number, state in enumerate(picture.states))
    lines += [f"  s{number} : {'<br/>'.join(rows)}" for number, rows in inside if rows]
    lines += [f"  [*] --> s{number}" for number, state in enumerate(picture.states) if state.initial]
    lines += [f"  s{arrow.source} --> s{arrow.target} : {_rows(arrow.actions)}" for arrow in picture.arrows]
    return "\n".join(lines) + "\n"


def _inside(state: State) -> list[str]:
    """The rows of a state: its work, and the actions that stay in it."""
    return [*([text(work_in_words(state))] if state.work else []), *map(_row, state.loops)]


def _rows(actions: tuple[Action, ...]) -> str:
    return "<br/>".join(_row(action) for action in actions)


def _row(action: Action) -> str:
    plain = mark_of(action) is Mark.ACCEPTED
    return text(action.name if plain else f"{action.name} ({kind_in_words(action)})")
