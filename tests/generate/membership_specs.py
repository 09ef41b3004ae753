"""Specs in which members come and go: what a core knows of them is easily wrong."""

from tests.generate.cores import spec_of

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
    "two families": TWO_FAMILIES,
    "merges": MERGES,
    "pristine": PRISTINE,
}
