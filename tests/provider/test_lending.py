"""What callers do alone: whole or not at all, never behind a close or the last cleanup, and never without an end."""

import dis
import errno
import gc
import socket
import sys
import threading
from collections.abc import Callable
from itertools import repeat
from types import FunctionType
from typing import TYPE_CHECKING

import pytest
from winsock_provider import FIONBIO, Phase, WinsockError, WinsockProvider
from winsock_provider.bell import Bells
from winsock_provider.calling import Remembering
from winsock_provider.core import SocketState
from winsock_provider.direct import Direct
from winsock_provider.lifecycle import Lifecycle
from winsock_provider.permit import Permit
from winsock_provider.watch import Watch

from tests.provider.conftest import collapse_entirely

if TYPE_CHECKING:
    from tests.provider.conftest import World

LOOKS_FOR_SIGNALS = ("CALL", "JUMP_BACKWARD", "POP_JUMP_BACKWARD", "RESUME", "SEND", "YIELD", "IMPORT")
ENDS = ("RETURN_", "RAISE_", "RERAISE")


def steps(function: Callable[..., object]) -> list[list[dis.Instruction]]:
    """What CPython may carry out between the taking of a permit and its giving back, one list for each taking."""
    instructions = list(dis.get_instructions(function))
    place = {instruction.offset: number for number, instruction in enumerate(instructions)}
    assert isinstance(function, FunctionType)
    guarded = dis._parse_exception_table(function.__code__)  # type: ignore[attr-defined]
    found = []
    for taking, instruction in enumerate(instructions):
        if (instruction.opname, instruction.argval) != ("DELETE_ATTR", "free"):
            continue
        inside: dict[int, dis.Instruction] = {}
        todo = [taking + 1]
        while todo:
            number = todo.pop()
            one = instructions[number]
            if number in inside or (one.opname, one.argval) == ("STORE_ATTR", "free"):
                continue
            inside[number] = one
            if one.opname in ("UNPACK_SEQUENCE", "FOR_ITER"):  # where the kernel is called, and may refuse
                todo += [place[entry.target] for entry in guarded if entry.start <= one.offset < entry.end]
            if "JUMP" in one.opname or one.opname == "FOR_ITER":  # which jumps back nowhere, unless a loop goes on
                todo.append(place[one.argval])
            if not one.opname.startswith((*ENDS, "JUMP_FORWARD", "JUMP_BACKWARD")):
                todo.append(number + 1)
        found.append(list(inside.values()))
    return found


@pytest.mark.parametrize("name", ["startup", "cleanup", "send", "recv"])
def test_a_step_has_no_place_where_python_looks_for_signals(name: str) -> None:
    (step,) = steps(vars(Direct)[name])
    assert len(step) > 2
    assert [one for one in step if one.opname.startswith((*LOOKS_FOR_SIGNALS, "RETURN_"))] == []


def test_the_search_for_such_places_finds_them() -> None:
    def called(lane: object) -> None:
        del lane.free  # type: ignore[attr-defined]
        (_,) = map(abs, (1,))
        lane.free = True  # type: ignore[attr-defined]

    def given_up(lane: object) -> object:
        attempt = map(abs, (1,))
        del lane.free  # type: ignore[attr-defined]
        try:
            (_,) = attempt
        except OSError:
            return lane
        lane.free = True  # type: ignore[attr-defined]
        return None

    def tried_again(lane: object) -> None:
        attempts = map(abs, (0, 0, 1))
        del lane.free  # type: ignore[attr-defined]
        for found in attempts:
            if found:
                break
        lane.free = True  # type: ignore[attr-defined]

    for function, place in ((called, "CALL"), (given_up, "RETURN_"), (tried_again, "JUMP_BACKWARD")):
        (step,) = steps(function)
        assert [one for one in step if place in one.opname]


def test_an_error_is_remembered_in_one_step() -> None:
    """Else a handler between could leave a number of which nobody knows that a success has to clear it."""
    instructions = list(dis.get_instructions(Remembering.remember_error))
    changes = ("STORE_ATTR", "STORE_SUBSCR", "DELETE_SUBSCR")
    stores = [at for at, one in enumerate(instructions) if one.opname in changes]
    assert len(stores) == 4
    assert [one for one in instructions[stores[0] :] if one.opname.startswith(LOOKS_FOR_SIGNALS)] == []


