"""What a machine owes because of its activities: which promises it makes, and that none of them can be done without."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from quiesce.kernel.activities import promises_of_activities
from quiesce.kernel.problem import problem_of
from quiesce.kernel.rules.outcomes import landing_batches, landings
from quiesce.spec.model import Always, Claim, Initially, LeadsTo, Same, Step
from quiesce.spec.rewrite import walk
from quiesce.spec.show import show

from tests.kernel.judging import judged, read, reasons
from tests.machines import changed

WHOLE = """
from enum import Enum, auto

from quiesce.spec import Answer, Machine, activity, call, environment, timeout, when


class Phase(Enum):
    DOWN = auto()
    OPENING = auto()
    UP = auto()
    CLOSING = auto()


class Device(Machine):
    phase: Phase = Phase.DOWN

    @activity("open")
    def opened(self, works: Answer[bool]) -> None:
        when(self.phase == Phase.OPENING and works)
        self.phase = Phase.UP

    @activity("open")
    def opened_badly(self, works: Answer[bool]) -> None:
        when(self.phase == Phase.OPENING)
        when(not works)
        self.phase = Phase.UP

    @activity("open", fails=True)
    def open_failed(self) -> None:
        when(self.phase == Phase.OPENING)
        self.phase = Phase.DOWN

    @activity("close")
    def closed(self) -> None:
        when(self.phase == Phase.CLOSING)
        self.phase = Phase.DOWN

    @timeout("a_while")
    def idle_for_long(self) -> None:
        when(self.phase == Phase.UP)
        self.phase = Phase.CLOSING

    @call("start")
    def first_start(self) -> None:
        when(self.phase == Phase.DOWN)
        self.phase = Phase.OPENING

    @call("start", fails="BUSY")
    def busy(self) -> None:
        when(self.phase != Phase.DOWN)

    @call("stop", until=[closed], fair=[idle_for_long])
    def stop(self) -> None:
        when(self.phase == Phase.UP)
        self.phase = Phase.CLOSING

    @call("stop", fails="NOT_STARTED")
    def excess(self) -> None:
        when(self.phase != Phase.UP)
"""

MEMBERS = """
from enum import Enum, auto

from quiesce.spec import Answer, Family, Machine, Member, New, Persistent, activity, call, retire, when


class State(Enum):
    AWAY = auto()
    COMING = auto()
    HERE = auto()
    LEAVING = auto()


class Guest(Member):
    state: State = State.AWAY
    visits: Persistent[bool] = False


class Other(Member):
    odd: bool = False


class House(Machine):
    others: Family[Other]
    guests: Family[Guest]

    @activity("fetch")
    def came(self, guest: Guest, late: Answer[bool]) -> None:
        when(guest.state == State.COMING)
        guest.state = State.HERE

    @activity("fetch", fails=True)
    def lost(self, guest: Guest) -> None:
        when(guest.state == State.COMING)
        retire(guest)

    @activity("see_off")
    def left(self, guest: Guest) -> None:
        when(guest.state == State.LEAVING)
        retire(guest)

    @activity("see_off", fails=True)
    def fell(self, guest: Guest) -> None:
        when(guest.state == State.LEAVING)
        retire(guest)

    @call("invite")
    def invite(self, guest: New[Guest]) -> None:
        guest.state = State.COMING

    @call("leave", until=[left, fell])
    def leave(self, guest: Guest) -> None:
        when(guest.state == State.HERE)
        guest.state = State.LEAVING

    @call("leave", fails="NOT_HERE")
    def not_here(self, guest: Guest) -> None:
        when(guest.state != State.HERE)
