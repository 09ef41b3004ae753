"""Machines as tests change them."""

from dataclasses import replace

from quiesce.spec.model import LeadsTo, Machine, Recoverable


def without_futures(machine: Machine) -> Machine:
    """The machine without what it promises of the end of runs.

    Such promises fail wherever one about states does, and to find out why takes longer than all the rest; a test of a
    fault that a single run shows does not ask for them.
    """
    kept = (promise for promise in machine.promises if not isinstance(promise.claim, Recoverable | LeadsTo))
    return replace(machine, promises=tuple(kept))
