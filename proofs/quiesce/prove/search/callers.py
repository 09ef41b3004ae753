"""Callers that wait for an answer: the machine, with a note of whether somebody does.

That a caller is answered is proved of all states where one may wait, and some of these may be states where nobody does:
at the start, say. A run in which a caller is not answered has to hold the call, and none of what answers it since.
"""

from collections.abc import Mapping
from dataclasses import replace

from quiesce.kernel.kinds import promise_of
from quiesce.kernel.problem import Problem
from quiesce.kernel.subjects import Subject
from quiesce.spec.model import BOOL, FALSE, TRUE, Action, Assign, Literal, Step, Value, Variable, VariableDecl
from quiesce.spec.state import Move, Run, State


def call_that_waits(problem: Problem, about: Subject) -> Action | None:
    """The call of which an obligation says where its caller waits, or that this ends; None if it says no such thing."""
    name = promise_of(about)
    promise = next((p for p in problem.machine.promises if p.owed and p.name == name), None)
    if promise is None or (isinstance(promise.claim, Step) and promise.claim.parameters):
        return None  # the caller that names a member waits for work that is due of it, and for nothing else
    return next((action for action in problem.machine.actions if action.until and action.span == promise.span), None)


def note_of(action: Action) -> Variable:
    """The variable that says whether somebody waits for the answer to this call. No name of a spec has a dot."""
    return Variable(f"{action.name}.waits", BOOL)


def with_note(problem: Problem, action: Action) -> Problem:
    """The problem of the same machine, which notes besides that somebody waits for the answer to this call."""
    note, machine = note_of(action), problem.machine
    declared = VariableDecl(note.name, BOOL, initial=False, persistent=True, span=action.span)

    def noting(other: Action, now: Literal) -> Action:
        return replace(other, body=(*other.body, Assign(note, now, other.span)))

    new = {action.name: noting(action, TRUE)}
    new |= {name: noting(machine.actions_by_name[name], FALSE) for name in action.until if name != action.name}
    actions = tuple(new.get(other.name, other) for other in machine.actions)
    return replace(problem, machine=replace(machine, variables=(*machine.variables, declared), actions=actions))


def without_note(action: Action, run: Run) -> Run:
    """The run of the machine that takes no note, which takes the same steps."""
    note = note_of(action).name

    def known(scalars: Mapping[str, Value]) -> dict[str, Value]:
        return {name: value for name, value in scalars.items() if name != note}

    moves = (Move(m.action, m.arguments, State(known(m.state.scalars), m.state.families)) for m in run.moves)
    return Run(State(known(run.start.scalars), run.start.families), tuple(moves))
