"""The interpreter of the Winsock spec beside the search: each step that a schedule shows is one of the spec.

The generated tests rely on the proved core, which raises at any other step, as a package stands alone.
"""

from collections import Counter
from pathlib import Path, PurePosixPath
from types import SimpleNamespace
from typing import Any

import pytest
import winsock_provider
from quiesce.replay.reading import NotARecord, read_lines
from quiesce.replay.replaying import Deviates, replay
from quiesce.spec.reader import read_file
from winsock_provider.tests.engine.delays import Delayed, Wrong
from winsock_provider.tests.engine.scripts import EVERY_DAY, SCRIPTS
from winsock_provider.tests.engine.stage import Script, Stage

from tests.by_day import by_day

pytestmark = pytest.mark.slow

PACKAGE = Path(winsock_provider.__file__).parent
SPEC = Path(__file__).parents[2] / "model/winsock.py"


class Interpreted(Stage):
    """Runs whose records are held against the spec; most runs have the record of another one."""

    def __init__(self, world: Delayed, script: Script) -> None:
        super().__init__(world, PACKAGE, script)
        self._machine = read_file(SPEC, PurePosixPath("model/winsock.py"))
        self.records: Counter[tuple[str, ...]] = Counter()
        recorder = self._package["recorder"]

        class InMemory(recorder.Recorder):  # type: ignore[misc, name-defined]  # a class of the package under test
            def __init__(self, _path: object) -> None:
                super().__init__(None)
                self._path = "nowhere"

            def open(self) -> None:
                pass

            def _write(self) -> None:
                pass

        self._package["lifecycle"].Recorder = InMemory
        recorder.os = SimpleNamespace(**{**vars(recorder.os), "urandom": bytes})  # lives that are alike have one name

    def verdict(self) -> str:
        lines: Any = tuple(self._provider._owner.settings.recorder._lines)
        self.records[lines] += 1
        if self.records[lines] == 1:
            try:
                replay(self._machine, read_lines(self._machine, [line.encode() for line in lines]))
            except (Deviates, NotARecord) as wrong:
                return f"the spec does not agree with line {wrong.line}, {lines[wrong.line - 1]}: {wrong}"
        return super().verdict()


@pytest.mark.parametrize("name", by_day([*EVERY_DAY, *(name for name in SCRIPTS if name not in EVERY_DAY)], 99))
def test_each_step_is_one_of_the_spec(name: str) -> None:
    world = Delayed(1)
    stage = Interpreted(world, SCRIPTS[name])
    world.explore(stage)
    print(f"{world.runs} schedules, {len(stage.records)} records")
    assert all(len(lines) > 10 for lines in stage.records)


def test_a_step_that_the_spec_has_not_is_noticed() -> None:
    world = Delayed(0)
    stage = Interpreted(world, SCRIPTS["two begin and end"])
    recorded = stage._package["recorder"].RecordedCore
    taken = recorded.wsp_cleanup

    def forgets(core: Any) -> Any:
        core.lowest += 1
        return taken(core)

    recorded.wsp_cleanup = forgets
    with pytest.raises(Wrong, match="the spec does not agree"):
        world.explore(stage)
