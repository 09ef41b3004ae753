"""Machines as tests change them."""

from dataclasses import replace
from pathlib import Path

from quiesce.spec.model import LeadsTo, Machine, Recoverable

MACHINES = Path(__file__).parent / "specs" / "machines"


def text_of(name: str) -> str:
    """The text of a machine under `tests/specs/machines`, to which tests add promises and whose pieces they replace."""
    return (MACHINES / f"{name}.py").read_text(encoding="utf-8")


def changed(text: str, *changes: tuple[str, str]) -> str:
    """The text with each first piece replaced by the second.

    Raises ValueError if a piece does not stand there exactly once: a test of a fault that is not there shows nothing.
    """
    for before, after in changes:
        found = text.count(before)
        if found != 1:
            raise ValueError(f"the text to replace stands {found} times, not once: {before!r}")
        text = text.replace(before, after)
    return text


def without_futures(machine: Machine) -> Machine:
    """The machine without what it promises of the end of runs.

    Such promises fail wherever one about states does, and to find out why takes longer than all the rest; a test of a
    fault that a single run shows does not ask for them.
    """
    kept = (promise for promise in machine.promises if not isinstance(promise.claim, Recoverable | LeadsTo))
    return replace(machine, promises=tuple(kept))
