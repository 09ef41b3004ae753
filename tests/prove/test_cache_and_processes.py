"""The proof cache and processes: two may write at once, and a hit loads no solver."""

import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest
from quiesce.prove.effort import Effort
from quiesce.prove.solving.cache import Question, z3_version
from quiesce.prove.solving.proof_cache import ProofCache
from quiesce.prove.solving.z3_solver import Solver

from tests.prove.test_cache import SPEC

WRITER = """
import sys
from pathlib import Path
from quiesce.prove.solving.answers import Answer, Check
from quiesce.prove.solving.cache import Question
from quiesce.prove.solving.proof_cache import ProofCache

cache = ProofCache(Path(sys.argv[1]))
print("ready", flush=True)
sys.stdin.readline()
for seed in range(int(sys.argv[2]), int(sys.argv[3])):
    cache.store_proved(Question("", "z3", "5.0", 1000, seed), (Check(Answer.UNSATISFIABLE, seed),))
sys.exit(len(cache.warnings))
"""


def test_two_processes_write_at_the_same_time(tmp_path: Path) -> None:
    writers = [
        subprocess.Popen(
            [sys.executable, "-c", WRITER, str(tmp_path), str(low), str(high)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            encoding="utf-8",
        )
        for low, high in ((0, 200), (100, 300))
    ]
    for writer in writers:
        assert writer.stdout is not None
        assert writer.stdout.readline() == "ready\n"
    for writer in writers:
        assert writer.stdin is not None
        writer.stdin.write("go\n")
        writer.stdin.flush()
    assert [writer.communicate(timeout=60) and writer.returncode for writer in writers] == [0, 0]
    cache = ProofCache(tmp_path)
    for seed in range(300):
        assert cache.proved(Question("", "z3", "5.0", 1000, seed), 1) == (seed,)
    assert cache.warnings == ()
    assert len(list(tmp_path.glob("*.json"))) == 300


ASKING = """
import sys
from pathlib import Path, PurePosixPath
from quiesce.prove.solving.cache import CachingSolver
from quiesce.kernel.problem import problem_of
from quiesce.kernel.rules.steps import step_batches
from quiesce.prove.effort import Effort
from quiesce.prove.solving.proof_cache import ProofCache
from quiesce.spec.reader import read_text

def make():
    from quiesce.prove.solving.z3_solver import Solver
    return Solver(Effort())

cache = ProofCache(Path(sys.argv[1]))
solver = CachingSolver(cache, make, Effort())
machine = read_text(sys.stdin.read(), PurePosixPath("service.py"))
for batch in step_batches(problem_of(machine)):
    print(solver.check(batch))
print(*cache.warnings)
print("z3" in sys.modules)
"""


def asked(folder: Path) -> list[str]:
    done = subprocess.run(
        [sys.executable, "-c", ASKING, str(folder)],
        input=SPEC,
        capture_output=True,
        encoding="utf-8",
        timeout=120,
        check=True,
    )
    return done.stdout.splitlines()


def test_a_hit_loads_no_solver_and_a_miss_does(tmp_path: Path) -> None:
    *first, missed = asked(tmp_path)
    *second, hit = asked(tmp_path)
    assert (missed, hit) == ("True", "False")
    assert first == second
    assert "UNSATISFIABLE" in first[0]


def test_the_solver_that_is_loaded_is_the_one_whose_version_is_in_the_key() -> None:
    loaded = Solver(Effort()).version()
    assert loaded == f"Z3 {z3_version()}" or z3_version().startswith(f"{loaded.removeprefix('Z3 ')}.")


def noted(folder: Path, *names: str) -> Path:
    for name in names:
        (folder / name).mkdir(parents=True)
    return folder


def test_the_version_is_that_of_the_note_that_comes_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = noted(tmp_path / "first", "z3_solver-9.8.7.0.dist-info", "z3-7.dist-info", "other_z3_solver-6.dist-info")
    second = noted(tmp_path / "second", "z3_solver-9.9.9.0.dist-info")
    monkeypatch.setattr(sys, "path", [str(tmp_path / "nowhere"), str(first), str(second), *sys.path])
    assert z3_version() == "9.8.7.0"


def test_where_two_versions_are_noted_python_is_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    both = noted(tmp_path, "z3_solver-9.8.7.0.dist-info", "z3_solver-9.9.9.0.dist-info")
    for name in ("9.8.7.0", "9.9.9.0"):
        note = both / f"z3_solver-{name}.dist-info" / "METADATA"
        note.write_text(f"Metadata-Version: 2.1\nName: z3-solver\nVersion: {name}\n", encoding="utf-8")
    monkeypatch.setattr(sys, "path", [str(both), *sys.path])
    assert z3_version() == version("z3-solver")
