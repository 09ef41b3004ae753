"""Removal of the steps that a refutation can do without."""

from quiesce.certify.refute.trees import Inapplicable, Split, Step, Tree, branch, take_step
from quiesce.recheck import Rejected
from quiesce.recheck.knowledge import Knowledge
from quiesce.recheck.scripts import BOOL
from quiesce.recheck.terms import Term


def trimmed(tree: Tree, known: Knowledge) -> Tree:
    """A tree that closes the same branch without needless steps and splits."""
    split = tree.split
    if split is not None:
        for part in (split.holds, split.fails):
            unsplit = replayed(Tree((*tree.steps, *part.steps), part.split), known)
            if unsplit is not None:
                return trimmed(unsplit, known)
        after = _knowledge_after(tree.steps, known)
        holds = trimmed(split.holds, branch(after, split.formula, holds=True))
        fails = trimmed(split.fails, branch(after, split.formula, holds=False))
        tree = Tree(tree.steps, Split(split.formula, holds, fails))
    for step in reversed(tree.steps):
        others = list(tree.steps)
        if step in others:
            others.remove(step)
            tree = replayed(Tree(tuple(others), tree.split), known) or tree
    return tree


def replayed(tree: Tree, known: Knowledge) -> Tree | None:
    """The part of a tree that can be followed and is needed to close its branches; None if they do not close."""
    known = known.copy()
    steps: list[Step] = []
    for step in tree.steps:
        if known.closed:
            break
        if _is_step_possible(step, known):
            steps.append(step)
    if known.closed:
        return Tree(tuple(steps))
    if tree.split is None or not _has_known_names(tree.split.formula, known):
        return None
    holds = replayed(tree.split.holds, branch(known, tree.split.formula, holds=True))
    fails = replayed(tree.split.fails, branch(known, tree.split.formula, holds=False)) if holds is not None else None
    if holds is None or fails is None:
        return None
    return Tree(tuple(steps), Split(tree.split.formula, holds, fails))


def _is_step_possible(step: Step, known: Knowledge) -> bool:
    try:
        take_step(known, step)
    except (Inapplicable, Rejected):
        return False
    return True


def _has_known_names(formula: Term, known: Knowledge) -> bool:
    """Whether every name in a formula is still there."""
    try:
        known.signature.require(BOOL, formula)
    except Rejected:
        return False
    return True


def _knowledge_after(steps: tuple[Step, ...], known: Knowledge) -> Knowledge:
    known = known.copy()
    for step in steps:
        take_step(known, step)
    return known
