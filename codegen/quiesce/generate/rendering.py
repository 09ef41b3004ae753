"""Templates rendered: the one door to Jinja."""

from functools import cache
from pathlib import Path

import jinja2


def render_template(name: str, **views: object) -> str:
    """The text of a template; what it uses and is not given is an error."""
    return _environment().get_template(name).render(views)


@cache
def _environment() -> jinja2.Environment:
    return jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).parent / "templates"),
        undefined=jinja2.StrictUndefined,
        autoescape=False,  # noqa: S701 -- Python is printed, not HTML; views escape what needs it
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        newline_sequence="\n",
    )
