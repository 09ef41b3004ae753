"""What a drawing guarantees about where things are, for machines of every shape."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import combinations, pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from quiesce.draw.columns import PORT_GAP, ports
from quiesce.draw.geometry import MARKER, Box, Drawing, Line, Point, Rect
from quiesce.draw.layout import laid_out
from quiesce.draw.view import Arrow, Picture, State, picture_of
from quiesce.prove.results import ControlGraph
from quiesce.spec.model import Accepts, Action, ActionKind, Blocks, Fails, Outcome, Span

from tests.by_day import examples

OUTCOMES: list[tuple[ActionKind, Outcome]] = [
    (ActionKind.CALL, Accepts()),
    (ActionKind.CALL, Fails("WSAESOMETHING")),
    (ActionKind.CALL, Blocks(())),
    (ActionKind.INTERNAL, Accepts()),
    (ActionKind.ENVIRONMENT, Accepts()),
]
NAMES = st.text(alphabet="abcMW_i接", min_size=1, max_size=40)


@st.composite
def actions(draw: st.DrawFn) -> Action:
    kind, outcome = draw(st.sampled_from(OUTCOMES))
    calls = ("SvcCall",) if kind is ActionKind.CALL else ()
    return Action(draw(NAMES), kind, calls, (), (), (), outcome, (), "", Span(1, 1, 1, 2))


@st.composite
def pictures(draw: st.DrawFn) -> Picture:
    size = draw(st.integers(1, 9))
    loops = st.lists(actions(), max_size=6)
    states = [State(draw(NAMES), number == 0 or draw(st.booleans()), tuple(draw(loops))) for number in range(size)]
    pairs = [(a, b) for a in range(size) for b in range(size) if a != b]
    chosen = sorted(draw(st.sets(st.sampled_from(pairs), max_size=24))) if pairs else []
    labels = st.lists(actions(), min_size=1, max_size=3)
    return Picture(
        title=draw(NAMES),
        doc=draw(NAMES),
        variables=("phase",),
        states=tuple(states),
        arrows=tuple(Arrow(a, b, tuple(draw(labels))) for a, b in chosen),
    )


def room(box: Box) -> Rect:
    """The box and the marker beside it."""
    rect = box.panel.rect
    return replace(rect, x=rect.x - MARKER, width=rect.width + MARKER) if box.initial else rect


def stretches(line: Line) -> Iterator[Rect]:
    """The line's stretches, each a rectangle one pixel wide."""
    for a, b in pairwise(line.points):
        yield Rect(min(a.x, b.x), min(a.y, b.y), max(abs(a.x - b.x), 1), max(abs(a.y - b.y), 1))


def runs_along(one: tuple[Point, Point], two: tuple[Point, Point]) -> bool:
    """Whether two stretches, both level or both upright, run side by side with less than four pixels between them."""
    (a, b), (c, d) = one, two
    if a.x == b.x and c.x == d.x and abs(a.x - c.x) < 4:
        return max(min(a.y, b.y), min(c.y, d.y)) < min(max(a.y, b.y), max(c.y, d.y))
    if a.y == b.y and c.y == d.y and abs(a.y - c.y) < 4:
        return max(min(a.x, b.x), min(c.x, d.x)) < min(max(a.x, b.x), max(c.x, d.x))
    return False


def faults(drawing: Drawing) -> list[str]:
    """Everything that is wrong with the drawing, in words."""
    labels = {f"label {n}": line.label.rect for n, line in enumerate(drawing.lines)}
    boxes = {f"box {n}": room(box) for n, box in enumerate(drawing.boxes)}
    legend = {"legend": drawing.legend.rect} if drawing.legend.texts else {}
    things = {**labels, **boxes, **legend, "heading": drawing.heading.rect}
    found = [f"{a} overlaps {b}" for a, b in combinations(things, 2) if things[a].overlaps(things[b])]
    canvas = Rect(0, 0, drawing.width, drawing.height)
    found += [f"{name} leaves the canvas" for name, rect in things.items() if not canvas.contains(rect)]
    for number, line in enumerate(drawing.lines):
        for stretch in stretches(line):
            found += [f"line {number} meets {name}" for name, rect in things.items() if stretch.overlaps(rect)]
            if not canvas.contains(stretch):
                found.append(f"line {number} leaves the canvas")
        if any(a.x != b.x and a.y != b.y for a, b in pairwise(line.points)):
            found.append(f"line {number} is slanted")
        for state, end in ((line.source, line.points[0]), (line.target, line.points[-1])):
            rect = drawing.boxes[state].panel.rect
            if not (rect.x < end.x < rect.right and end.y in (rect.y, rect.bottom)):
                found.append(f"line {number} does not end at the rim of box {state}")
    for (a, line), (b, other) in combinations(enumerate(drawing.lines), 2):
        if any(runs_along(one, two) for one in pairwise(line.points) for two in pairwise(other.points)):
            found.append(f"line {a} runs along line {b}")
    panels = [*(box.panel for box in drawing.boxes), *(line.label for line in drawing.lines), drawing.heading]
    for panel in [*panels, drawing.legend]:
        parts = [text.rect for text in panel.texts] + [icon.rect for icon in panel.icons]
        found += [f"{rect} leaves {panel.rect}" for rect in parts if not panel.rect.contains(rect)]
        found += [f"{a} overlaps {b}" for a, b in combinations(parts, 2) if a.overlaps(b)]
    return found


