"""No name of a spec is taken for a word of the comparison of core and model, and none gets in its way."""

import pytest
from quiesce.generate.core.validation import compare
from quiesce.prove.effort import Effort

from tests.by_day import by_day
from tests.generate.cores import core_of, machine_of, spec_of
from tests.machines import changed

SPEC = spec_of(
    """
    class Phase(Enum):
        UP = auto()
        DOWN = auto()

    class Thing(Member):
        used: bool = False

    FIRST = 1

    class Service(Machine):
        phase: Phase = Phase.UP
        turns: Annotated[int, Range(0, 2)] = 0
        things: Family[Thing]

        @internal
        def tick(self) -> None:
            when(self.turns == 2)
            when(all(not b.used for b in self.things))
            self.turns = FIRST - 1
            self.phase = Phase.DOWN

        @call("use")
        def taken(self, thing: Thing, number: Annotated[int, Range(0, 2)]) -> None:
            when(not thing.used)
            thing.used = True
            self.turns = number

        @call("use", fails="USED")
        def refused(self, thing: Thing, number: Annotated[int, Range(0, 2)]) -> None:
            when(thing.used)

        @call("wait", blocks=True, fair=[tick])
        def waited(self) -> None:
            when(self.turns == 2)

        @call("wait")
        def went(self) -> None:
            when(self.turns < 2)
    """
)


def generated(spec: str) -> str:
    return core_of(machine_of(spec))


def differences(spec: str, core: str) -> tuple[str, ...]:
    """The differences of a core from the model, of which nothing else is asked."""
    return compare(machine_of(spec), (), spec, core, Effort())


@pytest.mark.parametrize("name", by_day(["ValueError", "Blocked", "NotEnabled", "true", "refused", "Refused"], 2))
@pytest.mark.parametrize("role", ["taken", "went", "waited", "tick", '"USED"'])
def test_names_may_be_words_of_the_comparison(role: str, name: str) -> None:
    spec = SPEC.replace("def refused", "def turned_away").replace(role, f'"{name}"' if '"' in role else name)
    assert differences(spec, generated(spec)) == ()


@pytest.mark.parametrize(
    ("role", "name"),
    [
        ("turns", "section_0"),
        ("Phase", "section_1"),
        ("FIRST", "section_2"),
        ("Phase", "b_"),
        ("FIRST", "b_"),
        ("Thing", "each_1"),
        ("number", "each_1"),
        ("b", "b" * 80),
        ("Phase", "known_member"),
        ("Thing", "known_member"),
        ("used", "known_member"),
    ],
)
def test_names_may_be_those_that_the_comparison_would_choose(role: str, name: str) -> None:
    spec = SPEC.replace("b.used for b in", f"{name}.used for {name} in") if role == "b" else SPEC.replace(role, name)
    assert differences(spec, generated(spec)) == ()


@pytest.mark.parametrize(
    ("role", "name", "right", "wrong"),
    [
        ("went", "Blocked", 'return "Blocked"', 'raise Blocked("wait")'),
        ("went", "ValueError", 'return "ValueError"', 'raise ValueError("number")'),
        ("waited", "waited", 'raise Blocked("wait")', 'return "Blocked"'),
        ("waited", "waited", 'raise Blocked("wait")', 'return "has to wait"'),
        ("refused", "refused", 'raise Refused("USED")', 'return "refused: USED"'),
        ("waited", "Blocked", 'raise Blocked("wait")', 'return "Blocked"'),
    ],
)
def test_what_is_raised_is_never_equal_to_an_answer_of_its_name(role: str, name: str, right: str, wrong: str) -> None:
    spec = SPEC.replace(role, name)
    core = generated(spec)
    assert differences(spec, core) == ()
    assert differences(spec, changed(core, (right, wrong))) != ()
