"""The 30 slots through which a Winsock DLL reaches its provider (Microsoft, WSPPROC_TABLE)."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

SLOTS: Final[Mapping[str, str | None]] = MappingProxyType(
    {
        "WSPAccept": "accept",
        "WSPAddressToString": None,
        "WSPAsyncSelect": None,
        "WSPBind": "bind",
        "WSPCancelBlockingCall": None,
        "WSPCleanup": "cleanup",
        "WSPCloseSocket": "closesocket",
        "WSPConnect": "connect",
        "WSPDuplicateSocket": "duplicate_socket",
        "WSPEnumNetworkEvents": None,
        "WSPEventSelect": None,
        "WSPGetOverlappedResult": None,
        "WSPGetPeerName": "getpeername",
        "WSPGetQOSByName": None,
        "WSPGetSockName": "getsockname",
        "WSPGetSockOpt": "getsockopt",
        "WSPIoctl": "ioctl",
        "WSPJoinLeaf": None,
        "WSPListen": "listen",
        "WSPRecv": "recv",
        "WSPRecvDisconnect": None,
        "WSPRecvFrom": "recvfrom",
        "WSPSelect": "select",
        "WSPSend": "send",
        "WSPSendDisconnect": None,
        "WSPSendTo": "sendto",
        "WSPSetSockOpt": "setsockopt",
        "WSPShutdown": "shutdown",
        "WSPSocket": "socket",
        "WSPStringToAddress": None,
    }
)
"""Each slot, and the method that fills it; None where the provider has no such call."""


def procedure_table(provider: object, unsupported: Callable[..., object]) -> Mapping[str, Callable[..., object]]:
    """The read-only table of `provider`; slots it cannot serve go to `unsupported`. A subclass's methods are used."""
    return MappingProxyType(
        {slot: unsupported if method is None else getattr(provider, method) for slot, method in SLOTS.items()}
    )
