"""A worker process of `run_all`, and the messages between it and its parent."""

import os
import signal
import sys
import threading
import traceback
from collections.abc import Callable
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection
from multiprocessing.reduction import ForkingPickler
from queue import SimpleQueue
from typing import Any, Generic, TypeVar

Item = TypeVar("Item")
Outcome = TypeVar("Outcome")


@dataclass(frozen=True, slots=True)
class Done(Generic[Outcome]):
    """The function returned."""

    value: Outcome


@dataclass(frozen=True, slots=True)
class Crashed:
    """The function raised, its process died, or something could not be sent. `trace` is Python's, if there is one."""

    reason: str
    trace: str = ""


def attempt(function: Callable[[Item], Outcome], item: Item) -> Done[Outcome] | Crashed:
    """Call a function, and catch whatever it raises except Ctrl-C."""
    try:
        return Done(function(item))
    except (Exception, SystemExit) as error:
        return Crashed("".join(traceback.format_exception_only(error)).strip(), traceback.format_exc())


def packed(result: Done[Any] | Crashed) -> bytes:
    """A result, function or item as bytes, or else the reason why it cannot be sent."""
    sendable = attempt(ForkingPickler.dumps, result)
    if isinstance(sendable, Crashed):
        reason = f"cannot be sent between processes: {sendable.reason}"
        sendable = Done(ForkingPickler.dumps(replace(sendable, reason=reason)))
    return bytes(sendable.value)


def unpacked(message: bytes) -> Done[Any] | Crashed:
    """The value that `packed` was given, or the reason why it could not be sent or cannot be understood here."""
    loaded: Done[Done[Any] | Crashed] | Crashed = attempt(ForkingPickler.loads, message)
    return loaded.value if isinstance(loaded, Done) else loaded


def serve(pipe: Connection, function: bytes, digits: int) -> None:
    """Say that this process is ready, then answer each item with a result, for as long as there is a parent.

    Numbers may have so many `digits` here as in the parent.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    sys.set_int_max_str_digits(digits)
    with open(os.devnull, "wb") as nowhere:
        os.dup2(nowhere.fileno(), 1)
        os.dup2(nowhere.fileno(), 2)
    messages: SimpleQueue[bytes] = SimpleQueue()
    threading.Thread(target=_read, args=(pipe, messages), daemon=True).start()
    known = unpacked(function)
    pipe.send_bytes(b"ready")
    while True:
        pipe.send_bytes(packed(_answer(known, unpacked(messages.get()))))


def _answer(function: Done[Any] | Crashed, item: Done[Any] | Crashed) -> Done[Any] | Crashed:
    if isinstance(function, Crashed):
        return function
    return item if isinstance(item, Crashed) else attempt(function.value, item.value)


def _read(pipe: Connection, messages: "SimpleQueue[bytes]") -> None:
    """Take in what the parent sends; without a parent, end the process, whatever else it is doing."""
    try:
        while True:
            messages.put(pipe.recv_bytes())
    except (EOFError, OSError):
        os._exit(1)
