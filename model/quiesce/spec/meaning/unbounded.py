"""States with any number of members, in the encoding of conditions: constants, functions, quantifiers."""

from quiesce.spec.meaning import symbols
from quiesce.spec.meaning.smtlib import Body, Frame, enum_declarations, scalars, sort
from quiesce.spec.meaning.totals import TotalNames
from quiesce.spec.model import Machine, MemberType, ParameterDecl, Quantifier, Total
from quiesce.spec.record import record


@record
class Unbounded:
    """Families as uninterpreted sorts. Totals are named in `totals` as they are met."""

    totals: TotalNames

    def variable(self, name: str) -> str:
        """A constant."""
        return symbols.variable(name)

    def field(self, family: str, name: str, member: str) -> str:
        """A function of the member."""
        return f"({symbols.field(family, name)} {member})"

    def quantified(self, quantifier: Quantifier, bound: str, family: str, body: Body) -> str:
        """A quantifier of the logic, about a family that may be empty."""
        member = symbols.bound_member(bound)
        return quantified(quantifier, member, family, body(member))

    def total(self, total: Total, body: Body) -> str:  # noqa: ARG002
        """A constant; what is known of it stands among the premises."""
        return self.totals.name(total)


def quantified(quantifier: Quantifier, member: str, family: str, body: str) -> str:
    """A claim about all members of a family, or about some, where `body` is about the member with the name `member`."""
    some = symbols.inhabited(family)
    if quantifier is Quantifier.ALL:
        return f"(=> {some} (forall (({member} {symbols.member_sort(family)})) {body}))"
    return f"(and {some} (exists (({member} {symbols.member_sort(family)})) {body}))"


def family_declarations(machine: Machine) -> list[str]:
    """The sort of each family, and whether it has any member."""
    lines = [f"(declare-sort {symbols.member_sort(family.name)} 0)" for family in machine.families]
    return lines + [f"(declare-const {symbols.inhabited(family.name)} Bool)" for family in machine.families]


def unbounded_declarations(machine: Machine) -> list[str]:
    """Sorts, variables and fields."""
    lines = enum_declarations(machine) + family_declarations(machine)
    lines += [f"(declare-const {symbols.variable(scalar.name)} {sort(scalar.type)})" for scalar in scalars(machine)]
    lines += [
        f"(declare-fun {symbols.field(family.name, declared.name)} "
        f"({symbols.member_sort(family.name)}) {sort(declared.type)})"
        for family in machine.families
        for declared in family.fields
    ]
    return lines


def unbounded_parameters(machine: Machine, parameters: tuple[ParameterDecl, ...]) -> list[str]:
    """One constant for each parameter."""
    return [f"(declare-const {symbols.argument(p.name)} {_parameter_sort(machine, p)})" for p in parameters]


def _parameter_sort(machine: Machine, parameter: ParameterDecl) -> str:
    if isinstance(parameter.type, MemberType):
        return symbols.member_sort(machine.family_of(parameter.type).name)
    return sort(parameter.type)


def unbounded_frame(parameters: tuple[ParameterDecl, ...], totals: TotalNames) -> Frame:
    """The frame of a query about one state and the arguments of one action."""
    members = {p.name: symbols.argument(p.name) for p in parameters if isinstance(p.type, MemberType)}
    scalars = {p.name: symbols.argument(p.name) for p in parameters if not isinstance(p.type, MemberType)}
    return Frame(Unbounded(totals), None, scalars, members)
