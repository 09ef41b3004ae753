"""The summary of a survey of mutants that is kept: a few numbers and names, in `proofs/<spec>/mutants.json`.

A survey takes minutes, so that a build does not make one. A build shows the last survey, and the digest of the model
tells whether that survey was about the current model.
"""

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath

from quiesce.certify.entries import Json, Malformed, entries, listed, number_of, parsed, record, text_of
from quiesce.certify.proposal import in_lines
from quiesce.console.reports.text.mutants import VERDICTS, counts, detail_of, name_of
from quiesce.generate.files.header import digest
from quiesce.kernel.kinds import Kind, kind_of
from quiesce.kernel.subjects import Subject
from quiesce.mutate.expression_faults import Operator
from quiesce.mutate.verdicts import Killed, Survey
from quiesce.spec.digest import model_digest

NAME = PurePosixPath("mutants.json")
SCHEMA = 1
_MOST = 1_000_000


@dataclass(frozen=True, slots=True)
class Fault:
    """A kind of fault, and how many of its mutants got each verdict."""

    name: str
    verdicts: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Killer:
    """A promise, or something that is proved without being asked; how many mutants it kills, and how many it alone."""

    name: str
    mutants: int
    alone: int


@dataclass(frozen=True, slots=True)
class Left:
    """A mutant that nothing kills: where it is, what is changed, its verdict, and why."""

    where: str
    fault: str
    verdict: str
    why: str


@dataclass(frozen=True, slots=True)
class Summary:
    """A survey in short. `model` is the digest of the model that it is about."""

    model: str
    faults: tuple[Fault, ...]
    killers: tuple[Killer, ...]
    left: tuple[Left, ...]

    @property
    def verdicts(self) -> dict[str, int]:
        """How many mutants got each verdict that some mutant got."""
        found = {name: sum(fault.verdicts.get(name, 0) for fault in self.faults) for name in VERDICTS}
        return {name: number for name, number in found.items() if number}


def summary_of(survey: Survey) -> Summary:
    """The summary of a survey that is kept."""
    return Summary(
        model_digest(survey.machine),
        tuple(
            Fault(operator.value, {name: number for name, number in counts(judged).items() if number})
            for operator in Operator
            if (judged := [item for item in survey.judged if item.mutant.operator is operator])
        ),
        tuple(_killers(survey)),
        tuple(
            Left(item.mutant.scope, item.mutant.description, name_of(item.verdict), detail_of(item.verdict))
            for item in survey.judged
            if not isinstance(item.verdict, Killed)
        ),
    )


def _killers(survey: Survey) -> Iterator[Killer]:
    alone: Counter[str] = Counter()
    together: Counter[str] = Counter()
    for item in survey.judged:
        if isinstance(item.verdict, Killed):
            killers = {_killer(kill.promise, kill.obligation) for kill in item.verdict.by}
            together.update(killers)
            if len(killers) == 1:
                alone.update(killers)
    promised = [promise.name for promise in survey.machine.promises]
    for name in (*promised, *sorted(together.keys() - set(promised))):
        yield Killer(name, together[name], alone[name])


def _killer(promise: str | None, obligation: Subject) -> str:
    """The owner of an obligation: a promise, or a kind of claim that is proved unasked."""
    kind = kind_of(obligation)
    return promise if promise is not None else _KINDS.get(kind, kind.value)


_KINDS = {
    Kind.TOTAL: "each call has exactly one outcome",
    Kind.ACTIVITY: "each activity that is due has exactly one outcome",
    Kind.WITNESS: "every action and value occurs",
    Kind.LEADS_TO: "every wait ends",
}


# --- as text -----------------------------------------------------------------------------------------------------


def to_json(summary: Summary) -> str:
    """The text of the file, one entry a line; the last one is a digest of the others, so that edits show."""
    content: dict[str, Json] = {
        "schema": SCHEMA,
        "model_sha256": summary.model,
        "faults": [{"fault": fault.name, "mutants": dict(fault.verdicts)} for fault in summary.faults],
        "killers": [{"name": k.name, "mutants": k.mutants, "alone": k.alone} for k in summary.killers],
        "left": [
            {"where": left.where, "fault": left.fault, "verdict": left.verdict, "why": left.why}
            for left in summary.left
        ],
    }
    return in_lines({**content, "sha256": digest(json.dumps(content))})


def from_json(text: str) -> Summary:
    """The summary that a text holds.

    Raises:
        Malformed: it holds none.
    """
    parts = record(parsed(text), "", ("schema", "model_sha256", "faults", "killers", "left", "sha256"))
    if parts["schema"] != SCHEMA:
        raise Malformed("schema", f"this is not schema {SCHEMA}")
    if parts["sha256"] != digest(json.dumps({name: part for name, part in parts.items() if name != "sha256"})):
        raise Malformed("sha256", "the file was changed after it was written")
    return Summary(
        text_of(parts["model_sha256"], "model_sha256"),
        tuple(_fault(value, where) for where, value in listed(parts["faults"], "faults")),
        tuple(_killer_from(value, where) for where, value in listed(parts["killers"], "killers")),
        tuple(_left(value, where) for where, value in listed(parts["left"], "left")),
    )


def _fault(value: Json, where: str) -> Fault:
    parts = record(value, where, ("fault", "mutants"))
    numbers = entries(parts["mutants"], f"{where}.mutants")
    return Fault(text_of(parts["fault"], where), {_verdict(name, where): _number(n, where) for name, n in numbers})


def _killer_from(value: Json, where: str) -> Killer:
    parts = record(value, where, ("name", "mutants", "alone"))
    return Killer(text_of(parts["name"], where), _number(parts["mutants"], where), _number(parts["alone"], where))


def _left(value: Json, where: str) -> Left:
    parts = record(value, where, ("where", "fault", "verdict", "why"))
    texts = {name: text_of(part, f"{where}.{name}") for name, part in parts.items()}
    return Left(texts["where"], texts["fault"], _verdict(texts["verdict"], where), texts["why"])


def _verdict(name: str, where: str) -> str:
    if name not in VERDICTS:
        raise Malformed(where, f"{name!r} is no verdict")
    return name


def _number(value: Json, where: str) -> int:
    return number_of(value, where, 0, _MOST)
