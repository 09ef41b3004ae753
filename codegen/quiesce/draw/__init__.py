"""Pictures of a machine: its control graph as SVG, Graphviz, Mermaid and a Markdown table.

Every function is pure, and the same graph gives the same bytes on every machine. Arrows are what the solver found
to happen, not what the text of the spec suggests.
"""

from quiesce.draw.dot import to_dot
from quiesce.draw.mermaid import to_mermaid
from quiesce.draw.svg import to_svg
from quiesce.draw.table import to_page, to_table

__all__ = ["to_dot", "to_mermaid", "to_page", "to_svg", "to_table"]
