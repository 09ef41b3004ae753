"""The flagship's core with one fault at a time, wherever it stands: none of them is proved equal to the model."""

from pathlib import Path

import pytest
from quiesce.generate.core.validation import compare
from quiesce.prove.effort import Effort
from quiesce.spec.model import Machine
from quiesce.spec.reader import read_file

from tests.by_day import by_day

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
SPEC = ROOT / "model/winsock.py"
TEXT = SPEC.read_text(encoding="utf-8")
CORE = (ROOT / "generated/winsock_provider/core.py").read_text(encoding="utf-8")

RECEIVE = "        if overlapped:\n            s.pending += 1\n"
LAST = "        for s in tuple(self.sockets):\n            s.pending = 0\n"
CLASS = "class WinsockProviderCore:\n"
SOCKET = "@dataclass(slots=True, eq=False)\nclass Socket:\n"
CONFIGURE = "        s.linger = linger\n        s.blocking = blocking\n"
SEND = '    def wsp_send(self, s: Socket, n: int) -> Literal["send"]:\n'
COMPLETE = "    def complete(self, s: Socket) -> None:\n"
N_CHECK = '        if n < 0:\n            raise ValueError(f"n must be at least 0, not {n}")\n'
NOT_RUNNING = '        if self.phase is not Phase.RUNNING:\n            raise Refused("WSANOTINITIALISED")\n'
CAN_COMPLETE = """    def can_complete(self, s: Socket) -> bool:
        \"\"\"Whether `complete` may happen.\"\"\"
        return s.pending > 0

"""

