"""Small specs with one thing in each that is not so, made from the one of the other tests; and runs of machines."""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass

from quiesce.kernel.hints import NOTHING
from quiesce.kernel.plan import Plan
from quiesce.kernel.problem import problem_of
from quiesce.kernel.runs.shown import objection
from quiesce.kernel.subjects import Applies, Assumed, BranchTaken, Happens, Subject, ValueTaken
from quiesce.spec.arguments import Enumerator
from quiesce.spec.interpreter import after, initial_states
from quiesce.spec.model import Machine
from quiesce.spec.state import Run

from tests.certify.conftest import GATE
from tests.machines import changed

PROMISE = "    @always\n    def holders_have_keys"
ACTION = "    @environment\n    def breaks"


@dataclass(frozen=True)
class Falsehood:
    """A text of the spec and what it becomes, and what every objection speaks of then."""

    before: str
    now: str
    spoken_of: str


def added(before: str, text: str, spoken_of: str) -> Falsehood:
    """Something more in front of a text."""
    return Falsehood(before, f"{text}\n\n{before}", spoken_of)


MORE = {
    "an invariant is broken by a step": Falsehood("        self.keys -= 1\n", "", "helper 1|holders_have_keys"),
    "an invariant is broken at the start": Falsehood("keys: Nat = 0", "keys: Nat = 1", "helper 1|holders_have_keys"),
    "an invariant is false": Falsehood(
        '@always(expect="refuted")\n    def never_full', "@always\n    def never_full", "never_full"
    ),
    "a range is left": Falsehood(
        "assume(self.holders > 0, ", "assume(self.holders > 0 or self.broken, ", "in range|helper 2|held_open"
    ),
    "a goal cannot be reached": Falsehood('@recoverable(expect="refuted")', "@recoverable", "whole_again"),
    "a wait does not end": Falsehood(
        '@leads_to(fair=[closed], expect="refuted")', "@leads_to(fair=[closed])", "closing_ends_by_itself"
    ),
    "a wait sinks for ever": added(
        PROMISE,
        """    @internal
    def sinks(self) -> None:
        self.debt -= 1

    @leads_to(fair=[sinks])
    def debt_rises(self) -> tuple[bool, bool]:
        return self.debt <= 0, self.debt > 0""",
        "debt_rises",
    ),
    "a caller waits for ever": Falsehood(
        "blocks=True, fair=[leave, closed]", "blocks=True, fair=[leave]", r"caller\.wait"
    ),
    "a call is not dealt with": added(
        ACTION,
        """    @call("knock")
    def knock(self) -> None:
        when(self.broken)""",
        "total/knock/covered",
    ),
    "a call has two outcomes": added(
        ACTION,
        """    @call("hold", fails="BROKEN")
    def refuse(self) -> None:
        when(self.broken)""",
        "total/hold/exclusive",
    ),
    "a step changes what it may not": added(
        ACTION,
        """    @environment
    def repack(self, g: Guest) -> None:
        when(g.inside)
        g.bags += 1""",
        "guests_keep_their_bags",
    ),
    "an action never happens": added(
        ACTION,
        """    @environment
    def comes_back(self) -> None:
        when(self.holders > 5 and self.phase == Phase.SHUT)""",
        "witness/comes_back",
    ),
    "a release leaves something": added(
        PROMISE,
        """    @pristine
    def shut_is_new(self) -> bool:
        return self.phase == Phase.SHUT""",
        "shut_is_new",
    ),
    "the start is another": added(
        PROMISE,
        """    @initially
    def comes_broken(self) -> bool:
        return self.broken""",
        "comes_broken",
    ),
    "a step is not always possible": added(
        PROMISE,
        """    @enabled(closed)
    def closes_at_once(self) -> bool:
        return self.phase == Phase.CLOSING""",
        "closes_at_once",
    ),
    "what is said to be false holds": Falsehood(
        "    @always\n    def held_open", '    @always(expect="refuted")\n    def held_open', "held_open"
    ),
    "a goal that is said to be out of reach can be reached": Falsehood(
        "@recoverable\n    def shut_again", '@recoverable(expect="refuted")\n    def shut_again', "expected/shut_again"
    ),
    "a wait that is said not to end ends": Falsehood(
        "@leads_to(fair=[leave, closed])", '@leads_to(fair=[leave, closed], expect="refuted")', "closing_ends"
    ),
}
"""What is changed in the spec, one thing at a time."""

SHOWN = (Happens, BranchTaken, ValueTaken, Applies, Assumed)
"""What runs have to show of a machine."""


def false_spec(name: str) -> str:
    """The text of one of them."""
    change = MORE[name]
    text = changed(GATE, ("    broken:", "    debt: Int = 0\n    broken:"))
    assert change.before in text, name
    return text.replace(change.before, change.now, 1)


def runs_of(machine: Machine, most: int) -> Iterator[Run]:
    """Runs of a machine with two members in each family, the shortest first."""
    possible = Enumerator(machine)
    pending = deque(Run(state) for state in initial_states(machine, 2))
    seen = {run.end.key() for run in pending}
    while pending and most > 0:
        run = pending.popleft()
        yield run
        most -= 1
        for action, arguments in possible.enabled(run.end):
            longer = after(machine, run, action, arguments)
            if longer.end.key() not in seen:
                seen.add(longer.end.key())
                pending.append(longer)
            elif longer.end == run.end or action.name not in {move.action for move in run.moves}:
                yield longer
                most -= 1


def telling_runs(machine: Machine, most: int = 100) -> list[Run]:
    """Runs that show everything which any of the first runs shows."""
    plan, found = Plan(problem_of(machine)), list[Run]()
    missing: list[Subject] = [about for about in plan.due if isinstance(about, SHOWN)]
    for run in runs_of(machine, most):
        left = [about for about in missing if objection(plan, NOTHING, about, run) is not None]
        if len(left) < len(missing):
            missing = left
            found.append(run)
    return found
