"""The command that holds a record against a spec: what it says, where, and with which exit code."""

import json
from pathlib import Path
from types import SimpleNamespace

import pytest
from quiesce.cli import main

SPEC = """
from quiesce.spec import Family, Machine, Member, Nat, New, Persistent, call, internal, retire, when


class Line(Member):
    busy: bool = False
    words: Nat = 0
    uses: Persistent[Nat] = 0


class Exchange(Machine):
    users: Nat = 0
    lines: Family[Line]

    @call("join")
    def join(self, big: bool) -> None:
        when(self.users < 3)
        self.users += 1

    @call("join", fails="FULL")
    def full(self) -> None:
        when(self.users == 3)

    @call("open")
    def open(self, s: New[Line]) -> None:
        s.busy = True
        s.uses = 1

    @call("say")
    def say(self, s: Line, n: Nat) -> None:
        when(s.busy)
        s.words += n

    @call("say", fails="CLOSED")
    def say_nothing(self, s: Line) -> None:
        when(not s.busy)

    @internal
    def hang_up(self, s: Line) -> None:
        when(s.busy)
        retire(s)

    @call("rest", blocks=True, fair=[hang_up])
    def wait(self) -> None:
        when(any(s.busy for s in self.lines))

    @call("rest")
    def at_rest(self) -> None:
        when(not any(s.busy for s in self.lines))
"""


def line(users: int, members: dict[int, tuple[bool, int, int]] | None = None, **step: object) -> dict[str, object]:
    shown = {
        str(number): {"busy": busy, "words": words, "uses": uses}
        for number, (busy, words, uses) in (members or {}).items()
    }
    return {**step, "machine": {"users": users}, "members": shown}


START: dict[str, object] = {"record": 2, "policies": {}, "machine": {"users": 0}}
RECORD: list[dict[str, object]] = [
    START,
    line(1, call="join", given={"big": True}, answer="join"),
    {"call": "say", "given": {"s": None, "n": 2}, "refused": "CLOSED"},
    line(1, {0: (True, 0, 1)}, call="open", given={"s": 0}, answer="open"),
    line(1, {0: (True, 2, 1)}, call="say", given={"s": 0, "n": 2}, answer="say"),
    {"call": "rest", "given": {}, "waits": True},
    line(1, {1: (True, 0, 1)}, call="open", given={"s": 1}, answer="open"),
    line(1, {0: (False, 0, 1)}, step="hang_up", given={"s": 0}),
    line(1, {1: (False, 0, 1)}, step="hang_up", given={"s": 1}),
    {"call": "say", "given": {"s": 0, "n": 1}, "refused": "CLOSED"},
    line(1, call="rest", given={}, answer="at_rest"),
    START,
    line(1, call="join", given={"big": False}, answer="join"),
]


@pytest.fixture
def exchange(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "exchange.py").write_text(SPEC, encoding="utf-8")
    return tmp_path


def write(folder: Path, lines: list[dict[str, object]]) -> None:
    (folder / "run.jsonl").write_text("".join(living(lines)), encoding="utf-8")


def living(lines: list[dict[str, object]], name: str = "life") -> list[str]:
    """The lines with the names of their lives."""
    written, life = [], 0
    for one in lines:
        life += "record" in one
        written.append(f"{json.dumps({'life': f'{name} {life}', **one})}\n")
    return written


