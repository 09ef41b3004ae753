"""The choice of parts of a large expression that are written down once and get a name."""

from collections.abc import Collection, Iterator

from quiesce.spec.model import Expr, Field, Quantified, Same, Total
from quiesce.spec.record import record
from quiesce.spec.rewrite import children

HIGHEST = 40
"""Levels that a term nests, at most, between one part that has a name and the next."""


@record
class Parts:
    """The parts of one expression, by their identity: in how many places each stands, and which members it speaks of.

    A member that a part binds itself is not among those that it speaks of.
    """

    root: Expr
    places: dict[int, int]
    members: dict[int, frozenset[str]]

    def to_name(self, expr: Expr, members: Collection[str], named: Collection[int]) -> Iterator[Expr]:
        """The parts of `expr` that need a name, each behind those inside it, where `members` are known.

        These are the parts that stand in several places, and some others where the text would nest too deeply. A part
        that is `named` already needs no other name. Parts that speak of unknown members, or stand inside a total or
        below a quantifier that gives another meaning to the name of a known member, are left to whoever writes that
        total or quantifier.
        """
        height: dict[int, int] = dict.fromkeys(named, 0)
        pending: list[Expr | None] = [expr]
        opened: list[Expr] = []
        while pending:
            part = pending.pop()
            if part is None:
                part = opened.pop()
                level = 1 + max(height[id(child)] for child in children(part))
                wanted = self.places[id(part)] > 1 or level > HIGHEST
                if wanted and self.members[id(part)].issubset(members):
                    yield part
                    level = 0
                height[id(part)] = level
            elif id(part) not in height:
                inner = children(part)
                if inner and not _closed_to(part, members):
                    opened.append(part)
                    pending.append(None)
                    pending += inner
                else:
                    height[id(part)] = 0


def _closed_to(part: Expr, members: Collection[str]) -> bool:
    return isinstance(part, Total) or (isinstance(part, Quantified) and part.bound in members)


def parts_of(root: Expr) -> Parts:
    """How often each part of `root` occurs, and which members it speaks of."""
    places: dict[int, int] = {id(root): 1}
    members: dict[int, frozenset[str]] = {}
    pending: list[Expr | None] = [root]
    opened: list[Expr] = []
    while pending:
        part = pending.pop()
        if part is None:
            part = opened.pop()
            members[id(part)] = _members_spoken_of(part, members)
        elif id(part) not in members:
            inner = children(part)
            for child in inner:
                places[id(child)] = places.get(id(child), 0) + 1
            opened.append(part)
            pending.append(None)
            pending += inner
    return Parts(root, places, members)


def _members_spoken_of(part: Expr, members: dict[int, frozenset[str]]) -> frozenset[str]:
    match part:
        case Field(member):
            return frozenset([member])
        case Same(left, right):
            return frozenset([left, right])
        case Quantified(_, bound, _, body) | Total(bound, _, body):
            return members[id(body)] - {bound}
        case _:
            return frozenset[str]().union(*(members[id(child)] for child in children(part)))
