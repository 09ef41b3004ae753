"""The reader as a whole: what a good spec gives, and that it is never run."""

import contextlib
import os
import re
import runpy
import sys
from pathlib import Path, PurePosixPath

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from quiesce.spec.diagnostics import SpecError
from quiesce.spec.model import (
    BOOL,
    INT,
    Accepts,
    Action,
    ActionKind,
    Assign,
    Binary,
    Blocks,
    EnumType,
    Fails,
    Field,
    ForEach,
    If,
    IntType,
    Literal,
    Machine,
    MemberType,
    Op,
    Parameter,
    Retire,
    Step,
    Variable,
)
from quiesce.spec.reader import read_file, read_text

WINSOCK = Path(__file__).parents[2] / "model" / "winsock.py"
LINES = WINSOCK.read_text(encoding="utf-8").splitlines()
PATH = PurePosixPath("spec.py")


@pytest.fixture(scope="module")
def winsock() -> Machine:
    return read_file(WINSOCK, PurePosixPath("model/winsock.py"))


def test_the_flagship_is_read_completely(winsock: Machine) -> None:
    text = "\n".join(LINES)
    assert (winsock.name, winsock.doc) == ("WinsockProvider", "Lifecycle of a Winsock service provider.")
    assert winsock.path == PurePosixPath("model/winsock.py")
    kinds = ("call", "internal", "environment", "activity", "timeout")
    assert len(winsock.actions) == sum(text.count(f"\n    @{word}") for word in kinds)
    words = (
        "always",
        "step",
        "unchanged",
        "pristine",
        "recoverable",
        "leads_to",
        "accepts",
        "refuses",
        "enabled",
        "initially",
    )
    methods = [promise for promise in winsock.promises if ".but_" not in promise.name]
    assert len(methods) == sum(text.count(f"\n    @{word}") for word in words)
    assert [requirement.id for requirement in winsock.requirements] == re.findall(r"^    (R\d+),$", text, re.MULTILINE)
    assert [enum.type.name for enum in winsock.enums] == [
        "OpenSockets",
        "StartupWhileDraining",
        "Phase",
        "SocketState",
        "Linger",
    ]
    assert winsock.enums[2].doc == "Where the provider stands."
    assert [variable.name for variable in winsock.variables] == ["phase", "refs", "lowest", "epoch"]
    assert [variable.name for variable in winsock.variables if variable.persistent] == ["epoch"]
    assert [policy.alternatives for policy in winsock.policies] == [("DRAIN", "RESET"), ("WAIT", "TAKE_OVER")]


def test_everything_declared_is_located_at_its_name(winsock: Machine) -> None:
    declared = [(action.name, action.span) for action in winsock.actions]
    declared += [(promise.name, promise.span) for promise in winsock.promises]
    declared += [(policy.name, policy.span) for policy in winsock.policies]
    declared += [(variable.name, variable.span) for variable in (*winsock.variables, *winsock.families[0].fields)]
    for name, span in declared:
        assert LINES[span.line - 1][span.column - 1 : span.end_column - 1] == name.partition(".")[0]
    assert LINES[winsock.span.line - 1].startswith("class WinsockProvider(Machine, ")


def test_actions_and_promises_keep_the_order_of_the_text(winsock: Machine) -> None:
    for things in (winsock.actions, winsock.promises):
        lines = [thing.span.line for thing in things]
        assert lines == sorted(lines)


def test_an_action_is_read_with_all_its_parts(winsock: Machine) -> None:
    action = winsock.actions_by_name["open_socket"]
    assert (action.kind, action.calls, action.outcome) == (ActionKind.CALL, ("WSPSocket",), Accepts())
    assert action.doc == "The operating system granted a socket."
    assert [(p.name, p.type, p.new) for p in action.parameters] == [
        ("s", MemberType("Socket"), True),
        ("granted", BOOL, False),
    ]
    assert action.when[1] == Parameter("granted", BOOL)
    state = EnumType("SocketState", ("ABSENT", "OPEN", "CLOSING"))
    assert action.body[0] == Assign(Field("s", "sockets", "state", state), Literal("OPEN", state), action.span)
    assert winsock.actions_by_name["excess_cleanup"].outcome == Fails("WSANOTINITIALISED")
    waiting = winsock.actions_by_name["wait_for_quiet"].outcome
    assert isinstance(waiting, Blocks)
    assert waiting.fair[-1] == "release"
    assert winsock.actions_by_name["last_cleanup"].satisfies == ("R5", "R14", "R15", "R17")
    assert winsock.actions_by_name["last_cleanup"].until == ("release", "take_over")


