"""Which calls to a layer may be made at once, as their order makes no difference: each with each."""

from pathlib import Path

import pytest
from quiesce.kernel.obligations import obligations
from quiesce.kernel.problem import problem_of
from quiesce.kernel.subjects import Apart

from tests.kernel.calls_below import BELOW, meanwhile
from tests.kernel.judging import read
from tests.machines import changed

AT_ONCE = """
from below import Below
from quiesce.spec import Machine, Uses, activity, environment, when


class Device(Machine):
    works: bool = False
    lower: Uses[Below]
    other: Uses[Below]

    @environment
    def begins(self) -> None:
        self.works = True

    @activity("work")
    def done(self) -> None:
        when(self.works)
        self.lower.OF_WORK
        self.works = False

    @environment
    def meanwhile(self) -> None:
        self.lower.MEANWHILE
"""
CALLS = ("started", "not_started", "cleanup", "send", "talk", "silent", "ask", "post", "flush", "weigh", "copy", "rest")
GIVEN = {"started": "works", "not_started": "works", "talk": "works", "silent": "works", "post": "1"}
LOOK_AT_REFS = {"cleanup", "send", "talk", "silent", "flush", "weigh", "copy"}
CHANGE_REFS = {"started", "not_started", "cleanup"}
LOOK_AT_SENT, CHANGE_SENT = {"ask", "flush", "weigh", "copy"}, {"post", "flush", "weigh", "copy"}
ORDERED = {
    "started": LOOK_AT_REFS,
    "not_started": LOOK_AT_REFS,  # the program makes the same call, and might be answered otherwise
    "cleanup": LOOK_AT_REFS | CHANGE_REFS,
    "send": CHANGE_REFS,
    "talk": CHANGE_REFS,
    "silent": CHANGE_REFS,
    "ask": CHANGE_SENT,
    "post": LOOK_AT_SENT,
    "flush": CHANGE_REFS | LOOK_AT_SENT | CHANGE_SENT,
    "weigh": CHANGE_REFS | LOOK_AT_SENT | CHANGE_SENT,
    "copy": CHANGE_REFS | LOOK_AT_SENT | CHANGE_SENT,
    "rest": set[str](),
}


ABOVE = '''
from quiesce.spec import Machine, call


class Above(Machine):
    """A layer with calls of the same names, which need nothing."""

    @call("Cleanup")
    def cleanup(self) -> None:
        pass

    @call("Send")
    def send(self) -> None:
        pass
'''
APART = Apart("meanwhile", "work", 1)


def at_once(of_work: str, other: str) -> str:
    text = AT_ONCE
    for place, name in (("OF_WORK", of_work), ("MEANWHILE", other)):
        given = GIVEN.get(name, "")
        text = changed(text, (place, f"{name}({given})"))
        if given == "works":
            own = "done" if place == "OF_WORK" else "meanwhile"
            text = changed(text, (f"def {own}(self)", f"def {own}(self, works: Answer[bool])"))
    failing = '@activity("work", fails=True)\n    def failed(self) -> None:\n        when(self.works)\n\n    '
    text = text.replace('@activity("work")', f'{failing}@activity("work")')
    return text.replace("import Machine", "import Answer, Machine")


@pytest.mark.parametrize("of_work", CALLS)
def test_calls_are_made_at_once_only_if_their_order_makes_no_difference(tmp_path: Path, of_work: str) -> None:
    (tmp_path / "below.py").write_text(BELOW, encoding="utf-8")
    listed = {other: obligations(problem_of(read(at_once(of_work, other), tmp_path))) for other in CALLS}
    assert {other for other, due in listed.items() if APART in [one.about for one in due]} == ORDERED[of_work]


def test_calls_to_different_layers_may_be_made_at_once(tmp_path: Path) -> None:
    text = at_once("cleanup", "send")
    assert meanwhile(tmp_path, text) == ["meanwhile/(while work)/1"]
    assert meanwhile(tmp_path, changed(text, ("self.lower.send", "self.other.send"))) == []


def test_calls_are_looked_up_in_the_contract_of_their_layer(tmp_path: Path) -> None:
    (tmp_path / "above.py").write_text(ABOVE, encoding="utf-8")
    text = changed(
        at_once("cleanup", "send"),
        ("    lower: Uses[Below]\n", "    upper: Uses[Above]\n    lower: Uses[Below]\n"),
        ("from below import Below\n", "from above import Above\nfrom below import Below\n"),
    )
    assert meanwhile(tmp_path, text) == ["meanwhile/(while work)/1"]
    above = changed(text, ("self.lower.cleanup", "self.upper.cleanup"), ("self.lower.send", "self.upper.send"))
    assert meanwhile(tmp_path, above) == []
