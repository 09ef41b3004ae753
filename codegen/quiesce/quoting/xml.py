"""Text in SVG, and in other XML and HTML."""

from html import escape

from quiesce.spec.visible import visible


def text(plain: str) -> str:
    """Text for an element, or for an attribute in quotation marks. What XML cannot carry is written by its number."""
    return escape(visible(plain))
