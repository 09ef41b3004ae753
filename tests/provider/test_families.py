"""Streams and datagrams over both versions of the Internet protocol: bind, listen, accept, connect, names and bytes."""

import errno
import socket
from typing import TYPE_CHECKING

import pytest
from winsock_provider import (
    AF_INET,
    AF_INET6,
    FIONBIO,
    FIONREAD,
    IPPROTO_TCP,
    IPPROTO_UDP,
    MSG_PEEK,
    SO_ACCEPTCONN,
    SO_LINGER,
    SO_TYPE,
    SOCK_DGRAM,
    SOCK_STREAM,
    SOL_SOCKET,
    WinsockError,
    WinsockProvider,
    osdep,
)

if TYPE_CHECKING:
    from tests.provider.conftest import World


def has_version_six() -> bool:
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError:
        return False
    return True


FAMILIES = [
    pytest.param(AF_INET, "127.0.0.1", id="IPv4"),
    pytest.param(
        AF_INET6, "::1", id="IPv6", marks=pytest.mark.skipif(not has_version_six(), reason="this machine has no IPv6")
    ),
]


def listen(provider: WinsockProvider, family: int, host: str) -> int:
    s = provider.socket(family, SOCK_STREAM, IPPROTO_TCP)
    provider.bind(s, (host, 0))
    provider.listen(s)
    return s


@pytest.mark.parametrize(("family", "host"), FAMILIES)
def test_streams_of_both_families(world: "World", provider: WinsockProvider, family: int, host: str) -> None:
    server = listen(provider, family, host)
    assert provider.getsockopt(server, SOL_SOCKET, SO_ACCEPTCONN)
    client = provider.socket(family, SOCK_STREAM)
    provider.connect(client, provider.getsockname(server))
    accepted, address = provider.accept(server)
    assert address == provider.getpeername(accepted) == provider.getsockname(client)
    assert address[0] == host
    much = bytes(range(256)) * 16384
    assert provider.send(client, much) == len(much)
    provider.closesocket(client)
    received = bytearray()
    while part := provider.recv(accepted, 1 << 20):
        received += part
    assert received == much
    world.agree(provider)


@pytest.mark.parametrize(("family", "host"), FAMILIES)
def test_datagrams_of_both_families(world: "World", provider: WinsockProvider, family: int, host: str) -> None:
    s, t = provider.socket(family, SOCK_DGRAM, IPPROTO_UDP), provider.socket(family, SOCK_DGRAM)
    assert provider.getsockopt(s, SOL_SOCKET, SO_TYPE) == SOCK_DGRAM
    provider.bind(s, (host, 0))
    provider.bind(t, (host, 0))
    assert provider.sendto(t, b"", provider.getsockname(s)) == 0  # a datagram of no bytes is one
    assert provider.sendto(t, b"second", provider.getsockname(s)) == 6
    assert provider.recvfrom(s, 10) == (b"", provider.getsockname(t))
    assert provider.recvfrom(s, 3, MSG_PEEK)[0] == b"sec"
    assert provider.ioctl(s, FIONREAD) == 6
    assert provider.recvfrom(s, 100) == (b"second", provider.getsockname(t))
    provider.connect(t, provider.getsockname(s))
    assert provider.getpeername(t) == provider.getsockname(s)
    provider.send(t, b"third")
    assert provider.recv(s, 100) == b"third"
    with pytest.raises(WinsockError) as refused:
        provider.send(t, bytes(1 << 17))
    assert refused.value.winerror == 10040
    world.agree(provider)
    provider.closesocket(t)
    assert provider.snapshot().unsent_bytes == 0


@pytest.mark.parametrize(("family", "host"), FAMILIES)
def test_what_is_bound_already_is_refused(provider: WinsockProvider, family: int, host: str) -> None:
    server = listen(provider, family, host)
    other = provider.socket(family, SOCK_STREAM)
    with pytest.raises(WinsockError) as in_use:
        provider.bind(other, provider.getsockname(server))
    with pytest.raises(WinsockError) as twice:
        provider.bind(server, (host, 0))
    with pytest.raises(WinsockError) as elsewhere:
        provider.bind(other, ("192.0.2.1" if family == AF_INET else "2001:db8::1", 0))
    assert (in_use.value.winerror, twice.value.winerror, elsewhere.value.winerror) == (10048, 10022, 10049)


@pytest.mark.parametrize(("family", "host"), FAMILIES)
def test_what_listens_is_closed_with_those_that_nobody_has_accepted(
    world: "World", provider: WinsockProvider, family: int, host: str
) -> None:
    server = listen(provider, family, host)
    with socket.create_connection((host, provider.getsockname(server)[1]), timeout=world.patience) as waiting:
        provider.closesocket(server)
        with pytest.raises(ConnectionResetError):
            waiting.recv(1)


def test_an_accepted_socket_has_the_options_of_the_listening_one(world: "World", provider: WinsockProvider) -> None:
    server = listen(provider, AF_INET, "127.0.0.1")
    provider.setsockopt(server, SOL_SOCKET, SO_LINGER, (1, 7))
    client = provider.socket(AF_INET, SOCK_STREAM)
    provider.connect(client, provider.getsockname(server))
    provider.select([server], timeout=world.patience)
    provider.ioctl(server, FIONBIO, True)
    accepted, _ = provider.accept(server)
    assert provider.getsockopt(accepted, SOL_SOCKET, SO_LINGER) == (1, 7)
    with pytest.raises(WinsockError) as refused:
        provider.recv(accepted, 1)
    assert refused.value.winerror == 10035
    with pytest.raises(WinsockError) as nobody:
        provider.accept(server)
    assert nobody.value.winerror == 10035


@pytest.mark.parametrize("call", ["listen", "accept"])
def test_datagrams_are_not_connections(provider: WinsockProvider, call: str) -> None:
    s = provider.socket(AF_INET, SOCK_DGRAM)
    provider.bind(s, ("127.0.0.1", 0))
    with pytest.raises(WinsockError) as refused:
        getattr(provider, call)(s)
    assert refused.value.winerror == 10045


def test_a_connection_that_finds_no_descriptor_is_accepted_later(
    world: "World", provider: WinsockProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    class FullAtFirst(socket.socket):
        full = True

        def accept(self) -> tuple[socket.socket, object]:
            if FullAtFirst.full:
                FullAtFirst.full = False
                raise OSError(errno.EMFILE, "too many open files")
            return super().accept()

    def new_socket(_family: int, _kind: int, _protocol: int) -> socket.socket:
        made = FullAtFirst()
        made.setblocking(False)
        return made

    monkeypatch.setattr(osdep, "new_socket", new_socket)
    server = listen(provider, AF_INET, "127.0.0.1")
    port = provider.getsockname(server)[1]
    with socket.create_connection(("127.0.0.1", port), timeout=world.patience) as client:
        with pytest.raises(WinsockError) as refused:
            provider.accept(server)
        assert refused.value.winerror == 10024
        s, address = provider.accept(server)
        assert address == client.getsockname()
        client.sendall(b"still here")
        assert provider.recv(s, 100) == b"still here"
