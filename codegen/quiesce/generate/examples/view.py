"""The view of the generated tests for their template."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum

from quiesce.generate.examples.chosen import Situation, Walk, examples
from quiesce.generate.examples.core_under_test import Values, member_names
from quiesce.generate.examples.oracle import Step
from quiesce.generate.python import names
from quiesce.generate.python.line_breaking import INDENT, Bracketed, Shape, Word, laid_out
from quiesce.generate.python.text import docstring, import_lines, page_doc
from quiesce.spec.model import Machine


@dataclass(frozen=True, slots=True)
class TestView:
    """A test: its name, what it shows, and the lines of its one statement."""

    name: str
    doc: str
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TestsView:
    """The module of generated tests."""

    doc: str
    imports: tuple[str, ...]
    core: str
    members: tuple[str, ...]
    families: str
    tests: tuple[TestView, ...]


def tests_view(machine: Machine, core: str) -> TestsView:
    """Tests of `core`, the text of the package's core module.

    Raises:
        Disagreement: the core does not do what the model says.
    """
    shown = examples(machine, core)
    start = laid_out(
        "", Bracketed("same(", (Word("_Bench({}).state()"), _shape_of_values(shown.initial)), True), "", INDENT
    )
    tests = (
        TestView("test_start", '"""The initial state."""', tuple(start)),
        *_tests_of_situations(shown.situations, len(shown.walks)),
        *(_test_of_walk(number, walk) for number, walk in enumerate(shown.walks, 1)),
    )
    text = "\n".join(line for test in tests for line in test.lines)
    enums = [enum.type.name for enum in machine.enums if f"{enum.type.name}." in text]
    members = {name: machine.families_by_name[family].member.name for name, family in member_names(machine)}
    imported = [names.core_class(machine), "Blocked", "NotEnabled", "Refused", *enums, *members.values()]
    return TestsView(
        doc=page_doc(machine, "what the core does, step by step", _CONTRACT),
        imports=tuple(import_lines("..core", imported)),
        core=names.core_class(machine),
        members=tuple(f'"{name}": {class_}()' for name, class_ in members.items()),
        families=_literal_of_value(tuple(machine.families_by_name)),
        tests=tests,
    )


_CONTRACT = "Every expected value was computed from the model. Whatever a step does not mention must stay as it was."


def _tests_of_situations(situations: Iterable[Situation], walks: int) -> list[TestView]:
    """Tests of single steps, numbered by place; the first numbers of a place called `run` are those of the walks."""
    tests, times = [], Counter({"run": walks})
    for situation in situations:
        place = "_".join(situation.place).lower() or "state"
        times[place] += 1
        doc = f"Single steps while {' and '.join(situation.place)}" if situation.place else "Single steps"
        lines = _lines_of_call("each_from", _shape_of_values(situation.given), situation.steps)
        tests.append(TestView(f"test_{place}_{times[place]}", docstring(doc, INDENT), lines))
    return tests


def _test_of_walk(number: int, walk: Walk) -> TestView:
    under = ", ".join(f"{name} {value.name}" for name, value in walk.policies.items() if isinstance(value, Enum))
    lines = _lines_of_call("one_after_another", _shape_of_values(walk.policies), walk.steps)
    return TestView(f"test_run_{number}", docstring(f"One run, under {under}" if under else "One run", INDENT), lines)


def _lines_of_call(function: str, given: Shape, steps: tuple[Step, ...]) -> tuple[str, ...]:
    arguments = (given, *map(_shape_of_step, steps))
    # Always one step to a line, as a table.
    inside = [line for argument in arguments for line in laid_out("", argument, ",", 2 * INDENT)]
    return (f"{' ' * INDENT}{function}(", *inside, f"{' ' * INDENT})")


def _shape_of_step(step: Step) -> Shape:
    parts = (
        Word(f'"{step.move.method}"'),
        Word(_literal_of_value(step.move.arguments)),
        Word(f'"{step.answer}"'),
        _shape_of_values(step.changes),
    )
    return Bracketed("(", parts, commas=True)


def _shape_of_values(values: Values) -> Shape:
    entries = tuple(Word(f'"{place}": {_literal_of_value(value)}') for place, value in values.items())
    return Bracketed("{", entries, commas=True, closing="}") if entries else Word("{}")


_LONG = 10**4000
"""A number that Python may refuse to read from decimal digits. Of digits of another kind it reads any number."""


def _literal_of_value(value: object) -> str:
    match value:
        case tuple():
            return f"({', '.join(map(_literal_of_value, value))}{',' if len(value) == 1 else ''})"
        case str():
            return f'"{value}"'
        case Enum():
            return str(value)
        case int() if abs(value) >= _LONG:
            return hex(value)
        case _:
            return repr(value)