"""


def said(claim: Claim) -> str:
    match claim:
        case Always(inner):
            return f"always {show(inner)}"
        case Initially(inner):
            return f"initially {show(inner)}"
        case Step(inner, unless, parameters):
            of = "".join(f" of {p.name}" for p in parameters)
            return f"step{of} {show(inner)} unless {' '.join(unless)}"
        case LeadsTo(trigger, goal, fair):
            return f"{show(trigger)} leads to {show(goal)} by {' '.join(fair)}"
        case _:
            raise TypeError(claim)


def owed(text: str) -> Iterator[tuple[str, ...]]:
    for promise in promises_of_activities(read(text)):
        assert promise.holds
        assert promise.owed
        assert promise.satisfies == ()
        line = text.splitlines()[promise.span.line - 1].strip().removeprefix("def ").partition("(")[0]
        yield promise.name, line, said(promise.claim), promise.doc


AT_OPENING, AT_CLOSING = "self.phase == Phase.OPENING", "self.phase == Phase.CLOSING"
ENDS_OPEN = "No step but its own outcomes ends that the activity `open` is due."
ENDS_CLOSE = ENDS_OPEN.replace("`open`", "`close`")
BY_CLOSED = "After `stop` the caller is answered: by closed."
NOT_STOP = "opened opened_badly open_failed closed idle_for_long first_start busy excess"


def kept(claim: str) -> str:
    return f"implies({claim.replace('self', 'old')}, {claim})"


OF_THE_WHOLE = [
    ("open.not_at_first", "opened", f"initially not {AT_OPENING}", "The activity `open` is not due at the start."),
    ("open.stays_due", "opened", f"step {kept(AT_OPENING)} unless opened opened_badly open_failed", ENDS_OPEN),
    ("close.not_at_first", "closed", f"initially not {AT_CLOSING}", "The activity `close` is not due at the start."),
    ("close.stays_due", "closed", f"step {kept(AT_CLOSING)} unless closed", ENDS_CLOSE),
    ("stop.answered.begins", "stop", f"step {AT_CLOSING} unless {NOT_STOP}", BY_CLOSED),
    ("stop.answered.lasts", "stop", f"step {kept(AT_CLOSING)} unless closed stop", BY_CLOSED),
    ("stop.answered.ends", "stop", f"{AT_CLOSING} leads to not {AT_CLOSING} by closed idle_for_long", BY_CLOSED),
]


def about_members(activity: str, first: str, own: str, other: str, state: str) -> list[tuple[str, ...]]:
    due, was = f"other_guest.state == State.{state}", f"old[other_guest].state == State.{state}"
    away = f"implies(other_guest.state == State.AWAY, not {due}) for other_guest in self.guests"
    stays, in_all = f"implies({was}, {due})", "for other_guest in self.guests"
    gone = f"The activity `{activity}` is not due of a member that is gone, or was never used."
    doc = f"No step but its own outcomes ends that the activity `{activity}` is due."
    of_others = f"step of guest all(other_guest == guest or {stays} {in_all}) unless {other}"
    return [
        (f"{activity}.not_when_gone", first, f"always all({away})", gone),
        (f"{activity}.stays_due", first, f"step all({stays} {in_all}) unless {own}", doc),
        (f"{activity}.stays_due.of_others", first, of_others, doc),
    ]


OF_MEMBERS = [
    *about_members("fetch", "came", "came lost", "left fell invite leave not_here", "COMING"),
    *about_members("see_off", "left", "left fell", "came lost invite leave not_here", "LEAVING"),
    (
        "leave.answered",
        "leave",
        "step of guest guest.state == State.LEAVING unless came lost left fell invite not_here",
        "After `leave` the caller is answered: by left, fell.",
    ),
]


def test_the_promises_that_are_owed_for_the_whole_machine() -> None:
    assert list(owed(WHOLE)) == OF_THE_WHOLE


def test_the_promises_that_are_owed_of_each_member() -> None:
    assert list(owed(MEMBERS)) == OF_MEMBERS


def test_members_are_compared_within_their_family() -> None:
    claims = [p.claim.claim for p in promises_of_activities(read(MEMBERS)) if isinstance(p.claim, Step)]
    assert {part.family for claim in claims for part in walk(claim) if isinstance(part, Same)} == {"guests"}


def test_nothing_is_owed_without_activities() -> None:
    steps = WHOLE.replace('@activity("open", fails=True)', "@internal").replace(
        "until=[closed], fair=[idle_for_long]", ""
    )
    steps = re.sub(r'@activity\("\w+"\)', "@internal", steps).replace("works: Answer[bool]", "works: bool")
    assert list(owed(steps.replace("activity,", "internal,").replace('"stop", )', '"stop")'))) == []


def test_each_answer_has_one_outcome_where_the_work_is_due() -> None:
    found = {(about.activity, about.fails): show(claim) for _, about, claim in landings(read(WHOLE))}
    good, badly = f"{AT_OPENING} and works", f"{AT_OPENING} and not works"
    one = f"({good} or {badly}) and not ({good} and ({badly}))"
    assert found == {
        ("open", False): f"implies({AT_OPENING}, {one})",
        ("open", True): f"implies({AT_OPENING}, {AT_OPENING})",
        ("close", False): f"implies({AT_CLOSING}, {AT_CLOSING})",
    }


@pytest.mark.parametrize(
    ("text", "given"),
    [(WHOLE, {"open": ["works"], "close": []}), (MEMBERS, {"fetch": ["guest", "late"], "see_off": ["guest"]})],
    ids=["whole", "members"],
)
def test_work_ends_with_any_answer_and_about_any_member(text: str, given: dict[str, list[str]]) -> None:
    batches = list(landing_batches(problem_of(read(text))))
    assert {name: [p.name for p in batch.parameters] for name, batch in batches} == given
    assert {name: len(batch.goals) for name, batch in batches} == dict(
        zip(given, (2, 1) if text is WHOLE else (2, 2), strict=True)
    )


# --- each promise is needed, and is enough -----------------------------------------------------------------------


def wrong(text: str) -> set[str]:
    """What is not confirmed, but for waits, for which somebody has to find a rank."""
    found = reasons(judged(read(text)))
    return {name for name, reason in found.items() if "no condition answers" not in reason}


WRONG = {
    "it begins by itself": (
        WHOLE,
        "phase: Phase = Phase.DOWN",
        "phase: Phase = Phase.CLOSING",
        "start/close.not_at_first",
    ),
    "an answer nobody takes": (WHOLE, "when(not works)", "when(works)", "activity/open/succeeds"),
    "an answer two take": (WHOLE, "        when(not works)\n", "", "activity/open/succeeds"),
    "a failure nobody takes": (
        WHOLE,
        "open_failed(self) -> None:\n        when(self.phase == Phase.OPENING)",
        "open_failed(self) -> None:\n        when(self.phase == Phase.CLOSING)",
        "activity/open/fails",
    ),
    "its place is taken away": (
        WHOLE,
        'when(self.phase == Phase.UP)\n        self.phase = Phase.CLOSING\n\n    @call("start")',
        'when(self.phase != Phase.DOWN)\n        self.phase = Phase.CLOSING\n\n    @call("start")',
        "step/idle_for_long/open.stays_due",
    ),
    "nothing answers any more": (
        WHOLE,
        'when(self.phase == Phase.UP)\n        self.phase = Phase.CLOSING\n\n    @call("stop", fails',
        'when(self.phase == Phase.UP)\n        self.phase = Phase.DOWN\n\n    @call("stop", fails',
        "leads_to/stop.answered.ends/possible",
    ),
    "it begins by itself with a member": (
        MEMBERS,
        "state: State = State.AWAY",
        "state: State = State.LEAVING",
        "start/see_off.not_when_gone",
    ),
    "it is due of a member that is gone": (
        MEMBERS,
        'retire(guest)\n\n    @activity("see_off", fails',
        'retire(guest)\n        guest.visits = True\n\n    @activity("see_off", fails',
        None,
    ),
    "a member's place is taken away": (
        MEMBERS,
        "when(guest.state == State.HERE)\n        guest.state = State.LEAVING",
        "when(guest.state != State.LEAVING)\n        guest.state = State.LEAVING",
        "step/leave/fetch.stays_due",
    ),
    "another member's place is taken away": (
        MEMBERS,
        'retire(guest)\n\n    @activity("see_off", fails',
        'for each in self.guests:\n            retire(each)\n\n    @activity("see_off", fails',
        "step/left/see_off.stays_due.of_others",
    ),
    "who leaves waits for what is not due": (
        MEMBERS,
        "guest.state = State.LEAVING",
        "guest.state = State.COMING",
        "step/leave/leave.answered",
    ),
}


def test_what_is_right_is_established() -> None:
    assert wrong(WHOLE) == set()
    assert wrong(MEMBERS) == set()


def test_work_returns_only_what_its_type_has() -> None:
    few = changed(
        WHOLE, ("when(self.phase == Phase.OPENING and works)", "when(self.phase == Phase.OPENING and works > 0)")
    )
    few = few.replace("works: Answer[bool]", "works: Answer[Nat]").replace("not works", "works == 0")
    assert wrong(few.replace("import Answer, Machine", "import Answer, Machine, Nat")) == set()
    assert wrong(few.replace("Answer[Nat]", "Answer[int]")) == {"activity/open/succeeds"}


@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_is_not(name: str) -> None:
    text, before, after, expected = WRONG[name]
    found = wrong(changed(text, (before, after)))
    assert (expected in found) if expected else not found


@pytest.mark.parametrize("member", ["each", "other", "other_guest", "guests"])
def test_a_member_of_any_name_is_told_apart_from_the_others(member: str) -> None:
    """Called `each`, it was taken for every other member, and nothing was asked of those."""
    text, before, after, expected = WRONG["another member's place is taken away"]
    after = after.replace("each", "one")
    renamed = changed(text, (before, after)).replace("guest:", f"{member}:").replace("guest.", f"{member}.")
    assert expected in wrong(renamed.replace("(guest)", f"({member})"))


FORGOTTEN = (
    ("        guest.state = State.LEAVING", "        retire(guest)\n        guest.visits = True"),
    ('left(self, guest: Guest) -> None:\n        when(guest.state == State.LEAVING)\n        retire(guest)',
     'left(self, guest: Guest) -> None:\n        when(guest.visits)\n        guest.visits = False'),
    ('fell(self, guest: Guest) -> None:\n        when(guest.state == State.LEAVING)\n        retire(guest)',
     'fell(self, guest: Guest) -> None:\n        when(guest.visits)\n        guest.visits = False'),
)  # fmt: skip


def test_no_work_is_due_of_a_member_that_is_forgotten() -> None:
    """What persists does not keep a member from being forgotten, and with it its work, which nobody would do."""
    assert "step/leave/see_off.not_when_gone" in wrong(changed(MEMBERS, *FORGOTTEN))


SERVICE = """
from quiesce.spec import Answer, Machine, Nat, call, when


