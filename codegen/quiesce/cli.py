"""The command line: `quiesce build`, `check`, `verify`, `generate`, `graph`, `mutate` and others; see its help."""

import sys

if __name__ == "__main__" and not sys.flags.safe_path:
    del sys.path[0]  # the current folder, where files of strangers may be called like modules

import argparse
import atexit
import gc
import os
from collections.abc import Callable, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

from quiesce.console.context import Context
from quiesce.console.environment import current_folder, fault_of_environment
from quiesce.console.exits import Exit, UsageError
from quiesce.console.leaving import leave
from quiesce.console.project import ProjectError, find_project
from quiesce.console.streams import is_unwritable, lossless, silence, tell
from quiesce.console.style import ERASE, style_for
from quiesce.text import digits

_GARBAGE = 5_000_000
"""Objects between two looks for cycles. A command makes many objects, hardly any cycles, and ends soon."""

INTERRUPTED = 130
"""The exit code that shells expect of a program ended by Ctrl-C."""

CUT_SHORT = 141
"""The exit code that shells expect of a program whose reader has gone before it was done. It is never a success."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code: see `quiesce --help`.

    If no arguments are given, the command line of this process is obeyed, and the process ends with that code: whoever
    calls this as the entry point of a program need not know of exit codes. A program that gives arguments has no more
    than one process unless it gives `--jobs` or lets mutants be judged: other processes import its main module again.
    """
    usual = gc.get_threshold()
    gc.set_threshold(_GARBAGE)
    try:
        code = _main(arguments)
        if arguments is None:
            leave(code)
        return code
    finally:
        gc.set_threshold(*usual)  # whoever calls this from a program of theirs goes on as before


def _main(arguments: Sequence[str] | None) -> int:
    if sys.stderr is None:  # it was closed; what is meant for it must not go to standard output instead
        sys.stderr = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115 -- for as long as Python runs
    if sys.stdout is None:
        tell(f"error: standard output is closed, so no answer can be given: send it to a file, or to {os.devnull}")
        return Exit.USAGE
    atexit.unregister(gc.freeze)
    atexit.register(gc.freeze)  # spares Python a last look at everything for cycles, which ends with the process anyway
    with lossless(), digits.at_most(digits.MANY):
        return _heard(arguments)


def _heard(arguments: Sequence[str] | None) -> int:
    """The exit code of a command whose words arrived, or of what kept them from arriving."""
    code: int = CUT_SHORT
    try:
        try:
            code = _obeyed(arguments)
        finally:
            sys.stdout.flush()  # whether it is full, or its reader has gone, shows here, and not after the last word
    except BrokenPipeError:
        silence(sys.stdout)  # the reader of our output has gone; nothing more can be said to it, not even at exit
    except OSError as error:
        silence(sys.stdout)
        tell(f"error: not everything could be written: {error.strerror or error}")
        return Exit.USAGE
    except KeyboardInterrupt:
        tell("interrupted; nothing was left half-written")
        return INTERRUPTED
    return code


def _obeyed(arguments: Sequence[str] | None) -> int:
    """The exit code of a command that was carried out, or of what went wrong."""
    parser = _parser()
    options = parser.parse_args(arguments)
    options.alone = arguments is not None
    if options.version:
        print(f"quiesce {_version()}")
        return Exit.OK
    if options.command is None:
        parser.print_help(sys.stderr)
        return Exit.USAGE
    try:
        project = find_project(current_folder())
        context = Context(project, options, style_for(sys.stdout, options.color), _progress(options))
        return Exit.OK if _is_up_to_date(context) else _run(context)
    except (UsageError, ProjectError) as error:
        tell(f"error: {error}")
        return Exit.USAGE
    except BrokenPipeError:
        raise
    except Exception as error:
        if isinstance(error, OSError) and is_unwritable(error):
            raise
        if (fault := fault_of_environment(error)) is not None:
            tell(f"error: {fault}")
            return Exit.USAGE
        # A defect of ours, whatever it is, must not look like an answer about the spec.
        from traceback import format_exc  # noqa: PLC0415 -- hardly ever needed, and slow to load

        tell(f"{format_exc()}internal error: this is a defect of quiesce, not of the spec")
        return Exit.INTERNAL


def _version() -> str:
    """The installed version. It is looked up only when it is asked for, which takes a moment."""
    from importlib.metadata import PackageNotFoundError, version  # noqa: PLC0415

    try:
        return version("quiesce")
    except PackageNotFoundError:
        return "(not installed, so of unknown version)"


