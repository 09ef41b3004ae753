"""Graphs, by networkx: what is reached, shortest ways, circles.

Loading it takes as long as a small proof, so it is loaded where one is walked.

Nodes are met in the order in which edges were given, so that every answer is the same in every run.
"""

from collections.abc import Hashable, Iterable, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from networkx import DiGraph

Node = TypeVar("Node", bound=Hashable)


class Graph(Generic[Node]):
    """A directed graph by its edges; `nodes` adds nodes that may have none."""

    def __init__(self, edges: Iterable[tuple[Node, Node]], nodes: Iterable[Node] = ()) -> None:
        import networkx  # noqa: PLC0415 -- loaded by what walks through a graph, and by nothing else

        self._networkx = networkx
        self._graph: DiGraph[Node] = networkx.DiGraph()
        self._graph.add_nodes_from(nodes)
        self._graph.add_edges_from(edges)

    def breadth_first(self, starts: Sequence[Node]) -> tuple[Node, ...]:
        """All nodes that are reached, those of `starts` first, nearer ones before farther ones."""
        root = object()  # from which all starts are one step away; networkx has no order for several starts
        self._graph.add_node(root)
        self._graph.add_edges_from((root, start) for start in starts)
        met = tuple(node for _, node in self._networkx.bfs_edges(self._graph, root))
        self._graph.remove_node(root)
        return met

    def shortest_way(self, start: Node, end: Node) -> tuple[Node, ...] | None:
        """The nodes of a shortest way, both ends included; None if there is none."""
        if start == end:
            return (start,)
        before = dict(self._networkx.bfs_predecessors(self._graph, start)) if start in self._graph else {}
        if end not in before:
            return None
        way = [end]
        while way[-1] != start:
            way.append(before[way[-1]])
        return tuple(reversed(way))

    def on_one_circle(self, first: Node, second: Node) -> bool:
        """Whether a way leads from each of the two nodes to the other."""
        return self._component.get(first, -1) == self._component.get(second, -2)

    @cached_property
    def _component(self) -> dict[Node, int]:
        """The number of the strongly connected component that each node belongs to."""
        components = self._networkx.strongly_connected_components(self._graph)
        return {node: number for number, component in enumerate(components) for node in component}
