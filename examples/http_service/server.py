"""An HTTP server that ends as people hope: what is under way is answered, for so long and no longer."""

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import suppress
from dataclasses import dataclass

from serving_lifecycle import NotServing, ServiceLifecycle

LONGEST_HEAD = 16_384
"""Bytes of a request before its body."""

PATIENCE = 30.0
"""Seconds that a client may take to send a request, and to take the answer."""


@dataclass(frozen=True, slots=True)
class Request:
    """The first line of a request."""

    method: str
    path: str


Answer = Callable[[Request], Coroutine[None, None, str]]
"""What is said to a request, as plain text."""


class BadRequest(Exception):
    """What a client has sent is no request that is understood here."""


class Server(ServiceLifecycle):
    """A server of one port. Each connection brings one request.

    When it stops, further requests are refused with 503 until those that are under way have ended; these are cut off
    after `drain_timeout` seconds. So the last stop takes that long at most, and what a client takes to read an answer.
    """

    def __init__(self, answer: Answer, *, port: int = 0, drain_timeout: float | None = None) -> None:
        """`port` is a number, or 0 for any that is free."""
        super().__init__(drain_timeout=drain_timeout)
        self.port = port
        self._answer = answer
        self._answering: set[asyncio.Task[str]] = set()
        self._server: asyncio.Server | None = None

    # --- the work that the lifecycle asks for -------------------------------------------------------------------

    async def listen(self) -> None:
        """Open the port."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port, limit=LONGEST_HEAD)
        self.port = self._server.sockets[0].getsockname()[1]

    async def cut_off(self) -> None:
        """Have what is under way end."""
        for task in self._answering:
            task.cancel()

    async def close(self) -> None:
        """Give the port back."""
        if self._server is not None:
            self._server.close()

    # --- requests -----------------------------------------------------------------------------------------------

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection."""
        try:
            with suppress(TimeoutError, ConnectionError):  # the client is slow, or gone
                await self._converse(reader, writer)
                writer.close()
        finally:
            if not writer.is_closing():
                writer.transport.abort()

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            request = await _request_from(reader)
            async with self.answering():
                await _reply(writer, *await self._answer_to(request))
        except NotServing:
            await _reply(writer, "503 Service Unavailable", "closing\n")
        except BadRequest as error:
            await _reply(writer, "400 Bad Request", f"{error}\n")

    async def _answer_to(self, request: Request) -> tuple[str, str]:
        """The status and the text of an answer, which is made in a task of its own, so that it can be cut off."""
        task = asyncio.create_task(self._answer(request))
        self._answering.add(task)
        try:
            await asyncio.wait((task,))
            if task.cancelled():
                return "503 Service Unavailable", "cut off\n"
            if (error := task.exception()) is not None:
                return "500 Internal Server Error", f"{type(error).__name__}\n"
            return "200 OK", task.result()
        finally:
            self._answering.discard(task)
            task.cancel()


async def _request_from(reader: asyncio.StreamReader) -> Request:
    try:
        async with asyncio.timeout(PATIENCE):
            head = await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError as error:
        raise ConnectionResetError("the client is gone") from error
    except asyncio.LimitOverrunError as error:
        raise BadRequest("the request is too long") from error
    match head.partition(b"\r\n")[0].decode("latin-1").split(" "):
        case [method, path, "HTTP/1.0" | "HTTP/1.1"] if method and path.startswith("/"):
            return Request(method, path)
        case _:
            raise BadRequest("this is no request")


async def _reply(writer: asyncio.StreamWriter, status: str, text: str) -> None:
    body = text.encode()
    head = (
        f"HTTP/1.1 {status}",
        "Content-Type: text/plain; charset=utf-8",
        f"Content-Length: {len(body)}",
        "Connection: close",
    )
    writer.write("\r\n".join((*head, "", "")).encode() + body)
    async with asyncio.timeout(PATIENCE):
        await writer.drain()
