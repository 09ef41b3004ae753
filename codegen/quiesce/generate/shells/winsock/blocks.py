"""Blocks of `with`: a startup that is undone, and sockets that are closed, whenever the block ends.

What ends a block is carried out at most once, so it is asked for again if it was interrupted: nobody has to know how
far it came. If an interrupt strikes where no code of the block or of this file is, it is asked for as soon as nobody
holds the block any more.
"""

import contextlib
from abc import abstractmethod
from collections.abc import Callable
from functools import partial
from types import TracebackType
from typing import Generic, TypeVar

from .core import WinsockProviderCore
from .errors import ErrorCode, WinsockError

T = TypeVar("T")


class EndedBlock(Generic[T]):
    """A block of which nothing is to be undone any more."""

    def __init__(self, what: str, begin: Callable[[], T], end: Callable[[], object]) -> None:
        """`end` undoes what `begin` has done, once, however often it is called, and also where that was interrupted."""
        self._what = what
        self._begin = begin
        self._end = end
        self._begun = False

    def __repr__(self) -> str:
        state = "not begun" if not self._begun else "begun" if isinstance(self, Block) else "ended"
        return f"<block of {self._what}, {state}>"

    def __enter__(self) -> T:
        if self._begun:
            raise RuntimeError("a block begins only once")
        self._begun = True
        try:
            return self._begin()
        except BaseException:
            with contextlib.suppress(WinsockError):
                self._close()
            raise

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._close()

    def _close(self) -> None:
        try:
            self._end()
        except Exception:
            self.__class__ = EndedBlock
            raise
        except BaseException:
            self._end()
            raise
        # An interrupt in a finalizer is lost; so there is none for a block that needs none any more.
        self.__class__ = EndedBlock


class Block(EndedBlock[T]):
    """A beginning and its end, each made once, for a `with` statement."""

    def __del__(self) -> None:
        with contextlib.suppress(AttributeError, WinsockError):  # it was interrupted before it was made
            if self._begun:
                self._end()


class SocketBlocks:
    """The blocks of a provider's sockets."""

    @abstractmethod
    def closesocket(self, s: int) -> None:
        """Close a descriptor."""

    @abstractmethod
    def _open_for(self, family: int, kind: int, proto: int, opened: list[int]) -> int:
        """Open a socket, which `opened` names as soon as it is there."""

    def opened(self, family: int, type: int, proto: int = 0) -> Block[int]:  # noqa: A002 - the documented name
        """A socket for a block, `with provider.opened(AF_INET, SOCK_STREAM) as s:`, which closes it at its end.

        It may be closed before. Raises what `socket` and `closesocket` raise; WSAEWOULDBLOCK leaves it open.
        """
        opened: list[int] = []
        begin = partial(self._open_for, family, type, proto, opened)
        return Block("a socket", begin, partial(self._close_any, opened))

    def closing(self, s: int) -> Block[int]:
        """The same for a descriptor that is there already, such as one of `accept` or `duplicate_socket`."""
        return Block(f"socket {s}", partial(int, s), partial(self._close_any, [s]))

    def _close_any(self, descriptors: list[int]) -> None:
        """Close what is not closed yet: a descriptor is never handed out again, so this may be asked for twice."""
        for s in descriptors:
            try:
                self.closesocket(s)
            except WinsockError as refused:
                if refused.winerror not in (ErrorCode.WSAENOTSOCK, ErrorCode.WSANOTINITIALISED):
                    raise


class Use:
    """One startup that belongs to a block. The owner writes to it."""

    __slots__ = ("held", "life")

    def __init__(self, life: WinsockProviderCore) -> None:
        self.held = False
        self.life = life
        """The core that counted it; after a fork, the child has another one."""
