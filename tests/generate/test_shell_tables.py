"""The tables of a shell say of each step on which members it is taken."""

from pathlib import PurePosixPath

import pytest
from quiesce.generate.shell_tables import tables
from quiesce.spec.reader import read_text

from tests.machines import changed
from tests.twins import GOOD

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
