"""The digest of a model changes with what a spec means, and with nothing else."""

from pathlib import Path, PurePosixPath

import pytest
from quiesce.mutate.operators import mutants
from quiesce.spec.digest import model_digest
from quiesce.spec.reader import read_file, read_text

from tests.by_day import at_night

ROOT = Path(__file__).parents[2]
LONG = {"winsock", "winsock_layered"}
"""Specs with hundreds of faults, each of which is digested."""

SPECS = sorted(path for path in (ROOT / "model").glob("*.py") if "(Machine" in path.read_text(encoding="utf-8"))

DOOR = '''
"""A door."""
from enum import Enum, auto
from quiesce.spec import (
    Answer, Machine, Nat, Requirement, always, assume, call, environment, policy, pristine, recoverable, when
)

R1 = Requirement("R1", "Doors close.", "the sign")

class Mode(Enum):
    """How."""
    CALM = auto()
    HASTY = auto()

HABIT = policy(Mode.CALM, Mode.HASTY)

class Door(Machine):
    """A door."""

    open: bool = False
    uses: Nat = 0

    @call("enter")
    def enter(self, haste: bool) -> None:
        """Somebody comes."""
        when(not self.open)
        assume(self.uses < 9, "the day ends")
        if haste:
            self.uses += 2
        else:
            self.uses += 1
        self.open = True

    @call("enter", fails="OPEN")
    def open_already(self) -> None:
        when(self.open)

    @environment(satisfies=R1)
    def falls_shut(self) -> None:
        when(self.open)
        self.open = False

    @always
    def used_before_open(self) -> bool:
        """Nobody opens it unused."""
        return not self.open or self.uses > 0
'''


def digest_of(text: str, path: str = "model/door.py") -> str:
    return model_digest(read_text(text, PurePosixPath(path)))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("\n    @", "\n\n    # a note\n\n    @"),
        ("\nclass ", "\n\n\n# a note\nclass "),
        ("        when(not self.open)\n", "\n        # why\n        when(not (self.open))  # so\n"),
        ("self.uses += 2\n", "self.uses = (\n                self.uses + 2\n            )\n"),
        ('"""A door."""', '"""Another door."""'),
        ('"""Somebody comes."""', '"""Somebody comes.\n\n        And goes.\n        """'),
        ('"""Nobody opens it unused."""', '"""Every opening is a use."""'),
        ('        """Somebody comes."""\n', ""),
    ],
)
def test_what_is_for_readers_of_the_text_changes_nothing(old: str, new: str) -> None:
    changed = DOOR.replace(old, new)
    assert changed != DOOR
    assert digest_of(changed) == digest_of(DOOR)


def test_the_place_of_the_file_changes_nothing() -> None:
    assert digest_of(DOOR, "elsewhere/gate.py") == digest_of(DOOR)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("uses: Nat", "uses: int"),
        ("uses: Nat = 0", "uses: Nat = 1"),
        ("open: bool = False", "open: Persistent[bool] = False"),
        ("policy(Mode.CALM, Mode.HASTY)", "policy(Mode.HASTY, Mode.CALM)"),
        ("self.uses < 9", "self.uses < 8"),
        ('"the day ends"', '"it is late"'),
        ('@call("enter")', '@call("go_in", "enter")'),
        ('fails="OPEN"', 'fails="BUSY"'),
        ("def open_already", "def is_open"),
        ("haste", "hurry"),
        ("haste: bool", "haste: Answer[bool]"),
        ("@environment", "@internal"),
        ("(satisfies=R1)", ""),
        ("self.uses += 2", "self.uses += 3"),
        ("            self.uses += 1\n", "            pass\n"),
        ("    @always\n", '    @always(expect="refuted")\n'),
        ("    @always\n", "    @always(satisfies=R1)\n"),
        ("used_before_open", "opened_by_use"),
        ("self.uses > 0", "self.uses >= 0"),
        ('"R1", "Doors close."', '"R1", "Doors open."'),
        ('"the sign"', '"the wall"'),
    ],
)
def test_what_a_spec_means_changes_it(old: str, new: str) -> None:
    text = DOOR.replace("Machine, Nat,", "Machine, Nat, Persistent, internal,")
    changed = text.replace(old, new)
    assert changed != text
    assert digest_of(changed) != digest_of(text)


@pytest.mark.parametrize(
    "path", [at_night(path) if path.stem in LONG else path for path in SPECS], ids=lambda path: path.stem
)
def test_no_fault_of_a_spec_leaves_it_as_it_is(path: Path) -> None:
    machine = read_file(path)
    known = model_digest(machine)
    assert [mutant.id for mutant in mutants(machine) if model_digest(mutant.machine) == known] == []


def test_all_specs_have_digests_of_their_own() -> None:
    assert len({model_digest(read_file(path)) for path in SPECS}) == len(SPECS)


def test_a_contract_is_a_part_of_what_its_users_mean(tmp_path: Path) -> None:
    for path in (ROOT / "model").glob("*.py"):
        (tmp_path / path.name).write_bytes(path.read_bytes())
    contract = tmp_path / "winsock_contract.py"
    text = contract.read_text(encoding="utf-8")
    for name in ("winsock_contract", "winsock_layered"):
        before = model_digest(read_file(tmp_path / f"{name}.py"))
        contract.write_text(f"{text}\n# a note\n", encoding="utf-8")
        assert model_digest(read_file(tmp_path / f"{name}.py")) == before
        contract.write_text(text.replace("WSAVERNOTSUPPORTED", "WSAEFAULT"), encoding="utf-8")
        assert model_digest(read_file(tmp_path / f"{name}.py")) != before
        contract.write_text(text, encoding="utf-8")
