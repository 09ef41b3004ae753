"""Every call before, during and after an epoch: refusals, their order, and what the calls do."""

import copy
import re
import socket
from collections.abc import Callable
from functools import partial
from types import MappingProxyType
from typing import TYPE_CHECKING

import pytest
import winsock_provider as winsock
from winsock_provider import AF_INET, AF_INET6, FIONBIO, FIONREAD, SOCK_DGRAM, SOCK_STREAM, SOL_SOCKET, WinsockError
from winsock_provider import WinsockProvider as Provider

if TYPE_CHECKING:
    from tests.provider.conftest import World

# Arguments are wrong on purpose where they can be: "not initialised" comes first.
CALLS: dict[str, Callable[[Provider, int], object]] = {
    "cleanup": lambda p, _: p.cleanup(),
    "socket": lambda p, _: p.socket(77, 77, 77),
    "closesocket": lambda p, s: p.closesocket(s),
    "connect": lambda p, s: p.connect(s, ("", -1)),
    "bind": lambda p, s: p.bind(s, ("", -1)),
    "listen": lambda p, s: p.listen(s),
    "accept": lambda p, s: p.accept(s),
    "send": lambda p, s: p.send(s, "text"),  # type: ignore[arg-type] # the point is that it is wrong
    "recv": lambda p, s: p.recv(s, -1),
    "sendto": lambda p, s: p.sendto(s, b"", ("", -1)),
    "recvfrom": lambda p, s: p.recvfrom(s, -1),
    "shutdown": lambda p, s: p.shutdown(s, 99),
    "getsockname": lambda p, s: p.getsockname(s),
    "getpeername": lambda p, s: p.getpeername(s),
    "select": lambda p, s: p.select([s]),
    "setsockopt": lambda p, s: p.setsockopt(s, 77, 77, None),
    "getsockopt": lambda p, s: p.getsockopt(s, 77, 77),
    "ioctl": lambda p, s: p.ioctl(s, 77),
    "duplicate_socket": lambda p, s: p.duplicate_socket(s),
    "send_overlapped": lambda p, s: p.send_overlapped(s, b"x"),
    "recv_overlapped": lambda p, s: p.recv_overlapped(s, -1),
    "gethostbyname": lambda p, _: p.gethostbyname(""),
    "getservbyname": lambda p, _: p.getservbyname(None),
    "getservbyport": lambda p, _: p.getservbyport(-1),
}
NEEDS_A_SOCKET = sorted(CALLS.keys() - {"cleanup", "socket", "gethostbyname", "getservbyname", "getservbyport"})


@pytest.mark.parametrize("name", CALLS)
def test_everything_is_refused_while_unloaded(name: str) -> None:
    provider = Provider()
    for _ in range(2):
        before = provider.snapshot()
        with pytest.raises(WinsockError) as refused:
            CALLS[name](provider, 5)
        assert refused.value.winerror == provider.get_last_error() == 10093
        assert provider.snapshot() == before
        provider.startup((2, 2))
        provider.cleanup()


@pytest.mark.parametrize("descriptor", [0, -1, 10**30, "7", None], ids=repr)
@pytest.mark.parametrize("name", NEEDS_A_SOCKET)
def test_unknown_descriptors_are_refused_before_arguments_are_looked_at(
    provider: Provider, name: str, descriptor: int
) -> None:
    with pytest.raises(WinsockError) as refused:
        CALLS[name](provider, descriptor)
    assert refused.value.winerror == provider.get_last_error() == 10038


def test_last_error_belongs_to_the_thread_and_a_success_clears_it(world: "World", provider: Provider) -> None:
    with pytest.raises(WinsockError):
        provider.closesocket(5)
    assert provider.get_last_error() == 10038
    assert world.in_thread(provider.get_last_error).result(world.patience) == 0
    provider.socket(AF_INET, SOCK_STREAM)
    assert provider.get_last_error() == 0


@pytest.mark.parametrize("by", ["send", "recv", "startup", "cleanup"])
def test_the_success_of_a_call_that_its_caller_makes_alone_clears_the_last_error(
    world: "World", provider: Provider, by: str
) -> None:
    s, peer = world.meet(provider)
    peer.sendall(b"x")
    provider.startup((2, 2))
    for number in (10038, 10050):
        provider.remember_error(number)
    {
        "send": lambda: provider.send(s, b"x"),
        "recv": lambda: provider.recv(s, 1),
        "startup": lambda: provider.startup((2, 2)),
        "cleanup": provider.cleanup,
    }[by]()
    assert provider.get_last_error() == 0
    assert not provider._failing


