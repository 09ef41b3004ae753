"""States of which everything is known, in the encoding of conditions: values alone."""

from quiesce.spec.meaning.few_members import each_member, sum_over_members
from quiesce.spec.meaning.smtlib import Body, literal, scalars
from quiesce.spec.model import Machine, Quantifier, Total
from quiesce.spec.record import record
from quiesce.spec.state import State


@record
class KnownState:
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
        return each_member(quantifier, body, len(self.state.families[family]))

    def total(self, total: Total, body: Body) -> str:
        """Written out."""
        return sum_over_members(body, len(self.state.families[total.family]))
