"""The folders are the architecture: imports point one way, and heavy libraries stay where they belong."""

import ast
import subprocess
import sys
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCES = {
    "quiesce.text": ROOT / "model/quiesce/text",
    "quiesce.spec": ROOT / "model/quiesce/spec",
    "quiesce.recheck": ROOT / "proofs/quiesce/recheck",
    "quiesce.kernel": ROOT / "proofs/quiesce/kernel",
    "quiesce.workers": ROOT / "proofs/quiesce/workers",
    "quiesce.prove": ROOT / "proofs/quiesce/prove",
    "quiesce.cores": ROOT / "proofs/quiesce/cores",
    "quiesce.certify": ROOT / "proofs/quiesce/certify",
    "quiesce.mutate": ROOT / "proofs/quiesce/mutate",
    "quiesce.quoting": ROOT / "codegen/quiesce/quoting",
    "quiesce.draw": ROOT / "codegen/quiesce/draw",
    "quiesce.generate": ROOT / "codegen/quiesce/generate",
    "quiesce.replay": ROOT / "codegen/quiesce/replay",
    "quiesce.console": ROOT / "codegen/quiesce/console",
}
MAY_IMPORT: dict[str, set[str]] = {
    "quiesce.text": set(),
    "quiesce.spec": {"quiesce.text"},
    "quiesce.recheck": set(),
    "quiesce.workers": set(),
    "quiesce.kernel": {"quiesce.spec"},
    "quiesce.prove": {"quiesce.spec", "quiesce.kernel", "quiesce.workers"},
    "quiesce.cores": {"quiesce.spec", "quiesce.kernel", "quiesce.prove"},
    "quiesce.certify": {"quiesce.text", "quiesce.spec", "quiesce.kernel", "quiesce.prove", "quiesce.recheck"},
    "quiesce.mutate": {"quiesce.spec", "quiesce.kernel", "quiesce.prove", "quiesce.workers"},
    "quiesce.quoting": {"quiesce.text"},
    "quiesce.draw": {"quiesce.text", "quiesce.spec", "quiesce.kernel", "quiesce.prove", "quiesce.quoting"},
    "quiesce.generate": {"quiesce.text", "quiesce.spec", "quiesce.kernel", "quiesce.prove", "quiesce.draw"},
    "quiesce.replay": {"quiesce.spec", "quiesce.text"},
    "quiesce.console": {
        "quiesce.text",
        "quiesce.spec",
        "quiesce.recheck",
        "quiesce.kernel",
        "quiesce.prove",
        "quiesce.cores",
        "quiesce.certify",
        "quiesce.mutate",
        "quiesce.quoting",
        "quiesce.draw",
        "quiesce.generate",
        "quiesce.replay",
        "quiesce.workers",
    },
}
SOLVER_FREE = {"checked", "effort", "results"}
"""The modules of prove that generation may use; `validation` alone uses `equivalence`, which asks the solver, too."""

SOLVERS = {"z3", "cvc5"}
LONGEST = 400
"""Lines of a file that keeps to one topic."""
LONGEST_TEST = 550
"""Lines of a file of tests that keeps to one topic; the specs in it count as well."""


def python_files(folder: Path) -> list[Path]:
    """Every module, without the shells: those are pages that end up in generated packages."""
    return [path for path in sorted(folder.rglob("*.py")) if "shells" not in path.relative_to(folder).parts]


def imported(path: Path) -> tuple[str, ...]:
    """Every name that a file may load, wherever in the file; of `from a import b` that is `a.b`, and so `a` as well."""
    return _imported(path.read_text(encoding="utf-8"))


@cache  # several tests look at all files
def _imported(text: str) -> tuple[str, ...]:
    return tuple(_imports(ast.parse(text)))