def test_the_last_error_of_a_thread_that_has_ended_is_nobody_elses(world: "World", provider: Provider) -> None:
    for number in (10050, 0) * 20:  # threads that begin and end get the same numbers again
        assert world.in_thread(provider.get_last_error).result(world.patience) == 0
        world.in_thread(partial(provider.remember_error, number)).result(world.patience)
    assert provider.get_last_error() == 0


@pytest.mark.parametrize(
    ("triple", "number"),
    [
        ((99, 1, 0), 10047),
        ((AF_INET, 9, 0), 10044),
        ((AF_INET, SOCK_STREAM, 17), 10043),
        ((AF_INET, SOCK_DGRAM, 6), 10043),
    ],
)
def test_unknown_kinds_of_sockets_are_refused(provider: Provider, triple: tuple[int, int, int], number: int) -> None:
    with pytest.raises(WinsockError) as refused:
        provider.socket(*triple)
    assert refused.value.winerror == number


def test_no_more_descriptors(provider: Provider, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_arguments: object) -> None:
        raise OSError(24, "too many open files")

    monkeypatch.setattr(socket, "socket", refuse)
    with pytest.raises(WinsockError) as refused:
        provider.socket(AF_INET, SOCK_STREAM)
    assert refused.value.winerror == 10024


def test_client_and_server_talk(world: "World", provider: Provider) -> None:
    server = provider.socket(AF_INET, SOCK_STREAM)
    provider.bind(server, ("localhost", 0))
    provider.listen(server)
    address = provider.getsockname(server)
    client = provider.socket(AF_INET, SOCK_STREAM)
    provider.connect(client, address)
    accepted, peer_address = provider.accept(server)
    assert peer_address == provider.getsockname(client) == provider.getpeername(accepted)
    assert provider.getpeername(client) == address
    assert provider.send(client, bytearray(b"hello")) == 5
    assert provider.recv(accepted, 2, winsock.MSG_PEEK) == b"he"
    assert provider.ioctl(accepted, FIONREAD) == 5
    assert provider.recvfrom(accepted, 100)[0] == b"hello"
    assert provider.send(accepted, memoryview(b"")) == 0
    provider.closesocket(client)
    assert provider.recv(accepted, 100) == b""
    world.agree(provider)


def test_what_is_queued_does_not_change_with_the_callers_buffer(world: "World", provider: Provider) -> None:
    s, peer = world.meet(provider)
    data = bytearray(b"a" * (16 << 20))
    provider.send(s, data)
    data[:] = b"b" * len(data)
    provider.closesocket(s)
    assert world.read_all(peer) == b"a" * (16 << 20)


def test_datagrams(provider: Provider) -> None:
    s, t = provider.socket(AF_INET, SOCK_DGRAM), provider.socket(AF_INET, SOCK_DGRAM)
    with pytest.raises(WinsockError, match="WSAEINVAL"):
        provider.recvfrom(s, 1)
    with pytest.raises(WinsockError, match="WSAENOTCONN"):
        provider.send(s, b"to nobody")
    provider.bind(s, ("127.0.0.1", 0))
    assert provider.sendto(t, b"one", provider.getsockname(s)) == 3
    assert provider.recvfrom(s, 10) == (b"one", ("127.0.0.1", provider.getsockname(t)[1]))
    provider.connect(t, provider.getsockname(s))
    assert provider.send(t, b"two") == 3
    assert provider.recv(s, 10) == b"two"
    assert provider.snapshot().unsent_bytes == 0


def test_internet_protocol_version_six(provider: Provider) -> None:
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError:
        with pytest.raises(WinsockError):
            provider.bind(provider.socket(AF_INET6, SOCK_STREAM), ("::1", 0))
        return
    s = provider.socket(AF_INET6, SOCK_STREAM)
    provider.bind(s, ("::1", 0))
    assert provider.getsockname(s)[0] == "::1"


def test_connections_that_are_not_made(world: "World", provider: Provider) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        nowhere = unused.getsockname()
        s = provider.socket(AF_INET, SOCK_STREAM)
        with pytest.raises(WinsockError) as refused:
            provider.connect(s, nowhere)
        assert refused.value.winerror == 10061
        t = provider.socket(AF_INET, SOCK_STREAM)
        provider.ioctl(t, FIONBIO, True)
        with pytest.raises(WinsockError) as pending:
            provider.connect(t, nowhere)
        assert pending.value.winerror in (10035, 10061)
        assert provider.select([], [], [t], world.patience) == ([], [], [t])
        assert provider.getsockopt(t, SOL_SOCKET, winsock.SO_ERROR) == 10061


