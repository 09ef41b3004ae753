"""The folders are the architecture: imports point one way, and heavy libraries stay where they belong."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCES = {
    "quiesce.spec": ROOT / "model/quiesce/spec",
    "quiesce.prove": ROOT / "proofs/quiesce/prove",
    "quiesce.generate": ROOT / "codegen/quiesce/generate",
    "quiesce.console": ROOT / "codegen/quiesce/console",
}
MAY_IMPORT: dict[str, set[str]] = {
    "quiesce.spec": set(),
    "quiesce.prove": {"quiesce.spec"},
    "quiesce.generate": {"quiesce.spec", "quiesce.prove"},
    "quiesce.console": {"quiesce.spec", "quiesce.prove", "quiesce.generate"},
}
SOLVER_FREE = {"checked", "claims", "obligations", "results"}
"""The modules of prove that generation may use; `validation` alone also uses `equivalence`, which asks the solver."""


def python_files(folder: Path) -> list[Path]:
    return [path for path in sorted(folder.rglob("*.py")) if "shells" not in path.relative_to(folder).parts]


def imported(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module is not None:
            yield node.module


def breaches(package: str, folder: Path) -> list[str]:
    forbidden = [other for other in MAY_IMPORT if other not in MAY_IMPORT[package] | {package}]
    return [
        f"{path.name}: {name}"
        for path in python_files(folder)
        for name in imported(path)
        if any(name == other or name.startswith(f"{other}.") for other in [*forbidden, "quiesce.cli"])
    ]


def users_of(library: str) -> list[str]:
    return [
        path.name
        for folder in SOURCES.values()
        for path in python_files(folder)
        if any(name.split(".")[0] == library for name in imported(path))
    ]


@pytest.mark.parametrize("package", MAY_IMPORT)
def test_imports_point_one_way(package: str) -> None:
    assert python_files(SOURCES[package])
    assert breaches(package, SOURCES[package]) == []


def test_an_import_against_the_arrows_is_seen(tmp_path: Path) -> None:
    (tmp_path / "upwards.py").write_text("from quiesce.generate.pages import render\n", encoding="utf-8")
    assert breaches("quiesce.prove", tmp_path) == ["upwards.py: quiesce.generate.pages"]


def test_generation_uses_only_what_the_prover_found() -> None:
    used = {
        (path.name, name.split(".")[2])
        for path in python_files(SOURCES["quiesce.generate"])
        for name in imported(path)
        if name.startswith("quiesce.prove.")
    }
    assert {user for user in used if user[1] not in SOLVER_FREE} == {("validation.py", "equivalence")}


def test_each_heavy_library_has_one_door() -> None:
    assert users_of("z3") == ["solver.py"]
    assert users_of("jinja2") == ["rendering.py"]
    assert sorted(users_of("networkx")) == ["control.py", "trap.py"]


def test_generated_packages_need_only_the_standard_library() -> None:
    for package in sorted(path for path in (ROOT / "generated").iterdir() if path.is_dir()):
        files = sorted(package.rglob("*.py"))
        assert files
        foreign = {name.split(".")[0] for path in files for name in imported(path)} - {package.name}
        assert foreign <= sys.stdlib_module_names


def test_quiesce_is_a_namespace_whose_parts_are_typed() -> None:
    for part in ("model", "proofs", "codegen"):
        assert not (ROOT / part / "quiesce/__init__.py").exists()
    for folder in SOURCES.values():
        assert (folder / "py.typed").is_file()


def test_every_module_keeps_to_one_topic() -> None:
    lengths = {
        path: len(path.read_text(encoding="utf-8").splitlines())
        for folder in SOURCES.values()
        for path in sorted(folder.rglob("*.py"))
    }
    assert {path.name for path, length in lengths.items() if length > 400} <= {"model.py"}
