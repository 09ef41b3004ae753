"""A worker that never answers does not make a survey wait for ever."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from quiesce.mutate import campaign
from quiesce.mutate.judge import USUAL
from quiesce.mutate.operators import mutants
from quiesce.mutate.verdicts import Undecided
from quiesce.prove.checked import CheckedMachine
from quiesce.prove.prover import verify
from quiesce.spec.reader import read_file
from quiesce.workers.pool import TimedOut

CLIENTS = Path(__file__).parents[2] / "model" / "clients.py"


def test_a_mutant_whose_process_is_given_up_is_undecided(monkeypatch: pytest.MonkeyPatch) -> None:
    def stopped(
        _function: Callable[..., object], items: Sequence[object], _jobs: int, timeout: float
    ) -> Iterator[tuple[int, TimedOut]]:
        return ((index, TimedOut(timeout)) for index in range(len(items)))

    monkeypatch.setattr(campaign, "run_all", stopped)
    checked = CheckedMachine(verify(read_file(CLIENTS)))
    found = campaign.survey(checked, mutants(checked.machine)[:2], replace(USUAL, timeout=7.0), 2)
    assert [judged.verdict for judged in found.judged] == [Undecided("not answered within 7.0 seconds")] * 2