def _is_up_to_date(context: Context) -> bool:
    """Whether the command is a build with nothing to do. It is answered before anything else is loaded."""
    if context.options.command != "build" or context.options.check or context.options.no_cache:
        return False
    from quiesce.console.builds import stamps  # noqa: PLC0415 -- no other command looks at them

    context.project.refuse_linked_notes()
    targets = context.targets_to_write()
    if not all(stamps.is_current(context.project, target) for target in targets):
        return False
    for target in targets:
        context.say(f"{target.spec}: up to date")
    return True


def _run(context: Context) -> Exit:
    from quiesce.spec.diagnostics import SpecError, render  # noqa: PLC0415 -- loads the reader, not needed above

    try:
        return _loaded(context.options.command)(context)
    except SpecError as error:
        for diagnostic in error.diagnostics:
            tell(render(diagnostic))
        return Exit.USAGE


def _loaded(command: str) -> Callable[[Context], Exit]:
    """The function that carries out a command. Its module is loaded by its name, and no other command with it."""
    run: Callable[[Context], Exit] = import_module(f"quiesce.console.commands.{command}").run
    return run


def _progress(options: argparse.Namespace) -> Callable[[str], None]:
    """Tells stages on a terminal, each over the one before; silent everywhere else."""
    if options.quiet or not sys.stderr.isatty():
        return lambda stage: None  # noqa: ARG005 -- nobody looks

    def tell(stage: str) -> None:
        print(f"{ERASE}{stage}", end="" if stage else ERASE, file=sys.stderr, flush=True)

    return tell


class _Parser(argparse.ArgumentParser):
    """A parser that says so if its help finds no room: the one of the library takes that for a success."""

    def _print_message(self, message: str, file: Any = None) -> None:
        if message:
            (file or sys.stderr).write(message)


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="quiesce",
        description="Write a lifecycle once as a state machine; prove it, generate it, test it, draw it.",
        epilog="Begin with `quiesce new service.py`. Exit codes: 0 proved and up to date, 1 refuted or out of date, "
        "2 usage or spec error, 3 undecided, 4 internal error. `python -m quiesce` is the same command. "
        "`quiesce COMMAND --help` tells more of each.",
    )
    parser.add_argument("--version", action="store_true", help="print the version and exit")
    _colours(parser, "auto")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND")

    build = _command(commands, "build", "check, prove, generate and draw every spec of the project", lists=_NOT_PROVED)
    build.add_argument("--check", action="store_true", help="write nothing; prove anew and fail if a file is stale")
    build.add_argument("--force", action="store_true", help="overwrite files that were changed by hand")
    _effort(build)
    _means(build)

    _command(commands, "check", "read specs and report every mistake in them")

    verify = _command(commands, "verify", "prove or refute everything that specs promise", lists="every obligation")
    verify.add_argument(
        "--json", type=_file, metavar="FILE", help="also write the report as JSON; - for standard output"
    )
    verify.add_argument("--seeds", type=_positive, metavar="N", help="prove with N seeds of the solver, and compare")
    verify.add_argument(
        "--cores", type=_file, metavar="FILE", help="also write what each proof rests on; - for standard output"
    )
    verify.add_argument(
        "--save-cache", type=_file, metavar="FILE", help="write the proofs of this run, for use with --cache"
    )
    _effort(verify)
    _means(verify)

    generate = _command(commands, "generate", "prove specs and generate their packages", lists=_NOT_PROVED)
    generate.add_argument("--check", action="store_true", help="write nothing; fail if a file is stale")
    generate.add_argument("--force", action="store_true", help="overwrite files that were changed by hand")
    _effort(generate)
    _means(generate)

    graph = _command(commands, "graph", "print the control graph of a spec")
    graph.add_argument(
        "--format", choices=("table", "mermaid", "dot", "svg"), default="table", help="a table if not given"
    )
    graph.add_argument("-o", "--output", type=_file, metavar="FILE", help="write to a file instead of standard output")

    judging = "judge small faults of specs: each has to break a promise, or be no fault"
    mutate = _command(commands, "mutate", judging, lists="every fault and its verdict")
    mutate.add_argument("--list", action="store_true", help="only list the faults, and judge none")
    mutate.add_argument("--write", action="store_true", help="also write proofs/<spec>/mutants.json, for the page")
    mutate.add_argument("-k", dest="only", metavar="TEXT", help="only faults with TEXT in their name or kind")
    mutate.add_argument(
        "--jobs", type=_positive, metavar="N", help="processes; as many as there are processors if not given"
    )
    mutate.add_argument(
        "--json", type=_file, metavar="FILE", help="also write the verdicts as JSON; - for standard output"
    )
    _effort(mutate)

    evidence = "prove a spec and write all evidence: hints, conditions, refutations"
    certify = _command(commands, "certify", evidence, lists=_NOT_PROVED)
    certify.add_argument(
        "-o",
        "--output",
        type=_file,
        metavar="FILE",
        required=True,
        help="a ZIP archive to write; a new folder if it ends with /",
    )

    recheck = _command(commands, "recheck", "check the proofs under proofs/ without the prover that found them")
    recheck.add_argument("--no-solver", action="store_true", help="ask no second solver; follow refutations only")
    recheck.add_argument(
        "--certificate", type=_file, metavar="FILE", help="check what `certify` wrote of one spec instead"
    )

    replay = _command(
        commands, "replay", "hold the record of a program against the model of it, step by step", one_spec="SPEC"
    )
    replay.add_argument(
        "record", metavar="RECORD", help="a file that a generated provider wrote: JSON lines; - for standard input"
    )

    new = commands.add_parser(
        "new",
        help="write a first spec to start from",
        description="Write a first spec to start from: a service that is opened by its first user and closed after its "
        "last. It is proved as it stands; change it, and `quiesce verify` says what still holds.",
    )
    new.add_argument("path", help="the file to write, for instance model/service.py")
    new.add_argument("-q", "--quiet", action="store_true", help="only say what is wrong")
    _colours(new)
    return parser


