"""The trust of a machine in the layers below and above it, as a part of the trust of a proof."""

from collections.abc import Iterator

from quiesce.quoting.markdown import code, heading, listed, table
from quiesce.spec.model import Machine
from quiesce.spec.show import show


def layer_lines(machine: Machine) -> Iterator[str]:
    """The contracts on both sides; nothing if there are no layers."""
    calls = [(action, call) for action in machine.actions for call in action.lower_calls]
    preconditions = [(action, precondition) for action in machine.actions for precondition in action.preconditions]
    if calls or preconditions:
        yield from heading("The layer below", 3)
        yield (
            "It keeps its contract: it answers each of these calls, and only as the contract says. What the contract "
            "counts for this machine is changed by the calls of this machine alone. Of a machine that offers the "
            "contract this is proved; of any other program it is trusted."
        )
        yield ""
        yield from table(
            ("action", "makes the call", "with this outcome", "answers"),
            (
                (
                    code(action.name),
                    f"{call.layer}: {', '.join(call.calls)}",
                    code(call.outcome),
                    listed(own for _, own in call.answers),
                )
                for action, call in calls
            ),
        )
    if any(action.ends is not None for action, _ in calls):
        yield (
            "Where an action is the end of work, the work makes these calls earlier, while it runs. It is trusted to "
            "make those of the outcome that it ends with, in their order, and no others. Whatever happens meanwhile is "
            "proved to leave them as they are, and to make no other call where the order would make a difference."
        )
        yield ""
    if preconditions:
        yield (
            "In return the contract asks for these. They are not trusted but proved, wherever the action can happen; "
            "trusted is that the contract asks for nothing more."
        )
        yield ""
        yield from table(
            ("action", "for the call", "owes", "why"),
            (
                (code(action.name), code(precondition.callee), code(show(precondition.claim)), precondition.because)
                for action, precondition in preconditions
            ),
        )
    if machine.provides is not None:
        yield from _offered(machine.provides)


def _offered(contract: Machine) -> Iterator[str]:
    yield from heading("The layers above", 3)
    yield (
        f"The contract {code(contract.name)} of the spec {code(str(contract.path))} is kept towards them. Wherever "
        "they keep what it asks, every answer is proved to be one that the contract has."
    )
    yield ""
    rows = [(action, assumption) for action in contract.actions for assumption in action.assumes]
    if rows:
        yield "This alone rests on what it asks of them; no promise does."
        yield ""
        yield from table(
            ("they call", "and are trusted to keep", "why"),
            ((code(a.name), code(show(s.claim)), s.because) for a, s in rows),
        )
    else:
        yield "It asks nothing of them."
        yield ""
