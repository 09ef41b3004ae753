"""Somebody who calls the provider, and looks at each answer."""

from collections.abc import Sequence
from typing import Any

from ..schedules.states import Apart
from .rules import Rules

ADDRESS = "127.0.0.1"


class Client(Apart):
    """A thread that calls the provider. A call may be refused only for reasons that it names."""

    def __init__(self, name: str, provider: Any, refusal: type[Any], rules: Rules) -> None:
        """`refusal` is the exception of the provider."""
        self.name = name
        self._provider = provider
        self._refusal = refusal
        self._rules = rules

    def call(self, call: str, *given: object, may: Sequence[str] = ()) -> Any:
        """What the call answers; or the name of the reason, one of those for which it `may` be refused."""
        world, told = self._rules.world, f"{call}{given}"
        world.note(f"calls {told}")
        try:
            answer = getattr(self._provider, call)(*given)
        except self._refusal as refused:
            if refused.name not in may:
                world.fail(f"{self.name}: {told} is refused with {refused.name}")
            answer = refused.name
        world.note(f"{told} ends: {answer!r}")
        return answer

    def startup(self) -> None:
        """Use the provider."""
        self._rules.users += 1
        self.call("startup", (2, 2))
        self._rules.see_running()

    def cleanup(self) -> None:
        """Use it no more. If nobody else does, everything was given back when this returns."""
        rules = self._rules
        rules.see_running()
        report = self.call("cleanup")
        if report.sockets:
            rules.world.fail(f"{self.name}: the cleanup has given something up: {report}")
        rules.users -= 1
        if rules.users == 0:
            rules.see_released()

    def connect(self, port: int) -> int:
        """A socket that is connected to a peer."""
        s: int = self.call("socket", 2, 1)
        self.call("connect", s, (ADDRESS, port))
        return s

    def send(self, s: int, data: bytes, port: int, may: Sequence[str] = ()) -> None:
        """Send to a peer, who has to get it all unless the call is refused."""
        answer = self.call("send", s, data, may=may)
        if answer == len(data):
            self._rules.sent.setdefault(port, {}).setdefault(self.name, []).append(data)
        elif not isinstance(answer, str):
            self._rules.world.fail(f"{self.name}: {answer} of {len(data)} bytes were sent")

    def close(self, s: int, may: Sequence[str] = ()) -> None:
        """Close a socket."""
        self.call("closesocket", s, may=may)
