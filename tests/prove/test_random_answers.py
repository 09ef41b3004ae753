"""Random machines with a call that is answered later, against all of their states.

`QUIESCE_ANSWERS` says how many are made: a few if it does not, a thousand in the nightly script. Who waits is
told here by a mark beside each state, which the call sets and its answers take away, and by nothing of the prover's.
"""

import os
import random
from collections.abc import Iterator
from functools import cache
from pathlib import PurePosixPath

import networkx as nx
from quiesce.prove.effort import Effort
from quiesce.prove.prover import verify
from quiesce.prove.results import Verdict
from quiesce.spec.activities import trusted_to_answer
from quiesce.spec.arguments import Enumerator
from quiesce.spec.interpreter import initial_states, step
from quiesce.spec.model import Machine
from quiesce.spec.reader import read_text
from quiesce.spec.state import State

NUMBER = int(os.environ.get("QUIESCE_ANSWERS", "10"))
PHASES = ("A", "B", "C", "D")
HEAD = """
from enum import Enum, auto

from quiesce.spec import Machine, activity, call, environment, timeout, when


class Phase(Enum):
    A = auto()
    B = auto()
    C = auto()
    D = auto()


class Some(Machine):
    phase: Phase = Phase.A
    first: bool = False
    other: bool = False
"""


def guard(chance: random.Random) -> str:
    phases = ", ".join(f"Phase.{phase}" for phase in chance.sample(PHASES, chance.choice([1, 1, 1, 2])))
    truth = chance.choice(["", "", " and self.first", " and not self.first", " and self.other", " and not self.other"])
    return f"self.phase in ({phases},){truth}"


def update(chance: random.Random) -> str:
    name = chance.choice(["phase", "phase", "phase", "first", "other"])
    value = f"Phase.{chance.choice(PHASES)}" if name == "phase" else str(chance.choice([True, False]))
    return f"self.{name} = {value}"


def body(chance: random.Random) -> Iterator[str]:
    for _ in range(chance.choice([1, 2, 2])):
        if chance.random() < 0.3:
            on = chance.choice(
                ["self.first", "not self.first", "self.other", f"self.phase == Phase.{chance.choice(PHASES)}"]
            )
            yield f"        if {on}:\n            {update(chance)}\n        else:\n            {update(chance)}\n"
        else:
            yield f"        {update(chance)}\n"


def machine(seed: int) -> Machine:
    chance = random.Random(seed)  # noqa: S311 -- no secret
    due = guard(chance)
    ends = ('"work", fails=True', due) if chance.random() < 0.5 else ('"more"', guard(chance))
    until = chance.choice(["done", "ended", "done, ended", "done, tick"])
    actions = (
        ('activity("work")', "done", due),
        (f"activity({ends[0]})", "ended", ends[1]),
        (chance.choice(["environment", 'timeout("while_")']), "tick", guard(chance)),
        ('call("start")', "start", "self.phase == Phase.A"),
        (f'call("stop", until=[{until}], fair=[ended])', "stop", guard(chance)),
    )
    written = (
        f"\n    @{by}\n    def {name}(self) -> None:\n        when({on})\n{''.join(body(chance))}"
        for by, name, on in actions
    )
    return read_text(HEAD + "".join(written), PurePosixPath("some.py"))


def waits(some: Machine) -> tuple[bool, bool]:
    """Whether some run stops while somebody waits, and whether one goes on for ever, though trusted actions happen."""
    call, trusted, enumerator = (
        some.actions_by_name["stop"],
        trusted_to_answer(some, some.actions_by_name["stop"]),
        Enumerator(some),
    )
    pending: list[tuple[State, bool]] = [(state, False) for state in initial_states(some, {})]
    known, stops, graph = set(pending), False, nx.MultiDiGraph()
    for state, waiting in pending:  # which grows
        taken = [(action.name, step(some, state, action, arguments)) for action, arguments in enumerator.enabled(state)]
        stops = stops or (waiting and not any(name in trusted for name, _ in taken))
        for name, after in taken:
            still = name == "stop" or (waiting and name not in call.until)
            if waiting and still:
                graph.add_edge(state, after, trusted=name in trusted)
            if (after, still) not in known:
                known.add((after, still))
                pending.append((after, still))
    rounds = {node: number for number, part in enumerate(nx.strongly_connected_components(graph)) for node in part}
    return stops, any(by and rounds[a] == rounds[b] for a, b, by in graph.edges(data="trusted"))


@cache
def judged() -> tuple[tuple[int, str, bool, bool], ...]:
    """For each machine what is said of the answer to its call, and what its states show."""
    found = []
    for seed in range(NUMBER):
        some = machine(seed)
        said = {
            r.verdict
            for r in verify(some, Effort(depth=6)).results
            if (r.obligation.promise or "").startswith("stop.answered")
        }
        verdict = (
            "refuted" if Verdict.REFUTED in said else "proved" if said <= {Verdict.PROVED, Verdict.VACUOUS} else "open"
        )
        found.append((seed, verdict, *waits(some)))
    return tuple(found)


def test_nobody_who_is_called_answered_waits_for_ever() -> None:
    assert [seed for seed, verdict, stops, goes_on in judged() if verdict == "proved" and (stops or goes_on)] == []


def test_somebody_waits_for_ever_where_an_answer_is_called_refuted() -> None:
    """Most of them were called refuted at the start, or where nobody had called."""
    assert [seed for seed, verdict, stops, _ in judged() if verdict == "refuted" and not stops] == []


def test_who_waits_for_ever_at_the_end_of_a_run_is_found() -> None:
    assert [seed for seed, verdict, stops, _ in judged() if stops and verdict != "refuted"] == []


def test_the_machines_differ() -> None:
    assert {verdict for _, verdict, _, _ in judged()} >= {"proved", "refuted"}
    assert {stops for _, _, stops, _ in judged()} == {True, False}
