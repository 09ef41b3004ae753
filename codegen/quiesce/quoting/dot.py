"""Text in Graphviz's language."""

from quiesce.quoting import xml
from quiesce.spec.visible import one_line


def name(plain: str) -> str:
    """A name in quotation marks. Graphviz knows no escape there but that of the mark itself, so a backslash is one."""
    return '"' + one_line(plain).replace("\\", "\\\\").replace('"', '\\"') + '"'


def label(plain: str) -> str:
    """Text inside a label that is given between `<` and `>`, where Graphviz reads a kind of HTML."""
    return xml.text(one_line(plain))
