"""Random bodies of actions, with the guards that keep what they change in range."""

from dataclasses import dataclass, field, replace

from tests.differential.making.expressions import CONSTANTS, Writer
from tests.differential.making.places import Declared, FamilyOf, Number, Places

MOST = 3
"""The bound that keeps many integers small, so that a search can meet every state."""

INDENT = "    "


@dataclass(frozen=True, slots=True)
class Body:
    """Lines, and conditions that keep integers within bounds if they guard the lines."""

    lines: list[str] = field(default_factory=list)
    guards: list[str] = field(default_factory=list)

    def add(self, other: "Body", indent: str = "") -> None:
        """Append what another body does; the guards of one that is inside another statement are not for all."""
        self.lines.extend(indent + line for line in other.lines)
        if not indent:
            self.guards.extend(other.guards)


class Bodies:
    """Writes statements."""

    def __init__(self, writer: Writer) -> None:
        self._writer = writer

    def body(self, places: Places, depth: int = 1) -> Body:
        """A few updates."""
        found = Body()
        for _ in range(self._writer.random.randint(1, 3) if depth else 1 + self._writer.chance(25)):
            found.add(self._statement(places, depth))
        return found

    def _statement(self, places: Places, depth: int) -> Body:
        writer = self._writer
        if places.loop is not None:
            return self._on_member(places, places.loop, depth)
        shapes = ["variable", "variable"] if places.variables else []
        shapes += ["member"] * 3 if places.members else []
        shapes += ["if"] if depth > 0 and shapes else []
        shapes += ["loop", "loops"] if depth > 0 and any(places.bind(family) for family in places.families) else []
        match writer.pick(shapes) if shapes else "pass":
            case "variable":
                declared = writer.pick(places.variables)
                return self._assign(places, f"self.{declared.name}", declared, is_field=False)
            case "member":
                return self._on_member(places, writer.pick(list(places.members)), 0)
            case "if":
                return self._if(places, depth)
            case "loop":
                return self._loop(places, writer.pick(places.families), depth)
            case "loops":
                return self._loops(places, depth)
            case _:
                return Body(["pass"])

    def _on_member(self, places: Places, member: str, depth: int) -> Body:
        """An update of one member. A loop updates what it hides from its other members, and nothing else."""
        writer, family = self._writer, places.family(places.members[member])
        fields = [f for f in family.fields if places.loop is None or f.name in places.hidden]
        shapes = ["field", "field", "field"]
        if all(f in fields or f.persistent for f in family.fields):
            shapes += ["retire", "retire and write"]
        shapes += ["if", "if"] if depth > 0 else []
        match writer.pick(shapes):
            case "field":
                return self._field(places, member, writer.pick(fields))
            case "retire":
                return Body([f"retire({member})"])
            case "retire and write":
                found = Body([f"retire({member})"])
                found.add(self._field(places, member, writer.pick(fields)))
                return found
            case _:
                return self._if(places, depth)

    def _field(self, places: Places, member: str, declared: Declared) -> Body:
        return self._assign(places, f"{member}.{declared.name}", declared, is_field=True)

    def _if(self, places: Places, depth: int) -> Body:
        found = Body([f"if {self._writer.boolean(places, 1)}:"])
        found.add(self.body(places, depth - 1), INDENT)
        if self._writer.chance(40):
            found.lines.append("else:")
            found.add(self.body(places, depth - 1), INDENT)
        return found

    def _loop(self, places: Places, family: FamilyOf, depth: int, name: str | None = None) -> Body:
        """A loop over a family. What it writes is hidden of other members, which it may not read."""
        bound = places.bind(family)
        if bound is None:
            return Body(["pass"])
        name, inner = bound
        names = [declared.name for declared in family.fields]
        hidden = frozenset({self._writer.pick(names), *(n for n in names if self._writer.chance(50))})
        found = Body([f"for {name} in self.{family.name}:"])
        if all(f.name in hidden or f.persistent for f in family.fields) and self._writer.chance(25):
            found.lines.append(f"{INDENT}retire({name})")
        else:
            found.add(self.body(replace(inner, loop=name, looped=family.name, hidden=hidden), depth), INDENT)
        return found

    def _loops(self, places: Places, depth: int) -> Body:
        """A loop, and one behind it: over another family under one name, or over the same one again."""
        found = Body()
        families = self._writer.random.sample(places.families, len(places.families))
        for family in (families * 2)[:2]:
            found.add(self._loop(places, family, depth - 1))
        return found

    def _assign(self, places: Places, target: str, declared: Declared, *, is_field: bool) -> Body:
        """A new value; that of an integer is mostly a little more or less than the old one, and kept in range."""
        writer, type_ = self._writer, declared.type
        if not isinstance(type_, Number):
            return Body([f"{target} = {writer.value(places, type_)}"])
        match writer.pick(("up", "down", "constant", "more", "other")):
            case "up":
                line, new = f"{target} += 1", f"{target} + 1"
            case "down":
                line, new = f"{target} -= 1", f"{target} - 1"
            case "constant":
                new = writer.pick(CONSTANTS)
                line = f"{target} = {new}"
            case "more":
                more = writer.number(places, 0)
                line, new = f"{target} += {more}", f"{target} + {more}"
            case _:
                new = writer.number(places)
                line = f"{target} = {new}"
        high = MOST if type_.high is None else type_.high
        low = -1 if type_.low is None else type_.low
        if is_field and writer.chance(75):
            return Body([f"{target} = max({low}, min({high}, {new}))"])
        return Body([line], [] if is_field or writer.chance(15) else [f"{low} <= {new} <= {high}"])
