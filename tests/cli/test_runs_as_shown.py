"""What a person reads of a counterexample: the state it ends in, who applies there, and no line twice."""

import json
from pathlib import Path

import pytest
from quiesce.cli import main

pytestmark = pytest.mark.slow

HEAD = """
from enum import Enum, auto
from quiesce.spec import Family, Machine, Member, Nat, always, call, initially, internal, leads_to, policy, when

class Kind(Enum):
    A = auto()
    B = auto()

"""

TWICE = """
class M(Machine):
    n: Nat = 0

    @call("start")
    def first(self, ok: bool) -> None:
        when(self.n >= 0)
        self.n += 1

    @call("start")
    def second(self, ok: bool) -> None:
        when(ok)

    @call("start", fails="NEVER")
    def third(self, ok: bool) -> None:
        when(not ok and self.n > 100)

    @call("start", fails="BUSY")
    def fourth(self, ok: bool) -> None:
        when(ok)
"""

TWICE_LATER = """
class M(Machine):
    n: Nat = 0
    busy: bool = False

    @call("start")
    def begin(self) -> None:
        when(not self.busy)
        self.busy = True

    @call("start", fails="BUSY")
    def begin_busy(self) -> None:
        when(self.busy)

    @call("start", fails="GONE")
    def begin_gone(self) -> None:
        when(self.busy)
"""

ROWS = """
CHOICE = policy(Kind.A, Kind.B)

class M(Machine):
    n: Nat = 0
    on: bool = False

    @call("up")
    def up(self) -> None:
        when(self.n < 30)
        self.n += 1

    @call("turn")
    def turn(self) -> None:
        when(self.n >= 30)
        self.on = not self.on
        self.n += 1

    @call("turn")
    def no_turn(self) -> None:
        when(self.n < 30)

    @call("up")
    def no_up(self) -> None:
        when(self.n >= 30)

    @always
    def small(self) -> bool:
        return self.n < 33
"""

AT_ONCE = """
class Job(Member):
    open: bool = False

class M(Machine):
    jobs: Family[Job]

    @call("open")
    def begin(self, j: Job) -> None:
        j.open = True

    @initially
    def some(self) -> bool:
        return any(j.open for j in self.jobs)

    @initially(expect="refuted")
    def none(self) -> bool:
        return all(not j.open for j in self.jobs)
"""

WAITS = """
class Job(Member):
    open: bool = False

class M(Machine):
    done: bool = False
    jobs: Family[Job]

    @call("open")
    def begin(self, j: Job) -> None:
        j.open = True

    @internal
    def finish(self) -> None:
        when(self.done)
        self.done = False

    @call("wait", blocks=True, fair=[finish])
    def wait(self, j: Job, hard: bool) -> None:
        when(j.open and hard)

    @call("wait")
    def pass_by(self, j: Job, hard: bool) -> None:
        when(not j.open or not hard)

    @leads_to(fair=[finish])
    def nothing_lasts(self) -> tuple[bool, bool]:
        return any(j.open for j in self.jobs), self.done
"""

STUCK = "waits, and none of the fair actions (finish) is possible: the wait may last for ever"


@pytest.fixture
def said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> "Said":
    monkeypatch.chdir(tmp_path)
    return Said(capsys)


class Said:
    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self._capsys = capsys

    def of(self, machine: str, *options: str) -> str:
        Path("m.py").write_text(HEAD + machine, encoding="utf-8")
        assert main(["verify", "m.py", *options]) == 1
        return self._capsys.readouterr().out

    def about(self, machine: str, name: str) -> list[str]:
        """What stands below the line that names an obligation, up to the next empty line."""
        lines = self.of(machine).splitlines()
        first = next(number for number, line in enumerate(lines) if line.endswith(f": {name}")) + 1
        return lines[first : lines.index("", first)]


def test_all_outcomes_that_apply_are_named_and_the_state_is_shown(said: Said) -> None:
    assert said.about(TWICE, "total/start/exclusive") == [
        "  more than one outcome applies to start(ok=True) in the initial state: first, second and fourth",
        "  the initial state, before any step:",
        "    n=0",
    ]


def test_a_state_without_an_outcome_says_what_to_add(said: Said) -> None:
    without = TWICE.replace("when(self.n >= 0)", "when(self.n > 0)").replace("when(ok)", "when(ok and self.n > 0)")
    told = said.about(without, "total/start/covered")[0]
    assert told.startswith("  no outcome applies to start(ok=")
    assert told.endswith(") in the initial state: add one, such as a refusal (`fails=`)")


def test_the_state_behind_a_run_is_shown_as_a_whole(said: Said) -> None:
    assert said.about(TWICE_LATER, "total/start/exclusive") == [
        "  more than one outcome applies to start() in the last state: begin_busy and begin_gone",
        "  1 step from the start, replayed on the interpreter:",
        "    1  begin()  busy: False -> True  (m.py:15)",
        "  the last state: n=0 busy=True",
    ]


def test_equal_steps_of_a_long_run_are_one_line(said: Said) -> None:
    assert said.about(ROWS, "step/turn/small")[-6:] == [
        "  33 steps from the start, replayed on the interpreter:",
        "  under CHOICE=A",
        "    1-30  up() x 30  n: 0 -> 30  (m.py:17)",
        "      31  turn()     n: 30 -> 31, on: False -> True  (m.py:22)",
        "      32  turn()     n: 31 -> 32, on: True -> False  (m.py:22)",
        "      33  turn()     n: 32 -> 33, on: False -> True  (m.py:22)",
    ]


def test_no_step_of_a_long_run_is_missing_from_the_json(said: Said) -> None:
    report = json.loads(said.of(ROWS, "--json", "-"))
    [run] = [entry["counterexample"] for entry in report["obligations"] if entry["id"] == "step/turn/small"]
    assert [step["state"]["n"] for step in run["steps"]] == list(range(1, 34))


def test_a_start_that_is_refuted_is_shown_and_one_that_is_not_is_called_an_initial_state(said: Said) -> None:
    assert said.about(AT_ONCE, "start/some") == ["  the initial state, before any step:", "    every member is as new"]
    assert said.about(AT_ONCE, "expected/none") == [
        "  declared false, but no initial state with 0, 1, 2, 3 or 8 members of each family breaks it"
    ]


def test_who_waits_is_shown_with_its_arguments(said: Said) -> None:
    assert said.about(WAITS, "leads_to/caller.wait/possible") == [
        f"  in the last state wait(j=jobs[0], hard=True) {STUCK}",
        "  1 step from the start, replayed on the interpreter:",
        "    1  begin(j=jobs[0])  jobs[0].open: False -> True  (m.py:18)",
        "  the last state: done=False; jobs[0]: open=True",
    ]
    assert said.about(WAITS, "leads_to/nothing_lasts/possible")[0] == (f"  in the last state nothing_lasts {STUCK}")
