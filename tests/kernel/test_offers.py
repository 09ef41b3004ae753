"""Machines that provide a contract: each step is one that the contract has, or the fault is found."""

from pathlib import Path

import pytest
from quiesce.kernel.established import ByContract, Proved
from quiesce.kernel.kinds import id_of
from quiesce.kernel.problem import problem_of
from quiesce.kernel.rules.refinement import offers_owed
from quiesce.kernel.subjects import Happens, OffersStep, Subject, WholeContract
from quiesce.spec.state import Run

from tests.kernel.judging import judged, run_of, why
from tests.kernel.offering import offers, server
from tests.kernel.test_answered_later import BEGINS, STARTING
from tests.machines import changed
from tests.prove.test_layers import CONTRACT, SERVER

KINDS = {
    "as agreed": ({}, []),
    "an answer that depends on who else is there": (
        {"guard": "more and self.held == 0"},
        ["refinement/(shared)"],
    ),
    "nobody is trusted with more": ({"trusted": "self.held != 3"}, ["refinement/stop"]),
    "no right to refuse": ({"assumed": "self.held >= 0"}, ["refinement/stop_too_often"]),
    "kept by one and not by two": ({"assumed": "self.held == 1"}, ["refinement/(shared)"]),
}


@pytest.mark.parametrize("name", KINDS)
def test_a_server_that_keeps_a_contract(tmp_path: Path, name: str) -> None:
    chosen, wrong = KINDS[name]
    said = {"guard": "more", "assumed": "self.held > 0", "trusted": "self.held > 0", **chosen}
    contract = CONTRACT.format(guard=said["guard"], assumed=said["assumed"])
    machine = server(tmp_path, SERVER.format(guard=said["guard"], trusted=said["trusted"]), contract)
    assert offers(machine) == wrong


PLAIN = CONTRACT.format(guard="more", assumed="self.held > 0")


KEEPS = SERVER.format(guard="more", trusted="self.held > 0")


