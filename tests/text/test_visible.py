"""Texts of strangers show all that they hold."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from quiesce.text.visible import one_line, visible

EVERY_CHARACTER = "".join(map(chr, range(0x110000)))


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain text", "plain text"),
        ("Größe → 大小 \U0001f600", "Größe → 大小 \U0001f600"),
        ("two\n\tlines", "two\n\tlines"),
        ("\x1b[2J\r\x00\x9b", r"\x1b[2J\x0d\x00\x9b"),
        ("\u202eexe.txt\u2066", r"\u202eexe.txt\u2066"),
        ("\ud800\udcff", r"\ud800\udcff"),
        ("a\u200bb\ufeffc\u2028d\U000e0041", r"a\u200bb\ufeffc\u2028d\U000e0041"),
        (r"\x1b", r"\x1b"),
    ],
)
def test_what_is_not_seen_is_written_by_its_number(text: str, shown: str) -> None:
    assert visible(text) == shown


@pytest.mark.slow
def test_no_character_is_forgotten_that_this_version_of_unicode_calls_a_control_or_a_format() -> None:
    left = set(visible(EVERY_CHARACTER)) - {"\n", "\t"}
    assert set(map(unicodedata.category, left)).isdisjoint({"Cc", "Cf", "Cs", "Zl", "Zp"})
    assert left.isdisjoint("\u034f\u115f\u1160\u17b4\u3164\uffa0\ufe0f\ufdd0\uffff\U0010ffff")


def test_letters_marks_digits_and_signs_stay_but_for_those_without_a_shape() -> None:
    signs = [char for char in EVERY_CHARACTER if unicodedata.category(char)[0] in "LNPS"]
    changed = set(signs).difference(visible("".join(signs)))
    assert sorted(changed) == ["\u115f", "\u1160", "\u3164", "\uffa0"]


@given(st.text())
def test_what_is_visible_stays_as_it_is_and_can_be_written_anywhere(text: str) -> None:
    shown = visible(text)
    assert visible(shown) == shown
    shown.encode()
    assert len(one_line(text).splitlines()) <= 1
