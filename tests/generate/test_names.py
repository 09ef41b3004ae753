"""Names of specs in generated code: each becomes an identifier, and whatever it is, no page is broken by it."""

import ast
import keyword
import random
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path, PurePosixPath

import pytest
from quiesce.generate.clashes import BrokenPage, NameClash, refuse_clashes
from quiesce.generate.package import package_folder, python_of, render_folder, render_machine
from quiesce.generate.python.names import snake_case
from quiesce.generate.python.text import import_lines, sorted_exports
from quiesce.generate.trial import NotImportable, import_once
from quiesce.spec.diagnostics import SpecError
from quiesce.spec.model import Machine
from quiesce.spec.reader import read_text

SPEC = """
from enum import Enum, auto
from quiesce.spec import Family, Machine, Member, Nat, call, internal, policy, retire, when


class ENUM(Enum):
    VALUE = auto()
    DOWN = auto()


class MEMBER(Member):
    FIELD: Nat = 0
    used: bool = False


CHOICE = policy(ENUM.VALUE, ENUM.DOWN)


class MACHINE(Machine):
    VARIABLE: ENUM = ENUM.DOWN
    users: Nat = 0
    FAMILY: Family[MEMBER]

    @call("CALL")
    def ACTION(self, PARAMETER: bool, m: MEMBER) -> None:
        when(not m.used)
        m.used = PARAMETER
        self.users += 1

    @call("CALL")
    def again(self, m: MEMBER) -> None:
        when(m.used)
        self.VARIABLE = ENUM.VALUE
        retire(m)

    @internal
    def STEP(self) -> None:
        when(self.users > 0)
        when(all(x.FIELD == 0 for x in self.FAMILY))
        for BOUND in self.FAMILY:
            BOUND.FIELD = 0
        self.users = max(self.users - 1, 0)
"""
USUAL = {
    "ENUM": "Phase",
    "VALUE": "UP",
    "MEMBER": "Thing",
    "FIELD": "size",
    "CHOICE": "PICK",
    "MACHINE": "Service",
    "VARIABLE": "phase",
    "FAMILY": "things",
    "CALL": "go",
    "ACTION": "went",
    "PARAMETER": "flag",
    "STEP": "tick",
    "BOUND": "b",
}


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("WSPStartup", "wsp_startup"),
        ("WSPSetSockOpt", "wsp_set_sock_opt"),
        ("curl_global_init", "curl_global_init"),
        ("SDL_InitSubSystem", "sdl_init_sub_system"),
        ("CoInitialize", "co_initialize"),
        ("open-file 2", "open_file_2"),
        ("2nd", "call_2nd"),
        ("import", "import_"),
        ("OPEN_SOCKETS", "open_sockets"),
    ],
)
def test_calls_become_snake_case(name: str, expected: str) -> None:
    assert snake_case(name) == expected


def text_with(text: str = SPEC, **other: str) -> str:
    """The spec with one name in the place of another."""
    for role, name in {**USUAL, **other}.items():
        text = re.sub(rf"\b{role}\b", name, text)
    return text


def pages_with(package: str = "tried", **other: str) -> dict[PurePosixPath, str]:
    """The pages of a package but for its tests, which take most of the time."""
    machine = read_text(text_with(**other), PurePosixPath("model/service.py"))
    return dict(render_folder(machine, package_folder(package), python_of(machine, "threads")))


def pages_of_text(text: str, package: str = "tried") -> dict[PurePosixPath, str]:
    return dict(render_machine(read_text(text, PurePosixPath("model/service.py")), package, "threads"))


