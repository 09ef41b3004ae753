"""A hit says what the solver would say; whatever is damaged, foreign or outdated is ignored, and said to be."""

import json
import os
from collections.abc import Callable
from dataclasses import fields, replace
from pathlib import Path, PurePosixPath

import pytest
from quiesce.kernel.batches import Batch
from quiesce.kernel.problem import problem_of
from quiesce.kernel.rules.steps import step_batches
from quiesce.kernel.subjects import Subject
from quiesce.prove.effort import Effort
from quiesce.prove.solving.answers import Answer, Check
from quiesce.prove.solving.cache import CachingSolver, NoCache, Question
from quiesce.prove.solving.proof_cache import ProofCache
from quiesce.prove.solving.seal import users_seal
from quiesce.prove.solving.stores import Proved, Refuted, Unreadable, committed_text, entry_text, read_entry
from quiesce.spec.interpreter import after, initial_states
from quiesce.spec.reader import read_text
from quiesce.spec.runs_json import run_json
from quiesce.spec.state import Run

SPEC = '''
from enum import Enum, auto

from quiesce.spec import Family, Machine, Member, Nat, always, call, implies, policy, when


class Mode(Enum):
    """How it goes on."""

    CALM = auto()
    HASTY = auto()


MODE = policy(Mode.CALM, Mode.HASTY)


class Ticket(Member):
    """What a user has."""

    used: bool = False


class Service(Machine):
    """Counts its users."""

    users: Nat = 0
    on: bool = False
    tickets: Family[Ticket]

    @call("start")
    def start(self, ticket: Ticket, amount: Nat) -> None:
        when(not ticket.used)
        self.users += 1
        self.on = True
        ticket.used = True

    @always
    def used_means_on(self) -> bool:
        return implies(self.users > 0, self.on)
'''
"""Proved as it stands; `BROKEN` is the same without a needed update."""

BROKEN = SPEC.replace("        self.on = True\n", "")
QUESTION = Question("(check-sat)\n", "z3", "5.0", 1000, 0)
PROVED = (Check(Answer.UNSATISFIABLE, 12), Check(Answer.UNSATISFIABLE, 34))
UNKNOWN = Check(Answer.UNKNOWN, 1000, "canceled")
SATISFIABLE = Check(Answer.SATISFIABLE, 5)

MACHINE = read_text(SPEC, PurePosixPath("service.py"))
OTHER = read_text(BROKEN, PurePosixPath("service.py"))
GIVEN = {"ticket": 0, "amount": 2}


def batches(text: str = SPEC) -> list[Batch[Subject]]:
    return [batch for batch in step_batches(problem_of(read_text(text, PurePosixPath("service.py")))) if batch.goals]


def one_step(broken: bool = True) -> Run:
    machine = OTHER if broken else MACHINE
    start = next(iter(initial_states(machine, 1)))
    return after(machine, Run(start), machine.actions_by_name["start"], GIVEN)


def is_off_with_users(run: Run) -> bool:
    return run.end.scalars["users"] != 0 and run.end.scalars["on"] is False


class Oracle:
    """A solver that gives the same answer to every goal, and counts how often it is asked."""

    def __init__(self, answer: Check) -> None:
        self.answer = answer
        self.asked = 0

    def check(self, batch: Batch[object]) -> tuple[Check, ...]:
        self.asked += 1
        return (self.answer,) * len(batch.goals)


def caching(cache: ProofCache | NoCache, oracle: Oracle) -> CachingSolver[Oracle]:
    return CachingSolver(cache, lambda: oracle, Effort(budget=1000))


# --- hits and misses --------------------------------------------------------------------------------------------


def test_what_was_stored_is_known_to_another_cache_on_the_same_folder(tmp_path: Path) -> None:
    assert ProofCache(tmp_path / "new" / "cache").proved(QUESTION, 2) is None
    ProofCache(tmp_path / "new" / "cache").store_proved(QUESTION, PROVED)
    again = ProofCache(tmp_path / "new" / "cache")
    assert (again.proved(QUESTION, 2), again.warnings) == ((12, 34), ())


