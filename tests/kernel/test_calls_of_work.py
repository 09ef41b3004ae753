"""What running work calls below is left alone by all that happens meanwhile; each table holds what breaks that."""

from pathlib import Path

import pytest
from quiesce.kernel.kinds import id_of
from quiesce.kernel.problem import problem_of
from quiesce.kernel.rules.layers import layer_batches
from quiesce.spec.model import Same
from quiesce.spec.rewrite import walk

from tests.kernel.calls_below import meanwhile, owed
from tests.kernel.judging import read
from tests.machines import changed

pytestmark = pytest.mark.slow

# --- a device ----------------------------------------------------------------------------------------------------

DEVICE = """
from enum import Enum, auto

from below import Below
from quiesce.spec import Answer, Machine, Nat, Uses, activity, call, environment, internal, when


class Phase(Enum):
    DOWN = auto()
    OPENING = auto()
    UP = auto()
    CLOSING = auto()


class Device(Machine):
    phase: Phase = Phase.DOWN
    size: Nat = 0
    last: bool = False
    lower: Uses[Below]

    @call("start")
    def start(self) -> None:
        when(self.phase == Phase.DOWN)
        self.phase = Phase.OPENING

    @activity("open")
    def opened(self, works: Answer[bool]) -> None:
        when(self.phase == Phase.OPENING)
        self.lower.started(works)
        self.phase = Phase.UP

    @activity("open")
    def not_opened(self, works: Answer[bool]) -> None:
        when(self.phase == Phase.OPENING)
        self.lower.not_started(works)
        self.phase = Phase.DOWN

    @activity("open", fails=True)
    def broken(self) -> None:
        when(self.phase == Phase.OPENING)
        self.phase = Phase.DOWN

    @internal
    def sends(self) -> None:
        when(self.phase == Phase.UP)
        self.lower.send()

    @call("stop")
    def stop(self) -> None:
        when(self.phase == Phase.UP)
        self.phase = Phase.CLOSING

    @activity("close")
    def closed(self) -> None:
        when(self.phase == Phase.CLOSING)
        self.lower.post(self.size)
        self.lower.cleanup()
        self.phase = Phase.DOWN

    @environment
    def changes(self, by: Nat) -> None:
        when(self.phase == Phase.UP)
        self.size += by
        self.last = not self.last
"""
SENDS_UP = "when(self.phase == Phase.UP)\n        self.lower.send()"
CHANGES = "by: Nat) -> None:\n        when(self.phase == Phase.UP)"
CHANGES_AT_ANY_TIME = (CHANGES, "by: Nat) -> None:")
CALLS_BELOW = "self.lower.post(self.size)\n        self.lower.cleanup()\n        self.phase"
FAILS = (
    '@activity("close", fails=True)\n    def failed(self) -> None:\n        when(self.phase == Phase.CLOSING)\n\n    '
)
ONE_WAY = '@activity("close")\n    def closed'


def two_ways(
    first: str, second: str, *, fails: bool = False, asks: tuple[str, str] = ("self.last", "not self.last")
) -> str:
    """The device, whose work to close it ends in one of two ways, which make these calls."""
    end = f'@activity("close"{", fails=True" * fails})\n    def closed_too(self) -> None:\n'
    body = f"when(self.phase == Phase.CLOSING and {asks[1]})\n        {second}\n        self.phase = Phase.DOWN"
    return changed(
        DEVICE,
        CHANGES_AT_ANY_TIME,
        (CALLS_BELOW, f"{first}\n        self.phase"),
        ("when(self.phase == Phase.CLOSING)", f"when(self.phase == Phase.CLOSING and {asks[0]})"),
        (ONE_WAY, f"{end}        {body}\n\n    {ONE_WAY}"),
    )


RETURNS = changed(
    two_ways("self.lower.post(1)", "self.lower.post(2)", asks=("size >= 0", "size < 0 and self.last")),
    ("def closed(self)", "def closed(self, size: Answer[Nat])"),
    ("def closed_too(self)", "def closed_too(self, size: Answer[Nat])"),
    (f"{ONE_WAY}(", f"{FAILS}{ONE_WAY}("),
)


def sending(*lines: str) -> str:
    """The device that sends so, at any time."""
    return changed(DEVICE, (SENDS_UP, "\n        ".join(lines)))


