"""What a core knows of its families is proved like the rest of its state, and generated right."""

import pytest

from tests.generate.cores import core_of, differences, disagreements, machine_of, spec_of

RUNS = range(60)

RESET = spec_of("""
    class S(Member):
        open: bool = False

    class M(Machine):
        n: Nat = 0
        ss: Family[S]

        @call("reset")
        def reset(self, s: S) -> None:
            retire(s)
            s.open = True
            self.n += 1

        @call("close_all", fails="EARLY")
        def too_early(self) -> None:
            when(self.n < 9)

        @call("close_all")
        def close_all(self) -> None:
            when(self.n >= 9)
            for t in self.ss:
                t.open = False

        @step(only=close_all)
        def all_are_closed(self, old: "M") -> bool:
            return all(not t.open for t in self.ss)
""")

RETIRE_ALL = spec_of("""
    class S(Member):
        open: bool = False
        uses: Nat = 0
        serial: Persistent[Nat] = 0

    class M(Machine):
        ss: Family[S]

        @call("open")
        def open(self, s: S) -> None:
            when(not s.open)
            for t in self.ss:
                retire(t)
            s.open = True
            s.serial += 1

        @call("open", fails="OPEN")
        def is_open(self, s: S) -> None:
            when(s.open)

        @call("close_all")
        def close_all(self) -> None:
            for t in self.ss:
                t.open = False

        @step(only=close_all)
        def all_are_closed(self, old: "M") -> bool:
            return all(not t.open for t in self.ss)
""")

BRANCHES = spec_of("""
    class S(Member):
        open: bool = False
        uses: Nat = 0

    class M(Machine):
        ss: Family[S]

        @call("use")
        def use(self, s: S, anew: bool, more: bool) -> None:
            if anew:
                retire(s)
            elif more:
                s.uses += 1
            s.open = True
            if more:
                s.uses += 1
                if anew:
                    retire(s)
                s.uses += 1

        @call("close_all")
        def close_all(self) -> None:
            for t in self.ss:
                if t.open:
                    retire(t)
                    if t.uses == 0:
                        t.uses = 1
""")

ALIASES = spec_of("""
    class S(Member):
        open: bool = False

    class M(Machine):
        ss: Family[S]

        @call("swap")
        def swap(self, s: S, t: S) -> None:
            s.open = True
            retire(t)
            s.open = True

        @call("close_all")
        def close_all(self) -> None:
            for t in self.ss:
                t.open = False
""")

SINGLED_OUT = spec_of("""
    class S(Member):
        open: bool = False

    class M(Machine):
        ss: Family[S]

        @call("one")
        def one(self, s: S) -> None:
            retire(s)
            for t in self.ss:
                if t == s:
                    t.open = True

        @call("close_all")
        def close_all(self) -> None:
            for t in self.ss:
                t.open = False
""")

TWO_FAMILIES = spec_of('''
    class S(Member):
        open: bool = False

    class U(Member):
        load: Nat = 0

    class M(Machine):
        open: Nat = 0
        ss: Family[S]
        us: Family[U]

        @call("begin")
        def begin(self, load: Annotated[int, Range(1, 3)], u: New[U], s: S) -> None:
            for t in self.ss:
                if any(v.load > 2 for v in self.us):
                    retire(t)
            s.open = True
            u.load = load

        @internal
        def end(self) -> None:
            when(count(t.open for t in self.ss) > 1)
            when(sum(v.load for v in self.us if v.load > 1) > 2)
            for t in self.us:
                retire(t)
            for t in self.ss:
                t.open = False

        @environment
        def tally(self) -> None:
            self.open = count(t.open for t in self.ss)

        @environment
        def nothing(self) -> None:
            """It does nothing."""
''')

SPECS = {
    "reset": RESET,
    "retire all": RETIRE_ALL,
    "branches": BRANCHES,
    "aliases": ALIASES,
    "singled out": SINGLED_OUT,
    "two families": TWO_FAMILIES,
}


@pytest.mark.parametrize("name", SPECS)
def test_the_generated_core_is_equal_to_its_model(name: str) -> None:
    spec = SPECS[name]
    assert differences(spec, core_of(machine_of(spec))) == ()


@pytest.mark.parametrize("name", SPECS)
def test_the_generated_core_runs_as_the_interpreter(name: str) -> None:
    machine = machine_of(SPECS[name])
    assert disagreements(machine, core_of(machine), RUNS) == []


@pytest.mark.parametrize(
    ("name", "text", "fault", "named"),
    [
        ("reset", "self.ss[s] = None\n", "pass\n", "reset: reset: ss: who is not as new at the end is known"),
        ("retire all", "self.ss[s] = None\n", "pass\n", "open: open: ss: who is not as new"),
        ("branches", "                self.ss[t] = None\n", "", "close_all: close_all: ss: who is not as new"),
        ("retire all", "        self.ss.pop(s, None)\n", "", "open: open: ss: who is known at the end was known"),
        ("singled out", "self.ss[s] = None\n", "pass\n", "one: one: ss.open"),
        (
            "aliases",
            "        self.ss[s] = None\n        s.open = True\n        return",
            "        s.open = True\n        return",
            "known",
        ),
    ],
)
def test_a_core_that_knows_the_wrong_members_is_refused(name: str, text: str, fault: str, named: str) -> None:
    spec = SPECS[name]
    core = core_of(machine_of(spec))
    assert text in core, core
    *rest, last = core.split(text)
    found = differences(spec, text.join(rest) + fault + last)
    assert any(named in difference for difference in found), found


def test_runs_show_a_core_that_forgets() -> None:
    machine = machine_of(RESET)
    faulty = core_of(machine).replace("        self.ss[s] = None\n", "")
    assert disagreements(machine, faulty, RUNS)


def test_what_is_not_written_need_not_be_known() -> None:
    """A member that is only read, or only given back, stays unknown; one that is in use is not made known again."""
    core = core_of(machine_of(BRANCHES))
    assert core.count("self.ss[s] = None") == 3
    assert "self.ss[t] = None" in core
