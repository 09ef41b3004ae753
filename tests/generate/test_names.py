"""Names of specs in generated code: each becomes an identifier, and whatever it is, no page is broken by it."""

import builtins
import os
import random
import re
import subprocess
import sys
from functools import cache
from pathlib import Path, PurePosixPath

import pytest
from quiesce.generate.clashes import BrokenPage, NameClash, refuse_clashes
from quiesce.generate.package import render_machine
from quiesce.generate.python.names import snake_case
from quiesce.generate.trial import NotImportable, import_once
from quiesce.spec.diagnostics import SpecError
from quiesce.spec.model import Machine
from quiesce.spec.reader import read_text

TRIED = int(os.environ.get("QUIESCE_NAMES", "25"))
"""How many pairs of a role and a name are tried; the nightly run tries more."""

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


def text_with(**other: str) -> str:
    """The spec with one name in the place of another."""
    text = SPEC
    for role, name in {**USUAL, **other}.items():
        text = re.sub(rf"\b{role}\b", name, text)
    return text


def pages_with(package: str = "tried", **other: str) -> dict[PurePosixPath, str]:
    return pages_of_text(text_with(**other), package)


def pages_of_text(text: str, package: str = "tried") -> dict[PurePosixPath, str]:
    return dict(render_machine(read_text(text, PurePosixPath("model/service.py")), package, "generic"))


@pytest.mark.parametrize(
    ("role", "name", "message", "line"),
    [
        ("ENUM", "Callable", "the enum Callable: the generated code (provider.py) needs the name `Callable`", 6),
        ("ENUM", "TypeVar", "the enum TypeVar: the generated code (provider.py) needs the name `TypeVar`", 6),
        ("ENUM", "ValueError", "the enum ValueError: the generated code (core.py) needs the name `ValueError`", 6),
        ("ENUM", "Exception", "the enum Exception: the generated code (core.py) needs the name `Exception`", 6),
        ("ENUM", "str", "the enum str: the generated code (core.py) needs the name `str`", 6),
        ("ENUM", "threading", "the enum threading: the generated code (provider.py) needs the name `threading`", 6),
        ("ENUM", "Warning", "the enum Warning: the generated code (core.py) needs the name `Warning`", 6),
        ("ENUM", "ServiceCore", "the enum ServiceCore and the machine Service would both be `ServiceCore`", 6),
        ("ENUM", "ServiceError", "the enum ServiceError and the machine Service would both be `ServiceError`", 6),
        ("MEMBER", "dict", "the member class dict: the generated code (core.py) needs the name `dict`", 11),
        ("MEMBER", "fields", "the member class fields: the generated code (test_core.py) needs", 11),
        ("MEMBER", "Any", "the member class Any: the generated code (test_core.py) needs", 11),
        ("MACHINE", "Snapshot", "the machine Snapshot: the generated code (provider.py) needs", 19),
        ("CHOICE", "HOOKS", "the policy HOOKS: the generated code (provider.py) needs the name `hooks`", 16),
        (
            "CHOICE",
            "THREADING",
            "the policy THREADING: the generated code (provider.py) needs the name `threading`",
            16,
        ),
        ("CHOICE", "PHASE", "the policy PHASE and the variable phase would both be `phase`", 16),
        ("STEP", "float", "the action float: the generated code (provider.py) needs the name `float`", 37),
        ("STEP", "dict", None, 0),
        ("STEP", "snapshot", "the action snapshot: the generated code (provider.py) needs the name `snapshot`", 37),
        ("CALL", "WaitFor", "the call WaitFor: the generated code (provider.py) needs the name `wait_for`", 25),
        ("PARAMETER", "dataclass", "the parameter dataclass of went: the generated code (core.py) needs", 25),
        ("PARAMETER", "action", "the parameter action of went: the generated code (provider.py) needs", 25),
        ("BOUND", "dataclass", "the bound name dataclass of tick: the generated code (core.py) needs the name", 37),
        ("ENUM", "Step", None, 0),
        ("ENUM", "Values", None, 0),
        ("MEMBER", "Bench", None, 0),
        ("VALUE", "RUN", None, 0),
        ("CALL", "open", None, 0),
        ("VARIABLE", "state", None, 0),
    ],
)
def test_a_name_is_refused_at_its_place_or_can_be_used(role: str, name: str, message: str | None, line: int) -> None:
    if message is None:
        import_once(pages_with(**{role: name}))
        return
    with pytest.raises(NameClash) as refusal:
        pages_with(**{role: name})
    assert message in str(refusal.value)
    assert refusal.value.span.line == line


@pytest.mark.parametrize("member", ["I", "X1", "SOCKET", "Socket", "socket"])
def test_imports_stand_in_the_order_of_a_linter_whatever_is_imported(tmp_path: Path, member: str) -> None:
    for path, text in pages_with(MEMBER=member, MACHINE="AServiceOfWhichTheNameIsLongEnoughToFillALineTwice").items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text, encoding="utf-8", newline="\n")
    settings = ("--no-cache", "--config", str(Path(__file__).parents[2] / "pyproject.toml"))
    for command in (("check", "--select", "I,RUF022,E501"), ("format", "--check")):
        line = [sys.executable, "-m", "ruff", *command, *settings, "."]
        done = subprocess.run(line, cwd=tmp_path, capture_output=True, encoding="utf-8", check=False)
        assert done.returncode == 0, done.stdout


@cache
def names_to_try() -> tuple[str, ...]:
    """Every word of a rendered package, every builtin, and every module of the standard library."""
    words = (word for page in pages_with().values() for word in re.findall(r"\b[A-Za-z]\w*", page))
    return tuple(sorted({*words, *dir(builtins), *sys.stdlib_module_names}))


@pytest.mark.slow
def test_whatever_is_called_however_the_package_works_or_the_name_is_refused(tmp_path: Path) -> None:
    """What is not refused is imported, and its tests run."""
    pairs = random.Random(2025).sample([(role, name) for role in USUAL for name in names_to_try()], TRIED)  # noqa: S311
    made: dict[PurePosixPath, str] = {}
    for number, (role, name) in enumerate(pairs):
        try:
            made |= pages_with(f"tried_{number}", **{role: name})
        except (SpecError, NameClash):
            continue
    assert len({path.parts[0] for path in made}) > TRIED // 3
    run = "\nfor name, test in list(globals().items()):\n    if name.startswith('test_'):\n        test()\n"
    running = {path: text + run if path.name == "test_core.py" else text for path, text in made.items()}
    try:
        import_once(running)
    except NotImportable as error:
        (tmp_path / "pairs.txt").write_text("\n".join(map(str, enumerate(pairs))), encoding="utf-8")
        pytest.fail(f"{error}: see {tmp_path}")


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


@pytest.mark.parametrize("fault", ["import yaml_", "from . import nothing", "raise ValueError('x')", "import tests"])
def test_a_package_that_cannot_be_imported_is_refused(fault: str) -> None:
    pages = pages_with("a.b")
    import_once(pages)
    core = PurePosixPath("a/b/core.py")
    with pytest.raises(NotImportable):
        import_once({**pages, core: f"{pages[core]}\n{fault}\n"})
