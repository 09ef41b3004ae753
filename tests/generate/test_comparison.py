"""Ordinary specs whose cores could not be proved equal, though they were."""

from pathlib import Path

from quiesce.generate.validation import compare, validate
from quiesce.prove.checked import CheckedMachine

from tests.generate.cores import core_of, machine_of, report_on, spec_of

ORDINARY = Path(__file__).with_name("specs").joinpath("ordinary.py").read_text(encoding="utf-8")

RESTS_ON_A_HELPER = spec_of("""
    class Phase(Enum):
        DOWN = auto()
        UP = auto()

    class M(Machine):
        phase: Phase = Phase.DOWN
        refs: Nat = 0

        @call("start")
        def start_first(self) -> None:
            when(self.phase == Phase.DOWN)
            self.phase = Phase.UP
            self.refs = 1

        @call("start")
        def start_again(self) -> None:
            when(self.phase == Phase.UP)
            self.refs += 1

        @call("stop")
        def stop_last(self) -> None:
            when(self.refs == 1)
            self.refs = 0
            self.phase = Phase.DOWN

        @call("stop")
        def stop_one(self) -> None:
            when(self.refs > 1)
            self.refs -= 1

        @call("stop", fails="DOWN")
        def is_down(self) -> None:
            when(self.phase == Phase.DOWN)
""")


def test_names_that_stand_twice_and_steps_that_do_nothing() -> None:
    machine = machine_of(ORDINARY)
    assert compare(machine, (), ORDINARY, core_of(machine)) == ()


def test_the_comparison_knows_what_the_totality_of_a_call_rests_on() -> None:
    report = report_on(RESTS_ON_A_HELPER)
    machine, core = report.machine, core_of(report.machine)
    assert report.hints.helpers
    assert validate(CheckedMachine(report), RESTS_ON_A_HELPER, core) == ()
    assert any("stop: " in difference for difference in compare(machine, (), RESTS_ON_A_HELPER, core))


def test_loops_of_one_name_over_two_families_have_two_names() -> None:
    core = core_of(machine_of(ORDINARY))
    assert "for x_2 in self.arg:" in core  # `x` is a worker in another outcome of the call
    assert "for t_3 in self.arg:" in core  # `t_2` is what a quantifier inside is called
