"""Declarations and actions as claims about one state: ranges, starts, guards, claims after a step, totals in them."""

from collections.abc import Iterable, Iterator
from itertools import chain, combinations

from quiesce.spec.effects import ANY_MEMBER, Effect
from quiesce.spec.meaning.totals import is_closed, replacing, speaks_of_totals, split
from quiesce.spec.model import (
    INT,
    TRUE,
    Action,
    Binary,
    Expr,
    FamilyDecl,
    Field,
    IntType,
    Literal,
    Machine,
    MemberType,
    Not,
    Op,
    Parameter,
    ParameterDecl,
    Quantified,
    Quantifier,
    Same,
    Total,
    Variable,
)
from quiesce.spec.rewrite import alike, conjunction, equal, substitute, walk


def in_range(place: Expr, type_: IntType) -> Expr | None:
    """The claim that an integer is within the bounds of its type; None if the type has no bounds."""
    bounds = []
    if type_.low is not None:
        bounds.append(Binary(Op.GE, place, Literal(type_.low, INT)))
    if type_.high is not None:
        bounds.append(Binary(Op.LE, place, Literal(type_.high, INT)))
    return conjunction(bounds) if bounds else None


def pristine_claim(machine: Machine, released: Expr) -> Expr:
    """The claim that everything which does not persist has its initial value wherever `released` holds."""
    return Binary(Op.IMPLIES, released, initial_claim(machine, persistent=False))


def initial_claim(machine: Machine, *, persistent: bool) -> Expr:
    """The claim that everything has its initial value; with `persistent`, what survives a release as well."""
    scalars = [
        equal(Variable(v.name, v.type), Literal(v.initial, v.type))
        for v in machine.variables
        if persistent or not v.persistent
    ]
    members = [for_all(family, unused_claim(family, ANY_MEMBER, persistent=persistent)) for family in machine.families]
    return conjunction([*scalars, *members])


def unused_claim(family: FamilyDecl, member: str, *, persistent: bool) -> Expr:
    """The claim that the fields of `member` have their defaults.

    With `persistent`, those that survive a release as well.
    """
    return conjunction(
        equal(Field(member, family.name, f.name, f.type), Literal(f.initial, f.type))
        for f in family.fields
        if persistent or not f.persistent
    )


def for_all(family: FamilyDecl, claim: Expr) -> Expr:
    """`claim`, which is about `ANY_MEMBER`, of every member."""
    return Quantified(Quantifier.ALL, ANY_MEMBER, family.name, claim)


# --- before and after an action ----------------------------------------------------------------------------------


def guard(machine: Machine, action: Action) -> Expr:
    """Where `action` can happen: `when` and `assume` hold, arguments are of their types, and new members unused."""
    return conjunction([*parameter_claims(machine, action.parameters), *action.guard])


def parameter_claims(machine: Machine, parameters: tuple[ParameterDecl, ...]) -> Iterator[Expr]:
    """The facts about arguments that hold before the action looks at them.

    The family of a member that is given has members.
    """
    for parameter in parameters:
        match parameter.type:
            case MemberType():
                yield inhabited(machine.family_of(parameter.type).name)
                if parameter.new:
                    yield unused_claim(machine.family_of(parameter.type), parameter.name, persistent=True)
            case IntType():
                if (claim := in_range(Parameter(parameter.name, parameter.type), parameter.type)) is not None:
                    yield claim
            case _:
                pass
    for first, second in combinations([parameter for parameter in parameters if parameter.new], 2):
        if isinstance(first.type, MemberType) and first.type == second.type:
            yield Not(Same(first.name, second.name, machine.family_of(first.type).name))


def inhabited(family: str) -> Expr:
    """The claim that a family has at least one member."""
    return Quantified(Quantifier.ANY, ANY_MEMBER, family, TRUE)


def after(effect: Effect, expr: Expr) -> Expr:
    """The claim `expr` about the state after the action, in terms of the state before it (a weakest precondition).

    Where the claim speaks of the old state, it then speaks of the only state left.
    """
    return effect.after(expr)


def flatten_old(expr: Expr) -> Expr:
    """The claim `expr`, which may be about a step, for a step that changes nothing."""

    def flat(part: Expr) -> Expr | None:
        match part:
            case Variable(name, type_, True):
                return Variable(name, type_)
            case Field(member, family, name, type_, True):
                return Field(member, family, name, type_)
            case _:
                return None

    return substitute(expr, flat)


def kept(effect: Effect, claim: Expr) -> Expr:
    """The claim that a claim about one state, or about a step, holds after the action, with its totals split."""
    return split(after(effect, claim))


def totals_in(exprs: Iterable[Expr]) -> tuple[Total, ...]:
    """The totals that `exprs` speak of, as of one state.

    Totals that cannot be encoded are left out; a query that speaks of such a total reports it.
    """
    found = (walk(split(flatten_old(expr))) for expr in exprs if speaks_of_totals(expr))
    parts = chain.from_iterable(found)
    return tuple(dict.fromkeys(part for part in parts if isinstance(part, Total) and is_closed(part)))


def compared_totals(effect: Effect, totals: Iterable[Total]) -> tuple[tuple[Total, Total], ...]:
    """Each total, paired with the total that the action puts in its place as a whole, where the two differ."""
    pairs = ((before, replacing(kept(effect, before))) for before in totals)
    return tuple((before, now) for before, now in pairs if is_closed(now) and not alike(now, before))
