"""The control graph as a picture of its own: prints a drawing as SVG, which browsers, editors and GitHub show."""

from collections.abc import Iterator, Sequence

from quiesce.draw.geometry import MARKER, Box, Drawing, Icon, Line, Panel, Point, Text
from quiesce.draw.layout import laid_out
from quiesce.draw.palette import stylesheet
from quiesce.draw.view import Mark, picture_of
from quiesce.prove.results import ControlGraph
from quiesce.quoting import xml

_ICONS = {
    Mark.ACCEPTED: '<path class="icon" d="M{0} {1}m-5 0h9m-3.5-3.5l3.5 3.5l-3.5 3.5"/>',
    Mark.BLOCKED: '<path class="icon" d="M{0} {1}m-4-5h8l-8 10h8z"/>',
    Mark.REFUSED: '<path class="icon" d="M{0} {1}m-4-4l8 8m0-8l-8 8"/>',
    Mark.INTERNAL: '<path class="icon" d="M{0} {1}m0-5l5 5l-5 5l-5-5z"/>',
    Mark.ENVIRONMENT: '<path class="icon" d="M{0} {1}m-5.5 1c2-5 4-5 5.5-1s3.5 4 5.5-1"/>',
    Mark.SUCCEEDS: '<path class="icon" d="M{0} {1}m-4.5 0l3 3.5l6-7"/>',
    Mark.FAILS: '<path class="icon" d="M{0} {1}m1-5l-4 5h6l-4 5"/>',
}
_CORNER = 8
_HEAD = 9


def to_svg(graph: ControlGraph) -> str:
    """One self-contained SVG document.

    It follows the reader's light or dark theme, runs no script and loads nothing. Elements carry `data-location`,
    `data-source`, `data-target` and `data-action`, so that a page around it can find them.
    """
    return "\n".join(_document(laid_out(picture_of(graph)))) + "\n"


def _document(drawing: Drawing) -> Iterator[str]:
    size = f'width="{drawing.width}" height="{drawing.height}" viewBox="0 0 {drawing.width} {drawing.height}"'
    yield f'<svg xmlns="http://www.w3.org/2000/svg" class="quiesce" role="img" {size}>'
    yield f"<title>{xml.text(drawing.title)}</title>"
    yield f"<desc>{xml.text(drawing.description)}</desc>"
    yield f"<style>\n{stylesheet()}\n</style>"
    yield f'<rect class="paper" width="{drawing.width}" height="{drawing.height}" rx="12"/>'
    yield from _panel(drawing.heading)
    names = [box.name for box in drawing.boxes]
    for line in drawing.lines:
        yield from _line(line, names)
    for box in drawing.boxes:
        yield from _box(box)
    yield from _panel(drawing.legend)
    yield "</svg>"


def _box(box: Box) -> Iterator[str]:
    rect = box.panel.rect
    yield f'<g class="location" data-location="{xml.text(box.name)}">'
    yield f'<rect class="box" x="{rect.x}" y="{rect.y}" width="{rect.width}" height="{rect.height}" rx="10"/>'
    if box.panel.rule is not None:
        yield f'<path class="rule" d="M{rect.x} {box.panel.rule}h{rect.width}"/>'
    if box.initial:
        start, end = Point(rect.x - MARKER + 6, rect.y + 24), Point(rect.x, rect.y + 24)
        yield f'<circle class="solid" cx="{start.x}" cy="{start.y}" r="6"/>'
        yield f'<path class="line" d="M{start.x} {start.y}H{end.x - _HEAD}"/>'
        yield _head(start, end)
    yield from _panel(box.panel)
    yield "</g>"


def _line(line: Line, names: Sequence[str]) -> Iterator[str]:
    look = line.mark.value if line.mark else "mixed"
    yield f'<g data-source="{xml.text(names[line.source])}" data-target="{xml.text(names[line.target])}">'
    yield f'<path class="line {look}" d="{_path(line.points)}"/>'
    yield f'<g class="{look}">{_head(*line.points[-2:])}</g>'
    yield from _panel(line.label)
    yield "</g>"


def _panel(panel: Panel) -> Iterator[str]:
    yield from map(_icon, panel.icons)
    yield from map(_text_element, panel.texts)


def _text_element(text: Text) -> str:
    look = f"{text.style.value.css} {text.mark.value}" if text.mark else text.style.value.css
    action = f' data-action="{xml.text(text.action)}"' if text.action else ""
    return f'<text class="{look}" x="{text.x}" y="{text.y}"{action}>{xml.text(text.text)}</text>'


def _icon(icon: Icon) -> str:
    return f'<g class="{icon.mark.value}">{_ICONS[icon.mark].format(icon.x, icon.y)}</g>'


def _path(points: Sequence[Point]) -> str:
    """The line with rounded corners, ending where the arrow's head begins."""
    ends = [*points[:-1], _toward(points[-1], points[-2], _HEAD - 1)]
    parts = [f"M{ends[0].x} {ends[0].y}"]
    for before, corner, after in zip(ends, ends[1:], ends[2:], strict=False):
        radius = min(_CORNER, _distance(before, corner) // 2, _distance(corner, after) // 2)
        start, end = _toward(corner, before, radius), _toward(corner, after, radius)
        parts.append(f"L{start.x} {start.y}Q{corner.x} {corner.y} {end.x} {end.y}")
    parts.append(f"L{ends[-1].x} {ends[-1].y}")
    return "".join(parts)


def _head(before: Point, tip: Point) -> str:
    base = _toward(tip, before, _HEAD)
    across = Point(4, 0) if tip.x == before.x else Point(0, 4)
    corners = (tip, Point(base.x + across.x, base.y + across.y), Point(base.x - across.x, base.y - across.y))
    return f'<path class="head" d="M{"L".join(f"{corner.x} {corner.y}" for corner in corners)}z"/>'


def _toward(start: Point, goal: Point, distance: int) -> Point:
    """The point `distance` away from `start` on the level or upright way to `goal`."""

    def moved(a: int, b: int) -> int:
        return a + (b > a) * distance - (b < a) * distance

    return Point(moved(start.x, goal.x), moved(start.y, goal.y))


def _distance(a: Point, b: Point) -> int:
    return abs(a.x - b.x) + abs(a.y - b.y)
