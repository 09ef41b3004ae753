"""Runs the tests of the kernel against mutants of the kernel: `python -m tests.kernel.mutants`.

Tests are collected once. A first run tells which test comes by which line. Then each mutant gets a process of its own,
in which the code of one function is exchanged, and the tests that come by are run, the quickest first, until one fails.
A mutant of what a module does when it is loaded is put in the module's place before any test is collected.

A mutant survives if no test fails. Survivors that are listed in `survivors.toml`, each with its reason, are known; one
more makes the run fail, and so does one that is listed and does not survive.
"""

import argparse
import importlib
import json
import os
import pickle
import resource
import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from importlib.util import spec_from_loader
from pathlib import Path
from time import perf_counter
from types import CodeType, FunctionType, ModuleType

import pytest
from coverage import Coverage

from tests.kernel.answers import KNOWN
from tests.kernel.mutations import Mutant, mutants

ROOT = Path(__file__).parents[2]
SOURCES = ROOT / "proofs" / "quiesce"
TESTS = Path(__file__).parent
LISTED = TESTS / "survivors.toml"
SECONDS = 60
"""Of the processor that the tests of one mutant may take; one that never ends is noticed, too.

A limit on the time of the clock would call a mutant killed whenever the machine has much to do.
"""
ALL_TESTS = 3 * SECONDS
"""The same for a mutant that has to be there before any test is collected: all tests run."""
MEMORY = 6 << 30


@dataclass
class Baseline:
    """What a run without any mutant tells: the seconds of each test, and which tests come by each line of a file."""

    seconds: dict[str, float] = field(default_factory=dict)
    tests: dict[tuple[str, int], set[str]] = field(default_factory=dict)


@dataclass
class Runner:
    """Has the tests, and runs them against mutants in processes of their own."""

    chosen: list[Mutant]
    processes: int
    say: Callable[[str], None]
    done: dict[str, str] = field(default_factory=dict)
    state: Path | None = None
    failed: bool = False

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        items = {item.nodeid: item for item in session.items}
        baseline = self._baseline(items)
        if baseline is None:
            self.say("the tests fail without any mutant")
            self.failed = True
            return True
        self.say(f"{len(items)} tests in {sum(baseline.seconds.values()):.0f} s; {len(self.chosen)} mutants")
        for mutant in _unchanged(self.chosen):
            if os.waitpid(self._start(mutant, baseline, items), 0)[1] != 0:
                self.say(f"the tests fail where {mutant.path} is exchanged for itself")
                self.failed = True
                return True
        running: dict[int, Mutant] = {}
        for mutant in (m for m in self.chosen if m.function is not None):
            if len(running) >= self.processes:
                self._one_ends(running)
            running[self._start(mutant, baseline, items)] = mutant
        while running:
            self._one_ends(running)
        return True

    def _baseline(self, items: Mapping[str, pytest.Item]) -> Baseline | None:
        with tempfile.NamedTemporaryFile() as file:
            child = os.fork()
            if child == 0:
                _quiet()
                _leave(lambda: self._measure(items, Path(file.name)))
            if os.waitpid(child, 0)[1] != 0:
                return None
            baseline, known = pickle.loads(Path(file.name).read_bytes())  # noqa: S301 -- written by ourselves
        KNOWN.update(known)
        assert isinstance(baseline, Baseline)
        return baseline

    def _measure(self, items: Mapping[str, pytest.Item], file: Path) -> bool:
        listed, found = list(items.values()), Baseline()
        coverage = Coverage(data_file=None, branch=False, include=[str(SOURCES / "kernel" / "*")])
        coverage.start()
        for item, following in zip(listed, [*listed[1:], None], strict=True):
            coverage.switch_context(_context(item))
            begin = perf_counter()
            if not _passes(item, following):
                return False
            found.seconds[item.nodeid] = perf_counter() - begin
        coverage.stop()
        data = coverage.get_data()
        contexts: dict[str, set[str]] = {}
        for item in listed:
            contexts.setdefault(_context(item), set()).add(item.nodeid)
        for path in data.measured_files():
            for line, names in data.contexts_by_lineno(path).items():
                tests = set[str]().union(*(contexts.get(name, ()) for name in names))
                found.tests[str(Path(path).relative_to(SOURCES)), line] = tests
        file.write_bytes(pickle.dumps((found, KNOWN)))
        return True

    def _start(self, mutant: Mutant, baseline: Baseline, items: Mapping[str, pytest.Item]) -> int:
        child = os.fork()
        if child == 0:
            _quiet()
            _limit(SECONDS)
            resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
            by = set[str]().union(
                *(baseline.tests.get((mutant.path, n), ()) for n in range(mutant.first, mutant.last + 1))
            )
            names = sorted(by, key=lambda name: ("evidence" in _fixtures(items[name]), baseline.seconds[name]))
            tests = [items[name] for name in names]

            def survives() -> bool:
                _exchange(mutant)
                return all(map(_passes, tests, [*tests[1:], None]))

            _leave(survives)
        return child

    def _one_ends(self, running: dict[int, Mutant]) -> None:
        child, status = os.waitpid(-1, 0)
        if child in running:
            self.note(running.pop(child), survived=status == 0)

    def note(self, mutant: Mutant, *, survived: bool) -> None:
        """Writes down what became of a mutant."""
        self.done[mutant.name] = "survived" if survived else "killed"
        if self.state is not None:
            with self.state.open("a", encoding="utf-8") as file:
                file.write(json.dumps([mutant.path, mutant.name, self.done[mutant.name]]) + "\n")
        if survived:
            self.say(f"survived: {mutant.name}")


