"""What is installed: every module, template and shell, and nothing else."""

import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile

import pytest

ROOT = Path(__file__).parents[2]
GATE = ROOT / "tests/generate/specs/gate.py"
SPECS = ("winsock", "winsock_layered", "winsock_contract", "clients", "gate")
PARTS = (ROOT / "model/quiesce", ROOT / "proofs/quiesce", ROOT / "codegen/quiesce")
BUILD = "import sys; from hatchling.build import build_wheel; build_wheel(sys.argv[1])"
ALONE = """
import sys
sys.path[:] = [sys.argv[1], *(place for place in sys.path if place not in sys.argv[2:])]
import quiesce
from quiesce.cli import main
# An editable install would otherwise lend the files that the wheel lacks.
assert len(list(quiesce.__path__)) == 1, quiesce.__path__
sys.exit(main(["verify", "-q"]) or main(["build", "-q", "model/gate.py"]))
"""


def sources() -> set[str]:
    """The files that make up quiesce, as they are called once installed."""
    return {
        f"quiesce/{path.relative_to(part).as_posix()}"
        for part in PARTS
        for path in part.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    done = subprocess.run(
        [sys.executable, "-c", BUILD, folder], cwd=ROOT, capture_output=True, encoding="utf-8", check=False
    )
    assert done.returncode == 0, done.stderr
    [file] = folder.glob("*.whl")
    return file


def test_the_wheel_holds_the_sources_and_nothing_else(wheel: Path) -> None:
    with ZipFile(wheel) as archive:
        names = {name for name in archive.namelist() if ".dist-info/" not in name}
    assert names == sources()
    assert names > {
        "quiesce/cli.py",
        "quiesce/spec/py.typed",
        "quiesce/prove/py.typed",
        "quiesce/generate/py.typed",
        "quiesce/console/py.typed",
        "quiesce/generate/templates/core.py.jinja",
        "quiesce/generate/shells/winsock/lifecycle.py",
    }


@pytest.mark.slow
def test_the_wheel_runs_without_the_checkout(wheel: Path, tmp_path: Path) -> None:
    """A project outside the checkout is proved by the unpacked wheel alone, and a small spec is built all the way.

    Evidence for the large specs would take long, and need no other file of the wheel.
    """
    with ZipFile(wheel) as archive:
        archive.extractall(tmp_path / "site")
    (tmp_path / "model").mkdir()
    for spec in (*(ROOT / "model").glob("*.py"), GATE):
        (tmp_path / "model" / spec.name).write_bytes(spec.read_bytes())
    specs = (f'[[tool.quiesce.specs]]\nspec = "model/{name}.py"\nshell = "winsock"\n' for name in SPECS)
    (tmp_path / "pyproject.toml").write_text("".join(specs), encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-c", ALONE, tmp_path / "site", *(part.parent for part in PARTS)],
        cwd=tmp_path,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert {path.name for path in (tmp_path / "generated").iterdir()} == {"gate_provider"}
    assert (tmp_path / "generated/gate_provider/lifecycle.py").is_file()
    assert (tmp_path / "proofs/gate/hints.json").is_file()
