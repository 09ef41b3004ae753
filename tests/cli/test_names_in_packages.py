"""A package that would not work is not written: the name that would break it is told by its place."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

import pytest
from quiesce.cli import main
from quiesce.console.starter import starter
from quiesce.generate.clashes import _uses
from quiesce.generate.package import python_of
from quiesce.generate.python.names import NEEDED, step_class
from quiesce.spec.reader import read_text

from tests.twins import GOOD

LISTED = '[[tool.quiesce.specs]]\nspec = "model/service.py"\n'


def contents(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if ".quiesce" not in path.parts)


@pytest.mark.parametrize(
    ("old", "new", "place", "message"),
    [
        ("Phase", "Callable", "8:7", "the enum Callable: the generated code (lifecycle.py) needs the name `Callable`"),
        ("Phase", "Exception", "8:7", "the enum Exception: the generated code (core.py) needs the name `Exception`"),
        ('"open"', '"float"', "26:9", "the activity float: the generated code (lifecycle.py) needs the name `float`"),
        ('"start"', '"snapshot"', "45:9", "the call snapshot: the generated code (lifecycle.py) needs"),
    ],
)
def test_a_name_that_the_package_needs_is_refused_at_its_place(
    project: Path, capsys: pytest.CaptureFixture[str], old: str, new: str, place: str, message: str
) -> None:
    spec = project / "model/service.py"
    spec.write_text(starter("service").replace(old, new), encoding="utf-8")
    before = contents(project)
    for shell in ("threads", "asyncio"):
        (project / "pyproject.toml").write_text(f'{LISTED}shell = "{shell}"\n', encoding="utf-8")
        for command in (["build"], ["build", "--check"], ["generate"], ["verify"]):
            assert main(command) == 2
            error = capsys.readouterr().err
            assert error.startswith(f"error: model/service.py:{place}: {message}")
            assert len(error.splitlines()) == 1
    assert contents(project) == before
    (project / "pyproject.toml").write_text(f'{LISTED}shell = "none"\n', encoding="utf-8")
    assert main(["verify", "-q"]) == 0, "nothing is generated, so nothing needs the name"


@pytest.mark.parametrize("shell", ["threads", "asyncio"])
@pytest.mark.parametrize("name", ["hub", "pool", "device", "crowded", "ordinary"])
def test_each_name_that_a_package_has_by_itself_is_known(name: str, shell: str) -> None:
    """Else `verify` would not look for it; the pages are those in which names of specs stand."""
    spec = Path(__file__).parents[1] / f"generate/specs/{name}.py"
    machine = read_text(spec.read_text("utf-8"), PurePosixPath("spec.py"))
    pages = python_of(machine, shell)
    own = {use.name for use in _uses(machine)} | {step_class(machine)}
    for page in ("core.py", "lifecycle.py", "__init__.py", "tests/test_shell.py"):
        there = set(words(ast.parse(pages[PurePosixPath(page)])))
        made = {word for word in there if word.startswith("_") or re.search(r"_\d$", word)}  # names that give way
        assert there - own - NEEDED - made == set(), page


def words(page: ast.Module) -> Iterator[str]:
    """The names that a page binds or reads."""
    for node in ast.walk(page):
        match node:
            case ast.Name(id=name) | ast.arg(arg=name) | ast.FunctionDef(name=name):
                yield name
            case ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                yield name
            case ast.alias(name=name, asname=other):
                yield other or name
            case _:
                pass


@pytest.mark.parametrize("name", ["patience", "observer", "state", "life", "rules"])
def test_a_timeout_may_have_any_name_that_people_do_not_see(name: str) -> None:
    spec = GOOD["drained"].read_text("utf-8").replace("drain_timeout", name)
    for shell in ("threads", "asyncio"):
        page = python_of(read_text(spec, PurePosixPath("drained.py")), shell)[PurePosixPath("lifecycle.py")]
        assert f"{name}: float | None = None" in page


def test_a_shell_that_is_made_for_another_spec_is_refused(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with (project / "pyproject.toml").open("a", encoding="utf-8") as table:
        table.write('shell = "winsock"\n')
    before = contents(project)
    assert main(["build"]) == 2
    error = capsys.readouterr().err
    assert "pyproject.toml:3: model/service.py: the shell `winsock` is made for another spec: of its core" in error
    assert "it needs `Linger`, `OpenSockets`, `Socket` and more" in error
    assert contents(project) == before


def test_without_a_place_to_try_a_package_none_is_written(
    project: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(project / "nowhere"))
    before = contents(project)
    assert main(["build"]) == 2
    assert "the package cannot be tried before it is written" in capsys.readouterr().err
    assert contents(project) == before


def test_a_module_beside_the_spec_is_not_lent_to_the_package(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing of the working folder is run while a package is tried."""
    monkeypatch.setenv("PYTHONPATH", str(project))
    for name in ("enum.py", "dataclasses.py", "typing.py", "service_provider.py"):
        (project / name).write_text("open('RUN', 'w')\n", encoding="utf-8")
    assert main(["build", "-q"]) == 0
    assert not list(project.rglob("RUN"))
