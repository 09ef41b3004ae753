"""The trust of a proof in the model's view of a program, in the generated package and in the tools."""

from collections.abc import Iterator
from pathlib import PurePosixPath
from posixpath import commonpath

from quiesce.kernel.kinds import Kind
from quiesce.prove.checked import CheckedMachine
from quiesce.quoting.markdown import heading, listed, table
from quiesce.spec.model import Action, Recoverable


def abstraction_lines(checked: CheckedMachine) -> Iterator[str]:
    """The facts about programs that the model takes for granted."""
    yield from heading("How the model sees a program", 3)
    yield from _bullets(
        "An action happens at once. Between two actions nothing is half done, and promises speak of no moment within "
        "one. So the code around the generated core has to take one step of it at a time.",
        "Integers are unbounded, as Python's are. A declared range is a promise, and proved.",
        "Arguments are of their declared types. The generated core refuses an integer out of range; that other "
        "arguments are truth values and values of enums, as declared, is left to a type checker.",
        "There is no clock: of time it is said only what comes before what, and what happens eventually."
        + _timeouts(checked),
        "Nothing breaks by itself. A crash, a lack of memory or a call that never returns is considered only where "
        "some action stands for it.",
        *_members(checked),
    )


def _timeouts(checked: CheckedMachine) -> str:
    if all(action.timeout is None for action in checked.machine.actions):
        return ""
    return " A timeout is an action that can happen wherever its guard holds, after however few seconds."


def _members(checked: CheckedMachine) -> Iterator[str]:
    machine = checked.machine
    if not machine.families:
        return
    names = listed(family.name for family in machine.families)
    yield f"There is any finite number of members of {names}, or none, and each keeps its identity."
    makers = [action for action in machine.actions if any(parameter.new for parameter in action.parameters)]
    if makers:
        yield (
            f"A member that was never used always exists: {_places(makers)} can always get one. The handle by which "
            "callers name a member never comes to name another one."
        )
    if any(isinstance(promise.claim, Recoverable) for promise in machine.promises):
        yield (
            "Where callers or the world outside hand over a member of a family, there is one: a run back to a goal may "
            "begin with a member that was never used."
        )
    forgettable = [r.obligation.action for r in checked.report.results if r.obligation.kind is Kind.FORGETTABLE]
    looking = [action for action in machine.actions if action.name in forgettable]
    if looking:
        yield (
            "A program forgets a member that was given back. That this makes no difference is proved, for each action "
            f"that looks at all members ({_places(looking)}), and each promise and each wait that could depend on one."
        )


def _places(actions: list[Action]) -> str:
    return listed(action.name for action in actions)


def package_lines(generated: tuple[PurePosixPath, ...]) -> Iterator[str]:
    """The list of generated files, with which of them are proved."""
    yield from heading("The generated package", 3)
    if not generated:
        yield "Nothing is generated from this spec. What is proved is proved of the model alone."
        yield ""
        return
    yield (
        "The core is proved equal to the model. Everything around it is not proved but tested: that it takes one step "
        "of the core at a time, that it reports a step only when that has happened, and that it does with real "
        "resources what the core says."
    )
    yield ""
    package = PurePosixPath(commonpath(generated))
    known: dict[str, list[str]] = {}
    for path in sorted(generated):
        inside = path.relative_to(package)
        known.setdefault(_known(path, inside.parts), []).append(str(inside))
    yield from table(
        ("what is known", "files"), ((what, listed(files)) for what, files in sorted(known.items(), reverse=True))
    )


def _known(path: PurePosixPath, inside: tuple[str, ...]) -> str:
    """The description of a file that lies at `inside` in its package."""
    if inside == ("core.py",):
        return "proved: its text is read back, and each outcome, update and initial value is equal to the model's"
    if inside[:1] == ("tests",):
        return "not proved: tests, with expected values from the interpreter"
    if path.suffix == ".py":
        return "not proved: tested"
    if path.stem == "graph":
        return "not proved: a picture; whether a step exists was asked of the solver"
    return "holds no code"


def tool_lines() -> Iterator[str]:
    """The programs whose mistakes could make a wrong proof."""
    yield from heading("Tools", 3)
    yield "A mistake in one of these could make something look proved that is not."
    yield ""
    yield from _bullets(
        "The reader, which makes the model from the spec's text. It refuses what it does not know.",
        "The kernel, which lists what has to be proved, derives the conditions and says what they establish. Why its "
        "rules are enough is told in `docs/kernel.md` of quiesce, and proved in Rocq; that its text does what these "
        "theorems say is argued there, and not proved by a machine.",
        "The printer, which writes conditions as SMT-LIB.",
        "The solver, Z3, where it says `unsat`; and, where a run takes stored answers, that the store holds what the "
        "solver said.",
        "If the certificate is rechecked: not Z3 but cvc5, on conditions made anew from the spec. For a condition that "
        "comes with a refutation no solver has to be trusted at all, only the small checker that follows it.",
        "The interpreter, for what has to be shown by a run: that each action can happen, that a promise is about "
        "something, and that what was declared false is.",
        "The part that reads the generated core back, and the comparison of both, for the equality of core and model.",
        "Python, its standard library, the operating system and the machine, below all of these and below the "
        "generated package.",
    )


def distrusted_lines(checked: CheckedMachine) -> Iterator[str]:
    """The things that had to be found, which the proof does not trust."""
    found = len(checked.report.hints.helpers)
    helpers = f"{found} helper invariants were" if found > 1 else "One helper invariant was" if found else "None was"
    yield from heading("What need not be trusted", 3)
    yield from _bullets(
        f"Invariants that the prover finds by itself: they are proved like promises. {helpers} needed here.",
        "Ranks and everything else that is guessed from walks through the model: a guess counts once it is proved.",
        "Runs that a search finds: each is replayed step by step on the interpreter.",
        "The generator and the templates of the core: what they write is proved, or not written.",
    )


def _bullets(*texts: str) -> Iterator[str]:
    yield from (f"- {text}" for text in texts)
    yield ""
