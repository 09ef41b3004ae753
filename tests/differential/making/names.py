"""Names for everything in a random spec, many of them words that a prover, a solver or a generator may use itself."""

from random import Random

_WORDS = """
idle arg wait start step1 self_ covered exclusive some possible1 any1 total member old1 old other others mine
inert witness fails helper state states key members scalars everywhere applies carried duty lower offers
shared answered run move now next before after t s m u x y result this true false let forall exists distinct
ite par select store abs div mod xor push pop check echo len list map bytes set type id hash name_1 t_2 x_2 pre
post possible changed keeps lowers holds assumed policy1 Bool Real Array String Seq Set assert1 define declare
"""

WORDS = tuple(_WORDS.split())
"""Names that collide with something if a name is not kept apart from what is made of it."""

_PLAIN = "alpha beta gamma delta kappa sigma omega theta zeta lambda_ iota rho tau phi chi psi nu mu xi pi"

PLAIN = tuple(_PLAIN.split())


class Pool:
    """Names that differ from each other."""

    def __init__(self, random: Random, refused: frozenset[str] = frozenset()) -> None:
        self._random = random
        self._taken: set[str] = set(refused)

    def fresh(self, usual: str) -> str:
        """A name that is not taken yet: the usual one, or one that may collide with something."""
        candidates = [self._random.choice(WORDS), usual] if self._random.random() < 0.35 else [usual]
        candidates += [*PLAIN, *(f"{usual}{number}" for number in range(1, 30))]
        name = next(candidate for candidate in candidates if candidate not in self._taken)
        self._taken.add(name)
        return name

    @property
    def taken(self) -> frozenset[str]:
        """All names that are taken."""
        return frozenset(self._taken)
