"""What a Winsock provider offers to one caller, and what it asks of it.

The caller is whoever stands above: the Winsock library, or a layered provider. Many callers may share one provider;
each of them sees only its own part of the count. A provider that offers this contract keeps it towards all of them, and
a layered provider that uses its lower provider only within it may stand on any provider that offers it. As such a layer
offers the contract itself, every call in a chain of providers is legal, however long the chain is: the lowest provider
offers the contract, and each layer passes it on.

The contract is about what answers are possible. That a call is answered at all is proved by each provider for itself.
"""

from quiesce.spec import Answer, Machine, Nat, Requirement, assume, call, calls, recoverable, step, when

R2 = Requirement("R2", "A caller uses a provider only between a startup and its cleanup.", "WSPStartup; WSPCleanup")
R3 = Requirement("R3", "A successful startup counts once for its caller.", "WSPStartup")
R4 = Requirement("R4", "A failing startup counts for nothing.", "WSPStartup")
R5 = Requirement("R5", "A caller undoes its own startups, each of them once.", "Cleanup; WSPCleanup")
R11 = Requirement("R11", "A caller that has undone every startup can start again.", "Cleanup; WSPCleanup")

OTHER_CALLS = calls("WSPRecv", "WSPShutdown", "WSPSetSockOpt", "WSPDuplicateSocket")
ON_A_SOCKET = calls("WSPSend", OTHER_CALLS, "WSPCloseSocket")


class ProviderContract(Machine):
    """A Winsock provider as one of its callers sees it."""

    refs: Nat = 0  # startups of this caller that it has not undone

    # WSPStartup. `agreed` is the version that the provider agrees to, 0 if it supports none that is low enough.

    @call("WSPStartup", satisfies=R3)
    def startup(self, agreed: Answer[Nat], buffer: bool, ready: Answer[bool]) -> None:
        """The provider is initialised, and counts."""
        when(agreed > 0 and buffer and ready)
        self.refs += 1

    @call("WSPStartup", fails="WSAVERNOTSUPPORTED", satisfies=R4)
    def refuse_version(self, agreed: Answer[Nat]) -> None:
        """The provider supports no version that is low enough."""
        when(agreed == 0)

    @call("WSPStartup", fails="WSAEFAULT", satisfies=R4)
    def refuse_buffer(self, agreed: Answer[Nat], buffer: bool) -> None:
        """The caller gave no place for the answer."""
        when(agreed > 0 and not buffer)

    @call("WSPStartup", fails="WSASYSNOTREADY", satisfies=R4)
    def not_ready(self, agreed: Answer[Nat], buffer: bool, ready: Answer[bool]) -> None:
        """The provider could not be initialised."""
        when(agreed > 0 and buffer and not ready)

    # WSPCleanup.

    @call("WSPCleanup", satisfies=R5)
    def cleanup(self) -> None:
        """One startup is undone. A caller that holds one is never refused."""
        assume(self.refs > 0, "a caller undoes its own startups only, each of them once")
        self.refs -= 1

    # Calls on sockets. None of them is refused for want of a startup, as the caller has one.

    @call("WSPSocket", satisfies=R2)
    def open_socket(self, granted: Answer[bool]) -> None:
        """A socket was granted."""
        assume(self.refs > 0, "a caller uses a provider only between a startup and its cleanup")
        when(granted)

    @call("WSPSocket", fails="WSAEMFILE")
    def no_more_sockets(self, granted: Answer[bool]) -> None:
        """A socket was refused."""
        when(not granted)

    @call("WSPSend", satisfies=R2)
    def send(self, live: Answer[bool], sending: Answer[bool]) -> None:
        """Bytes were taken."""
        assume(self.refs > 0, "a caller uses a provider only between a startup and its cleanup")
        when(live and sending)

    @call("WSPSend", fails="WSAESHUTDOWN")
    def send_after_shutdown(self, live: Answer[bool], sending: Answer[bool]) -> None:
        """The socket takes no more bytes."""
        when(live and not sending)

    @call("WSPCloseSocket", satisfies=R2)
    def close(self, live: Answer[bool], quiet: Answer[bool]) -> None:
        """The socket was closed."""
        assume(self.refs > 0, "a caller uses a provider only between a startup and its cleanup")
        when(live and quiet)

    @call("WSPCloseSocket", fails="WSAEWOULDBLOCK")
    def close_would_block(self, live: Answer[bool], quiet: Answer[bool]) -> None:
        """The socket still holds bytes that the caller asked to wait for, and may not block."""
        when(live and not quiet)

    @call(OTHER_CALLS, satisfies=R2)
    def use(self, live: Answer[bool]) -> None:
        """Any other call on a socket."""
        assume(self.refs > 0, "a caller uses a provider only between a startup and its cleanup")
        when(live)

    @call(ON_A_SOCKET, fails="WSAENOTSOCK")
    def not_a_socket(self, live: Answer[bool]) -> None:
        """The descriptor is unknown, closed, or from before the last cleanup."""
        when(not live)

    @step(satisfies=[R3, R5])
    def count_moves_by_one(self, old: "ProviderContract") -> bool:
        """No call counts for more than one startup or one cleanup."""
        return -1 <= self.refs - old.refs <= 1

    @recoverable(satisfies=R5)
    def everything_can_be_undone(self) -> bool:
        """A caller can always come to hold nothing."""
        return self.refs == 0

    @recoverable(satisfies=R11)
    def can_start_again(self) -> bool:
        """A caller can always come to hold a startup."""
        return self.refs > 0
