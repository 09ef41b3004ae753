"""One random spec after the other: proved, searched, compared."""

import traceback
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial

from quiesce.prove.effort import Effort

from tests.differential.comparing import Wrong, wrong
from tests.differential.making.layers import layered
from tests.differential.making.machines import machine
from tests.differential.making.working import working
from tests.differential.not_yet import NOT_YET
from tests.differential.reference.knowledge import Knowledge, learn
from tests.differential.replies import NotRead, Reply, ask
from tests.differential.shrinking import shrunk

PORTION = 25
"""Specs that are judged by one test."""

LAYERED = 5
"""Of a portion, those that have to do with layers."""

WORKING = 5
"""Of a portion, those that have activities; they come behind the layered ones."""

BUDGET = 200_000
"""Units of `rlimit` for one condition: machines are small, and what takes longer may stay unknown."""

DEPTH = 5
"""The longest counterexample that is looked for."""


class WrongAnswer(AssertionError):
    """The prover and the reference disagree about a spec."""


@dataclass(frozen=True, slots=True)
class Rules:
    """What is compared: all of it, but for what the prover gets wrong as it stands."""

    premises: bool = True  # a proof does not rest on what is refuted
    nobody: bool = True  # families without members are looked at
    refused: frozenset[str] = frozenset()  # the names that nothing has
    traces_false: bool = True  # a requirement may be satisfied by what is declared false
    layers: frozenset[str] = frozenset()  # the changes of layered machines that are left out


def rules_without(mistakes: frozenset[str]) -> Rules:
    """The rules that leave out what these mistakes are about."""
    nobody = {"some member where there is none", "a fair step of a member where there is none"}
    return Rules(
        premises="a premise that fell" not in mistakes,
        nobody=mistakes.isdisjoint(nobody),
        refused=frozenset(name for name in ("idle", "arg") if f"something called {name}" in mistakes),
        traces_false="a requirement carried by what is false" not in mistakes,
        layers=mistakes,
    )


RULES = rules_without(NOT_YET)


@dataclass(frozen=True)
class Judged:
    """A spec and the wrong replies about it; how often each verdict was given, and what the search met.

    It is `refused` if the reader does not take it, `decided` if the search left nothing out and there are no families,
    and `broken` if it does not keep all it promises. Of a decided one, `open` counts what is nevertheless unknown.
    """

    text: str
    beside: Mapping[str, str]
    wrong: tuple[Wrong, ...] = ()
    answers: Counter[str] = field(default_factory=Counter)
    refused: str = ""
    decided: bool = False
    broken: bool = False
    families: int = 0
    open: int = 0


def judged(text: str, beside: Mapping[str, str], *, strengthen: bool, rules: Rules = RULES) -> Judged:
    """Prove a spec, and search it. An exception is a wrong answer, too."""
    options = Effort(budget=BUDGET, depth=DEPTH, strengthen=strengthen)
    try:
        replies = ask(text, options, beside)
    except NotRead as refusal:
        return Judged(text, beside, refused=str(refusal))
    except Exception:  # whatever it is, a person who verifies a spec would see it
        return Judged(text, beside, (Wrong("everything", traceback.format_exc()),))
    return compared(text, beside, replies, rules)


def compared(text: str, beside: Mapping[str, str], replies: tuple[Reply, ...], rules: Rules = RULES) -> Judged:
    """What is wrong with these replies."""
    known = learn(text, beside, nobody=rules.nobody)
    found = tuple(wrong(replies, known, premises=rules.premises))
    answers = Counter(f"{reply.kind}: {reply.verdict}" for reply in replies)
    return Judged(
        text,
        beside,
        found,
        answers,
        decided=known.decided,
        broken=_is_broken(known),
        families=len(known.life.families),
        open=sum(reply.verdict == "unknown" for reply in replies) if known.decided else 0,
    )


def _is_broken(known: Knowledge) -> bool:
    return bool(known.endless) or any(about.kind != "forgettable" for about, _ in known.broken)


def judge(number: int, rules: Rules = RULES) -> Judged:
    """The judgement of the spec of a number; helpers are looked for with every fourth, as that takes long."""
    text, beside = spec(number, rules)
    return judged(text, beside, strengthen=number % 4 == 0, rules=rules)


def spec(number: int, rules: Rules = RULES) -> tuple[str, Mapping[str, str]]:
    """The spec of a number, always the same, with those that it imports."""
    if number % PORTION < LAYERED:
        found = layered(number, rules.layers)
        return found.text, found.beside
    if number % PORTION < LAYERED + WORKING:
        return working(number), {}
    return machine(number, refused=rules.refused, traces_false=rules.traces_false), {}


def numbers_of(portion: int, stride: int = 1) -> range:
    """The numbers of the specs of a portion, or of every so manieth."""
    return range(portion * PORTION, (portion + 1) * PORTION, stride)


def judge_portion(portion: int, stride: int = 1) -> Iterator[Judged]:
    """Judge each spec of a portion, or every so manieth."""
    return map(judge, numbers_of(portion, stride))


def smallest(judgement: Judged, *, strengthen: bool, rules: Rules = RULES) -> Judged:
    """A spec about which the same is wrong, as small as can be."""
    sign = _sign(judgement.wrong[0])
    again = partial(judged, beside=judgement.beside, strengthen=strengthen, rules=rules)
    text = shrunk(judgement.text, _still(again, sign))
    return again(text)


def _still(again: Callable[[str], Judged], sign: tuple[str, str]) -> Callable[[str], bool]:
    def still(text: str) -> bool:
        try:
            return sign in map(_sign, again(text).wrong)
        except Exception:  # the text is no machine any more
            return False

    return still


def _sign(found: Wrong) -> tuple[str, str]:
    """What has to stay the same: what the reply is about, without names and lines, and what is wrong with it."""
    return found.what.split(" ")[0], found.why.split(" ")[0]


def explained(judgement: Judged) -> str:
    """A spec and the wrong replies about it, for a person."""
    lines = [*(f"# {name}.py\n{text}" for name, text in judgement.beside.items()), judgement.text]
    for answer in judgement.wrong:
        lines.append(f"{answer.what}: {answer.why}")
        if answer.run is not None:
            lines.append(f"    from {answer.run.start}, policies {answer.run.life.policies}")
            lines += [f"    {move.action} {dict(move.given)} -> {move.state}" for move in answer.run.moves]
    return "\n".join(lines)
