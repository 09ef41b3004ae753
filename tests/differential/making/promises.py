"""Random promises, with a bias: a short walk tells which candidates are true at first, or almost."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from random import Random

from tests.differential.making.actions import glance
from tests.differential.making.drafts import ActionOf, Draft, Given
from tests.differential.making.expressions import Writer
from tests.differential.making.names import Pool
from tests.differential.making.places import BOUND, type_text
from tests.differential.reference.exploring import Space, is_pristine
from tests.differential.reference.lifecycle import Promise
from tests.differential.reference.meaning import applying, breaks_outcomes, breaks_step

GLANCE = 40
"""States of the walk."""

CANDIDATES = 6
"""Claims among which one is chosen."""

Lines = tuple[str, ...]
KINDS = ("always", "step", "outcome", "always", "step", "outcome", "recoverable", "leads_to", "pristine", "initially")


class Promises:
    """Writes the promises of a draft."""

    def __init__(self, writer: Writer, names: Pool, *, traces_false: bool) -> None:
        self._writer, self._names, self._traces_false = writer, names, traces_false

    def all(self, draft: Draft) -> Draft:
        """One to four promises of any kind."""
        found: list[Lines] = []
        for number in range(1, 1 + self._writer.random.randint(1, 4)):
            name = self._names.fresh(f"promise_{number}")
            found.append(self._promise(draft, name, self._writer.pick(KINDS)))
        if "kept" not in self._names.taken:
            found += _kept(Writer(Random(draft.text)), draft, "kept")  # noqa: S311 -- no secret
        if self._writer.chance(12):
            traced = self._writer.random.randrange(number)
            if self._traces_false or "expect=" not in found[traced][0]:
                found[traced] = _saying(found[traced], "satisfies=R1")
            return replace(draft, promises=tuple(found), requirements=("R1",))
        return replace(draft, promises=tuple(found))

    def _promise(self, draft: Draft, name: str, kind: str) -> Lines:
        writer, places = self._writer, draft.places()
        match kind:
            case "always":
                return self._chosen(draft, name, lambda: _method("always", "", name, "", writer.claim(places)))
            case "step":
                return self._step(draft, name)
            case "outcome":
                return self._outcome(draft, name)
            case "pristine" | "recoverable":
                return self._chosen(draft, name, lambda: _method(kind, "", name, "", writer.atom(places)))
            case "initially":
                return self._chosen(draft, name, lambda: _method(kind, "", name, "", writer.claim(places)))
            case _:
                moving = [action.name for action in draft.actions if action.moves]
                fair = [action for action in moving if writer.chance(60)] or moving[:1]
                said = f"fair=[{', '.join(fair)}]"
                lines = _method("leads_to", said, name, "", f"{writer.atom(places)}, {writer.atom(places)}")
                return self._maybe_false(draft, lines, seen_false=writer.chance(20))

    def _step(self, draft: Draft, name: str) -> Lines:
        writer = self._writer
        moving = [action for action in draft.actions if action.moves]
        only = [action for action in moving if writer.chance(50)] if writer.chance(35) else []
        given: tuple[Given, ...] = ()
        said = ""
        if only:
            given = _common(only)
            said = f"only=[{', '.join(action.name for action in only)}]"
        else:
            unless = [action.name for action in draft.actions if writer.chance(20)]
            said = f"unless=[{', '.join(unless)}]" if unless else ""
        places = draft.places(given, old=True)
        parameters = ", ".join([f'old: "{draft.name}"', *(g.text for g in given)])
        return self._chosen(draft, name, lambda: _method("step", said, name, parameters, writer.claim(places)))

    def _outcome(self, draft: Draft, name: str) -> Lines:
        """What calls are answered, or that actions are possible: often where guards hold, or where a part does."""
        writer = self._writer
        answering = [action for action in draft.actions if action.calls and not action.fair]
        moving = [action for action in draft.actions if action.moves]
        if answering and not writer.chance(40):
            action = writer.pick(answering)
            alike = [a for a in answering if a.fails == action.fails and set(a.calls) & set(action.calls)]
            calls = ", ".join(f'"{call}"' for call in action.calls)
            group = calls if len(action.calls) == 1 else f"calls({calls})"
            kind, said = ("refuses", f'{group}, "{action.fails}"') if action.fails else ("accepts", calls)
        else:
            action = writer.pick([action for action in moving if action.when] or moving)
            alike = [a for a in moving if a == action or writer.chance(25)]
            kind, said = "enabled", ", ".join(a.name for a in alike)
        given = tuple(g for g in _common(alike) if not writer.chance(15))
        places = draft.places(given)
        readable = [claim for claim in action.when if not _unreadable(claim, action.given, given)]

        def reason() -> str:
            parts = [claim for claim in readable if not writer.chance(30)]
            match writer.pick(("wider", "narrower", "other", "alike")):
                case "narrower":
                    parts.append(writer.atom(places))
                case "wider" if parts:
                    parts = [f"({' and '.join(parts)} or {writer.atom(places)})"]
                case "other":
                    parts = [writer.atom(places)]
                case _:
                    pass
            return " and ".join(f"({part})" for part in parts) or "True"

        parameters = ", ".join(g.text for g in given)
        return self._chosen(draft, name, lambda: _method(kind, said, name, parameters, reason()))

    def _chosen(self, draft: Draft, name: str, make: Callable[[], Lines]) -> Lines:
        """One of some candidates; mostly one that is true at first, or that is false late."""
        writer = self._writer
        mood = writer.pick(("any", "true", "true", "late", "late"))
        candidates = [make() for _ in range(1 if mood == "any" else CANDIDATES)]
        apart = [_renamed(lines, name, f"{name}_{number}_") for number, lines in enumerate(candidates)]
        space = glance(replace(draft, promises=tuple(apart)), GLANCE)
        rated = [
            (_failures(space, promise), lines) for promise, lines in zip(space.life.promises, candidates, strict=True)
        ]
        match mood:
            case "true":
                fails, lines = min(rated, key=lambda pair: len(pair[0]))
            case "late":
                false = [pair for pair in rated if pair[0]] or rated
                fails, lines = max(false, key=lambda pair: min(pair[0], default=0))
            case _:
                fails, lines = rated[0]
        return self._maybe_false(draft, lines, seen_false=bool(fails))

    def _maybe_false(self, draft: Draft, lines: Lines, *, seen_false: bool) -> Lines:
        """Often declared false where it is seen to be, and seldom otherwise; perhaps where nobody is trusted."""
        if not self._writer.chance(35 if seen_false else 4):
            return lines
        unassumed = any(action.assumes for action in draft.actions) and self._writer.chance(50)
        verdict = f'"refuted{" without assumptions" if unassumed else ""}"'
        if draft.policies and self._writer.chance(50):
            _, enum = self._writer.pick(draft.policies)
            verdict = f"{{{enum.name}.{self._writer.pick(enum.values)}: {verdict}}}"
        return _saying(lines, f"expect={verdict}")


def _saying(lines: Lines, more: str) -> Lines:
    """The promise with one more argument of its decorator."""
    word = lines[0]
    return (f"{word[:-1]}, {more})" if word.endswith(")") else f"{word}({more})", *lines[1:])


def _method(word: str, said: str, name: str, parameters: str, value: str) -> Lines:
    result = "tuple[bool, bool]" if word == "leads_to" else "bool"
    given = f"self, {parameters}" if parameters else "self"
    return (
        f"@{word}({said})" if said else f"@{word}",
        f"def {name}({given}) -> {result}:",
        f"    return {value}",
    )


def _renamed(lines: Lines, name: str, other: str) -> Lines:
    return (lines[0], lines[1].replace(f"def {name}(", f"def {other}(", 1), *lines[2:])


def _common(actions: list[ActionOf]) -> tuple[Given, ...]:
    """Parameters that all of some actions have, and that a promise may speak of."""
    first, *others = actions
    return tuple(g for g in first.given if not g.new and g.name != "old" and all(g in other.given for other in others))


def _unreadable(claim: str, asked: Iterable[Given], given: tuple[Given, ...]) -> bool:
    """Whether a guard speaks of a parameter that is not given here."""
    words = set("".join(c if c.isalnum() or c == "_" else " " for c in claim).split())
    return any(g.name in words for g in asked if g not in given)


def _failures(space: Space, promise: Promise) -> list[int]:
    """Where in a walk the promise does not hold, or, of a goal, is not there."""
    life = space.life
    match promise.word:
        case "always" | "recoverable":
            return [n for n, state in enumerate(space.states) if not life.says(promise, state)]
        case "initially":
            return [0] if not life.says(promise, space.states[0]) else []
        case "pristine":
            return [n for n, s in enumerate(space.states) if life.says(promise, s) and not is_pristine(life, s)]
        case "step":
            return [
                n
                for n, e in enumerate(space.edges)
                if breaks_step(life, promise, e.action, e.given, space.states[e.before], e.took.state)
            ]
        case _:
            return [
                n for n in sorted(space.expanded) if breaks_outcomes(life, promise, space.states[n], applying(space, n))
            ]


def _kept(writer: Writer, draft: Draft, name: str) -> list[Lines]:
    """One promise of values that stay, mostly in the steps of actions that leave them alone as far as a walk shows."""
    families = [family for family in draft.families if family.fields]
    family = writer.pick(families) if families and writer.chance(70) else None
    declared = family.fields if family is not None else draft.variables
    chosen = [each for each in declared if writer.chance(50)] or list(declared[:1])
    if not chosen:
        return []
    owner = "self" if family is None else writer.pick([b for b in BOUND if b not in draft.places().taken])
    values = [f"{owner}.{each.name}" for each in chosen]
    types = [type_text(each.type) for each in chosen]
    result = types[0] if len(types) == 1 else f"tuple[{', '.join(types)}]"
    given = "self" if family is None else f"self, {owner}: {family.cls}"
    writes = {a.name for a in draft.actions if any(f".{each.name} " in line for each in chosen for line in a.body)}
    moving = [a.name for a in draft.actions if a.moves]
    unless = [n for n in moving if writer.chance(90 if n in writes else 15)]
    said = f"(unless=[{', '.join(unless)}])" if unless else ""
    return [(f"@unchanged{said}", f"def {name}({given}) -> {result}:", f"    return {', '.join(values)}")]
