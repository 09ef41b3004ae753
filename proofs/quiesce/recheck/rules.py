"""The steps that add to what is known on a branch, or close it."""

from quiesce.recheck.knowledge import Knowledge
from quiesce.recheck.scripts import BOOL
from quiesce.recheck.sums import add
from quiesce.recheck.terms import Rejected, Term, is_numeral, show, substitute


def take(known: Knowledge, step: tuple[Term, ...]) -> None:
    """Take a step that does not split the branch.

    Raises:
        Rejected: there is no such step, or it may not be taken here.
    """
    match step:
        case ("use", fact):
            known.learn(*_fact_numbered(known, fact))
        case ("at" | "name" as word, fact, str(member)):
            _speak_of_member(known, member, _fact_numbered(known, fact), new=word == "name")
        case ("sum", _, *_):
            _add_up_comparisons(known, step[1:])
        case _:
            raise Rejected("no such step")


def _fact_numbered(known: Knowledge, number: Term) -> tuple[Term, bool]:
    """The fact with a number, counted from 1."""
    if not (isinstance(number, str) and is_numeral(number) and 1 <= int(number) <= len(known.facts)):
        raise Rejected(f"there is no fact {show(number)}")
    return known.facts[int(number) - 1]


def _speak_of_member(known: Knowledge, member: str, fact: tuple[Term, bool], *, new: bool) -> None:
    """Say of one member what a fact says of all, or give a new name to the member that a fact says there is."""
    match fact:
        case (("forall" | "exists" as quantifier, ((str(bound), str(sort)),), body), holds):
            of_all = (quantifier == "forall") == holds
        case _:
            raise Rejected("the fact is not about all members, nor about some member")
    if of_all == new:
        raise Rejected(f"the fact is about {'all members' if of_all else 'some member'}")
    if new:
        known.signature = known.signature.with_constant(member, sort)
    else:
        known.signature.require(sort, member)
    said = substitute(body, bound, member)
    known.facts.append((said, holds))
    known.learn(said, holds)


def _add_up_comparisons(known: Knowledge, parts: tuple[Term, ...]) -> None:
    """Close the branch: known comparisons, each taken some times, add up to a positive number that is at most zero."""
    taken = []
    for part in parts:
        match part:
            case (str(times), comparison) if is_numeral(times):
                known.signature.require(BOOL, comparison)
                excess = known.excess(comparison)
                if excess is None or not known.truth(comparison):
                    raise Rejected(f"not known: {show(comparison)[:80]}")
                taken.append((int(times), excess.tightened()))
            case _:
                raise Rejected("a sum has parts like (2 (<= low high))")
    total = add(taken)
    if total.coefficients or total.constant <= 0:
        raise Rejected("the sum is no contradiction")
    known.closed = True