def test_what_the_machine_does_too_is_accepted(exchange: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(exchange, RECORD)
    assert main(["replay", "exchange.py", "run.jsonl"]) == 0
    assert capsys.readouterr().out == "run.jsonl: accepted: Exchange does the same in each of 11 steps of 2 lives\n"
    assert main(["replay", "-q", "exchange.py", "run.jsonl"]) == 0
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize(
    ("number", "instead", "why"),
    [
        (1, {**START, "machine": {"users": 1}}, "Exchange does not begin with these values"),
        (
            2,
            line(2, call="join", given={"big": True}, answer="join"),
            "`users` is 1 after this step, and the record says 2",
        ),
        (
            2,
            {"call": "join", "given": {"big": True}, "refused": "FULL"},
            "and the record says that it was refused with FULL",
        ),
        (2, {"call": "join", "given": {"big": True}, "waits": True}, "and the record says that it had to wait"),
        (
            5,
            line(1, {0: (True, 3, 1)}, call="say", given={"s": 0, "n": 2}, answer="say"),
            "`words` of member 0 is 2 after this step, and the record says 3",
        ),
        (6, line(1, call="rest", given={}, answer="at_rest"), "rest has to wait here, and the record says"),
        (7, line(1, {0: (True, 0, 1)}, call="open", given={"s": 0}, answer="open"), "open cannot happen here"),
        (9, line(1, {0: (False, 0, 1)}, step="hang_up", given={"s": 0}), "hang_up cannot happen here"),
        (
            10,
            line(1, {0: (False, 1, 1)}, call="say", given={"s": 0, "n": 1}, answer="say"),
            "say is refused here with CLOSED",
        ),
        (10, line(1, {0: (True, 0, 1)}, call="open", given={"s": 0}, answer="open"), "open cannot happen here"),
    ],
)
def test_what_the_machine_would_not_do_is_refused_at_its_line(
    exchange: Path, capsys: pytest.CaptureFixture[str], number: int, instead: dict[str, object], why: str
) -> None:
    write(exchange, [*RECORD[: number - 1], instead, *RECORD[number:]])
    assert main(["replay", "exchange.py", "run.jsonl"]) == 1
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith(f"run.jsonl:{number}: refused: ")
    assert why in said.err


TWO_FAMILIES = """
from quiesce.spec import Family, Machine, Member, Nat, New, call


class Apple(Member):
    red: bool = False


class Pear(Member):
    bites: Nat = 0


class Orchard(Machine):
    apples: Family[Apple]
    pears: Family[Pear]

    @call("ripen")
    def ripen(self, a: New[Apple]) -> None:
        a.red = True

    @call("bite")
    def bite(self, a: Apple, p: Pear) -> None:
        p.bites += 1
"""


@pytest.mark.parametrize(
    ("given", "members", "why"),
    [
        ({"a": 0, "p": 1}, {"0": {"red": True}, "1": {"bites": 1}}, None),
        ({"a": None, "p": 0}, {"0": {"bites": 1}}, "member 0 is one of `apples`"),
        ({"a": 0, "p": 0}, {"0": {"bites": 1}}, "member 0 is one of `apples`"),
        ({"a": 0, "p": None}, {"0": {"red": True}}, "a member that this step changes has no number"),
    ],
)
def test_each_member_that_is_changed_has_a_number_of_its_own(
    exchange: Path, capsys: pytest.CaptureFixture[str], given: object, members: object, why: str | None
) -> None:
    (exchange / "exchange.py").write_text(TWO_FAMILIES, encoding="utf-8")
    start: dict[str, object] = {"record": 2, "policies": {}, "machine": {}}
    ripe: dict[str, object] = {"call": "ripen", "given": {"a": 0}, "answer": "ripen"}
    ripe.update({"machine": {}, "members": {"0": {"red": True}}})
    bite = {"call": "bite", "given": given, "answer": "bite", "machine": {}, "members": members}
    write(exchange, [start, ripe, bite])
    assert main(["replay", "exchange.py", "run.jsonl"]) == (0 if why is None else 1)
    assert capsys.readouterr().err == ("" if why is None else f"run.jsonl:3: refused: {why}\n")


@pytest.mark.parametrize(
    ("written", "instead", "why"),
    [
        (b'"waits": true', b'"waits": false', "`waits` is always true"),
        (b'"answer": "say"', b'"answer": "rest", "answer": "say"', "a key comes twice in answer, answer, call, given"),
        (b'{"users": 1}', b'{"users": 2, "users": 1}', "a key comes twice in users, users"),
        (b'{"big": true}', b'{"\\nrun.jsonl:2: accepted": 1}', "join is given big, and not run.jsonl:2: accepted"),
        (b'"users": 1', b'"users": ' + b"9" * 5000, "the line is no JSON"),
        (b'"given"', b'"' + b"x" * 3_000_000 + b'"', "the line is longer than any line of a record"),
    ],
)
def test_a_line_that_means_two_things_or_is_a_trap_is_no_record(
    exchange: Path, capsys: pytest.CaptureFixture[str], written: bytes, instead: bytes, why: str
) -> None:
    write(exchange, RECORD)
    content = (exchange / "run.jsonl").read_bytes()
    (exchange / "run.jsonl").write_bytes(content.replace(written, instead, 1))
    assert main(["replay", "exchange.py", "run.jsonl"]) == 2
    said = capsys.readouterr().err
    assert said.startswith("error: run.jsonl:")
    assert why in said
    assert said.count("\n") == 1
    assert len(said) < 300


@pytest.mark.parametrize("version", ["true", "1.0", "[1]"])
def test_the_version_of_the_format_is_a_whole_number(
    exchange: Path, capsys: pytest.CaptureFixture[str], version: str
) -> None:
    (exchange / "run.jsonl").write_text(
        f'{{"life": "x", "record": {version}, "policies": {{}}, "machine": {{"users": 0}}}}\n'
    )
    assert main(["replay", "exchange.py", "run.jsonl"]) == 2
    assert "run.jsonl:1: this is version " in capsys.readouterr().err


def test_two_providers_that_write_to_one_record_are_told_apart(
    exchange: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whatever they do: here the one does what the other would have done there, too."""
    one, other = living(RECORD[:2], "one"), living(RECORD[:2], "other")
    both = {
        4: [one[0], other[0], other[1], one[1]],
        3: [one[0], other[0], one[1], other[1]],
    }
    for number, lines in both.items():
        (exchange / "run.jsonl").write_text("".join(lines), encoding="utf-8")
        assert main(["replay", "exchange.py", "run.jsonl"]) == 2
        assert capsys.readouterr().err == (
            f"error: run.jsonl:{number}: the line is of another life than those before it: "
            "several providers have written to this record at once, and it is for one at a time\n"
        )
    (exchange / "run.jsonl").write_text("".join([*one, *other]), encoding="utf-8")
    assert main(["replay", "-q", "exchange.py", "run.jsonl"]) == 0


@pytest.mark.parametrize("life", ["", '"life": 1, ', '"life": null, '])
def test_a_line_tells_whose_it_is(exchange: Path, capsys: pytest.CaptureFixture[str], life: str) -> None:
    (exchange / "run.jsonl").write_text(f'{{{life}"record": 2, "policies": {{}}, "machine": {{"users": 0}}}}\n')
    assert main(["replay", "exchange.py", "run.jsonl"]) == 2
    assert capsys.readouterr().err == "error: run.jsonl:1: `life` is no text\n"


class Endless:
    """A pipe that goes on for ever, until somebody presses Ctrl-C."""

    def __init__(self, text: bytes, lines: int) -> None:
        self.text = text
        self.left = lines

    def readline(self, _size: int) -> bytes:
        self.left -= 1
        if self.left < 0:
            raise KeyboardInterrupt
        return self.text


@pytest.mark.parametrize("lines", [0, 1, 100])
def test_an_interrupt_ends_the_reading_of_a_record_that_does_not_end(
    exchange: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, lines: int
) -> None:
    assert exchange
    monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=Endless(living([START])[0].encode(), lines)))
    assert main(["replay", "exchange.py", "-"]) == 130
    assert capsys.readouterr() == ("", "interrupted; nothing was left half-written\n")


def test_a_record_comes_from_standard_input(
    exchange: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    write(exchange, RECORD)
    with (exchange / "run.jsonl").open() as stream:
        monkeypatch.setattr("sys.stdin", stream)
        assert main(["replay", "exchange.py", "-"]) == 0
    assert capsys.readouterr().out.startswith("standard input: accepted: Exchange does the same in each of 11 steps")
    monkeypatch.setattr("sys.stdin", None)
    assert main(["replay", "exchange.py", "-"]) == 2
    assert capsys.readouterr().err == "error: standard input: cannot be read: it is closed\n"


def test_what_is_no_record_is_told_with_its_place(exchange: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(exchange, RECORD)
    whole = (exchange / "run.jsonl").read_bytes()
    for content, line_number, why in (
        (whole[:-5], 13, "the line is cut off"),
        (whole.replace(b'"join", "given"', b'"jo', 1), 2, "the line is no JSON"),
        (b"", 1, "the record is empty"),
    ):
        (exchange / "run.jsonl").write_bytes(content)
        assert main(["replay", "exchange.py", "run.jsonl"]) == 2
        assert capsys.readouterr().err.startswith(f"error: run.jsonl:{line_number}: {why}")


@pytest.mark.parametrize("record", ["none.jsonl", ".", "a\0b"])
def test_a_record_that_cannot_be_read_is_told(exchange: Path, capsys: pytest.CaptureFixture[str], record: str) -> None:
    assert exchange
    assert main(["replay", "exchange.py", record]) == 2
    said = capsys.readouterr().err
    assert "cannot be read" in said
    assert "Traceback" not in said


def test_a_mistake_in_the_spec_comes_before_the_record(exchange: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (exchange / "exchange.py").write_text("class Exchange(Machine): ...\n", encoding="utf-8")
    assert main(["replay", "exchange.py", "none.jsonl"]) == 2
    assert "exchange.py:1" in capsys.readouterr().err


def test_a_member_that_was_given_back_counts_where_an_action_looks_at_what_persists(
    exchange: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    spec = (exchange / "exchange.py").read_text(encoding="utf-8")
    spec = spec.replace("when(any(s.busy for s in self.lines))", "when(any(s.uses > 0 for s in self.lines))")
    spec = spec.replace("when(not any(s.busy for s in self.lines))", "when(not any(s.uses > 0 for s in self.lines))")
    (exchange / "exchange.py").write_text(spec, encoding="utf-8")
    write(exchange, RECORD)
    assert main(["replay", "exchange.py", "run.jsonl"]) == 1
    assert capsys.readouterr().err.startswith("run.jsonl:11: refused: rest has to wait here")
