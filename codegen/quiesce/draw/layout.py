"""The layout as a whole: a picture of states and arrows becomes a drawing."""

from collections.abc import Sequence
from itertools import combinations, pairwise

from quiesce.draw.columns import PORT_GAP, PORT_MARGIN, Extent, columns, ports
from quiesce.draw.geometry import MARKER, Box, Drawing, Line, Panel, Point
from quiesce.draw.layers import Chain, Layers, layered
from quiesce.draw.panels import arrow_panel, heading_panel, legend_panel, state_panel
from quiesce.draw.routes import NEAR, TRACK, Crosser, tracks
from quiesce.draw.view import Arrow, Mark, Picture, mark_of

MARGIN = 36
LABEL_GAP = 10
_LINE_ROOM = 7
_NUDGE = NEAR + 2
_LEAST_WIDTH = 150
_LEAST_INNER_WIDTH = 420
_ABOVE_TRACKS = 18
_BELOW_TRACKS = 24
_HEADING_GAP = 26
_LEGEND_GAP = 34


def laid_out(picture: Picture) -> Drawing:
    """The drawing of a picture. No two boxes or labels overlap, and no arrow passes through either."""
    labels = [arrow_panel(arrow) for arrow in picture.arrows]
    layers = layered(picture, [label.rect.width for label in labels])
    states = [
        state_panel(state, width) for state, width in zip(picture.states, _least_widths(picture, layers), strict=True)
    ]
    extents = _extents(picture, layers, states, labels)
    xs = columns(layers, extents, [state.rect.width // 2 for state in states])
    left = min(x - extent.left for x, extent in zip(xs, extents, strict=True))
    right = max(x + extent.right for x, extent in zip(xs, extents, strict=True))

    heading = heading_panel(picture)
    inner = max(right - left, heading.rect.width, _LEAST_INNER_WIDTH)
    legend = legend_panel(picture, inner)
    inner = max(inner, legend.rect.width)
    indent = MARGIN + (inner - (right - left)) // 2 - left
    boxes, lines, bottom = _placed(
        picture, layers, [x + indent for x in xs], states, labels, MARGIN + heading.rect.height + _HEADING_GAP
    )
    legend_top = bottom + (_LEGEND_GAP if legend.texts else 0)
    return Drawing(
        width=inner + 2 * MARGIN,
        height=legend_top + legend.rect.height + MARGIN,
        title=picture.title,
        description=_description(picture),
        heading=heading.shifted(MARGIN, MARGIN),
        boxes=boxes,
        lines=lines,
        legend=legend.shifted(MARGIN, legend_top),
    )


def _least_widths(picture: Picture, layers: Layers) -> list[int]:
    """The least width of each state: room for its arrows, above and below."""
    degrees = [[0, 0] for _ in picture.states]
    for chain in layers.chains:
        degrees[chain.nodes[0]][0] += 1
        degrees[chain.nodes[-1]][1] += 1
    return [max(_LEAST_WIDTH, (max(degree) - 1) * PORT_GAP + 2 * PORT_MARGIN) for degree in degrees]


def _extents(picture: Picture, layers: Layers, states: Sequence[Panel], labels: Sequence[Panel]) -> list[Extent]:
    extents = {
        number: Extent(panel.rect.width // 2 + (MARKER if state.initial else 0), panel.rect.width // 2)
        for number, (panel, state) in enumerate(zip(states, picture.states, strict=True))
    }
    for chain, label in zip(layers.chains, labels, strict=True):
        extents |= dict.fromkeys(chain.nodes[1:-1], Extent(_LINE_ROOM, _LINE_ROOM))
        extents[chain.label] = Extent(_LINE_ROOM, LABEL_GAP + label.rect.width)
    return [extents[node] for node in range(len(extents))]


def _placed(
    picture: Picture, layers: Layers, xs: Sequence[int], states: Sequence[Panel], labels: Sequence[Panel], top: int
) -> tuple[tuple[Box, ...], tuple[Line, ...], int]:
    """The boxes, the lines, and the y below them all. Heights of layers and gaps follow from what is in them."""
    depth = layers.depth
    stops = _stops(layers, xs, states)
    track = _tracks(layers, stops)
    heights = [0] * len(layers.layers)
    for number, panel in [
        *enumerate(states),
        *((c.label, label) for c, label in zip(layers.chains, labels, strict=True)),
    ]:
        heights[depth[number]] = max(heights[depth[number]], panel.rect.height)
    used = [0] * len(heights)
    for (number, link), level in track.items():
        gap = depth[layers.chains[number].nodes[link]]
        used[gap] = max(used[gap], level)
    tops = [top]
    for height, levels in zip(heights, used, strict=True):
        tops.append(tops[-1] + height + _ABOVE_TRACKS + levels * TRACK + _BELOW_TRACKS)

    def panel_at(panel: Panel, node: int, left: int) -> Panel:
        return panel.shifted(left, tops[depth[node]] + (heights[depth[node]] - panel.rect.height) // 2)

    boxes = tuple(
        Box(state.name, state.initial, panel_at(panel, number, xs[number] - panel.rect.width // 2))
        for number, (state, panel) in enumerate(zip(picture.states, states, strict=True))
    )

    def line(number: int, arrow: Arrow, chain: Chain, label: Panel) -> Line:
        points = [Point(stops[number][0], boxes[chain.nodes[0]].panel.rect.bottom)]
        for link, (x, next_x) in enumerate(pairwise(stops[number])):
            if x != next_x:
                layer = depth[chain.nodes[link]]
                y = tops[layer] + heights[layer] + _ABOVE_TRACKS + track[number, link] * TRACK
                points += [Point(x, y), Point(next_x, y)]
        points.append(Point(stops[number][-1], boxes[chain.nodes[-1]].panel.rect.y))
        return Line(
            source=arrow.source,
            target=arrow.target,
            points=tuple(points[::-1] if chain.upward else points),
            label=panel_at(label, chain.label, xs[chain.label] + LABEL_GAP),
            mark=_common_mark(arrow),
        )

    lines = tuple(
        line(number, arrow, chain, label)
        for number, (arrow, chain, label) in enumerate(zip(picture.arrows, layers.chains, labels, strict=True))
    )
    return boxes, lines, tops[len(heights) - 1] + heights[-1]


def _stops(layers: Layers, xs: Sequence[int], states: Sequence[Panel]) -> list[list[int]]:
    """The x of each chain at each of its nodes; at a state it is a port, as near as can be above or below."""
    stops = [[xs[node] for node in chain.nodes] for chain in layers.chains]
    for state, panel in enumerate(states):
        reach = panel.rect.width // 2 - PORT_MARGIN
        for end, near in ((0, 1), (-1, -2)):
            fan = _fan(layers, state, end, near)
            wanted = [stops[number][near] for number in fan]
            for number, x in zip(fan, ports(wanted, xs[state] - reach, xs[state] + reach), strict=True):
                stops[number][end] = x
    _untangle(layers, stops)
    return stops


def _untangle(layers: Layers, stops: Sequence[list[int]]) -> None:
    """Move one port of two arrows that would trade places: whichever ran above, a part of both would coincide."""
    for end, near in ((0, 1), (-1, -2)):
        for (chain, first), (other, second) in combinations(zip(layers.chains, stops, strict=True), 2):
            same_gap = layers.depth[chain.nodes[end]] == layers.depth[other.nodes[end]]
            if same_gap and abs(first[end] - second[near]) < NEAR and abs(second[end] - first[near]) < NEAR:
                first[end] = second[near] + (_NUDGE if first[near] > first[end] else -_NUDGE)


def _fan(layers: Layers, state: int, end: int, near: int) -> list[int]:
    """The chains that have the state at their `end`, sorted by where the node `near` it stands."""
    fan = [number for number, chain in enumerate(layers.chains) if chain.nodes[end] == state]
    return sorted(fan, key=lambda number: layers.place[layers.chains[number].nodes[near]])


def _tracks(layers: Layers, stops: Sequence[Sequence[int]]) -> dict[tuple[int, int], int]:
    """The track of every link of every chain that is not straight: keys are the chain and the link's place in it."""
    links: dict[int, list[tuple[int, int]]] = {}
    for number, chain in enumerate(layers.chains):
        for link, node in enumerate(chain.nodes[:-1]):
            links.setdefault(layers.depth[node], []).append((number, link))
    result: dict[tuple[int, int], int] = {}
    for keys in links.values():
        levels = tracks([Crosser(stops[number][link], stops[number][link + 1]) for number, link in keys])
        result |= {key: level for key, level in zip(keys, levels, strict=True) if level is not None}
    return result


def _common_mark(arrow: Arrow) -> Mark | None:
    marks = {mark_of(action) for action in arrow.actions}
    return marks.pop() if len(marks) == 1 else None


def _description(picture: Picture) -> str:
    """The description of a picture for people who cannot see it."""
    start = ", ".join(state.name for state in picture.states if state.initial)
    arrows = (
        f"{', '.join(action.name for action in arrow.actions)} from {picture.states[arrow.source].name}"
        f" to {picture.states[arrow.target].name}"
        for arrow in picture.arrows
    )
    loops = sum(len(state.loops) for state in picture.states)
    return f"{picture.doc} It starts in {start}. Arrows: {'; '.join(arrows) or 'none'}. Actions that stay: {loops}."
