"""A name has room in messages, pictures and generated code, or is refused at its place."""

import re
from pathlib import PurePosixPath

import pytest
from quiesce.spec.diagnostics import SpecError
from quiesce.spec.reader import read_text

SPEC = """from enum import Enum, auto
from quiesce.spec import Family, Machine, Member, call, when

class Phase(Enum):
    UP = auto()

class Thing(Member):
    used: bool = False

class Service(Machine):
    phase: Phase = Phase.UP
    things: Family[Thing]

    @call("go", fails="USED")
    def refused(self, thing: Thing) -> None:
        when(thing.used)

    @call("go")
    def went(self, thing: Thing) -> None:
        when(not thing.used)
        thing.used = all(other.used for other in self.things)
"""
PLACES = {
    "Phase": (4, 7),
    "UP": (5, 5),
    "Thing": (7, 7),
    "used": (8, 5),
    "Service": (10, 7),
    "things": (12, 5),
    '"go"': (14, 11),
    '"USED"': (14, 23),
    "refused": (15, 9),
    "other": (21, 117),
}


@pytest.mark.parametrize("name", PLACES)
def test_a_name_may_be_long_and_not_too_long(name: str) -> None:
    quote = '"' if name.startswith('"') else ""
    for length in (80, 81):
        text = re.sub(rf"(?<!\w){name}(?!\w)", f"{quote}{'n' * length}{quote}", SPEC)
        if length == 80:
            read_text(text, PurePosixPath("spec.py"))
            continue
        with pytest.raises(SpecError) as refusal:
            read_text(text, PurePosixPath("spec.py"))
        first = refusal.value.diagnostics[0]
        assert (first.code, first.span.line, first.span.column) == ("Q015", *PLACES[name])
        assert first.message.endswith("is too long: a name has 80 letters at most")
