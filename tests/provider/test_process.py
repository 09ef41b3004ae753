"""The process around a provider: what it imports, and how it ends."""

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.provider.conftest import World


@pytest.mark.parametrize("at_exit", ["drain", "reset", "leave"])
@pytest.mark.parametrize("ending", ["", "sys.exit(0)", "p.recv_overlapped(s, 10)", "p.send(s, b'x' * (32 << 20))"])
def test_interpreter_ends_even_if_nobody_cleaned_up(world: "World", ending: str, at_exit: str) -> None:
    program = (
        "import sys\n"
        "from winsock_provider import *\n"
        f"p = WinsockProvider(at_exit={at_exit!r}, drain_timeout=0.05)\n"
        "p.startup((2, 2))\n"
        "s = p.socket(AF_INET, SOCK_STREAM)\n"
        f"p.connect(s, {world.address!r})\n"
        f"{ending}\n"
    )
    ended = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=world.patience, check=False
    )
    assert (ended.returncode, ended.stdout) == (0, "")
    given_up = at_exit == "drain" and "32 << 20" in ending  # nothing is lost in silence, unless somebody chose that
    assert ("1 sockets were reset" in ended.stderr, ended.stderr == "") == (given_up, not given_up)


def test_only_the_standard_library_is_imported() -> None:
    program = (
        "import sys\n"
        "import winsock_provider\n"
        "names = {name.partition('.')[0] for name in sys.modules} - {'winsock_provider', '__main__', 'sitecustomize'}\n"
        "print(*sorted(name for name in names - sys.stdlib_module_names if not name.startswith('_')))\n"
    )
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert ended.stdout.strip() == ""
