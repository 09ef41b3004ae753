"""One machine after the other: proved, searched, compared."""

import traceback
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from hypothesis import HealthCheck, Phase, given, seed, settings
from quiesce.prove.prover import Options, verify

from tests.differential.judging import Disagreement, disagreements
from tests.differential.machines import Spec, specs
from tests.differential.oracle import search

PORTION = 25
"""Machines that come from one seed."""

BUDGET = 200_000
"""Units of `rlimit` for one condition: machines are small, and what takes longer may stay unknown."""

DEPTH = 5
"""The longest counterexample that is looked for."""


class WrongAnswer(AssertionError):
    """The prover and exhaustive search disagree about a machine."""


@dataclass(frozen=True)
class Judged:
    """A machine and the wrong answers about it; how often each verdict was given, and what the search met.

    `complete` is said of a search that left out nothing, `broken` of a machine that does not keep all it promises.
    """

    spec: Spec
    wrong: tuple[Disagreement, ...]
    answers: Counter[str]
    complete: bool = False
    broken: bool = False


def judged(spec: Spec, *, strengthen: bool) -> Judged:
    """Prove a machine, and search it. An exception is a wrong answer, too."""
    try:
        report = verify(spec.machine, Options(budget=BUDGET, depth=DEPTH, strengthen=strengthen))
    except Exception:  # whatever it is, a person who verifies a spec would see it
        return Judged(spec, (Disagreement("", traceback.format_exc()),), Counter())
    known = search(spec.machine, report.hints.helpers)
    answers = Counter(f"{r.obligation.kind.value}: {r.verdict.value}" for r in report.results)
    return Judged(spec, tuple(disagreements(report, known)), answers, known.complete, bool(known.broken))


def machines_of(number: int, phases: Sequence[Phase], look: Callable[[Spec], None]) -> None:
    """Look at each machine of a seed."""

    @seed(number)
    @settings(
        max_examples=PORTION, deadline=None, database=None, phases=phases, suppress_health_check=list(HealthCheck)
    )
    @given(spec=specs())
    def run(spec: Spec) -> None:
        look(spec)

    run()


def judge_seed(number: int) -> Iterator[Judged]:
    """Judge each machine of a seed; helpers are looked for with every fourth seed, as that takes long."""
    found: list[Spec] = []
    machines_of(number, (Phase.generate,), found.append)
    return (judged(spec, strengthen=number % 4 == 0) for spec in found)


def fail_small(number: int) -> None:
    """Come upon the wrong answer about some machine of a seed again, and make the machine as small as can be.

    Raises:
        WrongAnswer: what is wrong, with the text of the machine.
    """

    def look(spec: Spec) -> None:
        if wrong := judged(spec, strengthen=number % 4 == 0).wrong:
            raise WrongAnswer(explained(spec, wrong))

    machines_of(number, (Phase.generate, Phase.shrink), look)


def explained(spec: Spec, wrong: Sequence[Disagreement]) -> str:
    """A machine and the wrong answers about it, for a person."""
    lines = [spec.text]
    for answer in wrong:
        lines.append(f"{answer.id}: {answer.why}")
        if answer.run is not None:
            sizes = {name: len(members) for name, members in answer.run.start.families.items()}
            lines.append(f"    from {dict(answer.run.start.scalars)}, members: {sizes}")
            lines += [
                f"    {move.action} {dict(move.arguments)} -> {dict(move.state.scalars)} {dict(move.state.families)}"
                for move in answer.run.moves
            ]
    return "\n".join(lines)
