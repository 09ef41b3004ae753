"""`[tool.quiesce]` of a project's pyproject.toml: which specs there are, and what is generated from each."""

import os
import tomllib
from collections.abc import Iterator, Sequence
from itertools import combinations
from pathlib import Path, PurePosixPath

from quiesce.console.naming import alike, why_no_folder, why_no_spec, why_not_importable, why_not_shown
from quiesce.console.places import line_of
from quiesce.spec.record import record
from quiesce.text import digits

THREADS = "threads"
"""The shell of a package if the project names no other one."""

FOR_ANY_SPEC = (THREADS, "asyncio")
"""The shells that are generated; others are made by hand, each for one spec."""

NO_CODE = "none"
"""In place of a shell: the spec is proved, and no code is generated from it."""

GENERATED = PurePosixPath("generated")
"""The folder of packages if the project names no other one."""

PROJECT_FILE = "pyproject.toml"
"""The file that lists specs."""

PROOFS = "proofs"
"""The folder of evidence."""


_OUTSIDE = "it has to lie inside the project, whose files cannot name it otherwise; go to its folder, or move it here"


class ProjectError(Exception):
    """The project, or what was asked of it, is not usable; the message says why and what to do."""


@record
class Target:
    """One spec: its path as given in the project, and what is generated from it.

    `package` is a dotted name, as one imports it, and lies below the folder `to`.
    """

    spec: PurePosixPath
    package: str
    shell: str
    to: PurePosixPath = GENERATED

    @property
    def name(self) -> str:
        """The name of the spec's folder under `proofs/`."""
        return self.spec.stem

    @property
    def generates(self) -> bool:
        """Whether code is generated from the spec."""
        return self.shell != NO_CODE

    @property
    def folder(self) -> PurePosixPath:
        """The folder of the package."""
        return self.to.joinpath(*self.package.split("."))

    @property
    def why_not_writable(self) -> "Refusal | None":
        """The reason why a target's files have no place of their own, or its package cannot be imported.

        None if all is well.
        """
        if Path(self.spec).is_absolute():
            return Refusal("spec", _OUTSIDE)
        if why := why_no_spec(self.spec):
            return Refusal("spec", why)
        if not self.generates:
            return None
        if self.shell not in FOR_ANY_SPEC and self.shell not in (known := shells()):
            return Refusal("shell", f"no shell {self.shell!a}; there are {', '.join([*known, NO_CODE])}")
        if why := why_not_importable(self.package):
            return Refusal("package", f"{why}; choose another with `package = ` in pyproject.toml, or rename the spec")
        if why := _why_not_into(self.to, self.folder):
            return Refusal("to", f"to = {str(self.to)!a} {why}")
        return None

    @property
    def shown(self) -> str:
        """The path of the spec for a message about it, whatever is in it."""
        return ascii(str(self.spec)) if why_not_shown(self.spec) else str(self.spec)


@record
class Refusal:
    """The reason why a target is refused, and the key of its entry in pyproject.toml that says what is wrong."""

    key: str
    why: str


def shells() -> tuple[str, ...]:
    """The names of the shells that there are; a package that is written gets one of them."""
    folder = Path(__file__).parents[1] / "generate/shells"
    made = (path.name for path in folder.iterdir() if path.is_dir() and not path.name.startswith("_"))
    return (*FOR_ANY_SPEC, *sorted(made))


@record
class Project:
    """A folder with specs. Without a pyproject.toml it is the current folder and lists none."""

    root: Path
    targets: tuple[Target, ...]

    @property
    def proofs(self) -> Path:
        """The folder of evidence."""
        return self.root / PROOFS

    @property
    def stamps(self) -> Path:
        """The folder of notes on what this machine has built; never committed."""
        return self.root / ".quiesce"

    @property
    def cache(self) -> Path:
        """The folder of proofs that were found on this machine; never committed, and may be removed at any time."""
        return self.stamps / "cache"

    def refuse_linked_notes(self) -> None:
        """See that what is noted on this machine is noted in this project.

        Raises:
            ProjectError: a link, which may have come with the project, is in the place of a folder of notes.
        """
        for folder in (self.stamps, self.cache):
            if folder.is_symlink():
                raise ProjectError(
                    f"{folder.relative_to(self.root)}: a link is in the place of the folder of notes, and could lead "
                    "to files of somebody else; remove it"
                )

    def leads_out(self, folder: Path) -> bool:
        """Whether a folder in the project is none in truth, as a link on the way leads elsewhere."""
        return not Path(os.path.realpath(folder)).is_relative_to(os.path.realpath(self.root))

    def place(self, target: Target, key: str) -> str:
        """The place in pyproject.toml of what it says of a target, as the beginning of a message; empty if nowhere."""
        listed = target in self.targets
        return f"{_place(self.root / PROJECT_FILE, self.targets.index(target), key)}: " if listed else ""

    def path(self, target: Target) -> Path:
        """Where the target's spec is."""
        return self.root / target.spec

    def target_for(self, given: str) -> Target:
        """The target of a spec named on the command line; one that the project does not list gets defaults."""
        path = Path(given)
        shown = _on_one_line(self.shown(path))
        for target in self.targets:
            if target.spec == shown:
                return target
        return Target(shown, f"{path.stem}_provider", THREADS)

    def shown(self, path: Path) -> PurePosixPath:
        """A path as reports show it: relative to the project if it lies inside."""
        whole = Path(os.path.realpath(path))  # which `resolve` is, but for links in a circle
        return PurePosixPath((whole.relative_to(self.root) if whole.is_relative_to(self.root) else whole).as_posix())


