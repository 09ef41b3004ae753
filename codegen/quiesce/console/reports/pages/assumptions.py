"""Everything that has to be trusted by whoever reads "proved", as a part of the page of a proof.

It is complete: what is neither proved nor told here is on no side of the argument. So each section is made from the
model, entry by entry, and none is written by hand for one spec.
"""

from collections.abc import Iterable, Iterator
from pathlib import PurePosixPath

from quiesce.console.reports.pages.assumptions_of_layers import layer_lines
from quiesce.console.reports.pages.assumptions_of_tools import (
    abstraction_lines,
    distrusted_lines,
    package_lines,
    tool_lines,
)
from quiesce.prove.checked import CheckedMachine
from quiesce.quoting.markdown import code, heading, listed, table
from quiesce.spec.activities import trusted_to_answer
from quiesce.spec.model import Action, ActionKind, Blocks, LeadsTo, Machine, Pristine, Recoverable, Step
from quiesce.spec.show import show, show_value


def assumption_lines(checked: CheckedMachine, generated: Iterable[PurePosixPath] = ()) -> Iterator[str]:
    """All that is trusted: by the spec, of the world, of the package that is generated from it, and of the tools.

    `generated` are the paths of the generated files, as `generate.package.render` gives them. The result depends
    on nothing but the arguments: it names no version, no host, no time and no line.
    """
    machine = checked.machine
    yield from heading("What is trusted")
    yield "A proof rests on what this section lists, and does not prove it; the last part is what it does not rest on."
    yield ""
    yield from _meaning(machine)
    yield from _trusted(machine)
    yield from _fairness(machine)
    yield from _steps(machine)
    yield from _left_out(machine)
    yield from _policies(machine)
    yield from layer_lines(machine)
    yield from _persistent(machine)
    yield from abstraction_lines(checked)
    yield from package_lines(tuple(generated))
    yield from tool_lines()
    yield from distrusted_lines(checked)


def _meaning(machine: Machine) -> Iterator[str]:
    yield from heading("The spec says what is meant", 3)
    yield (
        "A promise says what its expression says; names and docstrings are read by people alone. That the promises "
        "together are what a user needs is for people to judge."
    )
    yield ""
    if machine.requirements:
        yield "Each requirement restates its source, and what is said to satisfy it does. Nothing checks either."
        yield ""


def _trusted(machine: Machine) -> Iterator[str]:
    yield from heading("What callers and the world are trusted to keep", 3)
    rows = [(action, assumption) for action in machine.actions for assumption in action.assumes]
    if not rows:
        yield "Nothing: no action of the spec assumes anything."
        yield ""
    else:
        yield "What is proved is proved of runs in which these hold. No code checks them. Each one holds in some run."
        yield ""
        yield from table(
            ("action", "assumes", "why"), ((code(a.name), code(show(s.claim)), s.because) for a, s in rows)
        )
    needing = [code(promise.name) for promise in machine.promises if not promise.assuming]
    if needing:
        yield f"Without them these do not hold, as the runs under *What fails as declared* show: {', '.join(needing)}."
        yield ""


def _fairness(machine: Machine) -> Iterator[str]:
    yield from heading("Fairness", 3)
    rows = [(code(p.name), listed(p.claim.fair)) for p in machine.promises if p.holds and isinstance(p.claim, LeadsTo)]
    rows += [
        (f"the wait of {' and '.join(a.calls)} in {code(a.name)}", listed(a.outcome.fair))
        for a in machine.actions
        if isinstance(a.outcome, Blocks)
    ]
    rows += [
        (f"the answer to {' and '.join(a.calls)} after {code(a.name)}", listed(trusted_to_answer(machine, a)))
        for a in machine.actions
        if a.until
    ]
    if not rows:
        yield "Nothing: no promise and no wait needs anything to happen."
        yield ""
        return
    yield (
        "As long as one of these actions stays possible, one of them eventually happens. Nothing is said of how soon, "
        "nor of any other action."
    )
    yield ""
    yield from table(("what rests on it", "one of these happens"), rows)
    if any(action.until for action in machine.actions):
        yield (
            "Work that is due is begun, and it ends: the user's code returns or raises. This is trusted of the work of "
            "each member, too."
        )
        yield ""


