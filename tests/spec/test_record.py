"""Records are frozen dataclasses that are made quickly: what a dataclass does, they do."""

import inspect
from copy import deepcopy
from dataclasses import FrozenInstanceError, field, replace

import pytest
from quiesce.spec.record import record


@record
class Point:
    x: int
    y: int = 0
    names: list[str] = field(default_factory=list)
    note: str = field(default="", compare=False, repr=False)


@record
class Positive:
    number: int

    def __post_init__(self) -> None:
        if self.number <= 0:
            raise ValueError(self.number)


@record
class Loose:
    word: str

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Loose) and self.word.lower() == other.word.lower()

    def __hash__(self) -> int:
        return hash(self.word.lower())


def test_its_fields_are_given_by_place_by_name_or_by_default() -> None:
    assert Point(1, y=2) == Point(x=1, y=2) != Point(1)
    assert list(inspect.signature(Point).parameters) == ["x", "y", "names", "note"]


@pytest.mark.parametrize(("given", "named"), [((), {}), ((1, 2, [], "", 5), {}), ((1,), {"x": 1}), ((1,), {"z": 1})])
def test_what_no_field_takes_is_refused(given: tuple[int, ...], named: dict[str, int]) -> None:
    with pytest.raises(TypeError, match=r"__init__\(\)"):
        Point(*given, **named)  # type: ignore[arg-type]


def test_a_default_that_is_made_is_made_for_each_anew() -> None:
    one, other = Point(1), Point(1)
    assert one.names == [] == other.names
    assert one.names is not other.names


def test_what_is_not_compared_makes_no_difference() -> None:
    assert Point(1, note="a") == Point(1, note="b")
    assert hash(Loose("a")) == hash(Loose("A"))


def test_its_text_shows_the_fields_that_are_to_be_shown() -> None:
    assert repr(Point(1, note="hidden")) == "Point(x=1, y=0, names=[])"


def test_it_cannot_be_changed() -> None:
    point = Point(1)
    with pytest.raises(FrozenInstanceError):
        point.x = 2  # type: ignore[misc]
    with pytest.raises(FrozenInstanceError):
        del point.x
    assert replace(point, x=2) == Point(2)


def test_it_is_checked_when_it_is_made() -> None:
    with pytest.raises(ValueError, match="0"):
        replace(Positive(1), number=0)


def test_its_own_equality_is_kept() -> None:
    assert Loose("a") == Loose("A") != Loose("b")


def test_its_copy_has_all_its_values() -> None:
    point = Point(1, 2, ["a"], "b")
    assert deepcopy(point).__dict__ == point.__dict__


def test_a_field_without_a_default_behind_one_with_a_default_is_refused() -> None:
    with pytest.raises(TypeError, match="follows one with a default"):

        @record
        class _Wrong:
            x: int = 0
            y: int  # type: ignore[misc]
