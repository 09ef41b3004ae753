"""Interrupts while bytes are on their way: each send is whole or not there at all, and nothing received gets lost.

A short form runs with every change; QUIESCE_INTERRUPTS=1 and QUIESCE_SIGNALS ask for more, as for the other interrupts.
"""

import contextlib
import random
import signal
import socket
import sys
import threading
from typing import TYPE_CHECKING

import pytest
from winsock_provider import WinsockError, WinsockProvider

from tests.provider.interrupting import (
    EVERY,
    SIGNALS,
    STRIDE,
    Interrupting,
    Striking,
    handling,
    interrupted,
    soon,
    until_interrupted,
)

if TYPE_CHECKING:
    from tests.provider.conftest import World

KINDS = {"calls and returns": Interrupting, "wherever Python looks": Striking}
HEADER = 4


def piece(number: int, size: int) -> bytes:
    """Bytes that say which send they belong to, throughout."""
    return number.to_bytes(HEADER, "big") * (size // HEADER)


def check(stream: bytes, size: int, sure: set[int], tried: int) -> None:
    """The stream is made of whole pieces, each at most once and in order, and none is missing that was sent."""
    assert len(stream) % size == 0
    numbers = [int.from_bytes(stream[at : at + HEADER], "big") for at in range(0, len(stream), size)]
    assert all(
        stream[at : at + size] == piece(number, size)
        for at, number in zip(range(0, len(stream), size), numbers, strict=True)
    )
    assert numbers == sorted(set(numbers))
    assert sure <= set(numbers) <= set(range(tried))


@pytest.mark.parametrize("full", [False, True])
@pytest.mark.parametrize("kind", KINDS)
def test_an_interrupted_send_is_whole_or_not_there(
    world: "World", provider: WinsockProvider, kind: str, full: bool
) -> None:
    s, peer = world.meet(provider)
    size, sure, number, moment = 256, set(), 0, 0
    connection = provider._owner.desk.descriptors[s]
    while full and not connection.sending.posting:
        provider.send(s, piece(number, size) * 100)
        number += 1
    filled, raised = number * size * 100, True
    first = number
    while raised:
        interrupting = KINDS[kind](moment)
        interrupting.run(lambda: provider.send(s, piece(number, size)))  # noqa: B023 - run at once
        raised = interrupting.raised
        if not raised:
            sure.add(number)
        moment += 1
        number += 1
        provider.send(s, piece(number, size))
        sure.add(number)
        number += 1
    assert moment > 2
    provider.shutdown(s, 1)
    check(world.read_all(peer)[filled:], size, sure, number)
    assert first < number


@pytest.mark.parametrize("kind", KINDS)
def test_an_interrupted_send_of_which_the_kernel_takes_a_part_is_whole_all_the_same(
    world: "World", provider: WinsockProvider, kind: str
) -> None:
    moment, raised, size = 0, True, 8 << 20
    while raised:
        s, peer = world.meet(provider)
        interrupting = KINDS[kind](moment)
        interrupting.run(lambda: provider.send(s, piece(7, size)))  # noqa: B023 - run at once
        raised = interrupting.raised
        received = world.in_thread(lambda peer=peer: world.read_all(peer))  # type: ignore[misc]
        provider.send(s, piece(8, 256))
        provider.closesocket(s)
        stream = received.result(world.patience)
        peer.close()
        assert stream in (piece(7, size) + piece(8, 256), *([piece(8, 256)] if raised else []))
        moment += STRIDE
    assert moment > STRIDE


@pytest.mark.parametrize("kind", KINDS)
def test_what_arrives_during_an_interrupted_receive_is_received_by_the_next(
    world: "World", provider: WinsockProvider, kind: str
) -> None:
    s, peer = world.meet(provider)
    sent, received = bytes(range(256)) * (64 if EVERY else 8), bytearray()
    asked = threading.Semaphore(0)

    def answer() -> None:
        for at in range(0, len(sent), 16):
            asked.acquire()
            peer.sendall(sent[at : at + 16])

    answering = world.in_thread(answer)

    def receive() -> None:
        nonlocal received
        received += provider.recv(s, 16)

    moment, raised = 0, True
    while raised:
        for _ in range(2):
            asked.release()
        interrupting = KINDS[kind](moment, keeps_result=True)
        interrupting.run(receive)
        raised = interrupting.raised
        moment += STRIDE
        receive()
        assert sent.startswith(received)
    for _ in range(len(sent)):
        asked.release()
    while len(received) < len(sent):
        receive()
    assert received == sent
    answering.result(world.patience)


if sys.platform != "win32":

    def test_sends_are_whole_or_not_there_at_random_moments(world: "World") -> None:
        chance, size = random.Random(6), 1000  # noqa: S311 - a fixed seed is the point
        provider = WinsockProvider(drain_timeout=world.patience)
        provider.startup((2, 2))
        with handling(signal.SIGUSR1, interrupted):
            for _ in range(SIGNALS // 4):
                s, peer = world.meet(provider)
                received = world.in_thread(lambda peer=peer: world.read_all(peer))  # type: ignore[misc]
                sure: set[int] = set()
                number = 0
                with contextlib.suppress(KeyboardInterrupt):
                    soon(signal.SIGUSR1, chance.random() / 100)
                    for _ in until_interrupted():
                        number += 1
                        provider.send(s, piece(number - 1, size))
                        sure.add(number - 1)
                provider.closesocket(s)
                check(received.result(world.patience), size, sure, number)
                peer.close()
        provider.cleanup()

    def test_what_is_received_at_random_moments_is_what_was_sent(world: "World", provider: WinsockProvider) -> None:
        chance = random.Random(8)  # noqa: S311 - a fixed seed is the point
        sent, received = random.Random(9).randbytes(1 << 16) * SIGNALS, bytearray()  # noqa: S311
        s, peer = world.meet(provider)
        never = threading.Event()
        sender = world.in_thread(lambda: pour(peer, sent))
        with handling(signal.SIGUSR1, interrupted):
            for _ in range(SIGNALS):
                try:
                    soon(signal.SIGUSR1, chance.random() / 100)
                    for _ in until_interrupted():
                        if len(received) < len(sent) // 2:
                            received += provider.recv(s, 50)
                        else:
                            never.wait(0.001)
                except KeyboardInterrupt:
                    pass
        while len(received) < len(sent):
            received += provider.recv(s, 1 << 16)
        sender.result(world.patience)
        assert received == sent

    def test_a_signal_handler_may_close_the_socket_of_the_call_that_it_interrupts(world: "World") -> None:
        chance = random.Random(10)  # noqa: S311 - a fixed seed is the point
        for _ in range(SIGNALS // 4):
            provider = WinsockProvider(drain_timeout=world.patience)
            provider.startup((2, 2))
            s, peer = world.meet(provider)
            received = world.in_thread(lambda peer=peer: len(world.read_all(peer)))  # type: ignore[misc]
            with handling(signal.SIGUSR1, lambda *_: provider.closesocket(s)):  # noqa: B023
                soon(signal.SIGUSR1, chance.random() / 100)
                sent = send_until_refused(provider, s)
            assert received.result(world.patience) == sent
            peer.close()
            provider.cleanup()


def pour(peer: socket.socket, data: bytes) -> None:
    peer.settimeout(None)
    peer.sendall(data)


def send_until_refused(provider: WinsockProvider, s: int) -> int:
    """How many bytes were taken."""
    sent = 0
    with contextlib.suppress(WinsockError):
        while True:
            sent += provider.send(s, bytes(100))
    return sent
