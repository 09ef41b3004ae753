"""Random small machines, as the text of specs."""

from random import Random

from tests.differential.making.actions import Actions
from tests.differential.making.bodies import Bodies
from tests.differential.making.drafts import Draft, in_range
from tests.differential.making.expressions import Writer
from tests.differential.making.names import Pool
from tests.differential.making.places import Declared, Enumeration, FamilyOf, Number, Type
from tests.differential.making.promises import Promises


def machine(number: int, *, refused: frozenset[str] = frozenset(), traces_false: bool = True) -> str:
    """The machine of a number, always the same.

    It has one to three variables, up to three families, perhaps a policy, a few actions, and promises.
    Nothing has one of the `refused` names; only if it is asked for, a requirement is satisfied by what is false.
    """
    writer = Writer(Random(number))  # noqa: S311 -- no secrets
    names = Pool(writer.random, frozenset({"Random", "R1", "old"}) | refused)
    draft = _declarations(writer, names)
    draft = Actions(writer, Bodies(writer), names).all(draft)
    return Promises(writer, names, traces_false=traces_false).all(draft).text


def _declarations(writer: Writer, names: Pool) -> Draft:
    random = writer.random
    enums = [_enum(writer, names, "Phase")]
    policies: tuple[tuple[str, Enumeration], ...] = ()
    if writer.chance(15):
        mode = _enum(writer, names, "Mode")
        enums.append(mode)
        policies = ((names.fresh("MODES"), mode),)
    count = writer.pick((0, 0, 1, 1, 1, 1, 2, 2, 3))
    families = tuple(
        FamilyOf(
            names.fresh(f"{usual.lower()}s"),
            names.fresh(usual),
            _declared(writer, Pool(random, names.taken), "xyz", enums[0]),
        )
        for usual in ("Part", "Unit", "Item")[:count]
    )
    return Draft(tuple(enums), policies, families, _declared(writer, names, "abc", enums[0]))


def _enum(writer: Writer, names: Pool, usual: str) -> Enumeration:
    values = Pool(writer.random, frozenset({"name", "value", "mro"}))
    return Enumeration(
        names.fresh(usual), tuple(values.fresh(v) for v in ("DOWN", "UP", "ENDING")[: writer.random.randint(2, 3)])
    )


def _declared(writer: Writer, names: Pool, usual: str, phase: Enumeration) -> tuple[Declared, ...]:
    """One to three variables or fields."""
    return tuple(_variable(writer, names.fresh(name), phase) for name in usual[: writer.random.randint(1, 3)])


def _variable(writer: Writer, name: str, phase: Enumeration) -> Declared:
    types: tuple[Type, ...] = (
        True, True, phase, Number(0, None), Number(0, 2), phase, Number(0, None), Number(0, 2), Number(-1, 2),
        Number(None, None),
    )  # fmt: skip
    type_ = writer.pick(types)
    match type_:
        case bool():
            initial = str(writer.chance(25))
        case Enumeration(enum, values):
            initial = f"{enum}.{writer.pick(values) if writer.chance(20) else values[0]}"
        case Number():
            initial = "1" if writer.chance(15) and in_range(type_, 1) else "0"
    return Declared(name, type_, initial, writer.chance(12))
