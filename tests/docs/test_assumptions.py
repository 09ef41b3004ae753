"""The page of a proof is complete: whatever a spec trusts stands in its section, by its name."""

import os
import re
import subprocess
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import pytest
from quiesce.console.builds.pages import graph_of
from quiesce.console.reports.pages.assumptions import assumption_lines
from quiesce.generate.package import render
from quiesce.kernel.kinds import Kind
from quiesce.prove.checked import CheckedMachine
from quiesce.prove.effort import Effort
from quiesce.prove.prover import verify
from quiesce.spec.model import Action, ActionKind, Blocks, LeadsTo, Machine, Pristine, Recoverable, Step
from quiesce.spec.reader import read_file, read_text
from quiesce.spec.show import show

ROOT = Path(__file__).parents[2]
SPECS = sorted(
    {*ROOT.glob("tests/specs/good/*.py"), *ROOT.glob("model/*.py")} - {*ROOT.glob("model/*_requirements.py")}
)

TRUSTED = "What callers and the world are trusted to keep"
FAIRNESS = "Fairness"
STEPS = "What can happen"
LEFT_OUT = "What promises leave out"
POLICIES = "Policies"
PERSISTENT = "What outlives a release"
BELOW = "The layer below"
ABOVE = "The layers above"
PROGRAM = "How the model sees a program"
SECTIONS = (
    "The spec says what is meant",
    TRUSTED,
    FAIRNESS,
    STEPS,
    LEFT_OUT,
    POLICIES,
    PERSISTENT,
    PROGRAM,
    "The generated package",
    "Tools",
    "What need not be trusted",
)

EVERYTHING = '''
"""Everything at once that a spec can trust."""

from enum import Enum, auto
from quiesce.spec import (
    Machine, Nat, Persistent, Requirement, always, assume, call, environment, leads_to, policy, recoverable, step, when
)

R1 = Requirement("R1", "Doors close.", "the wall | the sign")

class Mode(Enum):
    """How it goes on."""
    CALM = auto()
    HASTY = auto()
    WILD = auto()

HABIT = policy(Mode.HASTY, Mode.CALM)

class Door(Machine):
    """A door."""
    open: bool = False
    mode: Mode = Mode.CALM
    uses: Persistent[Nat] = 0

    @call("enter")
    def enter(self, haste: bool) -> None:
        when(not self.open)
        assume(self.uses < 1 or not haste, "nobody runs | once it is late")
        assume(self.uses < 2, "the day ends")
        self.open = True
        self.mode = Mode.HASTY if haste else Mode.WILD if HABIT == Mode.CALM else Mode.CALM
        self.uses += 1

    @environment(satisfies=R1)
    def falls_shut(self) -> None:
        when(self.open)
        self.open = False

    @call("enter", blocks=True, fair=[falls_shut])
    def wait_at_the_door(self) -> None:
        when(self.open)

    @step(unless=[falls_shut])
    def uses_add_up(self, old: "Door") -> bool:
        return self.uses >= old.uses

    @always(expect="refuted")
    def never_open(self) -> bool:
        return not self.open

    @always(expect="refuted without assumptions")
    def used_a_few_times(self) -> bool:
        return self.uses <= 2

    @leads_to(fair=[falls_shut])
    def shuts(self) -> tuple[bool, bool]:
        return self.open, not self.open

    @recoverable
    def can_shut(self) -> bool:
        return not self.open
'''


@dataclass(frozen=True)
class Entry:
    """What has to stand in one line of a section."""

    section: str
    parts: tuple[str, ...]


def section(page: str, title: str) -> list[str]:
    """The lines of a section, none if it is not there."""
    found = re.search(rf"^### {re.escape(title)}$(.*?)(?=^### |\Z)", page, re.MULTILINE | re.DOTALL)
    return found.group(1).splitlines() if found else []


def stands(line: str, entry: Entry) -> bool:
    """Whether the line has all parts."""
    return all(part in line for part in entry.parts)


