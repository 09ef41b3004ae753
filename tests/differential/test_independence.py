"""The reference, and what writes random specs, share no code with the tool."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
ALONE = ("reference", "making")

ALLOWED = ("tests.differential.reference", "tests.differential.making")

WITHOUT_THE_TOOL = """
import sys

sys.modules["quiesce"] = None
sys.path.insert(0, {root!r})
from tests.differential.making.layers import layered
from tests.differential.making.machines import machine
from tests.differential.reference.knowledge import learn

print(len(learn(machine(7)).spaces), len(learn(layered(7).text, layered(7).beside).spaces))
assert not [name for name in sys.modules if name.startswith("quiesce.")]
"""


def imported(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        match node:
            case ast.Import(names):
                yield from (alias.name for alias in names)
            case ast.ImportFrom(module, _, 0) if module is not None:
                yield module
            case ast.ImportFrom():
                yield "a relative import"
            case _:
                pass


def is_foreign(name: str) -> bool:
    return name.split(".", maxsplit=1)[0] not in sys.stdlib_module_names and not name.startswith(ALLOWED)


@pytest.mark.parametrize("folder", ALONE)
def test_it_imports_nothing_of_the_tool_and_of_nobody_else(folder: str) -> None:
    files = sorted((HERE / folder).glob("*.py"))
    assert len(files) > 4
    assert [(path.name, name) for path in files for name in imported(path) if is_foreign(name)] == []


def test_what_is_foreign_is_seen(tmp_path: Path) -> None:
    (tmp_path / "odd.py").write_text("def f():\n    import z3\n    from quiesce.spec import model\n", encoding="utf-8")
    assert [is_foreign(name) for name in imported(tmp_path / "odd.py")] == [True, True]


def test_it_works_where_the_tool_cannot_be_imported() -> None:
    command = [sys.executable, "-c", WITHOUT_THE_TOOL.format(root=str(ROOT))]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert all(int(number) > 0 for number in done.stdout.split())
