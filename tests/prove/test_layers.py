"""Layers: a layered provider with one fault each, a provider that breaks its contract, and the chain that they make."""

from collections import Counter
from dataclasses import dataclass
from functools import cache
from pathlib import Path, PurePosixPath

import pytest
from quiesce.kernel.kinds import Kind
from quiesce.kernel.obligations import obligations
from quiesce.kernel.problem import problem_of
from quiesce.prove.effort import Effort
from quiesce.prove.prover import verify
from quiesce.prove.results import Report, Result, Verdict
from quiesce.spec.interpreter import initial_states, replay
from quiesce.spec.reader import read_file, read_text

from tests.by_day import at_night, by_day
from tests.machines import without_futures
from tests.reports import not_proved, results_by_id

pytestmark = pytest.mark.slow

MODEL = Path(__file__).parents[2] / "model"
LAYERED = (MODEL / "winsock_layered.py").read_text(encoding="utf-8")

QUICK = Effort(strengthen=False, depth=6)
"""A fault is found without helpers, and each shows within six steps; looking for more would only take time."""


BASE = (MODEL / "winsock.py").read_text(encoding="utf-8")


def report_on(text: str) -> Report:
    return verify(read_text(text, PurePosixPath("provider.py"), MODEL))


def report_on_fault(text: str) -> Report:
    return verify(without_futures(read_text(text, PurePosixPath("provider.py"), MODEL)), QUICK)


@cache
def layered() -> Report:
    return report_on(LAYERED)


@cache
def base() -> Report:
    return report_on(BASE)


# --- the chain ---------------------------------------------------------------------------------------------------


def test_the_contract_is_proved() -> None:
    assert not_proved(verify(read_file(MODEL / "winsock_contract.py"))) == []


@pytest.mark.nightly
def test_the_base_of_a_chain_is_proved_to_offer_the_contract() -> None:
    assert not_proved(base()) == []
    assert Counter(result.obligation.kind for result in base().results)[Kind.REFINEMENT] == 26


@pytest.mark.nightly
def test_a_layer_is_proved_to_stay_within_the_contract_and_to_offer_it() -> None:
    assert not_proved(layered()) == []
    kinds = Counter(result.obligation.kind for result in layered().results)
    assert (kinds[Kind.PRECONDITION], kinds[Kind.REFINEMENT]) == (21, 25)


def test_a_layer_stands_on_whatever_offers_what_it_offers_itself() -> None:
    contract = read_file(MODEL / "winsock_contract.py", PurePosixPath("winsock_contract.py"))
    layered, base = (read_text(text, PurePosixPath("provider.py"), MODEL) for text in (LAYERED, BASE))
    assert layered.provides == base.provides == contract
    used = {call.outcome for action in layered.actions for call in action.lower_calls}
    assert used <= set(contract.actions_by_name)


def test_each_assumption_of_the_contract_is_a_duty_wherever_its_outcome_is_used() -> None:
    contract, machine = read_file(MODEL / "winsock_contract.py"), read_file(MODEL / "winsock_layered.py")
    owed = sorted(
        f"precondition/{action.name}/{call.layer}.{call.outcome}"
        for action in machine.actions
        for call in action.lower_calls
        for _ in contract.actions_by_name[call.outcome].assumes
    )
    listed = [one.id for one in obligations(problem_of(machine)) if one.kind is Kind.PRECONDITION]
    assert owed == sorted(name.rpartition("/")[0] for name in listed if "answered" not in name)
    assert len(owed) == 6


# --- faults of a layer -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Variant:
    """A textual change in so many places, the obligation that it breaks, and the actions of the run that shows it."""

    before: str
    after: str
    refuted: str
    run: tuple[str, ...]
    places: int = 1


EAGER_START = ("first_startup", "lower_starts", "table_accepted")

