"""The committed survey of the flagship's mutants is about the spec as it is, and no fault goes unnoticed."""

import re
from pathlib import Path, PurePosixPath

from quiesce.generate.header import digest, is_edited, read_header
from quiesce.mutate.operators import mutants
from quiesce.spec.reader import read_file

ROOT = Path(__file__).parents[2]
SPEC = ROOT / "model" / "winsock.py"
PAGE = ROOT / "proofs" / "winsock" / "MUTANTS.md"
SUMMARY = re.compile(r"^Each of (?P<all>\d+) mutants .*? the same promises: (?P<verdicts>[^.]*)\.", re.MULTILINE)


def summary() -> tuple[int, dict[str, int]]:
    """How many mutants there are, and how many of each verdict."""
    found = SUMMARY.search(PAGE.read_text(encoding="utf-8"))
    assert found is not None
    verdicts = [part.split(" ") for part in found["verdicts"].split(", ")]
    return int(found["all"]), {name: int(number) for number, name in verdicts}


def test_the_survey_is_about_the_spec_as_it_is() -> None:
    text = PAGE.read_text(encoding="utf-8")
    header = read_header(PurePosixPath(PAGE.name), text)
    assert header is not None
    assert header.model == digest(SPEC.read_text(encoding="utf-8"))
    assert not is_edited(PurePosixPath(PAGE.name), text)


def test_every_fault_was_judged_and_none_goes_unnoticed() -> None:
    judged, verdicts = summary()
    assert judged == sum(verdicts.values()) == len(mutants(read_file(SPEC)))
    assert judged >= 300
    assert verdicts.keys() == {"killed", "equivalent"}


def test_the_readme_counts_them() -> None:
    judged, _ = summary()
    assert f"of the flagship's {judged} [none goes unnoticed](proofs/winsock/MUTANTS.md)" in (
        ROOT / "README.md"
    ).read_text(encoding="utf-8")
