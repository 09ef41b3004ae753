"""Graphviz, Mermaid and Markdown say the same as the graph."""

import re
from collections.abc import Callable

import pytest
from quiesce.draw import to_dot, to_mermaid, to_svg, to_table
from quiesce.prove.results import ControlGraph


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
