"""What is installed: every module, template and shell, and nothing else."""

import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile

import pytest

ROOT = Path(__file__).parents[2]
GATE = ROOT / "tests/generate/specs/gate.py"
SPECS = ("winsock", "winsock_layered", "winsock_contract", "clients", "gate")
FLAGSHIP = ROOT / "generated/winsock_provider"
LAYERS = ROOT / "generated/winsock_layered_provider"
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


USE = """
import sys
sys.path[:] = [sys.argv[1], *(place for place in sys.path if place not in sys.argv[2:])]
from winsock_provider import LayeredWinsockProvider, Phase, WinsockProvider
import winsock_provider
assert winsock_provider.__file__.startswith(sys.argv[1]), winsock_provider.__file__
provider = WinsockProvider()
layer = LayeredWinsockProvider(provider)
layer.startup((2, 2))
layer.cleanup()
print(provider.snapshot().phase is Phase.UNLOADED, any(name.startswith("quiesce") for name in sys.modules))
"""


def sources() -> set[str]:
    """The files that make up quiesce, the flagship and its layers, as they are called once installed."""
    return {
        f"{part.name}/{path.relative_to(part).as_posix()}"
        for part in (*PARTS, FLAGSHIP, LAYERS)
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
        "quiesce/draw/py.typed",
        "quiesce/generate/py.typed",
        "quiesce/console/py.typed",
        "quiesce/generate/templates/core.py.jinja",
        "quiesce/generate/shells/winsock/lifecycle.py",
        "winsock_layered_provider/__init__.py",
        "winsock_provider/__init__.py",
        "winsock_provider/py.typed",
        "winsock_provider/tests/test_core.py",
    }


@pytest.mark.slow
def test_the_provider_of_the_flagship_is_used_from_the_wheel_in_an_empty_folder(wheel: Path, tmp_path: Path) -> None:
    """It needs nothing of quiesce, and its tests come with it; one of those that search stands for all of them."""
    site, empty = tmp_path / "site", tmp_path / "empty"
    empty.mkdir()
    with ZipFile(wheel) as archive:
        archive.extractall(site)
    checkout = (*(part.parent for part in PARTS), FLAGSHIP.parent)
    done = subprocess.run(
        [sys.executable, "-c", USE, site, *checkout], cwd=empty, capture_output=True, encoding="utf-8", check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "True False\n", "")
    chosen = ("-k", "test_core or test_startups_and_cleanups", site / "winsock_provider")
    tests = (sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *chosen)
    done = subprocess.run(tests, cwd=empty, capture_output=True, encoding="utf-8", check=False)
    assert done.returncode == 0, done.stdout
    assert " passed, 5 deselected" in done.stdout
    assert list(empty.iterdir()) == []


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
    specs = (f'[[tool.quiesce.specs]]\nspec = "model/{name}.py"\n' for name in SPECS)
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
