"""Faults in how a provider is started: what counts, which version holds, when an epoch begins."""

from tests.prove.flagship_changes import NEXT, Variant, within

RUNNING = "first_startup initialised"
DRAINING = f"{RUNNING} last_cleanup"

STARTUPS = {
    "another startup cancels what is under way": Variant(
        within(
            "nested_startup", "self.refs += 1", f"self.refs += 1{NEXT}for s in self.sockets:{NEXT}    s.pending = 0"
        ),
        "step/nested_startup/the_operations_of_a_socket",
        ("first_startup initialised open_socket receive nested_startup",),
        twin=within(
            "nested_startup", "self.refs += 1", f"self.refs += 1{NEXT}for s in self.sockets:{NEXT}    s.pending += 0"
        ),
    ),
    "count raised before initialisation can fail": Variant(
        within("first_startup", "self.lowest = agreed", f"self.lowest = agreed{NEXT}self.refs += 1"),
        "step/first_startup/counted_only_while_running",
        ("first_startup",),
        twin=within("first_startup", "self.lowest = agreed", f"self.lowest = 0{NEXT}self.lowest += agreed"),
    ),
    "a failing startup counts": Variant(
        within(
            "initialisation_failed", "self.phase = Phase.UNLOADED", f"self.phase = Phase.UNLOADED{NEXT}self.refs = 1"
        ),
        "step/initialisation_failed/counted_only_while_running",
        ("first_startup initialisation_failed",),
        twin=within("initialisation_failed", "self.lowest = 0", f"self.lowest = 0{NEXT}self.refs = 0"),
    ),
    "the epoch is not raised": Variant(
        within("initialised", "self.epoch += 1", ""),
        "step/initialised/every_initialisation_begins_an_epoch",
        (RUNNING,),
        twin=within("initialised", "self.epoch += 1", "self.epoch = 1 + self.epoch"),
    ),
    "a second initialisation is counted twice": Variant(
        within("initialised", "self.refs = 1", "self.refs = 1 + min(self.epoch, 1)"),
        "step/initialised/count_moves_by_one",
        (f"{DRAINING} release {RUNNING}",),
        twin=within("initialised", "self.refs = 1", "self.refs += 1"),
    ),
    "the count stops at two": Variant(
        within("nested_startup", "self.refs += 1", "self.refs = min(self.refs + 1, 2)"),
        "refinement/nested_startup",
        (f"{RUNNING} nested_startup",),
        twin=within("nested_startup", "self.refs += 1", "self.refs = max(self.refs + 1, 2)"),
    ),
    "the highest version counts": Variant(
        within("nested_startup", "min(self.lowest, agreed)", "max(self.lowest, agreed)"),
        "step/nested_startup/the_lowest_version_counts",
        (f"{RUNNING} nested_startup",),
        twin=within("nested_startup", "min(self.lowest, agreed)", "self.lowest if self.lowest < agreed else agreed"),
    ),
    "no retry after a failed start": Variant(
        within("initialisation_failed", "self.phase = Phase.UNLOADED", "")
        + within("initialised", "Phase.STARTING", "Phase.STARTING and self.lowest > 0"),
        "recoverable/can_always_run_again/STARTING",
        ("first_startup initialisation_failed",),
        twin=within("initialisation_failed", "Phase.STARTING", "Phase.STARTING and self.refs == 0"),
    ),
    "two answers to a startup without buffer": Variant(
        within("refuse_buffer", "agreed > 0 and not buffer", "not buffer"),
        "total/WSPStartup/exclusive",
        ("",),
        twin=within("refuse_buffer", "agreed > 0 and not buffer", "not (agreed == 0 or buffer)"),
    ),
    "nobody ends the wait for an initialisation": Variant(
        within("wait_for_quiet", "initialised, initialisation_failed, ", ""),
        "leads_to/caller.wait_for_quiet/possible",
        ("first_startup",),
        twin=within("wait_for_quiet", "initialised, initialisation_failed", "initialisation_failed, initialised"),
    ),
    "it is initialised over an unfinished drain": Variant(
        within("first_startup", "self.phase == Phase.UNLOADED", "self.phase in (Phase.UNLOADED, Phase.DRAINING)"),
        "step/first_startup/only_an_unloaded_provider_is_initialised",
        (f"{DRAINING} first_startup",),
        twin=within(
            "first_startup",
            "when(self.phase == Phase.UNLOADED)",
            f"when(self.phase == Phase.UNLOADED){NEXT}when(all(s.state == SocketState.ABSENT for s in self.sockets))",
        ),
    ),
    "a take-over is counted twice": Variant(
        within("take_over", "self.refs = 1", "self.refs += 2"),
        "step/take_over/count_moves_by_one",
        (f"{RUNNING} open_socket last_cleanup take_over",),
        twin=within("take_over", "self.refs = 1", "self.refs += 1"),
    ),
    "a take-over keeps the old version": Variant(
        within("take_over", "self.lowest = agreed", "self.lowest = min(self.lowest, agreed)"),
        "step/take_over/an_epoch_begins_with_its_own_version",
        (f"{RUNNING} open_socket last_cleanup take_over",),
        twin=within("take_over", "self.lowest = agreed", f"self.lowest = 0{NEXT}self.lowest += agreed"),
    ),
}
"""By what they show."""