@pytest.mark.parametrize("size", [10, 100])
def test_a_step_makes_nothing_that_could_set_off_the_collector(
    world: "World", provider: WinsockProvider, size: int
) -> None:
    """Up to 3.11 the collector runs wherever memory is granted, and with it people's finalizers."""
    s, peer = world.meet(provider)
    connection = provider._owner.desk.descriptors[s]
    lanes: tuple[Permit, ...] = (connection.sending, connection.receiving, provider._owner.desk.nesting)
    kept: list[set[int]] = []
    collected, before, me = [], gc.get_threshold(), threading.get_ident()

    def look(phase: str, _told: object) -> None:
        if phase == "start" and threading.get_ident() == me:
            collected.append([type(lane).__name__ for lane in lanes if not hasattr(lane, "free")])

    calls: tuple[Callable[[], object], ...] = (
        lambda: provider.startup((2, 2)),
        lambda: provider.send(s, bytes(size)),
        lambda: provider.recv(s, size),
        provider.cleanup,
    )
    peer.sendall(bytes(20 * size))
    gc.callbacks.append(look)
    try:
        for made in range(10, 21):  # so that each thing that a call makes is once the one too many
            for call in calls:
                gc.set_threshold(0)
                gc.collect(0)
                kept.extend(map(set, repeat((), made)))
                gc.set_threshold(20)
                call()
    finally:
        gc.set_threshold(*before)
        gc.callbacks.remove(look)
    assert len(collected) > 11 * len(calls)  # which are those that were asked for
    assert [taken for taken in collected if taken] == []


def sending(provider: WinsockProvider, s: int, begun: threading.Event, size: int) -> Callable[[], int]:
    def run() -> int:
        sent, piece = 0, bytes(size)
        while True:
            try:
                sent += provider.send(s, piece)
            except WinsockError:
                assert provider.get_last_error() in (10004, 10038, 10093)
                return sent
            if sent > 4 * size:
                begun.set()

    return run


@pytest.mark.parametrize("size", [1, 100, 1 << 16])
@pytest.mark.parametrize("end", ["closesocket", "cleanup"])
def test_every_byte_that_was_taken_arrives_whenever_the_socket_is_closed(world: "World", end: str, size: int) -> None:
    for _ in range(5):
        provider = WinsockProvider(drain_timeout=world.patience)
        provider.startup((2, 2))
        s, peer = world.meet(provider)
        begun = threading.Event()
        senders = [world.in_thread(sending(provider, s, begun, size)) for _ in range(2)]
        received = world.in_thread(lambda peer=peer: len(world.read_all(peer)))  # type: ignore[misc]
        assert begun.wait(world.patience)
        if end == "closesocket":
            provider.closesocket(s)
        provider.cleanup()
        assert sum(sender.result(world.patience) for sender in senders) == received.result(world.patience)
        peer.close()


def fill(provider: WinsockProvider, s: int) -> int:
    """Send until nothing more is taken: the kernel is full, and so is the backlog."""
    provider.ioctl(s, FIONBIO, True)
    sent = 0
    while True:
        try:
            sent += provider.send(s, bytes(1 << 16))
        except WinsockError:
            assert provider.get_last_error() == 10035
            return sent


def test_what_the_kernel_does_not_take_is_sent_later(world: "World", provider: WinsockProvider) -> None:
    s, peer = world.meet(provider)
    sent = fill(provider, s)
    assert sent > 1 << 20
    connection = provider._owner.desk.descriptors[s]
    queued = world.on_owner(provider, lambda: connection.queued)
    assert queued >= 1 << 20
    assert queued < provider.snapshot().unsent_bytes <= sent  # the kernel holds the others
    world.agree(provider)
    provider.shutdown(s, 1)
    assert len(world.read_all(peer)) == sent
    world.wait_until(lambda: provider.snapshot().unsent_bytes <= 1)  # the end of the stream counts as one


