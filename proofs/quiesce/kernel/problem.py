"""The problem of a proof: a machine with its invariants, premises and locations, and what every proof may assume."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cached_property
from types import MappingProxyType

from quiesce.kernel.activities import promises_of_activities
from quiesce.kernel.kinds import Kind
from quiesce.kernel.subjects import Initial, Location, Preserved
from quiesce.spec.apart import action_apart, claim_apart, named_apart
from quiesce.spec.effects import ANY_MEMBER, Effect, FieldName, effect_of
from quiesce.spec.meaning.formulas import compared_totals, for_all, in_range, pristine_claim, totals_in
from quiesce.spec.meaning.smtlib import encode
from quiesce.spec.meaning.totals import TotalNames, encodable, not_encodable, speaks_of_totals, split
from quiesce.spec.meaning.unbounded import unbounded_declarations, unbounded_frame
from quiesce.spec.model import (
    TRUE,
    Accepts,
    Action,
    Always,
    EnumType,
    Expr,
    Field,
    Initially,
    IntType,
    Literal,
    Machine,
    Pristine,
    Promise,
    Span,
    Step,
    Total,
    Variable,
    VariableDecl,
)
from quiesce.spec.record import record
from quiesce.spec.rewrite import conjunction, disjunction, equal, reads_now


def helper_name(number: int) -> str:
    """The name of an invariant that the prover found; the first has number 1."""
    return f"helper {number}"


@record
class Invariant:
    """A claim that holds initially and is kept by every action: an `always`, a `pristine`, or a `declared` range."""

    name: str
    kind: Kind
    claim: Expr
    span: Span
    declared: bool = False


@record
class Problem:
    """A machine with what every proof about it needs; `helpers` are invariants besides those that it promises.

    The `fallen` are invariants, by name, that could not be proved: they are still to be proved, but no proof may rest
    on them. Where the problem is not `trusting`, nothing that the machine promises or declares is known of its
    reachable states. Made by `problem_of`, and by `unassuming`; `source` is the machine as it was given.
    """

    machine: Machine
    helpers: tuple[Expr, ...] = ()
    fallen: frozenset[str] = frozenset()
    trusting: bool = True
    source: Machine | None = None

    @cached_property
    def effects(self) -> Mapping[str, Effect]:
        """The effect of each action, by its name."""
        return MappingProxyType({action.name: effect_of(self.machine, action) for action in self.machine.actions})

    @cached_property
    def moving(self) -> tuple[Action, ...]:
        """Actions that may change something. A refusal or a wait changes nothing; its body is empty."""
        return tuple(action for action in self.machine.actions if isinstance(action.outcome, Accepts))

    @cached_property
    def invariants(self) -> tuple[Invariant, ...]:
        """All invariants: first ranges, then promises, then helpers."""
        if not self.trusting:
            return ()
        found = (
            Invariant(helper_name(number), Kind.STEP, claim, self.machine.span)
            for number, claim in enumerate(self.helpers, 1)
        )
        return (*_invariants_of_ranges(self.machine), *_invariants_of_promises(self.machine), *found)

    @cached_property
    def premises(self) -> tuple[Invariant, ...]:
        """The invariants that proofs rest on. They are established together, or none of these proofs counts."""
        return tuple(invariant for invariant in self.invariants if invariant.name not in self.fallen)

    @cached_property
    def in_range(self) -> bool:
        """Whether every declared range is a premise, so that it can be read off a type that a value is not negative."""
        return self.trusting and all(i.name not in self.fallen for i in self.invariants if i.declared)

    @cached_property
    def step_promises(self) -> tuple[tuple[Promise, Step], ...]:
        """The step promises that are to hold."""
        return tuple((p, p.claim) for p in self.machine.promises if p.holds and isinstance(p.claim, Step))

    @cached_property
    def initial_promises(self) -> tuple[tuple[Promise, Initially], ...]:
        """The promises about the initial state alone."""
        return tuple((p, p.claim) for p in self.machine.promises if p.holds and isinstance(p.claim, Initially))

    @cached_property
    def idle_promises(self) -> tuple[tuple[Promise, Step], ...]:
        """The step promises that are about some refusal or wait, which changes nothing."""
        idle = {action.name for action in self.machine.actions} - {action.name for action in self.moving}
        return tuple((promise, claim) for promise, claim in self.step_promises if not idle.issubset(claim.unless))

    @cached_property
    def reads(self) -> Mapping[str, frozenset[str | FieldName]]:
        """The variables and fields that each invariant, and each step promise in its new state, depends on."""
        read = {invariant.name: reads_now(invariant.claim) for invariant in self.invariants}
        read |= {promise.name: reads_now(claim.claim) for promise, claim in self.step_promises}
        return MappingProxyType(read)

    @cached_property
    def assumed(self) -> tuple[Expr, ...]:
        """The claims that every proof may assume of a reachable state: the premises and the alternatives of policies.

        Nothing is assumed in the place of an invariant that cannot be encoded.
        """
        return (
            *(claim if encodable(claim) else TRUE for claim in self._split_premises),
            *_claims_about_policies(self.machine),
        )

    @cached_property
    def _split_premises(self) -> tuple[Expr, ...]:
        return tuple(split(invariant.claim) for invariant in self.premises)

    @cached_property
    def not_assumed(self) -> dict[str, str]:
        """The invariants that no proof may assume as they cannot be encoded, each with what stands in the way."""
        reasons = zip(self.premises, map(not_encodable, self._split_premises), strict=True)
        return {invariant.name: reason for invariant, reason in reasons if reason is not None}

    @cached_property
    def has_totals(self) -> bool:
        """Whether the machine speaks of totals anywhere; if not, only ranks do."""
        claims = [*self._split_premises, *(claim.claim for _, claim in self.step_promises)]
        guards = [claim for action in self.machine.actions for claim in action.guard]
        effects = self.effects.values()
        values = [value for effect in effects for value in (*effect.scalars.values(), *effect.fields.values())]
        return any(speaks_of_totals(expr) for expr in (*claims, *guards, *values))

    @cached_property
    def declarations(self) -> tuple[str, ...]:
        """SMT-LIB declarations of the machine's own symbols."""
        return tuple(unbounded_declarations(self.machine))

    @cached_property
    def assumed_terms(self) -> tuple[str, ...]:
        """`assumed` as SMT-LIB terms, if it speaks of no totals: those are named by each query."""
        frame = unbounded_frame((), TotalNames())
        return tuple(encode(claim, frame) for claim in self.assumed)

    @cached_property
    def compared(self) -> Mapping[str, tuple[tuple[Total, Total], ...]]:
        """For each action, the totals of `assumed`, each paired with its value after the action."""
        spoken_of = totals_in(self.assumed) if self.has_totals else ()
        return MappingProxyType({name: compared_totals(effect, spoken_of) for name, effect in self.effects.items()})

    def promise(self, name: str) -> Promise:
        """The promise of this name."""
        return next(promise for promise in self.machine.promises if promise.name == name)

    @cached_property
    def control(self) -> tuple[Variable, ...]:
        """The enum variables, whose values are the machine's locations."""
        return tuple(Variable(v.name, v.type) for v in self.machine.variables if isinstance(v.type, EnumType))

    @cached_property
    def locations(self) -> tuple[Location, ...]:
        """Every combination of values of the enum variables; a single empty one if there are none."""
        found: list[Location] = [()]
        for variable in self.control:
            assert isinstance(variable.type, EnumType)  # noqa: S101 -- by the filter of `control`
            found = [(*location, value) for location in found for value in variable.type.values]
        return tuple(found)

    def at(self, location: Location) -> Expr:
        """The claim that the machine is in `location`."""
        return conjunction(
            equal(variable, Literal(value, variable.type))
            for variable, value in zip(self.control, location, strict=True)
        )

    def at_some(self, locations: tuple[Location, ...]) -> Expr:
        """The claim that the machine is in one of `locations`."""
        return disjunction(self.at(location) for location in locations)


