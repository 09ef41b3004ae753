"""What stands closest to a notification that a library is loaded or unloaded: the body of a module, and its end.

Windows holds a lock while it tells a library that it is loaded, so a startup in there waits for ever. Python holds one
as well, for each module whose body it runs.
"""

import importlib
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.provider.conftest import World

MODULE = """
from winsock_provider import AF_INET, SOCK_STREAM, WinsockProvider

provider = WinsockProvider()
provider.startup((2, 2))
s = provider.socket(AF_INET, SOCK_STREAM)
provider.connect(s, ("localhost", {port}))
provider.send(s, b"while the module is loaded")
"""


def test_a_startup_while_a_module_is_loaded_does_not_wait_for_itself(
    world: "World", tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = MODULE.format(port=world.address[1]) + "provider.cleanup()\n"
    (tmp_path / "starts_while_loaded.py").write_text(text, encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    loading = world.in_thread(lambda: importlib.import_module("starts_while_loaded"))
    assert world.read_all(world.accept()) == b"while the module is loaded"
    loading.result(world.patience)
    monkeypatch.delitem(sys.modules, "starts_while_loaded")


@pytest.mark.slow
def test_a_process_that_is_killed_harms_no_other(world: "World") -> None:
    """Nothing outlives the process: another one starts at once, and on the same port."""
    listening = """
s = provider.socket(AF_INET, SOCK_STREAM)
provider.setsockopt(s, 0xFFFF, 4, True)  # SO_REUSEADDR: the peer of the one that was killed may still wait
provider.bind(s, ("127.0.0.1", int(__import__("sys").argv[1])))
provider.listen(s)
print(provider.getsockname(s)[1], flush=True)
"""
    program = MODULE.format(port=world.address[1]) + listening
    wait = "provider.recv(provider.accept(s)[0], 1)"

    def run(port: str, end: str) -> "subprocess.Popen[str]":
        return subprocess.Popen(
            [sys.executable, "-c", program + end, port], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )

    with run("0", wait) as first:
        assert first.stdout is not None
        port = first.stdout.readline().strip()
        peer = world.accept()
        first.kill()
        assert peer.recv(100) == b"while the module is loaded"
    with run(port, "print(provider.snapshot().refs); provider.cleanup()") as second:
        assert second.communicate(timeout=world.patience) == (f"{port}\n1\n", "")
    assert world.read_all(world.accept()) == b"while the module is loaded"
