"""Looking for a refutation: whatever follows without splitting first, then the split that brings most."""

from collections.abc import Collection, Iterable, Iterator

from quiesce.certify.refute.farkas import contradiction
from quiesce.certify.refute.trees import Add, At, Name, Split, Step, Tree, Use, branch, take_step
from quiesce.recheck.knowledge import Knowledge
from quiesce.recheck.scripts import BOOL, INT
from quiesce.recheck.sums import Sum
from quiesce.recheck.terms import Term, substitute


class Search:
    """A search that gives up after a number of splits, or where a split could be made at more than so many atoms."""

    def __init__(self, splits: int, atoms: int) -> None:
        self._splits = splits
        self._atoms = atoms

    def tree(self, known: Knowledge) -> Tree | None:
        """A tree that closes the branch, or None if none is found."""
        known = known.copy()
        steps = tuple(saturate(known))
        if known.closed:
            return Tree(steps)
        undecided = _undecided_atoms(known)
        if not 0 < len(undecided) <= self._atoms or self._splits == 0:
            return None
        formula = _best_split(known, undecided)
        self._splits -= 1
        holds = self.tree(branch(known, formula, holds=True))
        fails = self.tree(branch(known, formula, holds=False)) if holds is not None else None
        return Tree(steps, Split(formula, holds, fails)) if holds is not None and fails is not None else None


def saturate(known: Knowledge) -> list[Step]:
    """Take every step that adds something without splitting the branch; the steps taken."""
    taken: list[Step] = []
    while not known.closed:
        steps = _look_again_at_facts(known) or _speak_of_members(known) or _add_up_inequalities(known)
        if not steps:
            break
        taken += steps
    return taken


def _look_again_at_facts(known: Knowledge) -> list[Step]:
    """Look into facts again that are not settled."""
    taken: list[Step] = []
    for fact in tuple(known.facts):
        if known.truth(fact[0]) is not fact[1]:
            before = known.copy()
            known.learn(*fact)
            if known != before:
                taken.append(Use(fact))
        if known.closed:
            break
    return taken


def _speak_of_members(known: Knowledge) -> list[Step]:
    """Say of every member there is what is known of all, and name those that there must be."""
    taken: list[Step] = []
    for fact in tuple(known.facts):
        match fact:
            case (("forall" | "exists" as quantifier, ((str(bound), str(sort)),), body), holds):
                members = [name for name, of in known.signature.constants.items() if of == sort]
                missing = [name for name in members if (substitute(body, bound, name), holds) not in known.facts]
                steps: list[Step] = []
                if (quantifier == "forall") == holds:
                    steps += (At(fact, member) for member in missing)
                elif missing == members:
                    steps.append(Name(fact, _new_member_name(known)))
                for step in steps:
                    take_step(known, step)
                    taken.append(step)
                    if known.closed:
                        return taken
            case _:
                pass
    return taken


def _new_member_name(known: Knowledge) -> str:
    number = 1
    while f"some.{number}" in known.signature.constants:
        number += 1
    return f"some.{number}"


def _add_up_inequalities(known: Knowledge) -> list[Step]:
    """Close the branch by adding up what is known of integers."""
    bounds = [Sum(coefficients, number) for coefficients, number in known.bounds.items()]
    times = contradiction(bounds)
    if times is None:
        return []
    step = Add(tuple((factor, comparison(bounds[index])) for index, factor in times.items()))
    take_step(known, step)
    return [step]


def comparison(bound: Sum) -> Term:
    """A sum that is at most zero, as a comparison without negative numbers."""
    ordered = sorted(bound.coefficients, key=str)
    left = [_term_times(factor, read) for read, factor in ordered if factor > 0]
    right = [_term_times(-factor, read) for read, factor in ordered if factor < 0]
    (left if bound.constant > 0 else right).append(str(abs(bound.constant)))
    return "<=", _sum_term(left), _sum_term(right)


def _term_times(factor: int, read: Term) -> Term:
    return read if factor == 1 else ("*", str(factor), read)


def _sum_term(terms: list[Term]) -> Term:
    kept = [term for term in terms if term != "0"]
    return ("+", *kept) if len(kept) > 1 else kept[0] if kept else "0"


def _best_split(known: Knowledge, undecided: Iterable[Term]) -> Term:
    """The first atom whose split leaves least. No other is tried after one that leaves nothing."""
    left: dict[Term, tuple[int, int]] = {}
    for atom in undecided:
        left[atom] = _branches_left_over(known, atom)
        if left[atom] == (0, 0):
            return atom
    return min(left, key=left.__getitem__)


def _branches_left_over(known: Knowledge, atom: Term) -> tuple[int, int]:
    """How many branches of a split stay open at first, and how many atoms are undecided on these.

    The best split, whichever way it goes, leaves least to decide.
    """
    tried = [branch(known, atom, holds=holds) for holds in (True, False)]
    for one in tried:
        saturate(one)
    still_open = [one for one in tried if not one.closed]
    return len(still_open), sum(len(_undecided_atoms(one)) for one in still_open)


def _undecided_atoms(known: Knowledge) -> Collection[Term]:
    """The atoms that facts depend on and that are not known."""
    return dict.fromkeys(atom for term, _ in known.facts for atom in atoms(known, term))


def atoms(known: Knowledge, term: Term) -> Iterator[Term]:
    """The atoms that decide a formula and are not known."""
    if known.truth(term) is not None:
        return
    match term:
        case ("not" | "and" | "or" | "=>" | "ite", *args):
            for arg in args:
                yield from atoms(known, arg)
        case ("=" | "distinct", left, right):
            yield from _atoms_of_equation(known, left, right)
        case ("<=" | "<" | ">=" | ">", left, right):
            inside = [*conditions(known, left), *conditions(known, right)]
            yield from inside or [term]
        case _:
            yield term


def _atoms_of_equation(known: Knowledge, left: Term, right: Term) -> Iterator[Term]:
    sort = known.signature.sort_of(left)
    inside = [*conditions(known, left), *conditions(known, right)]
    if sort == BOOL:
        yield from (*atoms(known, left), *atoms(known, right))
    elif inside:
        yield from inside
    elif sort == INT:
        yield from atoms(known, ("<=", left, right))
        yield from atoms(known, (">=", left, right))
    elif sort in known.signature.enums:
        for side in (left, right):
            possible = sorted(known.possible(side))
            yield from (("=", side, value) for value in possible if len(possible) > 1)
    else:
        yield ("=", left, right)


def conditions(known: Knowledge, term: Term) -> Iterable[Term]:
    """The atoms that decide which branches a term of integers or of an enum comes to."""
    match term:
        case ("ite", condition, then, otherwise):
            yield from atoms(known, condition)
            yield from (*conditions(known, then), *conditions(known, otherwise))
        case (_, *args) if not isinstance(term, str):
            for arg in args:
                yield from conditions(known, arg)
        case _:
            pass
