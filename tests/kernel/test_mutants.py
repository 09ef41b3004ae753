"""The driver that runs mutants: what it changes, and that it notices who survives."""

import pytest

from tests.kernel import mutants as driver
from tests.kernel.mutations import Mutant, mutants

RULE = '''
def allowed(given: list[int], limit: int) -> list[int]:
    """Doc."""
    if limit < 0:
        raise ValueError(limit)
    match given:
        case [] if limit:
            return []
        case _:
            return [n for n in (*given, 0) if n < limit]


def some(limit: int):
    yield limit
'''

CHANGES = [
    "if [-limit < 0-]{+True+} :",
    "if [-limit < 0-]{+False+} :",
    "n < [--]{+=+} limit]",
    "0) [-if n < limit-]{++} ]",
    "[-*given, 0-]{+0,+}",
    "[-raise ValueError(limit)-]{+pass+}",
    "case [] [-if limit-]{++} :",
    "yield [-limit-]{+from ()+}",
]


def test_rules_are_weakened_in_every_way() -> None:
    found = list(mutants("rule.py", RULE))
    names = [mutant.name for mutant in found]
    assert len(names) == len(set(names)) > 15
    for change in CHANGES:
        assert any(change in name for name in names), change
    for mutant in found:
        compile(mutant.code, mutant.path, "exec")
        assert mutant.code != RULE
        assert '"""Doc."""' in mutant.code


def test_what_makes_no_difference_is_no_mutant() -> None:
    same = "def f(x):\n    for pair in zip(x, x, strict=True):\n        g(pair, loud=False)\n    return False\n"
    names = [mutant.name for mutant in mutants("same.py", same)]
    assert not any("strict" in name.partition("[-")[2].partition("+}")[0] for name in names)
    assert not any("return [-Fals-]{+Non+} e" in name for name in names)
    assert any("return [-Fals-]{+Tru+} e" in name for name in names)


def mutant(name: str) -> Mutant:
    return Mutant(name, "kernel/plan.py", "f", 1, 1, "")


@pytest.mark.parametrize(
    ("outcomes", "known", "code"),
    [
        ({"a": "killed", "b": "survived"}, {"b": "why"}, 0),
        ({"a": "killed", "b": "survived"}, {}, 1),
        ({"a": "killed", "b": "killed"}, {"b": "why"}, 1),
        ({"a": "killed", "b": "killed"}, {}, 0),
    ],
    ids=["listed", "not listed", "listed and killed", "killed"],
)
def test_survivors_are_those_that_are_listed(
    outcomes: dict[str, str], known: dict[str, str], code: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(driver, "listed", lambda: known)
    said: list[str] = []
    assert driver._told([mutant(name) for name in outcomes], outcomes, said.append) == code
    assert any(line.startswith("kernel/plan.py: 2 mutants") for line in said)


def test_every_listed_survivor_has_a_reason() -> None:
    reasons = driver.listed()
    assert all(reason.endswith(".") and len(reason) > 20 for reason in reasons.values())


def test_each_file_of_the_kernel_is_mutated() -> None:
    assert {"kernel/established.py", "kernel/rules/steps.py", "kernel/runs/shown.py"} <= set(driver.sources())
