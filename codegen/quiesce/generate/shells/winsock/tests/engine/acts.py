"""The parts that callers and peers can have in a script, small ones to be put together."""

from collections.abc import Callable
from typing import Final

from .clients import Client
from .peers import Peer
from .stage import Acts, Shared

HARD: Final = (0xFFFF, 0x0080, (1, 0))
"""The option of a socket whose close drops what is unsent."""
TIMED: Final = (0xFFFF, 0x0080, (1, 9))
"""The same for one whose close waits for what is unsent, for nine seconds."""
GONE: Final = ("WSAEINTR", "WSAENOTSOCK")
"""The reasons to refuse a call whose socket somebody closes meanwhile."""
LOST: Final = ("WSAECONNRESET", "WSAECONNABORTED", "WSAENOTCONN")
"""The reasons where the connection is lost."""
OVER: Final = (*GONE, "WSANOTINITIALISED")
"""The same where a last cleanup closes it."""


# What peers do.


def reads_all(peer: Peer) -> None:
    """A peer that reads to the end."""
    peer.read_all()


def reads_little(peer: Peer) -> None:
    """A peer that reads byte by byte."""
    peer.read_all(1)


def sends(data: bytes) -> Callable[[Peer], None]:
    """A peer that sends something, and then reads."""

    def play(peer: Peer) -> None:
        peer.send(data)
        peer.read_all()

    return play


def answers(size: int) -> Callable[[Peer], None]:
    """A peer that reads at least so many bytes, then sends two, then reads the rest."""

    def play(peer: Peer) -> None:
        while len(peer.got) < size and peer.read():
            pass
        peer.send(b"ok")
        peer.read_all()

    return play


def resets(peer: Peer) -> None:
    """A peer that reads a little, and then drops the connection."""
    peer.read(1)
    peer.reset()


# What callers do.


def in_turn(*acts: Acts) -> Acts:
    """One thing after the other."""

    def act(client: Client, shared: Shared) -> None:
        for each in acts:
            each(client, shared)

    return act


def nothing(_client: Client, _shared: Shared) -> None:
    """Do nothing."""


def starts(client: Client, _shared: Shared) -> None:
    """Use the provider."""
    client.startup()


def tries(client: Client, _shared: Shared) -> None:
    """Use the provider, and then no more, unless it cannot be initialised."""
    if client.startup(may=("WSASYSNOTREADY",)):
        client.cleanup()


def drops(client: Client, _shared: Shared) -> None:
    """Forget the provider, and a startup with it."""
    client.drop()


def cleans_up(client: Client, _shared: Shared) -> None:
    """Use it no more."""
    client.cleanup()


def connects(client: Client, shared: Shared) -> None:
    """Connect to the peer."""
    shared["s"] = client.connect(1)


def listens(client: Client, shared: Shared) -> None:
    """Let the peer connect."""
    shared["listener"] = client.call("socket", 2, 1)
    client.call("bind", shared["listener"], ("127.0.0.1", 1))
    client.call("listen", shared["listener"])


def accepts(*may: str) -> Acts:
    """Wait until the peer connects."""

    def act(client: Client, shared: Shared) -> None:
        answer = client.call("accept", shared["listener"], may=may)
        if not isinstance(answer, str):
            shared["s"] = answer[0]

    return act


def closes_the_listener(client: Client, shared: Shared) -> None:
    """Let nobody connect any more."""
    client.close(shared["listener"])


def receives_one_of(data: bytes) -> Acts:
    """Receive one byte that the peer sends, and that nobody else gets."""

    def act(client: Client, shared: Shared) -> None:
        got = shared.setdefault("got", list(data))
        found = client.receive(shared["s"], 1)
        client.expect(len(found) == 1 and found[0] in got, True)
        got.remove(found[0])

    return act


def option(*value: object) -> Acts:
    """Set an option of the socket."""

    def act(client: Client, shared: Shared) -> None:
        client.call("setsockopt", shared["s"], *value)

    return act


def transmits(data: bytes, *may: str) -> Acts:
    """Send to the peer; the call may be refused for these reasons."""

    def act(client: Client, shared: Shared) -> None:
        client.send(shared["s"], data, 1, may)

    return act


def closes(*may: str) -> Acts:
    """Close the socket."""

    def act(client: Client, shared: Shared) -> None:
        client.close(shared["s"], may)

    return act


def receives(data: bytes, *may: str) -> Acts:
    """Receive what the peer sends; or the beginning of it, if the call may be refused."""

    def act(client: Client, shared: Shared) -> None:
        found = client.receive(shared["s"], len(data), may)
        client.expect(found, *(data[:size] for size in range(len(data) + 1)) if may else (data,))

    return act


def shuts_down(how: int) -> Acts:
    """End receiving (0), or end the stream (1) after what is queued."""

    def act(client: Client, shared: Shared) -> None:
        client.call("shutdown", shared["s"], how)

    return act


def starts_with(*version: int) -> Acts:
    """Use the provider with another version."""

    def act(client: Client, _shared: Shared) -> None:
        client.startup(version)

    return act


def counts(client: Client, _shared: Shared) -> None:
    """Ask for the counters, which have to be of one moment."""
    found = client.call("stats")
    client.expect(found.bytes_sent <= client.taken(), True)
    client.expect(found.bytes_accepted >= found.bytes_sent and found.startups > found.cleanups, True)


def waits_for_release(client: Client, _shared: Shared) -> None:
    """Wait until nobody uses the provider."""
    client.expect(client.call("wait_released"), True)


def selects(client: Client, shared: Shared) -> None:
    """Wait until the socket can be read."""
    found = client.call("select", [shared["s"]], may=OVER)
    client.expect(found if isinstance(found, str) else found[0], [shared["s"]], *OVER)


def begins_to_send(data: bytes, then: Acts = nothing) -> Acts:
    """Begin to send to the peer; `then`, when all is sent, the routine of that does something more."""

    def act(client: Client, shared: Shared) -> None:
        shared["operation"] = client.begin_to_send(shared["s"], data, 1, lambda routine: then(routine, shared))

    return act


def begins_to_receive(client: Client, shared: Shared) -> None:
    """Begin to receive from the peer."""
    shared["operation"] = client.call("recv_overlapped", shared["s"], 4)


def waits_for_the_operation(*ends: object) -> Acts:
    """Wait for an operation that was begun."""

    def act(client: Client, shared: Shared) -> None:
        told = [end for end in ends if isinstance(end, str)]
        client.expect(client.see("result()", shared["operation"].result, told), *ends)

    return act


def cancels(client: Client, shared: Shared) -> None:
    """Cancel it."""
    client.see("cancel()", shared["operation"].cancel)


def waits_for(name: str) -> Acts:
    """Wait until another client has made all its calls."""

    def act(client: Client, _shared: Shared) -> None:
        client.wait_for(name)

    return act


VISITS: Final = in_turn(starts, cleans_up)
"""Use the provider, and then no more."""
