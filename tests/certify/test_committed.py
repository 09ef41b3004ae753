"""What is committed as a certificate leaves no condition to a solver alone."""

import re
from pathlib import Path

import pytest

CERTIFICATES = sorted((Path(__file__).parents[2] / "proofs").glob("*/certificate"))
GOAL_OF_CONDITION = re.compile(r"^; (.+)\n\(push 1\)$", re.MULTILINE)
GOAL_OF_REFUTATION = re.compile(r"^goal (.+)$", re.MULTILINE)


def goals(folder: Path, pattern: re.Pattern[str]) -> list[str]:
    return sorted(goal for file in folder.iterdir() for goal in pattern.findall(file.read_text(encoding="utf-8")))


def test_there_is_one_for_each_spec() -> None:
    assert [folder.parent.name for folder in CERTIFICATES] == [
        "clients",
        "winsock",
        "winsock_contract",
        "winsock_layered",
    ]


@pytest.mark.parametrize("certificate", CERTIFICATES, ids=lambda folder: folder.parent.name)
def test_every_condition_has_a_refutation_that_needs_no_solver(certificate: Path) -> None:
    conditions = goals(certificate / "conditions", GOAL_OF_CONDITION)
    assert conditions
    assert goals(certificate / "refutations", GOAL_OF_REFUTATION) == conditions
