"""The part of a proof that is kept: everything that had to be found for it, and nothing that follows.

It is written as JSON, one entry a line. Expressions are text in the syntax of specs, and whatever an entry is about
stands in a field of its own. There is no digest in it and no line number, so a change of the spec that leaves the proof
as it is leaves this file as it is, too.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import assert_never

from quiesce.certify.entries import Json
from quiesce.certify.runs_as_moves import run_to_json
from quiesce.kernel.hints import Hints, Rank, Trap
from quiesce.kernel.kinds import promise_of
from quiesce.kernel.subjects import CallersWait, Fails, PromisedWait, Waiting
from quiesce.prove.results import Report
from quiesce.spec.model import EnumType, Machine
from quiesce.spec.show import Names, names_of, show
from quiesce.spec.state import Run

CONTRACTS = "contracts"

SCHEMA = 2
"""The version of the form of this file."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """The hints and runs that a prover found. Whether these prove anything is for the kernel to decide.

    `failures` has the run that breaks each promise which was declared false, but for those that a trap speaks of. Each
    of `witnesses` shows that something can happen; replaying it tells what. `contracts` has what was found for each
    contract that the machine offers or uses, by its name.
    """

    hints: Hints
    failures: Mapping[str, Run]
    witnesses: tuple[Run, ...]
    contracts: Mapping[str, "Proposal"] = field(default_factory=dict)


def proposal_of(report: Report) -> Proposal:
    """The proposal of a complete proof."""
    failures: dict[str, Run] = {}
    witnesses: list[Run] = []
    for result in report.results:
        match result.obligation.about:
            case _ if result.run is None:
                pass
            case Fails(promise):
                if promise not in report.hints.traps:
                    failures[promise] = result.run
            case _:
                witnesses.append(result.run)
    contracts = {contract.machine.name: proposal_of(contract) for contract in report.contracts}
    return Proposal(report.hints, failures, tuple(_distinct_runs(witnesses)), contracts)


def _distinct_runs(runs: list[Run]) -> Iterator[Run]:
    """The runs in their order, each once."""
    seen: set[object] = set()
    for run in runs:
        look = (run.start.key(), tuple((move.action, tuple(sorted(move.arguments.items()))) for move in run.moves))
        if look not in seen:
            seen.add(look)
            yield run


def untrusting(machine: Machine, promise: str) -> Machine:
    """The machine that the failure of a promise is about: nobody is trusted where it is false without assumptions."""
    return machine if all(p.assuming for p in machine.promises if p.name == promise) else machine.unassuming


def written(machine: Machine, proposal: Proposal) -> str:
    """The text of the file."""
    return in_lines({"schema": SCHEMA, **_proposal_as_json(machine, proposal)})


def _proposal_as_json(machine: Machine, proposal: Proposal) -> dict[str, Json]:
    hints, names = proposal.hints, names_of(machine)
    return {
        "machine": machine.name,
        "invariants": [show(helper, names) for helper in hints.helpers],
        "inductions": [
            {"action": about.action, "promise": promise_of(about), "depth": depth}
            for about, depth in hints.inductions.items()
        ],
        "ranks": [{**_name_of_wait(wait), "rank": _rank_as_json(rank, names)} for wait, rank in hints.ranks.items()],
        "descents": [
            {
                "promise": promise,
                "location": dict(zip(control(machine), descent.location, strict=True)),
                "rank": _rank_as_json(descent.rank, names),
                "helpful": list(descent.helpful),
            }
            for promise, descents in hints.descents.items()
            for descent in descents
        ],
        "traps": [_trap_as_json(machine, promise, trap) for promise, trap in hints.traps.items()],
        "failures": [
            {"promise": promise, "run": run_to_json(machine, run)} for promise, run in proposal.failures.items()
        ],
        "witnesses": [run_to_json(machine, run) for run in proposal.witnesses],
        CONTRACTS: [_proposal_as_json(contract, proposal.contracts[contract.name]) for contract in machine.contracts],
    }


def control(machine: Machine) -> tuple[str, ...]:
    """The variables whose values are the machine's location."""
    return tuple(variable.name for variable in machine.variables if isinstance(variable.type, EnumType))


def _rank_as_json(rank: Rank, names: Names) -> Json:
    return [show(part, names) for part in rank]


def _name_of_wait(wait: Waiting) -> dict[str, Json]:
    """The subject of a wait: a promise, or the call of a blocked caller."""
    match wait:
        case PromisedWait(promise):
            return {"promise": promise}
        case CallersWait(action):
            return {"action": action}
        case _:
            assert_never(wait)


def _trap_as_json(machine: Machine, promise: str, trap: Trap) -> Json:
    member: Json = None
    called: dict[str, str] = {}
    for parameter in trap.parameters:
        names = names_of(machine)
        called[parameter.name] = names.bind("one").member("one")
        member = {"name": called[parameter.name], "of": getattr(parameter.type, "name", "")}
    return {
        "promise": promise,
        "member": member,
        "facts": [show(fact, names_of(machine, called)) for fact in trap.facts],
        "run": run_to_json(machine, trap.run),
    }


def in_lines(content: Mapping[str, Json], indent: str = "") -> str:
    """JSON with one line for each entry of an entry, so that a change of the proof is a change of a few lines."""
    lines = (
        f"{indent}  {json.dumps(key)}: {_lines_of_entry(key, value, f'{indent}  ')}" for key, value in content.items()
    )
    return "{\n" + ",\n".join(lines) + f"\n{indent}}}" + ("" if indent else "\n")


def _lines_of_entry(key: str, value: Json, indent: str) -> str:
    match value:
        case [_, *_]:
            inner = (
                in_lines(entry, f"{indent}  ") if key == CONTRACTS and isinstance(entry, dict) else json.dumps(entry)
                for entry in value
            )
            return "[\n" + ",\n".join(f"{indent}  {entry}" for entry in inner) + f"\n{indent}]"
        case _:
            return json.dumps(value)
