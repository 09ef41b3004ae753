"""KeyboardInterrupt at a moment that is chosen, and signals at moments that are not.

QUIESCE_INTERRUPTS=1 asks for every moment of a call, QUIESCE_SIGNALS for so many real signals.
"""

import contextlib
import dis
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from types import FrameType
from typing import Any

from winsock_provider import WinsockError

EVERY = bool(os.environ.get("QUIESCE_INTERRUPTS"))
SIGNALS = int(os.environ.get("QUIESCE_SIGNALS", "20"))
LONGEST = 60.0  # seconds that no interrupt takes
STRIDE = 1 if EVERY else 5
"""Of the moments inside a call, every so many are tried."""
ENGINE = os.sep + "winsock_"
"""The folders of the provider and of its layers begin like that."""


def called_by_collector(frame: FrameType) -> bool:
    """Whether nobody is there to whom an interrupt could be raised."""
    return frame.f_code.co_filename.endswith("process.py") or frame.f_code.co_name == "__del__"


class Interrupting:
    """Raises KeyboardInterrupt at the n-th call or return inside the engine on this thread."""

    def __init__(self, moment: int, keeps_result: bool = False) -> None:
        """With `keeps_result` not at the very return of the call, where every Python function loses its value."""
        self.left = moment
        self.raised = False
        self.keeps_result = keeps_result

    def trace(self, frame: FrameType, event: str, _argument: object) -> Any:
        file = frame.f_code.co_filename
        if called_by_collector(frame) or (ENGINE not in file and "threading" not in file):
            return None
        ends = event == "return" and frame.f_code.co_name in ("call", "recv")
        if event in ("call", "return") and not self.raised and not (self.keeps_result and ends):
            self.left -= 1
            if self.left < 0:
                self.raised = True
                raise KeyboardInterrupt
        return self.trace

    def run(self, call: Callable[[], object]) -> None:
        """Make `call`, interrupted if it has as many moments."""
        before = sys.gettrace()
        try:
            sys.settrace(self.trace)
            call()
        except KeyboardInterrupt:
            pass
        except WinsockError:
            if not self.raised:
                raise
        finally:
            sys.settrace(before)


LOOKS_FOR_SIGNALS = ("CALL", "JUMP_BACKWARD", "POP_JUMP_BACKWARD", "RESUME")


class Striking(Interrupting):
    """Raises KeyboardInterrupt at the n-th place inside the engine where CPython itself looks for signals.

    That is behind each call, and at each jump back, of every function.
    """

    def trace(self, frame: FrameType, event: str, _argument: object) -> Any:
        if called_by_collector(frame) or ENGINE not in frame.f_code.co_filename:
            return None
        frame.f_trace_opcodes, frame.f_trace_lines = True, False
        if event == "call":
            before: list[str] = []
            return lambda inner, kind, _: self.step(inner, kind, before)
        return None

    def step(self, frame: FrameType, event: str, before: list[str]) -> Any:
        """One more instruction of a function."""
        if event == "opcode":
            looks = before and before[-1].startswith(LOOKS_FOR_SIGNALS)
            before[:] = [dis.opname[frame.f_code.co_code[frame.f_lasti]]]
            if looks and not self.raised:
                self.left -= 1
                if self.left < 0:
                    self.raised = True
                    raise KeyboardInterrupt
        return lambda inner, kind, _: self.step(inner, kind, before)


def until_interrupted() -> Iterator[None]:
    """Go on until something is raised; an interrupt that gets lost is told of, and not waited for."""
    end = time.monotonic() + LONGEST
    while time.monotonic() < end:
        yield
    raise AssertionError("the interrupt did not come")


def interrupted(number: int, _frame: FrameType | None) -> None:
    """A handler like that of Ctrl-C."""
    raise KeyboardInterrupt(number)


if sys.platform != "win32":

    @contextlib.contextmanager
    def handling(number: int, handler: Callable[[int, FrameType | None], object]) -> Iterator[None]:
        before = signal.signal(number, handler)
        try:
            yield
        finally:
            signal.signal(number, before)

    def soon(number: int, after: float) -> None:
        def kill() -> None:
            time.sleep(after)
            os.kill(os.getpid(), number)

        threading.Thread(target=kill, daemon=True).start()
