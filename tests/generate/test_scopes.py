"""A name that stands for two things is found, in whatever scope; one that stands for one thing is not."""

import pytest
from quiesce.generate.python.scopes import ambiguities

GOOD = {
    "a field and a parameter": "class A:\n    x: int = 0\n    def f(self, x: int) -> int: ...\n",
    "two loops": "def f(xs: list[int]) -> None:\n    for x in xs: ...\n    for x in xs: ...\n",
    "a method called as a builtin that is used inside": "class A:\n    def max(self): return max(1, 2)\n",
    "a parameter called as a builtin that is not used": "def f(id: int) -> int:\n    return id\n",
    "a field that every class has, with a value of its own": "class A:\n    mro: int = 0\n",
    "a parameter that is called": "def f(go: object) -> object:\n    return go()\n",
}
BAD = {
    "two imports": ("from a import x\nfrom b import x\n", "x"),
    "a class and an import": ("from a import x\nclass x: ...\n", "x"),
    "a builtin": ("class str: ...\n", "str"),
    "an assignment": ("import x\nx = 1\n", "x"),
    "an annotated assignment": ("import x\nx: int = 1\n", "x"),
    "two methods": ("class A:\n    def f(self): ...\n    def f(self): ...\n", "f"),
    "a slot and a method": ("class A:\n    __slots__ = ('f',)\n    def f(self): ...\n", "f"),
    "two slots": ("class A:\n    __slots__ = ('f', 'f')\n", "f"),
    "a method that is a type": ("class A:\n    def int(self): ...\n    def f(self, a: int): ...\n", "int"),
    "a method that is a result": ("class A:\n    def int(self): ...\n    def f(self) -> int: ...\n", "int"),
    "a field that is a type": ("class A:\n    int: int\n", "int"),
    "a field that is a default": ("class A:\n    x: object = 0\n    def f(self, y=x): ...\n", "x"),
    "a field that is a decorator": ("class A:\n    x: object = 0\n    @x\n    def f(self): ...\n", "x"),
    "a value of an enum": ("from enum import Enum, auto\nclass A(Enum):\n    auto = auto()\n", "auto"),
    "a parameter and an import": ("import x\ndef f(x): ...\n", "x"),
    "a parameter for any names": ("import x\ndef f(**x): ...\n", "x"),
    "a field that every class has": ("class A:\n    mro: int\n", "mro"),
    "a parameter twice": ("def f(x, x): ...\n", "x"),
    "a parameter that is assigned": ("def f(x):\n    x = 1\n", "x"),
    "a parameter that a loop binds": ("def f(x):\n    for x in (): ...\n", "x"),
    "a parameter that a comprehension binds": ("def f(x):\n    return [x for x in ()]\n", "x"),
    "a parameter that a lambda binds": ("def f(x):\n    return lambda x: x\n", "x"),
    "a parameter that a handler binds": ("def f(x):\n    try: ...\n    except OSError as x: ...\n", "x"),
    "a parameter that a pattern binds": ("def f(x):\n    match 1:\n        case x: ...\n", "x"),
    "a loop and a class": ("class x: ...\ndef f():\n    for x in (): ...\n", "x"),
    "a parameter that is called as a builtin": ("def f(max):\n    return max(1, 2)\n", "max"),
    "a parameter that is a type inside": ("def f(self, dict):\n    self.x: dict = 1\n", "dict"),
}


@pytest.mark.parametrize("page", GOOD.values(), ids=GOOD)
def test_one_name_for_one_thing_is_fine(page: str) -> None:
    assert list(ambiguities(page)) == []


@pytest.mark.parametrize(("page", "name"), BAD.values(), ids=BAD)
def test_one_name_for_two_things_is_found(page: str, name: str) -> None:
    assert [found.name for found in ambiguities(page)] == [name]


@pytest.mark.parametrize(("page", "name"), [each for each in BAD.values() if "def f(" in each[0]])
def test_a_coroutine_is_a_function(page: str, name: str) -> None:
    assert [found.name for found in ambiguities(page.replace("def f(", "async def f("))] == [name]


def test_a_module_beside_that_of_a_package_has_a_name_in_it() -> None:
    page = "from .core import core, other\n"
    assert [found.name for found in ambiguities(page, frozenset({"core", "hooks"}))] == ["core"]
    assert list(ambiguities(page, frozenset({"hooks"}))) == []
