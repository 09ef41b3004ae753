"""From a proof to evidence, code, tests and pictures. Importing this file loads no solver and no template engine.

A package goes through two stages. Its code and pictures come first, and can be written as soon as the core is proved
equal to the model. Its tests and the evidence take most of the time of a build, and follow.
"""

import contextlib
import os
from collections.abc import Callable, Mapping
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, TypeAlias

from quiesce.console.project import PROOFS, Project, Target
from quiesce.generate.files.compare import Status, compare
from quiesce.generate.files.manifest import NAME as MANIFEST
from quiesce.generate.files.recovery import Site
from quiesce.generate.files.write import Found, Transaction
from quiesce.prove.checked import CheckedMachine
from quiesce.prove.effort import Effort
from quiesce.prove.results import ControlGraph
from quiesce.prove.solving.cache import NO_CACHE, Cache
from quiesce.spec.digest import model_digest
from quiesce.spec.model import Machine
from quiesce.spec.record import record

if TYPE_CHECKING:
    from quiesce.console.reports.json.mutants_summary import Summary

Tell = Callable[[str], None]
"""A function that is told the name of each stage as it begins."""


def graph_of(machine: Machine, effort: Effort, cache: Cache = NO_CACHE) -> ControlGraph:
    """The control graph of a machine. Proofs in `cache` are not repeated."""
    from quiesce.prove.search.control_graph import control_graph  # noqa: PLC0415 -- loads the solver

    return control_graph(machine, effort, cache)


Bodies: TypeAlias = Mapping[PurePosixPath, str]
"""Files of a package by their paths in it, without headers."""


@record
class Code:
    """The code and pictures of a package, proved equal to its model; without headers, and with them as it is written.

    Both are empty where nothing is generated from a spec.
    """

    bodies: Bodies
    pages: Mapping[PurePosixPath, str]


@record
class Pages:
    """The files of a target: some under the folder `to`, others under `proofs/`."""

    to: PurePosixPath
    generated: Mapping[PurePosixPath, str]
    proofs: Mapping[PurePosixPath, str]

    def folders(self, project: Project) -> tuple[tuple[Mapping[PurePosixPath, str], Path], ...]:
        """The pages with the folder in which they belong."""
        return (self.generated, project.root / self.to), (self.proofs, project.proofs)

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


def render_code(
    project: Project,
    target: Target,
    checked: CheckedMachine,
    python: Bodies,
    effort: Effort,
    tell: Tell,
    cache: Cache = NO_CACHE,
) -> Code:
    """The code and pictures of a target: the code was imported once, and the core is proved equal to the model.

    `python` is the code of this very machine, as it was rendered to look for clashes of names before the proof. Proofs
    in `cache` are not repeated.

    Raises:
        NotEqual: the core could not be proved equal.
        NotImportable: the package could not be imported.
        OSError: there is no place to try it.
    """
    if not target.generates:
        return Code({}, {})
    tell("code and pictures")
    from quiesce.generate.core.validation import validate  # noqa: PLC0415 -- loads the solver
    from quiesce.generate.package import (  # noqa: PLC0415 -- loads the template engine
        CORE,
        TESTS,
        package_folder,
        render_folder,
        with_pictures,
    )
    from quiesce.generate.trial import import_once  # noqa: PLC0415 -- starts a process

    spec, folder = _text(project, target), package_folder(target.package)
    bodies = with_pictures(python, graph_of(checked.machine, effort, cache))
    pages = render_folder(checked.machine, folder, bodies)
    tests = folder / TESTS.parent
    import_once({path: text for path, text in pages.items() if not path.is_relative_to(tests)})  # and later all at once
    tell("comparing the core with the model")
    if found := validate(checked, spec, pages[folder / CORE], effort, cache):
        raise NotEqual(found)
    return Code(bodies, pages)


def render_pages(
    target: Target,
    checked: CheckedMachine,
    effort: Effort,
    code: Code,
    survey: "Summary | None",
    jobs: int,
    tell: Tell,
) -> Pages:
    """All files of a target, as text: its code with tests, and the evidence. The text does not depend on `jobs`.

    Raises:
        Disagreement: the core does not do what the model says.
        NameClash: a name of the spec has another meaning in the tests.
        NotImportable: the package cannot be imported with its tests.
        OSError: there is no place to try it.
    """
    from quiesce.console.builds.evidence import evidence_of  # noqa: PLC0415 -- loads the solver
    from quiesce.console.builds.sharing import CoresWanted, ExamplesWanted, Task, all_done  # noqa: PLC0415 -- loads both
    from quiesce.cores.questions import questions_of  # noqa: PLC0415 -- loads the solver
    from quiesce.generate.package import (  # noqa: PLC0415 -- loads the template engine
        CORE,
        package_folder,
        render_folder,
        with_tests,
    )
    from quiesce.generate.trial import import_once  # noqa: PLC0415 -- starts a process

    tasks: list[Task] = [CoresWanted(question, effort) for question in questions_of(checked)]
    if target.generates:
        tasks.append(ExamplesWanted(checked.machine, code.bodies[CORE]))
    results = all_done(tasks, jobs, tell, effort.timeout)
    tell("evidence")
    generated: Mapping[PurePosixPath, str] = {}
    for tests in (result for result in results if isinstance(result, str)):
        generated = render_folder(checked.machine, package_folder(target.package), with_tests(code.bodies, tests))
        import_once(generated)
    cores = [result for result in results if not isinstance(result, str)]
    evidence = evidence_of(checked, generated, cores, survey)
    digests = (model_digest(checked.machine), evidence.conditions)
    proofs = render_folder(checked.machine, PurePosixPath(target.name), evidence.pages, *digests)
    return Pages(target.to, generated, proofs)


