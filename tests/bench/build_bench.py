"""An up-to-date `quiesce build` as a whole process against an interpreter that does nothing, in one run.

    python tests/bench/build_bench.py [--json]

Run it in a checkout that was built. Rounds are interleaved and the medians are reported.
"""

import argparse
import json
import statistics
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).parents[2]


def seconds(*arguments: str) -> float:
    """How long a Python process takes."""
    begin = time.perf_counter()
    subprocess.run([sys.executable, *arguments], cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - begin


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--rounds", type=int, default=15)
    options = parser.parse_args()
    subprocess.run([sys.executable, "-m", "quiesce.cli", "build", "-q"], cwd=ROOT, check=True)
    rounds = [(seconds("-m", "quiesce.cli", "build", "-q"), seconds("-c", "pass")) for _ in range(options.rounds)]
    result = {
        "build_ms": statistics.median(build for build, _ in rounds) * 1e3,
        "python_ms": statistics.median(bare for _, bare in rounds) * 1e3,
        "ratio": statistics.median(build / bare for build, bare in rounds),
    }
    print(json.dumps(result) if options.json else "\n".join(f"{name}: {value:.3g}" for name, value in result.items()))


if __name__ == "__main__":
    main()
