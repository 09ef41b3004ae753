"""From a spec to evidence, code, tests and pictures. Importing this file loads no solver and no template engine."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from quiesce.console.project import Project, Target
from quiesce.console.report_markdown import report_markdown
from quiesce.generate.files import FileState, Status, compare
from quiesce.generate.write import WouldOverwrite, write
from quiesce.prove.checked import CheckedMachine
from quiesce.prove.results import ControlGraph, Report
from quiesce.spec.model import Machine
from quiesce.spec.reader import read_file

Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Effort:
    """How hard the prover tries; None leaves a choice to it."""

    depth: int | None = None
    budget: int | None = None


def read(project: Project, path: Path) -> Machine:
    """The machine of a spec, shown under its path within the project.

    Raises:
        SpecError: the spec is not right.
    """
    return read_file(path, project.shown(path))


def prove(machine: Machine, effort: Effort, progress: Progress) -> Report:
    """Prove or refute everything about a machine."""
    from quiesce.prove.prover import Options, verify  # noqa: PLC0415 -- loads the solver

    defaults = Options()
    options = Options(
        budget=defaults.budget if effort.budget is None else effort.budget,
        depth=defaults.depth if effort.depth is None else effort.depth,
    )
    return verify(machine, options, progress)


def graph_of(machine: Machine) -> ControlGraph:
    """The control graph of a machine."""
    from quiesce.prove.control import control_graph  # noqa: PLC0415 -- loads the solver

    return control_graph(machine)


@dataclass(frozen=True, slots=True)
class Pages:
    """What a target consists of: files under `generated/` and files under `proofs/`."""

    generated: Mapping[PurePosixPath, str]
    proofs: Mapping[PurePosixPath, str]

    def folders(self, project: Project) -> tuple[tuple[Mapping[PurePosixPath, str], Path], ...]:
        """The pages with the folder that they belong into."""
        return (self.generated, project.generated), (self.proofs, project.proofs)

    def files(self, project: Project) -> list[Path]:
        """Every file, by its place on disk."""
        return [folder / path for pages, folder in self.folders(project) for path in pages]


class NotEqual(Exception):
    """Emitted code could not be proved equal to its model: a defect of the generator. `differences` names each."""

    def __init__(self, differences: tuple[str, ...]) -> None:
        super().__init__("; ".join(differences))
        self.differences = differences


def render_pages(project: Project, target: Target, checked: CheckedMachine) -> Pages:
    """All files of a target, as text; the core is proved equal to the model.

    Raises:
        NotEqual: it could not be.
    """
    from quiesce.generate.pages import render, render_folder  # noqa: PLC0415 -- loads the template engine
    from quiesce.generate.validation import validate  # noqa: PLC0415 -- loads the solver

    spec = project.path(target).read_text(encoding="utf-8-sig")
    generated = render(checked, graph_of(checked.machine), spec, target.package, target.shell)
    if found := validate(checked, spec, generated[PurePosixPath(target.package, "core.py")]):
        raise NotEqual(found)
    return Pages(
        generated,
        render_folder(checked.machine, spec, target.name, {PurePosixPath("REPORT.md"): report_markdown(checked)}),
    )


def compare_pages(project: Project, pages: Pages) -> tuple[tuple[Path, FileState], ...]:
    """The state of every file of a target, with the folder that its path is relative to."""
    return tuple((folder, state) for texts, folder in pages.folders(project) for state in compare(texts, folder))


def write_pages(project: Project, pages: Pages, *, force: bool) -> tuple[tuple[Path, FileState], ...]:
    """Write what is not up to date; returns what was found before.

    Raises:
        WouldOverwrite: somebody changed a file, and `force` is not given. Nothing is written then.
        OSError: a folder could not be written; its old files are in place.
    """
    found = [(folder, compare(texts, folder)) for texts, folder in pages.folders(project)]
    in_the_way = tuple(s for _, states in found for s in states if s.status in (Status.HAND_EDITED, Status.FOREIGN))
    if in_the_way and not force:
        raise WouldOverwrite(in_the_way)
    for texts, folder in pages.folders(project):
        write(texts, folder, force=force)
    return tuple((folder, state) for folder, states in found for state in states)
