"""The steps that the generated tests show, with the model's answer to each.

A core is led through its states by always doing what was done least. Of the states met those are kept in which its
small faults show. What a step leads to is always asked of the interpreter.
"""

import ast
from collections.abc import Iterator, Mapping
from itertools import chain, cycle, islice, product

from quiesce.generate.examples.core_under_test import (
    NOT_ENABLED,
    OUT_OF_RANGE,
    CoreUnderTest,
    Move,
    Session,
    Values,
    plain,
)
from quiesce.generate.examples.mutants import Mutant, mutants
from quiesce.generate.examples.oracle import Step, difference, told
from quiesce.generate.examples.search import Search, Trials
from quiesce.generate.python import names
from quiesce.spec.model import Machine
from quiesce.spec.record import record
from quiesce.text.syntax import nodes

RUNS_SEARCHED = 40
"""The number of runs that are made in search of states; the choices of policies take turns."""
RUNS_SHOWN = 4
"""The number of runs that the tests repeat."""
STEPS_SHOWN = 24
"""The number of steps that the tests show of each run."""


@record
class Situation:
    """A state, by what differs from the initial one, and steps that each start in it."""

    place: tuple[str, ...]
    given: Values
    steps: tuple[Step, ...]


@record
class Walk:
    """Steps one after the other, from the initial state under these policies."""

    policies: Values
    steps: tuple[Step, ...]


@record
class Examples:
    """The examples that the tests of a core show."""

    initial: Values
    situations: tuple[Situation, ...]
    walks: tuple[Walk, ...]


def examples(machine: Machine, core: str) -> Examples:
    """Steps for the tests of `core`, the text generated from `machine`.

    Raises:
        Disagreement: the core does not do what the model says.
    """
    subject = CoreUnderTest.of(machine, core)
    initial = Session(subject, subject.core_class).values()
    trials = Trials(subject, initial)
    search = Search(subject, initial, trials)
    runs = [
        (policies, list(search.run(policies)))
        for policies in islice(cycle(_choices_of_policies(subject)), RUNS_SEARCHED)
    ]
    states = _simplest_first(initial, [state for _, run in runs for state, _ in run])
    shown = (
        Walk(policies, tuple(told(machine, subject, state, move) for state, move in run[:STEPS_SHOWN]))
        for policies, run in runs[:RUNS_SHOWN]
    )
    return Examples(initial, tuple(_situations_of_states(subject, trials, core, states, initial)), tuple(shown))


# --- states -----------------------------------------------------------------------------------------------------


def _choices_of_policies(subject: CoreUnderTest) -> Iterator[Values]:
    policies = subject.machine.policies
    for choice in product(*(policy.alternatives for policy in policies)):
        yield {
            names.policy_attribute(policy.name): subject.space[policy.type.name][value]
            for policy, value in zip(policies, choice, strict=True)
        }


def _simplest_first(initial: Values, states: list[Values]) -> list[Values]:
    """The distinct states, those with fewest values that differ from the initial ones first."""
    distinct = {tuple(state.values()): state for state in states}
    return sorted(distinct.values(), key=lambda state: len(difference(initial, state)))


# --- situations -------------------------------------------------------------------------------------------------


def _situations_of_states(
    subject: CoreUnderTest, trials: Trials, core: str, states: list[Values], initial: Values
) -> Iterator[Situation]:
    for state, moves in _chosen_steps(subject, trials, core, states):
        steps = tuple(told(subject.machine, subject, state, move) for move in moves)
        yield Situation(tuple(str(plain(value)) for value in subject.place(state)), difference(initial, state), steps)


def _chosen_steps(
    subject: CoreUnderTest, trials: Trials, core: str, states: list[Values]
) -> Iterator[tuple[Values, list[Move]]]:
    """States with moves.

    Every answer of every method that was met in a place occurs, and so does every fault of the core that was met.
    """
    known = [(index, tried) for index, state in enumerate(states) for tried in trials.of(state)]
    options = [_Option(index, tried.move) for index, tried in known]
    answers = [(tried.answer, tried.after) for _, tried in known]
    chosen = set(_one_of_each(subject, states, options, answers))
    affected = _methods_and_callers(core)
    by_method: dict[str, list[int]] = {}
    for number, option in enumerate(options):
        by_method.setdefault(option.move.method, []).append(number)
    for mutant in mutants(core, {enum.type.name: enum.type.values for enum in subject.machine.enums}):
        faulty = Session(subject, _mutated_class(subject, mutant))
        possible = [number for method in affected[mutant.method] for number in by_method.get(method, ())]
        shown = {options[number].state for number in chosen}
        # What is shown already costs nothing, and another step from a state that is shown costs little.
        cheapest_first = chain(
            (number for number in possible if number in chosen),
            (number for number in possible if options[number].state in shown),
            possible,
        )
        telling = (
            number
            for number in cheapest_first
            if faulty.answer(states[options[number].state], options[number].move) != answers[number]
        )
        chosen.update(islice(telling, 1))
    for index in sorted({options[number].state for number in chosen}):
        yield states[index], [options[number].move for number in sorted(chosen) if options[number].state == index]


@record
class _Option:
    """The index of a state, and a move that can be tried in it."""

    state: int
    move: Move


def _one_of_each(
    subject: CoreUnderTest, states: list[Values], options: list[_Option], answers: list[tuple[str, Values]]
) -> Iterator[int]:
    """The first option of each place, method and answer; that a step is not possible is shown once."""
    seen: set[object] = set()
    for number, (option, (answer, _)) in enumerate(zip(options, answers, strict=True)):
        once = answer in (NOT_ENABLED, OUT_OF_RANGE)
        place = () if once else subject.place(states[option.state])
        kind = (option.move.method, answer, place)
        if kind not in seen:
            seen.add(kind)
            yield number


def _mutated_class(subject: CoreUnderTest, mutant: Mutant) -> type:
    found: dict[str, object] = {}
    exec(mutant.text, dict(subject.space), found)  # noqa: S102 -- our own output with one change
    return type("Mutant", (subject.core_class,), {"__slots__": (), **found})


def _methods_and_callers(core: str) -> Mapping[str, tuple[str, ...]]:
    """For each method of a core, that method and the methods that call it."""
    body = [node for node in ast.parse(core).body if isinstance(node, ast.ClassDef)][-1].body
    methods = {node.name: node for node in body if isinstance(node, ast.FunctionDef)}
    used = {
        name: {node.attr for node in nodes(method) if isinstance(node, ast.Attribute)}
        for name, method in methods.items()
    }
    return {name: (name, *(other for other in used if name in used[other])) for name in methods}
