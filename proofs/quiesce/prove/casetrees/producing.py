"""From a condition to the text of its refutation."""

from collections.abc import Iterable

from quiesce.prove.casetrees.search import Search
from quiesce.prove.casetrees.steps import Tree, written
from quiesce.prove.casetrees.trimming import trimmed
from quiesce.prove.solver import CoreSolver
from quiesce.recheck import Rejected, check
from quiesce.recheck.knowledge import Knowledge
from quiesce.recheck.scripts import Script, read_script
from quiesce.recheck.terms import Term, read, show

SPLITS = 60
"""How many splits may be tried for one condition; those of the flagship need at most a dozen."""

COMMANDS = {"set-logic", "assert", "check-sat"}
"""The commands of a condition that declare nothing."""


def produce(script: str) -> str | None:
    """The text of a refutation of a script, which the checker accepts.

    None if none was found, be it that the script can be satisfied, or uses more of SMT-LIB than conditions do, or that
    the search did not reach far enough.
    """
    try:
        condition = read_script(script)
    except Rejected:
        return None
    try:
        return _produce(script, condition)
    except RecursionError:
        return None


def _produce(script: str, condition: Script) -> str | None:
    relevant = _relevant(script, condition)
    tree = None if relevant is None else _refuted(condition, relevant) or _refuted(condition, condition.assertions)
    if tree is None:
        return None
    start = _start(condition, condition.assertions)
    text = "".join(f"{line}\n" for line in written(trimmed(tree, start), start))
    check(script, text)
    return text


def _refuted(condition: Script, assertions: Iterable[Term]) -> Tree | None:
    return Search(SPLITS).tree(_start(condition, assertions))


def _start(condition: Script, assertions: Iterable[Term]) -> Knowledge:
    return Knowledge(condition.signature, [(assertion, True) for assertion in assertions])


def _relevant(script: str, condition: Script) -> list[Term] | None:
    """Assertions that contradict each other, as far as the solver knows."""
    declarations = [show(command) for command in read(script) if command[0] not in COMMANDS]
    named = {str(number): show(assertion) for number, assertion in enumerate(condition.assertions)}
    core = CoreSolver(declarations, (), named).core("true")
    return None if core is None else [condition.assertions[int(name)] for name in core]
