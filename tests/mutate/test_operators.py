"""Which faults are made, of each kind, and which are not."""

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import PurePosixPath
from textwrap import dedent, indent

import pytest
from quiesce.mutate.canonical import difference
from quiesce.mutate.expression_faults import Operator
from quiesce.mutate.operators import Mutant, mutants
from quiesce.spec.model import Action, Machine
from quiesce.spec.reader import read_text

SPEC = '''
from enum import Enum, auto
from quiesce.spec import (
    Family, Int, Machine, Member, Nat, New, Range, always, assume, call, environment, internal, retire, when
)
from typing import Annotated


class Light(Enum):
    """Colours."""

    RED = auto()
    AMBER = auto()
    GREEN = auto()


class Car(Member):
    """A car."""

    gone: bool = False
    toll: Nat = 0
    paid: Nat = 0


class Gate(Machine):
    """A gate."""

    light: Light = Light.RED
    number: Nat = 0
    total: Nat = 0
    debt: Int = 0
    level: Annotated[int, Range(0, 2)] = 2
    open: bool = False
    cars: Family[Car]

    {action}

    @always
    def fine(self) -> bool:
        """Says nothing."""
        return True
'''


def gate(action: str) -> Machine:
    text = SPEC.replace("{action}", indent(dedent(action), "    ").strip())
    return read_text(text, PurePosixPath("gate.py"))


def internal(body: str, parameters: str = "self") -> Machine:
    return gate(f"@internal\ndef act({parameters}) -> None:\n" + indent(dedent(body).strip(), "    ") + "\n")


def found(machine: Machine, operator: Operator) -> list[str]:
    return [mutant.description for mutant in mutants(machine) if mutant.operator is operator]


@pytest.mark.parametrize(
    ("body", "operator", "expected"),
    [
        (
            "when(self.open and self.number > 0)\nself.number = 0",
            Operator.DROP_CONDITION,
            ["without self.open", "without self.number > 0"],
        ),
        ("when(self.open)\nself.number = 0", Operator.DROP_CONDITION, ["without self.open"]),
        (
            "when(self.open and self.number > self.total)\nself.number = 0",
            Operator.NEGATE,
            ["self.open -> not self.open", "self.number > self.total -> self.number <= self.total"],
        ),
        (
            "when(self.number < self.total)\nself.number = 0",
            Operator.COMPARISON,
            ["self.number < self.total -> self.number <= self.total"],
        ),
        (
            "when(self.number >= 1)\nself.number = 0",
            Operator.COMPARISON,
            ["self.number >= 1 -> self.number > 1"],
        ),
        (
            "when(self.open or self.number > 0)\nself.number = 0",
            Operator.CONNECTIVE,
            ["self.open or self.number > 0 -> self.open and self.number > 0"],
        ),
        (
            "when(self.open and self.number > 0)\nself.number = 0",
            Operator.CONNECTIVE,
            ["self.open and self.number > 0 -> self.open or self.number > 0"],
        ),
        (
            "when(self.open or self.number > 0)\nself.number = 0",
            Operator.DROP_ALTERNATIVE,
            ["self.open or self.number > 0 -> self.open", "self.open or self.number > 0 -> self.number > 0"],
        ),
        (
            "self.number = 3",
            Operator.INTEGER,
            ["self.number = 3 -> self.number = 4", "self.number = 3 -> self.number = 2"],
        ),
        (
            "self.number = self.total",
            Operator.INTEGER,
            [
                "self.number = self.total -> self.number = self.total + 1",
                "self.number = self.total -> self.number = self.total - 1",
            ],
        ),
        (
            "when(self.number <= self.total)\nself.open = True",
            Operator.INTEGER,
            ["self.number <= self.total -> self.number <= self.total + 1"],
        ),
        (
            "self.debt = self.debt + self.number",
            Operator.ARITHMETIC,
            ["self.debt = self.debt + self.number -> self.debt = self.debt - self.number"],
        ),
        (
            "self.light = Light.GREEN",
            Operator.ENUM,
            [
                "self.light = Light.GREEN -> self.light = Light.RED",
                "self.light = Light.GREEN -> self.light = Light.AMBER",
            ],
        ),
        ("self.open = True", Operator.BOOLEAN, ["self.open = True -> self.open = False"]),
        ("self.open = not self.open", Operator.BOOLEAN, ["self.open = not self.open -> self.open = self.open"]),
        (
            "when(all(c.gone for c in self.cars))\nself.open = True",
            Operator.QUANTIFIER,
            ["all(c.gone for c in self.cars) -> any(c.gone for c in self.cars)"],
        ),
        (
            "if self.open:\n    self.number = 0\nelse:\n    self.total = 0",
            Operator.CHOICE,
            [
                "if self.open -> if True",
                "if self.open -> if False",
                "without then of if self.open",
                "without else of if self.open",
            ],
        ),
        (
            "self.number = 1 if self.open else 5",
            Operator.CHOICE,
            [
                "self.number = 1 if self.open else 5 -> self.number = 5 if self.open else 1",
                "self.number = 1 if self.open else 5 -> self.number = 1",
                "self.number = 1 if self.open else 5 -> self.number = 5",
            ],
        ),
        (
            "self.number = 0\nfor c in self.cars:\n    c.paid = 0",
            Operator.DROP_UPDATE,
            ["without self.number = 0", "without for c in self.cars"],
        ),
        ("self.number = 0", Operator.TARGET, ["self.number = 0 -> self.total = 0"]),
        ("self.open = True", Operator.TARGET, []),
        (
            "for c in self.cars:\n    c.paid = 0",
            Operator.TARGET,
            ["c.paid = 0 -> c.toll = 0"],
        ),
        (
            "assume(self.open, 'somebody opened it')\nself.number = 0",
            Operator.DROP_ASSUMPTION,
            ["without self.open"],
        ),
        (
            "assume(self.number > 1, 'somebody came')\nself.number = 0",
            Operator.COMPARISON,
            ["self.number > 1 -> self.number >= 1"],
        ),
    ],
)
def test_faults_of_an_action(body: str, operator: Operator, expected: list[str]) -> None:
    assert found(internal(body), operator) == expected


