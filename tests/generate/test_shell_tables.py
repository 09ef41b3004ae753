"""The tables of a shell say of each step on which members it is taken, and of each call why it is refused."""

from pathlib import PurePosixPath

import pytest
from quiesce.generate.python.line_breaking import WIDTH
from quiesce.generate.shell_tables import tables
from quiesce.spec.reader import read_text

from tests.machines import changed
from tests.twins import GOOD

STOP = '''    @call("stop", fails="NOT_STARTED")
    def excess_stop(self) -> None:
        """One stop too many."""
'''
LOOP = """when(self.ready > 0)
        for line in self.lines:
            if line.state == State.READY:
                line.state = State.LEAVING
        self.ready = 0

    @call("connect_to_server")"""


@pytest.mark.parametrize(
    ("decorated", "imported"), [('@timeout("patience")', "timeout"), ("@environment", "environment")]
)
def test_a_step_that_changes_every_member_is_taken_on_copies_of_all(decorated: str, imported: str) -> None:
    everybody = f"{decorated}\n    def everybody_leaves(self) -> None:\n        {LOOP}"
    spec = changed(
        GOOD["lines"].read_text(encoding="utf-8"),
        ('@call("connect_to_server")', everybody),
        ("    due,\n", f"    due,\n    {imported},\n"),
    )
    written = "".join(tables(read_text(spec, PurePosixPath("lines.py"))))
    assert '_members.on_members(_State.everybody_leaves, [], ["lines"])' in written


@pytest.mark.parametrize(
    ("doc", "told"),
    [
        ('"""One stop too many.\n\n        Or more."""', '"One stop too many."'),
        ('"""Nobody has started,\n        or "all" stopped."""', "\"Nobody has started, or 'all' stopped.\""),
        ('r"""A \\d and a \\."""', '"A \\\\d and a \\\\."'),
        (f'"""Nobody has {"ever " * 17}started it."""', f'"Nobody has {"ever " * 15}ever..."'),
    ],
)
def test_a_call_knows_why_it_is_refused(doc: str, told: str) -> None:
    spec = changed(GOOD["device"].read_text(encoding="utf-8"), ('"""One stop too many."""', doc))
    (line,) = (each for each in tables(read_text(spec, PurePosixPath("device.py"))) if "NOT_STARTED" in each)
    assert f'"NOT_STARTED": {told}' in line
    assert len(line) <= WIDTH
    compile(told, "device.py", "eval")


def test_a_call_that_is_refused_for_one_reason_in_two_ways_knows_both() -> None:
    zero = STOP + "        when(self.refs == 0)\n"
    later = STOP.replace("excess_stop", "early_stop").replace("One stop too many", "Not yet")
    both = (
        f"{STOP}        when(self.refs == 0)\n        when(self.phase == Phase.DOWN)\n\n"
        f"{later}        when(self.refs == 0)\n        when(self.phase != Phase.DOWN)\n"
    )
    spec = changed(GOOD["device"].read_text(encoding="utf-8"), (zero, both))
    written = "\n".join(tables(read_text(spec, PurePosixPath("device.py"))))
    assert '"NOT_STARTED": "One stop too many. Or: Not yet."' in written
    unsaid = changed(spec, ('        """Not yet."""\n', ""))
    assert "NOT_STARTED" not in "\n".join(tables(read_text(unsaid, PurePosixPath("device.py"))))
