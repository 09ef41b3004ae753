"""Faults in what a provider does with its sockets: descriptors, bytes, operations, and how a socket is closed."""

from tests.prove.flagship_changes import NEXT, Variant, within

RUNNING = "first_startup initialised"
OPEN = f"{RUNNING} open_socket"

SOCKETS = {
    "a descriptor is handed out again": Variant(
        within("open_socket", "s: New[Socket]", "s: Socket")
        + within("open_socket", "when(granted)", "when(granted and s.state != SocketState.OPEN)"),
        "step/open_socket/old_descriptors_stay_dead",
        (f"{OPEN} close_socket open_socket",),
        twin=within("open_socket", "when(granted)", "when(granted and s.state == SocketState.ABSENT)"),
    ),
    "no answer to calls on sockets during a drain": Variant(
        within("not_initialised", "self.phase != Phase.RUNNING", "self.phase in (Phase.UNLOADED, Phase.STARTING)"),
        "total/WSPSend/covered",
        (f"{RUNNING} last_cleanup",),
        twin=within("not_initialised", "self.phase != Phase.RUNNING", "self.refs == 0"),
    ),
    "a send after shutdown is accepted": Variant(
        within("send", " and not s.shut", ""),
        "total/WSPSend/exclusive",
        (f"{OPEN} shutdown_send",),
        twin=within(
            "send", "s.state == SocketState.OPEN and not s.shut", "not (s.state != SocketState.OPEN or s.shut)"
        ),
    ),
    "a send overwrites what is queued": Variant(
        within("send", "s.unsent += n", "s.unsent = n"),
        "step/send/accepted_bytes_stay_queued",
        (f"{OPEN} send send",),
        twin=within("send", "s.unsent += n", "s.unsent = n + s.unsent"),
    ),
    "a shutdown drops what is queued": Variant(
        within("shutdown_send", "s.shut = True", f"s.shut = True{NEXT}s.unsent = 0"),
        "step/shutdown_send/accepted_bytes_stay_queued",
        (f"{OPEN} send shutdown_send",),
        twin=within("shutdown_send", "s.shut = True", "if not s.shut:\n            s.shut = True"),
    ),
    "the blocking mode is ignored": Variant(
        within("configure", "s.blocking = blocking", ""),
        "step/configure/the_linger_setting_is_the_one_asked_for",
        (f"{OPEN} configure",),
        twin=within("configure", "s.blocking = blocking", "s.blocking = not (not blocking)"),
    ),
    "who chooses again may send again": Variant(
        within("configure", "s.linger = linger", f"s.linger = linger{NEXT}s.shut = False"),
        "step/configure/whether_a_socket_is_shut",
        (f"{OPEN} shutdown_send configure",),
        twin=within("configure", "s.linger = linger", f"s.linger = linger{NEXT}s.shut = s.shut"),
    ),
    "a second duplicate forgets its share": Variant(
        within("duplicate", "s.shares += 1", "s.shares = 2"),
        "step/duplicate/a_duplicate_is_one_more_descriptor",
        (f"{OPEN} duplicate duplicate",),
        twin=within("duplicate", "s.shares += 1", "s.shares = max(2, s.shares + 1)"),
    ),
    "a shared socket is closed too early": Variant(
        within("close_socket", "s.shares == 1", "s.shares >= 1"),
        "step/close_socket/every_close_takes_one_descriptor",
        (f"{OPEN} duplicate close_socket",),
        twin=within("close_socket", "s.shares == 1", "s.shares <= 1"),
    ),
    "a timed close does not wait": Variant(
        within("close_socket", "if s.linger == Linger.HARD", "if s.linger != Linger.GRACEFUL"),
        "step/close_socket/close_follows_the_linger_setting",
        (f"{OPEN} configure close_socket",),
        twin=within("close_socket", "if s.linger == Linger.HARD", "if s.linger not in (Linger.GRACEFUL, Linger.TIMED)"),
    ),
    "a hard close keeps bytes": Variant(
        within(
            "close_socket",
            "            retire(s)",
            """            s.state = SocketState.ABSENT
            s.linger = Linger.GRACEFUL
            s.blocking = True
            s.shut = False
            s.shares = 0
            s.pending = 0
            s.notified = 0""",
        ),
        "step/close_socket/absent_sockets_hold_nothing",
        (f"{OPEN} configure send close_socket", f"{OPEN} send configure close_socket"),
        twin=within("close_socket", "            retire(s)", "            s.unsent = 0\n            retire(s)"),
    ),
    "a close leaves operations under way": Variant(
        within("close_socket", "s.pending = 0", ""),
        "step/close_socket/only_open_sockets_have_operations",
        (f"{OPEN} receive close_socket",),
        twin=within("close_socket", "s.pending = 0", "s.pending -= s.pending"),
    ),
    "a close cancels in silence": Variant(
        within("close_socket", "s.notified += s.pending", ""),
        "step/close_socket/close_reports_what_it_cancels",
        (f"{OPEN} receive close_socket",),
        twin=within("close_socket", "s.notified += s.pending", "s.notified = s.pending + s.notified"),
    ),
    "every close expires": Variant(
        within("linger_expires", " and s.linger == Linger.TIMED", ""),
        "step/linger_expires/only_a_timed_close_expires",
        (f"{OPEN} close_socket linger_expires", f"{OPEN} last_cleanup linger_expires"),
        twin=within("linger_expires", "s.linger == Linger.TIMED", "s.linger != Linger.GRACEFUL"),
    ),
    "a peer never takes the last byte": Variant(
        within("transmit", "0 < n", "1 < n"),
        "possible/a_peer_may_take_any_part_of_the_queue/transmit",
        (f"{OPEN} send",),
        twin=within("transmit", "0 < n", "1 <= n"),
    ),
    "an operation completes that was cancelled": Variant(
        within("complete", "when(s.pending > 0)", ""),
        "step/complete/sockets.pending in range",
        ("complete",),
        twin=within("complete", "s.pending > 0", "s.pending > 0 and s.state == SocketState.OPEN"),
    ),
}
"""By what they show."""
