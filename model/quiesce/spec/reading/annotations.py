"""Types as a spec writes them: of variables, fields, parameters and results."""

import ast
from typing import TypeAlias, assert_never

from quiesce.spec.codes import Code
from quiesce.spec.model import BOOL, INT, BoolType, EnumType, IntType, MemberType, ScalarType, Type
from quiesce.spec.reading import instead
from quiesce.spec.reading.context import Context, arguments
from quiesce.spec.reading.problems import POISON, Poison
from quiesce.spec.reading.symbols import FORMER
from quiesce.spec.record import record

_HELP = "types are bool, Nat, Int, int, Annotated[int, Range(0, 9)], enums, member classes and Family[…]"


@record
class Scalar:
    """The type of a scalar, perhaps of one that survives release, or of one that the callee chooses."""

    type: ScalarType
    persistent: bool = False
    answer: bool = False


@record
class OneMember:
    """A member of a family, perhaps one that was never used."""

    type: MemberType
    new: bool = False


@record
class AllMembers:
    """A family."""

    type: MemberType


Annotation: TypeAlias = Scalar | OneMember | AllMembers | Poison


def describe(type_: Type) -> str:
    """The type in a word, for a message."""
    match type_:
        case BoolType():
            return "bool"
        case IntType():
            return "int"
        case EnumType(name) | MemberType(name):
            return name
        case _:
            assert_never(type_)


def read_annotation(context: Context, node: ast.expr) -> Annotation:
    """The type that the node stands for."""
    match node:
        case ast.Constant(value=str(text)):
            return _quoted(context, node, text)
        case ast.Name():
            return _named(context, node)
        case ast.Subscript():
            return _subscripted(context, node)
        case _ if context.is_lost(node):
            return Poison.POISON
        case _ if (advice := instead.type_(node)) is not None:
            return context.report(Code.BAD_TYPE, node, *advice)
        case _:
            return context.report(Code.BAD_TYPE, node, f"`{context.text(node)}` is not a type of the language", _HELP)


def _quoted(context: Context, node: ast.Constant, text: str) -> Annotation:
    """A name in quotes, which Python looks up late."""
    if not text.isidentifier():
        return context.report(Code.BAD_TYPE, node, "only a plain name may stand in quotes", "take away the quotes")
    return _named(context, ast.copy_location(ast.Name(text, ast.Load()), node), late=True)


def _named(context: Context, node: ast.Name, *, late: bool = False) -> Annotation:
    symbols = context.symbols
    match context.word(node):
        case "bool":
            return Scalar(BOOL)
        case "int" | "Int":
            return Scalar(INT)
        case "Nat":
            return Scalar(IntType(low=0))
        case "Family" | "New" | "Persistent" | "Answer" | "Annotated" as word:
            return context.report(Code.BAD_TYPE, node, f"`{word}` needs to say of what, as in `{word}[…]`")
        case str(word):
            return context.report(Code.BAD_TYPE, node, f"`{word}` is not a type", _HELP)
        case None:
            pass
    if (definition := symbols.defined.get(node.id)) is None:
        if context.is_lost(node):
            return Poison.POISON
        if (advice := instead.type_(node)) is not None:
            return context.report(Code.BAD_TYPE, node, *advice)
        words = {"bool", "int", "Nat", "Int", "Family", "New", "Persistent", "Answer", "Annotated"}
        return context.unknown(node, node.id, words | set(symbols.enums) | set(symbols.members))
    if not late and not symbols.lazy_annotations:
        context.in_time(node, node.id, definition)
    if (enum := symbols.enums.get(node.id)) is not None:
        return Scalar(enum)
    if node.id in symbols.members:
        return OneMember(MemberType(node.id))
    if node.id in symbols.faulty:
        return Poison.POISON
    return context.report(Code.BAD_TYPE, node, f"`{node.id}` is not a type of the language", _HELP)


def _subscripted(context: Context, node: ast.Subscript) -> Annotation:
    word = context.word(node.value)
    if word == "Annotated":
        return _bounded(context, node)
    if context.is_lost(node):
        return Poison.POISON
    if word not in ("Family", "New", "Persistent", "Answer"):
        if (advice := instead.type_(node)) is not None:
            return context.report(Code.BAD_TYPE, node, *advice)
        hint = FORMER.get(context.text(node.value), _HELP)
        return context.report(Code.BAD_TYPE, node, f"`{context.text(node)}` is not a type of the language", hint)
    match word, read_annotation(context, node.slice):
        case _, Poison():
            return Poison.POISON
        case "Family", OneMember(type_, new=False):
            return AllMembers(type_)
        case "New", OneMember(type_, new=False):
            return OneMember(type_, new=True)
        case "Persistent", Scalar(type_, persistent=False, answer=False):
            return Scalar(type_, persistent=True)
        case "Answer", Scalar(type_, persistent=False, answer=False):
            return Scalar(type_, answer=True)
    of = "a bool, an integer or an enum" if word in ("Persistent", "Answer") else "a member class"
    return context.report(Code.BAD_TYPE, node, f"`{word}[…]` is of {of}")


def _bounded(context: Context, node: ast.Subscript) -> Annotation:
    """`Annotated[int, Range(low, high)]`; each bound is an integer or None."""
    given = None
    match node.slice:
        case ast.Tuple(elts=[ast.Name(id="int"), ast.Call() as bounds]) if context.word(bounds.func) == "Range":
            given = arguments(bounds, ("low", "high"))
        case _:
            pass
    if given is None:
        return context.report(Code.BAD_TYPE, node, "bounds are written `Annotated[int, Range(low, high)]`")
    limits: dict[str, int | None] = {}
    for name, value in given.items():
        limit = _limit(context, value)
        if limit is POISON:
            return POISON
        if limit is None and not (isinstance(value, ast.Constant) and value.value is None):
            return context.report(Code.BAD_TYPE, value, f"`{name}` of a range is an integer, a constant or None")
        limits[name] = limit
    low, high = limits.get("low"), limits.get("high")
    if low is not None and high is not None and low > high:
        return context.report(Code.BAD_TYPE, node, f"no integer is at least {low} and at most {high}")
    return Scalar(IntType(low, high))


def _limit(context: Context, node: ast.expr) -> int | Poison | None:
    """The integer that is written here or has a name, perhaps with a minus sign."""
    match node:
        case ast.Constant(value=bool()):
            return None
        case ast.Constant(value=int(number)):
            return number
        case ast.UnaryOp(op=ast.USub(), operand=ast.Constant() | ast.Name() as operand):
            positive = _limit(context, operand)
            return -positive if isinstance(positive, int) else positive
        case ast.Name(id=name) if context.is_lost(node):
            return POISON
        case ast.Name(id=name) if (constant := context.symbols.constants.get(name)) is not None:
            context.in_time(node, name, context.symbols.defined[name])
            if constant is POISON:
                return POISON
            return constant.value if isinstance(constant.value, int) and constant.type == INT else None
        case _:
            return None
