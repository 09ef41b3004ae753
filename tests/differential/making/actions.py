"""Random actions: calls with all their outcomes, and steps of the provider and of the world."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from tests.differential.making.bodies import Bodies
from tests.differential.making.drafts import ActionOf, Draft, Given
from tests.differential.making.expressions import Writer
from tests.differential.making.names import Pool
from tests.differential.making.places import Number, Type
from tests.differential.reference.exploring import Space, explore
from tests.differential.reference.loading import load

MEMBERS = 3
"""Members that an action is given at most: what it can do is asked for each choice of them, one after the other."""

GLANCE = 25
"""States of the walk that tells whether an action can happen."""


class Actions:
    """Writes the actions of a draft."""

    def __init__(self, writer: Writer, bodies: Bodies, names: Pool) -> None:
        self._writer, self._bodies, self._names = writer, bodies, names
        self._calls = Pool(writer.random)

    def all(self, draft: Draft) -> Draft:
        """Steps of several kinds, then one to three calls, whose waits speak of what there is before."""
        random = self._writer.random
        for usual in ("tick", "drift", "turn")[: random.randint(0, 3)]:
            kind = self._writer.pick(("internal", "environment"))
            draft = draft.with_action(self._accepting(draft, self._names.fresh(usual), kind, ()))
        for usual in ("open", "close", "use")[: random.choice((1, 1, 2, 2, 3))]:
            draft = self._call(draft, usual)
        return draft

    def _call(self, draft: Draft, usual: str) -> Draft:
        """The outcomes of one call, or of two that are alike. Mostly they leave no state and no arguments out."""
        writer, fresh = self._writer, self._names.fresh
        calls = tuple(self._calls.fresh(name) for name in (usual, f"{usual}_too")[: 1 + writer.chance(25)])
        first = self._accepting(draft, fresh(usual), "call", calls)
        draft = draft.with_action(first)
        if not first.when:
            return draft
        rest: tuple[str, ...] = (f"not ({' and '.join(first.when)})",)
        if writer.chance(30):
            some = calls if writer.chance(70) else calls[:1]
            second = self._accepting(draft, fresh(f"{usual}_else"), "call", some, first.given, rest)
            draft = draft.with_action(second)
            own = second.when[len(rest) :]
            rest = (*rest, f"not ({' and '.join(own)})") if own else ("False",)
        if writer.chance(90):
            draft = self._not_accepting(draft, usual, calls, first.given, rest)
        return draft

    def _not_accepting(
        self, draft: Draft, usual: str, calls: tuple[str, ...], given: tuple[Given, ...], rest: tuple[str, ...]
    ) -> Draft:
        """The rest of a call: refused, with one error or two, or waited for. Refusals may overlap."""
        writer, fresh = self._writer, self._names.fresh
        if writer.chance(15):
            rest = (writer.boolean(draft.places(given), 1),)
        if writer.chance(30):
            fair = [writer.pick(draft.actions).name for _ in range(writer.random.randint(1, 2))]
            waiting = ActionOf(fresh(f"{usual}_waits"), "call", calls, given, rest, fair=tuple(dict.fromkeys(fair)))
            return draft.with_action(waiting)
        if writer.chance(25):
            part = writer.atom(draft.places(given))
            other = part if writer.chance(20) else f"not ({part})"
            draft = draft.with_action(ActionOf(fresh(f"{usual}_odd"), "call", calls, given, (*rest, part), fails="ODD"))
            rest = (*rest, other)
        if len(calls) > 1 and writer.chance(30):
            for call in calls:
                draft = draft.with_action(
                    ActionOf(fresh(f"{usual}_not"), "call", (call,), given, rest, fails=f"NO_{len(draft.actions)}")
                )
            return draft
        return draft.with_action(ActionOf(fresh(f"{usual}_not"), "call", calls, given, rest, fails="REFUSED"))

    def _accepting(
        self,
        draft: Draft,
        name: str,
        kind: str,
        calls: tuple[str, ...],
        given: tuple[Given, ...] | None = None,
        besides: Iterable[str] = (),
    ) -> ActionOf:
        """An action that happens, where `besides` holds. Of a few guards one is preferred with which it is alive."""
        writer = self._writer
        given = self._given(draft) if given is None else given
        places = draft.places(given)
        body = self._bodies.body(places)
        kept = tuple(dict.fromkeys(body.guards)) if writer.chance(80) else ()
        plain = ActionOf(name, kind, calls, given, (*besides, *kept), body=tuple(body.lines))

        def guarded() -> ActionOf:
            when = [writer.atom(places) for _ in range(writer.random.randint(0, 2))]
            when += [writer.boolean(places)] if writer.chance(15) else []
            assumes = (writer.boolean(places, 1),) if writer.chance(12) else ()
            return replace(plain, when=(*plain.when, *when), assumes=assumes)

        return _alive(draft, [guarded() for _ in range(3)])

    def _given(self, draft: Draft) -> tuple[Given, ...]:
        """Scalars and members; of two families, or two of one."""
        writer, found = self._writer, list[Given]()
        pool = Pool(writer.random, draft.places().taken)
        if writer.chance(35):
            types: Sequence[Type] = (True, Number(0, 2), Number(0, None), Number(-1, 1), *draft.enums)
            found.append(Given(pool.fresh("given"), writer.pick(types)))
        members = list[Given]()
        for family in draft.families:
            if writer.chance(60):
                members.append(Given(pool.fresh("m"), family, new=writer.chance(25)))
                if writer.chance(25):
                    members.append(Given(pool.fresh("other"), family, new=writer.chance(20)))
        return (*found, *members[:MEMBERS])


def glance(draft: Draft, limit: int) -> Space:
    """A walk through some states, with two members in each family."""
    life, *_ = load(draft.text)
    return explore(life, (2,) * len(draft.families), limit)


def _alive(draft: Draft, candidates: list[ActionOf]) -> ActionOf:
    """The first that happens in some state of a walk; the last if none does."""
    for action in candidates:
        if any(edge.action.name == action.name for edge in glance(draft.with_action(action), GLANCE).edges):
            return action
    return candidates[-1]
