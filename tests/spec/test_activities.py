"""Activities, sessions and timeouts are read as they are written, and `due` means what its activity says."""

from pathlib import PurePosixPath

import pytest
from quiesce.spec.activities import activities_of, due_claim, trusted_to_answer
from quiesce.spec.diagnostics import SpecError
from quiesce.spec.model import ActionKind, Always, EndOfActivity, Machine
from quiesce.spec.places import places_of_waiting
from quiesce.spec.reader import read_text
from quiesce.spec.show import show

from tests.machines import changed
from tests.twins import GOOD


def read(text: str) -> Machine:
    return read_text(text, PurePosixPath("model/read.py"))


def good(name: str, *changes: tuple[str, str]) -> Machine:
    return read(changed(GOOD[name].read_text(encoding="utf-8"), *changes))


def claim_of(machine: Machine, promise: str) -> str:
    [found] = [p.claim for p in machine.promises if p.name == promise]
    assert isinstance(found, Always)
    return show(found.claim)


def test_an_activity_has_its_outcomes_in_the_order_of_the_spec() -> None:
    opening, closing = activities_of(good("device"))
    assert [action.name for action in opening.succeeding] == ["opened"]
    assert [action.name for action in opening.failing] == ["open_failed"]
    assert [action.name for action in closing.outcomes] == ["closed"]
    assert (opening.member, opening.answers) == (None, ())
    assert good("device").actions_by_name["open_failed"].ends == EndOfActivity("open", fails=True)
    assert good("device").actions_by_name["opened"].kind is ActionKind.ACTIVITY


def test_an_activity_of_members_has_a_member_and_what_its_work_returns() -> None:
    connect, _ = activities_of(good("lines"))
    assert connect.member is not None
    assert (connect.member.name, [answer.name for answer in connect.answers]) == ("line", ["secure"])


def test_an_activity_is_due_whatever_its_work_will_return() -> None:
    connect, _ = activities_of(good("lines"))
    assert show(due_claim(connect)) == "line.state == State.CONNECTING"


def test_an_activity_is_due_where_any_of_its_outcomes_is_possible() -> None:
    failing = 'as before the call."""\n        when(self.phase == Phase.OPENING'
    opening, _ = activities_of(good("device", (failing, f"{failing} and self.refs == 0")))
    assert show(due_claim(opening)) == "self.phase == Phase.OPENING or self.phase == Phase.OPENING and self.refs == 0"


def test_due_stands_for_the_place_of_the_activity() -> None:
    expected = "not (self.phase == Phase.OPENING and self.phase == Phase.CLOSING)"
    assert claim_of(good("device"), "never_both") == expected


def test_due_of_a_member_is_about_the_member_that_it_is_given() -> None:
    other_name = ('due("disconnect", line)) for line in', 'due("disconnect", x)) for x in')
    machine = good("lines", other_name, ('due("connect", line)', 'due("connect", x)'))
    told = "all(not (x.state == State.CONNECTING and x.state == State.LEAVING) for x in self.lines)"
    assert claim_of(machine, "one_work_at_a_time") == told


def test_due_may_stand_in_a_helper() -> None:
    helper = '''
    def busy(self) -> bool:
        """Somebody works."""
        return due("open") or due("close")

    @always
    def never_both(self) -> bool:
        """It is never open and busy."""
        return not (self.busy() and self.phase == Phase.UP)
'''
    text = GOOD["device"].read_text(encoding="utf-8")
    start, end = text.index("    @always\n    def never_both"), text.index("    @pristine")
    machine = read(text[:start] + helper.lstrip("\n") + "\n" + text[end:])
    assert "Phase.OPENING" in claim_of(machine, "never_both")


@pytest.mark.parametrize(
    ("claim", "told"),
    [
        ('due("opening")', "there is no activity `opening`"),
        ('due("open", self)', "`open` belongs to no member"),
        ("due(open)", 'this is written `due("activity")`'),
        ("due()", 'this is written `due("activity")`'),
        ('due("open", "close", "x")', 'this is written `due("activity")`'),
    ],
)
def test_due_of_anything_else_is_refused(claim: str, told: str) -> None:
    with pytest.raises(SpecError) as caught:
        good("device", ('due("open") and due("close")', claim))
    assert told in str(caught.value)


@pytest.mark.parametrize(
    ("claim", "told"),
    [
        ('due("connect")', "`connect` is due of a Line"),
        ('due("connect", self)', "`connect` is due of a Line"),
    ],
)
def test_an_activity_of_members_is_due_of_one(claim: str, told: str) -> None:
    with pytest.raises(SpecError) as caught:
        good("lines", ('due("connect", line)', claim))
    assert told in str(caught.value)


def test_due_is_no_part_of_a_guard() -> None:
    with pytest.raises(SpecError) as caught:
        good("device", ("when(self.refs > 1)", 'when(due("open"))'))
    assert "`due` is a part of promises" in str(caught.value)


def test_a_timeout_is_a_step_of_the_world_outside() -> None:
    action = good("drained").actions_by_name["given_up"]
    assert (action.kind, action.timeout) == (ActionKind.ENVIRONMENT, "drain_timeout")


def test_a_session_names_its_calls() -> None:
    [session] = good("device").sessions
    assert (session.name, session.begin, session.end) == ("using", "start", "stop")


def test_a_call_that_is_answered_later_trusts_work_clocks_and_what_it_names() -> None:
    machine = good("drained")
    stop = machine.actions_by_name["last_stop"]
    assert (stop.until, stop.fair) == (("closed",), ("carried_out", "given_up"))
    assert trusted_to_answer(machine, stop) == ("closed", "carried_out", "given_up")


def test_while_a_caller_waits_the_machine_is_where_the_call_or_a_later_step_has_brought_it() -> None:
    machine = good("drained")
    waiting = places_of_waiting(machine, machine.actions_by_name["last_stop"])
    assert show(waiting) == "self.phase == Phase.DRAINING or self.phase == Phase.CLOSING"


def test_a_step_may_lead_on_to_other_places_of_waiting() -> None:
    carried_out = (
        "        if self.phase == Phase.DRAINING and self.queued == 0:\n            self.phase = Phase.CLOSING"
    )
    machine = good("drained", (carried_out, carried_out.replace("CLOSING", "DOWN")))
    waiting = places_of_waiting(machine, machine.actions_by_name["last_stop"])
    assert show(waiting) == "True"  # from there on any: it is opened anew
