"""The README shows what really happens."""

import os
import re
import subprocess
import sys
from pathlib import Path

from quiesce.certify.proposal_reading import read_proposal
from quiesce.kernel.obligations import obligations
from quiesce.kernel.problem import problem_of
from quiesce.spec.reader import read_file

ROOT = Path(__file__).parents[2]


def readme() -> str:
    return (ROOT / "README.md").read_text(encoding="utf-8")


def block(name: str, text: str) -> str:
    found = re.search(rf"<!-- readme: {re.escape(name)} -->\n```\w+\n(.*?)```", text, re.DOTALL)
    assert found is not None, name
    return found.group(1)


def verified(spec: str, folder: Path) -> tuple[int, str]:
    (folder / "library.py").write_text(spec, encoding="utf-8")
    command = [sys.executable, "-m", "quiesce.cli", "verify", "library.py"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, env=os.environ)
    return done.returncode, done.stdout


def test_the_counterexample_is_printed_as_shown(tmp_path: Path) -> None:
    code, output = verified(block("library.py", readme()), tmp_path)
    assert (code, output) == (1, block("quiesce verify library.py", readme()))


def test_the_mended_library_is_proved_as_the_text_says(tmp_path: Path) -> None:
    spec = block("library.py", readme())
    mended = spec.replace("self.users += 1\n", "if works:\n            self.users += 1\n")
    assert mended != spec
    code, output = verified(mended, tmp_path)
    assert code == 0, output


FLAGSHIP = "model/winsock.py"


def due() -> int:
    """How many obligations the flagship has, with the helpers of its committed proof."""
    machine = read_file(ROOT / FLAGSHIP)
    proposal = read_proposal(machine, (ROOT / "proofs/winsock/hints.json").read_text(encoding="utf-8"))
    return len(obligations(problem_of(machine, proposal.hints.helpers)))


def miscounted(text: str, number: int) -> list[str]:
    """The numbers of obligations that a page tells of the flagship, and that are others."""
    told = re.findall(r"(\d+)\s+obligations\s+are\s+proved", text.partition("## The flagship")[2])
    assert told, "the README does not say how many obligations of the flagship are proved"
    return [other for other in told if int(other) != number]


def test_the_number_of_obligations_is_that_of_the_flagship() -> None:
    number = due()
    assert miscounted(readme(), number) == [], f"{FLAGSHIP} has {number} obligations: say so in README.md"


def test_a_number_of_obligations_that_is_stale_is_seen() -> None:
    number = due()
    stale = readme().replace(f"{number} obligations", f"{number - 1} obligations")
    assert miscounted(stale, number) == [str(number - 1)]


def test_the_committed_report_proves_as_many() -> None:
    report = (ROOT / "proofs/winsock/README.md").read_text(encoding="utf-8")
    assert f"All {due()} obligations of [`model/winsock.py`](../../model/winsock.py) are proved" in report, (
        f"build {FLAGSHIP} anew, and commit what it writes"
    )


def test_ci_runs_the_test_command_of_the_readme() -> None:
    commands = re.findall(r"```sh\n(python3 -m venv .*)\n```", readme())
    assert len(commands) == 2
    assert commands[1] in (ROOT / ".ci/run").read_text(encoding="utf-8")


def test_every_link_to_a_file_leads_somewhere() -> None:
    links = [link for link in re.findall(r"\]\(([^)]+)\)", readme()) if not link.startswith("http")]
    assert links
    assert [link for link in links if not (ROOT / link.partition("#")[0]).exists()] == []


def test_every_link_to_a_heading_leads_to_one() -> None:
    links = [link.partition("#") for link in re.findall(r"\]\(([^)#]+#[^)]+)\)", readme()) if "http" not in link]
    assert links
    for file, _, anchor in links:
        headings = re.findall(r"^#+ (.+)$", (ROOT / file).read_text(encoding="utf-8"), re.MULTILINE)
        assert anchor in {heading.lower().replace(" ", "-") for heading in headings}
