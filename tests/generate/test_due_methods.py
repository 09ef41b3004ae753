"""A core tells where activities are due, and what it tells is proved equal to the model."""

from pathlib import PurePosixPath

import pytest
from quiesce.generate.core.validation import compare
from quiesce.generate.core.view import core_view
from quiesce.generate.rendering import render_template
from quiesce.prove.effort import Effort
from quiesce.spec.reader import read_text

from tests.twins import GOOD


def core_of(name: str) -> str:
    spec = GOOD[name].read_text(encoding="utf-8")
    return render_template("core.py.jinja", core=core_view(read_text(spec, PurePosixPath(f"{name}.py"))))


def differences(name: str, core: str) -> tuple[str, ...]:
    spec = GOOD[name].read_text(encoding="utf-8")
    return compare(read_text(spec, PurePosixPath(f"{name}.py")), (), spec, core, Effort())


@pytest.mark.parametrize("name", ["device", "lines"])
def test_a_core_that_tells_what_the_model_says_is_equal_to_it(name: str) -> None:
    assert differences(name, core_of(name)) == ()


@pytest.mark.parametrize(
    ("name", "activity", "before", "after"),
    [
        ("device", "close", "return self.phase is Phase.CLOSING\n", "return self.phase is Phase.UP\n"),
        ("device", "open", "return self.phase is Phase.OPENING\n", "return True\n"),
        ("lines", "disconnect", "return line.state is State.LEAVING\n", "return line.secure\n"),
    ],
)
def test_a_core_that_tells_anything_else_is_refused(name: str, activity: str, before: str, after: str) -> None:
    core = core_of(name)
    _, _, method = core.partition(f"def due_{activity}(")
    assert before in method
    faulty = core.replace(method, method.replace(before, after, 1))
    assert differences(name, faulty) == (f"due_{activity}: may happen where the model says so, and only there",)


def test_a_core_without_the_method_is_refused() -> None:
    core = core_of("device")
    found = differences("device", core.replace("def due_close", "def is_due_close"))
    assert any("nothing instead of `def due_close(self) -> bool:`" in difference for difference in found), found
