"""One run: a provider, those who call it, and their peers."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..schedules.states import Apart
from .clients import Client
from .delays import Delayed
from .peers import Peer
from .rules import Rules
from .seams import Package

Shared = dict[object, Any]
"""A place where clients leave things for each other."""
Acts = Callable[[Client, Shared], None]


@dataclass(frozen=True)
class Script:
    """The parts of those who take part in a run."""

    clients: Mapping[str, Acts]
    """By letters."""
    peers: Mapping[int, Callable[[Peer], None]] = field(default_factory=dict)
    """By their ports."""
    before: Acts = lambda _client, _shared: None
    """The part of client A before the others begin. Delays are tried after that."""
    connect: frozenset[int] = frozenset()
    """The peers that connect to the provider; it connects to the others."""
    late: str = ""
    """The clients that have made all their calls before any peer begins to read and send."""
    resets: frozenset[int] = frozenset()
    """The peers whose streams are reset."""
    forgetful: bool = False
    """Whether a reset takes from peers what they have not read, and the end of the stream with it."""
    hooks: bool = True
    """Whether people's code takes part, for which there is a thread more."""
    failing: int = 0
    """So many initialisations fail before one succeeds."""
    policy: Mapping[str, Any] = field(default_factory=dict)
    """How the provider is made."""


class Stage(Apart):
    """A script that is run again and again, with the text of the package that lies in a folder."""

    def __init__(self, world: Delayed, folder: Path, script: Script) -> None:
        self._world = world
        self._package = Package(world, folder)
        self.script = script
        """It may be another one in the next run."""
        self._rules: Rules
        self._peers: dict[int, Peer]

    def start(self) -> None:
        """Make everything anew, and begin."""
        script, package, world = self.script, self._package, self._world
        package.renew()
        package.kernel.forgetful = script.forgetful
        self._rules = Rules(world, package, script.resets, script.hooks, script.failing)
        self._provider = package["provider"].WinsockProvider(
            hooks=self._rules if script.hooks else None, **script.policy
        )
        owner = self._provider._owner
        self._rules.desk = owner.desk
        self._rules.drop = lambda: package["process"].dropped(owner)
        self._peers = {port: Peer(package.kernel, port, port in script.connect) for port in script.peers}
        self._left = -1  # clients, as soon as they have begun
        for port in script.peers:
            world.begin(f"peer {port}", lambda port=port: self._peer(port))  # type: ignore[misc]
        world.begin("before", self._before)
        world.begin("after", self._after)

    def _client(self, name: str) -> Client:
        return Client(name, self._provider, self._package["errors"].WinsockError, self._rules)

    def _peer(self, port: int) -> None:
        peer = self._peers[port]
        peer.meet()
        waits = self.script.late
        self._world.switch("peer", lambda: self._left >= 0 and not any(map(self._world.is_under_way, waits)))
        self.script.peers[port](peer)
        peer.close()

    def _before(self) -> None:
        shared: Shared = {}
        first = self._client("A")
        self.script.before(first, shared)
        self._left = len(self.script.clients)
        self._world.deciding = True
        for name, acts in self.script.clients.items():
            client = first if name == "A" else self._client(name)
            self._world.begin(name, lambda client=client, acts=acts: self._act(client, acts, shared))  # type: ignore[misc]

    def _act(self, client: Client, acts: Acts, shared: Shared) -> None:
        acts(client, shared)
        self._left -= 1

    def _after(self) -> None:
        """When all clients have ended, the provider can be used once more, as if it were new."""
        self._world.switch("after", lambda: self._left == 0 and not self._world.own_threads())
        self._world.deciding = False
        self._rules.see_nothing_left()
        last = self._client("after")
        last.startup()
        last.close(last.call("socket", 2, 1))
        last.cleanup()

    def look(self) -> None:
        """Nothing: callers look at what they are answered, and the hooks at what is there then."""

    def verdict(self) -> str:
        """A fault that is seen at the end of a run, if there is one."""
        return self._rules.verdict(self._peers)
