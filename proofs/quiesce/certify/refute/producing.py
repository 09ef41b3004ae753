"""From a condition to the text of its refutation."""

from collections.abc import Callable, Iterable, Iterator, Sequence

from quiesce.certify.refute.search import Search
from quiesce.certify.refute.trees import Tree, written
from quiesce.certify.refute.trimming import trimmed
from quiesce.prove.effort import Effort
from quiesce.prove.solving.z3_solver import CoreSolver
from quiesce.recheck import Rejected
from quiesce.recheck.checking import follow
from quiesce.recheck.knowledge import Knowledge
from quiesce.recheck.scripts import Script, read_script
from quiesce.recheck.terms import Term, read, show

SPLITS = 16
"""How many splits may be tried for one condition; those of the flagship need at most a dozen."""

MOST = 100_000
"""How much may be looked at for one split: the atoms to choose from, times the characters of the assertions.

More would take too long. What follows without splitting is found however long the assertions are.
"""

EFFORT = Effort()
"""For every refutation the same, whatever a command was given: committed text does not depend on options."""

COMMANDS = {"set-logic", "assert", "check-sat"}
"""The commands of a condition that declare nothing."""


def produce(script: str) -> str | None:
    """The text of a refutation of a script, as it was found: with steps that it could do without.

    None if none was found, be it that the script can be satisfied, or uses more of SMT-LIB than conditions do, or that
    the search did not reach far enough.
    """
    return _produced(script, _as_found)


def produce_short(script: str) -> str | None:
    """The text of a refutation of a script without any line that can be spared, which the checker accepts.

    It takes about twice the time of `produce`, and is worth that where somebody keeps the text. None as for `produce`.
    """
    return _produced(script, _short)


def _produced(script: str, text_of: Callable[[Tree, Script], str]) -> str | None:
    try:
        condition = read_script(script)
    except Rejected:
        return None
    try:
        tries = (_refutation_tree(condition, assertions) for assertions in _sets_of_assertions(script, condition))
        tree = next((tree for tree in tries if tree is not None), None)
        return None if tree is None else text_of(tree, condition)
    except RecursionError:
        return None


def _as_found(tree: Tree, condition: Script) -> str:
    return "".join(f"{line}\n" for line in written(tree, _knowledge_at_start(condition, condition.assertions)))


def _short(tree: Tree, condition: Script) -> str:
    text = _as_found(trimmed(tree, _knowledge_at_start(condition, condition.assertions)), condition)
    follow(condition, text)
    return _without_surplus_lines(condition, text)


def _without_surplus_lines(condition: Script, text: str) -> str:
    """The refutation without the lines that it can do without, the last ones first."""
    lines = text.splitlines(keepends=True)
    for number in reversed(range(len(lines))):
        fewer = [*lines[:number], *lines[number + 1 :]]
        try:
            follow(condition, "".join(fewer))
        except Rejected:
            continue
        lines = fewer
    return "".join(lines)


def _refutation_tree(condition: Script, assertions: Sequence[Term]) -> Tree | None:
    characters = sum(len(show(assertion)) for assertion in assertions)
    return Search(SPLITS, MOST // max(characters, 1)).tree(_knowledge_at_start(condition, assertions))


def _knowledge_at_start(condition: Script, assertions: Iterable[Term]) -> Knowledge:
    return Knowledge(condition.signature, [(assertion, True) for assertion in assertions])


def _sets_of_assertions(script: str, condition: Script) -> Iterator[Sequence[Term]]:
    """Sets of assertions to refute: first a few that contradict each other according to the solver, then all.

    The few may not be enough, as a solver takes for granted that there are members. There are none if the solver finds
    no contradiction.
    """
    relevant = _contradicting_assertions(script, condition)
    yield from () if relevant is None else (relevant, condition.assertions)


def _contradicting_assertions(script: str, condition: Script) -> Sequence[Term] | None:
    """Assertions that contradict each other, as far as the solver knows; None if it knows none."""
    declarations = [show(command) for command in read(script) if command[0] not in COMMANDS]
    named = {str(number): show(assertion) for number, assertion in enumerate(condition.assertions)}
    core = CoreSolver(declarations, (), named, EFFORT, EFFORT.budget).core("true")
    return None if core is None else [condition.assertions[int(name)] for name in core]
