"""What the prover says of a spec, as its JSON report has it: the one place that knows the tool and its report.

Ids are not taken apart. What a reply is about is told by its kind, promise, action and line alone.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory
from typing import Any

from quiesce.console.reports.json.report import reports_json
from quiesce.prove.checked import completed
from quiesce.prove.effort import Effort
from quiesce.prove.prover import verify
from quiesce.spec.diagnostics import SpecError
from quiesce.spec.reader import read_text

from tests.differential.reference.exploring import Move, Run
from tests.differential.reference.lifecycle import Choice, Domain, Lifecycle, One, State, Value
from tests.differential.reference.meaning import About

PROVED, REFUTED, UNKNOWN, VACUOUS, ERROR = "proved", "refuted", "unknown", "vacuous", "error"

INVARIANTS = ("start", "step", "pristine")
"""The kinds of reply about what holds in every state."""

WITNESS, ASSUMED, EXPECTED = "witness", "assumption", "expected failure"

KINDS: Mapping[str, tuple[str, ...]] = {
    "always": ("start", "step"),
    "range": ("start", "step"),
    "pristine": ("pristine",),
    "initially": ("start",),
    "step": ("step promise",),
    "total": ("total",),
    "accepts": ("answer",),
    "refuses": ("answer",),
    "enabled": ("enabled",),
    "recoverable": ("recoverable",),
    "leads_to": ("leads to",),
    "wait": ("leads to",),
    "forgettable": ("forgettable",),
    "duty": ("precondition",),
    "offer": ("refinement",),
    "lands": ("activity",),
    "not_at_first": ("start",),
    "not_when_gone": ("start", "step"),
    "stays_due": ("step promise",),
    "answered": ("step promise", "leads to"),
    "carried": ("traced",),
    "contract": ("contract",),
}
"""What the reference speaks of, and the kinds of replies about it."""

KNOWN = {*(kind for kinds in KINDS.values() for kind in kinds), WITNESS, ASSUMED, EXPECTED}


class NotRead(Exception):
    """The reader refuses a spec."""


@dataclass(frozen=True, slots=True)
class Reply:
    """The verdict on one obligation. `run` is a counterexample or a witness, `step` one that was not excluded.

    Of the `id` nothing is asked but that no two replies have the same, and whether it is about work that runs.
    """

    id: str
    kind: str
    promise: str | None
    action: str | None
    line: int
    verdict: str
    detail: str
    run: Mapping[str, Any] | None
    step: Mapping[str, Any] | None

    @property
    def of_running_work(self) -> bool:
        """Whether it is about what happens to calls while work runs, of which no run of the model tells."""
        return self.kind == "precondition" and "(while" in self.id

    def __str__(self) -> str:
        about = " ".join(part for part in (self.kind, self.promise, self.action) if part is not None)
        return f"{about} (line {self.line}): {self.verdict}"


def ask(text: str, options: Effort, beside: Mapping[str, str] | None = None) -> tuple[Reply, ...]:
    """What the prover says of a spec.

    Raises:
        NotRead: the reader refuses it.
    """
    with TemporaryDirectory() as folder:
        for name, other in (beside or {}).items():
            Path(folder, f"{name}.py").write_text(other, encoding="utf-8")
        try:
            machine = read_text(text, PurePosixPath("machine.py"), Path(folder))
        except SpecError as error:
            raise NotRead(str([(d.code, d.span.line, d.message) for d in error.diagnostics])) from error
    content = json.loads(reports_json((completed(verify(machine, options)),)))
    return tuple(map(_reply, content["obligations"]))


def _reply(entry: Mapping[str, Any]) -> Reply:
    if entry["kind"] not in KNOWN:
        raise LookupError(f"nobody knows how to compare `{entry['kind']}`")
    run = entry["counterexample"] or entry["witness"]
    return Reply(
        entry["id"],
        entry["kind"],
        entry["promise"],
        entry["action"],
        entry["line"],
        entry["verdict"],
        entry["detail"],
        run,
        entry["cti"],
    )


def about(replies: tuple[Reply, ...], claim: About, life: Lifecycle, *, whole: bool) -> list[Reply]:
    """The replies about something; about all of it where the `whole` is asked for, not just one action's part."""
    return [reply for reply in replies if _is_about(reply, claim, life, whole=whole)]


