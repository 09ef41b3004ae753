"""Small machines at random that offer a contract to two callers: what is proved of them, neither caller sees broken."""

from collections.abc import Callable, Iterator
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

MOST = 4
"""How much is counted in the runs that are tried."""


@dataclass(frozen=True)
class Claim:
    """A condition as a spec says it, and the same for the count, the answer `more`, and what the caller gives, `n`."""

    text: str
    holds: Callable[[int, bool, int], bool]


@dataclass(frozen=True)
class Outcome:
    """What becomes of a call: it is refused with an error, or changes the count."""

    call: str
    when: Claim
    assumes: Claim | None
    error: str | None
    adds: int

    def text(self, name: str, more: str) -> str:
        fails = "" if self.error is None else f', fails="{self.error}"'
        lines = [f"when({self.when.text})"]
        lines += [] if self.assumes is None else [f'assume({self.assumes.text}, "so it is agreed")']
        lines += [f"self.held += {self.adds}"] if self.adds else []
        body = "".join(f"        {line}\n" for line in lines)
        return f'\n    @call("{self.call}"{fails})\n    def {name}(self, more: {more}, n: Nat) -> None:\n{body}'


TRUE = Claim("True", lambda _held, _more, _n: True)
SOME = Claim("self.held > 0", lambda held, _more, _n: held > 0)
CONTRACT: tuple[Claim, ...] = (
    TRUE,
    Claim("more", lambda _held, more, _n: more),
    Claim("n > 1", lambda _held, _more, n: n > 1),
)
CONTRACT += (Claim("more and n > 1", lambda _held, more, n: more and n > 1), SOME)
CONTRACT += (Claim("self.held < 2", lambda held, _more, _n: held < 2),)
MACHINE: tuple[Claim, ...] = (*CONTRACT, Claim("self.held < 3 and n > 1", lambda held, _more, n: held < 3 and n > 1))
MACHINE += (Claim("more or n > 1", lambda _held, more, n: more or n > 1),)


def negated(claim: Claim) -> Claim:
    return Claim(f"not ({claim.text})", lambda held, more, n: not claim.holds(held, more, n))


def calls(random: Random, claims: tuple[Claim, ...], usual: tuple[Claim, Claim] | None) -> list[Outcome]:
    """Two outcomes of each of two calls. What is usual is what the contract says, so that some keep to it."""
    found = []
    for number, (call, adds) in enumerate((("Up", 1), ("Down", -1))):
        when = random.choice(claims) if usual is None or random.random() < 0.5 else usual[number]
        odd = usual is not None and random.random() < 0.15
        trusted = random.choice((None, SOME)) if adds > 0 else random.choice((SOME, SOME, SOME, None))
        found.append(Outcome(call, when, trusted, None, random.choice((2, 0)) if odd and adds > 0 else adds))
        found.append(Outcome(call, negated(when), None, "OTHER" if random.random() < 0.1 else "BUSY", 0))
    return found


def broken(contract: list[Outcome], machine: list[Outcome]) -> bool:
    """Whether some run of two callers, each of whom keeps to the contract, shows one of them what it does not have."""
    seen, todo = {(0, 0, 0)}, [(0, 0, 0)]
    while todo:
        held, *parts = todo.pop()
        for caller, call, more, n in product((0, 1), ("Up", "Down"), (True, False), range(4)):
            agreed = [k for k in contract if k.call == call]
            if not all(
                k.assumes is None or not k.when.holds(parts[caller], m, n) or k.assumes.holds(parts[caller], m, n)
                for k in agreed
                for m in (True, False)
            ):
                continue
            for step in (o for o in machine if o.call == call and o.when.holds(held, more, n)):
                if step.assumes is not None and not step.assumes.holds(held, more, n):
                    return True
                ways = [k for k in agreed for m in (True, False) if k.when.holds(parts[caller], m, n)]
                if not any(k.error == step.error and k.adds == step.adds for k in ways):
                    return True
                part = parts[caller] + step.adds
                if held + step.adds < 0:
                    return True
                now = (held + step.adds, *((part, parts[1]) if caller == 0 else (parts[0], part)))
                if part >= 0 and now not in seen and now[0] <= MOST:
                    seen.add(now)
                    todo.append(now)
    return False


def kept(folder: Path, contract: list[Outcome], machine: list[Outcome]) -> bool:
    """Whether the prover says that the machine keeps the contract, whatever is to be said of the contract itself."""
    head = "from quiesce.spec import Answer, Machine, Nat, assume, call, when\n"
    (folder / "service.py").write_text(_class(head, "Service(Machine)", contract, "Answer[bool]"), encoding="utf-8")
    text = _class(f"from service import Service\n{head}", "Server(Machine, provides=Service)", machine, "bool")
    results = verify(read_text(text, PurePosixPath("server.py"), folder), Effort(strengthen=False)).results
    needed = (Kind.REFINEMENT, Kind.START, Kind.STEP)
    return all(r.verdict is Verdict.PROVED for r in results if r.obligation.kind in needed)


def _class(head: str, name: str, outcomes: list[Outcome], more: str) -> str:
    return f"{head}\n\nclass {name}:\n    held: Nat = 0\n{''.join(_texts(outcomes, more))}"


def _texts(outcomes: list[Outcome], more: str) -> Iterator[str]:
    return (outcome.text(f"outcome_{number}", more) for number, outcome in enumerate(outcomes))


def one(seed: int) -> tuple[list[Outcome], list[Outcome]]:
    random = Random(seed)  # noqa: S311 -- nothing is kept secret
    contract = calls(random, CONTRACT, None)
    return contract, calls(random, MACHINE, (contract[0].when, contract[2].when))


@pytest.mark.slow
@pytest.mark.parametrize("seed", by_day(range(40), 8))
def test_what_is_proved_of_an_offer_at_random_is_what_callers_see(seed: int, tmp_path: Path) -> None:
    contract, machine = one(seed)
    assert not (kept(tmp_path, contract, machine) and broken(contract, machine))
