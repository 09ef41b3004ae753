"""The checker stands alone: it loads no solver, and nothing of the prover that it checks."""

import ast
import subprocess
import sys
from pathlib import Path

import quiesce.recheck

FOLDER = Path(quiesce.recheck.__file__).parent
PROGRAM = """
import sys
from quiesce.recheck import check
check("(set-logic ALL)(assert false)(check-sat)", "use 1")
print(*sorted(sys.modules))
"""


def loaded(program: str) -> set[str]:
    """Every module that a program has loaded when it ends."""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, encoding="utf-8", check=True)
    return set(done.stdout.split())


def foreign(modules: set[str]) -> set[str]:
    """Those that are solvers, or other parts of quiesce."""
    return {
        name
        for name in modules
        if name.split(".")[0] in {"z3", "cvc5", "networkx", "jinja2"}
        or (name.startswith("quiesce.") and not name.startswith("quiesce.recheck"))
    }


def test_the_checker_loads_no_solver_and_no_other_part_of_quiesce() -> None:
    modules = loaded(PROGRAM)
    assert "quiesce.recheck.checking" in modules
    assert foreign(modules) == set()


def test_a_checker_that_loads_the_prover_would_be_seen() -> None:
    assert foreign(loaded(PROGRAM.replace("import sys", "import sys, quiesce.prove.solving.z3_solver"))) >= {"z3"}


def imported(text: str) -> set[str]:
    """The top-level packages that a module may load."""
    names = set()
    for node in ast.walk(ast.parse(text)):
        match node:
            case ast.Import(aliases):
                names |= {alias.name for alias in aliases}
            case ast.ImportFrom(module, _, 0) if module:
                names.add(module)
            case ast.ImportFrom():
                names.add("a relative import")
            case _:
                pass
    return names


def strangers(text: str) -> set[str]:
    return {
        name
        for name in imported(text)
        if name.split(".")[0] not in sys.stdlib_module_names and not name.startswith("quiesce.recheck")
    }


def test_the_checker_is_written_in_nothing_but_the_standard_library() -> None:
    files = sorted(FOLDER.rglob("*.py"))
    assert len(files) >= 5
    assert {path.name: strangers(path.read_text(encoding="utf-8")) for path in files} == {p.name: set() for p in files}


def test_a_stranger_is_seen() -> None:
    text = "import ast\nfrom quiesce.spec.model import Expr\ndef f():\n    import z3\n"
    assert strangers(text) == {"quiesce.spec.model", "z3"}