def _is_about(reply: Reply, claim: About, life: Lifecycle, *, whole: bool) -> bool:
    if reply.kind not in KINDS[claim.kind]:
        return False
    match claim.kind:
        case "range":
            written = any(promise.name == reply.promise for promise in life.promises)
            return reply.line == claim.line and not written and (whole or reply.action == claim.action)
        case "always" | "pristine" | "step" | "not_at_first" | "not_when_gone":
            return reply.promise == claim.promise and (whole or reply.action == claim.action)
        case "stays_due":
            kept = f"{claim.promise}.stays_due"
            return reply.promise in (kept, f"{kept}.of_others") and (whole or reply.action == claim.action)
        case "answered":
            answered, stays = f"{claim.promise}.answered", f"{claim.call}.stays_due"  # of work that answers by itself
            parts = (f"{answered}.begins", f"{answered}.lasts", f"{answered}.ends", f"{stays}.of_others")
            return reply.promise in (answered, stays, *parts)
        case "total" | "carried" | "lands":
            return reply.line == claim.line
        case "wait":
            return reply.promise is None and reply.line == claim.line
        case "forgettable" | "duty":
            return reply.action == claim.action
        case "offer":
            return True
        case _:
            return reply.promise == claim.promise


def nobody_wrote(replies: tuple[Reply, ...], life: Lifecycle) -> list[Reply]:
    """The replies about helpers: invariants that stand neither in a promise nor in a declaration."""
    names = {promise.name for promise in life.promises} | {f"{name}.not_when_gone" for name in life.activities}
    return [r for r in replies if r.kind in INVARIANTS and r.promise not in names and r.line == life.line]


# --- runs --------------------------------------------------------------------------------------------------------


class NoState(Exception):
    """What the report shows is no state of the machine."""


def run_of(lives: tuple[Lifecycle, ...], shown: Mapping[str, Any]) -> Run:
    """A run as the report shows it.

    Raises:
        NoState: some state of it is none of the machine.
    """
    start = shown["start"]
    for life in lives:
        if all(start.get(name) == chosen.name for name, chosen in life.policies.items()):
            moves = (Move(step["action"], _given(life, step), state_of(life, step["state"])) for step in shown["steps"])
            return Run(life, state_of(life, start), tuple(moves))
    raise NoState(f"no policies are chosen so: {start}")


def _given(life: Lifecycle, step: Mapping[str, Any]) -> dict[str, Value]:
    parameters = {p.name: p.domain for p in life.action(step["action"]).parameters}
    if parameters.keys() != step["arguments"].keys():
        raise NoState(f"{step['action']} is not given {step['arguments']}")
    return {name: _value(parameters[name], value) for name, value in step["arguments"].items()}


def state_of(life: Lifecycle, shown: Mapping[str, Any]) -> State:
    """A state as the report shows it."""
    names = {*(name for name, _ in life.scalars), *(family.name for family in life.families), *life.policies}
    if names != shown.keys():
        raise NoState(f"{sorted(shown)} is not {sorted(names)}")
    families = (
        tuple(tuple(_value(f.domain, member[f.name]) for f in family.fields) for member in shown[family.name])
        for family in life.families
    )
    return State(tuple(_value(v.domain, shown[name]) for name, v in life.scalars), tuple(families))


def _value(domain: Domain, value: Any) -> Value:
    match domain:
        case Choice(values):
            return next(choice for choice in values if choice.name == value)
        case One():
            return int(value)
        case _:
            return value  # type: ignore[no-any-return]


def runs_of(replies: tuple[Reply, ...]) -> Iterator[Reply]:
    """The replies that show a run."""
    return (reply for reply in replies if reply.run is not None)
