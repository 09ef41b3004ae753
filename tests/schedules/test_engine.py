"""The generated search through schedules of the Winsock provider: it finds faults of the engine, and omits nothing.

That the provider is without them is what `winsock_provider/tests/test_engine.py` shows.
"""

import re
import shutil
import sys
import tomllib
from collections import defaultdict
from pathlib import Path

import pytest
import winsock_provider
from winsock_provider.tests.engine import delays, seams
from winsock_provider.tests.engine.chance import chance, script_of
from winsock_provider.tests.engine.delays import Delay, Delayed, Wrong
from winsock_provider.tests.engine.likeness import Run
from winsock_provider.tests.engine.scripts import EVERY_DAY, SCRIPTS
from winsock_provider.tests.engine.stage import Stage
from winsock_provider.tests.engine.trying import explore, replay, wander
from winsock_provider.tests.schedules import world as plain

from tests.by_day import by_day
from tests.machines import changed

pytestmark = pytest.mark.slow

PACKAGE = Path(winsock_provider.__file__).parent
TABLE = Path(__file__).parent / "faults_of_engine.toml"
FAULTS = {each["name"]: each for each in tomllib.loads(TABLE.read_text(encoding="utf-8"))["fault"]}


def with_a_fault(name: str, folder: Path) -> Path:
    """A copy of the package with a fault in it."""
    fault = FAULTS[name]
    there = folder / "faulty"
    shutil.copytree(PACKAGE, there, ignore=shutil.ignore_patterns("__pycache__", "tests"))
    page = there / fault["page"]
    page.write_text(changed(page.read_text(encoding="utf-8"), (fault["old"], fault["new"])), encoding="utf-8")
    return there


@pytest.mark.parametrize("name", by_day(FAULTS, 99))
def test_a_fault_is_found_and_found_again_in_its_schedule(name: str, tmp_path: Path) -> None:
    folder, script = with_a_fault(name, tmp_path), SCRIPTS[FAULTS[name]["script"]]
    with pytest.raises(Wrong) as found:
        explore(folder, script, delays=1)
    schedule = str(found.value).split("schedule: ")[1].splitlines()[0].replace("the usual one", "")
    with pytest.raises(Wrong) as again:
        replay(folder, script, schedule)
    assert without_addresses(str(again.value)) == without_addresses(str(found.value))


def test_a_fault_is_found_by_chance_and_found_again_in_its_schedule(tmp_path: Path) -> None:
    folder = with_a_fault("bytes leave the queue that the kernel has not taken", tmp_path)
    with pytest.raises(Wrong) as found:
        wander(folder, range(50), runs=2)
    seed, told = re.findall(r"of seed (\d+): |^schedule: (.*)$", str(found.value), re.MULTILINE)
    with pytest.raises(Wrong) as again:
        replay(folder, script_of(chance(seed[0])), told[1].replace("the usual one", ""))
    assert without_addresses(str(again.value)) in without_addresses(str(found.value))


def without_addresses(text: str) -> str:
    return re.sub(r" at 0x[0-9a-f]+", "", text)


def test_a_schedule_of_another_package_is_no_schedule() -> None:
    for told in ("3 nobody", "100000 A"):
        with pytest.raises(Wrong, match="this schedule leads elsewhere"):
            replay(PACKAGE, SCRIPTS["two begin and end"], told)


class Seen(Stage):
    """Runs whose ends are kept: what each thread has seen, in its order."""

    def __init__(self, world: Delayed, name: str) -> None:
        super().__init__(world, PACKAGE, SCRIPTS[name])
        self.ends: set[frozenset[tuple[str, tuple[str, ...]]]] = set()

    def verdict(self) -> str:
        seen: dict[str, list[str]] = defaultdict(list)
        for line in self._world.log:
            if "has to wait for" not in line:
                seen[line.partition(":")[0]].append(without_addresses(line.rpartition("  [")[0]))
        self.ends.add(frozenset((thread, tuple(lines)) for thread, lines in seen.items()))
        return super().verdict()


@pytest.mark.parametrize("name", by_day([*EVERY_DAY, *(name for name in SCRIPTS if name not in EVERY_DAY)], 99))
def test_nothing_is_seen_only_in_schedules_that_are_left_out(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def ends() -> tuple[object, int]:
        world = Delayed(1)
        stage = Seen(world, name)
        world.explore(stage)
        return stage.ends, world.runs

    some, few = ends()
    monkeypatch.setattr(Run, "is_like_another", lambda _run, _delay: False)
    every, many = ends()
    assert some == every
    assert few < many


ALIKE_BY_NAME = {
    "over": "the lock of a request, before whose use others may go on anyway; and an attribute of the owner alone",
    "number": "it is that of the last error, and each thread has its own",
    "_watch": "it never changes, and what it watches is the owner's",
    "sending": "it is there from the beginning of a connection",
    "receiving": "it is there from the beginning of a connection",
}
"""Attributes that seem to be shared, and why others need not go on before they are used."""


@pytest.mark.parametrize("every", by_day([False, True], 2))
def test_all_that_threads_share_is_known_as_such(every: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    users: dict[str, set[str]] = defaultdict(set)
    written: set[str] = set()
    shared = seams.SHARED
    for module in (delays, plain):
        monkeypatch.setattr(module, "FOR_EVER", 50_000)  # there are many more places
    monkeypatch.setattr(seams, "SHARED", frozenset())

    class Watching(Delayed):
        def point(self, line: int, /, *objects: object) -> None:
            touched = self.places.get((sys._getframe(1).f_code.co_filename, line), delays.Touched())
            kind = self.who.split(" ")[0]
            for name in touched.read | touched.changed:
                users[str(name)].add(kind if kind.startswith("winsock") else "a caller")
            written.update(map(str, touched.changed))
            super().point(line, *objects)

    for name in SCRIPTS if every else EVERY_DAY[4:5]:
        world = Watching(0)
        world.explore(Stage(world, PACKAGE, SCRIPTS[name]))
    used_by_many = {name for name in written if len(users[name]) > 1}
    assert used_by_many - shared <= set(ALIKE_BY_NAME)
    assert not every or set(ALIKE_BY_NAME) <= used_by_many
    assert "inbox" in used_by_many


def test_a_delay_names_who_goes_on_and_when() -> None:
    assert str(Delay(57, "A")) == "57 A"
