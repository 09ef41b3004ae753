"""Machines at random, whose work calls a layer: if each state owes nothing, no order of real calls goes wrong.

The model makes the calls of work when it ends; somebody else makes them here when they are made, one after the other,
and looks at the layer as it really is. He knows no rule of the kernel.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import product
from pathlib import Path, PurePosixPath
from random import Random
from typing import TypeAlias

import pytest
from quiesce.kernel.activities import promises_of_activities
from quiesce.kernel.problem import problem_of
from quiesce.kernel.rules.layers import layers_owed
from quiesce.kernel.rules.outcomes import landings, parameters_of_activity
from quiesce.kernel.subjects import Apart, SameCalls
from quiesce.spec.activities import Activity, activities_of
from quiesce.spec.arguments import argument_scopes, enabled
from quiesce.spec.interpreter import Scope, all_hold, evaluate, holds, initial_states, step
from quiesce.spec.model import Action, Expr, LowerCall, Machine, Not, ParameterDecl, Step, Value
from quiesce.spec.reader import read_text
from quiesce.spec.state import State

from tests.by_day import examples

pytestmark = pytest.mark.slow

BELOW = '''
from quiesce.spec import Answer, Machine, Nat, assume, call, when


class Below(Machine):
    """A layer that is started, used and stopped."""

    refs: Nat = 0
    mode: Nat = 0

    @call("Startup")
    def started(self, works: Answer[bool]) -> None:
        when(works)
        self.refs += 1

    @call("Startup", fails="NOT_READY")
    def not_started(self, works: Answer[bool]) -> None:
        when(not works)

    @call("Cleanup")
    def cleanup(self) -> None:
        assume(self.refs > 0, "a caller undoes its own startups only")
        self.refs -= 1

    @call("Send")
    def send(self) -> None:
        assume(self.refs > 0, "a caller sends between a startup and its cleanup")

    @call("Ask")
    def some(self) -> None:
        when(self.mode > 0)

    @call("Ask", fails="NOTHING")
    def nothing(self) -> None:
        when(self.mode == 0)

    @call("Set")
    def set(self, mode: Nat) -> None:
        self.mode = mode
'''
HEAD = """
from enum import Enum, auto

from below import Below
from quiesce.spec import Answer, Machine, Uses, activity, environment, when


class Phase(Enum):
    A = auto()
    B = auto()
    C = auto()
    D = auto()


class Upper(Machine):
    phase: Phase = Phase.A
    odd: bool = False
    lower: Uses[Below]