class Service(Machine):
    held: Nat = 0

    @call("Begin")
    def begin(self, works: Answer[bool]) -> None:
        when(works)
        self.held += 1

    @call("Begin", fails="FAILED")
    def failed(self, works: Answer[bool]) -> None:
        when(not works)
"""

LAYER = """
from service import Service
from quiesce.spec import Answer, Machine, Uses, activity, always, call, when


class Upper(Machine):
    first_runs: bool = False
    other_runs: bool = False
    lower: Uses[Service]

    @call("start")
    def start(self) -> None:
        when(not self.first_runs)
        self.first_runs = True
        self.other_runs = True

    @call("start", fails="BUSY")
    def busy(self) -> None:
        when(self.first_runs)

    @activity("first")
    def first_done(self, works: Answer[bool]) -> None:
        when(self.first_runs)
        self.lower.begin(works)
        self.first_runs = False

    @activity("first")
    def first_not_done(self, works: Answer[bool]) -> None:
        when(self.first_runs)
        self.lower.failed(works)
        self.first_runs = False

    @activity("first", fails=True)
    def first_broken(self) -> None:
        when(self.first_runs)
        self.first_runs = False

    @activity("other", fails=True)
    def other_broken(self) -> None:
        when(self.other_runs)

    @activity("other")
    def other_done(self, works: Answer[bool]) -> None:
        when(self.other_runs)
        self.lower.begin(works)

    @activity("other")
    def other_not_done(self, works: Answer[bool]) -> None:
        when(self.other_runs)
        self.lower.failed(works)

    @always
    def together(self) -> bool:
        return self.other_runs or not self.first_runs
"""


def test_only_outcomes_of_the_same_activity_deal_with_an_answer_to_its_work(tmp_path: Path) -> None:
    (tmp_path / "service.py").write_text(SERVICE, encoding="utf-8")
    asks_nothing = changed(
        LAYER,
        ("when(self.first_runs)\n        self.lower.failed(works)", "when(self.first_runs)\n        when(not works)"),
    )
    assert set(reasons(judged(read(LAYER, tmp_path)))) == set()
    assert set(reasons(judged(read(asks_nothing, tmp_path)))) == {"precondition/first_done/lower.begin/answered_1"}
