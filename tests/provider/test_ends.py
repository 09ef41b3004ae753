"""What is lost, what it costs to wait, and who is told: the end of a drain, of the process, and of a provider."""

import gc
import subprocess
import sys
import threading
import tracemalloc
from typing import TYPE_CHECKING

import pytest
from winsock_provider import FIONBIO, Report, WinsockError, WinsockProvider
from winsock_provider.connection import Connection
from winsock_provider.traffic import Traffic

pytestmark = pytest.mark.slow

if TYPE_CHECKING:
    import socket

    from tests.provider.conftest import World

EIGHT_MEGABYTES = bytes(range(256)) * 32768


def test_cleanup_reports_what_the_drain_gave_up(world: "World", caplog: pytest.LogCaptureFixture) -> None:
    provider = WinsockProvider(drain_timeout=0.05)
    provider.startup((2, 2))
    provider.startup((2, 2))
    s, _ = world.meet(provider)
    provider.send(s, EIGHT_MEGABYTES)
    t, _ = world.meet(provider)
    provider.send(t, b"read or not, this is the kernel's")
    assert provider.cleanup() == Report()
    report = provider.cleanup()
    assert report.sockets == 1
    assert 0 < report.unsent_bytes < len(EIGHT_MEGABYTES)
    assert f"1 sockets were reset, with {report.unsent_bytes} bytes unsent" in caplog.text
    provider.startup((2, 2))
    assert provider.cleanup() == Report()


PROGRAM = """
import sys
from winsock_provider import *

class Holder:
    def __init__(self):
        self.provider = WinsockProvider(at_exit={at_exit!r})
        self.provider.startup((2, 2))
    def __del__(self):
        self.provider.cleanup()

holder = Holder()
sys.holder = holder
s = holder.provider.socket(AF_INET, SOCK_STREAM)
holder.provider.connect(s, {address!r})
holder.provider.send(s, bytes(range(256)) * 32768)
"""


def run_to_its_end(world: "World", at_exit: str) -> "tuple[subprocess.Popen[str], socket.socket]":
    program = PROGRAM.format(at_exit=at_exit, address=world.address)
    process = subprocess.Popen([sys.executable, "-c", program], stderr=subprocess.PIPE, text=True)
    return process, world.accept()


def test_a_program_that_forgot_to_clean_up_loses_nothing_and_its_finalizer_may_still_do_it(world: "World") -> None:
    process, peer = run_to_its_end(world, "drain")
    assert world.read_all(peer) == EIGHT_MEGABYTES
    assert process.communicate(timeout=world.patience)[1] == ""


def test_a_program_may_choose_that_its_connections_are_reset_when_it_ends(world: "World") -> None:
    process, peer = run_to_its_end(world, "reset")
    assert process.communicate(timeout=world.patience)[1] == ""
    with pytest.raises(ConnectionResetError):
        world.read_all(peer)


@pytest.mark.filterwarnings("ignore::ResourceWarning")
def test_a_provider_that_nobody_holds_is_drained_and_gives_everything_back(world: "World") -> None:
    handles, threads = world.open_handles(), threading.active_count()
    provider = WinsockProvider(drain_timeout=world.patience)
    provider.startup((2, 2))
    s, peer = world.meet(provider)
    provider.send(s, EIGHT_MEGABYTES)
    del provider
    gc.collect()
    assert world.read_all(peer) == EIGHT_MEGABYTES
    peer.close()
    world.wait_until(lambda: (world.open_handles(), threading.active_count()) == (handles, threads))


def test_a_failed_call_keeps_nothing_alive(world: "World", provider: WinsockProvider) -> None:
    """An exception and the frames in it do not hold each other, so the collector has nothing to do."""
    s, _ = world.meet(provider)
    provider.ioctl(s, FIONBIO, True)
    gc.collect()
    gc.disable()
    try:
        for call in (lambda: provider.recv(s, 1), lambda: provider.recv(999, 1), lambda: provider.send(s, "text")):  # type: ignore[arg-type]
            with pytest.raises(WinsockError):
                call()
        gc.set_debug(gc.DEBUG_SAVEALL)
        gc.collect()
        assert [thing for thing in gc.garbage if isinstance(thing, WinsockError)] == []
    finally:
        gc.set_debug(0)
        gc.garbage.clear()
        gc.enable()


def test_small_sends_that_wait_share_memory(world: "World", provider: WinsockProvider) -> None:
    s, peer = world.meet(provider)
    connection = provider._owner.desk.descriptors[s]
    while not connection.sending.posting:
        provider.send(s, bytes(1 << 18))
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    for number in range(20_000):
        provider.send(s, number.to_bytes(2, "big"))
    provider.snapshot()  # by now all of it is queued
    grown = tracemalloc.get_traced_memory()[0] - before
    tracemalloc.stop()
    assert grown / 40_000 < 1.3
    provider.closesocket(s)
    expected = b"".join(number.to_bytes(2, "big") for number in range(20_000))
    assert world.read_all(peer).endswith(expected)


def test_a_close_that_waits_is_looked_at_at_its_own_pace(
    world: "World", provider: WinsockProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks: list[float] = []
    real = Traffic.check_close

    def check_close(traffic: Traffic, connection: Connection) -> None:
        looks.append(connection.pause)
        real(traffic, connection)

    advances: list[Connection] = []
    real_advance = Traffic.advance_close

    def advance_close(traffic: Traffic, connection: Connection) -> None:
        advances.append(connection)
        real_advance(traffic, connection)

    monkeypatch.setattr(Traffic, "check_close", check_close)
    monkeypatch.setattr(Traffic, "advance_close", advance_close)
    s, peer = world.meet(provider)
    sent = 0
    provider.ioctl(s, FIONBIO, True)
    while not provider._owner.desk.descriptors[s].sending.posting:
        sent += provider.send(s, bytes(1 << 16))

    def only_the_kernel_holds_bytes() -> bool:
        nonlocal sent
        sent -= len(peer.recv(1 << 12))
        return not connection.sending.posting

    connection = provider._owner.desk.descriptors[s]
    world.wait_until(only_the_kernel_holds_bytes)
    provider.closesocket(s)
    t, other = world.meet(provider)
    for _ in range(100):  # what happens to another socket is nothing to this one
        provider.send(t, b"x")
        assert other.recv(1) == b"x"
    world.wait_until(lambda: len(looks) >= 5)
    assert len(looks) < 50
    assert looks[:5] == sorted(set(looks[:5]))
    assert len(advances) < 5  # the others only asked the kernel
    assert len(world.read_all(peer)) == sent
