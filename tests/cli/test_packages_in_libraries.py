"""Generated packages live where a library wants them, import only what lies beside them, and have names that import."""

import os
import re
import subprocess
import sys
from itertools import product
from pathlib import Path

import pytest
from quiesce.cli import main

from tests.by_day import at_night

NESTED = '[[tool.quiesce.specs]]\nspec = "model/service.py"\npackage = "mylib._lifecycle"\nto = "src"\n'
MODES = ["importlib", "prepend", "append"]
CORE = ("-k", "test_core")
"""All tests of a package are imported, and those of its core run: those of its shell take their time."""
USE = """
from mylib._lifecycle import ServiceLifecycle

class Service(ServiceLifecycle):
    def open(self): pass
    def close(self): pass

with (service := Service()).using():
    pass
print(service.snapshot().refs)
"""


def python(*arguments: str, cwd: Path, **environment: str) -> tuple[int, str]:
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=cwd,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1", **environment},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


@pytest.fixture
def library(project: Path) -> Path:
    """A library with a package of its own, in which a generated package is to live."""
    (project / "pyproject.toml").write_text(NESTED, encoding="utf-8")
    (project / "src/mylib").mkdir(parents=True)
    (project / "src/mylib/__init__.py").write_text("", encoding="utf-8")
    (project / "src/mylib/own.py").write_text("OWN = 1\n", encoding="utf-8")
    return project


@pytest.mark.slow
def test_a_package_is_built_inside_a_library(library: Path) -> None:
    assert main(["build", "-q"]) == 0
    assert not (library / "generated").exists()
    assert (library / "src/mylib/own.py").read_text(encoding="utf-8") == "OWN = 1\n"
    assert python("-c", USE, cwd=library, PYTHONPATH="src") == (0, "0\n")
    assert main(["build", "--check", "-q"]) == 0
    page = (library / "proofs/service/README.md").read_text(encoding="utf-8")
    assert "to the model's | `core.py` |" in page
    [tests] = [line for line in page.splitlines() if line.startswith("| not proved: tests, with expected values from ")]
    assert {"tests/__init__.py", "tests/test_core.py", "tests/test_shell.py"} <= set(tests.split("`"))


@pytest.mark.nightly
def test_a_hand_edit_inside_a_library_is_found(library: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["build", "-q"]) == 0
    with (library / "src/mylib/_lifecycle/core.py").open("a", encoding="utf-8", newline="\n") as core:
        core.write("# mine\n")
    assert main(["build", "--check", "-q"]) == 1
    assert "src/mylib/_lifecycle/core.py: hand-edited" in capsys.readouterr().err


@pytest.mark.slow
@pytest.mark.parametrize(
    ("mode", "place", "chosen"),
    [("importlib", ".", CORE), *(at_night(*case, ()) for case in product(MODES, [".", "src/mylib/_lifecycle/tests"]))],
)
def test_the_generated_tests_pass_in_every_import_mode(
    library: Path, mode: str, place: str, chosen: tuple[str, ...]
) -> None:
    """No path has to be set for them, and they test the package that they lie in."""
    assert main(["build", "-q"]) == 0
    command = ("-m", "pytest", "-q", "-p", "no:cacheprovider", f"--import-mode={mode}", *chosen, place)
    code, output = python(*command, cwd=library)
    assert code == 0, output
    assert " passed" in output
    core = library / "src/mylib/_lifecycle/core.py"
    core.write_text(core.read_text(encoding="utf-8").replace("self.refs += 1", "self.refs += 2"), encoding="utf-8")
    code, output = python(*command, cwd=library)
    assert code == 1, output


@pytest.mark.nightly
def test_a_package_works_under_another_name(built: Path) -> None:
    """Every import is relative, so a copy inside another package needs no change."""
    (built / "other").mkdir()
    (built / "generated/service_provider").rename(built / "other/lifecycle")
    (built / "generated").rmdir()
    assert python("-c", USE.replace("mylib._lifecycle", "other.lifecycle"), cwd=built) == (0, "0\n")
    code, output = python("-m", "pytest", "-q", "-p", "no:cacheprovider", "other", cwd=built)
    assert code == 0, output


IMPORTABLE = ["provider", "mylib._lifecycle", "a.b.c", "match", "type_", "überlauf"]
NOT_IMPORTABLE = [
    ("1st", "is no name in Python"),
    ("a-b", "is no name in Python"),
    ("", "is no name in Python"),
    ("a..b", "is no name in Python"),
    (".a", "is no name in Python"),
    ("a/b", "is no name in Python"),
    ("class", "is a keyword of Python"),
    ("None", "is a keyword of Python"),
    ("mylib.import", "is a keyword of Python"),
    ("__init__", "has a meaning of its own in Python"),
    ("mylib.__main__", "has a meaning of its own in Python"),
    ("ﬁle", "Python reads it as `file`"),
    ("threading", "would hide a module of Python's standard library"),
    ("enum.own", "would hide a module of Python's standard library"),
    ("quiesce", "would hide quiesce itself"),
    ("quiesce.mine", "would hide quiesce itself"),
]


