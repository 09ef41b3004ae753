"""Methods, types, variables and classes that strangers declare first are refused once, with what to write instead."""

from pathlib import PurePosixPath

import pytest
from quiesce.spec.reader import read_text

from tests.spec.strangers import refused, spec

REFUSED: dict[str, tuple[dict[str, str], str]] = {
    "an __init__, whose variables are used everywhere": (
        {
            "body": """
    def __init__(self, limit: int = 5) -> None:
        self.limit = limit
        self.names: list[str] = []

""",
            "claim": "self.users <= self.limit and self.names == 0",
        },
        """
service.py:16:9: error[Q020]: a spec has no `__init__`
      def __init__(self, limit: int = 5) -> None:
          ^^^^^^^^
  help: declare each variable in the class body, with the value that it starts with: `users: Nat = 0`
""",
    ),
    "another method of Python's": (
        {
            "body": """
    def __str__(self) -> str:
        return f"{self.users} users"

"""
        },
        """
service.py:16:9: error[Q020]: a spec has no `__str__`
      def __str__(self) -> str:
          ^^^^^^^
  help: leave it out: a spec is proved and never run
""",
    ),
    "an async method": (
        {
            "body": """
    @call("wait")
    async def wait(self) -> None:
        await self.start()

    @call("stop", blocks=True, fair=[wait])
    def stop(self) -> None:
        pass

"""
        },
        """
service.py:17:5: error[Q020]: a method of a spec is not async
      async def wait(self) -> None:
      ^^^^^
  help: write `def`: an action is one step, and waits for nothing
""",
    ),
    "a method without a decorator that is to do something": (
        {
            "body": """
    def stop(self) -> None:
        self.users -= 1

"""
        },
        """
service.py:16:23: error[Q031]: `stop` has no decorator, so it is a helper, and a helper returns a value
      def stop(self) -> None:
                        ^^^^
  help: an action starts with `@call("stop")`, `@internal` or `@environment`
""",
    ),
    "a property": (
        {
            "body": """
    @property
    def is_used(self) -> bool:
        return self.users > 0

""",
            "claim": "self.is_used",
        },
        """
service.py:16:6: error[Q030]: `@property` is not a decorator of the language
      @property
       ^^^^^^^^
  help: leave it out: a method without a decorator is a helper, and is called as `self.is_used(…)`
""",
    ),
    "a text": (
        {
            "body": """
    name: str = "x"

""",
            "claim": 'self.name == "x"',
        },
        """
service.py:16:11: error[Q027]: `str` is not a type of the language
      name: str = "x"
            ^^^
  help: name the values that it can have in `class Kind(Enum):`, each as `NAME = auto()`
""",
    ),
    "a text as a parameter": (
        {
            "body": """
    @call("open")
    def opened(self, name: str) -> None:
        self.ready = name != "x"

"""
        },
        """
service.py:17:28: error[Q027]: `str` is not a type of the language
      def opened(self, name: str) -> None:
                             ^^^
  help: name the values that it can have in `class Kind(Enum):`, each as `NAME = auto()`
""",
    ),
    "a fraction": (
        {
            "body": """
    delay: float = 0.5

""",
            "claim": "self.delay > 0.1",
        },
        """
service.py:16:12: error[Q027]: `float` is not a type of the language
      delay: float = 0.5
             ^^^^^
  help: numbers are integers: count in a smaller unit, as `Nat` or `Int`
""",
    ),
    "a list": (
        {
            "body": """
    waiting: list[int] = []

""",
            "claim": "all(n > 0 for n in self.waiting)",
        },
        """
service.py:16:14: error[Q027]: `list` is not a type of the language
      waiting: list[int] = []
               ^^^^^^^^^
  help: things of one kind are a family: `class Item(Member):`, and `items: Family[Item]` in the machine
""",
    ),
    "perhaps nothing": (
        {
            "body": """
    owner: int | None = None

""",
            "claim": "self.owner is not None",
        },
        """
service.py:16:12: error[Q027]: a variable or parameter always has a value of one type
      owner: int | None = None
             ^^^^^^^^^^
  help: say whether there is a value with a `bool`, or a member of an enum
""",
    ),
    "a type for a variable that is declared": (
        {
            "statement": """
        self.users: int = 0
"""
        },
        """
service.py:18:9: error[Q039]: a variable is declared in the class body, and not in a method
          self.users: int = 0
          ^^^^^^^^^^^^^^^^^^^
  help: write `self.users = 0` here
""",
    ),
    "a variable that is declared where it is used": (
        {
            "statement": """
        self.count: int = 0
        self.count += 1
""",
            "claim": "self.count >= 0",
        },
        """
service.py:18:9: error[Q039]: a variable is declared in the class body, and not in a method
          self.count: int = 0
          ^^^^^^^^^^^^^^^^^^^
  help: write `count: int = 0` there
""",
    ),
    "a variable that is declared nowhere": (
        {
            "statement": """
        self.count = 0
"""
        },
        """
service.py:18:9: error[Q013]: the machine has no variable `count`
          self.count = 0
          ^^^^^^^^^^
  help: declare it in the class body, as in `count: Nat = 0`
""",
    ),
    "a list of numbers": (
        {
            "statement": """
        for k in [1, 2]:
            self.users += k
"""
        },
        """
service.py:18:18: error[Q041]: `[1, 2]` is not an expression of the language
          for k in [1, 2]:
                   ^^^^^^
  help: things of one kind are a family: `class Item(Member):`, and `items: Family[Item]` in the machine
""",
    ),
    "an empty list for a family": (
        {
            "statement": """
        self.items = []
"""
        },
        """
service.py:18:9: error[Q036]: `self.items` cannot be assigned to
          self.items = []
          ^^^^^^^^^^
  help: an action changes `self.variable` and `s.field` of a member
""",
    ),
    "an __init__ of a member": (
        {
            "module": """
class Thing(Member):
    def __init__(self) -> None:
        self.size = 0

    def is_big(self) -> bool:
        return self.size > 9

""",
            "body": """
    things: Family[Thing]

""",
        },
        """
service.py:5:9: error[Q020]: a spec has no `__init__`
      def __init__(self) -> None:
          ^^^^^^^^
  help: declare each variable in the class body, with the value that it starts with: `users: Nat = 0`
""",
    ),
    "a constant in the class": (
        {
            "body": """
    LIMIT = 5

""",
            "claim": "self.users <= self.LIMIT",
        },
        """
service.py:16:5: error[Q026]: `LIMIT` has no type
      LIMIT = 5
      ^^^^^
  help: write `LIMIT: Nat = 5`
""",
    ),
    "a policy in the class": (
        {
            "body": """
    CHOICE = policy(Phase.UP, Phase.DOWN)

""",
            "claim": "CHOICE == Phase.UP or self.CHOICE == Phase.UP",
        },
        """
service.py:16:5: error[Q020]: a policy is declared outside of classes
      CHOICE = policy(Phase.UP, Phase.DOWN)
      ^^^^^^
  help: move it above the classes, and call it `CHOICE` everywhere
""",
    ),
    "a class in the class": (
        {
            "body": """
    class Kind(Enum):
        A = auto()

    kind: Kind = Kind.A

""",
            "claim": "self.kind == Kind.A",
        },
        """
service.py:16:5: error[Q020]: a class is declared outside of classes
      class Kind(Enum):
      ^^^^^
  help: move it above this one
""",
    ),
    "a member called str": (
        {"claim": "all(str.used for str in self.items)"},
        """
service.py:23:33: error[Q015]: `str` is a name of Python's own
          return all(str.used for str in self.items)
                                  ^^^
  help: choose another name
""",
    ),
    "no result": (
        {
            "body": """
    @always
    def counted(self):
        return self.users >= 0

"""
        },
        """
service.py:17:9: error[Q031]: a promise of this kind returns bool
      def counted(self):
          ^^^^^^^
  help: write `-> bool`
""",
    ),
    "a program": (
        {
            "module": """
if __name__ == "__main__":
    print("hello")

"""
        },
        """
service.py:4:1: error[Q020]: a spec has imports, requirements, policies, constants, functions and classes, no more
  if __name__ == "__main__":
  ^^
  help: leave it out: a spec is proved and never run
""",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_strangers_declare_is_refused_once_and_says_what_to_write_instead(name: str) -> None:
    parts, message = REFUSED[name]
    assert refused(spec(**parts)) == message.strip("\n").split("\n")


def test_what_python_calls_str_may_be_a_variable_which_hides_nothing() -> None:
    machine = read_text(spec(body="    str: Nat = 0\n\n", claim="self.str >= 0"), PurePosixPath("service.py"))
    assert [variable.name for variable in machine.variables] == ["users", "ready", "str"]
