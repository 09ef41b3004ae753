"""Hints made up at random: as near to a proof as somebody can come who lies, and some with junk in one place."""

import copy
import json
from dataclasses import dataclass
from itertools import product
from random import Random
from typing import Any

from quiesce.certify.proposal import control, in_lines, untrusting
from quiesce.certify.runs_as_moves import run_to_json
from quiesce.kernel.hints import NOTHING
from quiesce.kernel.plan import Plan
from quiesce.kernel.problem import problem_of
from quiesce.kernel.rules.waits import waits_of
from quiesce.kernel.runs.shown import objection
from quiesce.kernel.subjects import CallersWait, Fails, PromisedWait, Waiting
from quiesce.spec.arguments import enabled
from quiesce.spec.model import BoolType, EnumType, IntType, LeadsTo, Machine, Recoverable, VariableDecl

from tests.certify.false_specs import runs_of, telling_runs

Content = dict[str, Any]

JUNK: tuple[Any, ...] = (
    None,
    True,
    -1,
    10**60,
    "",
    "self",
    "x 0)",
    "(= self",
    "true) (assert false",
    "self.holders) (assert false) (check-sat",
    "|self.holders|",
    "held_open\n",
    "held_open' or 'x",
    "\N{FULLWIDTH LATIN SMALL LETTER S}elf.broken",
    "self.br\N{CYRILLIC SMALL LETTER O}ken",
    "\ud800",
    [],
    {},
    ["IntType", 0, True],
    ["Variable", "debt", ["IntType", 0, None], False],
    ["Literal", "true) (assert false", ["BoolType"]],
    ["Literal", "x 0)", ["EnumType", "(= self", ["", "x 0)"]]],
    {"text": "self.debt", "exactly": ["Variable", "debt", ["IntType", 0, None], False]},
    {"total/hold/covered": 2},
    {"action": "hold", "promise": "covered", "depth": 2},
)


@dataclass(frozen=True)
class Workshop:
    """What a forger of hints for one machine has at hand."""

    machine: Machine
    genuine: Content
    failures: dict[str, list[Any]]

    @staticmethod
    def of(machine: Machine, genuine: str) -> "Workshop":
        """With the hints of a proof of something similar, and runs that show whatever can be shown."""
        content = json.loads(genuine)
        content["witnesses"] = [run_to_json(machine, run) for run in telling_runs(machine)]
        failures: dict[str, list[Any]] = {}
        plan = Plan(problem_of(machine))
        for promise in machine.promises:
            if not promise.holds:
                others = untrusting(machine, promise.name)
                fair = promise.claim.fair if isinstance(promise.claim, LeadsTo) else ()
                about = Fails(promise.name)
                runs = [run for run in runs_of(others, 200) if objection(plan, NOTHING, about, run) is None]
                runs.sort(key=lambda run: any(action.name in fair for action, _ in enabled(others, run.end)))
                failures[promise.name] = [run_to_json(others, run) for run in runs[:20]]
        return Workshop(machine, content, failures)

    def honest(self) -> Content:
        """The hints of the proof of something similar, for what is there of it."""
        return self._fitted(copy.deepcopy(self.genuine))

    def forged(self, random: Random) -> str:
        """Hints with something made up in every kind of entry, or in some."""
        content = self.honest()
        changes = [self._invariants, self._inductions, self._ranks, self._descents, self._traps, self._failures]
        for change in random.sample(changes, random.randint(1, len(changes))):
            change(content, random)
        if random.random() < 0.5:
            random.shuffle(content["descents"])
        if random.random() < 0.2:
            _put_junk(content, random)
        return in_lines(content)

    def _fitted(self, content: Content) -> Content:
        """Without what belongs to promises that are others here, and with something for each that is new."""
        machine = self.machine
        waits = dict(waits_of(machine))
        content["ranks"] = [
            next(
                (rank for rank in content["ranks"] if _wait(wait).items() <= rank.items()), {**_wait(wait), "rank": []}
            )
            for wait in waits
        ]
        recoverable = [p.name for p in machine.promises if p.holds and isinstance(p.claim, Recoverable)]
        content["descents"] = [d for d in content["descents"] if d["promise"] in recoverable]
        for name in recoverable:
            if all(d["promise"] != name for d in content["descents"]):
                content["descents"] += [self._descent(name, location, [], []) for location in self._locations()]
        lost = {p.name for p in machine.promises if not p.holds and isinstance(p.claim, Recoverable)}
        content["traps"] = [trap for trap in content["traps"] if trap["promise"] in lost]
        content["failures"] = [
            {"promise": name, "run": runs[0]} for name, runs in self.failures.items() if runs and name not in lost
        ]
        return content

    def _locations(self) -> list[dict[str, str]]:
        names = control(self.machine)
        types = {v.name: v.type for v in self.machine.variables if isinstance(v.type, EnumType)}
        return [dict(zip(names, values, strict=True)) for values in product(*(types[name].values for name in names))]

    @staticmethod
    def _descent(promise: str, location: dict[str, str], rank: list[str], helpful: list[str]) -> Content:
        return {"promise": promise, "location": location, "rank": rank, "helpful": helpful}

    # --- what is made up ---

    def _invariants(self, content: Content, random: Random) -> None:
        if random.random() < 0.5:
            content["invariants"] = []
        content["invariants"] += [_claim(self.machine, random) for _ in range(random.randint(1, 4))]
        random.shuffle(content["invariants"])

    def _inductions(self, content: Content, random: Random) -> None:
        problem = problem_of(self.machine)
        names = [invariant.name for invariant in problem.invariants] + [p.name for p, _ in problem.step_promises]
        names += [f"helper {number + 1}" for number, _ in enumerate(content["invariants"])]
        actions = [action.name for action in problem.moving]
        if random.random() < 0.15:
            names, actions = ["covered", "shut_again", "helper 9", "hold"], ["idle", "total", "wait", *actions]
        pairs = list(product(actions, names))
        for action, promise in random.sample(pairs, random.randint(1, 3)):
            content["inductions"].append({"action": action, "promise": promise, "depth": random.choice([2, 2, 2, 3])})

    def _ranks(self, content: Content, random: Random) -> None:
        for entry in content["ranks"]:
            if random.random() < 0.7:
                entry["rank"] = [_number(self.machine, random) for _ in range(random.randint(0, 3))]

    def _descents(self, content: Content, random: Random) -> None:
        moving = [action.name for action in problem_of(self.machine).moving]
        for entry in content["descents"]:
            if random.random() < 0.7:
                entry["rank"] = [_number(self.machine, random) for _ in range(random.randint(0, 2))]
                entry["helpful"] = random.sample(moving, random.randint(0, len(moving)))

    def _traps(self, content: Content, random: Random) -> None:
        lost = [p.name for p in self.machine.promises if not p.holds and isinstance(p.claim, Recoverable)]
        content["traps"] = []
        for name in lost:
            family = random.choice([None, *self.machine.families])
            member = None if family is None else {"name": "one", "of": family.member.name}
            facts = [_claim(self.machine, random) for _ in range(random.randint(0, 3))]
            if family is not None:
                facts += [f"{random.choice(['', 'not '])}one.{f.name}" for f in family.fields if f.type == BoolType()]
            run = run_to_json(self.machine, random.choice(list(runs_of(self.machine, 40))))
            content["traps"].append({"promise": name, "member": member, "facts": facts, "run": run})

    def _failures(self, content: Content, random: Random) -> None:
        for entry in content["failures"]:
            entry["run"] = random.choice(self.failures[entry["promise"]])
        for promise in self.machine.promises:
            if not promise.holds and isinstance(promise.claim, LeadsTo) and random.random() < 0.5:
                run = random.choice(list(runs_of(self.machine, 60)))
                others = [entry for entry in content["failures"] if entry["promise"] != promise.name]
                content["failures"] = [*others, {"promise": promise.name, "run": run_to_json(self.machine, run)}]


