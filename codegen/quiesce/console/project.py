"""`[tool.quiesce]` of a project's pyproject.toml: which specs there are, and what is generated from each."""

import os
import re
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path, PurePosixPath, PureWindowsPath

from quiesce.console.package_names import why_not_importable

GENERIC = "generic"

NO_CODE = "none"
"""In place of a shell: the spec is proved, and no code is generated from it."""

GENERATED = PurePosixPath("generated")
"""The folder of packages if the project names no other one."""

PROOFS = "proofs"
"""The folder of evidence."""

_FOLDER_NAME = re.compile(r"\w([\w.\- ]*\w)?")
"""The names that the folder of a proof may have on every system."""


class ProjectError(Exception):
    """The project, or what was asked of it, is not usable; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
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
    def why_not_writable(self) -> str | None:
        """The reason why a target's files have no place of their own, or its package cannot be imported.

        None if all is well.
        """
        if Path(self.spec).is_absolute():
            return "the spec lies outside of the project, whose files cannot name it; go to its folder, or move it here"
        if not _FOLDER_NAME.fullmatch(self.name):
            return f"the folder of its proof cannot be called {self.name!r}; rename the spec"
        if not self.generates:
            return None
        if why := why_not_importable(self.package):
            return f"{why}; choose another with `package = ` in pyproject.toml, or rename the spec"
        if why := _why_not_into(self.to, self.folder):
            return f"to = {str(self.to)!r} {why}"
        return None


@dataclass(frozen=True, slots=True)
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

    def path(self, target: Target) -> Path:
        """Where the target's spec is."""
        return self.root / target.spec

    def target_for(self, given: str) -> Target:
        """The target of a spec named on the command line; one that the project does not list gets defaults."""
        path = Path(given)
        shown = self.shown(path)
        for target in self.targets:
            if target.spec == shown:
                return target
        return Target(shown, f"{path.stem}_provider", GENERIC)

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
    if one.name.casefold() == other.name.casefold():
        yield f"share the folder {PROOFS}/{other.name}; rename one of them"
    if not (one.generates and other.generates):
        return
    if one.package.casefold() == other.package.casefold():
        yield f"share the package {other.package}; choose another with `package = `"
    for inner, outer in ((one, other), (other, one)):
        if _casefolded(outer.folder) in _casefolded(inner.folder).parents:
            yield f"be built one inside the other: {inner.package} lies inside the package {outer.package}"


def _casefolded(path: PurePosixPath) -> PurePosixPath:
    return PurePosixPath(str(path).casefold())


def _why_not_into(to: PurePosixPath, folder: PurePosixPath) -> str | None:
    if to.is_absolute() or ".." in to.parts or PureWindowsPath(to).anchor or "\\" in str(to):
        return "is no folder inside the project, with `/` between its parts"
    if any(part.startswith(".") for part in to.parts):
        return "is a hidden folder"
    if folder.parts[0].casefold() == PROOFS:
        return f"would put the package among the proofs, under {PROOFS}/"
    return None


def find_project(start: Path) -> Project:
    """The project that `start` lies in: the nearest folder upwards whose pyproject.toml has `[tool.quiesce]`.

    Raises:
        ProjectError: a pyproject.toml on the way cannot be read, or its table is not as it should be.
    """
    for folder in (start, *start.parents):
        file = folder / "pyproject.toml"
        table = _table(file)
        if table is not None:
            return Project(folder, _targets(file, table))
    return Project(start, ())


def _table(file: Path) -> dict[str, object] | None:
    from quiesce.spec.files import read_bytes  # noqa: PLC0415 -- not needed for help and version

    try:
        content = tomllib.loads(read_bytes(file).decode())
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
        return None
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ProjectError(f"{file}: cannot be read: {error}") from error
    tool = content.get("tool")
    table = tool.get("quiesce") if isinstance(tool, dict) else None
    if table is None:
        return None
    if not isinstance(table, dict):
        raise ProjectError(f"{file}: tool.quiesce must be a table")
    return table


def _targets(file: Path, table: dict[str, object]) -> tuple[Target, ...]:
    if unknown := sorted(table.keys() - {"specs"}):
        raise ProjectError(f"{file}: tool.quiesce does not know {', '.join(unknown)}; it has `specs`")
    specs = table.get("specs", [])
    if not isinstance(specs, list):
        raise ProjectError(f"{file}: tool.quiesce.specs must be an array of tables")
    targets = tuple(_target(file, entry) for entry in specs)
    specs_named = [str(target.spec) for target in targets]
    if twice := sorted({name for name in specs_named if specs_named.count(name) > 1}):
        raise ProjectError(f"{file}: tool.quiesce.specs names the spec {', '.join(twice)} more than once")
    for target in targets:
        if why := target.why_not_writable:
            raise ProjectError(f"{file}: {target.spec}: {why}")
    try:
        refuse_shared_folders(targets)
    except ProjectError as error:
        raise ProjectError(f"{file}: {error}") from None
    return targets


def _target(file: Path, entry: object) -> Target:
    if not isinstance(entry, dict) or not all(isinstance(value, str) for value in entry.values()):
        raise ProjectError(f"{file}: each entry of tool.quiesce.specs must be a table of strings")
    if unknown := sorted(entry.keys() - {"spec", "package", "shell", "to"}):
        known = "`spec`, `package`, `shell`, `to`"
        raise ProjectError(f"{file}: an entry of tool.quiesce.specs has {known}, not {unknown[0]}")
    if "spec" not in entry:
        raise ProjectError(f"{file}: an entry of tool.quiesce.specs lacks `spec`")
    spec = PurePosixPath(entry["spec"])
    package = entry.get("package", f"{spec.stem}_provider")
    if spec.is_absolute() or ".." in spec.parts:
        raise ProjectError(f"{file}: the spec {spec} must lie inside the project")
    return Target(spec, package, entry.get("shell", GENERIC), PurePosixPath(entry.get("to", GENERATED)))
