"""An activity is drawn as the work of a state, and its outcomes as ways out of it."""

from pathlib import Path

import pytest
from quiesce.draw.dot import to_dot
from quiesce.draw.mermaid import to_mermaid
from quiesce.draw.svg import to_svg
from quiesce.draw.table import to_table
from quiesce.draw.view import Mark, mark_of, picture_of
from quiesce.prove.effort import Effort
from quiesce.prove.results import ControlGraph
from quiesce.prove.search.control_graph import control_graph
from quiesce.spec.reader import read_file

DEVICE = Path(__file__).parents[1] / "specs" / "good" / "device.py"


@pytest.fixture(scope="module")
def graph() -> ControlGraph:
    return control_graph(read_file(DEVICE), Effort())


def test_a_state_has_the_work_that_is_due_in_it(graph: ControlGraph) -> None:
    work = {state.name: state.work for state in picture_of(graph).states}
    assert work == {"DOWN": (), "OPENING": ("open",), "UP": (), "CLOSING": ("close",)}


def test_outcomes_are_marked_as_success_and_failure(graph: ControlGraph) -> None:
    actions = graph.machine.actions_by_name
    marks = {name: mark_of(actions[name]) for name in ("opened", "open_failed", "closed")}
    assert marks == {"opened": Mark.SUCCEEDS, "open_failed": Mark.FAILS, "closed": Mark.SUCCEEDS}


def test_every_format_shows_the_work_and_its_outcomes(graph: ControlGraph) -> None:
    assert "work: open</text>" in to_svg(graph)
    assert 'class="line done"' in to_svg(graph)
    assert 'class="line failed"' in to_svg(graph)
    assert ".done{" in to_svg(graph).replace(" ", "")
    assert "s1 : work#58; open<br/>wait_for_quiet (waits)<br/>" in to_mermaid(graph)
    assert "open_failed (failed#58; open)" in to_mermaid(graph)
    assert "<i>work: open</i>" in to_dot(graph)
    assert "| `OPENING` | `opened` | done: open | `UP` |" in to_table(graph)
