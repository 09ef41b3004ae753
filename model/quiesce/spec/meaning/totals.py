"""Sums and counts over any number of members: split, named, told apart by what can be encoded, with facts about them.

The members of a family are finitely many, however many, and perhaps none. A total over them is a constant of the query,
and four facts, each valid for every finite set F of members, say what a solver may use of it. In what follows total(t)
is the sum of t(m) over all m in F; where F is empty, it is 0, and a claim about all members of F holds.

*Splitting.* If the term asks whether the member is `p`, then `p` contributes what the term says of `p`, and the others
what it says of others: total(t) = total(t where it is not p) + t(p, it is p) - t(p, it is not p). Proof: `p` is a name
of a member of F, as an argument or because a quantifier over F binds it, so F is not empty, and p is counted once. The
first summand counts t(m) for each m but p, and t(p, it is not p) for p; the other two put that right.

*Sign.* If the term is nowhere negative, the total is at least 0, at least the term of each member, and at least those
of two different members together; it is positive only if the term of some member is. Any total of nothing but zeros is
zero. Proof: leaving members out of a sum of such terms makes it no larger, and what is left of it is the term of the
one member, those of the two, or nothing. A positive sum has a positive summand. Where F is empty, the claims about
members say nothing, the total is at least 0, and not positive, so it is 0, as it should be.

*Addition.* If one term is the sum of two others at every member, so is its total the sum of theirs. Proof: the order of
summands makes no difference. Where F is empty, this says 0 = 0 + 0.

*Comparison.* If one term is at most another at every member, so are the totals; strictly, if it is less at some member.
Proof: member by member, so both totals have to be over one family. Where F is empty, both are 0, and no member makes
the comparison strict. It is said only of a total and of the one that an action puts in its place: that is where a proof
needs it, and no other total has to be looked at.
"""

from collections.abc import Iterable, Iterator

from quiesce.spec.effects import ANY_MEMBER
from quiesce.spec.meaning import symbols
from quiesce.spec.meaning.sums_of_totals import additions
from quiesce.spec.model import (
    FALSE,
    INT,
    TRUE,
    Binary,
    Expr,
    Field,
    IfElse,
    IntType,
    Literal,
    Op,
    Parameter,
    Quantified,
    Quantifier,
    Same,
    Scale,
    Total,
    Variable,
)
from quiesce.spec.rewrite import Numbering, both, children, either, rename_member, same, substitute, walk

ZERO = Literal(0, INT)


class UnsupportedTotal(Exception):
    """A total whose term depends on another bound member, a parameter, or both states at once."""


def split(expr: Expr) -> Expr:
    """`expr` with no total whose term asks which member it is about (*splitting*), and all totals in one spelling."""
    if not speaks_of_totals(expr):
        return expr
    return substitute(expr, lambda part: _split_total(part) if isinstance(part, Total) else None)


def _split_total(expr: Total) -> Expr:
    term = rename_member(expr.term, expr.bound, ANY_MEMBER)
    asked = _member_comparison_in_term(term)
    if asked is None:
        return Total(ANY_MEMBER, expr.family, term)
    point = asked.right if asked.left == ANY_MEMBER else asked.left
    is_point, is_other = _with_comparison_decided(term, asked, TRUE), _with_comparison_decided(term, asked, FALSE)
    gained = rename_member(is_point, ANY_MEMBER, point)
    lost = rename_member(is_other, ANY_MEMBER, point)
    return Binary(Op.ADD, _split_total(Total(ANY_MEMBER, expr.family, is_other)), Binary(Op.SUB, gained, lost))


def replacing(after: Expr) -> Total:
    """The total that an action puts in the place of another one as a whole.

    `after` is the other one after the action, split.
    """
    while isinstance(after, Binary):  # what `split` adds for single members stands to the right
        after = after.left
    if not isinstance(after, Total):
        raise TypeError("an action makes a total of a total")
    return after


