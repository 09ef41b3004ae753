"""The conditions of specs, as the prover puts them."""

from collections.abc import Callable
from pathlib import Path

import pytest
from quiesce.kernel.batches import Batch
from quiesce.prove.prover import verify
from quiesce.prove.solving.z3_solver import Check, Solver
from quiesce.spec.reader import read_file

from tests.labels import name_of

ROOT = Path(__file__).parents[2]


def proved_conditions(path: Path) -> dict[str, str]:
    """The script of every condition that the solver proves on the way to a verdict on a spec, by name."""
    found: dict[str, str] = {}
    check = Solver.check

    def noted(self: Solver, batch: Batch[object]) -> tuple[Check, ...]:
        answers = check(self, batch)
        for number, ((about, _), answer) in enumerate(zip(batch.goals, answers, strict=True)):
            if answer.proved:
                found[f"{name_of(about)} ({len(found)})"] = batch.conditions[number].text()
        return answers

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Solver, "check", noted)
        verify(read_file(path))
    return found


@pytest.fixture(scope="session")
def conditions_of() -> Callable[[str], dict[str, str]]:
    """The proved conditions of a spec, given its path in the repository."""
    return lambda path: proved_conditions(ROOT / path)


@pytest.fixture(scope="session")
def flagship_conditions() -> dict[str, str]:
    """The proved conditions of the flagship."""
    return proved_conditions(ROOT / "model/winsock.py")
