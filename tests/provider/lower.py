"""Lower providers for tests of layers: one that is made up, and real ones that write down who calls them."""

import contextlib
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from winsock_layered_provider import LayeredWinsockProvider
from winsock_provider import WinsockError, WinsockProvider, WSPData
from winsock_provider.procedure_table import SLOTS

DEPTHS = pytest.mark.parametrize("depth", [1, 2, 3])
STARTS = pytest.mark.parametrize("eager", [True, False], ids=["eager", "lazy"])


def _answer(*_arguments: object) -> None:
    """A procedure that does nothing."""


class MadeUp:
    """A lower provider that counts, and fails as it is told."""

    def __init__(self) -> None:
        self.starts = 0
        self.ends = 0
        self.given: list[tuple[object, object, object]] = []
        self.fails: list[BaseException] = []
        """Failures of the next startups."""
        self.cleanup_fails: BaseException | None = None
        self.in_cleanup: Callable[[], object] = _answer
        self.in_startup: Callable[[], object] = _answer
        self.highest = (2, 2)
        self.last_socket = 100
        self.open: set[int] = set()
        self.log: list[str] = []
        self.slots: dict[str, Any] = dict.fromkeys(SLOTS, _answer)
        self.slots |= {"WSPSocket": self._socket, "WSPCloseSocket": self._close}

    @property
    def procedure_table(self) -> Any:
        return self.slots

    @property
    def held(self) -> int:
        """Startups that nobody has undone."""
        return self.starts - self.ends

    def startup(self, version: tuple[int, int], *, upcalls: object, protocol_info: object) -> WSPData:
        self.in_startup()
        self.given.append((version, upcalls, protocol_info))
        if self.fails:
            raise self.fails.pop(0)
        self.log.append("startup")
        self.starts += 1
        return WSPData(min(version, self.highest), self.highest)

    def cleanup(self) -> None:
        assert not self.open, "the layer's sockets are closed first"
        assert self.held > 0, "nobody has started it"
        self.in_cleanup()
        self.log.append("cleanup")
        self.ends += 1
        if self.cleanup_fails is not None:
            raise self.cleanup_fails

    def _socket(self, *_arguments: object) -> int:
        assert self.held > 0, "it is used only between a startup and its cleanup"
        self.last_socket += 1
        self.open.add(self.last_socket)
        return self.last_socket

    def _close(self, s: int) -> None:
        if s not in self.open:
            raise WinsockError(10038)
        self.log.append("close")
        self.open.remove(s)


class NotedBase(WinsockProvider):
    """A base provider that notes its startups, cleanups and closes."""

    def __init__(self, log: list[str], name: str = "base") -> None:
        super().__init__(drain_timeout=20)
        self.log = log
        self.name = name

    def startup(self, *arguments: Any, **named: Any) -> WSPData:
        answer = super().startup(*arguments, **named)
        self.log.append(f"{self.name} started")
        return answer

    def cleanup(self) -> Any:
        answer = super().cleanup()
        self.log.append(f"{self.name} cleaned up")
        return answer

    def closesocket(self, s: int) -> None:
        super().closesocket(s)
        self.log.append(f"{self.name} socket closed")


class NotedLayer(LayeredWinsockProvider):
    """A layer that does the same."""

    def __init__(self, lower: Any, eager: bool, log: list[str], name: str) -> None:
        super().__init__(lower, eager)
        self.log = log
        self.name = name

    def startup(self, *arguments: Any, **named: Any) -> WSPData:
        answer = super().startup(*arguments, **named)
        self.log.append(f"{self.name} started")
        return answer

    def cleanup(self) -> Any:
        answer = super().cleanup()
        self.log.append(f"{self.name} cleaned up")
        return answer

    def closesocket(self, s: int) -> None:
        super().closesocket(s)
        self.log.append(f"{self.name} socket closed")


def chain(depth: int, eager: bool = True) -> list[Any]:
    """A base provider and so many layers over it, the highest one last."""
    providers: list[Any] = [WinsockProvider(drain_timeout=20)]
    for _ in range(depth):
        providers.append(LayeredWinsockProvider(providers[-1], eager))
    return providers


@contextlib.contextmanager
def refused(number: int) -> Iterator[None]:
    """The block raises a WinsockError of this number."""
    try:
        yield
    except WinsockError as failure:
        assert failure.winerror == number, failure  # noqa: PT017 - this is the check
    else:
        raise AssertionError(f"nothing was raised, {number} was expected")


def released(provider: Any) -> bool:
    """Whether nothing of the provider is left."""
    return bool(provider.snapshot().phase.name == "UNLOADED")
