"""Random machines on a layer below, and machines that offer a contract: such that are right, with up to two changes.

Each change is named. What a change does to a machine is for the reference to find out; some do no harm.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from random import Random

from tests.differential.making.drafts import ActionOf, Draft, Given
from tests.differential.making.expressions import Writer
from tests.differential.making.names import Pool
from tests.differential.making.places import Declared, Number

SMALL = Number(0, 2)
HELD = Declared("held", Number(0, None), "0", persistent=False)

UNPROVED = "a contract that nobody proved"
OTHER_NAME = "an answer dealt with under another name"
FORESEEN = "an argument that knows the answer"
OTHER_ARGUMENTS = "another argument for each answer"
CHOSEN = "the caller's parameter chosen by the machine"


@dataclass(frozen=True, slots=True)
class Layered:
    """A spec and the contract that it imports."""

    text: str
    beside: Mapping[str, str]


def layered(number: int, leaving_out: frozenset[str] = frozenset()) -> Layered:
    """The spec of a number, always the same; without the changes that are left out."""
    writer = Writer(Random(f"layers {number}"))  # noqa: S311 -- no secrets
    names = Pool(writer.random, frozenset({"Service", "Random", "contract", "held", "lower", "old"}))
    contract = _contract(writer, names)
    upper = _offering(writer, contract) if writer.chance(40) else _using(writer, contract, names)
    for _ in range(writer.pick((0, 1, 1, 2))):
        upper = _changed(writer, upper, leaving_out)
    if UNPROVED not in leaving_out and writer.chance(10):
        contract = _changed(writer, contract, frozenset(_CHANGES) - {"without a guard", "other numbers"})
    imports = (f"from contract import {contract.name}",)
    return Layered(replace(upper, imports=imports).text, {"contract": contract.text})


# --- what is right -----------------------------------------------------------------------------------------------


def _contract(writer: Writer, names: Pool) -> Draft:
    """Three calls: one counts up, one counts down, and one, perhaps of two names, changes nothing."""
    answer = Given(names.fresh("works"), True, answer=True)
    wish = Given(names.fresh("n"), True if writer.chance(50) else SMALL)
    asks = (wish, answer) if writer.chance(60) else (answer,)
    wanted = wish.name if wish.type is True else f"{wish.name} > 0"
    held = ("self.held > 0",)
    uses = ("Use", "Poke") if writer.chance(60) else ("Use",)
    actions = [
        ActionOf(names.fresh("begin"), "call", ("Begin",), asks, (answer.name,), body=("self.held += 1",)),
        ActionOf(names.fresh("failed"), "call", ("Begin",), asks, (f"not {answer.name}",), fails="FAILED"),
        ActionOf(names.fresh("end"), "call", ("End",), (), (), held, ("self.held -= 1",)),
        ActionOf(names.fresh("use"), "call", uses, asks, (answer.name,), held),
        ActionOf(names.fresh("gone"), "call", uses, asks, (f"not {answer.name}",), fails="GONE"),
    ]
    if wish in asks and writer.chance(50):
        first, failed = actions[0], actions[1]
        actions[0] = replace(first, when=(wanted, *first.when))
        actions[1] = replace(failed, when=(wanted, *failed.when))
        actions.append(ActionOf(names.fresh("odd"), "call", ("Begin",), (wish,), (f"not ({wanted})",), fails="ODD"))
    return Draft(variables=(HELD,), actions=tuple(actions), name="Service")


def _using(writer: Writer, contract: Draft, names: Pool) -> Draft:
    """A machine that starts the layer with its own first user, and stops it with the last."""
    begin, failed, end, use, gone, *_ = contract.actions
    refs = names.fresh("refs")
    own = Given(names.fresh("ok"), True, answer=True)
    wish = next((g for g in begin.given if not g.answer), None)
    passed = Given(wish.name, wish.type) if wish and writer.chance(50) else None
    fixed = "" if wish is None else "True" if wish.type is True else "1"
    none, some, one, more = (f"self.{refs} {claim}" for claim in ("== 0", "> 0", "== 1", "> 1"))

    def down(outcome: ActionOf, given: str) -> str:
        values = [own.name if g.answer else given for g in outcome.given]
        return f"self.lower.{outcome.name}({', '.join(values)})"

    given = (*((passed,) if passed else ()), own)
    word = writer.pick(("call", "call", "internal"))
    calls = (("poke", "prod") if writer.chance(60) else ("poke",)) if word == "call" else ()
    asked = passed.name if passed else fixed
    actions = [
        ActionOf(
            names.fresh("first"), "call", ("start",), (own,), (none,), body=(down(begin, fixed), f"self.{refs} = 1")
        ),
        ActionOf(names.fresh("nested"), "call", ("start",), (), (some,), body=(f"self.{refs} += 1",)),
        ActionOf(names.fresh("lost"), "call", ("start",), (own,), (none,), body=(down(failed, fixed),), fails="LOST"),
        ActionOf(
            names.fresh("last"), "call", ("stop",), (), (one,), body=(f"self.lower.{end.name}()", f"self.{refs} = 0")
        ),
        ActionOf(names.fresh("leave"), "call", ("stop",), (), (more,), body=(f"self.{refs} -= 1",)),
        ActionOf(names.fresh("excess"), "call", ("stop",), (), (none,), fails="EXCESS"),
        ActionOf(names.fresh("poke"), word, calls, given, (some,), body=(down(use, asked),)),
    ]
    refused = "NOTHING" if word == "call" else None
    actions.append(
        ActionOf(names.fresh("poked"), word, calls, given, (some,), body=(down(gone, asked),), fails=refused)
    )
    if word == "internal" and passed is None and len(names.taken) % 2:
        works = ("work", "work" if len(refs) % 2 else "other_work")
        actions[-2:] = [replace(a, kind="activity", of=of) for a, of in zip(actions[-2:], works, strict=True)]
    if word == "call":
        actions.append(ActionOf(names.fresh("idle"), word, calls, (), (none,), fails="DOWN"))
    promises = (
        (
            "@always",
            f"def {names.fresh('one_below')}(self) -> bool:",
            f"    return self.lower.held == (1 if {some} else 0)",
        ),
        ("@recoverable", f"def {names.fresh('ends')}(self) -> bool:", f"    return {none}"),
    )
    variables = (Declared(refs, Number(0, None), "0", persistent=False),)
    lower = (f"lower: Uses[{contract.name}]",)
    return Draft(
        variables=variables, actions=tuple(actions), promises=promises[: writer.random.randint(0, 2)], lower=lower
    )


def _offering(writer: Writer, contract: Draft) -> Draft:
    """A machine that does just what the contract says; some of its answers are its own state's."""
    actions = [replace(action, assumes=()) for action in contract.actions]
    begin, failed, end, use, gone, *odd = actions
    end = replace(end, when=("self.held > 0",))
    excess = replace(end, name="excess", when=("self.held == 0",), body=(), fails="EXCESS")
    up = writer.chance(50)
    if up:
        use, gone = replace(use, when=("self.held > 0",)), replace(gone, when=("self.held == 0",))
    return Draft(variables=(HELD,), actions=(begin, failed, end, excess, use, gone, *odd), offers=contract.name)


