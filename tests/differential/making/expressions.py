"""Random well-typed expressions, as text."""

from collections.abc import Sequence
from random import Random
from typing import TypeVar

from tests.differential.making.places import Enumeration, FamilyOf, Number, Places, Type

_T = TypeVar("_T")

ORDERS = ("==", "<", "<=", ">=", ">", "!=")
CONSTANTS = ("0", "1", "2", "-1", "3")


class Writer:
    """Writes expressions and all else that is random."""

    def __init__(self, random: Random) -> None:
        self.random = random

    def pick(self, options: Sequence[_T]) -> _T:
        """One of some options."""
        return self.random.choice(options)

    def chance(self, percent: int) -> bool:
        """True in about that many cases of a hundred."""
        return self.random.randrange(100) < percent

    # --- truth values ---

    def boolean(self, places: Places, depth: int = 2) -> str:
        """A truth value."""
        if depth <= 0 or self.chance(40):
            return self.atom(places)
        shapes = ["not", "and", "or", "implies", "same truth", "choice"]
        if places.families:
            shapes += ["members"] * 4
        deeper = depth - 1
        match self.pick(shapes):
            case "not":
                return f"(not {self.boolean(places, deeper)})"
            case "and" | "or" as word:
                return f"({self.boolean(places, deeper)} {word} {self.boolean(places, deeper)})"
            case "implies":
                return f"implies({self.boolean(places, deeper)}, {self.boolean(places, deeper)})"
            case "same truth":
                return f"({self.boolean(places, deeper)} == {self.boolean(places, deeper)})"
            case "choice":
                then, otherwise = self.boolean(places, deeper), self.boolean(places, deeper)
                return f"({then} if {self.atom(places)} else {otherwise})"
            case _:
                return self.quantified(places, deeper)

    def quantified(self, places: Places, depth: int, word: str | None = None) -> str:
        """A claim about the members of a family; an atom where no more can be bound."""
        family = self.pick(places.families)
        was = places.old and self.chance(15)
        bound = places.bind(family, was=was)
        if bound is None:
            return self.atom(places)
        name, inner = bound
        word = word or self.pick(("all", "any"))
        body = self.own_atom(inner, name)
        if depth > 0:
            rest = self.boolean(inner, depth - 1)
            body = f"implies({body}, {rest})" if word == "all" else f"({body} and {rest})"
        chosen = f" if {self.own_atom(inner, name)}" if self.chance(10) else ""
        return f"{word}({body} for {name} in {'old' if was else 'self'}.{family.name}{chosen})"

    def own_atom(self, places: Places, member: str) -> str:
        """An atom about one member; any other one where it has no field that can be read."""
        own = places.of_member(member)
        return self._about(places, *self.pick(own)) if own else self.atom(places)

    def atom(self, places: Places) -> str:
        """A comparison, or a place that holds a truth value."""
        shapes = ["place"] * 6
        pairs = [
            (a, b) for a in places.members for b in places.members if a < b and places.members[a] == places.members[b]
        ]
        if pairs:
            shapes += ["same"]
        if places.families:
            shapes += ["total"]
        found = places.all()
        match self.pick(shapes):
            case "same":
                left, right = self.pick(pairs)
                return f"({left} {self.pick(('is', 'is not'))} {right})"
            case "total":
                return f"({self.total(places)} {self.pick(ORDERS)} {self.number(places, 0)})"
            case _:
                return self._about(places, *self.pick(found)) if found else self.pick(("True", "False"))

    def _about(self, places: Places, place: str, type_: Type) -> str:
        """Something simple that is said of a place."""
        match type_:
            case bool():
                return f"(not {place})" if self.chance(50) else place
            case Enumeration() as enum:
                if len(enum.values) > 2 and self.chance(15):
                    some = self.random.sample(enum.values, 2)
                    return f"({place} in ({', '.join(f'{enum.name}.{value}' for value in some)}))"
                other = self.choice(places, enum, 0)
                other = f"{enum.name}.{enum.values[0]}" if other == place else other
                return f"({place} {self.pick(('==', '!='))} {other})"
            case Number():
                number = self.number(places, 0)
                order = self.pick(ORDERS)
                number = self.pick(CONSTANTS) if number == place else number
                if number == "2":  # the module of each spec has a name for it, and a function
                    return f"is_beyond({place})" if order == ">" else f"({place} {order} LIMIT)"
                return f"({place} {order} {number})"

    # --- integers and enums ---

    def number(self, places: Places, depth: int = 1) -> str:
        """An integer."""
        found = places.numbers()
        if depth <= 0 or self.chance(40):
            return self.pick(found) if found and self.chance(35) else self.pick(CONSTANTS)
        shapes = ["sum", "difference", "product", "choice", "least"]
        if places.families:
            shapes += ["total"]
        deeper = depth - 1
        match self.pick(shapes):
            case "sum":
                return f"({self.number(places, deeper)} + {self.number(places, deeper)})"
            case "difference":
                return f"({self.number(places, deeper)} - {self.number(places, deeper)})"
            case "product":
                return f"({self.pick(('2', '-1', '0', '3'))} * {self.number(places, deeper)})"
            case "choice":
                then, otherwise = self.number(places, deeper), self.number(places, deeper)
                return f"({then} if {self.atom(places)} else {otherwise})"
            case "least":
                return f"{self.pick(('min', 'max'))}({self.number(places, deeper)}, {self.number(places, deeper)})"
            case _:
                return self.total(places)

    def total(self, places: Places) -> str:
        """A sum or a count over a family; seldom one that looks beyond its own member."""
        family = self.pick(places.families)
        was = places.old and self.chance(25)
        bound = places.bind(family, was=was)
        if bound is None:
            return self.pick(CONSTANTS)
        name, wide = bound
        inner = wide if self.chance(6) else wide.in_term(name)
        own = self.own_atom(inner, name)
        of = f"for {name} in {'old' if was else 'self'}.{family.name}"
        numbers = [text for text, type_ in inner.of_member(name) if isinstance(type_, Number)]
        if not numbers or self.chance(50):
            return f"count({own} {of})"
        return f"sum({self.pick(numbers)} {of}{f' if {own}' if self.chance(30) else ''})"

    def choice(self, places: Places, enum: Enumeration, depth: int = 1) -> str:
        """A value of an enum."""
        if depth > 0 and self.chance(15):
            then, otherwise = self.choice(places, enum, 0), self.choice(places, enum, 0)
            return f"({then} if {self.atom(places)} else {otherwise})"
        found = places.enums(enum)
        return self.pick(found) if found and self.chance(15) else f"{enum.name}.{self.pick(enum.values)}"

    def value(self, places: Places, type_: Type, depth: int = 1) -> str:
        """An expression of some type."""
        match type_:
            case bool():
                return self.boolean(places, depth)
            case Number():
                return self.number(places, depth)
            case Enumeration() as enum:
                return self.choice(places, enum, depth)

    # --- claims ---

    def claim(self, places: Places) -> str:
        """What a state, or a step, may be claimed to be like."""
        shapes = ["implies", "implies", "any"]
        if places.families:
            shapes += ["members", "members", "nested"]
        match self.pick(shapes):
            case "implies":
                return f"implies({self.atom(places)}, {self.atom(places)})"
            case "members":
                return self._of_members(places, self.pick(places.families))
            case "nested":
                return self.quantified(places, 2, "all")
            case _:
                return self.boolean(places)

    def _of_members(self, places: Places, family: FamilyOf) -> str:
        bound = places.bind(family)
        if bound is None:
            return self.boolean(places)
        name, inner = bound
        return f"all(implies({self.own_atom(inner, name)}, {self.atom(inner)}) for {name} in self.{family.name})"
