"""Findings of a prover as JSON values, and read back with every reason to doubt them.

A rank that is not bounded below would prove anything, so what a rank consists of is checked here, and nowhere assumed.
"""

from collections.abc import Mapping

from quiesce.certify.runs import run_from_json, run_to_json
from quiesce.certify.terms import Json, Malformed, expression, member_type, to_json
from quiesce.kernel.hints import Descent, Findings, Rank, Trap
from quiesce.kernel.totals import never_negative
from quiesce.spec.model import Expr, Machine, ParameterDecl, Span, Total
from quiesce.spec.show import show


def findings_to_json(machine: Machine, findings: Findings) -> Json:
    """Every finding; expressions are given twice, exactly and as text for a reader."""
    return {
        "helpers": [_claim(helper) for helper in findings.helpers],
        "inductions": dict(findings.inductions),
        "ranks": {name: _rank(rank) for name, rank in findings.ranks.items()},
        "descents": {
            name: [{"location": list(d.location), "rank": _rank(d.rank), "helpful": list(d.helpful)} for d in descents]
            for name, descents in findings.descents.items()
        },
        "traps": {name: _trap_to_json(machine, trap) for name, trap in findings.traps.items()},
        **({"contracts": _contracts_to_json(machine, findings)} if machine.contracts else {}),
    }


def _contracts_to_json(machine: Machine, findings: Findings) -> Json:
    return {c.name: findings_to_json(c, findings.contracts[c.name]) for c in machine.contracts}


def _claim(expr: Expr) -> Json:
    return {"text": show(expr), "exactly": to_json(expr)}


def _rank(rank: Rank) -> Json:
    return [_claim(part) for part in rank]


def _trap_to_json(machine: Machine, trap: Trap) -> Json:
    return {
        "run": run_to_json(machine, trap.run),
        "parameters": [[parameter.name, to_json(parameter.type)] for parameter in trap.parameters],
        "facts": [_claim(fact) for fact in trap.facts],
    }


# --- and back ----------------------------------------------------------------------------------------------------


def findings_from_json(machines: Mapping[str, Machine], machine: Machine, value: Json) -> Findings:
    """What `findings_to_json` wrote. `machines` has those that traps belong to, by promise, where it is another.

    Raises:
        Malformed: it wrote something else.
    """
    contracts = value.get("contracts", {}) if isinstance(value, dict) else {}
    match value:
        case {
            "helpers": list(helpers),
            "inductions": dict(inductions),
            "ranks": dict(ranks),
            "descents": dict(descents),
            "traps": dict(traps),
            **rest,
        } if set(rest) == ({"contracts"} if machine.contracts else set()):
            return Findings(
                tuple(_read_claim(helper) for helper in helpers),
                {name: _read_depth(depth) for name, depth in inductions.items()},
                {name: _read_rank(rank) for name, rank in ranks.items()},
                {name: _read_descents(listed) for name, listed in descents.items()},
                {name: _read_trap(machines.get(name, machine), trap) for name, trap in traps.items()},
                _read_contracts(machine, contracts),
            )
        case _:
            raise Malformed("findings have helpers, inductions, ranks, descents, traps, and contracts if there are any")


def _read_contracts(machine: Machine, value: Json) -> Mapping[str, Findings]:
    contracts = {contract.name: contract for contract in machine.contracts}
    if not isinstance(value, dict) or set(value) != set(contracts):
        raise Malformed(f"findings are needed for the contracts {', '.join(contracts)}")
    found = {name: findings_from_json({}, contracts[name], entry) for name, entry in value.items()}
    if any(findings.traps for findings in found.values()):
        raise Malformed("what a contract declares false is shown by the certificate of the contract")
    return found


def _read_claim(value: Json) -> Expr:
    match value:
        case {"text": str(text), "exactly": exactly, **rest} if not rest:
            claim = expression(exactly)
            if show(claim) != text:
                raise Malformed(f"the text {text!r} is not what stands beside it")
            return claim
        case _:
            raise Malformed(f"not a claim: {str(value)[:60]}")


def _read_depth(value: Json) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 2 <= value <= _DEEPEST:
        raise Malformed(f"an induction over {value} steps")
    return value


_DEEPEST = 8


def _read_rank(value: Json) -> Rank:
    if not isinstance(value, list):
        raise Malformed(f"not a rank: {str(value)[:60]}")
    rank = tuple(_read_claim(part) for part in value)
    for part in rank:
        if not never_negative(part.term if isinstance(part, Total) else part):
            raise Malformed(f"a rank with a part that may fall for ever: {show(part)}")
    return rank


def _read_descents(value: Json) -> tuple[Descent, ...]:
    if not isinstance(value, list):
        raise Malformed(f"not a list of descents: {str(value)[:60]}")
    return tuple(_read_descent(descent) for descent in value)


def _read_descent(value: Json) -> Descent:
    match value:
        case {"location": list(location), "rank": rank, "helpful": list(helpful), **rest} if not rest:
            return Descent(_names(location), _read_rank(rank), _names(helpful))
        case _:
            raise Malformed(f"not a descent: {str(value)[:60]}")


def _names(values: list[Json]) -> tuple[str, ...]:
    if not all(isinstance(value, str) for value in values):
        raise Malformed(f"not names: {str(values)[:60]}")
    return tuple(str(value) for value in values)


def _read_trap(machine: Machine, value: Json) -> Trap:
    match value:
        case {"run": run, "parameters": list(parameters), "facts": list(facts), **rest} if not rest:
            return Trap(
                run_from_json(machine, run),
                tuple(_read_parameter(parameter) for parameter in parameters),
                tuple(_read_claim(fact) for fact in facts),
            )
        case _:
            raise Malformed(f"not a trap: {str(value)[:60]}")


def _read_parameter(value: Json) -> ParameterDecl:
    match value:
        case [str(name), kind]:
            return ParameterDecl(name, member_type(kind), False, Span(1, 1, 1, 1))
        case _:
            raise Malformed(f"not a parameter: {str(value)[:60]}")
