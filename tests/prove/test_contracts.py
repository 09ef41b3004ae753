"""Whoever uses or offers a contract answers for it, and whoever offers one keeps it towards all callers."""

from pathlib import Path

import pytest
from quiesce.spec.diagnostics import SpecError

from tests.prove.small_layers import SENDING, WORKS, Spec, lost, outcome, sent, unproved

# --- a contract is proved by whoever uses or offers it -----------------------------------------------------------

OPEN = outcome("open", "Open")
CONTRACTS = {
    "an outcome for each answer": (OPEN, []),
    "two outcomes for one answer": (OPEN + outcome("busy", "Open", fails="BUSY"), ["contract/Service"]),
    "no outcome for some answer": (
        OPEN.replace("(self)", "(self, n: Nat)").replace("pass", "when(n > 0)"),
        ["contract/Service"],
    ),
    "a number below its type": (OPEN + outcome("less", "Less", "self.held -= 1"), ["contract/Service"]),
    "a promise that is false": (
        OPEN
        + outcome("more", "More", "self.held += 1")
        + "@always\ndef never_more(self) -> bool:\n    return self.held == 0\n",
        ["contract/Service"],
    ),
    "an outcome that never comes": (OPEN + outcome("shut", "Shut", "when(self.held > 0)"), ["contract/Service"]),
}


@pytest.mark.parametrize("name", CONTRACTS)
def test_whoever_uses_a_contract_answers_for_it(tmp_path: Path, name: str) -> None:
    contract, wrong = CONTRACTS[name]
    given = "1" if "n: Nat" in contract else ""
    machine = outcome("go", "Go", f"self.lower.open({given})")
    assert unproved(tmp_path, Spec(contract, machine)) == wrong


def test_whoever_declares_a_layer_without_a_call_to_it_answers_for_its_contract(tmp_path: Path) -> None:
    contract, wrong = CONTRACTS["a number below its type"]
    assert unproved(tmp_path, Spec(contract, outcome("go", "Go"))) == wrong


@pytest.mark.parametrize("wrong", ["", '@call("Open", fails="BUSY")\ndef busy(self) -> None:\n    pass\n'])
def test_whoever_offers_a_contract_answers_for_it(tmp_path: Path, wrong: str) -> None:
    spec = Spec(OPEN + wrong, outcome("go", "Open"), declared="held: Nat = 0", offers=True)
    assert unproved(tmp_path, spec) == (["contract/Service"] if wrong else [])


# --- what a contract is offered with -----------------------------------------------------------------------------

SET = outcome("set", "Set", "when(n > 0)", arguments="n: Nat") + outcome(
    "unset", "Set", "when(n == 0)", arguments="n: Nat", fails="NOTHING"
)


@pytest.mark.parametrize(("type_", "accepted"), [("Nat", True), ("Answer[Nat]", False)])
def test_what_a_caller_chooses_by_the_contract_is_no_answer_of_the_machine(
    tmp_path: Path, type_: str, accepted: bool
) -> None:
    spec = Spec(SET, SET.replace("n: Nat", f"n: {type_}"), declared="held: Nat = 0", offers=True)
    if accepted:
        assert unproved(tmp_path, spec) == []
        return
    with pytest.raises(SpecError) as caught:
        unproved(tmp_path, spec)
    [diagnostic] = caught.value.diagnostics
    assert diagnostic.code == "Q055"
    assert "`n` of Set is chosen by the caller in the contract" in diagnostic.message


def test_an_answer_of_the_contract_may_be_given_to_the_machine(tmp_path: Path) -> None:
    """Whatever it is given, it answers as the contract allows: to those above, that is its own choice."""
    machine = SENDING.replace(WORKS, "works: bool")
    assert unproved(tmp_path, Spec(SENDING, machine, declared="held: Nat = 0", offers=True)) == []


def test_arguments_of_two_calls_are_two_though_they_have_one_name(tmp_path: Path) -> None:
    small = outcome("small", "Small", arguments="k: Nat")
    large = outcome("large", "Large", "when(k >= 0)", arguments="k: int") + outcome(
        "negative", "Large", "when(k < 0)", arguments="k: int", fails="NEGATIVE"
    )
    both = Spec(small + large, outcome("either", "Small Large"), declared="held: Nat = 0", offers=True)
    assert unproved(tmp_path, both) == ["offers/either"]


def test_a_machine_may_offer_what_it_uses(tmp_path: Path) -> None:
    machine = sent("sent", "Send") + lost("send_lost", "Send", fails="LOST")
    spec = Spec(SENDING, machine, declared="held: Nat = 0\nlower: Uses[Service]", offers=True)
    assert unproved(tmp_path, spec) == []
    swapped = sent("sent", "Send", fails="LOST") + lost("send_lost", "Send")
    assert unproved(tmp_path, Spec(SENDING, swapped, declared=spec.declared, offers=True)) == []
    wrong = sent("sent", "Send", fails="GONE") + lost("send_lost", "Send")
    assert unproved(tmp_path, Spec(SENDING, wrong, declared=spec.declared, offers=True)) == ["offers/sent"]


def test_a_range_holds_for_all_callers_together_or_is_not_offered(tmp_path: Path) -> None:
    step = outcome("more", "More", "self.held = self.held + 1 if self.held < 3 else self.held")
    few = "Annotated[int, Range(0, 3)]"
    spec = Spec(step, step, declared=f"held: {few} = 0", offers=True, held=few)
    assert unproved(tmp_path, spec) == ["offers/shared by callers"]