def survey_of(project: Project, target: Target) -> "Summary | None":
    """The survey of mutants that was last written, if there is one; a build takes no time to make one.

    Raises:
        UnusableSurvey: it cannot be read.
    """
    from quiesce.certify.entries import Malformed  # noqa: PLC0415 -- seldom needed
    from quiesce.console.reports.json.mutants_summary import NAME, from_json  # noqa: PLC0415

    file = project.proofs / target.name / NAME
    try:
        return from_json(file.read_text(encoding="utf-8")) if file.is_file() else None
    except (OSError, UnicodeDecodeError, Malformed) as error:
        shown = project.shown(file)
        raise UnusableSurvey(f"{shown}: {error}; `quiesce mutate --write {target.spec}` makes it anew") from error


def _text(project: Project, target: Target) -> str:
    return project.path(target).read_text(encoding="utf-8-sig")


def difference_on_disk(project: Project, target: Target, checked: CheckedMachine, effort: Effort) -> str | None:
    """The difference between the core on disk and the model; None if they are proved equal.

    Raises:
        OSError: it cannot be read.
        UnicodeDecodeError: it is no text.
    """
    from quiesce.generate.core.validation import validate  # noqa: PLC0415 -- loads the solver

    core = (project.root / target.folder / "core.py").read_text(encoding="utf-8")
    found = validate(checked, project.path(target).read_text(encoding="utf-8-sig"), core, effort)
    return found[0] if found else None


def compare_pages(project: Project, pages: Pages) -> Found:
    """The state of every file of a target, with the folder that its path is relative to.

    Raises:
        OSError: a file cannot be read.
    """
    return tuple((folder, state) for texts, folder in pages.folders(project) for state in compare(texts, folder))


def transaction(project: Project, target: Target, tell: Tell) -> Transaction:
    """A transaction for the code and the evidence of a target; `tell` hears of a process that it waits for."""
    from quiesce.prove.solving.stores import make_ignored  # noqa: PLC0415 -- not needed where nothing is to be done

    with contextlib.suppress(OSError):  # it matters only if something has to be written
        make_ignored(project.stamps)
    return Transaction(_site(project, target), tell=tell)


def is_half_written(project: Project, target: Target) -> bool:
    """Whether a build of the target is writing now, or was killed while it did, as far as one can see."""
    try:
        return _site(project, target).is_interrupted
    except OSError:
        return False


def _site(project: Project, target: Target) -> Site:
    proof = PurePosixPath(PROOFS, target.name)
    folders = (target.folder, proof) if target.generates else (proof,)
    notes = project.stamps.relative_to(project.root) / "writing" / target.name
    return Site(project.root, folders, PurePosixPath(notes.as_posix()), _seal_of_journals)


def _seal_of_journals(text: str) -> str:
    """The seal of this user; where users cannot be told apart, one that no other process knows."""
    from quiesce.prove.solving.seal import NoSeal, users_seal  # noqa: PLC0415 -- a check needs none

    try:
        return users_seal().of(text)
    except NoSeal:
        return os.urandom(32).hex()


def write_code(project: Project, target: Target, code: Code, tree: Transaction, *, force: bool) -> Found:
    """Write code and pictures that have changed, before tests and evidence are there; returns what was found of them.

    Until these follow, the package has no tests. If a person changed any file of the target, nothing is written: what
    becomes of it is decided when all pages are known (`write_pages`).

    Raises:
        Busy: another process writes these files.
        HalfWritten: what a killed build has left could not be put back.
        OSError: the folder could not be written.
    """
    folder = project.root / target.to

    def changed(found: Found) -> Found:
        pages = ((place, state) for place, state in found if state.path in code.pages and state.path.name != MANIFEST)
        return tuple((place, state) for place, state in pages if state.status is not Status.UP_TO_DATE)

    def worth(found: Found) -> bool:
        return bool(changed(found)) and (force or not _is_touched(project, target, found))

    found = tree.write([(code.pages, folder)], force=force, worth=worth)
    return changed(found) if tree.has_written else ()


def _is_touched(project: Project, target: Target, found: Found) -> bool:
    """Whether a person has changed a file of the package or of the proof, as far as their manifests know these."""
    touched = (Status.HAND_EDITED, Status.FOREIGN, Status.EDITED_ORPHAN)
    proofs = compare({PurePosixPath(target.name, MANIFEST): ""}, project.proofs)
    return any(state.status in touched for state in (*(state for _, state in found), *proofs))


def write_pages(project: Project, pages: Pages, tree: Transaction, *, force: bool) -> Found:
    """Write what is not up to date; returns what was found before.

    Raises:
        Busy: another process writes these files.
        HalfWritten: what a killed build has left could not be put back.
        OSError: a folder could not be written.
        WouldOverwrite: somebody changed a file, and `force` is not given.
    """
    return tree.write(pages.folders(project), force=force)
