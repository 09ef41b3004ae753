"""What is kept of a proof is read with every reason to doubt it; whatever is changed in it is found."""

import copy
import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import PurePosixPath
from typing import Any

import pytest
from quiesce.certify.entries import LARGEST, MOST_DIGITS, Malformed
from quiesce.certify.proposal import Proposal, in_lines, proposal_of, written
from quiesce.certify.proposal_reading import DEEPEST, MOST_SEQUENCES, read_proposal
from quiesce.certify.rechecking import Means, Rechecked, recheck
from quiesce.certify.second import SecondSolver
from quiesce.kernel.subjects import Preserved
from quiesce.prove.checked import CheckedMachine
from quiesce.prove.prover import verify
from quiesce.prove.strengthen import DEEPEST as DEEPEST_FOUND
from quiesce.prove.strengthen import MOST_SEQUENCES as MOST_SEQUENCES_FOUND
from quiesce.spec.reader import read_text

from tests.by_day import by_day
from tests.certify.conftest import Proof

Content = dict[str, Any]
Change = Callable[[Content], object]


def by_solver(script: str) -> tuple[str, ...]:
    return SecondSolver.installed().answers(script)


SOLVER = Means(by_solver, lambda _: None)


def changed(proof: Proof, change: Change) -> str:
    content = json.loads(proof.hints)
    change(content)
    return in_lines(content)


def objections(proof: Proof, hints: str) -> list[str]:
    found: Rechecked = recheck(proof.machine, hints, SOLVER)
    return [f"{objection.where}: {objection.reason}" for objection in found.objections]


# --- there and back ------------------------------------------------------------------------------------------------


def test_the_proof_has_every_kind_of_hint(proof: Proof) -> None:
    content = json.loads(proof.hints)
    assert all(content[name] for name in content if name not in {"inductions", "contracts"})


def test_what_was_written_reads_back_as_the_same(proof: Proof) -> None:
    assert written(proof.machine, read_proposal(proof.machine, proof.hints)) == proof.hints


def test_the_same_proof_gives_the_same_text(proof: Proof) -> None:
    again = CheckedMachine(verify(read_text(proof.spec, PurePosixPath("gate.py"))))
    assert written(again.machine, proposal_of(again.report)) == proof.hints


def test_a_comment_in_the_spec_changes_nothing(proof: Proof) -> None:
    spec = proof.spec.replace('    """Somebody inside."""\n', '    """Somebody inside."""\n\n    # A comment.\n\n')
    assert spec != proof.spec
    again = CheckedMachine(verify(read_text(spec, PurePosixPath("gate.py"))))
    assert written(again.machine, proposal_of(again.report)) == proof.hints


def test_genuine_hints_are_accepted(proof: Proof) -> None:
    assert objections(proof, proof.hints) == []


def test_an_induction_reads_back_as_the_same(proof: Proof) -> None:
    hints = replace(proof.checked.report.hints, inductions={Preserved("closed", "held_open"): 2})
    text = written(proof.machine, replace(proposal_of(proof.checked.report), hints=hints))
    assert '{"action": "closed", "promise": "held_open", "depth": 2}' in text
    found: Proposal = read_proposal(proof.machine, text)
    assert found.hints.inductions == {Preserved("closed", "held_open"): 2}
    assert objections(proof, text) == []


def test_whatever_the_prover_looks_for_can_be_read() -> None:
    assert DEEPEST_FOUND <= DEEPEST
    assert MOST_SEQUENCES_FOUND <= MOST_SEQUENCES


# --- what is no such file ------------------------------------------------------------------------------------------

NO_HINTS = {
    "": "no JSON",
    "{": "no JSON",
    "[]": "an object is needed",
    "7": "an object is needed",
    "NaN": "no whole number",
    "-Infinity": "no whole number",
    "1e9": "no whole number",
    "{}": "no entry `schema`",
    '{"schema": 2, "schema": 2}': "twice",
    '{"\\ud800": 1, "\\ud800": 1}': "twice",
    "[" * 100_000: "deeply",
    '{"a":' * 100_000: "deeply",
    "9" * (MOST_DIGITS + 1): "digits",
    "9" * 10_000: "digits",
    " " * (LARGEST + 1): "longer",
    "\ud800": "no JSON",
    "\N{BYTE ORDER MARK}{}": "no JSON",
}


@pytest.mark.parametrize("text", NO_HINTS, ids=lambda text: ascii(text)[:20])
def test_what_is_no_such_file_is_refused(proof: Proof, text: str) -> None:
    [objection] = recheck(proof.machine, text, SOLVER).objections
    assert objection.where == "hints.json"
    assert NO_HINTS[text] in objection.reason


# --- tampering -----------------------------------------------------------------------------------------------------

