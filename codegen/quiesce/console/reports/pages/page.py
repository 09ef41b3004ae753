"""The page of a proof for people, `proofs/<spec>/README.md`, written for whoever reviews a change of the spec.

It names things and counts obligations. Lines and digests are left out, and so is what a command makes on demand: the
list of all obligations, every proof core, every condition. So it changes only where the proof does.
"""

from collections.abc import Iterable, Iterator
from pathlib import PurePosixPath

from quiesce.console.reports.json.mutants_summary import Summary
from quiesce.console.reports.pages.activities import activity_lines
from quiesce.console.reports.pages.assumptions import assumption_lines
from quiesce.console.reports.pages.cores import core_lines
from quiesce.console.reports.pages.mutants import survey_lines, survey_sentence
from quiesce.console.reports.pages.report import (
    call_lines,
    failure_lines,
    found_lines,
    kind_lines,
    promise_lines,
    requirement_lines,
)
from quiesce.cores.parts import CoreReport
from quiesce.prove.checked import CheckedMachine
from quiesce.quoting.markdown import code, link, text
from quiesce.spec.model import Machine

PAGE = PurePosixPath("README.md")
"""The name of the page in the folder of the proof: code hosts show a page of this name with the folder."""


def page(
    checked: CheckedMachine,
    cores: CoreReport,
    generated: Iterable[PurePosixPath] = (),
    survey: Summary | None = None,
) -> str:
    """The text of the page. `generated` are the files of the generated package, and `survey` is that of its mutants."""
    machine, results = checked.machine, checked.report.results
    lines = (
        *_summary(machine, len(results), survey),
        *promise_lines(machine, results),
        *failure_lines(machine, results),
        *requirement_lines(machine),
        *call_lines(machine),
        *activity_lines(machine),
        *assumption_lines(checked, generated),
        *core_lines(cores),
        *survey_lines(machine, survey),
        *found_lines(checked.report.hints),
        *kind_lines(machine, results),
    )
    return "\n".join(lines)


def _summary(machine: Machine, number: int, survey: Summary | None) -> Iterator[str]:
    scope = ["every count", *(f"any number of {family.name}" for family in machine.families)]
    scope += [f"every alternative of {policy.name}" for policy in machine.policies]
    proved_for = " and ".join(part for part in (", ".join(scope[:-1]), scope[-1]) if part)
    yield f"# {machine.name}: what is proved"
    yield ""
    if machine.doc:
        yield text(machine.doc.splitlines()[0])
        yield ""
    yield (
        f"All {number} obligations of {_link(machine.path)} are proved, for {proved_for}. "
        f"{survey_sentence(machine, survey)}"
    )
    yield ""
    yield (
        f"{code(f'quiesce verify {machine.path}')} proves them anew, "
        f"{code(f'quiesce recheck {machine.path}')} confirms the proof with other tools, and "
        f"{code(f'quiesce certify {machine.path} -o FILE')} writes all evidence."
    )
    yield ""


def _link(path: PurePosixPath) -> str:
    """A link to the spec from the folder of its proof, if it lies inside the project."""
    return code(str(path)) if path.is_absolute() else link(str(path), PurePosixPath("../..", path))
