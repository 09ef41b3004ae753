"""The SVG is valid, complete, safe to embed, and the same everywhere."""

import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from quiesce.draw import to_svg
from quiesce.draw.palette import DARK, LIGHT, Palette, stylesheet
from quiesce.prove.results import ControlGraph

SVG = "{http://www.w3.org/2000/svg}"


def parsed(svg: str) -> ET.Element:
    return ET.fromstring(svg)  # noqa: S314  # our own output, not a stranger's


def luminance(colour: str) -> float:
    """Relative luminance as WCAG 2 defines it."""
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_shows_every_state_and_every_edge(lifecycle: ControlGraph) -> None:
    root = parsed(to_svg(lifecycle))
    states = {group.get("data-location"): group for group in root.iter(f"{SVG}g") if group.get("data-location")}
    arrows = {(group.get("data-source"), group.get("data-target")): group for group in root.iter(f"{SVG}g")}
    for edge in lifecycle.edges:
        (source,), (target,) = edge.source, edge.target
        group = states[source] if source == target else arrows[source, target]
        assert edge.action in {text.get("data-action") for text in group.iter(f"{SVG}text")}


def test_has_a_title_and_a_description_for_those_who_cannot_see_it(lifecycle: ControlGraph) -> None:
    root = parsed(to_svg(lifecycle))
    assert root.get("role") == "img"
    assert root[0].text == "Service"
    assert "start from DOWN to STARTING" in (root[1].text or "")


def test_escapes_what_xml_reserves(graph_of: Callable[..., ControlGraph]) -> None:
    error = 'E<&>"\x00\x1b'
    here = ('A"<b>&',)
    svg = to_svg(graph_of([here], {"go": error}, [(here, "go", here)]))
    texts = [text.text for text in parsed(svg).iter(f"{SVG}text")]
    assert here[0] in texts
    assert 'E<&>"\\x00\\x1b' in texts


def test_loads_nothing_runs_nothing_and_leaves_the_page_around_it_alone(lifecycle: ControlGraph) -> None:
    svg = to_svg(lifecycle)
    assert not re.search(r"<script|<image|<foreignObject|\bon\w+=|href|url\(|@import|\bid=", svg)
    selectors = re.findall(r"(?:^|[{},])\s*([.a-z][^{},;:]*)(?=[{,])", stylesheet())
    assert len(selectors) > 20
    assert all(selector.startswith(".quiesce") for selector in selectors)


@pytest.mark.parametrize("palette", [LIGHT, DARK], ids=["light", "dark"])
def test_can_be_read_by_light_and_by_dark(palette: Palette) -> None:
    for colour in (palette.ink, palette.muted, *palette.marks.values()):
        assert contrast(colour, palette.paper) >= 4.5, colour
        assert contrast(colour, palette.box) >= 4.5, colour


def test_every_class_that_is_used_has_a_style(lifecycle: ControlGraph) -> None:
    used = {name for element in parsed(to_svg(lifecycle)).iter() for name in element.get("class", "").split()}
    styled = set(re.findall(r"\.([a-z]+)", stylesheet()))
    assert used - styled == {"location"}, "a location is styled by what is in it"


def test_order_of_edges_does_not_matter(lifecycle: ControlGraph, graph_of: Callable[..., ControlGraph]) -> None:
    kinds = {action.name: action for action in lifecycle.machine.actions}
    edges = [(edge.source, edge.action, edge.target) for edge in lifecycle.edges]
    forward = graph_of(lifecycle.locations, dict.fromkeys(kinds, "call"), edges)
    backward = graph_of(lifecycle.locations, dict.fromkeys(kinds, "call"), edges[::-1] + edges)
    assert to_svg(forward) == to_svg(backward)


@pytest.mark.nightly
def test_bytes_do_not_depend_on_the_hash_seed() -> None:
    script = (
        "import importlib.util, sys\n"
        "spec = importlib.util.spec_from_file_location('graphs', sys.argv[1])\n"
        "graphs = importlib.util.module_from_spec(spec); spec.loader.exec_module(graphs)\n"
        "from quiesce.draw import to_dot, to_mermaid, to_svg, to_table\n"
        "places = [(f'S{n}',) for n in range(6)]\n"
        "actions = {f'action_{n}': ['call', 'internal', 'environment', 'waits', 'ENO'][n % 5] for n in range(20)}\n"
        "edges = [(a, n, b) for i, n in enumerate(actions) for a in places for b in places[i % 4::3]]\n"
        "graph = graphs.build_graph(places, actions, edges)\n"
        "print(ascii([to(graph) for to in (to_dot, to_mermaid, to_svg, to_table)]))\n"
    )
    command = [sys.executable, "-c", script, str(Path(__file__).with_name("conftest.py"))]
    outputs = {
        subprocess.run(  # runs this interpreter on the text above
            command, check=True, capture_output=True, env={**os.environ, "PYTHONHASHSEED": seed}
        ).stdout
        for seed in ("0", "1", "2")
    }
    assert len(outputs) == 1
    assert len(outputs.pop()) > 10_000
