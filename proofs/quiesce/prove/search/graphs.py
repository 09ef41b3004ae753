"""Graphs: what is reached, shortest ways, and circles; the last by networkx, where one is looked for.

Loading networkx takes as long as a small proof, and a walk from nearer to farther nodes is a few lines.

Nodes are met in the order in which edges were given, so that every answer is the same in every run.
"""

from collections.abc import Hashable, Iterable, Sequence
from functools import cached_property
from typing import Generic, TypeVar

Node = TypeVar("Node", bound=Hashable)


class Graph(Generic[Node]):
    """A directed graph by its edges; `nodes` adds nodes that may have none."""

    def __init__(self, edges: Iterable[tuple[Node, Node]], nodes: Iterable[Node] = ()) -> None:
        self._after: dict[Node, dict[Node, None]] = {node: {} for node in nodes}
        for source, target in edges:
            self._after.setdefault(source, {})[target] = None
            self._after.setdefault(target, {})

    def breadth_first(self, starts: Sequence[Node]) -> tuple[Node, ...]:
        """All nodes that are reached, those of `starts` first, nearer ones before farther ones."""
        return tuple(self._reached(starts))

    def shortest_way(self, start: Node, end: Node) -> tuple[Node, ...] | None:
        """The nodes of a shortest way, both ends included; None if there is none."""
        before = self._reached([start])
        if end not in before:
            return None
        way: list[Node] = []
        node: Node | None = end
        while node is not None:
            way.append(node)
            node = before[node]
        return tuple(reversed(way))

    def _reached(self, starts: Iterable[Node]) -> dict[Node, Node | None]:
        """The nodes that are reached, nearer ones first, each with the one that it was met from; a start has none."""
        before: dict[Node, Node | None] = dict.fromkeys(starts)
        pending = list(before)
        for node in pending:  # which grows
            for target in self._after.get(node, ()):
                if target not in before:
                    before[target] = node
                    pending.append(target)
        return before

    def on_one_circle(self, first: Node, second: Node) -> bool:
        """Whether a way leads from each of the two nodes to the other."""
        return self._component.get(first, -1) == self._component.get(second, -2)

    @cached_property
    def _component(self) -> dict[Node, int]:
        """The number of the strongly connected component that each node belongs to."""
        import networkx  # noqa: PLC0415 -- loaded where circles are looked for, and by nothing else

        graph = networkx.DiGraph()
        graph.add_nodes_from(self._after)
        graph.add_edges_from((source, target) for source, targets in self._after.items() for target in targets)
        components = networkx.strongly_connected_components(graph)
        return {node: number for number, component in enumerate(components) for node in component}
