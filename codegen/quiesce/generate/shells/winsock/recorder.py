"""A record of every step of the proved core, as JSON lines, to be held against the model: `quiesce replay`.

A line is written in one piece before the caller of the step has an answer, so the file ends with the last step, even
if the process does not end well. Only a startup that is refused in any state, by the thread of its caller, is written
with what the owner has to write next; one that is refused in the same way meanwhile is the same line.
"""

import contextlib
import functools
import inspect
import json
import os
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import fields
from enum import Enum
from typing import Any, Final

from .core import Blocked, OpenSockets, Refused, Socket, StartupWhileDraining, WinsockProviderCore

VERSION: Final = 2
"""The version of the format, which the first line of each life of a provider tells."""


class Recorder:
    """One file, or none. The owner alone writes: two threads would mix up their lines, and neither may wait."""

    def __init__(self, path: str | os.PathLike[str] | None) -> None:
        """OSError if the file cannot be written. What it holds already stays. None records nothing."""
        self._path = None if path is None else os.path.abspath(path)
        self._life = ""
        """The name of the life that is written down, in each of its lines."""
        self._refusals: dict[str, None] = {}
        """Lines of other threads than the owner's, which can be in any order; there are few that differ."""
        self._lines: deque[str] = deque()
        self._handle: int | None = None
        self._failure: OSError | None = None
        self._told = False
        if self._path is not None:
            os.close(_opened(self._path))

    def core(self, open_sockets: OpenSockets, startup_while_draining: StartupWhileDraining) -> WinsockProviderCore:
        """A core whose steps are written down; with it, a provider begins a new life."""
        if self._path is None:
            return WinsockProviderCore(open_sockets, startup_while_draining)
        self._life = os.urandom(8).hex()
        core = RecordedCore(open_sockets, startup_while_draining, self._add)
        policies = {"OPEN_SOCKETS": open_sockets.name, "STARTUP_WHILE_DRAINING": startup_while_draining.name}
        self._add({"record": VERSION, "policies": policies, "machine": _machine(core)})
        self._write()  # nobody else has the core yet
        return core

    def open(self) -> None:
        """The owner begins, and will write."""
        self.forsake()  # what an owner may have left who did not come to a good end
        if self._path is not None:
            with contextlib.suppress(OSError):  # the first line that cannot be written tells
                self._handle = _opened(self._path)

    def flush(self) -> OSError | None:
        """Write what was added; why that is not possible, once. Then nothing more is written."""
        if self._lines or self._refusals:
            self._write()
        if self._failure is None or self._told:
            return None
        self._told = True
        return self._failure

    def _write(self) -> None:
        text = []
        while self._refusals:
            text.append(self._refusals.popitem()[0])
        while self._lines:
            text.append(self._lines.popleft())
        if self._failure is not None or self._path is None:
            return
        try:
            handle = _opened(self._path) if self._handle is None else self._handle
            try:
                data = "".join(text).encode()
                while data:
                    data = data[os.write(handle, data) :]
            finally:
                if handle != self._handle:
                    os.close(handle)
        except OSError as failure:
            self._failure = failure

    def close(self) -> None:
        """The owner ends, and leaves nothing unwritten."""
        self.flush()
        self.forsake()

    def forsake(self) -> None:
        """Give the handle back, without writing: a forked parent does that itself."""
        handle, self._handle = self._handle, None
        if handle is not None:
            os.close(handle)

    def _add(self, line: Mapping[str, object]) -> None:
        text = json.dumps({"life": self._life, **line}) + "\n"
        if line.get("call") == "WSPStartup" and "refused" in line:
            self._refusals[text] = None
        else:
            self._lines.append(text)


def _opened(path: str) -> int:
    """A handle that writes behind what the file holds; where that ends with half a line, behind that line."""
    flags = os.O_RDWR | os.O_APPEND | os.O_CREAT | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    handle = os.open(path, flags, 0o666)
    try:
        size = os.fstat(handle).st_size
        if size and os.lseek(handle, size - 1, os.SEEK_SET) >= 0 and os.read(handle, 1) != b"\n":
            os.write(handle, b"\n")
    except BaseException:
        os.close(handle)
        raise
    return handle


Note = Callable[[Mapping[str, object]], None]


class RecordedCore(WinsockProviderCore):
    """The proved core; each of its steps is noted when it has happened, with its arguments and its answer."""

    __slots__ = ("_note", "_numbers")

    def __init__(self, open_sockets: OpenSockets, startup_while_draining: StartupWhileDraining, note: Note) -> None:
        super().__init__(open_sockets, startup_while_draining)
        self._note = note
        self._numbers: dict[Socket, int] = {}

    def note(self, step: Mapping[str, str], given: Mapping[str, object], answer: Mapping[str, object]) -> None:
        """One more step: what was `given` to it, how it was answered, and what it left behind if it changed anything.

        A refusal that does not depend on the state may be noted by any thread, so it tells nothing of the state.
        """
        sockets = [value for value in given.values() if isinstance(value, Socket)]
        for one in sockets:
            if one in self.sockets:  # they are counted as they are opened
                self._numbers.setdefault(one, len(self._numbers))
        shown = {name: self._value(value) for name, value in given.items()}
        line: dict[str, object] = {**step, "given": shown, **answer}
        if not answer or "answer" in answer:
            line["machine"] = _machine(self)
            line["members"] = {str(self._numbers[one]): _member(one) for one in sockets if one in self._numbers}
        self._note(line)

    def _value(self, value: object) -> object:
        """An argument as JSON: a socket as its number, or as null if it was never opened."""
        return self._numbers.get(value) if isinstance(value, Socket) else _scalar(value)


def _recorded(name: str, method: Callable[..., Any]) -> Callable[..., Any]:
    """A method that takes a step, and notes it. What raises for another reason than the model's has not happened."""
    names = tuple(inspect.signature(method).parameters)[1:]
    is_call = name.startswith("wsp_")
    step = {"call": "WSP" + "".join(map(str.capitalize, name.split("_")[1:]))} if is_call else {"step": name}

    @functools.wraps(method)
    def recorded(taker: RecordedCore, *args: object, **kwargs: object) -> Any:
        given = {**dict(zip(names, args, strict=False)), **kwargs}
        try:
            answer = method(taker, *args, **kwargs)
        except Refused as refused:
            taker.note(step, given, {"refused": refused.error})
            raise
        except Blocked:
            taker.note(step, given, {"waits": True})
            raise
        taker.note(step, given, {"answer": answer} if is_call else {})
        return answer

    return recorded


for _name, _method in vars(WinsockProviderCore).items():
    if not _name.startswith(("_", "can_", "due_")) and inspect.isfunction(_method):
        setattr(RecordedCore, _name, _recorded(_name, _method))


def _machine(core: WinsockProviderCore) -> dict[str, object]:
    return {name: _scalar(getattr(core, name)) for name in ("phase", "refs", "lowest", "epoch")}


def _member(one: Socket) -> dict[str, object]:
    return {part.name: _scalar(getattr(one, part.name)) for part in fields(one)}


def _scalar(value: object) -> object:
    return value.name if isinstance(value, Enum) else value
