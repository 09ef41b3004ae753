"""Advice on what people who know Python write first where a spec has something else.

A spec is read and proved for all values; it is never run. So much of the language of programs has no place in a spec.
"""

import ast
from collections.abc import Iterable, Iterator
from typing import Final, TypeAlias, TypeGuard

Advice: TypeAlias = tuple[str, str]
"""A description of a mistake, and of the text to write instead."""

_NOTHING_RUNS: Final = "a spec is proved and never run"

_STATEMENTS: Final[dict[type[ast.stmt], Advice]] = {
    ast.Raise: (
        "an action raises nothing",
        'write a refusal as an action of its own: `@call("name", fails="ERROR")`, each of the two with its `when(…)`',
    ),
    ast.Assert: (
        "an action asserts nothing",
        'write `when(…)` for a guard, `assume(…, "why")` for what callers keep, or promise it with `@always`',
    ),
    ast.Return: (
        "an action has no result, and always happens as a whole",
        "put the rest under an `if`, or write `when(…)` first and another action for the other case",
    ),
    ast.While: (
        "an action is one step and repeats nothing",
        "what repeats is an action that happens again: `@internal def …` with `when(…)`",
    ),
    ast.AsyncFor: ("a loop of a spec is not async", "write `for … in self.family`: all members change at once"),
    ast.With: ("an action is one step, which nothing can interrupt", "write what is inside without `with`"),
    ast.AsyncWith: ("an action is one step, which nothing can interrupt", "write what is inside without `with`"),
    ast.Try: (
        "an action raises nothing, so there is nothing to catch",
        "write each case as an action of its own, with `when(…)`",
    ),
    ast.Match: ("`match` is not a statement of the language", "write `if`, `elif` and `else`"),
    ast.FunctionDef: ("a method has no functions inside", "make it a method of the class, without a decorator"),
    ast.Delete: ("nothing can be deleted", "a member that goes is given back by `retire(s)`"),
}

_OPERATORS: Final[dict[type[ast.operator] | type[ast.unaryop], tuple[str, str]]] = {
    ast.BitAnd: ("&", "write `and`"),
    ast.BitOr: ("|", "write `or`"),
    ast.BitXor: ("^", "write `!=` between the two truth values"),
    ast.Invert: ("~", "write `not`"),
    ast.UAdd: ("+", "leave it out, or write `+=` to count up"),
    ast.Div: ("/", "integers are added, subtracted, and multiplied by a constant"),
    ast.FloorDiv: ("//", "integers are added, subtracted, and multiplied by a constant"),
    ast.Mod: ("%", "integers are added, subtracted, and multiplied by a constant"),
    ast.Pow: ("**", "integers are added, subtracted, and multiplied by a constant"),
    ast.LShift: ("<<", "integers are added, subtracted, and multiplied by a constant"),
    ast.RShift: (">>", "integers are added, subtracted, and multiplied by a constant"),
    ast.MatMult: ("@", "integers are added, subtracted, and multiplied by a constant"),
}

_MANY: Final = "things of one kind are a family: `class Item(Member):`, and `items: Family[Item]` in the machine"

_EXPRESSIONS: Final[dict[type[ast.expr], str]] = {
    **dict.fromkeys((ast.List, ast.Set, ast.Dict, ast.Tuple), _MANY),
    ast.ListComp: "give `all`, `any`, `sum` or `count` the members without brackets",
    ast.SetComp: "give `all`, `any`, `sum` or `count` the members without brackets",
    ast.NamedExpr: "write the expression where it is used, or make it a helper method",
    ast.JoinedStr: "a spec has no texts; compare the values themselves",
    ast.Lambda: "make it a helper method",
    ast.GeneratorExp: "write `all`, `any`, `sum` or `count` in front of it",
    ast.Await: "leave `await` out: an action is one step, and waits for nothing",
}

