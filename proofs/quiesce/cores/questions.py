"""All questions that a solver has to be asked for the proof cores of a machine."""

from collections.abc import Iterator

from quiesce.cores.layer_questions import layer_questions
from quiesce.cores.minimal import Question
from quiesce.cores.step_questions import idle_question, start_question, step_question
from quiesce.cores.switch_questions import enabled_questions, possible_questions, recovery_questions, total_questions
from quiesce.cores.switches import Switched, switched
from quiesce.kernel.hints import Hints
from quiesce.kernel.problem import Problem, preserved, problem_of
from quiesce.kernel.rules.steps import framed
from quiesce.kernel.rules.waits import waits_of
from quiesce.kernel.subjects import Preserved, StepKept
from quiesce.prove.checked import CheckedMachine
from quiesce.spec.meaning.totals import UnsupportedTotal


def questions_of(checked: CheckedMachine) -> tuple[Question, ...]:
    """The questions that a solver has to be asked about a machine. No answer depends on another one."""
    hints = checked.report.hints
    problem = problem_of(checked.machine, hints.helpers)
    return tuple(_questions_about(problem, hints, switched(problem)))


def _questions_about(problem: Problem, hints: Hints, wired: Switched) -> Iterator[Question]:
    ranks = {name: (wait, hints.ranks[name]) for name, wait in waits_of(problem.machine) if name in hints.ranks}
    untouched = dict(framed(problem))
    yield from (start_question(problem), idle_question(problem))
    for action in problem.moving:
        asked: list[Preserved | StepKept] = [preserved(action.name, invariant) for invariant in problem.invariants]
        asked += [
            StepKept(action.name, p.name) for p, claim in problem.step_promises if action.name not in claim.unless
        ]
        try:
            yield step_question(problem, action, [about for about in asked if about not in untouched], ranks)
        except UnsupportedTotal:
            continue
    yield from total_questions(wired)
    yield from enabled_questions(wired)
    yield from possible_questions(wired, problem)
    yield from recovery_questions(wired, hints)
    yield from layer_questions(wired, problem)