def test_a_retire_can_be_dropped() -> None:
    machine = internal("retire(c)", parameters="self, c: Car")
    assert found(machine, Operator.DROP_RETIRE) == ["without retire(c)"]


def test_a_loop_gets_no_target_that_would_make_the_order_of_members_matter() -> None:
    machine = internal("for c in self.cars:\n    c.paid = c.paid + sum(d.toll for d in self.cars)")
    assert found(machine, Operator.TARGET) == []
    alone = internal("for c in self.cars:\n    c.paid = c.paid + c.toll")
    assert len(found(alone, Operator.TARGET)) == 1


CALLS = """
@internal
def close(self) -> None:
    when(self.open)
    self.open = False

@internal
def idle(self) -> None:
    when(self.open)
    self.open = False

@call("open", "peek")
def opens(self) -> None:
    when(not self.open)
    self.open = True

@call("open", fails="ALREADY")
def already(self) -> None:
    when(self.open and self.number == 0)

@call("open", blocks=True, fair=[close, idle])
def waits(self) -> None:
    when(self.open and self.number > 0)

@call("peek", fails="BUSY")
def busy(self) -> None:
    when(self.open)

@call("look", fails="NEVER")
def never_looks(self) -> None:
    "Its call has no other outcome, so it cannot be dropped."
    when(True)
"""


def test_faults_of_outcomes() -> None:
    calls = gate(CALLS)
    assert found(calls, Operator.DROP_CALL) == ["without open", "without peek"]
    assert found(calls, Operator.DROP_OUTCOME) == ["without fails=ALREADY", "without blocks", "without fails=BUSY"]
    assert found(calls, Operator.FAIR) == ["without close", "without idle"]
    assert found(calls, Operator.ERROR) == []


