"""Activities: real work that the provider does by calling code of the user's, and where it is due."""

from collections.abc import Iterable, Iterator

from quiesce.spec.model import Action, Expr, Machine, MemberType, Parameter, ParameterDecl, Span
from quiesce.spec.record import record
from quiesce.spec.rewrite import conjunction, conjuncts, disjunction, walk


@record
class Activity:
    """The outcomes of one activity, in the order of the spec.

    An activity of a family belongs to the `member` that all its outcomes are given. `answers` are what the user's code
    returns: the parameters that the succeeding outcomes are given besides.
    """

    name: str
    member: ParameterDecl | None
    answers: tuple[ParameterDecl, ...]
    succeeding: tuple[Action, ...]
    failing: tuple[Action, ...]

    @property
    def outcomes(self) -> tuple[Action, ...]:
        """All outcomes: first those that succeed."""
        return (*self.succeeding, *self.failing)

    @property
    def span(self) -> Span:
        """The place of its first outcome."""
        return self.outcomes[0].span


def activities_of(machine: Machine) -> tuple[Activity, ...]:
    """The activities of a machine, in the order of their first outcomes."""
    return tuple(activities_among(machine.actions))


def activities_among(actions: Iterable[Action]) -> Iterator[Activity]:
    """The activities that these actions are outcomes of."""
    found: dict[str, list[Action]] = {}
    for action in actions:
        if action.ends is not None:
            found.setdefault(action.ends.name, []).append(action)
    for name, outcomes in found.items():
        parameters = {parameter.name: parameter for action in outcomes for parameter in action.parameters}.values()
        yield Activity(
            name,
            next((parameter for parameter in parameters if isinstance(parameter.type, MemberType)), None),
            tuple(parameter for parameter in parameters if parameter.answer),
            tuple(action for action in outcomes if action.ends is not None and not action.ends.fails),
            tuple(action for action in outcomes if action.ends is not None and action.ends.fails),
        )


def due_claim(activity: Activity) -> Expr:
    """The claim that the activity is due, of its member if it belongs to members.

    It is due where an outcome is possible but for what its answers decide.
    """
    return disjunction(dict.fromkeys(whatever_is_returned(outcome.when) for outcome in activity.outcomes))


def whatever_is_returned(claims: Iterable[Expr]) -> Expr:
    """The conjuncts of these claims, which an outcome makes, but for those that what its work returns decides."""
    parts = (part for claim in claims for part in conjuncts(claim))
    return conjunction(part for part in parts if not _reads_answer(part))


def _reads_answer(claim: Expr) -> bool:
    """Whether a conjunct of an outcome's guard speaks of what the work returns, its only scalar parameters."""
    return any(isinstance(part, Parameter) for part in walk(claim))


def trusted_to_answer(machine: Machine, action: Action) -> tuple[str, ...]:
    """The actions that are trusted to happen for a caller to be answered.

    They are the outcomes of those activities that may answer him, the timeouts that may, and what the call names itself
    as fair.
    """
    ends = {machine.actions_by_name[name].ends for name in action.until}
    running = {end.name for end in ends if end is not None}
    outcomes = (other.name for other in machine.actions if other.ends is not None and other.ends.name in running)
    clocks = (name for name in action.until if machine.actions_by_name[name].timeout is not None)
    return tuple(dict.fromkeys((*outcomes, *clocks, *action.fair)))
