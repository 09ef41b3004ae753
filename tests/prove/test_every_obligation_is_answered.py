"""Whatever a spec asks, the prover answers: it neither crashes nor misses a run that is there."""

from pathlib import PurePosixPath

from quiesce.prove.prover import verify
from quiesce.prove.results import Verdict
from quiesce.spec.reader import read_text

from tests.reports import verdicts_by_id

ONE_OF_EACH = '''
from quiesce.spec import Family, Machine, Member, Nat, always, count, environment

class Slot(Member):
    """A slot."""
    number: Nat = 0

class Numbers(Machine):
    """Numbers in slots."""
    slots: Family[Slot]

    @environment
    def write(self, slot: Slot, number: Nat) -> None:
        """Write a number."""
        slot.number = number

    @always
    def no_number_twice(self) -> bool:
        """False; and its count compares two members, which is more than the prover can handle."""
        return all(count(other.number == slot.number for other in self.slots) <= 1 for slot in self.slots)
'''

TWO_AT_ONCE = '''
from quiesce.spec import Family, Machine, Member, always, environment, when

class Slot(Member):
    """A slot."""
    taken: bool = False

class Pairs(Machine):
    """Takes two members that were never used before."""
    paired: bool = False
    slots: Family[Slot]

    @environment
    def pair(self, left: Slot, right: Slot) -> None:
        """Take two different ones."""
        when(left != right and not left.taken and not right.taken)
        left.taken = True
        right.taken = True
        self.paired = True

    @always
    def never_paired(self) -> bool:
        """False after one step."""
        return not self.paired
'''


def test_a_total_beyond_the_prover_is_unknown() -> None:
    report = verify(read_text(ONE_OF_EACH, PurePosixPath("numbers.py")))
    verdicts = verdicts_by_id(report)
    assert verdicts["step/write/no_number_twice"] in {Verdict.UNKNOWN, Verdict.REFUTED}


def test_a_step_of_two_unused_members_is_found() -> None:
    report = verify(read_text(TWO_AT_ONCE, PurePosixPath("pairs.py")))
    verdicts = verdicts_by_id(report)
    assert verdicts["step/pair/never_paired"] is Verdict.REFUTED
    assert verdicts["witness/pair"] is Verdict.PROVED