@pytest.mark.parametrize("name", IMPORTABLE)
def test_a_name_that_can_be_imported_is_taken(project: Path, name: str) -> None:
    (project / "pyproject.toml").write_text(NESTED.replace("mylib._lifecycle", name), encoding="utf-8")
    assert main(["check", "-q"]) == 0


@pytest.mark.parametrize(("name", "why"), NOT_IMPORTABLE)
def test_a_package_that_cannot_be_imported_is_refused(
    project: Path, capsys: pytest.CaptureFixture[str], name: str, why: str
) -> None:
    (project / "pyproject.toml").write_text(NESTED.replace("mylib._lifecycle", name), encoding="utf-8")
    before = sorted(project.rglob("*"))
    assert main(["build"]) == 2
    error = capsys.readouterr().err
    assert re.search(r"pyproject\.toml:\d+: ", error)
    assert why in error
    assert len(error.splitlines()) == 1
    assert sorted(project.rglob("*")) == before


@pytest.mark.parametrize(
    "to", ["/src", "..", "src/../..", "C:/src", "src\\mylib", "proofs", ".", ".git", ".quiesce/x", "src/.hidden"]
)
def test_a_folder_outside_or_of_somebody_else_is_refused(
    project: Path, capsys: pytest.CaptureFixture[str], to: str
) -> None:
    package = "proofs" if to == "." else "mine"
    table = f"[[tool.quiesce.specs]]\nspec = 'model/service.py'\npackage = '{package}'\nto = '{to}'\n"
    (project / "pyproject.toml").write_text(table, encoding="utf-8")
    assert main(["build"]) == 2
    error = capsys.readouterr().err
    assert re.search(r"pyproject\.toml:\d+: ", error)
    assert "to = " in error
    assert not (project / "proofs").exists()


def test_a_package_beside_the_project_file_is_fine(project: Path) -> None:
    table = '[[tool.quiesce.specs]]\nspec = "model/service.py"\npackage = "lifecycle"\nto = "."\n'
    (project / "pyproject.toml").write_text(table, encoding="utf-8")
    assert main(["build", "-q"]) == 0
    assert (project / "lifecycle/core.py").is_file()


@pytest.mark.parametrize(
    ("one", "other", "what"),
    [
        (("a/x.py", "p"), ("b/x.py", "q"), "proofs/x"),
        (("a/x.py", "p"), ("b/X.py", "q"), "proofs/X"),
        (("a/x.py", "p"), ("a/y.py", "p"), "the package p"),
        (("a/x.py", "p"), ("a/y.py", "P"), "the package P"),
        (("a/x.py", "p"), ("a/y.py", "p.q"), "inside the package p"),
        (("a/x.py", "p.q"), ("a/y.py", "p"), "inside the package p"),
    ],
)
def test_two_specs_never_share_a_folder(
    project: Path, capsys: pytest.CaptureFixture[str], one: tuple[str, str], other: tuple[str, str], what: str
) -> None:
    tables = (f'[[tool.quiesce.specs]]\nspec = "{spec}"\npackage = "{package}"\n' for spec, package in (one, other))
    (project / "pyproject.toml").write_text("".join(tables), encoding="utf-8")
    assert main(["build"]) == 2
    error = capsys.readouterr().err
    assert re.search(r"pyproject\.toml:\d+: ", error)
    assert what in error


def test_two_specs_named_on_the_command_line_never_share_a_folder(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (project / "other").mkdir()
    (project / "other/service.py").write_bytes((project / "model/service.py").read_bytes())
    assert main(["build", "other/service.py"]) == 2
    assert "proofs/service" in capsys.readouterr().err
    assert not (project / "proofs").exists()
    assert main(["verify", "-q", "other/service.py", "model/service.py"]) == 0


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("1st", "is no name in Python"),
        ("my-service", "is no name in Python"),
        ("class", "is a keyword of Python"),
        ("None", "is a keyword of Python"),
        ("enum", "would hide a module of Python's standard library"),
        ("threading", "would hide a module of Python's standard library"),
        ("quiesce", "would hide quiesce itself"),
        ("__init__", "has a meaning of its own in Python"),
        ("..", "is no name in Python"),
    ],
)
def test_new_writes_no_spec_whose_name_cannot_be_imported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], name: str, why: str
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["new", f"model/{name}.py"]) == 2
    error = capsys.readouterr().err
    assert f"model/{name}.py" in error
    assert why in error
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["1st", "my-service", "...", "a.", "a b"])
def test_a_spec_whose_name_gives_no_package_is_proved_and_not_built(
    project: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    spec = project / f"{name}.py"
    spec.write_bytes((project / "model/service.py").read_bytes())
    before = sorted(project.rglob("*"))
    assert main(["check", "-q", f"{name}.py"]) == 0
    assert main(["build", f"{name}.py"]) == 2
    assert f"{name}.py: " in capsys.readouterr().err
    assert sorted(project.rglob("*")) == before


def test_a_spec_that_gives_no_package_can_be_given_one(project: Path) -> None:
    (project / "1st.py").write_bytes((project / "model/service.py").read_bytes())
    (project / "pyproject.toml").write_text(
        '[[tool.quiesce.specs]]\nspec = "1st.py"\npackage = "first"\n', encoding="utf-8"
    )
    assert main(["build", "-q"]) == 0
    assert (project / "generated/first/core.py").is_file()
