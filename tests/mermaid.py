"""A strict reader of the two kinds of Mermaid diagrams that are drawn here; it takes less than Mermaid does.

Mermaid is no library of Python, so this stands in for it. What it takes is taken by Mermaid, too: each line is of one
known form, every name is declared once and before it is used, texts hold nothing that Mermaid or Markdown would read as
syntax, and no name is a word of Mermaid (a node called `end` breaks a flowchart).
"""

import re
from dataclasses import dataclass, field

WORDS = frozenset({"end", "state", "note", "class", "classDef", "subgraph", "style", "click", "default", "graph"})

ID = r"([A-Za-z]\w*)"
PLAIN = r"((?:[\w ()/,.]|#\d+;|<br/>|</?b>)*)"
"""A text: other signs are written as entities."""


class NotMermaid(Exception):
    """A line that the reader does not take, and why."""


@dataclass
class Diagram:
    """The nodes with their texts, the arrows, and what each node lies in."""

    texts: dict[str, str] = field(default_factory=dict)
    arrows: list[tuple[str, str]] = field(default_factory=list)
    inside: dict[str, str] = field(default_factory=dict)

    def declare(self, name: str, text: str) -> None:
        """A new node."""
        if name in WORDS:
            raise NotMermaid(f"`{name}` is a word of Mermaid")
        if name in self.texts:
            raise NotMermaid(f"`{name}` is declared twice")
        if not text:
            raise NotMermaid(f"`{name}` has no text")
        self.texts[name] = text

    def known(self, *names: str) -> None:
        """See that these were declared."""
        for name in names:
            if name not in self.texts:
                raise NotMermaid(f"nothing was declared as `{name}`")

    def around(self, name: str) -> set[str]:
        """Everything that a node lies in."""
        found = set[str]()
        while name in self.inside:
            name = self.inside[name]
            found.add(name)
        return found


def read_state_diagram(text: str) -> Diagram:
    """The states, with what is listed in them, and the arrows; `[*]` is where the diagram begins."""
    head, *lines = _lines(text)
    if head != "stateDiagram-v2":
        raise NotMermaid(head)
    diagram, listed = Diagram(), set[str]()
    for line in lines:
        if found := re.fullmatch(rf'  state "{PLAIN}" as {ID}', line):
            diagram.declare(found[2], found[1])
        elif found := re.fullmatch(rf"  {ID} : {PLAIN}", line):
            diagram.known(found[1])
            if found[1] in listed:
                raise NotMermaid(f"two lists stand in `{found[1]}`")
            listed.add(found[1])
        elif found := re.fullmatch(rf"  \[\*\] --> {ID}", line):
            diagram.known(found[1])
            diagram.arrows.append(("[*]", found[1]))
        elif found := re.fullmatch(rf"  {ID} --> {ID} : {PLAIN}", line):
            diagram.known(found[1], found[2])
            diagram.arrows.append((found[1], found[2]))
        else:
            raise NotMermaid(line)
    return diagram


def read_flowchart(text: str) -> Diagram:
    """The boxes, what each lies in, and the arrows between them."""
    head, *lines = _lines(text)
    if head != "flowchart TD":
        raise NotMermaid(head)
    diagram, opened, styled, styles = Diagram(), list[str](), set[str](), set[str]()
    for indented in lines:
        line = indented.strip()
        if indented.rstrip() != indented or not indented.startswith("  "):
            raise NotMermaid(indented)
        if found := re.fullmatch(rf'(subgraph )?{ID}\["{PLAIN}"\]', line):
            diagram.declare(found[2], found[3])
            if opened:
                diagram.inside[found[2]] = opened[-1]
            if found[1]:
                opened.append(found[2])
        elif line == "end":
            if not opened:
                raise NotMermaid("an `end` of nothing")
            opened.pop()
        elif found := re.fullmatch(rf"{ID} --> {ID}", line):
            diagram.arrows.append((found[1], found[2]))
        elif found := re.fullmatch(rf"class {ID} {ID}", line):
            diagram.known(found[1])
            styled.add(found[2])
        elif found := re.fullmatch(rf"classDef {ID} [a-z-]+:[#\w]+(?:,[a-z-]+:[#\w]+)*", line):
            styles.add(found[1])
        else:
            raise NotMermaid(line)
    if opened or styled - styles:
        raise NotMermaid(f"no end of {opened}, or no style {sorted(styled - styles)}")
    for one, other in diagram.arrows:
        diagram.known(one, other)
        if one == other or one in diagram.around(other) or other in diagram.around(one):
            raise NotMermaid(f"an arrow from `{one}` to `{other}` leads nowhere")
    return diagram


def _lines(text: str) -> list[str]:
    """The lines behind a comment at the top, if one stands there."""
    lines = text.removesuffix("\n").split("\n")
    return lines[1:] if re.match(r"%% [^{]", lines[0]) else lines
