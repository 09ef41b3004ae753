"""Events of sockets that no call causes: bytes leave, operations end, closes finish. Each is reported to the core.

All of it runs on the owner's thread.
"""

import time
from collections.abc import Callable, Iterable
from selectors import EVENT_READ, EVENT_WRITE

from . import osdep
from .connection import LOW_WATER, Connection
from .core import Linger, Phase, Socket, SocketState, WinsockProviderCore
from .errors import ErrorCode, WinsockError
from .overlapped import Overlapped
from .pace import FIRST_PAUSE, LONGEST_PAUSE, QUIET_TIME, next_check
from .stats import Report, Tally
from .timers import Timers
from .watch import Watch

Operation = Overlapped[int] | Overlapped[bytes]


class Traffic:
    """The sockets of one run of the owner's thread."""

    def __init__(
        self,
        core: WinsockProviderCore,
        tally: Tally,
        watch: Watch,
        changed: Callable[[], None],
        tell: Callable[[Operation], None],
    ) -> None:
        """`changed` is called when a socket was given back, `tell` with each operation that ended by itself."""
        self._core = core
        self.tally = tally
        self._watch = watch
        self._changed = changed
        self._tell = tell
        self.connections: dict[Connection, None] = {}
        self.closing: dict[Connection, None] = {}
        self.checks: Timers[Connection] = Timers()
        """When a close in progress asks the kernel again; each has its own pace."""
        self.given_up = Report()
        self.moved = time.monotonic()
        """When a peer last took something, as far as anybody has looked; at least when the epoch ended."""
        self._recalled: dict[Connection, None] = {}

    def adopt(self, connection: Connection) -> None:
        """Take charge of an open socket."""
        self.tally.opened += 1
        self.connections[connection] = None

    def watch(self, connection: Connection) -> None:
        """Somebody began or ceased to wait for the socket."""
        if not connection.closed:
            self._watch.update(connection)

    def settle(self, connection: Connection) -> None:
        """Tell the core which bytes have left: those in neither our queue nor the kernel's.

        It has not heard of what callers have sent to the kernel: of that, it accepts what is still on its way.
        """
        self._fetch(connection)
        member = connection.member
        untold = connection.queued + (connection.outgoing() or 0) - member.unsent
        if untold < 0:
            self._core.transmit(member, -untold)
            self.moved = time.monotonic()
        elif untold and member.state is SocketState.OPEN and not member.shut:
            self._core.wsp_send(member, untold)

    # What is lent to callers.

    def _collect(self, connection: Connection) -> None:
        """Take the right to send, and what callers have sent to the backlog."""
        lane = connection.sending
        if lane.wanted:
            return
        self._recalled[connection] = None
        if not lane.take_back():
            self._lose_in_step(connection)
            return
        backlog, lane.backlog = lane.backlog, []
        before = connection.queued
        for data in backlog:
            connection.put(data, None, lane.sent)
            lane.sent = 0
        if backlog:
            self._core.wsp_send(connection.member, connection.queued - before)
            self._watch.update(connection)

    def _fetch(self, connection: Connection) -> None:
        """Take what callers have sent to the backlog, if they do that."""
        if connection.sending.posting:
            self._collect(connection)

    def recall_sending(self, connection: Connection) -> None:
        """From now on nobody but the owner sends, at least to the end of this turn."""
        self._recalled[connection] = None
        self._collect(connection)

    def recall_receiving(self, connection: Connection) -> None:
        """From now on nobody but the owner receives, at least to the end of this turn."""
        self._recalled[connection] = None
        if not connection.receiving.take_back():
            self._lose_in_step(connection)

    def recall(self, connection: Connection) -> None:
        """From now on the socket is the owner's alone, at least to the end of this turn."""
        self.recall_sending(connection)
        self.recall_receiving(connection)

    def recall_all(self) -> None:
        """The epoch ends: from now on all sockets are the owner's, and the core knows all their bytes."""
        for connection in self.connections:
            self.recall(connection)
            self.settle(connection)

    def forsake(self) -> None:
        """Take everything back without any I/O, and end the waits for it."""
        for connection in self.connections:
            connection.sending.take_back()
            connection.receiving.take_back()
            connection.receiving.cancel()

    def leave(self) -> None:
        """Give back the handles of all sockets that are left."""
        for connection in self.connections:
            osdep.close(connection.os_socket)
            connection.receiving.cancel()  # whoever still waits, since the end of the epoch has gone wrong, too
            connection.cancel_operations()
            connection.fail(connection.failure)
            self.tally.drop(connection)
        self.connections.clear()

    def lend(self) -> None:
        """The end of a turn: whatever the owner does not need itself is lent to callers."""
        recalled, self._recalled = self._recalled, {}
        if self._core.phase is not Phase.RUNNING:
            return
        for connection in recalled:
            if not connection.queue:
                self._fetch(connection)  # after that, callers may send to the kernel again
            self._lend_sending(connection)
            if connection.receiving.wanted:
                if connection.may_lend_receiving():
                    connection.receiving.lend()
                else:
                    connection.receiving.wake()  # who waits alone has to come to the owner

    def _lend_sending(self, connection: Connection) -> None:
        if connection.sending.wanted and connection.may_lend_sending():
            connection.sending.lend_with(connection.queued)

    def _lose_in_step(self, connection: Connection) -> None:
        """Nobody knows what the kernel has taken or given: a reset says so, and nothing is sent twice or left out."""
        self.lose(connection, ErrorCode.WSAECONNABORTED)

    def send(self, connection: Connection, view: memoryview, operation: Overlapped[int] | None = None) -> bool:
        """Send or queue bytes that the core has accepted. Whether any had to be queued.

        Raises WinsockError when the connection turns out to be broken.
        """
        taken = 0
        if not connection.queue:
            try:
                taken = connection.os_socket.send(view)
            except BlockingIOError:
                pass
            except OSError as broken:
                self.broke(connection, osdep.winsock_number(broken))
                raise WinsockError(connection.failure) from broken
        self.tally.accepted += len(view)
        if taken == len(view):
            return False
        connection.put(view, operation, taken)
        self._watch.update(connection)
        return True

    def broke(self, connection: Connection, error: int) -> None:
        """The connection was lost: so are its unsent bytes."""
        self.recall(connection)
        self.end(connection.member, connection.fail(error))
        self._report_loss(connection)
        connection.wake(EVENT_READ | EVENT_WRITE)
        self._watch.update(connection)

    def end(self, member: Socket, operations: Iterable[Operation]) -> None:
        """Operations ended by themselves; their completion actions follow."""
        for operation in operations:
            self._core.complete(member)
            self._tell(operation)

    def cancel(self, connection: Connection, operation: Operation) -> bool:
        """End an operation with WSA_OPERATION_ABORTED, unless it has ended; whether this is what ended it."""
        if operation.done:
            return False
        self.recall(connection)
        connection.withdraw(operation)
        operation.fail(ErrorCode.WSA_OPERATION_ABORTED)
        self.end(connection.member, [operation])
        self._watch.update(connection)
        return True

    def on_ready(self, connection: Connection, events: int) -> None:
        """The operating system is ready for the socket."""
        if connection.closed:
            return
        self._recalled[connection] = None  # it may be idle again after this
        if connection in self.closing:
            self.advance_close(connection)
            return
        if events & EVENT_WRITE:
            self._flush(connection)
        if events & EVENT_READ:
            self.receive(connection)
            connection.wake(EVENT_READ)
        self._watch.update(connection)

    def receive(self, connection: Connection) -> None:
        """Serve the pending receives."""
        self.end(connection.member, connection.fill_receives())
        self._watch.update(connection)

    def put_back(self, connection: Connection, data: bytes) -> None:
        """Nobody has got what was received: the next receive begins with it."""
        self.recall_receiving(connection)
        connection.put_back = data + connection.put_back
        connection.wake(EVENT_READ)

    def _flush(self, connection: Connection) -> None:
        self._fetch(connection)
        self._lend_sending(connection)  # to the backlog, so that nobody waits for the kernel to take what is queued
        self.end(connection.member, connection.flush())
        if connection.failure:
            self.recall(connection)
            connection.fail(connection.failure)  # what came into the backlog meanwhile goes the same way
            self._report_loss(connection)
            connection.wake(EVENT_READ)
        elif connection.member.shut and not connection.queue:
            connection.end_sending()
        if connection.queued <= LOW_WATER:
            connection.wake(EVENT_WRITE)

    def _report_loss(self, connection: Connection) -> None:
        if self._core.can_peer_resets(connection.member):
            self._core.peer_resets(connection.member)

    def begin_close(self, connection: Connection, deadline: float | None = None) -> None:
        """The core has the socket closing. At `deadline` (monotonic) a timed close turns hard."""
        connection.close_deadline = deadline
        connection.input_ended = not (connection.stream and connection.has_peer())
        connection.pause = FIRST_PAUSE
        self.closing[connection] = None
        self.advance_close(connection)

    def advance_close(self, connection: Connection) -> None:
        """Go on with a close: send what is queued, end the stream, read out input, and finish when all has arrived."""
        before = connection.member.unsent
        connection.flush()
        if not connection.queue and not connection.failure:
            connection.end_sending()
        connection.discard_input()
        if connection.failure:
            self._report_loss(connection)
            self._finish(connection)
            return
        self.settle(connection)
        if not connection.queue and self._has_arrived(connection):
            self._finish(connection)
            return
        deadline = connection.close_deadline
        now = time.monotonic()
        if deadline is not None and now >= deadline:
            self._core.linger_expires(connection.member)
            self.abort(connection)
            return
        progress = connection.member.unsent < before
        connection.pause = FIRST_PAUSE if progress else min(2 * connection.pause, LONGEST_PAUSE)
        self.checks.set(connection, next_check(now, connection))
        self._watch.update(connection)

    def check_close(self, connection: Connection) -> None:
        """Ask the kernel what it still holds; go on with the close only if that has changed, or its time is over."""
        now, deadline = time.monotonic(), connection.close_deadline
        in_time = deadline is None or now < deadline
        if in_time and connection.held and connection.outgoing() == connection.held:
            connection.pause = min(2 * connection.pause, LONGEST_PAUSE)
            self.checks.set(connection, next_check(now, connection))
        else:
            self.advance_close(connection)

    def _has_arrived(self, connection: Connection) -> bool:
        held = connection.held = connection.outgoing()
        if held is not None:
            return held == 0
        if connection.quiet_deadline is None:
            connection.quiet_deadline = time.monotonic() + QUIET_TIME
        return connection.input_ended or time.monotonic() >= connection.quiet_deadline

    def _finish(self, connection: Connection) -> None:
        if connection.member.unsent:  # the kernel counts the end of the stream as a byte, or does not count at all
            self._core.transmit(connection.member, connection.member.unsent)
        self._core.finish_close(connection.member)
        self._watch.forget(connection)
        osdep.close(connection.os_socket)
        self._drop(connection)

    def abort(self, connection: Connection) -> None:
        """The core has retired the socket: reset the connection."""
        connection.fail(connection.failure)
        self._watch.forget(connection)
        osdep.abort(connection.os_socket)
        self.tally.reset += 1
        self._drop(connection)

    def _drop(self, connection: Connection) -> None:
        connection.cancel_waiters()
        if connection in self.connections:
            del self.connections[connection]
            self.tally.drop(connection)
        if connection in self.closing:
            del self.closing[connection]
            self.moved = time.monotonic()
        self.checks.cancel(connection)
        self._changed()

    def follow_core(self, now: float) -> None:
        """The core has ended an epoch: cancel in silence, reset or close what is no longer open."""
        self.moved = now
        for connection in tuple(self.connections):
            member = connection.member
            if member.state is SocketState.OPEN or connection in self.closing:
                continue
            connection.cancel_operations()
            connection.cancel_waiters()
            if member.state is SocketState.ABSENT:
                self.abort(connection)
            else:
                timed = member.linger is Linger.TIMED
                self.begin_close(connection, now + (connection.linger_seconds or 0) if timed else None)
        self._changed()  # also where no socket was left

    def latest_progress(self) -> float:
        """When a peer last took something. The kernel is asked: it does not always tell by itself."""
        for connection in self.closing:
            self.settle(connection)
        return self.moved

    def give_up(self) -> None:
        """The drain took too long. What the kernel holds stays with the kernel; what it would not take is dropped."""
        lost = [connection.queued for connection in self.closing if connection.queued]
        self.given_up = Report(self.given_up.sockets + len(lost), self.given_up.unsent_bytes + sum(lost))
        self.tally.drains_ended_early += bool(lost)
        if self._core.can_drain_bound_expires():
            self._core.drain_bound_expires()
        for connection in tuple(self.closing):
            if connection.queue:
                self._core.finish_close(connection.member)
                self.abort(connection)
            else:
                self._finish(connection)

    def lose(self, connection: Connection, error: int) -> None:
        """Something went wrong with this socket that nobody foresaw: it alone pays for it.

        Nothing is trusted here but the core: an open socket fails with `error` from now on, a closing one is reset.
        """
        lane = connection.sending
        for one in (lane, connection.receiving):
            one.take_back()
        backlog, lane.backlog = lane.backlog, []
        if backlog:
            connection.dropped += sum(map(len, backlog)) - lane.sent
            lane.sent = 0
        connection.lost = True
        ended = connection.fail(error)
        ended_receives = tuple(connection.receives)
        connection.receives.clear()
        for receive in ended_receives:
            receive.fail(error)
        operations: tuple[Operation, ...] = (*ended, *ended_receives)
        for operation in operations:
            if self._core.can_complete(connection.member):
                self._core.complete(connection.member)
            self._tell(operation)
        self._report_loss(connection)
        self._watch.forget(connection)
        if connection.member.state is SocketState.OPEN:
            connection.wake(EVENT_READ | EVENT_WRITE)
            osdep.reset_when_closed(connection.os_socket)
            return
        if self._core.can_finish_close(connection.member):
            self._core.finish_close(connection.member)
        osdep.abort(connection.os_socket)
        self.tally.reset += 1
        self._drop(connection)
