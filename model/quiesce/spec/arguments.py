"""Arguments that actions are tried with, from small domains, and the actions that can happen: to look, not to prove."""

from collections.abc import Collection, Iterator
from itertools import product
from typing import assert_never

from quiesce.spec.interpreter import Scope, all_hold, is_unused, newcomers_differ
from quiesce.spec.model import Action, BoolType, EnumType, IntType, Machine, MemberType, ParameterDecl, Value
from quiesce.spec.rewrite import needs_arguments
from quiesce.spec.state import Arguments, State

INTEGERS = (0, 1, 2)
"""The integers tried as arguments, unless others are asked for."""


class Enumerator:
    """Lists the actions that can happen in a state. Parts of guards that need no arguments are evaluated first."""

    def __init__(self, machine: Machine, integers: tuple[int, ...] = INTEGERS) -> None:
        self._machine = machine
        self._integers = integers
        self._guards = [
            (
                action,
                [condition for condition in action.guard if not needs_arguments(condition)],
                [condition for condition in action.guard if needs_arguments(condition)],
            )
            for action in machine.actions
        ]

    def enabled(self, state: State, skip: Collection[str] = ()) -> Iterator[tuple[Action, Arguments]]:
        """Every action that can happen in `state`, but for those in `skip`, with every argument from small domains.

        Members that were never used are alike, so only the first of them is tried.
        """
        plain = Scope(state)
        for action, first, rest in self._guards:
            if action.name not in skip and all_hold(first, plain):
                for scope in argument_scopes(self._machine, state, action.parameters, self._integers):
                    if all_hold(rest, scope):
                        yield action, {**scope.parameters, **scope.members}


def enabled(machine: Machine, state: State, integers: tuple[int, ...] = INTEGERS) -> Iterator[tuple[Action, Arguments]]:
    """The actions that can happen in one state, with their arguments; see `Enumerator`."""
    return Enumerator(machine, integers).enabled(state)


def argument_scopes(
    machine: Machine, state: State, parameters: tuple[ParameterDecl, ...], integers: tuple[int, ...] = INTEGERS
) -> Iterator[Scope]:
    """A scope for each choice of arguments from small domains."""
    if not parameters:
        yield Scope(state)
        return
    domains = [domain(machine, state, parameter, integers, parameters) for parameter in parameters]
    for values in product(*domains):
        members: dict[str, int] = {}
        scalars: dict[str, Value] = {}
        for parameter, value in zip(parameters, values, strict=True):
            if isinstance(parameter.type, MemberType):
                members[parameter.name] = int(value)
            else:
                scalars[parameter.name] = value
        if newcomers_differ(parameters, members):
            yield Scope(state, None, scalars, members)


def domain(
    machine: Machine,
    state: State,
    parameter: ParameterDecl,
    integers: tuple[int, ...],
    parameters: tuple[ParameterDecl, ...],
) -> tuple[Value, ...]:
    """The values tried for one of `parameters`.

    Members that were never used are alike, so only as many are listed as there are parameters that could differ.
    """
    match parameter.type:
        case MemberType():
            family = machine.family_of(parameter.type)
            alike = sum(other.type == parameter.type for other in parameters)
            used, unused = list[int](), list[int]()
            for index, member in enumerate(state.families[family.name]):
                (unused if is_unused(family, member) else used).append(index)
            return tuple(unused[:alike] if parameter.new else used + unused[:alike])
        case BoolType():
            return (True, False)
        case EnumType(_, values):
            return values
        case IntType(low, high):
            return tuple(
                value for value in integers if (low is None or low <= value) and (high is None or value <= high)
            )
        case _:
            assert_never(parameter.type)
