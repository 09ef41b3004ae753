"""What workers are made to do in `test_workers`; a module of its own, so that a fresh Python can import it."""

import ctypes
import hashlib
import os
import signal
import socket
import sys
import threading
from collections.abc import Callable
from functools import partial
from multiprocessing.connection import Connection
from typing import NoReturn


def double(number: int) -> int:
    return 2 * number


def process(_: object) -> int:
    return os.getpid()


def echo(item: object) -> object:
    return item


def refuse(number: int) -> int:
    if number == 1:
        raise ValueError("not this one")
    return number


def leave(number: int) -> int:
    if number == 1:
        sys.exit("enough")
    return number


def hang() -> NoReturn:
    while True:
        threading.Event().wait()


def stop() -> None:
    """What Ctrl-Z does to a process, or a debugger."""
    os.kill(os.getpid(), signal.SIGSTOP)


def stop_within_the_answer() -> None:
    """Stop when half of the answer is sent."""

    def half(self: Connection, buffer: bytes, *_: object) -> None:
        os.write(self.fileno(), buffer[: len(buffer) // 2])
        stop()

    Connection._send = half  # type: ignore[attr-defined]


def stop_within_the_next_item() -> None:
    """Stop when the length of the next item is read, and nothing else of it."""

    def nothing(*_: object) -> NoReturn:
        stop()
        sys.exit()

    Connection._recv = nothing  # type: ignore[attr-defined]


def hang_in_native_code() -> NoReturn:
    while True:
        hashlib.pbkdf2_hmac("sha256", b"long", b"work", 2**31 - 1)


def exit_at_once() -> None:
    os._exit(3)


def kill() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def segfault() -> None:
    ctypes.string_at(0)


def hang_up() -> None:
    """Close every file but the standard ones, the pipe to the parent among them."""
    os.closerange(3, 1024)
    hang()


FAULTS: dict[str, Callable[[], None]] = {
    "exits": exit_at_once,
    "is killed": kill,
    "breaks": segfault,
    "hangs up": hang_up,
    "hangs": hang,
    "hangs in native code": hang_in_native_code,
    "stops": stop,
    "stops within the answer": stop_within_the_answer,
    "stops within the next item": stop_within_the_next_item,
}


def suffer(item: str) -> str:
    """The item itself, unless it names a fault."""
    if item in FAULTS:
        FAULTS[item]()
    return item


def report_and_suffer(port: int, item: str) -> str:
    """Like `suffer`, after telling whoever listens. A connection ends with the process at the latest."""
    with socket.create_connection(("127.0.0.1", port)) as home:
        home.sendall(b"here")
        if item == "waits for a word":
            home.recv(100)
        return suffer(item)


def unsendable_result(number: int) -> object:
    return (lambda: number) if number == 1 else number


class Fragile:
    """Can be sent, but not received."""

    def __reduce__(self) -> tuple[Callable[[str], object], tuple[str]]:
        return partial(refuse_text, "broken on arrival"), ()  # type: ignore[return-value]


def refuse_text(text: str) -> NoReturn:
    raise ValueError(text)


def fragile_result(number: int) -> object:
    return Fragile() if number == 1 else number


def make_noise(number: int) -> int:
    print("noise on stdout")
    print("noise on stderr", file=sys.stderr)
    os.write(1, b"noise on 1\n")
    os.write(2, b"noise on 2\n")
    return number


def attitude_to_interrupts(_: object) -> tuple[bool, bool]:
    """Whether Ctrl-C is ignored, and whether it was blocked from birth."""
    blocked = signal.pthread_sigmask(signal.SIG_BLOCK, [])
    return signal.getsignal(signal.SIGINT) is signal.SIG_IGN, signal.SIGINT in blocked
