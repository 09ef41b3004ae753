"""Every number of Microsoft's page "Windows Sockets Error Codes" that is about a provider: when a caller gets it."""

import errno
import socket
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from winsock_provider import (
    AF_INET,
    FIONBIO,
    SD_SEND,
    SO_LINGER,
    SOCK_DGRAM,
    SOCK_STREAM,
    SOL_SOCKET,
    ErrorCode,
    WinsockError,
    osdep,
)
from winsock_provider import WinsockProvider as Provider
from winsock_provider.connection import Connection

if TYPE_CHECKING:
    from tests.provider.conftest import World

Patch = pytest.MonkeyPatch
Scene = Callable[["World", Provider, Patch], object]


def raising(failure: BaseException) -> Callable[..., object]:
    """A function that is always refused."""

    def refuse(*_arguments: object) -> object:
        raise failure

    return refuse


def new_socket_fails(failure: OSError) -> Scene:
    """The operating system grants no socket."""

    def scene(_world: "World", provider: Provider, patch: Patch) -> object:
        patch.setattr(osdep, "new_socket", raising(failure))
        return provider.socket(AF_INET, SOCK_STREAM)

    return scene


def startup_fails(failure: Exception) -> Scene:
    """The hook of a person refuses."""

    class Hooks:
        initialise = staticmethod(raising(failure))
        released = staticmethod(raising(failure))

    return lambda _world, _provider, _patch: Provider(hooks=Hooks()).startup((2, 2))  # type: ignore[arg-type]


def cancelled_by_a_close(world: "World", provider: Provider, _patch: Patch) -> int:
    s, _ = world.meet(provider)
    operation = provider.recv_overlapped(s, 1)
    provider.closesocket(s)
    return operation.error()


def cancelled_by_the_last_cleanup(world: "World", _provider: Provider, _patch: Patch) -> object:
    provider = Provider()
    provider.startup((2, 2))
    s, _ = world.meet(provider)
    waiting = world.in_thread(lambda: provider.recv(s, 1))
    world.wait_for_blocked(provider)
    provider.cleanup()
    return waiting.result(world.patience)


def would_have_to_wait(world: "World", provider: Provider, _patch: Patch) -> object:
    s, _ = world.meet(provider)
    provider.setsockopt(s, SOL_SOCKET, SO_LINGER, (1, 60))
    provider.ioctl(s, FIONBIO, True)
    provider.send(s, bytes(16 << 20))
    try:
        return provider.closesocket(s)
    finally:
        provider.setsockopt(s, SOL_SOCKET, SO_LINGER, (1, 0))


def called_by_a_routine(world: "World", provider: Provider, _patch: Patch) -> int:
    s, peer = world.meet(provider)
    numbers: list[int] = []
    over = threading.Event()

    def routine(*_outcome: int) -> None:
        with pytest.raises(WinsockError) as refused:
            provider.recv(s, 1)
        numbers.append(refused.value.winerror)
        over.set()

    provider.recv_overlapped(s, 1, routine=routine)
    peer.sendall(b"x")
    assert over.wait(world.patience)
    return numbers[0]


def lost_by_the_engine(world: "World", provider: Provider, patch: Patch) -> object:
    s, peer = world.meet(provider)
    patch.setattr(Connection, "fill_receives", raising(ValueError("a fault of the engine")))
    waiting = world.in_thread(lambda: provider.select([s]))  # has the owner look for input
    world.wait_for_blocked(provider)
    peer.sendall(b"x")
    waiting.exception(world.patience)
    return provider.recv(s, 1)


def reset_by_the_peer(world: "World", provider: Provider, _patch: Patch) -> object:
    s, peer = world.meet(provider)
    provider.send(s, b"unread")
    world.wait_until(lambda: bool(peer.recv(1, socket.MSG_PEEK)))
    peer.close()
    return provider.recv(s, 1)


def shut_before(world: "World", provider: Provider, _patch: Patch) -> object:
    s, _ = world.meet(provider)
    provider.shutdown(s, SD_SEND)
    return provider.send(s, b"x")


def connect_fails(failure: OSError) -> Scene:
    """The operating system gives a connection up."""

    class Unlucky(socket.socket):
        def connect(self, _address: object) -> None:
            raise failure

    def scene(_world: "World", provider: Provider, patch: Patch) -> object:
        def unlucky(*_triple: int) -> socket.socket:
            made = Unlucky()
            made.setblocking(False)
            return made

        patch.setattr(osdep, "new_socket", unlucky)
        return provider.connect(provider.socket(AF_INET, SOCK_STREAM), ("127.0.0.1", 9))

    return scene


def look_up_fails(code: int) -> Scene:
    """Name servers do not answer as one would like."""

    def scene(_world: "World", provider: Provider, patch: Patch) -> object:
        patch.setattr(socket, "gethostbyname", raising(socket.gaierror(code, "no")))
        return provider.gethostbyname("a.example")

    return scene


