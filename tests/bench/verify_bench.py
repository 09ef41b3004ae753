"""How close a cold proof of the flagship comes to its floor, in ratios between times taken side by side in one run.

The floor is what cannot be avoided: the interpreter's start, importing the solver, and the raw time that the solver
itself takes for the same conditions. Each is measured in a process of its own, all of them in turn, and the fastest of
the rounds counts.

    python tests/bench/verify_bench.py [--rounds 7] [--json]
"""

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

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
    begun = time.perf_counter()
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
    spent += time.perf_counter() - begun
print(asked, spent)
"""


@dataclass(frozen=True, slots=True)
class Timing:
    """Times in seconds: of one round, or each the fastest of all rounds."""

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


def run(*arguments: str) -> tuple[float, str]:
    """The wall time of an interpreter of its own, and what it prints."""
    begun = time.perf_counter()
    done = subprocess.run([sys.executable, *arguments], check=True, cwd=ROOT, stdout=subprocess.PIPE, encoding="utf-8")
    return time.perf_counter() - begun, done.stdout


def measure(rounds: int) -> Timing:
    """All times, after one round that only warms the caches of the file system."""
    taken = [_round() for _ in range(rounds + 1)][1:]
    return Timing(
        bare=min(one.bare for one in taken),
        imported=min(one.imported for one in taken),
        proof=min(one.proof for one in taken),
        command=min(one.command for one in taken),
        solver=min(one.solver for one in taken),
        obligations=taken[0].obligations,
        conditions=taken[0].conditions,
    )


def _round() -> Timing:
    bare, _ = run(*BARE)
    imported, _ = run(*IMPORT)
    proof, obligations = run("-c", PROOF, str(FLAGSHIP))
    command, _ = run(*COMMAND)
    _, said = run("-c", CONDITIONS, str(FLAGSHIP))
    conditions, solver = said.split()
    return Timing(bare, imported, proof, command, float(solver), int(obligations), int(conditions))


def as_table(timing: Timing) -> str:
    """The timing for a person."""
    seconds = {
        "interpreter start": timing.bare,
        "start + import z3": timing.imported,
        f"raw solver time, {timing.conditions} conditions": timing.solver,
        "floor": timing.floor,
        f"cold proof, {timing.obligations} obligations": timing.proof,
        "cold `quiesce verify`": timing.command,
    }
    lines = [f"{name:<42}{value * 1000:>9.0f} ms" for name, value in seconds.items()]
    lines += [f"{name:<42}{value:>9.2f}" for name, value in timing.ratios.items()]
    kept = "kept" if timing.ratios["proof / floor"] <= PROMISED else "missed"
    lines.append(f"{f'at most {PROMISED} times the floor':<42}{kept:>9}")
    return "\n".join(lines)


def as_json(timing: Timing) -> str:
    """The timing for a program; times in seconds."""
    return json.dumps(
        {
            "obligations": timing.obligations,
            "conditions": timing.conditions,
            "seconds": {
                "interpreter start": timing.bare,
                "start + import z3": timing.imported,
                "raw solver time": timing.solver,
                "floor": timing.floor,
                "cold proof": timing.proof,
                "cold command": timing.command,
            },
            "ratios": timing.ratios,
            "promised": PROMISED,
        },
        indent=2,
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="A cold proof of the flagship, compared with its floor.")
    parser.add_argument("--rounds", type=int, default=7, help="how often each is measured; the fastest counts")
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    options = parser.parse_args(arguments)
    timing = measure(max(1, options.rounds))
    print(as_json(timing) if options.json else as_table(timing))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