@pytest.mark.parametrize("end", ["closesocket", "cleanup", "shutdown"])
def test_nobody_can_send_behind_the_end_of_a_socket(world: "World", provider: WinsockProvider, end: str) -> None:
    s, peer = world.meet(provider)
    connection = provider._owner.desk.descriptors[s]
    lanes: list[Permit] = [connection.sending] if end == "shutdown" else [connection.sending, connection.receiving]
    assert not any(lane.wanted for lane in lanes)
    sent = fill(provider, s)
    arguments = {"closesocket": (s,), "cleanup": (), "shutdown": (s, 1)}
    ending = world.in_thread(lambda: getattr(provider, end)(*arguments[end]))
    world.wait_until(lambda: connection.member.shut or connection.member.state is SocketState.CLOSING)
    assert all(lane.wanted and not hasattr(lane, "free") for lane in lanes)
    assert len(world.read_all(peer)) == sent
    ending.result(world.patience)


def test_a_turn_that_fails_leaves_no_backlog_behind(
    world: "World", provider: WinsockProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    s, peer = world.meet(provider)
    lane = provider._owner.desk.descriptors[s].sending
    del lane.free
    lane.backlog.append(b"late")  # of which no message tells any more
    lane.posting = lane.free = True
    failures, select = [OSError(5, "broken")], Watch.select

    def broken_once(watch: Watch, timeout: float | None) -> object:
        if failures:
            raise failures.pop()
        return select(watch, timeout)

    monkeypatch.setattr(Watch, "select", broken_once)
    world.on_owner(provider, lambda: None)
    assert peer.recv(4) == b"late"


def test_a_buffer_may_be_used_again_behind_a_send(world: "World", provider: WinsockProvider) -> None:
    s, peer = world.meet(provider)
    connection = provider._owner.desk.descriptors[s]
    filled = 0
    while not connection.sending.posting:
        filled += provider.send(s, bytes(1 << 16))
    buffer = bytearray(b"first")
    provider.send(s, buffer)
    buffer[:] = b"other"
    provider.send(s, memoryview(b"-second-")[1:-1])
    provider.send(s, memoryview(buffer))
    buffer[:] = b"third"
    provider.shutdown(s, 1)
    assert world.read_all(peer)[filled:] == b"firstsecondother"


def test_what_is_no_buffer_is_refused(world: "World", provider: WinsockProvider) -> None:
    s, _ = world.meet(provider)
    released = memoryview(b"abc")
    released.release()
    for wrong in ("text", 5, None, memoryview(b"abcdef")[::2], released):
        with pytest.raises(WinsockError) as refused:
            provider.send(s, wrong)  # type: ignore[arg-type]
        assert refused.value.winerror == 10014


def test_a_failure_is_told_with_its_own_number_and_keeps_being_told(world: "World", provider: WinsockProvider) -> None:
    s, peer = world.meet(provider)
    provider.send(s, b"unread")
    peer.close()  # with unread input: a reset
    for call in (lambda: provider.recv(s, 1), lambda: provider.recv(s, 1), lambda: provider.send(s, b"x")):
        with pytest.raises(WinsockError) as told:
            call()
        assert told.value.winerror == provider.get_last_error() == 10054


@pytest.mark.parametrize("lane", ["sending", "receiving"])
def test_a_step_that_never_ends_costs_its_connection_and_no_more(
    world: "World", provider: WinsockProvider, monkeypatch: pytest.MonkeyPatch, lane: str
) -> None:
    monkeypatch.setattr("winsock_provider.permit.LONGEST_STEP", 0.01)
    s, peer = world.meet(provider)
    del getattr(provider._owner.desk.descriptors[s], lane).free
    call = (lambda: provider.send(s, b"x")) if lane == "sending" else (lambda: provider.recv(s, 1))
    with pytest.raises(WinsockError) as told:
        call()
    assert told.value.winerror == 10053
    t, other = world.meet(provider)
    provider.send(t, b"x")
    assert other.recv(1) == b"x"
    provider.closesocket(s)
    with pytest.raises(ConnectionResetError):  # and not the clean end of a stream that has a gap
        world.read_all(peer)


def test_startups_of_which_the_core_has_not_heard_are_undone_one_by_one(provider: WinsockProvider) -> None:
    for _ in range(3):
        provider.startup((2, 2))
    assert provider._core.refs == 1
    assert provider.snapshot().refs == 4
    provider.startup((2, 2), upcalls={})
    provider.startup((1, 1))
    assert provider.snapshot().refs == 6
    assert provider.snapshot().lowest_version == (1, 1)
    for left in (5, 4, 3, 2, 1):
        provider.cleanup()
        assert provider.snapshot().refs == left
        assert provider.snapshot().phase is Phase.RUNNING
    provider.cleanup()
    assert provider.snapshot().phase is Phase.UNLOADED
    with pytest.raises(WinsockError, match="WSANOTINITIALISED"):
        provider.cleanup()


def test_the_owner_too_undoes_what_callers_have_counted_before_it_ends_the_epoch(provider: WinsockProvider) -> None:
    provider.startup((2, 2))
    assert provider._owner.desk.nesting.count == 1
    Lifecycle.cleanup(provider)  # as if another caller were just counting
    assert provider.snapshot().phase is Phase.RUNNING
    assert provider.snapshot().refs == 1


def test_a_version_is_checked_by_every_startup(provider: WinsockProvider) -> None:
    for wrong in ((2.0, 2.0), (2, 2.0), [2, 2, 2], "22", None):
        with pytest.raises(WinsockError) as refused:
            provider.startup(wrong)  # type: ignore[arg-type]
        assert refused.value.winerror == 10022
    with pytest.raises(WinsockError, match="WSAEFAULT"):
        provider.startup((2, 2), data=None)
    assert provider.snapshot().refs == 1


def test_a_nested_startup_gives_up_the_protocol_information(provider: WinsockProvider) -> None:
    provider.startup((2, 2), protocol_info="chain")
    assert provider.protocol_info == "chain"
    provider.startup((2, 2))
    assert provider.protocol_info is None
    provider.cleanup()
    provider.cleanup()


def test_startups_and_cleanups_of_many_threads_are_all_counted(world: "World") -> None:
    provider = WinsockProvider()

    def pairs() -> None:
        for number in range(300):
            provider.startup((2, 2) if number % 3 else (2, 1))
            assert provider.snapshot().refs
            provider.cleanup()

    for caller in [world.in_thread(pairs) for _ in range(4)]:
        caller.result(world.patience)
    assert provider.snapshot().phase is Phase.UNLOADED


ENDINGS: dict[str, tuple[Callable[[WinsockProvider, int], object], int]] = {
    "closesocket": (lambda p, s: p.closesocket(s), 10004),
    "cleanup": (lambda p, _s: p.cleanup(), 10004),
    "shutdown": (lambda p, s: p.shutdown(s, 0), 10058),
}


@pytest.mark.parametrize("name", ENDINGS)
def test_who_waits_alone_is_woken_at_once(world: "World", provider: WinsockProvider, name: str) -> None:
    end, number = ENDINGS[name]
    s, _ = world.meet(provider)
    waiting = world.in_thread(lambda: provider.recv(s, 1))
    world.wait_for_blocked(provider)
    end(provider, s)
    with pytest.raises(WinsockError) as told:
        waiting.result(world.patience)
    assert told.value.winerror == number


def test_who_waits_alone_is_woken_when_the_owner_wants_the_socket(world: "World", provider: WinsockProvider) -> None:
    s, peer = world.meet(provider)
    waiting = world.in_thread(lambda: provider.recv(s, 10))
    world.wait_for_blocked(provider)
    operation = provider.recv_overlapped(s, 3)  # which comes second here, and yet is first at the owner's
    world.wait_until(lambda: world.on_owner(provider, lambda: bool(provider._owner.at_work.waiting)))
    peer.sendall(b"abc")
    world.wait_until(lambda: operation.error() == 0)
    peer.sendall(b"def")
    assert (operation.result(), waiting.result(world.patience)) == (b"abc", b"def")


def test_who_waits_alone_is_not_forgotten_when_the_end_of_an_epoch_fails(
    world: "World", provider: WinsockProvider
) -> None:
    s, _ = world.meet(provider)
    waiting = world.in_thread(lambda: provider.recv(s, 1))
    world.wait_for_blocked(provider)
    world.on_owner(provider, provider._traffic.leave)  # as it ends a run of its thread, but with a socket that is open
    assert getattr(waiting.exception(world.patience), "winerror", None) == 10004
    collapse_entirely(provider)


def test_without_a_bell_the_owner_waits(
    world: "World", provider: WinsockProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    def none(_bells: Bells) -> None:
        raise OSError(errno.EMFILE, "no handle is left")

    monkeypatch.setattr(Bells, "borrow", none)
    s, peer = world.meet(provider)
    waiting = world.in_thread(lambda: provider.recv(s, 10))
    world.wait_for_blocked(provider)
    peer.sendall(b"hello")
    assert waiting.result(world.patience) == b"hello"


def test_bells_are_used_again_and_given_back(world: "World", provider: WinsockProvider) -> None:
    s, peer = world.meet(provider)
    before = world.open_handles()
    for _ in range(5):
        waiting = world.in_thread(lambda: provider.recv(s, 1))
        world.wait_for_blocked(provider)
        peer.sendall(b"x")
        assert waiting.result(world.patience) == b"x"
    assert world.open_handles() == before + (2 if before else 0)
    bells = provider._owner.desk.bells
    borrowed = bells.borrow()
    provider.cleanup()
    bells.bring_back(borrowed)  # by a caller that was slow to go
    assert borrowed.heard.fileno() == -1


def test_a_receive_that_finds_nothing_does_not_wait_if_the_socket_may_not_block(
    world: "World", provider: WinsockProvider
) -> None:
    s, peer = world.meet(provider)
    provider.ioctl(s, FIONBIO, True)
    with pytest.raises(WinsockError) as empty:
        provider.recv(s, 1)
    assert empty.value.winerror == provider.get_last_error() == 10035
    peer.sendall(b"x")
    provider.select([s], timeout=world.patience)
    assert provider.recv(s, 5) == b"x"
    assert provider.get_last_error() == 0
    peer.shutdown(socket.SHUT_WR)
    provider.select([s], timeout=world.patience)
    assert provider.recv(s, 5) == b""


def test_most_calls_do_not_need_the_owner(
    world: "World", provider: WinsockProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    s, peer = world.meet(provider)
    monkeypatch.setattr(type(provider._owner), "request", None)
    provider.startup((2, 2))
    assert provider.send(s, b"hello") == 5
    assert peer.recv(5) == b"hello"
    peer.sendall(b"world")
    assert provider.recv(s, 5) == b"world"
    provider.cleanup()
    monkeypatch.undo()


def test_the_switch_between_threads_is_no_danger(world: "World", provider: WinsockProvider) -> None:
    """Threads that change as often as they can: what two send, and what two receive, is as much as was sent."""
    s, peer = world.meet(provider)
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:

        def send() -> None:
            for number in range(2_000):
                provider.send(s, bytes([number % 256]) * 50)

        def receive() -> int:
            received = 0
            while part := provider.recv(s, 50):
                received += len(part)
            return received

        senders = [world.in_thread(send) for _ in range(2)]
        echoed = world.in_thread(lambda: echo(peer, 2 * 2_000 * 50))
        receivers = [world.in_thread(receive) for _ in range(2)]
        for sender in senders:
            sender.result(world.patience)
        echoed.result(world.patience)
        assert sum(receiver.result(world.patience) for receiver in receivers) == 2 * 2_000 * 50
    finally:
        sys.setswitchinterval(before)


def echo(peer: socket.socket, size: int) -> None:
    """Send back as many bytes, in pieces of fifty equal ones as they were sent, and then the end."""
    received = b""
    while len(received) < size:
        part = peer.recv(1 << 16)
        received += part
        peer.sendall(part)
    assert all(len(set(received[at : at + 50])) == 1 for at in range(0, size, 50))
    peer.shutdown(socket.SHUT_WR)
