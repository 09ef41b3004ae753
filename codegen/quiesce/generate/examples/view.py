"""The view of the generated tests for their template."""

from collections import Counter
from collections.abc import Iterable
from enum import Enum

from quiesce.generate.examples.chosen import Situation, Walk, examples
from quiesce.generate.examples.core_under_test import Values, member_names
from quiesce.generate.examples.oracle import Step
from quiesce.generate.python import names
from quiesce.generate.python.line_breaking import INDENT, Bracketed, Shape, Word, laid_out
from quiesce.generate.python.text import docstring, page_doc, summary
from quiesce.spec.model import Machine
from quiesce.spec.record import record

_CORE = "core"
"""The module under test by its name. Nothing is imported from it, so that no name of a spec is one of the tests' own.

A test runner looks at all names of a module of tests, and takes some of them for tests, fixtures or settings.
"""


@record
class TestView:
    """A test: its name, what it shows, and the lines of its one statement."""

    name: str
    doc: str
    lines: tuple[str, ...]


@record
class TestsView:
    """The module of generated tests."""

    doc: str
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
    return TestsView(
        doc=page_doc(machine, "what the core does, step by step", _CONTRACT),
        core=f"{_CORE}.{names.core_class(machine)}",
        members=tuple(laid_out("self.members: _Values = ", _shape_of_members(machine), "", 2 * INDENT)),
        families=_literal_of_value(tuple(machine.families_by_name)),
        tests=tests,
    )


def _shape_of_members(machine: Machine) -> Shape:
    classes = {name: machine.families_by_name[family].member.name for name, family in member_names(machine)}
    return _shape_of_table(f'"{name}": {_CORE}.{class_}()' for name, class_ in classes.items())


_CONTRACT = "Every expected value was computed from the model. Whatever a step does not mention must stay as it was."


_STEPS = "Single steps"


def _tests_of_situations(situations: Iterable[Situation], walks: int) -> list[TestView]:
    """Tests of single steps, numbered by place; the first numbers of a place called `run` are those of the walks."""
    tests, times = [], Counter({"run": walks})
    for situation in situations:
        place = "_".join(situation.place).lower() or "state"
        times[place] += 1
        where = f"Single steps while {' and '.join(situation.place)}" if situation.place else _STEPS
        doc = summary(where, _STEPS, INDENT)
        lines = _lines_of_call("each_from", _shape_of_values(situation.given), situation.steps)
        tests.append(TestView(f"test_{place}_{times[place]}", docstring(doc, INDENT), lines))
    return tests


def _test_of_walk(number: int, walk: Walk) -> TestView:
    under = ", ".join(f"{name} {value.name}" for name, value in walk.policies.items() if isinstance(value, Enum))
    lines = _lines_of_call("one_after_another", _shape_of_values(walk.policies), walk.steps)
    doc = summary(f"One run, under {under}", "One run", INDENT) if under else "One run"
    return TestView(f"test_run_{number}", docstring(doc, INDENT), lines)


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
    return _shape_of_table(f'"{place}": {_literal_of_value(value)}' for place, value in values.items())


def _shape_of_table(entries: Iterable[str]) -> Shape:
    words = tuple(map(Word, entries))
    return Bracketed("{", words, commas=True, closing="}") if words else Word("{}")


_LONG = 10**4000
"""A number that Python may refuse to read from decimal digits. Of digits of another kind it reads any number."""


def _literal_of_value(value: object) -> str:
    match value:
        case tuple():
            return f"({', '.join(map(_literal_of_value, value))}{',' if len(value) == 1 else ''})"
        case str():
            return f'"{value}"'
        case Enum():
            return f"{_CORE}.{value}"
        case int() if abs(value) >= _LONG:
            return hex(value)
        case _:
            return repr(value)