def _unchanged(chosen: Iterable[Mutant]) -> Iterator[Mutant]:
    """A mutant of each module in which nothing is changed."""
    for mutant in {m.path: m for m in chosen if m.function is not None}.values():
        code = (SOURCES / mutant.path).read_text(encoding="utf-8")
        yield Mutant("unchanged", mutant.path, mutant.function, 1, code.count("\n"), code)


def _fixtures(item: pytest.Item) -> tuple[str, ...]:
    return tuple(getattr(item, "fixturenames", ()))


def _context(item: pytest.Item) -> str:
    """Tests that have a fixture in common which is made once come by the lines together."""
    return f"{item.path}" if "evidence" in _fixtures(item) else item.nodeid


def _passes(item: pytest.Item, following: pytest.Item | None) -> bool:
    before = item.session.testsfailed
    item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
    return item.session.testsfailed == before


def _quiet() -> None:
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)


def _limit(seconds: int) -> None:
    """Has the system end this process once it has had so many seconds of the processor."""
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))


def _leave(succeeds: Callable[[], bool]) -> None:
    """Ends the process, with 0 if it succeeds."""
    code = 1
    try:
        code = 0 if succeeds() else 1
    finally:
        os._exit(code)


# --- putting a mutant in the place of what it was made of --------------------------------------------------------


def _module(path: str) -> str:
    return "quiesce." + path.removesuffix(".py").replace("/", ".")


def _exchange(mutant: Mutant) -> None:
    """Gives the function the code of its mutant. Whoever has imported it has the mutant now."""
    assert mutant.function is not None
    names = mutant.function.split(".")
    whole = compile(mutant.code, str(SOURCES / mutant.path), "exec")
    place: object = importlib.import_module(_module(mutant.path))
    code = whole
    for name in names:
        code = next(part for part in code.co_consts if isinstance(part, CodeType) and part.co_name == name)
        place = vars(place)[name]
        function = _function(place)
        if function is not None:
            function.__code__ = code
            return
    raise LookupError(mutant.function)


def _function(place: object) -> FunctionType | None:
    match place:
        case FunctionType():
            return place
        case property():
            return _function(place.fget)
        case cached_property():
            return _function(place.func)
        case staticmethod():
            return _function(place.__func__)
        case _:
            return None


class _Instead(PathFinder):
    """Finds the mutant of one module where the module is looked for."""

    mutant: Mutant

    @classmethod
    def find_spec(
        cls,
        fullname: str,
        path: Sequence[str] | None = None,  # noqa: ARG003
        target: ModuleType | None = None,  # noqa: ARG003
    ) -> ModuleSpec | None:
        if fullname != _module(cls.mutant.path):
            return None
        return spec_from_loader(fullname, _Loader(fullname, str(SOURCES / cls.mutant.path)))


class _Loader(SourceFileLoader):
    def get_code(self, fullname: str) -> CodeType:  # noqa: ARG002
        return compile(_Instead.mutant.code, self.path, "exec")


