"""Text in Mermaid."""

import re

from quiesce.spec.visible import one_line

_SYNTAX = re.compile(r"[^\w ()/]|\b_|_\b")


def text(plain: str) -> str:
    """Entity codes for what Mermaid or Markdown would read as syntax, an underscore at the rim of a word included."""
    return _SYNTAX.sub(lambda found: f"#{ord(found[0])};", one_line(plain))
