"""What is ordinary in a spec, and once broke what is generated: names that stand twice, and steps that do nothing."""

from enum import Enum, auto

from quiesce.spec import Family, Machine, Member, Nat, call, environment, internal, retire, when


class Load(Enum):
    """How much a worker has to do."""

    NONE = auto()
    SOME = auto()
    MUCH = auto()


class Arg(Member):
    """An argument, in a family that is called so, too."""

    used: bool = False


class Worker(Member):
    """Somebody who works."""

    load: Load = Load.NONE
    done: Nat = 0


class Office(Machine):
    """An office"""

    days: Nat = 0
    arg: Family[Arg]
    workers: Family[Worker]

    @call("work")
    def work(self, load: Load, x: Worker, given: Arg) -> None:
        """Load an idle worker; the scalar comes first, and has the name of a field."""
        when(x.load == Load.NONE)
        when(not given.used)
        x.load = load
        given.used = True
        if load != Load.NONE:
            x.done += 1

    @call("work", fails="BUSY")
    def busy(self, x: Worker, given: Arg) -> None:
        """Somebody works already."""
        when(x.load != Load.NONE or given.used)

    @call("rest")
    def rest(self, x: Worker) -> None:
        """One worker rests, if no argument is used; here `t` and `x` name no members of the family of arguments."""
        when(not any(t.used for t in self.arg))
        retire(x)

    @call("rest")
    def clear(self) -> None:
        """Nobody can rest, so all begin anew: two loops of one name over two families, and one more over the first."""
        when(any(x.used for x in self.arg))
        for x in self.arg:
            x.used = False
        for t in self.workers:
            t.load = Load.NONE
        for t in self.arg:  # type: ignore[assignment]
            retire(t)

    @internal
    def ends(self) -> None:
        """Two loops of one name, one of which looks at others of the family of the other."""
        when(any(t.load == Load.MUCH for t in self.workers))
        for t in self.workers:
            if t.load == Load.MUCH and any(u.used for u in self.arg):
                t.load = Load.NONE
        for t in self.arg:  # type: ignore[assignment]
            if any(t_2.load == Load.SOME and t.used for t_2 in self.workers):  # type: ignore[attr-defined]
                t.used = False  # type: ignore[attr-defined]

    @internal
    def tick(self) -> None:
        """A step without a body."""

    @environment
    def tock(self, arg: Worker) -> None:
        """Another one, which has a guard."""
        when(arg.done > 1)
