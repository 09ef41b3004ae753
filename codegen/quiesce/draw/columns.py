"""The places of nodes from left to right, and of the ports of arrows at them.

An arrow's chain is one upright stretch wherever it can be; states are drawn toward their arrows and arrows toward
the middle of their states, never closer than their extents allow.
"""

from collections.abc import Sequence
from itertools import accumulate, count, pairwise

from quiesce.draw.layers import Chain, Layers
from quiesce.spec.record import record

GAP = 28
PORT_GAP = 20
PORT_MARGIN = 12
_SHORT_WEIGHT = 6  # how much more an arrow pulls that joins neighbouring layers
_SETTLING_SWEEPS = 200
_STRAIGHTENING_SWEEPS = 20


@record
class Extent:
    """Pixels that a node needs to either side of its line; the line of a state is its middle."""

    left: int
    right: int


def columns(layers: Layers, extents: Sequence[Extent], half_widths: Sequence[int]) -> tuple[int, ...]:
    """The x of every node. `half_widths` are those of the states."""
    blocks = _Blocks(layers, extents, half_widths)
    places = blocks.packed()
    for sweep in range(_SETTLING_SWEEPS + _STRAIGHTENING_SWEEPS):
        for block in blocks.order if sweep % 2 else reversed(blocks.order):
            places[block] = blocks.better(block, places, straighten=sweep >= _SETTLING_SWEEPS)
    return tuple(places[blocks.of[node]] for node in range(len(extents)))


