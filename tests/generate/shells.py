"""Packages with a shell, imported for tests; and people who call them from other threads."""

import importlib
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from quiesce.generate.package import package_folder, python_of, render_folder

from tests.generate.conftest import load_machine

PATIENCE = 20.0
"""Seconds after which somebody who has to come counts as hanging."""


def imported(name: str, folder: Path) -> Any:
    """The package of a spec of this name, which stands in `folder`, as nobody else has imported it."""
    package, machine = f"{name}_shell", load_machine(name)
    for path, text in render_folder(machine, package_folder(package), python_of(machine, "threads")).items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(text.encode())
    sys.path.insert(0, str(folder))
    try:
        return importlib.import_module(package)
    finally:
        sys.path.remove(str(folder))


def forget(name: str) -> None:
    """Let the next import of such a package read it anew."""
    for module in [each for each in sys.modules if each.partition(".")[0] == f"{name}_shell"]:
        del sys.modules[module]


class Caller:
    """Somebody who makes one call in a thread of his own."""

    def __init__(self, call: Callable[[], object]) -> None:
        self.answer: object = None
        self.error: BaseException | None = None
        self._call = call
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        try:
            self.answer = self._call()
        except BaseException as error:  # the test asks for it
            self.error = error

    @property
    def waits(self) -> bool:
        """Whether the call has not come back."""
        return self._thread.is_alive()

    def result(self) -> object:
        """What the call has given, once it has come back; or the error that it has raised."""
        self._thread.join(PATIENCE)
        if self._thread.is_alive():
            raise AssertionError("the call has not come back")
        if self.error is not None:
            raise self.error
        return self.answer


def until_somebody_waits(lifecycle: Any) -> None:
    """Return when one thread sleeps until the state changes."""
    end = time.monotonic() + PATIENCE
    while not lifecycle._life.listeners:
        if time.monotonic() > end:
            raise AssertionError("nobody waits")
        time.sleep(0.0005)


class Gate:
    """Work that goes on when it is told to."""

    def __init__(self) -> None:
        self.entered = threading.Event()
        self.opened = threading.Event()

    def __call__(self) -> None:
        self.entered.set()
        if not self.opened.wait(PATIENCE):
            raise AssertionError("the gate has not been opened")