def problem_of(machine: Machine, helpers: tuple[Expr, ...] = (), fallen: frozenset[str] = frozenset()) -> Problem:
    """The problem of `machine`, which promises what it owes because of its activities, too.

    Members that its claims bind are named apart from the parameters of actions.
    """
    promises = (*machine.promises, *promises_of_activities(machine))
    return Problem(
        replace(
            machine,
            actions=tuple(action_apart(action) for action in machine.actions),
            promises=tuple(replace(p, claim=claim_apart(p.claim)) for p in promises),
        ),
        tuple(named_apart(claim) for claim in helpers),
        fallen,
        source=machine,
    )


def unassuming(problem: Problem) -> Problem:
    """The problem of the same machine where nobody is trusted.

    What is promised may rest on an assumption, and so may a declared range; neither is known here.
    """
    return Problem(problem.machine.unassuming, trusting=False)


# --- what is claimed ---------------------------------------------------------------------------------------------


def _invariants_of_ranges(machine: Machine) -> Iterator[Invariant]:
    for variable in machine.variables:
        if (claim := _claim_of_range(variable, Variable(variable.name, variable.type))) is not None:
            yield Invariant(f"{variable.name} in range", Kind.STEP, claim, variable.span, declared=True)
    for family in machine.families:
        for declared in family.fields:
            place = Field(ANY_MEMBER, family.name, declared.name, declared.type)
            if (claim := _claim_of_range(declared, place)) is not None:
                everywhere = for_all(family, claim)
                name = f"{family.name}.{declared.name} in range"
                yield Invariant(name, Kind.STEP, everywhere, declared.span, declared=True)


def _claim_of_range(declared: VariableDecl, place: Variable | Field) -> Expr | None:
    return in_range(place, declared.type) if isinstance(declared.type, IntType) else None


def _invariants_of_promises(machine: Machine) -> Iterator[Invariant]:
    for promise in machine.promises:
        if not promise.holds:
            continue
        match promise.claim:
            case Always(claim):
                yield Invariant(promise.name, Kind.STEP, claim, promise.span)
            case Pristine(released):
                yield Invariant(promise.name, Kind.PRISTINE, pristine_claim(machine, released), promise.span)
            case _:
                pass


def _claims_about_policies(machine: Machine) -> tuple[Expr, ...]:
    return tuple(
        disjunction(equal(Variable(p.name, p.type), Literal(value, p.type)) for value in p.alternatives)
        for p in machine.policies
        if len(p.alternatives) < len(p.type.values)
    )


def initial(invariant: Invariant) -> Initial:
    """The obligation that an invariant holds at the start."""
    return Initial(invariant.name, invariant.kind is Kind.PRISTINE)


def preserved(action: str, invariant: Invariant) -> Preserved:
    """The obligation that an action keeps an invariant."""
    return Preserved(action, invariant.name, invariant.kind is Kind.PRISTINE)