def test_connection_made_in_the_background(world: "World", provider: Provider) -> None:
    s = provider.socket(AF_INET, SOCK_STREAM)
    provider.ioctl(s, FIONBIO, True)
    with pytest.raises(WinsockError, match="WSAEWOULDBLOCK"):
        provider.connect(s, world.address)
    peer = world.accept()
    assert provider.select([], [s], [s], world.patience) == ([], [s], [])
    with pytest.raises(WinsockError, match="WSAEISCONN"):
        provider.connect(s, world.address)
    provider.send(s, b"hello")
    assert peer.recv(10) == b"hello"


def test_non_blocking_calls_never_wait(world: "World", provider: Provider) -> None:
    s, _ = world.meet(provider)
    server = provider.socket(AF_INET, SOCK_STREAM)
    provider.bind(server, ("127.0.0.1", 0))
    provider.listen(server)
    for descriptor in (s, server):
        provider.ioctl(descriptor, FIONBIO, True)
    for call in (lambda: provider.recv(s, 1), lambda: provider.accept(server)):
        with pytest.raises(WinsockError) as refused:
            call()
        assert refused.value.winerror == 10035


def test_broken_connection_is_reported_by_every_later_call(world: "World", provider: Provider) -> None:
    s, peer = world.meet(provider)
    provider.send(s, b"x" * (16 << 20))
    peer.close()
    for call in (lambda: provider.recv(s, 1), lambda: provider.send(s, b"y"), lambda: provider.recv(s, 1)):
        with pytest.raises(WinsockError) as broken:
            call()
        assert broken.value.winerror == 10054
    assert provider.snapshot().unsent_bytes == 0
    world.agree(provider)
    provider.setsockopt(s, SOL_SOCKET, winsock.SO_LINGER, (1, 60))
    provider.ioctl(s, FIONBIO, True)
    provider.closesocket(s)


def test_select_finds_what_is_ready(world: "World", provider: Provider) -> None:
    (s, peer), (t, _) = world.meet(provider), world.meet(provider)
    assert provider.select([s, t], [], [], 0) == ([], [], [])
    assert provider.select([s], [t], [s, t], world.patience) == ([], [t], [])
    waiting = world.in_thread(lambda: provider.select([s, t], (), (), world.patience))
    world.wait_for_blocked(provider)
    peer.sendall(b"x")
    assert waiting.result(world.patience) == ([s], [], [])
    provider.send(t, b"x" * (32 << 20))
    assert provider.select([], [t], [], 0) == ([], [], [])
    provider.setsockopt(t, SOL_SOCKET, winsock.SO_LINGER, (1, 0))
    with pytest.raises(WinsockError, match="WSAEINVAL"):
        provider.select()


@pytest.mark.parametrize(
    ("call", "number"),
    [
        (lambda p, s, _: p.send(s, "text"), 10014),
        (lambda p, s, _: p.send(s, None), 10014),
        (lambda p, s, _: p.recv(s, -1), 10022),
        (lambda p, s, _: p.recv(s, 1, 0x4000), 10045),
        (lambda p, _, new: p.bind(new, "127.0.0.1"), 10014),
        (lambda p, _, new: p.bind(new, ("127.0.0.1", 70000)), 10014),
        (lambda p, _, new: p.connect(new, None), 10014),
        (lambda p, _, new: p.connect(new, ("no such host.invalid", 1)), 11001),
        (lambda p, _, new: p.listen(new), 10022),
        (lambda p, _, new: p.accept(new), 10022),
        (lambda p, _, new: p.getsockname(new), 10022),
        (lambda p, _, new: p.getpeername(new), 10057),
        (lambda p, _, new: p.send(new, b"x"), 10057),
        (lambda p, _, new: p.recv(new, 1), 10057),
        (lambda p, _, new: p.send_overlapped(new, b"x"), 10057),
        (lambda p, s, _: p.connect(s, ("127.0.0.1", 9)), 10056),
        (lambda p, s, _: p.setsockopt(s, SOL_SOCKET, 0x7777, 1), 10042),
        (lambda p, s, _: p.getsockopt(s, 1, 1), 10042),
        (lambda p, s, _: p.ioctl(s, FIONBIO), 10014),
        (lambda p, s, _: p.ioctl(s, 1), 10045),
        (lambda p, *_: p.getservbyname(None), 10014),
        (lambda p, *_: p.getservbyname("no such service"), 11004),
        (lambda p, *_: p.getservbyport(-1), 10014),
    ],
)
def test_every_refusal_is_a_winsock_error(
    world: "World", provider: Provider, call: Callable[[Provider, int, int], object], number: int
) -> None:
    s, _ = world.meet(provider)
    with pytest.raises(WinsockError) as refused:
        call(provider, s, provider.socket(AF_INET, SOCK_STREAM))
    assert refused.value.winerror == provider.get_last_error() == number
    world.agree(provider)


