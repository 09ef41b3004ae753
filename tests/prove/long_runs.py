"""Small specs with one fault each, that only a long run, many members, or no members show; and one with no fault."""

from pathlib import PurePosixPath

from quiesce.spec.model import Machine
from quiesce.spec.reader import read_text

NAMES = "Family, Machine, Member, Nat, Range, always, environment, recoverable, when"


def machine(body: str, before: str = "") -> Machine:
    """The machine of a spec with this body; `before` are enums and members."""
    used = [name for name in NAMES.split(", ") if name in body + before + "class M(Machine)"]
    head = f"from quiesce.spec import {', '.join(used)}\n"
    if "Annotated" in body:
        head = f"from typing import Annotated\n{head}"
    if "Enum" in before:
        head = f"from enum import Enum, auto\n{head}"
    return read_text(f'{head}\n\n{before}class M(Machine):\n    """M."""\n\n{body}', PurePosixPath("m.py"))


def action(name: str, *lines: str) -> str:
    """An action of the world with these statements."""
    body = "".join(f"        {line}\n" for line in lines)
    return f'    @environment\n    def {name}(self) -> None:\n        """Happens."""\n{body}\n'


def always(claim: str) -> str:
    """One promise, called `promised`."""
    return f'    @always\n    def promised(self) -> bool:\n        """Promised."""\n        return {claim}\n'


def path(steps: int) -> Machine:
    """Phases in a row, of which the last one is promised never to come."""
    phases = "".join(f"    P{number} = auto()\n" for number in range(steps + 1))
    moves = "".join(
        action(f"go_{number}", f"when(self.phase == Phase.P{number})", f"self.phase = Phase.P{number + 1}")
        for number in range(steps)
    )
    return machine(
        f"    phase: Phase = Phase.P0\n\n{moves}{always(f'self.phase != Phase.P{steps}')}",
        f'class Phase(Enum):\n    """Phases."""\n\n{phases}\n\n',
    )


def count(most: int) -> Machine:
    """A counter that goes up and down, and is promised to stay low."""
    moves = action("up", "self.n += 1") + action("down", "when(self.n > 0)", "self.n -= 1")
    return machine(f"    n: Nat = 0\n\n{moves}{always(f'self.n <= {most}')}")


def switches(number: int) -> Machine:
    """Switches that are promised never to be all on."""
    places = "".join(f"    s{n}: bool = False\n" for n in range(number))
    moves = "".join(
        action(f"on_{n}", f"self.s{n} = True") + action(f"off_{n}", f"self.s{n} = False") for n in range(number)
    )
    every = " and ".join(f"self.s{n}" for n in range(number))
    return machine(f"{places}\n{moves}{always(f'not ({every})')}")


def crowded_range() -> Machine:
    """A counter that leaves its range after 21 steps, beside eleven switches that have nothing to do with it."""
    places = "".join(f"    s{n}: bool = False\n" for n in range(11))
    moves = "".join(action(f"flip_{n}", f"self.s{n} = not self.s{n}") for n in range(11))
    moves += action("up", "self.n += 1") + action("down", "when(self.n > 0)", "self.n -= 1")
    return machine(f"    n: Annotated[int, Range(0, 20)] = 0\n{places}\n{moves}")


JOBS = '''class Job(Member):
    """A job."""

    on: bool = False


'''


def crowd(most: int) -> Machine:
    """Each job counts once; there are promised to be few."""
    add = action("add", "when(not j.on)", "j.on = True", "self.n += 1").replace("(self)", "(self, j: Job)")
    return machine(f"    jobs: Family[Job]\n    n: Nat = 0\n\n{add}{always(f'self.n <= {most}')}", JOBS)


def empty_only() -> Machine:
    """A promise that breaks only where there are no jobs; another action needs one, and a number beside."""
    opened = action("open", "if not any(True for j in self.jobs):", "    self.bad = True")
    other = action("work", "pass").replace("(self)", "(self, j: Job, n: Nat)")
    return machine(f"    jobs: Family[Job]\n    bad: bool = False\n\n{opened}{other}{always('not self.bad')}", JOBS)


def jobs_that_are(many: str) -> Machine:
    """As many jobs as this says, where nothing is said of their number."""
    finish = action("finish", "j.on = True").replace("(self)", "(self, j: Job)")
    return machine(f"    jobs: Family[Job]\n\n{finish}{always(f'sum(1 for j in self.jobs) {many}')}", JOBS)


def one_name_twice() -> Machine:
    """An action changes nothing that counts, and what it is given is called as the argument of a call is."""
    told = action("told", "self.n += given").replace("(self)", "(self, given: Annotated[int, Range(2, 3)])")
    return machine(f"    n: Nat = 0\n\n{told}{always('self.n != 8')}")


def dead_phase() -> Machine:
    """A phase that nothing leaves, where it is promised that there is always a way back."""
    moves = action("start", "when(self.phase == Phase.OFF)", "self.phase = Phase.ON")
    moves += action("stop", "when(self.phase == Phase.ON)", "self.phase = Phase.OFF")
    moves += action("die", "when(self.phase == Phase.ON)", "self.phase = Phase.DEAD")
    back = always("self.phase == Phase.OFF").replace("@always", "@recoverable")
    phases = 'class Phase(Enum):\n    """Phases."""\n\n    OFF = auto()\n    ON = auto()\n    DEAD = auto()\n\n\n'
    return machine(f"    phase: Phase = Phase.OFF\n\n{moves}{back}", phases)