def due(machine: Machine) -> Iterator[Entry]:
    """Everything that the spec trusts, from the model alone."""
    for action in machine.actions:
        name = f"| `{action.name}` |"
        for assumption in action.assumes:
            yield Entry(TRUSTED, (f"{name} `{show(assumption.claim)}` |", cell(assumption.because)))
        if isinstance(action.outcome, Blocks):
            yield Entry(FAIRNESS, (f"in `{action.name}` | {names(action.outcome.fair)} |",))
        if action.until:
            yield Entry(FAIRNESS, (f"after `{action.name}` | {names(trusted_to_answer(action, machine))} |",))
        if action.ends is not None:
            how = "fails" if action.ends.fails else "has succeeded"
            yield Entry(STEPS, (f"{name} the work `{action.ends.name}`, when it {how} |",))
        elif action.timeout is not None:
            yield Entry(STEPS, (f"{name} the clock, after `{action.timeout}` seconds",))
        elif action.kind is not ActionKind.CALL:
            who = {ActionKind.INTERNAL: "program itself", ActionKind.ENVIRONMENT: "world outside"}[action.kind]
            yield Entry(STEPS, (f"{name} the {who} |",))
        for precondition in action.preconditions:
            yield Entry(
                BELOW, (f"{name} `{precondition.callee}` | `{show(precondition.claim)}` |", cell(precondition.because))
            )
        for lower in action.lower_calls:
            asked = f"{lower.layer}: {', '.join(lower.calls)} | `{lower.outcome}`"
            yield Entry(BELOW, (f"{name} {asked} |",))
        if any(parameter.new for parameter in action.parameters):
            yield Entry(PROGRAM, ("always exists", f"`{action.name}`"))
    yield from due_of_promises(machine)
    for policy in machine.policies:
        yield Entry(POLICIES, (f"| `{policy.name}` | {alternatives(policy.alternatives, machine)}",))
        for value in set(policy.type.values) - set(policy.alternatives):
            yield Entry(POLICIES, (f"| `{policy.name}` |", f"`{policy.type.name}.{value}`"))
    for variable in machine.variables:
        if variable.persistent:
            yield Entry(PERSISTENT, (f"`{variable.name}`", "declared `Persistent`"))
    for family in machine.families:
        yield Entry(PROGRAM, ("any finite number", f"`{family.name}`"))
        for field in family.fields:
            if field.persistent:
                yield Entry(PERSISTENT, (f"`{family.name}.{field.name}`", "declared `Persistent`"))
    if machine.provides is not None:
        yield Entry(ABOVE, (f"`{machine.provides.name}`", f"`{machine.provides.path}`"))
        for action in machine.provides.actions:
            for assumption in action.assumes:
                place = f"| `{action.name}` | `{show(assumption.claim)}` |"
                yield Entry(ABOVE, (place, cell(assumption.because)))


def due_of_promises(machine: Machine) -> Iterator[Entry]:
    for promise in machine.promises:
        name = f"| `{promise.name}` |"
        if not promise.assuming:
            yield Entry(TRUSTED, ("Without them", f"`{promise.name}`"))
        if not promise.holds:
            yield Entry(LEFT_OUT, (f"{name} {cell(promise.doc.splitlines()[0] if promise.doc else '')}",))
        match promise.claim:
            case LeadsTo(_, _, fair) if promise.holds:  # one that fails rests on nothing that happens
                yield Entry(FAIRNESS, (f"{name} {names(fair)} |",))
            case Step(_, unless) if unless:
                about = tuple(action.name for action in machine.actions if action.name not in unless)
                scope = names(about) if len(about) <= len(unless) else f"all actions but {names(unless)}"
                yield Entry(LEFT_OUT, (f"{name} {scope} |",))
            case Recoverable() if promise.holds:
                yield Entry(LEFT_OUT, ("some run gets there", f"`{promise.name}`"))
            case Pristine() if promise.holds:
                yield Entry(PERSISTENT, ("as new", f"`{promise.name}`"))
            case _:
                pass


