"""A generated core beside the reference: both do the same steps, and everything that can be seen has to stay the same.

The core is executed as the text that would be written; the reference executes the spec. They meet in names alone.
"""

from collections.abc import Iterator
from inspect import signature
from pathlib import PurePosixPath
from random import Random
from typing import Any

from quiesce.generate.core.validation import validate
from quiesce.generate.core.view import core_view
from quiesce.generate.rendering import render_template
from quiesce.prove.checked import CheckedMachine
from quiesce.prove.effort import Effort
from quiesce.prove.prover import verify
from quiesce.spec.reader import read_text

from tests.differential.reference.exploring import arguments
from tests.differential.reference.lifecycle import Action, Given, Lifecycle, One, State
from tests.differential.reference.loading import load
from tests.differential.reference.meaning import union

STEPS = 40
"""Steps of one walk."""

MEMBERS = 3
"""Members of each family in a walk. The core knows of none before it is given it."""


class NotWritten(Exception):
    """No core would be written: something is not proved, or the text is not proved equal."""


def core_of(text: str) -> str:
    """The text of the core of a spec.

    Raises:
        NotWritten: something is not proved, of the spec or of the core.
    """
    machine = read_text(text, PurePosixPath("model/machine.py"))
    try:
        checked = CheckedMachine(verify(machine))
    except Exception as error:
        raise NotWritten(str(error)) from error
    core = render_template("core.py.jinja", core=core_view(machine))
    if different := validate(checked, text, core, Effort()):
        raise NotWritten(str(different))
    return core


def differences(text: str, core: str, walks: int = 60) -> Iterator[str]:
    """What the core does otherwise than the spec, in random walks."""
    for number in range(walks):
        for life in load(text):
            walk = _Walk(life, core)
            for said in walk.differences(Random(number)):  # noqa: S311 -- no secrets
                yield said
                break


class _Walk:
    """One core, its members, and the state in which it has to be."""

    def __init__(self, life: Lifecycle, core: str) -> None:
        space: dict[str, Any] = {}
        exec(core, space)  # noqa: S102 -- the text was made a moment ago
        self._life = life
        self._state = life.start((MEMBERS,) * len(life.families))
        self._core = space[f"{life.cls.__name__}Core"]()
        self._members = {f.name: [space[f.cls.__name__]() for _ in range(MEMBERS)] for f in life.families}
        self._space = space
        if life.policies:
            raise NotImplementedError("a core is given its policies when it is made")

    def differences(self, random: Random) -> Iterator[str]:
        """Walk, and say what differs after each step."""
        done: list[str] = []
        groups = [*self._life.calls.items(), *((a.name, [a]) for a in self._life.actions if not a.calls)]
        for _ in range(STEPS):
            name, outcomes = random.choice(groups)
            chosen = list(arguments(self._life, self._state, union(outcomes)))
            if not chosen:
                continue
            given = random.choice(chosen)
            step = self._expected(outcomes, given)
            if step is None:
                continue
            wanted, after = step
            done.append(f"{name}({dict(given)})")
            answer = self._ask(name, given)
            self._state = after
            if answer != wanted:
                yield f"{', '.join(done)}: the core answers {answer}, the spec {wanted}"
            if (seen := self._seen()) != self._plain(after):
                yield f"{', '.join(done)}: the core is in {seen}, the spec in {self._plain(after)}"

    def _expected(self, outcomes: list[Action], given: Given) -> tuple[str, State] | None:
        """The answer and the next state; None where a step cannot happen, or nobody would take it."""
        for action in outcomes:
            took = self._life.take(self._state, action, given)
            if took is not None:
                if took.distrusted:
                    return None
                return (action.fails or ("Blocked" if action.waits else "done")), took.state
        return None

    def _ask(self, name: str, given: Given) -> str:
        method = getattr(self._core, name)
        domains = {p.name: p.domain for p in union(self._life.actions)}
        values = {}
        for parameter in signature(method).parameters:
            value, domain = given[parameter], domains[parameter]
            if isinstance(domain, One) and isinstance(value, int):
                values[parameter] = self._members[domain.family][value]
            else:
                values[parameter] = self._own(value)
        try:
            method(**values)
        except Exception as error:
            return str(getattr(error, "error", type(error).__name__))
        return "done"

    def _own(self, value: Any) -> Any:
        """A value as the core has it: its enums are classes of its own."""
        cls = self._space.get(type(value).__name__)
        return cls[value.name] if cls is not None and hasattr(value, "name") else value

    def _seen(self) -> dict[str, Any]:
        life = self._life
        return {
            **{v.name: _named(getattr(self._core, v.name)) for v in life.variables},
            **{
                family.name: [[_named(getattr(m, f.name)) for f in family.fields] for m in self._members[family.name]]
                for family in life.families
            },
        }

    def _plain(self, state: State) -> dict[str, Any]:
        life = self._life
        return {
            **{v.name: _named(value) for v, value in zip(life.variables, state.scalars, strict=True)},
            **{
                family.name: [[_named(value) for value in member] for member in members]
                for family, members in zip(life.families, state.families, strict=True)
            },
        }


def _named(value: Any) -> Any:
    return getattr(value, "name", value)
