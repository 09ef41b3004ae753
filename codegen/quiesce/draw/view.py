"""The view of a graph for every picture: states with the actions that stay in them, and arrows with merged actions."""

from collections.abc import Iterable
from enum import Enum
from typing import assert_never

from quiesce.kernel.subjects import Location
from quiesce.prove.results import ControlGraph
from quiesce.spec.model import Accepts, Action, ActionKind, Blocks, Fails
from quiesce.spec.record import record
from quiesce.text.visible import one_line


class Mark(Enum):
    """The mark of an action: its outcome, and who takes it; the value is its name in pictures."""

    ACCEPTED = "call"
    BLOCKED = "waits"
    REFUSED = "refused"
    INTERNAL = "internal"
    ENVIRONMENT = "environment"
    SUCCEEDS = "done"
    FAILS = "failed"


@record
class State:
    """A location. `loops` are the actions that may leave it as it is, in the order of the spec.

    `work` names the activities that may be due there: those of which some outcome is possible.
    """

    name: str
    initial: bool
    loops: tuple[Action, ...]
    work: tuple[str, ...] = ()


@record
class Arrow:
    """All actions that lead from one state to another; states are given by their index."""

    source: int
    target: int
    actions: tuple[Action, ...]


@record
class Picture:
    """A control graph, ready to be drawn. Arrows join different states and are sorted by source and target."""

    title: str
    doc: str
    variables: tuple[str, ...]
    states: tuple[State, ...]
    arrows: tuple[Arrow, ...]


def picture_of(graph: ControlGraph) -> Picture:
    """The graph with parallel edges merged. Raises KeyError if an edge names a location or action that is not there."""
    index = {location: number for number, location in enumerate(graph.locations)}
    between: dict[tuple[int, int], set[str]] = {}
    for edge in graph.edges:
        between.setdefault((index[edge.source], index[edge.target]), set()).add(edge.action)

    rank = {name: number for number, name in enumerate(graph.machine.actions_by_name)}

    def in_order(names: Iterable[str]) -> tuple[Action, ...]:
        return tuple(graph.machine.actions_by_name[name] for name in sorted(names, key=rank.__getitem__))

    return Picture(
        title=graph.machine.name,
        doc=one_line(graph.machine.doc.strip().partition("\n")[0]),
        variables=graph.variables,
        states=tuple(
            State(
                location_name(location, graph),
                location in graph.initial,
                in_order(between.get((number, number), ())),
                _work(in_order(name for (source, _), names in between.items() if source == number for name in names)),
            )
            for location, number in index.items()
        ),
        arrows=tuple(
            Arrow(source, target, in_order(names))
            for (source, target), names in sorted(between.items(), key=lambda entry: entry[0])
            if source != target
        ),
    )


def _work(actions: tuple[Action, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(action.ends.name for action in actions if action.ends is not None))


def work_in_words(state: State) -> str:
    """The activities of a state, such as `work: open`."""
    return f"work: {', '.join(state.work)}"


def location_name(location: Location, graph: ControlGraph) -> str:
    """The values side by side; a machine without enum variables has one location, which bears the machine's name."""
    return " / ".join(location) or graph.machine.name


def mark_of(action: Action) -> Mark:
    """The mark of an action in pictures."""
    match action.kind:
        case ActionKind.INTERNAL:
            return Mark.INTERNAL
        case ActionKind.ENVIRONMENT:
            return Mark.ENVIRONMENT
        case ActionKind.ACTIVITY:
            return Mark.FAILS if action.ends is not None and action.ends.fails else Mark.SUCCEEDS
        case ActionKind.CALL:
            pass
        case _:
            assert_never(action.kind)
    match action.outcome:
        case Accepts():
            return Mark.ACCEPTED
        case Fails():
            return Mark.REFUSED
        case Blocks():
            return Mark.BLOCKED
        case _:
            assert_never(action.outcome)


def detail_of(action: Action) -> str:
    """The detail beside the name of an action: its error, the activity that it ends, or the one call that it has."""
    if action.ends is not None:
        return action.ends.name
    match action.outcome:
        case Fails(error):
            return error
        case Accepts() | Blocks():
            return action.calls[0] if len(action.calls) == 1 and action.calls[0] != action.name else ""
        case _:
            assert_never(action.outcome)


def kind_in_words(action: Action) -> str:
    """The kind of an action in words, such as `call`, `internal`, `refused: WSAEFAULT` or `done: open`."""
    mark = mark_of(action).value
    if action.ends is not None:
        return f"{mark}: {action.ends.name}"
    return f"{mark}: {action.outcome.error}" if isinstance(action.outcome, Fails) else mark
