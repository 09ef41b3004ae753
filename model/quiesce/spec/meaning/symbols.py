"""The spelling of the symbols in conditions, by which no two things of a machine ever share a symbol.

Each kind of thing has a name space of its own: the word in front of the first dot, which is no other kind's. What
follows is the name of the thing, and whatever else identifies it. Identifiers of a spec hold no dot, so a field is
taken apart in one way only: its family up to the next dot, its name behind that. Of an argument, a bound member, a
total and a shared part the whole rest is one name, which may hold dots. So two symbols are equal only if their words
are, and then they stand for the same thing. Sorts are told apart from everything else by their words as well.
"""


def variable(name: str) -> str:
    """A variable of the machine or a policy, which share one name space in specs."""
    return f"self.{name}"


def field(family: str, name: str) -> str:
    """A field of a family's members."""
    return f"field.{family}.{name}"


def argument(name: str) -> str:
    """An argument of an action, or one that stands for any."""
    return f"arg.{name}"


def bound_member(name: str) -> str:
    """A member that a quantifier binds."""
    return f"at.{name}"


def value(enum: str, name: str) -> str:
    """A value of an enum."""
    return f"value.{enum}.{name}"


def total(number: int) -> str:
    """A sum or count over all members."""
    return f"total.{number}"


def inhabited(family: str) -> str:
    """Whether a family has any member."""
    return f"some.{family}"


def shared(number: int) -> str:
    """A part of a term that stands in several places."""
    return f"let.{number}"


def enum_sort(name: str) -> str:
    """The values of an enum."""
    return f"enum.{name}"


def member_sort(family: str) -> str:
    """The members of a family."""
    return f"member.{family}"