def test_an_error_is_swapped_with_another_of_the_same_call() -> None:
    machine = gate(
        """
        @call("open")
        def opens(self) -> None:
            when(self.number == 0)
            self.number = 1

        @call("open", fails="EARLY")
        def early(self) -> None:
            when(self.number == 1)

        @call("open", fails="LATE")
        def late(self) -> None:
            when(self.number > 1)

        @call("shut", fails="OTHER")
        def other(self) -> None:
            when(True)
        """
    )
    assert found(machine, Operator.ERROR) == ["EARLY -> LATE", "LATE -> EARLY"]


def test_initial_values_stay_within_their_types() -> None:
    machine = internal("self.open = True")
    assert found(machine, Operator.INITIAL) == [
        *("False -> True", "0 -> 1", "0 -> 1"),  # the fields of a car
        *("Light.RED -> Light.AMBER", "Light.RED -> Light.GREEN"),
        *("0 -> 1", "0 -> 1", "0 -> 1", "0 -> -1", "2 -> 1", "False -> True"),
    ]


def test_promises_are_left_as_they_are(counter: Callable[..., Machine]) -> None:
    machine = counter()
    assert all(mutant.machine.promises == machine.promises for mutant in mutants(machine))


def test_ids_are_unique_and_say_what_was_done(counter: Callable[..., Machine]) -> None:
    ids = [mutant.id for mutant in mutants(counter())]
    assert len(set(ids)) == len(ids) > 50
    assert "leave/when 1/self.people > 1 to self.people >= 1" in ids
    assert "enter/update 2/without self.visits = self.visits + 1" in ids
    assert ids == [mutant.id for mutant in mutants(counter())]


def test_no_two_are_the_same_machine_and_none_is_the_original(counter: Callable[..., Machine]) -> None:
    machine = counter()
    forms = Counter(difference(machine, mutant.machine) for mutant in mutants(machine))
    assert set(forms.values()) == {1}
    assert difference(machine, machine) not in forms


@pytest.mark.parametrize(
    ("left", "right", "same"),
    [
        ("self.number > 0", "self.number >= 1", True),
        ("self.number < 3", "2 >= self.number", True),
        ("self.number < self.total", "self.total > self.number", True),
        ("self.number > 0", "self.number >= 2", False),
        ("self.number < self.total", "self.number <= self.total", False),
    ],
)
def test_spellings_of_one_comparison_are_the_same(left: str, right: str, *, same: bool) -> None:
    machine, other = (internal(f"when({text})\nself.open = True") for text in (left, right))
    assert (difference(machine, _with(machine, other.actions)) == difference(machine, machine)) is same


def _with(machine: Machine, actions: tuple[Action, ...]) -> Machine:
    return replace(machine, actions=actions)


def test_faults_stand_where_the_spec_has_them(mutant_of: Callable[[Machine, str], Mutant]) -> None:
    machine = internal("when(self.open)\nself.number = 0")
    lines = SPEC.replace("{action}", "@internal\n    def act(self) -> None:\n        when(self.open)").splitlines()
    guard = mutant_of(machine, "act/when 1/without self.open")
    assert "when(" in lines[guard.span.line - 1]
    assert mutant_of(machine, "act/update 1/without self.number = 0").span.line == guard.span.line + 1


def test_an_update_of_everything_that_a_step_leaves_alone_can_be_added() -> None:
    machine = internal("self.number += c.toll\nc.paid = 0", parameters="self, c: Car")
    assert found(machine, Operator.ADD_UPDATE) == [
        "also self.light = Light.GREEN",
        "also self.total = self.total + 1",
        "also self.debt = self.debt + 1",
        "also self.level = self.level + 1",
        "also self.open = not self.open",
        "also c.gone = not c.gone",
        "also c.toll = c.toll + 1",
    ]


def test_no_update_is_added_to_a_refusal() -> None:
    machine = gate(
        '@call("pass")\ndef act(self) -> None:\n    when(self.open)\n\n'
        '@call("pass", fails="SHUT")\ndef refuse(self) -> None:\n    when(not self.open)\n'
    )
    added = [mutant for mutant in mutants(machine) if mutant.operator is Operator.ADD_UPDATE]
    assert {mutant.scope for mutant in added} == {"act"}
