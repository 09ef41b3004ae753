"""The expected verdict of a promise: `expect=` in its decorator, as one verdict or for alternatives of a policy."""

import ast
from collections.abc import Iterable, Mapping
from typing import Final, TypeAlias

from quiesce.spec.codes import Code
from quiesce.spec.model import EnumType
from quiesce.spec.reading.context import Context
from quiesce.spec.reading.problems import POISON, Poison
from quiesce.spec.record import record


@record
class Expected:
    """Whether a promise is to hold; one that is false may be so without assumptions only."""

    holds: bool = True
    assuming: bool = True


@record
class ExpectedUnder:
    """The expected verdict of a promise under those alternatives of a policy where it does not hold."""

    policy: str
    type: EnumType
    refuted: tuple[tuple[str, Expected], ...]


Expectation: TypeAlias = Expected | ExpectedUnder

HOLDS: Final = Expected()

_VERDICTS: Final[Mapping[str, Expected]] = {
    "proved": HOLDS,
    "refuted": Expected(holds=False),
    "refuted without assumptions": Expected(holds=False, assuming=False),
}

_FORMER: Final = ("holds", "assuming")


def read_expected(context: Context, node: ast.expr | None) -> Expectation:
    """The expected verdict. An argument that could not be understood is reported, and then the promise is to hold."""
    match node:
        case None:
            return HOLDS
        case ast.Dict(keys=keys, values=values):
            under = _Alternatives(context).read(node, zip(keys, values, strict=True))
            return HOLDS if under is POISON else under
        case _:
            found = _verdict(context, node)
            return HOLDS if found is POISON else found


def needs_no_assumptions(expected: Expectation) -> bool:
    """Whether something is to be refuted where nothing is assumed."""
    match expected:
        case Expected(assuming=assuming):
            return not assuming
        case ExpectedUnder(refuted=refuted):
            return any(not each.assuming for _, each in refuted)


def instead_of_former(keyword: ast.keyword, given: Iterable[ast.keyword]) -> str | None:
    """The advice for `holds=` and `assuming=`, which `expect=` has replaced; None for any other argument."""
    if keyword.arg not in _FORMER:
        return None
    false = {other.arg for other in given if isinstance(other.value, ast.Constant) and other.value.value is False}
    if "assuming" in false:
        return 'write `expect="refuted without assumptions"`'
    if "holds" in false:
        return 'write `expect="refuted"`'
    return "take it away: a promise is to hold unless `expect=` says otherwise"


def _verdict(context: Context, node: ast.expr) -> Expected | Poison:
    match node:
        case ast.Constant(value=str(word)) if word in _VERDICTS:
            return _VERDICTS[word]
        case _:
            text = node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""
            hint = context.problems.guess(text, _VERDICTS)
            message = "a promise is expected to be " + " or ".join(f'"{word}"' for word in _VERDICTS)
            return context.report(Code.BAD_DECORATOR, node, message, hint)


class _Alternatives:
    """Reads the alternatives of one policy, each with a verdict."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._policy: str | None = None

    def read(self, node: ast.Dict, items: Iterable[tuple[ast.expr | None, ast.expr]]) -> ExpectedUnder | Poison:
        mistakes = len(self._context.problems)
        found: dict[str, Expected] = {}
        lost = False
        for key, value in items:
            verdict, alternative = _verdict(self._context, value), self._alternative(key or node)
            if alternative is POISON or verdict is POISON:
                lost = True
            elif alternative in found:
                self._context.report(Code.DUPLICATE, key or node, f"`{alternative}` is named twice")
            else:
                found[alternative] = verdict
        if lost or len(self._context.problems) > mistakes:
            return POISON
        refuted = tuple((alternative, verdict) for alternative, verdict in found.items() if not verdict.holds)
        if self._policy is None or not refuted:
            message = "no alternative is refuted here, so the promise is to hold under each"
            return self._context.report(Code.BAD_DECORATOR, node, message, 'write `expect="proved"`, or nothing')
        if len(refuted) == len(self._context.symbols.alternatives[self._policy]):
            message = f"every alternative of {self._policy} is refuted, so nothing is left to prove"
            hint = 'write `expect="refuted"`, or a promise for each alternative'
            return self._context.report(Code.BAD_DECORATOR, node, message, hint)
        policy = self._context.symbols.policies[self._policy]
        return POISON if policy is POISON else ExpectedUnder(self._policy, policy, refuted)

    def _alternative(self, node: ast.expr) -> str | Poison:
        """The alternative that a key names, of the policy that all keys are about."""
        context, symbols = self._context, self._context.symbols
        if context.is_lost(node):
            return POISON
        match node:
            case ast.Attribute(value=ast.Name(id=name), attr=value) if name in symbols.enums:
                enum = symbols.enums[name]
            case _:
                hint = 'write `expect={Enum.ALTERNATIVE: "refuted"}`'
                return context.report(Code.BAD_DECORATOR, node, "here stands an alternative of a policy", hint)
        context.check_order(node)
        if value not in enum.values:
            hint_of_enum = context.problems.guess(value, enum.values, f"{enum.name}.")
            message = f"{enum.name} has no member `{value}`"
            return context.report(Code.UNKNOWN_ATTRIBUTE, node, message, hint_of_enum)
        if POISON in symbols.policies.values():
            return POISON
        match [policy for policy, type_ in symbols.policies.items() if type_ == enum]:
            case [policy]:
                pass
            case []:
                return context.report(Code.BAD_DECORATOR, node, f"no policy chooses among members of {enum.name}")
            case several:
                message = f"{' and '.join(several)} choose among members of {enum.name}: which is meant?"
                return context.report(Code.BAD_DECORATOR, node, message, "give each policy an enum of its own")
        if value not in symbols.alternatives[policy]:
            return context.report(Code.BAD_DECORATOR, node, f"`{value}` is no alternative of {policy}")
        if self._policy not in (None, policy):
            message = f"these are alternatives of {self._policy}, and `{value}` is one of {policy}"
            hint = "a promise tells apart the alternatives of one policy; make it two promises"
            return context.report(Code.BAD_DECORATOR, node, message, hint)
        self._policy = policy
        return value
