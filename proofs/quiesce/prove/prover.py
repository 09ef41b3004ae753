"""The prover: every obligation of a machine gets a verdict."""

import gc
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from functools import cache as once
from functools import cached_property, partial
from pathlib import PurePath
from typing import TYPE_CHECKING

from quiesce.kernel.established import Open, Proved, established, stuck
from quiesce.kernel.hints import Hints, Rank, Trap
from quiesce.kernel.kinds import Obligation, id_of
from quiesce.kernel.problem import Problem, problem_of
from quiesce.kernel.subjects import (
    Applies,
    Assumed,
    BranchTaken,
    Fails,
    Happens,
    Preserved,
    StepKept,
    Subject,
    Traced,
    ValueTaken,
    WaitProgress,
    WayDown,
    WholeContract,
)
from quiesce.prove.attempt import Attempt, Walks
from quiesce.prove.effort import Effort
from quiesce.prove.fallen_premises import standing
from quiesce.prove.results import Report, Result, Verdict
from quiesce.prove.search.witnesses import wanted
from quiesce.prove.solving.answers import Check
from quiesce.prove.solving.cache import NO_CACHE, Cache
from quiesce.prove.solving.engine import Engine
from quiesce.spec.model import Machine
from quiesce.spec.show import show

if TYPE_CHECKING:
    from quiesce.prove.explain.assumptions import Audit
    from quiesce.prove.explain.diagnosis import Diagnostician
    from quiesce.prove.search.runs import Runs

NO_ANSWER = "no answer was found"
"""The detail of an obligation that nothing of this program answers for: a defect, and never a proof."""


def verify(
    machine: Machine,
    effort: Effort | None = None,
    progress: Callable[[str], None] | None = None,
    cache: Cache = NO_CACHE,
) -> Report:
    """Prove or refute every obligation of `machine`, and report a verdict on each.

    `effort` bounds how hard solvers and searches try. `progress` is told the name of each stage as it begins. Each
    obligation is answered exactly once: what could not be decided is `unknown`; what this program has no answer for, or
    breaks down over, is an `error`. Proofs in `cache` are not repeated. A refuted obligation has a run that breaks it.

    >>> from pathlib import PurePosixPath
    >>> from quiesce.spec.reader import read_text
    >>> lamp = read_text(
    ...     '''
    ... from quiesce.spec import Machine, always, call
    ...
    ... class Lamp(Machine):
    ...     on: bool = False
    ...
    ...     @call("switch")
    ...     def switch(self) -> None:
    ...         self.on = not self.on
    ...
    ...     @always
    ...     def stays_dark(self) -> bool:
    ...         return not self.on
    ... ''',
    ...     PurePosixPath("lamp.py"),
    ... )
    >>> [refuted] = [result for result in verify(lamp).results if result.verdict is Verdict.REFUTED]
    >>> [(move.action, move.state.scalars) for move in refuted.run.moves]
    [('switch', {'on': True})]
    """
    chosen = effort or Effort()
    with _few_looks_for_cycles():
        return _verified(machine, Engine(chosen, cache), progress or _unheard)


_GARBAGE = 200_000
"""Objects between two looks for cycles: a proof makes many objects and hardly any cycles, and to look takes a tenth."""


@contextmanager
def _few_looks_for_cycles() -> Iterator[None]:
    """Within this, Python looks for cycles among objects more seldom, unless it does so already, or never."""
    usual = gc.get_threshold()
    if not 0 < usual[0] < _GARBAGE:
        yield  # nothing is put back that was not changed here: another thread may prove, too, and end later
        return
    gc.set_threshold(_GARBAGE)
    try:
        yield
    finally:
        gc.set_threshold(*usual)


def _unheard(stage: str) -> None:
    """Nobody listens."""


def _verified(machine: Machine, engine: Engine, tell: Callable[[str], None]) -> Report:
    chosen = engine.effort
    problem = problem_of(machine)
    walks = Walks(problem)
    attempt = Attempt(problem, engine, walks)
    runs = once(partial(_runs_to_look_for, problem, engine, walks))
    defects: dict[Subject, str] = {}
    for stage, ask in (("steps", Attempt.about_steps), ("waits and goals", Attempt.about_futures)):
        tell(stage)
        ask(attempt)
        if attempt.open and chosen.strengthen:
            from quiesce.prove.strengthen import strengthened  # noqa: PLC0415 -- seldom needed

            tell(f"{stage}: looking for helpers")
            try:
                attempt = strengthened(attempt, runs(), chosen)
            except Exception as error:
                defects.update(dict.fromkeys(attempt.open, _defect_of_prover(error)))
    tell("runs")
    contracts = tuple(_verified(other, engine_for(other, machine, engine), _unheard) for other in machine.contracts)
    return _report_of_verdicts(machine, *standing(attempt), engine, runs, defects, contracts)


