"""The target of a search for a run: a state or a step at which the run has to end."""

from quiesce.spec.interpreter import holds
from quiesce.spec.model import Expr, ParameterDecl
from quiesce.spec.record import record
from quiesce.spec.state import Arguments, Run


@record
class Target:
    """The wanted end of a run.

    `claim` is about the last state and, with `old`, the one before; `parameters` are arguments that the claim speaks
    of. The last action is one of `actions`, if any are named; then the claim may speak of `given`, parameters that all
    of these have, for what the last one was given.
    """

    claim: Expr
    parameters: tuple[ParameterDecl, ...] = ()
    actions: tuple[str, ...] | None = None
    given: tuple[ParameterDecl, ...] = ()

    @property
    def needs_step(self) -> bool:
        """Whether the run must have a last step."""
        return self.actions is not None


def ends_in(run: Run, target: Target, arguments: Arguments) -> bool:
    """Whether a run ends as the target says, according to the interpreter. `arguments` are those of the target."""
    states, moves = run.states, run.moves
    if target.actions is not None and not (moves and moves[-1].action in target.actions):
        return False
    given = moves[-1].arguments if target.given else {}
    old = states[-2] if moves else None
    return holds(target.claim, states[-1], old, (*target.parameters, *target.given), {**arguments, **given})
