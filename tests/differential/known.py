"""Specs that a prover once called right although they are wrong, or of which it says more than it looked at.

Each is small, and wrong in one way. What the reference finds wrong is the same in each: it runs the text.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

HEAD = """from typing import Annotated

from quiesce.spec import (
    Answer, Family, Machine, Member, Nat, New, Persistent, Range, Requirement, Uses, accepts, always, assume, call,
    count, enabled, environment, implies, initially, internal, leads_to, pristine, recoverable, refuses, retire, step,
    when,
)
"""


@dataclass(frozen=True, slots=True)
class Mistake:
    """A spec, those that it imports, and the kind of what it does not keep."""

    kind: str
    text: str
    beside: Mapping[str, str] = field(default_factory=dict)


IDLE = (
    HEAD
    + """

class Counter(Machine):
    x: Nat = 0

    @call("put")
    def put(self) -> None:
        when(self.x < 2)
        self.x += 1

    @call("put", fails="FULL")
    def full(self) -> None:
        when(self.x >= 2)

    @internal
    def idle(self) -> None:
        self.x += 1

    @step
    def grows(self, old: "Counter") -> bool:
        return self.x > old.x
"""
)

UNPROVED = (
    HEAD
    + """

class Service(Machine):
    held: Nat = 0

    @call("open")
    def opened(self) -> None:
        self.held += 1

    @call("open", fails="BUSY")
    def busy(self) -> None:
        pass
"""
)

TRUSTING = (
    HEAD.replace("from quiesce", "from contract import Service\nfrom quiesce")
    + """

class Upper(Machine):
    up: bool = False
    lower: Uses[Service]

    @call("start")
    def start(self) -> None:
        when(not self.up)
        self.lower.opened()
        self.up = True

    @call("start", fails="ALREADY")
    def already(self) -> None:
        when(self.up)
"""
)

SENDER = (
    HEAD
    + """

class Sender(Machine):
    sent: Nat = 0

    @call("send")
    def send(self, works: Answer[bool]) -> None:
        when(works)
        self.sent += 1

    @call("send", fails="LOST")
    def lost(self, works: Answer[bool]) -> None:
        when(not works)
"""
)

OTHER_NAME = (
    HEAD.replace("from quiesce", "from contract import Sender\nfrom quiesce")
    + """

class Upper(Machine):
    lower: Uses[Sender]

    @call("send", "sendto")
    def send(self, works: Answer[bool]) -> None:
        self.lower.send(works)

    @call("send", fails="LOST")
    def send_lost(self, works: Answer[bool]) -> None:
        self.lower.lost(works)

    @call("sendto", fails="SKIPPED")
    def sendto_skipped(self, works: Answer[bool]) -> None:
        when(not works)
"""
)

COUNTED = (
    HEAD
    + """

class Sender(Machine):
    sent: Nat = 0

    @call("send")
    def send(self, n: Nat, works: Answer[bool]) -> None:
        when(works)
        self.sent += n

    @call("send", fails="LOST")
    def lost(self, n: Nat, works: Answer[bool]) -> None:
        when(not works)
"""
)

FORESEEN = (
    HEAD.replace("from quiesce", "from contract import Sender\nfrom quiesce")
    + """

class Upper(Machine):
    lower: Uses[Sender]

    @call("send")
    def send(self, works: Answer[bool]) -> None:
        self.lower.send(1 if works else 2, works)

    @call("send", fails="LOST")
    def send_lost(self, works: Answer[bool]) -> None:
        self.lower.lost(1 if works else 2, works)
"""
)

OTHER_ARGUMENTS = (
    HEAD.replace("from quiesce", "from contract import Sender\nfrom quiesce")
    + """

class Upper(Machine):
    lower: Uses[Sender]

    @call("send")
    def send(self, works: Answer[bool]) -> None:
        self.lower.send(1, works)

    @call("send", fails="LOST")
    def send_lost(self, works: Answer[bool]) -> None:
        self.lower.lost(2, works)
"""
)

CHOSEN_BY_CALLERS = (
    HEAD
    + """

class Store(Machine):
    held: Nat = 0

    @call("put")
    def put(self, n: Nat) -> None:
        when(n > 0)
        self.held += 1

    @call("put", fails="NOTHING")
    def nothing(self, n: Nat) -> None:
        when(n == 0)
"""
)

CHOSEN_BY_ITSELF = (
    HEAD.replace("from quiesce", "from contract import Store\nfrom quiesce")
    + """

class Shelf(Machine, provides=Store):
    held: Nat = 0

    @call("put")
    def put(self, n: Answer[Nat]) -> None:
        when(n > 0)
        self.held += 1

    @call("put", fails="NOTHING")
    def nothing(self, n: Answer[Nat]) -> None:
        when(n == 0)
"""
)

NOBODY_LEFT = (
    HEAD
    + """

class Job(Member):
    left: Nat = 0