def _report_of_verdicts(
    machine: Machine,
    attempt: Attempt,
    rests: Mapping[Subject, str],
    engine: Engine,
    runs: "Callable[[], Runs]",
    defects: Mapping[Subject, str],
    contracts: tuple[Report, ...],
) -> Report:
    """The report: what the kernel establishes is proved, and what it does not is looked into."""
    judge = _Verdicts(attempt, engine, runs, rests, defects, contracts)
    judge.look_into_open()
    proposed = {about: judge.proposed(obligation) for about, obligation in attempt.plan.due.items()}
    shown = {about: result.run for about, result in proposed.items() if result is not None and result.run is not None}
    hints = replace(attempt.hints, traps=judge.traps, contracts={r.machine.name: r.hints for r in contracts})
    proved = tuple(report.established for report in contracts if report.established is not None)
    try:
        attempt.confirm_all(hints)
        found = established(attempt.plan, hints, attempt.confirmed, shown, proved)
    except Exception as error:
        failed = (Result(o, Verdict.ERROR, detail=_defect_of_prover(error)) for o in attempt.plan.due.values())
        return Report(machine, tuple(failed), hints, None, contracts)
    results = tuple(judge.result(outcome, proposed[about]) for about, outcome in found.outcomes.items())
    return Report(machine, results, hints, found, contracts)


def engine_for(contract: Machine, machine: Machine, engine: Engine) -> Engine:
    """The engine of the machine, if it may be asked about the contract as well; otherwise another one.

    Z3 takes long to make room for a second solver. But one solver knows an enum by its name alone: two enums that share
    a name and not their values must never come before the same one, so it is told of no others than the machine's.
    """
    known = {enum.type for enum in machine.enums}
    return engine if known.issuperset(enum.type for enum in contract.enums) else Engine(engine.effort, engine.cache)


def _runs_to_look_for(problem: Problem, engine: Engine, walks: Walks) -> "Runs":
    from quiesce.prove.search.runs import Runs  # noqa: PLC0415 -- not needed where all is proved

    return Runs(problem, engine, walks)


def _defect_of_prover(error: Exception) -> str:
    """The exception and its place, for whoever mends this program."""
    from traceback import extract_tb  # noqa: PLC0415 -- only needed where something breaks down

    last = extract_tb(error.__traceback__)[-1]
    where = f"{PurePath(last.filename).name}:{last.lineno}"
    return f"a defect of quiesce, not of the spec: {type(error).__name__}: {error} ({where})"