def refuse_shared_folders(targets: Sequence[Target]) -> None:
    """See that no two specs write into one folder, on whatever file system.

    Raises:
        ProjectError: two do; the message names both.
    """
    for one, other in combinations(targets, 2):
        for conflict in _shared(one, other):
            raise ProjectError(f"{one.spec} and {other.spec} would {conflict}")


def _shared(one: Target, other: Target) -> Iterator[str]:
    if alike(one.name) == alike(other.name):
        yield f"share the folder {PROOFS}/{other.name}; rename one of them"
    if not (one.generates and other.generates):
        return
    if alike(one.package) == alike(other.package):
        yield f"share the package {other.package}; choose another with `package = `"
    for inner, outer in ((one, other), (other, one)):
        if PurePosixPath(alike(outer.folder)) in PurePosixPath(alike(inner.folder)).parents:
            yield f"be built one inside the other: {inner.package} lies inside the package {outer.package}"


def _why_not_into(to: PurePosixPath, folder: PurePosixPath) -> str | None:
    if why := why_no_folder(to):
        return why
    if alike(folder.parts[0]) == PROOFS:
        return f"would put the package among the proofs, under {PROOFS}/"
    return None


def find_project(start: Path) -> Project:
    """The project that `start` lies in: the nearest folder upwards whose pyproject.toml has `[tool.quiesce]`.

    Raises:
        ProjectError: a pyproject.toml on the way cannot be read, or its table is not as it should be.
    """
    for folder in (start, *start.parents):
        file = folder / PROJECT_FILE
        table = _table(file)
        if table is not None:
            return Project(folder, _targets(file, table))
    return Project(start, ())


def _table(file: Path) -> dict[str, object] | None:
    from quiesce.spec.files import read_bytes  # noqa: PLC0415 -- not needed for help and version

    try:
        with digits.at_most(digits.FEW):
            content = tomllib.loads(read_bytes(file).decode())
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
        return None
    except (OSError, ValueError) as error:  # no text, no TOML, or a number with too many digits
        raise ProjectError(f"{file}: cannot be read: {error}") from error
    except RecursionError:
        raise ProjectError(f"{file}: cannot be read: its values are nested too deeply") from None
    tool = content.get("tool")
    table = tool.get("quiesce") if isinstance(tool, dict) else None
    if table is None:
        return None
    if not isinstance(table, dict):
        raise ProjectError(f"{file}: tool.quiesce must be a table")
    return table


def _on_one_line(spec: PurePosixPath) -> PurePosixPath:
    """The path of a spec. One with an end of a line would make two lines of every message, the second of its own."""
    if "\n" in str(spec):
        raise ProjectError(f"{str(spec)!r}: no path of a spec has an end of a line in it; rename the file or folder")
    return spec


def _targets(file: Path, table: dict[str, object]) -> tuple[Target, ...]:
    if unknown := sorted(table.keys() - {"specs"}):
        raise ProjectError(f"{file}: tool.quiesce does not know {', '.join(unknown)}; it has `specs`")
    specs = table.get("specs", [])
    if not isinstance(specs, list):
        raise ProjectError(f"{file}: tool.quiesce.specs must be an array of tables")
    targets: list[Target] = []
    for number, entry in enumerate(specs):
        target = _target(file, entry, number)
        if any(target.spec == other.spec for other in targets):
            message = f"tool.quiesce.specs names the spec {target.shown} more than once"
            raise ProjectError(f"{_place(file, number, 'spec')}: {message}")
        if refusal := target.why_not_writable:
            raise ProjectError(f"{_place(file, number, refusal.key)}: {target.shown}: {refusal.why}")
        targets.append(target)
        try:
            for other in targets[:-1]:
                refuse_shared_folders((other, target))
        except ProjectError as error:
            raise ProjectError(f"{_place(file, number)}: {error}") from None
    return tuple(targets)


def _target(file: Path, entry: object, number: int) -> Target:
    if not isinstance(entry, dict) or not all(isinstance(value, str) for value in entry.values()):
        raise ProjectError(f"{_place(file, number)}: each entry of tool.quiesce.specs must be a table of strings")
    if unknown := sorted(entry.keys() - {"spec", "package", "shell", "to"}):
        message = f"an entry of tool.quiesce.specs has `spec`, `package`, `shell`, `to`, not {ascii(unknown[0])[1:-1]}"
        raise ProjectError(f"{_place(file, number, unknown[0])}: {message}")
    if "spec" not in entry:
        raise ProjectError(f"{_place(file, number)}: an entry of tool.quiesce.specs lacks `spec`")
    spec = PurePosixPath(entry["spec"])
    package = entry.get("package", f"{spec.stem}_provider")
    return Target(spec, package, entry.get("shell", THREADS), PurePosixPath(entry.get("to", GENERATED)))


def _place(file: Path, number: int, key: str | None = None) -> str:
    """The place of an entry, or of a key in it, for a message."""
    text = file.read_bytes().decode(errors="replace")
    line = line_of(text, number, key) or line_of(text, number)
    return f"{file}:{line}" if line else str(file)
