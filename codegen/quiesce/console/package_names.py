"""The dotted names that a generated package, or a spec that others import, can have."""

import keyword
import sys
import unicodedata


def why_not_importable(name: str) -> str | None:
    """The reason why no module can have this dotted name, or why other modules would suffer; None if all is well."""
    for part in name.split("."):
        if not part.isidentifier():
            return f"{name!r} cannot be imported: {part!r} is no name in Python"
        if keyword.iskeyword(part):
            return f"{name!r} cannot be imported: `{part}` is a keyword of Python"
        if (read := unicodedata.normalize("NFKC", part)) != part:
            return f"{name!r} cannot be imported: Python reads it as `{read}`"
        if part.startswith("__") and part.endswith("__"):
            return f"{name!r} cannot be imported: `{part}` has a meaning of its own in Python"
    top = name.partition(".")[0]
    if top in sys.stdlib_module_names:
        return f"{name!r} would hide a module of Python's standard library, `{top}`"
    if top == "quiesce":
        return f"{name!r} would hide quiesce itself"
    return None
