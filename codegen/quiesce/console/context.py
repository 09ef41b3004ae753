"""The context of a command: the project that it works on, its options, and its way to speak."""

import argparse
from collections.abc import Callable

from quiesce.console.exits import UsageError
from quiesce.console.naming import why_not_shown
from quiesce.console.project import Project, ProjectError, Target, refuse_shared_folders
from quiesce.console.style import Style
from quiesce.spec.record import record


@record
class Context:
    """The project, the parsed options, and the ways to say something."""

    project: Project
    options: argparse.Namespace
    style: Style
    progress: Callable[[str], None]

    def say(self, text: str) -> None:
        """Print unless asked to be quiet."""
        if not self.options.quiet:
            print(text, end="" if text.endswith("\n") else "\n")

    def targets(self) -> tuple[Target, ...]:
        """The specs named on the command line, or all of the project's."""
        if self.options.specs:
            named = tuple(dict.fromkeys(self.project.target_for(given) for given in self.options.specs))
            for target in named:
                if why := why_not_shown(target.spec):
                    raise UsageError(why)
            return named
        if not self.project.targets:
            raise UsageError(
                "no spec is named, and no pyproject.toml here lists any under [tool.quiesce]: "
                "name one, or write a first one with `quiesce new model/service.py`"
            )
        return self.project.targets

    def targets_to_write(self) -> tuple[Target, ...]:
        """The same, for commands that write files of theirs: each has folders of its own, and a package that imports.

        Raises:
            ProjectError: one has not; the message says which, and why.
        """
        targets = self.targets()
        for target in targets:
            if refusal := target.why_not_writable:
                raise ProjectError(f"{target.shown}: {refusal.why}")
        refuse_shared_folders(tuple(dict.fromkeys((*self.project.targets, *targets))))
        from quiesce.console.occupants import refuse_occupied  # noqa: PLC0415 -- reads manifests, which others need not

        for target in targets:
            refuse_occupied(self.project, target)
        return targets