@pytest.mark.parametrize(
    ("role", "name", "message", "line"),
    [
        ("ENUM", "Callable", "the enum Callable: the generated code (lifecycle.py) needs the name `Callable`", 6),
        ("ENUM", "Mapping", "the enum Mapping: the generated code (lifecycle.py) needs the name `Mapping`", 6),
        ("ENUM", "ValueError", "the enum ValueError: the generated code (core.py) needs the name `ValueError`", 6),
        ("ENUM", "Exception", "the enum Exception: the generated code (core.py) needs the name `Exception`", 6),
        ("ENUM", "str", "the enum str: the generated code (core.py) needs the name `str`", 6),
        ("ENUM", "weakref", "the enum weakref: the generated code (lifecycle.py) needs the name `weakref`", 6),
        ("ENUM", "Warning", "the enum Warning: the generated code (core.py) needs the name `Warning`", 6),
        ("ENUM", "ServiceCore", "the enum ServiceCore and the machine Service would both be `ServiceCore`", 6),
        ("ENUM", "ServiceError", "the enum ServiceError and the machine Service would both be `ServiceError`", 6),
        ("MEMBER", "dict", "the member class dict: the generated code (core.py) needs the name `dict`", 11),
        ("ENUM", "core", "the enum core: the generated code (init.py) needs the name `core`", 6),
        ("MEMBER", "tests", "the member class tests: the generated code (init.py) needs the name `tests`", 11),
        (
            "MEMBER",
            "lifecycle",
            "the member class lifecycle: the generated code (init.py) needs the name `lifecycle`",
            11,
        ),
        ("VARIABLE", "mro", "the variable mro: the generated code (lifecycle.py) needs the name `mro`", 20),
        (
            "FAMILY",
            "f" * 80,
            f"the family {'f' * 80}: a line of the generated code (lifecycle.py) would be too long",
            22,
        ),
        ("MEMBER", "core", "the member class core: the generated code (init.py) needs the name `core`", 11),
        ("ENUM", "Snapshot", "the enum Snapshot: the generated code (init.py) needs", 6),
        ("CHOICE", "OBSERVE", "the policy OBSERVE: the generated code (lifecycle.py) needs the name `observe`", 16),
        ("CHOICE", "WEAKREF", "the policy WEAKREF: the generated code (lifecycle.py) needs the name `weakref`", 16),
        ("CHOICE", "PHASE", "the policy PHASE and the variable phase would both be `phase`", 16),
        ("STEP", "float", "the action float: the generated code (lifecycle.py) needs the name `float`", 37),
        ("STEP", "snapshot", "the action snapshot: the generated code (lifecycle.py) needs the name `snapshot`", 37),
        ("CALL", "WaitFor", "the call WaitFor: the generated code (lifecycle.py) needs the name `wait_for`", 25),
        ("PARAMETER", "dataclass", "the parameter dataclass of went: the generated code (core.py) needs", 25),
        ("PARAMETER", "weakref", "the parameter weakref of went: the generated code (lifecycle.py) needs", 25),
        ("BOUND", "dataclass", "the bound name dataclass of tick: the generated code (core.py) needs the name", 37),
    ],
)
def test_a_name_that_the_package_needs_is_refused_at_its_place(role: str, name: str, message: str, line: int) -> None:
    with pytest.raises(NameClash) as refusal:
        pages_with(**{role: name})
    assert message in str(refusal.value)
    assert refusal.value.span.line == line


def test_a_keyword_is_never_a_name() -> None:
    for word in keyword.kwlist:
        for role in ("ENUM", "VALUE", "FIELD", "MACHINE", "STEP", "PARAMETER"):
            with pytest.raises(SpecError):
                pages_with(**{role: word})


def test_a_name_is_the_one_that_python_reads() -> None:
    """Python reads the ligature as two letters."""
    assert pages_with(MEMBER="ﬁre", PARAMETER="ﬂag") == pages_with(MEMBER="fire", PARAMETER="flag")


@pytest.mark.parametrize(
    "names",
    [
        {"ENUM": "Step", "MEMBER": "Bench", "VALUE": "RUN", "CALL": "open", "VARIABLE": "state", "STEP": "dict"},
        {"ENUM": "Values", "MEMBER": "fields", "FIELD": "mro"},
        {"MEMBER": "Any", "FIELD": "f" * 80},
    ],
)
def test_a_name_that_the_package_does_not_need_can_be_used(names: dict[str, str]) -> None:
    import_once(pages_with(**names))


def test_what_an_observer_is_told_gives_way_to_a_class_of_the_spec() -> None:
    init = PurePosixPath("tried/__init__.py")
    assert "from ._moments import Step\n" in pages_with()[init]
    machine = read_text(text_with(), PurePosixPath("model/service.py")).name
    assert f"from ._moments import Step as {machine}Step\n" in pages_with(MEMBER="Step")[init]


def test_a_test_runner_takes_no_name_of_a_spec_for_one_of_its_own() -> None:
    """It looks at every name of a module of tests."""
    names = {"MEMBER": "TestThing", "ENUM": "pytestmark", "MACHINE": "Test"}
    page = ast.parse(pages_of_text(text_with(**names))[PurePosixPath("tried/tests/test_core.py")])
    assert not {*names.values(), "TestCore"} & {part.id for part in ast.walk(page) if isinstance(part, ast.Name)}
    imported = [alias.name for part in page.body if isinstance(part, ast.ImportFrom) for alias in part.names]
    assert imported == ["fields", "Any", "core"]


def test_a_name_of_an_action_is_not_taken_for_another_answer() -> None:
    """What the tests expect of a call that waits, or is turned away, is no name that an action can have."""
    waits = SPEC.replace('@call("CALL")\n    def again', '@call("CALL", blocks=True, fair=[STEP])\n    def again')
    waits = waits.replace("        self.VARIABLE = ENUM.VALUE\n        retire(m)\n", "")
    start, end = waits.index("    @internal"), waits.index('    @call("CALL")')
    waits = f"{waits[:end]}{waits[start:]}\n{waits[end:start]}"
    for name in ("blocked", "refused_early"):
        page = pages_of_text(text_with(waits, ACTION=name))[PurePosixPath("tried/tests/test_core.py")]
        steps = re.findall(r'\("(\w+)", \(.*?\), "([^"]*)", (.*)\),$', page, re.MULTILINE)
        answers = {answer for method, answer, _ in steps if method == "go"}
        assert answers == {name, "has to wait"}
        assert all(changes == "{}" for _, answer, changes in steps if answer == "has to wait")


