"""Calls that a caller carries out alone, in one step, while the owner lends it the right to.

Between the deletion of `free` and its setting nothing is called and nothing jumps back; `permit` says why. Whatever
does not fit into such a step is left to the owner, which the same call of the base class asks.
"""

from functools import partial
from itertools import starmap
from typing import Final

from . import osdep
from .calling import spi
from .connection import LARGEST, Connection
from .desk import Upcalls
from .errors import ErrorCode, WinsockError
from .permit import Steady
from .request import Plan, Remainder
from .stats import Report
from .transfer import Buffers, Transfer
from .version import Version, WSPData

_NOTHING_LOST: Final = Report()
"""The report of a cleanup that was not the last."""
PIECES: Final = 1 << 10
"""Pieces of a backlog after which the owner is asked to fetch it, since small ones take less memory there."""
SMALL: Final = 1 << 16
"""Bytes up to which a buffer that may change is copied, so that a caller can send it."""
NO_FLAGS: Final = 0
"""The usual flags of a receive; small numbers are one object each."""


class Direct(Transfer):
    """Calls that seldom need the owner."""

    def startup(
        self, version: Version, data: object = ..., upcalls: Upcalls | None = None, protocol_info: object = None
    ) -> WSPData:
        """Count one more user; the first one initialises the provider.

        WSAVERNOTSUPPORTED if every supported version is above `version`, WSAEFAULT if `data` is None, the hook's own
        error or WSASYSNOTREADY if the initialisation fails. Each success must be matched by one `cleanup`.
        """
        nesting = self._owner.desk.nesting
        known = nesting.known
        only_counts = data is not None and upcalls is None and protocol_info is None
        if nesting.wanted or known is None or not only_counts or not _same(version, known[0]):
            return super().startup(version, data, upcalls, protocol_info)
        if self._failing:
            self.remember_error(0)
        try:
            del nesting.free
        except AttributeError:
            return super().startup(version, data, upcalls, protocol_info)
        if nesting.known is known:
            nesting.count += 1
            nesting.startups += 1
            nesting.free = True
            return known[1]
        nesting.free = True  # another startup was faster and had more to say
        return super().startup(version, data, upcalls, protocol_info)

    def cleanup(self) -> Report:
        """Undo one startup. The last cleanup returns once everything was sent and given back, or taken over.

        The answer tells what had to be given up. WSANOTINITIALISED if there is nothing to undo; WSAEINPROGRESS if the
        last cleanup is called by a completion routine or a hook, since it would have to wait for that code.
        """
        nesting = self._owner.desk.nesting
        if nesting.wanted or not nesting.count:
            return super().cleanup()
        if self._failing:
            self.remember_error(0)
        try:
            del nesting.free
        except AttributeError:
            return super().cleanup()
        if nesting.count:
            nesting.count -= 1
            nesting.free = True
            return _NOTHING_LOST
        nesting.free = True
        return super().cleanup()

    def send(self, s: int, data: Buffers) -> int:
        """Take all of `data` for sending, which may be a list of buffers; the number of its bytes.

        A stream whose queue is full waits for room, or refuses with WSAEWOULDBLOCK if it is non-blocking.
        """
        connection = self._owner.desk.descriptors.get(s) if type(s) is int else None
        steady = data if type(data) is bytes else _steady(data)
        if connection is None or steady is None or connection.sending.wanted:
            return super().send(s, data)
        lane, size, piece = connection.sending, len(steady), (steady,)
        if self._failing:
            self.remember_error(0)
        try:
            del lane.free
        except AttributeError:
            return super().send(s, data)
        if lane.posting:
            if lane.room <= 0:
                lane.free = True
                return super().send(s, data)
            lane.backlog += piece
            lane.room -= size
            lane.count += size
            lane.free = True
            if len(lane.backlog) == PIECES:
                self._owner.post(Remainder(connection))
            return size
        offered = lane.offered
        offered[0] = steady
        try:
            for sent in lane.attempts:  # noqa: B007 - one step, which is looked at below
                break
        except BlockingIOError:
            sent = 0
        except OSError as failure:
            offered[0] = b""
            lane.free = True
            self._broke(s, failure)
            raise
        except BaseException:
            offered[0] = b""
            lane.free = True
            raise
        offered[0] = b""
        lane.count += size
        if sent == size:
            lane.free = True
            return size
        lane.backlog += piece
        lane.sent = sent
        lane.room -= size - sent
        lane.posting = True
        lane.free = True
        try:
            self._owner.post(Remainder(connection))
        except BaseException:
            self._owner.post(Remainder(connection))  # the call was interrupted, and its bytes go out all the same
            raise
        return size

    def recv(self, s: int, size: int, flags: int = 0) -> bytes:
        """At most `size` bytes; none at all means that the peer has ended the stream."""
        desk = self._owner.desk
        connection = desk.descriptors.get(s) if type(s) is int else None
        if connection is None:
            return super().recv(s, size, flags)
        lane = connection.receiving
        most, attempts = lane.attempts
        if size is not most or flags is not NO_FLAGS:  # else all was looked at when it was asked for the first time
            if type(size) is not int or not 0 < size <= LARGEST or type(flags) is not int or flags:
                return super().recv(s, size, flags)
            most, attempts = lane.attempts_of(size)
        if self._failing:
            self.remember_error(0)
        while not lane.wanted:
            try:
                del lane.free
            except AttributeError:
                break
            try:
                for data in attempts:  # noqa: B007 - one step, which is looked at below
                    break
            except BlockingIOError:
                lane.free = True
            except OSError as failure:
                lane.free = True
                self._broke(s, failure)
                raise
            except MemoryError:
                lane.free = True
                break
            except BaseException:
                lane.free = True
                raise
            else:
                lane.free = True
                try:
                    length = len(data)
                except BaseException:  # an interrupt after the call, which would lose what nobody has yet
                    self._owner.ask(Plan(now=partial(self._put_back, connection, data), gives_back=True))
                    raise
                if length:
                    desk.tally.received_alone += length
                    return data
                break  # the end of the stream, or of the connection: the owner knows
            if not self._wait_alone(connection):
                break
        (data,) = starmap(super().recv, ((s, size, flags),))  # after which nobody looks for signals
        return data

    def _wait_alone(self, connection: Connection) -> bool:
        """Sleep until there may be something to receive; False if the owner has to be asked how to wait."""
        if not connection.member.blocking:
            raise self._failed(ErrorCode.WSAEWOULDBLOCK)
        owner, lane = self._owner, connection.receiving
        if owner.must_not_wait():
            return False
        bells = owner.desk.bells
        try:
            bell = bells.borrow()
        except OSError:
            return False  # no bell is to be had
        try:
            lane.sleepers[bell] = None
            # Whether it is wanted is looked at after the entry: else nobody would ring.
            if not lane.wanted and bell.ear.wait(connection.os_socket):
                bell.hush()
        finally:
            lane.sleepers.pop(bell, None)
        bells.bring_back(bell)  # unless the wait was interrupted
        if lane.cancelled:
            raise self._failed(ErrorCode.WSAEINTR)
        return True

    def _put_back(self, connection: Connection, data: bytes) -> None:
        connection.received += len(data)  # which its caller did not come to count
        self._traffic.put_back(connection, data)

    def _failed(self, error: ErrorCode) -> WinsockError:
        self.remember_error(int(error))
        return WinsockError(error)

    @spi
    def _broke(self, s: int, failure: OSError) -> Plan[None]:
        """Tell the owner of a failure that the operating system tells only once; it is raised in any case."""
        return Plan(now=partial(self._fail, s, failure))

    def _fail(self, s: int, failure: OSError) -> None:
        self._traffic.broke(self._connection(s), osdep.winsock_number(failure))
        raise failure


def _same(version: object, known: Version) -> bool:
    """Whether the version is the known one, also in its types."""
    return version is known or (version == known and isinstance(version, tuple) and {*map(type, version)} == {int})


def _steady(data: Buffers) -> Steady | None:
    """The bytes of `data` as they are now; None if that is more than a caller should copy, or they are none."""
    try:
        if isinstance(data, list | tuple):
            return b"".join(data) if sum(map(len, data)) <= SMALL else None
        view = memoryview(data).cast("B")  # type: ignore[arg-type] # other sequences are no buffers
    except (TypeError, ValueError, BufferError):
        return None
    if isinstance(view.obj, bytes):
        return view
    return bytes(view) if len(view) <= SMALL else None
