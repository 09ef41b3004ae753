from contract import Service
from quiesce.spec import Answer, Family, Machine, Member, Nat, Uses, call, internal, when


class Thing(Member):
    size: Nat = 0


class Upper(Machine):
    refs: Nat = 0
    things: Family[Thing]
    lower: Uses[Service]
    with_default: Uses[Service] = 1  # error: Q054 `1`
    of_a_number: Uses[Nat]  # error: Q054 `Nat`

    @internal
    def no_such_outcome(self) -> None:
        self.lower.halt()  # error: Q054 `self.lower.halt`

    @internal
    def chooses_the_answer(self) -> None:
        self.lower.start(True, 1)  # error: Q054 `True`

    @internal
    def takes_no_answer(self, ready: bool) -> None:
        self.lower.start(ready, 1)  # error: Q054 `ready`

    @internal
    def depends_on_the_layer(self, ready: Answer[bool]) -> None:
        self.lower.start(ready, self.lower.held)  # error: Q054 `self.lower.held`

    @internal
    def two_answers(self, ready: Answer[bool], again: Answer[bool]) -> None:
        if self.refs > 0:
            self.lower.start(ready, 1)
        self.lower.start(again, 1)  # error: Q054 `self.lower.start(again, 1)`

    @call("Wait", blocks=True, fair=[no_such_outcome])
    def asks_while_it_waits(self, ready: Answer[bool]) -> None:
        when(self.refs == 0)
        self.lower.not_ready(ready, 0)  # error: Q054 `self.lower.not_ready(ready, 0)`