FAULTS = {
    # Who is known
    "a new socket is not known": ("        self.sockets[s] = None\n", ""),
    "a new socket is forgotten": ("        self.sockets[s] = None\n", "        self.sockets.pop(s, None)\n"),
    "every socket is forgotten": ("        self.sockets[s] = None\n", "        self.sockets = {}\n"),
    "the dictionary is emptied": ("        self.sockets[s] = None\n", "        self.sockets.clear()\n"),
    "a socket that is read is known": (CONFIGURE, "        self.sockets[s] = 1\n" + CONFIGURE),
    "a socket in use is forgotten": (CONFIGURE, CONFIGURE + "        self.sockets.pop(s, None)\n"),
    "a socket that is used is given back": (CONFIGURE, CONFIGURE + "        self._retire_socket(s)\n"),
    "what was given back is still known": ("        self.sockets.pop(s, None)\n", ""),
    "what was given back is known again": (
        "            self._retire_socket(s)\n        else:",
        "            self._retire_socket(s)\n            self.sockets[s] = None\n        else:",
    ),
    "giving back something unknown is an error": ("self.sockets.pop(s, None)", "self.sockets.pop(s)"),
    "giving back forgets another": ("self.sockets.pop(s, None)", "self.sockets.popitem()"),
    "giving back leaves a field as it was": ("        s.shut = False\n", ""),
    "giving back clears what persists": ("        s.notified = 0\n", "        s.notified = 0\n        s.epoch = 0\n"),
    "the loop changes what it runs over": ("for s in tuple(self.sockets):", "for s in self.sockets:"),
    "the loop runs over the first only": (
        LAST,
        "        for s in tuple(self.sockets)[:1]:\n            s.pending = 0\n",
    ),
    "the loop ends early": (LAST, LAST + "            break\n"),
    "the loop has an else": (
        "            s.unsent = 0\n\n    def can_finish_close",
        "            s.unsent = 0\n        else:\n            self.refs = 1\n\n    def can_finish_close",
    ),
    "the loop skips some": (LAST, LAST + "            if s.shut:\n                continue\n"),
    "the loop's name is needed for something else": (
        "        for s in self.sockets:\n            s.unsent = 0\n",
        "        for NotEnabled in self.sockets:\n            NotEnabled.unsent = 0\n",
    ),
    "a quantifier leaves some out": (
        "any(s.unsent > 0 for s in self.sockets)",
        "any(s.unsent > 0 for s in self.sockets if s.blocking)",
    ),
    # Arguments
    "an argument is not checked": (
        '        if agreed < 0:\n            raise ValueError(f"agreed must be at least 0, not {agreed}")\n',
        "",
    ),
    "an argument is checked less": ("        if n < 0:\n", "        if n < -1:\n"),
    "an argument is checked more": ("        if n < 0:\n", "        if n < 2:\n"),
    "an argument is checked too late": (
        f"{N_CHECK}{NOT_RUNNING}",
        f"{NOT_RUNNING}{N_CHECK}",
    ),
    "another error for an argument": ('raise ValueError(f"n must', 'raise TypeError(f"n must'),
    "a message that does something": ("not {n}", "not {self.refs.__class__}"),
    "a message that shows what is not there": ("not {n}", "not {m}"),
    "a default for an argument": ("n: int) -> Literal", "n: int = 0) -> Literal"),
    "more arguments": ("def wsp_cleanup(self)", "def wsp_cleanup(self, *rest: int)"),
    "arguments by name alone": ("def wsp_send(self, s", "def wsp_send(self, *, s"),
    "another type of an argument": ("def wsp_send(self, s: Socket, n: int)", "def wsp_send(self, s: Socket, n: bool)"),
    # The constructor
    "another default of a policy": (
        "open_sockets: OpenSockets = OpenSockets.DRAIN",
        "open_sockets: OpenSockets = OpenSockets.RESET",
    ),
    "a policy is not taken": ("self.open_sockets = open_sockets", "self.open_sockets = OpenSockets.DRAIN"),
    "the constructor does more": ("        self.refs = 0\n", "        self.refs = 0\n        print(self)\n"),
    "the constructor sets it again": (
        "        self.sockets: dict",
        "        self.refs = 1\n        self.sockets: dict",
    ),
    "another initial value": (
        "        self.phase = Phase.UNLOADED\n        self.refs",
        "        self.phase = Phase.RUNNING\n        self.refs",
    ),
    "families share what they know": (
        "self.sockets: dict[Socket, None] = {}",
        "self.sockets: dict[Socket, None] = KNOWN",
    ),
    # Methods
    "one method more": (COMPLETE, "    def forget(self) -> None:\n        self.refs = 0\n\n" + COMPLETE),
    "a property": (COMPLETE, "    @property\n    def idle(self) -> bool:\n        return True\n\n" + COMPLETE),
    "a method twice": (COMPLETE, COMPLETE + '        """Nothing."""\n\n' + COMPLETE),
    "a method of Python's own": (
        COMPLETE,
        "    def __getattribute__(self, name: str) -> int:\n        return 0\n\n" + COMPLETE,
    ),
    "a method less": (
        CAN_COMPLETE,
        "",
    ),
    "a decorator that swallows": (SEND, "    @swallowed\n" + SEND),
    "a static method": (SEND, "    @staticmethod\n" + SEND),
    "an asynchronous method": (SEND, SEND.replace("def", "async def")),
    "a guard of its own is not what is asked": ("return s.pending > 0", "return s.pending > 1"),
    "a guard that nobody asks is wrong": (
        "        if not self.can_complete(s):\n",
        "        if s.pending <= 0:\n",
        "return s.pending > 0",
        "return s.pending >= 0",
    ),
    "a guard that asks itself": ("return s.pending > 0", "return self.can_complete(s)"),
    "a guard that changes something": (
        "        return s.pending > 0\n",
        "        s.pending = 1\n        return s.pending > 0\n",
    ),
    "a step asks another guard": ("if not self.can_complete(s)", "if not self.can_peer_resets(s)"),
    "a step answers": (
        "        s.pending -= 1\n",
        '        s.pending -= 1\n        if s.pending == 7:\n            return "complete"\n',
    ),
    "a refusal changes something": (
        '            raise Refused("WSAENOTSOCK")\n',
        '            self.refs = 0\n            raise Refused("WSAENOTSOCK")\n',
    ),
    "a refusal has a cause": ('raise Refused("WSAENOTSOCK")', 'raise Refused("WSAENOTSOCK") from print()'),
    "a wait for another call": ('raise Blocked("WSPStartup")', 'raise Blocked("WSPCleanup")'),
    "a step of another name": ('raise NotEnabled("complete")', 'raise NotEnabled("release")'),
    "an expression that is called": (
        "self.lowest = min(self.lowest, agreed)",
        "self.lowest = abs(min(self.lowest, agreed))",
    ),
    "a word of the spec alone": ("any(s.unsent > 0 for s", "count(s.unsent > 0 for s"),
    "a value is named on the way": (
        "self.lowest = min(self.lowest, agreed)",
        "self.lowest = (low := min(self.lowest, agreed))",
    ),
    "two places at once": (
        "        self.refs = 0\n        self.phase",
        "        self.refs = self.lowest = 0\n        self.phase",
    ),
    "the loop's name behind it": (
        "                    s.shares = 0\n        return",
        "                    s.shares = 0\n        s.shut = False\n        return",
    ),
    "a numeral is a truth value": ("        s.shut = True\n", "        s.shut = 1\n"),
    "integers are one object": ("if agreed == 0:", "if agreed is 0:"),
    # The classes around it
    "a base class": (CLASS, "class WinsockProviderCore(dict):\n"),
    "a metaclass": (CLASS, "class WinsockProviderCore(metaclass=Meta):\n"),
    "a decorated class": (CLASS, "@wrapped\n" + CLASS),
    "one slot more": ('"startup_while_draining")', '"startup_while_draining", "more")'),
    "no slots": ('    __slots__ = ("epoch"', '    slots = ("epoch"'),
    "an attribute of the class": (CLASS, CLASS + "    more = 0\n"),
    "sockets are equal by their fields": (
        "@dataclass(slots=True, eq=False)",
        "@dataclass(slots=True, unsafe_hash=True)",
    ),
    "sockets have a base": (SOCKET, SOCKET.replace("Socket:", "Socket(tuple):")),
    "sockets have a method": (
        "    epoch: int = 0\n",
        "    epoch: int = 0\n\n    def __bool__(self) -> bool:\n        return False\n",
    ),
    "another default of a field": ("    blocking: bool = True\n", "    blocking: bool = False\n"),
    "a field more": ("    epoch: int = 0\n", "    epoch: int = 0\n    more: int = 0\n"),
    "a field less": ("    notified: int = 0\n", ""),
    "a field that all share": ("    notified: int = 0\n", "    notified = 0\n"),
    "a value less": ("    TIMED = auto()\n", ""),
    "two values are one": ("    CLOSING = auto()\n", "    CLOSING = OPEN\n"),
    "a value that compares otherwise": ("class Linger(Enum):\n", "class Linger(IntEnum):\n"),
    "an enum with a method": (
        "    HARD = auto()\n",
        "    HARD = auto()\n\n    def __eq__(self, other: object) -> bool:\n        return True\n",
    ),
    "an error that is none": ("class NotEnabled(Exception):", "class NotEnabled(Refused):"),
    "an error that hides its reason": ("        self.error = error\n", "        self.error = None\n"),
    # The module
    "an import more": ("from typing import Literal\n", "from typing import Literal\nfrom os import *\n"),
    "an import less": ("from dataclasses import dataclass\n", ""),
    "an import of something else": ("from enum import Enum, auto", "from enums import Enum, auto"),
    "another name for an import": ("from enum import Enum, auto", "from enum import Enum, unique as auto"),
    "another meaning of any": (CLASS, "any = all\n\n\n" + CLASS),
    "another meaning of tuple": (CLASS, "def tuple(members: object) -> list[object]:\n    return []\n\n\n" + CLASS),
    "another meaning behind the class": (
        "        self.sockets.pop(s, None)\n",
        "        self.sockets.pop(s, None)\n\n\nmin = max\n",
    ),
    "the class is patched": (
        "        self.sockets.pop(s, None)\n",
        "        self.sockets.pop(s, None)\n\n\nWinsockProviderCore.wsp_send = WinsockProviderCore.wsp_recv\n",
    ),
    "the class twice": (
        "        self.sockets.pop(s, None)\n",
        "        self.sockets.pop(s, None)\n\n\n" + CLASS + "    pass\n",
    ),
    "another encoding": ("# @generated", "# coding: latin-1 @generated"),
    "something runs at the start": ("from typing import Literal\n", "from typing import Literal\n\nprint()\n"),
}


