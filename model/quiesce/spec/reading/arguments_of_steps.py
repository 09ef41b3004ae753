"""Promises about some actions alone, which may speak of the arguments that all of these are given."""

import ast
from collections.abc import Mapping, Sequence

from quiesce.spec.codes import Code
from quiesce.spec.model import Accepts, Action, Fails, ParameterDecl
from quiesce.spec.reading.context import Context
from quiesce.spec.reading.decorators import Decoration


def check_only(context: Context, node: ast.expr, only: Sequence[str], actions: Mapping[str, Action]) -> None:
    """Report actions that a promise names in its decorator `node` although none of their steps changes anything.

    `actions` are those that were read without a mistake.
    """
    for name in only:
        outcome = actions[name].outcome if name in actions else Accepts()
        if not isinstance(outcome, Accepts):
            verb = "is refused" if isinstance(outcome, Fails) else "waits"
            message = f"a call that {verb} changes nothing, and there is nothing to promise of its steps"
            context.report(Code.BAD_ARGUMENTS, _place(node, name), message)


def check_arguments(
    context: Context,
    decoration: Decoration,
    parameters: Sequence[ParameterDecl],
    actions: Mapping[str, Action],
) -> None:
    """Report parameters of a promise that some action which it is about does not have, or not of this type."""
    if decoration.only is None and parameters:
        message = "a promise about arguments says which actions they are given to"
        context.report(Code.BAD_ARGUMENTS, parameters[0].span, message, "write `@step(only=[…])`")
    for action in (actions[name] for name in decoration.only or () if name in actions):
        given = {parameter.name: parameter for parameter in action.parameters}
        for parameter in parameters:
            if parameter.new:
                context.report(Code.BAD_TYPE, parameter.span, "only an action can be given a new member")
            elif parameter.name not in given:
                message = f"`{action.name}` has no parameter `{parameter.name}`"
                context.report(Code.BAD_ARGUMENTS, parameter.span, message)
            elif given[parameter.name].type != parameter.type:
                message = f"`{action.name}` has a `{parameter.name}` of another type"
                hint = f"give it the type that it has in line {given[parameter.name].span.line}"
                context.report(Code.BAD_ARGUMENTS, parameter.span, message, hint)


def _place(node: ast.expr, name: str) -> ast.expr:
    """Where the decorator names the action."""
    return next(part for part in ast.walk(node) if isinstance(part, ast.Name) and part.id == name)
