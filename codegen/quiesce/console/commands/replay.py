"""`quiesce replay`: hold what a program wrote down of each step against the model of it."""

import sys
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import BinaryIO

from quiesce.console.context import Context
from quiesce.console.exits import Exit, UsageError
from quiesce.console.proving import read
from quiesce.replay.reading import NotARecord, lines_of, read_lines
from quiesce.replay.replaying import Deviates, replay


def run(context: Context) -> Exit:
    """Replay one record on the interpreter: 0 if the machine agrees with every line, 1 if it does not."""
    [target] = context.targets()
    machine = read(context.project, context.project.path(target))
    file = "standard input" if context.options.record == "-" else context.options.record
    try:
        with _opened(context.options.record) as opened:
            replayed = replay(machine, read_lines(machine, lines_of(opened)))
    except NotARecord as wrong:
        raise UsageError(f"{file}:{wrong.line}: {wrong}") from wrong
    except Deviates as wrong:
        refused = context.style.paint("refused", "red")
        print(f"{file}:{wrong.line}: {refused}: {wrong}", file=sys.stderr)
        return Exit.REFUTED
    except (OSError, ValueError) as error:  # a path with a NUL is no OSError
        raise UsageError(f"{file}: cannot be read: {getattr(error, 'strerror', None) or error}") from error
    accepted = context.style.paint("accepted", "green")
    lives = "1 life" if replayed.lives == 1 else f"{replayed.lives} lives"
    context.say(f"{file}: {accepted}: {machine.name} does the same in each of {replayed.steps} steps of {lives}")
    return Exit.OK


def _opened(record: str) -> AbstractContextManager[BinaryIO]:
    """The record, to be read; standard input is left open."""
    if record != "-":
        return Path(record).open("rb")
    if sys.stdin is None:
        raise ValueError("it is closed")
    return nullcontext(sys.stdin.buffer)
