"""Whether verdicts and costs depend on the solver's luck: the same proof with many seeds.

A seed changes the order in which a solver tries things, and nothing of what is asked. A verdict that depends on it is
worth little: the next small change of the spec, or the next version of the solver, may lose it. A cost that swings
widely warns of that before it happens.

An obligation is *brittle* if its verdict is not the same with every seed, or if its costs lie further apart than both

- `WIDE`, a share of their median: less is the noise that any search has; and
- `NOTABLE`, a share of the budget. The budget is all that a cost is ever compared with. One that swings between 300
  and 600 units of 2,000,000 has doubled and threatens nothing, so in itself a large share says little.

Helpers that the prover finds may differ between seeds. Each run proves those that it uses, so a helper that another run
does not have is no fault; which seeds found others is told. Any other obligation that a run lacks is undecided.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import cached_property
from statistics import median_low

from quiesce.kernel.kinds import Obligation
from quiesce.kernel.problem import helper_name
from quiesce.prove.effort import Effort
from quiesce.prove.prover import verify
from quiesce.prove.results import Report, Result, Verdict
from quiesce.spec.model import Machine
from quiesce.spec.record import record

WIDE = 0.05
"""The share of the median that the costs of an obligation may lie apart."""

NOTABLE = 0.01
"""The share of the budget for one condition below which a difference of costs does not matter."""

_WORST_FIRST = (Verdict.ERROR, Verdict.REFUTED, Verdict.VACUOUS, Verdict.UNKNOWN, Verdict.PROVED)
_DENIALS = frozenset({Verdict.REFUTED, Verdict.VACUOUS})


@record
class Costs:
    """The least, the middle and the most of some resource counts, in units of `rlimit`."""

    least: int
    median: int
    most: int

    @property
    def spread(self) -> int:
        """The distance between the lowest and the highest cost."""
        return self.most - self.least

    @property
    def share(self) -> float:
        """The spread as a share of the median. Where that is nothing, of one unit."""
        return self.spread / max(self.median, 1)


def costs_of(counts: Sequence[int]) -> Costs:
    """Counts in short. There has to be at least one."""
    return Costs(min(counts), median_low(counts), max(counts))


@record
class OverSeeds:
    """One obligation with its result for each seed, in the order of the seeds; None where a run has no such obligation.

    `budget` is that of one condition, in units of `rlimit`. An obligation `of_helper` is about an invariant that the
    prover found, which another run need not have found.
    """

    obligation: Obligation
    seeds: tuple[int, ...]
    results: tuple[Result | None, ...]
    budget: int
    of_helper: bool = False

    @cached_property
    def verdicts(self) -> dict[Verdict | None, tuple[int, ...]]:
        """The seeds of each verdict; those of None are of runs that lack this obligation."""
        found: dict[Verdict | None, tuple[int, ...]] = {}
        for seed, result in zip(self.seeds, self.results, strict=True):
            verdict = None if result is None else result.verdict
            found[verdict] = (*found.get(verdict, ()), seed)
        return found

    @cached_property
    def costs(self) -> Costs:
        """The costs in the runs where the obligation was asked."""
        return costs_of([result.rlimit for result in self.results if result is not None])

    @property
    def wavers(self) -> bool:
        """Whether the verdict on the obligation depends on the seed."""
        return len(self.verdicts.keys() - ({None} if self.of_helper else set())) > 1

    @property
    def swings(self) -> bool:
        """Whether the costs of the obligation lie so far apart that it matters."""
        return self.costs.spread > max(WIDE * self.costs.median, NOTABLE * self.budget)

    @property
    def brittle(self) -> bool:
        """Whether the obligation holds by luck, or nearly so."""
        return self.wavers or self.swings

    @property
    def worst(self) -> Result:
        """The worst result of the obligation, the first of several.

        A contradiction between seeds is an error of the prover.
        """
        given = [result for result in self.results if result is not None]
        worst = next(result for verdict in _WORST_FIRST for result in given if result.verdict is verdict)
        if Verdict.PROVED in self.verdicts and worst.verdict in _DENIALS:
            told = f"proved with seed {self.verdicts[Verdict.PROVED][0]}, {worst.verdict.value} with seed"
            detail = f"{told} {self.verdicts[worst.verdict][0]}: one of both is wrong"
            return replace(worst, verdict=Verdict.ERROR, detail=detail)
        if worst.verdict is Verdict.PROVED and self.wavers:
            detail = f"no answer with seed {self.verdicts[None][0]}"
            return Result(self.obligation, Verdict.UNKNOWN, worst.rlimit, detail)
        return worst


@record
class Stability:
    """The same proof with several seeds. Made by `stability`, and by `compared`.

    `others` are the seeds with which other helpers were found than with the first one.
    """

    machine: Machine
    seeds: tuple[int, ...]
    reports: tuple[Report, ...]
    obligations: tuple[OverSeeds, ...]
    others: tuple[int, ...]

    @cached_property
    def brittle(self) -> tuple[OverSeeds, ...]:
        """Obligations that hold by luck, or nearly so: first those whose verdict wavers, then those of widest costs."""
        found = [item for item in self.obligations if item.brittle]
        return tuple(sorted(found, key=lambda item: (not item.wavers, -item.costs.spread)))

    @cached_property
    def costs(self) -> Costs:
        """The cost of all obligations of a run together. A query that proves several counts for each of them."""
        return costs_of([sum(result.rlimit for result in report.results) for report in self.reports])

    @property
    def widest(self) -> OverSeeds | None:
        """The obligation whose costs lie furthest apart; None if there is no obligation."""
        return max(self.obligations, key=lambda item: item.costs.spread, default=None)

    @property
    def indifferent(self) -> bool:
        """Whether no seed changed any cost: then comparing seeds has shown nothing."""
        return all(item.costs.spread == 0 for item in self.obligations)

    @cached_property
    def worst(self) -> Report:
        """A report with the worst result of each obligation: all are proved only if all are proved with every seed."""
        return replace(self.reports[0], results=tuple(item.worst for item in self.obligations))


def stability(
    machine: Machine, effort: Effort, seeds: Sequence[int], progress: Callable[[str], None] | None = None
) -> Stability:
    """Prove or refute everything of `machine` once with each of the seeds; the seed of the effort is not used.

    Nothing is taken from a store of answers: each run asks the solver. `progress` is told which seed it is.

    Raises:
        ValueError: there are fewer than two seeds, or one stands twice.
    """
    tell = progress or (lambda stage: None)  # noqa: ARG005 -- nobody listens
    _check_seeds(seeds)
    reports = []
    for number, seed in enumerate(seeds, 1):
        tell(f"seed {number} of {len(seeds)}")
        reports.append(verify(machine, replace(effort, seed=seed)))
    return compared(reports, seeds, effort.budget)


def compared(reports: Sequence[Report], seeds: Sequence[int], budget: int) -> Stability:
    """Reports about one machine side by side, one for each seed.

    Raises:
        ValueError: there are fewer than two, or not one for each seed, or one answers an obligation twice.
    """
    _check_seeds(seeds)
    if len(reports) != len(seeds) or any(report.machine != reports[0].machine for report in reports):
        raise ValueError("one report about the same machine is needed for each seed")
    answers = [{result.obligation: result for result in report.results} for report in reports]
    if any(len(found) != len(report.results) for found, report in zip(answers, reports, strict=True)):
        raise ValueError("an obligation is answered twice")
    due = dict.fromkeys(obligation for found in answers for obligation in found)
    helpers = {helper_name(number) for report in reports for number in range(1, len(report.hints.helpers) + 1)}
    return Stability(
        reports[0].machine,
        tuple(seeds),
        tuple(reports),
        tuple(
            OverSeeds(o, tuple(seeds), tuple(found.get(o) for found in answers), budget, o.promise in helpers)
            for o in due
        ),
        tuple(_seeds_with_other_hints(reports, seeds)),
    )


def _check_seeds(seeds: Sequence[int]) -> None:
    if len(seeds) < 2 or len(set(seeds)) != len(seeds):
        raise ValueError("at least two different seeds are needed: one alone is compared with nothing")


def _seeds_with_other_hints(reports: Sequence[Report], seeds: Sequence[int]) -> Iterator[int]:
    for report, seed in zip(reports, seeds, strict=True):
        if report.hints.helpers != reports[0].hints.helpers:
            yield seed