def _member_comparison_in_term(term: Expr) -> Same | None:
    """Where `term` compares the member of its total with one that has a name outside of it; None if it does nowhere.

    A comparison of two other members is no question about the total's member, and a member that a quantifier inside the
    term binds is not fixed: in such terms no member can be set apart.
    """
    if not any(isinstance(part, Same) for part in walk(term)):
        return None
    pending: list[tuple[Expr, frozenset[str]]] = [(term, frozenset())]
    seen: set[tuple[int, frozenset[str]]] = set()
    while pending:
        part, bound = pending.pop()
        if (id(part), bound) in seen:
            continue
        seen.add((id(part), bound))
        match part:
            case Same(left, right):
                if (left == ANY_MEMBER) != (right == ANY_MEMBER) and bound.isdisjoint((left, right)):
                    return part
            case Quantified(_, name, _, body) | Total(name, _, body):
                pending.append((body, bound | {name}))
            case _:
                pending += ((child, bound) for child in children(part))
    return None


def speaks_of_totals(expr: Expr) -> bool:
    """Whether a total is part of `expr`."""
    pending = [expr]
    for _ in range(_SMALL):  # not by `walk`: it is asked of every claim, and most are small
        if not pending:
            return False
        part = pending.pop()
        if isinstance(part, Binary):  # by far the most
            pending += (part.left, part.right)
        elif isinstance(part, Total):
            return True
        else:
            pending += children(part)
    return any(isinstance(part, Total) for part in walk(expr))


_SMALL = 1_000
"""Parts of an expression that is looked at without asking which of them it shares."""


def _with_comparison_decided(expr: Expr, asked: Same, answer: Expr) -> Expr:
    return substitute(expr, lambda part: answer if isinstance(part, Same) and part == asked else None)


class TotalNames:
    """The totals that one query speaks of, in the order in which they were met, each with the symbol for it."""

    def __init__(self) -> None:
        self._numbers = Numbering()
        self._met: dict[int, tuple[Total, str]] = {}

    def name(self, total: Total) -> str:
        """The symbol for a total.

        Raises:
            UnsupportedTotal: its term depends on more than the state and its own member.
        """
        number = self._numbers(total)
        if number not in self._met:
            if (reason := not_encodable(total)) is not None:
                raise UnsupportedTotal(reason)
            self._met[number] = total, symbols.total(len(self._met))
        return self._met[number][1]

    @property
    def met(self) -> tuple[Total, ...]:
        """The totals."""
        return tuple(total for total, _ in self._met.values())

    @property
    def symbols(self) -> tuple[str, ...]:
        """The symbols for them."""
        return tuple(symbol for _, symbol in self._met.values())


def not_encodable(expr: Expr) -> str | None:
    """Why a claim, whose totals were split, cannot be put to a solver; None if it can.

    A total cannot be encoded if its term reads more than the state and its own member: a solver is given one number for
    each total, and such a total has a number for each member or argument that its term reads.
    """
    for part in walk(expr):
        if isinstance(part, Total) and (culprit := next(_not_closed(part), None)) is not None:
            return f"a sum or count over `{part.family}` reads {culprit}, which cannot be encoded"
    return None


def encodable(expr: Expr) -> bool:
    """Whether a claim, whose totals were split, can be put to a solver."""
    return not_encodable(expr) is None


def is_closed(total: Total) -> bool:
    """Whether the term of a total, in the spelling of `split`, depends on the state and its own member alone."""
    return next(_not_closed(total), None) is None


def _not_closed(total: Total) -> Iterator[str]:
    """The things that the term of a total reads besides the state and its own member, in words."""
    for part in walk(total.term):
        match part:
            case Field(_, _, name, _, True) | Variable(name, _, True):
                yield f"`{name}` of the old state"
            case Field(member, family, name) if member != ANY_MEMBER:
                yield f"`{name}` of another member of `{family}`"
            case Parameter(name):
                yield f"the argument `{name}`"
            case Quantified(_, _, family):
                yield f"all members of `{family}`"
            case Total(_, family):
                yield f"another sum or count over `{family}`"
            case Same(family=family):
                yield f"which members of `{family}` are the same"
            case _:
                pass


