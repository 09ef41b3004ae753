"""Everything that has to be trusted by whoever reads "proved", as a page of Markdown, committed.

It is complete: what is neither proved nor on this page is on no side of the argument. So each section is made from the
model, entry by entry, and none is written by hand for one spec.
"""

from collections.abc import Iterable, Iterator
from pathlib import PurePosixPath

from quiesce.console.assumptions_of_layers import layer_lines
from quiesce.console.assumptions_of_tools import abstraction_lines, distrusted_lines, package_lines, tool_lines
from quiesce.console.markdown import heading, table
from quiesce.prove.checked import CheckedMachine
from quiesce.spec.model import Action, ActionKind, Blocks, LeadsTo, Machine, Pristine, Recoverable, Step
from quiesce.spec.show import show, show_value


def assumptions_markdown(checked: CheckedMachine, generated: Iterable[PurePosixPath] = ()) -> str:
    """All that is trusted: by the spec, of the world, of the package that is generated from it, and of the tools.

    `generated` are the paths of the generated files, as `quiesce.generate.pages.render` gives them. The result depends
    on nothing but the arguments: it names no version, no host and no time.
    """
    machine = checked.machine
    sections = (
        _introduction(machine),
        _meaning(machine),
        _trusted(machine),
        _fairness(machine),
        _steps(machine),
        _left_out(machine),
        _policies(machine),
        layer_lines(machine),
        _persistent(machine),
        abstraction_lines(checked),
        package_lines(tuple(generated)),
        tool_lines(),
        distrusted_lines(checked),
    )
    return "\n".join(line for section in sections for line in section)


def _introduction(machine: Machine) -> Iterator[str]:
    yield f"# {machine.name}: what has to be trusted"
    yield ""
    yield (
        f"What REPORT.md calls proved is proved of the model in `{machine.path}`. This page lists everything that such "
        "a proof rests on and does not prove. Numbers are lines of that file."
    )
    yield ""


def _meaning(machine: Machine) -> Iterator[str]:
    yield from heading("The spec says what is meant")
    yield (
        "A promise says what its expression says; names and docstrings are read by people alone. That the promises "
        "together are what a user needs is for people to judge."
    )
    yield ""
    if machine.requirements:
        yield "Each requirement restates its source, and what is said to satisfy it does. Nothing checks either."
        yield ""
        yield from table(
            ("requirement", "line", "source", "said to be satisfied by"),
            (
                (f"`{r.id}`", str(r.span.line), r.source or "none", ", ".join(_carriers(machine, r.id)))
                for r in machine.requirements
            ),
        )


def _carriers(machine: Machine, requirement: str) -> Iterator[str]:
    yield from (f"`{action.name}`" for action in machine.actions if requirement in action.satisfies)
    yield from (
        f"`{promise.name}`" for promise in machine.promises if promise.holds and requirement in promise.satisfies
    )


def _trusted(machine: Machine) -> Iterator[str]:
    yield from heading("What callers and the world are trusted to keep")
    rows = [(action, assumption) for action in machine.actions for assumption in action.assumes]
    if not rows:
        yield "Nothing: no action assumes anything."
        yield ""
    else:
        yield "What is proved is proved of runs that keep these. No code checks them. Some run meets each of them."
        yield ""
        yield from table(
            ("action", "line", "assumes", "why"),
            ((f"`{a.name}`", str(s.span.line), f"`{show(s.claim)}`", s.because) for a, s in rows),
        )
    needing = [promise for promise in machine.promises if not promise.assuming]
    if needing:
        yield "Without them these do not hold; REPORT.md has the run for each."
        yield ""
        yield from table(("declared false", "line"), ((f"`{p.name}`", str(p.span.line)) for p in needing))


def _fairness(machine: Machine) -> Iterator[str]:
    yield from heading("Fairness")
    rows = [
        (f"`{p.name}`", str(p.span.line), _names(p.claim.fair))
        for p in machine.promises
        if p.holds and isinstance(p.claim, LeadsTo)
    ]
    rows += [
        (f"the wait of {' and '.join(a.calls)} in `{a.name}`", str(a.span.line), _names(a.outcome.fair))
        for a in machine.actions
        if isinstance(a.outcome, Blocks)
    ]
    if not rows:
        yield "Nothing: no promise and no wait rests on anything to happen."
        yield ""
        return
    yield (
        "As long as one of these actions stays possible, one of them eventually happens. Nothing is said of how soon, "
        "nor of any other action."
    )
    yield ""
    yield from table(("what rests on it", "line", "one of these happens"), rows)


def _names(actions: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in actions) or "none"


