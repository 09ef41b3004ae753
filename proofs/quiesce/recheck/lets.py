"""Terms without `let`: each name that it gives is replaced by what it stands for."""

from collections.abc import Mapping
from dataclasses import dataclass

from quiesce.recheck.terms import Rejected, Term, show

LARGEST = 200_000
"""Symbols and numerals of the largest term that is written out: a few lines of `let` can say more than fits."""


@dataclass(frozen=True, slots=True)
class _Meaning:
    """The meaning of a name: a term written out, its size, its symbols, and how often each member was bound by then."""

    term: Term
    size: int
    symbols: frozenset[str]
    bound: Mapping[str, int]


def written_out(term: Term) -> Term:
    """The same term without `let`.

    Raises:
        Rejected: a name would come to mean another member than where it was given, a `let` has another form than
            `(let ((name term) …) body)`, or the term is too large.
    """
    return _written_without_let(term, {}, {}).term


def _written_without_let(term: Term, names: Mapping[str, _Meaning], bound: Mapping[str, int]) -> _Meaning:
    match term:
        case str():
            return _meaning_of_name(term, names, bound)
        case ("let", (*given,), body) if given:
            new = {}
            for pair in given:
                match pair:
                    case (str(name), value) if name not in new:
                        new[name] = _written_without_let(value, names, bound)
                    case _:
                        raise Rejected(f"no name for a term: {show(pair)[:80]}")
            return _written_without_let(body, {**names, **new}, bound)
        case ("forall" | "exists" as quantifier, ((str(name), sort),) as binding, body):
            others = {known: meaning for known, meaning in names.items() if known != name}
            inner = _written_without_let(body, others, {**bound, name: bound.get(name, 0) + 1})
            return _Meaning((quantifier, binding, inner.term), inner.size + 4, inner.symbols | {show(sort)}, bound)
        case _:
            parts = [_written_without_let(part, names, bound) for part in term]
            size = sum(part.size for part in parts)
            if size > LARGEST:
                raise Rejected("too large to be written out")
            symbols = frozenset[str]().union(*(part.symbols for part in parts))
            return _Meaning(tuple(part.term for part in parts), size, symbols, bound)


def _meaning_of_name(name: str, names: Mapping[str, _Meaning], bound: Mapping[str, int]) -> _Meaning:
    if name not in names:
        return _Meaning(name, 1, frozenset({name}), bound)
    meaning = names[name]
    if any(bound.get(symbol, 0) != meaning.bound.get(symbol, 0) for symbol in meaning.symbols):
        raise Rejected(f"{name} was given where a member of that name was another one")
    return meaning
