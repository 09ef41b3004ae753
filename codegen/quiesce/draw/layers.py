"""The layer of every state and every stretch of an arrow, and the order within each layer.

States stand in the even layers, labels in the odd ones. An arrow becomes a chain of nodes, one in each layer it
passes, so that room is kept for it everywhere and two neighbours in a chain are always one layer apart.
"""

from collections.abc import Iterator, Sequence
from functools import cached_property
from itertools import pairwise

from quiesce.draw.view import Arrow, Picture
from quiesce.spec.record import record

_SWEEPS = 12


@record
class Chain:
    """The nodes of an arrow from the upper state to the lower one. `label` is the node that has the arrow's label."""

    nodes: tuple[int, ...]
    label: int
    upward: bool


@record
class Layers:
    """Nodes in layers, each from left to right. Node n is state n, if there are so many; chain n is arrow n."""

    layers: tuple[tuple[int, ...], ...]
    chains: tuple[Chain, ...]

    @cached_property
    def depth(self) -> dict[int, int]:
        """The layer of each node."""
        return {node: number for number, layer in enumerate(self.layers) for node in layer}

    @cached_property
    def place(self) -> dict[int, int]:
        """How many nodes stand to the left of each."""
        return {node: at for layer in self.layers for at, node in enumerate(layer)}

    def neighbours(self) -> Iterator[tuple[int, int]]:
        """Nodes that stand side by side, left one first."""
        for layer in self.layers:
            yield from pairwise(layer)


def layered(picture: Picture, label_widths: Sequence[int]) -> Layers:
    """Few layers, short arrows, few crossings; `label_widths` are those of the arrows' labels."""
    ranks = _ranks(picture)
    layers: list[list[int]] = [[] for _ in range(2 * max(ranks) + 1)]
    for state, rank in enumerate(ranks):
        layers[2 * rank].append(state)
    load = [0] * len(layers)
    chains: dict[int, Chain] = {}
    count = len(ranks)
    by_length = sorted(enumerate(picture.arrows), key=lambda entry: _span(entry[1], ranks))
    for number, arrow in by_length:
        upper, lower = sorted((arrow.source, arrow.target), key=ranks.__getitem__)
        passed = range(2 * ranks[upper] + 1, 2 * ranks[lower])
        upward = upper == arrow.target
        near_source = passed[::-1] if upward else passed
        at = min((layer for layer in near_source if layer % 2), key=load.__getitem__)
        load[at] += label_widths[number]
        nodes = tuple(range(count, count + len(passed)))
        count += len(passed)
        for node, layer in zip(nodes, passed, strict=True):
            layers[layer].append(node)
        chains[number] = Chain((upper, *nodes, lower), nodes[at - passed.start], upward)
    in_order = tuple(chains[number] for number in range(len(chains)))
    return Layers(_ordered(layers, in_order), in_order)


def _span(arrow: Arrow, ranks: Sequence[int]) -> tuple[bool, int]:
    distance = ranks[arrow.target] - ranks[arrow.source]
    return distance < 0, abs(distance)


def _ranks(picture: Picture) -> tuple[int, ...]:
    """Longest way from the start, once the arrows that close a cycle are left out."""
    targets: list[list[int]] = [[] for _ in picture.states]
    for arrow in picture.arrows:
        targets[arrow.source].append(arrow.target)
    # Against the order in which a search in depth finishes run only arrows back to a state that it is still busy with.
    ranks = [0] * len(targets)
    finished = _finished(targets)
    number = {state: at for at, state in enumerate(finished)}
    for state in reversed(finished):  # which has each state before all that its remaining arrows lead to
        for target in targets[state]:
            if number[target] < number[state]:
                ranks[target] = max(ranks[target], ranks[state] + 1)
    return tuple(ranks)


def _finished(targets: Sequence[Sequence[int]]) -> list[int]:
    """The states in the order in which a search in depth is done with them, begun at each that it has not yet met."""
    met: set[int] = set()
    finished: list[int] = []
    for start in range(len(targets)):
        busy = [] if start in met else [(start, iter(targets[start]))]
        met.add(start)
        while busy:
            state, further = busy[-1]
            target = next((target for target in further if target not in met), None)
            if target is None:
                finished.append(state)
                busy.pop()
            else:
                met.add(target)
                busy.append((target, iter(targets[target])))
    return finished


def _ordered(layers: Sequence[Sequence[int]], chains: Sequence[Chain]) -> tuple[tuple[int, ...], ...]:
    """The layers rearranged by the barycentre method, sweeping down and up; the best arrangement seen is kept."""
    above: dict[int, list[int]] = {node: [] for layer in layers for node in layer}
    below: dict[int, list[int]] = {node: [] for layer in layers for node in layer}
    for chain in chains:
        for upper, lower in pairwise(chain.nodes):
            below[upper].append(lower)
            above[lower].append(upper)
    current = [list(layer) for layer in layers]
    best, fewest = tuple(map(tuple, current)), _crossings(current, below)
    for sweep in range(_SWEEPS):
        down = sweep % 2 == 0
        for number in range(1, len(current)) if down else range(len(current) - 2, -1, -1):
            fixed = current[number - 1 if down else number + 1]
            place = {node: at for at, node in enumerate(fixed)}
            current[number] = _by_barycentre(current[number], above if down else below, place)
        crossings = _crossings(current, below)
        if crossings < fewest:
            best, fewest = tuple(map(tuple, current)), crossings
    return best


def _by_barycentre(layer: Sequence[int], toward: dict[int, list[int]], place: dict[int, int]) -> list[int]:
    """Sorted by the mean place of the neighbours; nodes without neighbours keep their relative place."""
    most = max(len(place) - 1, 1)

    def key(entry: tuple[int, int]) -> float:
        at, node = entry
        near = toward[node]
        return sum(place[other] for other in near) / len(near) / most if near else at / max(len(layer) - 1, 1)

    return [node for _, node in sorted(enumerate(layer), key=key)]


def _crossings(layers: Sequence[Sequence[int]], below: dict[int, list[int]]) -> int:
    total = 0
    for upper, lower in pairwise(layers):
        place = {node: at for at, node in enumerate(lower)}
        ends = [at for node in upper for at in sorted(place[other] for other in below[node])]
        total += sum(first > second for number, first in enumerate(ends) for second in ends[number + 1 :])
    return total
