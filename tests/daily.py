"""The commands of every day, the same on Linux, macOS and Windows: `python -m tests.daily lint types`.

Each is a module of the environment that runs this one, so nothing has to be activated. Without a name, all are run.
"""

import argparse
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).parents[1]
DAILY: Mapping[str, Sequence[str]] = {
    "lint": ("ruff", "check", "."),
    "layout": ("ruff", "format", "--check", "--quiet", "."),
    "types": ("mypy", "model", "proofs", "codegen", "generated", "tests", "examples"),
    "proofs": ("quiesce", "build", "--check"),
    "quick": ("pytest", "-q", "-n", "auto", "--dist", "loadfile", "-m", "not slow"),
}


def run(command: Sequence[str]) -> int:
    """Run a module with its arguments at the root of the repository; the exit code that it ends with."""
    print("$", *command, flush=True)
    return subprocess.run([sys.executable, "-m", *command], cwd=ROOT, check=False).returncode


def main(names: Sequence[str], start: Callable[[Sequence[str]], int] = run) -> int:
    """Run the named commands, all of them even if one fails: 0 only if each ended with 0."""
    parser = argparse.ArgumentParser(prog="python -m tests.daily", description="Run commands of every day.")
    parser.add_argument("name", nargs="*", choices=[*DAILY, []], help="all, if none is given")  # [] is what none gives
    chosen = parser.parse_args(names).name or list(DAILY)
    codes = [start(DAILY[name]) for name in chosen]
    return 1 if any(codes) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
