"""Promises about some actions alone, which may speak of the arguments that all of these are given."""

import ast
from collections.abc import Iterator, Mapping, Sequence
from typing import assert_never

from quiesce.spec.codes import Code
from quiesce.spec.model import Accepts, Action, Blocks, Fails, ParameterDecl
from quiesce.spec.reading.context import Context
from quiesce.spec.reading.decorators import Decoration
from quiesce.spec.reading.problems import POISON
from quiesce.spec.reading.symbols import PromiseWord


class ArgumentsOfPromises:
    """Checks promises against `actions`: those that were read without a mistake."""

    def __init__(self, context: Context, actions: Mapping[str, Action]) -> None:
        self._context = context
        self._actions = actions

    def check(
        self, word: PromiseWord, node: ast.expr, decoration: Decoration, parameters: Sequence[ParameterDecl]
    ) -> None:
        """Report what the decorator `node` names but should not, and parameters that some action does not have."""
        match word:
            case "step":
                self._check_changing(node, decoration.only or (), "there is nothing to promise of its steps")
                if decoration.only is None and parameters:
                    message = "a promise about arguments says which actions they are given to"
                    self._context.report(Code.BAD_ARGUMENTS, parameters[0].span, message, "write `@step(only=[…])`")
                self._check_given(decoration.only or (), parameters)
            case "enabled":
                self._check_changing(node, decoration.enabled, "there is nothing to promise to be possible")
                self._check_given(decoration.enabled, parameters)
            case "accepts" | "refuses":
                self._check_given(tuple(self._answering(node, decoration)), parameters)
            case "unchanged":
                self._check_changing(node, decoration.unless, "it need not be excepted")
            case "always" | "pristine" | "recoverable" | "leads_to" | "initially":
                pass
            case _:
                assert_never(word)

    def check_fair(self, node: ast.expr, names: Sequence[str]) -> None:
        """Report what the decorator `node` trusts to end a wait, although it changes nothing."""
        hint = "name actions that change something"
        self._check_changing(node, names, "it cannot end a wait", Code.BAD_DECORATOR, hint)

    def _check_changing(
        self,
        node: ast.expr,
        names: Sequence[str],
        otherwise: str,
        code: Code = Code.BAD_ARGUMENTS,
        hint: str | None = None,
    ) -> None:
        for name in names:
            outcome = self._actions[name].outcome if name in self._actions else Accepts()
            if not isinstance(outcome, Accepts):
                verb = "is refused" if isinstance(outcome, Fails) else "waits"
                message = f"a call that {verb} changes nothing; {otherwise}"
                self._context.report(code, _place(node, name), message, hint)

    def _answering(self, node: ast.expr, decoration: Decoration) -> Iterator[str]:
        """The outcomes that answer as promised; a call without any is reported."""
        wanted = Accepts() if decoration.fails is None else Fails(decoration.fails)
        for call in decoration.calls:
            outcomes = [action for action in self._actions.values() if call in action.calls]
            found = [action.name for action in outcomes if action.outcome == wanted]
            yield from found
            if not found and len(self._actions) == len(self._context.symbols.actions):
                known = sorted({name for action in self._actions.values() for name in action.calls})
                message = (
                    f"no outcome of {call} {_answer(decoration.fails)}" if outcomes else f"no call is named {call}"
                )
                hint = _other_errors(outcomes) if outcomes else self._context.problems.guess(call, known)
                self._context.report(Code.BAD_ARGUMENTS, self._text(node, call), message, hint)

    def _text(self, node: ast.expr, name: str) -> ast.expr:
        """Where the decorator names the call, perhaps by a group."""
        for part in ast.walk(node):
            match part:
                case ast.Constant(value=value) if value == name:
                    return part
                case ast.Name(id=id_):
                    group = self._context.symbols.groups.get(id_, ())
                    if group is not POISON and name in group:
                        return part
                case _:
                    pass
        return node

    def _check_given(self, names: Sequence[str], parameters: Sequence[ParameterDecl]) -> None:
        for parameter in (p for p in parameters if p.new):
            self._context.report(Code.BAD_TYPE, parameter.span, "only an action can be given a new member")
        for action in (self._actions[name] for name in dict.fromkeys(names) if name in self._actions):
            given = {parameter.name: parameter for parameter in action.parameters}
            for parameter in (p for p in parameters if not p.new):
                if parameter.name not in given:
                    message = f"`{action.name}` has no parameter `{parameter.name}`"
                    self._context.report(Code.BAD_ARGUMENTS, parameter.span, message)
                elif given[parameter.name].type != parameter.type:
                    message = f"`{action.name}` has a `{parameter.name}` of another type"
                    hint = f"give it the type that it has in line {given[parameter.name].span.line}"
                    self._context.report(Code.BAD_ARGUMENTS, parameter.span, message, hint)


def _answer(error: str | None) -> str:
    return "accepts it" if error is None else f"refuses it with {error}"


def _other_errors(outcomes: Sequence[Action]) -> str | None:
    errors = dict.fromkeys(action.outcome.error for action in outcomes if isinstance(action.outcome, Fails))
    if errors:
        return f"it can be refused with {' or '.join(errors)}"
    return None if not any(isinstance(action.outcome, Blocks) for action in outcomes) else "it can wait"


def _place(node: ast.expr, name: str) -> ast.expr:
    """Where the decorator names the action."""
    return next(part for part in ast.walk(node) if isinstance(part, ast.Name) and part.id == name)
