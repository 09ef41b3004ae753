"""Good specs, and their broken twins: each is a good spec with the one change that `specs/broken.toml` names."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from quiesce.spec.model import Machine
from quiesce.spec.reader import read_file, read_text

from tests.machines import changed

ROOT = Path(__file__).parents[1]
SPECS = Path(__file__).parent / "specs"

GOOD = {path.stem: path for path in sorted((SPECS / "good").glob("*.py"))}
"""Specs of which everything is proved, by name."""


@dataclass(frozen=True, slots=True)
class Twin:
    """A good spec with a fault: the fields are the keys of `specs/broken.toml`, which explains them."""

    name: str
    fault: str
    good: str
    before: str
    after: str
    refuted: tuple[str, ...] = ()
    unproved: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not self.refuted and not self.unproved:
            raise ValueError(f"{self.name} names nothing that it breaks")
        if self.before == self.after:
            raise ValueError(f"{self.name} changes nothing: the text is replaced by itself")

    @property
    def text(self) -> str:
        """The text of the broken spec; ValueError if the change cannot be made."""
        return changed(GOOD[self.good].read_text(encoding="utf-8"), (self.before, self.after))


def twins(table: Mapping[str, Mapping[str, Any]]) -> dict[str, Twin]:
    """The twins of a table, by name and in the order of their names."""
    found = {}
    for name in sorted(table):
        keys: dict[str, Any] = {key: tuple(v) if isinstance(v, list) else v for key, v in table[name].items()}
        found[name] = Twin(name, **keys)
    return found


BROKEN = twins(tomllib.loads((SPECS / "broken.toml").read_text(encoding="utf-8")))


def machine_of(spec: Path | Twin) -> Machine:
    """The machine of a spec of this repository, or of a broken twin of one."""
    match spec:
        case Twin():
            return read_text(spec.text, PurePosixPath(f"{spec.name}.py"))
        case Path():
            return read_file(spec, PurePosixPath(spec.relative_to(ROOT).as_posix()))
