"""The flagship with one fault each: refuted, with a shortest run that replays and shows the fault."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path, PurePosixPath

import pytest
from quiesce.prove.prover import verify
from quiesce.prove.results import Report, Verdict
from quiesce.spec.interpreter import initial_states, replay
from quiesce.spec.reader import read_text

SPEC = Path(__file__).parents[2] / "model/winsock.py"


@dataclass(frozen=True)
class Variant:
    """One textual change of the flagship, the obligation that it breaks, and the actions of the run that shows it."""

    before: str
    after: str
    refuted: str
    run: tuple[str, ...]


VARIANTS = {
    "count raised before initialisation can fail": Variant(
        "        self.phase = Phase.STARTING\n        self.lowest = agreed\n",
        "        self.phase = Phase.STARTING\n        self.lowest = agreed\n        self.refs += 1\n",
        "step/first_startup/counted_only_while_running",
        ("first_startup",),
    ),
    "cleanup without the zero check": Variant(
        "        when(self.refs > 1)\n",
        "        when(self.refs != 1)\n",
        "step/nested_cleanup/refs in range",
        ("nested_cleanup",),
    ),
    "free before drain": Variant(
        "        when(not any(s.state == SocketState.CLOSING for s in self.sockets))\n",
        "",
        "step/release/drained_before_freed",
        ("first_startup", "initialised", "open_socket", "last_cleanup", "release"),
    ),
    "only closed sockets are drained": Variant(
        '                    s.state = SocketState.CLOSING\n                    s.shares = 0\n\n    @call("WSPCleanup"',
        '                    retire(s)\n\n    @call("WSPCleanup"',
        "step/last_cleanup/accepted_bytes_stay_queued",
        ("first_startup", "initialised", "open_socket", "send", "last_cleanup"),
    ),
    "the lowest version outlives the release": Variant(
        "self.sockets))\n        self.phase = Phase.UNLOADED\n        self.lowest = 0\n",
        "self.sockets))\n        self.phase = Phase.UNLOADED\n",
        "step/release/released_means_as_new",
        ("first_startup", "initialised", "last_cleanup", "release"),
    ),
    "the epoch is not raised": Variant(
        "        self.refs = 1\n        self.epoch += 1\n\n    @internal(satisfies=R4)",
        "        self.refs = 1\n\n    @internal(satisfies=R4)",
        "step/initialised/every_initialisation_begins_an_epoch",
        ("first_startup", "initialised"),
    ),
    "no way out of the drain": Variant(
        "        when(s.state == SocketState.CLOSING and s.unsent == 0)\n",
        "        when(s.state == SocketState.CLOSING and s.unsent == 0 and self.phase == Phase.RUNNING)\n",
        "recoverable/can_always_be_released/DRAINING",
        ("first_startup", "initialised", "open_socket", "last_cleanup"),
    ),
    "a failing startup counts": Variant(
        "        when(self.phase == Phase.STARTING)\n        self.phase = Phase.UNLOADED\n",
        "        when(self.phase == Phase.STARTING)\n        self.phase = Phase.UNLOADED\n        self.refs = 1\n",
        "step/initialisation_failed/counted_only_while_running",
        ("first_startup", "initialisation_failed"),
    ),
}


@cache
def verified(name: str) -> Report:
    variant = VARIANTS[name]
    text = SPEC.read_text(encoding="utf-8")
    assert text.count(variant.before) == 1
    changed = text.replace(variant.before, variant.after)
    return verify(read_text(changed, PurePosixPath("winsock.py"), folder=SPEC.parent))


@pytest.mark.parametrize("name", VARIANTS)
def test_the_variant_is_refuted_with_a_shortest_run(name: str) -> None:
    found = {result.obligation.id: result for result in verified(name).results}[VARIANTS[name].refuted]
    assert found.verdict is Verdict.REFUTED
    assert found.run is not None
    assert tuple(move.action for move in found.run.moves) == VARIANTS[name].run


@pytest.mark.parametrize("name", VARIANTS)
def test_every_counterexample_starts_at_the_start_and_replays(name: str) -> None:
    report = verified(name)
    runs = [result.run for result in report.results if result.verdict is Verdict.REFUTED and result.run is not None]
    assert runs
    for run in runs:
        members = {family: len(members) for family, members in run.start.families.items()}
        assert run.start in list(initial_states(report.machine, members))
        replay(report.machine, run)


def test_the_flagship_itself_is_proved() -> None:
    report = verify(read_text(SPEC.read_text(encoding="utf-8"), PurePosixPath("winsock.py"), folder=SPEC.parent))
    assert [result.obligation.id for result in report.results if result.verdict is not Verdict.PROVED] == []
