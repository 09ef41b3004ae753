"""No hints, however forged, prove what is not so; and what is so is still proved by hints that say it otherwise.

`QUIESCE_FORGERIES` says how many are made: one of each false spec if it does not, a thousand in the nightly script.
"""

import json
import os
import re
from collections import Counter
from functools import cache
from pathlib import PurePosixPath
from random import Random
from time import monotonic

import pytest
from quiesce.certify.entries import Malformed
from quiesce.certify.proposal import in_lines
from quiesce.certify.proposal_reading import read_proposal
from quiesce.certify.rechecking import Means, recheck
from quiesce.certify.second import SecondSolver
from quiesce.spec.reader import read_text

from tests.by_day import by_day
from tests.certify.conftest import Proof
from tests.certify.false_specs import MORE, false_spec
from tests.certify.forging import Workshop

pytestmark = pytest.mark.slow

PATIENCE = 30.0
"""Seconds that no forgery may take; it takes a tenth of one."""

NAMES = sorted(MORE)
FORGERIES = int(os.environ.get("QUIESCE_FORGERIES", len(NAMES)))


def by_solver(script: str) -> tuple[str, ...]:
    return SecondSolver("cvc5", budget=300_000).answers(script)


MEANS = Means(by_solver, lambda _: None)


def chance(seed: str) -> Random:
    return Random(seed)  # noqa: S311 -- the same forgeries in every run


@cache
def workshop(name: str, genuine: str) -> Workshop:
    return Workshop.of(read_text(false_spec(name), PurePosixPath("gate.py")), genuine)


@pytest.mark.parametrize("name", by_day(NAMES, 18))
def test_honest_hints_fail_for_nothing_but_what_is_not_so(proof: Proof, name: str) -> None:
    """Otherwise forgeries would be refused for another reason, and show nothing."""
    shop = workshop(name, proof.hints)
    hints = in_lines(shop.honest())
    read_proposal(shop.machine, hints)
    found = recheck(shop.machine, hints, MEANS)
    said = [f"{objection.where}: {objection.reason}" for objection in found.objections]
    assert said
    if any("conditions are not confirmed" in reason or "rests on" in reason for reason in said):
        said = [reason for reason in said if "confirmed" not in reason and "rests on" not in reason]
    assert all(re.search(MORE[name].spoken_of, reason) for reason in said), said


@pytest.mark.slow
@pytest.mark.parametrize("name", by_day(NAMES, 3))
def test_no_forgery_is_accepted(proof: Proof, name: str) -> None:
    shop = workshop(name, proof.hints)
    for seed in range(NAMES.index(name), FORGERIES, len(NAMES)):
        hints = shop.forged(chance(f"{name} {seed}"))
        start = monotonic()
        found = recheck(shop.machine, hints, MEANS)
        assert found.objections, hints
        assert monotonic() - start < PATIENCE, hints
        for objection in found.objections:
            assert f"{objection.where}{objection.reason}".isprintable()


@pytest.mark.nightly
def test_most_forgeries_are_refused_for_what_they_say_and_not_for_their_form(proof: Proof) -> None:
    kinds: Counter[str] = Counter()
    for seed in range(200):
        shop = workshop(NAMES[seed % len(NAMES)], proof.hints)
        try:
            read_proposal(shop.machine, shop.forged(chance(f"form {seed}")))
        except Malformed as error:
            kinds[error.where.split("[")[0].split(".")[0]] += 1
        else:
            kinds["read"] += 1
    assert kinds["read"] > 100
    assert {"inductions", "ranks", "descents", "witnesses"} <= kinds.keys()


# --- true ones -----------------------------------------------------------------------------------------------------


def otherwise(genuine: str, random: Random) -> str:
    """Hints that prove the same, said otherwise."""
    content = json.loads(genuine)
    spellings = {
        "self.holders == self.keys": ["self.keys == self.holders", "not self.keys != self.holders"],
        "implies(self.phase == Phase.OPEN, self.holders > 0)": [
            "self.phase != Phase.OPEN or 0 < self.holders",
            "implies(self.phase in (Phase.OPEN,), self.holders >= 1)",
            "self.holders > 0 if self.phase == Phase.OPEN else True",
        ],
    }
    content["invariants"] = [random.choice(spellings[text]) for text in content["invariants"]]
    more = ["True", "self.keys >= 0", "all(m.bags >= 0 for m in self.guests)", "self.holders + self.keys >= 0"]
    content["invariants"] += random.sample(more, random.randint(0, 3))
    random.shuffle(content["invariants"])
    rank = content["ranks"][0]["rank"]
    same = [rank, [*rank, "1"], ["3", *rank], [*rank, "self.holders"]]
    for entry in content["ranks"]:
        entry["rank"] = random.choice(same)
    for entry in content["descents"]:
        random.shuffle(entry["helpful"])
    if random.random() < 0.5:
        content["inductions"] = [{"action": "closed", "promise": "held_open", "depth": 2}]
    content["witnesses"] += random.choices(content["witnesses"], k=random.randint(0, 3))
    random.shuffle(content["witnesses"])
    random.shuffle(content["failures"])
    content["traps"][0]["facts"] = [random.choice(["self.broken", "self.broken == True", "not not self.broken"])]
    return json.dumps(content) if random.random() < 0.5 else in_lines(content)


@pytest.mark.slow
def test_true_hints_are_accepted_however_they_say_it(proof: Proof) -> None:
    means = Means(SecondSolver.installed().answers, lambda _: None)
    for seed in range(2 * FORGERIES // 10):
        hints = otherwise(proof.hints, chance(f"true {seed}"))
        assert recheck(proof.machine, hints, means).objections == (), hints
