"""A layered Winsock service provider with a proved lifecycle, over any provider with the interface of the base one."""

from .lower import Lower, ProtocolInfo
from .provider import LayeredWinsockProvider

__all__ = ["LayeredWinsockProvider", "Lower", "ProtocolInfo"]
