"""The part of a proof's page about activities: where each is due, how it ends, and which calls wait for it."""

from collections.abc import Iterator

from quiesce.quoting.markdown import code, heading, listed, table
from quiesce.spec.activities import activities_of, due_claim
from quiesce.spec.model import Machine
from quiesce.spec.show import show


def activity_lines(machine: Machine) -> Iterator[str]:
    """Each activity with its outcomes, and what is proved of it."""
    activities = activities_of(machine)
    if activities:
        yield from heading("Activities")
        yield (
            "An activity is real work, which the provider does by calling code of the user's. Each is proved not to be "
            "due at the start (`not_at_first`), to find exactly one outcome for each way in which it can end, and to "
            "stay due until it has ended (`stays_due`): no other step takes its place away. Where no action stands for "
            "its failure, it counts as done even if it raises an exception."
        )
        yield ""
        yield from table(
            ("activity", "is due where", "succeeds with", "fails with"),
            (
                (
                    code(activity.name) if activity.member is None else f"{code(activity.name)} of each member",
                    code(show(due_claim(activity))),
                    listed(action.name for action in activity.succeeding),
                    listed(action.name for action in activity.failing),
                )
                for activity in activities
            ),
        )
    answered = [action for action in machine.actions if action.until]
    if answered:
        yield "These calls are proved to be answered (`answered`)."
        yield ""
        yield from table(
            ("after", "the caller waits until one of these has happened"),
            ((code(action.name), listed(action.until)) for action in answered),
        )
