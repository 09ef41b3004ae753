"""A spec with thousands of mistakes is told of all of them, and names are compared for the first of them alone."""

from collections.abc import Callable
from pathlib import PurePosixPath

import pytest
from quiesce.spec.diagnostics import Diagnostic, SpecError
from quiesce.spec.reader import read_text
from quiesce.spec.reading import problems
from quiesce.spec.reading.problems import LONGEST_NAME, MOST_GUESSES, MOST_NAMES, did_you_mean

HEAD = "from enum import Enum, auto\nfrom quiesce.spec import Family, Machine, Member, Nat, call, always, step\n\n\n"


def names(number: int) -> list[str]:
    """Names that are all like each other."""
    return [f"variable_number_{n}" for n in range(number)]


def variables(number: int) -> str:
    declared = "".join(f"    {name}: bool = False\n" for name in names(number))
    used = "".join(f"        self.{name}x = True\n" for name in names(number))
    return f"{HEAD}class M(Machine):\n{declared}\n    @call('a')\n    def a(self) -> None:\n{used}"


def constants(number: int) -> str:
    declared = "".join(f"{name} = {n}\n" for n, name in enumerate(names(number)))
    used = "".join(f"        self.v = {name}x\n" for name in names(number))
    return f"{HEAD}{declared}\n\nclass M(Machine):\n    v: Nat = 0\n\n    @call('a')\n    def a(self) -> None:\n{used}"


def enums(number: int) -> str:
    declared = "".join(f"    {name} = auto()\n" for name in names(number))
    used = "".join(f"        self.p = P.{name}x\n" for name in names(number))
    first = names(1)[0]
    return (
        f"{HEAD}class P(Enum):\n{declared}\n\nclass M(Machine):\n    p: P = P.{first}\n\n"
        f"    @call('a')\n    def a(self) -> None:\n{used}"
    )


def fields(number: int) -> str:
    declared = "".join(f"    {name}: bool = False\n" for name in names(number))
    used = "".join(f"        s.{name}x = True\n" for name in names(number))
    return (
        f"{HEAD}class S(Member):\n{declared}\n\nclass M(Machine):\n    ss: Family[S]\n\n"
        f"    @call('a')\n    def a(self, s: S) -> None:\n{used}"
    )


def actions(number: int) -> str:
    declared = "".join(f"    @call('{n}')\n    def {n}(self) -> None:\n        self.v = 1\n\n" for n in names(number))
    used = ", ".join(f"{name}x" for name in names(number))
    return (
        f"{HEAD}class M(Machine):\n    v: Nat = 0\n\n{declared}    @step(only=[{used}])\n"
        f"    def p(self, old: 'M') -> bool:\n        return self.v > 0\n"
    )


def mistakes(text: str) -> tuple[Diagnostic, ...]:
    with pytest.raises(SpecError) as refused:
        read_text(text, PurePosixPath("many.py"))
    return tuple(refused.value.diagnostics)


@pytest.fixture
def compared(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names for which another one was looked for."""
    seen: list[str] = []

    def noted(name: str, known: list[str], prefix: str = "") -> str | None:
        seen.append(name)
        return did_you_mean(name, known, prefix)

    monkeypatch.setattr(problems, "did_you_mean", noted)
    return seen


@pytest.mark.parametrize("make", [variables, constants, enums, fields, actions])
def test_names_are_compared_for_the_first_mistakes_only(make: Callable[[int], str], compared: list[str]) -> None:
    found = mistakes(make(100))
    assert len(found) >= 100
    assert 0 < len(compared) <= MOST_GUESSES
    assert "did you mean" in (found[0].hint or "")


def test_a_long_name_is_compared_with_none_and_many_names_are_not_all_compared() -> None:
    assert did_you_mean("x" * (LONGEST_NAME + 1), ["x" * (LONGEST_NAME + 1)]) is None
    assert did_you_mean("users", ["u" * 100_000, "user"]) == "did you mean `user`?"
    far = [f"{'u' * 50}{n}" for n in range(2 * MOST_NAMES)]
    assert did_you_mean("users", [*far, "user"]) == "did you mean `user`?"


@pytest.mark.parametrize(
    ("name", "known", "meant"),
    [
        ("user", ["used", "users", "usher"], "users"),
        ("usres", ["unused", "users", "use"], "users"),
        ("USERS", ["other", "users"], "users"),
        ("abcde", ["abcxx", "vwxyz"], "abcxx"),
        ("abcde", ["abxxx", "vwxyz"], None),
        ("", ["a"], None),
        ("a", [], None),
    ],
)
def test_the_closest_name_is_meant(name: str, known: list[str], meant: str | None) -> None:
    assert did_you_mean(name, known) == (None if meant is None else f"did you mean `{meant}`?")
