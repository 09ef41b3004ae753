"""While something is proved, Python looks for cycles more seldom; before and after, as often as its user has said."""

import gc
from collections.abc import Iterator
from pathlib import PurePosixPath
from threading import Event, Thread

import pytest
from quiesce.prove.prover import verify
from quiesce.spec.reader import read_text

from tests.prove.service import SPEC

MACHINE = read_text(SPEC, PurePosixPath("service.py"))


class Stopped(Exception):
    """Somebody does not want to go on."""


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    before = gc.get_threshold()
    yield
    gc.set_threshold(*before)


@pytest.mark.parametrize(
    ("usual", "within"), [((700, 10, 10), 200_000), ((5_000_000, 10, 10), 5_000_000), ((0, 10, 10), 0)]
)
def test_what_the_user_has_said_holds_again_after_a_proof(usual: tuple[int, int, int], within: int) -> None:
    gc.set_threshold(*usual)
    seen: set[int] = set()
    verify(MACHINE, progress=lambda _: seen.add(gc.get_threshold()[0]))
    assert seen == {within}
    assert gc.get_threshold() == usual


def test_it_does_after_one_that_was_stopped() -> None:
    gc.set_threshold(700, 10, 10)

    def stop(_: str) -> None:
        raise Stopped

    with pytest.raises(Stopped):
        verify(MACHINE, progress=stop)
    assert gc.get_threshold() == (700, 10, 10)


def test_of_two_proofs_at_once_the_one_that_ends_last_leaves_it_as_it_was() -> None:
    gc.set_threshold(700, 10, 10)
    inside, first_has_ended = Event(), Event()

    def wait(_: str) -> None:
        inside.set()
        assert first_has_ended.wait(60)

    second = Thread(target=lambda: verify(MACHINE, progress=wait))

    def begin_the_second(_: str) -> None:
        if not inside.is_set():
            second.start()
            assert inside.wait(60)

    verify(MACHINE, progress=begin_the_second)
    first_has_ended.set()
    second.join()
    assert gc.get_threshold() == (700, 10, 10)
