"""Counts the words of files in Redis, from many threads over few connections: `python words.py FILE… --size 4`."""

import argparse
import re
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from redis_pool import Address, RedisError, RedisPool

KEY = "words"


def counted(pool: RedisPool, file: Path) -> None:
    """Add the words of one file to the counts that the server keeps."""
    words = Counter(re.findall(r"\w+", file.read_text(encoding="utf-8").lower()))
    with pool.connection() as c:
        for word, times in words.items():
            pool.ask(c, "ZINCRBY", KEY, times, word)


def most_frequent(pool: RedisPool, number: int) -> list[tuple[str, int]]:
    """The words that were counted most often, over all files and runs."""
    with pool.connection() as c:
        found = pool.ask(c, "ZREVRANGE", KEY, 0, number - 1, "WITHSCORES")
    texts = [str(each) for each in found] if isinstance(found, list) else []
    return [(word, int(float(score))) for word, score in zip(texts[::2], texts[1::2], strict=True)]


def address(text: str) -> Address:
    """`host:port`, or the path of a Unix socket."""
    host, colon, port = text.rpartition(":")
    return (host, int(port)) if colon and port.isdigit() else text


def main(arguments: list[str] | None = None) -> int:
    """Count what the command line asks for."""
    parser = argparse.ArgumentParser(description="Count words in Redis.")
    parser.add_argument("files", type=Path, nargs="+")
    parser.add_argument("--server", type=address, default="127.0.0.1:6379", help="host:port, or the path of a socket")
    parser.add_argument("--password")
    parser.add_argument("--size", type=int, default=4, help="the most connections that are open at once")
    options = parser.parse_args(arguments)
    pool = RedisPool(options.server, password=options.password)
    try:
        with pool.running(options.size), ThreadPoolExecutor(16) as threads:
            list(threads.map(lambda file: counted(pool, file), options.files))
            for word, times in most_frequent(pool, 10):
                print(f"{times:7} {word}")
    except (OSError, RedisError, ValueError) as error:
        print(f"words: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