_FUNCTIONS: Final[dict[str, str]] = {
    "len": "count the members that are in use: `count(s.in_use for s in self.family)`",
    "abs": "write `x if x >= 0 else -x`",
    "range": "members are gone through as `for s in self.family`",
    "isinstance": "each variable has the one type that its declaration says",
    "print": _NOTHING_RUNS,
    **dict.fromkeys(("str", "repr", "format"), "a spec has no texts; compare the values themselves"),
    **dict.fromkeys(("bool", "int"), "compare instead, as in `x > 0`, or choose, as in `1 if x else 0`"),
    **dict.fromkeys(("list", "set", "tuple", "dict", "sorted", "enumerate", "zip"), "use the family itself"),
}

_TEXT: Final = "name the values that it can have in `class Kind(Enum):`, each as `NAME = auto()`"

_TYPES: Final[dict[str, str]] = {
    **dict.fromkeys(("str", "bytes"), _TEXT),
    **dict.fromkeys(("list", "set", "dict", "tuple", "frozenset", "List", "Set", "Dict"), _MANY),
    **dict.fromkeys(("float", "complex"), "numbers are integers: count in a smaller unit, as `Nat` or `Int`"),
    **dict.fromkeys(("None", "Optional"), "say whether there is a value with a `bool`, or a member of an enum"),
    **dict.fromkeys(("object", "Any"), "say which: `bool`, `Nat`, `Int` or an enum"),
}

PYTHONS_OWN: Final = frozenset({"Exception", "ValueError", "dict", "str", "super"})
"""Names that generated code needs for what they mean in Python."""


def statement(node: ast.stmt) -> Advice:
    """The advice on a statement that the body of an action cannot have."""
    match node:
        case ast.Expr(value=ast.Call(func=ast.Attribute(attr="append" | "add" as attr))):
            return (
                f"a family has no `{attr}`",
                "a member comes as a parameter `s: New[Item]`, and goes with `retire(s)`",
            )
        case ast.Expr(value=ast.Call(func=ast.Attribute(attr="remove" | "pop" | "discard" | "clear" as attr))):
            return f"a family has no `{attr}`", "a member goes with `retire(s)`"
        case ast.Expr(value=ast.Call(func=ast.Name(id="print"))):
            return "an action prints nothing", f"leave it out: {_NOTHING_RUNS}"
        case ast.Expr(value=ast.Call(func=ast.Attribute(ast.Name("self"), name))):
            hint = "write what it changes here, too; a value that both need is a helper method"
            return f"an action calls no other method of the machine, as `{name}` is", hint
        case ast.Expr(value=ast.Await()):
            hint = 'a call that waits is an action of its own: `@call("name", blocks=True, fair=[…])`'
            return "an action waits for nothing", hint
        case _ if type(node) in _STATEMENTS:
            return _STATEMENTS[type(node)]
        case _:
            parts = "`when(…)`, `assume(…)`, assignments, `if`, `for … in self.family` and `retire(…)`"
            return "this is not a statement of the language", f"an action is made of {parts}"


def in_promise(node: ast.stmt, text: str) -> str:
    """The advice on a statement in the body of a promise or helper; `text` is a claim without `return`."""
    match node:
        case ast.Assert() | ast.Expr():
            return f"write `return {text}`"
        case ast.If() | ast.Match():
            return "write the cases as one expression: `implies(case, claim)`, `a if case else b`, `and`, `or`"
        case ast.For() | ast.While():
            return "write `all(… for s in self.family)` or `any(… for s in self.family)`"
        case _:
            return "make parts of it helper methods"


def operator(node: ast.expr) -> Advice | None:
    """The advice on an operator that the language does not have."""
    match node:
        case ast.BinOp(op=op) | ast.UnaryOp(op=op) if type(op) in _OPERATORS:
            symbol, hint = _OPERATORS[type(op)]
            return f"`{symbol}` is not an operator of the language", hint
        case _:
            return None


def expression(node: ast.expr) -> str | None:
    """The advice on an expression that the language does not have."""
    return _EXPRESSIONS.get(type(node))


