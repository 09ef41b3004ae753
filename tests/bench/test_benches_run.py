"""Each bench runs to its end on the repository as it is, and one that misses its bound says so by its exit code.

What the benches measure is no matter here: no test is timed.
"""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from functools import cache, partial
from itertools import product
from pathlib import Path
from typing import Protocol

import pytest
from winsock_provider.core import WinsockProviderCore

from tests.bench import build_bench, core_bench, measuring, provider_bench, shell_bench, tasks_bench, verify_bench
from tests.bench.by_hand import HandCounter, HandProvider

ROOT = Path(__file__).parents[2]
BENCHES = sorted(path.stem for path in Path(__file__).parent.glob("*_bench.py"))


class Bench(Protocol):
    """What the benches have in common."""

    def main(self, arguments: Sequence[str] | None = None) -> int: ...


def figures(value: object) -> Iterator[float]:
    """All numbers in what was read from JSON; yes and no are none."""
    match value:
        case bool():
            return
        case int() | float():
            yield value
        case dict():
            for part in value.values():
                yield from figures(part)


@pytest.mark.nightly
@pytest.mark.parametrize("name", BENCHES)
def test_runs_to_its_end(name: str) -> None:
    command = [sys.executable, "-m", f"tests.bench.{name}", "--rounds", "1", "--json"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, encoding="utf-8", check=False)
    assert done.stderr == ""
    said = json.loads(done.stdout)
    assert done.returncode == (0 if said["kept"] else 1)
    assert len(list(figures(said))) >= 4
    assert all(figure > 0 for figure in figures(said))


def build(milliseconds: float, code: float = 1_000) -> build_bench.Timing:
    return build_bench.Timing(
        build_ms=milliseconds, bare_ms=10, ratio=milliseconds / 10, code_ms=code, anew_ms=9_000, anew_to_proof=6
    )


def core(*ratios: float) -> dict[str, core_bench.Timing]:
    return {f"pair {ratio}": core_bench.Timing(ratio, 500, 500) for ratio in ratios}


def shell(ratio: float) -> dict[str, core_bench.Timing]:
    return {"first and last": core_bench.Timing(9.0, 500, 500), "nested": core_bench.Timing(ratio, 500, 500)}


def verify(*proofs: float) -> verify_bench.Timings:
    """Rounds that took so long, where the floor is a second in each."""
    return verify_bench.Timings(
        tuple(verify_bench.Timing(0.1, 0.25, proof, proof, 0.75, obligations=9, conditions=3) for proof in proofs)
    )


def provider(*speeds: float) -> dict[str, provider_bench.Timing]:
    """Things that had that speed, where nine tenths of the other side's are promised."""
    return {f"thing {speed}": provider_bench.Timing(speed, 0.9, ours_us=10, theirs_us=9) for speed in speeds}


