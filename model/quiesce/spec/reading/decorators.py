"""Decorators: what kind of method follows, and what is said about it."""

import ast
from collections.abc import Mapping
from typing import Final

from quiesce.spec.codes import Code
from quiesce.spec.model import EndOfActivity
from quiesce.spec.reading.constants import read_names
from quiesce.spec.reading.context import Context
from quiesce.spec.reading.expected import HOLDS, Expectation, instead_of_former, read_expected
from quiesce.spec.reading.problems import POISON, Poison, did_you_mean
from quiesce.spec.reading.symbols import DECORATORS, FORMER, DecoratorWord
from quiesce.spec.record import record

_KEYWORDS: Final[Mapping[DecoratorWord, tuple[str, ...]]] = {
    "call": ("fails", "blocks", "fair", "until", "satisfies"),
    "internal": ("satisfies",),
    "environment": ("satisfies",),
    "activity": ("fails", "satisfies"),
    "timeout": ("satisfies",),
    "always": ("expect", "satisfies"),
    "step": ("unless", "only", "expect", "satisfies"),
    "unchanged": ("among", "unless", "expect", "satisfies"),
    "pristine": ("expect", "satisfies"),
    "recoverable": ("expect", "satisfies"),
    "leads_to": ("fair", "expect", "satisfies"),
    "accepts": ("expect", "satisfies"),
    "refuses": ("expect", "satisfies"),
    "enabled": ("expect", "satisfies"),
    "initially": ("expect", "satisfies"),
}


_NEEDS: Final[Mapping[DecoratorWord, str]] = {
    "call": '("Name")',
    "activity": '("name")',
    "timeout": '("name_of_the_argument")',
    "leads_to": "(fair=[…])",
    "accepts": '("Name")',
    "refuses": '("Name", "ERROR")',
    "enabled": "(action)",
}


@record
class Decoration:
    """The contents of a decorator; an argument that is left out, or is wrong, has its default.

    `ends` is the activity whose end the step is, and `timeout` the name of the argument that says when the step comes.
    `only` is None where the decorator does not say it; then the promise is about all actions but those in `unless`.
    `enabled` are the actions that a promise says can happen. `among` is where the predicate of members is named whose
    values are unchanged.
    """

    calls: tuple[str, ...] = ()
    fails: str | None = None
    blocks: bool = False
    fair: tuple[str, ...] = ()
    until: tuple[str, ...] = ()
    ends: EndOfActivity | None = None
    timeout: str | None = None
    unless: tuple[str, ...] = ()
    only: tuple[str, ...] | None = None
    among: ast.expr | None = None
    expected: Expectation = HOLDS
    enabled: tuple[str, ...] = ()
    satisfies: tuple[str, ...] = ()


def decorator_word(context: Context, node: ast.FunctionDef) -> DecoratorWord | Poison | None:
    """The word that says what kind of method this is; None if it has no decorator."""
    match node.decorator_list:
        case []:
            return None
        case [only]:
            pass
        case [_, second, *_]:
            return context.report(Code.BAD_DECORATOR, second, "a method has one decorator at most")
    name = only.func if isinstance(only, ast.Call) else only
    match context.word(name):
        case "call" | "internal" | "environment" | "activity" | "timeout" as word:
            return word
        case "always" | "step" | "unchanged" | "pristine" | "recoverable" | "leads_to" as word:
            return word
        case "accepts" | "refuses" | "enabled" | "initially" as word:
            return word
        case _ if context.is_lost(name):
            return POISON
        case _:
            pass
    text = context.text(name)
    hint = FORMER.get(text) or did_you_mean(text, DECORATORS)
    if text in ("property", "staticmethod", "classmethod"):
        hint = f"leave it out: a method without a decorator is a helper, and is called as `self.{node.name}(…)`"
    return context.report(Code.BAD_DECORATOR, name, f"`@{text}` is not a decorator of the language", hint)


