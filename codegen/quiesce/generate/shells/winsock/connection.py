"""One socket of the provider: the operating system's handle, what is queued on it, and who waits for it."""

import socket
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from selectors import EVENT_READ, EVENT_WRITE
from typing import Final, Protocol

from . import core, osdep
from .errors import ErrorCode
from .overlapped import Overlapped
from .permit import HIGH_WATER, ReceiveLane, SendLane, Steady

LOW_WATER: Final = HIGH_WATER // 2
"""Senders that wait for room are woken once no more than this is queued."""
SMALL: Final = 1 << 12
"""Bytes of a send up to which it is put behind others into one piece."""
PIECE: Final = 1 << 16
"""Bytes of such a piece."""
LARGEST: Final = 1 << 24
"""Bytes that one receive takes at most, however many were asked for: so much memory is made ready for it."""
DISCARD_SIZE: Final = 1 << 18
GATHERED: Final = 64
"""Queued pieces that are sent by one system call."""
TURNS: Final = 16
"""Receives made to discard the input of one socket before others get their turn."""


class Waiter(Protocol):
    """A call that waits for events of sockets."""

    def wake(self) -> None:
        """Let the call try again."""

    def cancel(self) -> None:
        """Let the call fail."""


class Chunk:
    """Bytes that wait to be sent, and the overlapped operation that ends with them."""

    __slots__ = ("data", "operation", "sent")

    def __init__(self, data: bytes | bytearray, operation: Overlapped[int] | None, sent: int = 0) -> None:
        self.data = data
        self.operation = operation
        self.sent = sent
        """How many bytes of `data` the kernel has already."""

    def rest(self) -> memoryview:
        """The bytes that are still to be sent."""
        return memoryview(self.data)[self.sent :]

    def takes_more(self) -> bool:
        """Whether small sends may be put behind what is here."""
        return self.operation is None and isinstance(self.data, bytearray) and len(self.data) < PIECE

    def __len__(self) -> int:
        return len(self.data) - self.sent


