"""What a command works on and how it speaks."""

import argparse
from collections.abc import Callable
from dataclasses import dataclass

from quiesce.console.exits import UsageError
from quiesce.console.project import Project, Target
from quiesce.console.style import Style


@dataclass(frozen=True)
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
            return tuple(dict.fromkeys(self.project.target_for(given) for given in self.options.specs))
        if not self.project.targets:
            raise UsageError(
                "no spec is named, and no pyproject.toml here lists any under [tool.quiesce]: "
                "name one, or write a first one with `quiesce new model/service.py`"
            )
        return self.project.targets
