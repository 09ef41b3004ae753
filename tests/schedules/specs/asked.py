"""Questions whose work may say that it has to be done once more."""

from enum import Enum, auto

from quiesce.spec import Answer, Family, Machine, Member, Nat, New, activity, call, retire, when


class State(Enum):
    """Where a question stands."""

    ABSENT = auto()
    ASKING = auto()
    ANSWERED = auto()


class Question(Member):
    """A question, and how often it was asked in vain."""

    state: State = State.ABSENT
    tries: Nat = 0


class Asked(Machine):
    """Questions that are asked until there is an answer."""

    questions: Family[Question]

    @call("begin")
    def begin(self, q: New[Question]) -> None:
        """One more."""
        q.state = State.ASKING

    @activity("ask")
    def answered(self, q: Question, there: Answer[bool]) -> None:
        """There is an answer."""
        when(q.state == State.ASKING)
        when(there)
        q.state = State.ANSWERED

    @activity("ask")
    def once_more(self, q: Question, there: Answer[bool]) -> None:
        """There is none yet."""
        when(q.state == State.ASKING)
        when(not there)
        q.tries += 1

    @activity("ask", fails=True)
    def given_up(self, q: Question) -> None:
        """There is nobody to ask."""
        when(q.state == State.ASKING)
        retire(q)

    @call("end")
    def end(self, q: Question) -> None:
        """Forget it."""
        when(q.state == State.ANSWERED)
        retire(q)

    @call("end", fails="NOT_ANSWERED")
    def end_nothing(self, q: Question) -> None:
        """It was not answered."""
        when(q.state != State.ANSWERED)
