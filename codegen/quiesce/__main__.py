"""The program: `python -m quiesce`, and what the command `quiesce` calls.

Next to nothing is imported before somebody is there who deals with Ctrl-C, or with what keeps a module from being read.
"""

import sys

if __name__ == "__main__" and not sys.flags.safe_path:
    del sys.path[0]  # the current folder, where files of strangers may be called like modules


def main() -> None:
    """Obey the command line of this process, and end it with the exit code: see `quiesce --help`."""
    try:
        from quiesce.cli import main as obeyed  # noqa: PLC0415 -- loads what may be interrupted

        obeyed()
    except KeyboardInterrupt:
        print("interrupted; nothing was left half-written", file=sys.stderr)
        sys.exit(130)
    except OSError as error:  # cli answers for its own: this one kept it from being loaded
        print(f"error: quiesce cannot be loaded: {error}", file=sys.stderr)
        sys.exit(2)


if __name__ == "__main__":
    main()
