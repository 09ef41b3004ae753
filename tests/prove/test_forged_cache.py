"""Whatever stands in a cache: what comes of it is a proof or a run as if there were no cache, and never a traceback."""

import json
import os
import random
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path, PurePosixPath

import pytest
from quiesce.cli import main
from quiesce.prove.effort import Effort
from quiesce.prove.prover import verify
from quiesce.prove.results import Report, Result
from quiesce.prove.solving.proof_cache import ProofCache
from quiesce.prove.solving.seal import users_seal
from quiesce.spec.model import Machine
from quiesce.spec.reader import read_text

from tests.by_day import by_day
from tests.prove.service import SPEC

pytestmark = pytest.mark.slow

BROKEN = SPEC.replace("        when(self.users == 1)\n", "        when(self.users > 1)\n").replace(
    "        self.users = 0\n", ""
)

STRANGE: tuple[object, ...] = (
    None,
    True,
    False,
    0,
    -1,
    2**70,
    10**4_000,
    0.5,
    "",
    "DOWN",
    "\ud800",
    "x" * 100_000,
    [],
    {},
    [[]],
    [{}] * 1_000,
    {"start": {}, "steps": []},
    {"": None},
)
"""Values to put in the place of others."""


def machine() -> Machine:
    found = read_text(BROKEN, PurePosixPath("service.py"))
    assert BROKEN != SPEC
    return found


def proof(folder: Path | None = None) -> Report:
    return verify(machine(), Effort(depth=6), cache=ProofCache(folder))


def answers(report: Report) -> list[Result]:
    """All results without their costs: these depend on what else the same solver was asked before."""
    return [replace(result, rlimit=0) for result in report.results]


def compact(content: object) -> str:
    return json.dumps(content, sort_keys=True, separators=(",", ":"))


def signed(content: dict[str, object]) -> str:
    """An entry with the seal that belongs to it, as a forger would write it who knows the secret of the user."""
    content = {key: value for key, value in content.items() if key != "seal"}
    return compact(content | {"seal": users_seal().of(compact(content))}) + "\n"


def places(content: object, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """Every place within a JSON value, but the whole."""
    items = content.items() if isinstance(content, dict) else enumerate(content) if isinstance(content, list) else ()
    for key, value in items:
        yield (*path, key)
        yield from places(value, (*path, key))


def with_value(content: object, path: tuple[str | int, ...], value: object) -> object:
    if not path:
        return value
    first, *rest = path
    if isinstance(content, dict):
        return {**content, first: with_value(content[first], tuple(rest), value)}
    assert isinstance(content, list)
    assert isinstance(first, int)
    return [*content[:first], with_value(content[first], tuple(rest), value), *content[first + 1 :]]


@pytest.fixture
def filled(tmp_path: Path) -> Path:
    """A folder with proofs and runs that refute."""
    proof(tmp_path)
    answers = {json.loads(path.read_text())["answer"] for path in tmp_path.glob("*.json")}
    assert answers == {"proved", "refuted"}
    return tmp_path


def refutations(folder: Path) -> list[Path]:
    return [path for path in sorted(folder.glob("*.json")) if json.loads(path.read_text())["answer"] == "refuted"]


@pytest.mark.parametrize("seed", by_day(range(12), 3))
def test_forged_runs_are_refused(filled: Path, seed: int) -> None:
    """Each has a seal that is right; still every run that is believed is one that the machine takes."""
    fresh = proof()
    chance = random.Random(seed)  # noqa: S311 -- no secret depends on it
    for path in refutations(filled):
        content = json.loads(path.read_text())
        where = chance.choice([place for place in places(content) if place[0] == "run"])
        path.write_text(signed(with_value(content, where, chance.choice(STRANGE))))  # type: ignore[arg-type]
    report = proof(filled)
    assert answers(report) == answers(fresh)


@pytest.mark.parametrize("value", by_day(STRANGE, 3), ids=lambda value: type(value).__name__)
def test_forged_costs_are_refused(filled: Path, value: object) -> None:
    fresh = proof()
    for number, path in enumerate(sorted(filled.glob("*.json"))):
        content = json.loads(path.read_text())
        if content["answer"] == "proved":
            costs = value if number % 2 else [value] * len(content["rlimits"])
            if costs == [0] * len(content["rlimits"]):
                continue  # a cost like any other
            path.write_text(signed({**content, "rlimits": costs}))
    assert answers(proof(filled)) == answers(fresh)


DEEP = 100_000


def spoil_deep(path: Path) -> None:
    path.write_text("[" * DEEP + "]" * DEEP)


def spoil_deep_run(path: Path) -> None:
    """As deep as can be read, but perhaps not written again."""
    deep = '{"answer":"refuted","key":"k","run":{"start":' + "[" * 990 + "]" * 990 + ',"steps":[]},"schema":2}'
    path.write_text(deep)


def spoil_bytes(path: Path) -> None:
    path.write_bytes(bytes(range(256)) * 10)


def spoil_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def spoil_pipe(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


def spoil_circle(path: Path) -> None:
    path.unlink()
    path.symlink_to(path)


def spoil_size(path: Path) -> None:
    path.unlink()
    with path.open("wb") as file:
        file.truncate(2**40)  # a hole, which takes no room on disk


def spoil_number(path: Path) -> None:
    path.write_text('{"answer":"proved","rlimits":[' + "9" * 10_000 + '],"schema":2,"key":"k"}')


SPOILS = (
    spoil_deep,
    spoil_deep_run,
    spoil_bytes,
    spoil_folder,
    spoil_pipe,
    spoil_circle,
    spoil_size,
    spoil_number,
)


@pytest.mark.parametrize("spoil", by_day(SPOILS, 2))
def test_what_is_no_entry_at_all_is_left_alone(filled: Path, spoil: Callable[[Path], None]) -> None:
    fresh = proof()
    for path in sorted(filled.glob("*.json")):
        spoil(path)
    cache = ProofCache(filled)
    assert answers(verify(machine(), Effort(depth=6), cache=cache)) == answers(fresh)
    assert cache.warnings


@pytest.mark.parametrize("seed", by_day(range(12), 4))
def test_torn_entries_are_refused(filled: Path, seed: int) -> None:
    fresh = proof()
    chance = random.Random(seed)  # noqa: S311 -- no secret depends on it
    for path in sorted(filled.glob("*.json")):
        text = bytearray(path.read_bytes())
        match chance.randrange(3):
            case 0:
                del text[chance.randrange(len(text)) :]
            case 1:
                text[chance.randrange(len(text))] = chance.randrange(256)
            case _:
                at = chance.randrange(len(text))
                text[at:at] = text[chance.randrange(len(text)) :]
        path.write_bytes(bytes(text))
    assert answers(proof(filled)) == answers(fresh)


def test_the_command_says_what_it_ignored_and_ends_as_always(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "pyproject.toml").write_text('[[tool.quiesce.specs]]\nspec = "service.py"\n')
    (tmp_path / "service.py").write_text(BROKEN)
    assert main(["verify", "-q"]) == 1
    first = capsys.readouterr()
    for number, path in enumerate(sorted((tmp_path / ".quiesce/cache").glob("*.json"))):
        SPOILS[number % len(SPOILS)](path)
    assert main(["verify", "-q"]) == 1
    again = capsys.readouterr()
    assert again.out == first.out
    assert "Traceback" not in again.err
    assert again.err.count("warning: proof cache") > 3
