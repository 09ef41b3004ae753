"""The border for names of specs, packages and folders: what may be one on every system, and what would be another.

People, programs and systems read such a name: it stands in messages, comments and pages, is imported by Python, and is
the name of a file where a project is checked out, be that on Linux, macOS or Windows. Each function tells why a name
cannot do one of these, as the end of a sentence, or None.
"""

import keyword
import re
import sys
import unicodedata
from pathlib import Path, PurePath, PurePosixPath, PureWindowsPath

_FORBIDDEN = '<>:"|?*\\'
"""Characters that no file of Windows has in its name, besides `/`, which none has anywhere."""

_DEVICES = frozenset(
    {"con", "prn", "aux", "nul", "conin$", "conout$"}
    | {f"{port}{number}" for port in ("com", "lpt") for number in "0123456789¹²³"}
)
"""Names that mean a device of Windows, in every folder and with every suffix."""

_LONGEST = 200
"""Bytes of a part of a path. Systems have room for 255, and what is written beside a file has a longer name."""

_MOST_PARTS = 10
"""Parts of a dotted name. With each folder that is no package of its own Python takes twice as long to import it."""

_FOLDER = re.compile(r"\w([\w.\- ]*\w)?")
"""The names that the folder of a proof may have."""


def why_not_shown(path: PurePath) -> str | None:
    """The reason why a path cannot stand in a message, a comment or a page as it is."""
    odd = next((char for char in str(path) if not char.isprintable()), None)
    if odd is None:
        return None
    name = unicodedata.name(odd, f"U+{ord(odd):04X}")
    return f"the path {str(path)!a} has a character in it that cannot be shown, {name}; rename the file or folder"


def why_not_portable(path: PurePath) -> str | None:
    """The reason why a path inside a project cannot be that of a file on every system."""
    if why := why_not_shown(path):
        return why
    return next((f"{part!r} {why}" for part in path.parts if (why := _why_no_file(part))), None)


def _why_no_file(part: str) -> str | None:
    if odd := next((char for char in part if char in _FORBIDDEN), None):
        return f"has `{odd}` in it, which no file of Windows can have"
    if part != part.strip() or part.endswith("."):
        return "begins or ends with a blank or ends with a dot, which Windows takes away"
    if part.partition(".")[0].strip().casefold() in _DEVICES:
        return "is a device on Windows"
    if not unicodedata.is_normalized("NFC", part):
        return "is spelled with characters that macOS would compose"
    if len(part.encode()) > _LONGEST:
        return f"has more than {_LONGEST} bytes"
    return None


def why_no_spec(path: PurePosixPath) -> str | None:
    """The reason why a project cannot list a spec by this path, or write what follows from it."""
    if path.is_absolute() or ".." in path.parts or PureWindowsPath(path).anchor or "\\" in str(path):
        return "it has to lie inside the project, with `/` between the parts of its path"
    if why := why_not_portable(path):
        return why
    if not _FOLDER.fullmatch(path.stem):
        return f"the folder of its proof cannot be called {path.stem!r}; rename the spec"
    return None


def why_no_folder(path: PurePosixPath) -> str | None:
    """The reason why packages cannot be written into a folder of this path in the project."""
    if path.is_absolute() or ".." in path.parts or PureWindowsPath(path).anchor or "\\" in str(path):
        return "is no folder inside the project, with `/` between its parts"
    if any(part.startswith(".") for part in path.parts):
        return "is a hidden folder"
    if why := why_not_portable(path):
        return f"cannot be a folder on every system: {why}"
    return None


def why_not_importable(name: str) -> str | None:
    """The reason why no module can have this dotted name on every system, or why other modules would suffer."""
    if name.count(".") >= _MOST_PARTS:
        return f"{name!a} cannot be imported in a moment: it has more than {_MOST_PARTS} parts"
    for part in name.split("."):
        if not part.isidentifier():
            return f"{name!a} cannot be imported: {part!a} is no name in Python"
        if keyword.iskeyword(part):
            return f"{name!r} cannot be imported: `{part}` is a keyword of Python"
        if (read := unicodedata.normalize("NFKC", part)) != part:
            return f"{name!a} cannot be imported: Python reads it as `{read}`"
        if part.startswith("__") and part.endswith("__"):
            return f"{name!r} cannot be imported: `{part}` has a meaning of its own in Python"
        if why := _why_no_file(part):
            return f"{name!r} cannot be imported on every system: {part!r} {why}"
    top = name.partition(".")[0]
    if top in sys.stdlib_module_names:
        return f"{name!r} would hide a module of Python's standard library, `{top}`"
    if top == "quiesce":
        return f"{name!r} would hide quiesce itself"
    return None


def alike(path: PurePath | str) -> str:
    """The same for all names that some file system takes for one: capitals, and how characters are composed."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFD", str(path)).casefold())


def taken_by(path: Path) -> Path | None:
    """The file beside a new one whose name some file system takes for the same; None if there is none."""
    if not path.parent.is_dir():
        return None
    others = (other for other in sorted(path.parent.iterdir()) if other.name != path.name)
    return next((other for other in others if alike(other.name) == alike(path.name)), None)