class Jobs(Machine):
    jobs: Family[Job]

    @environment
    def more(self, j: Job) -> None:
        j.left += 1

    @always
    def some_job_goes_on(self) -> bool:
        return any(j.left >= 0 for j in self.jobs)
"""
)

NOBODY_WORKS = (
    HEAD
    + """

class Job(Member):
    left: Nat = 0


class Jobs(Machine):
    open: bool = False
    jobs: Family[Job]

    @environment
    def begin(self) -> None:
        when(not self.open)
        self.open = True

    @internal
    def work(self, j: Job) -> None:
        when(self.open)
        self.open = False

    @leads_to(fair=[work])
    def ends(self) -> tuple[bool, bool]:
        return self.open, not self.open
"""
)

CARRIED = (
    HEAD
    + """
R1 = Requirement("R1", "The count never passes two.", "somewhere")


class Counter(Machine):
    x: Nat = 0

    @call("put")
    def put(self) -> None:
        self.x += 1

    @always(expect="refuted", satisfies=R1)
    def at_most_two(self) -> bool:
        return self.x <= 2
"""
)

ACROSS_FAMILIES = (
    HEAD
    + """

class S(Member):
    b: bool = False


class U(Member):
    b: bool = False


class M(Machine):
    b: bool = True
    ss: Family[S]
    us: Family[U]

    @environment
    def turn(self) -> None:
        self.b = count(self.b for u in self.us) > 0

    @step
    def alike(self, old: "M") -> bool:
        return implies(old.b, count(old.b for s in old.ss) == count(old.b for u in old.us))
"""
)

FALLEN_PREMISE = (
    HEAD
    + """

class References(Machine):
    refs: int = 0

    @call("up")
    def up(self) -> None:
        self.refs += 1

    @call("down")
    def down(self) -> None:
        self.refs -= 1

    @always
    def nonneg(self) -> bool:
        return self.refs >= 0

    @always
    def not_far_below(self) -> bool:
        return self.refs > -3
"""
)

MISTAKES: Mapping[str, Mistake] = {
    "something called idle": Mistake("step", IDLE),
    "a contract that nobody proved": Mistake("contract", TRUSTING, {"contract": UNPROVED}),
    "an answer dealt with under another name": Mistake("duty", OTHER_NAME, {"contract": SENDER}),
    "an argument that knows the answer": Mistake("duty", FORESEEN, {"contract": COUNTED}),
    "another argument for each answer": Mistake("duty", OTHER_ARGUMENTS, {"contract": COUNTED}),
    "the caller's parameter chosen by the machine": Mistake("offer", CHOSEN_BY_ITSELF, {"contract": CHOSEN_BY_CALLERS}),
    "some member where there is none": Mistake("always", NOBODY_LEFT),
    "a fair step of a member where there is none": Mistake("leads_to", NOBODY_WORKS),
    "a requirement carried by what is false": Mistake("carried", CARRIED),
    "totals compared across families": Mistake("step", ACROSS_FAMILIES),
    "a premise that fell": Mistake("always", FALLEN_PREMISE),
}


DOORS = (
    HEAD
    + """

class S(Member):
    open: bool = False


class Doors(Machine):
    n: Nat = 0
    ss: Family[S]

    @environment
    def grow(self) -> None:
        when(self.n < 9)
        self.n += 1

    @call("open")
    def opened(self, s: S) -> None:
        s.open = True

    @call("reset")
    def reset(self, s: S) -> None:
        {giving_back}
        s.open = True

    @call("close")
    def close_all(self) -> None:
        when(self.n >= 9)
        for t in self.ss:
            t.open = False

    @call("close", fails="EARLY")
    def early(self) -> None:
        when(self.n < 9)

    @step(only=close_all)
    def all_are_closed(self, old: "Doors") -> bool:
        return all(not s.open for s in self.ss)
"""
)

FORGETFUL: Mapping[str, str] = {
    "a core that forgets a member and writes to it": DOORS.replace("{giving_back}", "retire(s)"),
    "a core that forgets all members and writes to one": DOORS.replace(
        "{giving_back}", "for t in self.ss:\n            retire(t)"
    ),
}
"""Specs that are right; their cores are not what they are proved to be."""


CALLED_ARG = (
    HEAD
    + """

class Part(Member):
    x: Nat = 0


class Unit(Member):
    y: Nat = 0


class M(Machine):
    arg: Family[Part]
    units: Family[Unit]

    @internal
    def tick(self, u: Unit, x: Unit) -> None:
        when(u is x)
        for s in self.arg:
            s.x = 2
"""
)

NOTHING_HAPPENS = (
    HEAD
    + """

class Part(Member):
    x: Nat = 0


class M(Machine):
    parts: Family[Part]

    @recoverable
    def fine(self) -> bool:
        return True
"""
)

BREAKDOWNS: Mapping[str, str] = {
    "something called arg": CALLED_ARG,
    "a family and nothing that happens": NOTHING_HAPPENS,
}
"""Specs over which the prover once broke down."""
