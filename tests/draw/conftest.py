"""Control graphs to draw, made by hand so that no solver is needed."""

from collections.abc import Callable, Iterable
from pathlib import PurePosixPath
from typing import TypeAlias

import pytest
from quiesce.kernel.subjects import Location
from quiesce.prove.results import ControlGraph, Edge
from quiesce.spec.model import Accepts, Action, ActionKind, Blocks, Fails, Machine, Outcome, Span

_SPAN = Span(1, 1, 1, 2)
_KINDS: dict[str, tuple[ActionKind, Outcome]] = {
    "call": (ActionKind.CALL, Accepts()),
    "waits": (ActionKind.CALL, Blocks(())),
    "internal": (ActionKind.INTERNAL, Accepts()),
    "environment": (ActionKind.ENVIRONMENT, Accepts()),
}

Actions: TypeAlias = dict[str, str]
"""The kind of each action under its name; a kind that is none of the known ones is the error of a refusal."""
GraphOf: TypeAlias = Callable[[Iterable[Location], Actions, Iterable[tuple[Location, str, Location]]], ControlGraph]


def build_graph(
    locations: Iterable[Location], actions: Actions, edges: Iterable[tuple[Location, str, Location]]
) -> ControlGraph:
    places = tuple(locations)
    machine = Machine(
        name="Service",
        doc="A service that several callers share.",
        path=PurePosixPath("model/service.py"),
        enums=(),
        variables=(),
        policies=(),
        families=(),
        actions=tuple(_action(name, kind) for name, kind in actions.items()),
        promises=(),
        requirements=(),
        span=_SPAN,
    )
    variables = tuple(f"variable_{n}" for n in range(len(places[0])))
    return ControlGraph(machine, variables, places, places[:1], tuple(Edge(*edge) for edge in edges))


def _action(name: str, kind: str) -> Action:
    who, outcome = _KINDS.get(kind, (ActionKind.CALL, Fails(kind)))
    return Action(
        name=name,
        kind=who,
        calls=(f"Svc{name.title()}",) if who is ActionKind.CALL else (),
        parameters=(),
        when=(),
        body=(),
        outcome=outcome,
        satisfies=(),
        doc="",
        span=_SPAN,
    )


@pytest.fixture(scope="session")
def graph_of() -> GraphOf:
    """Builds a control graph whose first location is the initial one."""
    return build_graph


@pytest.fixture(scope="session")
def lifecycle() -> ControlGraph:
    """Four phases, every kind of action, parallel edges, loops, and arrows back."""
    down, starting, up, draining = (("DOWN",), ("STARTING",), ("UP",), ("DRAINING",))
    actions = {
        "start": "call",
        "started": "internal",
        "start_failed": "internal",
        "start_timed_out": "environment",
        "nested_start": "call",
        "nested_stop": "call",
        "stop": "call",
        "not_running": "NOT_RUNNING",
        "wait": "waits",
        "transmit": "environment",
        "release": "internal",
        "take_over": "call",
    }
    edges = [
        (draining, "release", down),
        (down, "start", starting),
        (starting, "started", up),
        (starting, "start_timed_out", down),
        (starting, "start_failed", down),
        (up, "nested_stop", up),
        (up, "nested_start", up),
        (up, "transmit", up),
        (up, "stop", draining),
        (draining, "take_over", up),
        (draining, "transmit", draining),
        (draining, "wait", draining),
        (starting, "wait", starting),
        (down, "not_running", down),
        (draining, "not_running", draining),
    ]
    return build_graph((down, starting, up, draining), actions, edges)
