"""Random specs in which members come and go: given back and written to, in loops and branches, under several names."""

import textwrap
from collections.abc import Mapping
from dataclasses import dataclass
from random import Random

from tests.generate.cores import spec_of

FAMILIES = {"ss": "S", "us": "U"}


@dataclass(frozen=True)
class Names:
    """What a statement may speak of: members with their families, and all families there are.

    Inside a loop `loop` is its member, the only one that may change, and no other of its family is looked at.
    """

    members: Mapping[str, str]
    families: tuple[str, ...]
    loop: str | None = None


def random_spec(seed: int) -> str:
    """A spec with one family or two, and three to five actions."""
    random = Random(seed)  # noqa: S311 -- a spec that is the same every time
    families = ("ss", "us")[: random.choice((1, 1, 2))]
    parts = [_member(random, name) for name in families]
    actions = [_action(random, families, number) for number in range(random.randint(3, 5))]
    declared = "\n".join(f"{name}: Family[{FAMILIES[name]}]" for name in families)
    machine = f"class M(Machine):\n{textwrap.indent(f'v: int = 0{chr(10)}{declared}', '    ')}\n"
    return spec_of("\n".join([*parts, machine, *(textwrap.indent(action, "    ") for action in actions)]))


def _member(random: Random, family: str) -> str:
    start = random.choice(("False", "False", "True"))
    fields = (f"f: bool = {start}", "n: int = 0", "p: Persistent[int] = 0", "z: bool = False")
    return "\n".join([f"class {FAMILIES[family]}(Member):", *_indented(list(fields))]) + "\n"


def _action(random: Random, families: tuple[str, ...], number: int) -> str:
    names = random.sample(("s", "r", "q"), random.randint(0, 2))
    members = {name: random.choice(families) for name in names}
    new = {name for name in members if random.random() < 0.2}
    given = [f"{m}: New[{FAMILIES[f]}]" if m in new else f"{m}: {FAMILIES[f]}" for m, f in members.items()]
    given = random.sample([*given, "b: bool"], len(given) + 1)
    head = f"def a{number}(self, {', '.join(given)}) -> None:"
    scope = Names(members, families)
    body = _block(random, scope, 2)
    guard = _condition(random, scope)
    if random.random() < 0.4:
        kind = random.choice(("internal", "environment"))
        return _method(f"@{kind}", head, [*([f"when({guard})"] if random.random() < 0.5 else []), *body])
    if new or random.random() < 0.5:
        return _method(f'@call("c{number}")', head, body)
    refused = head.replace(f"a{number}(", f"a{number}_not(")
    parts = (
        _method(f'@call("c{number}", fails="NO")', refused, [f"when(not ({guard}))"]),
        _method(f'@call("c{number}")', head, [f"when({guard})", *body]),
    )
    return "\n".join(parts)


def _method(decorator: str, head: str, body: list[str]) -> str:
    return "\n".join([decorator, head, *(f"    {line}" for line in body or ["pass"])]) + "\n"


def _block(random: Random, names: Names, depth: int) -> list[str]:
    return [line for _ in range(random.randint(1, 3)) for line in _statement(random, names, depth)]


def _statement(random: Random, names: Names, depth: int) -> list[str]:
    able = [names.loop] if names.loop else list(names.members)
    shapes = ["write", "write", "retire"] if able else []
    shapes += ["if"] if depth else []
    shapes += ["variable", "loop", "loop"] if names.loop is None and depth else []
    match random.choice(shapes or ["variable" if names.loop is None else "write"]):
        case "write":
            member = random.choice(able)
            changes = ("f = True", "f = not {m}.f", "n += 1", "n = 0", "p += 1", "z = b", "f = False")
            return [f"{member}.{random.choice(changes)}".replace("{m}", member)]
        case "retire":
            return [f"retire({random.choice(able)})"]
        case "if":
            lines = [f"if {_condition(random, names)}:", *_indented(_block(random, names, depth - 1))]
            otherwise = random.random() < 0.4
            return [*lines, "else:", *_indented(_block(random, names, depth - 1))] if otherwise else lines
        case "loop":
            return _loop(random, names, depth)
        case _:
            family = random.choice(names.families)
            return [random.choice(("self.v += 1", f"self.v = count(x.z for x in self.{family})"))]


def _loop(random: Random, names: Names, depth: int) -> list[str]:
    """A loop does nothing to members that are as new, but to one that it singles out."""
    family = random.choice(names.families)
    others = [name for name, own in names.members.items() if own == family]
    asked = random.choice(("t.z", "t.n > 0", *(f"t == {name}" for name in others)))
    inner = _block(random, Names({"t": family}, tuple(f for f in names.families if f != family), "t"), depth - 1)
    return [f"for t in self.{family}:", f"    if {asked}:", *_indented(_indented(inner))]


def _condition(random: Random, names: Names) -> str:
    conditions = ["b", "self.v > 0"]
    conditions += [f"{m}.{field}" for m in names.members for field in ("f", "z", "n > 0")]
    for family in names.families:
        conditions += [f"any(x.z for x in self.{family})", f"all(x.n < 2 for x in self.{family})"]
        conditions += [f"count(x.n > 0 for x in self.{family}) > 1", f"sum(x.n for x in self.{family} if x.z) > 0"]
    same = [
        f"{m} == {o}" for m in names.members for o in names.members if m < o and names.members[m] == names.members[o]
    ]
    return random.choice(conditions + same)


def _indented(lines: list[str]) -> list[str]:
    return [f"    {line}" for line in lines]
