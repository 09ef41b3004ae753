"""Names put into every role of a wide spec, many at a time; what is refused is refused for itself, and at its place."""

import builtins
import dataclasses
import enum
import keyword
import random
import re
import sys
import threading
import typing
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import PurePosixPath
from typing import TypeAlias

from quiesce.generate.clashes import NameClash
from quiesce.generate.package import python_of
from quiesce.generate.python.names import snake_case
from quiesce.spec.diagnostics import SpecError
from quiesce.spec.reader import read_text

from tests.machines import text_of

TEXT = text_of("roles")
_ROLE = re.compile(r"\b[A-Za-z_]+1\b")
ROLES = tuple(dict.fromkeys(_ROLE.findall(TEXT)))
"""Every name of the spec, which is also the usual name in its role."""

SPEC = PurePosixPath("model/roles.py")

Pair: TypeAlias = tuple[str, str]
"""A role, and a name to be tried in it."""


@dataclass(frozen=True, slots=True)
class Complaint:
    """A refusal of a spec: its place in the text, counted from 1, and what is said."""

    line: int
    column: int
    message: str


Attempt: TypeAlias = Callable[[str], tuple[Complaint, ...]]
"""Makes a package of the text of a spec, or says what is wrong with it."""


def text_with(names: Mapping[str, str]) -> str:
    """The spec with other names in some roles."""
    return _ROLE.sub(lambda role: names.get(role[0], role[0]), TEXT)


def places(names: Mapping[str, str]) -> Iterator[tuple[int, int, str]]:
    """Where each role stands in the text with these names: line, column, role."""
    for number, line in enumerate(TEXT.split("\n"), 1):
        moved = 0
        for found in _ROLE.finditer(line):
            yield number, found.start() + 1 + moved, found[0]
            moved += len(names.get(found[0], found[0])) - len(found[0])


# --- what is tried ----------------------------------------------------------------------------------------------


@cache
def words() -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Every word of a rendered package, of Python and of the modules that packages use; and variants of all of them."""
    pages = python_of(read_text(TEXT, SPEC), "threads").values()
    own = {word for page in pages for word in re.findall(r"\b[A-Za-z_]\w*", page)}
    python = {*dir(builtins), *sys.stdlib_module_names, *keyword.softkwlist, *dir(object), *dir(type), *dir(int)}
    used = {name for module in (dataclasses, enum, enum.Enum, threading, typing) for name in dir(module)}
    runners = {"Test", "TestThing", "test", "tests", "test_start", "pytestmark", "pytest_plugins", "setup_module"}
    odd = {"l", "O", "I", "_", "x_", "X", "A1", "a02", "a2", "a10", "mro", "reveal_type", "ﬁ", "ª", "über", "日本"}
    long = {letter * length for letter in "aB" for length in (25, 40, 60, 80, 81, 300)}
    plain = {*own, *python, *used, *runners, *odd, *long}
    cased = {change(word) for word in plain for change in (str.lower, str.upper, str.title, str.swapcase)}
    prefixed = {before + word for word in plain for before in ("can_", "_retire_", "Test", "test_", "_", "__")}
    suffixed = {word + behind for word in plain for behind in ("Core", "Error", "_", "__", "2")}
    plain -= {*keyword.kwlist, *ROLES}
    return tuple(sorted(plain)), tuple(sorted({*cased, *prefixed, *suffixed} - plain - {*keyword.kwlist, *ROLES}))


def pairs(count: int, seed: int) -> list[Pair]:
    """Pairs to try, with each role in turn, half of them with variants. As no name may begin with `_`, few do."""
    rng = random.Random(seed)  # noqa: S311
    found = dict[Pair, None]()
    while len(found) < count:
        word = rng.choice(rng.choice(words()))
        if not word.startswith("_") or rng.random() < 0.1:
            found[ROLES[len(found) % len(ROLES)], word] = None
    return list(found)


# --- how it is tried --------------------------------------------------------------------------------------------


def rendered(text: str) -> tuple[Complaint, ...]:
    """What is wrong with a spec according to its reader, and to the pages of its package but for the tests."""
    try:
        python_of(read_text(text, SPEC), "threads")
    except SpecError as error:
        return tuple(Complaint(one.span.line, one.span.column, one.message) for one in error.diagnostics)
    except NameClash as error:
        return (Complaint(error.span.line, error.span.column, str(error)),)
    return ()


@dataclass
class Campaign:
    """Pairs and what became of them. Each is in the end in a package that was written, or refused even by itself."""

    pending: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    written: dict[Pair, int] = field(default_factory=dict)
    refused: dict[Pair, Complaint] = field(default_factory=dict)
    tried: int = 0

    @classmethod
    def of(cls, some: Iterable[Pair]) -> "Campaign":
        campaign = cls()
        for role, name in some:
            campaign.pending[role].append(name)
        return campaign

    def run(self, attempt: Callable[[int, str], tuple[Complaint, ...]]) -> None:
        """Try all pairs, as many at a time as there are roles; `attempt` is given the number of the spec and its text.

        Raises AssertionError if a refusal does not say by its place or in its words which name it is about.
        """
        while any(self.pending.values()):
            names = {role: waiting.pop() for role, waiting in self.pending.items() if waiting}
            self._settle(names, attempt)
            self.written |= dict.fromkeys(names.items(), self.tried)
            self.tried += 1

    def _settle(self, names: dict[str, str], attempt: Callable[[int, str], tuple[Complaint, ...]]) -> None:
        while complaints := attempt(self.tried, text_with(names)):
            for role in {role: None for complaint in complaints for role in blamed(names, complaint)}:
                name = names.pop(role)
                if alone := rendered(text_with({role: name})):
                    self.refused[role, name] = alone[0]
                else:  # it is the company that was refused
                    self.pending[role].insert(0, name)


def blamed(names: Mapping[str, str], complaint: Complaint) -> list[str]:
    """The roles whose names a complaint is about."""
    there = [(column, role) for line, column, role in places(names) if line == complaint.line and role in names]
    said = set(re.findall(r"\w+", complaint.message))
    named = [role for role, name in names.items() if {name, snake_case(name), name[:80]} & said]
    exact = [role for column, role in there if complaint.column in (column, column - 1)]  # behind a quote
    found = exact or [role for _, role in there if role in named] or named
    assert found, f"{complaint} does not tell which of {names} it is about"
    return found