def read_decorator(context: Context, node: ast.expr, word: DecoratorWord) -> Decoration:
    """The contents of a decorator. Names of actions and requirements are looked up, so all must be known by now."""
    if not isinstance(node, ast.Call):
        if (needs := _NEEDS.get(word)) is not None:
            context.report(Code.BAD_DECORATOR, node, f"`@{word}` needs arguments", f"write `@{word}{needs}`")
        return Decoration()
    given: dict[str, ast.expr] = {}
    for keyword in node.keywords:
        if keyword.arg not in _KEYWORDS[word]:
            former = instead_of_former(keyword, node.keywords) if "expect" in _KEYWORDS[word] else None
            if keyword.arg == "fails" and word in ("accepts", "refuses"):
                former = 'write `@refuses("Name", "ERROR")`'
            hint = (
                former or did_you_mean(keyword.arg or "", _KEYWORDS[word]) or f"it takes {', '.join(_KEYWORDS[word])}"
            )
            context.report(Code.BAD_DECORATOR, keyword, f"`@{word}` has no argument `{keyword.arg}`", hint)
        elif keyword.arg in given:
            context.report(Code.BAD_DECORATOR, keyword, f"`{keyword.arg}` is given twice")
        else:
            given[keyword.arg] = keyword.value
    decoration = Decoration(
        calls=_calls(context, node, word) if word in ("call", "accepts", "refuses") else (),
        fails=_error(context, _refusal(node, word, given)) if word in ("call", "refuses") else None,
        blocks=_truth(context, given.get("blocks"), default=False),
        fair=_actions(context, given.get("fair")),
        until=_actions(context, given.get("until")),
        ends=_end(context, node, given) if word == "activity" else None,
        timeout=_own_name(context, node, word) if word == "timeout" else None,
        unless=_actions(context, given.get("unless"), single=True),
        only=_actions(context, given["only"], single=True) if "only" in given else None,
        among=given.get("among"),
        expected=read_expected(context, given.get("expect")),
        enabled=_enabled(context, node) if word == "enabled" else (),
        satisfies=_requirements(context, given.get("satisfies")),
    )
    if word not in ("call", "accepts", "refuses", "enabled", "activity", "timeout"):
        _check_none(context, node, word)
    _check_consistent(context, node, word, given, decoration)
    return decoration


def _check_consistent(
    context: Context,
    node: ast.Call,
    word: DecoratorWord,
    given: Mapping[str, ast.expr],
    decoration: Decoration,
) -> None:
    if word == "leads_to" and "fair" not in given:
        context.report(Code.BAD_DECORATOR, node, "`@leads_to` needs `fair=[…]`, the actions that make it happen")
    if "only" in given and "unless" in given:
        context.report(Code.BAD_DECORATOR, given["only"], "a promise says `only` or `unless`, not both")
    if "only" in given and _is_empty(given["only"]):
        context.report(Code.BAD_DECORATOR, given["only"], "a promise about no action says nothing")
    if word != "call":
        return
    if decoration.blocks and decoration.fails is not None:
        context.report(Code.BAD_DECORATOR, given["blocks"], "a call is refused or waits, not both")
    if decoration.blocks and _is_empty(given.get("fair")):
        context.report(Code.BAD_DECORATOR, node, "a call that waits needs `fair=[…]`, the actions that end the wait")
    if not decoration.blocks and "fair" in given and not {"blocks", "until"} & given.keys():
        context.report(Code.BAD_DECORATOR, given["fair"], "`fair` belongs to a call that waits", "add `blocks=True`")
    if "until" in given and (decoration.blocks or decoration.fails is not None):
        message = "a call that is refused, or that has to wait before it is accepted, has no `until`"
        context.report(Code.BAD_DECORATOR, given["until"], message)
    if "until" in given and _is_empty(given["until"]):
        context.report(Code.BAD_DECORATOR, given["until"], "`until=[…]` lists the actions that answer the call")


def _refusal(node: ast.Call, word: DecoratorWord, given: Mapping[str, ast.expr]) -> ast.expr | None:
    """Where the error of a refusal is named; of `@refuses` it is the second argument."""
    return node.args[1] if word == "refuses" and len(node.args) == 2 else given.get("fails")


def _end(context: Context, node: ast.Call, given: Mapping[str, ast.expr]) -> EndOfActivity | None:
    name = _own_name(context, node, "activity")
    fails = _truth(context, given.get("fails"), default=False)
    return None if name is None else EndOfActivity(name, fails)


def _own_name(context: Context, node: ast.Call, word: DecoratorWord) -> str | None:
    """The name that an activity or a timeout goes by in the generated code: a method, or an argument."""
    match node.args:
        case [ast.Constant(value=str(name)) as given] if name.isascii() and name.isidentifier():
            context.check_name(name, given)
            return name
        case [odd, *_]:
            context.report(
                Code.BAD_DECORATOR, odd, f"`@{word}` is given one name, written out, such as `{_NEEDS[word]}`"
            )
        case _:
            message = f"`@{word}` needs the name of the {word}"
            context.report(Code.BAD_DECORATOR, node, message, f"write `@{word}{_NEEDS[word]}`")
    return None