def test_options_of_the_operating_system(provider: Provider) -> None:
    s = provider.socket(AF_INET, SOCK_STREAM)
    for level, option in ((SOL_SOCKET, winsock.SO_KEEPALIVE), (winsock.IPPROTO_TCP, winsock.TCP_NODELAY)):
        provider.setsockopt(s, level, option, True)
        assert provider.getsockopt(s, level, option)
    assert provider.getsockopt(s, SOL_SOCKET, winsock.SO_TYPE) == SOCK_STREAM
    assert provider.getsockopt(s, SOL_SOCKET, winsock.SO_ERROR) == 0


def test_addresses_in_dots_need_no_startup() -> None:
    provider = Provider()
    assert provider.inet_addr("127.0.0.1") == 0x0100007F
    assert provider.inet_addr("not an address") == winsock.INADDR_NONE


def test_names_are_looked_up(provider: Provider) -> None:
    assert provider.gethostbyname("127.0.0.1") == "127.0.0.1"


SLOTS = re.findall(
    r"\w+",
    """
    WSPAccept WSPAddressToString WSPAsyncSelect WSPBind WSPCancelBlockingCall WSPCleanup WSPCloseSocket WSPConnect
    WSPDuplicateSocket WSPEnumNetworkEvents WSPEventSelect WSPGetOverlappedResult WSPGetPeerName WSPGetQOSByName
    WSPGetSockName WSPGetSockOpt WSPIoctl WSPJoinLeaf WSPListen WSPRecv WSPRecvDisconnect WSPRecvFrom WSPSelect WSPSend
    WSPSendDisconnect WSPSendTo WSPSetSockOpt WSPShutdown WSPSocket WSPStringToAddress
""",
)


def test_procedure_table_has_exactly_the_slots_of_the_interface_and_cannot_be_changed() -> None:
    provider = Provider()
    table = provider.procedure_table
    assert len(SLOTS) == 30
    assert sorted(table) == SLOTS
    assert isinstance(table, MappingProxyType)
    with pytest.raises(AttributeError):
        provider.procedure_table = {}  # type: ignore[misc] # the point is that it is read-only


@pytest.mark.parametrize("slot", SLOTS)
def test_every_slot_is_refused_while_unloaded(slot: str) -> None:
    provider = Provider()
    arguments = {"WSPCleanup": 0, "WSPSocket": 2, "WSPAccept": 1, "WSPListen": 1, "WSPSelect": 1, "WSPRecv": 2}
    arguments |= {"WSPRecvFrom": 2, "WSPGetSockName": 1, "WSPGetPeerName": 1, "WSPCloseSocket": 1}
    arguments |= {"WSPDuplicateSocket": 1, "WSPGetSockOpt": 3, "WSPSetSockOpt": 4, "WSPSendTo": 3}
    with pytest.raises(WinsockError) as refused:
        provider.procedure_table[slot](*[(1,)] * arguments.get(slot, 2))
    assert refused.value.winerror == 10093


def test_slots_work_and_a_subclass_fills_them() -> None:
    class Counting(Provider):
        cleanups = 0

        def cleanup(self) -> winsock.Report:
            self.cleanups += 1
            return super().cleanup()

    provider = Counting()
    provider.startup((2, 2))
    with pytest.raises(WinsockError, match="WSAEOPNOTSUPP"):
        provider.procedure_table["WSPJoinLeaf"]()
    s = provider.procedure_table["WSPSocket"](AF_INET, SOCK_STREAM)
    assert provider.snapshot().open_sockets == 1
    provider.procedure_table["WSPCloseSocket"](s)
    provider.procedure_table["WSPCleanup"]()
    assert (provider.cleanups, provider.snapshot().refs) == (1, 0)


def test_errors_carry_number_and_name_and_can_be_copied() -> None:
    error = WinsockError(10093)
    assert (error.winerror, error.name, error.errno) == (10093, "WSANOTINITIALISED", 10093)
    assert isinstance(error, OSError)
    twin = copy.copy(error)  # by way of pickle's protocol
    assert (type(twin), twin.winerror, twin.name) == (WinsockError, 10093, "WSANOTINITIALISED")
    assert WinsockError(424242).winerror == 424242


def test_process_has_one_instance() -> None:
    assert Provider.process() is Provider.process()
    assert Provider.process().snapshot().refs == 0
