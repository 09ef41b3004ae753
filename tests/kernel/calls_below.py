"""A layer whose calls are made by work, and what a machine owes that work."""

from pathlib import Path

from quiesce.kernel.problem import problem_of
from quiesce.kernel.rules.layers import layers_owed
from quiesce.kernel.rules.lower_calls import Owed

from tests.kernel.judging import read, still_open

BELOW = '''
from quiesce.spec import Answer, Machine, Nat, assume, call, when


class Below(Machine):
    """A layer that is started, used and stopped."""

    refs: Nat = 0
    sent: Nat = 0

    @call("Startup")
    def started(self, works: Answer[bool]) -> None:
        when(works)
        self.refs += 1

    @call("Startup", fails="NOT_READY")
    def not_started(self, works: Answer[bool]) -> None:
        when(not works)

    @call("Cleanup")
    def cleanup(self) -> None:
        assume(self.refs > 0, "a caller undoes its own startups only")
        self.refs -= 1

    @call("Send")
    def send(self) -> None:
        assume(self.refs > 0, "a caller sends between a startup and its cleanup")

    @call("Talk")
    def talk(self, works: Answer[bool]) -> None:
        assume(self.refs > 0, "a caller talks between a startup and its cleanup")
        when(works)

    @call("Talk", fails="NO_ANSWER")
    def silent(self, works: Answer[bool]) -> None:
        when(not works)

    @call("Ask")
    def ask(self) -> None:
        when(self.sent > 0)

    @call("Ask", fails="NOTHING")
    def ask_for_nothing(self) -> None:
        when(self.sent == 0)

    @call("Post")
    def post(self, size: Nat) -> None:
        self.sent += size

    @call("Flush")
    def flush(self) -> None:
        assume(self.refs > 0, "a caller flushes between a startup and its cleanup")
        self.sent = 0

    @call("Weigh")
    def weigh(self) -> None:
        self.sent += self.refs

    @call("Copy")
    def copy(self) -> None:
        self.sent = self.refs + 1

    @call("Rest")
    def rest(self) -> None:
        self.sent = self.sent
'''


def meanwhile(folder: Path, text: str) -> list[str]:
    """What is still open of this: that work calls what the model says, and that nothing is called in between."""
    (folder / "below.py").write_text(BELOW, encoding="utf-8")
    found = [name.removeprefix("precondition/") for name in still_open(read(text, folder))]
    return [name for name in found if "(while" in name]


def owed(folder: Path, text: str) -> dict[str, Owed]:
    (folder / "below.py").write_text(BELOW, encoding="utf-8")
    machine = read(text, folder)
    return {one.obligation.id: one for one in layers_owed(problem_of(machine)) if "(while" in one.obligation.id}
