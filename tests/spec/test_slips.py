"""Slips of the pen are refused once, where they are, with what was probably meant."""

import pytest

from tests.spec.strangers import refused, spec

SLIPS: dict[str, tuple[dict[str, str], str, str]] = {
    "no self": ({"statement": "        users += 1\n"}, "`users` cannot be assigned to", "did you mean `self.users`?"),
    "=+": (
        {"statement": "        self.ready = False\n        self.users =+ 1\n"},
        "`+` is not an operator of the language",
        "leave it out, or write `+=` to count up",
    ),
    "no return": (
        {"body": "    @always\n    def counted(self) -> bool:\n        self.users >= 0\n\n"},
        "the body is one `return` of an expression",
        "write `return self.users >= 0`",
    ),
    "a call of another action": (
        {"statement": "        self.start(i)\n"},
        "an action calls no other method of the machine, as `start` is",
        "write what it changes here, too; a value that both need is a helper method",
    ),
    "two assignments in one": (
        {"statement": "        self.users, self.ready = 1, True\n"},
        "`self.users, self.ready` cannot be assigned to",
        "write an assignment for each",
    ),
    "two actions of one name": (
        {"body": '    @call("stop")\n    def start(self) -> None:\n        self.users = 0\n\n'},
        "`start` is already defined in line 17",
        "give it another name",
    ),
    "fail for fails": (
        {"body": '    @call("stop", fail="NONE")\n    def stop(self) -> None:\n        self.users = 0\n\n'},
        "`@call` has no argument `fail`",
        "did you mean `fails`?",
    ),
    "an argument that is like none": (
        {"body": '    @call("stop", error="NONE")\n    def stop(self) -> None:\n        self.users = 0\n\n'},
        "`@call` has no argument `error`",
        "it takes fails, blocks, fair, until, satisfies",
    ),
    "two guards in one": (
        {"body": '    @call("stop")\n    def stop(self) -> None:\n        when(self.users > 0, self.ready)\n\n'},
        "`when` takes one argument",
        "join them with `and`, or write a `when(…)` for each",
    ),
    "a default": (
        {"body": '    @call("stop")\n    def stop(self, ok: bool = True) -> None:\n        self.ready = ok\n\n'},
        "parameters are plain: no default, no `*` and no `/`",
        "leave the default out: each call gives every argument",
    ),
    "a count for a truth value": (
        {"statement": "        self.ready = self.users\n"},
        "`self.users` is of type int, where bool is needed",
        "compare it, as in `self.users > 0`",
    ),
}


@pytest.mark.parametrize("name", SLIPS)
def test_a_slip_is_refused_with_what_was_meant(name: str) -> None:
    parts, said, meant = SLIPS[name]
    first, *others = refused(spec(**parts).replace("call, internal", "call, when, internal"))
    assert first.endswith(f": {said}")
    assert others[-1] == f"  help: {meant}"
    assert sum("error[" in line for line in others) == 0
