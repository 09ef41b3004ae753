"""A device for the tasks of one loop, as one would write it without a generator: what the shell is compared with."""

import asyncio
import math
from collections.abc import Callable
from enum import Enum, auto


class Phase(Enum):
    """Where the device stands."""

    DOWN = auto()
    OPENING = auto()
    UP = auto()
    CLOSING = auto()


class NotStarted(RuntimeError):
    """One stop too many."""


class HandDevice:
    """The same rules: one loop, nobody is told too early, cancelled waits change nothing, a closing is not cut off."""

    def __init__(self, observe: Callable[[int, str, Phase, int], object] | None = None) -> None:
        self.phase = Phase.DOWN
        self.refs = 0
        self._observe = observe
        self._steps = 0
        self._loop: asyncio.AbstractEventLoop | None = None
        self._sleepers: dict[asyncio.Future[None], None] = {}

    async def open(self) -> None:
        """The work."""

    async def close(self) -> None:
        """The work."""

    async def start(self, *, timeout: float | None = None) -> str:
        """One more user."""
        self._here()
        deadline = None if timeout is None else self._deadline(timeout)
        while self.phase is Phase.OPENING or self.phase is Phase.CLOSING:
            await self._sleep(deadline)
        if self.phase is Phase.UP:
            self.refs += 1
            self._stepped("further_start")
            return "further_start"
        self.phase = Phase.OPENING
        self._stepped("first_start")
        try:
            await self.open()
        except BaseException:
            self.phase = Phase.DOWN
            self._stepped("open_failed")
            raise
        self.phase = Phase.UP
        self.refs = 1
        self._stepped("opened")
        return "first_start"

    async def stop(self, *, timeout: float | None = None) -> str:
        """One user less."""
        self._here()
        if timeout is not None:
            self._deadline(timeout)
        if self.refs == 0:
            raise NotStarted
        if self.refs > 1:
            self.refs -= 1
            self._stepped("nested_stop")
            return "nested_stop"
        self.refs = 0
        self.phase = Phase.CLOSING
        self._stepped("last_stop")
        closing = asyncio.create_task(self._close())
        cancelled = None
        while not closing.done():
            try:
                await asyncio.wait((closing,))
            except asyncio.CancelledError as error:
                cancelled = cancelled or error
        if cancelled is not None:
            raise cancelled
        closing.result()
        return "last_stop"

    def using(self) -> "HandSession":
        """An `async with` block between the two."""
        return HandSession(self)

    async def _close(self) -> None:
        try:
            await self.close()
        finally:
            self.phase = Phase.DOWN
            self._stepped("closed")

    def _here(self) -> None:
        loop = asyncio.get_running_loop()
        if loop is not self._loop:
            if self._loop is not None and not (self._loop.is_closed() and self.phase is Phase.DOWN):
                raise RuntimeError("it is used in another event loop")
            self._loop = loop

    def _deadline(self, timeout: float) -> float:
        if isinstance(timeout, bool) or not isinstance(timeout, int | float):
            raise TypeError("timeout must be a number of seconds")
        if not timeout >= 0:
            raise ValueError("timeout must be a number of seconds from 0")
        return asyncio.get_running_loop().time() + timeout

    async def _sleep(self, deadline: float | None) -> None:
        loop = asyncio.get_running_loop()
        if deadline is not None and loop.time() >= deadline:
            raise TimeoutError
        change: asyncio.Future[None] = loop.create_future()
        alarm = None if deadline in (None, math.inf) else loop.call_at(deadline, self._ring, change)
        self._sleepers[change] = None
        try:
            await change
        finally:
            self._sleepers.pop(change, None)
            if alarm is not None:
                alarm.cancel()

    def _stepped(self, action: str) -> None:
        self._steps += 1
        if self._sleepers:
            for change in tuple(self._sleepers):
                self._ring(change)
            self._sleepers.clear()
        if self._observe is not None:
            self._observe(self._steps, action, self.phase, self.refs)

    @staticmethod
    def _ring(change: "asyncio.Future[None]") -> None:
        if not change.done():
            change.set_result(None)


class HandSession:
    """The time between a start and its stop."""

    def __init__(self, device: HandDevice) -> None:
        self._device = device

    async def __aenter__(self) -> None:
        await self._device.start()

    async def __aexit__(self, *_: object) -> None:
        ending = asyncio.ensure_future(self._device.stop()) if self._device.refs == 1 else None
        if ending is None:
            await self._device.stop()
            return
        cancelled = None
        while not ending.done():
            try:
                await asyncio.wait((ending,))
            except asyncio.CancelledError as error:
                cancelled = cancelled or error
        if cancelled is not None:
            raise cancelled
        ending.result()
