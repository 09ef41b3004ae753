"""How close a cold proof of the flagship comes to its floor, in ratios between times taken side by side in one run.

The floor is what cannot be avoided: the interpreter's start, importing the solver, and the raw time that the solver
itself takes for the same conditions. Each is measured in a process of its own, all of them in turn, and the medians of
processor time are reported. The exit code is 1 if the promise is missed.

    python -m tests.bench.verify_bench [--rounds 7] [--json]
"""

import argparse
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from tests.bench.measuring import median_of, run

ROOT = Path(__file__).parents[2]
FLAGSHIP = ROOT / "model" / "winsock.py"

PROMISED = 1.5
"""The most that a cold proof may take, as a multiple of the floor."""

BARE = ("-c", "pass")

IMPORT = ("-c", "import z3")

COMMAND = ("-m", "quiesce.cli", "verify", str(FLAGSHIP), "--no-cache")
"""The proof as people start it, with nothing remembered."""

PROOF = """
import sys
from pathlib import Path
from quiesce.prove.checked import CheckedMachine
from quiesce.prove.prover import verify
from quiesce.spec.reader import read_file

report = verify(read_file(Path(sys.argv[1])))
CheckedMachine(report)
print(len(report.results))
"""

CONDITIONS = """
import sys
import time
from pathlib import Path
import z3
from quiesce.prove.prover import verify
from quiesce.prove.solving.z3_solver import Solver
from quiesce.spec.reader import read_file

batches = []
check = Solver.check

def noted(self, batch):
    batches.append(batch)
    return check(self, batch)

Solver.check = noted
verify(read_file(Path(sys.argv[1])))
if not batches:
    raise SystemExit("no condition was noted, so the floor would mean nothing")

def parsed(batch, terms, context):
    text = "".join(f"{line}\\n" for line in (*batch.declarations, *(f"(assert {term})" for term in terms)))
    return list(z3.parse_smt2_string(text, ctx=context))

def solver_for(invariants, context):
    solver = z3.SimpleSolver(ctx=context)
    solver.set("random_seed", 0)
    solver.add(invariants)
    return solver

# The time of the solver alone: the text is read beforehand, and conditions share premises as they do in the proof.
context = z3.Context()
work = [
    (
        batch.invariants,
        parsed(batch, batch.invariants, context),
        parsed(batch, batch.assumptions, context),
        parsed(batch, batch.negated_goals, context),
    )
    for batch in batches
]
known = {}
spent = 0.0
asked = 0
for name, invariants, assumptions, negated_goals in work:
    begun = time.process_time()
    if name not in known:
        known[name] = solver_for(invariants, context)
    solver = known[name]
    solver.push()
    solver.add(assumptions)
    for goal in negated_goals:
        solver.push()
        solver.add(goal)
        answer = solver.check()
        solver.pop()
        asked += 1
        if answer != z3.unsat:
            raise SystemExit(f"{answer} instead of unsat: not the same conditions")
    solver.pop()
    spent += time.process_time() - begun
print(asked, spent)
"""


@dataclass(frozen=True, slots=True)
class Timing:
    """Processor times in seconds, of one round."""

    bare: float
    imported: float
    proof: float
    command: float
    solver: float
    obligations: int
    conditions: int

    @property
    def floor(self) -> float:
        """What no proof with this solver can do without."""
        return self.imported + self.solver

    @property
    def ratios(self) -> dict[str, float]:
        """What does not depend on the machine, by the name it is shown under."""
        return {
            "proof / floor": self.proof / self.floor,
            "proof / (start + import z3)": self.proof / self.imported,
            "proof / raw solver time": self.proof / self.solver,
            "command / floor": self.command / self.floor,
        }


@dataclass(frozen=True, slots=True)
class Timings:
    """All rounds, and the medians over them."""

    rounds: tuple[Timing, ...]

    @property
    def seconds(self) -> dict[str, float]:
        """Processor times by the name they are shown under."""
        return {
            "interpreter start": median_of(self.rounds, lambda one: one.bare),
            "start + import z3": median_of(self.rounds, lambda one: one.imported),
            "raw solver time": median_of(self.rounds, lambda one: one.solver),
            "floor": median_of(self.rounds, lambda one: one.floor),
            "cold proof": median_of(self.rounds, lambda one: one.proof),
            "cold command": median_of(self.rounds, lambda one: one.command),
        }

    @property
    def ratios(self) -> dict[str, float]:
        """The medians of what was compared within each round."""
        each = [one.ratios for one in self.rounds]
        return {name: median(ratios[name] for ratios in each) for name in each[0]}

    @property
    def kept(self) -> bool:
        """Whether the proof was as quick as is promised."""
        return self.ratios["proof / floor"] <= PROMISED


def measure(rounds: int) -> Timings:
    """All times, after one round that only warms the caches of the file system."""
    return Timings(tuple(_round() for _ in range(rounds + 1))[1:])


def _round() -> Timing:
    bare, imported = run(ROOT, *BARE), run(ROOT, *IMPORT)
    proof = run(ROOT, "-c", PROOF, str(FLAGSHIP))
    command = run(ROOT, *COMMAND)
    conditions, solver = run(ROOT, "-c", CONDITIONS, str(FLAGSHIP)).said.split()
    return Timing(bare.cpu, imported.cpu, proof.cpu, command.cpu, float(solver), int(proof.said), int(conditions))


def as_table(timings: Timings) -> str:
    """The timings for a person."""
    first = timings.rounds[0]
    lines = [f"{first.obligations} obligations, {first.conditions} of them conditions for the solver"]
    lines += [f"{name:<42}{value * 1000:>9.0f} ms" for name, value in timings.seconds.items()]
    lines += [f"{name:<42}{value:>9.2f}" for name, value in timings.ratios.items()]
    lines.append(f"{f'at most {PROMISED} times the floor':<42}{'kept' if timings.kept else 'missed':>9}")
    return "\n".join(lines)


def as_json(timings: Timings) -> str:
    """The timings for a program; times in seconds."""
    first = timings.rounds[0]
    return json.dumps(
        {
            "obligations": first.obligations,
            "conditions": first.conditions,
            "seconds": timings.seconds,
            "ratios": timings.ratios,
            "promised": PROMISED,
            "kept": timings.kept,
        },
        indent=2,
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="A cold proof of the flagship, compared with its floor.")
    parser.add_argument("--rounds", type=int, default=7, help="how often each is measured")
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    options = parser.parse_args(arguments)
    timings = measure(max(1, options.rounds))
    print(as_json(timings) if options.json else as_table(timings))
    return 0 if timings.kept else 1


if __name__ == "__main__":
    raise SystemExit(main())
