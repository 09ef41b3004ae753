"""Terms as they are written: a symbol or numeral is a string, an application is a tuple."""

import re
from typing import TypeAlias

Term: TypeAlias = str | tuple["Term", ...]

DEEPEST = 300
"""How many parentheses may be open at a time: terms are hashed and compared by recursion in C, which has no net."""

TOKEN = re.compile(r"[()]|[^\s()]+", re.ASCII)
ATOM = re.compile(r"0|[1-9][0-9]{0,999}|[A-Za-z~!@$%^&*_+=<>.?/-][A-Za-z0-9~!@$%^&*_+=<>.?/-]*")


class Rejected(Exception):
    """A refutation, or the script that it is about, is not what it has to be; the message says why."""


def read(text: str) -> tuple[Term, ...]:
    """All terms of a text.

    Raises:
        Rejected: parentheses do not match or are too many, or something is neither a symbol nor a numeral.
    """
    unfinished: list[list[Term]] = [[]]
    for piece in _tokens(text):
        if piece == "(":
            unfinished.append([])
            if len(unfinished) > DEEPEST + 1:
                raise Rejected("nested too deeply")
        elif piece == ")":
            finished = tuple(unfinished.pop())
            if not unfinished:
                raise Rejected("a parenthesis is closed that was not opened")
            unfinished[-1].append(finished)
        else:
            unfinished[-1].append(piece)
    if len(unfinished) > 1:
        raise Rejected("a parenthesis is not closed")
    return tuple(unfinished[0])


def _tokens(text: str) -> list[str]:
    tokens: list[str] = TOKEN.findall(text)
    for token in dict.fromkeys(tokens):  # of many tokens few are different
        if token not in {"(", ")"} and not ATOM.fullmatch(token):
            raise Rejected(f"neither a symbol nor a numeral: {token[:40]!r}")
    return tokens


def show(term: Term) -> str:
    """A term as text."""
    return term if isinstance(term, str) else f"({' '.join(map(show, term))})"


def is_numeral(term: Term) -> bool:
    """Whether a term is a number written out."""
    return isinstance(term, str) and term.isdecimal()


def substitute(term: Term, variable: str, constant: str) -> Term:
    """`term` with a constant in place of a variable.

    Raises:
        Rejected: a quantifier inside binds either of the two names, so that the result could mean something else.
    """
    match term:
        case str():
            return constant if term == variable else term
        case ("forall" | "exists", ((str(bound), _),), _) if bound in {variable, constant}:
            raise Rejected(f"{bound} is bound more than once")
        case _:
            return tuple(substitute(part, variable, constant) for part in term)
