"""Refutations as trees while they are looked for; facts are cited by what they say, and numbered when written down."""

from collections.abc import Iterator
from typing import assert_never

from quiesce.recheck.knowledge import Knowledge
from quiesce.recheck.rules import take
from quiesce.recheck.terms import Term, show
from quiesce.spec.record import record

Fact = tuple[Term, bool]


@record
class Use:
    """Look into a fact."""

    fact: Fact


@record
class At:
    """A step that applies a fact about all members to one member."""

    fact: Fact
    member: str


@record
class Name:
    """Give a name to the member that a fact says there is."""

    fact: Fact
    member: str


@record
class Add:
    """Close the branch by inequalities that add up to a contradiction."""

    parts: tuple[tuple[int, Term], ...]


Step = Use | At | Name | Add


@record
class Split:
    """A split into two branches: a formula holds on one, and fails on the other."""

    formula: Term
    holds: "Tree"
    fails: "Tree"


@record
class Tree:
    """Steps that close a branch, if need be by splitting it."""

    steps: tuple[Step, ...]
    split: Split | None = None


class Inapplicable(Exception):
    """A step cites a fact that is not there."""


def take_step(known: Knowledge, step: Step) -> str:
    """Take a step, and return its text.

    Raises:
        Inapplicable, Rejected: it may not be taken here.
    """
    match step:
        case Use(fact):
            words: tuple[Term, ...] = ("use", _number_of_fact(known, fact))
        case At(fact, member):
            words = ("at", _number_of_fact(known, fact), member)
        case Name(fact, member):
            words = ("name", _number_of_fact(known, fact), member)
        case Add(parts):
            words = ("sum", *((str(times), comparison) for times, comparison in parts))
        case _:
            assert_never(step)
    take(known, words)
    return show(words)[1:-1]


def _number_of_fact(known: Knowledge, fact: Fact) -> str:
    if fact not in known.facts:
        raise Inapplicable
    return str(known.facts.index(fact) + 1)


def written(tree: Tree, known: Knowledge, indent: str = "") -> Iterator[str]:
    """The lines of a refutation, from what is known where it starts."""
    known = known.copy()
    for step in tree.steps:
        yield indent + take_step(known, step)
    if tree.split is not None:
        yield f"{indent}split {show(tree.split.formula)}"
        yield from written(tree.split.holds, branch(known, tree.split.formula, holds=True), indent + "  ")
        yield f"{indent}else"
        yield from written(tree.split.fails, branch(known, tree.split.formula, holds=False), indent)


def branch(known: Knowledge, formula: Term, *, holds: bool) -> Knowledge:
    """The knowledge on the branch where a formula holds, or on the branch where it fails."""
    known = known.copy()
    known.learn(formula, holds)
    return known