class _Verdicts:
    """Turns answers into verdicts, and looks into what was not proved.

    `rests` tells of obligations that they were proved with premises which fell, and `defects` what broke down over
    them, unless a proof was found in spite of it. `contracts` are the reports on what the machine offers and uses.
    """

    def __init__(
        self,
        attempt: Attempt,
        engine: Engine,
        runs: "Callable[[], Runs]",
        rests: Mapping[Subject, str],
        defects: Mapping[Subject, str],
        contracts: tuple[Report, ...],
    ) -> None:
        self.traps: dict[str, Trap] = {}
        self._attempt = attempt
        self._problem = attempt.problem
        self._wanted = {item.about: item for item in wanted(attempt.plan)}
        self._engine = engine
        self._runs = runs
        self._rests = rests
        self._defects = defects
        self._contracts = {report.machine.name: report for report in contracts}
        self._explained: dict[Subject, Result] = {}

    @cached_property
    def _diagnostician(self) -> "Diagnostician":
        from quiesce.prove.explain.diagnosis import Diagnostician  # noqa: PLC0415 -- not needed where all is proved

        return Diagnostician(self._problem, self._engine, self._runs())

    @cached_property
    def _found(self) -> Hints:
        """The hints that were found: asked for when no more are looked for."""
        return self._attempt.hints

    @cached_property
    def _audit(self) -> "Audit":
        from quiesce.prove.explain.assumptions import Audit  # noqa: PLC0415 -- few machines assume anything

        return Audit(self._problem, self._engine, lambda target: self._runs().find(target))

    def look_into_open(self) -> None:
        """Look into what the solver did not prove before anything else is searched for: people wait for that."""
        for about, obligation in self._attempt.plan.due.items():
            check = self._attempt.answers.get(about)
            if check is not None and not check.proved:
                try:
                    self._explained[about] = self._explain(obligation, check)
                except Exception as error:
                    self._explained[about] = Result(obligation, Verdict.ERROR, detail=_defect_of_prover(error))

    def proposed(self, obligation: Obligation) -> Result | None:
        """The result that a run may show, found before the kernel is asked. None where a solver has to answer."""
        try:
            match obligation.about:
                case Happens() | BranchTaken() | ValueTaken() | Applies():
                    return self._witness(obligation)
                case Assumed():
                    return self._audit.result(obligation, self._attempt.walks.quick)
                case Fails():
                    return self._expected_failure(obligation)
                case _:
                    return None
        except Exception as error:
            return Result(obligation, Verdict.ERROR, detail=_defect_of_prover(error))

    def result(self, outcome: Proved | Open, proposed: Result | None) -> Result:
        """The verdict on one obligation: it is proved if the kernel has established it, and not otherwise."""
        obligation = outcome.obligation
        try:
            match outcome:
                case Proved():
                    return proposed or self._proved(obligation)
                case Open(_, reason):
                    result = proposed or self._open(obligation, reason)
        except Exception as error:
            return Result(obligation, Verdict.ERROR, detail=_defect_of_prover(error))
        if result.verdict is Verdict.PROVED:
            result = Result(obligation, Verdict.ERROR, result.rlimit, f"called proved, but {reason}")
        defect = self._defects.get(obligation.about)
        return result if defect is None else replace(result, verdict=Verdict.ERROR, detail=defect)

    def _proved(self, obligation: Obligation) -> Result:
        check = self._attempt.answers.get(obligation.about)
        return Result(obligation, Verdict.PROVED, check.rlimit if check else 0, self._detail(obligation.about))

    def _open(self, obligation: Obligation, reason: str) -> Result:
        if isinstance(obligation.about, Traced):
            detail = "no action and no promise that is to hold satisfies this requirement"
            return Result(obligation, Verdict.VACUOUS, detail=detail)
        if isinstance(obligation.about, WholeContract):
            return _verdict_on_contract(obligation, self._contracts[obligation.about.contract])
        check = self._attempt.answers.get(obligation.about)
        if check is None:
            return Result(obligation, Verdict.ERROR, detail=NO_ANSWER)
        if check.proved:
            return Result(obligation, Verdict.UNKNOWN, check.rlimit, reason)
        return self._explained[obligation.about]

    def _explain(self, obligation: Obligation, check: Check) -> Result:
        """The result on an obligation that the solver did not prove: refuted by a run, or undecided."""
        answering = self._attempt.framed.get(obligation.about) if isinstance(obligation.about, StepKept) else None
        if answering is not None:
            return Result(obligation, Verdict.UNKNOWN, detail=f"answered by {id_of(answering)}")
        rests = self._rests.get(obligation.about)
        if isinstance(obligation.about, WayDown):
            check = self._attempt.exhausted.get(obligation.about, check)
            result = self._diagnostician.unrecoverable(obligation, check, self._attempt.walks.quick)
        else:
            return self._diagnostician.explain(obligation, check, rests)
        return result if rests is None or result.verdict is not Verdict.UNKNOWN else replace(result, detail=rests)

    def _detail(self, about: Subject) -> str:
        """A note on a proof, such as the depth of its induction; empty if there is nothing to note."""
        found = self._found
        match about:
            case Preserved() | StepKept() if about in found.inductions:
                return f"by induction over {found.inductions[about]} steps"
            case Preserved() | StepKept() if about in self._attempt.framed:
                return "the action does not touch what it speaks of"
            case WayDown(name, location):
                return _rank_in_words(next(d.rank for d in found.descents[name] if d.location == location))
            case WaitProgress(wait):
                return _rank_in_words(found.ranks[wait])
            case WholeContract(name):
                return f"all {len(self._contracts[name].results)} obligations of the contract"
            case _:
                return ""

    def _witness(self, obligation: Obligation) -> Result:
        item = self._wanted.get(obligation.about)
        if item is None:
            return Result(obligation, Verdict.ERROR, detail=NO_ANSWER)
        run = item.shown(self._attempt.walks.quick)
        if run is not None:
            return Result(obligation, Verdict.PROVED, run=run)
        return self._diagnostician.missing(obligation, item.target)

    def _expected_failure(self, obligation: Obligation) -> Result:
        """A counterexample of a promise that was declared false, with the conditions that it calls for."""
        promise = self._problem.promise(str(obligation.promise))
        result, trap = self._diagnostician.expected(obligation, promise, self._attempt.walks.quick)
        if trap is not None:
            if not self._attempt.confirm(batch for _, batch in self._attempt.plan.trap(promise.name, trap)):
                return Result(
                    obligation, Verdict.UNKNOWN, detail="no state without a way to the goal was proved to be one"
                )
            self.traps[promise.name] = trap
        if result.run is not None and isinstance(obligation.about, Fails):
            asked = stuck(self._problem, obligation.about, result.run)
            self._attempt.confirmed.update(condition for condition in asked if self._engine.confirms(condition))
        return result


def _verdict_on_contract(obligation: Obligation, report: Report) -> Result:
    """The verdict on a contract of which something is not proved."""
    still_open = [result for result in report.results if result.verdict is not Verdict.PROVED]
    if not still_open:
        return Result(obligation, Verdict.ERROR, detail="the kernel does not confirm what is reported of the contract")
    first, more = still_open[0], f", and {len(still_open) - 1} more" if len(still_open) > 1 else ""
    named = f"{first.obligation.id} is {first.verdict.value}{more}"
    where = f"what is not proved is shown by `quiesce verify {report.machine.path}`"
    return Result(obligation, Verdict.UNKNOWN, detail=f"{report.machine.name} is not proved: {named}; {where}")


def _rank_in_words(rank: Rank) -> str:
    return f"falls: ({', '.join(show(part) for part in rank)})" if rank else ""
