"""Generated code checks guards and trusts assumptions; its tests show no step that breaks one."""

import ast
from collections.abc import Callable, Mapping
from pathlib import PurePosixPath

from quiesce.generate.examples.core_under_test import CoreUnderTest, Session, Values
from quiesce.generate.examples.oracle import Trust
from quiesce.spec.model import Machine

Pages = Mapping[PurePosixPath, str]
CORE = PurePosixPath("clients_provider/core.py")
TESTS = PurePosixPath("clients_provider/tests/test_core.py")


def started(subject: CoreUnderTest) -> tuple[Session, Values]:
    """Both a and b hold a reference each, and c knows the provider but holds none."""
    session = Session(subject, subject.core_class)
    for name in ("a", "b", "c"):
        session.core.startup(session.members[name], True)
    session.core.cleanup(session.members["c"])
    return session, session.values()


def test_the_core_takes_a_step_that_breaks_an_assumption(
    machine_of: Callable[[str], Machine], pages_of: Callable[[str], Pages]
) -> None:
    subject = CoreUnderTest.of(machine_of("clients"), pages_of("clients")[CORE])
    session, state = started(subject)
    cleanup = {move.arguments[0]: move for move in subject.moves if move.method == "cleanup"}
    trust = Trust(subject)
    assert [name for name in "abc" if trust.allows(state, cleanup[name])] == ["a", "b"]
    assert session.ask(cleanup["c"]) == "cleanup"
    assert session.values()["c.held"] == -1


def test_a_move_that_rests_on_no_assumption_is_allowed(
    machine_of: Callable[[str], Machine], pages_of: Callable[[str], Pages]
) -> None:
    subject = CoreUnderTest.of(machine_of("clients"), pages_of("clients")[CORE])
    initial = Session(subject, subject.core_class).values()
    assert all(Trust(subject).allows(initial, move) for move in subject.moves)  # a cleanup is refused here


def test_the_core_says_what_it_does_not_check(pages_of: Callable[[str], Pages]) -> None:
    core = pages_of("clients")[CORE]
    assert core.count("Assumed, not checked: a client releases only what it acquired.") == 1


def test_no_generated_test_breaks_an_assumption(pages_of: Callable[[str], Pages]) -> None:
    shown = [
        ast.unparse(value)
        for node in ast.walk(ast.parse(pages_of("clients")[TESTS]))
        if isinstance(node, ast.Dict)
        for key, value in zip(node.keys, node.values, strict=True)
        if key is not None and ast.unparse(key).endswith(".held'")
    ]
    assert {"0", "1"} <= set(shown)
    assert not any(value.startswith("-") for value in shown)