def _steps(machine: Machine) -> Iterator[str]:
    yield from heading("What can happen", 3)
    kept = " that keep what is assumed above" if any(action.assumes for action in machine.actions) else ""
    yield (
        "At the start everything has its initial value. Then callers make any calls, in any order, at any time, with "
        f"any arguments{kept}, and some things happen by themselves. Nothing else changes what the model speaks of."
    )
    yield ""
    by_themselves = [action for action in machine.actions if action.kind is not ActionKind.CALL]
    if by_themselves:
        yield from table(
            ("happens by itself", "who does it", "what it is"),
            ((code(a.name), _who(a), _first_line(a.doc)) for a in by_themselves),
        )
    else:
        yield "Nothing happens by itself."
        yield ""


def _who(action: Action) -> str:
    if action.ends is not None:
        return f"the work {code(action.ends.name)}, when it {'fails' if action.ends.fails else 'has succeeded'}"
    if action.timeout is not None:
        return f"the clock, after {code(action.timeout)} seconds in which it could have happened"
    return "the program itself" if action.kind is ActionKind.INTERNAL else "the world outside"


def _first_line(doc: str) -> str:
    return doc.splitlines()[0] if doc else ""


def _left_out(machine: Machine) -> Iterator[str]:
    yield from heading("What promises leave out", 3)
    steps = [(p, p.claim) for p in machine.promises if isinstance(p.claim, Step) and p.claim.unless]
    chosen = [(p, p.under) for p in machine.promises if p.holds and p.under is not None]
    false = [promise for promise in machine.promises if not promise.holds]
    possible = [promise for promise in machine.promises if promise.holds and isinstance(promise.claim, Recoverable)]
    if steps:
        yield "These promises about steps say nothing of the steps of some actions."
        yield ""
        yield from table(
            ("promise", "is about the steps of"), ((code(p.name), _about(machine, claim)) for p, claim in steps)
        )
    if chosen:
        yield "These promises are about some alternatives of a policy alone."
        yield ""
        yield from table(
            ("promise", "policy", "about"),
            ((code(p.name), code(u.policy), listed(u.alternatives)) for p, u in chosen),
        )
    if false:
        yield "These are declared false, and are: nothing may be built on them."
        yield ""
        yield from table(("declared false", "what it would say"), ((code(p.name), _first_line(p.doc)) for p in false))
    if possible:
        yield f"These say that some run gets there, and not that every run does: {listed(p.name for p in possible)}."
        yield ""
    if not (steps or chosen or false or possible):
        yield "Nothing."
        yield ""


def _about(machine: Machine, claim: Step) -> str:
    """The actions that a promise speaks of, or those that it leaves out if they are fewer."""
    about = [action.name for action in machine.actions if action.name not in claim.unless]
    return listed(about) if len(about) <= len(claim.unless) else f"all actions but {listed(claim.unless)}"


def _policies(machine: Machine) -> Iterator[str]:
    yield from heading("Policies", 3)
    if not machine.policies:
        yield "None: the spec leaves no choice."
        yield ""
        return
    yield "Everything is proved for each alternative. One is chosen before the start and never changes in a run."
    yield ""
    yield from table(
        ("policy", "alternatives, the default first", "values that nothing is proved for"),
        (
            (
                code(policy.name),
                listed(show_value(value, policy.type) for value in policy.alternatives),
                listed(show_value(v, policy.type) for v in policy.type.values if v not in policy.alternatives),
            )
            for policy in machine.policies
        ),
    )


def _persistent(machine: Machine) -> Iterator[str]:
    yield from heading("What outlives a release", 3)
    names = [v.name for v in machine.variables if v.persistent]
    names += [f"{f.name}.{d.name}" for f in machine.families for d in f.fields if d.persistent]
    released = [p.name for p in machine.promises if p.holds and isinstance(p.claim, Pristine)]
    if names:
        yield (
            f"{listed(names)}: declared `Persistent`. A promise that a release makes everything as new leaves them out."
        )
    else:
        yield "Nothing: no variable and no field is declared `Persistent`."
    yield ""
    if released:
        yield f"That a release makes everything{' else' * bool(names)} as new is promised by {listed(released)}."
        yield ""
