"""`docs/kernel.md` is about the kernel that is there: its records, rules, functions, theorems and sizes."""

import ast
from collections.abc import Iterator
from functools import cache
from typing import get_args

import pytest
from quiesce.kernel.established import Rule
from quiesce.kernel.subjects import Subject
from theory.check import THEORY, read_table

from tests.by_day import by_day
from tests.docs.kernel_page import (
    KERNEL,
    PAGE,
    PARTS,
    ROOT,
    SPEC,
    lines_of_code,
    quoted,
    size,
    size_table,
    table_below,
    with_sizes,
)

pytestmark = pytest.mark.slow

MOST = {"core": 1000, "rules": 1060, "runs": 100, "meaning": 850}
"""Lines of code that the parts which decide may have: who wants more has to say here that the kernel grew."""

SUBJECTS = frozenset(record.__name__ for record in get_args(Subject))
RULES = frozenset(rule.__name__ for rule in get_args(Rule))
THEOREMS = {
    rule.name: tuple(".".join(theorem) for theorem in rule.theorems)
    for rule in read_table((THEORY / "theorems.toml").read_text(encoding="utf-8"))
}


def page() -> str:
    return PAGE.read_text(encoding="utf-8")


@cache  # each cell of the table asks
def functions(text: str) -> frozenset[str]:
    return frozenset(node.name for node in ast.walk(ast.parse(text)) if isinstance(node, ast.FunctionDef))


def missing_code(cell: str) -> Iterator[str]:
    """What a cell names that is no function of its file."""
    for reference in quoted(cell):
        place, _, name = reference.partition(": ")
        file = (SPEC if place.startswith("meaning/") else KERNEL) / place
        if not file.is_file() or name not in functions(file.read_text(encoding="utf-8")):
            yield reference


def faults(
    text: str,
    subjects: frozenset[str] = SUBJECTS,
    rules: frozenset[str] = RULES,
    theorems: dict[str, tuple[str, ...]] = THEOREMS,
) -> Iterator[str]:
    """What the tables of the page say otherwise than the code and the theory."""
    explained = [name for first, *_ in table_below(text, "obligations") for name in quoted(first)]
    if sorted(explained) != sorted(subjects):
        yield f"the kinds of obligation are not all explained once: {set(explained) ^ subjects}"
    table = [(quoted(rule), quoted(what), quoted(by), quoted(on)) for rule, what, by, on in table_below(text, "rules")]
    codes = [(quoted(rule), code) for rule, code in table_below(text, "code")]
    if any([name for names, *_ in rows for name in names] != list(theorems) for rows in (table, codes)):
        yield "the rules are not those of the theory, in its order"
    if (told := {name for _, what, *_ in table for name in what}) != subjects:
        yield f"not every kind of obligation has a rule: {told ^ subjects}"
    if (told := {name for _, _, by, _ in table for name in by}) != rules:
        yield f"not every rule of the kernel is in the table: {told ^ rules}"
    for [name], _, _, on in table:
        if tuple(on) != theorems.get(name):
            yield f"{name} rests on other theorems"
    for [name], code in codes:
        if not quoted(code):
            yield f"{name} has no code"
        yield from (f"{name}: there is no {reference}" for reference in missing_code(code))


def test_the_page_tells_of_the_kernel_that_is_there() -> None:
    assert list(faults(page())) == []


def test_a_new_kind_of_obligation_has_to_be_explained_and_needs_a_rule() -> None:
    told = list(faults(page(), subjects=SUBJECTS | {"Unheard"}))
    assert len(told) == 2
    assert all("Unheard" in fault for fault in told)


@pytest.mark.parametrize("gone", by_day(sorted(SUBJECTS), 12))
def test_a_kind_that_is_left_out_is_seen(gone: str) -> None:
    assert list(faults(page().replace(f"| `{gone}` |", "| |", 1)))


def test_a_new_rule_has_to_be_in_the_table() -> None:
    assert [fault for fault in faults(page(), rules=RULES | {"ByFaith"}) if "ByFaith" in fault]


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("`Frame.frame_keeps`", "`Frame.untouched`", "frame rests on other theorems"),
        ("| `stutter` | `Stutters` |", "| `stammer` | `Stutters` |", "the rules are not those of the theory"),
        ("| `stutter` | `rules/", "| `stammer` | `rules/", "the rules are not those of the theory"),
        ("`rules/steps.py: idle_batch`", "`rules/steps.py: idle`", "there is no rules/steps.py: idle"),
        ("`plan.py: trap`", "`plans.py: trap`", "there is no plans.py: trap"),
        ("`rules/sharing.py: shared_owed`", "", "offers_shared has no code"),
    ],
)
def test_a_table_that_is_wrong_is_found_out(old: str, new: str, told: str) -> None:
    assert old in page()
    assert [fault for fault in faults(page().replace(old, new)) if told in fault]


def test_a_theorem_that_the_theory_adds_has_to_be_in_the_table() -> None:
    more = {**THEOREMS, "frame": (*THEOREMS["frame"], "Frame.untouched")}
    assert list(faults(page(), theorems=more)) == ["frame rests on other theorems"]


# --- sizes -------------------------------------------------------------------------------------------------------

SMALL = '''"""What it is about.

In two paragraphs.
"""

from a import (
    b,
)

# A comment.
TEXT = """
is code
"""  # and so is this


def f(x: int) -> int:
    """What it is."""
    return (
        x
    )
'''


def test_docstrings_comments_blank_lines_and_imports_are_not_counted() -> None:
    assert lines_of_code(SMALL) == 3 + 1 + 3


def test_the_sizes_on_the_page_are_those_of_the_files() -> None:
    assert size_table() in page(), "count anew: python -m tests.docs.kernel_page"


def test_a_page_that_is_stale_is_counted_anew() -> None:
    stale = page().replace("subjects.py` | ", "subjects.py` | 1")
    assert stale != page()
    assert size_table() not in stale
    assert with_sizes(stale) == page()
    with pytest.raises(ValueError, match="no place"):
        with_sizes("a page without sizes")


def too_large(most: dict[str, int]) -> list[str]:
    return [part for part, bound in most.items() if size(PARTS[part][1]) > bound]


def test_what_decides_stays_small() -> None:
    assert too_large(MOST) == []
    assert f"The core may not grow beyond {MOST['core']} lines." in page()


@pytest.mark.parametrize("part", MOST)
def test_what_grows_too_large_is_seen(part: str) -> None:
    files = PARTS[part][1]
    assert too_large({part: size(files)}) == []
    assert too_large({part: size(files) - 1}) == [part]


def test_every_link_to_a_file_leads_somewhere() -> None:
    links = [target for target in _links(page()) if "#" not in target]
    assert links
    assert [link for link in links if not (PAGE.parent / link).exists()] == []


def test_every_link_within_the_page_leads_to_a_heading() -> None:
    headings = {line.lstrip("# ").lower().replace(",", "").replace(" ", "-") for line in _headings(page())}
    assert [target for target in _links(page()) if target.startswith("#") and target[1:] not in headings] == []


def _headings(text: str) -> list[str]:
    return [line for line in text.splitlines() if line.startswith("#")]


def _links(text: str) -> list[str]:
    return [part.partition(")")[0] for part in text.split("](")[1:]]


def test_the_pages_that_people_read_first_lead_here() -> None:
    for name in ("README.md", "ARCHITECTURE.md"):
        assert "docs/kernel.md" in (ROOT / name).read_text(encoding="utf-8")