def new(provider: Provider) -> int:
    return provider.socket(AF_INET, SOCK_STREAM)


SCENES: dict[int, list[Scene]] = {
    6: [lambda w, p, _: p.recv_overlapped(w.meet(p)[0], 1, event="x")],  # type: ignore[arg-type]
    995: [cancelled_by_a_close],
    996: [lambda w, p, _: p.recv_overlapped(w.meet(p)[0], 1).result(0)],
    997: [lambda w, p, _: p.recv_overlapped(w.meet(p)[0], 1).error()],
    10004: [cancelled_by_the_last_cleanup],
    10014: [lambda _w, p, _: p.startup((2, 2), data=None), lambda w, p, _: p.send(w.meet(p)[0], None)],  # type: ignore[arg-type]
    10022: [lambda w, p, _: p.shutdown(w.meet(p)[0], 7), lambda _w, p, _: p.listen(new(p))],
    10024: [new_socket_fails(OSError(errno.EMFILE, "")), new_socket_fails(OSError(errno.ENFILE, ""))],
    10035: [would_have_to_wait],
    10036: [called_by_a_routine],
    10038: [lambda _w, p, _: p.closesocket(77)],
    10042: [lambda _w, p, _: p.setsockopt(p.socket(AF_INET, SOCK_DGRAM), SOL_SOCKET, SO_LINGER, (1, 0))],
    10043: [lambda _w, p, _: p.socket(AF_INET, SOCK_STREAM, 17)],
    10044: [lambda _w, p, _: p.socket(AF_INET, 9)],
    10045: [lambda _w, p, _: p.ioctl(new(p), 1), lambda _w, p, _: p.procedure_table["WSPJoinLeaf"]()],
    10047: [lambda _w, p, _: p.socket(99, SOCK_STREAM)],
    10050: [new_socket_fails(OSError(errno.ENETDOWN, ""))],
    10053: [lost_by_the_engine],
    10054: [reset_by_the_peer],
    10055: [new_socket_fails(OSError(errno.ENOBUFS, "")), new_socket_fails(OSError(errno.ENOMEM, ""))],
    10057: [lambda _w, p, _: p.send(new(p), b"x"), lambda _w, p, _: p.shutdown(new(p), SD_SEND)],
    10058: [shut_before],
    10060: [connect_fails(OSError(errno.ETIMEDOUT, ""))],
    10067: [startup_fails(WinsockError(10067))],
    10091: [startup_fails(ValueError("the network is not there"))],
    10092: [lambda _w, p, _: p.startup((0, 9))],
    10093: [lambda _w, _p, _: Provider().cleanup(), lambda _w, _p, _: new(Provider())],
    10106: [startup_fails(WinsockError(10106))],
    10107: [connect_fails(OSError(0, "nobody knows"))],
    11003: [look_up_fails(socket.EAI_FAIL)],
}
"""How a caller gets each number."""

NEVER = {
    8: "It tells of a catalog or a namespace that finds no memory, and this provider has neither.",
    10101: "It tells that the peer ends a connection of messages, and the provider has streams and datagrams.",
    10104: "Whoever calls a startup gives it, when the table that it returned lacks a procedure.",
    10105: "Whoever loads a provider gives it, when there is none to load.",
}
"""Numbers that the page tells of providers, and that callers of this one never get; with the reason."""


@pytest.mark.parametrize(
    ("number", "scene"), [(number, scene) for number, scenes in SCENES.items() for scene in scenes]
)
def test_a_caller_gets_each_number_when_it_should(
    world: "World", provider: Provider, monkeypatch: Patch, number: int, scene: Scene
) -> None:
    if number in (995, 997, 10036):
        assert scene(world, provider, monkeypatch) == number
        return
    with pytest.raises(WinsockError) as refused:
        scene(world, provider, monkeypatch)
    assert (refused.value.winerror, refused.value.name) == (number, ErrorCode(number).name)


def test_no_number_of_the_page_is_left_out() -> None:
    """Those of the section about the lifecycle of providers; other calls have some more."""
    page = {6, 8, 995, 996, 997, 10004, 10014, 10022, 10024, 10035, 10036, 10038, 10042, 10043, 10044, 10045, 10047}
    page |= {10050, 10053, 10054, 10055, 10057, 10058, 10060, 10067, 10091, 10092, 10093, 10101, 10104, 10105, 10106}
    page |= {10107, 11003}
    assert SCENES.keys() | NEVER.keys() == page
    assert not SCENES.keys() & NEVER.keys()


def test_no_failure_of_the_system_is_without_a_number() -> None:
    for code, name in errno.errorcode.items():
        number = osdep.winsock_number(OSError(code, "a failure"))
        assert number in [*ErrorCode]
        assert ErrorCode.__members__.get(f"WSA{name}") in (None, number)
