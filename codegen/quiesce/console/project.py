"""`[tool.quiesce]` of a project's pyproject.toml: which specs there are, and what is generated from each."""

import tomllib
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

GENERIC = "generic"

NO_CODE = "none"
"""In place of a shell: the spec is proved, and no code is generated from it."""


class ProjectError(Exception):
    """The project, or what was asked of it, is not usable; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Target:
    """One spec: its path as given in the project, and the package and shell that are generated from it."""

    spec: PurePosixPath
    package: str
    shell: str

    @property
    def name(self) -> str:
        """The name of the spec's folder under `proofs/`."""
        return self.spec.stem

    @property
    def generates(self) -> bool:
        """Whether code is generated from the spec."""
        return self.shell != NO_CODE


@dataclass(frozen=True, slots=True)
class Project:
    """A folder with specs. Without a pyproject.toml it is the current folder and lists none."""

    root: Path
    targets: tuple[Target, ...]

    @property
    def generated(self) -> Path:
        """The folder of generated packages."""
        return self.root / "generated"

    @property
    def proofs(self) -> Path:
        """The folder of evidence."""
        return self.root / "proofs"

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
        whole = path.resolve()
        return PurePosixPath((whole.relative_to(self.root) if whole.is_relative_to(self.root) else whole).as_posix())


def find_project(start: Path) -> Project:
    """The project that `start` lies in: the nearest folder upwards whose pyproject.toml has `[tool.quiesce]`.

    Raises:
        ProjectError: a pyproject.toml on the way cannot be read, or its table is not as it should be.
    """
    for folder in (start, *start.parents):
        file = folder / "pyproject.toml"
        if file.is_file():
            table = _table(file)
            if table is not None:
                return Project(folder, _targets(file, table))
    return Project(start, ())


def _table(file: Path) -> dict[str, object] | None:
    try:
        content = tomllib.loads(file.read_text(encoding="utf-8"))
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
    for what, names in (("spec", [str(t.spec) for t in targets]), ("package", [t.package for t in targets])):
        if twice := sorted({name for name in names if names.count(name) > 1}):
            raise ProjectError(f"{file}: tool.quiesce.specs names the {what} {', '.join(twice)} more than once")
    return targets


def _target(file: Path, entry: object) -> Target:
    if not isinstance(entry, dict) or not all(isinstance(value, str) for value in entry.values()):
        raise ProjectError(f"{file}: each entry of tool.quiesce.specs must be a table of strings")
    if unknown := sorted(entry.keys() - {"spec", "package", "shell"}):
        raise ProjectError(f"{file}: an entry of tool.quiesce.specs has `spec`, `package`, `shell`, not {unknown[0]}")
    if "spec" not in entry:
        raise ProjectError(f"{file}: an entry of tool.quiesce.specs lacks `spec`")
    spec = PurePosixPath(entry["spec"])
    package = entry.get("package", f"{spec.stem}_provider")
    if spec.is_absolute() or ".." in spec.parts:
        raise ProjectError(f"{file}: the spec {spec} must lie inside the project")
    if not package.isidentifier():
        raise ProjectError(f"{file}: {package!r} is no name for a package")
    return Target(spec, package, entry.get("shell", GENERIC))
