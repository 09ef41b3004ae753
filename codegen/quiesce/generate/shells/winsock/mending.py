"""The repair after something has gone wrong: the owner of the provider trusts nothing but the core."""

import time

from .core import SocketState, WinsockProviderCore
from .desk import Desk
from .errors import ErrorCode
from .traffic import Traffic
from .watch import Watch


def reconcile(core: WinsockProviderCore, watch: Watch, traffic: Traffic) -> None:
    """Make selector and sockets what the core says they are."""
    watch.rebuild(traffic.connections)
    for connection in tuple(traffic.connections):
        traffic.recall(connection)
        if connection.member not in core.sockets:
            traffic.abort(connection)
        elif connection.closed:
            traffic.lose(connection, ErrorCode.WSAECONNABORTED)
        elif connection.member.state is SocketState.CLOSING:
            traffic.closing[connection] = None
            traffic.checks.set(connection, time.monotonic())


def collapse(desk: Desk, traffic: Traffic) -> None:
    """Nothing works any more: end the epoch without I/O, so that every caller is answered and may start anew."""
    core = desk.core
    desk.count_nested()
    desk.forget()
    traffic.forsake()
    if core.can_initialisation_failed():
        core.initialisation_failed()
    while core.refs:
        core.wsp_cleanup()
    if core.can_drain_bound_expires():
        core.drain_bound_expires()
    for member in tuple(core.sockets):
        core.finish_close(member)
    if core.can_release():
        core.release()