FAULTS = {
    "the lower provider is cleaned up with each cleanup": Variant(
        "        when(self.refs > 1)\n",
        "        when(self.refs > 1)\n        self.lower.cleanup()\n",
        "precondition/nested_cleanup/lower.cleanup/1",
        ("first_startup", "initialised", "nested_startup"),
    ),
    "a rejected table leaks the lower startup": Variant(
        "        when(self.below == Below.STARTED)\n        self.lower.cleanup()\n",
        "        when(self.below == Below.STARTED)\n",
        "step/table_rejected/unloaded_owes_nothing",
        ("first_startup", "lower_starts", "table_rejected"),
    ),
    "the lower provider is cleaned up before the drain": Variant(
        "        when(not any(s.state == SocketState.CLOSING for s in self.sockets))\n",
        "",
        "step/release/lower_cleanup_comes_after_the_drain",
        (*EAGER_START, "open_socket", "last_cleanup", "release"),
    ),
    "a lazy layer cleans up what it never started": Variant(
        "        if self.below == Below.USABLE:\n            self.lower.cleanup()\n",
        "        self.lower.cleanup()\n",
        "precondition/release/lower.cleanup/1",
        ("first_startup", "initialised", "last_cleanup"),
    ),
    "a failed lower start counts": Variant(
        "        self.lower.not_ready(agreed_below, buffer=True, ready=ready)\n        self.below = Below.DOWN\n",
        "        self.lower.not_ready(agreed_below, buffer=True, ready=ready)\n        self.below = Below.DOWN\n"
        "        self.refs += 1\n",
        "step/lower_is_not_ready/no_epoch_on_a_failed_lower_start",
        ("first_startup", "lower_is_not_ready"),
    ),
    "a second epoch forgets to start the lower provider": Variant(
        "            self.below = Below.WANTED\n\n    @call",
        "            self.below = Below.WANTED if self.epoch == 0 else Below.USABLE\n\n    @call",
        "step/first_startup/holds_one_lower_startup_or_none",
        (*EAGER_START, "last_cleanup", "release", "first_startup"),
    ),
    "a release forgets to clean up": Variant(
        "            self.lower.cleanup()\n        self.below = Below.DOWN\n        self.phase = Phase.UNLOADED\n",
        "            pass\n        self.below = Below.DOWN\n        self.phase = Phase.UNLOADED\n",
        "step/release/the_lower_provider_ends_first",
        (*EAGER_START, "last_cleanup", "release"),
    ),
    "a lower provider that is not ready is only reckoned with at the start": Variant(
        "        when(self.below == Below.WANTED)\n        self.lower.not_ready",
        "        when(self.below == Below.WANTED and self.phase == Phase.STARTING)\n        self.lower.not_ready",
        "precondition/lower_starts/lower.startup/answered_1",
        ("first_startup", "initialised", "first_socket"),
    ),
    "a call goes down after the lower cleanup": Variant(
        "        self.lower.use(live)\n",
        "        self.lower.cleanup()\n        self.lower.use(live)\n",
        "precondition/use/lower.use/2",
        (*EAGER_START, "open_socket"),
    ),
    "a count is changed by itself": Variant(
        "        when(any(s.unsent > 0 for s in self.sockets))\n",
        "        when(any(s.unsent > 0 for s in self.sockets))\n        self.refs += 1\n",
        "refinement/drain_bound_expires",
        (*EAGER_START, "open_socket", "send", "last_cleanup"),
    ),
}


@cache
def faulty(name: str) -> Report:
    fault = FAULTS[name]
    assert LAYERED.count(fault.before) == fault.places
    return report_on_fault(LAYERED.replace(fault.before, fault.after))


def found(report: Report, name: str) -> Result:
    return results_by_id(report)[name]


@pytest.mark.slow
@pytest.mark.parametrize("name", [name if "not ready" in name else at_night(name) for name in FAULTS])
def test_a_fault_of_a_layer_is_refuted_with_a_shortest_run(name: str) -> None:
    result = found(faulty(name), FAULTS[name].refuted)
    assert result.verdict is Verdict.REFUTED
    assert result.run is not None
    assert tuple(move.action for move in result.run.moves) == FAULTS[name].run
    members = {family: len(members) for family, members in result.run.start.families.items()}
    assert result.run.start in list(initial_states(faulty(name).machine, members))
    replay(faulty(name).machine, result.run)


@pytest.mark.nightly
def test_an_illegal_call_is_shown_with_the_reason_that_the_contract_gives() -> None:
    detail = found(
        faulty("a lazy layer cleans up what it never started"), "precondition/release/lower.cleanup/1"
    ).detail
    assert "release() makes the call to lower.cleanup" in detail
    assert "a caller undoes its own startups only, each of them once" in detail


def test_an_answer_that_nobody_deals_with_is_shown() -> None:
    name = "a lower provider that is not ready is only reckoned with at the start"
    detail = found(faulty(name), FAULTS[name].refuted).detail
    assert "lower.ready=False" in detail


# --- faults of a base --------------------------------------------------------------------------------------------

