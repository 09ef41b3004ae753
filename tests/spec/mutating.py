"""Specs that somebody, or something, has spoiled: one to three accidents in the text of a good or bad spec."""

import ast
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import TypeAlias

from quiesce.spec.reading.symbols import WORDS

NASTY = tuple("\0\a\b\t\n\v\f\r\x1b\"'\\{}()[]<>`|;:,.@#=*/%~^&!?$ 0_é\x85\xa0\xad")
NASTY += tuple(
    "\u0301\u200b\u200d\u2028\u2029\u202e\u2066\u3164\ufb01\ufdd0\ufeff\uff11\ud800\udcff\U000e0041\U0001f600"
)
"""Characters that end lines, texts or names, that nobody sees, that change the order of others, or that are none."""

EXPRESSIONS = (
    *("lambda: 0", "await x", "(yield)", "(yield from x)", "(x := 1)", "*x", "f'{x!r:>{y}}'", "b'x'", "..."),
    *("1j", "1e999", "0.1", "None", "NotImplemented", "[x for x in self.ss if x]", "{1: 2, **x}", "{*x}"),
    *("(*x,)", "x[1:2, ::3]", "()", "self", "self.self", "self.__class__", "old", "old.old", "super().x"),
    *("type(self)", "1 < 2 < 3", "not not x", "-+~1", "1 if 2 else 3", "2 ** 99999", "2 ** -1", "1 << 99999"),
    *("1 / 0", "1 % 0", "'x' 'y'", "''", "True + True", "x.y(z)(w)", "all(x for x in self.ss for y in x)"),
    *("sum()", "max(*x)", "count(self)", "implies(1, 2)", "min(1)", "any([])", "old[s].x", "old[old][old]"),
    *("calls()", "policy()", "Range(1)", "Annotated[int, Range(9, 0)]", "Family[Family[int]]", "'\\ud800'"),
    *("'\\x1b[2J'", "'\\u202e'", "'\\0'", "x is not y", "x in y", "x @ y", "x if y else z", "match", "type"),
)
STATEMENTS = (
    *("pass", "return", "return self", "raise", "global x", "nonlocal x", "del self.x", "assert 0"),
    *("import os", "break", "continue", "from . import x", "from os import *", "x: int", "self.x: int = 0"),
    *("x = y = 0", "self.x, self.y = 0, 1", "self.x @= 1", "self.x += self.x", "when()", "when(when(1))"),
    *("assume(1)", "retire(self)", "async def f(): ...", "...", "class C: ...", "class C(C, metaclass=C): ..."),
    *("def f(a, /, b=1, *c, d, **e): ...", "@x\ndef f(self): ...", "'text'", "while 1: pass", "with x: pass"),
    *("try: pass\nfinally: pass", "for self.x in y: pass", "match x:\n  case _: pass"),
    *("for x in self.ss:\n  x.y = 1\nelse: pass", "if 1: pass\nelif 2: pass", "X = Requirement('a', 'b')"),
    *("X = calls('a')", "from quiesce.spec import *", "from quiesce.spec import call as c"),
    *("import quiesce.spec", "from mutated import X"),
)
_TOKEN = re.compile(r"\w+|[^\w\s]+")
DEPTHS = (2, 20, 62, 63, 64, 65, 90, 100, 199, 201, 1000, 20_000)
DIGITS = (1, 29, 30, 31, 100, 4299, 4300, 4301, 9999, 50_000)


@dataclass(frozen=True)
class Original:
    """A spec to be spoiled: its folder, its text, and the texts of its tokens."""

    folder: Path
    name: str
    text: str
    tokens: tuple[str, ...]


def original(path: Path) -> Original:
    text = path.read_bytes().decode("utf-8", "surrogateescape")
    return Original(path.parent, path.name, text, tuple(_TOKEN.findall(text)))


