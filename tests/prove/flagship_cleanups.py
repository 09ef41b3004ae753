"""Faults in how a provider is given back: what a cleanup counts and cancels, how it drains, what it frees."""

from tests.prove.flagship_changes import NEXT, Variant, within

RUNNING = "first_startup initialised"
OPEN = f"{RUNNING} open_socket"
DRAINING = f"{RUNNING} last_cleanup"

CLEANUPS = {
    "the last cleanup puts a time limit on what is still sent": Variant(
        within("last_cleanup", "s.shares = 0", f"s.shares = 0{NEXT}            s.linger = Linger.TIMED"),
        "step/last_cleanup/the_settings_of_a_socket",
        ("first_startup initialised open_socket last_cleanup",),
        twin=within("last_cleanup", "s.shares = 0", f"s.shares = 0{NEXT}            s.linger = s.linger"),
    ),
    "cleanup without the zero check": Variant(
        within("nested_cleanup", "self.refs > 1", "self.refs != 1"),
        "step/nested_cleanup/refs in range",
        ("nested_cleanup",),
        twin=within("nested_cleanup", "self.refs > 1", "self.refs != 1 and self.refs != 0"),
    ),
    "a nested cleanup begins the drain": Variant(
        within("nested_cleanup", "self.refs -= 1", f"self.refs -= 1{NEXT}self.phase = Phase.DRAINING"),
        "step/nested_cleanup/counted_only_while_running",
        (f"{RUNNING} nested_startup nested_cleanup",),
        twin=within("nested_cleanup", "self.refs -= 1", f"self.refs -= 1{NEXT}self.phase = Phase.RUNNING"),
    ),
    "a cleanup during the initialisation begins a drain": Variant(
        within("last_cleanup", "self.refs == 1", "self.refs == 1 or self.phase == Phase.STARTING"),
        "total/WSPCleanup/exclusive",
        ("first_startup",),
        twin=within("last_cleanup", "self.refs == 1", "self.refs == 1 and self.phase == Phase.RUNNING"),
    ),
    "operations outlive the last cleanup": Variant(
        within("last_cleanup", "s.pending = 0", ""),
        "step/last_cleanup/cleanup_cancels_in_silence",
        (f"{OPEN} receive last_cleanup",),
        twin=within("last_cleanup", "s.pending = 0", "if s.pending > 0:\n                s.pending = 0"),
    ),
    "the last cleanup reports what it cancels": Variant(
        within("last_cleanup", "s.pending = 0", "s.notified += s.pending\n            s.pending = 0"),
        "step/last_cleanup/cleanup_cancels_in_silence",
        (f"{OPEN} receive last_cleanup",),
        twin=within("last_cleanup", "s.pending = 0", "s.pending = 0\n            s.notified += s.pending"),
    ),
    "only closed sockets are drained": Variant(
        within("last_cleanup", "s.state = SocketState.CLOSING\n                    s.shares = 0", "retire(s)"),
        "step/last_cleanup/accepted_bytes_stay_queued",
        (f"{OPEN} send last_cleanup",),
        twin=within(
            "last_cleanup",
            "s.state = SocketState.CLOSING\n                    s.shares = 0",
            "s.shares = 0\n                    s.state = SocketState.CLOSING",
        ),
    ),
    "open sockets linger under the policy to reset": Variant(
        within("last_cleanup", " or OPEN_SOCKETS == OpenSockets.RESET", ""),
        "step/last_cleanup/only_the_policy_to_drain_lets_open_sockets_go_on",
        (f"{OPEN} last_cleanup",),
        twin=within("last_cleanup", "OPEN_SOCKETS == OpenSockets.RESET", "OPEN_SOCKETS != OpenSockets.DRAIN"),
    ),
    "the last cleanup drops a close in progress": Variant(
        within("last_cleanup", "if s.state == SocketState.OPEN", "if s.state != SocketState.ABSENT"),
        "step/last_cleanup/last_cleanup_leaves_closing_sockets_alone",
        (f"{OPEN} close_socket last_cleanup",),
        twin=within("last_cleanup", "if s.state == SocketState.OPEN", "if s.shares > 0"),
    ),
    "free before drain": Variant(
        within("release", "when(not any(s.state == SocketState.CLOSING for s in self.sockets))", ""),
        "step/release/drained_before_freed",
        (f"{OPEN} last_cleanup release",),
        twin=within("release", "not any(s.state == SocketState.CLOSING", "all(s.state != SocketState.CLOSING"),
    ),
    "the drain waits for open sockets": Variant(
        within("release", "s.state == SocketState.CLOSING", "s.state == SocketState.OPEN"),
        "step/release/drained_before_freed",
        (f"{OPEN} last_cleanup release",),
        twin=within("release", "s.state == SocketState.CLOSING", "s.state != SocketState.ABSENT"),
    ),
    "the lowest version outlives the release": Variant(
        within("release", "self.lowest = 0", ""),
        "step/release/released_means_as_new",
        (f"{DRAINING} release",),
        twin=within("release", "self.lowest = 0", "self.lowest = self.refs"),
    ),
    "the epoch is lost on release": Variant(
        within("release", "self.lowest = 0", f"self.lowest = 0{NEXT}self.epoch = 0"),
        "step/release/every_initialisation_begins_an_epoch",
        (f"{DRAINING} release",),
        twin=within("release", "self.lowest = 0", f"self.lowest = 0{NEXT}self.refs = 0"),
    ),
    "no way out of the drain": Variant(
        within("finish_close", "s.unsent == 0", "s.unsent == 0 and self.phase == Phase.RUNNING"),
        "recoverable/can_always_be_released/DRAINING",
        (f"{OPEN} last_cleanup",),
        twin=within("finish_close", "s.unsent == 0", "s.unsent == 0 and self.phase in (Phase.RUNNING, Phase.DRAINING)"),
    ),
    "a drain without bound": Variant(
        within("drain_ends", "drain_bound_expires, ", ""),
        "leads to/drain_ends/possible",
        (f"{OPEN} send last_cleanup",),
        twin=within("drain_ends", "finish_close, drain_bound_expires", "drain_bound_expires, finish_close"),
    ),
    "a slow peer is given up while somebody uses the provider": Variant(
        within("drain_bound_expires", "when(self.phase == Phase.DRAINING)", ""),
        "step/drain_bound_expires/only_a_drain_is_bounded",
        (f"{OPEN} send drain_bound_expires",),
        twin=within("drain_bound_expires", "any(s.unsent > 0", "not all(s.unsent == 0"),
    ),
    "closed before everything is sent": Variant(
        within("finish_close", " and s.unsent == 0", ""),
        "step/finish_close/accepted_bytes_stay_queued",
        (f"{OPEN} send last_cleanup finish_close", f"{OPEN} send close_socket finish_close"),
        twin=within("finish_close", "s.unsent == 0", "not s.unsent > 0"),
    ),
}
"""By what they show."""