# --- changes -----------------------------------------------------------------------------------------------------

Change = Callable[[Writer, Draft, ActionOf], ActionOf | None]


def _changed(writer: Writer, draft: Draft, leaving_out: frozenset[str]) -> Draft:
    """One action changed or taken away; the same draft if the change has no place in it."""
    name = writer.pick([name for name in _CHANGES if name not in leaving_out])
    place = writer.random.randrange(len(draft.actions))
    changed = _CHANGES[name](writer, draft, draft.actions[place])
    actions = (*draft.actions[:place], *((changed,) if changed else ()), *draft.actions[place + 1 :])
    return replace(draft, actions=actions)


def _without_a_guard(writer: Writer, draft: Draft, action: ActionOf) -> ActionOf:  # noqa: ARG001
    return replace(action, when=action.when[1:])


def _with_a_guard(writer: Writer, draft: Draft, action: ActionOf) -> ActionOf:
    return replace(action, when=(*action.when, writer.atom(draft.places(action.given))))


def _away(writer: Writer, draft: Draft, action: ActionOf) -> None:  # noqa: ARG001
    return None


def _other_numbers(writer: Writer, draft: Draft, action: ActionOf) -> ActionOf:  # noqa: ARG001
    body = (line.replace("+= 1", "+= 2").replace("-= 1", "-= 2").replace("= 0", "= 1") for line in action.body)
    return replace(action, body=tuple(body))


def _other_calls(writer: Writer, draft: Draft, action: ActionOf) -> ActionOf:  # noqa: ARG001
    return replace(action, calls=action.calls[:1])


def _without_asking(writer: Writer, draft: Draft, action: ActionOf) -> ActionOf:  # noqa: ARG001
    answers = [g.name for g in action.given if g.answer and g.type is True]
    when = (*action.when, *((f"not {answers[0]}" if action.fails else answers[0]) for _ in answers[:1]))
    return replace(action, when=when, body=tuple(line for line in action.body if ".lower." not in line))


def _knowing(writer: Writer, draft: Draft, action: ActionOf) -> ActionOf:  # noqa: ARG001
    answers = [g.name for g in action.given if g.answer]
    known = answers[0] if answers else "True"
    body = (
        line.replace("(1,", f"(1 if {known} else 2,").replace("(True,", f"({known},") if ".lower." in line else line
        for line in action.body
    )
    return replace(action, body=tuple(body))


def _other_argument(writer: Writer, draft: Draft, action: ActionOf) -> ActionOf:  # noqa: ARG001
    body = (
        line.replace("(1,", "(2,").replace("(True,", "(False,") if ".lower." in line else line for line in action.body
    )
    return replace(action, body=tuple(body))


def _other_outcome(writer: Writer, draft: Draft, action: ActionOf) -> ActionOf:
    """Take what another action asks for."""
    others = [line for other in draft.actions for line in other.body if ".lower." in line]
    if not others or not any(".lower." in line for line in action.body):
        return action
    other = writer.pick(others)
    names = {g.name for g in action.given}
    words = set("".join(c if c.isalnum() or c == "_" else " " for c in other.partition("(")[2]).split())
    if not words <= names | {"1", "2", "True", "False"}:
        return action
    return replace(action, body=tuple(other if ".lower." in line else line for line in action.body))


def _chosen_by_itself(writer: Writer, draft: Draft, action: ActionOf) -> ActionOf:  # noqa: ARG001
    return replace(action, given=tuple(replace(g, answer=True) for g in action.given))


def _other_error(writer: Writer, draft: Draft, action: ActionOf) -> ActionOf:  # noqa: ARG001
    return replace(action, fails="OTHER" if action.fails else None)


_CHANGES: Mapping[str, Change] = {
    "without a guard": _without_a_guard,
    "with a guard": _with_a_guard,
    "taken away": _away,
    "other numbers": _other_numbers,
    OTHER_NAME: _other_calls,
    "without asking": _without_asking,
    FORESEEN: _knowing,
    OTHER_ARGUMENTS: _other_argument,
    "another outcome": _other_outcome,
    CHOSEN: _chosen_by_itself,
    "another error": _other_error,
}