CHANGED = ["changes/(while close)/same_calls"]
DEVICES = {
    "all is well": (DEVICE, []),
    "freed below while it is used": (
        changed(DEVICE, (SENDS_UP, "self.lower.send()")),
        ["sends/(while open)/1", "sends/(while close)/1"],
    ),
    "used in an arm that is not taken then": (sending("if self.phase == Phase.UP:", "    self.lower.send()"), []),
    "used in an arm that is taken then": (
        sending("if self.phase != Phase.DOWN:", "    self.lower.send()"),
        ["sends/(while open)/1", "sends/(while close)/1"],
    ),
    "used in another way then": (
        sending("if self.phase == Phase.UP:", "    self.lower.send()", "else:", "    self.lower.rest()"),
        [],
    ),
    "one of two ways to use it is wrong": (
        sending(
            "if self.phase == Phase.UP:", "    self.lower.flush()", "if self.phase != Phase.UP:", "    self.lower.ask()"
        ),
        ["sends/(while close)/2"],
    ),
    "what it is given changes": (changed(DEVICE, CHANGES_AT_ANY_TIME), CHANGED),
    "something else changes": (changed(DEVICE, CHANGES_AT_ANY_TIME, ("self.size += by\n        ", "")), []),
    "the same calls in both ways": (two_ways("self.lower.cleanup()", "self.lower.cleanup()"), []),
    "other calls in another way": (two_ways("self.lower.cleanup()", "self.lower.flush()"), CHANGED),
    "other arguments in another way": (two_ways("self.lower.post(1)", "self.lower.post(2)"), CHANGED),
    "equal arguments in both ways": (two_ways("self.lower.post(1)", "self.lower.post(2 - 1)"), []),
    "no call in one way, which is no longer possible": (
        two_ways("self.lower.flush()", "pass", asks=("True", "self.last")),
        CHANGED,
    ),
    "a call in an arm, which is no longer taken": (
        changed(
            DEVICE,
            CHANGES_AT_ANY_TIME,
            (CALLS_BELOW, "if self.last:\n            self.lower.flush()\n        self.phase"),
        ),
        CHANGED,
    ),
    "what no work returns": (RETURNS, []),
    "what work may return": (
        RETURNS.replace("size: Answer[Nat]", "size: Answer[int]"),
        CHANGED,
    ),
    "a call in one way only": (two_ways("self.lower.cleanup()", "pass"), CHANGED),
    "a call in the other way only": (two_ways("pass", "self.lower.cleanup()"), CHANGED),
    "a failure has other calls than a success": (
        two_ways("self.lower.cleanup()", "pass", fails=True, asks=("True", "True")),
        [],
    ),
    "a failure is no longer possible": (
        two_ways("self.lower.cleanup()", "self.lower.cleanup()", fails=True, asks=("True", "self.last")),
        CHANGED,
    ),
    "a failure that calls nothing is no longer possible": (
        two_ways("self.lower.cleanup()", "pass", fails=True, asks=("True", "self.last")),
        [],
    ),
    "who fails calls what changes": (
        two_ways("pass", "self.lower.post(self.size)", fails=True, asks=("True", "True")),
        CHANGED,
    ),
}


@pytest.mark.parametrize("name", DEVICES)
def test_nothing_else_happens_to_what_work_calls(tmp_path: Path, name: str) -> None:
    text, wrong = DEVICES[name]
    assert meanwhile(tmp_path, text) == wrong


def test_only_what_changes_something_that_work_looks_at_owes_it_to_go_on_calling_the_same(tmp_path: Path) -> None:
    found = [name.split("/")[1:] for name in owed(tmp_path, DEVICE)]
    assert [name for name, work, what in found if (work, what) == ("(while open)", "same_calls")] == [
        "start", "stop", "closed"
    ]  # fmt: skip
    assert [name for name, work, what in found if (work, what) == ("(while close)", "same_calls")] == [
        "start", "opened", "not_opened", "broken", "stop", "changes"
    ]  # fmt: skip
    assert [(name, work, what) for name, work, what in found if what != "same_calls"] == [
        ("sends", "(while open)", "1"),
        ("closed", "(while open)", "2"),
        ("opened", "(while close)", "1"),
        ("not_opened", "(while close)", "1"),
        ("sends", "(while close)", "1"),
    ]


def test_what_is_owed_to_work_has_a_place_and_words(tmp_path: Path) -> None:
    text = DEVICES["freed below while it is used"][0]
    found = owed(tmp_path, text)
    apart, same = found["precondition/sends/(while close)/1"], found["precondition/changes/(while close)/same_calls"]
    lines = [text.splitlines()[one.obligation.span.line - 1].strip() for one in (apart, same)]
    assert lines == ["self.lower.send()", "def changes(self, by: Nat) -> None:"]
    assert apart.goal().otherwise == (
        "calls lower.send, while this work may have called lower.cleanup already: "
        "the order of the two makes a difference"
    )
    assert same.goal().otherwise == "changes which calls to the layer below this work is said to have made"


def test_all_calls_are_named_that_another_might_meet(tmp_path: Path) -> None:
    found = owed(tmp_path, sending("self.lower.flush()"))["precondition/sends/(while close)/1"]
    words = found.goal().otherwise
    assert words == (
        "calls lower.flush, while this work may have called lower.post, lower.cleanup already: "
        "the order of the two makes a difference"
    )


def test_what_is_owed_to_work_is_asked_one_by_one(tmp_path: Path) -> None:
    """Each speaks of members of its own, and whatever is known of totals is told of each: together it takes long."""
    names = list(owed(tmp_path, DEVICE))
    batches = dict(layer_batches(problem_of(read(DEVICE, tmp_path))))
    assert list(batches) == ["layers", *names]
    assert all([id_of(about) for about, _ in batches[name].goals] == [name] for name in names)


