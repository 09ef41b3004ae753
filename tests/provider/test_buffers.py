"""Receiving into a buffer, and sending several buffers as one."""

from array import array
from typing import TYPE_CHECKING, Any

import pytest
from winsock_provider import AF_INET, MSG_PEEK, SOCK_DGRAM, WinsockError, WinsockProvider

from tests.provider.interrupting import Interrupting, Striking

if TYPE_CHECKING:
    from tests.provider.conftest import World


def test_what_is_received_is_put_into_the_buffer(world: "World", provider: WinsockProvider) -> None:
    s, peer = world.meet(provider)
    peer.sendall(b"hello world")
    buffer = bytearray(b".........")
    provider.select([s])
    assert provider.recv_into(s, buffer, 5, MSG_PEEK) == 5
    assert provider.recv_into(s, memoryview(buffer)[2:], 5) == 5
    assert buffer == b"hehello.."
    assert provider.recv_into(s, buffer) == 6
    assert buffer == b" worldo.."
    peer.close()
    assert provider.recv_into(s, buffer) == 0
    assert provider.recv_into(s, bytearray()) == 0


@pytest.mark.parametrize(
    ("buffer", "size", "error"),
    [(b"fixed", 0, 10014), ("text", 0, 10014), (bytearray(3), 4, 10022), (bytearray(3), -1, 10022), (3, 0, 10014)],
)
def test_a_wrong_buffer_is_refused_behind_a_wrong_descriptor(
    world: "World", provider: WinsockProvider, buffer: Any, size: int, error: int
) -> None:
    s, _ = world.meet(provider)
    for descriptor, expected in ((s, error), (999, 10038)):
        with pytest.raises(WinsockError) as refused:
            provider.recv_into(descriptor, buffer, size)
        assert refused.value.winerror == expected == provider.get_last_error()
    with pytest.raises(WinsockError, match="WSANOTINITIALISED"):
        WinsockProvider().recv_into(s, buffer, size)


@pytest.mark.parametrize("kind", [Interrupting, Striking])
def test_an_interrupted_receive_into_a_buffer_loses_nothing(
    world: "World", provider: WinsockProvider, kind: type[Interrupting]
) -> None:
    s, peer = world.meet(provider)
    sent, received, buffer = bytes(range(256)), bytearray(), bytearray(4)
    peer.sendall(sent)

    def receive() -> None:
        size = provider.recv_into(s, buffer)
        received.extend(buffer[:size])

    moment, raised = 0, True
    while raised and len(received) < 200:
        interrupting = kind(moment, keeps_result=True)
        buffer[:] = bytes(4)
        interrupting.run(receive)
        raised = interrupting.raised
        if raised and any(buffer):
            received.extend(buffer)  # it had arrived, and only the number of its bytes was lost
        moment += 1
    while len(received) < len(sent):
        receive()
    assert received == sent


@pytest.mark.parametrize("kind", [list, tuple])
@pytest.mark.parametrize("size", [1, 100_000], ids=["small", "large"])
def test_several_buffers_are_sent_as_one(world: "World", provider: WinsockProvider, kind: Any, size: int) -> None:
    s, peer = world.meet(provider)
    buffers = kind([b"a" * size, bytearray(b"b" * size), memoryview(b"c" * size), array("H", [0x6464] * size), b""])
    whole = b"".join(buffers)
    assert provider.send(s, buffers) == 5 * size
    assert provider.sendto(s, buffers, ("127.0.0.1", 9)) == 5 * size
    operation = provider.send_overlapped(s, buffers)
    assert operation.size == 5 * size
    provider.send(s, kind())
    provider.shutdown(s, 1)
    assert world.read_all(peer) == whole * 3


def test_several_buffers_are_one_datagram(provider: WinsockProvider) -> None:
    a, b = (provider.socket(AF_INET, SOCK_DGRAM) for _ in range(2))
    provider.bind(b, ("127.0.0.1", 0))
    assert provider.sendto(a, [b"one ", b"datagram"], provider.getsockname(b)) == 12
    assert provider.recv(b, 100) == b"one datagram"


@pytest.mark.parametrize("data", [["text"], [1], [b"a", None], {b"a"}, [[b"a"]]])
def test_what_is_no_buffer_is_refused(world: "World", provider: WinsockProvider, data: Any) -> None:
    s, peer = world.meet(provider)
    with pytest.raises(WinsockError, match=r"buffer|bytes") as refused:
        provider.send(s, data)
    assert refused.value.winerror == 10014
    with pytest.raises(WinsockError, match="WSAENOTSOCK"):
        provider.send(999, data)
    provider.closesocket(s)
    assert world.read_all(peer) == b""
