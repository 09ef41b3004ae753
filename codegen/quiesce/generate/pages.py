"""The pages of a generated package: pure, so that checking and writing are thin wrappers around it."""

from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath

from quiesce.generate import manifest
from quiesce.generate.clashes import refuse_clashes, refuse_reserved
from quiesce.generate.core import core_view
from quiesce.generate.diagrams import to_dot, to_mermaid, to_svg, to_table
from quiesce.generate.example_view import tests_view
from quiesce.generate.header import can_be_stamped, stamped
from quiesce.generate.rendering import render_template
from quiesce.generate.shell import shell_view
from quiesce.prove.checked import CheckedMachine
from quiesce.prove.results import ControlGraph
from quiesce.spec.model import Machine

GENERIC = "generic"
CORE = PurePosixPath("core.py")
TESTS = PurePosixPath("tests/test_core.py")
_SHELLS = Path(__file__).parent / "shells"
_TESTS = '"""Tests of the package that they lie in, wherever it is."""\n'


class UnknownShell(Exception):
    """There is no shell of that name; the message lists those there are."""


def render(
    checked: CheckedMachine, graph: ControlGraph, package: str, shell: str = GENERIC
) -> Mapping[PurePosixPath, str]:
    """The files of `package`, pictures included, under their paths in the folder from which it is imported.

    `package` is a dotted name; every import inside it is relative. The result depends on nothing but the arguments.

    Raises:
        NameClash: a name of the spec has another meaning in the generated code.
        UnknownShell: there is no such shell.
    """
    bodies = code(checked, graph, shell)
    tests = tests_of(checked.machine, bodies[CORE])
    return render_folder(checked.machine, package_folder(package), with_tests(bodies, tests))


def code(checked: CheckedMachine, graph: ControlGraph, shell: str) -> Mapping[PurePosixPath, str]:
    """All files of a package but for its tests, which take longer than all the others; without headers.

    Raises:
        NameClash: a name of the spec has another meaning in the generated code.
        UnknownShell: there is no such shell.
    """
    return {**dict(_bodies(checked.machine, shell)), **dict(_pictures(graph))}


def with_tests(bodies: Mapping[PurePosixPath, str], tests: str) -> Mapping[PurePosixPath, str]:
    """The files of a package with the tests of its core, which are a package, too."""
    return {**bodies, TESTS.parent / "__init__.py": _TESTS, TESTS: tests}


def tests_of(machine: Machine, core: str) -> str:
    """The tests of `core`, the text of a package's core module.

    Raises:
        Disagreement: the core does not do what the model says.
        NameClash: a name of the spec has another meaning in the tests.
    """
    return _page(machine, "test_core", tests=tests_view(machine, core))


def package_folder(package: str) -> PurePosixPath:
    """The folder of a package of this dotted name, in the folder from which it is imported."""
    return PurePosixPath(*package.split("."))


def render_machine(machine: Machine, package: str, shell: str) -> Mapping[PurePosixPath, str]:
    """The Python files of `package` for a machine of which nothing is known. For tests."""
    bodies = dict(_bodies(machine, shell))
    tests = tests_of(machine, bodies[CORE])
    return render_folder(machine, package_folder(package), with_tests(bodies, tests))


def render_folder(
    machine: Machine,
    folder: PurePosixPath,
    bodies: Mapping[PurePosixPath, str],
    model: str | None = None,
    certificate: str | None = None,
) -> Mapping[PurePosixPath, str]:
    """Files with their headers, and the manifest that owns them, under their paths with `folder` before them.

    `model` and `certificate` are digests for the manifest to keep.
    """
    pages = {
        path: stamped(path, bodies[path], machine.path) if can_be_stamped(path) else bodies[path]
        for path in sorted(bodies)
    }
    pages[PurePosixPath(manifest.NAME)] = manifest.to_json(
        manifest.manifest_of(pages, machine.path, model, certificate)
    )
    return {folder / path: text for path, text in pages.items()}


def _bodies(machine: Machine, shell: str) -> Iterator[tuple[PurePosixPath, str]]:
    refuse_reserved(machine)
    yield PurePosixPath("py.typed"), ""
    yield CORE, _page(machine, "core", core=core_view(machine))
    if shell == GENERIC:
        view = shell_view(machine)
        for module, template in (("__init__", "init"), ("hooks", "hooks"), ("provider", "provider")):
            yield PurePosixPath(f"{module}.py"), _page(machine, template, shell=view)
    else:
        yield from _verbatim(shell)


def _page(machine: Machine, template: str, **views: object) -> str:
    """A page of Python, in which every name stands for one thing."""
    name = f"{template}.py"
    page = render_template(f"{name}.jinja", **views)
    refuse_clashes(machine, name, page)
    return page


def _pictures(graph: ControlGraph) -> Iterator[tuple[PurePosixPath, str]]:
    yield PurePosixPath("graph.svg"), to_svg(graph)
    yield PurePosixPath("graph.dot"), to_dot(graph)
    yield PurePosixPath("graph.mmd"), to_mermaid(graph)
    yield PurePosixPath("graph.md"), to_table(graph)


def _verbatim(shell: str) -> Iterator[tuple[PurePosixPath, str]]:
    """The modules of a shell that does not depend on the model."""
    known = sorted(folder.name for folder in _SHELLS.iterdir() if folder.is_dir() and folder.name != "__pycache__")
    if shell not in known:
        raise UnknownShell(f"no shell {shell!r}; there is {', '.join([GENERIC, *known])}")
    for path in sorted((_SHELLS / shell).glob("*.py")):
        yield PurePosixPath(path.name), path.read_text(encoding="utf-8")