def trusted_to_answer(action: Action, machine: Machine) -> tuple[str, ...]:
    by_name = {other.name: other for other in machine.actions}
    works = {end.name for name in action.until if (end := by_name[name].ends) is not None}
    ends = [other.name for other in machine.actions if other.ends is not None and other.ends.name in works]
    clocks = [name for name in action.until if by_name[name].timeout is not None]
    return tuple(dict.fromkeys([*ends, *clocks, *action.fair]))


def names(actions: tuple[str, ...]) -> str:
    return ", ".join(f"`{name}`" for name in actions) or "none"


def alternatives(values: tuple[str, ...], machine: Machine) -> str:
    [type_] = {policy.type.name for policy in machine.policies if policy.alternatives == values}
    return ", ".join(f"`{type_}.{value}`" for value in values)


def cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def missing(machine: Machine, page: str) -> list[Entry]:
    """What the spec trusts and the page does not say where it should."""
    lines = {title: section(page, title) for title in (*SECTIONS, BELOW, ABOVE)}
    return [entry for entry in due(machine) if not any(stands(line, entry) for line in lines[entry.section])]


def told(checked: CheckedMachine, generated: Iterable[PurePosixPath] = ()) -> str:
    return "\n".join(assumption_lines(checked, generated))


@pytest.fixture(scope="module", params=SPECS, ids=lambda path: path.stem)
def checked(request: pytest.FixtureRequest) -> CheckedMachine:
    path: Path = request.param
    return CheckedMachine(verify(read_file(path, PurePosixPath(path.relative_to(ROOT).as_posix()))))


@pytest.fixture(scope="module")
def everything() -> CheckedMachine:
    return CheckedMachine(verify(read_text(EVERYTHING, PurePosixPath("model/door.py"))))


def test_every_spec_has_a_complete_page(checked: CheckedMachine) -> None:
    page = told(checked)
    assert missing(checked.machine, page) == []
    titles = re.findall(r"^### (.+)$", page, re.MULTILINE)
    assert [title for title in titles if title not in (BELOW, ABOVE)] == list(SECTIONS)
    assert (BELOW in titles) == any(action.lower_calls for action in checked.machine.actions)
    assert (ABOVE in titles) == (checked.machine.provides is not None)


def test_what_is_proved_of_forgotten_members_is_told(checked: CheckedMachine) -> None:
    forgettable = {
        result.obligation.action for result in checked.report.results if result.obligation.kind is Kind.FORGETTABLE
    }
    said = "".join(line for line in section(told(checked), PROGRAM) if "forgets a member" in line)
    assert set(re.findall(r"`\w+`", said)) == {f"`{name}`" for name in forgettable if name}


def test_every_page_lacks_something_without_any_of_its_entries(checked: CheckedMachine) -> None:
    page = told(checked)
    lines = page.split("\n")
    for entry in dict.fromkeys(due(checked.machine)):
        kept = [line for line in lines if not stands(line, entry)]
        assert len(kept) < len(lines)
        assert entry in missing(checked.machine, "\n".join(kept))


def test_an_entry_in_the_wrong_section_is_missing(checked: CheckedMachine) -> None:
    page = told(checked)
    for title in {entry.section for entry in due(checked.machine)}:
        moved = page.replace(f"### {title}\n", "### Elsewhere\n")
        assert {entry.section for entry in missing(checked.machine, moved)} == {title}


def test_everything_that_a_spec_can_trust_is_on_the_page(everything: CheckedMachine) -> None:
    page = told(everything)
    assert missing(everything.machine, page) == []
    found = {entry.section for entry in due(everything.machine)}
    assert {TRUSTED, FAIRNESS, STEPS, LEFT_OUT, POLICIES, PERSISTENT} <= found
    assert "| `HABIT` | `Mode.HASTY`, `Mode.CALM` | `Mode.WILD` |" in page
    assert "| `self.uses < 1 or not haste` | nobody runs \\| once it is late |" in page


