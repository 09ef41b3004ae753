"""Pictures of a machine: its control graph as SVG, Graphviz, Mermaid and a Markdown table.

Every function is pure, and the same graph gives the same bytes on every machine. Arrows are what the solver found
to happen, not what the text of the spec suggests.
"""

from quiesce.generate.diagrams.dot import to_dot
from quiesce.generate.diagrams.mermaid import to_mermaid
from quiesce.generate.diagrams.svg import to_svg
from quiesce.generate.diagrams.table import to_table

__all__ = ["to_dot", "to_mermaid", "to_svg", "to_table"]