@pytest.fixture(scope="module")
def machine() -> Machine:
    return read_file(SPEC)


def test_the_core_itself_is_equal(machine: Machine) -> None:
    assert compare(machine, (), TEXT, CORE, Effort()) == ()


@pytest.mark.parametrize("name", by_day(FAULTS, 12))
def test_a_core_with_a_fault_is_refused(machine: Machine, name: str) -> None:
    faulty, changes = CORE, FAULTS[name]
    for text, fault in zip(changes[::2], changes[1::2], strict=True):
        assert text in faulty
        faulty = faulty.replace(text, fault, 1)
    assert compare(machine, (), TEXT, faulty, Effort())


@pytest.mark.parametrize(
    ("text", "other"),
    by_day(
        [
            ('"""The call WSPCleanup.\n', '"""Another docstring.\n'),
            ("        # One cleanup too many.\n", ""),
            ("if self.refs > 1:", "if 2 <= self.refs:"),
            ("agreed must be at least 0, not {agreed}", "{agreed} is less than nothing"),
            ('"phase", "refs"', '"refs", "phase"'),
        ],
        5,
    ),
)
def test_what_means_the_same_is_accepted(machine: Machine, text: str, other: str) -> None:
    assert text in CORE
    assert compare(machine, (), TEXT, CORE.replace(text, other, 1), Effort()) == ()
