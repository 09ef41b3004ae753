"""Statements and expressions of Python that strangers write first are refused once, with what to write instead."""

from pathlib import PurePosixPath

import pytest
from quiesce.spec.reader import read_text

from tests.spec.strangers import refused, spec


def test_the_spec_is_good_without_what_strangers_write() -> None:
    assert read_text(spec(), PurePosixPath("service.py")).name == "Service"


REFUSED: dict[str, tuple[dict[str, str], str]] = {
    "None": (
        {"claim": "self.users is not None"},
        """
service.py:23:34: error[Q041]: `None` is no value of the language
          return self.users is not None
                                   ^^^^
  help: say whether there is a value with a `bool`, or a member of an enum
""",
    ),
    "&": (
        {"claim": "self.ready & (self.users > 0)"},
        """
service.py:23:16: error[Q041]: `&` is not an operator of the language
          return self.ready & (self.users > 0)
                 ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
  help: write `and`
""",
    ),
    "|": (
        {"claim": "self.ready | (self.users > 0)"},
        """
service.py:23:16: error[Q041]: `|` is not an operator of the language
          return self.ready | (self.users > 0)
                 ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
  help: write `or`
""",
    ),
    "^": (
        {"claim": "self.ready ^ self.ready"},
        """
service.py:23:16: error[Q041]: `^` is not an operator of the language
          return self.ready ^ self.ready
                 ^^^^^^^^^^^^^^^^^^^^^^^
  help: write `!=` between the two truth values
""",
    ),
    "~": (
        {"claim": "~self.ready"},
        """
service.py:23:16: error[Q041]: `~` is not an operator of the language
          return ~self.ready
                 ^^^^^^^^^^^
  help: write `not`
""",
    ),
    "%": (
        {"claim": "self.users % 2 == 0"},
        """
service.py:23:16: error[Q041]: `%` is not an operator of the language
          return self.users % 2 == 0
                 ^^^^^^^^^^^^^^
  help: integers are added, subtracted, and multiplied by a constant
""",
    ),
    "len": (
        {"claim": "len(self.items) > 0"},
        """
service.py:23:16: error[Q012]: `len` is not a word of the language
          return len(self.items) > 0
                 ^^^
  help: count the members that are in use: `count(s.in_use for s in self.family)`
""",
    ),
    "len of a list": (
        {"claim": "len([i for i in self.items if i.used]) > 0"},
        """
service.py:23:16: error[Q012]: `len` is not a word of the language
          return len([i for i in self.items if i.used]) > 0
                 ^^^
  help: count the members that are in use: `count(s.in_use for s in self.family)`
""",
    ),
    "range": (
        {"claim": "all(k >= 0 for k in range(3))"},
        """
service.py:23:36: error[Q012]: `range` is not a word of the language
          return all(k >= 0 for k in range(3))
                                     ^^^^^
  help: members are gone through as `for s in self.family`
""",
    ),
    "an f-string": (
        {"claim": 'f"{self.users}" == "1"'},
        """
service.py:23:16: error[Q041]: `f"{self.users}"` is not an expression of the language
          return f"{self.users}" == "1"
                 ^^^^^^^^^^^^^^^
  help: a spec has no texts; compare the values themselves
""",
    ),
    "raise": (
        {
            "statement": """
        if not self.ready:
            raise RuntimeError(f"{self.users} users")
"""
        },
        """
service.py:19:13: error[Q039]: an action raises nothing
              raise RuntimeError(f"{self.users} users")
              ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
  help: write a refusal as an action of its own: `@call("name", fails="ERROR")`, each of the two with its `when(…)`
""",
    ),
    "assert in an action": (
        {
            "statement": """
        assert self.ready, "not ready"
"""
        },
        """
service.py:18:9: error[Q039]: an action asserts nothing
          assert self.ready, "not ready"
          ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
  help: write `when(…)` for a guard, `assume(…, "why")` for what callers keep, or promise it with `@always`
""",
    ),
    "assert in a promise": (
        {
            "body": """
    @always
    def counted(self) -> bool:
        assert self.users >= 0
        return True

"""
        },
        """
service.py:18:9: error[Q035]: the body is one `return` of an expression
          assert self.users >= 0
          ^^^^^^^^^^^^^^^^^^^^^^
  help: write `return self.users >= 0`
""",
    ),
    "if in a promise": (
        {
            "body": """
    @always
    def counted(self) -> bool:
        if self.ready:
            return self.users > 0
        return True

"""
        },
        """
service.py:18:9: error[Q035]: the body is one `return` of an expression
          if self.ready:
          ^^
  help: write the cases as one expression: `implies(case, claim)`, `a if case else b`, `and`, `or`
""",
    ),
    "an early return": (
        {
            "statement": """
        if not self.ready:
            return
"""
        },
        """
service.py:19:13: error[Q039]: an action has no result, and always happens as a whole
              return
              ^^^^^^
  help: put the rest under an `if`, or write `when(…)` first and another action for the other case
""",
    ),
    "print": (
        {
            "statement": """
        print("starting")
"""
        },
        """
service.py:18:9: error[Q039]: an action prints nothing
          print("starting")
          ^^^^^^^^^^^^^^^^^
  help: leave it out: a spec is proved and never run
""",
    ),
    "while": (
        {
            "statement": """
        while self.users > 9:
            self.users -= 1
"""
        },
        """
service.py:18:9: error[Q039]: an action is one step and repeats nothing
          while self.users > 9:
          ^^^^^
  help: what repeats is an action that happens again: `@internal def …` with `when(…)`
""",
    ),
    "append": (
        {
            "statement": """
        self.items.append(i)
"""
        },
        """
service.py:18:9: error[Q039]: a family has no `append`
          self.items.append(i)
          ^^^^^^^^^^^^^^^^^^^^
  help: a member comes as a parameter `s: New[Item]`, and goes with `retire(s)`
""",
    ),
    "with": (
        {
            "statement": """
        with self.lock:
            self.users += 1
"""
        },
        """
service.py:18:9: error[Q039]: an action is one step, which nothing can interrupt
          with self.lock:
          ^^^^
  help: write what is inside without `with`
""",
    ),
    "a local name": (
        {
            "statement": """
        new = self.users + 1
        self.users = new
        self.ready = new > 0
"""
        },
        """
service.py:18:9: error[Q036]: `new` cannot be assigned to
          new = self.users + 1
          ^^^
  help: an action has no names of its own: write the expression where it is used
""",
    ),
    "str of a number": (
        {"claim": 'str(self.users) != ""'},
        """
service.py:23:16: error[Q012]: `str` is not a word of the language
          return str(self.users) != ""
                 ^^^
  help: a spec has no texts; compare the values themselves
""",
    ),
    "a member called str in a loop": (
        {
            "statement": """
        for str in self.items:
            str.used = True
"""
        },
        """
service.py:18:13: error[Q015]: `str` is a name of Python's own
          for str in self.items:
              ^^^
  help: choose another name
""",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_strangers_write_is_refused_once_and_says_what_to_write_instead(name: str) -> None:
    parts, message = REFUSED[name]
    assert refused(spec(**parts)) == message.strip("\n").split("\n")
