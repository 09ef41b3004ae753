"""How hard everything that asks a solver may try: one record that reaches every solver, and every multiple of it.

Budgets are in units of Z3's `rlimit`, which count work and not time, so that no answer depends on the machine's speed.
Nothing raises a budget in silence: a part that needs another one than that of one condition states here how many times
as much, so a smaller budget ends every part sooner.
"""

from quiesce.spec.record import record


@record
class Effort:
    """How hard to try.

    `budget` is for one condition; those of the flagship need a few thousand units each. Runs are looked for up to
    `depth` steps with up to `members` members of each family. With `strengthen`, helpers are looked for where the
    promises alone do not carry a proof. With more than one of `jobs`, conditions are proved in as many processes; one
    process may take `timeout` seconds for those of one action. Budgets end it much earlier, unless something hangs.

    Raises:
        ValueError: a number is too small. A solver takes a budget of zero for one without an end.
    """

    budget: int = 2_000_000
    depth: int = 12
    members: int = 8
    seed: int = 0
    strengthen: bool = True
    jobs: int = 1
    timeout: float = 600.0

    def __post_init__(self) -> None:
        if self.budget < 1 or self.depth < 0 or self.members < 0 or self.jobs < 1 or not self.timeout > 0:
            raise ValueError(f"an effort that is none: {self}")

    @property
    def searches(self) -> int:
        """The budget of all searches for runs of one report together: some twenty seconds by default."""
        return 30 * self.budget

    @property
    def states(self) -> int:
        """How many states a search on the interpreter may meet for one question, which takes as long as its budget."""
        return self.budget // 1_000

    @property
    def all_states(self) -> int:
        """How many states such searches may meet for all questions of one report together."""
        return 10 * self.states

    @property
    def traps(self) -> int:
        """In how many states a proof is tried that the goal of a promise cannot be reached again."""
        return min(12, self.budget // 10_000)

    @property
    def helping(self) -> int:
        """The budget of one question on the way to a helper.

        A found helper is then proved with the budget of every proof.
        """
        return max(1, self.budget // 2)

    @property
    def horn_clauses(self) -> int:
        """The budget of one question to the engine for Horn clauses, which answers for the machine as a whole."""
        return 2 * self.budget

    @property
    def closing(self) -> int:
        """The budget of one condition about a set of states that no step of a mutant leaves."""
        return max(1, self.budget * 3 // 20)

    @property
    def fewest(self) -> int:
        """The budget of one attempt to prove a goal from the parts that should be enough, before others are used."""
        return max(1, self.budget // 20)

    @property
    def patience(self) -> int:
        """The budget of one attempt to spare a premise: many times the cost of the proofs themselves."""
        return max(1, self.budget // 200)

    @property
    def glance(self) -> int:
        """How many steps are looked ahead for a fault before helpers are looked for."""
        return self.depth // 2
