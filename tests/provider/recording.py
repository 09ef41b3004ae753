"""A plugin of pytest: every provider that a test makes writes a record, and the model has to accept each of them.

    python -m pytest -p tests.provider.recording tests/provider

A test that looks at the memory or the handles of a provider fails with it, since a record needs some of both.
"""

from collections.abc import Iterator
from itertools import count
from pathlib import Path, PurePosixPath
from typing import Any

import pytest
from quiesce.replay.reading import read_lines
from quiesce.replay.replaying import replay
from quiesce.spec.model import Machine
from quiesce.spec.reader import read_file
from winsock_provider.lifecycle import Lifecycle

SPEC = Path(__file__).parents[2] / "model/winsock.py"


@pytest.fixture(scope="session")
def recorded_machine() -> Machine:
    return read_file(SPEC, PurePosixPath("model/winsock.py"))


@pytest.fixture(autouse=True)
def records_are_accepted(
    recorded_machine: Machine, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> Iterator[None]:
    folder, number, make = tmp_path_factory.mktemp("records"), count(), Lifecycle.__init__

    def recorded(provider: Lifecycle, *arguments: Any, **options: Any) -> None:
        options.setdefault("record", folder / f"{next(number)}.jsonl")
        make(provider, *arguments, **options)

    monkeypatch.setattr(Lifecycle, "__init__", recorded)
    yield
    for path in sorted(folder.iterdir()):
        with path.open("rb") as lines:
            replay(recorded_machine, read_lines(recorded_machine, lines))
        path.unlink()
