"""Blocks of `with`: a startup that is undone, and sockets that are closed, whenever the block ends.

What ends a block is carried out at most once, so it is asked for again if it was interrupted: nobody has to know how
far it came. If an interrupt strikes where no code of the block or of this file is, it is asked for as soon as nobody
holds the block any more.
"""

import contextlib
from collections.abc import Callable
from types import TracebackType
from typing import Generic, TypeVar

from .core import WinsockProviderCore
from .errors import WinsockError

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


class Use:
    """One startup that belongs to a block. The owner writes to it."""

    __slots__ = ("held", "life")

    def __init__(self, life: WinsockProviderCore) -> None:
        self.held = False
        self.life = life
        """The core that counted it; after a fork, the child has another one."""
