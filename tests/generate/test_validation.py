"""The text of a core is proved equal to the model, and whatever makes it differ is named."""

from pathlib import Path

import pytest
from quiesce.generate.core.validation import validate
from quiesce.prove.checked import CheckedMachine
from quiesce.prove.effort import Effort
from quiesce.prove.prover import verify
from quiesce.prove.solving.cache import NO_CACHE, Cache
from quiesce.prove.solving.proof_cache import ProofCache
from quiesce.spec.reader import read_file

from tests.by_day import by_day

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
SPEC = ROOT / "model/winsock.py"
CORE = ROOT / "generated/winsock_provider/core.py"


@pytest.fixture(scope="module")
def checked() -> CheckedMachine:
    return CheckedMachine(verify(read_file(SPEC)))


@pytest.fixture(scope="module")
def filled(checked: CheckedMachine) -> ProofCache:
    """What is known once the committed core was compared."""
    cache = ProofCache()
    assert differences(checked, CORE.read_text(encoding="utf-8"), cache) == ()
    assert cache.used()
    return cache


def differences(checked: CheckedMachine, core: str, cache: Cache = NO_CACHE) -> tuple[str, ...]:
    return validate(checked, SPEC.read_text(encoding="utf-8"), core, Effort(), cache)


def test_the_committed_core_is_equal_to_its_model(checked: CheckedMachine) -> None:
    assert differences(checked, CORE.read_text(encoding="utf-8")) == ()


FAULTS = [
    ("if self.refs > 1:", "if self.refs > 2:", "wsp_cleanup: nested_cleanup"),
    ("            self.refs += 1\n", "            self.refs += 2\n", "wsp_startup: nested_startup: refs"),
    ("        s.notified = 0\n", "", "sockets.notified"),
    ('raise Refused("WSAEFAULT")', 'raise Refused("WSAEMFILE")', "wsp_startup: refused: WSAEMFILE"),
    ('raise Blocked("WSPStartup")', 'raise Refused("WSAEFAULT")', "wsp_startup: has to wait"),
    (
        "        self.refs = 0\n        self.lowest",
        "        self.refs = 1\n        self.lowest",
        "__init__: `self.refs = 1` instead of `self.refs = 0`",
    ),
    ("    shares: int = 0", "    shares: int = 1", "Socket: `shares: int = 1` instead of `shares: int = 0`"),
    ("return self.phase is Phase.STARTING", "return True", "initialised: not enabled"),
    ("if agreed < 0", "if agreed < 1", "wsp_startup: ValueError"),
    ('return "nested_cleanup"', 'return "last_cleanup"', "wsp_cleanup: last_cleanup"),
    ("OpenSockets.RESET:\n", "OpenSockets.DRAIN:\n", "wsp_cleanup: last_cleanup"),
    ("for s in tuple(self.sockets):", "for s in tuple(self.nothing):", "cannot be read back"),
    (
        "def wsp_send(self, s: Socket, n: int)",
        "def wsp_send(self, n: int, s: Socket)",
        "WinsockProviderCore: wsp_send: ",
    ),
    ("class WinsockProviderCore", "class OtherCore", "`class OtherCore:` instead of"),
    ("        self.refs -= 1\n", "        self.refs -= 1\n        print(self.refs)\n", "cannot be read back"),
]


@pytest.mark.parametrize(("text", "fault", "named"), by_day(FAULTS, 6))
def test_a_fault_in_the_text_is_named_whatever_is_remembered(
    checked: CheckedMachine, filled: ProofCache, text: str, fault: str, named: str
) -> None:
    core = CORE.read_text(encoding="utf-8")
    assert text in core
    found = differences(checked, core.replace(text, fault, 1))
    assert any(named in difference for difference in found), found
    assert differences(checked, core.replace(text, fault, 1), filled) == found