@pytest.mark.parametrize(
    "change",
    [
        {"script": "(check-sat) \n"},
        {"solver": "cvc5"},
        {"version": "5.0.1"},
        {"budget": 1001},
        {"seed": 1},
        {"encoder": QUESTION.encoder + 1},
    ],
    ids=lambda change: next(iter(change)),
)
def test_a_change_of_any_part_of_the_question_is_a_miss(tmp_path: Path, change: dict[str, object]) -> None:
    cache = ProofCache(tmp_path)
    cache.store_proved(QUESTION, PROVED)
    changed = replace(QUESTION, **change)  # type: ignore[arg-type]
    assert changed.key != QUESTION.key
    assert (cache.proved(changed, 2), cache.warnings) == (None, ())


def test_every_part_of_the_question_was_changed_above() -> None:
    assert {field.name for field in fields(Question)} == {
        *("script", "solver", "version", "budget", "seed", "encoder"),
    }


def test_parts_of_a_question_do_not_run_into_each_other() -> None:
    assert replace(QUESTION, solver="z3", version="5.0").key != replace(QUESTION, solver="z35", version=".0").key
    assert replace(QUESTION, budget=10, seed=1).key != replace(QUESTION, budget=1, seed=1).key


@pytest.mark.parametrize("checks", [(UNKNOWN,), (SATISFIABLE,), (PROVED[0], UNKNOWN), ()])
def test_nothing_but_proofs_can_be_stored(tmp_path: Path, checks: tuple[Check, ...]) -> None:
    with pytest.raises(ValueError, match="only proofs"):
        ProofCache(tmp_path).store_proved(QUESTION, checks)
    assert list(tmp_path.iterdir()) == []


def test_a_solver_is_asked_once_for_what_it_proves(tmp_path: Path) -> None:
    oracle = Oracle(PROVED[0])
    answers = [[caching(ProofCache(tmp_path), oracle).check(batch) for batch in batches()] for _ in range(3)]
    assert answers[0] == answers[1] == answers[2]
    assert all(check == PROVED[0] for checks in answers[0] for check in checks)
    assert oracle.asked == len(batches()) > 0


@pytest.mark.parametrize("answer", [UNKNOWN, SATISFIABLE])
def test_a_solver_is_asked_again_for_what_it_does_not_prove(tmp_path: Path, answer: Check) -> None:
    oracle = Oracle(answer)
    for _ in range(3):
        for batch in batches():
            assert caching(ProofCache(tmp_path), oracle).check(batch) == (answer,) * len(batch.goals)
    assert oracle.asked == 3 * len(batches())
    assert list(tmp_path.iterdir()) == []


def test_a_batch_with_one_failed_goal_is_not_stored(tmp_path: Path) -> None:
    class Moody(Oracle):
        def check(self, batch: Batch[object]) -> tuple[Check, ...]:
            return (*super().check(batch)[:-1], UNKNOWN)

    for batch in batches():
        caching(ProofCache(tmp_path), Moody(PROVED[0])).check(batch)
    assert list(tmp_path.iterdir()) == []


def test_a_changed_spec_is_asked_about_again(tmp_path: Path) -> None:
    for batch in batches(SPEC):
        caching(ProofCache(tmp_path), Oracle(PROVED[0])).check(batch)
    oracle = Oracle(UNKNOWN)
    assert [caching(ProofCache(tmp_path), oracle).check(batch)[0] for batch in batches(BROKEN)] == [UNKNOWN]


def test_without_a_cache_the_solver_is_asked_each_time() -> None:
    oracle = Oracle(PROVED[0])
    for batch in (*batches(), *batches()):
        caching(NoCache(), oracle).check(batch)
    assert oracle.asked == 2 * len(batches())


def test_a_batch_without_goals_needs_neither_cache_nor_solver() -> None:
    oracle = Oracle(PROVED[0])
    assert caching(NoCache(), oracle).check(replace(batches()[0], goals=())) == ()
    assert oracle.asked == 0


# --- damage -----------------------------------------------------------------------------------------------------