def ports(wanted: Sequence[int], low: int, high: int) -> list[int]:
    """Places between `low` and `high`, `PORT_GAP` apart and in order, as near as can be to the ones wanted.

    Least squares under an order: neighbours that want to pass each other are pooled and share their mean.
    """
    pools: list[tuple[int, int]] = []
    for number, x in enumerate(wanted):
        total, size = x - number * PORT_GAP, 1
        while pools and pools[-1][0] * size >= total * pools[-1][1]:
            total, size = total + pools[-1][0], size + pools[-1][1]
            pools.pop()
        pools.append((total, size))
    highest = high - (len(wanted) - 1) * PORT_GAP
    level = [min(max(total // size, low), highest) for total, size in pools for _ in range(size)]
    return [x + number * PORT_GAP for number, x in enumerate(level)]


class _Blocks:
    """Nodes that move as one: each state by itself, and the longest possible stretches of each chain."""

    def __init__(self, layers: Layers, extents: Sequence[Extent], half_widths: Sequence[int]) -> None:
        self._half_widths = half_widths
        self.of = _joined(layers, len(extents))
        size = max(self.of, default=0) + 1
        self._before: list[dict[int, int]] = [{} for _ in range(size)]
        self._after: list[dict[int, int]] = [{} for _ in range(size)]
        for left, right in layers.neighbours():
            a, b = self.of[left], self.of[right]
            distance = max(extents[left].right + extents[right].left + GAP, self._before[b].get(a, 0))
            self._before[b][a] = self._after[a][b] = distance
        self.order = self._sorted(size)
        self._pulls: list[list[_Pull]] = [[] for _ in range(size)]
        for chain, offsets in zip(layers.chains, _offsets(layers, extents), strict=True):
            self._pull(chain, offsets)

    def packed(self) -> list[int]:
        """Halfway between everything as far left and everything as far right as it goes."""
        left = [0] * len(self.of)
        right = [0] * len(self.of)
        for block in self.order:
            left[block] = max((left[other] + gap for other, gap in self._before[block].items()), default=0)
        widest = max(left)
        for block in reversed(self.order):
            right[block] = min((right[other] - gap for other, gap in self._after[block].items()), default=widest)
        return [(a + b) // 2 for a, b in zip(left, right, strict=True)]

    def better(self, block: int, places: Sequence[int], *, straighten: bool) -> int:
        """Where the block would rather be, as far as its neighbours leave it room.

        That is amid what pulls at it. To straighten is to move no further from there than lets the most of its
        arrows run without a bend.
        """
        pulls = self._pulls[block]
        if not pulls:
            return places[block]
        weight = sum(pull.weight for pull in pulls)
        wish = round(sum((places[pull.other] + pull.offset) * pull.weight for pull in pulls) / weight)
        lowest = max((places[other] + gap for other, gap in self._before[block].items()), default=None)
        highest = min((places[other] - gap for other, gap in self._after[block].items()), default=None)

        def allowed(x: int) -> int:
            x = x if highest is None else min(x, highest)
            return x if lowest is None else max(x, lowest)

        def bends(x: int) -> int:
            return sum(pull.weight for pull in pulls if abs(x - places[pull.other]) > pull.reach)

        if not straighten:
            return allowed(wish)
        rims = (places[pull.other] + side * pull.reach for pull in pulls for side in (-1, 1))
        return min(map(allowed, (wish, *rims)), key=lambda x: (bends(x), abs(x - wish), x))

    def _pull(self, chain: Chain, offsets: tuple[int, int]) -> None:
        weight = _SHORT_WEIGHT if len(chain.nodes) == 3 else 1
        rims = [self._half_widths[state] - PORT_MARGIN for state in (chain.nodes[0], chain.nodes[-1])]
        reaches = [rims[0], *[0] * (len(chain.nodes) - 3), rims[1]]
        links = pairwise(chain.nodes)
        for (upper, lower), offset, reach in zip(links, _per_link(chain, offsets), reaches, strict=True):
            a, b = self.of[upper], self.of[lower]
            if a != b:
                self._pulls[b].append(_Pull(a, offset, reach, weight))
                self._pulls[a].append(_Pull(b, -offset, reach, weight))

    def _sorted(self, size: int) -> list[int]:
        waiting = [len(before) for before in self._before]
        order = [block for block in range(size) if not waiting[block]]
        for block in order:
            for other in self._after[block]:
                waiting[other] -= 1
                if not waiting[other]:
                    order.append(other)
        return order


@record
class _Pull:
    """A wish to be `offset` to the right of another block; anywhere within `reach` of it needs no bend."""

    other: int
    offset: int
    reach: int
    weight: int


def _joined(layers: Layers, size: int) -> list[int]:
    """The block of each node. Stretches are joined as long as joined ones do not cross: so left of stays an order."""
    place = layers.place
    stretches: dict[int, list[tuple[int, int]]] = {}
    for chain in sorted(layers.chains, key=lambda chain: -len(chain.nodes)):
        for upper, lower in pairwise(chain.nodes[1:-1]):
            kept = stretches.setdefault(layers.depth[upper], [])
            if all((place[upper] < place[a]) == (place[lower] < place[b]) for a, b in kept):
                kept.append((upper, lower))
    joined_to = {lower: upper for kept in stretches.values() for upper, lower in kept}
    block: dict[int, int] = {}
    fresh = count()
    for node in (node for layer in layers.layers for node in layer):
        block[node] = block[joined_to[node]] if node in joined_to else next(fresh)
    return [block[node] for node in range(size)]


def _offsets(layers: Layers, extents: Sequence[Extent]) -> list[tuple[int, int]]:
    """How far right of its upper and of its lower state's middle each chain would stand if all stood close together."""
    place = layers.place
    fans: dict[tuple[int, int], list[int]] = {}
    for chain in layers.chains:
        fans.setdefault((chain.nodes[0], 1), []).append(chain.nodes[1])
        fans.setdefault((chain.nodes[-1], -1), []).append(chain.nodes[-2])
    offset: dict[tuple[int, int], int] = {}
    for (_, side), fan in fans.items():
        fan.sort(key=place.__getitem__)
        steps = (extents[a].right + extents[b].left + GAP for a, b in pairwise(fan))
        spots = list(accumulate(steps, initial=0))
        offset |= {(node, side): spot - spots[-1] // 2 for node, spot in zip(fan, spots, strict=True)}
    return [(offset[chain.nodes[1], 1], offset[chain.nodes[-2], -1]) for chain in layers.chains]


def _per_link(chain: Chain, offsets: tuple[int, int]) -> list[int]:
    """The offset of each node of the chain but the first from the one before."""
    return [offsets[0], *[0] * (len(chain.nodes) - 3), -offsets[1]]
