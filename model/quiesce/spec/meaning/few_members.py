"""States with a few members, in the encoding of conditions: a constant for each variable and field of each member."""

from quiesce.spec.meaning import symbols
from quiesce.spec.meaning.smtlib import Body
from quiesce.spec.model import Quantifier, Total
from quiesce.spec.record import record


@record
class FewMembers:
    """State number `time` of a run over `members` members per family. A member is denoted by an integer.

    In a family without members an argument still has to denote something: member 0, of which nothing is known.
    """

    time: int
    members: int
    rigid: frozenset[str]

    @property
    def denoted(self) -> int:
        """The number of members that have a name."""
        return max(1, self.members)

    def variable(self, name: str) -> str:
        """A constant per state; policies are one for the whole run."""
        return symbols.variable(name) if name in self.rigid else f"{symbols.variable(name)}@{self.time}"

    def field(self, family: str, name: str, member: str) -> str:
        """A constant per state and member; for a member that is not fixed, a choice among them."""
        if member.isdigit():
            return f"{symbols.field(family, name)}.{member}@{self.time}"
        *others, last = [f"{symbols.field(family, name)}.{index}@{self.time}" for index in range(self.denoted)]
        chosen = last
        for index, place in reversed(list(enumerate(others))):
            chosen = f"(ite (= {member} {index}) {place} {chosen})"
        return chosen

    def quantified(self, quantifier: Quantifier, bound: str, family: str, body: Body) -> str:  # noqa: ARG002
        """Written out."""
        return each_member(quantifier, body, self.members)

    def total(self, total: Total, body: Body) -> str:  # noqa: ARG002
        """Written out."""
        return sum_over_members(body, self.members)


def each_member(quantifier: Quantifier, body: Body, members: int) -> str:
    """A claim about all members, or about some, written out."""
    word, neutral = ("and", "true") if quantifier is Quantifier.ALL else ("or", "false")
    return f"({word} {neutral} {' '.join(body(str(index)) for index in range(members))})" if members else neutral


def sum_over_members(body: Body, members: int) -> str:
    """A sum over all members, written out."""
    return f"(+ 0 0 {' '.join(body(str(index)) for index in range(members))})" if members else "0"