def test_a_loop_is_a_pointwise_update(winsock: Machine) -> None:
    loop = winsock.actions_by_name["last_cleanup"].body[2]
    assert isinstance(loop, ForEach)
    assert (loop.bound, loop.family) == ("s", "sockets")
    branch = loop.body[1]
    assert isinstance(branch, If)
    inner = branch.then[0]
    assert isinstance(inner, If)
    assert inner.then == (Retire("s", "sockets", inner.span),)
    assert len(inner.otherwise) == 2


def test_an_augmented_assignment_is_read_as_its_long_form(winsock: Machine) -> None:
    refs = Variable("refs", IntType(0))
    assign = winsock.actions_by_name["nested_cleanup"].body[0]
    assert assign == Assign(refs, Binary(Op.SUB, refs, Literal(1, INT)), assign.span)


def test_a_step_promise_keeps_its_exceptions(winsock: Machine) -> None:
    (claim,) = (p.claim for p in winsock.promises if p.name == "accepted_bytes_stay_queued")
    assert isinstance(claim, Step)
    assert claim.unless == ("transmit", "peer_resets", "linger_expires", "drain_bound_expires")


SMALL = """\
\"\"\"A counter, gezählt.\"\"\"

from quiesce.spec import Machine, Nat, always, call, when


class Counter(Machine):
    refs: Nat = 0

    @call("Größe" if False else "Add")
    def add(self) -> None:
        when(self.refs == 0)
        self.refs += 1

    @always(expect="refuted")
    def never_counts(self) -> bool:
        return self.refs == 0
""".replace('"Größe" if False else "Add"', '"Add"')


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("mark", ["", "\N{BYTE ORDER MARK}"])
def test_newline_style_and_byte_order_mark_do_not_matter(tmp_path: Path, newline: str, mark: str) -> None:
    path = tmp_path / "counter.py"
    path.write_bytes((mark + SMALL.replace("\n", newline)).encode())
    assert read_file(path, PATH) == read_text(SMALL, PATH)
    assert read_file(path, PATH).actions[0].span == read_text(SMALL, PATH).actions[0].span


def test_a_promise_may_be_declared_false() -> None:
    assert [promise.holds for promise in read_text(SMALL, PATH).promises] == [False]


def test_requirements_stand_in_the_order_and_form_they_were_given() -> None:
    text = SMALL.replace("import Machine", "import Requirement, Machine").replace(
        "class Counter",
        'B = Requirement(id="b 1", source="a page", text="Two.")\nA = Requirement("a", "One.")\nclass Counter',
    )
    found = [(r.id, r.text, r.source) for r in read_text(text, PATH).requirements]
    assert found == [("b 1", "Two.", "a page"), ("a", "One.", "")]


