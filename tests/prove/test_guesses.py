"""Guesses of ranks and runs: those that take many measures, or members that a walk makes do without."""

import pytest
from quiesce.prove.effort import Effort
from quiesce.prove.prover import verify

from tests.kernel.judging import read
from tests.reports import not_proved

STAGES = """
from quiesce.spec import Machine, Nat, call, internal, leads_to, when


class Stages(Machine):
    a: Nat = 0
    b: Nat = 0
    c: Nat = 0
    d: Nat = 0

    @call("put")
    def put(self) -> None:
        when(self.a + self.b + self.c + self.d == 0)
        self.a += 2

    @call("put", fails="BUSY")
    def busy(self) -> None:
        when(self.a + self.b + self.c + self.d > 0)

    @internal
    def first(self) -> None:
        when(self.a > 0)
        self.a -= 1
        self.b += 1

    @internal
    def second(self) -> None:
        when(self.b > 0)
        self.b -= 1
        self.c += 1

    @internal
    def third(self) -> None:
        when(self.c > 0)
        self.c -= 1
        self.d += 1

    @internal
    def fourth(self) -> None:
        when(self.d > 0)
        self.d -= 1

    @leads_to(fair=[first, second, third, fourth])
    def done(self) -> tuple[bool, bool]:
        return self.a + self.b + self.c + self.d > 0, self.a + self.b + self.c + self.d == 0
"""

SWEPT = """
from quiesce.spec import Family, Machine, Member, Nat, New, call, environment, retire, when


class Job(Member):
    begun: bool = False


class Jobs(Machine):
    begun: Nat = 0
    jobs: Family[Job]

    @call("begin")
    def begin(self, job: New[Job]) -> None:
        job.begun = True
        self.begun += 1

    @environment
    def swept(self) -> None:
        when(self.begun > 0)
        self.begun = 0
        for job in self.jobs:
            if job.begun:
                retire(job)
"""


@pytest.mark.parametrize("text", [STAGES, SWEPT], ids=["four measures, one after another", "a job that was not begun"])
def test_what_takes_more_than_a_small_walk_shows_is_found(text: str) -> None:
    assert not_proved(verify(read(text), Effort())) == []
