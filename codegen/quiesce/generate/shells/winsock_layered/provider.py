"""The layered provider as its clients see it."""

import weakref
from collections.abc import Callable, Iterable, Mapping
from functools import cached_property, partial
from types import MappingProxyType
from typing import Final

from winsock_provider import ErrorCode, Phase, Report, Snapshot, Stats, WinsockError, WinsockProvider, WSPData
from winsock_provider.blocks import Block
from winsock_provider.procedure_table import procedure_table
from winsock_provider.timers import deadline_of
from winsock_provider.version import Version

from . import process
from .calls import Calls
from .core import Below, LowerStart, SocketState
from .layer import Layer
from .lower import Lower
from .states import Attempt, Endpoint, Given, State, Upcalls
from .stats import stats_of

VERSIONS: Final = ((1, 0), (1, 1), (2, 0), (2, 1), (2, 2))


class LayeredWinsockProvider(Calls):
    """A provider that stands on a lower one, which may be layered itself.

    It has the same calls as the base provider. Calls on sockets go down through the procedure table of the lower one,
    in the thread of their caller. Startups and cleanups are counted here, and the lower provider is started and cleaned
    up once in each epoch. Every refusal is a `WinsockError`.
    """

    def __init__(self, lower: Lower, eager: bool = True, versions: Iterable[Version] = VERSIONS) -> None:
        """`eager` starts the lower provider in the first startup, and otherwise the first socket does.

        ValueError for versions that are none, TypeError for a lower provider that cannot be started.
        """
        super().__init__()
        given = tuple(versions)
        if not given or not all(map(_is_version, given)):
            raise ValueError(f"versions must be pairs of bytes, at least one, not {given!r}")
        known = tuple(sorted((major, minor) for major, minor in given))
        for name in ("startup", "cleanup"):
            if not callable(getattr(lower, name, None)):
                raise TypeError(f"a lower provider must have a method {name}, and {type(lower).__name__} has none")
        self.lower = lower
        """The provider below."""
        waiting = lower._layer.waiting if isinstance(lower, LayeredWinsockProvider) else {}
        self._layer = Layer(lower, LowerStart.EAGER if eager else LowerStart.LAZY, known, waiting)
        process.register(self._layer)
        weakref.finalize(self, process.dropped, self._layer).atexit = False

    def __repr__(self) -> str:
        """Where the layer stands, and what it stands on."""
        state = self._layer.history.now()
        counts = f"refs={state.refs} epoch={state.epoch} sockets={len(_sockets(state.members))}"
        return f"<{type(self).__name__} {state.phase.name} {counts} over {self.lower!r}>"

    # Startup and cleanup.

    def startup(
        self, version: Version, data: object = ..., upcalls: Upcalls | None = None, protocol_info: object = None
    ) -> WSPData:
        """Count one more user; the first one starts an eager layer's lower provider.

        WSAVERNOTSUPPORTED if every supported version is above `version`, WSAEFAULT if `data` is None, the lower
        provider's own error if its startup fails or WSAEPROVIDERFAILEDINIT if it fails with another exception,
        WSAEINVALIDPROCTABLE if its table has an empty slot. Each success must be matched by one `cleanup`.
        """
        (answer,) = map(self._start, (version,), (data,), (upcalls,), (protocol_info,), (Attempt(),))
        return answer

    def _start(
        self, version: Version, data: object, upcalls: Upcalls | None, protocol_info: object, attempt: Attempt
    ) -> WSPData:
        def work() -> WSPData:
            asked = _version(version)
            agreed = self._layer.agreed(asked, None) or (0, 0)
            number = agreed[0] * 256 + agreed[1]
            if number == 0 or data is None:
                self._layer.history.now().copied().wsp_startup(number, data is not None)  # which refuses, at any time
            given = Given(agreed, _kept(upcalls), protocol_info)
            (answer,) = map(self._layer.start, (number,), (asked,), (given,), (attempt,))  # unpacked: see `passing`
            return answer

        (answer,) = map(self._here, (work,))
        return answer

    def cleanup(self) -> Report:
        """Undo one startup. The last cleanup returns once everything was closed below, and then the layer below too.

        The answer is that of the lower cleanup. WSANOTINITIALISED if there is nothing to undo; WSAEINPROGRESS if the
        last cleanup is called by a completion routine, since it would have to wait for that.
        """
        return self._here(self._layer.end)

    def started(
        self, version: Version = VERSIONS[-1], upcalls: Upcalls | None = None, protocol_info: object = None
    ) -> Block[WSPData]:
        """A startup for a block, `with provider.started((2, 2)):`, which undoes it wherever an interrupt strikes.

        The block gets what `startup` answers, and raises what `startup` and `cleanup` raise.
        """
        attempt = Attempt(for_block=True)
        begin = partial(self._start, version, ..., upcalls, protocol_info, attempt)
        return Block("a startup", begin, partial(self._here, partial(self._layer.end, attempt)))

    def wait_released(self, timeout: float | None = None) -> bool:
        """Wait until the layer is unloaded, whoever undoes its startups, and say whether it is.

        `timeout` is in seconds, None for ever. False if it still runs or drains when that is over. WSAEINPROGRESS for
        a completion routine or a hook, which the release waits for; WSAEINVAL if `timeout` is no number.
        """
        return self._here(lambda: self._layer.wait_released(deadline_of(timeout)))

    def stats(self) -> Stats:
        """Counters of what the layer has done since it was made, all of one moment; needs no startup.

        Bytes are sent when the provider below has taken them. A socket counts as reset if it was closed hard here, and
        a connection as lost if a send or receive has failed of that; what becomes of a socket after its close is
        counted below.
        """
        return stats_of(self._layer.history, self._layer.tally)

    def snapshot(self) -> Snapshot:
        """The layer at this moment; needs no startup.

        A layer keeps no bytes: `unsent_bytes` are those of the provider below, while that is started.
        """
        state = self._layer.history.now()
        return Snapshot(
            phase=Phase[state.phase.name],
            refs=state.refs,
            epoch=state.epoch,
            open_sockets=len(_sockets(s for s, member in state.members.items() if member.state is SocketState.OPEN)),
            unsent_bytes=sum(member.unsent for member in state.sockets) + self._unsent_below(state),
            lowest_version=None if state.in_force is None else state.in_force.version,
            upcalls=None if state.in_force is None else state.in_force.upcalls,
        )

    def _unsent_below(self, state: State) -> int:
        look = getattr(self.lower, "snapshot", None) if state.below is Below.USABLE else None
        below = None if look is None else getattr(look(), "unsent_bytes", None)
        return below if isinstance(below, int) else 0

    @property
    def upcalls(self) -> Upcalls | None:
        """The upcall table in force: the latest one that a startup of this epoch gave."""
        given = self._layer.history.now().in_force
        return None if given is None else given.upcalls

    @property
    def protocol_info(self) -> object:
        """The protocol information that the latest startup of this epoch gave."""
        given = self._layer.history.now().in_force
        return None if given is None else given.protocol_info

    @cached_property
    def _table(self) -> Mapping[str, Callable[..., object]]:
        return procedure_table(self, self._unsupported)

    @property
    def procedure_table(self) -> Mapping[str, Callable[..., object]]:
        """The 30 procedures of the service provider interface, by name; read-only."""
        return self._table

    def in_callback(self) -> bool:
        """Whether this thread runs a completion routine, an event or a hook of a provider below."""
        return self._layer.in_callback()

    def in_finalizer(self) -> bool:
        """Whether this thread does the work of this layer or of a provider below, so that only a finalizer can call."""
        return self._layer.in_finalizer()

    @staticmethod
    def process() -> "LayeredWinsockProvider":
        """The one instance of this process, on that of the base, whose counter is a per-process counter, too."""
        return _PROCESS


def _sockets(endpoints: Iterable[Endpoint]) -> set[Endpoint]:
    """The sockets behind descriptors, of which duplicates share one."""
    return {endpoint.origin for endpoint in endpoints}


def _is_version(version: object) -> bool:
    return (
        isinstance(version, tuple | list)
        and len(version) == 2
        and all(isinstance(part, int) and 0 <= part <= 0xFF for part in version)
    )


def _version(version: Version) -> Version:
    if not _is_version(version):
        raise WinsockError(ErrorCode.WSAEINVAL, f"not a pair (major, minor): {version!r}")
    return version[0], version[1]


def _kept(upcalls: Upcalls | None) -> Upcalls | None:
    """A table as it is now; its owner may change it, and a lazy layer passes it down later."""
    if upcalls is None:
        return None
    if not isinstance(upcalls, Mapping):
        raise WinsockError(ErrorCode.WSAEFAULT, f"not a table of upcalls: {type(upcalls).__name__}")
    return MappingProxyType(dict(upcalls))


_PROCESS: Final = LayeredWinsockProvider(WinsockProvider.process())
