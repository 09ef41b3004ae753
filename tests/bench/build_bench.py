"""`quiesce build` of the flagship as a whole process against an interpreter that does nothing, in one run.

    python -m tests.bench.build_bench [--json] [--rounds N]

Three builds are measured: one with nothing to do; one after a change of one line, up to the moment at which code and
pictures are written; and one from nothing, in one process, besides the proof alone. The flagship is built in a folder
of its own, so that the checkout is left alone. Rounds are interleaved and the medians of processor time are reported.
The exit code is 1 if a promise is missed.
"""

import argparse
import json
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from tests.bench.measuring import Spent, median_of, run

ROOT = Path(__file__).parents[2]
SPECS = ROOT / "model"
HINTS = "proofs/winsock/hints.json"
FLAGSHIP = "winsock.py"
TABLE = f'[[tool.quiesce.specs]]\nspec = "{FLAGSHIP}"\npackage = "winsock_provider"\nshell = "winsock"\n'
BUILD = ("-m", "quiesce.cli", "build")
BARE = ("-c", "pass")
PROMISED = 100
"""Milliseconds of a build with nothing to do."""
CODE_PROMISED = 1_000
"""Milliseconds until code and pictures are written after a change."""
LINE, OTHER_LINE = "when(self.refs > 1)\n", "when(1 < self.refs)\n"
CODE = (
    "-c",
    """
import os, sys
from quiesce.cli import main
from quiesce.console.builds import targets as making
written = making.write_code
def enough(*given, **named):
    print(len(written(*given, **named)) > 0, flush=True)
    os._exit(0)
making.write_code = enough
main(["build", "-q"])
""",
)
"""A build that ends as soon as code and pictures are written, and says whether any were."""
ANEW = (*BUILD, "--force", "--no-cache", "--jobs", "1")
PROOF = ("-m", "quiesce.cli", "verify", "--no-cache")


@dataclass(frozen=True, slots=True)
class Timing:
    """Medians over all rounds, in milliseconds."""

    build_ms: float
    bare_ms: float
    ratio: float
    code_ms: float
    anew_ms: float
    anew_to_proof: float

    @property
    def kept(self) -> bool:
        """Whether the builds were as quick as is promised."""
        return self.build_ms <= PROMISED and self.code_ms <= CODE_PROMISED


def measure(rounds: int) -> Timing:
    """Build once, then measure builds with nothing to do, after a change, and from nothing.

    Raises:
        RuntimeError: a build found more or less to do than is measured, so that the times would mean nothing.
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
        seldom = max(1, rounds // 5)
        changed = [_after_a_change(folder) for _ in range(seldom)]
        anew = [(_from_nothing(folder), run(folder, *PROOF)) for _ in range(seldom)]
    if any("proved, all" not in build.said for build, _ in anew):
        raise RuntimeError("nothing was proved by a build from nothing")
    if any(code.said != "True\n" for code in changed):
        raise RuntimeError("no code was written after a change")
    if any(build.said != f"{FLAGSHIP}: up to date\n" for build, _ in taken):
        raise RuntimeError("the build was not up to date")
    return Timing(
        build_ms=median_of(taken, lambda one: one[0].cpu) * 1e3,
        bare_ms=median_of(taken, lambda one: one[1].cpu) * 1e3,
        ratio=median_of(taken, lambda one: one[0].cpu / one[1].cpu),
        code_ms=median_of(changed, lambda one: one.cpu) * 1e3,
        anew_ms=median_of(anew, lambda one: one[0].cpu) * 1e3,
        anew_to_proof=median_of(anew, lambda one: one[0].cpu / one[1].cpu),
    )


def _after_a_change(folder: Path) -> Spent:
    """A build up to its code, after one line of the spec was written otherwise."""
    spec = folder / FLAGSHIP
    text = spec.read_text(encoding="utf-8")
    lines = (LINE, OTHER_LINE) if LINE in text else (OTHER_LINE, LINE)
    spec.write_text(text.replace(*lines, 1), encoding="utf-8")
    code = run(folder, *CODE)
    run(folder, *BUILD)  # puts back what the one that ended there has left, and makes what follows from the change
    return code


def _from_nothing(folder: Path) -> Spent:
    """A whole build, with nothing known from an earlier one."""
    shutil.rmtree(folder / ".quiesce")
    return run(folder, *ANEW)


def as_table(timing: Timing) -> str:
    """The timing for a person."""
    return "\n".join(
        (
            f"{'interpreter start':<28}{timing.bare_ms:>8.0f} ms",
            f"{'up-to-date `quiesce build`':<28}{timing.build_ms:>8.0f} ms",
            f"{'ratio':<28}{timing.ratio:>8.2f}",
            f"{'code after a change':<28}{timing.code_ms:>8.0f} ms",
            f"{'from nothing':<28}{timing.anew_ms:>8.0f} ms",
            f"{'ratio to the proof alone':<28}{timing.anew_to_proof:>8.2f}",
            f"{f'at most {PROMISED} and {CODE_PROMISED} ms':<28}{'kept' if timing.kept else 'missed':>8}",
        )
    )


def as_json(timing: Timing) -> str:
    """The timing for a program."""
    return json.dumps(
        {**asdict(timing), "promised_ms": PROMISED, "promised_code_ms": CODE_PROMISED, "kept": timing.kept}, indent=2
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="Builds of the flagship, beside a bare interpreter and the proof.")
    parser.add_argument("--rounds", type=int, default=15, help="how often each is measured")
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    options = parser.parse_args(arguments)
    timing = measure(max(1, options.rounds))
    print(as_json(timing) if options.json else as_table(timing))
    return 0 if timing.kept else 1


if __name__ == "__main__":
    raise SystemExit(main())