@dataclass(slots=True, eq=False)
class Connection:
    """A socket. All of it belongs to the owner's thread."""

    os_socket: socket.socket
    member: core.Socket
    """The member that stands for this connection in the core."""
    stream: bool
    connected: bool = False
    connecting: bool = False
    receive_shut: bool = False
    end_sent: bool = False
    """The operating system was told that nothing more will be sent."""
    input_ended: bool = False
    """The peer will send nothing more."""
    failure: int = 0
    """Why the connection broke, as Winsock's number; 0 while it is whole."""
    lost: bool = False
    """Nobody knows any more which bytes were sent or received."""
    linger_on: bool = False
    linger_seconds: int | None = None
    close_deadline: float | None = None
    """When a timed close turns into a hard one, on the monotonic clock."""
    quiet_deadline: float | None = None
    """When a close stops to wait for the peer, where the kernel does not say what it still holds."""
    held: int | None = None
    """Bytes that the kernel still held when a close last asked."""
    pause: float = 0.0
    """Seconds until a close asks the kernel again what it still holds."""
    queue: deque[Chunk] = field(default_factory=deque)
    queued: int = 0
    dropped: int = 0
    """Bytes that were taken for sending, and that the kernel will never get."""
    received: int = 0
    """Bytes that the owner has received for others."""
    put_back: bytes = b""
    """Bytes that were received for a caller that is there no more; the next receive begins with them."""
    receives: deque[Overlapped[bytes]] = field(default_factory=deque)
    waiters: dict[Waiter, int] = field(default_factory=dict)
    registered: int = 0
    """The events the selector looks for."""
    sending: SendLane = field(init=False)
    receiving: ReceiveLane = field(init=False)

    def __post_init__(self) -> None:
        self.sending = SendLane(self.os_socket.send)
        self.receiving = ReceiveLane(self.os_socket.recv)

    @property
    def closed(self) -> bool:
        """Whether the handle was given back."""
        return self.os_socket.fileno() < 0

    def has_peer(self) -> bool:
        """Whether the socket is connected; a connect that went on in the background may have succeeded by now."""
        if not self.connected and osdep.is_connected(self.os_socket):
            self.connected, self.connecting = True, False
        return self.connected

    def may_lend_sending(self) -> bool:
        """Whether callers may send on their own."""
        return self._may_lend() and not self.member.shut

    def may_lend_receiving(self) -> bool:
        """Whether callers may receive on their own: nobody was there first, and nothing has to be received first."""
        first_come = self.receives or self.put_back or any(events & EVENT_READ for events in self.waiters.values())
        return self._may_lend() and not first_come and not self.receive_shut

    def _may_lend(self) -> bool:
        whole = self.stream and self.connected and not self.failure
        return whole and self.member.state is core.SocketState.OPEN and not self.closed

    def interest(self) -> int:
        """The events that would let somebody go on: a waiter, a pending operation, the queue, or a close."""
        events = 0
        for wanted in self.waiters.values():
            events |= wanted
        if self.queue:
            events |= EVENT_WRITE
        closing = self.member.state is core.SocketState.CLOSING
        if self.receives or (closing and not self.input_ended):
            events |= EVENT_READ
        return events

    def wake(self, events: int) -> None:
        """Let those waiters go on that wait for one of `events`."""
        if events & EVENT_READ:
            self.receiving.wake()
        for waiter, wanted in tuple(self.waiters.items()):
            if wanted & events:
                waiter.wake()

    def outgoing(self) -> int | None:
        """Bytes the kernel still holds; None where it does not say."""
        return osdep.outgoing(self.os_socket) if self.stream and self.connected else 0

    def fail(self, error: int) -> list[Overlapped[int]]:
        """The connection broke: what was queued is gone. The operations that ended with it."""
        self.failure = error
        ended = [chunk.operation for chunk in self.queue if chunk.operation is not None]
        for operation in ended:
            operation.fail(error)
        self.queue.clear()
        self.dropped += self.queued
        self.queued = 0
        return ended

    def put(self, data: Steady, operation: Overlapped[int] | None, sent: int = 0) -> None:
        """Queue what follows the first `sent` bytes; small ones share a piece of memory, large ones are not moved."""
        view = memoryview(data)
        size = len(view) - sent
        self.queued += size
        if operation is None and size < SMALL:
            last = self.queue[-1] if self.queue else None
            if last is not None and last.takes_more():
                last.data += view[sent:]
            else:
                self.queue.append(Chunk(bytearray(view[sent:]), None))
        elif isinstance(view.obj, bytes) and len(view.obj) == len(view):
            self.queue.append(Chunk(view.obj, operation, sent))
        else:
            self.queue.append(Chunk(bytes(view[sent:]), operation))

    def flush(self) -> list[Overlapped[int]]:
        """Hand queued bytes to the kernel until it takes no more. The operations that ended."""
        ended: list[Overlapped[int]] = []
        while self.queue:
            views = [chunk.rest() for chunk in islice(self.queue, GATHERED)]
            offered = sum(map(len, views))
            try:
                taken = osdep.send_gathered(self.os_socket, views)
            except BlockingIOError:
                break
            except OSError as broken:
                return ended + self.fail(osdep.winsock_number(broken))
            finally:
                for view in views:
                    view.release()
            self.queued -= taken
            ended += self._take(taken)
            if taken < offered:
                break
        return ended

    def _take(self, taken: int) -> Iterator[Overlapped[int]]:
        """Remove `taken` bytes from the queue; the operations that ended with them."""
        while self.queue and taken >= len(self.queue[0]):
            chunk = self.queue.popleft()
            taken -= len(chunk)
            if chunk.operation is not None:
                chunk.operation.succeed(chunk.operation.size, chunk.operation.size)
                yield chunk.operation
        if taken:
            self.queue[0].sent += taken

    def receive(self, size: int, system_flags: int = 0) -> bytes:
        """The bytes that have arrived, at most `size` of them. BlockingIOError if none have."""
        if not self.put_back or system_flags & socket.MSG_OOB:
            data = self.os_socket.recv(min(size, LARGEST), system_flags)
            if not system_flags & socket.MSG_PEEK:
                self.received += len(data)
            return data
        data = self.put_back[:size]
        if not system_flags & socket.MSG_PEEK:
            self.put_back = self.put_back[size:]
        return data

    def fill_receives(self) -> list[Overlapped[bytes]]:
        """Give what has arrived to the pending receives. The operations that ended."""
        ended = []
        while self.receives:
            operation = self.receives[0]
            try:
                data = self.receive(operation.size)
            except BlockingIOError:
                break
            except OSError as broken:
                self.failure = osdep.winsock_number(broken)
                operation.fail(self.failure)
            else:
                operation.succeed(data, len(data))
            ended.append(self.receives.popleft())
        return ended

    def end_sending(self) -> None:
        """Tell the peer that nothing more will come."""
        if not self.end_sent and self.stream and self.connected:
            try:
                self.os_socket.shutdown(socket.SHUT_WR)
            except OSError as broken:
                self.failure = osdep.winsock_number(broken)
        self.end_sent = True

    def discard_input(self) -> None:
        """Read out what has arrived: the kernel resets a connection that is closed with unread input."""
        for _ in range(TURNS):
            if self.input_ended:
                break
            try:
                self.input_ended = not self.os_socket.recv(DISCARD_SIZE)
            except BlockingIOError:
                break
            except OSError as broken:
                self.input_ended = True
                self.fail(osdep.winsock_number(broken))

    def cancel_operations(self) -> list[Overlapped[int] | Overlapped[bytes]]:
        """Cancel what is pending; queued bytes stay queued. The operations, none of them notified."""
        pending = list(self.operations())
        for operation in pending:
            operation.fail(ErrorCode.WSA_OPERATION_ABORTED)
        self.receives.clear()
        for chunk in self.queue:
            chunk.operation = None
        return pending

    def withdraw(self, operation: Overlapped[int] | Overlapped[bytes]) -> None:
        """Nobody waits for the end of this operation any more; the bytes of a send stay queued."""
        self.receives = deque(one for one in self.receives if one is not operation)
        for chunk in self.queue:
            if chunk.operation is operation:
                chunk.operation = None

    def operations(self) -> Iterator[Overlapped[int] | Overlapped[bytes]]:
        """The overlapped operations under way."""
        yield from self.receives
        yield from (chunk.operation for chunk in self.queue if chunk.operation is not None)

    def cancel_waiters(self) -> None:
        """End the blocking calls on this socket."""
        self.receiving.cancel()
        for waiter in tuple(self.waiters):
            waiter.cancel()
