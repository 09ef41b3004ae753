"""The README shows what really happens."""

import json
import os
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path
from textwrap import indent

import pytest
from quiesce.certify.proposal_reading import read_proposal
from quiesce.console.reports.json.mutants_summary import from_json
from quiesce.kernel.obligations import obligations
from quiesce.kernel.problem import problem_of
from quiesce.mutate.operators import mutants
from quiesce.spec.reader import read_file

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]


def readme() -> str:
    return (ROOT / "README.md").read_text(encoding="utf-8")


def block(name: str, text: str) -> str:
    found = re.search(rf"<!-- readme: {re.escape(name)} -->\n```\w+\n(.*?)```", text, re.DOTALL)
    assert found is not None, name
    return found.group(1)


def quiesce(command: str, spec: str, folder: Path, *options: str) -> tuple[int, str]:
    """A command about this text as `library.py`: its exit code, and what it prints."""
    (folder / "library.py").write_text(spec, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "quiesce.cli", command, *options, "library.py"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        env=os.environ,
    )
    return done.returncode, done.stdout


def mended() -> str:
    """The library of the README, with the `if` that its text tells to put in."""
    spec = block("library.py", readme())
    changed = spec.replace("self.users += 1\n", "if works:\n            self.users += 1\n")
    assert changed != spec
    return changed


def promising_more() -> str:
    """The mended library with the promises that the README adds."""
    return f"{mended()}\n{indent(block('promises', readme()), '    ')}".replace("call, when\n", "call, step, when\n", 1)


CAMERAS = """
import sys, types

sys.path.insert(0, "generated")
told = []
handle = types.SimpleNamespace(read=lambda: told.append("read"), close=lambda: told.append("close"))
driver = types.SimpleNamespace(open=lambda path: (told.append(path), handle)[1])
{program}
print(*told, camera.snapshot().refs)
"""


def test_the_work_is_all_that_has_to_be_written(tmp_path: Path) -> None:
    for command in ("new", "build"):
        subprocess.run([sys.executable, "-m", "quiesce.cli", command, "-q", "service.py"], cwd=tmp_path, check=True)
    program = CAMERAS.format(program=block("camera.py", readme()))
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", program], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert (done.stdout, done.stderr) == ("/dev/video0 read close 0\n", "")


def test_the_counterexample_is_printed_as_shown(tmp_path: Path) -> None:
    code, output = quiesce("verify", block("library.py", readme()), tmp_path)
    assert (code, output) == (1, block("quiesce verify library.py", readme()))


def test_the_mended_library_is_proved_as_the_text_says(tmp_path: Path) -> None:
    code, output = quiesce("verify", mended(), tmp_path)
    assert code == 0, output


FLAGSHIP = "model/winsock.py"


def due() -> int:
    """How many obligations the flagship has, with the helpers of its committed proof."""
    machine = read_file(ROOT / FLAGSHIP)
    proposal = read_proposal(machine, (ROOT / "proofs/winsock/hints.json").read_text(encoding="utf-8"))
    return len(obligations(problem_of(machine, proposal.hints.helpers)))


def faults_of_the_flagship() -> int:
    """How many faults of the flagship are judged. That the survey of them stays as committed is seen every night."""
    verdicts = from_json((ROOT / "proofs/winsock/mutants.json").read_text(encoding="utf-8")).verdicts
    assert verdicts.keys() == {"killed", "equivalent"}, "some faults go unnoticed"
    assert sum(verdicts.values()) == len(mutants(read_file(ROOT / FLAGSHIP)))
    return sum(verdicts.values())


def numbers_told(text: str) -> list[int]:
    """Every number in the prose of the page, but for those of exit codes, versions, issues and commands."""
    for aside in (r"```.*?```", r"\| exit code .*?\n\n", r"`[^`]*`", r"\]\([^)]*\)", r"schema \d+"):
        text = re.sub(aside, "", text, flags=re.DOTALL)
    return [int(number) for number in re.findall(r"(?<![\w.#-])\d+(?![\w.]\w)", text)]


def judged(spec: str, folder: Path) -> Counter[str]:
    """How many faults of a library there are with each verdict."""
    _, output = quiesce("mutate", spec, folder, "--jobs", "1", "--json", "-")
    return Counter(mutant["verdict"] for mutant in json.loads(output)["mutants"])


def numbers_found(folder: Path) -> list[int]:
    """What the numbers of the page have to be, in its order, as runs of today give them."""
    _, output = quiesce("verify", mended(), folder, "--json", "-")
    proved = json.loads(output)["counts"]["proved"]
    first, then = judged(mended(), folder), judged(promising_more(), folder)
    assert then.keys() == {"killed"}, "some faults are not noticed in spite of the promises that the README adds"
    return [
        *(proved, first.total(), first["killed"], first["unconstrained"], then.total()),
        *(due(), faults_of_the_flagship()),
    ]


def test_every_number_is_that_of_a_run(tmp_path: Path) -> None:
    assert numbers_told(readme()) == numbers_found(tmp_path)


def test_a_number_that_is_stale_or_unheard_of_is_seen() -> None:
    told = numbers_told(readme())
    stale = readme().replace("makes 30 small faults", "makes 31 small faults")
    assert [a for a, b in zip(numbers_told(stale), told, strict=True) if a != b] == [31]
    assert numbers_told(f"{readme()}\nAll 12 states, and 3.\n") == [*told, 12, 3]


def test_the_committed_report_proves_as_many() -> None:
    report = (ROOT / "proofs/winsock/README.md").read_text(encoding="utf-8")
    assert f"All {due()} obligations of [`model/winsock.py`](../../model/winsock.py) are proved" in report, (
        f"build {FLAGSHIP} anew, and commit what it writes"
    )


def test_ci_sets_up_and_tests_with_the_command_of_the_readme() -> None:
    commands = re.findall(r"```sh\n(python3 -m venv .*)\n```", readme())
    assert len(commands) == 2
    set_up, _, tests = commands[1].rpartition(" && ")
    lines = (ROOT / ".ci/run").read_text(encoding="utf-8").splitlines()
    assert set_up in lines
    assert lines[-1] == tests
