"""Somebody who calls the provider, and looks at each answer."""

from collections.abc import Callable, Sequence
from typing import Any, Final

from ..schedules.states import Apart
from .rules import LOOKS, Rules

ADDRESS: Final = "127.0.0.1"


class Client(Apart):
    """A thread that calls the provider. A call may be refused only for reasons that it names."""

    def __init__(self, name: str, provider: Any, refusal: type[Any], rules: Rules) -> None:
        """`refusal` is the exception of the provider."""
        self.name = name
        self._provider = provider
        self._refusal = refusal
        self._rules = rules

    def call(self, call: str, *given: object, may: Sequence[str] = ()) -> Any:
        """The answer to a call; or the name of the reason, one of those for which it `may` be refused."""
        return self.see(f"{call}{given}", lambda: getattr(self._provider, call)(*given), may)

    def see(self, told: str, call: Callable[[], object], may: Sequence[str] = ()) -> Any:
        """The same for any call of something that belongs to the provider."""
        world = self._rules.world
        world.note(f"calls {told}")
        world.will_touch(LOOKS)
        world.switch("calls")
        self._rules.calls += 1
        try:
            answer = call()
        except self._refusal as refused:
            if refused.name not in may:
                world.fail(f"{self.name}: {told} is refused with {refused.name}")
            answer = refused.name
        world.will_touch(LOOKS)
        world.switch("looks")
        self._rules.calls -= 1
        world.note(f"{told} ends: {answer!r}")
        return answer

    def startup(self, version: tuple[int, ...] = (2, 2), may: Sequence[str] = ()) -> bool:
        """Use the provider; False if that was refused."""
        self._rules.users += 1
        if isinstance(self.call("startup", version, may=may), str):
            self._rules.users -= 1
            return False
        self._rules.see_running()
        return True

    def drop(self) -> None:
        """Let the provider know that nobody holds it any more; the client is one of those who did."""
        self._rules.users -= 1
        self._rules.drop()

    def cleanup(self) -> None:
        """Use it no more. If nobody else does, everything was given back when this returns."""
        rules = self._rules
        rules.see_running()
        report = self.call("cleanup")
        if report.sockets and not rules.resets:
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

    def begin_to_send(
        self,
        s: int,
        data: bytes,
        port: int,
        then: Callable[["Client"], None] | None = None,
        may: Sequence[str] = (),
    ) -> Any:
        """The same, without waiting for its end. `then` says what its routine does, as a client of its own."""

        def routine(_error: int, _transferred: int) -> None:
            if then is not None:
                then(Client("routine", self._provider, self._refusal, self._rules))

        operation = self.call("send_overlapped", s, data, None, None if then is None else routine, may=may)
        if isinstance(operation, str):
            return operation
        self._rules.sent.setdefault(port, {}).setdefault(self.name, []).append(data)
        return operation

    def receive(self, s: int, size: int, may: Sequence[str] = ()) -> bytes:
        """Receive so many bytes, or those that come before the end of the stream or before a call is refused."""
        found = b""
        while len(found) < size:
            answer = self.call("recv", s, size - len(found), may=may)
            if not answer or isinstance(answer, str):
                break
            found += answer
        return found

    def expect(self, found: object, *expected: object) -> None:
        """See that what was found is one of what can be."""
        if found not in expected:
            self._rules.world.fail(f"{self.name}: {found!r}, and not {' or '.join(map(repr, expected))}")

    def wait_for(self, name: str) -> None:
        """Wait until another client has made all its calls."""
        world = self._rules.world
        world.switch("wait", lambda: not world.is_under_way(name))

    def taken(self) -> int:
        """Bytes that the operating system has taken by now."""
        return self._rules.taken()

    def close(self, s: int, may: Sequence[str] = ()) -> None:
        """Close a socket."""
        self.call("closesocket", s, may=may)
