"""Questions of proof cores about starts, steps and waits, asked of the relational encoding (`relation`)."""

from collections.abc import Iterable, Mapping

from quiesce.cores.minimal import Goal, Question
from quiesce.cores.parts import Part, Ranged
from quiesce.cores.premises import encoded, initial_premises, invariant_parts, policy_terms
from quiesce.cores.relation import Relation, relation, totals_spoken_of
from quiesce.cores.states import Moment, Totals, total_facts
from quiesce.kernel.hints import Rank
from quiesce.kernel.problem import Problem, initial, preserved
from quiesce.kernel.rules.waits import Wait
from quiesce.kernel.subjects import Initial, StepKept, Stutters, Subject, Waiting, WaitProgress
from quiesce.spec.meaning.formulas import parameter_claims
from quiesce.spec.meaning.smtlib import Frame, encode
from quiesce.spec.meaning.totals import split
from quiesce.spec.model import Action, Expr, Total
from quiesce.spec.rewrite import conjunction, walk


def start_question(problem: Problem) -> Question:
    """The question whether every invariant, and every promise about the start, holds at the start."""
    claims: list[tuple[Subject, Expr]] = [(initial(invariant), invariant.claim) for invariant in problem.invariants]
    claims += [(Initial(promise.name), claim.claim) for promise, claim in problem.initial_promises]
    return initial_question(problem, claims)


def initial_question(problem: Problem, claims: Iterable[tuple[Subject, Expr]]) -> Question:
    """The question whether claims hold at the start, each with the subject of its obligation."""
    moment = Moment(Totals())
    premises: dict[Part, str] = dict(initial_premises(problem.machine, moment))
    listed = [(name, split(claim)) for name, claim in claims]
    goals = tuple(_goal_of_core(name, encode(claim, Frame(moment))) for name, claim in listed)
    facts = _facts_of_state(moment, (claim for _, claim in listed))
    return Question(_declarations_of_moments(problem, moment), facts, premises, goals)


def idle_question(problem: Problem) -> Question:
    """The question whether a step that changes nothing keeps every step promise."""
    moment = Moment(Totals())
    parts = invariant_parts(problem)
    frame = Frame(moment, moment)
    claims = [(promise.name, split(claim.claim)) for promise, claim in problem.idle_promises]
    goals = tuple(_goal_of_core(Stutters(name), encode(claim, frame)) for name, claim in claims)
    premises = encoded(parts, frame)
    facts = _facts_of_state(moment, (claim for _, claim in (*parts, *claims)))
    return Question(
        _declarations_of_moments(problem, moment), (*policy_terms(problem.machine), *facts), premises, goals
    )


def step_question(
    problem: Problem,
    action: Action,
    obligations: Iterable[Subject] | None = None,
    waits: Mapping[Waiting, tuple[Wait, Rank]] | None = None,
) -> Question:
    """The question whether `action` keeps its obligations, or those listed, and brings waits closer to their ends.

    Raises:
        UnsupportedTotal: some sum or count cannot be handled.
    """
    asked = None if obligations is None else frozenset(obligations)
    rigid = tuple(dict.fromkeys(p for wait, _ in (waits or {}).values() for p in wait.parameters))
    step = relation(problem.machine, action, rigid)
    parts = invariant_parts(problem)
    known_before = {**encoded(parts, step.before), **step.premises}
    basis = frozenset([*step.premises, *(part for part, _ in parts if isinstance(part, Ranged))])
    claims: list[tuple[Subject, Expr, frozenset[Part]]] = []
    for invariant, (part, claim) in zip(problem.invariants, parts, strict=True):
        claims.append((preserved(action.name, invariant), claim, basis | {part}))
    for promise, step_claim in problem.step_promises:
        if action.name not in step_claim.unless:
            claims.append((StepKept(action.name, promise.name), split(step_claim.claim), basis))
    chosen = [claim for claim in claims if asked is None or claim[0] in asked]
    goals = [_goal_of_core(name, encode(claim, step.step), first) for name, claim, first in chosen]
    for waiting, (wait, rank) in (waits or {}).items():
        goals.append(_wait_goes_on_or_ends(problem, action, step, waiting, wait, rank, basis))
    spoken_of = [
        *(claim for _, claim in parts),
        *(claim for _, claim, _ in chosen),
        *totals_spoken_of(action),
        *(split(part) for _, rank in (waits or {}).values() for part in rank),
        *(split(claim) for wait, _ in (waits or {}).values() for claim in (wait.waiting, wait.reached)),
    ]
    facts = step.facts(spoken_of)
    declarations = (*_declarations_of_moments(problem, step.moments[0]), *step.declarations)
    return Question(declarations, (*policy_terms(problem.machine), *step.known, *facts), known_before, tuple(goals))


def _wait_goes_on_or_ends(
    problem: Problem,
    action: Action,
    step: Relation,
    waiting_for: Waiting,
    wait: Wait,
    rank: Rank,
    basis: frozenset[Part],
) -> Goal:
    """The claim that a step ends the wait, or goes on with it, at a lower rank if the action is fair."""
    fair = action.name in wait.fair
    waited = conjunction([*parameter_claims(problem.machine, wait.parameters), wait.waiting])
    ended, waiting = (encode(split(claim), step.step) for claim in (wait.reached, wait.waiting))
    moved = _rank_compared([split(part) for part in rank], step, strictly=fair)
    term = f"(=> {encode(split(waited), step.before)} (or {ended} (and {waiting} {moved})))"
    return _goal_of_core(WaitProgress(waiting_for, action.name, fair), term, basis)


def _rank_compared(rank: list[Expr], step: Relation, *, strictly: bool) -> str:
    """The claim that the rank is lower after the step than before it, or at least not higher."""
    if not rank:
        return "false" if strictly else "true"
    before, now = encode(rank[0], step.before), encode(rank[0], step.step)
    return f"(or (< {now} {before}) (and (= {now} {before}) {_rank_compared(rank[1:], step, strictly=strictly)}))"


def _goal_of_core(obligation: Subject, term: str, first: frozenset[Part] = frozenset()) -> Goal:
    return Goal(obligation, f"(not {term})", first)


def _declarations_of_moments(problem: Problem, moment: Moment) -> tuple[str, ...]:
    """The machine's symbols and the totals of all moments. Everything has to be encoded before."""
    named = (f"(declare-const {total.name} Int)" for total in moment.totals.met.values())
    return (*problem.declarations, *named)


def _facts_of_state(moment: Moment, spoken_of: Iterable[Expr]) -> tuple[str, ...]:
    totals = tuple(part for expr in spoken_of for part in walk(expr) if isinstance(part, Total))
    return total_facts(moment.totals, totals)
