"""Exit codes of every command."""

from enum import IntEnum


class Exit(IntEnum):
    """The exit codes of commands."""

    OK = 0
    REFUTED = 1
    USAGE = 2
    UNDECIDED = 3
    INTERNAL = 4


class UsageError(Exception):
    """A command cannot do what was asked; the message says why and what to do instead."""