_NOT_PROVED = "every obligation of a spec that is not proved"


def _command(
    commands: "argparse._SubParsersAction[_Parser]", name: str, summary: str, *, one_spec: str = "", lists: str = ""
) -> argparse.ArgumentParser:
    """A command on specs, or on just one; `lists` says of what it has a list for whoever wants all of it."""
    command = commands.add_parser(name, help=summary, description=f"{summary[0].upper()}{summary[1:]}.")
    if one_spec:
        command.add_argument("specs", nargs=1, metavar=one_spec, help="the spec")
    else:
        command.add_argument("specs", nargs="*", metavar="SPEC", help="specs; without any, those of pyproject.toml")
    command.add_argument("-q", "--quiet", action="store_true", help="only say what is wrong")
    if lists:
        command.add_argument("-v", "--verbose", action="store_true", help=f"list {lists}")
    _colours(command)
    return command


def _colours(parser: argparse.ArgumentParser, default: str = argparse.SUPPRESS) -> None:
    """The option may stand before a command or after it; after it, only what is given there counts."""
    parser.add_argument("--color", choices=("auto", "always", "never"), default=default, help="colours in the output")
    vars(parser)["color"] = False  # since Python 3.14 argparse has codes of its own, which our streams would quote


def _file(text: str) -> str:
    if not text:
        raise argparse.ArgumentTypeError("the name of a file has at least one character")
    return text


def _effort(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--depth", type=_positive, metavar="N", help="longest counterexample looked for, in steps; if not given, 12"
    )
    command.add_argument(
        "--budget",
        type=_positive,
        metavar="N",
        help="work of the solver for one condition, in units of its rlimit; if not given, 2000000",
    )


def _means(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--jobs",
        type=_positive,
        metavar="N",
        help="work in N processes at a time; if not given, proofs are made in one, examples and evidence in as many as "
        "there are processors",
    )
    command.add_argument(
        "--timeout",
        type=_seconds,
        metavar="SECONDS",
        help="how long a process may take for the conditions of one action; if not given, 600",
    )
    caches = command.add_mutually_exclusive_group()
    caches.add_argument("--no-cache", action="store_true", help="prove everything anew")
    caches.add_argument(
        "--cache", type=_file, metavar="FILE", help="proofs to use besides those of earlier runs; never written"
    )


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    if not 0 < seconds < float("inf"):
        raise argparse.ArgumentTypeError(f"{text!r} is not a positive number of seconds")
    return seconds


def _positive(text: str) -> int:
    try:
        number = int(text)
    except ValueError:
        number = 0
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a positive whole number")
    return number


if __name__ == "__main__":
    sys.exit(main())
