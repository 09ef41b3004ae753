"""The pages of a generated package: pure, so that checking and writing are thin wrappers around it."""

from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath

from quiesce.generate import manifest
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


class UnknownShell(Exception):
    """There is no shell of that name; the message lists those there are."""


def render(
    checked: CheckedMachine, graph: ControlGraph, package: str, shell: str = GENERIC
) -> Mapping[PurePosixPath, str]:
    """The files of `package`, pictures included, under their paths in the folder that holds the generated packages.

    The result depends on nothing but the arguments.

    Raises:
        NameClash: two things of the spec would get one name.
        UnknownShell: there is no such shell.
    """
    bodies = code(checked, graph, package, shell)
    tests = tests_of(checked.machine, package, bodies[CORE])
    return render_folder(checked.machine, package, {**bodies, TESTS: tests})


def code(checked: CheckedMachine, graph: ControlGraph, package: str, shell: str) -> Mapping[PurePosixPath, str]:
    """All files of `package` but for its tests, which take longer than all the others; without headers.

    Raises:
        NameClash: two things of the spec would get one name.
        UnknownShell: there is no such shell.
    """
    return {**dict(_bodies(checked.machine, package, shell)), **dict(_pictures(graph))}


def tests_of(machine: Machine, package: str, core: str) -> str:
    """The tests of `core`, the text of the package's core module.

    Raises:
        Disagreement: the core does not do what the model says.
    """
    return render_template("test_core.py.jinja", tests=tests_view(machine, package, core))


def render_machine(machine: Machine, package: str, shell: str) -> Mapping[PurePosixPath, str]:
    """The Python files of `package` for a machine of which nothing is known. For tests."""
    bodies = dict(_bodies(machine, package, shell))
    return render_folder(machine, package, {**bodies, TESTS: tests_of(machine, package, bodies[CORE])})


def render_folder(
    machine: Machine,
    package: str,
    bodies: Mapping[PurePosixPath, str],
    model: str | None = None,
    certificate: str | None = None,
) -> Mapping[PurePosixPath, str]:
    """Files with their headers, and the manifest that owns them, under their paths in the folder above `package`.

    `model` and `certificate` are digests for the manifest to keep.
    """
    pages = {
        path: stamped(path, bodies[path], machine.path) if can_be_stamped(path) else bodies[path]
        for path in sorted(bodies)
    }
    pages[PurePosixPath(manifest.NAME)] = manifest.to_json(
        manifest.manifest_of(pages, machine.path, model, certificate)
    )
    return {package / path: text for path, text in pages.items()}


def _bodies(machine: Machine, package: str, shell: str) -> Iterator[tuple[PurePosixPath, str]]:
    yield PurePosixPath("py.typed"), ""
    yield CORE, render_template("core.py.jinja", core=core_view(machine))
    if shell == GENERIC:
        view = shell_view(machine, package)
        for module, template in (("__init__", "init"), ("hooks", "hooks"), ("provider", "provider")):
            yield PurePosixPath(f"{module}.py"), render_template(f"{template}.py.jinja", shell=view)
    else:
        yield from _verbatim(shell)


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