@pytest.mark.slow
@settings(deadline=None, derandomize=True, max_examples=examples(50))
@given(pictures())
def test_nothing_overlaps_in_any_picture(picture: Picture) -> None:
    assert faults(laid_out(picture)) == []


@pytest.mark.parametrize("size", [1, 2, 7, 12])
def test_nothing_overlaps_where_every_state_leads_to_every_other(
    size: int, graph_of: Callable[..., ControlGraph]
) -> None:
    places = [(f"S{number}",) for number in range(size)]
    graph = graph_of(places, {"go": "call", "stay": "ENO"}, [(a, "go", b) for a in places for b in places])
    drawing = laid_out(picture_of(graph))
    assert len(drawing.lines) == size * (size - 1)
    assert faults(drawing) == []


def test_arrows_that_trade_places_stay_apart(graph_of: Callable[..., ControlGraph]) -> None:
    places = [(f"S{number}",) for number in range(5)]
    pairs = [(0, 2), (2, 1), (2, 4), (3, 1), (3, 4)]
    graph = graph_of(places, {"go": "call"}, [(places[a], "go", places[b]) for a, b in pairs])
    assert faults(laid_out(picture_of(graph))) == []


def test_faults_are_seen(lifecycle: ControlGraph) -> None:
    drawing = laid_out(picture_of(lifecycle))
    first, second, *others = drawing.boxes
    rect = second.panel.rect
    dx, dy = first.panel.rect.x - rect.x, first.panel.rect.y - rect.y
    moved = replace(second, panel=second.panel.shifted(dx, dy))
    assert "box 0 overlaps box 1" in faults(replace(drawing, boxes=(first, moved, *others)))
    line = drawing.lines[0]
    middle = Point(rect.x + 5, rect.y + 5)
    crooked = replace(line, points=(line.points[0], middle, line.points[-1]))
    found = faults(replace(drawing, lines=(crooked, *drawing.lines[1:])))
    assert {"line 0 is slanted", "line 0 meets box 1"} <= set(found)
    doubled = replace(drawing.lines[1], points=line.points)
    assert "line 0 runs along line 1" in faults(replace(drawing, lines=(line, doubled, *drawing.lines[2:])))


def test_start_is_at_the_top_and_time_runs_down(lifecycle: ControlGraph) -> None:
    drawing = laid_out(picture_of(lifecycle))
    tops = [box.panel.rect.y for box in drawing.boxes]
    assert [box.name for box in drawing.boxes] == ["DOWN", "STARTING", "UP", "DRAINING"]
    assert tops == sorted(set(tops))
    assert [box.initial for box in drawing.boxes] == [True, False, False, False]


def test_ways_between_neighbours_are_straight_in_a_plain_lifecycle(lifecycle: ControlGraph) -> None:
    drawing = laid_out(picture_of(lifecycle))
    forward = [line for line in drawing.lines if line.target == line.source + 1]
    assert len(forward) == 3
    assert [len(line.points) for line in forward] == [2, 2, 2]


def test_a_line_has_the_mark_that_all_its_actions_share(lifecycle: ControlGraph) -> None:
    marks = {(line.source, line.target): line.mark for line in laid_out(picture_of(lifecycle)).lines}
    assert marks[1, 0] is None, "one failure is internal, the other comes from the environment"
    assert all(mark is not None for ends, mark in marks.items() if ends != (1, 0))


@given(st.lists(st.integers(-300, 300), min_size=1, max_size=8).map(sorted), st.integers(0, 200))
def test_ports_keep_their_distance_and_bounds(wanted: list[int], slack: int) -> None:
    low, high = -50, -50 + (len(wanted) - 1) * PORT_GAP + slack
    found = ports(wanted, low, high)
    assert all(right - left >= PORT_GAP for left, right in pairwise(found))
    assert low <= found[0]
    assert found[-1] <= high


def test_ports_stay_where_they_are_wanted_if_there_is_room() -> None:
    assert ports([-40, 0, 60], -100, 100) == [-40, 0, 60]
