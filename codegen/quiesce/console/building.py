"""From a proof to evidence, code, tests and pictures. Importing this file loads no solver and no template engine."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from quiesce.console.project import Project, Target
from quiesce.generate.files import FileState, Status, compare
from quiesce.generate.write import WouldOverwrite, write
from quiesce.prove.checked import CheckedMachine
from quiesce.prove.effort import Effort
from quiesce.prove.results import ControlGraph
from quiesce.spec.digest import model_digest
from quiesce.spec.model import Machine

if TYPE_CHECKING:
    from quiesce.console.mutants_summary import Summary


def graph_of(machine: Machine, effort: Effort) -> ControlGraph:
    """The control graph of a machine."""
    from quiesce.prove.search.control_graph import control_graph  # noqa: PLC0415 -- loads the solver

    return control_graph(machine, effort)


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


class UnusableSurvey(Exception):
    """The file of a survey of mutants is not as `mutate --write` leaves it; the message says why and what to do."""


def render_pages(project: Project, target: Target, checked: CheckedMachine, effort: Effort) -> Pages:
    """All files of a target, as text; the core is proved equal to the model.

    Raises:
        NotEqual: it could not be.
        UnusableSurvey: the survey of mutants beside the proof cannot be read.
    """
    from quiesce.console.evidence import evidence_of  # noqa: PLC0415 -- loads the solver
    from quiesce.generate.pages import render_folder  # noqa: PLC0415 -- loads the template engine

    spec = project.path(target).read_text(encoding="utf-8-sig")
    generated = _package(target, checked, spec, effort) if target.generates else {}
    evidence = evidence_of(checked, generated, effort, _survey(project, target))
    digests = (model_digest(checked.machine), evidence.conditions)
    return Pages(generated, render_folder(checked.machine, target.name, evidence.pages, *digests))


def _survey(project: Project, target: Target) -> "Summary | None":
    """The survey of mutants that was last written, if there is one; a build takes no time to make one."""
    from quiesce.certify.entries import Malformed  # noqa: PLC0415 -- seldom needed
    from quiesce.console.mutants_summary import NAME, from_json  # noqa: PLC0415

    file = project.proofs / target.name / NAME
    try:
        return from_json(file.read_text(encoding="utf-8")) if file.is_file() else None
    except (OSError, UnicodeDecodeError, Malformed) as error:
        shown = project.shown(file)
        raise UnusableSurvey(f"{shown}: {error}; `quiesce mutate --write {target.spec}` makes it anew") from error


def _package(target: Target, checked: CheckedMachine, spec: str, effort: Effort) -> Mapping[PurePosixPath, str]:
    from quiesce.generate.pages import render  # noqa: PLC0415 -- loads the template engine
    from quiesce.generate.validation import validate  # noqa: PLC0415 -- loads the solver

    generated = render(checked, graph_of(checked.machine, effort), target.package, target.shell)
    if found := validate(checked, spec, generated[PurePosixPath(target.package, "core.py")], effort):
        raise NotEqual(found)
    return generated


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
