"""What is tried: a few callers, each with a few calls, and their peers."""

from typing import Final

from .clients import Client
from .peers import Peer
from .stage import Script, Shared


def _read_all(peer: Peer) -> None:
    peer.read_all()


def _send_and_leave(client: Client, shared: Shared) -> None:
    s = shared["s"]
    client.send(s, b"abcdefgh", 1)
    client.close(s)
    client.cleanup()


def _start_and_connect(client: Client, shared: Shared) -> None:
    client.startup()
    shared["s"] = client.connect(1)


def _come_and_go(client: Client, _shared: Shared) -> None:
    client.startup()
    client.cleanup()


SCRIPTS: Final = {
    "a close sends the rest": Script(
        clients={"A": _send_and_leave, "B": _come_and_go}, peers={1: _read_all}, before=_start_and_connect
    ),
}
