"""Reading what is kept of a proof, with every reason to doubt it.

Expressions are read against the machine by the reader of specs, so their types are those of the declarations. A rank
that is not bounded below would prove anything, so what a rank consists of is looked at here: by its declared types.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import PurePosixPath
from typing import TypeVar

from quiesce.certify.entries import Json, Malformed, listed, number_of, once, one_of, parsed, record, shown, text_of
from quiesce.certify.proposal import CONTRACTS, SCHEMA, Proposal, control, untrusting
from quiesce.certify.runs_as_moves import run_from_json
from quiesce.kernel.activities import promises_of_activities
from quiesce.kernel.hints import Descent, Hints, Rank, Trap
from quiesce.kernel.problem import Problem, preserved, problem_of
from quiesce.kernel.rules.waits import waits_of
from quiesce.kernel.subjects import CallersWait, Preserved, PromisedWait, StepKept, Waiting
from quiesce.spec.diagnostics import SpecError
from quiesce.spec.meaning.totals import never_negative
from quiesce.spec.model import EnumType, Expr, Machine, ParameterDecl, Promise, Recoverable, Span, Total
from quiesce.spec.reading.hints import read_claim, read_number
from quiesce.spec.show import names_of, show
from quiesce.spec.state import Run

MOST_INVARIANTS = 500
MOST_PARTS = 20
"""How many parts a rank may have."""
MOST_RUNS = 5_000
DEEPEST = 8
MOST_SEQUENCES = 200
"""How many sequences of actions an induction may look at."""

TRAPPED = "trapped.member"
"""The name of the member that a trap is about. No name of a spec is like it, so no action has a parameter of it."""

_NOWHERE = Span(1, 1, 1, 1)
_T = TypeVar("_T")
_K = TypeVar("_K")


def read_proposal(machine: Machine, text: str) -> Proposal:
    """The proposal that a file holds for a proof of this machine.

    Raises: Malformed: the file is no proposal for this machine; the error says where and why.
    """
    content = record(parsed(text), "", ("schema", *_ENTRIES))
    number_of(content["schema"], "schema", SCHEMA, SCHEMA)
    return _ProposalReading(machine, content, "").proposal()


_ENTRIES = (
    "machine",
    "invariants",
    "inductions",
    "ranks",
    "descents",
    "traps",
    "failures",
    "witnesses",
    CONTRACTS,
)


class _ProposalReading:
    """Reads what is proposed about one machine; `within` is the place of it in the file."""

    def __init__(self, machine: Machine, content: Mapping[str, Json], within: str) -> None:
        self._machine = machine
        self._content = content
        self._within = within
        self._owing = replace(machine, promises=(*machine.promises, *promises_of_activities(machine)))
        self._promises = {promise.name: promise for promise in self._owing.promises}

    def proposal(self) -> Proposal:
        name = self._machine.name
        one_of(self._content["machine"], f"{self._within}machine", f"{name}, of which this has to tell", (name,))
        helpers = self._each("invariants", self._claim, MOST_INVARIANTS)
        once(helpers, "invariants")
        problem = problem_of(self._machine, helpers)
        inductions = self._each("inductions", lambda value, where: _induction(problem, value, where))
        traps = self._each("traps", self._trap)
        contracts = self._contracts()
        hints = Hints(
            helpers,
            _hints_by_name(inductions, "inductions"),
            _hints_by_name(self._each("ranks", self._wait), "ranks"),
            self._descents(),
            _hints_by_name(traps, "traps"),
            {name: contract.hints for name, contract in contracts.items()},
        )
        failures = _hints_by_name(self._each("failures", self._failure), "failures")
        return Proposal(hints, failures, self._each("witnesses", self._run, MOST_RUNS), contracts)

    def _contracts(self) -> Mapping[str, Proposal]:
        """The proposal for each contract, in the order in which the machine has them."""
        values = list(listed(self._content[CONTRACTS], f"{self._within}{CONTRACTS}"))
        due = self._machine.contracts
        if len(values) != len(due):
            names = ", ".join(contract.name for contract in due) or "none"
            raise Malformed(f"{self._within}{CONTRACTS}", f"the contracts of this machine are: {names}")
        return {
            contract.name: _ProposalReading(contract, record(value, where, _ENTRIES), f"{where}.").proposal()
            for contract, (where, value) in zip(due, values, strict=True)
        }

    def _each(self, name: str, read: Callable[[Json, str], _T], most: int = MOST_RUNS) -> tuple[_T, ...]:
        values = list(listed(self._content[name], f"{self._within}{name}"))
        if len(values) > most:
            raise Malformed(f"{self._within}{name}", f"more than {most} stand here")
        return tuple(read(value, where) for where, value in values)

    # --- expressions ---

    def _claim(self, value: Json, where: str) -> Expr:
        return _hint_read_at(where, lambda: read_claim(self._machine, text_of(value, where), PurePosixPath(where)))

    def _rank(self, value: Json, where: str) -> Rank:
        parts = list(listed(value, where))
        if len(parts) > MOST_PARTS:
            raise Malformed(where, f"a rank has at most {MOST_PARTS} parts")
        return tuple(self._part(part, place) for place, part in parts)

    def _part(self, value: Json, where: str) -> Expr:
        part = _hint_read_at(where, lambda: read_number(self._machine, text_of(value, where), PurePosixPath(where)))
        if not never_negative(part.term if isinstance(part, Total) else part):
            reason = "nothing that is declared keeps this from falling for ever: "
            raise Malformed(where, f"{reason}{show(part, names_of(self._machine))[:80]}")
        return part

    # --- what entries are about ---

    def _promise(self, value: Json, where: str, what: str, belongs: Callable[[Promise], bool]) -> Promise:
        known = [name for name, promise in self._promises.items() if belongs(promise)]
        return self._promises[one_of(value, where, what, known)]

    def _wait(self, value: Json, where: str) -> tuple[Waiting, Rank]:
        kind = "action" if isinstance(value, dict) and "action" in value else "promise"
        entry = record(value, where, (kind, "rank"))
        name = text_of(entry[kind], f"{where}.{kind}")
        wait = CallersWait(name) if kind == "action" else PromisedWait(name)
        if wait not in dict(waits_of(self._owing)):
            raise Malformed(f"{where}.{kind}", f"{shown(name)} is about no wait that has to end")
        return wait, self._rank(entry["rank"], f"{where}.rank")

    def _descents(self) -> Mapping[str, tuple[Descent, ...]]:
        found: dict[str, tuple[Descent, ...]] = {}
        for name, descent in self._each("descents", self._descent):
            found[name] = (*found.get(name, ()), descent)
        once([(name, d.location) for name, descents in found.items() for d in descents], "descents")
        return found

    def _descent(self, value: Json, where: str) -> tuple[str, Descent]:
        entry = record(value, where, ("promise", "location", "rank", "helpful"))
        what = "a promise that its goal can be reached, and that holds"
        promise = self._promise(
            entry["promise"], f"{where}.promise", what, lambda p: p.holds and isinstance(p.claim, Recoverable)
        )
        values = record(entry["location"], f"{where}.location", control(self._machine))
        types = {variable.name: variable.type for variable in self._machine.variables}
        location = tuple(
            one_of(
                values[name],
                f"{where}.location.{name}",
                "a value of this variable",
                _values_by_name_of_type(types[name]),
            )
            for name in control(self._machine)
        )
        moving = {action.name for action in problem_of(self._machine).moving}
        helpful = tuple(
            one_of(name, place, "an action that may change something", moving)
            for place, name in listed(entry["helpful"], f"{where}.helpful")
        )
        once(helpful, f"{where}.helpful")
        return promise.name, Descent(location, self._rank(entry["rank"], f"{where}.rank"), helpful)

    def _trap(self, value: Json, where: str) -> tuple[str, Trap]:
        entry = record(value, where, ("promise", "member", "facts", "run"))
        what = "a promise that its goal can be reached, and that is declared false"
        promise = self._promise(
            entry["promise"], f"{where}.promise", what, lambda p: not p.holds and isinstance(p.claim, Recoverable)
        )
        members = dict(self._member(entry["member"], f"{where}.member"))

        def fact(value: Json, place: str) -> Expr:
            text = text_of(value, place)
            return _hint_read_at(place, lambda: read_claim(self._machine, text, PurePosixPath(place), members))

        facts = tuple(fact(value, place) for place, value in listed(entry["facts"], f"{where}.facts"))
        run = run_from_json(untrusting(self._machine, promise.name), entry["run"], f"{where}.run")
        return promise.name, Trap(run, tuple(members.values()), facts)

    def _member(self, value: Json, where: str) -> Iterator[tuple[str, ParameterDecl]]:
        if value is None:
            return
        entry = record(value, where, ("name", "of"))
        classes = {family.member.name: family.member for family in self._machine.families}
        of = one_of(entry["of"], f"{where}.of", "a class of members", classes)
        yield text_of(entry["name"], f"{where}.name"), ParameterDecl(TRAPPED, classes[of], False, _NOWHERE)

    # --- runs ---

    def _failure(self, value: Json, where: str) -> tuple[str, Run]:
        entry = record(value, where, ("promise", "run"))
        what = "a promise that is declared false, and that needs no trap"
        promise = self._promise(
            entry["promise"], f"{where}.promise", what, lambda p: not p.holds and not isinstance(p.claim, Recoverable)
        )
        return promise.name, run_from_json(untrusting(self._machine, promise.name), entry["run"], f"{where}.run")

    def _run(self, value: Json, where: str) -> Run:
        return run_from_json(self._machine, value, where)


def _values_by_name_of_type(type_: object) -> tuple[str, ...]:
    return type_.values if isinstance(type_, EnumType) else ()


def _induction(problem: Problem, value: Json, where: str) -> tuple[Preserved | StepKept, int]:
    """An induction over several steps: of a claim that one action keeps, and of nothing else."""
    entry = record(value, where, ("action", "promise", "depth"))
    moving = {action.name for action in problem.moving}
    action = one_of(entry["action"], f"{where}.action", "an action that may change something", moving)
    known: dict[str, Preserved | StepKept] = {
        promise.name: StepKept(action, promise.name)
        for promise, claim in problem.step_promises
        if action not in claim.unless
    }
    known.update((invariant.name, preserved(action, invariant)) for invariant in problem.invariants)
    promise = one_of(entry["promise"], f"{where}.promise", f"something that {action} has to keep", known)
    depth = number_of(entry["depth"], f"{where}.depth", 2, DEEPEST)
    if len(moving) ** (depth - 1) > MOST_SEQUENCES:
        raise Malformed(f"{where}.depth", f"these are more than {MOST_SEQUENCES} sequences of actions")
    return known[promise], depth


def _hints_by_name(entries: tuple[tuple[_K, _T], ...], where: str) -> dict[_K, _T]:
    once([name for name, _ in entries], where)
    return dict(entries)


def _hint_read_at(where: str, read: Callable[[], _T]) -> _T:
    try:
        return read()
    except SpecError as error:
        first = error.diagnostics[0]
        raise Malformed(where, f"[{first.code}] {first.message}") from None
