"""What a core knows of its families is proved like the rest of its state, and generated right."""

import pytest
from quiesce.generate.validation import compare

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

MERGES = spec_of("""
    class S(Member):
        open: bool = False
        uses: Nat = 0

    class M(Machine):
        ss: Family[S]

        @call("then")
        def then(self, s: S, a: bool) -> None:
            if a:
                s.uses = 1
            s.open = True

        @call("elif")
        def else_if(self, s: S, a: bool, b: bool) -> None:
            if a:
                s.uses = 1
            elif b:
                s.uses = 2
            s.open = True

        @call("else")
        def otherwise(self, s: S, t: S, a: bool) -> None:
            if a:
                t.uses = 1
            else:
                s.uses = 2
            s.open = True

        @call("loop")
        def loop(self, s: S) -> None:
            s.open = True
            for t in self.ss:
                if t.open:
                    retire(t)
            s.uses = 1
""")

PRISTINE = spec_of("""
    class S(Member):
        open: bool = False
        serial: Persistent[Nat] = 0

    class M(Machine):
        up: bool = False
        ss: Family[S]

        @call("start")
        def start(self) -> None:
            when(not self.up)
            self.up = True

        @call("start", fails="UP")
        def is_up(self) -> None:
            when(self.up)

        @call("open")
        def open(self, s: S) -> None:
            when(self.up)
            s.open = True
            s.serial += 1

        @call("open", fails="DOWN")
        def is_down(self) -> None:
            when(not self.up)

        @call("stop")
        def stop(self) -> None:
            self.up = False
            for t in self.ss:
                t.open = False

        @pristine
        def down_is_as_new(self) -> bool:
            return not self.up
""")

NOT_FORGETTABLE = spec_of("""
    class S(Member):
        open: bool = False
        uses: Nat = 0

    class M(Machine):
        v: Nat = 0
        ss: Family[S]

        @internal
        def some(self) -> None:
            when(any(not t.open for t in self.ss))

        @internal
        def every(self) -> None:
            when(all(t.uses > 0 for t in self.ss))

        @internal
        def adds(self) -> None:
            self.v = sum(t.uses + 1 for t in self.ss)

        @internal
        def each(self) -> None:
            for t in self.ss:
                t.open = True
""")

SPECS = {
    "reset": RESET,
    "retire all": RETIRE_ALL,
    "branches": BRANCHES,
    "aliases": ALIASES,
    "singled out": SINGLED_OUT,
    "two families": TWO_FAMILIES,
    "merges": MERGES,
    "pristine": PRISTINE,
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
        ("two families", "self.us[u] = None", "self.ss[u] = None", "cannot be read back"),
        (
            "retire all",
            "for t in tuple(self.ss):\n            self._retire_s(t)",
            "for s in tuple(self.ss):\n            self._retire_s(s)",
            "cannot be read back",
        ),
        (
            "pristine",
            "        self.up = True\n",
            "        self.up = True\n        for s in self.ss:\n            s.serial += 1\n",
            "ss.serial",
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


@pytest.mark.parametrize(
    "named",
    [
        "can_some: true",
        "some: some where",
        "can_every: true",
        "every: every where",
        "adds: adds: v",
        "each: each: ss.open",
    ],
)
def test_a_member_that_is_as_new_has_to_make_no_difference(named: str) -> None:
    """These specs are refuted before anything is generated; the comparison does not rely on that."""
    machine = machine_of(NOT_FORGETTABLE)
    found = compare(machine, (), NOT_FORGETTABLE, core_of(machine))
    assert any(difference.startswith(named) for difference in found), found


def test_what_gives_members_back_is_read_even_if_nothing_calls_it() -> None:
    core = core_of(machine_of(RESET)).replace("        self._retire_s(s)\n", "")
    assert differences(RESET, core) == ()
    faulty = core.replace("        s.open = False\n", "        print(s)\n")
    assert differences(RESET, faulty) == ("cannot be read back: _retire_s: print(s)",)


def test_a_run_shows_that_a_member_was_forgotten_before_anybody_misses_it() -> None:
    machine = machine_of(MERGES)
    faulty = core_of(machine).replace("        self.ss[s] = None\n", "")
    assert any("ss without" in wrong for wrong in disagreements(machine, faulty, RUNS))