def _is_empty(node: ast.expr | None) -> bool:
    return node is None or (isinstance(node, ast.List | ast.Tuple) and not node.elts)


def _calls(context: Context, node: ast.Call, word: DecoratorWord) -> tuple[str, ...]:
    if not node.args:
        hint = f"write `@{word}{_NEEDS[word]}`"
        context.report(Code.BAD_DECORATOR, node, f"`@{word}` needs the name of the call", hint)
    by_name = any(keyword.arg == "fails" for keyword in node.keywords)
    if word == "refuses" and node.args and len(node.args) != 2 and not by_name:
        hint = 'write `@refuses("Name", "ERROR")`, or `@refuses(calls("A", "B"), "ERROR")`'
        context.report(Code.BAD_DECORATOR, node, "`@refuses` takes a call, or a group of calls, and an error", hint)
    return read_names(context, node.args[:1] if word == "refuses" else node.args)


def _enabled(context: Context, node: ast.Call) -> tuple[str, ...]:
    if not node.args:
        context.report(Code.BAD_DECORATOR, node, "`@enabled` needs the name of an action", "write `@enabled(action)`")
    return _actions(context, ast.copy_location(ast.Tuple(node.args, ast.Load()), node))


def _check_none(context: Context, node: ast.Call, word: DecoratorWord) -> None:
    for arg in node.args:
        context.report(Code.BAD_DECORATOR, arg, f"`@{word}` takes its arguments by name only")


def _error(context: Context, node: ast.expr | None) -> str | None:
    match node:
        case None | ast.Constant(value=None):
            return None
        case ast.Constant(value=str(name)) if name.isascii() and name.isidentifier():
            context.check_length(name, node)
            return name
        case _:
            context.report(Code.BAD_DECORATOR, node, 'an error is named by a string such as "WSAEFAULT"')
            return None


def _truth(context: Context, node: ast.expr | None, *, default: bool) -> bool:
    match node:
        case None:
            return default
        case ast.Constant(value=bool(truth)):
            return truth
        case _:
            context.report(Code.BAD_DECORATOR, node, "this is True or False, written out")
            return default


def _actions(context: Context, node: ast.expr | None, *, single: bool = False) -> tuple[str, ...]:
    symbols = context.symbols
    found: list[str] = []
    for item in _items(context, node, "actions", single=single):
        if (definition := symbols.actions.get(item.id)) is not None:
            context.in_time(item, item.id, definition)
            found.append(item.id)
        elif item.id in symbols.variables and symbols.variables[item.id] is POISON:
            continue
        elif item.id in symbols.of_machine():
            context.report(Code.BAD_DECORATOR, item, f"`{item.id}` is not an action")
        else:
            hint = did_you_mean(item.id, sorted(symbols.actions))
            context.report(Code.UNKNOWN_NAME, item, f"there is no action `{item.id}`", hint)
    return tuple(found)


def _requirements(context: Context, node: ast.expr | None) -> tuple[str, ...]:
    symbols = context.symbols
    found: list[str] = []
    for item in _items(context, node, "requirements", single=True):
        match symbols.requirements.get(item.id):
            case Poison():
                continue
            case str(id_):
                context.in_time(item, item.id, symbols.defined[item.id])
                found.append(id_)
            case None if item.id in symbols.faulty:
                continue
            case None if item.id in symbols.defined:
                context.report(Code.BAD_DECORATOR, item, f"`{item.id}` is not a requirement")
            case None:
                hint = did_you_mean(item.id, sorted(symbols.requirements))
                context.report(Code.UNKNOWN_NAME, item, f"there is no requirement `{item.id}`", hint)
    return tuple(found)


def _items(context: Context, node: ast.expr | None, of_what: str, *, single: bool) -> list[ast.Name]:
    """The names in a list, each once; where allowed, a single name stands for a list of one."""
    match node:
        case None:
            return []
        case ast.List(elts=elements) | ast.Tuple(elts=elements):
            pass
        case ast.Name() if single:
            return [node]
        case _:
            context.report(Code.BAD_DECORATOR, node, f"here stands a list of {of_what}, written out")
            return []
    names: dict[str, ast.Name] = {}
    for element in elements:
        if not isinstance(element, ast.Name):
            context.report(Code.BAD_DECORATOR, element, f"here stands a list of names of {of_what}")
        elif element.id in names:
            context.report(Code.DUPLICATE, element, f"`{element.id}` is named twice")
        else:
            names[element.id] = element
    return list(names.values())
