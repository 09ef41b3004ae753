"""An up-to-date `quiesce build` as a whole process against an interpreter that does nothing, in one run.

    python -m tests.bench.build_bench [--json] [--rounds N]

The flagship is built in a folder of its own, so that the checkout is left alone. Rounds are interleaved and the medians
of processor time are reported. The exit code is 1 if the promise is missed.
"""

import argparse
import json
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from tests.bench.measuring import median_of, run

ROOT = Path(__file__).parents[2]
SPECS = ROOT / "model"
HINTS = "proofs/winsock/hints.json"
FLAGSHIP = "winsock.py"
TABLE = f'[[tool.quiesce.specs]]\nspec = "{FLAGSHIP}"\npackage = "winsock_provider"\nshell = "winsock"\n'
BUILD = ("-m", "quiesce.cli", "build")
BARE = ("-c", "pass")
PROMISED = 100
"""Milliseconds."""


@dataclass(frozen=True, slots=True)
class Timing:
    """Medians over all rounds, in milliseconds."""

    build_ms: float
    bare_ms: float
    ratio: float

    @property
    def kept(self) -> bool:
        """Whether the build was as quick as is promised."""
        return self.build_ms <= PROMISED


def measure(rounds: int) -> Timing:
    """Build once, then measure builds with nothing to do.

    Raises:
        RuntimeError: a build found something to do after all, so that the times would mean nothing.
    """
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        # The flagship uses another spec. A build looks at all that lie beside it, so all are there, as in the checkout.
        for spec in SPECS.glob("*.py"):
            shutil.copy(spec, folder)
        (folder / "pyproject.toml").write_text(TABLE, encoding="utf-8")
        # The first build would search for these, which takes three times as long. It checks each before it keeps it.
        (folder / HINTS).parent.mkdir(parents=True)
        shutil.copy(ROOT / HINTS, folder / HINTS)
        run(folder, *BUILD, "--force")
        taken = [(run(folder, *BUILD), run(folder, *BARE)) for _ in range(rounds)]
    if any(build.said != f"{FLAGSHIP}: up to date\n" for build, _ in taken):
        raise RuntimeError("the build was not up to date")
    return Timing(
        build_ms=median_of(taken, lambda one: one[0].cpu) * 1e3,
        bare_ms=median_of(taken, lambda one: one[1].cpu) * 1e3,
        ratio=median_of(taken, lambda one: one[0].cpu / one[1].cpu),
    )


def as_table(timing: Timing) -> str:
    """The timing for a person."""
    return "\n".join(
        (
            f"{'interpreter start':<28}{timing.bare_ms:>8.0f} ms",
            f"{'up-to-date `quiesce build`':<28}{timing.build_ms:>8.0f} ms",
            f"{'ratio':<28}{timing.ratio:>8.2f}",
            f"{f'at most {PROMISED} ms':<28}{'kept' if timing.kept else 'missed':>8}",
        )
    )


def as_json(timing: Timing) -> str:
    """The timing for a program."""
    return json.dumps({**asdict(timing), "promised_ms": PROMISED, "kept": timing.kept}, indent=2)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="A build with nothing to do, compared with a bare interpreter.")
    parser.add_argument("--rounds", type=int, default=15, help="how often each is measured")
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    options = parser.parse_args(arguments)
    timing = measure(max(1, options.rounds))
    print(as_json(timing) if options.json else as_table(timing))
    return 0 if timing.kept else 1


if __name__ == "__main__":
    raise SystemExit(main())
