"""The prover: every obligation of a machine gets a verdict."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import PurePath
from traceback import extract_tb
from typing import TYPE_CHECKING

from quiesce.kernel.hints import Rank, Trap
from quiesce.kernel.kinds import Kind, Obligation
from quiesce.kernel.obligations import location_name, obligations
from quiesce.kernel.problem import problem_of
from quiesce.kernel.refinement import contracts_owed
from quiesce.prove.attempt import Attempt, Walks
from quiesce.prove.results import Report, Result, Verdict
from quiesce.prove.search.witnesses import wanted
from quiesce.prove.solving.answers import DEFAULT_BUDGET, DEFAULT_DEPTH
from quiesce.prove.solving.cache import NO_CACHE, Cache
from quiesce.prove.solving.engine import TIMEOUT, Engine
from quiesce.spec.model import Machine, Promise
from quiesce.spec.show import show

if TYPE_CHECKING:
    from quiesce.prove.explain.diagnosis import Diagnostician

NO_ANSWER = "no answer was found"
"""The detail of an obligation that nothing of this program answers for: a defect, and never a proof."""


@dataclass(frozen=True, slots=True)
class Options:
    """How hard to try: the solver's `rlimit` for one condition, and the longest counterexample looked for, in steps.

    With `strengthen`, helpers are looked for where the promises alone do not carry a proof. With more than one of
    `jobs`, conditions are proved in as many processes; those of one action may take `timeout` seconds.
    """

    budget: int = DEFAULT_BUDGET
    depth: int = DEFAULT_DEPTH
    seed: int = 0
    strengthen: bool = True
    jobs: int = 1
    timeout: float = TIMEOUT


def verify(
    machine: Machine,
    options: Options | None = None,
    progress: Callable[[str], None] | None = None,
    cache: Cache = NO_CACHE,
) -> Report:
    """Prove or refute every obligation of `machine`.

    `progress` is told the name of each stage as it begins. Each obligation is answered exactly once: what could not be
    decided is `unknown`; what this program has no answer for, or breaks down over, is an `error`. What `cache` knows is
    not proved again.
    """
    chosen, tell = options or Options(), progress or (lambda stage: None)  # noqa: ARG005 -- nobody listens
    problem = problem_of(machine)
    engine = Engine(cache, chosen.budget, chosen.seed, chosen.jobs, chosen.timeout)
    attempt = Attempt(problem, engine, Walks(problem))
    defects: dict[str, str] = {}
    for stage, ask in (("steps", Attempt.about_steps), ("waits and goals", Attempt.about_futures)):
        tell(stage)
        ask(attempt)
        if attempt.open and chosen.strengthen:
            from quiesce.prove.strengthen import strengthened  # noqa: PLC0415 -- seldom needed

            tell(f"{stage}: looking for helpers")
            try:
                attempt = strengthened(attempt)
            except Exception as error:
                defects.update(dict.fromkeys(attempt.open, _defect(error)))
    tell("runs")
    contracts = {o.id: verify(contract, chosen, cache=cache) for o, contract in contracts_owed(problem)}
    judge = _Judge(attempt, engine, chosen.depth, defects, contracts)
    results = tuple(judge.result(obligation) for obligation in obligations(attempt.problem))
    found = {report.machine.name: replace(report.findings, traps={}) for report in judge.contracts.values()}
    findings = replace(attempt.findings, traps=judge.traps, contracts=found)
    return Report(machine, results, findings, tuple(judge.contracts.values()))


def _defect(error: Exception) -> str:
    """What broke down, and where: for whoever mends this program."""
    last = extract_tb(error.__traceback__)[-1]
    where = f"{PurePath(last.filename).name}:{last.lineno}"
    return f"a defect of quiesce, not of the spec: {type(error).__name__}: {error} ({where})"


class _Judge:
    """Turns answers into verdicts, and looks into what was not proved.

    `defects` tells of obligations what broke down over them, unless a proof was found in spite of it. `contracts` are
    the reports on what the machine offers and uses, by the obligation that says so.
    """

    def __init__(
        self,
        attempt: Attempt,
        engine: Engine,
        depth: int,
        defects: Mapping[str, str],
        contracts: Mapping[str, Report],
    ) -> None:
        self.traps: dict[str, Trap] = {}
        self.contracts = contracts
        self._attempt = attempt
        self._problem = attempt.problem
        self._wanted = {item.id: item for item in wanted(attempt.problem)}
        self._engine = engine
        self._depth = depth
        self._defects = defects

    @cached_property
    def _diagnostician(self) -> "Diagnostician":
        from quiesce.prove.explain.diagnosis import Diagnostician  # noqa: PLC0415 -- not needed where all is proved

        return Diagnostician(self._problem, self._engine, self._depth, sound=self._attempt.knows_its_invariants)

    def result(self, obligation: Obligation) -> Result:
        """The verdict on one obligation."""
        try:
            result = self._result(obligation)
        except Exception as error:
            return Result(obligation, Verdict.ERROR, detail=_defect(error))
        defect = self._defects.get(obligation.id)
        if defect is not None and result.verdict is not Verdict.PROVED:
            return replace(result, verdict=Verdict.ERROR, detail=defect)
        return result

    def _result(self, obligation: Obligation) -> Result:
        match obligation.kind:
            case Kind.CARRIED:
                return self._carried(obligation)
            case Kind.WITNESS:
                return self._witness(obligation)
            case Kind.ASSUMED:
                return self._diagnostician.assumed(obligation, self._attempt.walks.quick)
            case Kind.EXPECTED_FAILURE:
                return self._expected_failure(obligation)
            case Kind.CONTRACT:
                return _contract(obligation, self.contracts[obligation.id])
            case _:
                return self._answered(obligation)

    def _answered(self, obligation: Obligation) -> Result:
        check = self._attempt.answers.get(obligation.id)
        if check is None:
            return Result(obligation, Verdict.ERROR, detail=NO_ANSWER)
        if check.proved:
            return Result(obligation, Verdict.PROVED, check.rlimit, self._detail(obligation))
        if (answering := self._attempt.framed.get(obligation.id)) is not None:
            return Result(obligation, Verdict.UNKNOWN, detail=f"answered by {answering}")
        if obligation.kind is Kind.RECOVERABLE:
            check = self._attempt.exhausted.get(obligation.id, check)
            return self._diagnostician.unrecoverable(obligation, check, self._attempt.walks.quick)
        return self._diagnostician.explain(obligation, check)

    def _detail(self, obligation: Obligation) -> str:
        """What a reader wants to know of a proof besides that there is one."""
        found = self._attempt.findings
        if obligation.id in self._attempt.framed:
            return "the action does not touch what it speaks of"
        if obligation.id in found.inductions:
            return f"by induction over {found.inductions[obligation.id]} steps"
        match obligation.id.split("/"):
            case ["recoverable", name, where]:
                return _falling(next(d.rank for d in found.descents[name] if location_name(d.location) == where))
            case ["leads to", name, what] if what != "possible":
                return _falling(found.ranks[name])
            case _:
                return ""

    def _carried(self, obligation: Obligation) -> Result:
        machine, id_ = self._problem.machine, obligation.id.removeprefix("carried/")
        satisfied = [*(a.satisfies for a in machine.actions), *(p.satisfies for p in machine.promises)]
        if any(id_ in ids for ids in satisfied):
            return Result(obligation, Verdict.PROVED)
        detail = "no action and no promise satisfies this requirement"
        return Result(obligation, Verdict.VACUOUS, detail=detail)

    def _witness(self, obligation: Obligation) -> Result:
        item = self._wanted.get(obligation.id)
        if item is None:
            return Result(obligation, Verdict.ERROR, detail=NO_ANSWER)
        run = item.shown(self._attempt.walks.quick)
        if run is not None:
            return Result(obligation, Verdict.PROVED, run=run)
        return self._diagnostician.missing(obligation, item.target)

    def _expected_failure(self, obligation: Obligation) -> Result:
        promise = self._promise(obligation)
        result, trap = self._diagnostician.expected(obligation, promise, self._attempt.walks.quick)
        if trap is not None:
            self.traps[promise.name] = trap
        return result

    def _promise(self, obligation: Obligation) -> Promise:
        return next(promise for promise in self._problem.machine.promises if promise.name == obligation.promise)


def _contract(obligation: Obligation, report: Report) -> Result:
    """The verdict on a whole contract, which is proved if everything about it is."""
    still_open = [result for result in report.results if result.verdict is not Verdict.PROVED]
    if not still_open:
        return Result(obligation, Verdict.PROVED, detail=f"all {len(report.results)} obligations of the contract")
    first, more = still_open[0], f", and {len(still_open) - 1} more" if len(still_open) > 1 else ""
    named = f"{first.obligation.id} is {first.verdict.value}{more}"
    where = f"what is not proved is shown by `quiesce verify {report.machine.path}`"
    return Result(obligation, Verdict.UNKNOWN, detail=f"{report.machine.name} is not proved: {named}; {where}")


def _falling(rank: Rank) -> str:
    return f"falls: ({', '.join(show(part) for part in rank)})" if rank else ""
