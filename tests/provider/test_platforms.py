"""The parts of the seam that other systems take: made to run here by a system that pretends to be one of them.

It cannot show how those systems behave, only that the code for them does what it says.
"""

import importlib.util
import os
import socket
import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import TYPE_CHECKING

import pytest
from winsock_provider import (
    AF_INET,
    FIONREAD,
    SO_LINGER,
    SOCK_STREAM,
    SOL_SOCKET,
    Report,
    WinsockProvider,
    osdep,
    process,
)
from winsock_provider.bell import Bell

if TYPE_CHECKING:
    from tests.provider.conftest import World

MUCH = bytes(range(256)) * 32768


def seam_of(platform: str, patch: pytest.MonkeyPatch) -> ModuleType:
    """The seam as Python reads it on another system; what only that has is taken from here."""
    patch.setattr(sys, "platform", platform)
    spec = importlib.util.spec_from_file_location("winsock_provider._seam", Path(osdep.__file__))
    assert spec is not None
    assert spec.loader is not None
    seam = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(seam)
    patch.undo()
    return seam


@pytest.fixture
def windows(monkeypatch: pytest.MonkeyPatch) -> None:
    """No poll, no ioctl, no gathered sends, and nobody who tells what the kernel still holds."""
    with pytest.MonkeyPatch.context() as patch:
        seam = seam_of("win32", patch)
    seam.sys = SimpleNamespace(platform="win32")  # type: ignore[attr-defined]
    for name in ("Ear", "ready", "send_gathered", "incoming", "outgoing"):
        monkeypatch.setattr(osdep, name, getattr(seam, name))
    monkeypatch.setattr("winsock_provider.traffic.QUIET_TIME", 0.05)


@pytest.fixture
def silent_kernel(monkeypatch: pytest.MonkeyPatch) -> None:
    """A system that does not tell how much it still holds of a stream."""
    monkeypatch.setattr(osdep, "outgoing", lambda _os_socket: None)
    monkeypatch.setattr("winsock_provider.traffic.QUIET_TIME", 0.05)


@pytest.mark.usefixtures("windows")
def test_the_code_for_windows_is_the_one_that_runs_here(world: "World", provider: WinsockProvider) -> None:
    s, peer = world.meet(provider)
    peer.sendall(b"hello")
    provider.select([s], timeout=world.patience)
    assert provider.ioctl(s, FIONREAD) == 5
    assert osdep.outgoing(provider._owner.desk.descriptors[s].os_socket) is None
    assert not hasattr(Bell().ear, "_poll")


@pytest.mark.usefixtures("windows")
def test_streams_are_drained_by_the_code_for_windows(world: "World") -> None:
    provider = WinsockProvider(drain_timeout=world.patience)
    provider.startup((2, 2))
    lines = [world.meet(provider) for _ in range(4)]
    for s, peer in lines:
        provider.send(s, MUCH)
        peer.sendall(b"unread")
    provider.closesocket(lines[0][0])
    waiting = world.in_thread(lambda: provider.recv(lines[1][0], 100))
    assert waiting.result(world.patience) == b"unread"
    assert provider.select([lines[2][0]], [lines[2][0]], timeout=world.patience) == ([lines[2][0]], [], [])
    cleaned = world.in_thread(provider.cleanup)
    for _, peer in lines:
        assert world.read_all(peer) == MUCH
        peer.close()
    assert cleaned.result(world.patience) == Report()


@pytest.mark.usefixtures("windows")
def test_calls_that_wait_are_woken_by_the_code_for_windows(world: "World") -> None:
    provider = WinsockProvider(drain_timeout=world.patience)
    provider.startup((2, 2))
    (s, peer), (t, _) = world.meet(provider), world.meet(provider)
    first, second = world.in_thread(lambda: provider.recv(s, 5)), world.in_thread(lambda: provider.recv(t, 5))
    world.wait_for_blocked(provider, 2)
    peer.sendall(b"hello")
    assert first.result(world.patience) == b"hello"
    provider.closesocket(t)
    assert getattr(second.exception(world.patience), "winerror", None) == 10004
    provider.cleanup()


@pytest.mark.usefixtures("silent_kernel")
@pytest.mark.parametrize("closed", [True, False])
def test_a_drain_waits_for_the_peers_end_where_the_kernel_does_not_tell(world: "World", closed: bool) -> None:
    provider = WinsockProvider(drain_timeout=world.patience)
    provider.startup((2, 2))
    (s, peer), (t, silent) = world.meet(provider), world.meet(provider)
    provider.send(s, MUCH)
    provider.send(t, b"taken by the kernel, and read by nobody")
    if closed:
        provider.closesocket(s)
        provider.closesocket(t)
    cleaned = world.in_thread(provider.cleanup)
    assert world.read_all(peer) == MUCH
    peer.close()
    assert cleaned.result(world.patience) == Report()
    assert world.read_all(silent) == b"taken by the kernel, and read by nobody"


@pytest.mark.usefixtures("silent_kernel")
def test_a_timed_close_is_timed_where_the_kernel_does_not_tell(world: "World", provider: WinsockProvider) -> None:
    s, peer = world.meet(provider)
    provider.setsockopt(s, SOL_SOCKET, SO_LINGER, (1, 60))
    provider.send(s, MUCH)
    closed = world.in_thread(lambda: provider.closesocket(s))
    assert world.read_all(peer) == MUCH
    closed.result(world.patience)
    t, other = world.meet(provider)
    provider.setsockopt(t, SOL_SOCKET, SO_LINGER, (1, 60))
    provider._owner.desk.descriptors[t].linger_seconds = 0.05  # type: ignore[assignment] # seconds are whole for people
    provider.send(t, MUCH)
    provider.closesocket(t)
    with pytest.raises(ConnectionResetError):
        world.read_all(other)


def test_a_system_without_forks_has_nobody_to_tell_of_them(monkeypatch: pytest.MonkeyPatch) -> None:
    ends: list[object] = []
    monkeypatch.delattr(os, "register_at_fork", raising=False)
    monkeypatch.delattr(os, "fork", raising=False)
    monkeypatch.setattr("atexit.register", ends.append)
    registry = process._Registry()
    provider = WinsockProvider()
    registry.add(provider._owner, "drain")
    provider.startup((2, 2))
    provider.socket(AF_INET, SOCK_STREAM)
    [end] = ends
    assert callable(end)
    with pytest.warns(ResourceWarning, match="still ran"):
        end()
    assert provider.snapshot().refs == 0
    assert provider.cleanup() == Report()  # it was undone already, and is not refused


def test_numbers_of_windows_are_taken_as_they_are(monkeypatch: pytest.MonkeyPatch) -> None:
    class WindowsError(OSError):
        winerror = 10051

    monkeypatch.setattr(osdep, "sys", SimpleNamespace(platform="win32"))
    assert osdep.winsock_number(WindowsError(22, "network unreachable")) == 10051
    assert osdep.winsock_number(socket.gaierror(socket.EAI_AGAIN, "")) == 11002