def _imports(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        match node:
            case ast.Import(names):
                yield from (alias.name for alias in names)
            case ast.ImportFrom(module, names, 0) if module is not None:
                yield from (f"{module}.{alias.name}" for alias in names)
            case ast.ImportFrom():
                yield "a relative import"
            case _:
                pass


def lies_in(name: str, package: str) -> bool:
    return name == package or name.startswith(f"{package}.")


def breaches(package: str, folder: Path) -> list[str]:
    allowed = MAY_IMPORT[package] | {package}
    return [
        f"{path.name}: {name}"
        for path in python_files(folder)
        for name in imported(path)
        if name == "a relative import"
        or (name.startswith("quiesce.") and not any(lies_in(name, other) for other in allowed))
    ]


def users_of(library: str, folders: Iterable[Path]) -> list[str]:
    return sorted(
        path.name
        for folder in folders
        for path in python_files(folder)
        if any(lies_in(name, library) for name in imported(path))
    )


def foreign(package: Path) -> set[str]:
    """What a generated package needs besides what lies beside it and the standard library; its own name is foreign."""
    files = sorted(package.rglob("*.py"))
    assert files
    beside = {"a relative import"}
    return {name.split(".")[0] for path in files for name in imported(path)} - beside - sys.stdlib_module_names


def modules_used(folder: Path, package: str) -> dict[str, set[str]]:
    """Which modules of a package each file uses."""
    return {
        path.stem: {name.removeprefix(f"{package}.").split(".")[0] for name in imported(path) if lies_in(name, package)}
        for path in python_files(folder)
    }


def source(module: str) -> Path | None:
    """The file of a module of ours, if there is one."""
    package = next((package for package in SOURCES if lies_in(module, package)), None)
    if package is None:
        return None
    path = SOURCES[package].joinpath(*module.removeprefix(package).split(".")).with_suffix(".py")
    return path if path.is_file() else None


def reach(modules: set[str]) -> set[str]:
    """Every library that is loaded with these modules of ours."""
    seen: set[str] = set()
    libraries: set[str] = set()
    pending = set(modules)
    while pending:
        module = pending.pop()
        seen.add(module)
        path = source(module)
        names = set(imported(path)) if path is not None else set()
        ours = {name for name in (*names, *(name.rpartition(".")[0] for name in names)) if source(name) is not None}
        pending |= ours - seen
        libraries |= {name.split(".")[0] for name in names}
    return libraries


def long_files(folders: Iterable[Path], longest: int = LONGEST) -> dict[str, int]:
    """The files that are too long, by name; of several with one name, the longest."""
    paths = (path for folder in folders for path in folder.rglob("*.py"))
    lengths = sorted((len(path.read_bytes().splitlines()), path.name) for path in paths)
    return {name: length for length, name in lengths if length > longest}


@pytest.mark.parametrize("package", MAY_IMPORT)
def test_imports_point_one_way(package: str) -> None:
    assert python_files(SOURCES[package])
    assert breaches(package, SOURCES[package]) == []


@pytest.mark.parametrize(
    "line",
    [
        "from quiesce.generate.package import render",
        "from quiesce import generate",
        "import quiesce.generate.package as pages",
        "def f() -> None:\n    from quiesce.console.builds import stamps",
        "from quiesce.cli import main",
        "from . import results",
        "from .results import Report",
    ],
)
def test_an_import_against_the_arrows_is_seen(tmp_path: Path, line: str) -> None:
    (tmp_path / "upwards.py").write_text(f"{line}\n", encoding="utf-8")
    assert len(breaches("quiesce.prove", tmp_path)) == 1


def asking(folder: Path) -> set[tuple[str, str]]:
    """The files of generation that use more of the prover than what it found, each with what it uses."""
    used = modules_used(folder, "quiesce.prove")
    return {(user, module) for user, modules in used.items() for module in modules - SOLVER_FREE}


def test_generation_uses_only_what_the_prover_found() -> None:
    assert asking(SOURCES["quiesce.generate"]) == {("validation", "equivalence"), ("validation", "solving")}
    assert asking(SOURCES["quiesce.draw"]) == set()


def test_generation_that_asks_the_prover_is_seen(tmp_path: Path) -> None:
    (tmp_path / "core.py").write_text("from quiesce.prove.results import Report\n", encoding="utf-8")
    (tmp_path / "shell.py").write_text("from quiesce.prove import results, prover\n", encoding="utf-8")
    assert asking(tmp_path) == {("shell", "prover")}


def test_what_the_prover_found_can_be_read_without_a_solver() -> None:
    assert reach({f"quiesce.prove.{module}" for module in SOLVER_FREE}) & {*SOLVERS, "networkx"} == set()
    assert "z3" in reach({"quiesce.prove.equivalence.comparison"})


@pytest.mark.slow
def test_each_heavy_library_has_one_door() -> None:
    everything = list(SOURCES.values())
    assert users_of("z3", everything) == ["z3_solver.py"]
    assert users_of("jinja2", everything) == ["rendering.py"]
    assert users_of("networkx", everything) == ["graphs.py"]


def test_a_second_door_is_seen(tmp_path: Path) -> None:
    (tmp_path / "one.py").write_text("import z3\n", encoding="utf-8")
    (tmp_path / "two.py").write_text("def f() -> None:\n    from z3.z3util import get_vars\n", encoding="utf-8")
    (tmp_path / "three.py").write_text("import z3stub\n", encoding="utf-8")
    assert users_of("z3", [tmp_path]) == ["one.py", "two.py"]


def test_generated_packages_need_only_the_standard_library_and_what_they_stand_on() -> None:
    packages = sorted(path for path in (ROOT / "generated").iterdir() if (path / "MANIFEST.json").is_file())
    assert "winsock_provider" in [package.name for package in packages]
    assert {package.name: foreign(package) for package in packages if foreign(package)} == {
        "winsock_layered_provider": {"winsock_provider"},
        "winsock_provider": {"winsock_layered_provider"},  # one name, looked up when somebody asks for it
    }
    asks = "import sys, winsock_provider; print('winsock_layered_provider' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", asks], capture_output=True, encoding="utf-8", check=True)
    assert done.stdout == "False\n"


