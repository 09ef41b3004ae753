"""What is under way is answered when the server stops, for so long and no longer."""

import asyncio
import signal
import subprocess
import sys
from collections.abc import Callable, Coroutine, Iterator
from pathlib import Path
from typing import Any

import pytest
import server
from server import Request, Server
from serving_lifecycle import NotStarted, Phase, Started


class Slow:
    """Answers that take as long as a test wants."""

    def __init__(self) -> None:
        self.asked = asyncio.Event()
        self.go_on = asyncio.Event()

    async def __call__(self, request: Request) -> str:
        self.asked.set()
        if request.path == "/slow":
            await self.go_on.wait()
        if request.path == "/bad":
            raise ValueError
        return f"{request.method} {request.path}"


async def ask(port: int, path: str = "/", text: bytes | None = None) -> tuple[int, str]:
    """The status and the text that a server answers."""
    return await told(*await sent(port, path, text))


async def sent(
    port: int, path: str = "/", text: bytes | None = None
) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """The connection on which a request was sent."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(text if text is not None else f"GET {path} HTTP/1.1\r\nHost: here\r\n\r\n".encode())
    await writer.drain()
    return reader, writer


async def told(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> tuple[int, str]:
    """The status and the text that come back."""
    try:
        head, _, body = (await reader.read()).partition(b"\r\n\r\n")
        return int(head.split()[1]), body.decode()
    finally:
        writer.close()


def run(main: Callable[[Slow], Coroutine[Any, Any, None]]) -> None:
    async def within_seconds() -> None:
        async with asyncio.timeout(20):
            await main(Slow())

    asyncio.run(within_seconds())


def test_requests_are_answered() -> None:
    async def main(slow: Slow) -> None:
        one = Server(slow)
        async with one.running():
            answers = await asyncio.gather(*(ask(one.port, f"/{number}") for number in range(20)))
            assert answers == [(200, f"GET /{number}") for number in range(20)]
            assert await ask(one.port, "/bad") == (500, "ValueError\n")
            for text in (b"\r\n\r\n", b"GET\r\n\r\n", b"GET nowhere HTTP/1.1\r\n\r\n", b"GET / HTTP/9\r\n\r\n"):
                assert await ask(one.port, text=text) == (400, "this is no request\n")
            assert await ask(one.port, text=b"x" * 2 * server.LONGEST_HEAD) == (400, "the request is too long\n")

    run(main)


def test_what_is_under_way_is_answered_before_the_end() -> None:
    async def main(slow: Slow) -> None:
        one = Server(slow)
        await one.start()
        under_way = asyncio.create_task(ask(one.port, "/slow"))
        await slow.asked.wait()
        stopping = asyncio.create_task(one.stop())
        await one.wait_for(lambda now: now.phase is Phase.DRAINING)
        assert await ask(one.port) == (503, "closing\n")
        with pytest.raises(NotStarted):
            await one.stop()
        slow.go_on.set()
        assert await under_way == (200, "GET /slow")
        await stopping
        with pytest.raises(OSError):  # noqa: PT011 -- each system says it in its way
            await ask(one.port)

    run(main)


def test_what_takes_too_long_is_cut_off() -> None:
    async def main(slow: Slow) -> None:
        one = Server(slow, drain_timeout=0.05)
        async with one.running():
            under_way = asyncio.create_task(ask(one.port, "/slow"))
            await slow.asked.wait()
        assert one.snapshot().phase is Phase.DOWN
        assert await under_way == (503, "cut off\n")

    run(main)


def test_a_client_that_is_gone_holds_nobody_up() -> None:
    async def main(slow: Slow) -> None:
        one = Server(slow)
        async with one.running():
            under_way = asyncio.create_task(ask(one.port, "/slow"))
            await slow.asked.wait()
            under_way.cancel()
            slow.go_on.set()

    run(main)


def test_a_port_that_cannot_be_had_is_told_and_the_next_start_works() -> None:
    async def main(slow: Slow) -> None:
        one = Server(slow)
        async with one.running():
            other = Server(slow, port=one.port)
            with pytest.raises(OSError):  # noqa: PT011 -- each system says it in its way
                await other.start()
            assert other.snapshot().phase is Phase.DOWN
            with pytest.raises(Started):
                await one.start()
        other.port = 0
        for _ in range(3):
            async with other.running():
                assert await ask(other.port) == (200, "GET /")

    run(main)


def test_a_cancelled_program_finishes_its_requests() -> None:
    async def main(slow: Slow) -> None:
        one = Server(slow)

        async def serve() -> None:
            async with one.running():
                await asyncio.Event().wait()

        serving = asyncio.create_task(serve())
        await one.wait_for(lambda now: now.phase is Phase.SERVING)
        under_way = asyncio.create_task(ask(one.port, "/slow"))
        await slow.asked.wait()
        serving.cancel()
        await one.wait_for(lambda now: now.phase is Phase.DRAINING)
        serving.cancel()
        slow.go_on.set()
        assert await under_way == (200, "GET /slow")
        await asyncio.wait((serving,))
        assert serving.cancelled()
        assert one.snapshot().phase is Phase.DOWN

    run(main)


@pytest.fixture
def interruptible() -> Iterator[None]:
    """What a shell starts in the background ignores SIGINT, and so would each program that it starts itself."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("interruptible")
@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGTERM")
@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 0), (signal.SIGINT, 130)])
def test_a_signal_ends_the_program_when_all_is_answered(number: int, code: int) -> None:
    command = [sys.executable, "hello.py", "--port", "0", "--drain", "20"]
    folder = Path(__file__).parent
    with subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, text=True) as program:
        assert program.stdout is not None
        port = int(program.stdout.readline().rstrip("/\n").rpartition(":")[2])

        async def main() -> tuple[int, str]:
            under_way = await sent(port, "/wait/0.2")
            await ask(port)  # what came later is answered, so the first is under way
            program.send_signal(number)
            return await told(*under_way)

        try:
            assert asyncio.run(main()) == (200, "hello after 0.2 s\n")
            assert program.wait(20) == code
        finally:
            program.kill()  # one that did not end would be waited for