def other_schema(text: str) -> str:
    return text.replace('"schema":2', '"schema":3')


def sealed(text: str, **changes: object) -> str:
    """An entry that does not say what it said, though the user has sealed it."""
    content = {**json.loads(text), **changes}
    del content["seal"]
    plain = json.dumps(content, sort_keys=True, separators=(",", ":"))
    return json.dumps({**content, "seal": users_seal().of(plain)}, sort_keys=True, separators=(",", ":"))


DAMAGE: dict[str, Callable[[str], str]] = {
    "empty": lambda _: "",
    "torn": lambda text: text[: len(text) // 2],
    "cost changed": lambda text: text.replace("12,34", "12,35"),
    "goal added": lambda text: text.replace("12,34", "12,34,34"),
    "answer changed": lambda text: text.replace("proved", "refuted"),
    "seal changed": lambda text: text.replace('"seal":"', '"seal":"0'),
    "seal missing": lambda text: json.dumps({k: v for k, v in json.loads(text).items() if k != "seal"}),
    "spaces": lambda text: json.dumps(json.loads(text), sort_keys=True),
    "named twice": lambda text: text.replace('{"answer"', '{"answer":"proved","answer"'),
    "another schema": other_schema,
    "another schema sealed": lambda text: sealed(text, schema=3),
    "another answer sealed": lambda text: sealed(text, answer="unknown"),
    "something added sealed": lambda text: sealed(text, note="trust me"),
    "no goals sealed": lambda text: sealed(text, rlimits=[]),
    "a cost that is none sealed": lambda text: sealed(text, rlimits=[12, True]),
    "of another query": lambda text: sealed(text, key="0" * 64),
    "of fewer goals": lambda text: sealed(text, rlimits=[12]),
    "of more goals": lambda text: sealed(text, rlimits=[12, 34, 56]),
    "two lines": lambda text: f"{text}\n{text}",
    "a merge": lambda text: f"<<<<<<< ours\n{text}",
    "not an object": lambda _: "[]",
    "nested too deeply": lambda _: "[" * 100_000,
    "not text": lambda _: "\ud800",
}


def damaged(text: str, how: str) -> bytes:
    return DAMAGE[how](text).encode("utf-8", errors="surrogatepass") + b"\n"


@pytest.mark.parametrize("how", DAMAGE)
def test_a_damaged_private_entry_is_ignored_loudly_and_then_replaced(tmp_path: Path, how: str) -> None:
    ProofCache(tmp_path).store_proved(QUESTION, PROVED)
    (path,) = tmp_path.glob("*.json")
    good = path.read_bytes()
    path.write_bytes(damaged(good.decode().rstrip("\n"), how))
    assert path.read_bytes() != good
    cache = ProofCache(tmp_path)
    assert cache.proved(QUESTION, 2) is None
    assert len(cache.warnings) == 1
    assert "ignored" in cache.warnings[0]
    cache.store_proved(QUESTION, PROVED)
    assert (path.read_bytes(), list(tmp_path.glob("*.json"))) == (good, [path])


@pytest.mark.parametrize("how", sorted(set(DAMAGE) - {"empty", "of another query", "two lines", "a merge"}))
def test_a_damaged_committed_entry_is_ignored_loudly(tmp_path: Path, how: str) -> None:
    path = tmp_path / "cache.jsonl"
    path.write_bytes(damaged(entry_text(QUESTION.key, Proved((12, 34)), users_seal()), how))
    cache = ProofCache(committed=path)
    assert cache.proved(QUESTION, 2) is None
    assert len(cache.warnings) == 1
    assert "ignored" in cache.warnings[0]


def test_damage_to_one_committed_line_spares_the_others(tmp_path: Path) -> None:
    path = tmp_path / "cache.jsonl"
    path.write_text(
        "<<<<<<< ours\n" + entry_text(QUESTION.key, Proved((12, 34)), users_seal()) + "\n\n", encoding="utf-8"
    )
    cache = ProofCache(committed=path)
    assert cache.proved(QUESTION, 2) == (12, 34)
    assert [warning.split(":")[-3:-1] for warning in cache.warnings] == [["1", " ignored"], ["3", " ignored"]]


def test_two_committed_lines_that_contradict_each_other_are_reported(tmp_path: Path) -> None:
    path = tmp_path / "cache.jsonl"
    lines = [entry_text(QUESTION.key, Proved(costs), users_seal()) for costs in ((12, 34), (1, 2))]
    path.write_text("\n".join(lines), encoding="utf-8")
    cache = ProofCache(committed=path)
    assert cache.proved(QUESTION, 2) == (12, 34)
    assert "answers the same query otherwise" in cache.warnings[0]


def test_an_entry_that_cannot_be_read_is_a_warning(tmp_path: Path) -> None:
    (tmp_path / f"{QUESTION.key}.json").mkdir()
    cache = ProofCache(tmp_path, tmp_path)
    assert cache.proved(QUESTION, 2) is None
    assert ["cannot be read" in warning for warning in cache.warnings] == [True, True]


def test_an_entry_that_cannot_be_stored_is_a_warning_and_no_crash(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    (tmp_path / "taken" / f"{QUESTION.key}.json" / "full").mkdir(parents=True)
    for folder in (tmp_path / "file" / "cache", tmp_path / "taken"):
        cache = ProofCache(folder)
        cache.store_proved(QUESTION, PROVED)
        assert len(cache.warnings) == 1
        assert "not stored" in cache.warnings[0]
    assert len(list((tmp_path / "taken").glob("*.json"))) == 1


def test_a_damaged_entry_is_solved_again(tmp_path: Path) -> None:
    (batch,) = batches()
    caching(ProofCache(tmp_path), Oracle(PROVED[0])).check(batch)
    (path,) = tmp_path.glob("*.json")
    path.write_bytes(path.read_bytes()[:-9])
    oracle, cache = Oracle(UNKNOWN), ProofCache(tmp_path)
    assert caching(cache, oracle).check(batch) == (UNKNOWN,) * len(batch.goals)
    assert (oracle.asked, len(cache.warnings)) == (1, 1)


@pytest.mark.parametrize("text", ["{}", "null", "1", '{"schema":1}', "NaN", "9" * 5000])
def test_what_is_no_entry_is_unreadable(text: str) -> None:
    with pytest.raises(Unreadable):
        read_entry(text, users_seal())


# --- committed stores -------------------------------------------------------------------------------------------


def test_a_committed_store_is_read_and_never_written(tmp_path: Path) -> None:
    path, folder = tmp_path / "cache.jsonl", tmp_path / "private"
    path.write_text(committed_text({QUESTION.key: Proved((12, 34))}, users_seal()), encoding="utf-8")
    os.chmod(path, 0o444)
    before = path.read_bytes(), path.stat().st_mtime_ns
    other = replace(QUESTION, seed=7)
    for private in (None, folder):
        cache = ProofCache(private, path)
        assert (cache.proved(QUESTION, 2), cache.proved(other, 2)) == ((12, 34), None)
        cache.store_proved(other, PROVED)
    assert (path.read_bytes(), path.stat().st_mtime_ns) == before
    assert sorted(file.name for file in tmp_path.rglob("*")) == sorted(
        [".gitignore", "cache.jsonl", "private", f"{other.key}.json"]
    )


def test_a_miss_of_the_committed_store_is_looked_up_in_the_private_one(tmp_path: Path) -> None:
    ProofCache(tmp_path / "private").store_proved(QUESTION, PROVED)
    cache = ProofCache(tmp_path / "private", tmp_path / "missing.jsonl")
    assert (cache.proved(QUESTION, 2), cache.warnings) == ((12, 34), ())


def test_what_was_used_is_the_content_of_a_committed_store(tmp_path: Path) -> None:
    questions = [replace(QUESTION, seed=seed) for seed in range(5)]
    first, second = ProofCache(tmp_path), ProofCache(tmp_path)
    for question in questions:
        first.store_proved(question, PROVED)
    for question in reversed(questions):
        assert second.proved(question, 2)
    assert first.used() == second.used()
    lines = first.used().splitlines()
    assert [read_entry(line, users_seal())[0] for line in lines] == sorted(question.key for question in questions)
    path = tmp_path / "cache.jsonl"
    path.write_text(first.used(), encoding="utf-8", newline="\r\n")  # as a checkout may have it
    cache = ProofCache(committed=path)
    assert all(cache.proved(question, 2) == (12, 34) for question in questions)
    assert cache.warnings == ()


def test_what_was_only_asked_for_is_not_used() -> None:
    cache = ProofCache()
    assert (cache.proved(QUESTION, 2), cache.used()) == (None, "")


# --- refutations ------------------------------------------------------------------------------------------------


def test_a_refutation_is_replayed_and_given_back(tmp_path: Path) -> None:
    ProofCache(tmp_path).store_refuted(QUESTION, OTHER, one_step(), is_off_with_users)
    cache = ProofCache(tmp_path)
    assert (cache.refuted(QUESTION, OTHER, is_off_with_users), cache.warnings) == (one_step(), ())
    assert cache.used() == entry_text(QUESTION.key, Refuted(run_json(one_step())), users_seal()) + "\n"


def ignored(cache: ProofCache, reason: str) -> bool:
    (warning,) = cache.warnings
    return "ignored: the entry does not refute" in warning and reason in warning


def test_a_refutation_that_no_longer_replays_is_ignored_loudly(tmp_path: Path) -> None:
    ProofCache(tmp_path).store_refuted(QUESTION, OTHER, one_step(), is_off_with_users)
    cache = ProofCache(tmp_path)
    assert cache.refuted(QUESTION, MACHINE, is_off_with_users) is None
    assert ignored(cache, "leads to another state")


def test_a_refutation_that_breaks_nothing_any_more_is_ignored_loudly(tmp_path: Path) -> None:
    ProofCache(tmp_path).store_refuted(QUESTION, OTHER, one_step(), is_off_with_users)
    cache = ProofCache(tmp_path)
    assert cache.refuted(QUESTION, OTHER, lambda run: run.end.scalars["users"] == 2) is None
    assert ignored(cache, "does not break")


def test_a_refutation_from_a_state_that_is_no_start_any_more_is_ignored_loudly(tmp_path: Path) -> None:
    ProofCache(tmp_path).store_refuted(QUESTION, OTHER, one_step(), is_off_with_users)
    later = read_text(BROKEN.replace("users: Nat = 0", "users: Nat = 1"), PurePosixPath("service.py"))
    cache = ProofCache(tmp_path)
    assert cache.refuted(QUESTION, later, is_off_with_users) is None
    assert ignored(cache, "does not begin in a start")


def test_a_refutation_of_a_machine_with_other_names_is_ignored_loudly(tmp_path: Path) -> None:
    ProofCache(tmp_path).store_refuted(QUESTION, OTHER, one_step(), is_off_with_users)
    renamed = read_text(BROKEN.replace("users", "clients"), PurePosixPath("service.py"))
    cache = ProofCache(tmp_path)
    assert cache.refuted(QUESTION, renamed, is_off_with_users) is None
    assert ignored(cache, "start: is no object with")


def test_a_proof_is_no_refutation_and_a_refutation_no_proof(tmp_path: Path) -> None:
    cache = ProofCache(tmp_path)
    cache.store_proved(QUESTION, PROVED)
    assert cache.refuted(QUESTION, OTHER, is_off_with_users) is None
    assert ignored(cache, "something is proved")
    cache.store_refuted(QUESTION, OTHER, one_step(), is_off_with_users)
    assert cache.proved(QUESTION, 2) is None
    assert len(cache.warnings) == 2


@pytest.mark.parametrize("broken", [True, False])
def test_a_run_that_does_not_refute_cannot_be_stored(tmp_path: Path, broken: bool) -> None:
    with pytest.raises(ValueError, match=r"replay|does not break"):
        ProofCache(tmp_path).store_refuted(QUESTION, MACHINE, one_step(broken), is_off_with_users)
    assert list(tmp_path.iterdir()) == []
