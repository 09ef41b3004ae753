"""A server that says hello, and that takes its time if it is asked: `/wait/3` is answered after three seconds.

    python hello.py [--port 8080] [--drain 5]

Ctrl-C or SIGTERM ends it: what is under way is answered, for so many seconds, and nothing else is taken.
"""

import argparse
import asyncio
import signal
import sys
from collections.abc import Sequence
from contextlib import suppress

from server import Request, Server


async def hello(request: Request) -> str:
    """What is said to a request."""
    match request.path.split("/"):
        case ["", "wait", seconds]:
            await asyncio.sleep(float(seconds))
            return f"hello after {seconds} s\n"
        case _:
            return "hello\n"


async def serve(port: int, drain_timeout: float) -> None:
    """Serve until somebody asks for the end."""
    server, end = Server(hello, port=port, drain_timeout=drain_timeout), asyncio.Event()
    with suppress(NotImplementedError):  # Windows has no SIGTERM
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, end.set)
    async with server.running():
        print(f"http://127.0.0.1:{server.port}/", flush=True)
        await end.wait()


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the program."""
    parser = argparse.ArgumentParser(description="Say hello over HTTP.")
    parser.add_argument("--port", type=int, default=8080, help="0 for any that is free")
    parser.add_argument("--drain", type=float, default=5.0, help="seconds for what is under way at the end")
    options = parser.parse_args(arguments)
    try:
        asyncio.run(serve(options.port, options.drain))
    except KeyboardInterrupt:
        return 130
    except OSError as error:
        print(f"hello: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