def _wait(wait: Waiting) -> Content:
    match wait:
        case PromisedWait(promise):
            return {"promise": promise}
        case CallersWait(action):
            return {"action": action}


def _put_junk(content: Content, random: Random) -> None:
    """Something that does not belong there, somewhere."""
    place: Any = content
    while True:
        keys = list(place) if isinstance(place, dict) else list(range(len(place)))
        if not keys:
            return
        key = random.choice(keys)
        inside = place[key]
        if not isinstance(inside, dict | list) or not inside or random.random() < 0.2:
            place[key] = random.choice(JUNK)
            return
        place = inside


# --- expressions ---------------------------------------------------------------------------------------------------


def _places(machine: Machine, random: Random) -> tuple[str, tuple[VariableDecl, ...]]:
    """The prefix of some places, and their declarations."""
    families = [f"m.in.{family.name}" for family in machine.families]
    chosen = random.choice(["", "", *families])
    for family in machine.families:
        if chosen == f"m.in.{family.name}":
            return family.name, family.fields
    return "", machine.variables


def _fact(name: str, declared: VariableDecl, random: Random) -> str:
    match declared.type:
        case BoolType():
            return random.choice([name, f"not {name}"])
        case EnumType(enum, values):
            return f"{name} {random.choice(['==', '!='])} {enum}.{random.choice(values)}"
        case IntType():
            return f"{name} {random.choice(['==', '>=', '<=', '>', '<'])} {random.choice([-1, 0, 0, 1, 2])}"


def _claim(machine: Machine, random: Random) -> str:
    """An invariant that may hold or not."""
    if random.random() < 0.1:
        return random.choice(["False", "True", "1 < 0", "not True"])
    family, declared = _places(machine, random)
    prefix = f"m.{''}" if family else "self."
    facts = [_fact(f"{prefix}{d.name}", d, random) for d in random.choices(declared, k=2)]
    if random.random() < 0.4:
        scalar = random.choice(machine.variables)
        facts[0] = _fact(f"self.{scalar.name}", scalar, random)
    text = random.choice([facts[1], f"implies({facts[0]}, {facts[1]})", f"{facts[0]} or {facts[1]}"])
    if not family:
        return text
    return f"{random.choice(['all', 'all', 'any'])}({text} for m in self.{family})"


def _number(machine: Machine, random: Random) -> str:
    """A part of a rank; some could fall for ever."""
    family, declared = _places(machine, random)
    if random.random() < 0.9:
        declared = tuple(d for d in declared if not (isinstance(d.type, IntType) and d.type.low is None))
    chosen = random.choice(declared)
    if family:
        name = f"m.{chosen.name}"
        if isinstance(chosen.type, IntType):
            return f"sum({name} for m in self.{family})"
        return f"count({_fact(name, chosen, random)} for m in self.{family})"
    name = f"self.{chosen.name}"
    if isinstance(chosen.type, IntType):
        endless = [f"-1 * {name}", f"0 - {name}", f"1 - {name}", f"{name} - 1"]
        return random.choice(endless if random.random() < 0.05 else [name, name, f"2 * {name}", f"{name} + 1"])
    return f"{random.choice([1, 2, 0])} if {_fact(name, chosen, random)} else {random.choice([0, 1])}"
