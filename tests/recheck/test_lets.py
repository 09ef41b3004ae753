"""Terms with names for their parts are read as the terms that they stand for, and never as others."""

import pytest
from quiesce.recheck.lets import LARGEST, written_out
from quiesce.recheck.terms import Rejected, read, show


def out(text: str) -> str:
    [term] = read(text)
    return show(written_out(term))


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("(and a b)", "(and a b)"),
        ("(let ((p (f a))) (and p p))", "(and (f a) (f a))"),
        ("(let ((p a)) (let ((q (not p))) (or p q)))", "(or a (not a))"),
        ("(let ((a b) (b a)) (=> a b))", "(=> b a)"),
        ("(let ((p a)) (let ((p (not p))) p))", "(not a)"),
        ("(forall ((m s)) (let ((p (f m))) (and p p)))", "(forall ((m s)) (and (f m) (f m)))"),
        ("(let ((m a)) (forall ((m s)) (f m)))", "(forall ((m s)) (f m))"),
        ("(let ((p a)) (forall ((m s)) (and p (f m))))", "(forall ((m s)) (and a (f m)))"),
    ],
)
def test_names_are_replaced_by_what_they_stand_for(text: str, meant: str) -> None:
    assert out(text) == meant


@pytest.mark.parametrize(
    "text",
    [
        "(let ((p (f m))) (forall ((m s)) p))",
        "(forall ((m s)) (let ((p (f m))) (exists ((m s)) p)))",
    ],
)
def test_a_name_never_comes_to_mean_another_member(text: str) -> None:
    with pytest.raises(Rejected, match="another one"):
        out(text)


@pytest.mark.parametrize("text", ["(let ((p)) p)", "(let ((p a) (p b)) p)", "(let (((f) a)) p)"])
def test_what_gives_no_name_is_refused(text: str) -> None:
    with pytest.raises(Rejected, match="no name"):
        out(text)


def test_a_term_that_grows_without_end_is_refused() -> None:
    lines = LARGEST.bit_length() + 1
    text = "".join(f"(let ((x{number + 1} (and x{number} x{number}))) " for number in range(lines))
    with pytest.raises(Rejected, match="too large"):
        out(f"{text}x{lines}{')' * lines}")
