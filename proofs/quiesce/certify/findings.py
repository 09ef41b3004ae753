"""Hints of a prover as JSON values, and read back with every reason to doubt them.

A rank that is not bounded below would prove anything, so what a rank consists of is checked here, and nowhere assumed.
"""

from collections.abc import Mapping
from typing import TypeVar

from quiesce.certify.runs import run_from_json, run_to_json
from quiesce.certify.terms import Json, Malformed, expression, member_type, to_json
from quiesce.kernel.hints import Descent, Hints, Rank, Trap
from quiesce.kernel.kinds import Preserved, StepKept, id_of, wait_name
from quiesce.kernel.obligations import obligations
from quiesce.kernel.problem import problem_of
from quiesce.kernel.progress import waits_of
from quiesce.kernel.totals import never_negative
from quiesce.spec.model import Expr, Machine, ParameterDecl, Span, Total
from quiesce.spec.show import show


def findings_to_json(machine: Machine, hints: Hints) -> Json:
    """Every finding; expressions are given twice, exactly and as text for a reader."""
    return {
        "helpers": [_claim(helper) for helper in hints.helpers],
        "inductions": {id_of(about): depth for about, depth in hints.inductions.items()},
        "ranks": {wait_name(wait): _rank(rank) for wait, rank in hints.ranks.items()},
        "descents": {
            name: [{"location": list(d.location), "rank": _rank(d.rank), "helpful": list(d.helpful)} for d in descents]
            for name, descents in hints.descents.items()
        },
        "traps": {name: _trap_to_json(machine, trap) for name, trap in hints.traps.items()},
    }


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


def findings_from_json(machines: Mapping[str, Machine], machine: Machine, value: Json) -> Hints:
    """What `findings_to_json` wrote. `machines` has those that traps belong to, by promise, where it is another.

    Raises:
        Malformed: it wrote something else.
    """
    waits = {wait_name(wait): wait for wait, _ in waits_of(machine)}
    listed = (obligation.about for obligation in obligations(problem_of(machine)))
    steps = {id_of(about): about for about in listed if isinstance(about, Preserved | StepKept)}
    match value:
        case {
            "helpers": list(helpers),
            "inductions": dict(inductions),
            "ranks": dict(ranks),
            "descents": dict(descents),
            "traps": dict(traps),
            **rest,
        } if not rest:
            return Hints(
                tuple(_read_claim(helper) for helper in helpers),
                {_known(steps, name): _read_depth(depth) for name, depth in inductions.items()},
                {_known(waits, name): _read_rank(rank) for name, rank in ranks.items()},
                {name: _read_descents(listed) for name, listed in descents.items()},
                {name: _read_trap(machines.get(name, machine), trap) for name, trap in traps.items()},
            )
        case _:
            raise Malformed("findings have helpers, inductions, ranks, descents and traps")


Known = TypeVar("Known")


def _known(listed: Mapping[str, Known], name: str) -> Known:
    if name not in listed:
        raise Malformed(f"the machine has nothing that is called {name[:60]!r} and needs this")
    return listed[name]


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
