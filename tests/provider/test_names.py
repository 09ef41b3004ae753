"""Look-ups of names: other calls go on meanwhile, and the last cleanup and a close cancel them."""

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, NoReturn

import pytest
from winsock_provider import AF_INET, SOCK_DGRAM, SOCK_STREAM, WinsockError, WinsockProvider
from winsock_provider.watch import Watch

if TYPE_CHECKING:
    from tests.provider.conftest import World


class NameServer:
    """Answers once it is let go, and every name with the same address."""

    def __init__(self, patience: float) -> None:
        self.asked, self.go = threading.Event(), threading.Event()
        self._patience = patience
        self._numeric = socket.getaddrinfo

    def gethostbyname(self, _name: str) -> str:
        self.asked.set()
        assert self.go.wait(self._patience)
        return "127.0.0.1"

    def getaddrinfo(self, name: str, port: int, *rest: int) -> object:
        return self._numeric(self.gethostbyname(name), port, *rest)


@pytest.fixture
def server(world: "World", monkeypatch: pytest.MonkeyPatch) -> Iterator[NameServer]:
    made = NameServer(world.patience)
    for name in ("gethostbyname", "getaddrinfo"):
        monkeypatch.setattr(socket, name, getattr(made, name))
    yield made
    made.go.set()


LookUp = Callable[[WinsockProvider, int, int], object]
LOOK_UPS: dict[str, LookUp] = {
    "gethostbyname": lambda p, _stream, _datagrams: p.gethostbyname("slow.example"),
    "connect": lambda p, stream, _datagrams: p.connect(stream, ("slow.example", 1)),
    "bind": lambda p, stream, _datagrams: p.bind(stream, ("slow.example", 0)),
    "sendto": lambda p, _stream, datagrams: p.sendto(datagrams, b"x", ("slow.example", 9)),
}
by_name = pytest.mark.parametrize("call", LOOK_UPS.values(), ids=LOOK_UPS)


@by_name
def test_last_cleanup_cancels_a_look_up(world: "World", server: NameServer, call: LookUp) -> None:
    provider = WinsockProvider()
    provider.startup((2, 2))
    stream, datagrams = provider.socket(AF_INET, SOCK_STREAM), provider.socket(AF_INET, SOCK_DGRAM)
    looking = world.in_thread(lambda: call(provider, stream, datagrams))
    assert server.asked.wait(world.patience)
    assert provider.cleanup().sockets == 0
    with pytest.raises(WinsockError) as cancelled:
        looking.result(world.patience)
    assert cancelled.value.winerror == 10004
    assert not server.go.is_set()


@by_name
def test_nested_cleanup_leaves_a_look_up_alone(
    world: "World", provider: WinsockProvider, server: NameServer, call: LookUp
) -> None:
    stream, datagrams = provider.socket(AF_INET, SOCK_STREAM), provider.socket(AF_INET, SOCK_DGRAM)
    provider.startup((2, 2))
    looking = world.in_thread(lambda: call(provider, stream, datagrams))
    assert server.asked.wait(world.patience)
    provider.cleanup()
    server.go.set()
    failure = looking.exception(world.patience)
    assert failure is None or getattr(failure, "winerror", 0) == 10061  # nobody listens there


@pytest.mark.parametrize("name", ["connect", "bind", "sendto"])
def test_close_cancels_a_look_up_for_its_socket(
    world: "World", provider: WinsockProvider, server: NameServer, name: str
) -> None:
    stream, datagrams = provider.socket(AF_INET, SOCK_STREAM), provider.socket(AF_INET, SOCK_DGRAM)
    looking = world.in_thread(lambda: LOOK_UPS[name](provider, stream, datagrams))
    assert server.asked.wait(world.patience)
    provider.closesocket(stream)
    provider.closesocket(datagrams)
    with pytest.raises(WinsockError) as cancelled:
        looking.result(world.patience)
    assert cancelled.value.winerror == 10004


@by_name
@pytest.mark.parametrize("where", ["routine", "owner"])
def test_a_look_up_is_refused_where_others_would_wait_for_it(
    world: "World", provider: WinsockProvider, server: NameServer, call: LookUp, where: str
) -> None:
    """A completion routine must not hold up the next one, and a finalizer not the thread that it happens to run on."""
    stream, datagrams = provider.socket(AF_INET, SOCK_STREAM), provider.socket(AF_INET, SOCK_DGRAM)
    refusals: list[int] = []
    over = threading.Event()

    def look_up(*_outcome: int) -> None:
        try:
            call(provider, stream, datagrams)
        except WinsockError as refused:
            refusals.append(refused.winerror)
        over.set()

    if where == "routine":
        s, peer = world.meet(provider)
        provider.recv_overlapped(s, 1, routine=look_up)
        peer.sendall(b"x")
    else:
        world.on_owner(provider, look_up)
    assert over.wait(world.patience)
    assert refusals == [10036]
    assert not server.asked.is_set()


def test_other_calls_go_on_while_a_name_is_looked_up(
    world: "World", provider: WinsockProvider, server: NameServer
) -> None:
    looking = world.in_thread(lambda: provider.gethostbyname("slow.example"))
    assert server.asked.wait(world.patience)
    s, peer = world.meet(provider)
    provider.send(s, b"meanwhile")
    assert peer.recv(100) == b"meanwhile"
    server.go.set()
    assert looking.result(world.patience) == "127.0.0.1"


@by_name
def test_a_look_up_is_answered_when_the_epoch_ends_by_an_error(
    world: "World", server: NameServer, call: LookUp, monkeypatch: pytest.MonkeyPatch
) -> None:
    provider = WinsockProvider()
    provider.startup((2, 2))
    stream, datagrams = provider.socket(AF_INET, SOCK_STREAM), provider.socket(AF_INET, SOCK_DGRAM)
    looking = world.in_thread(lambda: call(provider, stream, datagrams))
    assert server.asked.wait(world.patience)

    def broken(_watch: Watch, _timeout: float | None) -> NoReturn:
        raise OSError(5, "broken")

    with monkeypatch.context() as patch:
        patch.setattr(Watch, "select", broken)
        with contextlib.suppress(WinsockError):
            provider.select([stream], timeout=0)  # wakes the owner
        with pytest.raises(WinsockError) as ended:
            looking.result(world.patience)
    assert ended.value.winerror in (10004, 10091)
    assert not server.go.is_set()


def test_without_a_thread_a_look_up_is_refused(
    provider: WinsockProvider, server: NameServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_thread: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", refuse)
    with pytest.raises(WinsockError) as refused:
        provider.gethostbyname("slow.example")
    assert refused.value.winerror == 10055
    assert not server.asked.is_set()


@pytest.mark.parametrize("name", ["no such host.invalid", "host\0.example", "x" * 300, 7])
def test_what_is_no_name_is_refused(provider: WinsockProvider, name: str) -> None:
    with pytest.raises(WinsockError) as refused:
        provider.gethostbyname(name)
    assert refused.value.winerror in (10014, 11001, 11002)


def test_addresses_and_the_own_name_are_looked_up_as_well(provider: WinsockProvider) -> None:
    assert provider.gethostbyname("127.0.0.1") == "127.0.0.1"
    with contextlib.suppress(WinsockError):  # a machine that nobody has entered anywhere
        assert provider.gethostbyname(None).count(".") == 3