@dataclass(frozen=True)
class Spoiler:
    """Makes mutants from a source of chance; the same seed makes the same ones."""

    chance: Random
    pool: Sequence[Original]

    def mutant(self) -> tuple[Original, bytes]:
        """A spec that is spoiled, and its bytes."""
        chosen = self.chance.choice(self.pool)
        text = chosen.text
        for _ in range(self.chance.choice((1, 1, 1, 2, 3))):
            text = self.chance.choice(ACCIDENTS)(self, text)
        data = text.encode("utf-8", "surrogatepass" if self.chance.random() < 0.5 else "replace")
        return chosen, self.bytes(data) if self.chance.random() < 0.03 else data

    def bytes(self, data: bytes) -> bytes:
        """The file cut short, with a byte that is no text, or in another encoding."""
        place = self.chance.randrange(len(data) + 1)
        match self.chance.randrange(5):
            case 0:
                return data[:place]
            case 1:
                return data[:place] + self.chance.randbytes(self.chance.choice((1, 2, 9))) + data[place:]
            case 2:
                return data.decode("utf-8", "replace").encode("utf-16")
            case 3:
                return b"# coding: utf-7\n" + data
            case _:
                return data.replace(b"\n", self.chance.choice((b"\r", b"\r\n", b"\f\n", b"\n\n", b"\\\n")))

    def word(self) -> str:
        """A token of some spec, or a word of the language."""
        if self.chance.random() < 0.3:
            return self.chance.choice(_WORDS)
        spec = self.chance.choice(self.pool)
        return self.chance.choice(spec.tokens)

    def number(self) -> str:
        """A number, perhaps a very long one, in one of Python's ways to write it."""
        digits = self.chance.choice(DIGITS)
        made = ("9" * digits, "0x" + "f" * digits, "0b" + "1" * digits, "0o" + "7" * digits, "1_0" * digits)
        return self.chance.choice((*made, "9" * digits + "j", "9" * digits + ".0", f"1e{digits}", f"-{made[0]}"))

    def nested(self, inner: str) -> str:
        """An expression in many layers of another."""
        depth = self.chance.choice(DEPTHS)
        around = (("(", ")"), ("[", "]"), ("not ", ""), ("-", ""), ("", ".x"), ("", "[0]"), ("", "()"), ("f(", ")"))
        more = ("x and (y or ", ")"), ("1 + ", ""), ("1 if x else ", ""), ("lambda: ", "")
        before, after = self.chance.choice((*around, *more))
        return before * depth + inner + after * depth

    def expression(self) -> str:
        """An expression that may belong anywhere but here."""
        match self.chance.randrange(6):
            case 0:
                return self.number()
            case 1:
                return self.nested(self.chance.choice(("x", "self.x", "1", "True")))
            case 2:
                return self.word()
            case _:
                return self.chance.choice(EXPRESSIONS)


def _character(spoiler: Spoiler, text: str) -> str:
    at, chance = spoiler.chance.randrange(len(text) + 1), spoiler.chance
    match chance.randrange(4):
        case 0:
            return text[:at] + text[at + chance.choice((1, 1, 2, 7)) :]
        case 1:
            return text[:at] + chance.choice(NASTY) * chance.choice((1, 1, 3)) + text[at:]
        case 2:
            return text[:at] + chance.choice(NASTY) + text[at + 1 :]
        case _:
            return text[:at] + text[at + 1 : at + 2] + text[at : at + 1] + text[at + 2 :]


def _token(spoiler: Spoiler, text: str) -> str:
    found = _TOKEN.search(text, spoiler.chance.randrange(len(text) + 1))
    if found is None:
        return text
    old, other = found[0], spoiler.word()
    new = spoiler.chance.choice(("", f"{old} {old}", f"{old} {other}", other, other, other))
    return text[: found.start()] + new + text[found.end() :]


def _line(spoiler: Spoiler, text: str) -> str:
    lines, chance = text.split("\n"), spoiler.chance
    at, to = chance.randrange(len(lines)), chance.randrange(len(lines))
    some = lines[at : at + chance.choice((1, 1, 2, 5, 20))]
    match chance.randrange(6):
        case 0:
            del lines[at : at + len(some)]
        case 1:
            lines[at:at] = some * chance.choice((1, 1, 2, 30))
        case 2:
            lines[to:to] = some
        case 3:
            lines[at] = chance.choice(("    ", "\t", " ", "        ")) + lines[at]
        case 4:
            lines[at] = lines[at][chance.choice((1, 4)) :]
        case _:
            other = chance.choice(spoiler.pool).text.split("\n")
            start = chance.randrange(len(other))
            lines[at:at] = other[start : start + chance.choice((1, 3, 12))]
    return "\n".join(lines)


