"""Layers over a lower provider that lies, or raises what it should not, and at the end of an interpreter."""

import os
import subprocess
import sys
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from winsock_layered_provider import LayeredWinsockProvider, ProtocolInfo
from winsock_provider import AF_INET, SOCK_STREAM, Phase, WinsockError

from tests.provider.lower import MadeUp, chain

if TYPE_CHECKING:
    from tests.provider.conftest import World

STARTS = pytest.mark.parametrize("eager", [True, False], ids=["eager", "lazy"])


class Raising:
    """Each attribute of it fails."""

    def __init__(self, failure: BaseException) -> None:
        self._failure = failure

    def __getattr__(self, name: str) -> object:
        raise self._failure


@pytest.mark.parametrize(
    "answer",
    [
        Raising(RuntimeError()),
        Raising(SystemExit()),
        SimpleNamespace(version=(-1, 0), high_version=(-1, 0)),
        SimpleNamespace(version=(0, 0), high_version=(2, 2)),
        SimpleNamespace(version=(10**400, 0), high_version=None),
    ],
    ids=["raises", "raises SystemExit", "negative", "none", "too great"],
)
@STARTS
def test_a_startup_whose_answer_is_nonsense_has_succeeded(world: "World", answer: Any, eager: bool) -> None:
    class Lying(MadeUp):
        def startup(self, *arguments: Any, **options: Any) -> Any:
            super().startup(*arguments, **options)
            return answer

    lower = Lying()
    layer = LayeredWinsockProvider(lower, eager=eager)

    def use() -> None:
        layer.startup((2, 2))
        layer.closesocket(layer.socket(AF_INET, SOCK_STREAM))
        layer.cleanup()

    world.in_thread(use).result(world.patience)
    assert (lower.starts, lower.held) == (1, 0)


@pytest.mark.parametrize("where", ["procedure_table", "lower"])
@pytest.mark.parametrize("failure", [RuntimeError(), SystemExit(), KeyboardInterrupt(), GeneratorExit()], ids=repr)
@STARTS
def test_whatever_a_property_of_the_lower_provider_raises_ends_the_start(
    world: "World", where: str, failure: BaseException, eager: bool
) -> None:
    def fail(_lower: object) -> object:
        raise failure

    lower = type("Failing", (MadeUp,), {where: property(fail)})()
    layer = LayeredWinsockProvider(lower, eager=eager)
    info = ProtocolInfo("chain", (ProtocolInfo("layer"), ProtocolInfo("base")))

    def use() -> BaseException | None:
        try:
            layer.startup((2, 2), protocol_info=info)
            layer.socket(AF_INET, SOCK_STREAM)
        except BaseException as raised:
            return raised
        return None

    raised = world.in_thread(use).result(world.patience)
    assert raised is failure if not isinstance(failure, Exception) else isinstance(raised, WinsockError)
    if not eager:
        world.in_thread(layer.cleanup).result(world.patience)
    assert (lower.held, layer.snapshot().phase) == (0, Phase.UNLOADED)


@pytest.mark.parametrize("last", ["cleanup()", "startup((2, 2))", "socket(AF_INET, SOCK_STREAM)"])
def test_a_finalizer_at_the_end_of_the_interpreter_does_not_wait_for_threads_that_are_no_more(
    world: "World", last: str
) -> None:
    program = (
        "from winsock_provider import *\n"
        "class Late:\n"
        "    def __del__(self, calls=(AF_INET, SOCK_STREAM), failed=WinsockError, tell=print):\n"
        "        AF_INET, SOCK_STREAM = calls\n"
        "        try:\n"
        f"            self.top.{last}\n"
        "        except failed as failure:\n"
        "            tell(failure.winerror)\n"
        "late = Late()\n"
        f"late.top = LayeredWinsockProvider(WinsockProvider(), eager={not last.startswith('socket')})\n"
        f"{'' if last.startswith('startup') else 'late.top.startup((2, 2))'}\n"
    )
    ended = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", program],
        capture_output=True,
        text=True,
        timeout=world.patience,
        check=False,
    )
    assert (ended.returncode, ended.stdout) == (0, "10050\n")


if hasattr(os, "fork") and sys.platform != "win32":

    def test_a_forked_child_does_not_take_its_threads_for_those_that_waited_in_the_parent() -> None:
        top = chain(2)[-1]
        top._layer.waiting["a thread of the parent"] = 1
        child = os.fork()
        if child == 0:
            os._exit(len(top._layer.waiting))
        assert os.waitpid(child, 0)[1] == 0
        assert top._layer.waiting
