"""Everything that the reference finds out about a spec: all policies, families of several sizes, its contracts."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from tests.differential.reference.activities import unanswered, work
from tests.differential.reference.exploring import Run, Space, explore, tries_all
from tests.differential.reference.futures import futures
from tests.differential.reference.happening import shown
from tests.differential.reference.layers import owed
from tests.differential.reference.lifecycle import Lifecycle
from tests.differential.reference.loading import load
from tests.differential.reference.meaning import About, Finding, broken

SIZES: Mapping[int, tuple[tuple[int, ...], ...]] = {
    0: ((),),
    1: ((0,), (1,), (2,), (3,)),
    2: ((0, 0), (1, 0), (0, 1), (1, 1), (2, 1), (1, 2), (3, 2)),
    3: ((0, 0, 0), (1, 1, 1), (0, 1, 2), (2, 1, 0), (1, 2, 1), (3, 1, 2)),
}
"""How many members there are in each family, by the number of families."""

Key = TypeVar("Key")

LIMITS = (250, 120, 80, 40)
"""States that are met at most, by the size of the largest family."""


@dataclass
class Knowledge:
    """What some run breaks, and what some run shows; of several that say the same, one with the shortest run."""

    lives: tuple[Lifecycle, ...]
    spaces: list[Space] = field(default_factory=list)
    broken: dict[tuple[About, bool], Finding] = field(default_factory=dict)
    endless: dict[About, Finding] = field(default_factory=dict)
    shown: dict[About, Finding] = field(default_factory=dict)
    contracts: list[tuple[str, Finding]] = field(default_factory=list)

    @property
    def life(self) -> Lifecycle:
        """The machine under the first choice of policies: its declarations are the same under each."""
        return self.lives[0]

    @property
    def complete(self) -> bool:
        """Whether each instance was searched in full, with all arguments that there are."""
        return all(space.complete for space in self.spaces) and tries_all(self.life.actions)

    @property
    def decided(self) -> bool:
        """Whether the search decides: nothing of any size was left out."""
        return self.complete and not self.life.families

    @property
    def keeps_all(self) -> bool:
        """Whether nothing that is broken was found."""
        return not (self.broken or self.endless or self.contracts)


def learn(text: str, beside: Mapping[str, str] | None = None, *, nobody: bool = True) -> Knowledge:
    """Search a spec. Unless `nobody` is said, families without members are left out, but for what is forgettable."""
    known = Knowledge(load(text, beside))
    for life in known.lives:
        for sizes in SIZES[len(life.families)]:
            space = explore(life, sizes, LIMITS[max(sizes, default=0)])
            known.spaces.append(space)
            is_seen = nobody or 0 not in sizes
            for finding in (*broken(space), *work(space), *owed(space)):
                if is_seen or finding.about.kind == "forgettable":
                    _note(known.broken, (finding.about, finding.trusted), finding)
            for finding in (*futures(space), *unanswered(space)) if is_seen else ():
                _note(known.endless, finding.about, finding)
            for finding in shown(space) if is_seen else ():
                _note(known.shown, finding.about, finding)
        for contract in _contracts(life):
            space = explore(contract, (), LIMITS[0])
            for finding in (*broken(space), *futures(space)):
                known.contracts.append((contract.cls.__name__, finding))
    for line in frozenset.intersection(*(frozenset(_untraced(life)) for life in known.lives)):
        about = About("carried", line=line)
        nothing = Run(known.life, known.life.start((0,) * len(known.life.families)))
        _note(known.broken, (about, True), Finding(about, "nothing that holds satisfies this requirement", nothing))
    return known


def _note(known: dict[Key, Finding], key: Key, finding: Finding) -> None:
    if key not in known or len(finding.run.moves) < len(known[key].run.moves):
        known[key] = finding


def _untraced(life: Lifecycle) -> Iterator[int]:
    """Lines of requirements that nothing satisfies which is to hold under this choice of policies.

    A promise that is false under one alternative and holds under another satisfies its requirements where it holds.
    """
    kept: set[str] = set().union(*(a.satisfies for a in life.actions), *(p.satisfies for p in life.promises if p.holds))
    yield from (line for id_, line in life.requirements.items() if id_ not in kept)


def _contracts(life: Lifecycle) -> Iterable[Lifecycle]:
    found = [*life.layers.values(), *((life.offers,) if life.offers is not None else ())]
    return {id(contract): contract for contract in found}.values()
