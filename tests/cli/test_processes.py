"""Commands as whole processes: what they load, how they are interrupted, and that a spec is never run."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.by_day import by_day

pytestmark = pytest.mark.slow

SETTINGS = {"PYTHONUNBUFFERED", "PYTHONIOENCODING", "PYTHONUTF8", "PYTHONHASHSEED", "NO_COLOR"}
HEAVY = ("z3", "jinja2", "networkx", "rich", "cvc5")
LOADED = f"""
import sys
from quiesce.cli import main
try:
    main(sys.argv[1:])
except SystemExit as ended:
    assert ended.code == 0
print("loaded:", *(name for name in {HEAVY} if name in sys.modules))
"""

INTERRUPTED = """
import signal, sys
from quiesce.cli import main
from quiesce.prove.solving.z3_solver import Solver

check = Solver.check
def press_ctrl_c(self, batch):
    signal.raise_signal(signal.SIGINT)
    return check(self, batch)
Solver.check = press_ctrl_c
sys.exit(main(["build"]))
"""


def run(*arguments: str, cwd: Path, **changes: str) -> subprocess.CompletedProcess[str]:
    """A Python process without the settings of whoever runs the tests."""
    clean = {name: value for name, value in os.environ.items() if name not in SETTINGS}
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=cwd,
        env={**clean, **changes},
        capture_output=True,
        encoding="utf-8",
        check=False,
        timeout=120,
    )


def loaded(*arguments: str, cwd: Path) -> set[str]:
    done = run("-c", LOADED, *arguments, cwd=cwd)
    assert done.returncode == 0, done.stderr
    return set(done.stdout.splitlines()[-1].removeprefix("loaded:").split())


@pytest.mark.parametrize(
    "arguments",
    [
        *(["--help"], ["build", "--help"], ["check", "--help"], ["verify", "--help"], ["generate", "--help"]),
        *(["graph", "--help"], ["new", "--help"], ["new", "model/second.py"], ["check"], ["build"], ["verify"]),
    ],
    ids=" ".join,
)
def test_what_needs_no_solver_loads_none(built: Path, arguments: list[str]) -> None:
    assert loaded(*arguments, cwd=built) == set()


def test_what_loads_a_solver_is_seen_to(built: Path) -> None:
    assert loaded("build", "--check", cwd=built) == {"z3", "jinja2"}


def test_a_proof_loads_the_solver_alone(project: Path) -> None:
    assert loaded("verify", "--no-cache", cwd=project) == {"z3"}


@pytest.mark.parametrize("command", by_day(["verify", "check", "graph", "build"], 4))
def test_a_spec_is_read_and_never_run(project: Path, command: str) -> None:
    spec = project / "model/service.py"
    text = spec.read_text(encoding="utf-8")
    spec.write_text(text + "\nopen('trace', 'w').close()\n", encoding="utf-8")
    done = run("-m", "quiesce.cli", command, cwd=project)
    assert (done.returncode, "Traceback" in done.stderr) == (2, False)
    assert not (project / "trace").exists()
    spec.write_text(text, encoding="utf-8")
    assert run("-m", "quiesce.cli", command, cwd=project).returncode == 0


@pytest.mark.usefixtures("interruptible")
def test_ctrl_c_during_the_proof_ends_with_130_and_leaves_no_file(project: Path) -> None:
    before = sorted(project.rglob("*"))
    done = run("-c", INTERRUPTED, cwd=project)
    # A process that ends by the signal itself is what shells call 130, too.
    assert done.returncode in (130, -signal.SIGINT)
    assert done.stderr.splitlines()[-1].startswith("interrupted")
    assert "Traceback" not in done.stderr
    assert sorted(project.rglob("*")) == before


@pytest.mark.nightly
def test_asserts_are_not_needed_for_a_right_answer(project: Path) -> None:
    assert run("-O", "-m", "quiesce.cli", "verify", "-q", cwd=project).returncode == 0
    spec = project / "model/service.py"
    text = spec.read_text(encoding="utf-8")
    spec.write_text(text.replace("self.refs += 1", "self.refs -= 1"), encoding="utf-8")
    assert run("-O", "-m", "quiesce.cli", "verify", "-q", cwd=project).returncode == 1


def test_the_same_bytes_come_out_whatever_the_hash_seed(project: Path) -> None:
    outputs = {
        run("-m", "quiesce.cli", "verify", "--json", "-", cwd=project, PYTHONHASHSEED=seed).stdout
        for seed in ("0", "1", "2")
    }
    assert len(outputs) == 1
    assert '"verdict": "proved"' in outputs.pop()


def test_the_installed_command_is_the_same_program(project: Path) -> None:
    command = Path(sys.executable).with_name("quiesce.exe" if os.name == "nt" else "quiesce")
    done = subprocess.run([command, "check"], cwd=project, capture_output=True, encoding="utf-8", check=False)
    assert (done.returncode, done.stdout) == (0, run("-m", "quiesce.cli", "check", cwd=project).stdout)


@pytest.mark.parametrize("module", ["quiesce", "quiesce.cli"])
def test_the_command_is_a_module_too(project: Path, module: str) -> None:
    done = run("-m", module, "check", cwd=project)
    assert (done.returncode, done.stdout.split(":")[0]) == (0, "model/service.py")
    assert run("-m", module, cwd=project).stderr.startswith("usage: quiesce ")
