"""The check that a refutation refutes its script, step by step."""

from quiesce.recheck.knowledge import Knowledge
from quiesce.recheck.rules import take
from quiesce.recheck.scripts import BOOL, Script, read_script
from quiesce.recheck.terms import Rejected, Term, read

MOST_STEPS = 10_000
"""How many lines a refutation may have. Each may take memory, and those that are found have a few hundred at most."""

MOST_OPEN = 100
"""How many branches may wait for their turn at a time: each keeps what is known on it."""


def check(script: str, refutation: str) -> None:
    """Make sure that no model satisfies a script, by following a refutation of it.

    Raises:
        Rejected: the script is no condition, or the refutation does not refute it.
    """
    try:
        follow(read_script(script), refutation)
    except RecursionError:
        raise Rejected("nested too deeply") from None


def follow(condition: Script, refutation: str) -> None:
    """The same for a script that has been read.

    Raises:
        Rejected: the refutation does not refute it.
        RecursionError: terms are nested too deeply.
    """
    known = Knowledge(condition.signature, [(assertion, True) for assertion in condition.assertions])
    postponed: list[tuple[Knowledge, Term]] = []
    for number, line in enumerate(refutation.splitlines(), 1):
        if number > MOST_STEPS:
            raise Rejected(f"more than {MOST_STEPS} steps")
        try:
            known = _follow_step(read(line), known, postponed)
        except Rejected as reason:
            raise Rejected(f"line {number}: {reason}") from None
    if postponed or not known.closed:
        raise Rejected("a branch is left open")


def _follow_step(step: tuple[Term, ...], known: Knowledge, postponed: list[tuple[Knowledge, Term]]) -> Knowledge:
    """Take one step, and return the knowledge after it. The other branch of a split waits until this one is closed."""
    if (step == ("else",)) != known.closed:
        raise Rejected("the branch is closed" if known.closed else "the branch is not closed")
    match step:
        case ("else",) if not postponed:
            raise Rejected("there is no other branch")
        case ("else",):
            known, formula = postponed.pop()
            known.learn(formula, holds=False)
        case ("split", _) if len(postponed) >= MOST_OPEN:
            raise Rejected(f"more than {MOST_OPEN} branches are open")
        case ("split", formula):
            known.signature.require(BOOL, formula)
            postponed.append((known.copy(), formula))
            known.learn(formula, holds=True)
        case _:
            take(known, step)
    return known
