"""A layer below is read from the spec of its contract, and calls to it are put in place as what that says."""

from pathlib import Path, PurePosixPath

import pytest
from quiesce.spec.diagnostics import SpecError
from quiesce.spec.model import Action, Machine
from quiesce.spec.reader import read_file, read_text
from quiesce.spec.show import show

MODEL = Path(__file__).parents[2] / "model"
BAD = Path(__file__).parents[1] / "specs" / "bad"
PATH = PurePosixPath("upper.py")

HEAD = """
from contract import Service
from quiesce.spec import Answer, Uses, Machine, Nat, call, internal, step, when


class Upper(Machine):
    refs: Nat = 0
    up: bool = False
    lower: Uses[Service]
"""


def upper(body: str, head: str = HEAD) -> Machine:
    return read_text(head + body, PATH, BAD)


def action(body: str) -> Action:
    """The one action of a machine over the contract of the bad specs, which has no mistake itself."""
    [found] = upper(f"\n    @internal\n    def act(self, n: Nat, ready: Answer[bool]) -> None:\n{body}").actions
    return found


def found(folder: Path, text: str) -> list[tuple[str, int, str]]:
    with pytest.raises(SpecError) as caught:
        read_text(text, PATH, folder)
    return [(d.code, d.span.line, d.message) for d in caught.value.diagnostics]


def test_the_layer_is_kept_as_variables_of_the_machine() -> None:
    machine = upper("\n    @internal\n    def rise(self) -> None:\n        self.up = True\n")
    assert [(v.name, v.initial) for v in machine.variables] == [("refs", 0), ("up", False), ("lower_held", 0)]


def test_a_call_updates_the_layer_and_its_answer_is_part_of_the_guard() -> None:
    act = action("        when(self.up)\n        self.lower.start(ready, n)\n")
    assert [show(claim) for claim in act.when] == ["self.up", "ready and n > 0"]
    assert [show(s.target) + " = " + show(s.value) for s in act.body] == [  # type: ignore[union-attr]
        "self.lower_held = self.lower_held + 1"
    ]
    assert [(c.layer, c.outcome, c.calls, c.answers, show(c.asking)) for c in act.lower_calls] == [
        ("lower", "start", ("Start",), (("ready", "ready"),), "self.up")
    ]


def test_what_the_contract_assumes_becomes_a_duty_with_its_reason() -> None:
    act = action("        self.lower.stop()\n")
    assert [(show(d.claim), d.callee, d.because) for d in act.preconditions] == [
        ("self.lower_held > 0", "lower.stop", "each caller stops what it started")
    ]
    assert act.when == ()


def test_a_duty_is_about_the_state_before_the_action() -> None:
    act = action("        self.lower.start(ready, 1)\n        self.lower.stop()\n        self.lower.stop()\n")
    stops = [show(d.claim) for d in act.preconditions if d.callee == "lower.stop"]
    assert stops == ["self.lower_held + 1 > 0", "self.lower_held + 1 - 1 > 0"]


def test_a_call_inside_an_if_is_owed_only_there() -> None:
    act = action("        self.up = n > 1\n        if self.up:\n            self.lower.stop()\n")
    assert [show(d.claim) for d in act.preconditions] == ["implies(n > 1, self.lower_held > 0)"]
    act = action("        if self.up:\n            pass\n        else:\n            self.lower.start(ready, n)\n")
    assert show(act.when[0]) == "implies(not self.up, ready and n > 0)"
    assert show(act.lower_calls[0].asking) == "not self.up"


def test_a_number_that_is_given_has_to_be_of_its_type() -> None:
    act = action("        self.lower.start(ready, self.refs - n)\n")
    assert [(show(d.claim), d.because) for d in act.preconditions] == [
        ("self.refs - n >= 0", "`level` has to be of its type")
    ]


def test_the_layer_is_read_as_its_contract_names_it_in_both_states() -> None:
    machine = upper(
        '\n    @step\n    def p(self, old: "Upper") -> bool:\n        return self.lower.held >= old.lower.held\n'
    )
    assert show(machine.promises[0].claim.claim) == "self.lower_held >= old.lower_held"  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("self.lower_held", "Q013"),
        ("self.lower.count", "Q013"),
        ("self.lower.start", "Q041"),
        ("self.lower", "Q040"),
        ("self.lower.held.more", "Q041"),
        ("self.lower.held(1)", "Q041"),
        ("old.lower.held", "Q012"),
    ],
)
def test_the_layer_is_read_in_no_other_way(text: str, code: str) -> None:
    body = f"\n    @internal\n    def act(self) -> None:\n        when({text} == 0)\n"
    assert [code for code, _, _ in found(BAD, HEAD + body)] == [code]


CONTRACT = """
from enum import Enum, auto
from quiesce.spec import Family, Machine, Member, Nat, Persistent, call, environment, internal, policy, when


class Mode(Enum):
    A = auto()
    B = auto()


{before}class Service(Machine):
    {variable}

    {decorator}
    def stop(self, by: {parameter}) -> None:
        {update}
"""

PLAIN = {
    "before": "",
    "variable": "held: Nat = 0",
    "decorator": '@call("Stop")',
    "parameter": "Nat",
    "update": "self.held += 1",
}


def test_a_small_machine_is_a_contract(tmp_path: Path) -> None:
    (tmp_path / "contract.py").write_text(CONTRACT.format(**PLAIN), encoding="utf-8")
    text = f"{HEAD}\n    @internal\n    def rise(self) -> None:\n        self.up = True\n"
    assert read_text(text, PATH, tmp_path).name == "Upper"