HOSTILE = [
    "{0}\n",
    "X = {0}\n",
    "R = Requirement({0}, 'text')\n",
    "class E(Enum):\n    X = {0}\n",
    "class M({0}):\n    pass\n",
    "@{0}\nclass M(Member):\n    pass\n",
    "class B(Machine):\n    {0}\n",
    "class B(Machine):\n    n: int = {0}\n",
    "class B(Machine):\n    n: {0} = 0\n",
    "class B(Machine):\n    @always(expect={0})\n    def p(self) -> bool:\n        return {0}\n",
    "class B(Machine):\n    @internal\n    def a(self, n: int = {0}) -> {0}:\n        {0}\n",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_a_spec_is_never_run(text: str, tmp_path: Path) -> None:
    witness = tmp_path / "witness"
    effect = f"open({str(witness)!r}, 'w')"
    spec = tmp_path / "hostile_spec.py"
    spec.write_text(text.format(effect))
    with pytest.raises(SpecError):
        read_file(spec)
    assert not witness.exists()
    assert "hostile_spec" not in sys.modules


def test_the_effect_would_be_seen_if_a_spec_were_run(tmp_path: Path) -> None:
    witness, spec = tmp_path / "witness", tmp_path / "hostile_spec.py"
    spec.write_text(HOSTILE[0].format(f"open({str(witness)!r}, 'w').close()"))
    runpy.run_path(str(spec))
    assert witness.exists()


def messages(path: Path) -> list[tuple[str, str]]:
    with pytest.raises(SpecError) as caught:
        read_file(path, PATH)
    return [(d.code, d.message) for d in caught.value.diagnostics]


def test_a_missing_file_a_directory_and_an_impossible_path_are_told_apart(tmp_path: Path) -> None:
    assert messages(tmp_path / "missing.py") == [("Q001", "no such file")]
    assert messages(tmp_path) == [("Q001", "this is a directory; name the spec inside it")]
    assert messages(Path("a\0b")) == [("Q001", "the path is not one that a file can have")]


def test_a_file_without_permission_is_reported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def denied(*_: object) -> None:
        raise PermissionError(13, os.strerror(13))

    (tmp_path / "spec.py").write_bytes(b"")
    monkeypatch.setattr(os, "open", denied)
    assert messages(tmp_path / "spec.py") == [("Q001", "no permission to read the file")]


def test_a_huge_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "huge.py"
    path.write_bytes(b"#" * 1_000_001)
    assert messages(path) == [("Q006", "the file has more than 1000000 bytes")]


DEEP = {
    "brackets": "x = " + "(" * 100_000,
    "closed brackets": "x = " + "(" * 150 + "1" + ")" * 150 + "\n" + "y = " + "[" * 150 + "]" * 150,
    "negations": "x = " + "not " * 100_000 + "1",
    "signs": "x = " + "-" * 100_000 + "1",
    "operands": "x = " + "1+" * 100_000 + "1",
    "conjuncts": "x = " + "a and " * 100 + "a",
    "attributes": "x = a" + ".b" * 100_000,
    "calls": "x = a" + "()" * 100_000,
    "branches": "if a:\n pass\n" + "elif a:\n pass\n" * 20_000,
    "blocks": "".join(f"{' ' * i}if 1:\n" for i in range(150)) + " " * 150 + "pass",
    "choices": "x = " + "1 if a else " * 5000 + "1",
    "some blocks": "".join(f"{' ' * i}if 1:\n" for i in range(90)) + " " * 90 + "pass",
}


@pytest.mark.parametrize("name", DEEP)
def test_deep_nesting_is_reported_and_never_overflows(name: str) -> None:
    with pytest.raises(SpecError) as caught:
        read_text(DEEP[name], PATH)
    assert {d.code for d in caught.value.diagnostics} == {"Q005"}


NOT_PYTHON = ["x = '\ud800'", "x = (", "\tx\n  y", "def f(:", "x = '''", "\\", "1" * 5000, "x = 1\f2", "é" * 9 + " é"]


@pytest.mark.parametrize("text", NOT_PYTHON)
def test_text_that_is_no_python_is_reported_inside_the_text(text: str) -> None:
    with pytest.raises(SpecError) as caught:
        read_text(text, PATH)
    for diagnostic in caught.value.diagnostics:
        lines = text.split("\n")
        assert 1 <= diagnostic.span.line <= len(lines)
        assert 1 <= diagnostic.span.column <= len(lines[diagnostic.span.line - 1]) + 1


def test_after_a_hundred_mistakes_nothing_else_is_read_and_this_is_said() -> None:
    head = "from quiesce.spec import Machine, Nat, call\n\n\nclass M(Machine):\n    loaded: Nat = 0\n\n"
    text = head + '    @call("a")\n    def a(self) -> None:\n' + "        self.loadet = 1\n" * 300
    with pytest.raises(SpecError) as caught:
        read_text(text, PurePosixPath("many.py"))
    found = caught.value.diagnostics
    assert [d.span.line for d in found] == list(range(9, 109))
    assert {d.hint for d in found[:-1]} == {"did you mean `self.loaded`?"}
    assert "there may be more" in str(found[-1].hint)


def test_a_file_of_very_many_braces_is_refused() -> None:
    with pytest.raises(SpecError) as caught:
        read_text(f"x = f'{'{y}' * 2001}'\n", PurePosixPath("braces.py"))
    assert [d.code for d in caught.value.diagnostics] == ["Q006"]


def test_an_empty_file_describes_no_machine() -> None:
    with pytest.raises(SpecError, match="Q021"):
        read_text("", PATH)


TOKENS = [*"()[]:,.=*1\n", "self", "old", "s", "==", '"x"', "not", "for", "in", "if", "Nat"]


@settings(max_examples=60, deadline=None, derandomize=True)
@given(st.lists(st.tuples(st.integers(0, len(LINES) - 1), st.integers(0, 80), st.sampled_from(TOKENS)), max_size=4))
def test_a_damaged_spec_gives_a_machine_or_a_report(damages: list[tuple[int, int, str]]) -> None:
    lines = list(LINES)
    for line, column, token in damages:
        lines[line] = lines[line][:column] + token + lines[line][column + len(token) :]
    with contextlib.suppress(SpecError):
        read_text("\n".join(lines), PATH)


def test_the_same_file_gives_equal_machines() -> None:
    first: tuple[Action, ...] = read_file(WINSOCK).actions
    assert first == read_file(WINSOCK).actions
