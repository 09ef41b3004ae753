"""An up-to-date `quiesce build` as a whole process against an interpreter that does nothing, in one run.

    python tests/bench/build_bench.py [--json] [--rounds N]

The flagship is built in a folder of its own, so that the checkout is left alone. Rounds are interleaved and the medians
are reported.
"""

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

FLAGSHIP = Path(__file__).parents[2] / "model/winsock.py"
TABLE = '[[tool.quiesce.specs]]\nspec = "winsock.py"\npackage = "winsock_provider"\nshell = "winsock"\n'
BUILD = ("-m", "quiesce.cli", "build")
BARE = ("-c", "pass")
PROMISED = 150
"""Milliseconds."""


@dataclass(frozen=True, slots=True)
class Timing:
    """Medians over all rounds, in milliseconds."""

    build_ms: float
    bare_ms: float
    ratio: float


def run(folder: Path, *arguments: str) -> tuple[float, str]:
    """How many milliseconds a Python process takes, and what it prints. It may keep its byte code, as installed."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    begun = time.perf_counter()
    done = subprocess.run(
        [sys.executable, *arguments], cwd=folder, env=environment, check=True, stdout=subprocess.PIPE, encoding="utf-8"
    )
    return (time.perf_counter() - begun) * 1e3, done.stdout


def measure(rounds: int) -> Timing:
    """Build once, then measure builds with nothing to do.

    Raises:
        RuntimeError: a build found something to do after all, so that the times would mean nothing.
    """
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        shutil.copy(FLAGSHIP, folder)
        (folder / "pyproject.toml").write_text(TABLE, encoding="utf-8")
        run(folder, *BUILD)
        taken = [(run(folder, *BUILD), run(folder, *BARE)) for _ in range(rounds)]
    if any(said != "winsock.py: up to date\n" for (_, said), _ in taken):
        raise RuntimeError("the build was not up to date")
    return Timing(
        build_ms=statistics.median(build for (build, _), _ in taken),
        bare_ms=statistics.median(bare for _, (bare, _) in taken),
        ratio=statistics.median(build / bare for (build, _), (bare, _) in taken),
    )


def as_table(timing: Timing) -> str:
    """The timing for a person."""
    kept = "kept" if timing.build_ms <= PROMISED else "missed"
    return "\n".join(
        (
            f"{'interpreter start':<28}{timing.bare_ms:>8.0f} ms",
            f"{'up-to-date `quiesce build`':<28}{timing.build_ms:>8.0f} ms",
            f"{'ratio':<28}{timing.ratio:>8.2f}",
            f"{f'at most {PROMISED} ms':<28}{kept:>8}",
        )
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="A build with nothing to do, compared with a bare interpreter.")
    parser.add_argument("--rounds", type=int, default=15, help="how often each is measured")
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    options = parser.parse_args(arguments)
    timing = measure(max(1, options.rounds))
    print(json.dumps({**asdict(timing), "promised_ms": PROMISED}, indent=2) if options.json else as_table(timing))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