@pytest.mark.parametrize(
    ("part", "text", "why"),
    [
        ("variable", "held: Nat = 1", "`held` is not a number that starts at 0"),
        ("variable", "held: int = 0", "`held` is not a number that starts at 0"),
        ("variable", "held: Nat = 0\n    up: bool = False", "`up` is not a number"),
        ("variable", "held: Persistent[Nat] = 0", "`held` outlives"),
        ("decorator", "@internal", "`stop` is not a call"),
        ("decorator", "@environment", "`stop` is not a call"),
        ("update", "if by > 0:\n            self.held += 1", "`stop` decides"),
        ("parameter", "Mode", "`by` of `stop`"),
        ("before", "CHOICE = policy(Mode.A, Mode.B)\n\n\n", "policies"),
    ],
)
def test_not_every_machine_is_a_contract(tmp_path: Path, part: str, text: str, why: str) -> None:
    (tmp_path / "contract.py").write_text(CONTRACT.format(**{**PLAIN, part: text}), encoding="utf-8")
    [(code, line, message)] = found(tmp_path, HEAD)
    assert (code, line) == ("Q053", 2)
    assert why in message


def test_a_spec_that_is_imported_is_never_run(tmp_path: Path) -> None:
    (tmp_path / "contract.py").write_text(f"open({str(tmp_path / 'ran')!r}, 'w')\n", encoding="utf-8")
    assert [code for code, _, _ in found(tmp_path, HEAD)] == ["Q052"]
    assert not (tmp_path / "ran").exists()


def test_a_mistake_in_an_imported_spec_is_shown_with_its_own_place(tmp_path: Path) -> None:
    text = CONTRACT.format(**{**PLAIN, "update": "self.hold += 1"})
    (tmp_path / "contract.py").write_text(text, encoding="utf-8")
    [(code, line, message)] = found(tmp_path, HEAD)
    assert (code, line) == ("Q052", 2)
    assert "contract.py:16:9: the machine has no variable `hold`" in message


def test_specs_that_import_each_other_are_refused(tmp_path: Path) -> None:
    for own, other in (("First", "Second"), ("Second", "First")):
        text = f"from {other.lower()} import {other}\nfrom quiesce.spec import Uses, Machine\n\n\n"
        text += f"class {own}(Machine):\n    lower: Uses[{other}]\n"
        (tmp_path / f"{own.lower()}.py").write_text(text, encoding="utf-8")
    with pytest.raises(SpecError) as caught:
        read_file(tmp_path / "first.py")
    [diagnostic] = caught.value.diagnostics
    assert "`first.py` -> `second.py` -> `first.py`" in diagnostic.message


def test_a_module_whose_name_no_file_can_have_is_refused_where_it_is_imported(tmp_path: Path) -> None:
    spec = tmp_path / "spec.py"
    spec.write_text(HEAD.replace("from contract import", f"from {'c' * 5000} import"), encoding="utf-8")
    with pytest.raises(SpecError) as caught:
        read_file(spec)
    first = caught.value.diagnostics[0]
    assert (first.code in {"Q050", "Q052"}, first.span.line) == (True, 2)  # it depends on the system what it knows


def test_a_text_without_a_folder_imports_no_spec() -> None:
    with pytest.raises(SpecError) as caught:
        read_text(HEAD, PATH)
    assert [d.code for d in caught.value.diagnostics] == ["Q050"]


OFFERING = """
from contract import Service
from quiesce.spec import Machine, Nat, call


class Upper(Machine, provides=Service):
    {variable}

    {decorator}
    def stop(self, by: {parameter}) -> None:
        {update}
"""


def test_a_machine_with_the_variables_and_calls_of_a_contract_offers_it(tmp_path: Path) -> None:
    (tmp_path / "contract.py").write_text(CONTRACT.format(**PLAIN), encoding="utf-8")
    machine = read_text(OFFERING.format(**PLAIN), PATH, tmp_path)
    assert machine.provides == read_file(tmp_path / "contract.py", machine.provides.path if machine.provides else None)


@pytest.mark.parametrize(
    ("part", "text", "why"),
    [
        ("variable", "held: int = 0", "`held` is of another type"),
        ("variable", "held: Nat = 1", "`held` is of another type, or starts elsewhere"),
        ("decorator", '@call("Halt")', "no call Stop"),
        ("parameter", "bool", "`by` of Stop has another type"),
    ],
)
def test_what_a_machine_lacks_to_offer_a_contract_is_told(tmp_path: Path, part: str, text: str, why: str) -> None:
    (tmp_path / "contract.py").write_text(CONTRACT.format(**PLAIN), encoding="utf-8")
    [(code, line, message)] = found(tmp_path, OFFERING.format(**{**PLAIN, part: text}))
    assert (code, line) == ("Q055", 6)
    assert why in message


def test_the_layered_provider_and_its_contract_are_read() -> None:
    machine = read_file(MODEL / "winsock_layered.py")
    assert machine.provides == read_file(MODEL / "winsock_contract.py")
    assert [v.name for v in machine.variables] == ["phase", "below", "refs", "epoch", "lower_refs"]
    cleanups = [a.name for a in machine.actions if any(c.outcome == "cleanup" for c in a.lower_calls)]
    assert cleanups == ["table_rejected", "release"]