BREACHES = {
    "a client that holds a startup is refused its cleanup": Variant(
        "        when(self.refs == 0)\n",
        "        when(self.refs < 2)\n",
        "refinement/excess_cleanup",
        ("first_startup", "initialised"),
    ),
    "a client that holds a startup is told that it has none": Variant(
        "        when(self.phase != Phase.RUNNING)\n",
        "        when(self.phase != Phase.RUNNING or self.refs > 1)\n",
        "refinement/not_initialised",
        ("first_startup", "initialised", "nested_startup"),
    ),
    "an error that the contract does not have": Variant(
        '"WSAEMFILE"', '"WSAENOBUFS"', "refinement/no_more_sockets", ("first_startup", "initialised"), places=2
    ),
    "a startup counts twice": Variant(
        "        self.refs += 1\n",
        "        self.refs += 2\n",
        "refinement/nested_startup",
        ("first_startup", "initialised"),
    ),
    "a count that nobody asked for": Variant(
        "        when(s.unsent > 0)\n        s.unsent = 0\n",
        "        when(s.unsent > 0)\n        self.refs += 1\n",
        "refinement/peer_resets",
        ("first_startup", "initialised", "open_socket", "send"),
    ),
    "a call that is under way comes from nowhere": Variant(
        "        when(self.phase == Phase.DRAINING)\n        when(not any",
        "        when(self.phase == Phase.DRAINING)\n        self.phase = Phase.STARTING\n\n    @internal\n"
        "    def release_later(self) -> None:\n        when(self.phase == Phase.DRAINING)\n        when(not any",
        "refinement/release",
        ("first_startup", "initialised", "last_cleanup"),
    ),
    "one startup is counted again and again": Variant(
        "        when(self.phase == Phase.STARTING)\n        self.phase = Phase.RUNNING\n        self.refs = 1\n",
        "        when(self.phase in (Phase.STARTING, Phase.RUNNING))\n"
        "        self.phase = Phase.RUNNING\n        self.refs += 1\n",
        "refinement/initialised",
        ("first_startup", "initialised"),
    ),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", by_day(BREACHES, 7))
def test_a_breach_of_the_contract_is_refuted_with_a_shortest_run(name: str) -> None:
    breach = BREACHES[name]
    assert BASE.count(breach.before) == breach.places
    result = found(report_on_fault(BASE.replace(breach.before, breach.after)), breach.refuted)
    assert result.verdict is Verdict.REFUTED
    assert result.run is not None
    assert tuple(move.action for move in result.run.moves) == breach.run
    assert "ProviderContract does not have" in result.detail


# --- contracts that cannot be shared -----------------------------------------------------------------------------

CONTRACT = """
from quiesce.spec import Answer, Machine, Nat, assume, call, when


class Service(Machine):
    held: Nat = 0

    @call("Start")
    def start(self, more: Answer[bool]) -> None:
        when({guard})
        self.held += 1

    @call("Start", fails="BUSY")
    def busy(self, more: Answer[bool]) -> None:
        when(not ({guard}))

    @call("Stop")
    def stop(self) -> None:
        assume({assumed}, "each caller stops what it started")
        self.held -= 1
"""

SERVER = """
from service import Service
from quiesce.spec import Machine, Nat, assume, call, when


class Server(Machine, provides=Service):
    held: Nat = 0

    @call("Start")
    def start(self, more: bool) -> None:
        when({guard})
        self.held += 1

    @call("Start", fails="BUSY")
    def busy(self, more: bool) -> None:
        when(not ({guard}))

    @call("Stop")
    def stop(self) -> None:
        when(self.held > 0)
        assume({trusted}, "callers are kind")
        self.held -= 1

    @call("Stop", fails="NOT_STARTED")
    def stop_too_often(self) -> None:
        when(self.held == 0)
"""


def offered(
    folder: Path, guard: str = "more", assumed: str = "self.held > 0", trusted: str = "self.held > 0"
) -> list[str]:
    """What is not proved of a server of this contract."""
    (folder / "service.py").write_text(CONTRACT.format(guard=guard, assumed=assumed), encoding="utf-8")
    machine = read_text(SERVER.format(guard=guard, trusted=trusted), PurePosixPath("server.py"), folder)
    kinds = results_by_id(verify(machine, QUICK))
    return [
        name for name, result in kinds.items() if name.startswith("refinement/") and result.verdict != Verdict.PROVED
    ]


def test_callers_that_count_up_and_down_are_together_like_one(tmp_path: Path) -> None:
    assert offered(tmp_path) == []


def test_a_contract_whose_answers_depend_on_who_else_is_there_cannot_be_offered(tmp_path: Path) -> None:
    assert offered(tmp_path, guard="more and self.held == 0") == ["refinement/(shared)"]


def test_a_contract_that_one_caller_keeps_and_two_do_not_cannot_be_offered(tmp_path: Path) -> None:
    assert "refinement/(shared)" in offered(tmp_path, assumed="self.held == 1")


def test_a_contract_that_asks_for_nothing_gives_no_right_to_refuse(tmp_path: Path) -> None:
    assert offered(tmp_path, assumed="self.held >= 0") == ["refinement/stop_too_often"]


def test_a_machine_that_trusts_its_callers_with_more_than_the_contract_asks_does_not_offer_it(tmp_path: Path) -> None:
    assert offered(tmp_path, trusted="self.held != 3") == ["refinement/stop"]
