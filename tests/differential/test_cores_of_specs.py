"""What is proved of a spec is of no use if the core does something else: both take the same walks."""

from operator import attrgetter
from pathlib import Path

import pytest

from tests.by_day import by_day
from tests.differential.cores import NotWritten, core_of, differences
from tests.differential.known import FORGETFUL
from tests.differential.not_yet import NOT_YET
from tests.twins import GOOD

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("path", by_day(GOOD.values(), 7), ids=attrgetter("stem"))
def test_the_core_of_a_good_spec_does_what_the_spec_does(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert list(differences(text, core_of(text))) == []


def test_a_core_that_does_something_else_is_noticed() -> None:
    text = GOOD["counted_drain"].read_text(encoding="utf-8")
    core = core_of(text)
    other = core.replace(" += 1", " += 2")
    assert other != core
    assert list(differences(text, other))


@pytest.mark.parametrize("name", FORGETFUL)
def test_a_core_that_is_called_equal_is_equal(name: str) -> None:
    """Of what is not mended yet, it is asked that the walk sees it: who mends it takes the name off the list."""
    text = FORGETFUL[name]
    try:
        wrong = list(differences(text, core_of(text)))
    except NotWritten:  # then nobody says that it is equal
        wrong = []
    assert bool(wrong) == (name in NOT_YET)