def ruff(folder: Path, pages: Mapping[PurePosixPath, str]) -> None:
    """See that linter and formatter find nothing in the pages."""
    for path, text in pages.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(text.encode())
    settings = ("--no-cache", "--config", str(Path(__file__).parents[2] / "pyproject.toml"))
    for command in (("check", "--output-format", "concise"), ("format", "--diff")):
        line = [sys.executable, "-m", "ruff", *command, *settings, "."]
        done = subprocess.run(line, cwd=folder, capture_output=True, encoding="utf-8", check=False)
        assert done.returncode == 0, done.stdout


UNUSUAL = [
    {"ENUM": "enum_of_mine", "MEMBER": "socket", "MACHINE": "lower", "CALL": "This", "ACTION": "this_"},
    {"ENUM": "l", "MEMBER": "I", "MACHINE": "O", "ACTION": "O2", "CHOICE": "ID"},
    {"ENUM": "X1", "MEMBER": "SOCKET", "MACHINE": "NOT", "VALUE": "mixedCase", "VARIABLE": "mixedCase", "BOUND": "O"},
    {"ENUM": "Mixed_Case", "MEMBER": "X1", "FIELD": "mixedCase", "ACTION": "mixedCase", "STEP": "Step", "FAMILY": "id"},
    {
        "MEMBER": "Socket",
        "MACHINE": "AServiceOfWhichTheNameIsLongEnoughToFillALineTwice",
        "PARAMETER": "O",
        "BOUND": "id",
    },
    {"MEMBER": "AMemberOfWhichTheNameIsLong", "FIELD": "id", "VALUE": "l", "PARAMETER": "type", "CALL": "WSPStartup"},
]


@pytest.mark.slow
def test_a_linter_has_nothing_against_names_that_it_would_not_choose(tmp_path: Path) -> None:
    """Neither against their spelling and length nor against the order in which they stand."""
    pages = {PurePosixPath(f"mylib/{path}__init__.py"): '"""A library."""\n' for path in ("", "Nested/")}
    for names, package in zip(
        UNUSUAL, ("tried", "Tried", "mylib.queue", "mylib.Nested.two", "a", "überlauf"), strict=True
    ):
        pages |= pages_with(package, **names)
    pages |= pages_of_text(text_with(**UNUSUAL[-1]), package)
    ruff(tmp_path, pages)


def test_usual_names_need_no_excuse() -> None:
    pages = pages_with("mylib.tried")
    assert not any("noqa" in page for path, page in pages.items() if path.parent.name != "schedules")


def test_names_stand_in_the_order_of_a_linter(tmp_path: Path) -> None:
    rng = random.Random(2026)  # noqa: S311
    pages: dict[PurePosixPath, str] = {}
    for number in range(300):
        listed = {rng.choice("aAbBzZ") + "".join(rng.choices("aAzZ_0129", k=rng.randrange(5))) for _ in range(6)}
        entries = "".join(f'    "{name}",\n' for name in sorted_exports(listed))
        lines = "\n".join(import_lines(".core", listed))
        pages[PurePosixPath(f"page_{number}.py")] = f'"""Names."""\n\n{lines}\n\n__all__ = [\n{entries}]\n'
    ruff(tmp_path, pages)


def test_values_that_differ_in_case_alone_have_tests_of_their_own() -> None:
    text = text_with(VALUE="Down")
    page = pages_of_text(text)[PurePosixPath("tried/tests/test_core.py")]
    tests = re.findall(r"^def (test_\w+)", page, re.MULTILINE)
    assert len(tests) == len(set(tests)) > 4


def machine() -> Machine:
    return read_text(text_with(), PurePosixPath("model/service.py"))


def test_a_page_that_no_name_of_the_spec_breaks_is_a_defect_of_quiesce() -> None:
    refuse_clashes(machine(), "page.py", "import os\n")
    for page in ("import os\nimport os\n", "x = (", "return 1\n", "class A(int):\n    __slots__ = ('a', 'a')\n"):
        with pytest.raises(BrokenPage):
            refuse_clashes(machine(), "page.py", page)


def test_a_package_is_imported_with_its_tests_and_nothing_around_it() -> None:
    import_once(pages_of_text(text_with(), "a.b"))


@pytest.mark.parametrize("fault", ["import yaml_", "from . import nothing", "raise ValueError('x')", "import tests"])
def test_a_package_that_cannot_be_imported_is_refused(fault: str) -> None:
    pages = pages_with("a.b")
    core = PurePosixPath("a/b/core.py")
    with pytest.raises(NotImportable):
        import_once({**pages, core: f"{pages[core]}\n{fault}\n"})
