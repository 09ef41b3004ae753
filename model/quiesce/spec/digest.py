"""The digest of a model: equal for two specs that mean the same, however their texts look."""

from dataclasses import fields, is_dataclass
from enum import Enum
from hashlib import sha256

from quiesce.spec.model import Machine

TOLD_TO_PEOPLE = frozenset({"doc", "path"})
"""Fields of the model that no proof and no generated statement depends on."""


def model_digest(machine: Machine) -> str:
    """The SHA-256 of everything that a machine means, in hexadecimal digits.

    Comments, blank lines, docstrings, the layout of the text and the place of the file change nothing. Every name,
    type, value, guard, update, assumption, requirement and promise does, and so does their order.
    """
    found = sha256()
    waiting: list[object] = [machine]
    while waiting:  # without recursion, for expressions may be nested deeply
        head, inner = _digested_part(waiting.pop())
        found.update(f"{head}\n".encode())
        waiting += reversed(inner)
    return found.hexdigest()


def _digested_part(part: object) -> tuple[str, tuple[object, ...]]:
    """The own contents of a part with the number of the parts inside it, and the inner parts.

    Places in the text are left out.
    """
    match part:
        case Enum():
            return f"{part.__class__.__name__}.{part.name}", ()
        case bool() | int() | str() | None:
            return repr(part), ()
        case tuple():
            return f"tuple of {len(part)}", part
        case _ if is_dataclass(part):
            kept = [item.name for item in fields(part) if item.compare and item.name not in TOLD_TO_PEOPLE]
            return f"{part.__class__.__name__} of {len(kept)}", tuple(getattr(part, name) for name in kept)
        case _:
            raise TypeError(f"a model does not hold a {part.__class__.__name__}")