def _steps(machine: Machine) -> Iterator[str]:
    yield from heading("What can happen")
    kept = " that keep what is assumed above" if any(action.assumes for action in machine.actions) else ""
    yield (
        "At the start everything has its initial value. Then callers make any calls, in any order, at any time, with "
        f"any arguments{kept}, and some things happen by themselves. Nothing else changes what the model speaks of."
    )
    yield ""
    yield from table(
        ("call", "its outcomes"), ((name, _names(a.name for a in outcomes)) for name, outcomes in machine.calls.items())
    )
    by_themselves = [action for action in machine.actions if action.kind is not ActionKind.CALL]
    if by_themselves:
        yield from table(
            ("happens by itself", "line", "who does it", "what it is"),
            ((f"`{a.name}`", str(a.span.line), _who(a), _first_line(a.doc)) for a in by_themselves),
        )
    else:
        yield "Nothing happens by itself."
        yield ""


def _who(action: Action) -> str:
    return "the program itself" if action.kind is ActionKind.INTERNAL else "the world outside"


def _first_line(doc: str) -> str:
    return doc.splitlines()[0] if doc else ""


def _left_out(machine: Machine) -> Iterator[str]:
    yield from heading("What promises leave out")
    steps = [(p, p.claim) for p in machine.promises if isinstance(p.claim, Step) and p.claim.unless]
    chosen = [(p, p.under) for p in machine.promises if p.holds and p.under is not None]
    false = [promise for promise in machine.promises if not promise.holds]
    possible = [promise for promise in machine.promises if promise.holds and isinstance(promise.claim, Recoverable)]
    if steps:
        yield "These promises about steps say nothing of the steps of some actions."
        yield ""
        yield from table(
            ("promise", "line", "about", "not about"),
            ((f"`{p.name}`", str(p.span.line), _about(machine, claim), _names(claim.unless)) for p, claim in steps),
        )
    if chosen:
        yield "These promises are about some alternatives of a policy alone."
        yield ""
        yield from table(
            ("promise", "line", "policy", "about"),
            ((f"`{p.name}`", str(p.span.line), f"`{u.policy}`", _names(u.alternatives)) for p, u in chosen),
        )
    if false:
        yield "These are declared false, and are: nothing may be built on them."
        yield ""
        yield from table(
            ("declared false", "line", "what it would say"),
            ((f"`{p.name}`", str(p.span.line), _first_line(p.doc)) for p in false),
        )
    if possible:
        yield "These say that some run gets there, and not that one ever does."
        yield ""
        yield from table(("promise", "line"), ((f"`{p.name}`", str(p.span.line)) for p in possible))
    if not (steps or chosen or false or possible):
        yield "Nothing."
        yield ""


def _about(machine: Machine, claim: Step) -> str:
    """The actions that a promise speaks of, unless those that it leaves out are fewer."""
    about = [action.name for action in machine.actions if action.name not in claim.unless]
    return _names(about) if len(about) <= len(claim.unless) else "every other action"


def _policies(machine: Machine) -> Iterator[str]:
    yield from heading("Policies")
    if not machine.policies:
        yield "None: the spec leaves no choice."
        yield ""
        return
    yield "Everything is proved for each alternative. One is chosen before the start and never changes in a run."
    yield ""
    yield from table(
        ("policy", "line", "alternatives, the default first", "values that nothing is proved for"),
        (
            (
                f"`{policy.name}`",
                str(policy.span.line),
                ", ".join(f"`{show_value(value, policy.type)}`" for value in policy.alternatives),
                ", ".join(f"`{show_value(v, policy.type)}`" for v in policy.type.values if v not in policy.alternatives)
                or "none",
            )
            for policy in machine.policies
        ),
    )


def _persistent(machine: Machine) -> Iterator[str]:
    yield from heading("What outlives a release")
    rows = [(f"`{v.name}`", str(v.span.line)) for v in machine.variables if v.persistent]
    rows += [(f"`{f.name}.{d.name}`", str(d.span.line)) for f in machine.families for d in f.fields if d.persistent]
    released = [promise for promise in machine.promises if promise.holds and isinstance(promise.claim, Pristine)]
    if not rows:
        yield "Nothing: no variable and no field is declared `Persistent`."
        yield ""
    else:
        yield "These are declared `Persistent`. No promise that a release makes everything as new speaks of them."
        yield ""
        yield from table(("variable or field", "line"), rows)
    if released:
        yield "The promises that a release makes everything else as new:"
        yield ""
        yield from table(("promise", "line"), ((f"`{p.name}`", str(p.span.line)) for p in released))