def test_a_generated_package_that_needs_more_is_seen(tmp_path: Path) -> None:
    text = f"import enum\nfrom . import x\nfrom quiesce.spec import Machine\nimport yaml\nimport {tmp_path.name}.core\n"
    (tmp_path / "core.py").write_text(text, encoding="utf-8")
    assert foreign(tmp_path) == {"quiesce", "yaml", tmp_path.name}


def packaging_faults(parts: Iterable[Path]) -> list[str]:
    """Namespaces that are packages, and packages that type checkers would not look into."""
    faults = []
    for part in parts:
        if (part / "__init__.py").exists():
            faults.append(f"{part.name} is no namespace")
        folders = [folder for folder in sorted(part.iterdir()) if any(folder.glob("*.py"))]
        faults += [f"{folder.name} is not typed" for folder in folders if not (folder / "py.typed").is_file()]
    return faults


def test_quiesce_is_a_namespace_whose_parts_are_typed() -> None:
    assert packaging_faults(ROOT / part / "quiesce" for part in ("model", "proofs", "codegen")) == []


def test_faults_of_packaging_are_seen(tmp_path: Path) -> None:
    (tmp_path / "quiesce/spec").mkdir(parents=True)
    (tmp_path / "quiesce/__init__.py").touch()
    (tmp_path / "quiesce/spec/model.py").touch()
    assert packaging_faults([tmp_path / "quiesce"]) == ["quiesce is no namespace", "spec is not typed"]


def test_every_module_keeps_to_one_topic() -> None:
    # The typed model is one closed set of records, and is read as one page.
    assert long_files(SOURCES.values()).keys() <= {"model.py"}


def test_every_file_of_tests_keeps_to_one_topic() -> None:
    assert long_files([ROOT / "tests"], LONGEST_TEST) == {}


def test_a_long_module_is_seen(tmp_path: Path) -> None:
    (tmp_path / "short.py").write_text("pass\n" * LONGEST, encoding="utf-8")
    (tmp_path / "long.py").write_text("pass\n" * (LONGEST + 1), encoding="utf-8")
    (tmp_path / "other").mkdir()
    (tmp_path / "other/long.py").write_text("pass\n", encoding="utf-8")
    assert long_files([tmp_path]) == {"long.py": LONGEST + 1}
