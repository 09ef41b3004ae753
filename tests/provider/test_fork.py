"""Counts belong to a process: a forked child begins anew. Where there is no fork there is nothing to test."""

import os
import signal
import sys
from typing import TYPE_CHECKING

from winsock_provider import Phase, WinsockError, WinsockProvider

if TYPE_CHECKING:
    from tests.provider.conftest import World

CHILD_FAILED = 1

if sys.platform != "win32":
    from tests.provider.interrupting import handling

    def test_after_a_fork_the_child_is_unloaded_and_the_parent_goes_on(
        world: "World", provider: WinsockProvider
    ) -> None:
        s, peer = world.meet(provider)
        provider.startup((2, 2))
        handles = world.open_handles()
        child = os.fork()
        if child == 0:
            code = CHILD_FAILED
            try:
                code = 0 if is_unloaded_and_can_start(provider, s, world, handles) else CHILD_FAILED
            finally:
                os._exit(code)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
        assert (provider.snapshot().phase, provider.snapshot().refs) == (Phase.RUNNING, 2)
        provider.send(s, b"still here")
        assert peer.recv(100) == b"still here"
        world.agree(provider)
        provider.cleanup()
        provider.cleanup()
        assert peer.recv(1) == b""

    def is_unloaded_and_can_start(provider: WinsockProvider, s: int, world: "World", handles: int) -> bool:
        unloaded = provider.snapshot()
        given_back = handles - world.open_handles()  # the socket, the selector and both ends of the wake-up
        try:
            provider.cleanup()
        except WinsockError as refused:
            number = refused.winerror
        provider.startup((2, 2))
        try:
            provider.send(s, b"from the child")
        except WinsockError as refused:
            dead = refused.winerror
        t, peer = world.meet(provider)
        provider.send(t, b"hello")
        heard = peer.recv(10)
        provider.cleanup()
        return (unloaded.phase, unloaded.refs, given_back, number, dead, heard) == (
            Phase.UNLOADED,
            0,
            4 if handles else 0,
            10093,
            10038,
            b"hello",
        )

    def test_fork_while_other_threads_use_the_provider(world: "World") -> None:
        provider = WinsockProvider()
        stop: list[None] = []

        def use() -> None:
            while not stop:
                provider.startup((2, 2))
                provider.cleanup()

        users = [world.in_thread(use) for _ in range(2)]
        for _ in range(10):
            child = os.fork()
            if child == 0:
                code = CHILD_FAILED
                try:
                    provider.startup((2, 2))
                    provider.cleanup()
                    code = 0 if provider.snapshot().phase is Phase.UNLOADED else CHILD_FAILED
                finally:
                    os._exit(code)
            assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
        stop.append(None)
        for user in users:
            user.result(world.patience)

    def test_a_child_gives_back_the_bells_of_those_who_wait_in_the_parent(
        world: "World", provider: WinsockProvider
    ) -> None:
        s, peer = world.meet(provider)
        waiting = world.in_thread(lambda: provider.recv(s, 5))
        world.wait_for_blocked(provider)
        handles = world.open_handles()
        child = os.fork()
        if child == 0:
            os._exit(handles - world.open_handles())
        given_back = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        assert given_back == (6 if handles else 0)  # the socket, the selector, and both ends of the two bells
        peer.sendall(b"hello")
        assert waiting.result(world.patience) == b"hello"

    def test_a_handler_may_fork_in_a_call_that_waits(world: "World", provider: WinsockProvider) -> None:
        s, peer = world.meet(provider)
        children: list[int] = []

        def interrupt() -> None:
            world.wait_for_blocked(provider)
            os.kill(os.getpid(), signal.SIGUSR1)
            world.wait_until(lambda: bool(children))
            peer.sendall(b"hello")

        with handling(signal.SIGUSR1, lambda *_: children.append(os.fork())):
            interrupting = world.in_thread(interrupt)
            try:
                heard = provider.recv(s, 5)
            except WinsockError as dead:
                os._exit(0 if children == [0] and dead.winerror == 10093 else CHILD_FAILED)
            except BaseException:
                os._exit(CHILD_FAILED)
        if children == [0]:
            os._exit(CHILD_FAILED)
        interrupting.result(world.patience)
        assert heard == b"hello"
        assert os.waitstatus_to_exitcode(os.waitpid(children[0], 0)[1]) == 0