FAULTS = {
    "counts twice": (("self.held += 1", "self.held += 2"), ["refinement/start"]),
    "counts nothing": (("self.held += 1", "pass"), ["refinement/start"]),
    "another error": (('fails="BUSY"', 'fails="FULL"'), ["refinement/busy"]),
    "chooses to accept, as it may": (("when(more)", "when(more or self.held == 0)"), []),
    "chooses to refuse, as it may": (("when(not (more))", "when(not more or self.held == 0)"), []),
    "takes away too much": (("self.held -= 1", "self.held -= 2"), ["refinement/stop"]),
    "one of its own steps counts": (
        (
            '    @call("Stop")\n',
            '    @internal\n    def leaks(self) -> None:\n        self.held += 1\n\n    @call("Stop")\n',
        ),
        ["refinement/leaks"],
    ),
    "one of its own steps counts nothing": (
        (
            '    @call("Stop")\n',
            '    @internal\n    def rests(self) -> None:\n        self.held += 0\n\n    @call("Stop")\n',
        ),
        [],
    ),
    "another call counts": (
        (
            '    @call("Stop")\n',
            '    @call("More")\n    def leaks(self) -> None:\n        self.held += 1\n\n    @call("Stop")\n',
        ),
        ["refinement/leaks"],
    ),
    "a name of its own beside one that is agreed": (('@call("Start")', '@call("Start", "Open")'), ["refinement/start"]),
    "a name of its own for what is refused": (
        ('@call("Start", fails="BUSY")', '@call("Start", "Open", fails="BUSY")'),
        [],
    ),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_server_with_one_fault_does_not(tmp_path: Path, name: str) -> None:
    (before, now), wrong = FAULTS[name]
    text = changed(KEEPS, (before, now)).replace("assume, call", "assume, call, internal")
    assert offers(server(tmp_path, text, PLAIN)) == wrong


def test_whoever_offers_a_contract_answers_for_the_whole_of_it(tmp_path: Path) -> None:
    machine = server(tmp_path, KEEPS, PLAIN)
    assert machine.provides is not None
    about = WholeContract("Service")
    assert why(judged(machine), about) == "not everything about the contract is established"
    other = judged(machine.provides)
    assert why(judged(machine, contracts=[other]), about) == "not everything about the contract is established"


def test_steps_are_owed_by_what_is_known_of_them(tmp_path: Path) -> None:
    problem = problem_of(server(tmp_path, BEGINS, STARTING))
    owed = [id_of(item.obligation.about) for item in offers_owed(problem)]
    assert owed[0] == "refinement/(start)"
    assert owed[1:] == [f"refinement/{name}" for name in ("begin", "again", "busy", "ready", "fails")]
    assert OffersStep("tries_again") not in [item.obligation.about for item in offers_owed(problem, problem)]


def test_each_contract_is_answered_for_by_itself(tmp_path: Path) -> None:
    """`Other` promises nothing that is not so, and `Service` may be in the wrong; one does not stand for the other."""
    other = (
        "from quiesce.spec import Machine, Nat, call\n\n\nclass Other(Machine):\n    n: Nat = 0\n\n"
        '    @call("Go")\n    def go(self) -> None:\n        self.n += 1\n'
    )
    (tmp_path / "other.py").write_text(other, encoding="utf-8")
    text = KEEPS.replace("from quiesce.spec import ", "from other import Other\nfrom quiesce.spec import Uses, ")
    machine = server(
        tmp_path, text.replace("    held: Nat = 0\n", "    held: Nat = 0\n    lower: Uses[Other]\n"), PLAIN
    )
    contract = next(contract for contract in machine.contracts if contract.name == "Other")
    runs: dict[Subject, Run] = {Happens("go"): run_of(contract, "go")}
    whole = judged(contract, runs=runs)
    assert whole.proved(contract)
    assert not judged(contract).proved(contract)
    found = judged(machine, contracts=[judged(contract), whole])
    assert why(found, WholeContract("Other")) is None
    assert why(found, WholeContract("Service")) is not None
    outcome = found.outcomes[WholeContract("Other")]
    assert isinstance(outcome, Proved)
    assert outcome.rule == ByContract(whole)


SHARING = """
from quiesce.spec import Answer, Machine, Nat, assume, call, when


class Service(Machine):
    held: Nat = 0

    @call("Start")
    def start(self, more: Answer[bool], n: Nat) -> None:
        when({guard})
        assume({assumed}, "so it is agreed")
        self.held = {held}

    @call("Start", fails="BUSY")
    def busy(self, more: Answer[bool], n: Nat) -> None:
        when(more or not more)
"""


SHARED = {
    "anything": ("n > 3", "n > 1", "self.held + n", True),
    "only the first": ("self.held == 0", "n > 1", "self.held + n", False),
    "only the second": ("self.held > 0", "n > 1", "self.held + n", False),
    "the first is legal": ("n > 3", "self.held == 0", "self.held + n", False),
    "the second is legal": ("n > 3", "self.held > 0", "self.held + n", True),
    "where it applies it is legal": ("n <= self.held", "n <= self.held", "self.held - n", False),
    "what was there is gone": ("n > 3", "n > 1", "n", False),
    "it is doubled": ("n > 3", "n > 1", "self.held + self.held", False),
    "it stays": ("n > 3", "n > 1", "self.held", True),
}


@pytest.mark.parametrize("name", SHARED)
def test_what_several_callers_are_together(tmp_path: Path, name: str) -> None:
    guard, assumed, held, good = SHARED[name]
    text = (
        "from service import Service\nfrom quiesce.spec import Machine, Nat, call\n\n\n"
        "class Server(Machine, provides=Service):\n    held: Nat = 0\n\n"
        '    @call("Start", fails="BUSY")\n    def busy(self) -> None:\n        pass\n'
    )
    found = offers(server(tmp_path, text, SHARING.format(guard=guard, assumed=assumed, held=held)))
    assert found == ([] if good else ["refinement/(shared)"])
