"""Where the prover's replies and what the reference found out contradict each other.

All that is said here is one-sided, and of promises, not of single steps of a proof: what is proved is broken by no run;
what is refuted is broken by the run that is shown; what is called vacuous happens in no run. With `premises`, a promise
of which everything is proved holds whatever else is refuted; without, the runs that speak against it keep all others.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from tests.differential.reference.activities import activity_of_members, astray, trusted
from tests.differential.reference.due import due_when_gone, ended, member_of
from tests.differential.reference.exploring import (
    Edge,
    Run,
    Space,
    arguments,
    attempts,
    explore,
    faults,
    is_pristine,
    is_unused,
    size_of,
    tries_all,
    with_newcomers,
)
from tests.differential.reference.knowledge import Knowledge
from tests.differential.reference.layers import owed
from tests.differential.reference.lifecycle import Action, Choice, Given, Lifecycle, One, Promise, State, fits
from tests.differential.reference.meaning import (
    About,
    Finding,
    asked_for,
    breaks_outcomes,
    breaks_step,
    wrong_total,
)
from tests.differential.replies import (
    ASSUMED,
    ERROR,
    EXPECTED,
    INVARIANTS,
    PROVED,
    REFUTED,
    VACUOUS,
    WITNESS,
    NoState,
    Reply,
    about,
    nobody_wrote,
    run_of,
)

MANY_INTEGERS = tuple(range(-10, 31))
"""Integers among which an argument that a run speaks of is looked for."""

AHEAD = 150
"""States that are looked at behind a run of which it is said that nothing follows any more."""


@dataclass(frozen=True, slots=True)
class Wrong:
    """A reply that cannot be right, and why; with the run that shows it, if one does."""

    what: str
    why: str
    run: Run | None = None


def wrong(replies: tuple[Reply, ...], known: Knowledge, *, premises: bool) -> Iterator[Wrong]:
    """All of them."""
    helped = all(reply.verdict == PROVED for reply in nobody_wrote(replies, known.life))
    sound = all(reply.verdict == PROVED for reply in replies if reply.kind in INVARIANTS)
    if len({reply.id for reply in replies}) < len(replies):
        yield Wrong("everything", "two obligations have one id")
    for finding in known.broken.values():
        if premises or (finding.trusted and helped):
            yield from _proved_but(replies, known, finding, whole=not finding.trusted)
    for finding in known.endless.values():
        if premises or sound:
            yield from _proved_but(replies, known, finding, whole=True)
    if all(reply.verdict == PROVED for reply in replies):
        for name, finding in known.contracts:
            yield Wrong("everything", f"proved, but {name} does not keep its own: {finding.why}", finding.run)
    yield from _vacuous(replies, known)
    fallen = frozenset(reply.line for reply in replies if reply.kind in INVARIANTS and reply.verdict != PROVED)
    for reply in replies:
        yield from _about(reply, known, fallen)


def _proved_but(replies: tuple[Reply, ...], known: Knowledge, finding: Finding, *, whole: bool) -> Iterator[Wrong]:
    said = about(replies, finding.about, known.life, whole=whole)
    if not said:
        yield Wrong(f"{finding.about}", f"nothing is said of it, but {finding.why}", finding.run)
    elif all(reply.verdict == PROVED for reply in said):
        yield Wrong(str(said[0]), f"proved, but {finding.why}", finding.run)


def _vacuous(replies: tuple[Reply, ...], known: Knowledge) -> Iterator[Wrong]:
    life, shown = known.life, known.shown
    for reply in replies:
        if reply.verdict == ERROR and reply.kind == ASSUMED:
            action = life.action(reply.action or "")
            if (finding := shown.get(About("action", action=action.name, line=action.line))) is not None:
                yield Wrong(str(reply), "called a contradiction, but it happens", finding.run)
        if reply.verdict != VACUOUS or reply.kind != WITNESS:
            continue
        wanted = _wanted(reply, known.lives)
        if wanted and all(claim in shown for claim in wanted):
            yield Wrong(str(reply), "called vacuous, but this run shows it", shown[wanted[0]].run)


def _wanted(reply: Reply, lives: tuple[Lifecycle, ...]) -> list[About]:
    """All that a witness at this place may be of: if all of it is shown, whichever is meant is shown."""
    life = lives[0]
    if reply.promise is not None:
        life, promise = next((one, p) for one in lives for p in one.promises if p.name == reply.promise)
        match promise.word:
            case "accepts" | "refuses":
                return [About("applies", promise.name, call=call) for call in promise.calls]
            case "enabled":
                return [About("applies", promise.name, call=action.name) for [action] in asked_for(life, promise)]
            case "recoverable" | "pristine" | "leads_to":
                return [About("applies", promise.name)]
            case _:
                return []
    if reply.action is not None:
        if reply.line == life.action(reply.action).line:
            return [About("action", action=reply.action, line=reply.line)]
        return [About(arm, action=reply.action, line=reply.line) for arm in ("then", "else")]
    fields = [*life.variables, *(declared for family in life.families for declared in family.fields)]
    declared = next(declared for declared in fields if declared.line == reply.line)
    values = declared.domain.values if isinstance(declared.domain, Choice) else ()
    return [About("value", str(value), line=reply.line) for value in values]


UNSURE = "a shorter run was not excluded"
"""What a reply says whose run may not be a shortest one."""


# --- one reply ---------------------------------------------------------------------------------------------------


def _about(reply: Reply, known: Knowledge, fallen: frozenset[int]) -> Iterator[Wrong]:
    """What is wrong with one reply. What is promised in the `fallen` lines is not proved, so no proof rests on it."""
    if reply.verdict == ERROR and reply.kind != ASSUMED:
        yield Wrong(str(reply), f"an error: {reply.detail}")
    try:
        if reply.run is not None:
            run = run_of(known.lives, reply.run)
            why = not_a_run(run, trusting=_is_trusting(reply, known.lives)) or _shows_nothing(reply, run)
            if why is not None:
                yield Wrong(str(reply), why, run)
            elif UNSURE not in reply.detail and (shorter := _shorter(reply, run, known)) is not None:
                yield Wrong(str(reply), "not the shortest run", shorter)
        elif reply.verdict == REFUTED or (reply.verdict == PROVED and reply.kind in (WITNESS, EXPECTED)):
            yield Wrong(str(reply), f"{reply.verdict} without a run")
        if reply.step is not None:
            step = run_of(known.lives, reply.step)
            own = reply.line if reply.kind in INVARIANTS else None
            if any(line not in fallen or line == own for _, _, line in faults(step.life, step.start)):
                yield Wrong(str(reply), "the promises exclude the step that is said not to be excluded", step)
            elif (why := _not_replayed(step, trusting=True)) is not None:
                yield Wrong(str(reply), why, step)
    except NoState as error:
        yield Wrong(str(reply), f"no run of this machine: {error}")


def _is_trusting(reply: Reply, lives: Iterable[Lifecycle]) -> bool:
    """Whether the run that is shown keeps what is assumed."""
    return all(promise.assuming for life in lives for promise in life.promises if promise.name == reply.promise)


def not_a_run(run: Run, *, trusting: bool) -> str | None:
    """What is wrong with a run by itself."""
    if run.start != run.life.start(tuple(len(members) for members in run.start.families)):
        return "the run does not begin in an initial state"
    return _not_replayed(run, trusting=trusting)


def _not_replayed(run: Run, *, trusting: bool) -> str | None:
    state = run.start
    for number, (name, given, after) in enumerate(run.moves, 1):
        action = run.life.action(name)
        if (why := _misfit(run.life, state, action, given)) is not None:
            return f"step {number}, {name}: {why}"
        took = run.life.take(state, action, given)
        if took is None or (took.distrusted and trusting):
            return f"step {number}, {name} with {dict(given)}, cannot happen"
        if took.state != after:
            return f"step {number}, {name} with {dict(given)}, leads elsewhere: {took.state}"
        state = after
    return None


def _misfit(life: Lifecycle, state: State, action: Action, given: Given) -> str | None:
    fresh: list[tuple[str, object]] = []
    for parameter in action.parameters:
        value = given[parameter.name]
        match parameter.domain:
            case One(family, new):
                if not isinstance(value, int) or not 0 <= value < size_of(life, state, family):
                    return f"there is no member {value}"
                if new and not is_unused(life, state, family, value):
                    return f"{value} is no new member"
                fresh += [(family, value)] if new else []
            case domain:
                if not fits(value, domain):
                    return f"{parameter.name} cannot be {value}"
    return "two new members are one" if len(set(fresh)) < len(fresh) else None


def _shorter(reply: Reply, run: Run, known: Knowledge) -> Run | None:
    """A shorter run that shows the same. Of families nothing is said: with other members there may be a shorter one."""
    if known.life.families or reply.verdict != REFUTED:
        return None
    for finding in known.broken.values():
        same = finding.trusted and finding.about.kind in ("always", "step", "range", "pristine")
        shorter = len(finding.run.moves) < len(run.moves)
        if same and shorter and about((reply,), finding.about, known.life, whole=False):
            return finding.run
    return None


# --- what a run has to show --------------------------------------------------------------------------------------


def _shows_nothing(reply: Reply, run: Run) -> str | None:
    """Why the run does not show what is said of it; None if it does."""
    last = run.moves[-1].action if run.moves else None
    promise = next((p for p in run.life.promises if p.name == reply.promise), None)
    if reply.verdict == REFUTED and reply.promise is not None and reply.promise.partition(".")[2] in OWED_BY_WORK:
        return shows_work(run, reply.promise, reply.action)
    match reply.verdict, reply.kind:
        case "proved", "witness" | "assumption":
            return "another action is last" if reply.action not in (None, last) else None
        case "proved", "expected failure" if promise is not None:
            return _keeps(run, promise)
        case "refuted", "start" | "step" | "pristine":
            if reply.action != last:
                return "another action is last"
            if promise is not None and promise.word == "initially":
                return _keeps(run, promise)
            there = faults(run.life, run.end)
            names = {name for _, name, _ in there} if promise is not None else set()
            is_shown = reply.promise in names or (promise is None and any(line == reply.line for *_, line in there))
            return None if is_shown else "the promise holds at the end of the run"
        case "refuted", "step promise" if promise is not None:
            moves = last is not None and run.life.action(last).moves
            if (reply.action is not None and reply.action != last) or (reply.action is None and moves):
                return "another action is last"
            return _keeps(run, promise)
        case "refuted", "expected failure" if promise is not None and not promise.assuming:
            # It needs no step that breaks an assumption, so it is false where all is assumed, too.
            return _keeps(run, promise) or _not_replayed(run, trusting=True)
        case "refuted", "answer" | "enabled" | "recoverable" if promise is not None:
            return _keeps(run, promise)
        case "refuted", "leads to":
            return _keeps(run, promise) if promise is not None else _nobody_waits(reply, run)
        case "refuted", "total":
            calls = [outcomes for outcomes in run.life.calls.values() if outcomes[0].line == reply.line]
            is_wrong = any(wrong_total(run.life, run.end, outcomes, None, MANY_INTEGERS) for outcomes in calls)
            return None if is_wrong else "the call has one outcome in the last state"
        case "refuted", "activity":
            is_astray = any(line == reply.line for line, _ in astray(run.life, run.end, MANY_INTEGERS))
            return None if is_astray else "work that ends in the last state finds one outcome"
        case "refuted", "precondition" if reply.of_running_work:
            return None  # `tests/prove/test_random_work.py` makes the calls when the work really does
        case "refuted", "precondition" | "refinement":
            return _owes_nothing(reply, run)
        case _:
            return f"a run is shown of something {reply.verdict} of kind {reply.kind}"


OWED_BY_WORK = frozenset(
    f"{what}{part}"
    for what, parts in {
        "not_at_first": ("",),
        "not_when_gone": ("",),
        "stays_due": ("", ".of_others"),
        "answered": ("", ".begins", ".lasts", ".ends"),
    }.items()
    for part in parts
)


def shows_work(run: Run, name: str, action: str | None) -> str | None:
    """Why the end of a run does not break what is owed because of an activity; None if it does."""
    life, (about, _, what) = run.life, name.partition(".")
    last = run.moves[-1] if run.moves else None
    if (last.action if last else None) != action and what != "answered.ends":
        return "another action is last"
    match what:
        case "not_at_first":
            return None if life.due(about, run.end) and last is None else "nothing is due at the start"
        case "not_when_gone":
            return None if about in dict(due_when_gone(life, run.end)) else "the work is due of no member that is gone"
        case "stays_due" | "stays_due.of_others" if last is not None:
            own = life.action(last.action)
            is_ended = about in ended(life, own, last.given, run.states[-2], run.end)
            return None if is_ended and (own.ends == about) == what.endswith("others") else "the work stays due"
        case "answered" if last is not None:
            activity = activity_of_members(life, life.action(about)) or ""
            is_due = member_of(life, activity, last.given) in life.due(activity, run.end)
            return "the work that answers is due at the end of the run" if is_due else None
        case "answered.ends":
            return _is_possible(life, run.end, frozenset(a.name for a in trusted(life, life.action(about))))
        case _:
            return None  # which places a caller waits in is the prover's own choice


def _keeps(run: Run, promise: Promise) -> str | None:
    """Why the end of a run does not break a promise; None if it does."""
    life = run.life
    match promise.word:
        case "always" | "initially":
            return "the promise holds at the end of the run" if life.says(promise, run.end) else None
        case "pristine":
            broken = life.says(promise, run.end) and not is_pristine(life, run.end)
            return None if broken else "the promise holds at the end of the run"
        case "step":
            if not run.moves:
                return "there is no step"
            _, given, after = run.moves[-1]
            breaks = breaks_step(life, promise, life.action(run.moves[-1].action), given, run.states[-2], after)
            return None if breaks else "the last step keeps the promise"
        case "accepts" | "refuses" | "enabled":
            breaks = breaks_outcomes(life, promise, run.end, None, MANY_INTEGERS)
            return None if breaks else "the promise holds in the last state"
        case "recoverable":
            sizes = tuple(len(members) for members in run.end.families)
            start = with_newcomers(life, run.end) if any(map(_asks_for_new, life.actions)) else run.end
            ahead = explore(life, sizes, AHEAD, [start])
            back = next((n for n, state in enumerate(ahead.states) if life.says(promise, state)), None)
            if back is None:
                return None
            return f"the goal is reached again: {[move.action for move in ahead.run_to(back).moves]}"
        case "leads_to":
            says = [life.says(promise, state) for state in run.states]
            goals = [n for n, (_, goal) in enumerate(says) if goal]
            since = says[max(goals, default=-1) + 1 :]
            if not any(trigger for trigger, _ in since):
                return "nobody waits at the end of the run"
            return _is_possible(life, run.end, promise.concerns)
        case _:
            return "a promise of this kind cannot be declared false"


def _nobody_waits(reply: Reply, run: Run) -> str | None:
    """Why nobody can begin to wait at the end of a run, or something fair can happen there; None if neither is so."""
    action = next(action for action in run.life.actions if action.waits and action.line == reply.line)
    given = arguments(run.life, run.end, action.parameters, MANY_INTEGERS)
    if not any(run.life.take(run.end, action, chosen) is not None for chosen in given):
        return "nobody waits at the end of the run"
    return _is_possible(run.life, run.end, action.fair)


def _is_possible(life: Lifecycle, end: State, names: frozenset[str]) -> str | None:
    """A fair action that can happen in a state; one that asks for a new member is given one, as one always exists."""
    for action in life.actions:
        state = with_newcomers(life, end) if _asks_for_new(action) else end
        if action.name in names and action.moves:
            for given in arguments(life, state, action.parameters):
                took = life.take(state, action, given)
                if took is not None and not took.distrusted:
                    return f"{action.name} is possible at the end of the run"
    return None


def _asks_for_new(action: Action) -> bool:
    return any(isinstance(p.domain, One) and p.domain.new for p in action.parameters)


def _owes_nothing(reply: Reply, run: Run) -> str | None:
    """Why nothing is owed to a layer at the end of a run; said only where all arguments can be tried.

    Nor is it said where one name is an answer for one action and not for another: whether both speak of the same is
    then anybody's guess, and the prover may ask for more.
    """
    life = run.life
    layers = (*life.layers.values(), *((life.offers,) if life.offers else ()))
    if not tries_all((*life.actions, *(a for layer in layers for a in layer.actions))):
        return None
    if any(isinstance(v.domain, Choice) for v in life.variables) or _is_torn(life):
        return None
    sizes = tuple(len(members) for members in run.end.families)
    space = Space(life, sizes, [run.end])
    space.tried[0] = list(attempts(life, run.end))
    space.expanded, space.trusted = {0}, {0}
    space.edges = [Edge(0, action, given, took, 0) for action, given, took in space.tried[0]]
    kind = "duty" if reply.kind == "precondition" else "offer"
    return (
        None if any(finding.about.kind == kind for finding in owed(space)) else "nothing is owed at the end of the run"
    )


def _is_torn(life: Lifecycle) -> bool:
    parameters = [p for action in life.actions for p in action.parameters]
    return not {p.name for p in parameters if p.answer}.isdisjoint(p.name for p in parameters if not p.answer)