DENIED = "the second solver says"
RUN = {"policies": {}, "members": {"guests": 1}, "moves": []}
TAMPERED: dict[str, tuple[Change, str | None]] = {
    "another schema": (lambda c: c.update(schema=1), "schema: a whole number from 2 to 2"),
    "a schema that is true": (lambda c: c.update(schema=True), "schema: "),
    "another machine": (lambda c: c.update(machine="Other"), "machine: "),
    "a machine that is none": (lambda c: c.update(machine=["Gate"]), "machine: a text"),
    "an entry is missing": (lambda c: c.pop("ranks"), "no entry `ranks`"),
    "an entry too many": (lambda c: c.update(more=[]), '"more" is not known'),
    "an entry with a strange name": (lambda c: c.update({"\ud800\n": []}), "is not known"),
    # invariants
    "no invariants": (lambda c: c.update(invariants=[]), DENIED),
    "an invariant too few": (lambda c: c["invariants"].pop(), DENIED),
    "an invariant twice": (lambda c: c["invariants"].append(c["invariants"][0]), "twice"),
    "an invariant that is false": (lambda c: c["invariants"].append("False"), "start/helper 3: the second solver"),
    "an invariant that is not kept": (
        lambda c: c["invariants"].append("self.holders < 3"),
        "step/hold/helper 3: the second solver says",
    ),
    "invariants that are no list": (lambda c: c.update(invariants={}), "invariants: a list"),
    "an invariant as an object": (lambda c: c.update(invariants=[{"text": "True"}]), "invariants[0]: a text"),
    "an invariant that is a number": (lambda c: c.update(invariants=["self.holders"]), "invariants[0]: [Q040]"),
    "an invariant of a name that is none": (lambda c: c.update(invariants=["x 0)"]), "invariants[0]: [Q004]"),
    "an invariant with text for a solver": (
        lambda c: c.update(invariants=["true) (assert false"]),
        "invariants[0]: [Q004]",
    ),
    "an invariant about a member of nothing": (lambda c: c.update(invariants=["g.inside"]), "invariants[0]: [Q012]"),
    "an invariant about the state before": (lambda c: c.update(invariants=["old.broken"]), "invariants[0]: [Q012]"),
    "an invariant in other letters": (
        lambda c: c.update(invariants=["self.br\N{CYRILLIC SMALL LETTER O}ken"]),
        "ASCII",
    ),
    "an invariant of half a letter": (lambda c: c.update(invariants=["self.\ud800"]), "ASCII"),
    "an invariant of two lines": (lambda c: c.update(invariants=["True\nTrue"]), "one line"),
    "more invariants than anybody needs": (
        lambda c: c.update(invariants=[f"self.keys < {n}" for n in range(501)]),
        "more than 500",
    ),
    # inductions
    "an induction for a totality": (
        lambda c: c["inductions"].append({"action": "close", "promise": "covered", "depth": 2}),
        "inductions[0].action",
    ),
    "an induction under the name of an obligation": (
        lambda c: c.update(inductions={"total/hold/covered": 2}),
        "inductions: a list",
    ),
    "an induction with a name that is two": (
        lambda c: c["inductions"].append({"action": "closed", "promise": "x/held_open", "depth": 2}),
        "inductions[0].promise",
    ),
    "an induction of no promise": (
        lambda c: c["inductions"].append({"action": "closed", "promise": "shut_again", "depth": 2}),
        "inductions[0].promise",
    ),
    "an induction of a wait": (
        lambda c: c["inductions"].append({"action": "wait", "promise": "held_open", "depth": 2}),
        "inductions[0].action",
    ),
    **{
        f"an induction over {depth!r} steps": (
            lambda c, depth=depth: c["inductions"].append(  # type: ignore[misc]
                {"action": "closed", "promise": "held_open", "depth": depth}
            ),
            "inductions[0].depth",
        )
        for depth in (0, 1, -2, True, "2", None, 8, 9, 10**50)
    },
    "an induction twice": (
        lambda c: c["inductions"].extend([{"action": "closed", "promise": "held_open", "depth": 2}] * 2),
        "twice",
    ),
    "an induction that does not hold": (
        lambda c: c.update(
            invariants=["self.holders < 3"], inductions=[{"action": "hold", "promise": "helper 1", "depth": 2}]
        ),
        "step/hold/helper 1: the second solver says",
    ),
    # ranks
    "another rank": (lambda c: c["ranks"][0].update(rank=[]), DENIED),
    "a rank is missing": (lambda c: c["ranks"].pop(0), "no condition answers for it"),
    "a rank twice": (lambda c: c["ranks"].append(c["ranks"][0]), "ranks: something stands here twice"),
    "a rank of no wait": (lambda c: c["ranks"][0].update(promise="shut_again"), "is about no wait"),
    "a rank of a promise that is false": (
        lambda c: c["ranks"][0].update(promise="closing_ends_by_itself"),
        "is about no wait",
    ),
    "a rank of a caller that does not wait": (lambda c: c["ranks"][1].update(action="hold"), "is about no wait"),
    "a rank of a caller, spelled as a promise": (
        lambda c: c["ranks"].append({"promise": "wait for wait", "rank": []}),
        "is about no wait",
    ),
    "a rank of two": (lambda c: c["ranks"][0].update(action="wait"), '"promise" is not known'),
    "a rank that may fall for ever": (
        lambda c: c["ranks"][0].update(rank=["-1 * self.holders"]),
        "ranks[0].rank[0]: nothing that is declared keeps this from falling",
    ),
    "a rank that is a difference": (
        lambda c: c["ranks"][0].update(rank=["self.holders - self.keys"]),
        "ranks[0].rank[0]: nothing that is declared",
    ),
    "a rank of truth values": (lambda c: c["ranks"][0].update(rank=["self.broken"]), "ranks[0].rank[0]: [Q040]"),
    "a rank of exact expressions": (
        lambda c: c["ranks"][0].update(rank=[["Variable", "holders", ["IntType", 0, None], False]]),
        "ranks[0].rank[0]: a text",
    ),
    "a rank without end": (lambda c: c["ranks"][0].update(rank=["self.keys"] * 21), "at most 20"),
    # descents
    "a descent is missing": (lambda c: c["descents"].pop(), "shut_again/OPEN: no condition answers for it"),
    "a descent twice": (lambda c: c["descents"].append(c["descents"][0]), "twice"),
    "another order of descents": (lambda c: c["descents"].reverse(), DENIED),
    "a location of another variable": (lambda c: c["descents"][0].update(location={"broken": "SHUT"}), "no entry"),
    "a location that is none": (lambda c: c["descents"][0]["location"].update(phase="AJAR"), "location.phase"),
    "a location that is a list": (lambda c: c["descents"][0].update(location=["SHUT"]), "an object"),
    "a rank of a descent that may fall for ever": (
        lambda c: c["descents"][2].update(rank=["0 - self.keys"]),
        "descents[2].rank[0]: nothing",
    ),
    "another rank of a descent": (lambda c: c["descents"][2].update(rank=["self.keys + 1", "1"]), None),
    "no rank of a descent": (lambda c: c["descents"][2].update(rank=[]), DENIED),
    "nothing helps": (lambda c: c["descents"][2].update(helpful=[]), DENIED),
    "an action that does not exist helps": (lambda c: c["descents"][2].update(helpful=["fly"]), "helpful[0]"),
    "a wait helps": (lambda c: c["descents"][2].update(helpful=["wait"]), "helpful[0]"),
    "an action helps twice": (lambda c: c["descents"][2].update(helpful=["let_go", "let_go"]), "twice"),
    "a descent of another promise": (lambda c: c["descents"][0].update(promise="whole_again"), "descents[0].promise"),
    # traps
    "a trap is missing": (lambda c: c["traps"].clear(), "expected/whole_again: no run shows it"),
    "a trap of a promise that holds": (lambda c: c["traps"][0].update(promise="shut_again"), "traps[0].promise"),
    "a trap without facts": (lambda c: c["traps"][0].update(facts=[]), DENIED),
    "other facts of a trap": (lambda c: c["traps"][0].update(facts=["not self.broken"]), "does not show it"),
    "a trap with a number": (lambda c: c["traps"][0].update(facts=["self.holders"]), "traps[0].facts[0]: [Q040]"),
    "another run into a trap": (lambda c: c["traps"][0]["run"]["moves"].clear(), "does not show it"),
    "a member of no class": (
        lambda c: c["traps"][0].update(member={"name": "g", "of": "Gate"}),
        "traps[0].member.of",
    ),
    "a member of no family": (lambda c: c["traps"][0].update(member="Guest"), "traps[0].member: an object"),
    "a member called self": (
        lambda c: c["traps"][0].update(member={"name": "self", "of": "Guest"}),
        "traps[0].facts[0]: [Q015]",
    ),
    "a member in the place of nobody": (
        lambda c: (
            c["traps"][0].update(member={"name": "g", "of": "Guest"}),
            c["traps"][0]["run"].update(members={"guests": 0}),
        ),
        "does not show it",
    ),
    # runs
    "a failure is missing": (lambda c: c["failures"].pop(0), "expected/never_full: no run shows it"),
    "a failure twice": (lambda c: c["failures"].append(c["failures"][0]), "twice"),
    "a failure of a promise that holds": (lambda c: c["failures"][0].update(promise="held_open"), "promise"),
    "a failure that has a trap": (lambda c: c["failures"][0].update(promise="whole_again"), "promise"),
    "a failure with a run of another": (
        lambda c: c["failures"][0].update(run=c["failures"][1]["run"]),
        "failures[0].run.moves[0]: let_go cannot happen there",
    ),
    "a failure that trusts": (
        lambda c: c["failures"][1]["run"].update(moves=[["hold", {}]]),
        "never_overdrawn: its run breaks no assumption",
    ),
    "a wait that could end": (
        lambda c: c["failures"][2]["run"].update(moves=[["hold", {}], ["let_go", {}]]),
        DENIED,
    ),
    "no witnesses": (lambda c: c["witnesses"].clear(), "more: no run shows it"),
    "a run that is null": (lambda c: c["witnesses"].append(None), "an object"),
    "a run without policies": (lambda c: c["witnesses"][0].pop("policies"), "no entry `policies`"),
    "a run with a policy": (lambda c: c["witnesses"][0].update(policies={"MODE": "FAST"}), "not known"),
    "a run of another family": (lambda c: c["witnesses"][0].update(members={"guests": 1, "dogs": 1}), "not known"),
    "a run without a family": (lambda c: c["witnesses"][0].update(members={}), "no entry `guests`"),
    "a run of a crowd": (lambda c: c["witnesses"][0].update(members={"guests": 10**9}), "members.guests"),
    "a run of minus one member": (lambda c: c["witnesses"][0].update(members={"guests": -1}), "members.guests"),
    "a run of true members": (lambda c: c["witnesses"][0].update(members={"guests": True}), "members.guests"),
    "a run without end": (lambda c: c["witnesses"][0].update(moves=[["hold", {}]] * 301), "at most 300"),
    "a step that is no action": (lambda c: c["witnesses"][0].update(moves=[["fly", {}]]), "not a step"),
    "a step that is a text": (lambda c: c["witnesses"][0].update(moves=["hold"]), "not a step"),
    "a step with too much": (lambda c: c["witnesses"][0].update(moves=[["hold", {}, {}]]), "not a step"),
    "a step that cannot happen": (lambda c: c["witnesses"][0]["moves"].reverse(), "cannot happen there"),
    "an argument too many": (lambda c: c["witnesses"][0].update(moves=[["hold", {"g": 0}]]), "not known"),
    "an argument too few": (lambda c: c["witnesses"][3]["moves"][1].__setitem__(1, {}), "no entry `g`"),
    **{
        f"the argument {value!r}": (
            lambda c, value=value: c["witnesses"][3]["moves"][1].__setitem__(1, {"g": value}),  # type: ignore[misc]
            "moves[1].g",
        )
        for value in (1, -1, True, "0", None, [0], 10**60)
    },
}


