"""The record of a provider: what really happened is accepted by the model, and what did not is refused at its line."""

import contextlib
import copy
import errno
import json
import os
import sys
import threading
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

import pytest
from quiesce.replay.reading import NotARecord, read_lines
from quiesce.replay.replaying import Deviates, Replayed, replay
from quiesce.spec.model import Machine
from quiesce.spec.reader import read_file
from winsock_provider import (
    AF_INET,
    FIONBIO,
    SD_SEND,
    SO_LINGER,
    SOCK_STREAM,
    SOL_SOCKET,
    Phase,
    WinsockError,
    WinsockProvider,
)

from tests.provider.interrupting import Interrupting
from tests.provider.test_cleanup import fill

if TYPE_CHECKING:
    from tests.provider.conftest import World

SPEC = Path(__file__).parents[2] / "model/winsock.py"


@pytest.fixture(scope="module")
def machine() -> Machine:
    return read_file(SPEC, PurePosixPath("model/winsock.py"))


def replayed(machine: Machine, path: Path) -> Replayed:
    with path.open("rb") as lines:
        return replay(machine, read_lines(machine, lines))


def lines_of(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def refuse(provider: WinsockProvider, s: int) -> None:
    for call in (
        lambda: provider.send(s, b"dead"),
        lambda: provider.closesocket(999),
        lambda: provider.startup((0, 0)),
    ):
        with pytest.raises(WinsockError):
            call()


def work(world: "World", provider: WinsockProvider) -> None:
    """Something of everything that the core has steps for."""
    refuse(provider, 1)
    for _ in range(3):
        provider.startup((2, 2))
    provider.cleanup()
    s, peer = world.meet(provider)
    provider.send(s, b"hello")
    peer.recv(5)
    provider.recv_overlapped(s, 5)
    peer.sendall(b"12345")
    t = provider.duplicate_socket(s)
    provider.closesocket(s)
    provider.shutdown(t, SD_SEND)
    with pytest.raises(WinsockError, match="WSAESHUTDOWN"):
        provider.send_overlapped(t, b"late")
    timed, idle = world.meet(provider)
    fill(provider, timed)
    provider.setsockopt(timed, SOL_SOCKET, SO_LINGER, (1, 10))
    provider.ioctl(timed, FIONBIO, True)
    with pytest.raises(WinsockError, match="WSAEWOULDBLOCK"):
        provider.closesocket(timed)
    hard, _ = world.meet(provider)
    provider.setsockopt(hard, SOL_SOCKET, SO_LINGER, (1, 0))
    provider.closesocket(hard)
    refuse(provider, hard)
    provider.socket(AF_INET, SOCK_STREAM)
    idle.close()
    provider.cleanup()
    provider.cleanup()
    refuse(provider, t)
    provider.startup((2, 2))
    fill(provider, world.meet(provider)[0])
    provider.cleanup()


@pytest.fixture(scope="module")
def record(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    from tests.provider.conftest import World  # noqa: PLC0415 - the module is a plugin first

    world = World()
    path = tmp_path_factory.mktemp("record") / "run.jsonl"
    work(world, WinsockProvider(record=path, drain_timeout=0.05))
    yield path
    world.close()


def test_what_happened_is_accepted(machine: Machine, record: Path) -> None:
    found = replayed(machine, record)
    assert found.lives == 1
    lines = lines_of(record)
    assert found.steps == len(lines) - 1 > 40
    told = {line.get("call") or line.get("step") for line in lines}
    assert told >= {*machine.calls, "initialised", "transmit", "finish_close", "drain_bound_expires", "release"}
    refusals = {line["refused"] for line in lines if "refused" in line}
    assert refusals == {"WSAVERNOTSUPPORTED", "WSAENOTSOCK", "WSAESHUTDOWN", "WSAEWOULDBLOCK"}


def refused_at(machine: Machine, path: Path) -> int | None:
    """The line at which a record is refused."""
    try:
        replayed(machine, path)
    except (Deviates, NotARecord) as refused:
        return refused.line
    return None


def forged(value: object) -> object:
    match value:
        case bool():
            return not value
        case int():
            return value + 1
        case "OPEN":
            return "CLOSING"
        case "RUNNING":
            return "DRAINING"
        case str():
            phases = dict.fromkeys(("UNLOADED", "DRAINING", "STARTING"), "RUNNING")
            return {**phases, "GRACEFUL": "HARD"}.get(value, "OPEN")
    raise AssertionError(value)


def forgeries(line: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The line with one value changed, for each value of which nothing else could have come."""
    for key in ("answer", "refused"):
        if key in line:
            yield {**line, key: "another"}
    for key in ("call", "step"):
        if key in line:
            yield {**line, key: "another"}
    for name, value in line.get("machine", {}).items():
        yield {**line, "machine": {**line["machine"], name: forged(value)}}
    for number, member in line.get("members", {}).items():
        for name, value in member.items():
            other = copy.deepcopy(line)
            other["members"][number][name] = forged(value)
            yield other
    if "n" in line.get("given", {}) and "machine" in line:
        yield {**line, "given": {**line["given"], "n": line["given"]["n"] + 1}}
    if "refused" in line:
        yield {**{key: value for key, value in line.items() if key != "refused"}, "waits": True}


def test_a_forged_line_is_refused_at_that_line(machine: Machine, record: Path, tmp_path: Path) -> None:
    text = record.read_bytes().splitlines(keepends=True)
    tried = 0
    last = {}  # the last line of each kind; others are like it
    for number, line in enumerate(text, 1):
        content = json.loads(line)
        last[content.get("call") or content.get("step"), content.get("answer") or content.get("refused")] = number
    for number in {1, *last.values()}:
        for forgery in list(forgeries(json.loads(text[number - 1])))[number % 4 :: 4]:  # no more time than needed
            tried += 1
            path = tmp_path / "forged.jsonl"
            path.write_bytes(b"".join((*text[: number - 1], json.dumps(forgery).encode() + b"\n")))
            assert refused_at(machine, path) == number, forgery
    assert tried > 50


def test_lines_that_are_missing_or_come_twice_are_noticed(machine: Machine, record: Path, tmp_path: Path) -> None:
    text = record.read_bytes().splitlines(keepends=True)
    changing = ("open_socket", "duplicate", "initialised", "last_cleanup")
    numbers = [number for number, line in enumerate(text) if any(f'"{one}"'.encode() in line for one in changing)]
    assert len(numbers) >= 8
    path = tmp_path / "forged.jsonl"
    for number in numbers:
        for other in (text[:number] + text[number + 1 :], [*text[:number], text[number], *text[number:]]):
            path.write_bytes(b"".join(other))
            with pytest.raises(Deviates) as refused:
                replayed(machine, path)
            assert refused.value.line > number


@pytest.mark.parametrize("policy", ["wait", "take_over"])
@pytest.mark.parametrize("open_sockets", ["drain", "reset"])
def test_the_record_of_many_threads_is_accepted(
    world: "World", machine: Machine, tmp_path: Path, policy: Any, open_sockets: Any
) -> None:
    path = tmp_path / "run.jsonl"
    provider = WinsockProvider(
        open_sockets=open_sockets, startup_while_draining=policy, record=path, drain_timeout=world.patience
    )

    def user() -> None:
        for _ in range(10):
            provider.startup((2, 2))
            s = provider.socket(AF_INET, SOCK_STREAM)
            provider.connect(s, world.address)
            provider.send(s, b"x" * 1000)
            with pytest.raises(WinsockError):
                provider.startup((0, 0))
            provider.cleanup()

    users = [world.in_thread(user) for _ in range(3)]
    for _ in range(30):
        world.accept().close()
    for one in users:
        one.result(world.patience)
    assert provider.snapshot().phase is Phase.UNLOADED
    assert replayed(machine, path).steps > 50


def test_lives_follow_each_other_in_one_file_and_half_a_line_spoils_no_other(machine: Machine, tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    for _ in range(2):
        provider = WinsockProvider(record=path)
        provider.startup((2, 2))
        provider.cleanup()
    assert replayed(machine, path) == Replayed(lives=2, steps=8)
    whole = path.read_bytes()
    path.write_bytes(whole[:-10])  # a process was killed
    WinsockProvider(record=path)
    assert len(path.read_bytes().splitlines()) == 11
    with pytest.raises(NotARecord, match="no JSON") as broken:
        replayed(machine, path)
    assert broken.value.line == 10


@pytest.mark.parametrize(
    ("text", "line", "why"),
    [
        (b"", 1, "is empty"),
        (b"{}\n", 1, "begins with a line that has the key `record`"),
        (b"[1]\n", 1, "no JSON object"),
        (b"\xff\n", 1, "no JSON"),
        (b'{"record": 1, "policies": {}, "machine": {}}\n', 1, "version 1"),
        (b'{"record": 2, "policies": {}, "machine": {}}\n', 1, "policies: these are not the values OPEN_SOCKETS"),
        (b'{"record": 1}\n', 1, "has the keys record, and not machine, policies, record"),
        (b"HEADER" + b'{"call": "WSPSend"', 2, "cut off"),
        (b"HEADER" + b'{"call": "WSPSing", "given": {}}\n', 2, "WinsockProvider has no call 'WSPSing'"),
        (b"HEADER" + b'{"step": "send", "given": {}}\n', 2, "no action 'send' that is no call"),
        (b"HEADER" + b'{"call": "WSPCleanup", "given": {"x": 1}, "waits": true}\n', 2, "is given nothing, and not x"),
        (b"HEADER" + b'{"call": "WSPSend", "given": {"s": -1, "n": 1}, "waits": true}\n', 2, "s: -1 is no number"),
        (b"HEADER" + b'{"call": "WSPSend", "given": {"s": 0, "n": -1}, "waits": true}\n', 2, "n: -1 is no value"),
        (b"HEADER" + b'{"call": "WSPSend", "given": [], "waits": true}\n', 2, "`given` is no JSON object"),
        (b"HEADER" + b"{}\n", 2, "none of the keys"),
        (b"HEADER" + b"[" * 100_000 + b"\n", 2, "no JSON"),
    ],
)
def test_what_is_no_record_is_told_with_its_line(
    machine: Machine, record: Path, tmp_path: Path, text: bytes, line: int, why: str
) -> None:
    path = tmp_path / "broken.jsonl"
    path.write_bytes(text.replace(b"HEADER", record.read_bytes().splitlines(keepends=True)[0]))
    with pytest.raises(NotARecord) as broken:
        replayed(machine, path)
    assert broken.value.line == line
    assert why in str(broken.value)


def test_two_providers_of_one_record_are_told_apart_whatever_they_do(machine: Machine, tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    one = WinsockProvider(record=path)
    other = WinsockProvider(record=path)
    for provider in (other, one):
        provider.startup((2, 2))
        provider.cleanup()
    with pytest.raises(NotARecord, match="the line is of another life than those before it") as refused:
        replayed(machine, path)
    assert refused.value.line == 7
    assert len({line["life"] for line in lines_of(path)}) == 2


def test_startups_that_are_refused_wait_for_the_next_step_without_taking_more_and_more_room(
    machine: Machine, tmp_path: Path
) -> None:
    """One that is refused as another was is written once, since nothing has happened in between."""
    path = tmp_path / "run.jsonl"
    provider = WinsockProvider(record=path)
    for _ in range(1000):
        for arguments in (((0, 0),), ((2, 2), None)):
            with pytest.raises(WinsockError):
                provider.startup(*arguments)
    provider.startup((2, 2))
    provider.cleanup()
    told = [line.get("refused") or line.get("answer") or line.get("step") for line in lines_of(path)[1:]]
    assert {*told[:2]} == {"WSAEFAULT", "WSAVERNOTSUPPORTED"}
    assert told[2:] == ["first_startup", "initialised", "last_cleanup", "release"]
    assert replayed(machine, path).steps == 6


def test_a_value_of_any_depth_is_told_with_its_line(machine: Machine, record: Path) -> None:
    start = record.read_bytes().splitlines(keepends=True)[0]
    for depth in range(700, 1000):  # at some depth it can still be read, and not be written once more
        line = b'{"life": "x", "record": %s, "policies": {}, "machine": {}}\n' % (b"[" * depth + b"]" * depth)
        with pytest.raises(NotARecord):
            replay(machine, read_lines(machine, [line]))
        given = b'"s": null, "n": %s' % (b"[" * depth + b"]" * depth)
        with pytest.raises(NotARecord):
            replay(
                machine, read_lines(machine, [start, b'{"call": "WSPSend", "given": {%s}, "waits": true}\n' % given])
            )


def test_a_record_that_cannot_be_written_is_refused_when_the_provider_is_made(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "none" / "run.jsonl"):
        with pytest.raises(OSError, match=r"none|Is a directory|Permission denied"):
            WinsockProvider(record=path)


def test_a_disk_that_is_full_ends_the_record_and_nothing_else(
    world: "World", machine: Machine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    path, write = tmp_path / "run.jsonl", os.write
    written: list[bytes] = []

    def full(handle: int, data: bytes) -> int:
        if len(written) > 3:
            raise OSError(errno.ENOSPC, "no space left")
        written.append(data)
        return write(handle, data)

    monkeypatch.setattr("winsock_provider.recorder.os.write", full)
    provider = WinsockProvider(record=path)
    provider.startup((2, 2))
    s, peer = world.meet(provider)
    for _ in range(10):
        provider.closesocket(provider.socket(AF_INET, SOCK_STREAM))
    provider.send(s, b"hello")
    assert peer.recv(5) == b"hello"
    provider.cleanup()
    assert caplog.text.count("the record of the core ends here") == 1
    assert "no space left" in caplog.text
    assert replayed(machine, path).steps > 0


def test_the_owner_alone_writes_so_that_no_two_threads_mix_up_their_lines(
    machine: Machine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, write = tmp_path / "run.jsonl", os.write
    provider = WinsockProvider(record=path)
    writers: list[str] = []

    def noted(handle: int, data: bytes) -> int:
        writers.append(threading.current_thread().name)
        return write(handle, data)

    monkeypatch.setattr("winsock_provider.recorder.os.write", noted)
    for _ in range(3):
        refuse(provider, 1)
        provider.startup((2, 2))
        refuse(provider, 1)
        provider.cleanup()
    assert set(writers) == {"winsock-provider-io"}
    assert replayed(machine, path).steps >= 3 * 7


if sys.platform != "win32":

    def test_a_forked_child_leaves_the_record_to_its_parent(machine: Machine, tmp_path: Path) -> None:
        path = tmp_path / "run.jsonl"
        provider = WinsockProvider(record=path)
        provider.startup((2, 2))
        provider.socket(AF_INET, SOCK_STREAM)
        child = os.fork()
        if child == 0:
            try:
                provider.startup((1, 1))
                provider.socket(AF_INET, SOCK_STREAM)
                provider.cleanup()
            finally:
                os._exit(0)
        os.waitpid(child, 0)
        provider.socket(AF_INET, SOCK_STREAM)
        provider.cleanup()
        assert replayed(machine, path).lives == 1
        assert json.loads(path.read_bytes().splitlines()[-1])["step"] == "release"


def test_an_interrupt_of_a_call_that_is_refused_at_once_spoils_no_line(machine: Machine, tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    provider = WinsockProvider(record=path)
    provider.startup((2, 2))
    moment, raised = 0, True
    while raised:
        interrupting = Interrupting(moment)
        with contextlib.suppress(WinsockError):
            interrupting.run(lambda: provider.startup((0, 0)))
        raised = interrupting.raised
        moment += 1
    provider.cleanup()
    with contextlib.suppress(WinsockError):
        provider.startup((0, 0))
    assert moment > 5
    assert replayed(machine, path).steps == 5, "of the refusals only one is told"
