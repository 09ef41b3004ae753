"""A ledger with sessions: to begin one asks for the key, which may be refused by an answer, or fail."""

from enum import Enum, auto

from quiesce.spec import Answer, Family, Machine, Member, Nat, New, activity, call, retire, session, when


class Stage(Enum):
    """Where an entry stands."""

    ABSENT = auto()
    ASKING = auto()
    HELD = auto()
    WRITING = auto()


class Entry(Member):
    """An entry."""

    stage: Stage = Stage.ABSENT
    weight: Nat = 0


class Ledger(Machine):
    """A ledger."""

    total: Nat = 0
    entries: Family[Entry]

    writing = session("begin", "finish")

    @activity("ask")
    def granted(self, e: Entry, weight: Answer[Nat]) -> None:
        """The key is ours."""
        when(e.stage == Stage.ASKING)
        e.stage = Stage.HELD
        e.weight = weight

    @activity("ask", fails=True)
    def refused(self, e: Entry) -> None:
        """It is not."""
        when(e.stage == Stage.ASKING)
        retire(e)

    @activity("write")
    def written(self, e: Entry, kept: Answer[bool]) -> None:
        """It is done."""
        when(e.stage == Stage.WRITING)
        if kept:
            self.total += e.weight
        retire(e)

    @activity("write", fails=True)
    def torn(self, e: Entry) -> None:
        """It is lost."""
        when(e.stage == Stage.WRITING)
        retire(e)

    @call("begin")
    def begin(self, e: New[Entry]) -> None:
        """Begin an entry."""
        e.stage = Stage.ASKING

    @call("finish")
    def finish(self, e: Entry) -> None:
        """Finish it."""
        when(e.stage == Stage.HELD)
        e.stage = Stage.WRITING

    @call("finish", fails="NOT_HELD")
    def finish_nothing(self, e: Entry) -> None:
        """There is nothing to finish."""
        when(e.stage != Stage.HELD)