@pytest.mark.parametrize("name", by_day(TAMPERED, 6))
def test_changed_hints_are_refused_with_place_and_reason(proof: Proof, name: str) -> None:
    change, reason = TAMPERED[name]
    found = objections(proof, changed(proof, change))
    if reason is None:
        assert found == []
    else:
        assert any(reason in objection for objection in found), found


STAYS = 3
"""Runs without a step that show as much as with their steps: what the start, or another run, shows already."""


def test_every_run_is_looked_at(proof: Proof) -> None:
    """No run may be replaced by one that stays where it starts, unless the others show as much."""
    content = json.loads(proof.hints)
    accepted = 0
    for number, run in enumerate(content["witnesses"]):
        if run["moves"]:
            stays = copy.deepcopy(content)
            stays["witnesses"][number]["moves"].clear()
            accepted += not objections(proof, in_lines(stays))
    assert accepted <= STAYS


# --- junk in every place -------------------------------------------------------------------------------------------

JUNK: tuple[Any, ...] = (
    None,
    True,
    0,
    -1,
    10**99,
    "",
    "self",
    "x 0)",
    "(= self",
    "held_open\n",
    "\ud800",
    [],
    {},
    [[]],
    ["IntType", 0, True],
    {"text": "True", "exactly": ["Literal", False, ["BoolType"]]},
)


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Every place inside a JSON value."""
    if path:
        yield path
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in pairs:
        yield from places(inner, (*path, key))


@pytest.mark.slow
@pytest.mark.parametrize("first", by_day(range(18), 18))
def test_junk_in_any_place_ends_with_a_verdict(proof: Proof, first: int) -> None:
    content = json.loads(proof.hints)
    every = list(places(content))
    assert len(every) > 150
    chosen = every[first::18]
    refused = unfit = 0
    for path in chosen:
        for junk in JUNK:
            forged = copy.deepcopy(content)
            inside = forged
            for key in path[:-1]:
                inside = inside[key]
            inside[path[-1]] = junk
            try:
                read_proposal(proof.machine, json.dumps(forged))
            except Malformed as error:
                refused += 1
                unfit += not str(error).isprintable()
    assert unfit == 0
    assert refused > 0.8 * len(chosen) * len(JUNK)
