"""Goals that are lost, waits that never end and witnesses that no run can show: found only where they are real."""

from collections.abc import Callable
from pathlib import PurePosixPath

from quiesce.kernel.kinds import id_of
from quiesce.kernel.problem import problem_of
from quiesce.mutate.endless_waits import endless
from quiesce.mutate.never_again import never, traps
from quiesce.prove.effort import Effort
from quiesce.prove.search.walk import Walk, explore
from quiesce.prove.solving.z3_solver import Solver
from quiesce.spec.interpreter import replay
from quiesce.spec.model import Machine
from quiesce.spec.reader import read_text

from tests.machines import changed, text_of

LADDER = '''
from quiesce.spec import Machine, Nat, call, environment, recoverable, when


class Ladder(Machine):
    """Its top is reached with an argument that no walk tries."""

    level: Nat = 0

    @call("jump")
    def jump(self, n: Nat) -> None:
        """Far up."""
        when(n == 7)
        self.level = n

    @call("jump", fails="TOO_SHORT")
    def too_short(self, n: Nat) -> None:
        """Not far enough, or too far."""
        when(n != 7)

    @environment
    def fall(self) -> None:
        """Only from the top."""
        when(self.level == 7)
        self.level = 0

    @recoverable
    def top(self) -> bool:
        """The top can be reached."""
        return self.level == 7
'''


def walk_of(text: str) -> Walk:
    return explore(problem_of(read_text(text, PurePosixPath("ladder.py"))))


def test_what_only_the_walk_misses_is_not_called_lost_or_impossible() -> None:
    seen = walk_of(LADDER)
    assert not any(seen.where(next(iter(seen.problem.machine.promises)).claim.goal))  # type: ignore[union-attr]
    assert list(traps(seen, Solver(Effort()), {"top"})) == []
    assert list(never(seen, Solver(Effort()))) == []


def test_what_no_argument_reaches_is_lost_and_impossible() -> None:
    seen = walk_of(LADDER.replace("self.level = n", "self.level = 0"))
    assert [id_of(item.obligation) for item in traps(seen, Solver(Effort()), {"top"})] == [
        "recoverable/top/(everywhere)"
    ]
    assert "witness/fall" in [id_of(item.obligation) for item in never(seen, Solver(Effort()))]


FORGETS = '''
@environment
def look(self) -> None:
    """Nobody is trusted to look, and nothing comes of it."""
    when(self.people == 0)
    self.people = 0

@leads_to(fair=[{trusted}])
def forgets(self) -> tuple[bool, bool]:
    """Old visits are forgotten, if nobody comes."""
    return self.visits > 0 and self.people == 0, self.visits == 0 or self.people > 0
'''


def test_a_circle_of_steps_that_nobody_trusts_is_no_endless_wait(counter: Callable[..., Machine]) -> None:
    """While it is walked for ever, a trusted action can happen, and then one does."""
    alone = explore(problem_of(counter(FORGETS.format(trusted="cool"))))
    assert list(endless(alone, Solver(Effort()))) == []
    both = explore(problem_of(counter(FORGETS.format(trusted="cool, look"))))
    assert [id_of(item.obligation) for item in endless(both, Solver(Effort()))] == ["leads_to/forgets/look/decreases"]


def test_only_who_has_called_waits_for_ever_for_an_answer() -> None:
    """Without its promise the worker is taken to have a caller at the start, where nothing can answer anybody."""
    worker = text_of("worker")
    unpromised = changed(worker, (worker[worker.index("    @always") :], ""))
    seen = walk_of(unpromised)
    assert list(endless(seen, Solver(Effort()))) == []
    [forgotten] = endless(
        walk_of(changed(unpromised, ("until=[halted, not_booted]", "until=[halted]"))), Solver(Effort())
    )
    assert id_of(forgotten.obligation) == "leads_to/stop.answered.ends/possible"
    assert [move.action for move in forgotten.run.moves] == ["start", "stop"]
    replay(seen.problem.machine, forgotten.run)