def distinct(pairs: Iterable[tuple[Total, Total]]) -> tuple[tuple[Total, Total], ...]:
    """Each of these pairs once."""
    number = Numbering()
    return tuple({(number(left), number(right)): (left, right) for left, right in pairs}.values())


def facts(
    totals: Iterable[Total],
    compare: Iterable[tuple[Total, Total]] = (),
    named: Iterable[tuple[str, str]] = (),
    *,
    in_range: bool = True,
) -> Iterator[Expr]:
    """The facts that may be assumed of `totals` (*sign*, *addition*) and of the pairs in `compare` (*comparison*).

    The fact about two members together is given where one of them is in `named`, as family and name. Where it is not
    known that everything is `in_range`, a declared range says nothing of the sign of a term.
    """
    members, listed = tuple(named), tuple(totals)
    for total in listed:
        if not never_negative(total.term):
            nothing = _for_all_members(total.family, Binary(Op.EQ, total.term, ZERO))
            yield Binary(Op.IMPLIES, nothing, Binary(Op.EQ, total, ZERO))
            continue
        signs = _facts_about_sign(total, [name for family, name in members if family == total.family])
        if in_range:
            yield from signs
        else:
            positive = _for_all_members(total.family, Binary(Op.GE, total.term, ZERO))
            yield from (Binary(Op.IMPLIES, positive, fact) for fact in signs)
    for whole, left, right in additions(listed):
        adds_up = _for_all_members(whole.family, Binary(Op.EQ, whole.term, Binary(Op.ADD, left.term, right.term)))
        yield Binary(Op.IMPLIES, adds_up, Binary(Op.EQ, whole, Binary(Op.ADD, left, right)))
    for left, right in compare:
        if left.family != right.family:
            raise ValueError("two totals are compared member by member, so both are over one family")
        for low, high in ((left, right), (right, left)):
            below = _for_all_members(low.family, Binary(Op.LE, low.term, high.term))
            yield Binary(Op.IMPLIES, below, Binary(Op.LE, low, high))
            somewhere = _for_any_member(low.family, Binary(Op.LT, low.term, high.term))
            yield Binary(Op.IMPLIES, both(below, somewhere), Binary(Op.LT, low, high))


def _facts_about_sign(total: Total, named: Iterable[str]) -> Iterator[Expr]:
    """The facts about a total whose term is nowhere negative."""
    yield Binary(Op.GE, total, ZERO)
    yield _for_all_members(total.family, Binary(Op.LE, total.term, total))
    for name in named:
        together = Binary(Op.ADD, total.term, rename_member(total.term, ANY_MEMBER, name))
        is_other = Binary(Op.LE, together, total)
        yield _for_all_members(total.family, either(same(ANY_MEMBER, name, total.family), is_other))
    yield Binary(Op.IMPLIES, Binary(Op.GT, total, ZERO), _for_any_member(total.family, Binary(Op.GT, total.term, ZERO)))


def never_negative(term: Expr) -> bool:
    """Whether the term's declared ranges alone keep it from being negative."""
    match term:
        case Literal(value):
            return int(value) >= 0
        case Field(type=IntType(low)) | Variable(type=IntType(low)):
            return low is not None and low >= 0
        case IfElse(_, then, otherwise):
            return never_negative(then) and never_negative(otherwise)
        case Binary(Op.ADD, left, right):
            return never_negative(left) and never_negative(right)
        case Scale(factor, arg):
            return factor >= 0 and never_negative(arg)
        case _:
            return False


def _for_all_members(family: str, claim: Expr) -> Expr:
    return Quantified(Quantifier.ALL, ANY_MEMBER, family, claim)


def _for_any_member(family: str, claim: Expr) -> Expr:
    return Quantified(Quantifier.ANY, ANY_MEMBER, family, claim)
