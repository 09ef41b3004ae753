"""Small layers at random, judged by somebody who tries every call: what is proved of them, a program can do."""

from dataclasses import dataclass
from itertools import product
from pathlib import Path, PurePosixPath
from random import Random

import pytest
from quiesce.kernel.kinds import Kind
from quiesce.prove.effort import Effort
from quiesce.prove.prover import verify
from quiesce.prove.results import Verdict
from quiesce.spec.reader import read_text

from tests.by_day import by_day

ANSWERS = (0, 1, 2)
GIVEN = ("x", "y")
TYPE = "Answer[Annotated[int, Range(0, 2)]]"


@dataclass(frozen=True)
class Outcome:
    """Applies to one answer, and where a thing that is given has one value; it names more than it looks at."""

    name: str
    calls: frozenset[str]
    answer: int
    looks_at: tuple[str, bool] | None
    named: tuple[str, ...]
    refused: bool

    def text(self) -> str:
        fails = f', fails="{self.name.upper()}"' if self.refused else ""
        calls = ", ".join(f'"{call}"' for call in sorted(self.calls))
        more = "" if self.looks_at is None else f" and {'' if self.looks_at[1] else 'not '}{self.looks_at[0]}"
        given = "".join(f", {name}: bool" for name in self.named)
        return (
            f"\n    @call({calls}{fails})\n    def {self.name}(self, q: {TYPE}{given}) -> None:\n"
            f"        when(q == {self.answer}{more})\n"
        )


@dataclass(frozen=True)
class Step:
    """A step of the machine that makes one call, perhaps after another, and is about one answer."""

    outcome: Outcome
    given: tuple[tuple[str, bool], ...]
    started: bool

    def text(self, number: int) -> str:
        values = "".join(f", {name}={value}" for name, value in self.given)
        first = "        self.lower.start()\n" if self.started else ""
        return (
            f"\n    @internal\n    def step_{number}(self, q: {TYPE}) -> None:\n"
            f"{first}        self.lower.{self.outcome.name}(q{values})\n"
        )


def contract(random: Random) -> list[Outcome]:
    """The outcomes of two or three calls: exactly one for each answer and whatever is given."""
    calls = ["A", "B", "C"][: random.choice((2, 3))]
    found: list[Outcome] = []
    for answer in ANSWERS:
        together = frozenset(random.sample(calls, random.choice((0, 2, len(calls)))))
        for group, refused in ((together, True), *((frozenset({c}), random.random() < 0.5) for c in calls)):
            if not group or (group is not together and group <= together):
                continue
            split = random.choice((None, None, *GIVEN))
            for value in (True, False) if split else (True,):
                named = tuple(name for name in GIVEN if name == split or random.random() < 0.4)
                looks_at = (split, value) if split else None
                found.append(Outcome(f"k{len(found)}", group, answer, looks_at, named, refused))
    return found


def steps(random: Random, outcomes: list[Outcome]) -> list[Step]:
    """Some steps; mostly about one call, so that some deal with everything."""
    chosen, usual = random.choice("AB"), {name: random.random() < 0.5 for name in GIVEN}
    found = []
    for outcome in outcomes:
        for _ in range(random.choice((1, 1, 1, 1, 2)) if chosen in outcome.calls else random.choice((0, 0, 0, 1))):
            given = tuple((n, usual[n] if random.random() < 0.8 else random.random() < 0.5) for n in outcome.named)
            if outcome.looks_at is None or dict(given)[outcome.looks_at[0]] == outcome.looks_at[1]:
                found.append(Step(outcome, given, random.random() < 0.1))
    return list(dict.fromkeys(found))


def can_be_done(step: Step, others: list[Step], outcomes: list[Outcome]) -> bool:
    """Whether some call that the step may be about, given something that fits, has a step for every answer."""
    for call, values in product(sorted(step.outcome.calls), product((True, False), repeat=len(GIVEN))):
        given = dict(zip(GIVEN, values, strict=True))
        if all(given[name] == value for name, value in step.given) and all(
            any(
                other.started == step.started
                and other.outcome == _applying(outcomes, call, given, answer)
                and all(given[name] == value for name, value in other.given)
                for other in others
            )
            for answer in ANSWERS
        ):
            return True
    return False


def _applying(outcomes: list[Outcome], call: str, given: dict[str, bool], answer: int) -> Outcome:
    [found] = (
        o
        for o in outcomes
        if call in o.calls and o.answer == answer and (o.looks_at is None or given[o.looks_at[0]] == o.looks_at[1])
    )
    return found


def dealt_with(folder: Path, outcomes: list[Outcome], made: list[Step]) -> bool:
    """Whether the prover says that every answer is dealt with."""
    head = "from typing import Annotated\nfrom quiesce.spec import Answer, Uses, Machine, Range, call, internal, when\n"
    start = '\n    @call("Start")\n    def start(self) -> None:\n        pass\n'
    service = f'{head}\n\nclass Service(Machine):\n    """A contract."""\n{start}{"".join(o.text() for o in outcomes)}'
    (folder / "service.py").write_text(service, encoding="utf-8")
    upper = f"from service import Service\n{head}\n\nclass Upper(Machine):\n    lower: Uses[Service]\n"
    text = upper + "".join(step.text(number) for number, step in enumerate(made))
    results = verify(read_text(text, PurePosixPath("upper.py"), folder), Effort(strengthen=False)).results
    judged = {r.obligation.id: r.verdict for r in results if r.obligation.kind in (Kind.PRECONDITION, Kind.CONTRACT)}
    assert judged["contract/Service"] is Verdict.PROVED
    return all(verdict is Verdict.PROVED for verdict in judged.values())


@pytest.mark.parametrize("seed", by_day(range(40), 2))
def test_what_is_proved_of_a_layer_at_random_can_be_done(seed: int, tmp_path: Path) -> None:
    random = Random(seed)  # noqa: S311 -- nothing is kept secret
    outcomes = contract(random)
    made = steps(random, outcomes)
    possible = all(can_be_done(step, made, outcomes) for step in made)
    assert not dealt_with(tmp_path, outcomes, made) or possible