def _killed_when_loaded(mutant: Mutant) -> bool:
    """Whether a test fails in a process that loads the mutant in the place of its module."""
    command = [sys.executable, "-m", "tests.kernel.mutants", "--load"]
    with tempfile.NamedTemporaryFile() as file:
        Path(file.name).write_bytes(pickle.dumps(mutant))
        run = subprocess.run([*command, file.name], cwd=ROOT, capture_output=True, check=False)
    return run.returncode != 0


def _load(file: str) -> int:
    _limit(ALL_TESTS)
    _Instead.mutant = pickle.loads(Path(file).read_bytes())  # noqa: S301 -- written by ourselves
    sys.meta_path.insert(0, _Instead)
    return pytest.main(["-q", "-x", "-p", "no:cacheprovider", str(TESTS)])


# --- what is run -------------------------------------------------------------------------------------------------


def sources() -> Iterator[str]:
    """The files of the kernel."""
    return (str(path.relative_to(SOURCES)) for path in sorted((SOURCES / "kernel").rglob("*.py")))


def listed() -> dict[str, str]:
    """The survivors that are known, each with the reason why it may survive."""
    content = tomllib.loads(LISTED.read_text(encoding="utf-8")) if LISTED.exists() else {}
    return {mutant: entry["reason"] for entry in content.get("survivors", []) for mutant in entry["mutants"]}


def _known(state: Path) -> dict[str, str]:
    if not state.exists():
        return {}
    entries = (json.loads(line) for line in state.read_text(encoding="utf-8").splitlines())
    return {name: outcome for _, name, outcome in entries if outcome == "killed"}


def main(arguments: Iterable[str]) -> int:
    """Runs what is asked for, and tells what survives; 1 if it is not what is listed."""
    parser = argparse.ArgumentParser(description="Mutants of the kernel, against the tests of the kernel.")
    parser.add_argument(
        "files", nargs="*", help="files of the kernel, as in kernel/plan.py; all of them if none is named"
    )
    parser.add_argument("--every", type=int, default=1, help="only every so many mutants")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--state", type=Path, help="a file that what was killed is written to, and not run again")
    parser.add_argument("--load", help=argparse.SUPPRESS)
    options = parser.parse_args(list(arguments))
    if options.load:
        return _load(options.load)

    def say(text: str) -> None:
        os.write(2, f"{text}\n".encode())

    killed = _known(options.state) if options.state else {}
    chosen: list[Mutant] = []
    for path in options.files or sources():
        found = list(mutants(path, (SOURCES / path).read_text(encoding="utf-8")))[:: options.every]
        chosen += found
    left = [mutant for mutant in chosen if mutant.name not in killed]
    runner = Runner(left, options.processes, say, state=options.state)
    quiet = ["-q", "-s", "-p", "no:cacheprovider", f"--ignore={TESTS / 'test_mutants.py'}"]
    with tempfile.TemporaryDirectory() as folder:
        os.environ["PYTEST_DEBUG_TEMPROOT"] = folder
        pytest.main([*quiet, str(TESTS)], plugins=[runner])
        for mutant in (m for m in left if m.function is None and not runner.failed):
            runner.note(mutant, survived=not _killed_when_loaded(mutant))
        shutil.rmtree(folder, ignore_errors=True)
        Path(folder).mkdir()
    return 2 if runner.failed else _told(chosen, {**killed, **runner.done}, say)


def _told(chosen: list[Mutant], done: Mapping[str, str], say: Callable[[str], None]) -> int:
    known = listed()
    for path in dict.fromkeys(mutant.path for mutant in chosen):
        mine = [mutant for mutant in chosen if mutant.path == path]
        survived = [mutant for mutant in mine if done[mutant.name] == "survived"]
        new = [mutant for mutant in survived if mutant.name not in known]
        say(
            f"{path}: {len(mine)} mutants, {len(mine) - len(survived)} killed, {len(survived)} survived, {len(new)} new"
        )
    new_ones = [m.name for m in chosen if done[m.name] == "survived" and m.name not in known]
    stale = [m.name for m in chosen if done[m.name] == "killed" and m.name in known]
    for name in new_ones:
        say(f"survives and is not listed: {name}")
    for name in stale:
        say(f"is listed and does not survive: {name}")
    return 1 if new_ones or stale else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
