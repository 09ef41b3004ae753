"""States with a few members, or of which everything is known, in the one encoding of conditions: `smtlib`."""

from quiesce.spec.meaning import symbols
from quiesce.spec.meaning.smtlib import Body, literal, scalars
from quiesce.spec.model import Machine, Quantifier, Total
from quiesce.spec.record import record
from quiesce.spec.state import State


@record
class Bounded:
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
        return _each(quantifier, body, self.members)

    def total(self, total: Total, body: Body) -> str:  # noqa: ARG002
        """Written out."""
        return _sum(body, self.members)


@record
class Known:
    """A state whose every value is known. A member is denoted by an integer."""

    machine: Machine
    state: State

    def variable(self, name: str) -> str:
        """Its value."""
        declared = next(scalar for scalar in scalars(self.machine) if scalar.name == name)
        return literal(self.state.scalars[name], declared.type)

    def field(self, family: str, name: str, member: str) -> str:
        """Its value; the member must be fixed."""
        declared = next(f for f in self.machine.families_by_name[family].fields if f.name == name)
        return literal(self.state.families[family][int(member)][name], declared.type)

    def quantified(self, quantifier: Quantifier, bound: str, family: str, body: Body) -> str:  # noqa: ARG002
        """Written out."""
        return _each(quantifier, body, len(self.state.families[family]))

    def total(self, total: Total, body: Body) -> str:
        """Written out."""
        return _sum(body, len(self.state.families[total.family]))


def _each(quantifier: Quantifier, body: Body, members: int) -> str:
    word, neutral = ("and", "true") if quantifier is Quantifier.ALL else ("or", "false")
    return f"({word} {neutral} {' '.join(body(str(index)) for index in range(members))})" if members else neutral


def _sum(body: Body, members: int) -> str:
    return f"(+ 0 0 {' '.join(body(str(index)) for index in range(members))})" if members else "0"