def constant(value: object) -> Advice:
    """The advice on a constant that the language does not have."""
    match value:
        case str() | bytes():
            return "a spec has no texts", _TEXT
        case None:
            return "`None` is no value of the language", _TYPES["None"]
        case float() | complex():
            return "numbers are integers", "count in a smaller unit"
        case _:
            return "constants are True, False, integers and members of enums", "leave it out"


def function(name: str) -> str | None:
    """The advice on a call of a function of Python."""
    return _FUNCTIONS.get(name)


def type_(node: ast.expr) -> Advice | None:
    """The advice on a type that Python has and the language has not."""
    match node:
        case ast.Name(id=name) | ast.Subscript(value=ast.Name(id=name)) if name in _TYPES:
            return f"`{name}` is not a type of the language", _TYPES[name]
        case ast.Constant(value=None) | ast.BinOp(op=ast.BitOr()):
            return "a variable or parameter always has a value of one type", _TYPES["None"]
        case _:
            return None


def type_of(value: ast.expr) -> str:
    """The type that a variable probably has which starts with this value."""
    match value:
        case ast.Constant(value=bool()):
            return "bool"
        case ast.Constant(value=int()):
            return "Nat"
        case ast.Attribute(value=ast.Name(id=name)):
            return name
        case _:
            return "Type"


def special_method(name: str) -> Advice:
    """The advice on a method that Python itself would call, such as `__init__`."""
    if name == "__init__":
        hint = "declare each variable in the class body, with the value that it starts with: `users: Nat = 0`"
        return "a spec has no `__init__`", hint
    return f"a spec has no `{name}`", f"leave it out: {_NOTHING_RUNS}"


def is_special(name: str) -> bool:
    """Whether Python itself would call a method of this name."""
    return name.startswith("__") and name.endswith("__")


def in_module(node: ast.stmt) -> str | None:
    """The advice on a statement at the level of the module."""
    match node:
        case ast.AsyncFunctionDef():
            return "write `def`: nothing of a spec is ever run, so there is nothing to wait for"
        case ast.Assign() | ast.AnnAssign():
            return "write `NAME = value`, a line for each constant"
        case ast.If() | ast.Expr():
            return f"leave it out: {_NOTHING_RUNS}"
        case _:
            return None


def defined_by(node: ast.stmt) -> list[str]:
    """The names that a statement was perhaps meant to define."""
    match node:
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
            return [name]
        case ast.Assign(targets=targets):
            return [part.id for target in targets for part in ast.walk(target) if isinstance(part, ast.Name)]
        case ast.AnnAssign(target=ast.Name(id=name)):
            return [name]
        case _:
            return []


def declared_inside(body: list[ast.stmt]) -> list[str]:
    """The attributes of `self` that methods declare: in `__init__` by assignment, anywhere with a type."""
    found: list[str] = []
    for method in body:
        if isinstance(method, ast.FunctionDef | ast.AsyncFunctionDef):
            for statement in statements_in(method.body):
                match statement:
                    case ast.AnnAssign(target=ast.Attribute(value=ast.Name(id="self"), attr=name)):
                        found.append(name)
                    case ast.Assign(targets=targets) if method.name == "__init__":
                        parts = (part for target in targets for part in ast.walk(target))
                        found += (part.attr for part in parts if _is_stored_in_self(part))
                    case _:
                        pass
    return found


def _is_stored_in_self(node: ast.AST) -> TypeGuard[ast.Attribute]:
    match node:
        case ast.Attribute(value=ast.Name(id="self"), ctx=ast.Store()):
            return True
        case _:
            return False


def statements_in(body: Iterable[ast.stmt]) -> Iterator[ast.stmt]:
    """The statements of a body, and those inside of them."""
    for statement in body:
        yield statement
        for name in _BLOCKS:
            yield from statements_in(getattr(statement, name, ()))
        for part in (*getattr(statement, "handlers", ()), *getattr(statement, "cases", ())):
            yield from statements_in(part.body)


_BLOCKS = ("body", "orelse", "finalbody")
"""Where a statement holds others."""