"""
CALLS = {
    "": [""],
    "startup": ["self.lower.started(works)", "self.lower.not_started(works)"],
    "cleanup": ["self.lower.cleanup()"],
    "send": ["self.lower.send()"],
    "ask": ["self.lower.some()", "self.lower.nothing()"],
    "set one": ["self.lower.set(1)"],
    "set zero": ["self.lower.set(0)"],
    "set as told": ["self.lower.set(1 if self.odd else 0)"],
}
MOST = 3
"""The most startups of machines that are looked at."""


# --- machines ----------------------------------------------------------------------------------------------------


MORE = ["", "", "", "cleanup", "send", "ask", "set one", "set zero", "set as told"]


def upper(random: Random) -> str:
    """A machine that is opened and closed by work, in some way or other, and whatever else happens to it."""
    cases = random.choice(([""], [" and self.odd", " and not self.odd"]))
    parts = [HEAD, *_ways("environment", "begins", "self.phase == Phase.A", [], "B")]
    for number, case in enumerate(random.choice(([""], cases))):
        opens = [random.choice(MORE), "startup"][:: random.choice((1, -1))]
        opens = opens if opens[0] in {"", "set one", "set zero", "set as told", "startup"} else ["startup"]
        where = f"self.phase == Phase.B{case}"
        parts += _ways('activity("open")', f"opened_{number}", where, opens, "C", "A")
    parts += _ways('activity("open", fails=True)', "not_opened", "self.phase == Phase.B", [], "A")
    parts += _ways("environment", "stops", "self.phase == Phase.C", [], "D")
    for number, case in enumerate(random.choice(([""], cases))):
        closes = ["cleanup"] if random.random() < 0.8 else ["send"]
        where = f"self.phase == Phase.D{case}"
        parts += _ways('activity("close")', f"closed_{number}", where, [random.choice(MORE), *closes], "A", "A")
    for number in range(random.choice((1, 2))):
        where = (
            f"self.phase in ({', '.join(f'Phase.{name}' for name in random.sample('ABCD', random.choice((1, 2, 3))))},)"
        )
        case = random.choice(("", "", " and self.odd", " and not self.odd"))
        to = random.choice(("", "", "", *"ABCD"))
        parts += _ways(
            "environment", f"step_{number}", where + case, [random.choice(MORE)], to, flips=random.random() < 0.4
        )
    return "".join(parts)


def _ways(decorator: str, name: str, where: str, calls: Sequence[str], *to: str, flips: bool = False) -> Iterator[str]:
    """An outcome, or a step, for each answer to its calls, with the phases that they lead to."""
    for way, called in enumerate(product(*(CALLS[call] for call in calls))):
        works = ", works: Answer[bool]" if any("works" in call for call in called) else ""
        after = f"self.phase = Phase.{to[min(way, len(to) - 1)]}" if to[0] else ""
        body = [f"when({where})", *called, after, "self.odd = not self.odd" if flips else ""]
        lines = "".join(f"\n        {line}" for line in body if line)
        yield f"\n    @{decorator}\n    def {name}_{way}(self{works}) -> None:{lines}\n"


# --- what is owed ------------------------------------------------------------------------------------------------


def reached(machine: Machine) -> dict[State, list[tuple[Action, State]]] | None:
    """The states that the machine gets into, each with its steps; nothing if it stops too much, or starts too often."""
    found: dict[State, list[tuple[Action, State]]] = {}
    pending = [*initial_states(machine, 0)]
    while pending:
        state = pending.pop()
        if state in found:
            continue
        if not 0 <= int(state.scalars["lower_refs"]) <= MOST:
            return None
        found[state] = [(action, step(machine, state, action, given)) for action, given in enabled(machine, state)]
        pending += (after for _, after in found[state])
    return found


def wrong_in(machine: Machine, states: dict[State, list[tuple[Action, State]]]) -> set[type]:
    """The kinds of what is owed, below or because of activities, and does not hold in each of these states."""
    problem = problem_of(machine)
    goals = [owed.goal() for owed in layers_owed(problem)]
    claims = [(type(goal.obligation.about), goal.parameters, goal.broken) for goal in goals]
    claims += [(type(about), parameters_of_activity(a), Not(claim)) for a, about, claim in landings(problem.machine)]
    found: set[type] = {
        kind
        for kind, parameters, broken in claims
        if any(_some(problem.machine, s, parameters, broken) for s in states)
    }
    promised = [promise.claim for promise in promises_of_activities(machine) if isinstance(promise.claim, Step)]
    steps = ((a, before, after) for before, taken in states.items() for a, after in taken)
    if any(
        a.name not in p.unless and not holds(p.claim, after, before) for a, before, after in steps for p in promised
    ):
        found.add(Step)
    return found


def _some(machine: Machine, state: State, parameters: tuple[ParameterDecl, ...], claim: Expr) -> bool:
    return any(evaluate(claim, scope) for scope in argument_scopes(machine, state, parameters))


# --- what really happens -----------------------------------------------------------------------------------------


Given: TypeAlias = tuple[tuple[str, Value], ...]


@dataclass(frozen=True)
class Made:
    """A call with what it was given, and its answer."""

    outcome: str
    given: tuple[Value, ...]
    answers: tuple[Value, ...]


@dataclass(frozen=True)
class World:
    """The state of the model, the layer as it really is, and what each work has called that has not ended."""

    model: State
    layer: State
    calls: tuple[tuple[Made, ...], ...]


class Wrong(Exception):
    """A call that is not legal, an answer that nobody deals with, or a layer that is not as the model says."""


@dataclass(frozen=True)
class Reality:
    """All that may happen to a machine upon a layer."""

    machine: Machine
    below: Machine
    activities: tuple[Activity, ...]

    def explore(self) -> None:
        """Go everywhere. Raises Wrong: it gets where nothing should."""
        [model], [layer] = initial_states(self.machine, 0), initial_states(self.below, 0)
        pending, seen = [World(model, layer, ((),) * len(self.activities))], set[World]()
        while pending:
            world = pending.pop()
            if world not in seen:
                seen.add(world)
                self._look(world)
                pending += (*self._steps(world), *self._calls(world), *self._ends(world))

    def _look(self, world: World) -> None:
        if int(world.layer.scalars["refs"]) > MOST + sum(map(len, world.calls)):
            raise Wrong("the layer holds more than the model can know of")
        known = {name.removeprefix("lower_"): v for name, v in world.model.scalars.items() if name.startswith("lower_")}
        if not any(world.calls) and known != world.layer.scalars:
            raise Wrong("the model is mistaken about the layer")
        for activity, calls in zip(self.activities, world.calls, strict=True):
            self._goes_on(world, activity.outcomes, calls) if calls else None

    def _possible(self, world: World, actions: tuple[Action, ...]) -> Iterator[tuple[Action, Scope]]:
        for action in actions:
            for scope in argument_scopes(self.machine, world.model, action.parameters):
                if all_hold(action.guard, scope):
                    yield action, scope

    def _way(self, action: Action, scope: Scope) -> tuple[Made, ...]:
        """The calls of an action as the model has them."""
        return tuple(self._made(call, scope) for call in action.lower_calls)

    def _made(self, call: LowerCall, scope: Scope) -> Made:
        answers = tuple(scope.parameters[own] for _, own in call.answers)
        return Made(call.outcome, tuple(evaluate(value, scope) for _, value in call.given), answers)

    def _asked(self, world: World, actions: tuple[Action, ...], calls: tuple[Made, ...]) -> set[tuple[str, Given]]:
        """What these actions call next, and with what, if those calls were made before."""
        found = set()
        for action in actions:
            if len(action.lower_calls) > len(calls):
                for scope in argument_scopes(self.machine, world.model, action.parameters):
                    call = action.lower_calls[len(calls)]
                    before = tuple(self._made(earlier, scope) for earlier in action.lower_calls[: len(calls)])
                    if before == calls and evaluate(call.asking, scope):
                        found.add((call.calls[0], tuple((n, evaluate(v, scope)) for n, v in call.given)))
        return found

    def _answered(self, layer: State, name: str, given: Given) -> Iterator[tuple[Made, State]]:
        """What the layer may answer, and how it is then. Raises Wrong: it may not be called so."""
        for outcome in self.below.calls[name]:
            for scope in argument_scopes(self.below, layer, outcome.parameters):
                if all(scope.parameters[n] == v for n, v in given) and all_hold(outcome.when, scope):
                    if not all_hold(outcome.guard, scope):
                        raise Wrong(f"{name} is not legal")
                    answers = tuple(scope.parameters[p.name] for p in outcome.parameters if p.answer)
                    after = step(self.below, layer, outcome, scope.parameters)
                    yield Made(outcome.name, tuple(v for _, v in given), answers), after

    def _calls(self, world: World) -> Iterator[World]:
        """The next call of some work."""
        for place, activity in enumerate(self.activities):
            for name, given in self._asked(world, activity.outcomes, world.calls[place]):
                for made, layer in self._answered(world.layer, name, given):
                    calls = (*world.calls[place], made)
                    yield replace(world, layer=layer, calls=(*world.calls[:place], calls, *world.calls[place + 1 :]))

    def _ends(self, world: World) -> Iterator[World]:
        """The end of some work, which has called what its outcome says."""
        for place, activity in enumerate(self.activities):
            for action, scope in self._possible(world, activity.outcomes):
                if self._way(action, scope) == world.calls[place]:
                    after = step(self.machine, world.model, action, scope.parameters)
                    yield World(after, world.layer, (*world.calls[:place], (), *world.calls[place + 1 :]))

    def _steps(self, world: World, called: tuple[Made, ...] = ()) -> Iterator[World]:
        """A step that is no end of work, with all its calls."""
        steps = tuple(action for action in self.machine.actions if action.ends is None)
        for action, scope in self._possible(world, steps):
            if self._way(action, scope) == called:
                yield replace(world, model=step(self.machine, world.model, action, scope.parameters))
        for name, given in self._asked(world, steps, called):
            for made, layer in self._answered(world.layer, name, given):
                self._goes_on(world, steps, (*called, made))
                yield from self._steps(replace(world, layer=layer), (*called, made))

    def _goes_on(self, world: World, actions: tuple[Action, ...], calls: tuple[Made, ...]) -> None:
        """Raises Wrong: none of these actions begins with these calls."""
        ways = (self._way(action, scope) for action, scope in self._possible(world, actions))
        if not any(way[: len(calls)] == calls for way in ways):
            raise Wrong("nobody deals with what was called")


def goes_wrong(machine: Machine) -> bool:
    """Whether some order of real calls gets where nothing should."""
    try:
        Reality(machine, machine.lower[0], activities_of(machine)).explore()
    except Wrong:
        return True
    return False


# --- the two together --------------------------------------------------------------------------------------------


def machine_of(folder: Path, seed: int) -> Machine:
    (folder / "below.py").write_text(BELOW, encoding="utf-8")
    return read_text(upper(Random(seed)), PurePosixPath("upper.py"), folder)  # noqa: S311 -- nothing is kept secret


def test_what_owes_nothing_never_goes_wrong(tmp_path: Path) -> None:
    right = 0
    for seed in range(examples(100)):
        machine = machine_of(tmp_path, seed)
        states = reached(machine)
        if states is not None and not wrong_in(machine, states):
            assert not goes_wrong(machine), seed
            right += 1
    assert right >= 10


@pytest.mark.parametrize("seed", [52, 70, 102])
def test_what_owes_only_that_work_is_left_alone_may_go_wrong(tmp_path: Path, seed: int) -> None:
    """Without these two kinds of obligation such a machine would be proved."""
    machine = machine_of(tmp_path, seed)
    states = reached(machine)
    assert states is not None
    assert wrong_in(machine, states) <= {Apart, SameCalls}
    assert goes_wrong(machine)