@pytest.mark.parametrize(
    ("old", "new", "section_of_it"),
    [
        ("        assume(self.uses < 2,", "        assume(self.uses < 3,", TRUSTED),
        ('        assume(self.uses < 2, "the day ends")', '        assume(self.uses < 2, "it is late")', TRUSTED),
        ("blocks=True, fair=[falls_shut]", "blocks=True, fair=[falls_shut, enter]", FAIRNESS),
        ("unless=[falls_shut]", "unless=[falls_shut, enter]", LEFT_OUT),
        ("policy(Mode.HASTY, Mode.CALM)", "policy(Mode.CALM, Mode.HASTY)", POLICIES),
        ("open: bool", "open: Persistent[bool]", PERSISTENT),
        ("    def never_open", "    def open_never", LEFT_OUT),
        ("@environment(satisfies=R1)", "@internal(satisfies=R1)", STEPS),
    ],
)
def test_a_page_of_another_spec_is_not_complete(
    everything: CheckedMachine, old: str, new: str, section_of_it: str
) -> None:
    text = EVERYTHING.replace("Machine, Nat,", "Machine, Nat, internal,")
    assert text.count(old) == 1
    other = read_text(text.replace(old, new), PurePosixPath("model/door.py"))
    assert section_of_it in {entry.section for entry in missing(other, told(everything))}


def test_every_generated_file_is_told_and_only_the_core_is_called_proved(everything: CheckedMachine) -> None:
    files = render(everything, graph_of(everything.machine, Effort()), "door_provider")
    rows = [line for line in section(told(everything, files), SECTIONS[8]) if line.endswith("` |")]
    known = {name: row.split("|")[1].strip() for row in rows for name in re.findall(r"`([^`]+)`", row)}
    assert known.keys() == {str(path.relative_to("door_provider")) for path in files}
    assert [name for name, what in known.items() if what.startswith("proved")] == ["core.py"]
    assert not [name for name, what in known.items() if name.endswith(".py") and "no code" in what]


def test_without_a_package_none_is_told(everything: CheckedMachine) -> None:
    assert "Nothing is generated from this spec." in "\n".join(section(told(everything), SECTIONS[8]))


@pytest.mark.parametrize("word", ["reader", "interpreter", "SMT-LIB", "Z3", "cvc5", "small checker", "Python", "core"])
def test_every_tool_that_is_trusted_is_named(everything: CheckedMachine, word: str) -> None:
    assert any(word in line for line in section(told(everything), "Tools"))


def test_the_page_names_no_version_and_no_place_of_this_machine(checked: CheckedMachine) -> None:
    page = told(checked)
    assert re.findall(r"\d+\.\d+", page) == []
    assert re.findall(r"\(\d+\)|\| \d+ \||\.py:\d", page) == []
    assert str(ROOT) not in page
    assert "\r" not in page


@pytest.mark.nightly
@pytest.mark.slow
def test_the_page_is_the_same_whatever_the_hash_seed() -> None:
    program = (
        "import sys\n"
        "from pathlib import Path, PurePosixPath\n"
        "from quiesce.console.reports.pages.assumptions import assumption_lines\n"
        "from quiesce.prove.checked import CheckedMachine\n"
        "from quiesce.prove.prover import verify\n"
        "from quiesce.spec.reader import read_file\n"
        "machine = read_file(Path(sys.argv[1]), PurePosixPath('spec.py'))\n"
        "files = {PurePosixPath('p', name) for name in ('core.py', 'hooks.py', 'provider.py', 'graph.svg')}\n"
        "sys.stdout.buffer.write('\\n'.join(assumption_lines(CheckedMachine(verify(machine)), files)).encode())\n"
    )
    command = [sys.executable, "-c", program, str(ROOT / "model/clients.py")]
    pages = {
        subprocess.run(command, check=True, capture_output=True, env={**os.environ, "PYTHONHASHSEED": seed}).stdout
        for seed in ("0", "1", "77")
    }
    assert len(pages) == 1
    assert pages.pop().startswith(b"## What is trusted\n")


def test_that_there_are_members_is_told_where_something_has_to_stay_in_reach(checked: CheckedMachine) -> None:
    said = any("goal may begin with a member" in line for line in section(told(checked), PROGRAM))
    goals = any(isinstance(promise.claim, Recoverable) for promise in checked.machine.promises)
    assert said == (goals and bool(checked.machine.families))
