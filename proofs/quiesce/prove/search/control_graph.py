"""The control graph: which locations a machine moves between, and by which actions.

An edge stands for a run that was seen, or for a step that the promises could not be shown to exclude; of every other
edge the solver has proved that no reachable step takes it. So no edge is missing, whatever the number of members.
"""

from collections.abc import Iterator
from itertools import product

from quiesce.kernel.batches import Batch, state_batch
from quiesce.kernel.problem import Problem, problem_of
from quiesce.kernel.subjects import Location
from quiesce.prove.effort import Effort
from quiesce.prove.results import ControlGraph, Edge
from quiesce.prove.search.graphs import Graph
from quiesce.prove.search.walk import explore
from quiesce.prove.solving.cache import NO_CACHE, Cache
from quiesce.prove.solving.engine import Engine
from quiesce.spec.meaning.formulas import guard, kept
from quiesce.spec.model import Action, Machine, Not
from quiesce.spec.rewrite import both


def control_graph(machine: Machine, effort: Effort, cache: Cache = NO_CACHE) -> ControlGraph:
    """The control graph of a machine whose promises were proved. Proofs in `cache` are not repeated.

    Locations come in breadth-first order from the initial ones, edges in the order of locations and actions.
    """
    problem = problem_of(machine)
    engine = Engine(effort, cache)
    walk = explore(problem)
    seen = {Edge(walk.locations[step.before], step.action, walk.locations[step.after]) for step in walk.steps}
    edges = {*seen, *_edges_not_excluded(problem, engine, seen)}
    initial = tuple(dict.fromkeys(walk.locations[: walk.starts]))
    locations = _locations_breadth_first(problem, initial, edges)
    action_order = list(machine.actions_by_name)
    ordered = sorted(
        (edge for edge in edges if edge.source in locations),
        key=lambda edge: (
            locations.index(edge.source),
            action_order.index(edge.action),
            locations.index(edge.target),
        ),
    )
    return ControlGraph(machine, tuple(v.name for v in problem.control), locations, initial, tuple(ordered))


def _edges_not_excluded(problem: Problem, engine: Engine, seen: set[Edge]) -> Iterator[Edge]:
    for action in problem.machine.actions:
        candidates = [edge for edge in _candidate_edges(problem, action) if edge not in seen]
        checks = engine.check(_goals_without_edges(problem, action, candidates))
        for edge, check in zip(candidates, checks, strict=True):
            if not check.proved:
                yield edge


def _candidate_edges(problem: Problem, action: Action) -> Iterator[Edge]:
    """The edges that the action's updates leave possible: without a new value, it stays where it is."""
    moves = any(variable.name in problem.effects[action.name].scalars for variable in problem.control)
    for source in problem.locations:
        for target in problem.locations if moves else (source,):
            yield Edge(source, action.name, target)


def _goals_without_edges(problem: Problem, action: Action, edges: list[Edge]) -> Batch[object]:
    effect = problem.effects[action.name]
    goals = [
        (f"{edge.source} {edge.target}", Not(both(problem.at(edge.source), kept(effect, problem.at(edge.target)))))
        for edge in edges
    ]
    return state_batch(problem, goals, action.parameters, [guard(problem.machine, action)])


def _locations_breadth_first(problem: Problem, initial: tuple[Location, ...], edges: set[Edge]) -> tuple[Location, ...]:
    pairs = {(edge.source, edge.target) for edge in edges}
    in_order = (pair for pair in product(problem.locations, repeat=2) if pair in pairs)
    return Graph(in_order, problem.locations).breadth_first(initial)
