"""A finished drawing as data: points, rectangles, texts, icons, panels, boxes and lines.

All numbers are whole pixels; x grows to the right, y downwards.
"""

from dataclasses import replace

from quiesce.draw.text import Style, width_of
from quiesce.draw.view import Mark
from quiesce.spec.record import record


@record
class Point:
    """A place."""

    x: int
    y: int


@record
class Rect:
    """A rectangle given by its upper left corner and its size."""

    x: int
    y: int
    width: int
    height: int

    @property
    def right(self) -> int:
        """The x of the right side."""
        return self.x + self.width

    @property
    def bottom(self) -> int:
        """The y of the lower side."""
        return self.y + self.height

    def overlaps(self, other: "Rect") -> bool:
        """Whether the two share more than a border."""
        return self.x < other.right and other.x < self.right and self.y < other.bottom and other.y < self.bottom

    def contains(self, other: "Rect") -> bool:
        """Whether the other lies within this one."""
        return self.x <= other.x and self.y <= other.y and other.right <= self.right and other.bottom <= self.bottom

    def shifted(self, dx: int, dy: int) -> "Rect":
        """The same rectangle elsewhere."""
        return replace(self, x=self.x + dx, y=self.y + dy)


@record
class Text:
    """One line of text, from the left end of its baseline. `mark` gives a colour, `action` names what it stands for."""

    x: int
    y: int
    text: str
    style: Style
    mark: Mark | None = None
    action: str | None = None

    @property
    def rect(self) -> Rect:
        """The room that the text may take."""
        size = self.style.value.size
        return Rect(self.x, self.y - size, width_of(self.text, self.style), size + size // 4)

    def shifted(self, dx: int, dy: int) -> "Text":
        """The same text elsewhere."""
        return replace(self, x=self.x + dx, y=self.y + dy)


@record
class Icon:
    """A mark's icon, twelve pixels wide and high, given by its centre."""

    x: int
    y: int
    mark: Mark

    @property
    def rect(self) -> Rect:
        """The room that the icon takes."""
        return Rect(self.x - 6, self.y - 6, 12, 12)

    def shifted(self, dx: int, dy: int) -> "Icon":
        """The same icon elsewhere."""
        return replace(self, x=self.x + dx, y=self.y + dy)


@record
class Panel:
    """Text and icons that belong together: a state, the label of an arrow, or the legend. `rule` is the y of a line."""

    rect: Rect
    texts: tuple[Text, ...]
    icons: tuple[Icon, ...] = ()
    rule: int | None = None

    def shifted(self, dx: int, dy: int) -> "Panel":
        """The same panel elsewhere."""
        return Panel(
            self.rect.shifted(dx, dy),
            tuple(text.shifted(dx, dy) for text in self.texts),
            tuple(icon.shifted(dx, dy) for icon in self.icons),
            None if self.rule is None else self.rule + dy,
        )


@record
class Box:
    """A drawn state. An initial one has its marker in the `MARKER` pixels to the left of it."""

    name: str
    initial: bool
    panel: Panel


@record
class Line:
    """A drawn arrow: level and upright stretches from the rim of one box to the rim of another.

    `mark` is what all its actions have in common, if anything.
    """

    source: int
    target: int
    points: tuple[Point, ...]
    label: Panel
    mark: Mark | None


@record
class Drawing:
    """All shapes and texts of a picture."""

    width: int
    height: int
    title: str
    description: str
    heading: Panel
    boxes: tuple[Box, ...]
    lines: tuple[Line, ...]
    legend: Panel


MARKER = 40
"""Pixels to the left of an initial state that belong to its marker."""
