"""Random machines with activities: lifecycles that are right, with up to three changes, and promises about them.

What a change does to a machine is for the reference to find out; some do no harm.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from random import Random

from tests.differential.making.bodies import Bodies
from tests.differential.making.drafts import ActionOf, Draft, Given
from tests.differential.making.expressions import Writer
from tests.differential.making.names import Pool
from tests.differential.making.places import Declared, Enumeration, FamilyOf, Number, Type
from tests.differential.making.promises import Promises

ODD = ("each", "stays_due", "answered", "not_at_first", "other_m", "open_stays_due", "lands", "fails")
"""Names of activities that may collide with something."""


def working(number: int) -> str:
    """The spec of a number, always the same."""
    writer = Writer(Random(f"work {number}"))  # noqa: S311 -- no secrets
    return Working(writer).text()


class Working:
    """Writes one machine."""

    def __init__(self, writer: Writer) -> None:
        self._writer = writer
        self._names = Pool(writer.random, frozenset({"Random", "R1", "old", "Phase", "At", "Part", "phase", "at"}))
        self._activities = Pool(writer.random)
        self._calls = Pool(writer.random)

    def text(self) -> str:
        """The machine as text."""
        writer = self._writer
        shape = writer.pick(("whole", "whole", "members", "both"))
        draft = self._declared(shape)
        if shape != "members":
            draft = self._of_the_whole(draft)
        if shape != "whole":
            draft = self._of_members(draft)
        for _ in range(writer.pick((0, 0, 0, 1, 1, 2, 3))):
            draft = self._changed(draft)
        promises = draft.promises
        if writer.chance(25):
            draft = Promises(writer, self._names, traces_false=True).all(draft)
            promises = (*promises, *draft.promises)
        return replace(draft, promises=(*promises, *self._about_work(draft))).text

    def _declared(self, shape: str) -> Draft:
        writer = self._writer
        phase = Enumeration("Phase", ("DOWN", "OPENING", "UP", "DRAINING", "CLOSING"))
        at = Enumeration("At", ("AWAY", "COMING", "HERE", "LEAVING"))
        self.refs, self.queued = self._names.fresh("refs"), self._names.fresh("queued")
        few = Number(0, None) if writer.chance(50) else Number(0, 2)
        variables = [Declared("phase", phase, "Phase.DOWN", persistent=False)] if shape != "members" else []
        variables.append(Declared(self.refs, few, "0", persistent=False))
        if writer.chance(40):
            variables.append(Declared(self.queued, Number(0, 2), "0", persistent=writer.chance(20)))
        fields = [Declared("at", at, "At.AWAY", persistent=writer.chance(6))]
        if writer.chance(60):
            fields.append(Declared(self._names.fresh("x"), True, "False", persistent=writer.chance(30)))
        if writer.chance(25):
            fields.append(Declared("phase", Number(0, 2), "0", persistent=writer.chance(30)))
        families = (FamilyOf(self._names.fresh("parts"), "Part", tuple(fields)),) if shape != "whole" else ()
        enums = (phase,) if shape == "whole" else (at,) if shape == "members" else (phase, at)
        return Draft(enums, (), families, tuple(variables))

    # --- what is right -----------------------------------------------------------------------------------------------

    def _activity(self, usual: str, taken: tuple[str, ...]) -> str:
        """A name, perhaps one that something else has."""
        if self._writer.chance(30):
            name = self._writer.pick((*ODD, *taken))
            if name not in self._activities.taken:
                return self._activities.fresh(name)
        return self._activities.fresh(usual)

    def _outcomes(
        self, name: str, usual: str, given: tuple[Given, ...], when: str, good: tuple[str, ...], bad: tuple[str, ...]
    ) -> list[ActionOf]:
        """One outcome, or several that an answer tells apart; and perhaps one that fails."""
        writer, fresh = self._writer, self._names.fresh
        answers: tuple[tuple[Type, tuple[str, ...]], ...] = (
            (True, ("{}", "not {}")),
            (Number(0, 2), ("{} == 0", "{} > 0")),
            (Number(0, 1), ("{} < 1", "1 <= {} <= 2")),
            (Enumeration("Phase", ()), ("{} == Phase.DOWN", "{} != Phase.DOWN")),
        )
        found = []
        if writer.chance(45):
            type_, parts = writer.pick(answers[:3] if not given else answers[:2])
            answer = Given(fresh("ok"), type_, answer=True)
            for part in parts:
                own = part.format(answer.name)
                joined = (f"{when} and {own}",) if writer.chance(30) else (when, own)
                found.append(ActionOf(fresh(usual), "activity", (), (*given, answer), joined, body=good, of=name))
        else:
            found.append(ActionOf(fresh(usual), "activity", (), given, (when,), body=good, of=name))
        if writer.chance(50):
            failed = fresh(f"{usual}_failed")
            found.append(ActionOf(failed, "activity", (), given, (when,), body=bad, of=name, failing=True))
        return found

    def _of_the_whole(self, draft: Draft) -> Draft:
        writer, fresh, refs = self._writer, self._names.fresh, self.refs
        start, stop = self._calls.fresh("start"), self._calls.fresh("stop")
        opening = self._activity("open", (start, refs, "phase", "first"))
        closing = self._activity("close", (stop, refs, "phase", "last"))
        opened = self._outcomes(
            opening, "opened", (), "self.phase == Phase.OPENING",
            ("self.phase = Phase.UP", f"self.{refs} = 1"), ("self.phase = Phase.DOWN",),
        )  # fmt: skip
        closed = self._outcomes(
            closing,
            "closed",
            (),
            "self.phase == Phase.CLOSING",
            ("self.phase = Phase.DOWN",),
            ("self.phase = Phase.DOWN",),
        )
        rest: list[ActionOf] = []
        last: tuple[str, ...] = (f"self.{refs} = 0", "self.phase = Phase.CLOSING")
        shape = writer.pick(("plain", "plain", "branch", "timeout", "timeouts"))
        if shape != "plain":
            gives_up = ("self.phase = Phase.CLOSING",)
            draining = "self.phase == Phase.DRAINING"
            rest.append(ActionOf(fresh("given_up"), "timeout", (), (), (draining,), body=gives_up, of="a_while"))
            if shape == "timeouts":
                rest.append(ActionOf(fresh("tick"), "environment", (), (), (draining,), body=gives_up))
            to = "self.phase = Phase.DRAINING"
            if shape == "branch":
                held = f"self.{self.queued} > 0" if any(v.name == self.queued for v in draft.variables) else "True"
                lines = (f"if {held}:", f"    {to}", "else:", "    self.phase = Phase.CLOSING")
                last = (f"self.{refs} = 0", *lines)
            else:
                last = (f"self.{refs} = 0", to)
        ends = [a.name for a in closed] if writer.chance(80) else [writer.pick(closed).name]
        fair = [a.name for a in rest if writer.chance(85)]
        if rest and writer.chance(25):
            ends.append(writer.pick(rest).name)
        answered = tuple(ends) if writer.chance(75) else ()
        begun = tuple(a.name for a in opened) if writer.chance(40) else ()
        everything = tuple(a.name for a in (*opened, *closed, *rest) if writer.chance(95)) or (opened[0].name,)
        starts = (start, self._calls.fresh("begin")) if writer.chance(20) else (start,)
        quiet = "self.phase in (Phase.OPENING, Phase.DRAINING, Phase.CLOSING)"
        actions = [
            *opened,
            *rest,
            *closed,
            ActionOf(
                fresh("first"), "call", starts, (), ("self.phase == Phase.DOWN",),
                body=("self.phase = Phase.OPENING",), until=begun,
            ),
            ActionOf(fresh("further"), "call", starts, (), ("self.phase == Phase.UP",), body=(f"self.{refs} += 1",)),
            ActionOf(fresh("quiet"), "call", starts, (), (quiet,), fair=everything)
            if writer.chance(60)
            else ActionOf(fresh("busy"), "call", starts, (), (quiet,), fails="BUSY"),
            ActionOf(fresh("nested"), "call", (stop,), (), (f"self.{refs} > 1",), body=(f"self.{refs} -= 1",)),
            ActionOf(
                fresh("last"), "call", (stop,), (), (f"self.{refs} == 1",), body=last, until=answered,
                fair=tuple(fair) if answered else (),
            ),
            ActionOf(fresh("excess"), "call", (stop,), (), (f"self.{refs} < 1",), fails="EXCESS"),
        ]  # fmt: skip
        if all(v.type != Number(0, None) for v in draft.variables if v.name == refs):
            actions = [
                replace(a, when=(*a.when, f"self.{refs} < 2")) if a.body == (f"self.{refs} += 1",) else a
                for a in actions
            ]
            actions.append(
                ActionOf(
                    fresh("full"), "call", starts, (), ("self.phase == Phase.UP", f"self.{refs} >= 2"), fails="FULL"
                )
            )
        if any(v.name == self.queued for v in draft.variables):
            actions.append(
                ActionOf(
                    fresh("put"),
                    "environment",
                    (),
                    (),
                    (f"self.{self.queued} < 2",),
                    body=(f"self.{self.queued} += 1",),
                )
            )
        promise = (
            "@always",
            f"def {fresh('counted')}(self) -> bool:",
            f"    return (self.{refs} > 0) == (self.phase == Phase.UP)",
        )
        return replace(draft, actions=(*draft.actions, *actions), promises=(*draft.promises, promise))

    def _of_members(self, draft: Draft) -> Draft:
        writer, fresh = self._writer, self._names.fresh
        family = draft.families[0]
        m = Given(self._names.fresh("m") if writer.chance(60) else writer.pick(("each", "other", "s")), family)
        self._member = m.name
        join, leave = self._calls.fresh("join"), self._calls.fresh("leave")
        coming = self._activity("connect", (join, m.name, "at"))
        leaving = self._activity("disconnect", (leave, family.name))
        at = f"{m.name}.at"
        came = self._outcomes(coming, "came", (m,), f"{at} == At.COMING", (f"{at} = At.HERE",), (f"retire({m.name})",))
        left = self._outcomes(
            leaving, "left", (m,), f"{at} == At.LEAVING", (f"retire({m.name})",), (f"retire({m.name})",)
        )
        new = replace(m, new=True)
        begun = tuple(a.name for a in came) if writer.chance(50) else ()
        done = tuple(a.name for a in left) if writer.chance(80) else ()
        actions = [
            *came,
            *left,
            ActionOf(fresh("joins"), "call", (join,), (new,), (), body=(f"{at} = At.COMING",), until=begun),
            ActionOf(
                fresh("leaves"), "call", (leave,), (m,), (f"{at} == At.HERE",), body=(f"{at} = At.LEAVING",), until=done
            ),
            ActionOf(fresh("stays"), "call", (leave,), (m,), (f"{at} != At.HERE",), fails="NOT_HERE"),
        ]
        return replace(draft, actions=(*draft.actions, *actions))

    # --- changes -----------------------------------------------------------------------------------------------------

    def _changed(self, draft: Draft) -> Draft:
        """One action changed, taken away or put in."""
        writer = self._writer
        name = writer.pick(list(_CHANGES))
        if name == "another":
            return self._another(draft)
        place = writer.random.randrange(len(draft.actions))
        changed = _CHANGES[name](writer, draft, draft.actions[place])
        gone = draft.actions[place].name if changed is None else None
        actions = (*draft.actions[:place], *((changed,) if changed else ()), *draft.actions[place + 1 :])
        kept = tuple(
            replace(a, fair=tuple(n for n in a.fair if n != gone), until=tuple(n for n in a.until if n != gone))
            for a in actions
        )
        return replace(draft, actions=_in_order(kept))

    def _another(self, draft: Draft) -> Draft:
        """One more step with a random body, or one more outcome of an activity."""
        writer = self._writer
        works = [a for a in draft.actions if a.of and a.kind == "activity"]
        given: tuple[Given, ...] = ()
        if draft.families and writer.chance(60):
            given = (Given(self._names.fresh("m"), draft.families[0]),)
        kind, of = writer.pick(("internal", "environment", "timeout")), None
        if works and writer.chance(30):
            like = writer.pick(works)
            kind, of, given = "activity", like.of, tuple(g for g in like.given if not g.answer)
        if kind == "timeout":
            of, given = "some_time", ()
        places = draft.places(given)
        body = Bodies(writer).body(places)
        when = (*dict.fromkeys(body.guards), *(writer.atom(places) for _ in range(writer.random.randint(0, 2))))
        name = self._names.fresh("more")
        more = ActionOf(
            name,
            kind,
            (),
            given,
            when,
            body=tuple(body.lines),
            of=of,
            failing=bool(of) and kind == "activity" and writer.chance(40),
        )
        return replace(draft, actions=_in_order((more, *draft.actions)))

    # --- promises ----------------------------------------------------------------------------------------------------

    def _about_work(self, draft: Draft) -> Iterator[tuple[str, ...]]:
        """Promises that say where work is due."""
        writer = self._writer
        works = {a.of: a for a in draft.actions if a.kind == "activity"}
        if not works or writer.chance(25):
            return
        for number in range(writer.random.randint(1, 2)):
            said = writer.pick(list(works.values()))
            other = writer.pick(list(works.values()))
            one, two = self._due(draft, said), self._due(draft, other)
            old = writer.pick(("always", "step", "never", "recoverable", "pristine"))
            name = self._names.fresh(f"due_{number}")
            match old:
                case "always":
                    claim = writer.atom(draft.places()) if writer.chance(40) else f"not {two} or {one}"
                    yield ("@always", f"def {name}(self) -> bool:", f"    return implies({one}, {claim})")
                case "never" if said.of != other.of:
                    yield ("@always", f"def {name}(self) -> bool:", f"    return not ({one} and {two})")
                case "step":
                    claim = writer.atom(draft.places(old=True))
                    yield (
                        "@step", f'def {name}(self, old: "{draft.name}") -> bool:', f"    return {one} or {claim}",
                    )  # fmt: skip
                case "recoverable":
                    yield ("@recoverable", f"def {name}(self) -> bool:", f"    return {one}")
                case "pristine":
                    yield ("@always", f"def {name}(self) -> bool:", f"    return {one} == {two}")
                case _:
                    pass

    def _due(self, draft: Draft, outcome: ActionOf) -> str:
        if not any(isinstance(g.type, FamilyOf) for g in outcome.given):
            return f'due("{outcome.of}")'
        word, bound = self._writer.pick(("all", "any")), self._writer.pick(("s", "other", "each_one"))
        return f'{word}(due("{outcome.of}", {bound}) for {bound} in self.{draft.families[0].name})'


def _in_order(actions: tuple[ActionOf, ...]) -> tuple[ActionOf, ...]:
    """Actions that are named by others stand before them."""
    named = {name for a in actions for name in (*a.fair, *a.until)}
    return (*(a for a in actions if a.name in named), *(a for a in actions if a.name not in named))


Change = Callable[[Writer, Draft, ActionOf], ActionOf | None]


def _without_a_guard(writer: Writer, draft: Draft, action: ActionOf) -> ActionOf:  # noqa: ARG001
    return replace(action, when=action.when[1:])


def _with_a_guard(writer: Writer, draft: Draft, action: ActionOf) -> ActionOf:
    return replace(action, when=(*action.when, writer.atom(draft.places(action.given))))


def _trusting(writer: Writer, draft: Draft, action: ActionOf) -> ActionOf:
    if not action.moves:
        return action
    return replace(action, assumes=(writer.atom(draft.places(action.given)),))


def _away(writer: Writer, draft: Draft, action: ActionOf) -> None:  # noqa: ARG001
    return None


def _elsewhere(writer: Writer, draft: Draft, action: ActionOf) -> ActionOf:
    """Another value is written, or asked for."""
    one, other = (f"{e.name}.{writer.pick(e.values)}" for e in (writer.pick(draft.enums),) * 2)
    if writer.chance(50):
        return replace(action, body=tuple(line.replace(one, other) for line in action.body))
    return replace(action, when=tuple(claim.replace(one, other) for claim in action.when))


def _also(writer: Writer, draft: Draft, action: ActionOf) -> ActionOf:
    """It does something besides, perhaps in some cases alone."""
    if not action.moves:
        return action
    places = draft.places(action.given)
    body = Bodies(writer).body(places)
    lines = tuple(body.lines)
    if writer.chance(40):
        lines = (f"if {writer.atom(places)}:", *(f"    {line}" for line in lines))
    return replace(action, when=(*action.when, *dict.fromkeys(body.guards)), body=(*action.body, *lines))


def _forgetting(writer: Writer, draft: Draft, action: ActionOf) -> ActionOf:  # noqa: ARG001
    body = action.body[1:] if writer.chance(50) else action.body[:-1]
    return replace(action, body=() if any(line.startswith((" ", "else")) for line in body) else body)


def _otherwise(writer: Writer, draft: Draft, action: ActionOf) -> ActionOf:  # noqa: ARG001
    return replace(action, failing=not action.failing) if action.kind == "activity" else action


def _answered_otherwise(writer: Writer, draft: Draft, action: ActionOf) -> ActionOf:
    if action.kind != "call" or not action.moves:
        return action
    moving = [
        a.name for a in draft.actions if a.moves and a.name != action.name and (a.kind != "call" or writer.chance(30))
    ]
    some = tuple(dict.fromkeys(writer.pick(moving) for _ in range(writer.random.randint(1, 3))))
    if writer.chance(50):
        return replace(action, until=some)
    return replace(action, fair=some if action.until else ())


def _for_all(writer: Writer, draft: Draft, action: ActionOf) -> ActionOf:
    """It does to each member what it should do to one."""
    if not draft.families or not action.moves:
        return action
    family = draft.families[0].name
    line = writer.pick(("retire(t)", "t.at = At.LEAVING", "t.at = At.AWAY"))
    return replace(action, body=(*action.body, f"for t in self.{family}:", f"    {line}"))


_CHANGES: Mapping[str, Change] = {
    "without a guard": _without_a_guard,
    "with a guard": _with_a_guard,
    "trusting": _trusting,
    "away": _away,
    "elsewhere": _elsewhere,
    "elsewhere again": _elsewhere,
    "also": _also,
    "forgetting": _forgetting,
    "otherwise": _otherwise,
    "answered otherwise": _answered_otherwise,
    "for all": _for_all,
    "another": lambda _writer, _draft, action: action,
}