def _inserted(spoiler: Spoiler, text: str) -> str:
    at = spoiler.chance.randrange(len(text) + 1)
    return text[:at] + spoiler.expression() + text[at:]


def _on_tree(spoiler: Spoiler, text: str) -> str:
    """A node of the syntax tree in the place of another, and the text written anew."""
    try:
        tree = ast.parse(text)
        _change(spoiler, tree)
        return ast.unparse(tree)
    except Exception:
        return _inserted(spoiler, text)  # what is no Python has no tree, and not every change of a tree leaves one


def _change(spoiler: Spoiler, tree: ast.Module) -> None:
    chance = spoiler.chance
    nodes = list(ast.walk(tree))
    node = chance.choice(nodes)
    fields = [name for name in node._fields if getattr(node, name, None) is not None]
    if not fields:
        return
    name = chance.choice(fields)
    value = getattr(node, name)
    like = [other for other in nodes if isinstance(other, type(value))]
    match value:
        case [*_] if value and isinstance(value[0], ast.stmt):
            other = ast.parse(chance.choice(STATEMENTS)).body if chance.random() < 0.7 else [chance.choice(value)]
            at = chance.randrange(len(value) + 1)
            value[at : at + chance.choice((0, 0, 1))] = other
        case [*_] if value and isinstance(value[0], ast.expr):
            chance.choice((value.reverse, value.pop, lambda: value.append(_parsed(spoiler))))()
        case [*_] if value:
            chance.choice((value.reverse, value.pop, lambda: value.append(value[0])))()
        case ast.expr():
            setattr(node, name, chance.choice((_parsed(spoiler), chance.choice(like))))
        case str():
            names = [other.id for other in nodes if isinstance(other, ast.Name)]
            setattr(node, name, chance.choice((*names, "self", "old", "__x__", "ﬁ", "class")))
        case bool() | int():
            setattr(node, name, chance.choice((-1, 0, 2, True, None, 10**29, "text", b"x", 1.5, ...)))
        case ast.AST() if like:
            setattr(node, name, chance.choice(like))
        case _:
            pass


def _parsed(spoiler: Spoiler) -> ast.expr:
    return ast.parse(spoiler.expression(), mode="eval").body


def _grown(spoiler: Spoiler, text: str) -> str:
    """Very many lines of one kind, or a very long line."""
    chance = spoiler.chance
    many = chance.choice((20, 20, 50, 50, 200, 200, 200, 1500))
    lines = text.split("\n")
    at = chance.randrange(len(lines))
    indent = " " * (len(lines[at]) - len(lines[at].lstrip()))
    made = (
        lambda: [f"{indent}x{n} = {n}" for n in range(many)],
        lambda: [f"{indent}x{n}: Nat = 0" for n in range(many)],
        lambda: [f"{indent}when(self.x{n} == {n})" for n in range(many)],
        lambda: [f"{indent}{' and '.join(f'x{n}' for n in range(many))}"],
        lambda: [f"{indent}x0 = 10 ** 9", *(f"{indent}x{n + 1} = x{n} * x{n}" for n in range(many))],
        lambda: (
            [f"{indent}variable_{n}: Nat = 0" for n in range(many)]
            + [f"{indent}self.variible_{n} = 1" for n in range(many)]
        ),
        lambda: [f"{indent}R{n} = Requirement('r{n}', 'x')" for n in range(many)],
        lambda: [f"{indent}C0 = calls('a')", *(f"{indent}C{n + 1} = calls(C{n}, 'c{n}')" for n in range(many))],
        lambda: [f"{indent}x0 = f'{'{x}' * many * 50}'"],
        lambda: [f"{indent}A0 = 999999999", *(f"{indent}A{n + 1} = A{n} * A{n}" for n in range(many))],
        lambda: [
            line
            for n in range(many)
            for line in (f"{indent}def f{n}(self) -> bool:", f"{indent}    return self.f{n + 1}() or self.f{n + 1}()")
        ],
    )
    lines[at:at] = chance.choice(made)()
    return "\n".join(lines)


Accident: TypeAlias = Callable[[Spoiler, str], str]

ACCIDENTS: tuple[Accident, ...] = (_character, _token, _token, _line, _inserted, _on_tree, _on_tree, _on_tree, _grown)
_WORDS: tuple[str, ...] = tuple(sorted(WORDS))
