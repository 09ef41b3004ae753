"""The lower provider as a layer sees it: anything that offers the service provider interface."""

from dataclasses import dataclass
from typing import Protocol

from winsock_provider import ErrorCode, WinsockError
from winsock_provider.procedure_table import SLOTS
from winsock_provider.version import Version

from .states import Procedures, Upcalls


@dataclass(frozen=True, slots=True)
class ProtocolInfo:
    """The description of a protocol: its name and, if layers provide it, their chain.

    `chain` has the descriptions of all providers that it goes through, from the highest layer to the base, which
    comes last. The description of a base protocol has none.
    """

    name: str
    chain: "tuple[ProtocolInfo, ...]" = ()


class Lower(Protocol):
    """Calls of a provider that a layer makes by name; those on sockets go through its procedure table."""

    @property
    def procedure_table(self) -> Procedures:
        """The 30 procedures by name; read anew after each startup."""

    def startup(self, version: Version, *, upcalls: Upcalls | None, protocol_info: object) -> object:
        """Count one more user. Raises an exception if that fails."""

    def cleanup(self) -> object:
        """Undo one startup."""


def info_for(lower: object, info: object) -> object:
    """The description that the next provider gets: a layered one the same, a base provider its own and no chain."""
    if isinstance(info, ProtocolInfo) and info.chain and not hasattr(lower, "lower"):
        return info.chain[-1]
    return info


def checked_table(lower: Lower) -> Procedures:
    """The procedure table of a provider. WSAEINVALIDPROCTABLE if a slot of it is empty."""
    try:
        table = lower.procedure_table
        empty = [slot for slot in SLOTS if not callable(table[slot])]
    except Exception as failure:
        raise WinsockError(ErrorCode.WSAEINVALIDPROCTABLE, f"the lower provider has no such table: {failure}") from None
    if empty:
        raise WinsockError(ErrorCode.WSAEINVALIDPROCTABLE, f"the lower provider has no {', '.join(empty)}")
    return table


def start_failure(failure: BaseException) -> BaseException:
    """The failure of a layer's start for that of the lower one: one of Winsock's is handed on."""
    if isinstance(failure, WinsockError) or not isinstance(failure, Exception):
        return failure
    text = f"the lower provider did not start: {type(failure).__name__}: {failure}"
    wrapped = WinsockError(ErrorCode.WSAEPROVIDERFAILEDINIT, text)
    wrapped.__cause__ = failure
    return wrapped


def version_in(answer: object, name: str) -> Version | None:
    """A version that a startup has answered; None if it answered in another way than providers do."""
    try:
        match getattr(answer, name, None):
            case (int(major), int(minor)) if 0 <= major <= 0xFF and 0 <= minor <= 0xFF:
                return major, minor
            case _:
                return None
    except BaseException:  # of the stranger's answer; the startup has succeeded all the same
        return None
