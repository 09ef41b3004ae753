"""`@unchanged` in plain Python: what a method returns before and after a step is compared, member by member."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from tests.differential.reference.lifecycle import Action, One, Parameter, Promise


def promises_of_unchanged(
    name: str, method: Any, of: tuple[Parameter, ...], satisfies: frozenset[str], actions: Iterable[Action], line: int
) -> Iterator[Promise]:
    """The promise about the steps of actions that may change nothing, and those about actions that are given a member.

    `of` is the member that the method is given, if it is given one.
    """
    excepted = method.said.options.get("unless", ())
    names = {f.__name__ for f in (excepted if isinstance(excepted, list | tuple) else (excepted,))}
    groups: dict[tuple[Parameter, ...], set[str]] = {(): {a.name for a in actions if a.name not in names}}
    for action in actions:
        if action.name in names and action.moves and of:
            given = tuple(p for p in action.parameters if _family(p) == _family(of[0]))
            if given:
                groups.setdefault(tuple(Parameter(p.name, of[0].domain, answer=False) for p in given), set()).add(
                    action.name
                )
    among = method.said.options.get("among")
    for given, concerned in groups.items():
        shown = f"{name}.but_{'_and_'.join(p.name for p in given)}" if given else name
        said = _comparing(method, _family(of[0]) if of else None, among)
        carried = frozenset[str]() if given else satisfies
        yield Promise(shown, "step", frozenset(concerned), (), None, True, True, carried, given, said, line)


def _family(parameter: Parameter) -> str | None:
    return parameter.domain.family if isinstance(parameter.domain, One) else None


def _comparing(method: Any, family: str | None, among: Any) -> Callable[..., bool]:
    def is_kept(machine: Any, old: Any, /, **given: Any) -> bool:
        if family is None:
            return bool(method(machine) == method(old))
        others = [m for m in list.__iter__(getattr(machine, family)) if m not in given.values()]
        meant = [m for m in others if among is None or among(m)]
        return all(method(machine, m) == method(old, old[m]) for m in meant)

    return is_kept
