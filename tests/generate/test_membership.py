"""What a core knows of its families is proved like the rest of its state, and generated right."""

import pytest
from quiesce.generate.core.validation import compare
from quiesce.prove.effort import Effort
from quiesce.prove.prover import verify
from quiesce.prove.results import Verdict

from tests.by_day import by_day
from tests.generate.cores import core_of, differences, disagreements, machine_of
from tests.generate.membership_specs import BRANCHES, MERGES, NOT_FORGETTABLE, RESET, SINGLED_OUT, SPECS
from tests.reports import verdicts_by_id

RUNS = range(60)


@pytest.mark.parametrize("name", SPECS)
def test_the_generated_core_is_equal_to_its_model(name: str) -> None:
    spec = SPECS[name]
    assert differences(spec, core_of(machine_of(spec))) == ()


@pytest.mark.parametrize("name", by_day(SPECS, 2))
def test_the_generated_core_runs_as_the_interpreter(name: str) -> None:
    machine = machine_of(SPECS[name])
    assert disagreements(machine, core_of(machine), RUNS) == []


@pytest.mark.parametrize(
    ("name", "text", "fault", "named"),
    [
        ("reset", "self.ss[s] = None\n", "pass\n", "reset: reset: ss: who is not as new at the end is known"),
        ("retire all", "self.ss[s] = None\n", "pass\n", "open: open: ss: who is not as new"),
        ("branches", "                self.ss[t] = None\n", "", "close_all: close_all: ss: who is not as new"),
        ("retire all", "        self.ss.pop(s, None)\n", "", "open: open: ss: who is known at the end was known"),
        (
            "aliases",
            "        self.ss[s] = None\n        s.open = True\n        return",
            "        s.open = True\n        return",
            "known",
        ),
        ("two families", "self.us[u] = None", "self.ss[u] = None", "cannot be read back"),
        (
            "retire all",
            "for t in tuple(self.ss):\n            self._retire_s(t)",
            "for s in tuple(self.ss):\n            self._retire_s(s)",
            "cannot be read back",
        ),
        (
            "pristine",
            "        self.up = True\n",
            "        self.up = True\n        for s in self.ss:\n            s.serial += 1\n",
            "ss.serial",
        ),
    ],
)
def test_a_core_that_knows_the_wrong_members_is_refused(name: str, text: str, fault: str, named: str) -> None:
    spec = SPECS[name]
    core = core_of(machine_of(spec))
    assert text in core, core
    *rest, last = core.split(text)
    found = differences(spec, text.join(rest) + fault + last)
    assert any(named in difference for difference in found), found


def test_runs_show_a_core_that_forgets() -> None:
    machine = machine_of(RESET)
    faulty = core_of(machine).replace("        self.ss[s] = None\n", "")
    assert disagreements(machine, faulty, RUNS)


def test_what_is_not_written_need_not_be_known() -> None:
    """A member that is only read, or only given back, stays unknown; one that is in use is not made known again."""
    core = core_of(machine_of(BRANCHES))
    assert core.count("self.ss[s] = None") == 3
    assert "self.ss[t] = None" in core


@pytest.mark.parametrize(
    "named",
    [
        "can_some: may happen",
        "some: some where",
        "can_every: may happen",
        "every: every where",
        "adds: adds: v",
        "each: each: ss.open",
    ],
)
def test_a_member_that_is_as_new_has_to_make_no_difference(named: str) -> None:
    """These specs are refuted before anything is generated; the comparison does not rely on that."""
    machine = machine_of(NOT_FORGETTABLE)
    found = compare(machine, (), NOT_FORGETTABLE, core_of(machine), Effort())
    assert any(difference.startswith(named) for difference in found), found


def test_a_loop_that_opens_a_member_given_back_is_not_proved_to_be_forgettable() -> None:
    """The loop is asked by itself, whoever was named to the call: a program that forgot the member would miss it."""
    found = verdicts_by_id(verify(machine_of(SINGLED_OUT)))
    assert found["forgettable/one"] is Verdict.UNKNOWN


def test_what_gives_members_back_is_read_even_if_nothing_calls_it() -> None:
    core = core_of(machine_of(RESET)).replace("        self._retire_s(s)\n", "")
    assert differences(RESET, core) == ()
    faulty = core.replace("        s.open = False\n", "        print(s)\n")
    assert differences(RESET, faulty) == ("cannot be read back: _retire_s: print(s)",)


def test_a_run_shows_that_a_member_was_forgotten_before_anybody_misses_it() -> None:
    machine = machine_of(MERGES)
    faulty = core_of(machine).replace("        self.ss[s] = None\n", "")
    assert any("ss without" in wrong for wrong in disagreements(machine, faulty, RUNS))