# --- members -----------------------------------------------------------------------------------------------------


def lines(quiet: str = "State.DOWN, State.UP", where: str = "other.state != State.CLOSING") -> str:
    """Lines that close only where all others are quiet, and begin to open only where all others are as told."""
    return MANY.replace("QUIET", f"({quiet})").replace("WHERE", where)


MANY = """
from enum import Enum, auto

from below import Below
from quiesce.spec import Answer, Family, Machine, Member, Nat, Uses, activity, always, call, environment, implies, when


class State(Enum):
    DOWN = auto()
    OPENING = auto()
    UP = auto()
    CLOSING = auto()


class Line(Member):
    state: State = State.DOWN
    size: Nat = 0


class Lines(Machine):
    lines: Family[Line]
    lower: Uses[Below]

    @call("connect")
    def connect(self, line: Line) -> None:
        when(line.state == State.DOWN)
        when(all(WHERE for other in self.lines))
        line.state = State.OPENING

    @activity("open")
    def opened(self, line: Line, works: Answer[bool]) -> None:
        when(line.state == State.OPENING)
        self.lower.started(works)
        self.lower.post(line.size)
        line.state = State.UP

    @activity("open")
    def not_opened(self, line: Line, works: Answer[bool]) -> None:
        when(line.state == State.OPENING)
        self.lower.not_started(works)
        line.state = State.DOWN

    @activity("open", fails=True)
    def broken(self, line: Line) -> None:
        when(line.state == State.OPENING)
        line.state = State.DOWN

    @call("close")
    def close(self, line: Line) -> None:
        when(line.state == State.UP)
        when(all(other.state in QUIET for other in self.lines))
        line.state = State.CLOSING

    @activity("shut")
    def shut(self, line: Line) -> None:
        when(line.state == State.CLOSING)
        self.lower.cleanup()
        line.state = State.DOWN

    @environment
    def grows(self, line: Line, by: Nat) -> None:
        when(line.state == State.DOWN)
        line.size += by

    @always
    def alone(self) -> bool:
        return all(
            all(implies(one.state == State.CLOSING, other == one or other.state in QUIET) for other in self.lines)
            for one in self.lines
        )
"""
LINES = lines()
GROWS = "by: Nat) -> None:\n        when(line.state == State.DOWN)"
GROWS_AT_ANY_TIME = (GROWS, "by: Nat) -> None:")
SENDS = """
    @call("send")
    def sends(self, line: Line) -> None:
        when(line.state == State.UP)
        self.lower.send()
"""
NONE_CLOSES = "        when(all(other.state != State.CLOSING for other in self.lines))\n"
MEMBERS = {
    "members open at once": (LINES, []),
    "one opens while one closes": (
        lines("State.DOWN, State.UP, State.OPENING", "True"),
        ["shut/(while open)/1", "opened/(while shut)/1", "not_opened/(while shut)/1"],
    ),
    "two close at once": (lines("State.DOWN, State.UP, State.CLOSING"), ["shut/(while shut)/1"]),
    "a member's own argument changes": (changed(LINES, GROWS_AT_ANY_TIME), ["grows/(while open)/same_calls"]),
    "another member's argument changes": (
        changed(LINES, GROWS_AT_ANY_TIME, ("line.size += by", "for each in self.lines:\n            each.size += by")),
        ["grows/(while open)/same_calls"],
    ),
    "the end of one's work changes what another's calls": (
        changed(
            LINES,
            (
                "size)\n        line.state",
                "size)\n        for each in self.lines:\n            each.size = 1\n        line.state",
            ),
        ),
        ["opened/(while open)/same_calls"],
    ),
    "the end of one's work changes what it calls itself": (
        changed(LINES, ("size)\n        line.state", "size)\n        line.size = 1\n        line.state")),
        [],
    ),
    "one sends while another does": (f"{LINES}{SENDS}", ["sends/(while open)/1", "sends/(while shut)/1"]),
    "one sends while one closes": (
        f"{LINES}{SENDS}".replace("        self.lower.send", f"{NONE_CLOSES}        self.lower.send"),
        ["sends/(while open)/1"],
    ),
}


@pytest.mark.parametrize("name", MEMBERS)
def test_the_work_of_one_member_is_left_alone_by_that_of_others(tmp_path: Path, name: str) -> None:
    text, wrong = MEMBERS[name]
    assert meanwhile(tmp_path, text) == wrong


def test_members_are_told_apart_within_their_family(tmp_path: Path) -> None:
    other = "class Other(Member):\n    odd: bool = False\n\n\nclass Lines(Machine):\n    others: Family[Other]\n"
    found = owed(tmp_path, changed(LINES, ("class Lines(Machine):\n", other)))
    goal = found["precondition/shut/(while shut)/1"].goal()
    assert [part for part in walk(goal.where) if isinstance(part, Same)] == [Same("line", "shut.line", "lines")]
    assert [parameter.name for parameter in goal.parameters] == ["line", "shut.line"]