@pytest.mark.parametrize(
    ("bench", "measured", "kept"),
    [
        (build_bench, build(100), True),
        (build_bench, build(100.1), False),
        (build_bench, build(100, code=1_000.1), False),
        (core_bench, core(1.1, 0.9), True),
        (core_bench, core(0.9, 1.11, 0.9), False),
        (provider_bench, provider(1.1, 0.9), True),
        (provider_bench, provider(1.1, 0.89, 0.9), False),
        (shell_bench, shell(2.0), True),
        (shell_bench, shell(2.01), False),
        (tasks_bench, shell(2.0), True),
        (tasks_bench, shell(2.01), False),
        (verify_bench, verify(1.5), True),
        (verify_bench, verify(1.2, 1.51, 1.51), False),
        (verify_bench, verify(1.2, 1.3, 9.0), True),
    ],
)
def test_a_missed_bound_is_an_error(
    bench: Bench, measured: object, kept: bool, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(bench, "measure", lambda *_: measured)
    assert bench.main([]) == (0 if kept else 1)
    assert ("missed" in capsys.readouterr().out) is not kept
    assert bench.main(["--json"]) == (0 if kept else 1)
    assert json.loads(capsys.readouterr().out)["kept"] is kept


def test_time_is_that_of_the_processor_and_byte_code_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    spent = measuring.run(tmp_path, "-c", "import sys, time; time.sleep(0.5); print(sys.dont_write_bytecode)")
    assert spent.said == "False\n"
    assert 0 < spent.cpu < 0.5


def test_a_process_that_ends_with_an_error_is_not_measured(tmp_path: Path) -> None:
    with pytest.raises(subprocess.CalledProcessError):
        measuring.run(tmp_path, "-c", "raise SystemExit(3)")


def test_a_floor_without_conditions_is_an_error() -> None:
    script = verify_bench.CONDITIONS.replace("Solver.check = noted", "")
    assert script != verify_bench.CONDITIONS
    with pytest.raises(subprocess.CalledProcessError):
        measuring.run(ROOT, "-c", script, str(ROOT / "model/clients.py"))


@pytest.mark.parametrize(("broken", "code"), [(None, 0), ("a_bench", 1), ("b_bench", 1), ("c_bench", 1)])
def test_the_nightly_run_goes_through_all_benches(broken: str | None, code: int, tmp_path: Path) -> None:
    for folder in (".ci", ".venv/bin", "tests/bench"):
        (tmp_path / folder).mkdir(parents=True)
    names = ("a_bench", "b_bench", "c_bench")
    for name in names:
        (tmp_path / f"tests/bench/{name}.py").touch()
    (tmp_path / ".ci/benches").write_bytes((ROOT / ".ci/benches").read_bytes())
    stub = tmp_path / ".venv/bin/python"
    stub.write_text(f'#!/bin/sh\necho "ran $2"\n[ "$2" != tests.bench.{broken} ]\n', encoding="utf-8")
    stub.chmod(0o755)
    command = ["bash", ".ci/benches"]  # as the nightly run starts it
    done = subprocess.run(command, cwd=tmp_path, stdout=subprocess.PIPE, encoding="utf-8", check=False)
    assert [name for name in names if f"ran tests.bench.{name}\n" in done.stdout] == list(names)
    assert done.returncode == code
    assert (f"broke: {broken}\n" in done.stdout) is bool(code)


def test_the_nightly_run_ends_with_the_benches() -> None:
    assert len(BENCHES) == 6
    assert (ROOT / ".ci/nightly").read_text(encoding="utf-8").endswith("\nbash .ci/benches\n")


# --- what is compared does the same ------------------------------------------------------------------------------

Step = Callable[[], object]

Sides = tuple[list[Step], list[Step], Callable[[], bool]]
"""The steps of the generated side, those of the other one, and whether both are in the same state."""


def steps_of_provider(startup: Callable[[int, bool], object], *others: Step) -> list[Step]:
    """All that clients and the provider itself may do while there is no socket, mistakes included."""
    return [*(partial(startup, *given) for given in ((2, True), (1, True), (0, True), (1, False), (-1, True))), *others]


def provider_sides() -> Sides:
    core, hand = WinsockProviderCore(), HandProvider()
    return (
        steps_of_provider(core.wsp_startup, core.initialised, core.wsp_cleanup, core.release),
        steps_of_provider(hand.startup, hand.initialised, hand.cleanup, hand.release),
        lambda: all(getattr(core, name) == getattr(hand, name) for name in ("phase", "refs", "lowest", "epoch")),
    )


service = cache(core_bench.starter_core)


def counter_sides() -> Sides:
    core, hand = service().ServiceCore(), HandCounter()
    return (
        [core.start, core.opened, core.stop, core.closed],
        [hand.start, hand.opened, hand.stop, hand.closed],
        lambda: (core.phase.name, core.refs) == (hand.phase.name, hand.refs),
    )


def answer(step: Step) -> tuple[str, object]:
    """What became of a step, without the words that either side has for it."""
    try:
        step()
    except Exception as problem:
        kind = type(problem).__name__
        return ("not now" if kind in {"NotEnabled", "RuntimeError"} else kind), getattr(problem, "error", None)
    return "done", None


@pytest.mark.parametrize(("sides", "length"), [(provider_sides, 4), (counter_sides, 6)])
def test_what_is_compared_answers_alike(sides: Callable[[], Sides], length: int) -> None:
    for run in product(range(len(sides()[0])), repeat=length):
        generated, by_hand, alike = sides()
        assert [answer(generated[step]) for step in run] == [answer(by_hand[step]) for step in run], run
        assert alike(), run
