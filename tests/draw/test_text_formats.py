"""Graphviz, Mermaid and Markdown say the same as the graph."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from quiesce.draw import to_dot, to_mermaid, to_page, to_svg, to_table
from quiesce.prove.results import ControlGraph

from tests.machines import changed
from tests.mermaid import NotMermaid, read_flowchart, read_state_diagram

ROOT = Path(__file__).parents[2]


def test_table_has_one_row_per_edge(lifecycle: ControlGraph) -> None:
    rows = to_table(lifecycle).splitlines()[2:]
    found = [tuple(re.findall(r"`([^`]*)`", row)) for row in rows]
    assert sorted(found) == sorted((*edge.source, edge.action, *edge.target) for edge in lifecycle.edges)


def test_table_follows_the_order_of_states_and_of_the_spec(lifecycle: ControlGraph) -> None:
    assert to_table(lifecycle).splitlines()[:6] == [
        "| from | action | kind | to |",
        "| --- | --- | --- | --- |",
        "| `DOWN` | `not_running` | refused: NOT_RUNNING | `DOWN` |",
        "| `DOWN` | `start` | call | `STARTING` |",
        "| `STARTING` | `start_failed` | internal | `DOWN` |",
        "| `STARTING` | `start_timed_out` | environment | `DOWN` |",
    ]


def test_the_page_says_what_the_table_is_and_what_its_states_are(lifecycle: ControlGraph) -> None:
    title, _, how, _, *rows = to_page(lifecycle).splitlines()
    assert title == f"# {lifecycle.machine.name}: its actions from state to state"
    assert how.startswith(f"States are the values of `{lifecycle.variables[0]}`. ")
    assert rows == to_table(lifecycle).splitlines()


def test_mermaid_lists_loops_in_the_state_and_merges_parallel_edges(lifecycle: ControlGraph) -> None:
    assert to_mermaid(lifecycle) == (
        "stateDiagram-v2\n"
        '  state "DOWN" as s0\n'
        '  state "STARTING" as s1\n'
        '  state "UP" as s2\n'
        '  state "DRAINING" as s3\n'
        "  s0 : not_running (refused#58; NOT_RUNNING)\n"
        "  s1 : wait (waits)\n"
        "  s2 : nested_start<br/>nested_stop<br/>transmit (environment)\n"
        "  s3 : not_running (refused#58; NOT_RUNNING)<br/>wait (waits)<br/>transmit (environment)\n"
        "  [*] --> s0\n"
        "  s0 --> s1 : start\n"
        "  s1 --> s0 : start_failed (internal)<br/>start_timed_out (environment)\n"
        "  s1 --> s2 : started (internal)\n"
        "  s2 --> s3 : stop\n"
        "  s3 --> s0 : release (internal)\n"
        "  s3 --> s2 : take_over\n"
    )


def test_mermaid_hides_what_it_would_read_as_syntax(graph_of: Callable[..., ControlGraph]) -> None:
    here = ("_A_",)
    text = to_mermaid(graph_of([here], {"_go__on": 'E;"\n%%{x}'}, [(here, "_go__on", here)]))
    assert '"#95;A#95;"' in text
    assert "s0 : #95;go__on (refused#58; E#59;#34; #37;#37;#123;x#125;)\n" in text


def test_mermaid_is_taken_by_a_strict_reader_and_says_the_same(lifecycle: ControlGraph) -> None:
    diagram = read_state_diagram(to_mermaid(lifecycle))
    names = {name: (text,) for name, text in diagram.texts.items()}
    assert set(names.values()) == set(lifecycle.locations)
    moving = {(edge.source, edge.target) for edge in lifecycle.edges if edge.source != edge.target}
    assert {(names[one], names[other]) for one, other in diagram.arrows if one != "[*]"} == moving


def test_mermaid_of_any_names_is_taken_by_a_strict_reader(graph_of: Callable[..., ControlGraph]) -> None:
    here, there = ("end", 'a"]; %% :: --> <b>'), ("state", "{note}")
    names = {"end": "call", "state": "E: `x` #1; [*] --> s0", "_class_": "internal", "größe": "waits"}
    edges = [(here, "end", there), (here, "state", here), (there, "_class_", there), (there, "größe", here)]
    diagram = read_state_diagram(to_mermaid(graph_of([here, there], names, edges)))
    assert len(diagram.texts) == 2
    assert len(diagram.arrows) == 3


def test_the_committed_diagram_is_taken_by_a_strict_reader() -> None:
    diagram = read_state_diagram((ROOT / "generated/winsock_provider/graph.mmd").read_text(encoding="utf-8"))
    assert diagram.arrows


STATES = 'stateDiagram-v2\n  state "A" as s0\n  state "B" as s1\n  s0 : x\n  [*] --> s0\n  s0 --> s1 : go\n'
BOXES = (
    'flowchart TD\n  subgraph a["a"]\n    b["<b>b</b><br/>x, y"]\n  end\n  c["c"]\n  class a blue\n  a --> c\n'
    "  classDef blue fill:#fff,color:#123456\n"
)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("stateDiagram-v2", "stateDiagram"),
        ('"B" as s1', '"B" as s0'),
        ('"B" as s1', '"B" as state'),
        ('"B"', '"B"x"'),
        ('"B"', '""'),
        ('"B"', '"a;b"'),
        ("s0 : x", "s0 : x: y"),
        ("s0 : x", "s2 : x"),
        ("s0 : x", "s0 : x\n  s0 : y"),
        ("[*] --> s0", "[*] -> s0"),
        ("s0 --> s1 : go", "s0 --> s2 : go"),
        ("s0 --> s1 : go", "s0 --> s1"),
        ("s0 --> s1 : go", "s0 --> s1 : go %% gone"),
        ("  s0 : x", "s0 : x"),
    ],
)
def test_a_broken_state_diagram_is_seen(before: str, after: str) -> None:
    read_state_diagram(STATES)
    with pytest.raises(NotMermaid):
        read_state_diagram(changed(STATES, (before, after)))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("flowchart TD", "flowchart"),
        ("  end\n", ""),
        ("  end\n", "  end\n  end\n"),
        ('c["c"]', 'b["c"]'),
        ('c["c"]', 'end["c"]'),
        ('c["c"]', "c[c]"),
        ('c["c"]', 'c["c"'),
        ('c["c"]', 'c["{c}"]'),
        ("a --> c", "a --> d"),
        ("a --> c", "a --> b"),
        ("a --> c", "a --> a"),
        ("a --> c", "a -> c"),
        ("class a blue", "class a red"),
        ("class a blue", "class d blue"),
        ("fill:#fff,", "fill,"),
        ("  c[", "c["),
    ],
)
def test_a_broken_flowchart_is_seen(before: str, after: str) -> None:
    assert read_flowchart(BOXES).around("b") == {"a"}
    with pytest.raises(NotMermaid):
        read_flowchart(changed(BOXES, (before, after)))


def test_dot_lists_loops_in_the_node_and_merges_parallel_edges(lifecycle: ControlGraph) -> None:
    text = to_dot(lifecycle)
    assert text.count(" -> ") == 6 + 1, "six pairs of states and the start"
    assert "s1 -> s0 [label=<start_failed (internal)<br/>start_timed_out (environment)>];" in text
    assert 's0 [label=<<b>DOWN</b><br/><font point-size="10">not_running (refused: NOT_RUNNING)' in text


def test_dot_escapes_what_its_labels_reserve(graph_of: Callable[..., ControlGraph]) -> None:
    here, there = ("<A>",), ("B&",)
    text = to_dot(graph_of([here, there], {"go": "call", "no": 'E<">'}, [(here, "go", there), (there, "no", there)]))
    assert "<b>&lt;A&gt;</b>" in text
    assert "<b>B&amp;</b>" in text
    assert "E&lt;&quot;&gt;" in text


@pytest.mark.parametrize("draw", [to_dot, to_mermaid, to_svg, to_table])
def test_a_machine_without_enum_variables_is_one_state_of_its_name(
    draw: Callable[[ControlGraph], str], graph_of: Callable[..., ControlGraph]
) -> None:
    assert "Service" in draw(graph_of([()], {"go": "call"}, [((), "go", ())]))


@pytest.mark.parametrize("draw", [to_dot, to_mermaid, to_svg, to_table])
def test_an_edge_to_nowhere_is_an_error(
    draw: Callable[[ControlGraph], str], graph_of: Callable[..., ControlGraph]
) -> None:
    with pytest.raises(KeyError):
        draw(graph_of([("A",)], {"go": "call"}, [(("A",), "go", ("GONE",))]))
