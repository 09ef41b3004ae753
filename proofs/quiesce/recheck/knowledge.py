"""Knowledge on one branch of a refutation: facts, values of atoms, and the values of formulas that follow."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from quiesce.recheck.scripts import BOOL, INT, Signature
from quiesce.recheck.sums import Sum, add, negated
from quiesce.recheck.terms import Term, is_numeral


@dataclass(slots=True)
class Knowledge:
    """Facts, and what they say of atoms as far as they have been looked into.

    Everything here holds in every model of the script in which the choices of the branch hold; if `closed`, there is no
    such model. `facts` are formulas with the truth value that each has. `truths` are values of Boolean reads,
    quantified formulas and equations between members; `values` what an enum read may still be; `bounds` the greatest
    constant with which each sum of integer reads is at most zero; `same` the member that stands for several.
    """

    signature: Signature
    facts: list[tuple[Term, bool]]
    closed: bool = False
    truths: dict[Term, bool] = field(default_factory=dict)
    values: dict[Term, frozenset[str]] = field(default_factory=dict)
    bounds: dict[frozenset[tuple[Term, int]], int] = field(default_factory=dict)
    same: dict[Term, Term] = field(default_factory=dict)
    learned: list[tuple[Term, bool]] = field(default_factory=list)

    def copy(self) -> "Knowledge":
        """The same knowledge, to be extended on another branch."""
        return replace(
            self,
            facts=self.facts.copy(),
            truths=self.truths.copy(),
            values=self.values.copy(),
            bounds=self.bounds.copy(),
            same=self.same.copy(),
            learned=self.learned.copy(),
        )

    # --- what a formula is ---

    def truth(self, term: Term) -> bool | None:
        """Whether a formula holds, or None if that is not known."""
        match self._chosen(term):
            case "true":
                return True
            case "false":
                return False
            case ("not", arg):
                return _opposite(self.truth(arg))
            case ("and" | "or" as word, *args):
                truths, enough = {self.truth(arg) for arg in args}, word == "or"
                return enough if enough in truths else None if None in truths else not enough
            case ("=>", left, right):
                return self.truth(("or", ("not", left), right))
            case ("ite", *_):
                return None
            case ("distinct", left, right):
                return _opposite(self._equal(left, right))
            case ("=", left, right):
                return self._equal(left, right)
            case ("<=" | "<" | ">=" | ">", _, _) as comparison:
                return self._at_most_zero(self.excess(comparison))
            case atom:
                return self.truths.get(self._place(atom))

    def _equal(self, left: Term, right: Term) -> bool | None:
        sort = self.signature.sort_of(left)
        if sort == BOOL:
            one, other = self.truth(left), self.truth(right)
            return None if None in {one, other} else one == other
        if sort == INT:
            excess = self._sum(("-", left, right))
            truths = {self._at_most_zero(side) for side in (excess, _scaled(-1, excess))}
            return False if False in truths else None if None in truths else True
        if sort in self.signature.enums:
            ones, others = self.possible(left), self.possible(right)
            return False if not ones & others else True if len(ones | others) == 1 else None
        pair = self._pair(left, right)
        return True if pair[1] == pair[2] else self.truths.get(pair)

    def possible(self, term: Term) -> frozenset[str]:
        """The values that a term of an enum may have."""
        match self._chosen(term):
            case ("ite", _, then, otherwise):
                return self.possible(then) | self.possible(otherwise)
            case read:
                every = self.signature.enums[self.signature.sort_of(read)]
                return every & {read} or self.values.get(self._place(read), every)

    def excess(self, comparison: Term) -> Sum | None:
        """The sum that is at most zero if a comparison holds; None if its terms depend on something unknown."""
        match comparison:
            case ("<=", left, right):
                return self._sum(("-", left, right))
            case ("<", left, right):
                return self._sum(("+", ("-", left, right), "1"))
            case (">=" | ">" as sign, left, right):
                return self.excess(("<=" if sign == ">=" else "<", right, left))
            case _:
                return None

    def _sum(self, term: Term) -> Sum | None:
        """A term of integers as a sum of reads; None if it depends on something unknown."""
        coefficients: dict[Term, int] = {}
        number = self._gathered(term, 1, coefficients)
        if number is None:
            return None
        return Sum(frozenset((read, factor) for read, factor in coefficients.items() if factor), number)

    def _gathered(self, term: Term, times: int, coefficients: dict[Term, int]) -> int | None:
        """Add a term, so many times, to coefficients of reads; returned is the number that comes to them."""
        match self._chosen(term):
            case str() as numeral if is_numeral(numeral):
                return times * int(numeral)
            case ("+", *args):
                numbers = [self._gathered(arg, times, coefficients) for arg in args]
                return None if None in numbers else sum(number for number in numbers if number is not None)
            case ("-", arg):
                return self._gathered(arg, -times, coefficients)
            case ("-", left, right):
                one = self._gathered(left, times, coefficients)
                other = None if one is None else self._gathered(right, -times, coefficients)
                return None if one is None or other is None else one + other
            case ("*", left, right):
                factor, part = self._sum(left), right
                if factor is None or factor.coefficients:
                    factor, part = self._sum(right), left
                if factor is None or factor.coefficients:
                    return None
                return self._gathered(part, times * factor.constant, coefficients)
            case ("ite", *_):
                return None
            case read:
                place = self._place(read)
                coefficients[place] = coefficients.get(place, 0) + times
                return 0

    def _at_most_zero(self, excess: Sum | None) -> bool | None:
        if excess is None:
            return None
        return True if self._bounded(excess) else False if self._bounded(negated(excess)) else None

    def _bounded(self, excess: Sum) -> bool:
        """Whether a sum is at most zero because it has no reads, or because the same reads are known to be lower."""
        tight = excess.tightened()
        known = self.bounds.get(tight.coefficients) if tight.coefficients else 0
        return known is not None and tight.constant <= known

    def _chosen(self, term: Term) -> Term:
        """The branch that a conditional term comes to, as far as the conditions are known."""
        match term:
            case ("ite", condition, then, otherwise):
                truth = self.truth(condition)
                return term if truth is None else self._chosen(then if truth else otherwise)
            case _:
                return term

    def _place(self, term: Term) -> Term:
        """One name for all reads that are equal because members are equal."""
        match term:
            case (str(function), arg) if function in self.signature.functions:
                return function, self.same.get(arg, arg)
            case _:
                return term

    def _pair(self, left: Term, right: Term) -> tuple[Term, Term, Term]:
        one, other = sorted((str(self.same.get(left, left)), str(self.same.get(right, right))))
        return "=", one, other

    # --- what follows from a formula ---

    def learn(self, term: Term, holds: bool) -> None:
        """Take into account that a formula holds, or that it does not, as far as this settles single atoms."""
        known = self.truth(term)
        self.closed = self.closed or known is (not holds)
        if known is not None or self.closed:
            return
        match self._chosen(term):
            case ("not", arg):
                self.learn(arg, not holds)
            case ("and", *args):
                self._learn_all(args, holds) if holds else self._learn_last(args, holds)
            case ("or", *args):
                self._learn_last(args, holds) if holds else self._learn_all(args, holds)
            case ("=>", left, right):
                self.learn(("or", ("not", left), right), holds)
            case ("ite", *_):
                pass
            case ("distinct", left, right):
                self.learn(("=", left, right), not holds)
            case ("=", left, right) if self.signature.sort_of(left) == BOOL:
                for one, other in ((left, right), (right, left)):
                    value = self.truth(one)
                    if value is not None:
                        self.learn(other, value is holds)
            case ("=", left, right) if self.signature.sort_of(left) == INT:
                self.learn(("and", ("<=", left, right), (">=", left, right)), holds)
            case atom:
                self._note(atom, holds)

    def _learn_all(self, args: Sequence[Term], holds: bool) -> None:
        for arg in args:
            self.learn(arg, holds)

    def _learn_last(self, args: Sequence[Term], holds: bool) -> None:
        """One of `args` at least has this value; if all others are known not to, that is the one that is left."""
        unknown = [arg for arg in args if self.truth(arg) is None]
        if len(unknown) == 1:
            self.learn(unknown[0], holds)

    def _note(self, atom: Term, holds: bool) -> None:
        """Write down the value of an atom that had none."""
        if (atom, holds) not in self.learned:
            self.learned.append((atom, holds))
        match atom:
            case ("=", left, right) if self.signature.sort_of(left) in self.signature.enums:
                for one, other in ((left, right), (right, left)):
                    self._narrow(one, self.possible(other), holds)
            case ("=", left, right) if holds:
                self._merge(left, right)
            case ("=", left, right):
                self.truths[self._pair(left, right)] = holds
            case ("<=" | "<" | ">=" | ">", _, _):
                excess = self.excess(atom)
                if excess is not None:
                    tight = (excess if holds else negated(excess)).tightened()
                    self.bounds[tight.coefficients] = tight.constant
            case ("forall" | "exists", *_):
                self.truths[atom] = holds
                if (atom, holds) not in self.facts:
                    self.facts.append((atom, holds))
            case _:
                self.truths[self._place(atom)] = holds

    def _narrow(self, term: Term, values: frozenset[str], holds: bool) -> None:
        """A term of an enum is one of `values`, or it is not the one of them, if there is but one."""
        match self._chosen(term):
            case ("ite", *_):
                pass
            case read if holds or len(values) == 1:
                possible = self.possible(read)
                self.values[self._place(read)] = possible & values if holds else possible - values
            case _:
                pass

    def _merge(self, left: Term, right: Term) -> None:
        """Learn that two members are equal: whatever was known of either is known of both."""
        gone, kept = self.same.get(left, left), self.same.get(right, right)
        self.same = {**{member: kept if of == gone else of for member, of in self.same.items()}, gone: kept}
        learned = self.learned
        self.learned, self.truths, self.values, self.bounds = [], {}, {}, {}
        for atom, holds in learned:
            self.learn(atom, holds)


def _opposite(truth: bool | None) -> bool | None:
    return None if truth is None else not truth


def _scaled(factor: int, part: Sum | None) -> Sum | None:
    return None if part is None else add([(factor, part)])
