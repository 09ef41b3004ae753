"""A spec in which strangers write lines of Python, and what they are told."""

from pathlib import PurePosixPath

import pytest
from quiesce.spec.diagnostics import SpecError
from quiesce.spec.reader import read_text

SPEC = """\
from enum import Enum, auto
from quiesce.spec import Family, Machine, Member, Nat, always, call, internal, policy

{module}class Phase(Enum):
    UP = auto()
    DOWN = auto()

class Item(Member):
    used: bool = False

class Service(Machine):
    users: Nat = 0
    ready: bool = False
    items: Family[Item]

{body}    @call("start")
    def start(self, i: Item) -> None:
{statement}        self.users += 1
        i.used = True

    @always
    def kept(self) -> bool:
        return {claim}
"""

GOOD = {"module": "", "body": "", "statement": "", "claim": "self.users >= 0"}


def spec(**parts: str) -> str:
    """The spec with other parts: lines of the module, of the machine's class, of the action, and the promise."""
    return SPEC.format(**{**GOOD, **{name: text.removeprefix("\n") for name, text in parts.items()}})


def refused(text: str) -> list[str]:
    with pytest.raises(SpecError) as caught:
        read_text(text, PurePosixPath("service.py"))
    return str(caught.value).split("\n")
