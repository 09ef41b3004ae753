"""Random small machines, as specs that the reader accepts."""

from dataclasses import dataclass, replace
from pathlib import PurePosixPath

from hypothesis import strategies as st
from quiesce.spec.model import (
    BoolType,
    EnumDecl,
    EnumType,
    FamilyDecl,
    IntType,
    Machine,
    MemberType,
    PolicyDecl,
    ScalarType,
    Value,
    VariableDecl,
)
from quiesce.spec.reader import read_text

from tests.differential.actions import actions
from tests.differential.bodies import NOWHERE
from tests.differential.expressions import Draw, chance, pick
from tests.differential.listing import listing
from tests.differential.promises import promises

PATH = PurePosixPath("random.py")

PHASE = EnumType("Phase", ("DOWN", "UP", "ENDING"))
MODE = EnumType("Mode", ("PLAIN", "STRICT", "ODD"))


@dataclass(frozen=True)
class Spec:
    """A machine, and the text from which it was read."""

    text: str
    machine: Machine

    def __repr__(self) -> str:
        return f"\n{self.text}"


@st.composite
def specs(draw: Draw) -> Spec:
    """Machines with one to three variables, at most one family and one policy, a few actions, and promises."""
    machine = machine_without_promises(draw)
    machine = replace(machine, promises=promises(draw, machine))
    text = listing(machine)
    return Spec(text, read_text(text, PATH))


def machine_without_promises(draw: Draw) -> Machine:
    """The declarations and the actions."""
    phase = replace(PHASE, values=PHASE.values[: draw(st.integers(2, 3))])
    family = _family(draw, phase)
    policy = PolicyDecl("MODES", MODE, MODE.values[: draw(st.integers(2, 3))], NOWHERE)
    policies = (policy,) if chance(draw, 20) else ()
    machine = Machine(
        "Random",
        "",
        PATH,
        (EnumDecl(phase, "", NOWHERE), *(EnumDecl(p.type, "", NOWHERE) for p in policies)),
        _declared(draw, ("a", "b", "c"), phase),
        policies,
        (family,) if chance(draw, 60) else (),
        (),
        (),
        (),
        NOWHERE,
    )
    return replace(machine, actions=actions(draw, machine))


def _family(draw: Draw, phase: EnumType) -> FamilyDecl:
    return FamilyDecl("parts", MemberType("Part"), _declared(draw, ("x", "y", "z"), phase), "", NOWHERE)


def _declared(draw: Draw, names: tuple[str, ...], phase: EnumType) -> tuple[VariableDecl, ...]:
    """One to three variables or fields."""
    return tuple(_variable(draw, name, phase) for name in names[: draw(st.integers(1, len(names)))])


def _variable(draw: Draw, name: str, phase: EnumType) -> VariableDecl:
    types: tuple[ScalarType, ...] = (
        BoolType(),
        phase,
        IntType(0),
        IntType(0, 2),
        phase,
        IntType(0),
        IntType(-1, 2),
        IntType(),
    )
    type_ = pick(draw, types)
    initial: Value
    match type_:
        case BoolType():
            initial = chance(draw, 25)
        case EnumType(_, values):
            initial = pick(draw, values) if chance(draw, 20) else values[0]
        case IntType():
            initial = 1 if chance(draw, 15) else 0
    return VariableDecl(name, type_, initial, chance(draw, 12), NOWHERE)
